"""What is wrong with the words of a command, where Typer has refused them.

For numbers and choices in words of our own: those of Typer, Click and Pydantic differ
from version to version. What else they say is passed on as it is, and never read.
"""

import enum
import inspect
from collections.abc import Sequence
from typing import Any, get_args

import typer

from atss_inspect.cli.named_file import (
    argument_places,
    is_annotations,
    is_named_as_file,
)

_NUMBERS = {int: "a whole number", float: "a number"}


def what_is_wrong(arguments: Sequence[str], error: Any) -> str:
    """Name in one line what Typer's error has against the words that were typed."""
    problem = _wrong_value(arguments, error)
    if problem is None:
        message = " ".join(error.format_message().split())
        return message[:1].lower() + message[1:].rstrip(".")
    param = error.param
    names = param.opts if param.opts[0].startswith("-") else [param.metavar]
    return f"invalid value for {_quoted(names, ' / ')}: {problem}"


def _wrong_value(arguments: Sequence[str], error: Any) -> str | None:
    """Name what is wrong with a number or a choice; None if it is something else."""
    is_missing = not getattr(error, "message", "")
    if is_missing or not isinstance(error, typer.BadParameter):
        return None
    command = error.ctx and error.ctx.command
    function = getattr(command, "function", None)
    if function is None or error.param is None:
        return None
    declared = inspect.signature(function).parameters[error.param.name]
    typed = _typed_values(arguments, error)
    outer = [declared.annotation, *get_args(declared.annotation)]
    for kind in [*outer, *(part for each in outer for part in get_args(each))]:
        if kind in _NUMBERS:
            return _wrong_number(kind, declared.default, typed)
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            choices = [str(each.value) for each in kind]
            wrong = [word for word in typed if word not in choices]
            is_none = f"'{wrong[0]}' is not" if wrong else "expected"
            return f"{is_none} one of {_quoted(choices, ', ')}"
    return None


def _wrong_number(kind: Any, option: Any, typed: Sequence[str]) -> str | None:
    """Name what is expected in place of the first value that is no such number."""
    for word in typed:
        try:
            number = kind(word)
        except ValueError:
            return f"expected {_NUMBERS[kind]}, got {word}"
        if option.min is not None and not number >= option.min:
            return f"expected at least {option.min}, got {word}"
        if option.max is not None and not number <= option.max:
            return f"expected at most {option.max}, got {word}"
    return f"expected {_NUMBERS[kind]}"


def _quoted(words: Sequence[str], between: str) -> str:
    return between.join(f"'{word}'" for word in words)


def _typed_values(arguments: Sequence[str], error: Any) -> list[str]:
    """Find the words that were typed for an option, or may be an argument."""
    options = [each for each in error.param.opts if each.startswith("-")]
    if not options:
        places = argument_places(error.ctx.command.get_params(error.ctx), arguments)
        words = [arguments[place] for place in places]
        path = error.ctx.command_path.split()
        files = [w for w in words if is_named_as_file(w) or is_annotations(w)]
        return [word for word in words if word not in path and word not in files]
    words = [part for word in arguments for part in word.split("=", 1)]
    found: list[str] = []
    for place, word in enumerate(words):
        if word in options:
            found += words[place + 1 : place + 1 + error.param.nargs]
        elif word[:2] in options:  # -j0
            found.append(word[2:])
    return found
