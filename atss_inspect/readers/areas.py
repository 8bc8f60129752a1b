"""The file's ``area`` of each object: which can be right, and what is used instead.

An area is that of the mask, so it is at most that of the box. Exporters write zeros,
one number for all, the area of the image or a fraction of it.
"""

import numpy as np

from atss_inspect.annotations.dataset import box_areas
from atss_inspect.arrays import BoolArray, Float64Array, IdArray, IntArray
from atss_inspect.readers.findings import Tally

# Masks are drawn in whole pixels, so they may be a little larger than their boxes.
_MOST_OF_BOX = 1.1
_PIXEL = 1.0
# What is seen without looking at boxes.
_WITHOUT_BOXES = ("area_missing", "area_invalid")
_KEPT = ("area_zero", "area_negative")
# That all of so many areas are alike, or nearly all of more, is no accident.
_FEW, _MANY = 5, 20
_NEARLY_ALL = 0.9
# Areas may be parts of their image, in one of these units.
_PARTS = (1.0, 100.0)
_SAME = 0.01
# A box of so many pixels has no area of 1 or less but by mistake.
_MANY_PIXELS = 100.0


def mend_areas(
    areas: Float64Array,
    xywh: Float64Array,
    sizes: Float64Array,
    labels: tuple[IdArray, IntArray],
    tally: Tally,
    *,
    are_boxes_sure: bool = True,
) -> Float64Array:
    """Put width times height in place of areas that the file lacks or has wrong.

    An area of 0 or less stays, since data rules ask for it, but is counted.

    Parameters
    ----------
    areas : (G,) square pixels, NaN where missing, -inf where no number
    xywh, sizes : (G, 4) boxes and (G, 2) height, width of their images, in pixels
    labels : ids of the objects and their places in the file, (G,) each
    are_boxes_sure : whether an area can be doubted for contradicting its box
    """
    of_boxes = box_areas(xywh)
    contradictions = _contradictions(areas, of_boxes, xywh, sizes)
    is_replaced = np.zeros(len(areas), np.bool_)
    for reason, which in contradictions.items():
        if are_boxes_sure or reason in _WITHOUT_BOXES:
            tally.add_rows(reason, which, *labels)
            is_replaced |= which & (reason not in _KEPT)
    return np.where(is_replaced, of_boxes, areas)


def _contradictions(
    areas: Float64Array, of_boxes: Float64Array, xywh: Float64Array, sizes: Float64Array
) -> dict[str, BoolArray]:
    """Tell which areas contradict their box, by what they are; each at most once."""
    has_extent = of_boxes > 0
    positive = areas > 0
    of_images = sizes[:, 0] * sizes[:, 1]
    larger = areas > np.maximum(
        _MOST_OF_BOX * of_boxes, (xywh[:, 2:] + _PIXEL).prod(axis=1)
    )
    found = {
        "area_missing": np.isnan(areas),
        "area_invalid": np.isneginf(areas),
        "area_zero": (areas == 0) & has_extent,
        "area_negative": (areas < 0) & ~np.isneginf(areas),
        "area_constant": positive & _alike(areas, of_boxes),
        "area_fraction": positive & _all_fractions(areas, of_boxes, of_images),
        "area_of_image": larger & has_extent & (areas == of_images),
        "area_above_box": larger & has_extent,
    }
    told = np.zeros(len(areas), np.bool_)
    for reason, which in found.items():
        found[reason] = which & ~told
        told |= which
    return found


def _alike(areas: Float64Array, of_boxes: Float64Array) -> BoolArray:
    """Tell areas that many boxes of different extent have in common; (G,) bool."""
    positive = areas[areas > 0]
    if len(positive) < _FEW:
        return np.zeros(len(areas), np.bool_)
    which: BoolArray = areas == np.median(positive)
    least = _NEARLY_ALL * len(areas) if len(areas) >= _MANY else len(areas)
    own = of_boxes[which]
    is_told = len(own) >= least and own.max() > _MOST_OF_BOX * own.min()
    return which & bool(is_told)


def _all_fractions(
    areas: Float64Array, of_boxes: Float64Array, of_images: Float64Array
) -> bool:
    """Whether areas are parts of the images: those of boxes, or all 1 or less."""
    is_known = (areas > 0) & (of_boxes >= _MANY_PIXELS)
    known, pixels = areas[is_known], of_boxes[is_known]
    if len(known) < _FEW or len(known) * 2 <= len(areas):
        return False
    for unit in _PARTS:
        parts = unit * pixels / of_images[is_known]
        is_same = np.abs(known - parts) <= _SAME * parts
        # In an image of 10 x 10 px, percent are pixels.
        if (is_same & (parts < pixels / _MOST_OF_BOX)).mean() > 1 - _SAME:
            return True
    return bool(areas.max() <= 1)
