"""What looks wrong about a file but is used as written: sizes, places, boxes, counted.

Boxes that all look like another format are no matter of a few: with enough of them the
file is refused, and the message names the option that reads them as they were meant.
"""

from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import WITHOUT_IMAGE, Dataset
from atss_inspect.arrays import BoolArray, Float64Array, IdArray, IntArray
from atss_inspect.errors import DataError
from atss_inspect.readers.box_formats import BOX_FORMATS, FORMS, BoxDoubt, unit_words
from atss_inspect.readers.box_readings import Written, mixed_boxes
from atss_inspect.readers.findings import Tally, item_labels

# With so many boxes of a file, a doubt about them is no accident.
ENOUGH_BOXES = 20
# Exporters round: half a pixel of overhang is usual, more than this is worth a word.
OVERHANG_PIXELS = 2.0
TINY_SIDE = 32
HUGE_SIDE = 100_000
BLOCK_ROWS = 1 << 14
# One recorded size for so many images is doubted if a box lies wholly beyond it in so
# large a part of them; parts of people that leave a film's frame are often drawn.
_MANY_IMAGES = 10
# Boxes that leave an image of exchanged sides reach so far towards the longer side.
_FAR = 0.25
_MANY_BEYOND = 0.05


class Boxes(NamedTuple):
    """Boxes as used, by image, G of them on I images, and where a user finds them."""

    xywh: Float64Array  # (G, 4) in pixels
    rows: IntArray  # (G,) the row of the image of each
    ids: IdArray  # (G,)
    order: IntArray  # (G,) places in the file
    sizes: Float64Array  # (I, 2) height, width of the images
    image_ids: IdArray  # (I,)
    image_order: IntArray  # (I,) places in the file


def refuse_doubt(
    name: str, doubt: BoxDoubt | None, total: int, tally: Tally, expected: str = "xywh"
) -> bool:
    """Count boxes that look like another format; raise `DataError` if many do.

    ``total`` is how many boxes there are, and ``expected`` their format. Comes back
    whether they look so.
    """
    if doubt is None:
        return False
    if doubt.number < ENOUGH_BOXES:
        hint = f"{doubt.evidence}; {doubt.options}"
        reason = doubt.reason if expected == "xywh" else "boxes_of_another_kind"
        tally.add(reason, doubt.number, (), hint)
        return True
    some = f"of {total:,} boxes {doubt.number:,}"
    found = f"all {total:,} boxes" if doubt.number == total else some
    problem = f"{found} look like {doubt.words}: {doubt.evidence}"
    problem = f"{problem}; expected {BOX_FORMATS[expected]}"
    hint = f"{doubt.options}, --box-format {expected} as they are written"
    raise DataError(name, problem, hint=hint)


def note_mixed(
    written: Written, labels: tuple[IdArray, IntArray], tally: Tally
) -> bool:
    """Count boxes that look like another format than the rest; whether there are any.

    ``labels`` are the ids of annotations and their places in the file.
    """
    name, which = mixed_boxes(written)
    tally.add_rows("boxes_mixed", which, *labels)
    if which.any():
        words = BOX_FORMATS[name] if name in FORMS else unit_words(name)
        tally.hints["boxes_mixed"] = f"they look like {words}"
    return bool(which.any())


def require_images(dataset: Dataset) -> None:
    """Raise `DataError` where more than half of the annotations match no image."""
    if dataset.is_matched:
        return
    found = [each for each in dataset.findings if each.reason in WITHOUT_IMAGE]
    told = "; ".join(
        words for each in found for words in (each.message, each.hint) if words
    )
    problem = f"more than half of the annotations match no image: {told}"
    hint = "`check` answers all the same"
    raise DataError(", ".join(dataset.files), problem, hint=hint)


