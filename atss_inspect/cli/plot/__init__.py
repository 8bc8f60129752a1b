"""``atss-inspect plot``: pictures, one file per picture.

Nothing here loads NumPy or matplotlib before a command runs.
"""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from atss_inspect.cli.help import LazyGroup, examples, make_app
from atss_inspect.figures.plots import PLOTS, Plot

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from atss_inspect.cli.plot.objects import Objects
    from atss_inspect.figures.theme import Theme

PICTURES = tuple((plot.name, plot.panel) for plot in PLOTS.values())


class Pictures(LazyGroup):
    """All pictures: those of the table of plots, with or without a module here."""

    package = __name__
    rows = PICTURES

    def load(self, name: str) -> Any:
        """Import the module of a picture, or make up one from the table of plots.

        A module has a function of the picture's name and its EPILOG. None is imported
        before its picture is asked for.
        """
        plot = PLOTS[name]
        return _command_of(plot) if plot.help else super().load(name)


def _command_of(plot: Plot) -> SimpleNamespace:
    """Make the command of a plot of all objects."""
    from atss_inspect.cli.plot.objects import picture_of_objects

    def draw(objects: "Objects", theme: "Theme") -> "tuple[Figure, str]":
        table, settings = objects.table, objects.settings
        figure = plot.figure(table, settings, data=objects.data_line, theme=theme)
        return figure, plot.text(table, settings)

    draw.__name__, draw.__doc__ = plot.name, plot.help
    make = picture_of_objects(default=plot.default, require=plot.require)
    return SimpleNamespace(**{plot.name: make(draw)}, EPILOG=examples(*plot.examples))


app = make_app(
    Pictures,
    name="plot",
    help="Draw what assignment does: PNG, SVG or PDF, without a display.",
)
