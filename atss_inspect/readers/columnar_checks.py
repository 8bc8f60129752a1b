"""What no reader has written is refused, so that nothing beyond relies on it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.columnar import Columns
from atss_inspect.arrays import BoolArray, IdArray, IntArray
from atss_inspect.readers.columnar_files import refuse
from atss_inspect.readers.findings import LOSSES
from atss_inspect.readers.ids import TABLE_SLACK, repeated
from atss_inspect.readers.usable_images import IMAGE_LOSSES, MAX_PIXELS

SIDE = (1.0, MAX_PIXELS)
NUMBER_OF_A_BOX = (-MAX_PIXELS, MAX_PIXELS)
NOT_NEGATIVE = (0, np.iinfo(np.int64).max)
IMAGE_RANGES = {"width": SIDE, "height": SIDE, "num_objects": NOT_NEGATIVE}
OBJECT_RANGES = {
    **dict.fromkeys(("x", "y", "width", "height"), NUMBER_OF_A_BOX),
    "area": (0.0, float(np.finfo(np.float64).max)),
    "annotation_index": NOT_NEGATIVE,
}
# Told of annotations only; of those lost with their image, the image's finding tells.
TOLD_LOSSES = tuple(
    reason for reason in LOSSES if reason and reason not in IMAGE_LOSSES
)

Range = tuple[float, float]


class FileClaim(NamedTuple):
    """What the description says of one file: usable images, and annotations."""

    num_images: int
    num_annotations: int


def check_ranges(path: Path, table: Columns, ranges: Mapping[str, Range]) -> None:
    """Refuse numbers beyond their range, NaN among them; both ends are allowed."""
    for name, (low, high) in ranges.items():
        column = table[name]
        is_fine: BoolArray = (column >= low) & (column <= high)
        if not is_fine.all():
            row = int(is_fine.argmin())
            allowed = f"{low:.12g} to {high:.12g}" if low <= high else "none"
            refuse(path, f"column {name}, row {row}: {column[row]}; expected {allowed}")


def check_counts(path: Path, images: Columns, num_objects: int) -> None:
    """Refuse counts that are not those of the objects."""
    # A float cannot overflow, and is exact for any count that is right.
    if images["num_objects"].sum(dtype=np.float64) != num_objects:
        refuse(path, f"column num_objects: expected a sum of {num_objects:,}")


def check_losses(
    path: Path,
    left_out: Mapping[str, int],
    left_out_images: Mapping[str, int],
    findings: Sequence[tuple[str, int]],
) -> None:
    """Refuse losses that no finding tells of, and findings of no such loss.

    Parameters
    ----------
    path : of the description
    left_out, left_out_images : reason -> number of annotations, of entries of images
    findings : reason and count of each
    """
    told = dict(findings)
    for reason, count in Counter(reason for reason, _ in findings).items():
        if count > 1:
            refuse(path, f"findings: {reason} is there {count:,} times")
    annotations = {reason: left_out.get(reason, 0) for reason in TOLD_LOSSES}
    lost = {**left_out_images, **annotations}
    for reason, count in lost.items():
        if told.get(reason, 0) != count:
            refuse(
                path,
                f"findings: {reason}: expected {count:,} as left out, got "
                f"{told.get(reason, 0):,}",
            )


def check_files(
    images: Columns, annotation_index: IntArray, claims: Sequence[FileClaim]
) -> None:
    """Check that each file's images and objects are its own, and told apart.

    Parameters
    ----------
    images : of all parts
    annotation_index : (G,) int64, of all objects
    claims : one per file

    Raises
    ------
    ValueError
        Where files are mixed up, or two images or objects of a file are not told apart.
    """
    files = images["file_index"]
    if (files[1:] < files[:-1]).any():
        message = "images of several files are mixed up"
        raise ValueError(message)
    first_images = np.searchsorted(files, np.arange(len(claims) + 1))
    first_objects = np.concatenate(([0], np.cumsum(images["num_objects"])))[
        first_images
    ]
    for number, claim in enumerate(claims):
        own_images = slice(*first_images[number : number + 2])
        own_objects = slice(*first_objects[number : number + 2])
        _check_file(
            f"files[{number}]",
            claim,
            images["image_id"][own_images],
            annotation_index[own_objects],
        )


def _check_file(
    name: str, claim: FileClaim, image_ids: IdArray, index: IntArray
) -> None:
    """Check the images and objects of one file."""
    if len(image_ids) != claim.num_images:
        message = (
            f"{name}: expected {claim.num_images:,} images, got {len(image_ids):,}"
        )
        raise ValueError(message)
    again = repeated(image_ids)
    if len(again):
        message = f"{name}: image id {image_ids[again[0]]} is there twice"
        raise ValueError(message)
    if index.max(initial=-1) >= claim.num_annotations:
        message = (
            f"{name}: annotation_index {index.max():,} of "
            f"{claim.num_annotations:,} annotations"
        )
        raise ValueError(message)
    if _has_repeats(index):
        message = f"{name}: an annotation_index is there twice"
        raise ValueError(message)


def _has_repeats(index: IntArray) -> bool:
    """Whether a number, of at least 0, is there twice."""
    span = int(index.max(initial=-1)) + 1
    if span > TABLE_SLACK * len(index):
        return len(np.unique(index)) < len(index)
    is_there = np.zeros(span, np.bool_)
    is_there[index] = True
    return int(is_there.sum()) < len(index)
