"""What the four numbers of a ``bbox`` may be: COCO's and others, and what they mean.

COCO's are x, y, width, height in pixels. Files hold corners, centers, fractions and
percentages as well; read as COCO's these give boxes that look almost right.
"""

import re

import numpy as np

from atss_inspect.arrays import Float64Array

PIXELS, FRACTIONS, PERCENT = "", "-fractions", "-percent"
FORMS = ("xywh", "xyxy", "cxcywh")
# What `--box-format` takes, and what each is in words.
BOX_FORMATS = {
    form + unit: f"{numbers}{said}"
    for unit, said in (
        (PIXELS, ""),
        (FRACTIONS, " in fractions of the image"),
        (PERCENT, " in percent of the image"),
    )
    for form, numbers in zip(
        FORMS,
        ("x, y, width, height", "x1, y1, x2, y2", "center x, center y, width, height"),
        strict=True,
    )
}
OTHERS = tuple(BOX_FORMATS)[1:]  # than COCO's
# What files call a format: the names and numbers of detectron2's BoxMode, and others'.
_DECLARED = {
    **dict.fromkeys(("0", "xyxyabs", "xyxy", "ltrb", "pascalvoc"), "xyxy"),
    **dict.fromkeys(("1", "xywhabs", "xywh", "ltwh", "coco"), "xywh"),
    **dict.fromkeys(("2", "xyxyrel", "xyxyn", "albumentations"), "xyxy-fractions"),
    **dict.fromkeys(("3", "xywhrel", "xywhn"), "xywh-fractions"),
    **dict.fromkeys(("cxcywh", "ccwh"), "cxcywh"),
    **dict.fromkeys(("cxcywhn", "yolo"), "cxcywh-fractions"),
}


def declared_format(mode: object) -> str | None:
    """Take what a file says its boxes are, as one of `BOX_FORMATS`; None if unknown."""
    word = re.sub(r"[^a-z0-9]", "", str(mode).lower().removeprefix("boxmode."))
    return _DECLARED.get(word)


def corners_of(numbers: Float64Array, form: str) -> tuple[Float64Array, Float64Array]:
    """Read boxes in a form: their near and far corners, (N, 2) each."""
    first, second = numbers[:, :2], numbers[:, 2:]
    if form == "xyxy":
        return first, second
    near = first - second / 2 if form == "cxcywh" else first
    return near, near + second


def to_xywh(boxes: Float64Array, sizes: Float64Array, box_format: str) -> Float64Array:
    """Turn (N, 4) boxes of a format into x, y, width, height in pixels, float64.

    ``sizes`` are height, width of the image of each, (N, 2).
    """
    form, _, unit = box_format.partition("-")
    if unit:
        whole = np.tile(sizes[:, ::-1], 2)
        boxes = boxes * whole / (100.0 if unit == PERCENT[1:] else 1.0)
    if form == "xywh":
        return boxes
    near, _ = corners_of(boxes, form)
    sides = boxes[:, 2:] - near if form == "xyxy" else boxes[:, 2:]
    return np.hstack([near, sides])
