"""What `explain`, `worst`, `check` and `config` write as JSON, as types."""

from typing import Any, Literal, NotRequired, TypedDict

from atss_inspect.schemas.parts import (
    Amount,
    Box,
    Change,
    Count,
    Head,
    Id,
    Interval,
    ReadFile,
    Selected,
    Settings,
    Share,
    Sides,
    Size,
    Tool,
    maybe,
    record,
    rows,
)
from atss_inspect.schemas.results import DECIDED, DRAWS
from atss_inspect.statistics.candidates import WINDOW


class Place(TypedDict):
    """A positive anchor, or point."""

    level: Count
    level_name: str
    cell_y: int
    cell_x: int
    anchor: Count
    is_low_quality: bool | None


class Works(TypedDict):
    """The first change after which the object is well assigned."""

    set: list[str]
    num_positives: Count
    num_losing: Count
    multiply_adds: Amount | None
    image_num_objects: Count
    image_num_unassigned: NotRequired[Count]
    image_num_poorly_assigned: NotRequired[Count]
    image_num_without_candidate: NotRequired[Count]


class Suggestion(TypedDict):
    """What was tried of one kind."""

    kind: str
    tried: list[str]
    works: Works | None


_FOLLOWED = {
    **maybe(["unassigned_share", "without_candidate_share"], Share | None),
    **maybe(["expected_positives", "expected_max_positives"], Amount | None),
    "num_assigned": Count,
    "num_kept": Count,
}
_EACH = {"weight": Amount, "num_positives": Count | None}
_EXPLAINED: dict[str, Any] = {
    "file": str,
    "image_id": Id,
    **{f"image_{side}": Amount for side in ("width", "height")},
    "ann_id": Id,
    "annotation_index": Count | None,
    "class": str | None,
    "size": Size,
    "area": float,
    "box": Box,
    "preset": str,
    "left_out": str | None,
    "image_left_out": str | None,
    "input_box": Box | None,
    **{f"{which}_size": Sides | None for which in ("input", "padded")},
    "steps": dict[str, Any] | None,
    **maybe(["positives"], list[Place]),
    **maybe(["num_positives", "num_candidates", "max_positives"], Count | None),
    "cause": str | None,
    "lost_to": Id,
    "is_lost_to_twin": bool | None,
    "outcome": str,
    **maybe(
        [
            f"image_num_{what}"
            for what in (
                "objects",
                "unassigned",
                "poorly_assigned",
                "without_candidate",
            )
        ],
        Count | None,
    ),
    "suggestions": list[Suggestion],
    "recommended": list[str] | None,
    "variants": NotRequired[
        record(
            "FollowedVariants",
            {
                **DRAWS,
                **_FOLLOWED,
                "each": rows(
                    "EachVariant",
                    {"short_side": Count, "is_flipped": bool, **_EACH},
                ),
            },
        )
    ],
    "shifts": NotRequired[
        record(
            "FollowedShifts",
            {
                "num_shifts": Count,
                **_FOLLOWED,
                "each": rows("EachShift", {"shift": Sides, **_EACH}),
            },
        )
    ],
}
Explained = record("Explained", _EXPLAINED, "One object under one convention.")


class Unread(TypedDict):
    """An annotation that the reader could not use."""

    ann_id: Id
    reason: str
    message: str


class Explain(TypedDict):
    """The document of `explain --json`."""

    schema_version: Literal[1]
    tool: Tool
    inputs: list[ReadFile]
    settings: list[Settings]
    results: list[Explained]  # type: ignore[valid-type]
    left_out_by_reader: Unread | None


_LACKING = {
    "num_objects": Count,
    "num_unassigned": Count,
    "unassigned_share": Share | None,
    "num_lost_to_others": Count,
    "main_cause": str | None,
    "causes": dict[str, Count],
    "num_low_quality_only": Count | None,
    "num_poorly_assigned": Count,
    "missing_to_need": Share | None,
}
_LACKING_OF_GATE = {
    "num_objects": Count,
    "num_without_candidate": Count,
    "without_candidate_share": Share | None,
    "missing_to_quota": Share | None,
}
_IN_IMAGE = {"file": str, "image_id": Id, "file_name": str | None}
_OBJECT = {
    **_IN_IMAGE,
    "ann_id": Id,
    "annotation_index": Count,
    "class": str,
    "size": Size,
    **dict.fromkeys(("width", "height", "area"), float),
    "cause": str | None,
}
_ASSIGNED = {"num_positives": Count, "lost_to": Id, "is_low_quality_only": bool | None}
_ROW_DRAWS: dict[str, Any] = {
    **maybe(["unassigned_share"], Share | None),
    **maybe(["expected_positives"], Amount | None),
    **maybe(["num_assigned", "num_variants"], Count),
    "command": str | None,
    "picture": str | None,
}
WorstLine: Any = None
for _name, _keys in {
    "WorstObject": {**_OBJECT, **_ASSIGNED},
    "WorstObjectOfGate": {**_OBJECT, "num_candidates": Count, "max_positives": Count},
    "WorstImage": {**_IN_IMAGE, **_LACKING},
    "WorstImageOfGate": {**_IN_IMAGE, **_LACKING_OF_GATE},
    "WorstClass": {"class": str, **_LACKING},
    "WorstClassOfGate": {"class": str, **_LACKING_OF_GATE},
}.items():
    _one = record(_name, {**_keys, **_ROW_DRAWS})
    WorstLine = _one if WorstLine is None else WorstLine | _one
