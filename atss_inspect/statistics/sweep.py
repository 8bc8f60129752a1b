"""What other values of a setting would do: one reading, a summary for every value."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from functools import partial
from operator import add
from typing import TYPE_CHECKING, Any, get_origin

from atss_inspect.annotations.data_rules import DataRules
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import Frame, build_frame
from atss_inspect.annotations.resize import ResizeRule
from atss_inspect.errors import SettingsError
from atss_inspect.settings import Settings, override
from atss_inspect.settings.paths import Parameter, find_parameter
from atss_inspect.settings.values import convert, format_value, parse_text
from atss_inspect.statistics.run import (
    OnChunk,
    assign_frame,
    map_chunks,
    with_reader_losses,
)
from atss_inspect.statistics.summary import Selection, Summary, summarize_assignment

if TYPE_CHECKING:
    from concurrent.futures import Executor

ORIGIN = "sweep"
LEVELS = "levels"  # names strides as users do: P3-P7
STRIDES, K = "anchors.strides", "assigner.k"
SHORT_SIDE, LONG_SIDE = "resize.short_side", "resize.long_side"
MOST_VALUES = 500
_HINT = "for example sweep k=3:19:2, short_side=480,640,800 or levels=P2-P6,P3-P7"


@dataclass(frozen=True)
class Axis:
    """A setting and the values to try.

    Attributes
    ----------
    name : as typed, for headings
    path : dotted
    values : of the setting's type, each once, in the order asked for
    labels : how each value is shown
    """

    name: str
    path: str
    values: tuple[Any, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Point:
    """One combination of values.

    Attributes
    ----------
    values : by dotted path, what was asked for
    followers : by dotted path, what changes with them: the long side
    labels : of ``values``, one per axis
    settings : with all of them
    """

    values: dict[str, Any]
    followers: dict[str, Any]
    labels: tuple[str, ...]
    settings: Settings


# --- reading what to sweep ---------------------------------------------------------


def parse_axes(texts: Sequence[str]) -> tuple[Axis, ...]:
    """Read ``NAME=VALUES`` texts; two or more make a grid.

    Raises
    ------
    SettingsError
        For an unknown setting, a value or range that cannot be, or too many of them.
    """
    axes = tuple(map(parse_axis, texts))
    for axis, other in itertools.combinations(axes, 2):
        if axis.path == other.path:
            message = f"{ORIGIN}: {axis.path}: named twice"
            raise SettingsError(message, hint="values are separated by commas")
    number = 1
    for axis in axes:
        number *= len(axis.values)
    _require_few(number, " and ".join(axis.name for axis in axes))
    return axes


def parse_axis(text: str) -> Axis:
    """Read one ``NAME=VALUES``.

    Values stand between commas; ``3:19:2`` are the numbers from 3 to 19 in steps of 2,
    both ends included, a step left out is 1; lists stand in brackets; ``levels`` takes
    names of levels, ``P3-P7``.
    """
    name, equals, written = text.partition("=")
    if not equals or not _split(written):
        message = f'{ORIGIN}: expected NAME=VALUES, got "{text}"'
        raise SettingsError(message, hint=_HINT)
    name = name.strip()
    if name.lower() == LEVELS:
        parts = _split(written)
        strides = [_strides_of(part) for part in parts]
        return _axis(name, find_parameter(STRIDES, ORIGIN), strides, parts)
    parameter = find_parameter(name, ORIGIN)
    parts = _split(written)
    if parameter.kind in (int, float):
        parts = [value for part in parts for value in _expand(part, name)]
    if get_origin(parameter.kind) is tuple and any(part[0] != "[" for part in parts):
        message = f"{ORIGIN}: {name}: expected lists in brackets, got {written}"
        raise SettingsError(message, hint=f"for example {name}=[1,2],[1,2,4]")
    values = [parse_text(_opened(part), parameter.kind) for part in parts]
    return _axis(name, parameter, values, parts)


def _axis(
    name: str, parameter: Parameter, values: Sequence[Any], parts: Sequence[str]
) -> Axis:
    """Check the values, and keep each once."""
    labels: dict[Any, str] = {}
    for value, part in zip(values, parts, strict=True):
        converted = convert(parameter, value, ORIGIN)
        is_level = name.lower() == LEVELS
        labels.setdefault(converted, part.upper() if is_level else label_of(converted))
    return Axis(name, parameter.path, tuple(labels), tuple(labels.values()))


def _opened(part: str) -> str:
    """Take the brackets off a list of plain values, which then needs no quotes."""
    is_plain = part[0] == "[" and part[-1] == "]" and part.count("[") == 1
    return part[1:-1] if is_plain else part


def label_of(value: Any) -> str:
    """Write a value as short as people do: 8, not 8.0."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(label_of, value))}]"
    text = format_value(value).strip('"')
    return text.removesuffix(".0") if isinstance(value, float) else text


def _split(written: str) -> list[str]:
    """Split at commas outside of brackets."""
    parts = [""]
    depth = 0
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
    ends = _range_of(part)
    if ends is None:
        message = f'{ORIGIN}: {name}: expected START:STOP:STEP, got "{part}"'
        raise SettingsError(message, hint=_HINT)
    start, stop, step = ends
    if step <= 0 or stop < start:
        wrong = "a step above 0" if step <= 0 else "START at most STOP"
        message = f'{ORIGIN}: {name}: expected {wrong}, got "{part}"'
        raise SettingsError(message)
    number = ((stop - start) / step).to_integral_value(ROUND_FLOOR) + 1
    _require_few(number, name)
    # Decimal steps: 0.4 and eight times 0.05 is 0.8, as if typed.
    return [format(start + count * step, "f") for count in range(int(number))]


