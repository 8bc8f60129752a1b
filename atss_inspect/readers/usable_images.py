"""Images of one file that can be used, sorted by id, and why the others cannot."""

from dataclasses import dataclass

import numpy as np

from atss_inspect.arrays import Float64Array, IdArray, IntArray
from atss_inspect.readers.columns import ImageColumns
from atss_inspect.readers.findings import LOSS_CODE, Tally, image_labels
from atss_inspect.readers.ids import id_array, narrow_ids, sort_ids

# No image format holds more; beyond it, arithmetic in float32 and int64 loses sense.
MAX_PIXELS = 2.0**31 - 1
# Numbers of the left-out reasons that an annotation inherits from its image.
IMAGE_LOSSES = ("image_size_unknown", "image_size_impossible")


@dataclass(frozen=True)
class UsableImages:
    """Usable images, sorted by id, and how to find unusable ones.

    Attributes
    ----------
    columns : all images, as the file has them
    ids, kept, sizes : (I,) ids, (I,) places in the file, (I, 2) height and width
    lost_ids, lost_codes : why an annotation on an unusable image goes with it
    left_out : number of entries of the file left out, by reason
    """

    columns: ImageColumns
    ids: IdArray
    kept: IntArray
    sizes: Float64Array
    lost_ids: IdArray
    lost_codes: IntArray
    left_out: dict[str, int]


def usable_images(images: ImageColumns, tally: Tally) -> UsableImages:
    """Drop unusable and repeated images, sort the rest by id."""
    reasons = _image_faults(images)
    usable = np.flatnonzero(reasons == "")
    usable = usable[sort_ids(images.ids[usable])]
    usable, repeats = _drop_repeats(images, usable)
    lost_places = {
        reason: np.flatnonzero(reasons == reason)
        for reason in ("image_malformed", *IMAGE_LOSSES)
    }
    left_out = {}
    for reason, places in (lost_places | repeats).items():
        if len(places):
            left_out[reason] = len(places)
            tally.add(reason, len(places), image_labels(places, images.ids))
    lost = np.flatnonzero(np.isin(reasons, IMAGE_LOSSES))
    # The last entry of an id wins here too; dict keeps it.
    lost_codes = [LOSS_CODE[reason] for reason in reasons[lost].tolist()]
    codes = dict(zip(images.ids[lost].tolist(), lost_codes, strict=True))
    return UsableImages(
        columns=images,
        ids=narrow_ids(images.ids[usable]),
        kept=usable,
        sizes=images.sizes[usable],
        lost_ids=id_array(list(codes)),
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
