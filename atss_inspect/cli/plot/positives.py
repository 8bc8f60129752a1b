"""``atss-inspect plot positives``: how many positives objects get."""

from typing import TYPE_CHECKING

from atss_inspect.cli.help import examples
from atss_inspect.cli.plot.objects import Objects, picture_of_objects

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from atss_inspect.figures.theme import Theme

EPILOG = examples(
    "atss-inspect plot positives --ann instances_val.json",
    "atss-inspect plot positives -p atss-mmdet -p atss-official -o positives.svg",
    "atss-inspect plot positives --class person --theme paper -o person.pdf",
)


@picture_of_objects()
def positives(objects: Objects, theme: "Theme") -> "tuple[Figure, str]":
    """How many positives objects get, by preset and size.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side.
    """
    from atss_inspect.figures.positives import positives_figure, positives_text

    table, settings = objects.table, objects.settings
    figure = positives_figure(table, settings, data=objects.data_line, theme=theme)
    return figure, positives_text(table, settings)
