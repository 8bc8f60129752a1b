"""A figure as the bytes of a file: the same figure gives the same bytes."""

import io
import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from atss_inspect.matplotlib_defaults import matplotlib_defaults

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURE_FORMATS = ("png", "svg", "pdf")
# Without dates, and with ids that follow from the content, output is reproducible.
_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": "atss-inspect"},
    "svg": {"Date": None, "Creator": "atss-inspect"},
    "pdf": {"CreationDate": None, "Creator": "atss-inspect"},
}

# Level 6, the default, takes three times as long for a tenth less, on photographs.
_ENCODING: dict[str, Any] = {"pil_kwargs": {"compress_level": 3}}


def encode_figure(
    figure: "Figure",
    file_format: str,
    *,
    dpi: float,
    salt: str = "atss-inspect",
    has_text: bool = False,
) -> bytes:
    """Draw a figure.

    Parameters
    ----------
    figure : left as it is
    file_format : one of ``FIGURE_FORMATS``
    dpi : pixels per inch of a PNG, and of pictures inside the other formats
    salt : distinguishes the ids inside SVGs that are to stand on one page
    has_text : whether words in an SVG stay text, which whoever shows it sets in fonts
        of its own; else they are shapes that look the same everywhere
    """
    stream, looks = io.BytesIO(), {"svg.hashsalt": salt}
    if has_text:
        looks["svg.fonttype"] = "none"
    canvas, own_dpi = figure.canvas, figure.dpi
    with warnings.catch_warnings(), matplotlib_defaults(looks):
        # A sign that no font has is drawn as an empty box, which says as much.
        warnings.simplefilter("ignore", UserWarning)
        # `Figure.savefig` does the same, but goes through everything twice.
        try:
            figure.set_dpi(dpi)
            write = _writer(figure, file_format)
            write(stream, metadata=_METADATA[file_format])
        finally:
            figure.set_canvas(canvas)
            figure.set_dpi(own_dpi)
    return stream.getvalue()


def _writer(figure: "Figure", file_format: str) -> Callable[..., Any]:
    """Function of matplotlib that writes a figure in a format."""
    if file_format == "png":
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        return partial(FigureCanvasAgg(figure).print_png, **_ENCODING)
    if file_format == "svg":
        from matplotlib.backends.backend_svg import FigureCanvasSVG

        return FigureCanvasSVG(figure).print_svg
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    return FigureCanvasPdf(figure).print_pdf
