"""Columns of one file to a ``Dataset``: matched, sorted, mended and counted.

What only warns stands in ``doubts``.
"""

from typing import Any

import numpy as np

from atss_inspect.annotations.dataset import Dataset, FileCounts
from atss_inspect.arrays import Float64Array, IdArray, IntArray
from atss_inspect.readers import ids as id_arrays
from atss_inspect.readers import usable_images as images_of_file
from atss_inspect.readers.columns import AnnotationColumns, FileContent
from atss_inspect.readers.doubts import note_doubts
from atss_inspect.readers.findings import LOSS_CODE, LOSSES, MAX_EXAMPLES, Tally

NO_CATEGORY_NAME = "(none)"


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
    images = images_of_file.usable_images(content.images, tally)
    rows, losses = _image_rows(annotations, images, tally)
    left_out = _count_losses(annotations, losses, tally)
    order = _object_order(rows, losses)
    objects = _take(annotations, order)
    rows = rows[order]
    category_ids, category_names, category_index = _categories(
        content.categories, objects, order, tally
    )
    _check_annotation_ids(annotations.ids, tally)
    masks = objects.segmentations
    counts = FileCounts(len(images.ids), len(annotations.xywh), len(category_names))
    note_doubts(objects, order, rows, images, tally)
    return Dataset(
        files=(content.name,),
        image_ids=images.ids,
        image_file=np.zeros(len(images.ids), np.int64),
        file_names=content.images.file_names[images.kept],
        image_sizes=images.sizes,
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
        segmentations=tuple(masks.tolist()) if len(masks) == len(order) else None,
        file_counts=(counts,),
        file_sizes=(None,),
    )


def _image_rows(
    annotations: AnnotationColumns, images: images_of_file.UsableImages, tally: Tally
) -> tuple[IntArray, IntArray]:
    """Find each annotation's image, or why it is left out.

    Returns
    -------
    rows : (N,) row of the sorted images, -1 for none
    losses : (N,) index into ``LOSSES``, 0 for objects to keep
    """
    rows, by_text = id_arrays.match_ids(annotations.image_ids, images.ids)
    losses = annotations.losses.astype(np.int64)
    beyond = (np.abs(annotations.xywh) > images_of_file.MAX_PIXELS).any(axis=1)
    losses[beyond & (losses == 0)] = LOSS_CODE["bbox_out_of_range"]
    unplaced = np.flatnonzero((losses == 0) & (rows < 0))
    if len(unplaced):
        lost, _ = id_arrays.match_ids(annotations.image_ids[unplaced], images.lost_ids)
        codes = np.append(images.lost_codes, LOSS_CODE["unknown_image"])
        losses[unplaced] = codes[lost]  # row -1 is the appended one
    tally.add_rows("id_type_mismatch", by_text & (losses == 0), annotations.ids)
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
        if reason not in images_of_file.IMAGE_LOSSES:
            tally.add_rows(reason, losses == code, annotations.ids)
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
    objects.ids = id_arrays.narrow_ids(objects.ids)
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
    listed = id_arrays.id_array(list(names))
    index, by_text = id_arrays.match_ids(objects.category_ids, listed)
    tally.add_rows("id_type_mismatch", by_text, objects.ids, order)
    missing = index < 0
    if not missing.any():
        return listed, tuple(names.values()), index
    added, inverse = _distinct(objects.category_ids[missing])
    index[missing] = len(listed) + inverse
    _note_added(added, bool(names), objects, order, tally)
    made_up = (NO_CATEGORY_NAME if each is None else str(each) for each in added)
    return id_arrays.join_rows([listed, added]), (*names.values(), *made_up), index


def _distinct(ids: IdArray) -> tuple[IdArray, IntArray]:
    """Sort the distinct ids, and say which one stands at each place."""
    if ids.dtype != np.object_:
        return np.unique(ids, return_inverse=True)
    distinct = id_arrays.object_array(list(dict.fromkeys(ids.tolist())))
    distinct = distinct[id_arrays.sort_ids(distinct)]
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
        tally.add_rows("category_id_missing", nameless, objects.ids, order)


def _check_annotation_ids(ids: IdArray, tally: Tally) -> None:
    """Count repeated and missing annotation ids."""
    again = np.zeros(len(ids), np.bool_)
    again[id_arrays.repeated(ids)] = True
    tally.add_rows("duplicate_annotation_id", again, ids)
    if ids.dtype == np.object_:
        missing = np.array([each is None for each in ids.tolist()], np.bool_)
        tally.add_rows("annotation_id_missing", missing, ids)


def _mend_areas(
    objects: AnnotationColumns, order: IntArray, tally: Tally
) -> Float64Array:
    """Put width times height where the file has no usable area."""
    areas = objects.areas
    missing, invalid = np.isnan(areas), areas < 0
    tally.add_rows("area_missing", missing, objects.ids, order)
    tally.add_rows("area_invalid", invalid, objects.ids, order)
    # Two negative sides would multiply to a positive area.
    sides = np.maximum(objects.xywh[:, 2:], 0)
    return np.where(missing | invalid, sides[:, 0] * sides[:, 1], areas)
