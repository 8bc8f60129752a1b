"""What other values of a setting would do, and which value to take, by what rule.

One reading of the data set serves all: `run.summarize` takes the settings of every
combination at once, and does what they share only once.
"""

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, get_origin

from atss_inspect.errors import SettingsError
from atss_inspect.settings import Settings, override, parameters
from atss_inspect.statistics.summary import SIZE_BINS, Summary
from atss_inspect.statistics.tally import Group

ORIGIN = "sweep"
LEVELS = "levels"  # names strides as users do: P3-P7
STRIDES, K = "anchors.strides", "assigner.k"
SHORT_SIDE, LONG_SIDE = "resize.short_side", "resize.long_side"
MOST_VALUES = 500
# What improves by no more than this does not count, when a smallest k is looked for:
# a thousandth of the objects without a positive, a hundredth of Gini.
SHARE_TOLERANCE = Fraction(1, 1000)
GINI_TOLERANCE = 0.01
_HINT = "for example sweep k=3:19:2, short_side=480,640,800 or levels=P2-P6,P3-P7"


@dataclass(frozen=True)
class Axis:
    """A setting and the values to try."""

    name: str  # as typed, for headings
    path: str  # dotted
    values: tuple[Any, ...]  # of the setting's type, each once, in the order asked for
    labels: tuple[str, ...]  # how each value is shown


@dataclass(frozen=True)
class Point:
    """One combination of values."""

    values: dict[str, Any]  # by dotted path, what was asked for
    followers: dict[str, Any]  # by dotted path, what changes with them: the long side
    labels: tuple[str, ...]  # of `values`, one per axis
    settings: Settings  # with all of them


def parse_axes(texts: Sequence[str]) -> tuple[Axis, ...]:
    """Read ``NAME=VALUES`` texts; two or more make a grid.

    Raises `SettingsError` for an unknown setting, a value or range that cannot be, or
    too many of them.
    """
    axes = tuple(map(parse_axis, texts))
    for axis, other in itertools.combinations(axes, 2):
        if axis.path == other.path:
            message = f"{ORIGIN}: {axis.path}: named twice"
            raise SettingsError(message, hint="values are separated by commas")
    number = math.prod(len(axis.values) for axis in axes)
    _require_few(number, " and ".join(axis.name for axis in axes))
    return axes


def parse_axis(text: str) -> Axis:
    """Read one ``NAME=VALUES``.

    Values stand between commas; ``3:19:2`` are the numbers from 3 to 19 in steps of 2,
    both ends included, a step left out is 1; lists stand in brackets; ``levels`` takes
    names of levels, ``P3-P7``.
    """
    name, _, written = text.partition("=")
    name, parts = name.strip(), _split(written)
    if not parts:
        message = f'{ORIGIN}: expected NAME=VALUES, got "{text}"'
        raise SettingsError(message, hint=_HINT)
    labels: dict[Any, str] = {}  # each value once, under the first of its names
    if name.lower() == LEVELS:
        for part in parts:
            labels.setdefault(_strides_of(part), part.upper())
        return Axis(name, STRIDES, tuple(labels), tuple(labels.values()))
    parameter = parameters.find_parameter(name, ORIGIN)
    for value in _values_of(name, parameter, parts, written):
        converted = parameters.convert(parameter, value, ORIGIN)
        labels[converted] = label_of(converted)
    return Axis(name, parameter.path, tuple(labels), tuple(labels.values()))


def _values_of(
    name: str, parameter: parameters.Parameter, parts: list[str], written: str
) -> Iterator[Any]:
    """Read the values of an axis, ranges written out; `convert` has to check them."""
    if parameter.kind in (int, float):
        parts = [value for part in parts for value in _expand(part, name)]
    if get_origin(parameter.kind) is tuple and any(part[0] != "[" for part in parts):
        message = f"{ORIGIN}: {name}: expected lists in brackets, got {written}"
        raise SettingsError(message, hint=f"for example {name}=[1,2],[1,2,4]")
    for part in parts:
        # A list of plain values needs no quotes without its brackets.
        is_plain = part[0] == "[" and part[-1] == "]" and part.count("[") == 1
        yield parameters.parse_text(part[1:-1] if is_plain else part, parameter.kind)


