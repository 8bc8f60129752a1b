"""How pictures are drawn, where they go, and the commands of those of all objects.

A picture goes to a file named by the user or after the picture, or into a window.
"""

import enum
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import typer

from atss_inspect.cli.options import FORCE, OptionGroup, output_option
from atss_inspect.cli.output import write_or_keep
from atss_inspect.cli.request import FilterOptions, RequestOptions
from atss_inspect.cli.streams import Notices
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import begin
from atss_inspect.figures.plots import Plot
from atss_inspect.writers.figures import FIGURE_FORMATS, encode_figure
from atss_inspect.writers.files import STDOUT, check_target, format_for

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from atss_inspect.figures.theme import Theme

# The surroundings a picture is made for.
ThemeName = enum.StrEnum("ThemeName", "LIGHT DARK PAPER")


def dpi_option(default: int) -> Any:
    """Make the option of a PNG's resolution."""
    text = "Pixels per inch of a PNG."
    return output_option("--dpi N", text, default=default, min=30, max=1200)


class PictureOptions(OptionGroup):
    """The options that say how a picture is drawn, and where."""

    output: str | None = output_option(
        "--output -o FILE",
        "Where to draw: .png, .svg or .pdf; - is stdout, as PNG. Without it, a PNG "
        "here, named after the picture.",
    )
    theme: ThemeName = output_option(
        "--theme light|dark|paper",
        "Colors for a screen or for print.",
        default=ThemeName.LIGHT,
    )
    dpi: int = dpi_option(300)
    show: bool = output_option(
        "--show",
        "Open the picture with the system's viewer; without -o, nothing stays.",
        default=False,
    )
    force: bool = FORCE

    @property
    def colors(self) -> "Theme":
        """The colors of the theme; loads matplotlib."""
        from atss_inspect.figures.theme import THEMES

        return THEMES[self.theme]

    def choose_path(self, stem: str) -> str:
        """Choose a file before any work is done for it; ``-`` is stdout.

        Its name is the stem where the user has not named it. Raises `OutputError` for a
        file that exists or cannot be written, and for other formats.
        """
        output = self.output
        if output is None:
            folder = tempfile.mkdtemp(prefix="atss-inspect-") if self.show else ""
            return str(Path(folder, f"{stem}.png"))
        format_for(output, FIGURE_FORMATS, default="png" if output == STDOUT else None)
        check_target(output, force=self.force)
        return output

    def emit(
        self,
        figure: "Figure",
        text: str,
        path: str,
        *,
        data: str = "",
        notices: Notices,
    ) -> None:
        """Draw a figure into its file, open it if so asked, and print its numbers.

        A file that the user has not named is never replaced by another picture, but may
        be there already if it is the same. On stdout the picture is alone. Raises
        `OutputError` as `writers.files.open_output`.

        Parameters
        ----------
        text : what the figure shows in words
        path : as `choose_path` gave it
        notices : the warnings of the command, which are over
        data : names the annotations, and who decides settings; empty without any
        """
        file_format = format_for(path, FIGURE_FORMATS, default="png")
        content = encode_figure(figure, file_format, dpi=self.dpi)
        is_named = self.output is not None
        is_new = write_or_keep(path, content, is_named=is_named, force=self.force)
        if path == STDOUT:
            return
        notices.close()
        if not notices.quiet:
            sys.stderr.write(f"{'wrote' if is_new else 'unchanged:'} {path}\n")
        if self.show:
            typer.launch(path)
        sys.stdout.write(f"{data}\n\n{text}" if data else text)


# What positives are drawn against.
Property = enum.StrEnum("Property", "SIZE RATIO POSITION")


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


def _next_line(by: str, asked: RequestOptions, selected: FilterOptions) -> str:
    """Name the command with more numbers: a breakdown of ``stats``, or every object."""
    from atss_inspect.views.stats import command_line

    words = (*asked.typed_again(), *selected.typed_again())
    if by in ("size", "level", "ratio"):
        return f"next: {command_line('stats', *words, '--by', by)}\n"
    return f"next: {command_line('export', 'objects', *words, '-o', 'objects.csv')}\n"


@cache
def picture_of_objects(plot: Plot) -> SimpleNamespace:
    """Make a command of a plot, with the options that all of its kind have.

    It comes as a module of a command would have it: a function of the plot's name, and
    EXAMPLES.
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
        path = picture.choose_path("-".join([plot.name, *typed]))
        flow = begin(context, asked, selected, work, default=plot.default)
        plot.require(flow.settings)
        from atss_inspect.statistics.tables import objects_table

        stats = flow.read()
        table = flow.over(stats, objects_table)
        from atss_inspect.figures.against import with_image_sizes
        from atss_inspect.figures.words import data_line

        # Objects that any convention assigns.
        num_objects = int(table["preset"].value_counts().max()) if len(table) else 0
        data = data_line(stats.dataset, stats.selection, num_objects)
        if plot.is_placed or Property.POSITION in typed:
            table = with_image_sizes(table, stats.dataset)
        looks = {"data": data, "theme": picture.colors}
        figure = plot.figure(table, stats.settings, **looks, **vars(own))
        text = plot.text(table, stats.settings, **vars(own))
        text += _next_line(str(vars(own).get("against", plot.by)), asked, selected)
        picture.emit(figure, text, path, data=flow.heading(data), notices=flow.notices)

    group = OWN_OPTIONS.get(plot.name, OptionGroup)
    usual = {name: getattr(group, name) for name in group.options}
    command.__annotations__["own"] = group
    command.__name__, command.__doc__ = plot.name, plot.help
    return SimpleNamespace(**{plot.name: command}, EXAMPLES=plot.examples)
