"""Heads of mmdetection that have rules and points or anchors of their own.

Defaults are those of mmdet 3.3.0, models/dense_heads and models/task_modules; 2.28.2
has the same.
"""

from collections.abc import Callable
from itertools import chain
from typing import Any

from atss_inspect.importing.mmdet_anchors import GENERATORS
from atss_inspect.importing.mmdet_model import (
    HARMLESS,
    HARMLESS_TRAINING,
    negative_below,
    read_head,
)
from atss_inspect.importing.parts import Part, Unfit, number, whole


def _read_foveabox(head: Part, training: Part | None) -> str:
    """Read FoveaBox: points, ranges of sizes and the core; it asks no assigner."""
    if training is not None:
        training.skip("assigner", "allowed_border")
    head.skip("base_edge_list", "with_deform", "deform_groups")  # of targets and layers
    head.setting("anchors.strides", "strides", (4, 8, 16, 32, 64), tuple)
    ranges = ((8, 32), (16, 64), (32, 128), (64, 256), (128, 512))
    head.setting("assigner.size_ranges", "scale_ranges", ranges)
    head.setting("assigner.core", "sigma", 0.4, number)
    return "foveabox-mmdet"


def _read_reppoints(head: Part, training: Part | None) -> str:
    """Read RepPoints: of its two stages the first, which needs no model."""
    first = training.part("init") if training else None
    part = first.part("assigner") if first else None
    if training is None or first is None or part is None:
        head.refuse("", "train_cfg.init.assigner is missing")
    if part.type != "PointAssigner":
        part.refuse("type", f"{part.type} on the points of RepPoints is no rule here")
    training.inexact("refine", "assigned to boxes of the first stage, by a model")
    training.skip("refine")
    first.skip("allowed_border")  # points have no border
    head.skip("center_init", "transform_method", "moment_mul", "use_grid_points")
    head.skip("num_points", "point_base_scale", "point_feat_channels")
    head.skip("loss_bbox_init")
    head.setting("anchors.strides", "point_strides", (8, 16, 32, 64, 128), tuple)
    part.setting("assigner.level_scale", "scale", 4, number)
    part.setting("assigner.num_points", "pos_num", 3, whole)
    part.rest({"type"})
    first.rest({"pos_weight", "debug"})
    return "reppoints-mmdet"


def _read_yolov3(head: Part, training: Part | None) -> str:
    """Read YOLOv3, whose levels begin with the coarsest, and its assigner."""
    generator = head.part("anchor_generator")
    part = training.part("assigner") if training else None
    if generator is None or part is None:
        head.refuse("", "anchor_generator or train_cfg.assigner is missing")
    for one, name in ((generator, "YOLOAnchorGenerator"), (part, "GridAssigner")):
        if one.type != name:
            one.refuse("type", f"{one.type} in place of {name} is no rule here")
    head.skip("featmap_strides", "out_channels", "one_hot_smoother", "loss_conf")
    head.skip("loss_xy", "loss_wh")
    generator.setting("anchors.strides", "strides", make=_reversed)
    generator.setting("anchors.sizes", "base_sizes", make=_pairs_in_turn)
    generator.rest({"type", "use_box_type"})
    part.setting("assigner.positive_above", "pos_iou_thr", make=number)
    part.setting("assigner.ignored_above", "neg_iou_thr", make=_one_bar)
    part.setting("assigner.forced_above", "min_pos_iou", 0.0, number)
    if not part.take("gt_max_assign_all", default=True):
        part.refuse("gt_max_assign_all", "of equal best anchors all are positive here")
    if part.part("iou_calculator"):
        part.inexact("iou_calculator", "is taken to be BboxOverlaps2D")
    part.rest({"type"})
    return "yolov3-mmdet"


def _reversed(values: Any) -> tuple[Any, ...]:
    return tuple(reversed(values))


def _pairs_in_turn(levels: Any) -> tuple[tuple[float, ...], ...]:
    """Write widths and heights in turn, the finest level first."""
    return tuple(tuple(chain.from_iterable(pairs)) for pairs in reversed(levels))


def _one_bar(value: Any) -> float:
    """Take the bar of ignored anchors; mmdetection looks at its type."""
    if not isinstance(value, float):
        reason = "a band or a whole number of negatives is not imitated"
        raise Unfit(reason)
    return number(value)


def _read_best_shape(head: Part, training: Part | None) -> str:
    """Read Guided Anchoring and SABL, which look at the best anchor of each cell."""
    is_guided = head.type != "SABLRetinaHead"
    part = (
        training.part("ga_assigner" if is_guided else "assigner") if training else None
    )
    generator = head.part("approx_anchor_generator")
    if training is None or part is None or generator is None:
        head.refuse("", "approx_anchor_generator or its assigner is missing")
    for one, name in ((generator, "AnchorGenerator"), (part, "ApproxMaxIoUAssigner")):
        if one.type != name:
            one.refuse("type", f"{one.type} in place of {name} is no rule here")
    if is_guided:
        training.inexact("assigner", "assigned to anchors that the model predicts")
        training.skip("assigner", "ga_sampler", "center_ratio", "ignore_ratio")
    if training.made("allowed_border", number, -1) >= 0:
        training.refuse("allowed_border", "cells beyond a border are not left out here")
    head.skip("square_anchor_generator", "anchor_coder", "loc_filter_thr", "loss_loc")
    head.skip("loss_shape", "loss_bbox_cls", "loss_bbox_reg", "deform_groups")
    GENERATORS["AnchorGenerator"](generator)
    generator.rest({"type", "use_box_type"})
    _read_bars(part)
    return "ga-retinanet-mmdet"


def _read_bars(part: Part) -> None:
    """Read the bars of ``ApproxMaxIoUAssigner``."""
    part.setting("assigner.positive_from", "pos_iou_thr", make=number)
    part.setting("assigner.negative_below", "neg_iou_thr", make=negative_below)
    part.setting("assigner.low_quality_floor", "min_pos_iou", 0.0, number)
    part.setting("assigner.allow_low_quality", "match_low_quality", default=True)
    if not part.take("gt_max_assign_all", default=True):
        part.refuse("gt_max_assign_all", "of equal best cells all are positive here")
    if part.made("ignore_iof_thr", number, -1) > 0:
        part.refuse("ignore_iof_thr", "anchors on crowds are not left out here")
    calculator = part.part("iou_calculator")
    if calculator and calculator.type != "BboxOverlaps2D":
        calculator.refuse("type", f"{calculator.type} is no IoU for the best of a cell")
    part.rest({"type", "gpu_assign_thr", "ignore_wrt_candidates"})


# What they say is taken, and the preset they extend given.
OWN_RULES: dict[str, Callable[[Part, Part | None], str]] = {
    "FoveaHead": _read_foveabox,
    "YOLOV3Head": _read_yolov3,
    "GARetinaHead": _read_best_shape,
    "GARPNHead": _read_best_shape,
    "SABLRetinaHead": _read_best_shape,
    "RepPointsHead": _read_reppoints,
}


def read_any_head(head: Part, training: Part | None) -> str:
    """Take what a head and its part of ``train_cfg`` say; give the preset they extend.

    Raises `Refused` for heads and rules that cannot be imitated, by their names.
    """
    if head.type not in OWN_RULES:
        return read_head(head, training)
    preset = OWN_RULES[head.type](head, training)
    head.rest(HARMLESS)
    if training is not None:
        training.rest(HARMLESS_TRAINING)
    return preset
