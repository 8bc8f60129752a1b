"""INI of keras-retinanet: its anchors; all else stands on its command line.

Read in fizyr/keras-retinanet 7ac91df, utils/anchors.py and preprocessing/.
"""

from typing import Any

from atss_inspect.importing.anchor_sizes import set_sizes
from atss_inspect.importing.parts import Part, number, whole

# What it does, whatever the file says.
RULES: dict[str, Any] = {
    "anchors.offset": 0.5,
    "assigner.positive_from": 0.5,
    "assigner.negative_below": 0.4,
    "assigner.allow_low_quality": False,
    "assigner.min_union": 0.0,
    "data.unknown_category": "error",
    "data.drop_ignored": False,
    "data.clip": "never",
    "data.drop_outside": False,
    "data.min_box_side": 1.0,
    "data.drop_images": "never",
    "data.min_image_side": 0,
    "resize.short_side": 800,
    "resize.long_side": 1333,
    "resize.pad_divisor": 1,
    "augment.flip": 0.0,
}
INEXACT = {
    "negative_overlap": "an IoU of exactly 0.4 is negative there, and ignored here",
    "bboxes": "boxes beyond the image are left out there, and kept here",
    "image_scale": "boxes are scaled by the factor of the image, not by its new size",
}


def read(config: Part, part: str | None) -> str:
    """Read the anchors; sizes of images are the defaults of the command line."""
    if part == "rpn":
        config.refuse("anchor_parameters", "RetinaNet has no RPN")
    anchors = config.section("anchor_parameters")
    for path, value in RULES.items():
        anchors.set(path, value, "")
    for key, text in INEXACT.items():
        config.notes.say("inexact", key, None, text)
    strides = anchors.setting("anchors.strides", "strides", make=_whole)
    sizes, scales = anchors.made("sizes", _whole), anchors.made("scales", _numbers)
    if len(sizes) != len(strides):
        anchors.refuse("sizes", "expected as many as there are strides")
    lists = tuple(tuple(size * scale for scale in scales) for size in sizes)
    set_sizes(anchors, "sizes", lists)
    anchors.setting("anchors.ratios", "ratios", make=_numbers)
    anchors.rest(())
    pyramid = config.section("pyramid_levels")
    levels = pyramid.made("levels", _whole, "3 4 5 6 7")
    if tuple(1 << min(level, 30) for level in levels) != strides:
        where = pyramid if "levels" in pyramid else anchors
        key = "levels" if "levels" in pyramid else "strides"
        where.refuse(key, "strides that are not those of the levels are no rule here")
    text = "800 and 1333 where its command line does not say others"
    config.notes.say("default", "image_min_side, image_max_side", None, text)
    return "retinanet-mmdet"


def _whole(text: Any) -> tuple[int, ...]:
    return tuple(whole(int(one)) for one in str(text).split())


def _numbers(text: Any) -> tuple[float, ...]:
    return tuple(number(float(one)) for one in str(text).split())
