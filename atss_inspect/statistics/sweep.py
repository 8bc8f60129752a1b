"""What other values of a setting would do, and which value to take, by what rule.

One reading of the data set serves all: `run.summarize` takes the settings of every
combination at once, and does what they share only once.
"""

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from enum import Enum, auto
from typing import Any, get_args, get_origin

from atss_inspect.errors import SettingsError
from atss_inspect.settings import Settings, override, parameters
from atss_inspect.statistics.advice import (
    GAIN_OF_ALL,
    Effect,
    Option,
    best_fall,
    effect_of,
    losers,
    recommend,
)
from atss_inspect.statistics.bootstrap import FEWEST_IMAGES
from atss_inspect.statistics.price import Price, price_of
from atss_inspect.statistics.summary import Summary

ORIGIN = "sweep"
LEVELS = "levels"  # names strides as users do: P3-P7
STRIDES, K = "anchors.strides", "assigner.k"
SHORT_SIDE, LONG_SIDE = "resize.short_side", "resize.long_side"
MOST_VALUES = 500
RANGES = "assigner.scale_ranges"
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
    is_list = get_origin(parameter.kind) is tuple
    if is_list and any(part[0] != "[" for part in parts):
        if Ellipsis not in get_args(parameter.kind):
            raise _two_numbers(name, parts)
        message = f"{ORIGIN}: {name}: expected lists in brackets, got {written}"
        raise SettingsError(message, hint=f"for example {name}=[1,2],[1,2,4]")
    for part in parts:
        # A list of plain values needs no quotes without its brackets.
        is_plain = part[0] == "[" and part[-1] == "]" and part.count("[") == 1
        yield parameters.parse_text(part[1:-1] if is_plain else part, parameter.kind)


def _two_numbers(name: str, parts: Sequence[str]) -> SettingsError:
    """Make the error for sides where each value is a height and a width."""
    sides = [part for part in parts if part.isdecimal()][:3] or ["512", "640"]
    pairs = ",".join(f"[{side},{side}]" for side in sides)
    message = f"{ORIGIN}: {name}: each value is a height and a width, in brackets"
    hint = f"for squares: {name}={pairs}"
    return SettingsError(f"{message}; got {','.join(parts)}", hint=hint)


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
            message, hint = str(error).replace("override:", f"{ORIGIN}:", 1), error.hint
            if RANGES in base.values() and STRIDES in values and "range" in message:
                hint = f"--set {RANGES}=[] derives them from the strides"
            raise SettingsError(message, hint=hint) from error
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


class Outcome(Enum):
    """What a sweep comes to; all but the first keep today's settings."""

    CHANGE = auto()  # a row is worth a change
    NO_OBJECTS = auto()
    NO_OTHER_VALUE = auto()  # nothing but today's settings was tried
    FEW_IMAGES = auto()  # to tell a difference from chance
    OTHER_OBJECTS = auto()  # every other row keeps other objects
    OTHER_POSITIVES = auto()  # in every other row something else counts as a positive
    NO_DIFFERENCE = auto()
    NOT_BETTER = auto()  # other rows are worse, or no better
    SOME_LOSE = auto()  # what some objects gain others lose


@dataclass(frozen=True)
class Advice:
    """What a sweep says of each of its rows, and which is worth a change.

    Attributes
    ----------
    outcome : what it comes to
    choice : place of the row to change to; None where today's settings are kept
    prices : of each row, as multiples of today's
    effects : what each row does to the same objects; None for rows that cannot be
        compared with today's settings
    """

    outcome: Outcome
    choice: int | None
    prices: tuple[Price, ...]
    effects: tuple[Effect | None, ...]


def advise(
    base: Settings,
    today: Summary,
    points: Sequence[Point],
    summaries: Sequence[Summary],
) -> Advice:
    """Compare every row with today's settings, and choose the row to change to.

    ``base`` are today's settings, and ``today`` is what they do to the same images.
    """
    price = price_per_image(base, today)
    prices = tuple(
        price_per_image(point.settings, one).relative_to(price)
        for point, one in zip(points, summaries, strict=True)
    )
    pairs = list(zip(points, summaries, strict=True))
    are_alike = [keeps_objects(today, one) for _, one in pairs]
    are_ranked = [
        is_alike and has_same_bar(base, point.settings)
        for is_alike, (point, _) in zip(are_alike, pairs, strict=True)
    ]
    effects = tuple(
        effect_of(today, one, sum(are_ranked)) if is_ranked else None
        for is_ranked, one in zip(are_ranked, summaries, strict=True)
    )
    options = {
        row: Option(effect, prices[row], distance(base, points[row]))
        for row, effect in enumerate(effects)
        if effect
    }
    found, rows = recommend(list(options.values())), list(options)
    choice = None if found is None else rows[found]
    advice = Advice(Outcome.CHANGE, choice, prices, effects)
    if choice is not None:
        return advice
    others = [row for row, point in enumerate(points) if point.settings != base]
    if not others:
        outcome = Outcome.NO_OTHER_VALUE
    elif not set(others) & set(rows):
        is_alike = any(are_alike[row] for row in others)
        outcome = Outcome.OTHER_POSITIVES if is_alike else Outcome.OTHER_OBJECTS
    else:
        outcome = _kept_for(advice, others)
    if not today.num_objects:
        outcome = Outcome.NO_OBJECTS
    elif today.num_images < FEWEST_IMAGES and others:
        outcome = Outcome.FEW_IMAGES
    return replace(advice, outcome=outcome)


def _kept_for(advice: Advice, others: Sequence[int]) -> Outcome:
    """Why today's settings are kept, where other rows can be compared with them."""
    effects = [effect for row in others if (effect := advice.effects[row])]
    ranked = [one for effect in effects for _, one in effect.measures]
    if any(best_fall(one.poorly) for one in effects if losers(one.poorly)):
        return Outcome.SOME_LOSE
    changes = [one for each in ranked for one in (each[0], *losers(each))]
    if any(not one.is_none and abs(one.change) >= GAIN_OF_ALL for one in changes):
        return Outcome.NOT_BETTER
    return Outcome.NO_DIFFERENCE


def price_per_image(settings: Settings, summary: Summary) -> Price:
    """Price of the average image."""
    number = max(summary.num_images, 1)
    cells = (summary.level_cells / number).tolist()
    per_cell = settings.pyramid.anchors_per_cell
    pixels = summary.num_pixels / number
    return price_of(pixels, settings.anchors.strides, cells, per_cell)


def keeps_objects(before: Summary, after: Summary) -> bool:
    """Whether two conventions keep the same objects, but for one in a thousand."""
    pairs = zip(before.by_size.groups, after.by_size.groups, strict=True)
    return all(
        abs(one.num_objects - other.num_objects) <= one.num_objects / 1000
        for one, other in pairs
    )


def has_same_bar(one: Settings, other: Settings) -> bool:
    """Whether the same counts as a positive: a lower bar takes worse anchors."""
    bars = [(each.rule.name, each.rule.bar(each.assigner)) for each in (one, other)]
    return bars[0] == bars[1]


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