def _range_of(part: str) -> tuple[Decimal, Decimal, Decimal] | None:
    """Read START:STOP:STEP; None where it is no range of numbers that fit a float."""
    ends = [*part.split(":"), "1"][:3]
    try:
        start, stop, step = map(Decimal, ends)
    except InvalidOperation:
        return None
    fit = all(
        end.is_finite() and abs(end.adjusted()) < 300 for end in (start, stop, step)
    )
    return (start, stop, step) if fit and part.count(":") < 3 else None


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


# --- the settings of every combination ---------------------------------------------


def expand(
    base: Settings, axes: Sequence[Axis], *, fixed: Sequence[str] = ()
) -> tuple[Point, ...]:
    """Make the settings of every combination, the last axis changing fastest.

    Parameters
    ----------
    base : what holds for everything that is not swept
    axes : what is swept
    fixed : paths that stay as ``base`` has them. If neither this nor an axis names
        ``resize.long_side``, it follows ``resize.short_side`` in proportion, rounded
        half up

    Raises
    ------
    SettingsError
        For a setting that the assigner does not have, or values in conflict.
    """
    points = []
    for places in itertools.product(*(range(len(axis.values)) for axis in axes)):
        pairs = list(zip(axes, places, strict=True))
        values = {axis.path: axis.values[place] for axis, place in pairs}
        labels = tuple(axis.labels[place] for axis, place in pairs)
        followers = _followers(base, values, fixed)
        settings = _changed(base, values | followers)
        points.append(Point(values, followers, labels, settings))
    return tuple(points)


def _followers(
    base: Settings, values: dict[str, Any], fixed: Sequence[str]
) -> dict[str, Any]:
    """Keep the shape of the largest image while its short side is swept."""
    if SHORT_SIDE not in values or LONG_SIDE in {*values, *fixed}:
        return {}
    if base.resize.rule in ("stretch", "letterbox"):
        return {}
    long_side = Decimal(base.resize.long_side * values[SHORT_SIDE])
    long_side = (long_side / base.resize.short_side).quantize(Decimal(1), ROUND_HALF_UP)
    return {LONG_SIDE: max(int(long_side), 1)}


def _changed(base: Settings, values: dict[str, Any]) -> Settings:
    """Change some values; errors name the sweep."""
    try:
        return override(base, values)
    except SettingsError as error:
        message = str(error).replace("override:", f"{ORIGIN}:", 1)
        raise SettingsError(message, hint=error.hint) from error


# --- the work ----------------------------------------------------------------------


def sweep(
    dataset: Dataset,
    settings: Sequence[Settings],
    *,
    selection: Selection | None = None,
    executor: "Executor | None" = None,
    on_chunk: OnChunk | None = None,
) -> tuple[Summary, ...]:
    """Count what each of many similar conventions does to the objects of a data set.

    The arguments and the answer are those of `run.summarize`, to the last number; what
    conventions share is done once.
    """
    each = tuple(settings)
    work = partial(sweep_chunk, settings=each, selection=selection or Selection())
    total = work(dataset.slice_images(0, 0))
    for part in map_chunks(work, dataset, executor=executor, on_chunk=on_chunk):
        total = tuple(map(add, total, part))
    return tuple(with_reader_losses(one, dataset) for one in total)


def sweep_chunk(
    chunk: Dataset, settings: tuple[Settings, ...], selection: Selection
) -> tuple[Summary, ...]:
    """Count what each convention does to the objects of one chunk."""
    found: dict[int, Summary] = {}
    for of_frame in _grouped(range(len(settings)), partial(_frame_key, settings)):
        rules = _frame_key(settings, of_frame[0])
        frame = build_frame(chunk, slice(0, chunk.num_images), *rules)
        for family in _grouped(of_frame, partial(_family_key, settings)):
            members = [settings[place] for place in family]
            found |= zip(family, _family(chunk, frame, members, selection), strict=True)
    return tuple(found[place] for place in range(len(settings)))


def _grouped(places: Iterable[int], key: Callable[[int], object]) -> list[list[int]]:
    """Bring together the places with equal keys, in the order they first come."""
    groups: dict[object, list[int]] = {}
    for place in places:
        groups.setdefault(key(place), []).append(place)
    return list(groups.values())


def _frame_key(
    settings: Sequence[Settings], place: int
) -> tuple[DataRules, ResizeRule]:
    """Tell conventions apart that see different boxes."""
    return settings[place].data, settings[place].resize


def _family_key(settings: Sequence[Settings], place: int) -> object:
    """Tell conventions apart that differ in more than k."""
    each = settings[place]
    if each.rule.each_k:
        return each.anchors, each.rule.at_k(each.assigner, 1)
    return each.anchors, each.assigner


def _family(
    chunk: Dataset, frame: Frame, settings: Sequence[Settings], selection: Selection
) -> Iterator[Summary]:
    """Summarize conventions that differ in nothing but k."""
    first = settings[0]
    num_levels = len(first.anchors.strides)
    each_k, params = first.rule.each_k, [each.assigner for each in settings]
    if each_k and len(set(params)) > 1:
        ks = [first.rule.k_of(one) or 0 for one in params]
        assignments = each_k.assign(frame, first.pyramid, first.assigner, ks)
    else:
        assignments = (assign_frame(frame, each) for each in settings)
    for assignment in assignments:
        yield summarize_assignment(chunk, frame, assignment, num_levels, selection)
