"""The outcome of an object in one sentence."""

from collections import Counter
from typing import Any

import numpy as np

from atss_inspect.assigners.atss.steps import AtssSteps
from atss_inspect.assigners.fcos.steps import FcosSteps
from atss_inspect.assigners.iou_threshold.assign import IouThresholdParams
from atss_inspect.assigners.iou_threshold.steps import IouThresholdSteps
from atss_inspect.assigners.pyramid import level_name
from atss_inspect.explain import Explanation
from atss_inspect.views import numbers
from atss_inspect.views.causes import CAUSE_WORDS
from atss_inspect.views.names import printable

# Why the data rules leave an object, or its image, out.
LEFT_OUT = {
    "class_not_selected": "its class is not among data.classes",
    "ignore_flag": "it carries a truthy `ignore` flag",
    "crowd": "it is a crowd region (iscrowd = 1)",
    "outside_image": "its box shares no area with the image",
    "no_extent": "its box has no width or no height",
    "too_small": "its box (or its area) is smaller than data.min_box_side allows",
    "too_small_after_resize": "nothing is left of its box after resizing and clipping",
    "image_left_out": "its image is left out",
}
IMAGE_LEFT_OUT = {
    "below_min_side": "the image is smaller than data.min_image_side",
    "no_annotations": "the image has no annotation of a selected class",
    "only_crowd": "the image has nothing but crowds",
    "only_thin_boxes": "the image has only boxes at most one pixel thin",
}


def name(ann_id: Any) -> str:
    """Write an annotation id."""
    return "(no id)" if ann_id is None else printable(str(ann_id))


def outcome_sentence(one: Explanation) -> str:
    """Say what the object gets, or why it gets nothing."""
    if one.left_out:
        reason = LEFT_OUT[one.left_out]
        if one.left_out == "image_left_out" and one.image_left_out:
            reason = IMAGE_LEFT_OUT[one.image_left_out]
        return f"not an object of {printable(one.settings.name)}: {reason}."
    if one.cause:
        return f"no positive ({CAUSE_WORDS[one.cause]}): {_CAUSES[one.cause](one)}."
    strides = one.settings.anchors.strides
    counts = Counter(place.level for place in one.positives)
    levels = [
        f"{numbers.count(number)} on {level_name(strides[level])}"
        for level, number in sorted(counts.items())
    ]
    total = numbers.plural(len(one.positives), "positive")
    return f"{total}: {numbers.joined(levels)}."


def _no_center_inside(one: Explanation) -> str:
    """Say that no anchor is where the box is."""
    if isinstance(one.steps, AtssSteps):
        number = numbers.count(len(one.steps.candidates))
        return f"none of its {number} candidates has its center inside the box"
    return "no point of any level lies inside the box"


def _under_threshold(one: Explanation) -> str:
    """Say that candidates are inside, and overlap too little."""
    steps = one.steps
    if not isinstance(steps, AtssSteps):
        return "no candidate passes the threshold"
    inside = [each.iou for each in steps.candidates if each.is_inside]
    number = numbers.plural(len(inside), "candidate")
    has = "has its center" if len(inside) == 1 else "have their centers"
    if np.isnan(steps.threshold):
        return f"{number} {has} inside, but one candidate alone gives no threshold"
    return (
        f"{number} {has} inside the box, with an IoU of at most {max(inside):.4f}, "
        f"under its threshold of {steps.threshold:.4f}"
    )


def _under_bar(one: Explanation) -> str:
    """Say that the best anchor overlaps too little."""
    rule = one.settings.assigner
    if not isinstance(rule, IouThresholdParams):
        return "its best IoU is under the bar"
    best = one.steps.best if isinstance(one.steps, IouThresholdSteps) else np.nan
    bar = f"its best IoU is {best:.4f}, under the bar of {rule.positive_from:g}"
    if not rule.allow_low_quality:
        return f"{bar}, and there are no low-quality matches"
    return f"{bar} and under the {rule.low_quality_floor:g} of a low-quality match"


def _lost(one: Explanation) -> str:
    """Say that others have everything it could have had."""
    what = "point" if isinstance(one.steps, FcosSteps) else "anchor"
    text = f"every {what} it could have had went to other objects"
    if one.lost_to is None:
        return text
    return f"{text}, the one it wanted most to annotation {name(one.lost_to)}"


_CAUSES = {
    "no_anchor_in_reach": lambda _: "no anchor overlaps it",
    "no_center_inside": _no_center_inside,
    "outside_center_region": lambda _: (
        "points lie inside its box, but none near enough to its center"
    ),
    "outside_scale_range": lambda _: (
        "points lie inside its box, but on no level is their largest side distance "
        "in the scale range"
    ),
    "under_threshold": _under_threshold,
    "under_bar": _under_bar,
    "lost_to_others": _lost,
}
