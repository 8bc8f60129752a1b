"""What is declared of a setting on the field that holds it: limits and other names."""

from collections.abc import Callable, Iterator
from dataclasses import Field, dataclass, field, fields
from typing import Any, NamedTuple, TypeVar

WHOLE = "a whole number"
NUMBER = "a number"
DERIVED = "is_derived"  # of fields that are no settings: others decide them
DECLARED = ("limit", "each", "aliases", "is_later")
T = TypeVar("T")


@dataclass(frozen=True)
class Limit:
    """What a value, already of the right type, must be besides."""

    allows: Callable[[Any], bool]  # whether a value is allowed
    expected: str  # what is, in words
    # far more than any detector uses, of lists the number of elements. Beyond it a
    # setting is a slip, and the work, the memory or the precision of float32 would give
    # out; None where there is no such number
    most: float | None = None
    # least and most that are allowed, of lists those of every number in them; None
    # where there is no such end. For those who cannot call `allows`
    ends: tuple[float | None, float | None] = (None, None)


class Conflict(NamedTuple):
    """Values that are fine one by one but not together."""

    paths: tuple[str, ...]
    expected: str
    hint: str | None = None


def at_least(least: float, noun: str = NUMBER, *, most: float | None = None) -> Limit:
    """Limit a number from below."""
    expected = f"{noun} of at least {least}"
    return Limit(lambda value: value >= least, expected, most, (least, most))


def between(least: float, most: float) -> Limit:
    """Limit a number from both sides."""
    expected = f"a number from {least} to {most:g}"
    return Limit(lambda value: least <= value <= most, expected, ends=(least, most))


# Less than any detector uses. float32, in which assignment is computed, holds it, its
# square and their inverses; what is smaller still may be 0 there.
LEAST = 1e-4
SHARE, ABOVE_ZERO = between(0, 1), between(LEAST, 1)


def setting(
    default: T,
    limit: Limit | None = None,
    *,
    each: Limit | None = None,
    aliases: tuple[str, ...] = (),
    is_later: bool = False,
) -> T:
    """Declare a field of a dataclass of settings.

    Parameters
    ----------
    default : its origin belongs beside it, in a comment
    limit : of the value
    each : of every element of a list
    aliases : what the frameworks call the setting. Only names that mean one thing: an
        `img_scale` may be (long, short) or (height, width), a `min_size` may be of
        images
    is_later : answers saved before there was the setting stand for its default
    """
    declared = {"limit": limit, "each": each, "aliases": aliases, "is_later": is_later}
    return field(default=default, metadata=declared)


def settings_of(declaring: Any) -> Iterator[Field[Any]]:
    """Fields of a dataclass, or of what is one, that are settings."""
    return (one for one in fields(declaring) if DERIVED not in one.metadata)
