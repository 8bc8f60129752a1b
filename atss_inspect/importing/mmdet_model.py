"""What heads, anchor generators and assigners of mmdetection say, as settings.

Each name is mapped, or stands with the reason why it cannot be imitated, here or in
`atss_inspect.presets.needing_models`. Defaults are those of mmdet 3.3.0,
models/dense_heads and models/task_modules; 2.28.2 has the same.
"""

from collections.abc import Callable
from typing import Any

from atss_inspect.importing import mmdet_distances as distances
from atss_inspect.importing import mmdet_gates
from atss_inspect.importing.mmdet_anchors import ROTATED, SHAPES, read_anchors, strides
from atss_inspect.importing.mmdet_gates import (
    GATE_HEADS,
    SHAPE_HEADS,
    read_gate,
    read_points,
    read_shapes,
)
from atss_inspect.importing.parts import Part, Unfit, border, number, words
from atss_inspect.presets.needing_models import PREDICTIONS

UNKNOWN_RULE = "assigns by a rule that is not one of atss-inspect"
MASKS = "assigns masks to the cells of a grid, not boxes to anchors"
GUIDED = "predicts its anchors, which needs a model"
_FIRST = "initial_epoch"

# Heads that train on anchors or points, and whether an assigner is asked.
ANCHOR_HEADS = (
    *("RetinaHead", "RetinaSepBNHead", "PISARetinaHead", "RPNHead", "SSDHead"),
    *("PISASSDHead", "YOLACTHead", "ATSSHead", "GFLHead", "LDHead", "VFNetHead"),
    *("ATSSVLFusionHead", "TOODHead", "AscendRetinaHead", "AscendSSDHead"),
    *("AnchorHead", "OrientedRPNHead", "RotatedRPNHead"),
)
POINT_HEADS = (
    *("FCOSHead", "NASFCOSHead", "CondInstBboxHead", "BoxInstBboxHead"),
    "RFLA_FCOSHead",
)
# Those whose rules are read by `mmdet_rules`.
RULE_HEADS = (
    *("FoveaHead", "RepPointsHead", "YOLOV3Head"),
    *("GARetinaHead", "GARPNHead", "SABLRetinaHead"),
)
OTHER_HEADS = {
    **dict.fromkeys(("GuidedAnchorHead", "CascadeRPNHead"), GUIDED),
    "StageCascadeRPNHead": GUIDED,
    **dict.fromkeys(("SOLOHead", "SOLOV2Head", "DecoupledSOLOHead"), MASKS),
    **dict.fromkeys(("DecoupledSOLOLightHead", "YOLACTProtonet"), MASKS),
    **dict.fromkeys(("CondInstMaskHead", "BoxInstMaskHead", "YOLACTSegmHead"), MASKS),
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
    "ApproxMaxIoUAssigner": "takes the best of several anchors, which is no rule here",
    **dict.fromkeys(("PointAssigner", "CenterRegionAssigner"), UNKNOWN_RULE),
    **dict.fromkeys(("RegionAssigner", "MultiInstanceAssigner"), UNKNOWN_RULE),
    "GridAssigner": SHAPES,
    **dict.fromkeys(("ATSSObbAssigner", "ATSSKldAssigner"), ROTATED),
    **dict.fromkeys(("ConvexAssigner", "MaxConvexIoUAssigner", "SASAssigner"), ROTATED),
    "BatchATSSAssigner": "its negatives and ties differ from ATSSAssigner's",
}
# Keys of heads that decide layers, losses and targets, not who is assigned.
HARMLESS = (
    words(
        "type num_classes in_channels feat_channels stacked_convs num_convs conv_cfg "
        "norm_cfg act_cfg init_cfg bbox_coder reg_decoded_bbox reg_max num_ins "
        "loss_cls loss_bbox loss_centerness loss_dfl loss_ld loss_kd loss_bbox_refine "
        "loss_cls_fl initial_loss_cls pred_kernel_size early_fuse lang_model_name "
        "num_dyhead_blocks use_checkpoint centerness_on_reg norm_on_bbox conv_bias "
        "dcn_on_last_conv cls_predictor_cfg dcn_kernel bbox_norm_type gradient_mul "
        "sync_num_pos use_vfl use_depthwise num_head_convs num_protos use_ohem num_dcn "
        "anchor_type test_cfg drop_positive_fraction version num_params"
    )
    | mmdet_gates.HARMLESS
)
# Of ``train_cfg``: what becomes of anchors once they are assigned.
HARMLESS_TRAINING = words(
    "sampler pos_weight debug neg_pos_ratio smoothl1_beta alpha beta isr carl "
    "cls_weight use_giou"
)


