"""Print the man page, made of the program's own help: ``make man`` writes it.

Without version or date, so that it changes only where the help does.
"""

import re
import sys
from collections.abc import Iterator
from typing import Any, TypeAlias

from typer.main import get_group

from atss_inspect.cli.app import EPILOG, PROGRAM, app
from atss_inspect.cli.help import ARGUMENTS, OPTIONS

Row: TypeAlias = tuple[str, str]
HEAD = f'.TH {PROGRAM.upper()} 1 "" "{PROGRAM}" "User Commands"'
ORDER = "An option that stands behind the name of its section is told further above."
ENVIRONMENT = """\
ATSS_INSPECT_ANN, ATSS_INSPECT_IMAGES and ATSS_INSPECT_PRESET stand for the options of
these names, ATSS_INSPECT_SET_NAME=VALUE for --set NAME=VALUE; options come first.
NO_COLOR turns colors off."""
FILES = """\
atss-inspect.toml, or [tool.atss-inspect] in pyproject.toml, in the working folder or
above: ann, images, preset and a table [set], for whatever neither options nor the
environment say."""
COMPLETION = """\
--install-completion puts completion of commands, options and presets where your shell
(bash, zsh, fish, PowerShell) reads it; --show-completion prints it."""


def escape(text: str) -> str:
    """Text as roff shows it: no requests, and hyphens that can be copied."""
    plain = text.replace("\\", r"\e").replace("-", r"\-")
    return re.sub(r"^(?=[.'])", r"\&", plain, flags=re.MULTILINE)


def paragraphs(text: str) -> Iterator[str]:
    r"""Running text; what begins with Click's ``\b`` keeps its lines."""
    for number, each in enumerate(text.strip("\n").split("\n\n")):
        if number:
            yield ".PP"
        if each.startswith("\b"):
            yield from (".nf", escape(each[1:].strip("\n")), ".fi")
        else:
            yield escape(" ".join(each.split()))


def parameters(command: Any, context: Any, told: set[Row]) -> Iterator[str]:
    """Options and arguments by section, but ``--help``; those told before by name."""
    sections: dict[str, list[Row]] = {}
    for parameter in command.get_params(context):
        row = parameter.get_help_record(context)
        if row is None or parameter.name == "help":
            continue
        is_argument = parameter.param_type_name == "argument"
        if is_argument:
            row = parameter.metavar or row[0], row[1]
        panel = getattr(parameter, "rich_help_panel", None)
        default = ARGUMENTS if is_argument else OPTIONS
        section = panel if isinstance(panel, str) else default
        sections.setdefault(section, []).append(row)
    for section, rows in sections.items():
        known = ", ".join(name for name, words in rows if (name, words) in told)
        yield from (".PP", rf"\fI{section}\fR" + escape(f": {known}" * bool(known)))
        for name, words in rows:
            if (name, words) not in told:
                yield from (".TP", rf"\fB{escape(name)}\fR", escape(words))
        told.update(rows)


def commands(group: Any, context: Any, told: set[Row]) -> Iterator[str]:
    """Every command below a group, and those of groups in it, in their order."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command.hidden:
            continue
        inner = command.make_context(name, [], parent=context, resilient_parsing=True)
        usage = " ".join(command.collect_usage_pieces(inner))
        yield f'.SS "{escape(f"{inner.command_path} {usage}")}"'
        yield from paragraphs(command.help or "")
        if hasattr(command, "list_commands"):
            yield from commands(command, inner, told)
            continue
        yield from parameters(command, inner, told)
        if command.epilog:
            yield from (".PP", *paragraphs(command.epilog))


def man_page() -> str:
    """The whole page, in the macros of man(7)."""
    group: Any = get_group(app)
    context = group.make_context(PROGRAM, [], resilient_parsing=True)
    summary, _, description = group.help.partition("\n\n")
    named = f"{PROGRAM} - {summary[0].lower()}{' '.join(summary[1:].split())}"
    told: set[Row] = set()
    lines = [
        *(HEAD, ".nh", ".SH NAME", escape(named.rstrip("."))),
        *(".SH SYNOPSIS", rf"\fB{escape(PROGRAM)}\fR [OPTIONS] COMMAND [ARGS]..."),
        *(".SH DESCRIPTION", *paragraphs(description), ".PP", escape(ORDER)),
        *(*parameters(group, context, told),),
        *(".SH COMMANDS", *commands(group, context, told)),
        *(".SH EXIT STATUS", *paragraphs(EPILOG)),
        *(".SH ENVIRONMENT", *paragraphs(ENVIRONMENT)),
        *(".SH FILES", *paragraphs(FILES)),
        *(".SH COMPLETION", *paragraphs(COMPLETION)),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stdout.write(man_page())
