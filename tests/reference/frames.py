"""What a framework's data pipeline makes of one image and its annotations.

Four frameworks, each with its own rules on which annotations and images stay, in
which order and precision boxes are converted, scaled and clipped, and how the input
size is rounded. The dtypes matter: exact ties and ``==`` decide real cases later.
And three more of mmdetection: GLIP's pipeline, and its VOC and OpenImages data sets.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Annotation = dict[str, Any]
Size = tuple[int, int]


@dataclass(frozen=True)
class ReferenceFrame:
    """One image as the network sees it.

    kept : places of the annotations that became boxes, in the file's order
    boxes : (G, 4) float32 xyxy in input pixels
    input_size, padded_size : (height, width)
    map_sizes : (height, width) per level, finest first
    left_out : place of each annotation that is no box -> reason
    image_left_out : why the framework drops the whole image, or None. Annotations
        that would have stayed then carry the reason "image_left_out".
    """

    kept: tuple[int, ...]
    boxes: np.ndarray
    input_size: Size
    padded_size: Size
    map_sizes: tuple[Size, ...]
    left_out: dict[int, str] = field(default_factory=dict)
    image_left_out: str | None = None


def see_image(
    framework: str,
    annotations: Sequence[Annotation],
    *,
    width: int,
    height: int,
    num_levels: int = 5,
    first_stride: int = 8,
    short_side: int = 800,
    long_side: int = 1333,
    divisor: int = 32,
    pad_to: Size | None = None,
) -> ReferenceFrame:
    """Apply one framework's rules to one image.

    Parameters
    ----------
    annotations : dicts with ``bbox`` (x, y, w, h in original pixels); optional
        ``area`` (else w times h), ``iscrowd`` and ``ignore`` (else 0)
    first_stride : 8 for P3 to P7, 4 for the RPN's P2 to P6
    pad_to : (height, width) of a larger batch to imitate; None is a batch of one
    """
    original = (height, width)
    input_size = resized(framework, original, short_side, long_side)
    batch = input_size if pad_to is None else pad_to
    height, width = max(input_size[0], batch[0]), max(input_size[1], batch[1])
    padded = round_up(height, divisor), round_up(width, divisor)
    kept: dict[int, np.ndarray] = {}
    left_out: dict[int, str] = {}
    image_reason = IMAGE_RULES[framework](annotations, original)
    if framework == "glip" and image_reason is None:
        image_reason = image_rule_glip(annotations, original, input_size)
    for place, annotation in enumerate(annotations):
        box, reason = BOX_RULES[framework](annotation, original, input_size)
        if box is None:
            left_out[place] = reason
        elif image_reason is not None:
            left_out[place] = "image_left_out"
        else:
            kept[place] = box
    return ReferenceFrame(
        kept=tuple(kept),
        boxes=np.array([*kept.values()], dtype=np.float32).reshape(-1, 4),
        input_size=input_size,
        padded_size=padded,
        map_sizes=map_sizes(padded, num_levels, first_stride),
        left_out=left_out,
        image_left_out=image_reason,
    )


def resized(framework: str, original: Size, short_side: int, long_side: int) -> Size:
    """Input (height, width) by the framework's own order of rounding.

    At least one pixel each: on slivers that round to nothing the frameworks fail.
    """
    rule = RESIZE_RULES[RESIZE_OF.get(framework, framework)]
    height, width = rule(original, short_side, long_side)
    return max(height, 1), max(width, 1)


def resize_official(original: Size, short_side: int, long_side: int) -> Size:
    """Round the short side half to even, cut the long side down."""
    height, width = original
    short, long = float(min(original)), float(max(original))
    side = short_side
    if long / short * side > long_side:
        side = round(long_side * short / long)
    if width < height:
        return int(side * height / width), side
    return side, int(side * width / height)


def resize_mmdetection(original: Size, short_side: int, long_side: int) -> Size:
    """One double factor, both sides rounded half up; the limits are sorted."""
    height, width = original
    low, high = sorted((short_side, long_side))
    factor = min(high / max(original), low / min(original))
    return int(height * factor + 0.5), int(width * factor + 0.5)


def resize_truncated(original: Size, short_side: int, long_side: int) -> Size:
    """mmdetection's FixScaleResize: as above, but cut down."""
    height, width = original
    low, high = sorted((short_side, long_side))
    factor = min(high / max(original), low / min(original))
    return int(height * factor), int(width * factor)


