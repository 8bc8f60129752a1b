"""YAML of detectron2 and AdelaiDet; what it leaves out has the framework's default.

Read in detectron2 02b5c4e, config/defaults.py, modeling/ and data/, and AdelaiDet
3672122, adet/config/defaults.py and adet/modeling/fcos/.
"""

import re
from collections.abc import Sequence
from typing import Any

from atss_inspect.importing.anchor_sizes import (
    per_level,
    set_ratios,
    set_short_sides,
    set_sizes,
    whole_numbers,
)
from atss_inspect.importing.mmdet_anchors import ROTATED
from atss_inspect.importing.mmdetection import SECOND_STAGE
from atss_inspect.importing.parts import (
    Part,
    border,
    number,
    numbers,
    unfit,
    whole,
    words,
)

_RPN_ARCHITECTURES = words(
    "GeneralizedRCNN ProposalNetwork PanopticFPN OneStageDetector OneStageRCNN "
    "CondInst BlendMask FCPose"
)
STORED = "is trained on stored proposals, which need a model"
NOTHING = "assigns nothing to anchors"
OTHER_ARCHITECTURES = {
    **dict.fromkeys(("SemanticSegmentor", "PanopticDeepLab"), NOTHING),
    "TensorMask": "assigns windows of masks, which is no rule here",
    "SOLOv2": "assigns cells to centers of masks, which is no rule here",
}
_OWN_FCOS = "assigns by a copy of FCOS of its own, which is not known here"
OTHER_GENERATORS = {
    **{"PrecomputedProposals": STORED, "RRPN": ROTATED},
    **dict.fromkeys(("BAText", "FCPose", "MEInst"), _OWN_FCOS),
    "TridentRPN": "sees each image in three branches, which is no rule here",
}
_LEVEL = re.compile(r"(?:p|res)([1-9])")
# Backbones whose feature pN does not have the stride 2^N: how much N is short.
_SHORT_NAMES = {"build_hrfpn_backbone": 1}
# Keys that decide layers, losses, sampling and what is predicted.
HARMLESS = {
    "RPN": words(
        "HEAD_NAME BATCH_SIZE_PER_IMAGE POSITIVE_FRACTION BBOX_REG_LOSS_TYPE "
        "BBOX_REG_LOSS_WEIGHT BBOX_REG_WEIGHTS SMOOTH_L1_BETA LOSS_WEIGHT "
        "PRE_NMS_TOPK_TRAIN PRE_NMS_TOPK_TEST POST_NMS_TOPK_TRAIN POST_NMS_TOPK_TEST "
        "NMS_THRESH CONV_DIMS"
    ),
    "RETINANET": words(
        "NUM_CLASSES NUM_CONVS PRIOR_PROB SCORE_THRESH_TEST TOPK_CANDIDATES_TEST "
        "NMS_THRESH_TEST BBOX_REG_WEIGHTS FOCAL_LOSS_GAMMA FOCAL_LOSS_ALPHA "
        "SMOOTH_L1_LOSS_BETA BBOX_REG_LOSS_TYPE NORM"
    ),
    "FCOS": words(
        "NUM_CLASSES IN_FEATURES PRIOR_PROB INFERENCE_TH_TRAIN INFERENCE_TH_TEST "
        "NMS_TH PRE_NMS_TOPK_TRAIN PRE_NMS_TOPK_TEST POST_NMS_TOPK_TRAIN "
        "POST_NMS_TOPK_TEST TOP_LEVELS NORM USE_SCALE BOX_QUALITY THRESH_WITH_CTR "
        "LOSS_ALPHA LOSS_GAMMA "
        "LOSS_NORMALIZER_CLS LOSS_WEIGHT_CLS USE_RELU USE_DEFORMABLE NUM_CLS_CONVS "
        "NUM_BOX_CONVS NUM_SHARE_CONVS LOC_LOSS_TYPE YIELD_PROPOSAL YIELD_BOX_FEATURES"
    ),
    "ANCHOR_GENERATOR": words("ANGLES"),
    "INPUT": words(
        "MIN_SIZE_TEST MAX_SIZE_TEST FORMAT MASK_FORMAT POINT_SUP SAMPLE_POINTS"
    ),
    "DATALOADER": words(
        "NUM_WORKERS ASPECT_RATIO_GROUPING REPEAT_THRESHOLD REPEAT_SQRT "
        "RANDOM_SUBSET_RATIO"
    ),
}


