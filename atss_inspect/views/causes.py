"""Why objects have no positive, or are left out, in words; the same in every view."""

from collections.abc import Iterator, Mapping

from atss_inspect.assigners.causes import KNOWN_CAUSES


class _CauseWords(Mapping[str, str]):
    """Words by name, in rule order; those of rules from outside once they are there."""

    def __getitem__(self, name: str) -> str:
        return KNOWN_CAUSES[name].words

    def __iter__(self) -> Iterator[str]:
        return iter(KNOWN_CAUSES)

    def __len__(self) -> int:
        return len(KNOWN_CAUSES)


CAUSE_WORDS = _CauseWords()
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
