"""The commands and what holds for all of them."""

import typer

from atss_inspect import __version__
from atss_inspect.cli.help import OPTIONS, LazyGroup, make_app
from atss_inspect.cli.options import GlobalOptions, option

PROGRAM = "atss-inspect"
EPILOG = """\b
Exit codes: 0 fine, 1 findings (check only), 2 usage or settings,
            3 unreadable or invalid data, 130 stopped with Ctrl-C,
            143 stopped with SIGTERM, 70 internal error
Errors are one line on stderr; a JSON object with --format json or jsonl.
"""

# The sections of the help page.
QUESTIONS = "Questions"
PICTURES = "Pictures"
DATA = "Data for other programs"
SET_UP = "Set up"

# A new command is one line here: a module of this package with a function of the same
# name and its EXAMPLES, or with the `app` of a group of commands. No module is imported
# before its command is typed. The help page lists the commands in this order.
COMMANDS = (
    ("stats", QUESTIONS),
    ("worst", QUESTIONS),
    ("compare", QUESTIONS),
    ("sweep", QUESTIONS),
    ("tune", QUESTIONS),
    ("explain", QUESTIONS),
    ("check", QUESTIONS),
    ("demo", QUESTIONS),
    ("report", PICTURES),
    ("view", PICTURES),
    ("browse", PICTURES),
    ("export", DATA),
    ("convert", DATA),
    ("plot", PICTURES),
    ("config", SET_UP),
)


class Commands(LazyGroup):
    """All commands."""

    package = "atss_inspect.cli"
    rows = COMMANDS


app = make_app(Commands, name=PROGRAM, epilog=EPILOG)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


QUIET = option(OPTIONS, "--quiet -q", "No progress, notes or warnings.", default=False)
DEBUG = option(OPTIONS, "--debug", "Show the traceback of an error.", default=False)
VERSION = option(
    OPTIONS,
    "--version",
    "Show the version.",
    False,
    callback=_show_version,
    is_eager=True,
)


@app.callback()
def set_global_options(
    context: typer.Context,
    quiet: bool = QUIET,
    debug: bool = DEBUG,
    version: bool = VERSION,  # noqa: ARG001 - its callback does the work
) -> None:
    """See what label assignment does to COCO, YOLO or VOC annotations before training.

    ATSS, IoU thresholds (RetinaNet, RPN), FCOS, SSD, YOLOv5 and others, each exactly as
    a framework computes it, and the gate before the choice of YOLOv8 to YOLO26
    (-p yolo11), from annotations alone: no images, no GPU, no model.
    """
    context.obj = GlobalOptions(quiet=quiet, debug=debug)
