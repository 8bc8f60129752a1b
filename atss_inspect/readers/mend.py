"""Columns of one file to a ``Dataset``: matched, sorted, mended and counted."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from atss_inspect.arrays import BoolArray, Float64Array, IdArray, IntArray
from atss_inspect.dataset import Dataset
from atss_inspect.readers.columns import AnnotationColumns, FileContent, ImageColumns
from atss_inspect.readers.findings import (
    LOSS_CODE,
    LOSSES,
    MAX_EXAMPLES,
    Tally,
    item_label,
)
from atss_inspect.readers.ids import (
    id_array,
    join_ids,
    match_ids,
    object_array,
    repeated,
    sort_ids,
)

# No image format holds more; beyond it, arithmetic in float32 and int64 loses sense.
MAX_PIXELS = 2.0**31 - 1
# Exporters round: half a pixel of overhang is usual, more than this is worth a word.
OVERHANG_PIXELS = 2.0
NORMALISED_LIMIT = 1.5
TINY_SIDE = 32
HUGE_SIDE = 100_000
BLOCK_ROWS = 1 << 14
NO_CATEGORY_NAME = "(none)"
# Numbers of the left-out reasons that an annotation inherits from its image.
IMAGE_LOSSES = ("image_size_unknown", "image_size_impossible")


@dataclass(frozen=True)
class _Images:
    """Usable images, sorted by id, and how to find unusable ones.

    ``kept`` are places in the file; ``lost_ids`` and ``lost_codes`` say why an
    annotation on an unusable image goes with it.
    """

    ids: IdArray
    kept: IntArray
    lost_ids: IdArray
    lost_codes: IntArray
    left_out: dict[str, int]


def mend(content: FileContent) -> Dataset:
    """Match, sort and check the columns of one file.

    Parameters
    ----------
    content : decoded columns; its tally already holds what decoding met

    Returns
    -------
    Dataset
        Every annotation is an object or counted in ``left_out`` under the first of
        ``LOSSES`` that applies.
    """
    tally = content.tally
    annotations = content.annotations
    images = _usable_images(content.images, tally)
    rows, losses = _image_rows(annotations, images, tally)
    left_out = _count_losses(annotations, losses, tally)
    order = _object_order(rows, losses)
    objects = _take(annotations, order)
    rows = rows[order]
    category_ids, category_names, category_index = _categories(
        content.categories, objects, order, tally
    )
    sizes = content.images.sizes[images.kept]
    _check_annotation_ids(annotations.ids, tally)
    # Nearly all boxes pass; only the others are worth telling apart.
    odd = np.flatnonzero(~_lie_well_inside(objects.xywh, sizes[rows]))
    _check_boxes(objects, order, odd, sizes[rows[odd]], tally)
    _check_images(content.images, images, tally)
    doubtful = _mostly_outside(objects.xywh[odd], rows[odd], rows, sizes)
    _note_images("image_size_doubtful", doubtful, content.images, images, tally)
    if _look_normalised(objects.xywh, sizes[rows]):
        tally.add("boxes_look_normalised", len(objects.xywh))
    return Dataset(
        files=(content.name,),
        image_ids=images.ids,
        image_file=np.zeros(len(images.ids), np.int64),
        file_names=content.images.file_names[images.kept],
        image_sizes=sizes,
        object_offsets=np.searchsorted(rows, np.arange(len(images.ids) + 1)),
        xywh=objects.xywh,
        areas=_mend_areas(objects, order, tally),
        category_index=category_index,
        annotation_ids=objects.ids,
        annotation_index=order,
        is_crowd=objects.is_crowd,
        is_ignored=objects.is_ignored,
        category_ids=category_ids,
        category_names=category_names,
        num_annotations=len(annotations.xywh),
        left_out=left_out,
        left_out_images=images.left_out,
        findings=tally.findings(),
        segmentations=_segmentations(objects),
    )


def _usable_images(images: ImageColumns, tally: Tally) -> _Images:
    """Drop unusable and repeated images, sort the rest by id."""
    reasons = _image_faults(images)
    usable = np.flatnonzero(reasons == "")
    usable = usable[sort_ids(images.ids[usable])]
    usable, repeats = _drop_repeats(images, usable)
    left_out = {}
    for reason, places in (
        ("image_malformed", np.flatnonzero(reasons == "image_malformed")),
        *((reason, np.flatnonzero(reasons == reason)) for reason in IMAGE_LOSSES),
        *repeats.items(),
    ):
        if len(places):
            left_out[reason] = len(places)
            tally.add(reason, len(places), _labels("images", places, images.ids))
    lost = np.flatnonzero(np.isin(reasons, IMAGE_LOSSES))
    # The last entry of an id wins here too; dict keeps it.
    codes = {images.ids[place]: LOSS_CODE[reasons[place]] for place in lost.tolist()}
    return _Images(
        ids=_narrow(images.ids[usable]),
        kept=usable,
        lost_ids=id_array([_plain(lost_id) for lost_id in codes]),
        lost_codes=np.array(list(codes.values()), np.int64),
        left_out=left_out,
    )


def _image_faults(images: ImageColumns) -> IdArray:
    """Name what makes each image unusable, "" for nothing."""
    low = images.sizes.min(axis=1, initial=np.inf)
    high = images.sizes.max(axis=1, initial=-np.inf)
    reasons = np.full(len(images.ids), "", np.object_)
    reasons[(low < 1) | (high > MAX_PIXELS)] = "image_size_impossible"
    # Infinity and NaN are no sizes; 0 is what exporters write for "unknown".
    unknown = ~np.isfinite(images.sizes).all(axis=1) | ~(low > 0)
    reasons[unknown] = "image_size_unknown"
    if images.ids.dtype == np.object_:
        reasons[images.ids == None] = "image_malformed"  # noqa: E711 - elementwise
    return reasons


def _drop_repeats(
    images: ImageColumns, usable: IntArray
) -> tuple[IntArray, dict[str, IntArray]]:
    """Of several entries with one id keep the last.

    Parameters
    ----------
    usable : places of usable entries, sorted by id, then by place

    Returns
    -------
    kept : places of the last entry of each id
    repeats : places of the others, those equal to the kept one apart from those not
    """
    ids = images.ids[usable]
    is_last = np.ones(len(usable), np.bool_)
    is_last[:-1] = ids[1:] != ids[:-1]
    if is_last.all():
        return usable, {}
    winners = usable[is_last][np.cumsum(np.append(0, is_last[:-1]))]
    same = (images.sizes[usable] == images.sizes[winners]).all(axis=1)
    same &= images.file_names[usable] == images.file_names[winners]
    return usable[is_last], {
        "conflicting_image_id": np.sort(usable[~is_last & ~same]),
        "duplicate_image_id": np.sort(usable[~is_last & same]),
    }


def _image_rows(
    annotations: AnnotationColumns, images: _Images, tally: Tally
) -> tuple[IntArray, IntArray]:
    """Find each annotation's image, or why it is left out.

    Returns
    -------
    rows : (N,) row of the sorted images, -1 for none
    losses : (N,) index into ``LOSSES``, 0 for objects to keep
    """
    rows, by_text = match_ids(annotations.image_ids, images.ids)
    losses = annotations.losses.astype(np.int64)
    beyond = (np.abs(annotations.xywh) > MAX_PIXELS).any(axis=1)
    losses[beyond & (losses == 0)] = LOSS_CODE["bbox_out_of_range"]
    homeless = np.flatnonzero((losses == 0) & (rows < 0))
    if len(homeless):
        lost, _ = match_ids(annotations.image_ids[homeless], images.lost_ids)
        codes = np.append(images.lost_codes, LOSS_CODE["unknown_image"])
        losses[homeless] = codes[lost]  # row -1 is the appended one
    _note_places("id_type_mismatch", by_text & (losses == 0), annotations.ids, tally)
    return rows, losses


def _count_losses(
    annotations: AnnotationColumns, losses: IntArray, tally: Tally
) -> dict[str, int]:
    """Count annotations by what is wrong with them."""
    counts = np.bincount(losses, minlength=len(LOSSES))
    left_out = {}
    for code in np.flatnonzero(counts[1:]) + 1:
        reason = LOSSES[code]
        left_out[reason] = int(counts[code])
        # Lost with their image: the finding on the image says it already.
        if reason not in IMAGE_LOSSES:
            _note_places(reason, losses == code, annotations.ids, tally)
    return left_out


def _object_order(rows: IntArray, losses: IntArray) -> IntArray:
    """List the places of kept annotations, by image row, then by place."""
    kept = np.flatnonzero(losses == 0)
    rows = rows[kept]
    if np.all(rows[1:] >= rows[:-1]):
        return kept
    # Row and place in one number: sorting plain integers is several times faster
    # than a stable argsort. Both are far below 2**31.
    bits = int(kept[-1]).bit_length()
    keys = (rows << bits) | kept
    keys.sort()
    keys &= (1 << bits) - 1
    return keys


def _take(annotations: AnnotationColumns, order: IntArray) -> AnnotationColumns:
    """Reorder all columns; a column that was not read stays empty."""
    columns: dict[str, Any] = {
        name: column[order] if len(column) else column
        for name, column in vars(annotations).items()
    }
    objects = AnnotationColumns(**columns)
    objects.ids = _narrow(objects.ids)
    return objects


def _categories(
    names: dict[int | str, str],
    objects: AnnotationColumns,
    order: IntArray,
    tally: Tally,
) -> tuple[IdArray, tuple[str, ...], IntArray]:
    """Find each object's category, adding those the file does not list.

    Returns
    -------
    category_ids, category_names : (C,) as listed, then added ones, sorted by id
    category_index : (G,) int64
    """
    listed = id_array(list(names))
    index, by_text = match_ids(objects.category_ids, listed)
    _note_places("id_type_mismatch", by_text, objects.ids, tally, order)
    missing = index < 0
    if not missing.any():
        return listed, tuple(names.values()), index
    added, inverse = _distinct(objects.category_ids[missing])
    index[missing] = len(listed) + inverse
    _note_added(added, bool(names), objects, order, tally)
    added_names = [
        NO_CATEGORY_NAME if added_id is None else str(added_id)
        for added_id in added.tolist()
    ]
    return join_ids([listed, added]), (*names.values(), *added_names), index


def _distinct(ids: IdArray) -> tuple[IdArray, IntArray]:
    """Sort the distinct ids, and say which one stands at each place."""
    if ids.dtype != np.object_:
        return np.unique(ids, return_inverse=True)
    distinct = object_array(list(dict.fromkeys(ids.tolist())))
    distinct = distinct[sort_ids(distinct)]
    row_of = {each: row for row, each in enumerate(distinct.tolist())}
    return distinct, np.array([row_of[each] for each in ids.tolist()], np.int64)


def _note_added(
    added: IdArray,
    has_categories: bool,
    objects: AnnotationColumns,
    order: IntArray,
    tally: Tally,
) -> None:
    """Count categories made up, and objects that name none."""
    named = [each for each in added.tolist() if each is not None]
    reason = "unknown_category" if has_categories else "categories_missing"
    examples = [f"category_id {each}" for each in named[:MAX_EXAMPLES]]
    tally.add(reason, len(named), examples)
    if len(named) < len(added):
        nameless = np.array([each is None for each in objects.category_ids], np.bool_)
        _note_places("category_id_missing", nameless, objects.ids, tally, order)


def _check_annotation_ids(ids: IdArray, tally: Tally) -> None:
    """Count repeated and missing annotation ids."""
    again = repeated(ids)
    tally.add("duplicate_annotation_id", len(again), _labels("annotations", again, ids))
    if ids.dtype == np.object_:
        missing = np.array([each is None for each in ids.tolist()], np.bool_)
        _note_places("annotation_id_missing", missing, ids, tally)


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
        places, ids = order[odd[which]], objects.ids[odd[which]]
        _note_places(reason, np.ones(len(places), np.bool_), ids, tally, places)


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


def _check_images(columns: ImageColumns, images: _Images, tally: Tally) -> None:
    """Count usable images without a name or with an odd size."""
    sizes = columns.sizes[images.kept]
    nameless = images.kept[columns.file_names[images.kept] == ""]
    labels = _labels("images", nameless, columns.ids)
    tally.add("file_name_missing", len(nameless), labels)
    is_tiny = sizes.min(axis=1, initial=np.inf) < TINY_SIDE
    is_huge = sizes.max(axis=1, initial=-np.inf) > HUGE_SIDE
    _note_images("image_tiny", is_tiny, columns, images, tally)
    _note_images("image_huge", is_huge, columns, images, tally)


def _note_images(
    reason: str,
    which: BoolArray,
    columns: ImageColumns,
    images: _Images,
    tally: Tally,
) -> None:
    """Count usable images by a mask, with their sizes in the examples."""
    places = np.sort(images.kept[which])
    examples = [
        f"{label}: {columns.sizes[place, 1]:g}x{columns.sizes[place, 0]:g}"
        for label, place in zip(
            _labels("images", places, columns.ids), places.tolist(), strict=False
        )
    ]
    tally.add(reason, len(places), examples)


def _mostly_outside(
    xywh: Float64Array, xywh_rows: IntArray, rows: IntArray, sizes: Float64Array
) -> BoolArray:
    """Tell the images that do not hold the center of most of their boxes.

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
    """Whether boxes of images with many pixels all lie between 0 and about 1."""
    if len(xywh) == 0 or xywh.max() > NORMALISED_LIMIT:
        return False
    return bool(xywh.min() >= 0 and sizes.min() >= TINY_SIDE)


