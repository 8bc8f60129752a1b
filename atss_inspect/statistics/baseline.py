"""An earlier answer of `stats`, and whether objects are assigned worse than there.

The images need not be the same. A rise of a share is judged by its interval: where both
answers have the same objects in every block of images, of the same draws of blocks for
both; else the shares are independent, and their two intervals are put together.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import hypot
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.arrays import IntArray
from atss_inspect.errors import DataError
from atss_inspect.settings import Settings
from atss_inspect.statistics.bootstrap import (
    FEWEST_IMAGES,
    Interval,
    intervals_of_differences,
    intervals_of_shares,
)
from atss_inspect.statistics.grades import counts_by_block
from atss_inspect.statistics.limits import (
    POORLY,
    SIZES,
    UNASSIGNED,
    Check,
    Limit,
    Rise,
    share,
)
from atss_inspect.statistics.summary import COCO_SMALL, EVERYTHING, SIZE_BINS, Summary
from atss_inspect.statistics.tally import Group
from atss_inspect.writers.documents import encode_json

# Columns of `grades.counts_by_block` that documents have, by key.
BLOCK_COUNTS = {
    "num_objects": 0,
    "num_unassigned": 2,
    "num_low_quality_only": 3,
    "num_missing": 4,
}


class Earlier(NamedTuple):
    """What an earlier answer found under one preset."""

    num_images: int
    groups: Mapping[str, Group]  # `all` and the sizes -> counts
    # (B, 5, 4) `BLOCK_COUNTS` of all objects and those of each size; None where the
    # answer is from before documents had them
    blocks: IntArray | None
    knows_low_quality: bool  # whether low-quality matches were counted


@dataclass(frozen=True)
class Baseline:
    """What an earlier ``stats --json`` found."""

    name: str  # of the file
    presets: Mapping[str, Earlier]
    settings: Mapping[str, Mapping[str, Any]]  # preset -> values by dotted path


class Difference(NamedTuple):
    """A setting that is not what it was."""

    preset: str
    path: str
    before: Any
    now: Any


def block_rows(summary: Summary) -> dict[str, Any]:
    """Counts by block of images, as documents have them.

    A row is a text, since there may be hundreds: `BLOCK_COUNTS` of all objects, then of
    each size, with commas between.
    """
    counts = counts_by_block(summary)[..., list(BLOCK_COUNTS.values())]
    return {
        "groups": (EVERYTHING, *SIZE_BINS),
        "counts": tuple(BLOCK_COUNTS),
        "rows": [
            ", ".join(" ".join(map(str, group)) for group in row)
            for row in counts.tolist()
        ],
    }


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
        presets = {str(one["preset"]): _earlier(one) for one in document["results"]}
        settings = {one["name"]: _flat(one) for one in document["settings"]}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = f"{name}: expected what `atss-inspect stats --json` writes"
        hint = "annotations go to `compare --baseline`"
        raise DataError(message, hint=hint) from error
    if selected:
        message = f"{name}: holds selected {', '.join(selected)} only; expected all"
        raise DataError(message, hint="save it again without filters")
    return Baseline(name, presets, settings)


def _earlier(record: Mapping[str, Any]) -> Earlier:
    """Read what was found under one preset."""
    saved = {EVERYTHING: record} | {each["size"]: each for each in record["by_size"]}
    saved[COCO_SMALL] = record["coco_small"]
    groups = {name: _group(saved[name]) for name in (EVERYTHING, *SIZES)}
    blocks = _blocks(record["blocks"]) if "blocks" in record else None
    has_low_quality = "num_low_quality_only" in record
    return Earlier(int(record["num_images"]), groups, blocks, has_low_quality)


def _group(record: Mapping[str, Any]) -> Group:
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


def _blocks(record: Mapping[str, Any]) -> IntArray:
    """Read the counts by block; `ValueError` where they are none."""
    rows = [[group.split() for group in row.split(",")] for row in record["rows"]]
    counts = np.array(rows, dtype=np.int64)
    shape = 1 + len(SIZE_BINS), len(BLOCK_COUNTS)
    if counts.shape[1:] != shape or counts.min(initial=0) < 0:
        message = f"no counts by block: {counts.shape}"
        raise ValueError(message)
    return counts


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """Name the values of nested tables by dotted paths."""
    return {
        f"{section}.{name}": value
        for section, values in table.items()
        if isinstance(values, Mapping)  # not the name and the like
        for name, value in values.items()
    }


def check_baseline(
    baseline: Baseline,
    settings: Sequence[Settings],
    summaries: Sequence[Summary],
    allowed: Fraction,
) -> Iterator[Check]:
    """Hold all objects and every size against their poorly assigned share before.

    Groups without objects on either side are passed over; ``allowed`` is the rise of
    a share that is. An answer from before low-quality matches were counted is compared
    by the share without a positive.
    """
    for convention, summary in zip(settings, summaries, strict=True):
        earlier = baseline.presets[convention.name]
        intervals = rise_intervals(earlier, summary)
        knows = earlier.knows_low_quality
        for group, counts in summary.size_groups.items():
            saved = earlier.groups[group]
            pairs = [
                share(
                    each.num_poorly_assigned if knows else each.num_unassigned,
                    each.num_objects,
                )
                for each in (saved, counts)
            ]
            before, now = pairs
            if before is None or (now is None and group != EVERYTHING):
                continue
            limit = Limit(group, before + allowed, POORLY if knows else UNASSIGNED)
            rise = Rise(before, intervals.get(group))
            yield Check(convention.name, limit, counts, rise, now)


def rise_intervals(earlier: Earlier, summary: Summary) -> dict[str, Interval | None]:
    """Intervals of how far poorly assigned shares have risen, by group.

    Empty where an answer has no counts by block, or too few images.
    """
    fewest = min(earlier.num_images, summary.num_images)
    if earlier.blocks is None or fewest < FEWEST_IMAGES:
        return {}
    now = counts_by_block(summary)[..., list(BLOCK_COUNTS.values())]
    pairs = [_parts_and_wholes(blocks) for blocks in (earlier.blocks, now)]
    if np.array_equal(pairs[0][1], pairs[1][1]):
        found = intervals_of_differences(*pairs)
    else:
        found = _of_independent(*pairs)
    return dict(zip((EVERYTHING, *SIZE_BINS, COCO_SMALL), found, strict=True))


def _parts_and_wholes(blocks: IntArray) -> tuple[IntArray, IntArray]:
    """Poorly assigned objects of each block, and all; (B, 6), COCO's small last."""
    counts = np.concatenate([blocks, blocks[:, 1:3].sum(axis=1, keepdims=True)], axis=1)
    return counts[..., 1] + counts[..., 2], counts[..., 0]


def _of_independent(
    before: tuple[IntArray, IntArray], after: tuple[IntArray, IntArray]
) -> list[Interval | None]:
    """Intervals of how far shares of different images rise.

    Each end lies as far from the difference as the near ends of both intervals do from
    their shares, squares added (Newcombe 1998, method 10; Zou and Donner 2008).
    """
    sides = [intervals_of_shares(*each) for each in (before, after)]
    wholes = [np.maximum(whole.sum(axis=0), 1) for _, whole in (before, after)]
    shares = [
        (part.sum(axis=0) / whole).tolist()
        for (part, _), whole in zip((before, after), wholes, strict=True)
    ]
    found: list[Interval | None] = []
    for old, new, first, second in zip(*shares, *sides, strict=True):
        if first is None or second is None:
            found.append(None)
            continue
        low = new - old - hypot(new - second.low, first.high - old)
        high = new - old + hypot(second.high - new, old - first.low)
        found.append(Interval(low, high))
    return found


def require_presets(baseline: Baseline, settings: Sequence[Settings]) -> None:
    """Refuse a baseline that lacks one of the conventions."""
    for convention in settings:
        if convention.name not in baseline.presets:
            known, name = ", ".join(baseline.presets) or "none", convention.name
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
