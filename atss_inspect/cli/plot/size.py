"""``atss-inspect plot size``: positives against size, shape or place."""

import enum
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.option_groups import with_option_groups
from atss_inspect.cli.options import OUTPUT
from atss_inspect.cli.plot.data import read_plot_data
from atss_inspect.cli.plot.objects import Objects, draw_objects
from atss_inspect.cli.plot.picture import PictureOptions, choose_target
from atss_inspect.cli.request import RequestOptions
from atss_inspect.cli.selection import FilterOptions
from atss_inspect.cli.workers import WorkOptions, require_workers
from atss_inspect.presets import DEFAULT_PRESETS

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
    typer.Option(
        "--against",
        metavar="size|ratio|position",
        help="Square root of the area in input pixels; height / width; or how far "
        "the center is from the border of the image.",
        rich_help_panel=OUTPUT,
    ),
]


@with_option_groups
def size(
    context: typer.Context,
    *,
    asked: RequestOptions,
    selected: FilterOptions,
    against: AgainstOption = Property.SIZE,
    picture: PictureOptions,
    work: WorkOptions,
) -> None:
    """Positives against size, ratio or position of objects.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side.
    """
    quiet: bool = context.obj.quiet
    stem = "size" if against is Property.SIZE else f"size-{against}"
    target = choose_target(stem, picture)
    request = asked.resolve(default=DEFAULT_PRESETS)
    require_workers(work)
    data = read_plot_data(request, selected.filters(), quiet=quiet)
    draw_objects(partial(_draw, against=against), data, target, work, quiet=quiet)


def _draw(
    objects: Objects, theme: "Theme", *, against: Property
) -> "tuple[Figure, str]":
    """Make the figure and its text."""
    from atss_inspect.figures.against import with_image_sizes
    from atss_inspect.figures.size import size_figure, size_text

    table, settings = objects.table, objects.settings
    if against is Property.POSITION:
        table = with_image_sizes(table, objects.dataset)
    figure = size_figure(
        table, settings, against=against, data=objects.data_line, theme=theme
    )
    return figure, size_text(table, settings, against=against)
