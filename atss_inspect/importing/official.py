"""YAML of the authors' repositories of ATSS and FCOS, and of maskrcnn-benchmark.

Read in sfzhang15/ATSS 79dfb28, atss_core/, and tianzhi0549/FCOS a773f12, fcos_core/,
which are built on maskrcnn-benchmark and agree on all that is here.
"""

from typing import Any

from atss_inspect.importing.anchor_sizes import (
    Lists,
    per_level,
    set_ratios,
    set_short_sides,
    set_sizes,
    whole_numbers,
)
from atss_inspect.importing.mmdetection import SECOND_STAGE
from atss_inspect.importing.parts import Part, border, number, numbers, whole, words
from atss_inspect.presets import read_preset

# An RPN has other shares of objects than RetinaNet: what is usual is detectron2's.
_RPN = "rpn-detectron2"
_RANGES = ((-1.0, 64.0), (64.0, 128.0), (128.0, 256.0), (256.0, 512.0), (512.0, 1e8))
# Keys that decide layers, losses, sampling and what is predicted.
HARMLESS = words(
    "NUM_CLASSES NUM_CONVS USE_DCN_IN_TOWER LOSS_ALPHA LOSS_GAMMA REGRESSION_TYPE "
    "REG_LOSS_WEIGHT PRIOR_PROB INFERENCE_TH NMS_TH PRE_NMS_TOP_N USE_C5 "
    "BBOX_REG_WEIGHT BBOX_REG_BETA IOU_LOSS_TYPE NORM_REG_TARGETS CENTERNESS_ON_REG "
    "BATCH_SIZE_PER_IMAGE POSITIVE_FRACTION PRE_NMS_TOP_N_TRAIN PRE_NMS_TOP_N_TEST "
    "POST_NMS_TOP_N_TRAIN POST_NMS_TOP_N_TEST NMS_THRESH MIN_SIZE RPN_HEAD "
    "FPN_POST_NMS_TOP_N_TRAIN FPN_POST_NMS_TOP_N_TEST FPN_POST_NMS_PER_BATCH"
)
HARMLESS_INPUT = words(
    "MIN_SIZE_TEST MAX_SIZE_TEST PIXEL_MEAN PIXEL_STD TO_BGR255 BRIGHTNESS CONTRAST "
    "SATURATION HUE"
)


def read(config: Part, part: str | None) -> str:
    """Read what is assigned to anchors or points, the sizes and the data."""
    model = config.section("MODEL")
    extends = _read_model(model, part)
    _read_input(config.section("INPUT"))
    loader = config.section("DATALOADER")
    path, key = "resize.pad_divisor", "SIZE_DIVISIBILITY"
    loader.setting(path, key, 0, lambda value: whole(value or 1))
    loader.rest({"NUM_WORKERS", "ASPECT_RATIO_GROUPING"})
    data = config.section("DATASETS")
    names = data.take("TRAIN", ())
    first = names[0] if isinstance(names, list | tuple) and names else names
    if str(first).startswith("voc_"):
        data.set("data.drop_ignored", True, "TRAIN")  # difficult objects
        data.set("data.drop_images", "never", "TRAIN")
    return extends


def _read_model(model: Part, part: str | None) -> str:
    """Read the rule that is turned on; FCOS's own repository has its on by default."""
    for name in ("ATSS", "FCOS", "RETINANET"):
        if model.take(f"{name}_ON", default=False):
            if part == "rpn":
                model.refuse(f"{name}_ON", "a model of one stage has no RPN")
            return _READERS[name](model.section(name))
    if part == "head":
        model.refuse("ROI_HEADS", SECOND_STAGE)
    if not model.take("RPN_ONLY", default=False):
        model.tell("ROI_HEADS", f"not read: {SECOND_STAGE}")
    return _read_rpn(model.section("RPN"))


def _read_atss(part: Part) -> str:
    kind = part.take("POSITIVE_TYPE", "ATSS")
    if kind != "ATSS":
        part.refuse("POSITIVE_TYPE", f"{kind} on the anchors of ATSS is no rule here")
    _read_anchors(part, (64, 128, 256, 512, 1024), (1.0,), 1)
    part.setting("assigner.k", "TOPK", 9, whole)
    for name in ("FG_IOU_THRESHOLD", "BG_IOU_THRESHOLD"):
        part.take(name)  # of the other types
    part.rest(HARMLESS)
    return "atss-official"


def _read_retinanet(part: Part) -> str:
    _read_anchors(part, (32, 64, 128, 256, 512), (0.5, 1.0, 2.0), 3)
    _read_bars(part, 0.5, 0.4)
    return "retinanet-official"