def label_of(value: Any) -> str:
    """Write a value as short as people do: 8, not 8.0."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(label_of, value))}]"
    text = parameters.format_value(value).strip('"')
    return text.removesuffix(".0") if isinstance(value, float) else text


def _split(written: str) -> list[str]:
    """Split at commas outside of brackets."""
    parts, depth = [""], 0
    for sign in written:
        depth += (sign == "[") - (sign == "]")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts if part.strip()]


def _expand(part: str, name: str) -> list[str]:
    """Write out a range; a single number stays as it is."""
    if ":" not in part:
        return [part]
    ends = [*part.split(":"), "1"][:3]
    try:
        start, stop, step = map(Decimal, ends)
        fits = (n.is_finite() and abs(n.adjusted()) < 300 for n in (start, stop, step))
        if part.count(":") > 2 or not all(fits):  # floats hold no larger ones
            raise InvalidOperation
    except InvalidOperation as error:
        message = f'{ORIGIN}: {name}: expected START:STOP:STEP, got "{part}"'
        raise SettingsError(message, hint=_HINT) from error
    if step <= 0 or stop < start:
        wanted = "a step above 0" if step <= 0 else "START at most STOP"
        message = f'{ORIGIN}: {name}: expected {wanted}, got "{part}"'
        raise SettingsError(message)
    number = ((stop - start) / step).to_integral_value(ROUND_FLOOR) + 1
    _require_few(number, name)
    # Decimal steps: 0.4 and eight times 0.05 is 0.8, as if typed.
    return [format(start + count * step, "f") for count in range(int(number))]


def _require_few(number: int | Decimal, name: str) -> None:
    """Refuse what is more likely a slip than a wish."""
    if number > MOST_VALUES:
        allowed = f"at most {MOST_VALUES} values in all"
        message = f"{ORIGIN}: {name}: expected {allowed}, got {number}"
        raise SettingsError(message)


def _strides_of(part: str) -> tuple[int, ...]:
    """Strides of levels named by their first and last: P3-P7."""
    found = re.fullmatch(r"P(\d{1,2})(?:-P(\d{1,2}))?", part.upper())
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if last < first or last > 12:
        message = f'{ORIGIN}: {LEVELS}: expected levels such as P3-P7, got "{part}"'
        hint = "P3 has stride 8, P4 16, ...; levels=P2-P7 adds a finer one to P3-P7"
        raise SettingsError(message, hint=hint)
    return tuple(2**level for level in range(first, last + 1))


def expand(
    base: Settings, axes: Sequence[Axis], *, fixed: Sequence[str] = ()
) -> tuple[Point, ...]:
    """Make the settings of every combination, the last axis changing fastest.

    Raises `SettingsError` for a setting that the assigner does not have, or values in
    conflict. ``base`` holds for everything that is not swept, and ``fixed`` are paths
    that stay as it has them. If neither these nor an axis names ``resize.long_side``,
    it follows ``resize.short_side`` in proportion, rounded half up.
    """
    points, paths = [], [axis.path for axis in axes]
    pairs = [zip(axis.values, axis.labels, strict=True) for axis in axes]
    for named in itertools.product(*pairs):
        values = dict(zip(paths, (value for value, _ in named), strict=True))
        followers = _followers(base, values, fixed)
        try:
            settings = override(base, values | followers)
        except SettingsError as error:
            message = str(error).replace("override:", f"{ORIGIN}:", 1)
            raise SettingsError(message, hint=error.hint) from error
        labels = tuple(label for _, label in named)
        points.append(Point(values, followers, labels, settings))
    return tuple(points)


def _followers(
    base: Settings, values: dict[str, Any], fixed: Sequence[str]
) -> dict[str, Any]:
    """Keep the shape of the largest image while its short side is swept."""
    is_fixed = base.resize.rule in ("stretch", "letterbox")
    if is_fixed or SHORT_SIDE not in values or LONG_SIDE in {*values, *fixed}:
        return {}
    long_side = Decimal(base.resize.long_side * values[SHORT_SIDE])
    long_side = (long_side / base.resize.short_side).quantize(Decimal(1), ROUND_HALF_UP)
    return {LONG_SIDE: max(int(long_side), 1)}


def is_over_k(axes: Sequence[Axis]) -> bool:
    """Whether k is swept, and nothing else."""
    return [axis.path for axis in axes] == [K]


def choose(
    base: Settings,
    axes: Sequence[Axis],
    points: Sequence[Point],
    summaries: Sequence[Summary],
) -> int | None:
    """Choose a row of a sweep.

    For k alone: of those that leave hardly more objects without a positive than the
    best does, the smallest after which nothing improves by more than the tolerances,
    neither a share of objects without a positive, of all or of any size, nor the Gini
    coefficient. Where k changes none of these, and for other settings, the smallest
    share of objects without a positive, of equals the one nearest to ``base``, of these
    the first. None where there are no objects.
    """
    filled = [row for row, summary in enumerate(summaries) if summary.num_objects]
    if is_over_k(axes) and filled and not are_equal(summaries):
        fit = leaving_few(filled, summaries)
        by_k = sorted(fit, key=lambda row: points[row].values[K])
        for place, row in enumerate(by_k):
            larger = [summaries[other] for other in by_k[place + 1 :]]
            if not any(improves(summaries[row], other) for other in larger):
                return row
    return min(
        filled,
        key=lambda row: (exact_share(summaries[row]), distance(base, points[row])),
        default=None,
    )


def leaving_few(rows: Sequence[int], summaries: Sequence[Summary]) -> list[int]:
    """List the rows whose starved share is within the tolerance of the least.

    What a size or Gini gains by starving more objects is no improvement.
    """
    shares = {row: exact_share(summaries[row]) for row in rows}
    least = min(shares.values())
    return [row for row, share in shares.items() if share - least <= SHARE_TOLERANCE]


def exact_share(counts: Group | Summary) -> Fraction:
    """Exact share of objects without a positive; there must be objects."""
    return Fraction(counts.num_unassigned, counts.num_objects)


def are_equal(summaries: Iterable[Summary]) -> bool:
    """Whether all starve as many objects of each size, and share as evenly."""
    counts = {
        (one.gini, *((each.num_objects, each.num_unassigned) for each in _groups(one)))
        for one in summaries
    }
    return len(counts) == 1


def improves(one: Summary, other: Summary) -> bool:
    """Whether the other is better by more than a tolerance."""
    pairs = zip(_groups(one), _groups(other), strict=True)
    if any(gain(before, after) > SHARE_TOLERANCE for before, after in pairs):
        return True
    return (one.gini or 0.0) - (other.gini or 0.0) > GINI_TOLERANCE


def gain(before: Group, after: Group) -> Fraction:
    """How far the share of objects without a positive falls; exact."""
    if not (before.num_objects and after.num_objects):
        return Fraction(0)
    return exact_share(before) - exact_share(after)


def _groups(summary: Summary) -> Iterator[Group]:
    """Count all objects, and those of each size."""
    yield summary.every_object
    yield from map(summary.of_sizes, SIZE_BINS)


def distance(base: Settings, point: Point) -> tuple[float, ...]:
    """Measure how far a combination is from what holds without it, axis by axis."""
    own = base.values()
    return tuple(_between(own.get(path), new) for path, new in point.values.items())


def _between(old: Any, new: Any) -> float:
    """Measure a change: of numbers the difference, of lists what comes and goes."""
    if old == new:
        return 0.0
    if isinstance(old, int | float) and isinstance(new, int | float):
        return abs(float(new) - float(old))
    if isinstance(old, tuple) and isinstance(new, tuple):
        return float(len(set(old) ^ set(new)) or 1)
    return 1.0
