"""YAML of PaddleDetection: RPN, RetinaNet, FCOS, GFL, and PP-YOLOE, PicoDet and TOOD.

Read in PaddleDetection 666f597, ppdet/data/ and ppdet/modeling/. Only the ATSS of
PP-YOLOE was recorded.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from atss_inspect.importing.anchor_sizes import (
    per_level,
    set_ratios,
    set_short_sides,
    set_sizes,
)
from atss_inspect.importing.mmdet_anchors import ROTATED, SHAPES, strides
from atss_inspect.importing.mmdet_gates import own_points
from atss_inspect.importing.mmdet_images import CROPS, as_pairs
from atss_inspect.importing.mmdetection import SECOND_STAGE
from atss_inspect.importing.parts import Part, number, numbers, unfit, whole, words
from atss_inspect.presets.needing_models import PREDICTIONS

_RPN = words("FasterRCNN MaskRCNN CascadeRCNN")
OTHER_ARCHITECTURES = {
    "YOLOv3": SHAPES,
    "SSD": "has shapes of its own on each level, which are not read yet",
    "YOLOX": PREDICTIONS,
}


class _Warmup(NamedTuple):
    """A head whose first epochs have another assigner: names and defaults of keys."""

    strides: tuple[str, tuple[int, ...]]
    offset: tuple[str, float]
    scale: float
    epochs: int


WARMUPS = {
    **dict.fromkeys(
        ("PPYOLOEHead", "PPYOLOEInsHead", "PPYOLOEContrastHead"),
        _Warmup(("fpn_strides", (32, 16, 8)), ("grid_cell_offset", 0.5), 5.0, 4),
    ),
    "PicoHeadV2": _Warmup(("fpn_stride", (8, 16, 32)), ("cell_offset", 0.0), 5.0, 60),
    "TOODHead": _Warmup(
        ("fpn_strides", (8, 16, 32, 64, 128)), ("grid_cell_offset", 0.5), 8.0, 4
    ),
}
OTHER_HEADS = {"PPYOLOERHead": ROTATED}
# What ``COCODataSet`` keeps. Crowds are not loaded, and an area must be positive.
DATA: dict[str, Any] = {
    "data.unknown_category": "error",
    "data.drop_crowd": True,
    "data.drop_ignored": True,
    "data.corners": "thousandths",
    "data.corner_dtype": "float64",
    "data.drop_outside": False,
    "data.drop_emptied": False,
    "data.min_image_side": 0,
    "data.clip": "input",
    "data.min_box_side": 1e-5,
    "data.min_input_side": 0.0,
    "data.drop_images": "only_crowd",
    "resize.rule": "mmdetection",
    "resize.pad_divisor": 1,
    # Of the presets that they start from.
    "augment.short_sides": (),
    "augment.short_range": (),
}
HARMLESS = words(
    "PadGT Decode NormalizeImage Permute RandomDistort Poly2Mask Cutmix "
    "PhotoMetricDistortion"
)
HARMLESS_HEAD = words(
    "conv_feat loss_class loss_bbox nms train_proposal test_proposal in_channel "
    "loss_rpn_bbox prior_prob decode_reg_out weight_attr bias_attr export_onnx "
    "num_classes bbox_coder nms_pre feat_channels feat_in_chan reg_max reg_range act "
    "use_varifocal_loss loss_weight eval_size trt attn_conv exclude_nms norm_type "
    "exclude_post_process use_shared_conv for_distill use_align_head loss_vfl loss_dfl "
    "stacked_convs norm_groups mask_thr_binary width_mult contrast_loss dgqp_module "
    "kernel_name num_protos"
)
HARMLESS_ASSIGNER = words(
    "name batch_size_per_im fg_fraction use_random assign_on_cpu alpha beta eps "
    "force_gt_matching"
)


def read(config: Part, part: str | None) -> str:
    """Read the part that is assigned to anchors, the sizes and the data."""
    name = str(config.take("architecture"))
    if name in _RPN:
        extends = _read_rpn(config, part)
    elif name == "RetinaNet":
        extends = _read_retinanet(config, part)
    elif name in _TARGETS:
        extends = _read_targets(config, name)
    else:
        extends = _read_warmup(config, name)
    data = config.section("TrainDataset")
    for path, value in DATA.items():
        data.set(path, value, "name", default="as COCODataSet has it")
    kind = str(data.take("!", data.take("name", "COCODataSet")))
    if kind != "COCODataSet":
        data.inexact("name", f"the data rules of {kind} are not known")
    if data.take("allow_empty", default=False):
        data.set("data.drop_images", "never", "allow_empty")
    _read_reader(config)
    return extends


def _object(config: Part, part: Part, name: str) -> Part:
    """Open an object: a dict, or the name of one at the top."""
    node = part.node.value.get(name)
    if node is not None and isinstance(node.value, str):
        part.take(name)
        return config.section(node.value)
    return part.section(name)


def _read_rpn(config: Part, part: str | None) -> str:
    if part == "head":
        config.refuse("BBoxHead", SECOND_STAGE)
    config.tell("BBoxHead", f"not read: {SECOND_STAGE}")
    head = config.section("RPNHead")
    generator = _object(config, head, "anchor_generator")
    generator.setting("anchors.strides", "strides", make=_strides)
    name, ratios = "anchor_sizes", "aspect_ratios"
    set_sizes(generator, name, generator.made(name, per_level))
    set_ratios(generator, ratios, generator.made(ratios, per_level))
    generator.setting("anchors.offset", "offset", 0.0, number)
    generator.rest({"name", "variance"})
    assigner = _object(config, head, "rpn_target_assign")
    _read_bars(assigner, 0.7, 0.3)
    if assigner.made("ignore_thresh", number, -1) > 0:
        assigner.inexact("ignore_thresh", "anchors on crowds are not left out here")
    assigner.rest(HARMLESS_ASSIGNER)
    head.rest(HARMLESS_HEAD)
    return "rpn-detectron2"


def _strides(values: Any) -> tuple[Any, ...]:
    """Check strides; whole ones become whole numbers."""
    if not (found := numbers(values)) or min(found) <= 0:
        unfit("at least one number above 0", values)
    return strides(found)


def _read_bars(assigner: Part, high: float, low: float) -> None:
    path = "assigner.positive_from"
    assigner.setting(path, "positive_overlap", high, number)
    path = "assigner.negative_below"
    assigner.setting(path, "negative_overlap", low, number)


def _read_retinanet(config: Part, part: str | None) -> str:
    if part == "rpn":
        config.refuse("architecture", "RetinaNet has no RPN")
    head = config.section("RetinaHead")
    generator = _object(config, head, "anchor_generator")
    generator.setting("anchors.strides", "strides", make=_strides)
    for path, key, default, make in (
        ("anchors.scale", "octave_base_scale", 4, number),
        ("anchors.scales_per_octave", "scales_per_octave", 3, whole),
        ("anchors.ratios", "aspect_ratios", (0.5, 1.0, 2.0), numbers),
        ("anchors.offset", "offset", 0.0, number),
    ):
        generator.setting(path, key, default, make)
    generator.rest({"name", "variance"})
    assigner = _object(config, head, "bbox_assigner")
    if (name := assigner.take("name", "MaxIoUAssigner")) != "MaxIoUAssigner":
        assigner.refuse("name", f'the assigner "{name}" is not known here')
    _read_bars(assigner, 0.5, 0.4)
    path = "assigner.allow_low_quality"
    assigner.setting(path, "allow_low_quality", default=True)
    assigner.rest(HARMLESS_ASSIGNER)
    head.rest(HARMLESS_HEAD)
    return "retinanet-detectron2"


def _read_warmup(config: Part, name: str) -> str:
    """Read ATSS of the first epochs, or the gate of TaskAligned where none are."""
    model = config.section(name)
    head = str(model.take("yolo_head", model.take("head", "")))
    config.refuse_known(name, head, OTHER_HEADS)
    if head not in WARMUPS:
        config.refuse_known("architecture", name, OTHER_ARCHITECTURES)
        config.refuse("architecture", f"{name} is not known here")
    usual, part = WARMUPS[head], config.section(head)
    part.setting("anchors.strides", *usual.strides, lambda all_: _strides(sorted(all_)))
    part.setting("anchors.scale", "grid_cell_scale", usual.scale, number)
    part.setting("anchors.offset", *usual.offset, number)
    later, quota = _read_gate(config, part)
    key = "static_assigner_epoch"
    epochs = part.made(key, number, usual.epochs)
    first = _object(config, part, "static_assigner")
    k = first.made("topk", whole, 9)
    first.rest(HARMLESS_ASSIGNER)
    part.rest(HARMLESS_HEAD)
    if epochs > 0:
        text = f"ATSS decides in the first {epochs:g} of {config.take('epoch', '?')} "
        text += f"epochs, then predictions which of at most {quota} points inside; "
        part.inexact(key, f"{text}--with {head}.{key}=0 looks at that gate")
        first.set("assigner.k", k, "topk")
        return "picodet-warmup" if head == "PicoHeadV2" else "ppyoloe-warmup"
    later.set("assigner.quota", quota, "topk")
    for path, value in {**own_points(1e-9), "resize.pad_to": ()}.items():
        part.set(path, value, "assigner")
    return "rtmdet-mmdet"


def _read_gate(config: Part, part: Part) -> tuple[Part, int]:
    """Read TaskAligned of a head: its part of the config, and its quota."""
    later = _object(config, part, "assigner")
    if later.take("is_close_gt", default=False):
        later.inexact("is_close_gt", "points near an object may be its own, too")
    quota: int = later.made("topk", whole, 13)
    later.rest(HARMLESS_ASSIGNER)
    return later, quota


def _read_targets(config: Part, name: str) -> str:
    """Read the step of batches that makes the targets of FCOS or GFL."""
    reader = config.section("TrainReader")
    key = _TARGETS[name]
    steps = [one for one in reader.parts("batch_transforms") if key in one]
    if not steps:
        reader.refuse("batch_transforms", f"{key} is missing: nothing makes targets")
    part = steps[0].section(key)
    levels = (8, 16, 32, 64, 128)
    part.setting("anchors.strides", "downsample_ratios", levels, _strides)
    part.rest(HARMLESS_TARGETS)
    return _read_fcos(part) if name == "FCOS" else _read_gfl(part)


def _read_gfl(part: Part) -> str:
    """Read the anchors of GFL's ATSS, whose deviation divides by all candidates."""
    part.setting("anchors.scale", "grid_cell_scale", 4, number)
    part.setting("anchors.offset", "cell_offset", 0, number)
    part.set("assigner.std_ddof", 0, "")
    return "atss-mmdet"


