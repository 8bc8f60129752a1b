"""What heads, anchor generators and assigners of mmdetection say, as settings.

Each name is mapped, or stands with the reason why it cannot be imitated. Defaults are
those of mmdet 3.3.0, models/dense_heads and models/task_modules; 2.28.2 has the same.
"""

import math
from collections.abc import Callable
from typing import Any

from atss_inspect.importing.parts import Part, Unfit, number, numbers, whole, words

PREDICTIONS = (
    "decides by predictions; atss-inspect needs no model and cannot imitate it"
)
QUERIES = "matches queries to objects by predictions, which need a model"
UNKNOWN_RULE = "assigns by a rule that is not one of atss-inspect"
ROTATED = "has rotated boxes; atss-inspect knows upright ones"
KEYPOINTS = "draws heat maps of corners or centers; nothing is assigned to anchors"
MASKS = "assigns masks to the cells of a grid, not boxes to anchors"
SHAPES = "looks at the shape of anchors alone, a rule that atss-inspect does not have"
GUIDED = "predicts its anchors, which needs a model"

# Heads that train on anchors or points, and whether an assigner is asked.
ANCHOR_HEADS = (
    *("RetinaHead", "RetinaSepBNHead", "PISARetinaHead", "RPNHead", "SSDHead"),
    *("PISASSDHead", "YOLACTHead", "ATSSHead", "GFLHead", "LDHead", "VFNetHead"),
    *("ATSSVLFusionHead", "TOODHead", "AscendRetinaHead", "AscendSSDHead"),
    *("AnchorHead", "OrientedRPNHead", "RotatedRPNHead"),
)
POINT_HEADS = ("FCOSHead", "NASFCOSHead", "CondInstBboxHead", "BoxInstBboxHead")
# Those whose rules are read by `mmdet_rules`.
RULE_HEADS = (
    *("FoveaHead", "RepPointsHead", "YOLOV3Head"),
    *("GARetinaHead", "GARPNHead", "SABLRetinaHead"),
)
OTHER_HEADS = {
    **dict.fromkeys(("PAAHead", "LADHead", "DDODHead", "AutoAssignHead"), PREDICTIONS),
    **dict.fromkeys(("YOLOXHead", "RTMDetHead", "RTMDetSepBNHead"), PREDICTIONS),
    **dict.fromkeys(("RTMDetInsHead", "RTMDetInsSepBNHead"), PREDICTIONS),
    **dict.fromkeys(("FreeAnchorRetinaHead", "FSAFHead", "YOLOFHead"), PREDICTIONS),
    **dict.fromkeys(("YOLOv6Head", "YOLOv8Head", "PPYOLOEHead"), PREDICTIONS),
    **dict.fromkeys(("RTMDetRotatedHead", "YOLOXPoseHead"), PREDICTIONS),
    **dict.fromkeys(("DETRHead", "ConditionalDETRHead", "DABDETRHead"), QUERIES),
    **dict.fromkeys(("DeformableDETRHead", "DINOHead", "DDQDETRHead"), QUERIES),
    **dict.fromkeys(("GroundingDINOHead", "EmbeddingRPNHead"), QUERIES),
    **dict.fromkeys(("MaskFormerHead", "Mask2FormerHead"), QUERIES),
    **dict.fromkeys(("Mask2FormerTrackHead",), QUERIES),
    **dict.fromkeys(("GuidedAnchorHead", "CascadeRPNHead"), GUIDED),
    "StageCascadeRPNHead": GUIDED,
    **dict.fromkeys(("CornerHead", "CentripetalHead", "CenterNetHead"), KEYPOINTS),
    "CenterNetUpdateHead": KEYPOINTS,
    **dict.fromkeys(("SOLOHead", "SOLOV2Head", "DecoupledSOLOHead"), MASKS),
    **dict.fromkeys(("DecoupledSOLOLightHead", "YOLACTProtonet"), MASKS),
    **dict.fromkeys(("CondInstMaskHead", "BoxInstMaskHead", "YOLACTSegmHead"), MASKS),
    **dict.fromkeys(("YOLOv5Head", "YOLOv7Head", "YOLOv5InsHead"), SHAPES),
    **dict.fromkeys(("RotatedRetinaHead", "RotatedATSSHead"), ROTATED),
    **dict.fromkeys(("KFIoURRetinaHead", "CSLRRetinaHead"), ROTATED),
    **dict.fromkeys(("KFIoURRetinaRefineHead", "RotatedRetinaRefineHead"), ROTATED),
    **dict.fromkeys(("RotatedFCOSHead", "CSLRFCOSHead"), ROTATED),
    **dict.fromkeys(("RotatedRepPointsHead", "OrientedRepPointsHead"), ROTATED),
    **dict.fromkeys(("KLDRepPointsHead", "SAMRepPointsHead", "ODMRefineHead"), ROTATED),
    # Bases of others, named by no config.
    **dict.fromkeys(("AnchorFreeHead", "AscendAnchorHead"), UNKNOWN_RULE),
}
OTHER_ASSIGNERS = {
    **dict.fromkeys(("SimOTAAssigner", "DynamicSoftLabelAssigner"), PREDICTIONS),
    **dict.fromkeys(("TaskAlignedAssigner", "UniformAssigner"), PREDICTIONS),
    **dict.fromkeys(("BatchTaskAlignedAssigner", "PoseSimOTAAssigner"), PREDICTIONS),
    **dict.fromkeys(("BatchDynamicSoftLabelAssigner",), PREDICTIONS),
    **dict.fromkeys(("HungarianAssigner", "TopkHungarianAssigner"), QUERIES),
    "MaskHungarianAssigner": QUERIES,
    "ApproxMaxIoUAssigner": "takes the best of several anchors, which is no rule here",
    **dict.fromkeys(("PointAssigner", "CenterRegionAssigner"), UNKNOWN_RULE),
    **dict.fromkeys(("RegionAssigner", "MultiInstanceAssigner"), UNKNOWN_RULE),
    "GridAssigner": SHAPES,
    **dict.fromkeys(("ATSSObbAssigner", "ATSSKldAssigner"), ROTATED),
    **dict.fromkeys(("ConvexAssigner", "MaxConvexIoUAssigner", "SASAssigner"), ROTATED),
    "BatchATSSAssigner": "its negatives and ties differ from ATSSAssigner's",
}
OTHER_GENERATORS = {
    "LegacyAnchorGenerator": "counts sides as x2 - x1 + 1, as mmdetection 1 did",
    "LegacySSDAnchorGenerator": "counts sides as x2 - x1 + 1, as mmdetection 1 did",
    "YOLOAnchorGenerator": SHAPES,
    "SSDAnchorGenerator": "has shapes of its own on each level, which no setting holds",
    **dict.fromkeys(
        ("MlvlPointGenerator", "PointGenerator"),
        "makes points, and this head takes anchors",
    ),
    "RotatedAnchorGenerator": ROTATED,
    "PseudoAnchorGenerator": ROTATED,
}
# Keys of heads that decide layers, losses and targets, not who is assigned.
HARMLESS = words(
    "type num_classes in_channels feat_channels stacked_convs num_convs conv_cfg "
    "norm_cfg act_cfg init_cfg bbox_coder reg_decoded_bbox reg_max num_ins "
    "loss_cls loss_bbox loss_centerness loss_dfl loss_ld loss_kd loss_bbox_refine "
    "loss_cls_fl initial_loss_cls pred_kernel_size early_fuse lang_model_name "
    "num_dyhead_blocks use_checkpoint centerness_on_reg norm_on_bbox conv_bias "
    "dcn_on_last_conv cls_predictor_cfg dcn_kernel bbox_norm_type gradient_mul "
    "sync_num_pos use_vfl use_depthwise num_head_convs num_protos use_ohem num_dcn "
    "anchor_type test_cfg drop_positive_fraction version num_params"
)
# Of ``train_cfg``: what becomes of anchors once they are assigned.
HARMLESS_TRAINING = words(
    "sampler pos_weight debug neg_pos_ratio smoothl1_beta alpha beta isr carl "
    "cls_weight use_giou"
)
VFNET_ANCHORS = {
    "anchors.ratios": (1.0,),
    "anchors.scale": 8.0,
    "anchors.scales_per_octave": 1,
    "anchors.offset": 0.0,
    "anchors.strides": (8, 16, 32, 64, 128),
}