def resize_detectron2(original: Size, short_side: int, long_side: int) -> Size:
    """Scale to the short side, then again to the long side, then round half up."""
    height, width = original
    factor = short_side * 1.0 / min(height, width)
    if height < width:
        new_height, new_width = float(short_side), factor * width
    else:
        new_height, new_width = factor * height, float(short_side)
    if max(new_height, new_width) > long_side:
        factor = long_side * 1.0 / max(new_height, new_width)
        new_height *= factor
        new_width *= factor
    return int(new_height + 0.5), int(new_width + 0.5)


def resize_torchvision(original: Size, short_side: int, long_side: int) -> Size:
    """One double factor, both sides rounded down: 97 px may become 799."""
    height, width = original
    factor = min(short_side / min(original), long_side / max(original))
    return math.floor(height * factor), math.floor(width * factor)


def round_up(side: int, divisor: int) -> int:
    """Smallest multiple of the divisor that holds the side."""
    return math.ceil(side / divisor) * divisor


def map_sizes(padded: Size, num_levels: int, first_stride: int) -> tuple[Size, ...]:
    """Halve, rounding up, again and again: what stride-2 layers do."""
    height, width = padded
    stride = 1
    sizes: list[Size] = []
    while len(sizes) < num_levels:
        height, width, stride = math.ceil(height / 2), math.ceil(width / 2), stride * 2
        if stride >= first_stride:
            sizes.append((height, width))
    return tuple(sizes)


def image_rule_by_extent(annotations: Sequence[Annotation], _: Size) -> str | None:
    """Official repositories and torchvision: something wider and higher than 1."""
    if not annotations:
        return "no_annotations"
    sides = [annotation["bbox"][2:] for annotation in annotations]
    return None if any(w > 1 and h > 1 for w, h in sides) else "only_empty_boxes"


def image_rule_mmdetection(
    annotations: Sequence[Annotation], original: Size
) -> str | None:
    """Any annotation counts, crowds and invalid boxes too; both sides from 32."""
    if not annotations:
        return "no_annotations"
    return "image_too_small" if min(original) < 32 else None


def image_rule_open_images(_: Sequence[Annotation], __: Size) -> str | None:
    """No filter: images without objects are not in its file."""
    return None


def image_rule_detectron2(annotations: Sequence[Annotation], _: Size) -> str | None:
    if not annotations:
        return "no_annotations"
    is_crowd = [annotation.get("iscrowd", 0) for annotation in annotations]
    return "only_crowds" if all(is_crowd) else None


Verdict = tuple[np.ndarray | None, str]


def box_rule_official(annotation: Annotation, original: Size, new: Size) -> Verdict:
    """Inclusive corners, clipped in original pixels, all in float32."""
    if annotation.get("iscrowd", 0):
        return None, "crowd"
    x, y, w, h = np.array(annotation["bbox"], dtype=np.float32)
    one = np.float32(1)
    x2 = x + max(w - one, np.float32(0))
    y2 = y + max(h - one, np.float32(0))
    last_x, last_y = np.float32(original[1] - 1), np.float32(original[0] - 1)
    box = clipped(np.array([x, y, x2, y2]), last_x, last_y)
    ratio_x = np.float32(new[1] / original[1])
    return scaled(box, ratio_x, np.float32(new[0] / original[0]))