_OVER = {
    "num_objects": Count,
    **maybe([*DECIDED, "every_shift", "some_shifts", "epochs"], Count),
    **maybe(["never_in_epochs"], Amount),
}
_WORST_HEAD = {
    **Head.__annotations__,
    "selection": Selected,
    "preset": str,
    "by": Literal["object", "image", "class"],
    "rows": list[WorstLine],
    **maybe(["variants"], record("OverVariants", {**DRAWS, **_OVER})),
    **maybe(
        ["shifts"],
        record("OverShifts", {"num_shifts": Count, "shifts": list[Sides], **_OVER}),
    ),
}
Worst = record("Worst", {**_WORST_HEAD, **_LACKING}, "`worst --json`.") | record(
    "WorstOfGate", {**_WORST_HEAD, **_LACKING_OF_GATE}, "`worst --json` of a gate."
)


class Checked(Interval):
    """A limit, and whether it holds."""

    preset: str
    group: str
    num_objects: Amount
    num_unassigned: NotRequired[Amount]
    unassigned_share: NotRequired[Share | None]
    num_without_candidate: NotRequired[Amount]
    without_candidate_share: NotRequired[Share | None]
    share_before: Share | None
    most: float | None
    excess: float | None
    is_broken: bool
    statistic: str
    unit: str
    value: float | None
    least: float | None
    rise: Change | None


class OtherSetting(TypedDict):
    """A setting that differs from the baseline's."""

    preset: str
    path: str
    before: Any
    now: Any


class Lost(TypedDict):
    """What is left out that nobody intends, and whether that is too much."""

    preset: str
    num_annotations: Count
    num_left_out: Count
    share: Share | None
    limit: Share
    is_broken: bool
    reasons: dict[str, Count]


class Check(Head):
    """The document of `check --json`."""

    is_kept: bool
    num_checks: Count
    num_broken: Count
    checks: list[Checked]
    differences: list[OtherSetting]
    next: str
    left_out: list[Lost]
    draws: NotRequired[list[str]]


class Preset(TypedDict):
    """A preset in one line."""

    preset: str
    description: str


class ConfigList(TypedDict):
    """The document of `config list --json`."""

    schema_version: Literal[1]
    presets: list[Preset]
    aliases: dict[str, str]


class Level(TypedDict):
    """Anchors of one level; sizes are width and height in input pixels."""

    level: Count
    level_name: str
    stride: Any
    center: Sides
    anchors: list[Any]
    scale_range: list[float | None] | None


class Convention(TypedDict):
    """A convention, and where each of its settings is from."""

    preset: str
    settings: Settings
    origins: dict[str, str]
    levels: list[Level]


class ConfigShow(TypedDict):
    """The document of `config show --json`."""

    schema_version: Literal[1]
    results: list[Convention]


class Imported(TypedDict):
    """A setting that was read of a config."""

    value: Any
    file: str
    line: Count
    key: str | None
    is_default: bool


class Remark(TypedDict):
    """What is imitated in part, or was not read."""

    key: str
    text: str
    file: str | None
    line: Count | None


class Refusal(TypedDict):
    """Why nothing was imported."""

    key: str | None
    file: str
    line: Count | None
    reason: str


class ConfigImport(TypedDict):
    """The document of `config import --json`."""

    schema_version: Literal[1]
    framework: str
    files: list[str]
    extends: str
    settings: dict[str, Imported]
    inexact: list[Remark]
    not_read: list[Remark]
    default: list[Remark]
    refused: None


class ConfigRefused(TypedDict):
    """The same where the config was refused."""

    schema_version: Literal[1]
    refused: Refusal


class Failure(TypedDict):
    """What went wrong."""

    exit_code: Literal[2, 3]
    hint: str | None
    message: str


class Error(TypedDict):
    """What stands on stderr where a command that prints JSON fails."""

    error: Failure


# Rows of `export` as JSON Lines; docs/tables.md says what each column is.
_NAMED = {
    "file": NotRequired[str],
    "image_id": Id,
    "ann_id": Id,
    "annotation_index": Count,
}
_SAID = {
    "preset": str,
    **_NAMED,
    "class": str,
    **dict.fromkeys(("x", "y", "width", "height", "area"), float),
    "size": Size,
    "ratio": Amount | None,
}
_ANCHOR = dict.fromkeys(("level", "cell_y", "cell_x", "anchor"), Count)
_WINDOW = (*WINDOW, "num_candidates", "num_contested")
EXPORTED = {
    "export-positives": record(
        "ExportedPositive",
        {
            **_NAMED,
            **_ANCHOR,
            "iou": float | None,
            "is_low_quality": bool | None,
            "is_shared": NotRequired[bool],
            "num_in_loss": NotRequired[Count],
        },
        "A positive anchor.",
    ),
    "export-objects": record(
        "ExportedObject",
        {
            **_SAID,
            **dict.fromkeys(("input_x1", "input_y1", "input_x2", "input_y2"), float),
            **dict.fromkeys(("num_positives", "max_positives"), Count | None),
            **dict.fromkeys(("mean_iou", "best_iou", "iou_threshold"), float | None),
            **dict.fromkeys(("candidate_mean", "candidate_std"), float | None),
            "num_candidates": Count,
            **dict.fromkeys(("is_tied", "is_fragile"), bool),
            "cause": str | None,
            "lost_to": Id,
            "num_at_bar": Count | None,
            "is_low_quality_only": bool | None,
            **maybe(["num_shared", "num_repeated"], Count | None),
            **maybe(["unassigned_share"], Share | None),
            **maybe(["expected_positives"], Amount | None),
            **maybe(["num_variants"], Count),
        },
        "An object under one convention; positives_P3 and so on count by level.",
    ),
    "export-left-out": record(
        "ExportedLeftOut", {**_SAID, "reason": str}, "An object that is left out."
    ),
    "export-candidates": record(
        "ExportedCandidates",
        {**_NAMED, "level": Count, **dict.fromkeys(_WINDOW, Count)},
        "The candidates that an object has on one level.",
    ),
}
