"""Options that are text, or were not typed, need no validator.

Typer from 0.29 on builds a pydantic validator for every parameter of a command, typed
or not, and importing pydantic takes as long as assigning ten thousand objects. Typer
keeps the validator of a parameter in one attribute and builds it when that is empty;
here it is filled with a stand-in that passes on what needs no validation and builds
Typer's own for the rest. A Typer without that attribute is left alone.
"""

from typing import Any

from atss_inspect.private_names import VALIDATOR

_MISSING = object()


class Unvalidated:
    """Stands in for a parameter's validator until a value needs one."""

    def coerce(self, value: Any, *, param: Any, ctx: Any) -> Any:
        """Give text and defaults as they are; let Typer convert the rest."""
        annotation = param.type_descriptor.annotation
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if annotation is str and isinstance(value, str):
            return value
        if annotation == list[str] and isinstance(value, (list, tuple)):
            return list(value)
        if annotation is int and type(value) is int:
            return value
        VALIDATOR.put(param, None)
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)


def spare_validator(parameter: Any) -> None:
    """Keep a parameter from building a validator before a value needs one."""
    if VALIDATOR.of(parameter, _MISSING) is None:
        VALIDATOR.put(parameter, Unvalidated())
