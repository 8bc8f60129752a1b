"""Which annotations and images a framework's data loader keeps, and how it clips.

Every rule is a named convention; a preset is a choice of them. What a rule leaves out
is counted by reason, never dropped in silence.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.letterbox import label_shares
from atss_inspect.arrays import BoolArray, Float32Array, Float64Array, IntArray
from atss_inspect.errors import DataError
from atss_inspect.fields import SHARE, WHOLE, at_least, setting

# Why an annotation is not an object of a preset, in the order the rules are asked.
OBJECT_REASONS = (
    "kept",
    "category_not_listed",
    "class_not_selected",
    "ignore_flag",
    "crowd",
    "outside_image",
    "no_extent",
    "area_0_in_the_file",
    "negative_area_in_the_file",
    "too_small",
    "label_repeated",
    "too_small_after_resize",
    "dropped_after_letterbox",
    "image_left_out",
)
# Why an image is not an image of a preset.
IMAGE_REASONS = (
    "kept",
    "below_min_side",
    "no_annotations",
    "only_crowd",
    "only_thin_boxes",
    "only_small_boxes",
    "label_out_of_range",
)
KEPT = 0
# What whoever asks has chosen, and, with that, what annotators and users of a preset
# want left out as well; of a label that is there twice, one stays. All else is a loss
# of data that nobody asked for: annotations of unknown images, outside of theirs,
# without extent or malformed.
CHOSEN = ("class_not_selected", "not_selected")
INTENDED = (*CHOSEN, "crowd", "ignore_flag", "label_repeated")
# Losses that are the rule of a framework at a size of images: larger ones lose less.
BY_SIZE = ("dropped_after_letterbox",)
INTENDED_OF_IMAGES = ("duplicate_image_id", "no_annotations", "only_crowd")


def losses(
    left_out: Mapping[str, int], *, intended: Collection[str] = INTENDED
) -> dict[str, int]:
    """What is left out for reasons that nobody intends, most first."""
    intended = {*intended, *INTENDED_OF_IMAGES}
    lost = [(why, n) for why, n in left_out.items() if n and why not in intended]
    return dict(sorted(lost, key=lambda one: (-one[1], one[0])))


@dataclass(frozen=True)
class DataRules:
    """What a framework's loader keeps of the annotations (original pixels)."""

    # names of the classes trained on; empty means all. Restricted first, so that an
    # image whose only objects are of other classes counts as empty
    classes: tuple[str, ...] = ()
    # what becomes of annotations whose category the file does not list: ``train`` them
    # as a class, ``skip`` them, or stop with an ``error``, each as some framework does
    unknown_category: Literal["train", "skip", "error"] = "train"
    # leave out ``iscrowd`` annotations, as every framework here does
    drop_crowd: bool = True
    drop_ignored: bool = False  # leave out annotations with a truthy ``ignore`` key
    # ``continuous``, x2 = x + w; ``inclusive``, x2 = x + max(w - 1, 0); ``minus_one``,
    # x2 = float32(x + w) - 1; ``voc``, whole pixels: int(x + 1) - 1, int(x + w) - 1; or
    # ``thousandths``, x2 = x + w and all four rounded as Python rounds
    corners: Literal["continuous", "inclusive", "minus_one", "voc", "thousandths"] = (
        "continuous"
    )
    # the precision in which the framework adds x and w
    corner_dtype: Literal["float64", "float32"] = "float64"
    # clip boxes to the ``original`` image, to the ``input`` image, or ``never``
    clip: Literal["never", "original", "input"] = "input"
    drop_outside: bool = False  # leave out boxes that share no area with their image
    # leave out boxes narrower or lower than this (the side as annotated; ``voc``: that
    # in whole pixels), and, when positive, those whose ``area`` is zero or less
    min_box_side: float = setting(0.0, at_least(0, most=1e6))
    # leave out boxes whose resized sides are not above this
    min_input_side: float = setting(0.0, at_least(0, most=1e6))
    # leave out boxes of which clipping leaves at most this share, after a letterbox
    min_area_share: float = setting(0.0, SHARE, is_later=True)
    # and those with one side at least so many times the other; 0: no such rule
    most_elongated: float = setting(0.0, at_least(0, most=1e6), is_later=True)
    # ``text``: boxes are written as YOLO labels of six digits, one of those that repeat
    # each other stays. A letterbox of Ultralytics or YOLOv5 needs it
    labels: Literal["exact", "text"] = setting("exact", is_later=True)
    # with ``text``, images with a number of a label further than this beyond [0, 1]
    # are left out
    label_slack: float = setting(0.0, at_least(0, most=1e6), is_later=True)
    # images left out: ``never`` any; ``unannotated`` (nothing of a selected class);
    # ``only_crowd`` (nothing but crowds, or nothing at all); ``only_thin`` (only boxes
    # at most 1 px wide or high, or nothing at all)
    drop_images: Literal["never", "unannotated", "only_crowd", "only_thin"] = "never"
    # leave out images all of whose boxes, crowds too, ``min_input_side`` leaves out
    drop_emptied: bool = False
    # leave out images whose shorter side is below this; 0 keeps all
    min_image_side: int = setting(0, at_least(0, WHOLE, most=1_000_000))

    @property
    def is_inclusive(self) -> bool:
        """Whether the far corners are a pixel short of x + width and y + height."""
        return self.corners in ("inclusive", "minus_one", "voc")


