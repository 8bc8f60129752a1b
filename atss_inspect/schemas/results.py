"""What one convention does to objects, as types: a result of `stats` and of the others.

Results are made of the statistics that are declared in `statistics.metrics`; those of a
gate have other keys.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NotRequired, TypedDict

from atss_inspect.schemas.parts import (
    Amount,
    Change,
    Count,
    Grade,
    Id,
    Share,
    Sides,
    Size,
    maybe,
    record,
    rows,
)
from atss_inspect.statistics import metrics
from atss_inspect.statistics.statistic import COUNTED, Kind, Statistic
from atss_inspect.statistics.summary import RATIO_BINS, SIZE_BINS


class LeftOut(TypedDict):
    """Reason -> number of what is left out."""

    images: dict[str, Count]
    objects: dict[str, Count]


def _kind_of(one: Statistic, count: Any) -> Any:
    """Type of a statistic; what may be undefined may be null."""
    if one.kind in COUNTED:
        return count | None if one.is_optional else count
    kinds = {Kind.SHARE: Share, Kind.COUNTS: dict[str, count]}
    return kinds.get(one.kind, Amount) | None


def _statistics(
    every: Iterable[Statistic], count: Any, *, of_gate: bool
) -> dict[str, Any]:
    """Types of the statistics of one kind of answer, by key."""
    return {
        one.key: NotRequired[found] if one.is_of_shared else found
        for one in every
        if one.of_gates in (None, of_gate)
        for found in [_kind_of(one, count)]
    }


def _result_keys(name: str, count: Any, *, of_gate: bool) -> dict[str, Any]:
    """Keys of a result: statistics of all objects, and of every group."""
    group = _statistics(metrics.recorded_of_groups(), count, of_gate=of_gate)

    def groups(kind: str, **named: Any) -> Any:
        return rows(f"{name}{kind}", {**named, **group})

    share = "without_candidate_share" if of_gate else "poorly_assigned_share"
    graded = {"name": str, "num_objects": Count, share: Share | None}
    graded |= {"interval_low": Share | None, "interval_high": Share | None}
    graded |= {"usual_share": Share | None, "grade": Grade}
    grades = rows(f"{name}Grade", graded)
    judged = {"usual_of": str | None, "is_changed": bool, "grade": Grade}
    judged |= {"groups": grades, "classes": grades}
    level = {"level": Count, "level_name": str, "stride": Any, "share": Share | None}
    level |= {"num_objects": count}
    low = {"num_positives": count, "num_low_quality_only": count | None}
    level |= {"num_candidates": count} if of_gate else low
    roles = dict.fromkeys(("positives", "negatives", "ignored"), Amount | None)
    roles |= maybe(["beyond_border"], Amount | None)
    every = _statistics(metrics.recorded(), count, of_gate=of_gate)
    per_image = {} if of_gate else {"per_image": record(f"{name}PerImage", roles)}
    return {
        **every,
        **per_image,
        "left_out": LeftOut,
        "coco_small": record(f"{name}Group", group),
        "by_size": groups("OfSize", size=Size),
        "by_level": rows(f"{name}OfLevel", level),
        "by_ratio": groups("OfRatio", ratio=Literal[*RATIO_BINS]),
        "by_class": groups("OfClass", category_id=Id, **{"class": str}),
        "judgement": record(f"{name}Judgement", judged),
    }


def _blocks(name: str, count: Any, *, of_gate: bool) -> Any:
    """Counts of every block of neighboring images, by size."""
    keys = ["num_objects", "num_missing"]
    keys += ["max_positives", "num_without_candidate"] * of_gate
    keys += ["num_positives", "num_unassigned"] * (not of_gate)
    one: dict[str, Any] = dict.fromkeys(keys, list[count])
    one |= {} if of_gate else {"num_low_quality_only": list[count] | None}
    block = record(f"{name}Block", one)
    return {"blocks": record(f"{name}Blocks", dict.fromkeys(SIZE_BINS, block))}


def results(
    name: str, count: Any, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Any:
    """Type of what one convention does: of an assignment, or of a gate."""

    def result(kind: str, *, of_gate: bool) -> Any:
        keys = _result_keys(kind, count, of_gate=of_gate)
        keys = {**before, **keys, **after}
        blocks = _blocks(kind, count, of_gate=of_gate) if "preset" in before else {}
        about = "What one convention, a gate, lets objects have."
        about = about if of_gate else "What one convention assigns to the objects."
        return record(kind, keys | blocks, about)

    return result(name, of_gate=False) | result(f"{name}OfGate", of_gate=True)


SHARES = ("unassigned_share", "poorly_assigned_share", "without_candidate_share")
CHANGES = ("poorly_assigned_change", "without_candidate_change")
DECIDED = ("every_variant", "some_variants")
COMMON = {"num_objects": Count, **maybe(SHARES, Share | None)}
_DRAWN: dict[str, Any] = {
    "num_left_out": Count,
    **dict.fromkeys(DECIDED, Count),
    **{f"{key}_share": Share | None for key in DECIDED},
    **maybe(["never_in_epochs"], Amount),
    **maybe(["never_in_epochs_share", "poorly_never_in_epochs_share"], Share | None),
    **maybe([f"poorly_{key}" for key in DECIDED], Count | None),
    **maybe([f"poorly_{key}_share" for key in DECIDED], Share | None),
    **maybe(["poorly_never_in_epochs"], Amount | None),
    **maybe(["expected_positives", "expected_max_positives"], Amount | None),
    **maybe([f"nominal_{share}" for share in SHARES], Share | None),
}
DRAWS = {
    "short_sides": list[Count],
    "short_range": list[Count],
    "flip": Share,
    "num_variants": Count,
    "is_sampled": bool,
}
_PASS = results("AveragePass", Amount, {}, {})
_VARIANTS = {
    "preset": str,
    **DRAWS,
    "epochs": Count,
    **COMMON,
    **_DRAWN,
    "by_size": rows("DrawnSize", {"size": Size, **COMMON, **_DRAWN}),
    "by_short_side": rows(
        "DrawnSide", {"short_side": Count, **maybe(SHARES, Share | None)}
    ),
}
_AVERAGE = {
    "change": Change | None,
    **{f"interval_{end}": Change | None for end in ("low", "high")},
    "average_pass": _PASS,
}
Drawn = record("Drawn", _VARIANTS, "What holds over sizes and flips.")
DrawnPass = record("DrawnPass", _VARIANTS | _AVERAGE, "The same, and an average pass.")
_SHIFTED: dict[str, Any] = {
    **COMMON,
    **maybe([f"{share}_std" for share in SHARES], Amount | None),
    **maybe([f"own_place_{share}" for share in SHARES], Share | None),
    **dict.fromkeys(("every_shift", "some_shifts"), Count),
    **maybe(["poorly_every_shift", "poorly_some_shifts"], Count | None),
}
_PLACE = {"shift": Sides, **maybe(SHARES, Share | None)}
_BY_PLACE = {
    "by_size": rows("ShiftedSize", {"size": Size, **_SHIFTED}),
    "by_shift": rows("ShiftedTo", _PLACE),
}
_NUMBER = {"preset": str, "num_shifts": Count}
Shifted = record("Shifted", {**_NUMBER, **_SHIFTED, **_BY_PLACE})
ShiftsLine = record("ShiftsLine", {"preset": str, "group": str, "key": str} | _SHIFTED)

PRESET = {"preset": str}
Result = results("Result", Count, PRESET, {})
# Of an average pass, where variants are drawn: counts need not be whole.
PassResult = results("PassResult", Amount, PRESET, {})
StatsLine = (
    Result | results("DrawnResult", Count, PRESET, {"variants": DrawnPass}) | ShiftsLine
)
