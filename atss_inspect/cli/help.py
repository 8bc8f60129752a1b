"""Help pages in sections, without Rich, and commands that start quickly.

Typer shows panels only through Rich, whose import would double the time that help
takes; and it folds the lines of a docstring one by one. Plain text, in sections by the
same ``rich_help_panel``, is quicker and easier to read at 80 columns. A group loads
the one command that is typed, and what needs no validator does not load any.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from enum import EnumType
from functools import cache
from importlib import import_module
from inspect import getdoc
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from atss_inspect.cli import named_file
from atss_inspect.cli.options import with_option_groups
from atss_inspect.cli.output import require_no_input
from atss_inspect.errors import SettingsError
from atss_inspect.presets import did_you_mean
from atss_inspect.private_names import DESCRIPTOR, VALIDATOR, VALIDATOR_MAKER

NOTHING_TYPED = 2  # as for any other usage error
OPTIONS = "Options"
ARGUMENTS = "Arguments"
COMMANDS = "Commands"
_MISSING = object()


class SectionedCommand(TyperCommand):
    """A command whose options stand under the name of their panel.

    Attributes
    ----------
    function : what it was made of, if known; its parameters say what values may be
    """

    function: Any = None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options; those that are plain text without any validator.

        Annotations may stand among the arguments, and are not to be written to.
        """
        _spare_validators(self, ctx)
        if ctx.resilient_parsing:
            return super().parse_args(ctx, args)
        quiet: bool = getattr(ctx.obj, "quiet", False)
        args = named_file.with_option(self.get_params(ctx), args, quiet=quiet)
        rest = super().parse_args(ctx, args)
        require_no_input(ctx.params)
        return rest

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """List the options and arguments, with the file that may come first."""
        options, *arguments = super().collect_usage_pieces(ctx)
        takes_file = named_file.takes_annotations(self.get_params(ctx))
        return [options, *([named_file.METAVAR] if takes_file else []), *arguments]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the sections of the options."""
        _write_parameters(self, ctx, formatter)


class LazyGroup(TyperGroup):
    """A group with a table of commands, which stand under the name of their section.

    To import the modules of all commands and have Typer make something of all their
    options takes nearly half as long as to start Python and load Typer. So a group
    knows the names, and gets the module of the one command that is typed.

    The command ``stats`` is the function ``stats`` of the module ``stats``, whose
    parameters may be groups of options, and which also has ``EXAMPLES`` for the end of
    its help page; a group is the ``app`` of its module.

    Attributes
    ----------
    package : where the modules are
    rows : name of a command and its section, in the order of the help page
    """

    package: ClassVar[str]
    rows: ClassVar[Sequence[tuple[str, str]]]

    def list_commands(self, ctx: Any) -> list[str]:
        """List the names of the table, then what was added to the app itself."""
        listed = [name for name, _ in self.rows]
        return list(dict.fromkeys([*listed, *super().list_commands(ctx)]))

    def load(self, name: str) -> Any:
        """Import the module of a command."""
        return import_module(f"{self.package}.{name}")

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load a command of the table when it is first asked for."""
        if cmd_name in dict(self.rows) and cmd_name not in self.commands:
            module = self.load(cmd_name)
            if hasattr(module, "app"):
                command: Any = get_group(module.app)
            else:
                function = getattr(module, cmd_name)
                command = _build_command(cmd_name, function, module.EXAMPLES)
            self.add_command(command, cmd_name)
        return super().get_command(ctx, cmd_name)

    def outline(self, ctx: Any, name: str) -> Any:
        """Make a command that has its help and section, and no options."""
        panel = dict(self.rows).get(name)
        if panel is None:
            return self.get_command(ctx, name)
        module = self.load(name)
        is_group = hasattr(module, "app")
        text = module.app.info.help if is_group else getdoc(getattr(module, name))
        return TyperCommand(name, help=text, rich_help_panel=panel)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options, or show what there is where no word was typed at all."""
        if not args and self.no_args_is_help and not ctx.resilient_parsing:
            sys.stderr.write(f"{ctx.get_help()}\n")
            raise typer.Exit(NOTHING_TYPED)
        _spare_validators(self, ctx)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command; a wrong name is answered with the nearest.

        Done here, since what Typer answers differs from version to version.
        """
        name = args[0]
        is_unknown = self.get_command(ctx, name) is None and not name.startswith("-")
        if is_unknown and not ctx.resilient_parsing:
            nearest = did_you_mean(name, self.list_commands(ctx))
            message = f"unknown command {name}{nearest}"
            hint = f"`{ctx.command_path} --help` lists the commands"
            if named_file.is_named_as_file(name):
                named_file.require_file(name)
                hint = f"a command comes first, as in `atss-inspect stats {name}`"
            raise SettingsError(message, hint=hint)
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the sections of the commands, as they come, then those of options."""
        names = self.list_commands(ctx)
        width = formatter.width - 6 - max(map(len, names), default=0)
        rows = []
        for name in names:
            command = self.outline(ctx, name)
            if command is not None and not command.hidden:
                row = (name, command.get_short_help_str(width))
                rows.append((_panel(command, COMMANDS), row))
        _write_sections(rows, formatter)
        _write_parameters(self, ctx, formatter)


def make_app(cls: type[TyperGroup] = TyperGroup, **arguments: Any) -> typer.Typer:
    """Make a Typer app; `atss_inspect.cli.run` explains errors, not Typer."""
    return typer.Typer(
        cls=cls,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        **arguments,
    )


def _write_parameters(command: Any, ctx: Any, formatter: Any) -> None:
    """Write arguments and options in sections by panel."""
    rows = []
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is not None:
            is_argument = parameter.param_type_name == "argument"
            default = ARGUMENTS if is_argument else OPTIONS
            if is_argument:  # without what some versions of Typer add to it
                record = parameter.metavar or record[0], record[1]
            rows.append((_panel(parameter, default), record))
    # What every command has (--help) comes last.
    rows.sort(key=lambda row: row[0] == OPTIONS)
    _write_sections(rows, formatter)


def _panel(thing: Any, default: str) -> str:
    panel = getattr(thing, "rich_help_panel", None)
    return panel if isinstance(panel, str) else default


def _write_sections(
    rows: Iterable[tuple[str, tuple[str, str]]], formatter: Any
) -> None:
    """Write rows under their section, sections in the order they first come."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for section, row in rows:
        sections.setdefault(section, []).append(row)
    for section, members in sections.items():
        with formatter.section(section):
            formatter.write_dl(members)


