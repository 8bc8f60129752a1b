"""Boxes and images that look wrong but are used as written: told apart and counted."""

import numpy as np

from atss_inspect.arrays import BoolArray, Float64Array, IntArray
from atss_inspect.readers.columns import AnnotationColumns
from atss_inspect.readers.findings import Tally, image_labels
from atss_inspect.readers.usable_images import UsableImages

# Exporters round: half a pixel of overhang is usual, more than this is worth a word.
OVERHANG_PIXELS = 2.0
NORMALISED_LIMIT = 1.5
TINY_SIDE = 32
HUGE_SIDE = 100_000
BLOCK_ROWS = 1 << 14


def note_doubts(
    objects: AnnotationColumns,
    order: IntArray,
    rows: IntArray,
    images: UsableImages,
    tally: Tally,
) -> None:
    """Count boxes and images that look wrong; changes nothing.

    Parameters
    ----------
    objects : the objects to keep, by image
    order, rows : (G,) place in the file of each object, and row of its image
    images : that can be used
    """
    sizes = images.sizes[rows]  # (G, 2)
    # Nearly all boxes pass; only the others are worth telling apart.
    odd = np.flatnonzero(~_lie_well_inside(objects.xywh, sizes))
    _check_boxes(objects, order, odd, sizes[odd], tally)
    _check_images(images, tally)
    doubtful = _mostly_outside(objects.xywh[odd], rows[odd], rows, images.sizes)
    _note_images("image_size_doubtful", doubtful, images, tally)
    if _look_normalised(objects.xywh, sizes):
        tally.add("boxes_look_normalised", len(objects.xywh))


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


def _check_boxes(
    objects: AnnotationColumns,
    order: IntArray,
    odd: IntArray,
    sizes: Float64Array,
    tally: Tally,
) -> None:
    """Count boxes without extent and boxes outside their image.

    Parameters
    ----------
    odd : (O,) rows of the objects to look at
    sizes : (O, 2) height, width of their images
    """
    x, y, width, height = objects.xywh[odd].T
    image_height, image_width = sizes.T
    empty = ~((width > 0) & (height > 0))
    outside = (x >= image_width) | (y >= image_height)
    outside |= (x + width <= 0) | (y + height <= 0)
    for reason, which in (
        ("bbox_without_extent", empty),
        ("bbox_outside_image", outside & ~empty),
        ("bbox_beyond_image", ~outside & ~empty),
    ):
        tally.add_rows(reason, which, objects.ids[odd], order[odd])


def _check_images(images: UsableImages, tally: Tally) -> None:
    """Count usable images without a name or with an odd size."""
    columns = images.columns
    nameless = images.kept[columns.file_names[images.kept] == ""]
    labels = image_labels(nameless, columns.ids)
    tally.add("file_name_missing", len(nameless), labels)
    is_tiny = images.sizes.min(axis=1, initial=np.inf) < TINY_SIDE
    is_huge = images.sizes.max(axis=1, initial=-np.inf) > HUGE_SIDE
    _note_images("image_tiny", is_tiny, images, tally)
    _note_images("image_huge", is_huge, images, tally)


def _note_images(
    reason: str, which: BoolArray, images: UsableImages, tally: Tally
) -> None:
    """Count usable images by a mask, with their sizes in the examples."""
    places = np.sort(images.kept[which])
    labels = image_labels(places, images.columns.ids)
    sizes = images.columns.sizes[places[: len(labels)]]
    examples = [
        f"{label}: {width:g}x{height:g}"
        for label, (height, width) in zip(labels, sizes, strict=True)
    ]
    tally.add(reason, len(places), examples)


def _mostly_outside(
    xywh: Float64Array, xywh_rows: IntArray, rows: IntArray, sizes: Float64Array
) -> BoolArray:
    """Tell the images that are too small: most centers lie right of them or below.

    Parameters
    ----------
    xywh, xywh_rows : (O, 4), (O,) boxes that may lie outside, and their image rows
    rows : (G,) image rows of all objects
    sizes : (I, 2) height, width
    """
    center = xywh[:, :2] + xywh[:, 2:] / 2
    is_off = (center > sizes[xywh_rows, ::-1]).any(axis=1)
    num_objects = np.bincount(rows, minlength=len(sizes))
    num_off = np.bincount(xywh_rows[is_off], minlength=len(sizes))
    return num_off * 2 > num_objects


def _look_normalised(xywh: Float64Array, sizes: Float64Array) -> bool:
    """Whether boxes all lie between 0 and about 1, most on images of many pixels."""
    if len(xywh) == 0 or xywh.max() > NORMALISED_LIMIT:
        return False
    num_large = np.count_nonzero(sizes.min(axis=1) >= TINY_SIDE)
    return bool(xywh.min() >= 0 and num_large * 2 > len(xywh))
