"""``atss-inspect plot levels``: which levels the positives lie on."""

from typing import TYPE_CHECKING

from atss_inspect.cli.help import examples
from atss_inspect.cli.plot.objects import Objects, picture_of_objects

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from atss_inspect.figures.theme import Theme

EPILOG = examples(
    "atss-inspect plot levels --ann instances_val.json",
    "atss-inspect plot levels -p atss-mmdet --set anchors.scale=4 -o levels.svg",
)


@picture_of_objects()
def levels(objects: Objects, theme: "Theme") -> "tuple[Figure, str]":
    """Which levels positives lie on; names idle levels.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side.
    """
    from atss_inspect.figures.levels import levels_figure, levels_text

    table, settings = objects.table, objects.settings
    figure = levels_figure(table, settings, data=objects.data_line, theme=theme)
    return figure, levels_text(table, settings)