def _read_fcos(part: Part) -> str:
    """Read ranges of sizes, open on both sides, and center sampling."""
    key = "object_sizes_boundary"
    bounds = part.made(key, numbers)
    if len(bounds) + 1 != len(part.notes.value_of("anchors.strides")):
        part.refuse(key, "expected one less than there are strides")
    ranges = tuple(zip((-1.0, *bounds), (*bounds, 1e8), strict=True))
    part.set("assigner.scale_ranges", ranges, key)
    part.set("assigner.range_ends", "open", "")
    path = "assigner.center_sampling_radius"
    part.setting(path, "center_sampling_radius", make=number)
    part.setting("anchors.offset", "num_shift", 0.5, number)
    return "fcos-adelaidet"


_TARGETS = {"FCOS": "Gt2FCOSTarget", "GFL": "Gt2GFLTarget"}
HARMLESS_TARGETS = words(
    "grid_cell_scale cell_offset num_classes compute_vlr_region object_sizes_boundary "
    "center_sampling_radius num_shift norm_reg_targets multiply_strides_reg_targets"
)


def _read_reader(config: Part) -> None:
    """Take what the steps of ``TrainReader`` do to images and batches."""
    reader = config.section("TrainReader")
    steps = [*reader.parts("sample_transforms"), *reader.parts("batch_transforms")]
    for holder in steps:
        for name in holder.node.value:
            if name in STEPS:
                STEPS[name](holder.section(name), config)
            elif name not in (*HARMLESS, *_TARGETS.values()):
                text = CROPS if "Crop" in name or "Expand" in name else _UNKNOWN
                holder.inexact(name, f"{name} {text}")
    paths = {one.path for one in reader.notes.found}
    if not {"resize.short_side", "resize.size"} & paths:
        reader.set("resize.rule", "none", "sample_transforms")
    if reader.notes.value_of("augment.flip") is None:
        text = "0.0: nothing flips images"
        reader.set("augment.flip", 0.0, "sample_transforms", default=text)


