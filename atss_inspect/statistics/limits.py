"""Limits on statistics and on annotations left out, and what breaks them.

Shares are compared as fractions of whole numbers: 2 of 100 objects are not more than
2%, whatever floating point makes of it. What is held against an earlier answer is in
`baseline`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.errors import SettingsError
from atss_inspect.presets import did_you_mean
from atss_inspect.settings import Settings
from atss_inspect.statistics.metrics import limited
from atss_inspect.statistics.rises import Rise
from atss_inspect.statistics.statistic import COUNTED, Better, Kind, Statistic
from atss_inspect.statistics.summary import COCO_SMALL, EVERYTHING, SIZE_BINS, Summary
from atss_inspect.statistics.tally import Group, exact_share
from atss_inspect.statistics.variants import EPOCHS, VariantSummary

LIMIT_OPTION = "--max-unassigned"
MOST_OPTION, LEAST_OPTION = "--max", "--min"
_LOWER = Better.LOWER
UNASSIGNED, POORLY = "unassigned_share", "poorly_assigned_share"
WITHOUT = "without_candidate_share"  # of gates
CLASS_PREFIX = "class:"
# What objects lack over sizes and flips; known of sizes, not of classes.
OVER_VARIANTS = {
    one.key: one
    for one in (
        Statistic(key, f"objects without a positive {words}", Kind.OBJECTS, _LOWER)
        for key, words in (
            ("every_variant", "in every variant"),
            ("some_variants", "in some variants"),
            ("never_in_epochs", "in any epoch"),
        )
    )
}
# What is known of gates in place of what is of assignments.
OF_GATES = {
    UNASSIGNED: WITHOUT,
    POORLY: WITHOUT,
    "num_unassigned": "num_without_candidate",
    "num_poorly_assigned": "num_without_candidate",
    "missing_to_need": "missing_to_quota",
    "mean_positives": "mean_max_positives",
}
SIZES = (*SIZE_BINS, COCO_SMALL)
# Python reads no whole number of more than some thousand digits.
_NUMBER = re.compile(r"\d{1,99}(\.\d{0,99})?|\.\d{1,99}", re.ASCII)


class Limit(NamedTuple):
    """The largest or the smallest value that a statistic of some objects may have."""

    group: str  # `all`, a size, `coco_small`, or `class:` and a name
    bound: Fraction  # the value; of shares from 0 to 1
    key: str = UNASSIGNED  # of the statistic
    is_least: bool = False  # `bound` is the smallest value instead
    is_part: bool = False  # of a number of objects, `bound` is their share instead


class Check(NamedTuple):
    """One limit held against one convention."""

    preset: str  # name of the convention
    limit: Limit  # what is allowed of which objects
    counts: Group  # of these objects
    value: Fraction | None  # what was found; None where it is undefined
    rise: Rise | None = None  # None for a fixed limit

    @property
    def statistic(self) -> Statistic:
        """What is limited."""
        return known_statistics()[self.limit.key]

    @property
    def is_share(self) -> bool:
        """Whether the value is a share, from 0 to 1."""
        return self.limit.is_part or self.statistic.kind is Kind.SHARE

    @property
    def excess(self) -> Fraction:
        """By how much the value is beyond what is allowed; 0 where it is not.

        Of a rise with an interval by how much the lower end is.
        """
        if self.value is None or (self.rise and not self.rise.is_told):
            return Fraction(0)
        beyond = self.value - self.limit.bound
        if self.rise and self.rise.interval:
            allowed = self.limit.bound - (self.rise.shares[0] or 0)
            beyond = Fraction(self.rise.interval.low) - allowed
        return max(Fraction(0), -beyond if self.limit.is_least else beyond)

    @property
    def lacks_objects(self) -> bool:
        """Whether there is nothing at all to assign, which no limit allows."""
        return self.limit.group == EVERYTHING and not self.counts.num_objects

    @property
    def is_undefined(self) -> bool:
        """Whether objects have no such value; no objects have nothing too large."""
        is_asked = self.counts.num_objects > 0 or self.limit.is_least
        return self.value is None and is_asked

    @property
    def is_broken(self) -> bool:
        """Whether the check fails."""
        return self.excess > 0 or self.lacks_objects or self.is_undefined


class LeftOut(NamedTuple):
    """Annotations that one convention leaves out for no reason that anybody wanted."""

    preset: str  # name of the convention
    num_annotations: int  # in all
    num_objects: int  # that remain
    reasons: Mapping[str, int]  # reason -> how many, most first
    limit: Fraction  # the largest share allowed

    @property
    def number(self) -> int:
        """How many."""
        return sum(self.reasons.values())

    @property
    def share(self) -> Fraction | None:
        """Their share of all annotations; None where there are none."""
        return exact_share(self.number, self.num_annotations)

    @property
    def is_broken(self) -> bool:
        """Whether they are too many, or nothing remains."""
        return not self.num_objects or (self.share or 0) > self.limit


def known_statistics() -> dict[str, Statistic]:
    """What can be limited, by key."""
    return limited() | OVER_VARIANTS


def left_out_by(
    dataset: Dataset,
    settings: Sequence[Settings],
    summaries: Sequence[Summary],
    limit: Fraction,
) -> tuple[LeftOut, ...]:
    """Count what each convention leaves out that nobody wanted left out."""
    found = []
    for convention, summary in zip(settings, summaries, strict=True):
        reasons = convention.losses(summary.left_out_objects)
        counts = dataset.num_annotations, summary.num_objects
        found.append(LeftOut(convention.name, *counts, reasons, limit))
    return tuple(found)


def parse_limit(text: str, option: str) -> Limit:
    """Read what an option holds.

    That is ``gini=0.6``, ``mean_positives:small=3`` or ``num_objects:class:car=2``; of
    `LIMIT_OPTION`, which is about the share without a positive, ``2%``, ``small=5%`` or
    ``class:car=0.03``. Raises `SettingsError` for a statistic or group that does not
    exist, or that do not go together, and for a value that the statistic cannot have.
    """
    origin, known = f"{option} {text}", known_statistics()
    name, equals, amount = text.rpartition("=")
    key, _, group = (name if equals else text).partition(":")
    group = group or EVERYTHING
    if option == LIMIT_OPTION:
        key, group = UNASSIGNED, name if equals else EVERYTHING
    key, amount = key.strip(), amount.strip()
    if key not in known:
        message = f'{origin}: no statistic "{key}"{did_you_mean(key, known)}'
        hint = f"such as {option} gini=0.6; statistics are {', '.join(known)}"
        raise SettingsError(message, hint=hint)
    if not equals and (option != LIMIT_OPTION or text.strip() in SIZES):
        raise SettingsError(origin, f"a value is missing; expected {text}=VALUE")
    group = _group_named(group, origin)
    if key in OVER_VARIANTS and group.startswith(CLASS_PREFIX):
        raise SettingsError(origin, f"{key} is known of sizes only, not of classes")
    is_of_all = key not in OVER_VARIANTS and known[key].of_group is None
    if group != EVERYTHING and is_of_all:
        raise SettingsError(origin, f"{key} is known of all objects only")
    is_part = known[key].kind is Kind.OBJECTS and amount.endswith("%")
    is_share = known[key].kind is Kind.SHARE or is_part
    parse = parse_share if is_share else partial(_parse_number, known[key])
    return Limit(group, parse(amount, origin), key, option == LEAST_OPTION, is_part)


def _group_named(text: str, origin: str) -> str:
    """Read the name of a group; that of a class is as the file writes it."""
    group = text.lstrip()
    if group.startswith(CLASS_PREFIX):
        return group
    group = group.rstrip()
    if group not in (EVERYTHING, *SIZES):
        message = f'{origin}: no group "{group}"{did_you_mean(group, SIZES)}'
        hint = f"groups are {', '.join(SIZES)} and {CLASS_PREFIX}NAME"
        raise SettingsError(message, hint=hint)
    return group


def _parse_number(statistic: Statistic, text: str, origin: str) -> Fraction:
    """Read a number that is not negative, and whole where things are counted."""
    if text.endswith("%"):
        message = f"{origin}: {statistic.key} is no share, and counts no objects"
        raise SettingsError(message, hint="expected a number without %")
    bound = _amount(text)
    if bound is None:
        message = f'{origin}: expected a number that is not negative, got "{text}"'
        raise SettingsError(message)
    if statistic.kind not in COUNTED or bound.denominator == 1:
        return bound
    if statistic.kind is Kind.OBJECTS and bound < 1:
        percent = f"{float(100 * bound):g}%"
        message = f"{origin}: {percent} of the objects, or {text} objects?"
        raise SettingsError(message, hint=f"write {percent}, or a whole number")
    message = f"{origin}: {statistic.key} counts; expected a whole number, got {text}"
    raise SettingsError(message)


def doubts(limits: Iterable[Limit]) -> Iterator[str]:
    """Ask about limits by key that keep a statistic from its better values."""
    for limit in limits:
        options, better = (MOST_OPTION, LEAST_OPTION), Better.HIGHER
        if limit.is_least:
            options, better = options[::-1], Better.LOWER
        if known_statistics()[limit.key].better is better:
            about = f"{better} values of {limit.key} are better"
            yield f"{options[0]}: {about}; did you mean {options[1]}?"


def _amount(text: str) -> Fraction | None:
    return Fraction(text) if _NUMBER.fullmatch(text) else None


def parse_share(text: str, origin: str) -> Fraction:
    """Read a percentage, or a fraction below 1.

    A bare 1 or 2 is refused: who forgets the % would have a limit that always holds.
    """
    digits, is_percent = text.removesuffix("%").strip(), text.endswith("%")
    number = _amount(digits)
    if number is not None and (number < 1 or (is_percent and number <= 100)):
        return number / 100 if is_percent else number
    message = (
        f"{origin}: expected a percentage from 0% to 100%, or a fraction below 1, "
        f'got "{text}"'
    )
    hint = None if is_percent or number is None else f"did you mean {digits}%"
    raise SettingsError(message, hint=hint)


def parse_points(text: str, origin: str) -> Fraction:
    """Read percentage points, from 0 to 100: ``0.5``, or ``0.5%``, are half a point."""
    number = _amount(text.strip().removesuffix("%").strip())
    if number is not None and number <= 100:
        return number / 100
    message = f'{origin}: expected percentage points from 0 to 100, got "{text}"'
    raise SettingsError(message, hint="such as 0.5, half a percentage point")


def check_limits(
    limits: Iterable[Limit],
    dataset: Dataset,
    settings: Sequence[Settings],
    summaries: Sequence[Summary],
    drawn: Sequence[VariantSummary] = (),
    epochs: int = EPOCHS,
) -> Iterator[Check]:
    """Hold every limit against every convention of which it speaks.

    See `require_classes` and `unspoken`. Over what is ``drawn`` by each, ``summaries``
    are those of an average pass.
    """
    for limit in limits:
        for place, convention in enumerate(settings):
            summary = summaries[place]
            if not known_statistics()[limit.key].speaks_of(convention):
                continue
            if limit.key in OVER_VARIANTS:
                counts, value = _over_variants(limit, drawn[place], epochs)
            else:
                counts = _group(summary, limit.group, dataset.category_names)
                value = _value(limit, counts, summary, convention)
            yield Check(convention.name, limit, counts, value)


def unspoken(
    limits: Mapping[Limit, str], settings: Sequence[Settings]
) -> Iterator[str]:
    """Name the conventions of which limits do not speak, such as gates.

    ``limits`` have beside each what was typed. Raises `SettingsError` for a limit that
    speaks of none.
    """
    for limit, typed in limits.items():
        statistic = known_statistics()[limit.key]
        others = [one for one in settings if not statistic.speaks_of(one)]
        if not others:
            continue
        names = " and ".join(one.name for one in others)
        message = f"{typed}: {limit.key} is not known of {names}, "
        hint = None if statistic.is_of_shared else _instead(limit)
        if statistic.is_of_shared:
            message += "whose objects share no anchors"
        else:
            message += "no gate" if statistic.of_gates else "a gate"
        moves = dict.fromkeys(each for one in others for each in one.augment.besides)
        if moves and limit.key in OVER_VARIANTS:
            message += f": training draws {' and '.join(moves)} besides, not imitated"
        if len(others) == len(settings):
            raise SettingsError(message, hint=hint)
        yield f"{message}; {hint}" if hint else message


def _instead(limit: Limit) -> str:
    """Limit of the other kind of answer in place of one that does not speak of it."""
    of_others = {gates: own for own, gates in reversed(OF_GATES.items())}
    one, bound = known_statistics()[limit.key], limit.bound
    of_gates = dict.fromkeys(OVER_VARIANTS, "num_without_candidate") | OF_GATES
    key = (of_others if one.of_gates else of_gates).get(limit.key)
    group = "" if limit.group == EVERYTHING else f":{limit.group}"
    if limit.is_part and limit.key in OVER_VARIANTS:
        key = WITHOUT
    is_share = limit.is_part or one.kind is Kind.SHARE
    value = f"{float(100 * bound):.9g}%" if is_share else f"{float(bound):.9g}"
    option = LEAST_OPTION if limit.is_least else MOST_OPTION
    if key is None:
        key, group, value = POORLY if one.of_gates else WITHOUT, "", "1%"
        option = MOST_OPTION
    whom = "rules that assign" if one.of_gates else "gates"
    return f"of {whom} there is {option} {key}{group}={value}"


def _over_variants(
    limit: Limit, drawn: VariantSummary, epochs: int
) -> tuple[Group, Fraction | None]:
    """Objects that lack a positive over variants, and those they are of."""
    several = {EVERYTHING: SIZE_BINS, COCO_SMALL: ("tiny", "small")}
    group = drawn.group(several.get(limit.group, (limit.group,)), epochs)
    lacked: tuple[int | Fraction, ...] = group.unassigned
    value = Fraction(lacked[[*OVER_VARIANTS].index(limit.key)])
    counts = group.average._replace(num_objects=group.num_objects)
    number = group.num_objects
    return counts, exact_share(value, number) if limit.is_part else value


def require_drawn(limits: Iterable[Limit]) -> None:
    """Refuse limits over sizes and flips where none are drawn."""
    for limit in limits:
        if limit.key in OVER_VARIANTS:
            message = f"limits: {limit.key} is known over sizes and flips only"
            hint = "--as-trained, --short-sides or --flip draw them"
            raise SettingsError(message, hint=hint)


def _value(
    limit: Limit, counts: Group, summary: Summary, settings: Settings
) -> Fraction | None:
    """Value of what is limited, exactly; None where it is undefined."""
    one, is_all = limited()[limit.key], limit.group == EVERYTHING
    value = one.value(summary, settings) if is_all else one.value_of(counts)
    if limit.is_part and isinstance(value, int | Fraction):
        return exact_share(value, counts.num_objects)
    # The shortest digits: who allows 0.6 allows what is written so.
    return Fraction(str(value)) if isinstance(value, int | float | Fraction) else None


def require_classes(limits: Iterable[Limit], names: Sequence[str]) -> None:
    """Refuse limits on classes that the annotations do not have."""
    for limit in limits:
        name = limit.group.removeprefix(CLASS_PREFIX)
        if limit.group.startswith(CLASS_PREFIX) and name not in names:
            nearest = did_you_mean(name, sorted(names))
            message = f'limits: no class "{name}" in the annotations{nearest}'
            raise SettingsError(message)


def _group(summary: Summary, name: str, classes: Sequence[str]) -> Group:
    """All objects, those of one size or class name, or what COCO calls small."""
    if name.startswith(CLASS_PREFIX):
        name = name.removeprefix(CLASS_PREFIX)  # which several categories may have
        rows = [place for place, each in enumerate(classes) if each == name]
        return summary.by_class.sum_of(rows)
    return summary.size_groups[name]
