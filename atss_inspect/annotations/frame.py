"""The dataset as the network sees it: boxes in input pixels, image by image."""

from dataclasses import dataclass, replace

import numpy as np

from atss_inspect.annotations.data_rules import (
    IMAGE_REASONS,
    KEPT,
    OBJECT_REASONS,
    DataRules,
    clip_boxes,
    reject_images,
    reject_objects,
)
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.letterbox import is_kept, label_shares, to_loss
from atss_inspect.annotations.resize import (
    ResizeRule,
    canvas_sizes,
    flip_boxes,
    input_sizes,
    padded_sizes,
    resize_boxes,
)
from atss_inspect.arrays import BoolArray, Float32Array, Float64Array, IntArray


@dataclass(frozen=True)
class Frame:
    """Some images and their ground-truth boxes, ready for an assigner."""

    image_rows: IntArray  # (I,) int64 rows of the dataset's images
    object_rows: IntArray  # (G,) int64 rows of the dataset's objects, ascending
    # (G,) int64, place within this frame of each box's image, ascending
    gt_image: IntArray
    gt_boxes: Float32Array  # (G, 4) float32 xyxy in input pixels; x2 > x1 and y2 > y1
    input_size: IntArray  # (I, 2) int64 height, width after the resize rule
    padded_size: IntArray  # (I, 2) int64 height, width after padding
    # left_out_objects, left_out_images: reason -> count, nothing at zero
    left_out_objects: dict[str, int]
    left_out_images: dict[str, int]
    # (N,) int64 rows of the dataset's objects left out, ascending
    left_out_rows: IntArray
    left_out_reasons: IntArray  # (N,) int64 index into ``OBJECT_REASONS``

    @property
    def num_images(self) -> int:
        """Number of images the data rules keep."""
        return len(self.image_rows)

    @property
    def num_gt(self) -> int:
        """Number of ground-truth boxes the data rules keep."""
        return len(self.gt_boxes)


def build_frame(
    dataset: Dataset,
    images: slice,
    rules: DataRules,
    resize: ResizeRule,
    *,
    is_flipped: bool = False,
    shift: tuple[float, float] = (0.0, 0.0),
) -> Frame:
    """Apply a framework's data rules and resize rule to a run of images.

    Parameters
    ----------
    dataset : annotations in original pixels
    images : which image rows, e.g. ``slice(0, dataset.num_images)``
    rules, resize : the framework's conventions
    is_flipped : images and boxes are flipped left to right, where and as the framework
        does it
    shift : x, y in input pixels, at least 0, by which the images are moved right and
        down on canvases that are larger by as much; see `annotations.shifts`

    Returns
    -------
    Frame with the images and boxes that are left, in the dataset's order; with no
    image or no box the arrays have length 0.
    """
    offsets = dataset.object_offsets[images.start : images.stop + 1]
    objects = slice(int(offsets[0]), int(offsets[-1]))
    object_image = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    original = dataset.image_sizes[images]

    image_reasons = reject_images(dataset, images, object_image, rules)
    corners, reasons = reject_objects(dataset, objects, original[object_image], rules)
    on_lost_image = image_reasons[object_image] != KEPT
    reasons[(reasons == KEPT) & on_lost_image] = OBJECT_REASONS.index("image_left_out")

    inputs = input_sizes(original, resize)
    canvas = canvas_sizes(inputs, resize)
    sizes = original[object_image], inputs[object_image]
    boxes, vanished = _resized(
        corners,
        _shares(dataset, objects, sizes[0], (rules, resize)),
        sizes,
        (rules, resize),
        is_flipped=is_flipped,
    )
    if rules.drop_emptied:  # as FilterAnnotations, for which crowds are boxes, too
        crowds_too = replace(rules, drop_crowd=False)
        _, others = reject_objects(dataset, objects, original[object_image], crowds_too)
        emptied = _are_emptied(object_image, others == KEPT, vanished, len(original))
        image_reasons[emptied & (image_reasons == KEPT)] = IMAGE_REASONS.index(
            "only_small_boxes"
        )
    reasons[(reasons == KEPT) & vanished] = OBJECT_REASONS.index(
        "dropped_after_letterbox" if resize.letterbox else "too_small_after_resize"
    )
    kept = np.flatnonzero(reasons == KEPT)
    left_out = np.flatnonzero(reasons != KEPT)
    kept_images = np.flatnonzero(image_reasons == KEPT)
    if any(shift):
        boxes = boxes + np.array(2 * shift, dtype=np.float32)
        moved = np.ceil(shift[::-1]).astype(np.int64)
        inputs, canvas = inputs + moved, canvas + moved
    place = np.cumsum(image_reasons == KEPT) - 1
    return Frame(
        image_rows=kept_images + images.start,
        object_rows=kept + objects.start,
        gt_image=place[object_image[kept]],
        gt_boxes=boxes[kept],
        input_size=inputs[kept_images],
        padded_size=padded_sizes(canvas[kept_images], resize),
        left_out_objects=_count_reasons(reasons, OBJECT_REASONS),
        left_out_images=_count_reasons(image_reasons, IMAGE_REASONS),
        left_out_rows=left_out + objects.start,
        left_out_reasons=reasons[left_out],
    )


