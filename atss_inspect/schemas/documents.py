"""What `--json` and JSON Lines hold, as types; docs/json.md says what each key means.

The answers of the commands are held to these types in the tests, where no key may be
unknown here. Who reads them must expect new keys.
"""

from collections.abc import Mapping
from typing import Any, Literal, Never, NotRequired, TypedDict

from atss_inspect.schemas import objects
from atss_inspect.schemas.parts import (
    Amount,
    Change,
    Count,
    Data,
    Fragment,
    Group,
    Head,
    Id,
    Input,
    Interval,
    Price,
    Selected,
    Share,
    Size,
    Warned,
    maybe,
    record,
    rows,
)
from atss_inspect.schemas.results import (
    CHANGES,
    COMMON,
    PRESET,
    SHARES,
    Drawn,
    DrawnPass,
    PassResult,
    Result,
    Shifted,
    StatsLine,
    results,
)
from atss_inspect.statistics.summary import SIZE_BINS


class Stats(Head):
    """The document of `stats --json`."""

    selection: Selected
    results: list[Result]
    variants: NotRequired[list[DrawnPass]]
    shifts: NotRequired[list[Shifted]]


class Flip(TypedDict):
    """An object that only one of two conventions gives positives."""

    file: str
    image_id: Id
    ann_id: Id
    annotation_index: Count
    size: Size
    num_positives: Count


class Difference(Interval):
    """How far two conventions differ on the same objects."""

    measure: str
    group: Group
    first: Share | None
    second: Share | None
    change: Change | None
    is_none: bool | None


_JOINT = {
    **{f"num_{who}": Count for who in ("objects", "both", "only_first")},
    **{f"num_{who}": Count for who in ("only_second", "neither")},
    "spearman": Change | None,
    "common_share": Share | None,
}
_JOINED = {
    **_JOINT,
    "by_size": rows("JointSize", {"size": Size, **_JOINT}),
    **{f"examples_only_{one}": list[Flip] for one in ("first", "second")},
}
_TWO = {"first": str, "second": str}
_DIFFERENCES = {"differences": list[Difference]}
# Of average passes only shares are compared.
Pair = record("Pair", {**_TWO, **_JOINED, **_DIFFERENCES}) | record(
    "PassPair", {**_TWO, **maybe(_JOINED, Never), **_DIFFERENCES}
)


class Compare(Head):
    """The document of `compare --json`."""

    selection: Selected
    results: list[PassResult]
    pairs: list[Pair]  # type: ignore[valid-type]
    variants: NotRequired[list[Drawn]]


class Risen(Interval):
    """How far what is poorly assigned rises from other data."""

    preset: str
    group: Group
    num_objects_before: Count
    num_objects: Count
    num_unassigned_before: NotRequired[Count]
    num_unassigned: NotRequired[Count]
    num_poorly_assigned_before: NotRequired[Count]
    num_poorly_assigned: NotRequired[Count]
    num_without_candidate_before: NotRequired[Count]
    num_without_candidate: NotRequired[Count]
    unassigned_share_rise: NotRequired[Change | None]
    poorly_assigned_share_rise: NotRequired[Change | None]
    without_candidate_share_rise: NotRequired[Change | None]
    is_none: bool | None


class Earlier(TypedDict):
    """The other data of `compare --baseline`."""

    inputs: list[Input]
    data: Data
    results: list[Result]
    warnings: list[Warned]


class CompareBaseline(Head):
    """The document of `compare --baseline --json`."""

    selection: Selected
    results: list[Result]
    baseline: Earlier
    changes: list[Risen]


BaselineLine = results(
    "BaselineResult", Count, {"data": Literal["before", "now"], **PRESET}, {}
)
_SWEPT = {
    **maybe(CHANGES, Change | None),
    **{f"interval_{end}": Change | None for end in ("low", "high")},
    "price": Price,
}
SweepLine = results("SweptResult", Amount, {"values": dict[str, Any], **PRESET}, _SWEPT)


class Axis(TypedDict):
    """A setting that is swept."""

    name: str
    path: str
    values: list[Any]


class Choice(TypedDict):
    """The row to change to."""

    row: Count
    values: dict[str, Any]


class Swept(TypedDict):
    """What was swept, and what of it is worth a change."""

    axes: list[Axis]
    choice: Choice | None
    verdict: str
    toml: str | None
    mmdetection: str | None
    fragment: Fragment | None
    draws: NotRequired[list[str]]


class Sweep(Head):
    """The document of `sweep --json`."""

    selection: Selected
    results: list[SweepLine]  # type: ignore[valid-type]
    sweep: Swept


_ALL = {
    **COMMON,
    **maybe(["mean_positives", "mean_max_positives"], Amount | None),
    **dict.fromkeys(("missing_to_need", "gini"), Share | None),
}
_TUNED = {
    **_ALL,
    "by_size": rows("TunedSize", {"size": Size, **COMMON}),
}


class Carried(TypedDict):
    """Shares of one half of the images, and what was tuned on the other."""

    settings: dict[str, Any]
    num_objects: Count
    before: Share | None
    tuned_on_other_half: Share | None
    tuned_on_all: Share | None


_ROW = {
    "rung": str,
    "settings": dict[str, Any],
    **_TUNED,
    **_SWEPT,
    "holds_on_other_half": bool,
    "other_half": list[Carried],
    "at_todays_bar": record("AtTodaysBar", _TUNED) | None,
}
_SHOWN = {"label": str, **_ROW, "toml": str, "fragment": Fragment | None}
Tuned, TunedRow = record("Tuned", _TUNED), record("TunedRow", _ROW)
ShownRow = record("ShownRow", _SHOWN)
TuneLine = record(
    "TuneLine",
    {
        **dict.fromkeys(("rung", "images", "changes"), str),
        "low_quality_matches": NotRequired[bool],
        **_ALL,
        "shortfall": float | None,
        "price": Amount | None,
        **maybe([f"{s}_{size}" for s in SHARES for size in SIZE_BINS], Share | None),
    },
    "One of the settings that were tried.",
)


class Tune(Head):
    """The document of `tune --json`."""

    selection: Selected
    results: list[PassResult]
    outcome: str
    reason: str | None
    verdict: str
    before: Tuned  # type: ignore[valid-type]
    proposal: ShownRow | None  # type: ignore[valid-type]
    pareto: list[ShownRow]  # type: ignore[valid-type]
    rows: list[TunedRow]  # type: ignore[valid-type]
    draws: list[str]
    budget: Amount | None
    evaluations: Count
    stopped: str | None
    not_tried: list[str]


# By the name that `config schema` takes.
DOCUMENTS: Mapping[str, Any] = {
    "stats": Stats,
    "compare": Compare,
    "compare-baseline": CompareBaseline,
    "sweep": Sweep,
    "tune": Tune,
    "explain": objects.Explain,
    "worst": objects.Worst,
    "check": objects.Check,
    "config-list": objects.ConfigList,
    "config-show": objects.ConfigShow,
    "config-import": objects.ConfigImport | objects.ConfigRefused,
    "error": objects.Error,
}
LINES: Mapping[str, Any] = {
    "stats": StatsLine,
    "compare": Pair,
    "compare-baseline": BaselineLine,
    "sweep": SweepLine,
    "tune": TuneLine,
    "worst": objects.WorstLine,
    **objects.EXPORTED,
}
