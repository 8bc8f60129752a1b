"""Limits on statistics, above all the share without a positive, and what breaks them.

Shares are compared as fractions of whole numbers: 2 of 100 objects are not more than
2%, whatever floating point makes of it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.errors import DataError, SettingsError
from atss_inspect.presets import did_you_mean
from atss_inspect.settings import Settings
from atss_inspect.statistics.metrics import Better, Kind, Ratio, Statistic, limited
from atss_inspect.statistics.summary import SIZE_BINS, Summary
from atss_inspect.statistics.tally import Group
from atss_inspect.writers.documents import encode_json

LIMIT_OPTION = "--max-unassigned"
MOST_OPTION, LEAST_OPTION = "--max", "--min"
UNASSIGNED = "unassigned_share"
EVERYTHING = "all"
COCO_SMALL = "coco_small"
CLASS_PREFIX = "class:"
SIZES = (*SIZE_BINS, COCO_SMALL)
# Python reads no whole number of more than some thousand digits.
_NUMBER = re.compile(r"\d{1,99}(\.\d{0,99})?|\.\d{1,99}", re.ASCII)
_ABOUT = ("name", "description", "source")


class Limit(NamedTuple):
    """The largest or the smallest value that a statistic of some objects may have."""

    group: str  # `all`, a size, `coco_small`, or `class:` and a name
    bound: Fraction  # the value; of shares from 0 to 1
    key: str = UNASSIGNED  # of the statistic
    is_least: bool = False  # `bound` is the smallest value instead
    is_by_key: bool = False  # the user has named the statistic

    @property
    def option(self) -> str:
        """The option that holds it."""
        if not self.is_by_key:
            return LIMIT_OPTION
        return LEAST_OPTION if self.is_least else MOST_OPTION


class Check(NamedTuple):
    """One limit held against one convention."""

    preset: str  # name of the convention
    limit: Limit  # what is allowed of which objects
    counts: Group  # of these objects
    before: Fraction | None = None  # the share in the baseline; None for a fixed limit
    # Value of another statistic than the share without a positive; None where it is
    # undefined.
    found: Fraction | None = None

    @property
    def statistic(self) -> Statistic:
        """What is limited."""
        return limited()[self.limit.key]

    @property
    def value(self) -> Fraction | None:
        """What was found; None where it is undefined, a share without objects, too."""
        return _share(self.counts) if self.limit.key == UNASSIGNED else self.found

    @property
    def excess(self) -> Fraction:
        """By how much the value is beyond what is allowed; 0 where it is not."""
        if self.value is None:
            return Fraction(0)
        beyond = self.value - self.limit.bound
        return max(Fraction(0), -beyond if self.limit.is_least else beyond)

    @property
    def lacks_objects(self) -> bool:
        """Whether there is nothing at all to assign, which no limit allows."""
        return self.limit.group == EVERYTHING and not self.counts.num_objects

    @property
    def is_undefined(self) -> bool:
        """Whether objects have no such value, as IoUs of a rule that uses none."""
        return self.value is None and self.counts.num_objects > 0

    @property
    def is_broken(self) -> bool:
        """Whether the check fails; a group without objects does not."""
        return self.excess > 0 or self.lacks_objects or self.is_undefined


def parse_limit(text: str) -> Limit:
    """Read ``2%``, ``small=5%`` or ``class:car=0.03``.

    Raises `SettingsError` for a group that does not exist, and for what is no share.
    """
    group, equals, amount = text.rpartition("=")
    origin = f"{LIMIT_OPTION} {text}"
    group = group.strip() if equals else EVERYTHING
    _require_group(group, origin)
    return Limit(group, parse_share(amount.strip(), origin))


def _require_group(group: str, origin: str) -> None:
    if group not in (EVERYTHING, *SIZES) and not group.startswith(CLASS_PREFIX):
        message = f'{origin}: no group "{group}"{did_you_mean(group, SIZES)}'
        hint = f"groups are {', '.join(SIZES)} and {CLASS_PREFIX}NAME"
        raise SettingsError(message, hint=hint)


def parse_key_limit(text: str, *, is_least: bool = False) -> Limit:
    """Read ``gini=0.6``, ``mean_positives:small=3``, ``unassigned_share:class:car=2%``.

    Raises `SettingsError` for a statistic or group that does not exist, or that do not
    go together, and for a value that the statistic cannot have.
    """
    option = LEAST_OPTION if is_least else MOST_OPTION
    origin, known = f"{option} {text}", limited()
    name, _, amount = text.rpartition("=")
    key, _, group = (part.strip() for part in name.partition(":"))
    if key not in known:
        message = f'{origin}: no statistic "{key}"{did_you_mean(key, known)}'
        hint = f"such as {option} gini=0.6; statistics are {', '.join(known)}"
        raise SettingsError(message, hint=hint)
    group = group or EVERYTHING
    _require_group(group, origin)
    if group != EVERYTHING and known[key].of_group is None:
        message = f"{origin}: {key} is known of all objects only"
        raise SettingsError(message)
    amount = amount.strip()
    if known[key].kind is Kind.SHARE:
        bound = parse_share(amount, origin)
    elif _NUMBER.fullmatch(amount):
        bound = Fraction(amount)
    else:
        message = f'{origin}: expected a number that is not negative, got "{amount}"'
        raise SettingsError(message)
    return Limit(group, bound, key, is_least, is_by_key=True)


def doubts(limits: Iterable[Limit]) -> Iterator[str]:
    """Ask about limits by key that keep a statistic from its better values."""
    for limit in limits:
        better, other = Better.HIGHER, LEAST_OPTION
        if limit.is_least:
            better, other = Better.LOWER, MOST_OPTION
        if limit.is_by_key and limited()[limit.key].better is better:
            about = f"{better} values of {limit.key} are better"
            yield f"{limit.option}: {about}; did you mean {other}?"


def parse_share(text: str, origin: str) -> Fraction:
    """Read a percentage, or a fraction below 1.

    A bare 1 or 2 is refused: who forgets the % would have a limit that always holds.
    """
    number, is_percent = text.removesuffix("%").strip(), text.endswith("%")
    is_number = _NUMBER.fullmatch(number)
    if is_number:
        share = Fraction(number) / (100 if is_percent else 1)
        if share < 1 or (is_percent and share == 1):
            return share
    message = (
        f"{origin}: expected a percentage from 0% to 100%, or a fraction below 1, "
        f'got "{text}"'
    )
    hint = f"did you mean {number}%" if is_number and not is_percent else None
    raise SettingsError(message, hint=hint)


def check_limits(
    limits: Iterable[Limit],
    dataset: Dataset,
    settings: Sequence[Settings],
    summaries: Sequence[Summary],
) -> Iterator[Check]:
    """Hold every limit against every convention.

    Raises `SettingsError` for a class that the annotations do not have.
    """
    for limit in limits:
        for convention, summary in zip(settings, summaries, strict=True):
            if limit.group.startswith(CLASS_PREFIX):
                name = limit.group.removeprefix(CLASS_PREFIX)
                place = dataset.category_names.index(name)
                counts = summary.by_class.groups[place]
            else:
                counts = _size_groups(summary)[limit.group]
            one, is_all = limited()[limit.key], limit.group == EVERYTHING
            value = one.value(summary, convention) if is_all else one.value_of(counts)
            found = None
            if isinstance(value, Ratio):
                found = Fraction(*value)
            elif isinstance(value, int | float):
                # The shortest digits: who allows 0.6 allows what is written so.
                found = Fraction(str(value))
            yield Check(convention.name, limit, counts, found=found)


def require_classes(limits: Iterable[Limit], names: Sequence[str]) -> None:
    """Refuse limits on classes that the annotations do not have."""
    for limit in limits:
        name = limit.group.removeprefix(CLASS_PREFIX)
        if limit.group.startswith(CLASS_PREFIX) and name not in names:
            nearest = did_you_mean(name, sorted(names))
            message = f'{limit.option}: no class "{name}" in the annotations{nearest}'
            raise SettingsError(message)


def _size_groups(summary: Summary) -> dict[str, Group]:
    """All objects, those of each size, and what COCO calls small."""
    sizes = {name: summary.of_sizes(name) for name in SIZE_BINS}
    return {EVERYTHING: summary.every_object, COCO_SMALL: summary.coco_small, **sizes}


def _share(counts: Group) -> Fraction | None:
    """Share of a group without a positive, exactly; None without objects."""
    whole = counts.num_objects
    return Fraction(counts.num_unassigned, whole) if whole else None


@dataclass(frozen=True)
class Baseline:
    """What an earlier ``stats --json`` found."""

    name: str  # of the file
    groups: Mapping[str, Mapping[str, Group]]  # preset -> `all` and sizes -> counts
    settings: Mapping[str, Mapping[str, Any]]  # preset -> values by dotted path


class Difference(NamedTuple):
    """A setting that is not what it was."""

    preset: str
    path: str
    before: Any
    now: Any


def baseline_of(
    document: Mapping[str, Any], name: str, *, schema_version: int
) -> Baseline:
    """Take from a saved document what is compared.

    Raises `DataError` where it is something else, of another version, or of some
    objects only.

    Parameters
    ----------
    document : what ``stats --json`` wrote
    name : of its file, for messages
    schema_version : the only one that is understood
    """
    try:
        version = document["schema_version"]
        if version is None or document.keys() & {"pairs", "changes"}:
            raise KeyError(version)
        if document.keys() >= {"results"} and version != schema_version:
            message = f"{name}: schema_version is {version}; expected {schema_version}"
            hint = "save it again with `atss-inspect stats --json`"
            raise DataError(message, hint=hint)
        selected = [key for key, value in document["selection"].items() if value]
        groups = {}
        for one in document["results"]:
            saved = {EVERYTHING: one} | {each["size"]: each for each in one["by_size"]}
            saved[COCO_SMALL] = one["coco_small"]
            groups[str(one["preset"])] = {
                name: _saved_group(saved[name]) for name in (EVERYTHING, *SIZES)
            }
        settings = {one["name"]: _flat(one) for one in document["settings"]}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = f"{name}: expected what `atss-inspect stats --json` writes"
        hint = "annotations go to `compare --baseline`"
        raise DataError(message, hint=hint) from error
    if selected:
        message = f"{name}: holds selected {', '.join(selected)} only; expected all"
        raise DataError(message, hint="save it again without filters")
    return Baseline(name, groups, settings)


def _saved_group(record: Mapping[str, Any]) -> Group:
    """Read the counts of a group; `ValueError` where they are none.

    Before there were low-quality matches in documents, they said nothing of them.
    """
    keys = ("num_objects", "num_positives", "num_unassigned")
    counts, low = [record[key] for key in keys], record.get("num_low_quality_only")
    parts = [*counts, 0 if low is None else low]
    is_whole = set(map(type, parts)) == {int} and min(parts) >= 0
    if not is_whole or parts[2] + parts[3] > parts[0]:
        message = f"no counts: {parts}"
        raise ValueError(message)
    objects, positives, unassigned = counts
    return Group(objects, positives, unassigned, low)


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """Name the values of nested tables by dotted paths."""
    return {
        f"{section}.{name}": value
        for section, values in table.items()
        if section not in _ABOUT
        for name, value in values.items()
    }


def check_baseline(
    baseline: Baseline,
    settings: Sequence[Settings],
    summaries: Sequence[Summary],
    tolerance: Fraction,
) -> Iterator[Check]:
    """Hold all objects and every size against their share in the baseline.

    Groups without objects on either side are passed over;
    ``tolerance`` is the rise of a share that is allowed.
    """
    for convention, summary in zip(settings, summaries, strict=True):
        for group, counts in _size_groups(summary).items():
            before = _share(baseline.groups[convention.name][group])
            if before is not None and (counts.num_objects or group == EVERYTHING):
                limit = Limit(group, before + tolerance)
                yield Check(convention.name, limit, counts, before)


def require_presets(baseline: Baseline, settings: Sequence[Settings]) -> None:
    """Refuse a baseline that lacks one of the conventions."""
    for convention in settings:
        if convention.name not in baseline.groups:
            known, name = ", ".join(baseline.groups) or "none", convention.name
            message = f"{baseline.name}: no result of preset {name}; it has {known}"
            raise DataError(message, hint="choose with --preset, or save it again")


def differences(baseline: Baseline, settings: Sequence[Settings]) -> list[Difference]:
    """List the settings that are not what they were."""
    found = []
    for convention in settings:
        # By way of JSON, so that both sides have been through it.
        now = _flat(json.loads(encode_json(convention.to_dict())))
        before = baseline.settings.get(convention.name, {})
        found += [
            Difference(convention.name, path, before.get(path), now.get(path))
            for path in dict.fromkeys([*before, *now])
            if before.get(path) != now.get(path)
        ]
    return found
