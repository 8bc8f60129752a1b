"""An earlier answer of `stats`, and whether objects are assigned worse than there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import IntArray
from atss_inspect.errors import DataError, SettingsError, first_line
from atss_inspect.settings import Settings, restore_settings
from atss_inspect.statistics.bootstrap import MOST_BLOCKS
from atss_inspect.statistics.gate_keys import as_assigned, of_gate
from atss_inspect.statistics.limits import POORLY, WITHOUT, Check, Limit
from atss_inspect.statistics.rises import Side, rises
from atss_inspect.statistics.summary import EVERYTHING, SIZE_BINS, Summary
from atss_inspect.statistics.tally import (
    LOW_QUALITY_ONLY,
    MISSING,
    OBJECTS,
    poorly_assigned,
)

# Names of the columns of `Tally.counts` in documents, but the last; see `of_gate`.
COUNTS = (
    *("num_objects", "num_positives", "num_unassigned", "num_low_quality_only"),
    "num_missing",
)
# Keys of results of assignments, and those of gates that are alike.
_OF_GATES: dict[str, str | None] = {
    "num_unassigned": "num_without_candidate",
    "num_poorly_assigned": "num_without_candidate",
    "num_low_quality_only": None,
    "missing_to_need": "missing_to_quota",
}
_AGAIN = "save it again with `atss-inspect stats --json`"
# What only the answers of other commands have.
_OTHERS = {"changes", "checks", "pairs", "rows", "sweep"}
_ROUNDING, _MOST_NEEDED = 1e-6, 1e9
_Number = Annotated[int, msgspec.Meta(ge=0, le=1 << 40)]
_Column = Annotated[list[_Number], msgspec.Meta(min_length=1, max_length=MOST_BLOCKS)]


class _Result(msgspec.Struct):
    preset: str
    num_images: _Number
    num_objects: _Number
    num_unassigned: _Number
    num_poorly_assigned: _Number
    num_low_quality_only: _Number | None  # None of a rule without
    missing_to_need: float | None  # None without objects
    blocks: dict[str, dict[str, _Column | None]]  # by size and key


class _Data(msgspec.Struct):
    image_blocks: list[_Number] = []


class _Document(msgspec.Struct):
    data: _Data
    selection: dict[str, Any]
    settings: list[dict[str, Any]]
    results: list[_Result]


@dataclass(frozen=True)
class Baseline:
    """What an earlier ``stats --json`` found."""

    name: str  # of the file
    presets: Mapping[str, Side]
    settings: Mapping[str, Mapping[str, Any]]  # preset -> values by dotted path


class ChangedSetting(NamedTuple):
    """A setting that is not what it was."""

    preset: str
    path: str
    before: Any
    now: Any


def blocks_record(summary: Summary) -> dict[str, dict[str, list[int] | None]]:
    """Counts by size and block, as documents have them; None where there is no bar.

    Those of a gate have keys of their own.
    """
    counts = summary.block_sizes[..., : len(COUNTS)].transpose(1, 2, 0)
    sizes = counts.tolist()
    if summary.num_passes > 1:
        sizes = (counts / np.array([summary.num_passes])).tolist()
    for columns in () if summary.by_size.has_low_quality else sizes:
        columns[LOW_QUALITY_ONLY] = None
    named = [dict(zip(COUNTS, columns, strict=True)) for columns in sizes]
    if summary.by_size.is_of_gate:
        named = list(map(of_gate, named))
    return dict(zip(SIZE_BINS, named, strict=True))


def baseline_of(
    document: Mapping[str, Any], name: str, *, schema_version: int
) -> Baseline:
    """Take from the document in a file what is compared.

    Raises `DataError` where it is something else, of another version than the one that
    is understood, of some objects only, or damaged; then it names the place.
    """
    if (
        document.keys() & _OTHERS
        or not {"schema_version", "results"} <= document.keys()
    ):
        message = f"{name}: expected what `atss-inspect stats --json` writes"
        raise DataError(message, hint="annotations go to `compare --baseline`")
    version = document["schema_version"]
    if type(version) is not int or version != schema_version:  # nor is true 1
        found_one = msgspec.json.encode(version).decode()
        message = f"{name}: schema_version is {found_one}; expected {schema_version}"
        raise DataError(message, hint=_AGAIN)
    try:
        found = msgspec.convert(_as_assigned(document), _Document)
    except msgspec.ValidationError as error:
        raise DataError(name, "is damaged", first_line(error), hint=_AGAIN) from error
    if selected := [key for key, value in found.selection.items() if value]:
        message = f"{name}: holds selected {', '.join(selected)} only; expected all"
        raise DataError(message, hint="save it again without filters")
    presets: dict[str, Side] = {}
    tables = {str(one.get("name")): one for one in found.settings}
    for place, result in enumerate(found.results):
        key, sizes = _read_result(result, tables.get(result.preset, {}))
        if result.preset in presets:
            key = "preset"
        if key:
            written = _key_in(document["results"][place], key)
            message = f"results[{place}].{written}: contradicts the rest of the file"
            raise DataError(name, message, hint=_AGAIN)
        images = found.data.image_blocks
        presets[result.preset] = Side(result.num_images, sizes, images)
    return Baseline(name, presets, {key: _flat(one) for key, one in tables.items()})


def _as_assigned(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Name what gates let through as what assignments do, which `_Result` has."""
    results = document["results"]
    if not isinstance(results, list):
        return document
    every = [_assigned(one) if _is_of_gate(one) else one for one in results]
    return {**document, "results": every}


def _is_of_gate(result: object) -> bool:
    return isinstance(result, dict) and "num_without_candidate" in result


