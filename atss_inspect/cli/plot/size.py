"""``atss-inspect plot size``: positives against size, shape or place."""

import enum
from typing import TYPE_CHECKING, Annotated

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import output_option
from atss_inspect.cli.plot.objects import Objects, picture_of_objects

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from atss_inspect.figures.theme import Theme

EPILOG = examples(
    "atss-inspect plot size --ann instances_val.json",
    "atss-inspect plot size --against ratio -o ratio.svg",
    "atss-inspect plot size --against position --class person -o person.pdf",
)


class Property(enum.StrEnum):
    """What positives are drawn against."""

    SIZE = "size"
    RATIO = "ratio"
    POSITION = "position"


AgainstOption = Annotated[
    Property,
    output_option(
        "--against size|ratio|position",
        "Square root of the area in input pixels; height / width; or how far "
        "the center is from the border of the image.",
    ),
]


@picture_of_objects()
def size(
    objects: Objects, theme: "Theme", *, against: AgainstOption = Property.SIZE
) -> "tuple[Figure, str]":
    """Positives against size, ratio or position of objects.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side.
    """
    from atss_inspect.figures.size import size_figure, size_text, with_image_sizes

    table, settings = objects.table, objects.settings
    if against is Property.POSITION:
        table = with_image_sizes(table, objects.dataset)
    figure = size_figure(
        table, settings, against=against, data=objects.data_line, theme=theme
    )
    return figure, size_text(table, settings, against=against)
