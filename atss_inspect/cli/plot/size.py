"""``atss-inspect plot size``: positives against size, shape or place."""

import enum
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import (
    OUTPUT,
    AnnOption,
    ClassOption,
    ConfigOption,
    DaskOption,
    ForceOption,
    ImageOption,
    JobsOption,
    LimitOption,
    PadToOption,
    PresetOption,
    SetOption,
    SizeOption,
)
from atss_inspect.cli.plot.data import read_plot_data
from atss_inspect.cli.plot.objects import Objects, draw_objects
from atss_inspect.cli.plot.options import (
    DpiOption,
    PictureOption,
    ShowOption,
    ThemeName,
    ThemeOption,
)
from atss_inspect.cli.plot.picture import choose_target
from atss_inspect.cli.request import resolve_request, with_padding
from atss_inspect.cli.selection import Filters
from atss_inspect.cli.workers import require_workers
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


def size(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    ann: AnnOption = None,
    preset: PresetOption = None,
    config: ConfigOption = None,
    overrides: SetOption = None,
    pad_to: PadToOption = None,
    classes: ClassOption = None,
    images: ImageOption = None,
    sizes: SizeOption = None,
    limit: LimitOption = None,
    against: AgainstOption = Property.SIZE,
    output: PictureOption = None,
    theme: ThemeOption = ThemeName.LIGHT,
    dpi: DpiOption = 300,
    show: ShowOption = False,
    force: ForceOption = False,
    jobs: JobsOption = 1,
    dask: DaskOption = None,
) -> None:
    """Positives against size, ratio or position of objects.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side.
    """
    quiet: bool = context.obj.quiet
    stem = "size" if against is Property.SIZE else f"size-{against}"
    target = choose_target(stem, output, theme=theme, dpi=dpi, force=force, show=show)
    request = resolve_request(
        ann=ann,
        preset=preset,
        config=config,
        overrides=with_padding(overrides, pad_to),
        default=DEFAULT_PRESETS,
    )
    filters = Filters.of_options(
        images=images, limit=limit, classes=classes, sizes=sizes
    )
    require_workers(jobs=jobs, dask=dask)
    data = read_plot_data(request, filters, quiet=quiet)
    draw = partial(_draw, against=against)
    draw_objects(draw, data, target, jobs=jobs, dask=dask, quiet=quiet)


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
