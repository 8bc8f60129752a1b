"""Heads of mmdetection that have rules and points or anchors of their own.

Defaults are those of mmdet 3.3.0, models/dense_heads and models/task_modules; 2.28.2
has the same.
"""

from collections.abc import Callable

from atss_inspect.importing.parts import Part, number


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


# What they say is taken, and the preset they extend given.
OWN_RULES: dict[str, Callable[[Part, Part | None], str]] = {
    "FoveaHead": _read_foveabox,
}
