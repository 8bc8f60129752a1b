"""What pipelines and batches of mmdetection do to images, as settings.

Read in mmdet 3.3.0, datasets/transforms/ and models/data_preprocessors/, mmcv 2.2.0,
transforms/processing.py, and mmdet 2.28.2, datasets/pipelines/. Each transform is
mapped, harmless, or stands with what it does to boxes that is not imitated.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from atss_inspect.importing.parts import (
    Part,
    Unfit,
    number,
    numbers,
    unfit,
    whole,
    words,
)

_MOST_PIXELS = 1_000_000
CONFIG = "CONFIG"  # in remarks: the file that was named, which mappings do not know
Pair = tuple[int, int]  # width and height, or long and short side, as configs order

HARMLESS = words(
    "LoadImageFromFile LoadImageFromNDArray LoadImageFromWebcam InferencerLoader "
    "LoadMultiChannelImageFromFiles LoadPanopticAnnotations LoadTrackAnnotations "
    "LoadEmptyAnnotations LoadTextAnnotations LoadProposals FilterProposals "
    "PackDetInputs PackTrackInputs PackReIDInputs ToTensor WrapFieldsToLists "
    "ImageToTensor ToDataContainer Transpose Normalize DefaultFormatBundle Collect "
    "Compose SegRescale PhotoMetricDistortion ColorTransform AutoContrast Equalize "
    "Sharpness Posterize Solarize SolarizeAdd Color Contrast Brightness Invert CutOut "
    "Corrupt YOLOXHSVRandomAug YOLOv5HSVRandomAug PPYOLOERandomDistort RGBShift "
    "RandomBrightnessContrast HueSaturationValue JpegCompression ChannelShuffle Blur "
    "MedianBlur GaussianBlur ToGray CLAHE BrightnessTransform ContrastTransform "
    "EqualizeTransform UniformRefFrameSample BaseFrameSample RemoveDataElement"
)
# Of transforms that are mapped: how pixels, masks and labels are read and filled.
HARMLESS_KEYS = words(
    "type backend interpolation override pad_val with_bbox with_label with_seg "
    "poly2mask denorm_bbox normed_bbox backend_args file_client_args imdecode_backend "
    "reduce_zero_label ignore_index"
)
CROPS = "crops or moves images at random; objects are seen at other sizes and places"
PASTES = "puts objects of several images together, at other sizes and places"
TURNS = "moves boxes at random"
INEXACT = {
    **dict.fromkeys(("RandomCrop", "MinIoURandomCrop", "RandomCenterCropPad"), CROPS),
    **dict.fromkeys(("CenterCrop", "RandomAffine", "RandomShift", "Expand"), CROPS),
    **dict.fromkeys(("YOLOv5RandomAffine", "PPYOLOERandomCrop"), CROPS),
    **dict.fromkeys(("Mosaic", "CachedMosaic", "MixUp", "CachedMixUp"), PASTES),
    **dict.fromkeys(("CopyPaste", "InstaBoost", "Mosaic9", "YOLOv5MixUp"), PASTES),
    **dict.fromkeys(("YOLOXMixUp", "YOLOv5CopyPaste", "RMosaic"), PASTES),
    **dict.fromkeys(("GeomTransform", "ShearX", "ShearY", "Shear", "Rotate"), TURNS),
    **dict.fromkeys(("TranslateX", "TranslateY", "Translate"), TURNS),
    **dict.fromkeys(("ShiftScaleRotate", "RandomRotate", "PolyRandomRotate"), TURNS),
    "RandomErasing": "leaves out boxes that it has erased at random",
    "RandomSamplingNegPos": "trains other classes for each image",
    "MultiScaleFlipAug": "is for testing",
}
# Those that hold others, under the key that has them: each in turn, or some at random.
IN_TURN = {"TransformBroadcaster": "transforms", "ProposalBroadcaster": "transforms"}
AT_RANDOM = {
    **{"RandomChoice": "transforms", "AutoAugment": "policies", "OneOf": "transforms"},
    **{"RandAugment": "aug_space", "RandomOrder": "transforms", "Albu": "transforms"},
    **{"RandomApply": "transforms", "MultiBranch": ""},
}
# Those of Albu that resize every image.
ALBU_SIZES = words("LongestMaxSize SmallestMaxSize Resize")


@dataclass
class Images:
    """What has become of images so far."""

    version: int  # of mmdetection
    is_resized: bool = False
    divisor: int | None = None  # what a transform pads to a multiple of
    # (height, width) of a canvas of several images, where nothing resizes it
    canvas: tuple[int, int] | None = None
    is_doubled: bool = False  # whether four images make one of twice their sides
    square: int | None = None  # what the long side has become, where sides are a square
    # what resizes by a rule of its own, and nothing resizes after it
    foreign: Part | None = None
    flips: int = 0  # how many transforms mirror


class Sizes(NamedTuple):
    """Sizes that a transform may resize to."""

    key: str  # of the transform
    pairs: tuple[Pair, ...]
    is_range: bool = False


def read_pipeline(transforms: Sequence[Part], owner: Part, *, version: int) -> Images:
    """Take what transforms do, in their order."""
    images = Images(version)
    for transform in transforms:
        _read_transform(transform, images)
    if images.foreign:
        images.foreign.refuse("", "resizes by a rule of its own, which is no rule here")
    if images.canvas and not images.is_resized:
        owner.set("resize.rule", "letterbox", "pipeline")
        owner.set("resize.size", images.canvas, "pipeline")
    elif not images.is_resized:
        owner.set("resize.rule", "none", "pipeline")
        owner.set("data.clip", "never", "pipeline")
    if owner.notes.value_of("augment.flip") is None:
        text = "0.0: nothing flips images"
        owner.set("augment.flip", 0.0, "pipeline", default=text)
    if version == 2 and images.divisor is None:
        text = "1: nothing pads to a multiple"
        owner.set("resize.pad_divisor", 1, "pipeline", default=text)
    return images


def _read_transform(transform: Part, images: Images) -> None:
    """Take what one transform does."""
    name = transform.type
    if name in MAPPED:
        MAPPED[name](transform, images)
        transform.rest(HARMLESS_KEYS)
    elif name in IN_TURN:
        for one in transform.parts(IN_TURN[name]):
            _read_transform(one, images)
    elif name in AT_RANDOM:
        _read_some(transform, images)
    elif name not in HARMLESS:
        text = "is not known; it may move boxes, which is not imitated"
        transform.inexact("", f"{name} {INEXACT.get(name, text)}")
        if name in ("Mosaic", "CachedMosaic") and "img_scale" in transform:
            size = transform.made("img_scale", size_of)
            images.canvas = size if images.version == 2 else (size[1], size[0])
            images.is_doubled = True
        images.is_doubled &= not name.endswith("Affine")  # which cuts out one


def _read_some(transform: Part, images: Images) -> None:
    """Read a transform that applies others at random: the first way resizes."""
    ways = transform.lists(AT_RANDOM[transform.type])
    names = [one.type for way in ways for one in way]
    others = [name for name in dict.fromkeys(names) if name not in HARMLESS]
    if not others:
        return
    if transform.type == "Albu":
        resizing = [way[0] for way in ways if way and way[0].type in ALBU_SIZES]
        images.foreign = resizing[-1] if resizing else images.foreign
    text = f"{transform.type} applies some of {', '.join(others)} at random"
    if not images.is_resized and any(one.type in RESIZES for one in ways[0]):
        text += f"; the first of {len(ways)} ways is looked at"
        for one in ways[0]:
            _read_transform(one, images)
    transform.inexact("", text)


def _read_resize(part: Part, images: Images) -> None:
    """Read ``Resize``: one size in 3, perhaps several in 2."""
    if images.version == 2:
        ratios, mode = _factors(part), part.take("multiscale_mode", "range")
        sizes = Sizes("img_scale", _pairs(part, "img_scale"), mode == "range")
        _set_sizes(part, images, sizes, ratios)
        return
    if "scale" not in part:
        key = "scale_factor" if "scale_factor" in part else ""
        part.refuse(key, "resizes by a factor, not to a size, which is no rule here")
    _set_sizes(part, images, Sizes("scale", _pairs(part, "scale")))


def _factors(part: Part) -> tuple[float, ...]:
    """Read the least and the most factor of a size; empty where none is drawn."""
    factors: tuple[float, ...] = part.made("ratio_range", numbers, ())
    if len(factors) not in (0, 2):
        part.refuse("ratio_range", "expected the least and the most factor")
    return factors


def _read_random_resize(part: Part, images: Images) -> None:
    """Read ``RandomResize``: sizes between two, or a factor of one."""
    sizes = Sizes("scale", _pairs(part, "scale"), is_range=True)
    _set_sizes(part, images, sizes, _factors(part))


def _read_choice(part: Part, images: Images) -> None:
    """Read ``RandomChoiceResize``: one of some sizes."""
    _set_sizes(part, images, Sizes("scales", _pairs(part, "scales")))


def _pairs(part: Part, key: str) -> tuple[Pair, ...]:
    """Read one size or a list of sizes; a number alone is a square."""
    pairs: tuple[Pair, ...] = part.made(key, as_pairs)
    return pairs


def as_pairs(value: Any) -> tuple[Pair, ...]:
    """Check one size or a list of sizes."""
    sizes = value if isinstance(value, list | tuple) else [value]
    if len(sizes) == 2 and all(isinstance(one, int) for one in sizes):
        sizes = [sizes]
    sides = [one if isinstance(one, list | tuple) else (one, one) for one in sizes]
    are_whole = all(
        isinstance(side, int) and 0 < side < _MOST_PIXELS
        for pair in sides
        for side in pair
    )
    if not sides or not are_whole or any(len(pair) != 2 for pair in sides):
        unfit("a size as two whole numbers, or a list of some", value)
    return tuple((first, second) for first, second in sides)


def _set_sizes(
    part: Part, images: Images, sizes: Sizes, factors: Sequence[float] = ()
) -> None:
    """Set the largest of some sizes, and tell of the others."""
    kind = str(part.take("resize_type", part.type)).rpartition(".")[2]
    kind = "Resize" if kind in ("RandomResize", "RandomChoiceResize") else kind
    if kind not in ("Resize", "RResize", "FixScaleResize"):
        part.refuse("resize_type", f"{kind} is not known here")
    keeps = part.take("keep_ratio", images.version == 2)
    if images.is_resized:
        part.inexact("", "resizes a second time; only this size is looked at")
    elif images.is_doubled:
        sizes = sizes._replace(pairs=tuple((a // 2, b // 2) for a, b in sizes.pairs))
    largest = max(sizes.pairs, key=lambda pair: (min(pair), max(pair)))
    is_square = kind == "Resize" and min(largest) == max(largest)
    images.square = largest[0] if is_square else None
    images.is_resized, images.foreign = True, None
    if keeps:
        part.set("resize.short_side", min(largest), sizes.key)
        part.set("resize.long_side", max(largest), sizes.key)
        if kind == "FixScaleResize":
            part.set("resize.rule", "truncated", "resize_type")
    else:
        default = "" if "keep_ratio" in part else "False: to this very size"
        part.set("resize.rule", "stretch", "keep_ratio", default=default)
        part.set("resize.size", largest[::-1], sizes.key)
    border = "clip_object_border" if images.version != 2 else "bbox_clip_border"
    if not part.take(border, default=True):
        part.set("data.clip", "never", border)
    _tell_sizes(part, sizes, factors, keeps=keeps)


def _tell_sizes(
    part: Part, sizes: Sizes, factors: Sequence[float], *, keeps: bool
) -> None:
    """Tell of the sizes that are drawn beside the nominal one."""
    pairs = sorted({(min(pair), max(pair)) for pair in sizes.pairs})
    if factors:
        low, high = factors
        text = (
            f"a factor from {low:g} to {high:g} is drawn; sizes are those of factor 1"
        )
        part.inexact("ratio_range", text)
    elif len(pairs) > 1 and keeps:
        if len({long for _, long in pairs}) == 1:
            name = "short_range" if sizes.is_range else "short_sides"
            shorts = tuple(short for short, _ in pairs)
            part.set(f"augment.{name}", shorts, sizes.key)
        part.inexact(sizes.key, drawn_text(tuple(pairs), is_range=sizes.is_range))
    elif len(set(sizes.pairs)) > 1:
        part.inexact(sizes.key, "one of several sizes is drawn; the largest is used")


def drawn_text(sizes: Sequence[Pair], *, is_range: bool) -> str:
    """Tell which (short, long) sides are drawn, and how to see them."""
    shorts = sorted({short for short, _ in sizes})
    shown = shorts
    if is_range:
        steps = 5
        span = shorts[-1] - shorts[0]
        shown = [round(shorts[0] + span * i / steps) for i in range(steps + 1)]
    what = f"one of {len(sizes)} sizes"
    if is_range:
        what = f"a short side from {shorts[0]} to {shorts[-1]}"
    command = f"sweep FILE --config {CONFIG} "
    command += f"short_side={','.join(map(str, dict.fromkeys(shown)))}"
    short, long = min(sizes)
    if len({long for _, long in sizes}) > 1:
        what += ", each with a long side of its own,"
        command = f"stats FILE --config {CONFIG} "
        command += f"--set resize.short_side={short} --set resize.long_side={long}"
    return (
        f"{what} is drawn, the largest is used here; for the others: "
        f"atss-inspect {command}"
    )


def _read_shortest_edge(part: Part, images: Images) -> None:
    """Read ``ResizeShortestEdge``, which is detectron2's."""
    pairs = _pairs(part, "scale")
    images.is_resized, images.foreign, images.square = True, None, None
    part.set("resize.rule", "detectron2", "type")
    part.set("resize.short_side", min(pairs[0]), "scale")
    part.setting("resize.long_side", "max_size")
    part.take("resize_type")
    part.take("keep_ratio")
    part.inexact("", "scales boxes in single precision there, in double here")


