"""Where the answer goes: stdout is data, stderr is everything else."""

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar

from atss_inspect.cli.option_groups import OptionGroup
from atss_inspect.cli.options import (
    ForceOption,
    FormatOption,
    JsonOption,
    OutputFormat,
    OutputOption,
)

STDOUT = "-"


class AnswerOptions(OptionGroup):
    """The options that say how an answer is printed, and where.

    A command declares anew which format it takes, and lists all it has.
    """

    output_format: StrEnum | None = None
    as_json: JsonOption = False
    output: OutputOption = None
    force: ForceOption = False

    formats: ClassVar[Sequence[str]]

    def choose_format(self) -> str:
        """Choose a format, see `pick_format`; a target must be fit to be written."""
        chosen = pick_format(
            self.output_format,
            as_json=self.as_json,
            output=self.output,
            allowed=self.formats,
        )
        require_target(self.output, force=self.force)
        return chosen

    @property
    def is_bold(self) -> bool:
        """Whether a person reads it, who wants more than plain text."""
        return self.output is None and has_style()

    def emit(self, content: str | bytes, *, quiet: bool) -> None:
        """Print the answer or write it to a file; see `emit`."""
        emit(content, self.output, force=self.force, quiet=quiet)


class TableOptions(AnswerOptions):
    """The same for rows, which can be had in all formats."""

    output_format: FormatOption = None

    formats = tuple(OutputFormat)


def pick_format(
    asked: StrEnum | None,
    *,
    as_json: bool = False,
    output: str | None = None,
    allowed: Sequence[str] = ("table", "json", "jsonl", "csv", "md"),
) -> str:
    """Choose a format: --json, then --format, then the suffix of -o, then a table.

    Raises
    ------
    OutputError
        For a suffix that no format of this command has.
    """
    if as_json:
        return "json"
    if asked is not None:
        return asked.value
    if output in (None, STDOUT):
        return allowed[0]
    # Loads NumPy, which stdout does without.
    from atss_inspect.writers import format_for

    return format_for(output, allowed, default=allowed[0])


def emit(
    content: str | bytes,
    output: str | None = None,
    *,
    force: bool = False,
    quiet: bool = False,
) -> None:
    """Print the answer or write it to a file, whole or not at all.

    Parameters
    ----------
    content : the complete answer, with its last line's end
    output : a path; None and ``-`` are stdout
    force : replace a file that exists
    quiet : do not say on stderr what was written

    Raises
    ------
    OutputError
        Where the file exists, or cannot be written.
    """
    if output in (None, STDOUT) and isinstance(content, str):
        sys.stdout.write(content)
        return
    from atss_inspect.writers import write_bytes

    data = content.encode() if isinstance(content, str) else content
    write_bytes(output or STDOUT, data, force=force)
    if output not in (None, STDOUT) and not quiet:
        sys.stderr.write(f"wrote {output}\n")


def require_target(output: str | None, *, force: bool) -> None:
    """Refuse a target that cannot be written before any work is done for it."""
    if output not in (None, STDOUT):
        from atss_inspect.writers import check_target

        check_target(output, force=force)


def has_style() -> bool:
    """Say whether stdout is a terminal whose user wants more than plain text."""
    return (
        sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
        and os.name != "nt"  # older consoles there print the codes
    )
