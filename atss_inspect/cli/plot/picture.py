"""Where a picture goes: a file named by the user or after the picture, or a window."""

import enum
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.options import ForceOption, OptionGroup, output_option
from atss_inspect.cli.output import STDOUT, write_or_keep

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from atss_inspect.figures.theme import Theme


class ThemeName(enum.StrEnum):
    """The surroundings a picture is made for."""

    LIGHT = "light"
    DARK = "dark"
    PAPER = "paper"


@dataclass(frozen=True)
class Target:
    """Where and how a picture is to be drawn.

    Attributes
    ----------
    path : of the file; ``-`` is stdout
    file_format : png, svg or pdf
    is_named : by the user, not after the picture
    """

    path: str
    file_format: str
    dpi: int
    theme_name: str
    is_named: bool
    force: bool
    show: bool

    @property
    def theme(self) -> "Theme":
        """The colors; loads matplotlib."""
        from atss_inspect.figures.theme import THEMES

        return THEMES[self.theme_name]


DpiOption = Annotated[
    int, output_option("--dpi N", "Pixels per inch of a PNG.", min=30, max=1200)
]


class PictureOptions(OptionGroup):
    """The options that say how a picture is drawn, and where."""

    output: str | None = output_option(
        "--output -o FILE",
        "Where to draw: .png, .svg or .pdf; - is stdout, as PNG. Without it, a "
        "PNG here, named after the picture.",
    )
    theme: Annotated[
        ThemeName,
        output_option("--theme light|dark|paper", "Colors for a screen or for print."),
    ] = ThemeName.LIGHT
    dpi: DpiOption = 300
    show: bool = output_option(
        "--show",
        "Open the picture with the system's viewer; without -o, nothing stays.",
    )
    force: ForceOption = False


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
    return Target(
        path=output,
        file_format=file_format,
        dpi=picture.dpi,
        theme_name=picture.theme.value,
        is_named=picture.output is not None,
        force=picture.force,
        show=picture.show,
    )


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

    content = encode_figure(figure, target.file_format, dpi=target.dpi)
    is_new = write_or_keep(
        target.path, content, is_named=target.is_named, force=target.force
    )
    if target.path == STDOUT:
        return
    if not quiet:
        sys.stderr.write(f"{'wrote' if is_new else 'unchanged:'} {target.path}\n")
    if target.show:
        typer.launch(target.path)
