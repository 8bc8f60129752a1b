"""The command line: parse, call, show; errors in one line, exit codes that mean it.

Nothing in this package loads NumPy or anything else that is slow before a command
runs, so that help and completion come at once.
"""

import contextlib
import io
import itertools
import json
import os
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

import typer

from atss_inspect.cli.app import PROGRAM
from atss_inspect.cli.app import app as commands
from atss_inspect.errors import AtssInspectError

USAGE = 2
INTERRUPTED = 130  # 128 + SIGINT
CLOSED_PIPE = 141  # 128 + SIGPIPE, as for any program that writes into a closed pipe
GLOBAL_FLAGS = ("-q", "--quiet", "--debug")

__all__ = ["console", "main", "run"]


def main() -> NoReturn:
    """Run the command line and leave with its exit code (`SystemExit`)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without Unicode shows an escape instead of ending us.
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def console() -> NoReturn:
    """Run the command line as a program of its own, and end the process.

    All is written and closed when `main` leaves. To take every module and array apart
    first would be a twentieth of the time of `stats`, so the process just ends; unless
    there were other processes, which want an orderly end.
    """
    try:
        main()
    except SystemExit as end:
        if "multiprocessing" in sys.modules or not isinstance(end.code, int):
            raise
        with contextlib.suppress(OSError):  # nobody may be reading any more
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(end.code)


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : as typed, without the program's name

    Returns
    -------
    0 fine, 1 findings, 2 usage or settings, 3 unreadable or invalid data, 130 stopped
    with Ctrl-C, 141 nobody reads the output any more.
    """
    arguments = _global_flags_first(arguments)
    try:
        code = commands(args=arguments, prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
    except AtssInspectError as error:
        _explain(arguments, str(error), error.hint, error.exit_code)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return _leave_quietly()
    except SystemExit as end:
        # Typer ends the process itself where a pipe breaks inside a command.
        if isinstance(end.__context__, BrokenPipeError):
            return _leave_quietly()
        raise
    except Exception as error:
        # Typer's usage errors have had several homes; they all format themselves.
        if not hasattr(error, "format_message"):
            raise
        return _explain_usage(arguments, error)
    return code if isinstance(code, int) else 0


def _global_flags_first(arguments: Sequence[str]) -> list[str]:
    """Take ``-q`` and ``--debug`` wherever they stand, up to ``--``."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    flags = [word for word in arguments[:end] if word in GLOBAL_FLAGS]
    others = [word for word in arguments[:end] if word not in GLOBAL_FLAGS]
    return [*flags, *others, *arguments[end:]]


def _explain_usage(arguments: Sequence[str], error: Exception) -> int:
    """Explain what is wrong with the command as typed."""
    message: str = error.format_message()  # type: ignore[attr-defined]
    # Typer passes on how Pydantic begins its messages.
    message = message.replace("Value error, ", "")
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{message}\n" if message else "")
        return USAGE
    context = getattr(error, "ctx", None)
    command = context.command_path if context else PROGRAM
    message = message[:1].lower() + message[1:].rstrip(".")
    _explain(arguments, message, f"`{command} --help` shows what is possible", USAGE)
    return USAGE


def _explain(
    arguments: Sequence[str], message: str, hint: str | None, exit_code: int
) -> None:
    """Say on stderr, in one line and a hint or as JSON, what went wrong."""
    if "--debug" in arguments:
        traceback.print_exc()
    if _wants_json(arguments):
        error = {"exit_code": exit_code, "hint": hint, "message": message}
        sys.stderr.write(json.dumps({"error": error}, ensure_ascii=False) + "\n")
        return
    sys.stderr.write(f"{PROGRAM}: error: {message}\n")
    if hint:
        sys.stderr.write(f"hint: {hint}\n")


def _wants_json(arguments: Sequence[str]) -> bool:
    """Say whether JSON was asked for; read off the words, which may be wrong ones."""
    # An error may come before the options are parsed, or because they cannot be.
    words = " ".join(arguments).replace("--format=", "--format ").split()
    formats = {
        following
        for word, following in itertools.pairwise(words)
        if word in ("-f", "--format")
    }
    return "--json" in words or bool(formats & {"json", "jsonl"})


def _leave_quietly() -> int:
    """Let the interpreter end without a word about the output nobody reads."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.__stdout__.fileno() if sys.__stdout__ else 1)
    return CLOSED_PIPE
