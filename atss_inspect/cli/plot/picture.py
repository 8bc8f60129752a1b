"""Where a picture goes: a file named by the user or after the picture, or a window."""

import enum
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from atss_inspect.cli.options import FORCE, OptionGroup, output_option
from atss_inspect.cli.output import STDOUT, write_or_keep

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from atss_inspect.figures.theme import Theme


class ThemeName(enum.StrEnum):
    """The surroundings a picture is made for."""

    LIGHT = "light"
    DARK = "dark"
    PAPER = "paper"


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


@dataclass(frozen=True)
class Target:
    """Where and how a picture is to be drawn.

    Attributes
    ----------
    path : of the file, as the user or the picture names it; ``-`` is stdout
    file_format : png, svg or pdf
    asked : the options
    """

    path: str
    file_format: str
    asked: PictureOptions

    @property
    def theme(self) -> "Theme":
        """The colors; loads matplotlib."""
        from atss_inspect.figures.theme import THEMES

        return THEMES[self.asked.theme]


def choose_target(stem: str, picture: PictureOptions) -> Target:
    """Choose a file before any work is done for it.

    Parameters
    ----------
    stem : name of the picture, for a file the user has not named
    picture : the options

    Raises
    ------
    OutputError
        For a file that exists or cannot be written, and for other formats.
    """
    from atss_inspect.writers import FIGURE_FORMATS, check_target, format_for

    output, file_format = picture.output, "png"
    if output is None:
        folder = tempfile.mkdtemp(prefix="atss-inspect-") if picture.show else ""
        output = str(Path(folder, f"{stem}.png"))
    else:
        file_format = format_for(
            output, FIGURE_FORMATS, default="png" if output == STDOUT else None
        )
        check_target(output, force=picture.force)
    return Target(output, file_format, picture)


def emit_picture(
    figure: "Figure", text: str, target: Target, *, data: str, quiet: bool
) -> None:
    """Draw a figure into its file, and print its numbers, unless that is stdout.

    Parameters
    ----------
    figure, text : the picture, and what it shows in words
    data : names the annotations; empty where there are none
    quiet : no line on stderr about what was written
    """
    emit_figure(figure, target, quiet=quiet)
    if target.path != STDOUT:
        sys.stdout.write(f"{data}\n\n{text}" if data else text)


def emit_figure(figure: "Figure", target: Target, *, quiet: bool) -> None:
    """Draw a figure into its file, and open it if so asked.

    A file that the user has not named is never replaced by another picture, but may be
    there already if it is the same.

    Raises
    ------
    OutputError
        As `writers.open_output`.
    """
    from atss_inspect.writers import encode_figure

    path, asked = target.path, target.asked
    content = encode_figure(figure, target.file_format, dpi=asked.dpi)
    is_named = asked.output is not None
    is_new = write_or_keep(path, content, is_named=is_named, force=asked.force)
    if path == STDOUT:
        return
    if not quiet:
        sys.stderr.write(f"{'wrote' if is_new else 'unchanged:'} {path}\n")
    if asked.show:
        typer.launch(path)
