"""Options that all pictures have."""

import enum
from typing import Annotated

import typer

from atss_inspect.cli.options import OUTPUT


class ThemeName(enum.StrEnum):
    """The surroundings a picture is made for."""

    LIGHT = "light"
    DARK = "dark"
    PAPER = "paper"


PictureOption = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Where to draw: .png, .svg or .pdf; - is stdout, as PNG. Without it, a "
        "PNG here, named after the picture.",
        rich_help_panel=OUTPUT,
    ),
]
ThemeOption = Annotated[
    ThemeName,
    typer.Option(
        "--theme",
        metavar="light|dark|paper",
        help="Colors for a screen or for print.",
        rich_help_panel=OUTPUT,
    ),
]
DpiOption = Annotated[
    int,
    typer.Option(
        "--dpi",
        min=30,
        max=1200,
        metavar="N",
        help="Pixels per inch of a PNG.",
        rich_help_panel=OUTPUT,
    ),
]
ShowOption = Annotated[
    bool,
    typer.Option(
        "--show",
        help="Open the picture with the system's viewer; without -o, nothing stays.",
        rich_help_panel=OUTPUT,
    ),
]
