"""What looks wrong about a file but is used as written: sizes, places, boxes, counted.

Boxes that all look like another format are no matter of a few: with enough of them the
file is refused, and the message names the option that reads them as they were meant.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import BoolArray, Float64Array, IdArray, IntArray
from atss_inspect.errors import DataError
from atss_inspect.readers.box_formats import (
    BOX_FORMATS,
    ENOUGH_BOXES,
    FRACTIONS,
    BoxDoubt,
    doubt_boxes,
)
from atss_inspect.readers.findings import Tally, item_labels

# Exporters round: half a pixel of overhang is usual, more than this is worth a word.
OVERHANG_PIXELS = 2.0
TINY_SIDE = 32
HUGE_SIDE = 100_000
BLOCK_ROWS = 1 << 14
# One recorded size for so many images is doubted if so large a part of the boxes lies
# beyond it.
_MANY_IMAGES = 10
_MANY_BEYOND = 0.05
_MATCH_NOTHING = ("image_id_missing", "unknown_image")


class Boxes(NamedTuple):
    """Boxes as used, by image, G of them on I images, and where a user finds them."""

    xywh: Float64Array  # (G, 4) in pixels
    rows: IntArray  # (G,) the row of the image of each
    ids: IdArray  # (G,)
    order: IntArray  # (G,) places in the file
    sizes: Float64Array  # (I, 2) height, width of the images
    image_ids: IdArray  # (I,)
    image_order: IntArray  # (I,) places in the file


def refuse_other_formats(
    name: str,
    numbers: Float64Array,
    sizes: Float64Array,
    areas: Float64Array,
    outlines: Callable[[], tuple[Float64Array, Float64Array]],
    tally: Tally,
) -> bool:
    """Count boxes that all look like another format; raise `DataError` if many do.

    See `doubt_boxes` for the arguments; ``name`` is that of the file. Comes back
    whether they look so.
    """
    doubt = doubt_boxes(numbers, sizes, areas, outlines)
    return refuse_doubt(name, doubt, len(numbers), tally)


def refuse_doubt(
    name: str,
    doubt: BoxDoubt | None,
    number: int,
    tally: Tally,
    expected: str = "xywh",
) -> bool:
    """Do the same with a doubt about so many boxes; ``expected`` is their format."""
    if doubt is None:
        return False
    option = f"--box-format {doubt.box_format}"
    if number < ENOUGH_BOXES:
        is_unit = doubt.box_format.endswith(FRACTIONS)
        reason = "boxes_look_normalised" if is_unit else "boxes_look_different"
        reason = reason if expected == "xywh" else "boxes_of_another_kind"
        tally.add(reason, number, (), f"{doubt.evidence}; {option} reads them so")
        return True
    found = f"all {number:,} boxes look like {BOX_FORMATS[doubt.box_format]}"
    problem = f"{found}: {doubt.evidence}; expected {BOX_FORMATS[expected]}"
    hint = f"{option} reads them so, --box-format {expected} as they are written"
    raise DataError(name, problem, hint=hint)


def require_images(dataset: Dataset) -> None:
    """Raise `DataError` where more than half of the annotations match no image."""
    found = [each for each in dataset.findings if each.reason in _MATCH_NOTHING]
    number = sum(each.count for each in found)
    if number * 2 > dataset.num_annotations:
        told = "; ".join(f"{each.message}; {each.hint}" for each in found)
        files = ", ".join(dataset.files)
        problem = f"more than half of the annotations match no image: {told}"
        raise DataError(files, problem, hint="`check` tells what else is there")


def note_places(boxes: Boxes, tally: Tally) -> None:
    """Count boxes without extent or beyond their image, and sizes that look wrong."""
    # Nearly all boxes pass; only the others are worth telling apart.
    odd = np.flatnonzero(~_lie_well_inside(boxes.xywh, boxes.sizes[boxes.rows]))
    x, y, width, height = boxes.xywh[odd].T
    image_height, image_width = boxes.sizes[boxes.rows[odd]].T
    empty = ~((width > 0) & (height > 0))
    outside = (x >= image_width) | (y >= image_height)
    outside |= (x + width <= 0) | (y + height <= 0)
    for reason, which in (
        ("bbox_without_extent", empty),
        ("bbox_outside_image", outside & ~empty),
        ("bbox_beyond_image", ~outside & ~empty),
    ):
        tally.add_rows(reason, which, boxes.ids[odd], boxes.order[odd])
    _note_sizes(boxes, odd, tally)


def _note_sizes(boxes: Boxes, odd: IntArray, tally: Tally) -> None:
    """Count images whose recorded size cannot be that of their boxes.

    ``odd`` are the boxes that do not lie well inside.
    """
    sizes, rows = boxes.sizes, boxes.rows
    num_images = len(sizes)
    center = boxes.xywh[odd, :2] + boxes.xywh[odd, 2:] / 2
    is_off = (center > sizes[rows[odd], ::-1]).any(axis=1)
    num_off = np.bincount(rows[odd][is_off], minlength=num_images)
    # Most centers lie right of the image or below.
    is_doubtful = num_off * 2 > np.bincount(rows, minlength=num_images)
    is_exchanged = _fit_exchanged(boxes, odd)
    for reason, which in (
        ("image_tiny", sizes.min(axis=1, initial=np.inf) < TINY_SIDE),
        ("image_huge", sizes.max(axis=1, initial=-np.inf) > HUGE_SIDE),
        ("image_size_exchanged", is_exchanged),
        ("image_size_one_for_all", _one_size_for_all(boxes, odd) & ~is_exchanged),
        ("image_size_doubtful", is_doubtful & ~is_exchanged),
    ):
        found = np.flatnonzero(which)
        found = found[np.argsort(boxes.image_order[found], kind="stable")]
        labels = item_labels("images", boxes.image_order[found], boxes.image_ids[found])
        pairs = zip(labels, sizes[found[: len(labels)]].tolist(), strict=True)
        tally.add(reason, len(found), [f"{at}: {w:g}x{h:g}" for at, (h, w) in pairs])


def _fit_exchanged(boxes: Boxes, odd: IntArray) -> BoolArray:
    """Tell images whose boxes leave them, and would not with width for height; (I,)."""
    num_images = len(boxes.sizes)
    overflow = np.bincount(boxes.rows[odd], minlength=num_images) > 0
    turned = boxes.sizes[:, ::-1]
    is_square = boxes.sizes[:, 0] == boxes.sizes[:, 1]
    suspect = np.flatnonzero((overflow & ~is_square)[boxes.rows])
    fits = _lie_well_inside(boxes.xywh[suspect], turned[boxes.rows[suspect]])
    misfits = np.bincount(boxes.rows[suspect][~fits], minlength=num_images)
    exchanged: BoolArray = overflow & ~is_square & (misfits == 0)
    return exchanged


def _one_size_for_all(boxes: Boxes, odd: IntArray) -> BoolArray:
    """Tell the images beyond whose size boxes lie, if it is one for many; (I,)."""
    num_images = len(boxes.sizes)
    beyond = np.bincount(boxes.rows[odd], minlength=num_images) > 0
    is_one = num_images >= _MANY_IMAGES and bool((boxes.sizes == boxes.sizes[0]).all())
    is_many = np.count_nonzero(beyond) > _MANY_BEYOND * num_images
    return beyond & (is_one and is_many)


def _lie_well_inside(xywh: Float64Array, sizes: Float64Array) -> BoolArray:
    """Tell boxes with an extent that keep to their image but for a little overhang."""
    inside = np.empty(len(xywh), np.bool_)
    # Block by block, so that temporaries stay in the processor's cache.
    for start in range(0, len(xywh), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        x, y, width, height = xywh[block].T
        image_height, image_width = sizes[block].T
        fits = (width > 0) & (height > 0)
        fits &= (x >= -OVERHANG_PIXELS) & (y >= -OVERHANG_PIXELS)
        fits &= x + width <= image_width + OVERHANG_PIXELS
        fits &= y + height <= image_height + OVERHANG_PIXELS
        # Up to here a thin box just beyond the border passes.
        fits &= (x < image_width) & (y < image_height)
        inside[block] = fits & (x + width > 0) & (y + height > 0)
    return inside
