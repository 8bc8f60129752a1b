"""Options that commands share, as groups: one parameter of a command for many."""

import functools
import inspect
from collections.abc import Callable, Iterator
from inspect import Parameter
from typing import Any, dataclass_transform


@dataclass_transform(frozen_default=True, kw_only_default=True)
class OptionGroup:
    """Options that belong together; a subclass names them, with types and defaults.

    What is annotated with an option of Typer is one. A subclass that names an option
    anew changes it in its place. To type checkers this is a frozen dataclass; a real
    one has its methods compiled at every start, which takes half a millisecond each.
    """

    def __init__(self, **options: Any) -> None:
        vars(self).update(options)


def with_option_groups(command: Callable[..., None]) -> Callable[..., None]:
    """Show Typer the options of a command's groups, and call it with the groups.

    Parameters
    ----------
    command : some of its parameters have a group as their type; each stands for the
        group's options, in their order

    Raises
    ------
    ValueError
        For an option that two groups have, or a group and the command itself.
    """
    signature = inspect.signature(command)
    shown: list[Parameter] = []
    groups: dict[str, tuple[type[OptionGroup], list[str]]] = {}
    for name, parameter in signature.parameters.items():
        options = [parameter.replace(kind=Parameter.KEYWORD_ONLY)]
        if _is_group(parameter.annotation):
            options = list(_options_of(parameter.annotation))
            groups[name] = parameter.annotation, [each.name for each in options]
        shown += options

    @functools.wraps(command)
    def flat(**values: Any) -> None:
        made = {
            name: group(**{option: values.pop(option) for option in options})
            for name, (group, options) in groups.items()
        }
        command(**made, **values)

    # What Typer reads; mypy does not know that functions may have it.
    flat.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
    return flat


def _is_group(annotation: Any) -> bool:
    """Say whether a parameter stands for several options."""
    return isinstance(annotation, type) and issubclass(annotation, OptionGroup)


def _options_of(group: type[OptionGroup]) -> Iterator[Parameter]:
    """Give the options of a group as parameters, those of its bases first."""
    hints: dict[str, Any] = {}
    for each in reversed(group.__mro__):
        hints |= inspect.get_annotations(each)
    for name, hint in hints.items():
        if hasattr(hint, "__metadata__"):  # Annotated
            default = getattr(group, name)
            yield Parameter(
                name, Parameter.KEYWORD_ONLY, default=default, annotation=hint
            )