def box_rule_mmdetection(annotation: Annotation, original: Size, new: Size) -> Verdict:
    """Corners in double, then float32; scaled, and only then clipped."""
    x, y, w, h = (float(value) for value in annotation["bbox"])
    height, width = original
    if annotation.get("ignore", False):
        return None, "ignore"
    overlap_width = min(x + w, width) - max(x, 0.0)
    overlap_height = min(y + h, height) - max(y, 0.0)
    if max(0.0, overlap_width) * max(0.0, overlap_height) == 0:
        return None, "outside_image"
    if annotation.get("area", w * h) <= 0:
        return None, "no_area"
    if w < 1 or h < 1:
        return None, "too_small"
    if annotation.get("iscrowd", 0):
        return None, "crowd"
    return fitted(np.array([x, y, x + w, y + h], dtype=np.float64), original, new), ""


def fitted(corners: np.ndarray, original: Size, new: Size) -> np.ndarray:
    """What mmdetection's Resize makes of corners: float32, scaled, then clipped."""
    factor_x = np.float32(new[1] / original[1])
    factor_y = np.float32(new[0] / original[0])
    factors = np.array([factor_x, factor_y, factor_x, factor_y])
    box = corners.astype(np.float32) * factors
    return clipped(box, np.float32(new[1]), np.float32(new[0]))


def box_rule_glip(annotation: Annotation, original: Size, new: Size) -> Verdict:
    """mmdetection's rules, then 1 off the far corners, and more than 1 px resized."""
    unmoved, reason = box_rule_mmdetection(annotation, original, new)
    if unmoved is None:
        return None, reason
    x, y, w, h = (float(value) for value in annotation["bbox"])
    box = np.array([x, y, x + w, y + h], dtype=np.float32)
    box[2:] -= 1
    box = fitted(box, original, new)
    if not (box[2] - box[0] > 1 and box[3] - box[1] > 1):
        return None, "too_small_resized"
    return box, ""


def image_rule_glip(
    annotations: Sequence[Annotation], original: Size, new: Size
) -> str | None:
    """FilterAnnotations draws another image where it leaves no box, crowds included."""
    plain = [{**annotation, "iscrowd": 0} for annotation in annotations]
    reasons = [box_rule_glip(annotation, original, new)[1] for annotation in plain]
    is_emptied = "too_small_resized" in reasons and "" not in reasons
    return "only_small_boxes" if is_emptied else None


def box_rule_voc(annotation: Annotation, original: Size, new: Size) -> Verdict:
    """As XMLDataset reads the XML that says the same: whole pixels, all minus 1.

    ``bbox_min_size`` is 32, as in the configs.
    """
    if annotation.get("ignore", False) or annotation.get("iscrowd", 0):
        return None, "difficult"
    x, y, w, h = annotation["bbox"]
    # VOC counts pixels from 1, and names the last one of a box.
    written = (x + 1, y + 1, x + w, y + h)
    xmin, ymin, xmax, ymax = (int(float(side)) - 1 for side in written)
    if xmax - xmin < 32 or ymax - ymin < 32:
        return None, "too_small"
    corners = np.array([xmin, ymin, xmax, ymax], dtype=np.float64)
    return with_extent(fitted(corners, original, new))


def box_rule_open_images(annotation: Annotation, original: Size, new: Size) -> Verdict:
    """Every box, groups of objects too."""
    x, y, w, h = (float(value) for value in annotation["bbox"])
    if w <= 0 or h <= 0:
        return None, "no_extent"
    corners = np.array([x, y, x + w, y + h], dtype=np.float64)
    return with_extent(fitted(corners, original, new))


def image_rule_efficientdet(_: Sequence[Annotation], original: Size) -> str | None:
    """effdet keeps images without boxes."""
    return "image_too_small" if min(original) < 32 else None


def box_rule_efficientdet(annotation: Annotation, original: Size, new: Size) -> Verdict:
    """Added in double, scaled by the image's factor in float32, then clipped."""
    x, y, w, h = (float(value) for value in annotation["bbox"])
    if annotation.get("ignore", False) or annotation.get("iscrowd", 0):
        return None, "crowd"
    if w < 1 or h < 1:
        return None, "too_small"
    # The padded square's side: the longer side is brought to it, rounding down.
    longer = int(np.argmax(original))
    side = math.ceil(new[longer] / 128) * 128
    factor = np.float32(min(side / original[0], side / original[1]))
    box = np.array([x, y, x + w, y + h], dtype=np.float32) * factor
    return with_extent(clipped(box, np.float32(new[1]), np.float32(new[0])))