def read(config: Part, part: str | None, *, has_hflip: bool = False) -> str:
    """Read what is assigned to anchors or points, the sizes and the data."""
    if config.take("VERSION", 2) != 2:
        hint = "load it in detectron2 once and save it"
        config.refuse("VERSION", "only keys of version 2 are read", hint=hint)
    model = config.section("MODEL")
    extends = _read_model(model, part)
    _read_input(config.section("INPUT"), has_hflip=has_hflip)
    _read_data(config, model)
    return extends


def _read_model(model: Part, part: str | None) -> str:
    """Read the part that is assigned; give the preset it extends."""
    name = str(model.take("META_ARCHITECTURE", "GeneralizedRCNN"))
    model.refuse_known("META_ARCHITECTURE", name, OTHER_ARCHITECTURES)
    if name not in (*_RPN_ARCHITECTURES, "RetinaNet"):
        model.refuse("META_ARCHITECTURE", f'the model "{name}" is not known here')
    if name != "RetinaNet":
        return _read_proposals(model, name, part)
    if part == "rpn":
        model.refuse("META_ARCHITECTURE", "RetinaNet has no RPN")
    return _read_anchors(model, "RETINANET", ["p3", "p4", "p5", "p6", "p7"])


def _read_proposals(model: Part, name: str, part: str | None) -> str:
    """Read what proposes objects: an RPN, or FCOS."""
    generator = model.section("PROPOSAL_GENERATOR")
    kind = str(generator.take("NAME", "RPN"))
    generator.refuse_known("NAME", kind, OTHER_GENERATORS)
    if kind not in ("RPN", "FCOS"):
        generator.refuse("NAME", f"{kind} is not known here")
    if kind == "FCOS":
        return _read_fcos(model, name)
    if part == "head":
        model.refuse("ROI_HEADS", SECOND_STAGE)
    if name != "ProposalNetwork":
        model.tell("ROI_HEADS", f"not read: {SECOND_STAGE}")
    return _read_anchors(model, "RPN", ["res4"])


def _read_anchors(model: Part, section: str, features: list[str]) -> str:
    """Read the anchors and the matcher of RetinaNet or the RPN."""
    part = model.section(section)
    _read_strides(model, part, features)
    read_generator(model.section("ANCHOR_GENERATOR"), yacs=True)
    low, high = (0.4, 0.5) if section == "RETINANET" else (0.3, 0.7)
    names = ("IOU_THRESHOLDS", "IOU_LABELS")
    read_matcher(part, names, default=(low, high))
    if section == "RPN":
        path = "anchors.allowed_border"
        part.setting(path, "BOUNDARY_THRESH", -1, border)
    part.rest(HARMLESS[section])
    return "retinanet-detectron2" if section == "RETINANET" else "rpn-detectron2"


def names_of(values: Any) -> tuple[str, ...]:
    """Check a list of names of features."""
    if not isinstance(values, list | tuple) or not values:
        unfit("a list of names", values)
    return tuple(map(str, values))