def _read_anchors(
    part: Part, sizes: tuple[int, ...], ratios: tuple[float, ...], count: int
) -> None:
    """Read anchors by octaves; the border is worked out and never looked at."""
    steps = (8, 16, 32, 64, 128)
    part.setting("anchors.strides", "ANCHOR_STRIDES", steps, whole_numbers)
    octave = part.made("OCTAVE", number, 2.0)
    number_of = min(part.made("SCALES_PER_OCTAVE", whole, count), 32)
    powers = [octave ** (i / number_of) for i in range(number_of)]

    def octaves(values: Any) -> Lists:
        return tuple(
            tuple(power * size for power in powers) for size in numbers(values)
        )

    _set(part, ("ANCHOR_SIZES", part.made("ANCHOR_SIZES", octaves, sizes)), ratios)
    part.take("STRADDLE_THRESH")


def _set(part: Part, sizes: tuple[str, Lists], ratios: tuple[float, ...]) -> None:
    """Set sizes by their key, and ratios."""
    key, lists = sizes
    if len(lists) != len(part.notes.value_of("anchors.strides")):
        part.refuse(key, "expected as many as there are strides")
    set_sizes(part, key, lists, default="" if key in part else str(lists))
    name = "ASPECT_RATIOS"
    shown = "" if name in part else str(ratios)
    set_ratios(part, name, part.made(name, per_level, ratios), default=shown)


def _read_bars(part: Part, high: float, low: float) -> None:
    part.setting("assigner.positive_from", "FG_IOU_THRESHOLD", high, number)
    part.setting("assigner.negative_below", "BG_IOU_THRESHOLD", low, number)
    part.rest(HARMLESS)


def _read_rpn(part: Part) -> str:
    """Read the RPN, whose data, anchors and matcher are those of RetinaNet there."""
    start, theirs = read_preset(_RPN), read_preset("retinanet-official")
    for table in ("data", "resize", "anchors", "assigner"):
        for name, value in theirs[table].items():
            if start[table][name] != value:
                part.set(f"{table}.{name}", value, "")
    has_levels = part.take("USE_FPN", default=False)
    part.setting("anchors.strides", "ANCHOR_STRIDE", (16,), whole_numbers)
    key = "ANCHOR_SIZES"
    sizes = part.made(key, numbers, (32, 64, 128, 256, 512))
    lists = tuple((one,) for one in sizes) if has_levels else (sizes,)
    _set(part, (key, lists), (0.5, 1.0, 2.0))
    part.setting("anchors.allowed_border", "STRADDLE_THRESH", 0, border)
    _read_bars(part, 0.7, 0.3)
    return _RPN


def _read_fcos(part: Part) -> str:
    steps = (8, 16, 32, 64, 128)
    strides = part.setting("anchors.strides", "FPN_STRIDES", steps, whole_numbers)
    if len(strides) > len(_RANGES):
        part.refuse("FPN_STRIDES", f"there are ranges for {len(_RANGES)} levels")
    if len(strides) < len(_RANGES):
        ranges = _RANGES[: len(strides)]
        part.set("assigner.scale_ranges", ranges, "FPN_STRIDES")
    path = "assigner.center_sampling_radius"
    part.setting(path, "CENTER_SAMPLING_RADIUS", 0.0, number)
    part.rest(HARMLESS)
    return "fcos-official"


_READERS = {"ATSS": _read_atss, "FCOS": _read_fcos, "RETINANET": _read_retinanet}


def _read_input(part: Part) -> None:
    """Read the sizes that training draws from, and flips."""
    bounds = part.made("MIN_SIZE_RANGE_TRAIN", numbers, (-1, -1))
    key = "MIN_SIZE_TRAIN" if bounds[:1] == (-1,) else "MIN_SIZE_RANGE_TRAIN"
    shorts = part.made(key, whole_numbers, (800,))
    part.take("MIN_SIZE_TRAIN")
    set_short_sides(part, key, shorts, is_range=key != "MIN_SIZE_TRAIN")
    part.setting("resize.long_side", "MAX_SIZE_TRAIN", 1333, whole)
    for name in ("FLIP_PROB_TRAIN", "HORIZONTAL_FLIP_PROB_TRAIN"):
        if name in part:
            part.setting("augment.flip", name, make=number)
    if part.notes.value_of("augment.flip") is None:
        part.set("augment.flip", 0.5, "FLIP_PROB_TRAIN", default="0.5")
    if part.take("VERTICAL_FLIP_PROB_TRAIN", 0):
        name = "VERTICAL_FLIP_PROB_TRAIN"
        part.inexact(name, "mirrors images from top to bottom")
    part.rest(HARMLESS_INPUT)
