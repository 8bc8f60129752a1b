"""Pictures of all objects: settle the settings, read, assign, draw, print."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from atss_inspect.cli.options import with_option_groups
from atss_inspect.cli.plot.picture import PictureOptions, choose_target, emit_picture
from atss_inspect.cli.request import RequestOptions
from atss_inspect.cli.selection import FilterOptions
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import Workflow, begin
from atss_inspect.presets import DEFAULT_PRESETS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.settings import Settings
    from atss_inspect.views.stats_report import StatsReport

    Draw = Callable[..., tuple[Figure, str]]


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
    figure and its numbers in words of the objects and a theme, and loads what it needs
    for that itself, since it is called only when there is something to draw. Options
    that only this picture has are its other parameters; the value of one that is not
    the default becomes a part of the file's name.

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
            **own: Any,
        ) -> None:
            other = [value for name, value in own.items() if value != defaults[name]]
            target = choose_target("-".join([draw.__name__, *other]), picture)
            flow = begin(context, asked, selected, work, default=default)
            if require is not None:
                require(flow.settings)
            flow.request.require_different("plot")
            objects = _assigned(flow, flow.read())
            figure, text = draw(objects, target.theme, **own)
            emit_picture(figure, text, target, data=objects.data_line, quiet=flow.quiet)

        extra = list(inspect.signature(draw).parameters.values())[2:]
        defaults = {each.name: each.default for each in extra}
        signature = inspect.signature(command)
        context, asked, selected, picture, work, _ = signature.parameters.values()
        shown = (context, asked, selected, *extra, picture, work)
        command.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
        command.__name__, command.__doc__ = draw.__name__, draw.__doc__
        return with_option_groups(command)

    return make


def _assigned(flow: Workflow, stats: "StatsReport") -> Objects:
    """Assign all objects, here or in other processes."""
    from atss_inspect.figures.words import data_line
    from atss_inspect.statistics.tables import objects_table

    table = flow.over(stats, objects_table)
    num_objects = int(table["preset"].value_counts().max()) if len(table) else 0
    line = data_line(stats.dataset, stats.selection, num_objects)
    return Objects(stats.dataset, stats.settings, table, line)
