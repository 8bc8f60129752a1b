"""Heads of mmdetection that have rules and points or anchors of their own.

Defaults are those of mmdet 3.3.0, models/dense_heads and models/task_modules; 2.28.2
has the same.
"""

from collections.abc import Callable

from atss_inspect.importing.parts import Part, number, whole


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


# What they say is taken, and the preset they extend given.
OWN_RULES: dict[str, Callable[[Part, Part | None], str]] = {
    "FoveaHead": _read_foveabox,
    "RepPointsHead": _read_reppoints,
}