def require_imitable(head: Part) -> None:
    """Refuse a head that cannot be imitated, by its name."""
    name = head.type
    if name in OTHER_HEADS:
        head.refuse("type", f"{name} {OTHER_HEADS[name]}")
    if name not in (*ANCHOR_HEADS, *POINT_HEADS, *RULE_HEADS):
        hint = "for one built on a known head: `atss-inspect config import FILE "
        hint += f"--with {head.key}.type=ATSSHead`, or RetinaHead"
        head.refuse("type", f'the head "{name}" is not known here', hint=hint)


def read_head(head: Part, training: Part | None) -> str:
    """Take what a head and its part of ``train_cfg`` say; give the preset they extend.

    Raises `Refused` for heads and rules that cannot be imitated, by their names.
    """
    name = head.type
    if name in ("OrientedRPNHead", "RotatedRPNHead"):
        head.inexact("type", "looks at upright boxes around rotated ones: give those")
    if name in POINT_HEADS:
        return _read_points(head, training)
    if training is None:
        head.refuse("", "train_cfg is missing: nothing says how it is trained")
    if name == "VFNetHead" and not head.take("use_atss", True):
        head.refuse("use_atss", "without ATSS, VFNetHead's own points are used")
    preset = _read_assigner(head, training)
    _read_anchors(head)
    if name == "ATSSVLFusionHead":
        head.set("anchors.style", "glip", "type")
        training.skip("allowed_border")  # all its anchors take part
    else:
        training.setting("anchors.allowed_border", "allowed_border", -1, _border)
    if name == "VFNetHead":
        head.skip("strides", "center_sampling", "regress_ranges")
        head.skip("center_sample_radius")
    head.rest(HARMLESS)
    training.rest(HARMLESS_TRAINING)
    return preset