def far_corners(xywh: Float64Array, rules: DataRules) -> Float64Array:
    """Turn x, y, width, height into corners as the framework does.

    Returns (G, 4) float64 xyxy in original pixels; where the framework adds in float32
    the values are float32 numbers. The official repositories treat pixels as inclusive,
    x2 = x + max(w - 1, 0); detectron2 and torchvision add in float32. mmdetection takes
    1 off the far corners of boxes in float32 for GLIP (``GTBoxSubOne_GLIP``), and off
    whole numbers counted from 1 where it reads VOC files (``XMLDataset``).
    """
    if rules.corners == "voc":
        near, far = xywh[:, :2] + 1, xywh[:, :2] + xywh[:, 2:]
        return np.trunc(np.hstack([near, far])) - 1
    if rules.corners == "thousandths":
        corners = np.hstack([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]])
        return round_to_thousandths(corners)
    exact = xywh.astype(rules.corner_dtype)
    sides = exact[:, 2:]
    if rules.corners == "inclusive":
        sides = np.maximum(sides - 1, 0)
    far = exact[:, :2] + sides
    if rules.corners == "minus_one":
        far = far.astype(np.float32) - np.float32(1)
    return np.hstack([exact[:, :2], far]).astype(np.float64)


def round_to_thousandths(values: Float64Array) -> Float64Array:
    """Round as Python's ``round(x, 3)``, which goes by the exact value."""
    scaled = values * 1000
    rounded: Float64Array = np.rint(scaled) / 1000
    # The product is itself rounded: where it is about a half, Python decides.
    slack = 4 * np.spacing(np.abs(scaled))
    unsure = np.abs(scaled - np.floor(scaled) - 0.5) <= slack
    rounded[unsure] = [round(value, 3) for value in values[unsure].tolist()]
    return rounded


def clip_boxes(boxes: Float64Array, sizes: Float64Array, slack: float) -> Float64Array:
    """Clip (G, 4) xyxy boxes to [0, width - slack] x [0, height - slack].

    ``sizes`` is (G, 2) height, width of each box's image; ``slack`` is 1 where pixels
    are inclusive.
    """
    upper = np.tile(sizes[:, ::-1] - slack, 2)
    return np.minimum(np.maximum(boxes, 0), upper)


