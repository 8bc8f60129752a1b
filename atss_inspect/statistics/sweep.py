"""What other values of a setting would do, and which value to take, by what rule.

One reading of the data set serves all: `run.summarize` takes the settings of every
combination at once, and does what they share only once.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from enum import Enum, auto
from typing import Any, get_args, get_origin

from atss_inspect.assigners.anchor_rule import strides_of_levels
from atss_inspect.errors import SettingsError
from atss_inspect.settings import Settings, override, parameters
from atss_inspect.settings.layers import DEFAULT_ASSIGNER, LOOKED_AT_BY, without_effect
from atss_inspect.statistics.advice import (
    GAIN_OF_ALL,
    Effect,
    effect_of,
    has_same_bar,
    losers,
    recommend,
)
from atss_inspect.statistics.bootstrap import FEWEST_IMAGES
from atss_inspect.statistics.grades import Grade, judge
from atss_inspect.statistics.price import Price, price_of
from atss_inspect.statistics.summary import Summary

ORIGIN = "sweep"
LEVELS = "levels"  # names strides as users do: P3-P7
STRIDES = "anchors.strides"
SHORT_SIDE, LONG_SIDE = "resize.short_side", "resize.long_side"
PAD_TO = "resize.pad_to"
SIZE = "resize.size"  # instead of both, of rules that go to one size
MOST_VALUES = 500
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


def parse_axes(
    texts: Sequence[str], assigner: str = DEFAULT_ASSIGNER
) -> tuple[Axis, ...]:
    """Read ``NAME=VALUES`` texts; two or more make a grid.

    ``assigner``: what is swept, which decides between settings of one alias.
    Raises `SettingsError` for an unknown setting, a value or range that cannot be, or
    too many of them.
    """
    axes = tuple(parse_axis(text, assigner) for text in texts)
    for axis, other in itertools.combinations(axes, 2):
        if axis.path == other.path:
            message = f"{ORIGIN}: {axis.path}: named twice"
            raise SettingsError(message, hint="values are separated by commas")
    number = math.prod(len(axis.values) for axis in axes)
    _require_few(number, " and ".join(axis.name for axis in axes))
    return axes


def parse_axis(text: str, assigner: str = DEFAULT_ASSIGNER) -> Axis:
    """Read one ``NAME=VALUES``.

    Values stand between commas; ``3:19:2`` are the numbers from 3 to 19 in steps of 2,
    both ends included, a step left out is 1; lists stand in brackets; ``levels`` takes
    names of levels, ``P3-P7``.
    """
    name, _, written = text.partition("=")
    name, parts = name.strip(), _split(written)
    if not parts:
        raise SettingsError(ORIGIN, f'expected NAME=VALUES, got "{text}"', hint=_HINT)
    labels: dict[Any, str] = {}  # each value once, under the first of its names
    if name.lower() == LEVELS:
        for part in parts:
            labels.setdefault(_strides_of(part), part.upper())
        return Axis(name, STRIDES, tuple(labels), tuple(labels.values()))
    parameter = parameters.find_parameter(name, ORIGIN, assigner)
    for value in _values_of(name, parameter, parts, written):
        converted = parameters.convert(parameter, value, ORIGIN)
        is_side = parameters.is_square(name) and len({*converted}) == 1
        labels[converted] = label_of(converted[0] if is_side else converted)
    return Axis(name, parameter.path, tuple(labels), tuple(labels.values()))


def _values_of(
    name: str, parameter: parameters.Parameter, parts: list[str], written: str
) -> Iterator[Any]:
    """Read the values of an axis, ranges written out; `convert` has to check them."""
    is_square = parameters.is_square(name)
    if is_square or parameter.kind in (int, float):
        parts = [value for part in parts for value in _expand(part, name)]
    is_list = get_origin(parameter.kind) is tuple
    if is_list and not is_square and any(part[0] != "[" for part in parts):
        if Ellipsis not in get_args(parameter.kind):
            raise _two_numbers(name, parts)
        message = f"{ORIGIN}: {name}: expected lists in brackets, got {written}"
        raise SettingsError(message, hint=f"for example {name}=[1,2],[1,2,4]")
    for part in parts:
        # A list of plain values needs no quotes without its brackets.
        is_plain = part[0] == "[" and part[-1] == "]" and part.count("[") == 1
        text = part[1:-1] if is_plain else part
        yield parameters.parse_text(text, parameter.kind)


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
        raise SettingsError(ORIGIN, f'{name}: expected {wanted}, got "{part}"')
    number = ((stop - start) / step).to_integral_value(ROUND_FLOOR) + 1
    _require_few(number, name)
    # Decimal steps: 0.4 and eight times 0.05 is 0.8, as if typed.
    return [format(start + count * step, "f") for count in range(int(number))]


def _require_few(number: int | Decimal, name: str) -> None:
    """Refuse what is more likely a slip than a wish."""
    if number > MOST_VALUES:
        allowed = f"at most {MOST_VALUES} values in all"
        raise SettingsError(ORIGIN, f"{name}: expected {allowed}, got {number}")


def _strides_of(part: str) -> tuple[int, ...]:
    """Strides of levels named by their first and last: P3-P7."""
    if strides := strides_of_levels(part):
        return strides
    message = f'{ORIGIN}: {LEVELS}: expected levels such as P3-P7, got "{part}"'
    hint = "P3 has stride 8, P4 16, ...; levels=P2-P7 adds a finer one to P3-P7"
    raise SettingsError(message, hint=hint)


def expand(
    base: Settings, axes: Sequence[Axis], *, fixed: Sequence[str] = ()
) -> tuple[Point, ...]:
    """Make the settings of every combination, the last axis changing fastest.

    Raises `SettingsError` for a setting that the assigner does not have, or values in
    conflict. ``base`` holds for everything that is not swept, and ``fixed`` are paths
    that stay as it has them. If neither these nor an axis names ``resize.long_side``,
    it follows ``resize.short_side`` in proportion, rounded half up; so do the sides
    that images are padded to.
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


