"""Attributes of libraries that none promises: all in use, and what is done without.

They are private or documented nowhere, so each is asked for by way of this table only,
and may be missing. ``tests/test_foreign_names.py`` finds private ones
that are not.
"""

from typing import Any, NamedTuple


class PrivateName(NamedTuple):
    """One such attribute."""

    owner: str  # the class that has it
    attribute: str  # its name
    # versions in which it has been seen to be there and to do what is wanted
    holds_for: str
    without: str  # what happens where it is missing

    def of(self, thing: Any, default: Any = None) -> Any:
        """Get it from an object that may not have it."""
        return getattr(thing, self.attribute, default)

    def put(self, thing: Any, value: Any) -> None:
        """Set it on an object that has it."""
        setattr(thing, self.attribute, value)


VALIDATOR = PrivateName(
    "typer.core.TyperOption, typer.core.TyperArgument",
    "_runtime_param",
    "Typer 0.29; not there before",
    "pydantic is imported, a tenth of a second, where Typer asks for it",
)
DESCRIPTOR = PrivateName(
    "typer.core.TyperOption, typer.core.TyperArgument",
    "type_descriptor",
    "Typer 0.29, with an ``annotation``; not there before",
    "every value that is typed is left to Typer's own validator",
)
VALIDATOR_MAKER = PrivateName(
    "typer.core.TyperOption, typer.core.TyperArgument",
    "get_runtime_param",
    "Typer 0.29; not there before",
    "as without the validator's attribute",
)
RESULTS = PrivateName(
    "concurrent.futures.ProcessPoolExecutor",
    "_result_queue",
    "Python 3.11 to 3.14",
    "a worker killed while it sends a result is waited for until Ctrl-C",
)
SENDER = PrivateName(
    "multiprocessing.queues.SimpleQueue",
    "_writer",
    "Python 3.11 to 3.14",
    "as without the queue of results",
)