def require_imitable(head: Part) -> None:
    """Refuse a head that cannot be imitated, by its name."""
    name = head.type
    head.refuse_known("type", name, OTHER_HEADS)
    points_and_shapes = (*POINT_HEADS, *GATE_HEADS, *SHAPE_HEADS)
    if name not in (*ANCHOR_HEADS, *points_and_shapes, *RULE_HEADS):
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
    if name in SHAPE_HEADS:
        preset = read_shapes(head)
    elif name in POINT_HEADS:
        preset = _read_points(head, training)
    elif training is None:
        head.refuse("", "train_cfg is missing: nothing says how it is trained")
    elif name in GATE_HEADS or (name == "TOODHead" and not training.take(_FIRST, 4)):
        preset = read_gate(training)
        (read_points if name in GATE_HEADS else read_anchors)(head)
    else:
        preset = _read_assigned(head, training)
    head.rest(HARMLESS)
    if training is not None:
        training.rest(HARMLESS_TRAINING)
    return preset


def _read_assigned(head: Part, training: Part) -> str:
    """Read a head that asks an assigner which anchors are positive."""
    name = head.type
    if name == "VFNetHead" and not head.take("use_atss", True):
        head.refuse("use_atss", "without ATSS, VFNetHead's own points are used")
    preset = _read_assigner(head, training)
    read_anchors(head)
    if preset == "rfla-rpn" and not head.notes.value_of("anchors.sizes"):
        head.set("anchors.sizes", (), "anchor_generator")
    if name == "ATSSVLFusionHead":
        head.set("anchors.style", "glip", "type")
        training.skip("allowed_border")  # all its anchors take part
    else:
        training.setting("anchors.allowed_border", "allowed_border", -1, border)
    if name == "VFNetHead":
        head.skip("strides", "center_sampling", "regress_ranges")
        head.skip("center_sample_radius")
    return preset


def _read_points(head: Part, training: Part | None) -> str:
    """Read FCOS: points, ranges of sizes, center sampling; it asks no assigner."""
    if head.type == "RFLA_FCOSHead":
        return _read_fields(head, training)
    if head.type in ("CondInstBboxHead", "BoxInstBboxHead"):
        head.inexact("type", "samples around centers of masks; centers of boxes here")
    if training is not None:
        training.skip("assigner", "allowed_border")
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
    return "fcos-mmdet-center" if samples else "fcos-mmdet"


def _read_fields(head: Part, training: Part | None) -> str:
    """Read RFLA in FCOS, which asks its assigner about fields around points."""
    if training is None or _read_assigner(head, training) != "rfla-rpn":
        head.refuse("type", "RFLA_FCOSHead is known here with HieAssigner")
    distances.read_field_points(head)
    training.skip("allowed_border")
    training.rest(HARMLESS_TRAINING)
    head.rest(HARMLESS)
    return "rfla-fcos"


def _read_assigner(head: Part, training: Part) -> str:
    """Read the assigner, which decides the rule, whatever the head."""
    key = "assigner"
    if head.type == "TOODHead":
        key = "initial_assigner"
        epochs = training.take(_FIRST, 4)
        text = f"decides in the first {epochs} epochs only, then predictions do; "
        text += f"--with model.train_cfg.{_FIRST}=0 looks at their gate"
        training.inexact(key, text)
        training.skip("assigner")
    part = training.part(key)
    if part is None:
        training.refuse(key, "is missing: nothing says who is assigned")
    name = part.type
    part.refuse_known("type", name, OTHER_ASSIGNERS)
    if name not in ASSIGNERS:
        part.refuse("type", f'the assigner "{name}" is not known here')
    kind = head.node.find("anchor_generator.type")
    is_ssd = kind is not None and f"{kind.value}".endswith("SSDAnchorGenerator")
    preset = ASSIGNERS["SSD" if is_ssd and _is_first_best(part) else name](part)
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
    _read_overlaps(part, "assigner.measure")
    return "retinanet-mmdet"


def _is_first_best(part: Part) -> bool:
    """Whether an assigner forces one anchor for each object, and has one bar."""
    same_bar = part.take("pos_iou_thr") == part.take("neg_iou_thr")
    is_forced = part.take("match_low_quality", default=True)
    is_forced = is_forced and not part.take("min_pos_iou", 0)
    return same_bar and is_forced and not part.take("gt_max_assign_all", default=True)


def _read_first_best(part: Part) -> str:
    """Read the rule of SSD: one bar, and the best anchor of each object forced."""
    part.setting("assigner.positive_from", "pos_iou_thr", make=number)
    _read_overlaps(part)
    return "ssd300-mmdet"


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


def _read_overlaps(part: Part, measure: str = "") -> None:
    """Read what both assigners have: the IoU, and boxes to ignore.

    ``measure`` is the setting that may stand in place of the IoU.
    """
    if part.made("ignore_iof_thr", number, -1) > 0:
        part.refuse("ignore_iof_thr", "anchors on crowds are not left out here")
    if measure and part.take("assign_metric", "iou") != "iou":
        distances.read_metric(part, measure)
        return
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
    "SSD": _read_first_best,
    "AscendMaxIoUAssigner": _read_max_iou,
    "ATSSAssigner": _read_atss,
    "HieAssigner": distances.read_hierarchical,
    "RankingAssigner": distances.read_ranking,
}