def require_effect(axes: Sequence[Axis], points: Sequence[Point]) -> None:
    """Refuse a setting that decides nothing in any row."""
    every = [one.settings for one in points]
    idle = (without_effect(one.rule, one.values()) for one in every)
    for path in {axis.path for axis in axes}.intersection(*idle):
        found = f"{path}: has no effect on {every[0].name}, whatever its value"
        by = LOOKED_AT_BY.get(path)
        raise SettingsError(ORIGIN, found, hint=by and f"it has with {by}")


def require_other_axes(base: Settings, axes: Sequence[Axis], *, is_drawn: bool) -> None:
    """Refuse axes that what is drawn decides: short sides, and what is drawn."""
    for path in (axis.path for axis in axes):
        if path.startswith("augment."):
            message = f"{ORIGIN}: {path}: what is drawn is the same in every row"
            raise SettingsError(message, hint="`stats` counts over what is drawn")
        if path == SHORT_SIDE and is_drawn and base.augment.draws_sides:
            message = f"{ORIGIN}: {path}: short sides are drawn already"
            raise SettingsError(message, hint="sweep another setting, or draw none")


def _followers(
    base: Settings, values: dict[str, Any], fixed: Sequence[str]
) -> dict[str, Any]:
    """Keep the shape of the largest image, and of what it is padded to."""
    if not base.resize.has_sides or SHORT_SIDE not in values:
        return {}

    def scaled(side: int) -> int:
        exact = Decimal(side * values[SHORT_SIDE]) / base.resize.short_side
        return max(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), 1)

    found: dict[str, Any] = {LONG_SIDE: scaled(base.resize.long_side)}
    if base.resize.pad_to:
        found[PAD_TO] = tuple(map(scaled, base.resize.pad_to))
    return {path: found[path] for path in found if path not in {*values, *fixed}}


class Outcome(Enum):
    """What a sweep comes to; all but the first keep today's settings."""

    CHANGE = auto()  # a row is worth a change
    NO_OBJECTS = auto()
    NO_OTHER_VALUE = auto()  # nothing but today's settings was tried
    FEW_IMAGES = auto()  # to tell a difference from chance
    FEW_BLOCKS = auto()  # of images have objects
    OTHER_OBJECTS = auto()  # every other row keeps other objects
    OTHER_POSITIVES = auto()  # in every other row something else counts as a positive
    NO_DIFFERENCE = auto()
    NOT_BETTER = auto()  # other rows are worse, or hardly better
    TOO_DEAR = auto()  # what a row gains is too little for what it costs
    FINE = auto()  # a row gains, but nothing needs changing
    SOME_LOSE = auto()  # what some objects gain others lose


# Those where other kinds of changes may do better.
RANKED = {
    *(Outcome.CHANGE, Outcome.NO_DIFFERENCE, Outcome.NOT_BETTER),
    *(Outcome.TOO_DEAR, Outcome.SOME_LOSE),
}