def _mend_areas(
    objects: AnnotationColumns, order: IntArray, tally: Tally
) -> Float64Array:
    """Put width times height where the file has no usable area."""
    areas = objects.areas
    missing, invalid = np.isnan(areas), areas < 0
    _note_places("area_missing", missing, objects.ids, tally, order)
    _note_places("area_invalid", invalid, objects.ids, tally, order)
    # Two negative sides would multiply to a positive area.
    sides = np.maximum(objects.xywh[:, 2:], 0)
    return np.where(missing | invalid, sides[:, 0] * sides[:, 1], areas)


def _segmentations(objects: AnnotationColumns) -> tuple[object, ...] | None:
    """Hand on raw segmentations if they were read."""
    if len(objects.segmentations) != len(objects.xywh):
        return None
    return tuple(objects.segmentations.tolist())


def _note_places(
    reason: str,
    which: BoolArray,
    ids: IdArray,
    tally: Tally,
    order: IntArray | None = None,
) -> None:
    """Count annotations by a mask.

    Parameters
    ----------
    which, ids : mask and ids of the same rows
    order : place in the file of each row, if rows are not in file order
    """
    found = np.flatnonzero(which)
    if order is not None and len(found):
        found = found[np.argsort(order[found], kind="stable")]
    examples = [
        item_label(
            "annotations", int(row if order is None else order[row]), _plain(ids[row])
        )
        for row in found[:MAX_EXAMPLES].tolist()
    ]
    tally.add(reason, len(found), examples)


def _labels(list_name: str, places: IntArray, ids: IdArray) -> list[str]:
    """Say where the first few of these places are."""
    return [
        item_label(list_name, place, _plain(ids[place]))
        for place in places[:MAX_EXAMPLES].tolist()
    ]


def _narrow(ids: IdArray) -> IdArray:
    """Make int64 of an object array once its odd ids are gone."""
    return id_array(ids.tolist()) if ids.dtype == np.object_ else ids


def _plain(value: Any) -> Any:
    """Make a Python integer of a NumPy one, for messages and dictionaries."""
    return value.item() if isinstance(value, np.generic) else value