_UNKNOWN = "is not known; it may move boxes, which is not imitated"


def _read_resize(step: Part, config: Part) -> None:
    """Read ``Resize``, or ``RandomResize`` of some sizes; pairs are height, width."""
    name = "target_size"
    if "resize.short_side" in {one.path for one in step.notes.found}:
        step.inexact("", "resizes a second time; only the last size is looked at")
    sizes = step.made(name, as_pairs)
    if not step.take("keep_ratio", default=True):
        step.set("resize.rule", "stretch", "keep_ratio")
        tested = _tested_size(config) if len(sizes) > 1 else None
        size = tested if tested in sizes else max(sizes)
        step.set("resize.size", size, name)
        if len(sizes) > 1:
            which = "that of EvalReader" if size == tested else "the largest"
            text = f"one of {len(sizes)} sizes is drawn; {which} is used"
            step.inexact(name, text)
        return
    is_range = step.take("random_range", default=False)
    largest = max(sizes, key=lambda size: (min(size), max(size)))
    if len({max(size) for size in sizes}) > 1:
        text = f"one of {len(sizes)} sizes is drawn with its long side; not imitated"
        step.inexact(name, text)
        sizes = (largest,)
    set_short_sides(step, name, tuple(map(min, sizes)), is_range=is_range)
    step.set("resize.long_side", max(largest), name)


def _tested_size(config: Part) -> tuple[int, int] | None:
    """Size that images are tested at, where the config says it."""
    for holder in config.section("EvalReader").parts("sample_transforms"):
        if "Resize" in holder:
            sizes: tuple[tuple[int, int], ...]
            sizes = holder.section("Resize").made("target_size", as_pairs)
            return sizes[0]
    return None


def _read_flip(step: Part, _config: Part) -> None:
    step.setting("augment.flip", "prob", 0.5, number)


def _read_pad(step: Part, _config: Part) -> None:
    path, key = "resize.pad_divisor", "pad_to_stride"
    step.setting(path, key, 0, lambda value: whole(value) if value > 0 else 1)


STEPS: dict[str, Callable[[Part, Part], None]] = {
    "BatchRandomResize": _read_resize,
    **{"Resize": _read_resize, "RandomResize": _read_resize},
    **{"RandomFlip": _read_flip, "PadBatch": _read_pad},
}
