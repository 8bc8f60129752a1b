"""Groups of options: Typer sees every option, the command gets the group."""

import inspect
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
import typer
from typer.testing import CliRunner

from atss_inspect.cli import help
from atss_inspect.cli.options import OptionGroup, option, with_option_groups

NAME = option("Names", "--name", "Who.", default="dune")
DEPTH = option("Names", "--depth", "How far.", default=1)


class Sand(OptionGroup):
    name: str = NAME
    grain: int = option("Grains", "--grain", "Coarse.", default=100)
    force: bool = option("Grains", "--force", "By hand.", default=False)

    places: ClassVar[tuple[str, ...]] = ("beach",)
    weight: float = 2.5  # no option of Typer


class FineSand(Sand):
    grain: int = option("Grains", "--grain", "Fine.", default=5, max=9)


class FreeSand(Sand):
    """An option without a default, one made anew, and one less."""

    force: bool | None = None
    name: str | None = option("Names", "--name WHO", "Who.")
    wet: bool = option("Names", "--wet", "Just out of the sea.", default=False)


@with_option_groups
def dig(
    context: typer.Context, where: str, *, sand: FineSand, depth: int = DEPTH
) -> None:
    """Dig in sand."""
    typer.echo(f"{context.info_name} {where} {sand.name} {sand.grain} {depth}")
    typer.echo(f"{sand.force} {type(sand).__name__} {sand.weight} {sand.places}")


def run_as(command: Callable[..., None], typed: str, **more: Any) -> tuple[int, str]:
    """Run a command as Typer makes it: exit code, and all that was printed."""
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command(**more)(command)
    done = CliRunner().invoke(app, typed.split())
    return done.exit_code, done.output


@pytest.mark.parametrize("name", ["VALIDATOR", "DESCRIPTOR", "VALIDATOR_MAKER"])
def test_a_command_works_without_what_typer_does_not_promise(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    missing = getattr(help, name)._replace(attribute="no_such_attribute")
    monkeypatch.setattr(help, name, missing)
    code, output = run_as(dig, "here --grain 7 --force", cls=help.SectionedCommand)
    assert (code, output.split("\n")[0]) == (0, "dig here dune 7 1")


def test_a_command_gets_its_groups_made_of_what_was_typed_and_the_defaults() -> None:
    typed, default = (
        run_as(dig, "here --grain 7 --force --depth 3"),
        run_as(dig, "here"),
    )
    assert typed == (0, "dig here dune 7 3\nTrue FineSand 2.5 ('beach',)\n")
    assert default == (0, "dig here dune 5 1\nFalse FineSand 2.5 ('beach',)\n")


def test_a_subclass_takes_options_away_and_adds_others() -> None:
    @with_option_groups
    def look(*, sand: FreeSand) -> None:
        typer.echo(f"{sand.name} {sand.grain} {sand.force} {sand.wet}")

    assert list(inspect.signature(look).parameters) == ["name", "grain", "wet"]
    assert run_as(look, "") == (0, "None 100 None False\n")
    assert run_as(look, "--wet --name Bo --grain 3") == (0, "Bo 3 None True\n")


def test_an_option_that_comes_twice_is_refused() -> None:
    def bury(*, sand: Sand, name: str = NAME) -> None:
        """Bury somebody."""

    with pytest.raises(ValueError, match="'name'"):
        with_option_groups(bury)
