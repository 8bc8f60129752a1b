"""LazyConfig of detectron2: calls that build the model, and the loader of training."""

from collections.abc import Callable
from typing import Any

from atss_inspect.importing.anchor_sizes import set_short_sides, whole_numbers
from atss_inspect.importing.detectron2 import (
    OTHER_ARCHITECTURES,
    names_of,
    pad_divisor,
    read_generator,
    read_keypoints,
    read_matcher,
    read_names,
    read_sampler,
    stride,
)
from atss_inspect.importing.mmdet_images import CROPS
from atss_inspect.importing.mmdetection import SECOND_STAGE
from atss_inspect.importing.parts import Part, border, number, whole, words

# Of objects in the config: keys that decide layers, losses, sampling, and reading.
HARMLESS_MODEL = words(
    "_target_ head box2box_transform num_classes focal_loss_alpha focal_loss_gamma "
    "smooth_l1_beta box_reg_loss_type test_score_thresh test_topk_candidates "
    "test_nms_thresh max_detections_per_image pixel_mean pixel_std vis_period "
    "input_format roi_heads sem_seg_head loss_weight min_box_size nms_thresh "
    "batch_size_per_image positive_fraction pre_nms_topk post_nms_topk "
    "combine_overlap_thresh combine_stuff_area_thresh combine_instances_score_thresh"
)
HARMLESS_DATA = words(
    "_target_ total_batch_size num_workers aspect_ratio_grouping collate_fn batch_size "
    "proposal_files check_consistency repeat_thresh is_train image_format "
    "use_instance_mask use_keypoint instance_mask_format keypoint_hflip_indices "
    "precomputed_proposal_topk shuffle size seed drop_last prefetch_factor repeats"
)
HARMLESS = words(
    "RandomBrightness RandomContrast RandomSaturation RandomLighting ColorTransform "
    "PILColorTransform BlendTransform"
)


def read(config: Part, part: str | None) -> str:
    """Read what is assigned to anchors or points, the sizes and the data."""
    model = config.part("model")
    if model is None:
        config.refuse("model", "is missing")
    name = model.type
    model.refuse_known("_target_", name, OTHER_ARCHITECTURES)
    if name not in MODELS:
        model.refuse("_target_", f'the model "{name}" is not known here')
    extends = MODELS[name](model, part)
    model.rest(HARMLESS_MODEL)
    _read_loader(config.section("dataloader.train"))
    return extends


def _read_retinanet(model: Part, part: str | None) -> str:
    if part == "rpn":
        model.refuse("_target_", "RetinaNet has no RPN")
    _read_anchors(model)
    model.take("head_in_features")
    _read_padding(model)
    return "retinanet-detectron2"


def _read_anchors(part: Part) -> None:
    """Read anchors and matcher of RetinaNet or an RPN."""
    generator, matcher = part.part("anchor_generator"), part.part("anchor_matcher")
    if generator is None or matcher is None:
        name = "anchor_generator" if generator is None else "anchor_matcher"
        part.refuse(name, "is missing")
    generator.setting("anchors.strides", "strides", make=whole_numbers)
    read_generator(generator)
    read_matcher(matcher, ("thresholds", "labels"))
    path, key = "assigner.allow_low_quality", "allow_low_quality_matches"
    matcher.setting(path, key, default=False)
    matcher.rest({"_target_"})


def _read_rpn(model: Part, part: str | None) -> str:
    generator = model.part("proposal_generator")
    if generator is None:
        model.refuse("proposal_generator", "is missing: objects get no anchors")
    if generator.type != "RPN":
        name = generator.type
        generator.refuse("_target_", f'the generator "{name}" is not known here')
    if part == "head":
        model.refuse("roi_heads", SECOND_STAGE)
    if "roi_heads" in model:
        model.tell("roi_heads", f"not read: {SECOND_STAGE}")
    _read_anchors(generator)
    path = "anchors.allowed_border"
    generator.setting(path, "anchor_boundary_thresh", -1, border)
    generator.take("in_features")
    generator.rest(HARMLESS_MODEL)
    _read_padding(model)
    return "rpn-detectron2"


def _read_fcos(model: Part, part: str | None) -> str:
    if part == "rpn":
        model.refuse("_target_", "FCOS has no RPN")
    features = model.made("head_in_features", names_of, ["p3", "p4", "p5", "p6", "p7"])
    strides = tuple(stride(model, "head_in_features", one) for one in features)
    model.set("anchors.strides", strides, "head_in_features")
    path = "assigner.center_sampling_radius"
    model.setting(path, "center_sampling_radius", 1.5, number)
    _read_padding(model)
    return "fcos-detectron2"


MODELS: dict[str, Callable[[Part, str | None], str]] = {
    **dict.fromkeys(("GeneralizedRCNN", "ProposalNetwork", "PanopticFPN"), _read_rpn),
    **{"RetinaNet": _read_retinanet, "FCOS": _read_fcos},
}