def _border(value: Any) -> float:
    """Write every way to turn it off as one."""
    border = number(value)
    return border if border >= 0 else -1.0


def _read_points(head: Part, training: Part | None) -> str:
    """Read FCOS: points, ranges of sizes, center sampling; it asks no assigner."""
    if head.type in ("CondInstBboxHead", "BoxInstBboxHead"):
        head.inexact("type", "samples around centers of masks; centers of boxes here")
    if training is not None:
        training.skip("assigner", "allowed_border")
        training.rest(HARMLESS_TRAINING)
    head.setting("anchors.strides", "strides", (4, 8, 16, 32, 64), strides)
    ranges = ((-1, 64), (64, 128), (128, 256), (256, 512), (512, 1e8))
    head.setting("assigner.scale_ranges", "regress_ranges", ranges)
    radius = "center_sample_radius"
    samples = head.take("center_sampling", default=False)
    if samples:
        head.setting("assigner.center_sampling_radius", radius, 1.5, number)
    else:
        head.skip(radius)
        head.set("assigner.center_sampling_radius", 0.0, "center_sampling")
    head.rest(HARMLESS)
    return "fcos-mmdet-center" if samples else "fcos-mmdet"


def strides(values: Any) -> tuple[Any, ...]:
    """Write pairs of equal strides as one number, whole ones as whole numbers."""

    def one(value: Any) -> Any:
        if isinstance(value, list | tuple):
            wide, high = value
            return one(wide) if wide == high else (one(high), one(wide))
        is_whole = isinstance(value, float) and value.is_integer()
        return int(value) if is_whole else value

    return tuple(one(value) for value in values)