def reject_objects(
    dataset: Dataset, objects: slice, object_sizes: Float64Array, rules: DataRules
) -> tuple[Float64Array, IntArray]:
    """Corners of each object in original pixels, and the reason it is left out.

    Parameters
    ----------
    dataset, objects : the annotations, and which rows of them
    object_sizes : (G, 2) height, width of each object's image
    rules : the framework's conventions

    Returns
    -------
    corners : (G, 4) float64 xyxy, clipped if the rules clip to the original image
    reasons : (G,) int64 index into ``OBJECT_REASONS``, the first rule that applies

    Raises `DataError` as `require_listed`.
    """
    require_listed(dataset, rules)
    xywh = dataset.xywh[objects]
    corners = far_corners(xywh, rules)
    if rules.clip == "original":
        slack = 1.0 if rules.corners == "inclusive" else 0.0
        corners = clip_boxes(corners, object_sizes, slack)
    # Clipping takes all extent from a box outside its image: say so by its own name.
    drop_outside = rules.drop_outside or rules.clip != "never"
    outside = _has_extent(xywh) & shares_no_area(xywh, object_sizes) & drop_outside
    category = dataset.category_index[objects]
    tests = [
        (~listed(dataset, rules))[category],
        (~in_classes(dataset, rules))[category],
        dataset.is_ignored[objects] & rules.drop_ignored,
        dataset.is_crowd[objects] & rules.drop_crowd,
        outside,
        *_lacks(xywh, corners, dataset.areas[objects], rules),
        _is_repeated(dataset, objects, object_sizes, rules),
    ]
    reasons = np.full(len(xywh), KEPT, dtype=np.int64)
    for reason in range(len(tests), 0, -1):
        reasons[tests[reason - 1]] = reason
    return corners, reasons


def _has_extent(xywh: Float64Array) -> BoolArray:
    """Tell which annotated boxes have a width and a height; (G,) bool."""
    found: BoolArray = np.minimum(xywh[:, 2], xywh[:, 3]) > 0
    return found


def _lacks(
    xywh: Float64Array, corners: Float64Array, areas: Float64Array, rules: DataRules
) -> tuple[BoolArray, ...]:
    """Boxes without extent, with an area of 0, with one below, and small ones; (G,)."""
    no_extent = (corners[:, 2] <= corners[:, 0]) | (corners[:, 3] <= corners[:, 1])
    if rules.corners == "minus_one":  # which comes after all that is decided here
        no_extent = ~_has_extent(xywh)
    sides, heeds_areas = xywh[:, 2:], rules.min_box_side > 0
    if rules.corners == "voc":  # where nothing says an area
        sides, heeds_areas = corners[:, 2:] - corners[:, :2], False
    too_small: BoolArray = np.minimum(*sides.T) < rules.min_box_side
    return no_extent, (areas == 0) & heeds_areas, (areas < 0) & heeds_areas, too_small


def _is_repeated(
    dataset: Dataset, objects: slice, object_sizes: Float64Array, rules: DataRules
) -> BoolArray:
    """Tell whose line of a label file says the same as an earlier one; (G,) bool."""
    repeated = np.zeros(objects.stop - objects.start, dtype=bool)
    if rules.labels == "text":
        written, labels = written_labels(dataset, objects, object_sizes, rules)
        rows = written + objects.start
        parts = dataset.images_of(rows), dataset.category_index[rows]
        repeated[written] = repeats(*parts, labels)
    return repeated


def written_labels(
    dataset: Dataset, objects: slice, object_sizes: Float64Array, rules: DataRules
) -> tuple[IntArray, Float32Array]:
    """Which objects get a line of a label file, as places, and their shares; (N, 4)."""
    xywh = dataset.xywh[objects]
    has_line = _has_extent(xywh) & ~(dataset.is_crowd[objects] & rules.drop_crowd)
    places = np.flatnonzero(has_line)
    given = None if dataset.normalized is None else dataset.normalized[objects][places]
    return places, label_shares(xywh[places], object_sizes[places], given)


def repeats(image: IntArray, category: IntArray, labels: Float32Array) -> BoolArray:
    """Tell which lines say the same as an earlier one of their image; (N,) bool."""
    parts = (*labels.T, category, image)
    order = np.lexsort(parts)
    is_new = np.ones(len(order), dtype=bool)
    same = [each[order][1:] == each[order][:-1] for each in parts]
    is_new[1:] = ~np.logical_and.reduce(same)
    repeated = np.empty(len(order), dtype=bool)
    repeated[order] = ~is_new  # a stable sort: the first of equals is the new one
    return repeated


def shares_no_area(xywh: Float64Array, sizes: Float64Array) -> BoolArray:
    """Tell which boxes have no overlap of positive area with their image.

    The overlap is taken in double precision from the annotated numbers, as
    mmdetection's ``parse_data_info`` does.
    """
    near = np.maximum(xywh[:, :2], 0)
    far = np.minimum(xywh[:, :2] + xywh[:, 2:], sizes[:, ::-1])
    overlap = np.maximum(far - near, 0)
    outside: BoolArray = overlap[:, 0] * overlap[:, 1] == 0
    return outside


