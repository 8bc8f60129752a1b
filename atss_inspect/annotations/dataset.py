"""The annotations as arrays: images, objects, and what the reader had to mend."""

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array, Float64Array, IdArray, IntArray
from atss_inspect.notebook import table_html

# The arrays with a row per image, and with a row per object: shapes beyond the rows,
# and dtypes; None for ids, int64 or objects.
IMAGE_ARRAYS: dict[str, tuple[tuple[int, ...], type | None]] = {
    "image_ids": ((), None),
    "image_file": ((), np.int64),
    "file_names": ((), np.object_),
    "image_sizes": ((2,), np.float64),
}
OBJECT_ARRAYS: dict[str, tuple[tuple[int, ...], type | None]] = {
    "xywh": ((4,), np.float64),
    "areas": ((), np.float64),
    "category_index": ((), np.int64),
    "annotation_ids": ((), None),
    "annotation_index": ((), np.int64),
    "is_crowd": ((), np.bool_),
    "is_ignored": ((), np.bool_),
}
# Why an annotation is left out that belongs to no image.
WITHOUT_IMAGE = ("image_id_missing", "unknown_image")
# What shares of an image may be, as Ultralytics takes them.
LEAST_SHARE, MOST_SHARE = -0.01, 1.01


@dataclass(frozen=True)
class Finding:
    """One kind of oddity that the reader met in a file, counted."""

    reason: str  # stable snake_case name, e.g. ``bbox_not_finite``
    count: int  # how many images, annotations or categories had it
    message: str  # one plain sentence with the count and what was done about it
    # up to three items as a user can find them: the 0-based place in the file's list,
    # then the id, e.g. ``annotations[17] (id 4231)``
    examples: tuple[str, ...] = ()
    # whether the items were left out (else they were used as meant)
    is_loss: bool = False
    hint: str = ""  # what to do about it, in a few words; empty where nothing is


class FileCounts(NamedTuple):
    """What one file holds: usable images, annotations read, its own categories."""

    num_images: int
    num_annotations: int
    num_categories: int


class Places(NamedTuple):
    """Where the entries of one file went, by their 0-based places in its lists."""

    images: IntArray  # (I,) place of each image's entry
    # reason -> places of the entries left out, as counted in `Dataset`
    left_out: dict[str, IntArray]
    left_out_images: dict[str, IntArray]


