"""The outcome of an object in one sentence."""

from collections import Counter

from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.assigners.pyramid import level_name
from atss_inspect.assigners.steps import steps_of
from atss_inspect.explain import Explanation
from atss_inspect.views import numbers
from atss_inspect.views.causes import CAUSE_WORDS
from atss_inspect.views.names import name_of_id, printable

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


def outcome_sentence(one: Explanation) -> str:
    """Write what the object gets, or why it gets nothing."""
    if one.left_out:
        reason = LEFT_OUT[one.left_out]
        if one.left_out == "image_left_out" and one.image_left_out:
            reason = IMAGE_LEFT_OUT[one.image_left_out]
        return f"not an object of {printable(one.settings.name)}: {reason}."
    if one.cause:
        return f"no positive ({CAUSE_WORDS[one.cause]}): {_why(one, one.cause)}."
    strides = one.settings.anchors.strides
    counts = Counter(place.level for place in one.positives)
    levels = [
        f"{numbers.count(number)} on {level_name(strides[level])}"
        for level, number in sorted(counts.items())
    ]
    total = numbers.plural(len(one.positives), "positive")
    return f"{total}: {numbers.joined(levels)}."


def _why(one: Explanation, cause: str) -> str:
    """Explain why the object gets nothing: in the rule's words, or the cause's."""
    why = steps_of(one.settings.rule).why(one.steps, cause)
    if why or cause != "lost_to_others":
        return why or KNOWN_CAUSES[cause].sentence
    what = "anchor" if one.settings.rule.uses_anchors else "point"
    text = f"every {what} it could have had went to other objects"
    if one.lost_to is None:
        return text
    return f"{text}, the one it wanted most to annotation {name_of_id(one.lost_to)}"
