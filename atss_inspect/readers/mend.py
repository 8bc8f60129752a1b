"""Columns of one file to a ``Dataset``: matched, sorted, mended and counted."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from atss_inspect.annotations.dataset import Dataset, FileCounts, Places
from atss_inspect.arrays import BoolArray, Float64Array, IdArray, IntArray
from atss_inspect.readers import ids as id_arrays
from atss_inspect.readers.areas import mend_areas
from atss_inspect.readers.box_formats import to_xywh
from atss_inspect.readers.box_readings import Written, doubt_boxes
from atss_inspect.readers.columns import AnnotationColumns, FileContent, ImageColumns
from atss_inspect.readers.doubts import Boxes, note_mixed, note_places, refuse_doubt
from atss_inspect.readers.findings import LOSS_CODE, LOSSES, Tally, image_labels
from atss_inspect.readers.image_ids import ids_seen, key_meant, match_otherwise
from atss_inspect.readers.repeated_boxes import repeats_earlier

NO_CATEGORY_NAME = "(none)"
# No image format holds more; beyond it, arithmetic in float32 and int64 loses sense.
MAX_PIXELS = 2.0**31 - 1
# Numbers of the left-out reasons that an annotation inherits from its image.
IMAGE_LOSSES = ("image_size_unknown", "image_size_impossible")


@dataclass(frozen=True)
class UsableImages:
    """Usable images, sorted by id, and how to find unusable ones."""

    columns: ImageColumns  # all images, as the file has them
    ids: IdArray  # (I,)
    kept: IntArray  # (I,) places in the file
    sizes: Float64Array  # (I, 2) height and width
    # lost_ids, lost_codes: why an annotation on an unusable image goes with it
    lost_ids: IdArray
    lost_codes: IntArray
    left_out: dict[str, IntArray]  # places of entries of the file left out, by reason


def mend(content: FileContent, box_format: str | None = None) -> Dataset:
    """Match, sort and check the columns of one file.

    The tally of ``content`` already holds what decoding met. Of the result, every
    annotation is an object or counted in ``left_out`` under the first of ``LOSSES``
    that applies. ``box_format`` is one of `BOX_FORMATS`; None, where nobody named one,
    takes x, y, width, height unless the boxes say otherwise. Raises `DataError` if they
    do.
    """
    tally, annotations = content.tally, content.annotations
    images = _usable_images(content.images, tally)
    rows, losses = _image_rows(annotations, images, tally)
    left_out = _count_losses(annotations, losses, tally)
    order = _object_order(rows, losses)
    objects = _take(annotations, order)
    rows = rows[order]
    _mend_boxes(content, objects, images, rows, order, box_format)
    category_ids, category_names, category_index, is_listed = _categories(
        content.categories, objects, order, tally
    )
    copies = repeats_earlier(rows, category_index, objects.xywh, order)
    tally.add_rows("bbox_repeated", copies, objects.ids, order)
    again = np.zeros(len(annotations.ids), np.bool_)
    again[id_arrays.repeated(annotations.ids)] = True
    tally.add_rows("duplicate_annotation_id", again, annotations.ids)
    if annotations.ids.dtype == np.object_:
        nameless = np.array([each is None for each in annotations.ids], np.bool_)
        tally.add_rows("annotation_id_missing", nameless, annotations.ids)
    masks = objects.segmentations
    counts = FileCounts(len(images.ids), len(annotations.xywh), len(category_names))
    nameless = images.kept[content.images.file_names[images.kept] == ""]
    tally.add(
        "file_name_missing", len(nameless), image_labels(nameless, content.images.ids)
    )
    return Dataset(
        files=(content.name,),
        image_ids=images.ids,
        image_file=np.zeros(len(images.ids), np.int64),
        file_names=content.images.file_names[images.kept],
        image_sizes=images.sizes,
        object_offsets=np.searchsorted(rows, np.arange(len(images.ids) + 1)),
        xywh=objects.xywh,
        areas=objects.areas,
        category_index=category_index,
        annotation_ids=objects.ids,
        annotation_index=order,
        is_crowd=objects.is_crowd,
        is_ignored=objects.is_ignored,
        category_ids=category_ids,
        category_names=category_names,
        is_listed=is_listed,
        num_annotations=len(annotations.xywh),
        left_out={reason: len(each) for reason, each in left_out.items()},
        left_out_images={reason: len(each) for reason, each in images.left_out.items()},
        findings=tally.findings(),
        segmentations=tuple(masks.tolist()) if len(masks) == len(order) else None,
        file_counts=(counts,),
        file_sizes=(None,),
        places=Places(images.kept, left_out, images.left_out),
    )


def _mend_boxes(
    content: FileContent,
    objects: AnnotationColumns,
    images: UsableImages,
    rows: IntArray,
    order: IntArray,
    box_format: str | None,
) -> None:
    """Bring boxes and areas of the kept objects into order, and count what is odd.

    ``rows`` are those of the image of each object, ``order`` their places in the file.
    """
    tally, labels = content.tally, (objects.ids, order)
    written = Written(objects.xywh, images.sizes[rows], objects.areas)
    is_odd = False
    if box_format is None:
        doubt = doubt_boxes(written, content.outlines, content.declared)
        is_odd = refuse_doubt(content.name, doubt, len(rows), tally)
        is_odd = is_odd or note_mixed(written, labels, tally)
    objects.xywh = to_xywh(written.numbers, written.sizes, box_format or "xywh")
    boxes = Boxes(
        xywh=objects.xywh,
        rows=rows,
        ids=objects.ids,
        order=order,
        sizes=images.sizes,
        image_ids=images.columns.ids[images.kept],
        image_order=images.kept,
    )
    can_doubt_sizes = not (is_odd or content.are_sizes_sure)
    note_places(boxes, tally, can_doubt_sizes=can_doubt_sizes)
    objects.areas = mend_areas(
        objects.areas,
        objects.xywh,
        written.sizes,
        labels,
        tally,
        are_boxes_sure=not is_odd,
    )


def _image_rows(
    annotations: AnnotationColumns, images: UsableImages, tally: Tally
) -> tuple[IntArray, IntArray]:
    """Find each annotation's image, or why it is left out.

    Returns (N,) rows of the sorted images, -1 for none; and (N,) indexes into
    ``LOSSES``, 0 for objects to keep.
    """
    rows, by_text = id_arrays.match_ids(annotations.image_ids, images.ids)
    losses = annotations.losses.astype(np.int64)
    beyond = (np.abs(annotations.xywh) > MAX_PIXELS).any(axis=1)
    losses[beyond & (losses == 0)] = LOSS_CODE["bbox_out_of_range"]
    unplaced = np.flatnonzero((losses == 0) & (rows < 0))
    if len(unplaced):
        lost, _ = id_arrays.match_ids(annotations.image_ids[unplaced], images.lost_ids)
        codes = np.append(images.lost_codes, LOSS_CODE["unknown_image"])
        losses[unplaced] = codes[lost]  # row -1 is the appended one
        _place_otherwise(annotations, images, rows, losses, tally)
    tally.add_rows("id_type_mismatch", by_text & (losses == 0), annotations.ids)
    return rows, losses


def _place_otherwise(
    annotations: AnnotationColumns,
    images: UsableImages,
    rows: IntArray,
    losses: IntArray,
    tally: Tally,
) -> None:
    """Find images by another reading of ids that are none; change rows and losses."""
    code = LOSS_CODE["unknown_image"]
    unknown = np.flatnonzero(losses == code)
    values = annotations.image_ids
    if values.dtype == np.object_:
        has_none = np.array([each is None for each in values[unknown]], np.bool_)
        losses[unknown[has_none]] = LOSS_CODE["image_id_missing"]
        unknown = unknown[~has_none]
    names = images.columns.file_names[images.kept]
    rows[unknown], reason, doubt = match_otherwise(
        values[unknown], values[rows >= 0], images.ids, names
    )
    losses[unknown[rows[unknown] >= 0]] = 0
    is_placed = np.zeros(len(rows), np.bool_)
    is_placed[unknown] = losses[unknown] == 0
    tally.add_rows(reason, is_placed, annotations.ids)
    is_lost = losses == code
    if is_lost.any():
        seen = ids_seen(values[is_lost], values, images.ids, doubt)
        tally.hints["unknown_image"] = seen
    if (losses == LOSS_CODE["image_id_missing"]).any():
        tally.hints["image_id_missing"] = key_meant(tally.keyless)


def _count_losses(
    annotations: AnnotationColumns, losses: IntArray, tally: Tally
) -> dict[str, IntArray]:
    """Count annotations by what is wrong with them; their places."""
    counts = np.bincount(losses, minlength=len(LOSSES))
    left_out = {}
    for code in np.flatnonzero(counts[1:]) + 1:
        reason = LOSSES[code]
        left_out[reason] = np.flatnonzero(losses == code)
        # Lost with their image: the finding on the image says it already.
        if reason not in IMAGE_LOSSES:
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
    columns: Any = vars(annotations).values()
    taken = [column[order] if len(column) else column for column in columns]
    objects = AnnotationColumns(*taken)
    objects.ids = id_arrays.narrow_ids(objects.ids)
    return objects


def _categories(
    names: dict[int | str, str],
    objects: AnnotationColumns,
    order: IntArray,
    tally: Tally,
) -> tuple[IdArray, tuple[str, ...], IntArray, BoolArray | None]:
    """Find each object's category, adding those the file does not list.

    Returns (C,) ids and names of categories as listed, then added ones, sorted by id;
    the (G,) int64 index of each object's; and which of them the file lists, as
    `Dataset.is_listed` has it. A missing id is no unlisted one.
    """
    listed = id_arrays.id_array(list(names))
    index, by_text = id_arrays.match_ids(objects.category_ids, listed)
    tally.add_rows("id_type_mismatch", by_text, objects.ids, order)
    missing = index < 0
    if not missing.any():
        return listed, tuple(names.values()), index, None
    added, inverse = _distinct(objects.category_ids[missing])
    index[missing] = len(listed) + inverse
    named = [each for each in added.tolist() if each is not None]
    reason = "unknown_category" if names else "categories_missing"
    meant = {name: own_id for own_id, name in names.items() if name in set(named)}
    # What to write instead of names.
    told = "{0} is the name of a category; write its id, {1}"
    hint = next((told.format(*pair) for pair in meant.items()), "")
    tally.add(reason, len(named), (f"category_id {each}" for each in named), hint)
    _note_shift(id_arrays.narrow_ids(objects.category_ids), names, tally)
    nameless = np.array([each is None for each in objects.category_ids], np.bool_)
    tally.add_rows("category_id_missing", nameless, objects.ids, order)
    made_up = (NO_CATEGORY_NAME if each is None else str(each) for each in added)
    ids = id_arrays.join_rows([listed, added])
    is_listed = np.arange(len(ids)) < len(listed)
    is_listed |= np.array([each is None for each in ids], np.bool_)
    odd = None if is_listed.all() or not names else is_listed
    return ids, (*names.values(), *made_up), index, odd


def _note_shift(used: IdArray, names: dict[int | str, str], tally: Tally) -> None:
    """Note category ids that all are listed once some number is added to each.

    Of one class alone nobody can tell.
    """
    listed = id_arrays.id_array(list(names))
    if used.dtype == np.object_ or listed.dtype == np.object_:
        return
    ids = np.unique(used)
    if len(ids) < 2 or len(listed) < len(ids):
        return
    for shift in (1, -1, int(listed.min()) - int(ids[0])):
        wanted = [each + shift for each in ids.tolist()]  # never beyond 64 bits
        if names.keys() >= set(wanted):
            pairs = zip(ids.tolist(), wanted, strict=True)
            told = (
                f"category_id {one}: {other} ({names[other]})?" for one, other in pairs
            )
            what = f"{'add' if shift > 0 else 'subtract'} {abs(shift)}"
            hint = f"{what} where annotations have them, if it is so"
            tally.add("category_ids_shifted", len(ids), told, hint)
            return


def _distinct(ids: IdArray) -> tuple[IdArray, IntArray]:
    """Sort the distinct ids, and say which one stands at each place."""
    if ids.dtype != np.object_:
        return np.unique(ids, return_inverse=True)
    distinct = id_arrays.object_array(list(dict.fromkeys(ids.tolist())))
    distinct = distinct[id_arrays.sort_ids(distinct)]
    row_of = {each: row for row, each in enumerate(distinct.tolist())}
    return distinct, np.array([row_of[each] for each in ids.tolist()], np.int64)


def _usable_images(images: ImageColumns, tally: Tally) -> UsableImages:
    """Drop unusable and repeated images, sort the rest by id."""
    reasons = _image_faults(images)
    usable = np.flatnonzero(reasons == "")
    usable = usable[id_arrays.sort_ids(images.ids[usable])]
    usable, repeats = _drop_repeats(images, usable)
    lost_places = {
        reason: np.flatnonzero(reasons == reason)
        for reason in ("image_malformed", *IMAGE_LOSSES)
    }
    left_out = {}
    for reason, places in (lost_places | repeats).items():
        if len(places):
            left_out[reason] = places
            tally.add(reason, len(places), image_labels(places, images.ids))
    lost = np.flatnonzero(np.isin(reasons, IMAGE_LOSSES))
    # The last entry of an id wins here too; dict keeps it.
    lost_codes = [LOSS_CODE[reason] for reason in reasons[lost].tolist()]
    codes = dict(zip(images.ids[lost].tolist(), lost_codes, strict=True))
    return UsableImages(
        columns=images,
        ids=id_arrays.narrow_ids(images.ids[usable]),
        kept=usable,
        sizes=images.sizes[usable],
        lost_ids=id_arrays.id_array(list(codes)),
        lost_codes=np.array(list(codes.values()), np.int64),
        left_out=left_out,
    )


def _image_faults(images: ImageColumns) -> IdArray:
    """Name what makes each image unusable, "" for nothing."""
    sizes = images.sizes
    reasons = np.full(len(sizes), "", np.object_)
    impossible = (sizes < 1) | (sizes > MAX_PIXELS)
    reasons[impossible.any(axis=1)] = "image_size_impossible"
    # Infinity and NaN are no sizes; 0 is what exporters write for "unknown".
    unknown = ~np.isfinite(sizes) | ~(sizes > 0)
    reasons[unknown.any(axis=1)] = "image_size_unknown"
    if images.ids.dtype == np.object_:
        reasons[images.ids == None] = "image_malformed"  # noqa: E711 - elementwise
    return reasons


def _drop_repeats(
    images: ImageColumns, usable: IntArray
) -> tuple[IntArray, dict[str, IntArray]]:
    """Of several entries with one id keep the last.

    ``usable`` are places of usable entries, sorted by id, then by place. Returns places
    of the last entry of each id, and of the others, those equal to the kept one apart
    from those not.
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
