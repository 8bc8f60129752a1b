"""``atss-inspect plot threshold``: ATSS's threshold, object by object."""

from typing import TYPE_CHECKING

from atss_inspect.cli.help import examples
from atss_inspect.cli.plot.objects import Objects, picture_of_objects
from atss_inspect.presets import DEFAULT_PRESET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from atss_inspect.figures.theme import Theme
    from atss_inspect.settings import Settings

EPILOG = examples(
    "atss-inspect plot threshold --ann instances_val.json",
    "atss-inspect plot threshold --set k=15 --size small -o threshold.svg",
)


def _require_atss(settings: "Sequence[Settings]") -> None:
    """Refuse conventions that have no candidates."""
    from atss_inspect.figures.threshold import require_atss

    require_atss(settings)


@picture_of_objects(default=(DEFAULT_PRESET,), require=_require_atss)
def threshold(objects: Objects, theme: "Theme") -> "tuple[Figure, str]":
    """ATSS thresholds: mean and std of candidates' IoU.

    ATSS presets only; without one, atss-mmdet.
    """
    from atss_inspect.figures.threshold import threshold_figure, threshold_text

    table, settings = objects.table, objects.settings
    figure = threshold_figure(table, settings, data=objects.data_line, theme=theme)
    return figure, threshold_text(table, settings)
