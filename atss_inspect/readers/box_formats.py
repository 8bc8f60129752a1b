"""What the four numbers of a ``bbox`` may be: COCO's and others, and what they mean.

COCO's are x, y, width, height in pixels. Files hold corners, centers, fractions and
percentages as well; read as COCO's these give boxes that look almost right.
"""

import re
from typing import NamedTuple

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


class BoxDoubt(NamedTuple):
    """That boxes look like another format, or one of several, and what tells so."""

    box_formats: tuple[str, ...]  # the likeliest first
    number: int  # of boxes that look so
    evidence: str

    @property
    def reason(self) -> str:
        """What a finding of it is called."""
        [first, *more] = self.box_formats
        unit = first.partition("-")[2]
        name = (unit or "different") if more else first.replace("-", "_")
        return f"boxes_look_{name}"

    @property
    def words(self) -> str:
        """What the boxes look like."""
        if len(self.box_formats) == 1:
            return BOX_FORMATS[self.box_formats[0]]
        if self.box_formats[0] not in FORMS:
            return unit_words(self.box_formats[0])
        return " or ".join(BOX_FORMATS[each] for each in self.box_formats)

    @property
    def options(self) -> str:
        """What reads them as they are meant."""
        if len(self.box_formats) == 1:
            return f"--box-format {self.box_formats[0]} reads them so"
        return ", ".join(
            f"--box-format {each} if they are {BOX_FORMATS[each.partition('-')[0]]}"
            + " as in YOLO" * (each == f"cxcywh{FRACTIONS}")
            for each in self.box_formats
        )


def unit_words(box_format: str) -> str:
    """What numbers of a format other than pixels are, whatever they mean."""
    unit = box_format.partition("-")[2].replace("percent", "percentages")
    return f"{unit} of the image"