@dataclass(frozen=True)
class Advice:
    """What a sweep says of each of its rows, and which is worth a change."""

    outcome: Outcome
    choice: int | None  # place of the row to change to; None keeps today's settings
    prices: tuple[Price, ...]  # of each row, as multiples of today's
    # What each row does to the same objects; None where these cannot be compared.
    effects: tuple[Effect | None, ...]
    is_fine: bool  # the grade of today's settings

    @property
    def has_prices(self) -> bool:
        """Whether any row costs more or less than today's settings."""
        return {f"{ratio:.2f}" for price in self.prices for ratio in price} != {"1.00"}


def advise(
    base: Settings,
    today: Summary,
    points: Sequence[Point],
    summaries: Sequence[Summary],
    *,
    sizes: Sequence[str] = (),
) -> Advice:
    """Compare every row with today's settings, and choose the row to change to.

    ``base`` are today's settings, and ``today`` is what they do to the same images;
    ``sizes`` are the only ones looked at, if not all are.
    """
    price = price_per_image(base, today)
    rows = list(zip([point.settings for point in points], summaries, strict=True))
    prices = tuple(price_per_image(*row).relative_to(price) for row in rows)
    are_ranked = [_is_comparable((base, today), row) for row in rows]
    is_fine = judge(today, base, sizes=sizes).grade is Grade.FINE
    looks, costs = sum(are_ranked), [one.multiply_adds for one in prices]
    effects = tuple(
        effect_of(today, one, looks, cost, is_fine=is_fine) if is_ranked else None
        for is_ranked, one, cost in zip(are_ranked, summaries, costs, strict=True)
    )
    choice = recommend(effects, [distance(base, point) for point in points])
    others = [row for row, (settings, _) in enumerate(rows) if settings != base]
    outcome = Outcome.CHANGE
    if choice is None:
        is_alike = any(keeps_objects(today, summaries[row]) for row in others)
        outcome = _kept_for(today, [effects[row] for row in others], is_alike=is_alike)
    return Advice(outcome, choice, prices, effects, is_fine)


def _is_comparable(
    today: tuple[Settings, Summary], other: tuple[Settings, Summary]
) -> bool:
    """Whether a row means the same as today's, of the same objects."""
    (base, before), (each, after) = today, other
    return (
        base.rule.name == each.rule.name
        and has_same_bar(base, each)
        and before.by_size.need == after.by_size.need  # quotas of gates
        and keeps_objects(before, after)
    )


def _kept_for(
    today: Summary, others: Sequence[Effect | None], *, is_alike: bool
) -> Outcome:
    """Why today's settings are kept; ``others`` are the effects of the other rows."""
    if not today.num_objects:
        return Outcome.NO_OBJECTS
    if not others:
        return Outcome.NO_OTHER_VALUE
    if today.num_images < FEWEST_IMAGES:
        return Outcome.FEW_IMAGES
    effects = [one for one in others if one]
    if not effects:
        return Outcome.OTHER_POSITIVES if is_alike else Outcome.OTHER_OBJECTS
    if all(one.poorly[0].interval is None for one in effects):
        return Outcome.FEW_BLOCKS
    return _held_back(effects)


def _held_back(effects: Sequence[Effect]) -> Outcome:
    """What speaks against the gains that there are, if any."""
    if any(one.gain_if_free for one in effects):
        return Outcome.FINE if effects[0].is_fine else Outcome.TOO_DEAR
    if any(one.gain_others_pay for one in effects):
        return Outcome.SOME_LOSE
    measured = [each for one in effects for _, each in one.measures]
    changes = [one for each in measured for one in (each[0], *losers(each))]
    if any(not one.is_none and abs(one.change) >= GAIN_OF_ALL for one in changes):
        return Outcome.NOT_BETTER
    return Outcome.NO_DIFFERENCE


def price_per_image(settings: Settings, summary: Summary) -> Price:
    """Price of the average image."""
    number = max(summary.num_images, 1)
    cells = [float(each / number) for each in summary.level_cells.tolist()]
    per_cell = settings.pyramid.per_cell.tolist()
    pixels = float(summary.num_pixels / number)
    return price_of(pixels, settings.anchors.strides, cells, per_cell)


def keeps_objects(before: Summary, after: Summary) -> bool:
    """Whether two conventions keep the same objects, but for one in a thousand."""
    pairs = zip(before.by_size.groups, after.by_size.groups, strict=True)
    return all(
        abs(one.num_objects - other.num_objects) <= one.num_objects / 1000
        for one, other in pairs
    )


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
