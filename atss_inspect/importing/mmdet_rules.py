"""Heads of mmdetection that have rules and points or anchors of their own.

Defaults are those of mmdet 3.3.0, models/dense_heads and models/task_modules; 2.28.2
has the same.
"""

from collections.abc import Callable
from itertools import chain
from typing import Any

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


# What they say is taken, and the preset they extend given.
OWN_RULES: dict[str, Callable[[Part, Part | None], str]] = {
    "FoveaHead": _read_foveabox,
    "YOLOV3Head": _read_yolov3,
    "RepPointsHead": _read_reppoints,
}