def _read_padding(model: Part) -> None:
    """Read what the backbone wants images padded to."""
    backbone = model.section("backbone")
    name = backbone.type
    has_pyramid = name in ("FPN", "SimpleFeaturePyramid")
    stages = backbone.made("in_features", names_of, ["res5"]) if name == "FPN" else []
    divisor = pad_divisor(stages) if has_pyramid else 1
    text = f"{divisor}: what the backbone needs"
    model.set("resize.pad_divisor", divisor, "backbone", default=text)
    if square := backbone.made("square_pad", _whole_or_none, 0):
        backbone.set("resize.pad_to", (square, square), "square_pad")


def _whole_or_none(value: Any) -> int:
    return whole(value) if value else 0


def _read_loader(loader: Part) -> None:
    """Read the data set of training and what its mapper does to images."""
    data, mapper = loader.section("dataset"), loader.part("mapper")
    if mapper is None:
        loader.refuse("mapper", "is missing: nothing says how images are read")
    path, key = "data.drop_images", "filter_empty"
    data.setting(path, key, True, lambda on: "only_crowd" if on else "never")
    read_names(data, "names", data.take("names", ()))
    read_keypoints(data, "min_keypoints", 0)
    read_sampler(loader, "sampler", loader.section("sampler").type)
    _read_mapper(mapper)
    loader.rest(HARMLESS_DATA)
    data.rest(HARMLESS_DATA)


def _read_mapper(mapper: Part) -> None:
    """Read what a mapper does to images and boxes."""
    for path in ("augment.short_sides", "augment.short_range"):
        mapper.set(path, (), "augmentations")  # in place of the preset's
    for step in mapper.parts("augmentations"):
        _read_step(step)
    if mapper.notes.value_of("resize.short_side") is None:
        mapper.set("resize.rule", "none", "augmentations")
    if mapper.notes.value_of("augment.flip") is None:
        mapper.set("augment.flip", 0.0, "augmentations", default="nothing flips")
    for key, text in _MASKS.items():
        if mapper.take(key, default=False):
            mapper.tell(key, text)
    mapper.rest(HARMLESS_DATA)


_MASKS = {
    "use_instance_mask": "objects without a valid mask are left out there, kept here",
    "recompute_boxes": "boxes are those of masks there, and of the file here",
}


def _read_step(step: Part) -> None:
    """Take what one augmentation does."""
    name = step.type
    if name in STEPS:
        STEPS[name](step)
        step.rest({"_target_", "interp", "pad_value", "seg_pad_value"})
    elif name not in HARMLESS:
        step.inexact("", f"{name} {CROPS if 'Crop' in name else UNKNOWN}")


UNKNOWN = "is not known; it may move boxes, which is not imitated"


def _read_shortest_edge(step: Part) -> None:
    if step.notes.value_of("resize.short_side") is not None:
        step.inexact("", "resizes a second time; only this size is looked at")
    name = "short_edge_length"
    shorts = step.made(name, whole_numbers)
    is_range = step.take("sample_style", "range") == "range" and len(shorts) > 1
    set_short_sides(step, name, shorts, is_range=is_range)
    step.setting("resize.long_side", "max_size", _NO_LIMIT, whole)


def _read_scale(step: Part) -> None:
    """Read ``ResizeScale``: a random factor of a size that images fit into."""
    sides = [step.made(f"target_{one}", whole) for one in ("height", "width")]
    step.set("resize.short_side", min(sides), "target_height")
    step.set("resize.long_side", max(sides), "target_width")
    low, high = (step.made(f"{one}_scale", number) for one in ("min", "max"))
    text = f"a factor from {low:g} to {high:g} is drawn; sizes are those of factor 1"
    step.inexact("min_scale", text)


def _read_crop(step: Part) -> None:
    """Read ``FixedSizeCrop``, which pads what is smaller."""
    size = step.made("crop_size", whole_numbers)
    if step.take("pad", default=True) and len(size) == 2:
        step.set("resize.pad_to", size, "crop_size")
    step.inexact("", f"FixedSizeCrop {CROPS}")


def _read_flip(step: Part) -> None:
    is_level = step.take("horizontal", default=True)
    if step.take("vertical", default=False):
        step.inexact("vertical", "mirrors images from top to bottom")
    chance = step.made("prob", number, 0.5)
    default = "" if "prob" in step else "0.5"
    step.set("augment.flip", chance if is_level else 0.0, "prob", default=default)


# ``max_size`` where nothing limits the long side.
_NO_LIMIT = 100_000
STEPS: dict[str, Callable[[Part], Any]] = {
    **{"ResizeShortestEdge": _read_shortest_edge, "ResizeScale": _read_scale},
    **{"FixedSizeCrop": _read_crop, "RandomFlip": _read_flip},
}