def _shares(
    dataset: Dataset,
    objects: slice,
    original: Float64Array,
    conventions: tuple[DataRules, ResizeRule],
) -> Float32Array | None:
    """Objects as shares of their images, where the resize rule takes them so."""
    rules, resize = conventions
    given = None if dataset.normalized is None else dataset.normalized[objects]
    if resize.letterbox:
        return label_shares(dataset.xywh[objects], original, given)
    # What is clipped in original pixels is in pixels from then on.
    return None if rules.clip == "original" else given


def _resized(
    corners: Float64Array,
    normalized: Float32Array | None,
    sizes: tuple[Float64Array, IntArray],
    conventions: tuple[DataRules, ResizeRule],
    *,
    is_flipped: bool,
) -> tuple[Float32Array, BoolArray]:
    """Boxes as the assigner gets them, (G, 4) xyxy, and which have vanished."""
    rules, resize = conventions
    if resize.letterbox:
        square = resize_boxes(corners, *sizes, resize, normalized)
        return _boxes_in_square(square, conventions, is_flipped=is_flipped)
    boxes = _boxes_in_input_pixels(
        corners, normalized, sizes, conventions, is_flipped=is_flipped
    )
    # Resizing and clipping may leave nothing of a box that had some extent before.
    sides = boxes[:, 2:] - boxes[:, :2]
    return boxes, ~(np.minimum(sides[:, 0], sides[:, 1]) > rules.min_input_side)


def _boxes_in_square(
    boxes: Float64Array,
    conventions: tuple[DataRules, ResizeRule],
    *,
    is_flipped: bool,
) -> tuple[Float32Array, BoolArray]:
    """Clip (G, 4) boxes to the square, as the loss gets them; and which are dropped."""
    rules, resize = conventions
    box, side = resize.letterbox, resize.side
    assert box is not None
    before = boxes.astype(np.float32)
    after = np.clip(before, 0, np.float32(side))
    limits = rules.min_input_side, rules.min_area_share, rules.most_elongated or np.inf
    dropped = ~is_kept(before, after, box, limits)
    if is_flipped and box.is_yolov5:
        after = flip_boxes(after, np.full((len(after), 2), float(side)))
    return to_loss(after, side, box, is_flipped=is_flipped), dropped


def _are_emptied(
    object_image: IntArray, present: BoolArray, vanished: BoolArray, num_images: int
) -> BoolArray:
    """Tell which images have boxes present, and all of them have vanished; (I,)."""
    before = np.bincount(object_image[present], minlength=num_images)
    after = np.bincount(object_image[present & ~vanished], minlength=num_images)
    emptied: BoolArray = (before > 0) & (after == 0)
    return emptied


def _boxes_in_input_pixels(
    corners: Float64Array,
    normalized: Float32Array | None,
    sizes: tuple[Float64Array, IntArray],
    conventions: tuple[DataRules, ResizeRule],
    *,
    is_flipped: bool,
) -> Float32Array:
    """Resize (G, 4) corners, clip to the input image if so ruled, round to float32.

    ``sizes`` are those of the boxes' images, (G, 2) each, before and after. torchvision
    flips before it resizes, detectron2 before it clips, in double; the others last.
    """
    rules, resize = conventions
    inputs = sizes[1].astype(np.float64)
    flip = resize.rule if is_flipped else None
    if flip == "torchvision":
        corners = flip_boxes(corners.astype(np.float32), sizes[0]).astype(np.float64)
    boxes = resize_boxes(corners, *sizes, resize, normalized)
    if flip == "detectron2":
        boxes = flip_boxes(boxes, inputs)
    if rules.clip == "input":
        boxes = clip_boxes(boxes, inputs, 0.0)
    rounded: Float32Array = boxes.astype(np.float32)
    if flip in (None, "torchvision", "detectron2"):
        return rounded
    # Of inclusive pixels the last one becomes the first (maskrcnn-benchmark, and
    # mmdetection's RandomFlip_GLIP).
    is_inclusive = flip == "official" or rules.corners == "minus_one"
    return flip_boxes(rounded, inputs, slack=1.0 if is_inclusive else 0.0)


def _count_reasons(reasons: IntArray, names: tuple[str, ...]) -> dict[str, int]:
    """Count each reason that occurs, without the kept ones."""
    counts = np.bincount(reasons, minlength=len(names))
    return {
        name: int(count)
        for name, count in zip(names, counts, strict=True)
        if count and name != names[KEPT]
    }
