"""The IoU-threshold rule of RetinaNet and RPN: one bar, and low-quality matches."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from atss_inspect.assigners.distances import METRICS
from atss_inspect.assigners.iou_threshold.assign import assign_iou_threshold
from atss_inspect.assigners.iou_threshold.params import IouThresholdParams
from atss_inspect.assigners.knobs import Knob, Knobs, one_knob
from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.rule import Configs, Conflict, Family, Rule, Words

_FAMILIES = {
    "retinanet": Family(
        ("#a3458f", "#6b2560", "#c27ab2"), ("#d98cc7", "#b562a1", "#f3c4e8"), "s"
    ),
    "rpn": Family(
        ("#8f6a00", "#5c4400", "#b38d2b"), ("#e0b93a", "#b3902a", "#f5dd8c"), "D"
    ),
}


def _describe(params: IouThresholdParams, _pyramid: Pyramid) -> str:
    """Describe the two bars, and from where the best anchor needs none."""
    high, low = params.positive_from, params.negative_below
    name = params.measure_name
    text = f"{name} rule, positive from {high:g}, negative below {low:g}"
    if not params.allow_low_quality:
        return text
    return f"{text}, best anchor{floor(params) or ' always'}"


def floor(params: IouThresholdParams) -> str:
    """Describe the floor of low-quality matches, if there is one."""
    lowest = params.low_quality_floor
    return f" from {lowest:g}" if lowest else ""


def _configs(params: IouThresholdParams, _pyramid: Pyramid) -> Configs:
    """The bars and low-quality matches; detectron2 has both bars in one key."""
    high, low = params.positive_from, params.negative_below
    forced, matcher = params.allow_low_quality, "{model}.anchor_matcher"
    keys = ("MODEL.{section}.IOU_THRESHOLDS", f"{matcher}.thresholds")
    both = dict.fromkeys(keys, (low, high))
    return {
        "mmdetection": _measures(params)
        | {
            "positive_from": {"{assigner}.pos_iou_thr": high},
            "negative_below": {"{assigner}.neg_iou_thr": low},
            "low_quality_floor": {"{assigner}.min_pos_iou": params.low_quality_floor},
            "allow_low_quality": {"{assigner}.match_low_quality": forced},
            "low_quality_ties": {
                "{assigner}.gt_max_assign_all": params.low_quality_ties == "all"
            },
        },
        "torchvision": {
            "positive_from": {"{bars}fg_iou_thresh": high},
            "negative_below": {"{bars}bg_iou_thresh": low},
        },
        "detectron2": {
            "positive_from": both,
            "negative_below": both,
            "allow_low_quality": {f"{matcher}.allow_low_quality_matches": forced},
        },
        "official": {
            "positive_from": {"MODEL.{section}.FG_IOU_THRESHOLD": high},
            "negative_below": {"MODEL.{section}.BG_IOU_THRESHOLD": low},
        },
    }


def _measures(params: IouThresholdParams) -> dict[str, dict[str, Any]]:
    """The measure that stands in place of the IoU, and its constant."""
    if params.measure == "iou":
        return {}
    keys: dict[str, dict[str, Any]] = {
        "measure": {"{assigner}.assign_metric": METRICS[params.measure]}
    }
    if params.measure in ("nwd", "dotd"):
        constant = {"{assigner}.iou_calculator.constant": params.nwd_constant}
        keys["nwd_constant"] = constant
    return keys


def _conflict(values: Mapping[str, Any]) -> Conflict | None:
    """Refuse a lower bar above the upper one."""
    paths = ("assigner.positive_from", "assigner.negative_below")
    high, low = (values[path] for path in paths)
    if low <= high:
        return None
    expected = f"negative_below at most positive_from, got {low} and {high}"
    return Conflict(paths, expected, f"--set {paths[1]}={high} fits")


_BARS = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)


def _bar_knob(params: IouThresholdParams) -> Knobs:
    """Turn the upper bar of the IoU; the lower one is never above it."""
    if params.measure != "iou":
        return Knobs()

    def changes(bar: float) -> dict[str, Any]:
        low = min(params.negative_below, bar)
        return {"assigner.positive_from": bar, "assigner.negative_below": low}

    return one_knob(Knob.of("bar", params.positive_from, _BARS), changes)


_FLOORS = (0.0, 0.1, 0.2, 0.3, 0.4)


def _floor_knob(params: IouThresholdParams) -> Knobs:
    """Turn the floor of low-quality matches, which lies below the bar."""
    if not params.allow_low_quality or params.measure != "iou":
        return Knobs()
    floors = [one for one in _FLOORS if one < params.positive_from]
    knob = Knob.of("floor", params.low_quality_floor, floors)
    return one_knob(knob, lambda one: {"assigner.low_quality_floor": one})


IOU_THRESHOLD = Rule(
    name="iou_threshold",
    params=IouThresholdParams,
    assign=assign_iou_threshold,
    about="one IoU bar for all objects",
    words=Words(
        title="IoU rule",
        meaning=(
            "Anchors with an IoU above a fixed bar are positive (RetinaNet, RPN). A "
            "low-quality match gives an object its best anchor even below the bar."
        ),
        describe=_describe,
        configs=_configs,
        families=_FAMILIES,
    ),
    steps=f"{__name__}.steps",
    threshold_knobs=_bar_knob,
    floor_knobs=_floor_knob,
    unforced=lambda params: (
        replace(params, allow_low_quality=False) if params.allow_low_quality else None
    ),
    # Anchors between the bars, which are ignored, need not be found.
    positives_only=lambda params: replace(params, negative_below=params.positive_from),
    bar=lambda params: params.positive_from,
    bar_of=lambda params: params.distance_words,
    conflict=_conflict,
)