def listed(dataset: Dataset, rules: DataRules) -> BoolArray:
    """Tell which categories pass for listed; (C,) bool, all where none is skipped."""
    if dataset.is_listed is None or rules.unknown_category != "skip":
        return np.ones(max(len(dataset.category_names), 1), dtype=bool)
    return dataset.is_listed


def require_listed(dataset: Dataset, rules: DataRules) -> None:
    """Raise `DataError` at an object of a category that its file does not list.

    That is where the rules have ``error``; it names the first one.
    """
    if dataset.is_listed is None or rules.unknown_category != "error":
        return
    rows = np.flatnonzero(~dataset.is_listed[dataset.category_index])
    for row in rows[:1].tolist():
        image = dataset.images_of(rows[:1])[0]
        own_id = dataset.category_ids[dataset.category_index[row]]
        place = f"annotations[{dataset.annotation_index[row]}]"
        if dataset.annotation_ids[row] is not None:
            place += f" (id {dataset.annotation_ids[row]})"
        problem = f"category_id {own_id} is not in categories, where training stops"
        hint = "--set unknown_category=skip leaves such annotations out"
        file = dataset.files[dataset.image_file[image]]
        raise DataError(file, place, problem, hint=hint)


def in_classes(dataset: Dataset, rules: DataRules) -> BoolArray:
    """Tell which categories are trained on; (C,) bool, all where none is named."""
    if not rules.classes:
        return np.ones(max(len(dataset.category_names), 1), dtype=bool)
    return np.isin(np.array(dataset.category_names, dtype=str), rules.classes)


def reject_images(
    dataset: Dataset, images: slice, object_image: IntArray, rules: DataRules
) -> IntArray:
    """Reason that each image is left out for.

    Parameters
    ----------
    dataset, images : the annotations, and which image rows of them
    object_image : (G,) place within ``images`` of the image each object is on

    Returns
    -------
    (I,) int64 index into ``IMAGE_REASONS``.

    Notes
    -----
    Annotations that the other rules leave out count as present, as in the frameworks:
    an image may stay with nothing to train on, and is then all background.
    """
    num_images = images.stop - images.start
    offsets = dataset.object_offsets
    objects = slice(int(offsets[images.start]), int(offsets[images.stop]))

    def has_any(of_kind: BoolArray) -> BoolArray:
        return np.bincount(object_image[of_kind], minlength=num_images) > 0

    is_trained = in_classes(dataset, rules) & listed(dataset, rules)
    selected = is_trained[dataset.category_index[objects]]
    has_selected = has_any(selected)
    thick = (dataset.xywh[objects, 2:] > 1).all(axis=1)
    lacks = {
        "never": np.zeros(num_images, dtype=bool),
        "unannotated": np.zeros(num_images, dtype=bool),
        "only_crowd": has_selected & ~has_any(selected & ~dataset.is_crowd[objects]),
        "only_thin": has_selected & ~has_any(selected & thick),
    }[rules.drop_images]
    small = dataset.image_sizes[images].min(axis=1) < rules.min_image_side
    reasons = np.zeros(num_images, dtype=np.int64)
    if rules.drop_images != "never":
        reasons[~has_selected] = IMAGE_REASONS.index("no_annotations")
    kind = "only_crowd" if rules.drop_images == "only_crowd" else "only_thin_boxes"
    reasons[lacks] = IMAGE_REASONS.index(kind)
    reasons[small] = IMAGE_REASONS.index("below_min_side")
    if rules.labels == "text":
        sizes = dataset.image_sizes[images][object_image]
        beyond = _labels_beyond(dataset, objects, sizes, rules)
        reasons[object_image[beyond]] = IMAGE_REASONS.index("label_out_of_range")
    return reasons


def _labels_beyond(
    dataset: Dataset, objects: slice, object_sizes: Float64Array, rules: DataRules
) -> IntArray:
    """Places of objects with a number of their label too far beyond [0, 1]."""
    written, labels = written_labels(dataset, objects, object_sizes, rules)
    low, high = np.float32(-rules.label_slack), np.float32(1 + rules.label_slack)
    return written[((labels < low) | (labels > high)).any(axis=1)]
