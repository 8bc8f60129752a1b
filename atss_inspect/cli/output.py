"""Where the answer goes: stdout is data, stderr is everything else."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import typer

from atss_inspect.cli import options
from atss_inspect.errors import OutputError
from atss_inspect.writers.files import (
    STDOUT,
    check_target,
    format_for,
    holds,
    write_bytes,
)

if TYPE_CHECKING:
    from atss_inspect.views.names import Screen

OPEN = options.output_option(
    "--open/--no-open", "Open the page in the browser.", default=True
)


# Narrower terminals break lines themselves.
LEAST_WIDTH = 40
# How rows are printed or written, and how what is no rows.
OutputFormat = StrEnum("OutputFormat", "TABLE JSON JSONL CSV MD")
PlainFormat = StrEnum("PlainFormat", "TABLE JSON")


# Whether headings, grades and zeros have colors.
Color = StrEnum("Color", "AUTO ALWAYS NEVER")


class AnswerOptions(options.OptionGroup):
    """The options that say how an answer is printed, and where.

    A command declares anew which format it takes, and lists all it has.
    """

    output_format: StrEnum | None = None
    as_json: bool = options.JSON
    output: str | None = options.OUTPUT_FILE
    force: bool = options.FORCE
    color: Color = options.output_option(
        "--color auto|always|never",
        "Colors; without it, on a terminal where NO_COLOR is unset.",
        default="auto",
    )

    formats: ClassVar[Sequence[str]]

    def choose_format(self) -> str:
        """Choose a format: --json, --format, the suffix of -o, or else the first.

        A target that cannot be written is refused before any work is done for it.
        Raises `OutputError` for a suffix that no format of this command has, or such a
        target.
        """
        typed = "json" if self.as_json else self.output_format
        default = self.default_format
        if self.output in (None, STDOUT):
            return typed or default
        chosen = typed or format_for(self.output, self.formats, default=default)
        check_target(self.output, force=self.force)
        return chosen

    @property
    def default_format(self) -> str:
        """The format where neither an option nor a suffix decides."""
        return self.formats[0]

    @property
    def screen(self) -> "Screen":
        """What the answer is written for: a terminal has a width and colors."""
        from atss_inspect.views.names import PLAIN, Screen

        if self.output is not None:
            return PLAIN
        is_terminal = sys.stdout.isatty()
        has_color = self.color == Color.ALWAYS or (
            self.color == Color.AUTO
            and is_terminal
            and not os.environ.get("NO_COLOR")
            and os.environ.get("TERM") != "dumb"
            and os.name != "nt"  # older consoles there print the codes
        )
        width = shutil.get_terminal_size().columns if is_terminal else PLAIN.width
        return Screen(max(width, LEAST_WIDTH), has_color)


class PlainOptions(AnswerOptions):
    """The same for what is no rows."""

    output_format: PlainFormat | None = options.format_option(*PlainFormat)

    formats = tuple(PlainFormat)


class TableOptions(AnswerOptions):
    """The same for rows, which can be had in all formats."""

    output_format: OutputFormat | None = options.format_option(*OutputFormat)

    formats = tuple(OutputFormat)


def emit(
    content: str | bytes,
    output: str | None = None,
    *,
    force: bool = False,
    quiet: bool = False,
) -> None:
    """Print the answer or write it to a file, whole or not at all.

    Raises `OutputError` where the file exists, or cannot be written.

    Parameters
    ----------
    content : the complete answer, with its last line's end
    output : a path; None and ``-`` are stdout
    force : replace a file that exists
    quiet : no line on stderr about what was written
    """
    if output in (None, STDOUT) and isinstance(content, str):
        sys.stdout.write(content)
        return
    data = content.encode() if isinstance(content, str) else content
    write_bytes(output or STDOUT, data, force=force)
    if output not in (None, STDOUT) and not quiet:
        sys.stderr.write(f"wrote {output}\n")


def require_no_input(params: Mapping[str, Any]) -> None:
    """Refuse an output that is, by whatever name, a file that the command reads.

    ``params`` are its options by name, ``output`` among them. Raises `OutputError`.
    """
    target: Any = params.get("output")
    values = (value for name, value in params.items() if name != "output")
    for value in values if target and os.path.isfile(target) else ():  # noqa: PTH113
        for each in value if isinstance(value, list | tuple) else [value]:
            is_file = isinstance(each, str) and os.path.isfile(each)  # noqa: PTH113
            if is_file and Path(each).samefile(target):
                message = f"{target}: is read by this command; expected another file"
                raise OutputError(message)


def require_page(output: str | None, *, force: bool) -> None:
    """Refuse a file that is no page, or cannot be written, before any work is done."""
    if output in (None, STDOUT):
        return
    format_for(output, ("html",), default="html")
    check_target(output, force=force)


def write_or_keep(path: str, content: bytes, *, is_named: bool, force: bool) -> bool:
    """Write a file, unless it is there already; whether it was written.

    A file that the user has not named is never replaced by another one, but may be
    there already if it is the same. Errors are those of `writers.files.open_output`.
    """
    if not is_named and holds(path, content):
        return False
    try:
        write_bytes(path, content, force=force)
    except OutputError as error:
        if is_named or error.hint is None:
            raise
        hint = "name another file with -o, or replace this one with --force"
        raise OutputError(str(error), hint=hint) from error
    return True


def open_page(address: str, *, otherwise: str) -> None:
    """Open a page (path or URL), or print what else to do where there is no browser."""
    # Without a display the system might open a browser of letters in this terminal.
    has_display = sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if not has_display or typer.launch(address):
        sys.stderr.write(f"no browser to open here; {otherwise}\n")