def note_places(boxes: Boxes, tally: Tally, *, can_doubt_sizes: bool = True) -> None:
    """Count boxes without extent or beyond their image, and sizes that look wrong.

    Where boxes are doubted, or sizes are those of pictures, boxes say nothing of sizes.
    """
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
    _note_sizes(boxes, odd[~empty] if can_doubt_sizes else odd[:0], tally)


def _note_sizes(boxes: Boxes, odd: IntArray, tally: Tally) -> None:
    """Count images whose recorded size is odd, or may not be that of their boxes.

    ``odd`` are the boxes with an extent that do not lie well inside.
    """
    sizes, rows = boxes.sizes, boxes.rows
    num_images = len(sizes)
    center = boxes.xywh[odd, :2] + boxes.xywh[odd, 2:] / 2
    is_off = (center > sizes[rows[odd], ::-1]).any(axis=1)
    num_off = np.bincount(rows[odd][is_off], minlength=num_images)
    # Most centers lie right of the image or below.
    is_doubtful = num_off * 2 > np.bincount(rows, minlength=num_images)
    is_exchanged = _fit_exchanged(boxes, odd)
    is_outside = (boxes.xywh[odd, :2] >= sizes[rows[odd], ::-1]).any(axis=1)
    num_outside = np.bincount(rows[odd][is_outside], minlength=num_images)
    is_one = (num_off > 0) & _is_one_size(sizes, num_outside > 0)
    for reason, which in (
        ("image_tiny", sizes.min(axis=1, initial=np.inf) < TINY_SIDE),
        ("image_huge", sizes.max(axis=1, initial=-np.inf) > HUGE_SIDE),
        ("image_size_exchanged", is_exchanged),
        ("image_size_one_for_all", is_one & ~is_exchanged),
        ("image_size_doubtful", is_doubtful & ~is_exchanged & ~is_one),
    ):
        found = np.flatnonzero(which)
        found = found[np.argsort(boxes.image_order[found], kind="stable")]
        labels = item_labels("images", boxes.image_order[found], boxes.image_ids[found])
        pairs = zip(labels, sizes[found[: len(labels)]].tolist(), strict=True)
        tally.add(reason, len(found), [f"{at}: {w:g}x{h:g}" for at, (h, w) in pairs])


def _fit_exchanged(boxes: Boxes, odd: IntArray) -> BoolArray:
    """Tell images whose boxes leave them, and would not with width for height; (I,).

    A little overhang is usual, so that some boxes have to reach far: more than one.
    """
    num_images, sizes = len(boxes.sizes), boxes.sizes
    overflow = np.bincount(boxes.rows[odd], minlength=num_images) > 0
    is_square = sizes[:, 0] == sizes[:, 1]
    suspect = np.flatnonzero((overflow & ~is_square)[boxes.rows])
    turned = sizes[boxes.rows[suspect], ::-1]
    fits = _lie_well_inside(boxes.xywh[suspect], turned)
    misfits = np.bincount(boxes.rows[suspect][~fits], minlength=num_images)
    exchanged: BoolArray = overflow & ~is_square & (misfits == 0)
    far = boxes.xywh[odd, :2] + boxes.xywh[odd, 2:] - sizes[boxes.rows[odd], ::-1]
    is_far = far.max(axis=1) > _FAR * np.abs(np.diff(sizes)[boxes.rows[odd], 0])
    is_far &= exchanged[boxes.rows[odd]]
    num_far = np.count_nonzero(np.bincount(boxes.rows[odd][is_far]))
    is_many = is_far.sum() > 1 and num_far >= _FAR * np.count_nonzero(exchanged)
    return exchanged & bool(is_many)


def _is_one_size(sizes: Float64Array, is_left: BoolArray) -> bool:
    """Whether many images have one size, and boxes lie wholly beyond many of them."""
    is_one = len(sizes) >= _MANY_IMAGES and bool((sizes == sizes[0]).all())
    return is_one and int(np.count_nonzero(is_left)) > _MANY_BEYOND * len(sizes)


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