def _read_anchors(head: Part) -> None:
    """Read the anchor generator; VFNetHead has one of its own."""
    generator = head.part("anchor_generator")
    if generator is None:
        if head.type != "VFNetHead":
            head.refuse("anchor_generator", "is missing")
        for path, value in VFNET_ANCHORS.items():
            head.set(path, value, "anchor_generator", default=str(value))
        return
    name = generator.type
    if name in OTHER_GENERATORS:
        generator.refuse("type", f"{name} {OTHER_GENERATORS[name]}")
    if name not in GENERATORS:
        generator.refuse("type", f'the generator "{name}" is not known here')
    GENERATORS[name](generator)
    generator.rest({"type", "use_box_type"})


def _read_anchor_generator(part: Part) -> None:
    """Read ``AnchorGenerator``; its strides, sizes and centers."""
    part.setting("anchors.strides", "strides", make=strides)
    scales = _read_scales(part)
    ratios = part.setting("anchors.ratios", "ratios", make=numbers)
    is_plain = len(ratios) < 2 or len(part.made("scales", numbers, ())) == 1
    if not part.take("scale_major", default=True) and not is_plain:
        part.refuse("scale_major", "anchors in another order than here")
    _read_places(part, scales)


def _read_places(part: Part, scales: tuple[float, ...]) -> None:
    """Read base sizes and centers; offsets are shares of a base size."""
    bases = part.made("base_sizes", numbers, ())
    steps = part.made("strides", _smaller)
    part.skip("centers")
    if "centers" not in part:
        part.setting("anchors.offset", "center_offset", 0.0, number)
    elif share := _one_share(part, bases or steps):
        part.set("anchors.offset", share, "centers")
    elif (share := _one_share(part, steps)) and all(map(_is_power_of_two, bases)):
        # Without base sizes offsets are shares of strides. A product with a power of
        # two is not rounded, so that sizes are what scales of base sizes come to.
        sizes = tuple(tuple(base * scale for scale in scales) for base in bases)
        part.set("anchors.offset", share, "centers")
        part.set("anchors.sizes", sizes, "base_sizes")
        if part.notes.value_of("anchors.scales"):
            part.set("anchors.scales", (), "base_sizes")
        return
    else:
        part.refuse("centers", "are not the same share of every stride: no rule here")
    if bases:
        part.set("anchors.base_sizes", bases, "base_sizes")


def _one_share(part: Part, sizes: tuple[float, ...]) -> float:
    """Find the one share of sizes that all centers are; 0 where they differ."""
    centers = part.made("centers", lambda values: [numbers(one) for one in values])
    shares = {
        side / max(size, 1e-9)
        for center, size in zip(centers, sizes, strict=False)
        for side in center
    }
    share = shares.pop() if len(shares) == 1 else 0.0
    return share if 0 <= share <= 1 else 0.0


def _is_power_of_two(value: float) -> bool:
    return math.frexp(value)[0] == 0.5


def _smaller(steps: Any) -> tuple[float, ...]:
    """Take base sizes where none are named: strides, the smaller one of a pair."""
    pairs = (step if isinstance(step, list | tuple) else [step] for step in steps)
    return tuple(min(numbers(pair)) for pair in pairs)


def _read_scales(part: Part) -> tuple[float, ...]:
    """Read scales: those of an octave, or a list; give them."""
    if "scales" not in part:
        scale = part.setting("anchors.scale", "octave_base_scale", make=number)
        count = part.setting(
            "anchors.scales_per_octave", "scales_per_octave", make=whole
        )
        return _octave(scale, count)
    scales: tuple[float, ...] = part.made("scales", numbers)
    if "octave_base_scale" in part and "scales_per_octave" in part:
        reason = "mmdetection takes it or octave_base_scale and scales_per_octave"
        hint = "set those two, which a base may have, to None"
        part.refuse("scales", reason, hint=hint)
    part.skip("octave_base_scale", "scales_per_octave")
    if not scales:
        part.refuse("scales", "expected at least one scale")
    if _octave(scales[0], len(scales)) == scales:
        part.set("anchors.scale", scales[0], "scales")
        part.set("anchors.scales_per_octave", len(scales), "scales")
    else:
        part.set("anchors.scales", scales, "scales")
    return scales


