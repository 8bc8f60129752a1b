"""A figure as the bytes of a file: the same figure gives the same bytes."""

import io
import warnings
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
_ENCODING: dict[str, dict[str, Any]] = {"png": {"pil_kwargs": {"compress_level": 3}}}


def encode_figure(
    figure: "Figure", file_format: str, *, dpi: float, salt: str = "atss-inspect"
) -> bytes:
    """Draw a figure.

    Parameters
    ----------
    figure : left as it is
    file_format : one of ``FIGURE_FORMATS``
    dpi : pixels per inch of a PNG, and of pictures inside the other formats
    salt : distinguishes the ids inside SVGs that are to stand on one page
    """
    stream = io.BytesIO()
    with warnings.catch_warnings(), matplotlib_defaults({"svg.hashsalt": salt}):
        # A sign that no font has is drawn as an empty box, which says as much.
        warnings.simplefilter("ignore", UserWarning)
        figure.savefig(
            stream,
            format=file_format,
            dpi=dpi,
            facecolor=figure.get_facecolor(),
            metadata=_METADATA[file_format],
            **_ENCODING.get(file_format, {}),
        )
    return stream.getvalue()