def with_extent(box: np.ndarray) -> Verdict:
    """What the frameworks would train without any extent is no object here."""
    if box[2] <= box[0] or box[3] <= box[1]:
        return None, "no_extent"
    return box, ""


def box_rule_detectron2(annotation: Annotation, original: Size, new: Size) -> Verdict:
    """Corners added in float32, scaled and clipped in double, then float32 again."""
    if annotation.get("ignore", 0):
        message = "detectron2 refuses a file with a non-zero ignore key"
        raise ValueError(message)
    if annotation.get("iscrowd", 0):
        return None, "crowd"
    x, y, w, h = np.array(annotation["bbox"], dtype=np.float32)
    factor_x, factor_y = new[1] * 1.0 / original[1], new[0] * 1.0 / original[0]
    xs = sorted([float(x) * factor_x, float(x + w) * factor_x])
    ys = sorted([float(y) * factor_y, float(y + h) * factor_y])
    corners = np.array([xs[0], ys[0], xs[1], ys[1]], dtype=np.float64)
    box = clipped(corners, np.float64(new[1]), np.float64(new[0])).astype(np.float32)
    too_thin = np.float32(1e-5)
    if not (box[2] - box[0] > too_thin and box[3] - box[1] > too_thin):
        return None, "no_extent"
    return box, ""


def box_rule_torchvision(annotation: Annotation, original: Size, new: Size) -> Verdict:
    """Clamped in original pixels, scaled by a ratio of float32 sides."""
    if annotation.get("iscrowd", 0):
        return None, "crowd"
    x, y, w, h = np.array(annotation["bbox"], dtype=np.float32)
    corners = np.array([x, y, x + w, y + h])
    box = clipped(corners, np.float32(original[1]), np.float32(original[0]))
    sides = np.array([new, original], dtype=np.float32)
    return scaled(box, sides[0, 1] / sides[1, 1], sides[0, 0] / sides[1, 0])


def scaled(box: np.ndarray, ratio_x: np.float32, ratio_y: np.float32) -> Verdict:
    """A box with extent in input pixels, in float32."""
    if box[2] <= box[0] or box[3] <= box[1]:
        return None, "no_extent"
    return box * np.array([ratio_x, ratio_y, ratio_x, ratio_y]), ""


def clipped(box: np.ndarray, last_x: np.floating, last_y: np.floating) -> np.ndarray:
    """Corners moved into [0, last], in the box's own precision."""
    last = np.array([last_x, last_y, last_x, last_y], dtype=box.dtype)
    return np.minimum(np.maximum(box, box.dtype.type(0)), last)


RESIZE_RULES = {
    "mmdetection": resize_mmdetection,
    "truncated": resize_truncated,
    "detectron2": resize_detectron2,
    "torchvision": resize_torchvision,
    "official": resize_official,
}
# Pipelines and data sets of mmdetection beside its default.
RESIZE_OF = {
    "glip": "truncated",
    "efficientdet": "truncated",
    "voc": "mmdetection",
    "open_images": "mmdetection",
}
IMAGE_RULES = {
    "mmdetection": image_rule_mmdetection,
    "glip": image_rule_mmdetection,
    "voc": image_rule_mmdetection,
    "open_images": image_rule_open_images,
    "efficientdet": image_rule_efficientdet,
    "detectron2": image_rule_detectron2,
    "torchvision": image_rule_by_extent,
    "official": image_rule_by_extent,
}
BOX_RULES = {
    "mmdetection": box_rule_mmdetection,
    "glip": box_rule_glip,
    "voc": box_rule_voc,
    "open_images": box_rule_open_images,
    "efficientdet": box_rule_efficientdet,
    "detectron2": box_rule_detectron2,
    "torchvision": box_rule_torchvision,
    "official": box_rule_official,
}