def _read_strides(model: Part, part: Part, default: list[str]) -> None:
    """Read strides by the names of features, and what images are padded to."""
    name = "IN_FEATURES"
    features = part.made(name, names_of, default)
    dilation = model.section("RESNETS").made("RES5_DILATION", whole, 1)
    backbone = model.section("BACKBONE").take("NAME", "build_resnet_backbone")
    strides = tuple(
        stride(part, name, feature, _SHORT_NAMES.get(str(backbone), 0))
        // (dilation if feature == "res5" else 1)
        for feature in features
    )
    shown = "" if name in part else ", ".join(features)
    part.set("anchors.strides", strides, name, default=shown)
    stages = model.section("FPN").made("IN_FEATURES", tuple, ())
    has_pyramid = features[0].startswith("p")
    divisor = pad_divisor(stages) if has_pyramid else 1
    text = f"{divisor}: what the backbone needs"
    model.set("resize.pad_divisor", divisor, "BACKBONE", default=text)


def stride(part: Part, name: str, feature: str, short: int = 0) -> int:
    """Work out a stride by the name of a feature."""
    found = _LEVEL.fullmatch(feature)
    if found is None:
        part.refuse(name, f'the stride of "{feature}" is not known here')
    return 1 << int(found[1]) + short


def pad_divisor(stages: Sequence[str]) -> int:
    """Work out what an FPN needs: the stride of its last stage, or 32."""
    found = _LEVEL.fullmatch(str(stages[-1])) if stages else None
    return 1 << int(found[1]) if found else 32


def read_generator(part: Part, *, yacs: bool = False) -> None:
    """Read ``DefaultAnchorGenerator``, in YAML or as an object; strides are set."""
    keys = ("SIZES", "ASPECT_RATIOS", "OFFSET", "NAME")
    sizes, ratios, offset, kind = keys if yacs else [key.lower() for key in keys]
    name = str(part.take(kind, "DefaultAnchorGenerator")) if yacs else part.type
    if name != "DefaultAnchorGenerator":
        reason = ROTATED if "Rotated" in name else "is not known here"
        part.refuse(kind if yacs else "_target_", f"{name} {reason}")
    for key, default, place in (
        (sizes, [[32, 64, 128, 256, 512]], set_sizes),
        (ratios, [[0.5, 1.0, 2.0]], set_ratios),
    ):
        made = part.made(key, per_level, *([default] if yacs else []))
        place(part, key, made, default="" if key in part else str(default))
    part.setting("anchors.offset", offset, 0.0 if yacs else 0.5, number)
    part.rest(HARMLESS["ANCHOR_GENERATOR"] | {"_target_", "strides"})


def read_matcher(
    part: Part, names: tuple[str, str], *, default: tuple[float, float] | None = None
) -> None:
    """Read the bars of ``Matcher`` and the labels between them."""
    thresholds, labels = names
    bars = part.made(thresholds, numbers, *([default] if default else []))
    between = part.made(labels, tuple, (0, -1, 1))
    if (len(bars), between) not in ((2, (0, -1, 1)), (1, (0, 1))):
        part.refuse(labels, f"{len(bars)} bars with the labels {between}: no rule here")
    for name, bar in (("negative_below", bars[0]), ("positive_from", bars[-1])):
        shown = "" if thresholds in part else f"{name} {bar:g}"
        part.set(f"assigner.{name}", bar, thresholds, default=shown)


def _read_fcos(model: Part, name: str) -> str:
    """Read FCOS of AdelaiDet."""
    part = model.section("FCOS")
    steps = [8, 16, 32, 64, 128]
    strides = part.setting("anchors.strides", "FPN_STRIDES", steps, whole_numbers)
    bounds = part.made("SIZES_OF_INTEREST", numbers, (64, 128, 256, 512))
    if len(bounds) + 1 != len(strides):
        text = f"{len(bounds) + 1} ranges for {len(strides)} levels"
        part.refuse("SIZES_OF_INTEREST", text)
    ranges = tuple(zip((-1.0, *bounds), (*bounds, 1e8), strict=True))
    shown = "" if "SIZES_OF_INTEREST" in part else str(bounds)
    key = "SIZES_OF_INTEREST"
    part.set("assigner.scale_ranges", ranges, key, default=shown)
    path = "assigner.center_sampling_radius"
    if part.take("CENTER_SAMPLE", default=True):
        part.setting(path, "POS_RADIUS", 1.5, number)
    else:
        part.take("POS_RADIUS")
        part.set(path, 0.0, "CENTER_SAMPLE")
    if name == "CondInst":
        model.inexact("META_ARCHITECTURE", "samples around centers of masks there")
    part.rest(HARMLESS["FCOS"])
    return "fcos-adelaidet"