def _key_in(result: object, key: str) -> str:
    """Key as the file has it."""
    return (_is_of_gate(result) and _OF_GATES.get(key)) or key


def _assigned(result: dict[str, Any]) -> dict[str, Any]:
    """Name a result of a gate, and its blocks; earlier ones have the names already."""
    found = {
        name: theirs and result.get(theirs) for name, theirs in _OF_GATES.items()
    } | result
    if isinstance(blocks := result.get("blocks"), dict):
        no_bar = {COUNTS[LOW_QUALITY_ONLY]: None}
        found["blocks"] = {
            size: no_bar | as_assigned(one) if isinstance(one, dict) else one
            for size, one in blocks.items()
        }
    return found


def _read_result(saved: _Result, table: Mapping[str, Any]) -> tuple[str, IntArray]:
    """Put the counts of blocks together; (B, 4, 5), after the key of what is wrong."""
    blocks = saved.blocks
    try:
        zeros = [0] * len(blocks[SIZE_BINS[0]][COUNTS[OBJECTS]] or ())
        columns = [[blocks[size][key] or zeros for key in COUNTS] for size in SIZE_BINS]
        sizes = np.array(columns, dtype=np.int64).transpose(2, 0, 1)
    except (KeyError, ValueError):  # one is missing, or longer than another
        return "blocks", np.zeros((0, len(SIZE_BINS), len(COUNTS)), np.int64)
    # Blocks at the end may be empty, on one side only.
    sizes = sizes[: np.flatnonzero(sizes.any(axis=(1, 2))).max(initial=0) + 1]
    return _contradiction(saved, sizes, table), sizes


def _contradiction(saved: _Result, sizes: IntArray, table: Mapping[str, Any]) -> str:
    """Name what does not fit the counts of the blocks; empty where all does."""
    objects, _, without, low, missing = sizes.sum(axis=(0, 1)).tolist()
    told, needed = saved.num_low_quality_only, (saved.missing_to_need or 0) * objects
    # Positives that an object needs.
    need = min(missing / needed, _MOST_NEEDED) if needed else 0
    name = COUNTS[LOW_QUALITY_ONLY]
    is_none = {saved.blocks[size][name] is None for size in SIZE_BINS}
    fits = {
        "blocks": (poorly_assigned(sizes) <= sizes[..., OBJECTS]).all(),
        "num_objects": saved.num_objects == objects,
        "num_unassigned": saved.num_unassigned == without,
        "num_poorly_assigned": saved.num_poorly_assigned == without + low,
        "num_low_quality_only": (told or 0) == low
        and {told is None, *_lacks_bar(table)} == is_none,
        "num_images": saved.num_images >= sizes[..., OBJECTS].any(axis=1).sum(),
        "missing_to_need": need < _MOST_NEEDED
        and abs(need - round(need)) < _ROUNDING
        and (sizes[..., MISSING] <= round(need) * sizes[..., OBJECTS]).all(),
    }
    return next((key for key, is_fit in fits.items() if not is_fit), "")


def _lacks_bar(table: Mapping[str, Any]) -> set[bool]:
    """Whether the rule of saved settings has no bar; empty where they are unknown."""
    try:
        settings = restore_settings(table)
    except SettingsError:  # such as those of another version
        return set()
    return {settings.low_quality_bar is None}


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{section}.{name}": value
        for section, values in table.items()
        if isinstance(values, Mapping)  # not the name and the like
        for name, value in values.items()
    }


def check_baseline(
    baseline: Baseline,
    dataset: Dataset,
    settings: Sequence[Settings],
    summaries: Sequence[Summary],
    allowed: Fraction,
) -> Iterator[Check]:
    """Hold all objects and every size against their poorly assigned share before.

    Of a gate that is the share without a candidate.

    Sizes without objects on either side are passed over; ``allowed`` is the rise of a
    share that is. One of many rises is large by chance alone, so intervals are those of
    all that are judged, together.
    """
    sides = [Side.of(summary, dataset) for summary in summaries]
    found = [
        (one, group, rise)
        for one, side in zip(settings, sides, strict=True)
        for group, rise in rises(baseline.presets[one.name], side).items()
    ]
    looks = sum(rise.is_told and rise.interval is not None for *_, rise in found)
    for one, group, rise in found:
        before, share = rise.shares
        if before is not None and (share is not None or group == EVERYTHING):
            key = POORLY if one.rule.gate is None else WITHOUT
            limit = Limit(group, before + allowed, key)
            yield Check(one.name, limit, rise.now, share, rise.widened(looks))


def require_presets(baseline: Baseline, settings: Sequence[Settings]) -> None:
    """Refuse a baseline that lacks one of the conventions, or has no objects of it."""
    for convention in settings:
        name = convention.name
        if name not in baseline.presets:
            known = ", ".join(baseline.presets) or "none"
            message = f"{baseline.name}: no result of preset {name}; it has {known}"
            raise DataError(message, hint="choose with --preset, or save it again")
        if not baseline.presets[name].sizes[..., OBJECTS].any():
            message = f"{baseline.name}: no objects under preset {name}"
            raise DataError(message, hint="there is nothing to compare with")


def changed_settings(
    baseline: Baseline, settings: Sequence[Settings]
) -> list[ChangedSetting]:
    """List the settings that are not what they were."""
    found = []
    for convention in settings:
        # By way of JSON, so that both sides have been through it.
        encoded = msgspec.json.encode(convention.to_dict())
        now = _flat(msgspec.json.decode(encoded))
        before = baseline.settings.get(convention.name, {})
        found += [
            ChangedSetting(convention.name, path, before.get(path), now.get(path))
            for path in dict.fromkeys([*before, *now])
            if before.get(path) != now.get(path)
        ]
    return found
