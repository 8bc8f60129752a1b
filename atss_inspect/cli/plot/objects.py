"""Pictures of all objects: settle the settings, read, assign, draw, print."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from atss_inspect.cli.option_groups import with_option_groups
from atss_inspect.cli.plot.data import PlotData, read_plot_data
from atss_inspect.cli.plot.picture import (
    PictureOptions,
    Target,
    choose_target,
    emit_picture,
)
from atss_inspect.cli.request import RequestOptions
from atss_inspect.cli.selection import FilterOptions
from atss_inspect.cli.workers import WorkOptions, at_work, require_workers
from atss_inspect.presets import DEFAULT_PRESETS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from atss_inspect.annotations.dataset import Dataset
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
        def command(
            context: typer.Context,
            *,
            asked: RequestOptions,
            selected: FilterOptions,
            picture: PictureOptions,
            work: WorkOptions,
        ) -> None:
            quiet: bool = context.obj.quiet
            target = choose_target(draw.__name__, picture)
            request = asked.resolve(default=default)
            if require is not None:
                require([one.settings for one in request.resolved])
            require_workers(work)
            data = read_plot_data(request, selected.filters(), quiet=quiet)
            draw_objects(draw, data, target, work, quiet=quiet)

        command.__name__, command.__doc__ = draw.__name__, draw.__doc__
        return with_option_groups(command)

    return make


def draw_objects(
    draw: "Draw", data: PlotData, target: Target, work: WorkOptions, *, quiet: bool
) -> None:
    """Assign all objects, draw them into a file, and print the numbers."""
    objects = _assigned(data, work, quiet=quiet)
    figure, text = draw(objects, target.theme)
    emit_picture(figure, text, target, data=objects.data_line, quiet=quiet)


def _assigned(data: PlotData, work: WorkOptions, *, quiet: bool) -> Objects:
    """Do the work, with a progress bar, here or in other processes."""
    from atss_inspect.figures.words import data_line
    from atss_inspect.statistics.tables import objects_table

    dataset = data.dataset
    with at_work(dataset, work, quiet=quiet) as (executor, on_chunk):
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