def _read_input(part: Part, *, has_hflip: bool) -> None:
    """Read the sizes that training draws from, flips and crops."""
    name = "MIN_SIZE_TRAIN"
    shorts = part.made(name, whole_numbers, (800,))
    mode = part.take("MIN_SIZE_TRAIN_SAMPLING", "choice")
    set_short_sides(part, name, shorts, is_range=mode == "range")
    part.setting("resize.long_side", "MAX_SIZE_TRAIN", 1333, whole)
    if has_hflip:
        part.setting("augment.flip", "HFLIP_TRAIN", True, lambda on: 0.5 if on else 0.0)
        part.take("IS_ROTATE")
    flip = part.take("RANDOM_FLIP", "horizontal")
    if flip == "vertical":
        part.inexact("RANDOM_FLIP", "mirrors images from top to bottom")
    if not has_hflip:
        chance = 0.5 if flip == "horizontal" else 0.0
        shown = "" if "RANDOM_FLIP" in part else "horizontal"
        part.set("augment.flip", chance, "RANDOM_FLIP", default=shown)
    if part.section("CROP").take("ENABLED", default=False):
        part.inexact("CROP", "crops images at random; objects are seen cut")
    part.rest(HARMLESS["INPUT"])


def _read_data(config: Part, model: Part) -> None:
    """Read which images and annotations are kept."""
    loader = config.section("DATALOADER")
    path, key = "data.drop_images", "FILTER_EMPTY_ANNOTATIONS"
    loader.setting(path, key, True, lambda on: "only_crowd" if on else "never")
    read_sampler(loader, "SAMPLER_TRAIN", str(loader.take("SAMPLER_TRAIN", "")))
    loader.rest(HARMLESS["DATALOADER"])
    data = config.section("DATASETS")
    read_names(data, "TRAIN", data.take("TRAIN", ()))
    if model.take("MASK_ON", default=False):
        text = "objects without a valid mask are left out there, and kept here"
        model.tell("MASK_ON", text)
    if model.take("DENSEPOSE_ON", default=False):
        text = "images without dense poses are left out there, and kept here"
        model.inexact("DENSEPOSE_ON", text)
    if model.take("KEYPOINT_ON", default=False):
        keypoints = model.section("ROI_KEYPOINT_HEAD")
        read_keypoints(keypoints, "MIN_KEYPOINTS_PER_IMAGE", 1)


def read_sampler(part: Part, key: str, name: str) -> None:
    """Tell of samplers that draw images unequally often."""
    if name.startswith("Repeat"):
        part.inexact(key, "images are seen unequally often")


def read_keypoints(part: Part, key: str, default: int) -> None:
    """Tell of images that are left out for what is not read here."""
    least = part.take(key, default)
    if least:
        part.inexact(
            key,
            f"images with fewer than {least} visible keypoints are left out there, and "
            "kept here",
        )


def read_names(part: Part, key: str, names: Any) -> None:
    """Read rules of data sets by the names that detectron2 registers them under."""
    listed = [str(one) for one in names] if isinstance(names, list | tuple) else [names]
    first = str(listed[0]) if listed else ""
    if first.startswith("voc_"):
        part.set("data.drop_ignored", False, key)  # difficult objects are trained
    elif first.startswith("lvis_"):
        for name in ("drop_crowd", "drop_ignored"):
            part.set(f"data.{name}", False, key)
    elif first.startswith("cityscapes_"):
        part.tell(key, "boxes are those of polygons there, and of the file here")
    if len({one.split("_")[0] for one in map(str, listed)}) > 1:
        part.inexact(key, f"only the first of {len(listed)} data sets is looked at")
