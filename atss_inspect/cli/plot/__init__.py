"""``atss-inspect plot``: pictures, one file per picture.

Nothing here loads NumPy or matplotlib before a command runs.
"""

from typing import Any

from atss_inspect.cli.help import LazyGroup, make_app
from atss_inspect.figures.plots import PLOTS

PICTURES = tuple((plot.name, plot.panel) for plot in PLOTS.values())


class Pictures(LazyGroup):
    """All pictures: those of the table of plots, with or without a module here."""

    package = __name__
    rows = PICTURES

    def load(self, name: str) -> Any:
        """Import the module of a picture, or make up one from the table of plots.

        A module has a function of the picture's name and its EXAMPLES. None is imported
        before its picture is asked for.
        """
        if not PLOTS[name].help:
            return super().load(name)
        from atss_inspect.cli.plot.picture import picture_of_objects

        return picture_of_objects(PLOTS[name])


ABOUT = "Draw what assignment does: PNG, SVG or PDF, without a display."
app = make_app(Pictures, name="plot", help=ABOUT)