# Compared by identity: == on a dozen arrays would raise, not answer.
@dataclass(frozen=True, eq=False)
class Dataset:
    """All images and objects of one or several annotation files, as flat arrays.

    Images are sorted by (file, id: integers by value, then strings); objects by
    (image row, place in their file). Nothing is resized or filtered here: numbers
    are the file's own, in original pixels.

    Attributes
    ----------
    files : names of the annotation files, as the user gave them
    image_ids : (I,) as written in the file, int64 or objects
    image_file : (I,) int64, row of ``files``
    file_names : (I,) objects, str
    image_sizes : (I, 2) float64 height, width in original pixels, both positive
    object_offsets : (I + 1,) int64; objects of image i are rows
        ``object_offsets[i]:object_offsets[i + 1]``
    xywh : (G, 4) float64 x, y, width, height in original pixels, finite, as written.
        Width and height, not the far corner: frameworks differ in how they add them.
        Widths and heights that are zero or negative stay; data rules decide on them.
    areas : (G,) float64 square pixels: the file's ``area``, also 0 or less, which data
        rules ask for; width times height where it is missing or cannot be right
    category_index : (G,) int64, row of ``category_ids``
    annotation_ids : (G,) as written, int64 or objects (None where there is no id)
    annotation_index : (G,) int64, 0-based place in the file's ``annotations``
    is_crowd : (G,) bool, COCO ``iscrowd``
    is_ignored : (G,) bool, a truthy ``ignore`` key
    category_ids : (C,) as written (None for objects without a category)
    category_names : C names
    is_listed : (C,) bool, which of them their file lists; others were made for
        annotations that name them. None: all, or no file lists any
    num_annotations : annotations read, those left out included
    left_out : reason -> number of annotations the reader could not use
    left_out_images : reason -> number of entries of ``images`` that gave no image of
        their own: unusable ones, and repetitions of an id
    findings : everything mended or left out, counted
    segmentations : G raw COCO segmentations (None where missing), only when asked for
    normalized : (G, 4) float32 center x, center y, width, height as shares of the
        image, as a YOLO label has them; NaN for objects of files in pixels, and None
        where all files are in pixels. Letterboxing takes these, so that they are
        rounded to pixels once
    picture_folder : the folder that ``file_names`` are in, where the files name
        pictures of their own (YOLO, VOC); None where nobody knows
    file_counts : one per file, as read: a selection of images does not change them
    file_sizes : bytes of each file; None where that is not known (stdin)
    first_image : place of the first image in the data set that this is a run of
    places : of the entries of a file that is all of the data set; else None

    Raises
    ------
    ValueError
        If an array's length, shape or dtype disagrees with the others.

    Notes
    -----
    ``num_objects + sum(left_out.values()) == num_annotations`` always holds.

    Examples
    --------
    >>> from atss_inspect import load_coco
    >>> dataset = load_coco("sample_data/instances.json")
    >>> dataset.num_images, dataset.xywh.shape
    (64, (528, 4))
    """

    files: tuple[str, ...]
    image_ids: IdArray
    image_file: IntArray
    file_names: IdArray
    image_sizes: Float64Array
    object_offsets: IntArray
    xywh: Float64Array
    areas: Float64Array
    category_index: IntArray
    annotation_ids: IdArray
    annotation_index: IntArray
    is_crowd: BoolArray
    is_ignored: BoolArray
    category_ids: IdArray
    category_names: tuple[str, ...]
    num_annotations: int
    left_out: dict[str, int] = field(default_factory=dict)
    left_out_images: dict[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    segmentations: tuple[object, ...] | None = None
    normalized: Float32Array | None = None
    picture_folder: str | None = None
    file_counts: tuple[FileCounts, ...] = ()
    file_sizes: tuple[int | None, ...] = ()
    first_image: int = 0
    is_listed: BoolArray | None = None
    places: Places | None = None

    def __post_init__(self) -> None:
        for arrays, rows in (
            (IMAGE_ARRAYS, self.num_images),
            (OBJECT_ARRAYS, self.num_objects),
            ({"object_offsets": ((), np.int64)}, self.num_images + 1),
            ({"category_ids": ((), None)}, len(self.category_names)),
        ):
            for name, (shape, dtype) in arrays.items():
                _check_array(name, getattr(self, name), (rows, *shape), dtype)
        offsets = self.object_offsets
        ends_fit = offsets[0] == 0 and offsets[-1] == self.num_objects
        if not ends_fit or np.any(offsets[1:] < offsets[:-1]):
            message = f"object_offsets must rise from 0 to {self.num_objects}"
            raise ValueError(message)
        # Every annotation read is an object or counted as left out.
        accounted = self.num_objects + sum(self.left_out.values())
        if accounted != self.num_annotations:
            found = f"but objects and left_out add up to {accounted}"
            message = f"num_annotations is {self.num_annotations}, {found}"
            raise ValueError(message)
        masks = self.segmentations
        if masks is not None and len(masks) != self.num_objects:
            found = f"{self.num_objects} entries, got {len(masks)}"
            message = f"segmentations must have {found}"
            raise ValueError(message)
        if self.normalized is not None:
            shape = (self.num_objects, 4)
            _check_array("normalized", self.normalized, shape, np.float32)
        if self.is_listed is not None:
            shape = (len(self.category_names),)
            _check_array("is_listed", self.is_listed, shape, np.bool_)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        rows = {
            "images": self.num_images,
            "annotations": self.num_annotations,
            "classes": len(self.category_names),
            **{f"left out: {why}": number for why, number in self.left_out.items()},
        }
        lines = [(name, f"{number:,}") for name, number in rows.items()]
        lines += [("note", finding.message) for finding in self.findings]
        return table_html(", ".join(self.files), (), lines)

    @property
    def num_images(self) -> int:
        """Number of images that have a usable size."""
        return len(self.image_ids)

    @property
    def is_matched(self) -> bool:
        """Whether at least half of the annotations belong to an image of the data."""
        lost = sum(self.left_out.get(reason, 0) for reason in WITHOUT_IMAGE)
        return lost * 2 <= self.num_annotations

    @property
    def num_objects(self) -> int:
        """Number of annotations with a usable box on a known image, crowds included."""
        return len(self.xywh)

    @property
    def size_areas(self) -> Float64Array:
        """The areas that the size of objects goes by; (G,) float64 square pixels.

        Width times height where the file's area is 0 or less.
        """
        return np.where(self.areas > 0, self.areas, box_areas(self.xywh))

    def images_of(self, objects: IntArray) -> IntArray:
        """Rows of the images that rows of objects lie on; (G,) int64."""
        return np.searchsorted(self.object_offsets, objects, side="right") - 1

    def slice_images(self, start: int, stop: int) -> "Dataset":
        """Take a run of images without copying; what the reader left out stays behind.

        For working through a data set in chunks: the chunks' objects add up to this
        data set's, and its losses are counted once, by whoever adds the chunks up.
        """
        offsets = self.object_offsets[start : stop + 1]
        objects = slice(int(offsets[0]), int(offsets[-1]))
        segmentations = self.segmentations
        return self._take(
            slice(start, stop),
            objects,
            object_offsets=offsets - offsets[0],
            num_annotations=objects.stop - objects.start,
            left_out={},
            left_out_images={},
            findings=(),
            segmentations=segmentations and segmentations[objects],
            first_image=self.first_image + start,
            places=None,
        )

    def select_images(self, rows: IntArray) -> "Dataset":
        """Keep some images and their objects, as if the file held no others.

        ``rows`` are rows of ``image_ids`` to keep, each once, in any order; the images
        stay in the order they have here. Raises `ValueError` if one is repeated or is
        no such row.

        In the result, ``num_annotations`` is what remains plus ``left_out``: objects of
        other images are neither objects nor left out. Categories, files, findings and
        both ``left_out`` tables stay: they tell what the reader met in the files.
        """
        kept = self._checked_rows(rows)
        counts = np.diff(self.object_offsets)[kept]
        offsets = np.concatenate(([0], np.cumsum(counts)))
        # The objects of image i lie together: start of its run + place within it.
        shifts = self.object_offsets[:-1][kept] - offsets[:-1]
        objects = np.arange(offsets[-1]) + np.repeat(shifts, counts)
        segmentations = self.segmentations
        if segmentations is not None:
            segmentations = tuple(segmentations[row] for row in objects.tolist())
        return self._take(
            kept,
            objects,
            object_offsets=offsets,
            num_annotations=len(objects) + sum(self.left_out.values()),
            segmentations=segmentations,
            first_image=0,
            places=None,
        )

    def _take(
        self, images: slice | IntArray, objects: slice | IntArray, **changes: Any
    ) -> "Dataset":
        """Take these rows of all arrays, with what else is changed by that."""
        arrays = {name: getattr(self, name)[images] for name in IMAGE_ARRAYS}
        arrays |= {name: getattr(self, name)[objects] for name in OBJECT_ARRAYS}
        if self.normalized is not None:
            arrays["normalized"] = self.normalized[objects]
        return replace(self, **arrays, **changes)

    def _checked_rows(self, rows: IntArray) -> IntArray:
        """Sort the wanted image rows; refuse repeated and unknown ones."""
        wanted = np.asarray(rows)
        if wanted.size == 0:
            return np.empty(0, np.int64)
        if wanted.ndim != 1 or wanted.dtype.kind not in "iu":
            message = "rows must be a list of integers"
            raise ValueError(message)
        kept = np.unique(wanted).astype(np.int64)
        if len(kept) != len(wanted):
            message = "rows must not repeat an image"
            raise ValueError(message)
        if kept[0] < 0 or kept[-1] >= self.num_images:
            message = f"rows must lie in 0..{self.num_images - 1}"
            raise ValueError(message)
        return kept


def box_areas(xywh: Float64Array) -> Float64Array:
    """Width times height of (G, 4) boxes; 0 for one without extent."""
    # Two negative sides would multiply to a positive area.
    sides = np.maximum(xywh[:, 2:], 0)
    return sides[:, 0] * sides[:, 1]


def pair_iou(first: Float64Array, second: Float64Array) -> Float64Array:
    """IoU of each box with the one beside it, (G, 4) xywh both; 0 without extent.

    It is 1 for equal boxes alone: sides that are sums of others are rounded.
    """
    near = np.maximum(first[:, :2], second[:, :2])
    far = np.minimum(first[:, :2] + first[:, 2:], second[:, :2] + second[:, 2:])
    shared = np.maximum(far - near, 0).prod(axis=1)
    union = box_areas(first) + box_areas(second) - shared
    iou = np.zeros(len(first))
    np.divide(shared, union, out=iou, where=shared > 0)
    is_same = (first == second).all(axis=1) & (shared > 0)
    return np.where(is_same, 1.0, np.minimum(iou, np.nextafter(1.0, 0.0)))


def _check_array(
    name: str, array: IdArray, shape: tuple[int, ...], dtype: type | None
) -> None:
    """Refuse an array of another shape or dtype; ids may be int64 or objects."""
    if array.shape != shape:
        message = f"{name} must have shape {shape}, got {array.shape}"
        raise ValueError(message)
    allowed = (np.int64, np.object_) if dtype is None else (dtype,)
    if array.dtype not in allowed:
        names = " or ".join(np.dtype(kind).name for kind in allowed)
        message = f"{name} must be {names}, got {array.dtype}"
        raise ValueError(message)
