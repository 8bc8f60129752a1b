"""The command line: parse, call, show; errors in one line, exit codes that mean it.

Nothing in this package loads NumPy or anything else that is slow before a command
runs, so that help and completion come at once.
"""

import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from itertools import pairwise
from typing import NoReturn

import typer

from atss_inspect.cli.app import PROGRAM
from atss_inspect.cli.app import app as commands
from atss_inspect.cli.streams import FULL, forget_output, prepare_streams
from atss_inspect.errors import AtssInspectError, OutputError, SettingsError, reason
from atss_inspect.stopping import ignore_signals, stop_behind

INTERRUPTED = 130  # 128 + SIGINT
INTERNAL_ERROR = 70  # EX_SOFTWARE; 1 would say that `check` has findings
CLOSED_PIPE = 141  # 128 + SIGPIPE, as for any program that writes into a closed pipe
LONGEST_MESSAGE = 5000  # a path may be long; a whole file in place of a name is no news
INSTALLING = "--install-completion"  # an option of Typer's
GLOBAL_FLAGS = ("-q", "--quiet", "--debug")

__all__ = ["console", "main", "run"]


def main() -> NoReturn:
    """Run the command line and leave with its exit code (`SystemExit`).

    The exit codes are those of `run`, and 70 after an internal error.
    """
    prepare_streams()
    # Figures need no backend, and matplotlib refuses to load where this is nonsense.
    os.environ.pop("MPLBACKEND", None)
    try:
        code = run(sys.argv[1:])
    except Exception:  # noqa: BLE001 - whatever it is, its exit code is not 1
        traceback.print_exc()
        report = "please report it with the lines above"
        sys.stderr.write(f"{PROGRAM}: internal error; {report}\n")
        code = INTERNAL_ERROR
    sys.exit(code)


def console() -> NoReturn:
    """Run the command line as a program of its own, and end the process.

    All is written and closed when `main` leaves. To take every module and array apart
    first would be a twentieth of the time of `stats`, so the process just ends; unless
    there were other processes, which want an orderly end.
    """
    try:
        main()
    except SystemExit as end:
        ignore_signals()  # too late: what there was to do is done
        if "multiprocessing" in sys.modules or not isinstance(end.code, int):
            raise
        with contextlib.suppress(OSError):  # nobody may be reading any more
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(end.code)


def run(arguments: Sequence[str]) -> int:
    """Run one command, typed as the arguments after the program's name; its exit code.

    That is 0 fine, 1 findings, 2 usage or settings, 3 unreadable or invalid data, 130
    stopped with Ctrl-C, 141 nobody reads the output any more. Other signals that stop a
    program end it with `SystemExit`, see `stopping`.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    # -q and --debug may stand anywhere before it.
    words = sorted(arguments[:end], key=lambda word: word not in GLOBAL_FLAGS)
    arguments = [*words, *arguments[end:]]
    try:
        code = commands(args=arguments, prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as end:
        # Typer ends the process itself where a pipe breaks inside a command.
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        # The interpreter ends without a word about the output nobody reads.
        forget_output()
        return CLOSED_PIPE
    except Exception as error:
        if (stopped := stop_behind(error)) is not None:
            raise stopped from None
        if (ending := _end_by(error, arguments)) is None:
            raise
        return ending
    return code if isinstance(code, int) else 0


def _end_by(error: Exception, arguments: Sequence[str]) -> int | None:
    """Explain an error, and choose the exit code; None for an internal error."""
    if isinstance(error, typer.Abort):
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        forget_output()
        return CLOSED_PIPE
    if isinstance(error, MemoryError):
        error = AtssInspectError(
            "this takes more memory than there is",
            hint="use fewer --jobs, or look at fewer images with --limit",
        )
    elif isinstance(error, OSError) and error.errno in FULL:
        forget_output()  # stderr may be as full
        error = OutputError(f"stdout: cannot be written: {reason(error)}")
    elif isinstance(error, OSError) and INSTALLING in arguments:
        message = f"{INSTALLING}: {error.filename}: cannot be written: {reason(error)}"
        hint = "put what --show-completion prints where your shell reads it"
        error = OutputError(message, hint=hint)
    elif hasattr(error, "format_message"):
        # Typer's usage errors have had several homes; they all format themselves. Only
        # wrong words pay for this import.
        from atss_inspect.cli.wrong_values import what_is_wrong

        context = getattr(error, "ctx", None)
        command = context.command_path if context else PROGRAM
        hint = f"`{command} --help` shows what is possible"
        error = SettingsError(what_is_wrong(arguments, error), hint=hint)
    if not isinstance(error, AtssInspectError):
        return None
    _explain(arguments, error)
    return error.exit_code


def _explain(arguments: Sequence[str], error: AtssInspectError) -> None:
    """Print what went wrong on stderr: in one line and a hint, or as JSON."""
    # Only wrong input pays for the imports.
    import json

    from atss_inspect.views.names import printable

    if "--debug" in arguments:
        traceback.print_exc()
    message, hint = str(error), error.hint
    # Read off the words, which may be wrong ones: an error may come before the options
    # are parsed, or because they cannot be.
    words = " ".join(arguments).replace("--format=", "--format ").split()
    typed = {after for word, after in pairwise(words) if word in ("-f", "--format")}
    if "--json" in words or typed & {"json", "jsonl"}:
        found = {"exit_code": error.exit_code, "hint": hint, "message": message}
        text = json.dumps({"error": found}, ensure_ascii=False) + "\n"
    else:
        # A name in it must not act on the terminal.
        text = f"{PROGRAM}: error: {printable(message[:LONGEST_MESSAGE])}\n"
        text += f"hint: {printable(hint[:LONGEST_MESSAGE])}\n" if hint else ""
    with contextlib.suppress(OSError):  # the exit code speaks where stderr cannot
        sys.stderr.write(text)
        sys.stderr.flush()