def _octave(scale: float, count: int) -> tuple[float, ...]:
    return tuple(scale * 2 ** (i / count) for i in range(min(count, 100)))


GENERATORS: dict[str, Callable[[Part], None]] = {
    "AnchorGenerator": _read_anchor_generator,
}


def _read_assigner(head: Part, training: Part) -> str:
    """Read the assigner, which decides the rule, whatever the head."""
    key = "assigner"
    if head.type == "TOODHead":
        key = "initial_assigner"
        epochs = training.take("initial_epoch")
        text = f"decides in the first {epochs} epochs only, then predictions do"
        training.inexact(key, text)
        training.skip("assigner")
    part = training.part(key)
    if part is None:
        training.refuse(key, "is missing: nothing says who is assigned")
    name = part.type
    if name in OTHER_ASSIGNERS:
        part.refuse("type", f"{name} {OTHER_ASSIGNERS[name]}")
    if name not in ASSIGNERS:
        part.refuse("type", f'the assigner "{name}" is not known here')
    preset = ASSIGNERS[name](part)
    is_rpn = preset == "retinanet-mmdet" and head.type.endswith("RPNHead")
    part.rest({"type", "gpu_assign_thr", "ignore_wrt_candidates"})
    return "rpn-mmdet" if is_rpn else preset


def _read_max_iou(part: Part) -> str:
    """Read ``MaxIoUAssigner``: two bars and the low-quality matches."""
    part.setting("assigner.positive_from", "pos_iou_thr", make=number)
    part.setting("assigner.negative_below", "neg_iou_thr", make=negative_below)
    if isinstance(part.take("neg_iou_thr"), int):
        part.tell("neg_iou_thr", "a whole number: no anchor is negative")
    part.setting("assigner.low_quality_floor", "min_pos_iou", 0.0, number)
    part.setting("assigner.allow_low_quality", "match_low_quality", default=True)
    if not part.take("gt_max_assign_all", default=True):
        part.set("assigner.low_quality_ties", "first", "gt_max_assign_all")
    if part.take("perm_repeat_gt_cfg") is not None:
        part.inexact("perm_repeat_gt_cfg", "moves boxes that are there twice at random")
    _read_overlaps(part)
    return "retinanet-mmdet"


def negative_below(value: Any) -> float:
    """Take the bar of negatives; mmdetection looks at its type."""
    if isinstance(value, tuple) and len(value) == 2 and number(value[0]) <= 0:
        return number(value[1])
    if isinstance(value, list | tuple):
        reason = "a band of negatives is not imitated"
        raise Unfit(reason)
    # Of a whole number mmdetection makes no negatives at all.
    return number(value) if isinstance(value, float) else 0.0


def _read_atss(part: Part) -> str:
    """Read ``ATSSAssigner``."""
    part.setting("assigner.k", "topk")
    if part.take("alpha") is not None:
        part.refuse("alpha", PREDICTIONS)
    _read_overlaps(part)
    return "atss-mmdet"


def _read_overlaps(part: Part) -> None:
    """Read what both assigners have: the IoU, and boxes to ignore."""
    if part.made("ignore_iof_thr", number, -1) > 0:
        part.refuse("ignore_iof_thr", "anchors on crowds are not left out here")
    calculator = part.part("iou_calculator")
    name = calculator.type if calculator else "BboxOverlaps2D"
    if calculator is None:
        return
    if name not in IOU_CALCULATORS:
        calculator.refuse("type", f"{name} is not an IoU of atss-inspect")
    for path, value in IOU_CALCULATORS[name].items():
        calculator.set(path, value, "type")
    calculator.rest({"type", "scale"})


IOU_CALCULATORS: dict[str, dict[str, Any]] = {
    "BboxOverlaps2D": {},
    "BboxOverlaps2D_GLIP": {"assigner.plus_one": True, "assigner.min_union": 0.0},
}
ASSIGNERS: dict[str, Callable[[Part], str]] = {
    "MaxIoUAssigner": _read_max_iou,
    "AscendMaxIoUAssigner": _read_max_iou,
    "ATSSAssigner": _read_atss,
}
