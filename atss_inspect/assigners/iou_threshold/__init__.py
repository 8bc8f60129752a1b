"""The IoU-threshold rule of RetinaNet and RPN: one bar, and low-quality matches."""

from collections.abc import Mapping
from typing import Any

from atss_inspect.assigners.iou_threshold import words
from atss_inspect.assigners.iou_threshold.assign import assign_iou_threshold
from atss_inspect.assigners.iou_threshold.params import IouThresholdParams
from atss_inspect.assigners.rule import Rule


def _conflict(values: Mapping[str, Any]) -> tuple[tuple[str, ...], str] | None:
    """Refuse a lower bar above the upper one."""
    paths = ("assigner.positive_from", "assigner.negative_below")
    high, low = (values[path] for path in paths)
    if low <= high:
        return None
    return paths, f"negative_below at most positive_from, got {low} and {high}"


IOU_THRESHOLD = Rule(
    name="iou_threshold",
    params=IouThresholdParams,
    assign=assign_iou_threshold,
    about="one IoU bar for all objects",
    words=words.WORDS,
    steps=f"{__name__}.steps",
    unforced=words.without_low_quality,
    conflict=_conflict,
    changes=words.lower_bars,
)
