"""Opening a page in the browser, where there is one."""

import os
import sys
from typing import Annotated

import typer

from atss_inspect.cli.options import OUTPUT

OpenOption = Annotated[
    bool,
    typer.Option(
        "--open/--no-open",
        help="Open the page in the browser.",
        rich_help_panel=OUTPUT,
    ),
]


def open_page(address: str, *, otherwise: str) -> None:
    """Open a page in the browser, or say what to do where there is none.

    Parameters
    ----------
    address : path or URL of the page
    otherwise : what to do with it, for people without a browser here
    """
    # Without a display the system might open a browser of letters in this terminal.
    has_display = sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if not has_display or typer.launch(address):
        sys.stderr.write(f"no browser to open here; {otherwise}\n")
