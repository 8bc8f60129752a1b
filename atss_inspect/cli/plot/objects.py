"""Pictures of all objects: settle the settings, read, assign, draw, print."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from atss_inspect.cli.options import (
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
from atss_inspect.cli.plot.data import PlotData, read_plot_data
from atss_inspect.cli.plot.options import (
    DpiOption,
    PictureOption,
    ShowOption,
    ThemeName,
    ThemeOption,
)
from atss_inspect.cli.plot.picture import Target, choose_target, emit_picture
from atss_inspect.cli.request import resolve_request, with_padding
from atss_inspect.cli.selection import Filters
from atss_inspect.cli.workers import at_work, require_workers
from atss_inspect.presets import DEFAULT_PRESETS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from atss_inspect.dataset import Dataset
    from atss_inspect.figures.theme import Theme
    from atss_inspect.settings import Settings

    Draw = Callable[["Objects", Theme], tuple[Figure, str]]


@dataclass(frozen=True)
class Objects:
    """What is to be drawn.

    Attributes
    ----------
    dataset : the images looked at
    settings : the conventions, in the order asked for
    table : a row per object shown and convention
    data_line : names the annotations and counts the objects that any convention assigns
    """

    dataset: "Dataset"
    settings: "tuple[Settings, ...]"
    table: "pd.DataFrame"
    data_line: str


def picture_of_objects(
    *,
    default: Sequence[str] = DEFAULT_PRESETS,
    require: "Callable[[Sequence[Settings]], None] | None" = None,
) -> "Callable[[Draw], Callable[..., None]]":
    """Make a command of what draws a picture, with the options that all of them have.

    The function that is decorated gives the command its name and its help. It makes a
    figure and its numbers in words, and loads what it needs for that itself, since it
    is called only when there is something to draw.

    Parameters
    ----------
    default : presets to take where nobody names one
    require : refuses conventions that the picture cannot show, before anything is read
    """

    def make(draw: "Draw") -> Callable[..., None]:
        def command(  # noqa: PLR0913 - one argument per option
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
            output: PictureOption = None,
            theme: ThemeOption = ThemeName.LIGHT,
            dpi: DpiOption = 300,
            show: ShowOption = False,
            force: ForceOption = False,
            jobs: JobsOption = 1,
            dask: DaskOption = None,
        ) -> None:
            quiet: bool = context.obj.quiet
            target = choose_target(
                draw.__name__, output, theme=theme, dpi=dpi, force=force, show=show
            )
            request = resolve_request(
                ann=ann,
                preset=preset,
                config=config,
                overrides=with_padding(overrides, pad_to),
                default=default,
            )
            filters = Filters.of_options(
                images=images, limit=limit, classes=classes, sizes=sizes
            )
            if require is not None:
                require([one.settings for one in request.resolved])
            require_workers(jobs=jobs, dask=dask)
            data = read_plot_data(request, filters, quiet=quiet)
            draw_objects(draw, data, target, jobs=jobs, dask=dask, quiet=quiet)

        command.__name__, command.__doc__ = draw.__name__, draw.__doc__
        return command

    return make


def draw_objects(
    draw: "Draw",
    data: PlotData,
    target: Target,
    *,
    jobs: int,
    dask: str | None,
    quiet: bool,
) -> None:
    """Assign all objects, draw them into a file, and print the numbers."""
    objects = _assigned(data, jobs=jobs, dask=dask, quiet=quiet)
    figure, text = draw(objects, target.theme)
    emit_picture(figure, text, target, data=objects.data_line, quiet=quiet)


def _assigned(data: PlotData, *, jobs: int, dask: str | None, quiet: bool) -> Objects:
    """Do the work, with a progress bar, here or in other processes."""
    from atss_inspect.figures.words import data_line
    from atss_inspect.tables import objects_table

    dataset = data.dataset
    with at_work(dataset, jobs=jobs, dask=dask, quiet=quiet) as (executor, on_chunk):
        table = objects_table(
            dataset,
            data.settings,
            selection=data.selection,
            executor=executor,
            on_chunk=on_chunk,
        )
    num_objects = int(table["preset"].value_counts().max()) if len(table) else 0
    line = data_line(dataset, data.selection, num_objects)
    return Objects(dataset, data.settings, table, line)
