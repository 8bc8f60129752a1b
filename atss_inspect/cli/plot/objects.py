"""Pictures of all objects, each made a command of its entry in the table of plots."""

import enum
from types import SimpleNamespace

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import OptionGroup, output_option, with_option_groups
from atss_inspect.cli.plot.picture import PictureOptions, choose_target, emit_picture
from atss_inspect.cli.request import FilterOptions, RequestOptions
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import begin
from atss_inspect.figures.plots import Plot


class Property(enum.StrEnum):
    """What positives are drawn against."""

    SIZE = "size"
    RATIO = "ratio"
    POSITION = "position"


class SizeOptions(OptionGroup):
    """The option that only ``plot size`` has."""

    against: Property = output_option(
        "--against size|ratio|position",
        "Square root of the area in input pixels; height / width; or how far the "
        "center is from the border of the image.",
        default=Property.SIZE,
    )


# Options that only one picture has; those that are typed are parts of the file's name,
# and arguments of the functions that draw it.
OWN_OPTIONS: dict[str, type[OptionGroup]] = {"size": SizeOptions}


def picture_of_objects(plot: Plot) -> SimpleNamespace:
    """Make a command of a plot, with the options that all of its kind have.

    Returns
    -------
    What a module of a command has: a function of the plot's name, and EPILOG.
    """

    def command(
        context: typer.Context,
        *,
        asked: RequestOptions,
        selected: FilterOptions,
        own: OptionGroup,
        picture: PictureOptions,
        work: WorkOptions,
    ) -> None:
        typed = [value for name, value in vars(own).items() if value != usual[name]]
        target = choose_target("-".join([plot.name, *typed]), picture)
        flow = begin(context, asked, selected, work, default=plot.default)
        plot.require(flow.settings)
        flow.request.require_different("plot")
        from atss_inspect.figures.against import with_image_sizes
        from atss_inspect.figures.words import data_line
        from atss_inspect.statistics.tables import objects_table

        stats = flow.read()
        table = flow.over(stats, objects_table)
        # Objects that any convention assigns.
        num_objects = int(table["preset"].value_counts().max()) if len(table) else 0
        data = data_line(stats.dataset, stats.selection, num_objects)
        if Property.POSITION in typed:
            table = with_image_sizes(table, stats.dataset)
        looks = {"data": data, "theme": target.theme}
        figure = plot.figure(table, stats.settings, **looks, **vars(own))
        text = plot.text(table, stats.settings, **vars(own))
        emit_picture(figure, text, target, data=data, quiet=flow.quiet)

    group = OWN_OPTIONS.get(plot.name, OptionGroup)
    usual = {name: getattr(group, name) for name in group.options}
    command.__annotations__["own"] = group
    command.__name__, command.__doc__ = plot.name, plot.help
    shown = with_option_groups(command)
    return SimpleNamespace(**{plot.name: shown}, EPILOG=examples(*plot.examples))
