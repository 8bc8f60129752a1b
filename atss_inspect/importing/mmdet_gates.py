"""Heads of mmdetection and mmyolo that look at points, or at shapes: YOLOs and RTMDet.

Read in mmdet 3.3.0 and mmyolo 0.6.0, models/dense_heads and
models/task_modules/assigners. What an assigner asks of predictions stands behind a gate
of points, which needs none; YOLOv5's rule looks at shapes alone.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from atss_inspect.importing.mmdet_anchors import strides
from atss_inspect.importing.parts import (
    REQUIRED,
    Part,
    number,
    numbers,
    unfit,
    whole,
    words,
)

GATE_HEADS = (
    *("YOLOXHead", "RTMDetHead", "RTMDetSepBNHead", "RTMDetInsHead"),
    *("RTMDetInsSepBNHead", "YOLOv6Head", "YOLOv8Head", "PPYOLOEHead"),
)
SHAPE_HEADS = ("YOLOv5Head", "YOLOv5InsHead")


class _Gate(NamedTuple):
    preset: str  # that has this gate
    quota: str  # key of the points that an object gets, at most
    usual: Any  # where nobody says it
    settings: Mapping[str, Any]  # that differ from the preset's


def own_points(margin: float) -> dict[str, Any]:
    """Make the settings of gates that let nobody have points of others."""
    return {"assigner.takes_others": False, "assigner.center_margin": margin}


_SOFT = _Gate("rtmdet-mmdet", "topk", 13, {})
GATES = {
    "DynamicSoftLabelAssigner": _SOFT,
    "BatchDynamicSoftLabelAssigner": _SOFT,
    "SimOTAAssigner": _Gate("yolox-mmdet", "candidate_topk", 10, {}),
    "TaskAlignedAssigner": _Gate("rtmdet-mmdet", "topk", REQUIRED, own_points(0.01)),
    "BatchTaskAlignedAssigner": _Gate("rtmdet-mmdet", "topk", 13, own_points(1e-9)),
}
# Of the choice among points.
_HARMLESS = words(
    "type num_classes soft_center_radius iou_weight cls_weight iou_calculator use_ciou "
    "alpha beta eps batch_iou"
)
HARMLESS = words(
    "head_module with_objectness exp_on_reg share_conv loss_obj loss_l1 loss_mask "
    "loss_iou loss_bbox_aux mask_loss_stride num_prototypes dyconv_channels "
    "num_dyconvs mask_overlap obj_level_weights use_l1 skip_empty_lasts "
    "loss_mask_weight"
)


def read_gate(training: Part) -> str:
    """Read the gate before an assigner that looks at predictions; name its preset."""
    part = training.part("assigner")
    if part is None:
        training.refuse("assigner", "is missing: nothing says who is assigned")
    if part.type not in GATES:
        part.refuse("type", f'"{part.type}" of this head is not known here')
    gate = GATES[part.type]
    part.setting("assigner.quota", gate.quota, gate.usual, whole)
    if part.type == "SimOTAAssigner":
        part.setting("assigner.center_sampling_radius", "center_radius", 2.5, number)
    for path, value in gate.settings.items():
        part.set(path, value, "type")
    part.rest(_HARMLESS)
    if first := training.take("initial_epoch", 0):
        text = f"another assigner decides in the first {first} epochs, before this gate"
        training.inexact("initial_epoch", text)
    training.skip("initial_assigner", "allowed_border")
    return gate.preset


def read_points(head: Part) -> None:
    """Read the generator of points; mmyolo's heads have one, and YOLOX shifts its."""
    key = "anchor_generator" if "anchor_generator" in head else "prior_generator"
    generator = head.part(key)
    head.skip("anchor_generator", "prior_generator")
    is_yolox = head.type == "YOLOXHead"
    if generator is None or is_yolox:
        head.set("anchors.offset", 0.5, "type")
    if generator is None:
        if head.type.startswith("RTMDet"):
            head.refuse("anchor_generator", "is missing")
        head.setting("anchors.strides", "strides", (8, 16, 32), strides)
        return
    if generator.type != "MlvlPointGenerator":
        generator.refuse("type", f"{generator.type} makes no points")
    generator.setting("anchors.strides", "strides", make=strides)
    if is_yolox:
        generator.skip("offset")
    else:
        generator.setting("anchors.offset", "offset", 0.5, number)
    generator.rest({"type", "use_box_type"})
    head.skip("strides")


def read_shapes(head: Part) -> str:
    """Read YOLOv5's anchors and the factor within which shapes must lie."""
    generator = head.part("prior_generator")
    if generator is None or generator.type != "YOLOAnchorGenerator":
        head.refuse("prior_generator", "is missing, or makes no shapes")
    generator.setting("anchors.strides", "strides", make=strides)
    generator.setting("anchors.sizes", "base_sizes", make=_sides)
    generator.rest({"type", "use_box_type"})
    head.setting("assigner.ratio_below", "prior_match_thr", 4.0, number)
    if head.made("near_neighbor_thr", number, 0.5) != 0.5:
        head.refuse("near_neighbor_thr", "another share than 0.5 is no rule here")
    if head.made("ignore_iof_thr", number, -1.0) > 0:
        head.inexact("ignore_iof_thr", "cells on crowds are not left out here")
    return "yolov5"


def _sides(levels: Any) -> tuple[tuple[float, ...], ...]:
    """Write pairs of width and height in turn."""
    if any(len(pair) != 2 for pairs in levels for pair in pairs):
        unfit("pairs of width and height", levels)
    return tuple(tuple(s for pair in pairs for s in numbers(pair)) for pairs in levels)