def _read_flip(part: Part, images: Images) -> None:
    """Read how often images are mirrored left to right; the nominal image is not."""
    key = "prob" if images.version != 2 else "flip_ratio"
    directions = part.made("direction", _directions, "horizontal")
    chances = part.made(key, lambda value: _chances(value, len(directions)), 0.0)
    one_way = {way: chances[i] for i, way in enumerate(directions)}
    share = one_way.pop("horizontal", 0.0)
    if any(one_way.values()):
        others = ", ".join(way for way, chance in one_way.items() if chance)
        text = f"mirrors images in other ways, too ({others}); left to right {share:g}"
        part.inexact("direction", text)
    before = part.notes.value_of("augment.flip") if images.flips else 0.0
    if images.flips and images.version == 2:
        # The second looks up what the first has drawn, and mirrors back.
        before = share = 0.0
        part.inexact("", "mirrors back what is mirrored before; nothing is, in the end")
    images.flips += 1
    share = before * (1 - share) + share * (1 - before)
    default = "" if key in part else "0.0"
    part.set("augment.flip", share, key, default=default)
    part.skip("version")


def _directions(value: Any) -> list[str]:
    """List the ways of mirroring; a text is one."""
    listed = value if isinstance(value, list | tuple) else [value]
    if set(map(type, listed)) == {str}:
        return list(listed)
    return unfit("names of directions", value)


