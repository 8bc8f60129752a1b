"""What the four numbers of a ``bbox`` are, and how to tell that they are not COCO's.

COCO's are x, y, width, height in pixels. Files hold corners, centers, fractions and
percentages as well; read as COCO's these give boxes that look almost right.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import BoolArray, Float64Array

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
# With so many boxes of a file, a doubt about all of them is no accident.
ENOUGH_BOXES = 20
_FEWEST_BOXES = 3
# Exporters round: so far beyond its image a box still lies inside, in pixels or in
# this part of a fraction or a percentage.
_OVERHANG = 2.0
_SLACK = {FRACTIONS: 0.005, PERCENT: 0.5}
# Fractions of boxes that reach beyond the image may be above 1.
_LARGEST = {FRACTIONS: 1.5, PERCENT: 100.5}
# Narrower images may have all their boxes in so few pixels.
_SPREAD_PERCENT = 80.0
_LEAST_SIDE = {FRACTIONS: 32, PERCENT: 250}
# Centers are only believed where so many boxes leave the image as x, y, w, h; a few do
# in many a right file.
_MANY_LEAVE = 0.05
_SAME = 0.01  # areas differ less than that by rounding
_NEARLY_ALL = 0.95
_HEAD = 4096


class BoxDoubt(NamedTuple):
    """That all boxes of a file look like another format, and what tells so."""

    box_format: str
    evidence: str


class _Boxes(NamedTuple):
    """Boxes as written, N of them, and the extent of the image of each."""

    numbers: Float64Array  # (N, 4)
    extent: Float64Array  # (N, 2) width, height, in the unit of the numbers
    slack: float

    def inside(self, form: str) -> BoolArray:
        """Tell which boxes, read in a form, keep to their image; (N,) bool."""
        near, far = _corners(self.numbers, form)
        fits = (near >= -self.slack) & (far >= near) & (far <= self.extent + self.slack)
        inside: BoolArray = np.all(fits, axis=1)
        return inside

    def all_inside(self, form: str) -> bool:
        """Whether all boxes, read in a form, keep to their image."""
        # Mostly the first few say no.
        head = _Boxes(self.numbers[:_HEAD], self.extent[:_HEAD], self.slack)
        return bool(head.inside(form).all() and self.inside(form).all())


def _corners(numbers: Float64Array, form: str) -> tuple[Float64Array, Float64Array]:
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
    near, _ = _corners(boxes, form)
    sides = boxes[:, 2:] - near if form == "xyxy" else boxes[:, 2:]
    return np.hstack([near, sides])


def doubt_boxes(
    numbers: Float64Array,
    sizes: Float64Array,
    areas: Float64Array,
    outlines: Callable[[], tuple[Float64Array, Float64Array]],
) -> BoxDoubt | None:
    """Tell whether all boxes of a file look like another format; None if they do not.

    Parameters
    ----------
    numbers : (N, 4) float64, ``bbox`` as written
    sizes : (N, 2) height, width of each one's image, in pixels
    areas : (N,) the file's ``area``, NaN where there is none
    outlines : called when the numbers alone do not tell: M boxes as written and the
        corners x1, y1, x2, y2 of their polygons, (M, 4) each
    """
    if len(numbers) == 0:
        return None
    unit = _unit(numbers, sizes)
    whole = 100.0 if unit == PERCENT else 1.0
    extent = np.full((len(sizes), 2), whole) if unit else sizes[:, ::-1]
    boxes = _Boxes(numbers, extent, _SLACK.get(unit, _OVERHANG))
    is_few = len(numbers) < _FEWEST_BOXES
    if not is_few and boxes.all_inside("xyxy"):
        evidence = _leave_otherwise(boxes, least=1)
        if not (evidence or unit):
            evidence = _areas_of_corners(numbers, areas) or _polygons_of(*outlines())
        if evidence:
            return BoxDoubt("xyxy" + unit, evidence)
    if not is_few and boxes.all_inside("cxcywh"):
        least = max(_FEWEST_BOXES, _MANY_LEAVE * len(numbers))
        if evidence := _leave_otherwise(boxes, least=least):
            return BoxDoubt("cxcywh" + unit, evidence)
    if unit == PIXELS:
        return None
    return BoxDoubt("xywh" + unit, _small(unit))


def doubt_corners(numbers: Float64Array, sizes: Float64Array) -> BoxDoubt | None:
    """The same of numbers that should be corners in pixels, as VOC has them."""
    if len(numbers) < _FEWEST_BOXES:
        return None
    unit = _unit(numbers, sizes)
    whole = 100.0 if unit == PERCENT else 1.0
    extent = np.full((len(sizes), 2), whole) if unit else sizes[:, ::-1]
    boxes = _Boxes(numbers, extent, _SLACK.get(unit, _OVERHANG))
    least = max(_FEWEST_BOXES, _MANY_LEAVE * len(numbers))
    found = np.count_nonzero((numbers[:, 2:] < numbers[:, :2]).any(axis=1))
    if found >= least and boxes.all_inside("xywh"):
        evidence = f"as corners {found:,} of them end before they begin, read so none"
        return BoxDoubt("xywh" + unit, evidence)
    if unit == PIXELS:
        return None
    return BoxDoubt("xyxy" + unit, _small(unit))


def doubt_centers(shares: Float64Array) -> BoxDoubt | None:
    """The same of numbers that should be centers and sizes, as a YOLO label has them.

    ``shares`` are (N, 4), fractions of the image.
    """
    if len(shares) < _FEWEST_BOXES:
        return None
    boxes = _Boxes(shares, np.ones((len(shares), 2)), _SLACK[FRACTIONS])
    found = np.count_nonzero(~boxes.inside("cxcywh"))
    # A few leave their image in many a right label.
    if found >= max(_FEWEST_BOXES, _MANY_LEAVE * len(shares)):
        for form in ("xyxy", "xywh"):
            if boxes.all_inside(form):
                evidence = f"as centers {found:,} of them leave their image"
                return BoxDoubt(form + FRACTIONS, f"{evidence}, read so none")
    return None


def _small(unit: str) -> str:
    """That numbers are too small for pixels."""
    return f"all their numbers lie within 0 and {_LARGEST[unit]:g}"


def _unit(numbers: Float64Array, sizes: Float64Array) -> str:
    """Tell pixels from fractions and percentages, which stay small on large images."""
    if numbers.min() < 0:
        return PIXELS
    largest, side = numbers.max(), sizes.min(axis=1)
    for unit in (FRACTIONS, PERCENT):
        is_spread = unit == FRACTIONS or _are_spread(numbers)
        is_large = np.count_nonzero(side >= _LEAST_SIDE[unit]) * 2 > len(numbers)
        if is_spread and largest <= _LARGEST[unit] and is_large:
            return unit
    return PIXELS


def _are_spread(numbers: Float64Array) -> bool:
    """Whether there are many boxes, not too near to the left and top border."""
    far = np.maximum(numbers[:, :2], numbers[:, 2:]).max(axis=0)
    num_places = len(np.unique(numbers[:_HEAD], axis=0))
    return num_places >= ENOUGH_BOXES and bool((far > _SPREAD_PERCENT).all())


def _leave_otherwise(boxes: _Boxes, *, least: float) -> str:
    """How many leave their image as x, y, width, height; "" if they are fewer."""
    found = np.count_nonzero(~boxes.inside("xywh"))
    if found < least:
        return ""
    return f"as x, y, width, height {found:,} of them leave their image, read so none"


def _areas_of_corners(numbers: Float64Array, areas: Float64Array) -> str:
    """That areas are those of corners, not of width and height; "" if not."""
    has_area = areas > 0
    if np.count_nonzero(has_area) < _FEWEST_BOXES:
        return ""
    known, boxes = areas[has_area], numbers[has_area]
    as_corners = _are_same(known, (boxes[:, 2:] - boxes[:, :2]).prod(axis=1))
    as_sides = _are_same(known, boxes[:, 2:].prod(axis=1))
    if as_corners.mean() < _NEARLY_ALL or as_sides.mean() > 1 - _NEARLY_ALL:
        return ""
    return "their areas are those of these corners"


def _polygons_of(numbers: Float64Array, corners: Float64Array) -> str:
    """That polygons lie between the corners that boxes name; "" if not."""
    same: BoolArray = np.all(np.abs(numbers - corners) <= _OVERHANG, axis=1)
    if len(same) < _FEWEST_BOXES or same.mean() < _NEARLY_ALL:
        return ""
    found = np.count_nonzero(same)
    return f"{found:,} of {len(same):,} polygons have these corners"


def _are_same(first: Float64Array, second: Float64Array) -> BoolArray:
    """Tell which areas are equal up to rounding."""
    same: BoolArray = np.abs(first - second) <= np.maximum(1.0, _SAME * second)
    return same
