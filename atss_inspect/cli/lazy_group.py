"""Groups whose commands are loaded when they are asked for.

To import the modules of all commands and have Typer make something of all their
options takes nearly half as long as to start Python and load Typer. So a group knows
the names, and gets the module of the one command that is typed.
"""

import inspect
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any, ClassVar

from typer.core import TyperCommand
from typer.main import get_command, get_group

from atss_inspect.cli.help import SectionedCommand, SectionedGroup, make_app


class LazyGroup(SectionedGroup):
    """A group that has a table of commands, each in a module of its own name.

    The command ``stats`` is the function ``stats`` of the module ``stats``, which also
    has the end of its help page, ``EPILOG``; a group is the ``app`` of its module.

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

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load a command of the table when it is first asked for."""
        if cmd_name in dict(self.rows) and cmd_name not in self.commands:
            self.add_command(self._build(cmd_name), cmd_name)
        return super().get_command(ctx, cmd_name)

    def outline(self, ctx: Any, name: str) -> Any:
        """Give a command its help and section, and spare it the options."""
        panel = dict(self.rows).get(name)
        if panel is None:
            return super().outline(ctx, name)
        module = self._load(name)
        text = (
            module.app.info.help
            if hasattr(module, "app")
            else inspect.getdoc(getattr(module, name))
        )
        return TyperCommand(name, help=text, rich_help_panel=panel)

    def _load(self, name: str) -> Any:
        """Import the module of a command."""
        return import_module(f"{self.package}.{name}")

    def _build(self, name: str) -> Any:
        """Have Typer make a command."""
        module = self._load(name)
        if hasattr(module, "app"):
            return get_group(module.app)
        return _build_command(name, getattr(module, name), module.EPILOG)


@cache
def _build_command(name: str, function: Callable[..., Any], epilog: str) -> Any:
    """Have Typer make a command of a function; once, however often it is run."""
    # Of an app with one command Typer makes that command, and no group.
    alone = make_app(add_completion=False)
    register = alone.command(name, cls=SectionedCommand, epilog=epilog)
    register(function)
    return get_command(alone)