def _chances(value: Any, count: int) -> tuple[float, ...]:
    """Chance of each direction; one for all is shared among them."""
    if not isinstance(value, list | tuple):
        return (number(value) / count,) * count
    if len(value) != count:
        reason = f"expected one for each of {count} directions, got {len(value)}"
        raise Unfit(reason)
    return numbers(value)


def _read_filter(part: Part, images: Images) -> None:
    """Read ``FilterAnnotations``: boxes left out by their size in input pixels."""
    sides = part.made("min_gt_bbox_wh", numbers, (1, 1))
    if not images.is_resized:
        part.inexact("", "leaves out small boxes before the resize; not imitated")
    elif part.take("by_box", default=True):
        part.set("data.min_input_side", min(sides, default=0.0), "min_gt_bbox_wh")
        if len(set(sides)) > 1:
            part.inexact("min_gt_bbox_wh", "the smaller one is used for both sides")
    if part.take("by_mask", default=False):
        part.inexact("by_mask", "masks are not looked at")
    if part.take("keep_empty", default=True) and images.is_resized:
        part.set("data.drop_emptied", True, "keep_empty")
    for key in ("min_gt_mask_area", "by_box", "always_keep"):
        part.take(key)


def _read_annotations(part: Part, images: Images) -> None:
    """Read ``LoadAnnotations``: 3 ignores objects without a mask that it can read."""
    if part.take("with_mask", default=False) and images.version != 2:
        text = "objects without a valid mask are left out there, and kept here"
        part.tell("with_mask", text)
    box_type = part.take("box_type", "hbox")
    if box_type != "hbox":
        part.inexact("box_type", "boxes are rotated there; give upright ones")


