"""Private attributes of libraries: all that are used, and what is done without them.

No library promises them, so each is asked for by way of this table only, and may be
missing. ``tests/test_foreign_names.py`` finds those that are not.
"""

from typing import Any, NamedTuple


class PrivateName(NamedTuple):
    """One private attribute.

    Attributes
    ----------
    owner : the class that has it
    attribute : its name
    holds_for : versions in which it has been seen to be there and to do what is wanted
    without : what happens where it is missing
    """

    owner: str
    attribute: str
    holds_for: str
    without: str

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
HALF_SENDER = PrivateName(
    "multiprocessing.connection.Connection",
    "_send",
    "Python 3.11 to 3.14",
    "the one test that uses it is skipped",
)