@cache
def _build_command(
    name: str, function: Callable[..., Any], calls: tuple[str, ...]
) -> Any:
    """Have Typer make a command of a function; once, however often it is run."""
    # Of an app with one command Typer makes that command, and no group.
    alone = make_app(add_completion=False)
    flat = with_option_groups(function)
    # Lines that are kept as they are.
    examples = "\n  ".join(("\b\nExamples:", *calls))
    alone.command(name, cls=SectionedCommand, epilog=examples)(flat)
    command: Any = get_command(alone)
    command.function = flat
    return command


class Unvalidated:
    """Stands in for a parameter's validator until a value needs one.

    Typer from 0.29 on builds a pydantic validator for every parameter of a command,
    typed or not, and importing pydantic takes as long as assigning ten thousand
    objects. Typer keeps the validator of a parameter in one attribute and builds it
    when that is empty; here it is filled with a stand-in that passes on what is text, a
    word of an enumeration, a whole number in its range, or was not typed, and builds
    Typer's own for the rest. A Typer without what this takes is left alone.
    """

    def coerce(self, value: Any, *, param: Any, ctx: Any) -> Any:
        """Pass on text and defaults as they are; let Typer convert the rest."""
        annotation: Any = getattr(DESCRIPTOR.of(param), "annotation", None)
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if annotation is int and _is_in_range(value, param):
            return int(value)
        many = getattr(annotation, "__origin__", None) is list
        kind = annotation.__args__[0] if many else annotation
        values = list(value) if many and isinstance(value, (list, tuple)) else [value]
        known = list(kind) if isinstance(kind, EnumType) else values
        is_text = all(isinstance(each, str) and each in known for each in values)
        if is_text and (kind is str or isinstance(kind, EnumType)):
            found = [kind(each) for each in values]
            return found if many else found[0]
        VALIDATOR.put(param, None)
        return VALIDATOR_MAKER.of(param)().coerce(value, param=param, ctx=ctx)


def _is_in_range(value: Any, param: Any) -> bool:
    """Whether a value is a default, or plain digits within the bounds of an option."""
    if not isinstance(value, str):
        return type(value) is int
    is_plain = value.isascii() and value.isdigit() and len(value) < 10
    if not (is_plain and hasattr(param, "min")):
        return False
    least = 0 if param.min is None else param.min
    return least <= int(value) and (param.max is None or int(value) <= param.max)


def _spare_validators(command: Any, ctx: Any) -> None:
    """Keep parameters from building a validator before a value needs one."""
    for parameter in command.get_params(ctx):
        is_empty = VALIDATOR.of(parameter, _MISSING) is None
        if is_empty and VALIDATOR_MAKER.of(parameter):
            VALIDATOR.put(parameter, Unvalidated())