def _read_minus_one(part: Part, images: Images) -> None:
    """Read ``GTBoxSubOne_GLIP``: far corners, less one original pixel."""
    if images.is_resized:
        part.refuse("", "takes one off after the resize, which is no rule here")
    part.set("data.corners", "minus_one", "type")


def _read_pad(part: Part, images: Images) -> None:
    """Read ``Pad``; a size is (height, width) in 2, (width, height) in 3."""
    if part.take("pad_to_square", default=False):
        if not images.square:
            reason = "pads to squares of no fixed size, which is no rule here"
            part.refuse("pad_to_square", reason)
        part.set("resize.pad_to", (images.square,) * 2, "pad_to_square")
    if "size" in part:
        size = part.made("size", size_of)
        part.set("resize.pad_to", size if images.version == 2 else size[::-1], "size")
    if "size_divisor" in part:
        path, key = "resize.pad_divisor", "size_divisor"
        images.divisor = part.setting(path, key, make=whole)


def size_of(value: Any) -> tuple[int, int]:
    """Check a pair of sides in whole pixels."""
    sides = numbers(value)
    if len(sides) != 2:
        unfit("two sides", value)
    return int(sides[0]), int(sides[1])


def _refuse(reason: str) -> Callable[[Part, Images], None]:
    """Make a reader that refuses a transform."""

    def read(part: Part, images: Images) -> None:  # noqa: ARG001
        part.refuse("", f"{part.type} {reason}")

    return read


RESIZES: dict[str, Callable[[Part, Images], None]] = {
    **{"Resize": _read_resize, "RResize": _read_resize, "FixScaleResize": _read_resize},
    **{"RandomResize": _read_random_resize, "RandomChoiceResize": _read_choice},
    "ResizeShortestEdge": _read_shortest_edge,
    "FixShapeResize": _refuse("resizes and pads to one size, which is no rule here"),
}
MAPPED: dict[str, Callable[[Part, Images], None]] = RESIZES | {
    **dict.fromkeys(("RandomFlip", "RandomFlip_GLIP", "RRandomFlip"), _read_flip),
    **{"FilterAnnotations": _read_filter, "GTBoxSubOne_GLIP": _read_minus_one},
    **{"Pad": _read_pad, "LoadAnnotations": _read_annotations},
}
