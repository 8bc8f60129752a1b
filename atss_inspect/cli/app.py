"""The commands and what holds for all of them."""

from typing import Annotated

import typer

from atss_inspect import __version__
from atss_inspect.cli import (
    browse,
    check,
    compare,
    config,
    convert,
    demo,
    explain,
    export,
    plot,
    report,
    stats,
    sweep,
    view,
    worst,
)
from atss_inspect.cli.help import SectionedCommand, make_app
from atss_inspect.cli.options import GlobalOptions

PROGRAM = "atss-inspect"
EPILOG = """\b
Exit codes: 0 fine, 1 findings (check only), 2 usage or settings,
            3 unreadable or invalid data, 130 stopped with Ctrl-C,
            143 stopped with SIGTERM, 70 a mistake of ours
Errors are one line on stderr; a JSON object with --format json or jsonl.
"""

# The sections of the help page.
QUESTIONS = "Questions"
PICTURES = "Pictures"
DATA = "Data for other programs"
SET_UP = "Set up"

app = make_app(name=PROGRAM, epilog=EPILOG)


def _show_version(is_asked: bool) -> None:
    """Print the version and end."""
    if is_asked:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


@app.callback()
def set_global_options(
    context: typer.Context,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="No progress, notes or warnings."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error.")
    ] = False,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    """See what label assignment does to COCO annotations before you train.

    ATSS, the IoU-threshold rule (RetinaNet, RPN) and the FCOS rule, each exactly as a
    framework computes it, from annotations alone: no images, no GPU, no model.
    """
    context.obj = GlobalOptions(quiet=quiet, debug=debug)


# A new command is one line here: a function of its own module in this package, or
# the app of a group of commands. Modules import what is slow inside
# their functions. The help page lists the commands in this order.
COMMANDS = (
    ("stats", stats.stats, stats.EPILOG, QUESTIONS),
    ("worst", worst.worst, worst.EPILOG, QUESTIONS),
    ("compare", compare.compare, compare.EPILOG, QUESTIONS),
    ("sweep", sweep.sweep, sweep.EPILOG, QUESTIONS),
    ("explain", explain.explain, explain.EPILOG, QUESTIONS),
    ("check", check.check, check.EPILOG, QUESTIONS),
    ("demo", demo.demo, demo.EPILOG, QUESTIONS),
    ("report", report.report, report.EPILOG, PICTURES),
    ("view", view.view, view.EPILOG, PICTURES),
    ("browse", browse.browse, browse.EPILOG, PICTURES),
    ("export", export.export, export.EPILOG, DATA),
    ("convert", convert.convert, convert.EPILOG, DATA),
)
for name, command, epilog, panel in COMMANDS:
    app.command(name, cls=SectionedCommand, epilog=epilog, rich_help_panel=panel)(
        command
    )
app.add_typer(plot.app, name="plot", rich_help_panel=PICTURES)
app.add_typer(config.app, name="config", rich_help_panel=SET_UP)
