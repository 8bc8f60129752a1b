"""What mmdet-rfla and mmdet-nwdrka, for tiny objects, add to mmdetection 2.

Read in Chasel-Tsui/mmdet-rfla (``HieAssigner``, ``RFGenerator``, ``RFLA_FCOSHead``),
Chasel-Tsui/mmdet-aitod (``RankingAssigner``) and jwwangchn/NWD.
"""

from typing import Any

from atss_inspect.importing.parts import Part, number, numbers, unfit, whole

CALCULATOR = "BboxDistanceMetric"
# Measure and constant, by what assigners call them; ``wasserstein`` is jwwangchn/NWD's.
METRICS = {
    "nwd": ("nwd", 12.7),
    "wasserstein": ("nwd", 12.8),
    "dotd": ("dotd", 12.7),
    "kl": ("kld", None),
    "wd": ("wd", None),
}
# Theoretical receptive fields of P2 to P7, ResNet-50, input pixels.
FIELDS = (35, 91, 267, 427, 555, 811)


def read_metric(part: Part, path: str, default: str = "iou") -> None:
    """Read by what distance an assigner compares, and its constant."""
    metric = part.take("assign_metric", default)
    calculator = part.part("iou_calculator")
    if metric not in METRICS:
        part.refuse("assign_metric", f"{metric} is not a measure of atss-inspect")
    if calculator is None or calculator.type != CALCULATOR:
        part.refuse("iou_calculator", f"{metric} is a measure of {CALCULATOR}")
    name, constant = METRICS[metric]
    part.set(path, name, "assign_metric", default="" if metric != default else default)
    if constant:
        calculator.setting("assigner.nwd_constant", "constant", constant, number)
    calculator.rest({"type", "constant"})


def read_hierarchical(part: Part) -> str:
    """Read ``HieAssigner`` of RFLA."""
    first, again = part.made("topk", _two, (2, 1))
    part.set("assigner.k", first, "topk")
    part.set("assigner.k_again", again, "topk")
    part.setting("assigner.ratio", "ratio", 1, number)
    if part.take("inside", default=False):
        part.refuse(
            "inside", "leaves out anchors whose center is outside, no rule here"
        )
    part.set("assigner.ignored_from", 0.8, "type")
    _read_rest(part, "kl")
    return "rfla-rpn"


def _two(values: Any) -> tuple[int, int]:
    """Check both numbers of ``topk``."""
    if not isinstance(values, list | tuple) or len(values) != 2:
        unfit("two whole numbers", values)
    return whole(values[0]), whole(values[1])


def read_ranking(part: Part) -> str:
    """Read ``RankingAssigner`` of NWD-RKA; mmdet-rfla's has a bar of its own."""
    part.setting("assigner.k", "topk", 1, whole)
    part.set("assigner.k_again", 0, "type")
    if part.take("inside_circle", default=False):
        part.refuse(
            "inside_circle", "leaves out anchors far from centers, no rule here"
        )
    if "neg_iou_thr" in part:
        part.setting("assigner.ignored_from", "neg_iou_thr", make=number)
    else:
        part.set("assigner.ignored_from", 0.3, "type")
    part.skip("min_pos_iou")
    _read_rest(part, "iou")
    return "nwd-rka-rpn"


def _read_rest(part: Part, default: str) -> None:
    """Read what both have; nothing is ever assigned by an IoU."""
    if part.made("ignore_iof_thr", number, -1) > 0:
        part.refuse("ignore_iof_thr", "anchors on crowds are not left out here")
    read_metric(part, "assigner.ranked_by", default)
    part.skip("gt_max_assign_all")


def read_field_generator(part: Part) -> None:
    """Read ``RFGenerator``: one size a level, whatever scales it is given."""
    strides = part.setting("anchors.strides", "strides", make=_whole_strides)
    part.setting("anchors.ratios", "ratios", (0.5, 1.0, 2.0), numbers)
    if part.take("centers") is not None or part.made("center_offset", number, 0):
        part.refuse("center_offset", "is a share of the receptive field, no rule here")
    part.set("anchors.offset", 0.0, "center_offset", default="0")
    read_fields(part, len(strides), 0.5)
    part.skip("scales", "base_sizes", "scale_major", "octave_base_scale")
    part.skip("scales_per_octave")


def read_field_points(head: Part) -> None:
    """Read ``RFLA_FCOSHead``: fields around points, of which none is ignored."""
    strides = head.setting(
        "anchors.strides", "strides", (4, 8, 16, 32, 64), _whole_strides
    )
    if any(stride % 2 for stride in strides):
        head.refuse(
            "strides", "points at half of odd strides are rounded, no rule here"
        )
    fields = read_fields(head, len(strides), 1 / 3)
    if any(field * 4 % 1 for field in fields):
        text = "fields are no whole quarters of a pixel: the last bit may differ"
        head.inexact("fraction", text)
    head.set("assigner.ignored_from", 0.0, "type")
    head.skip("regress_ranges", "center_sampling", "center_sample_radius")


def read_fields(part: Part, num_levels: int, fraction: float) -> list[float]:
    """Read which share of the receptive fields anchors are; their sides."""
    share = part.made("fraction", number, fraction)
    first = 1 if part.take("fpn_layer", "p3") == "p3" else 0
    levels = range(first, first + num_levels)
    sides = [FIELDS[min(level, len(FIELDS) - 1)] * share for level in levels]
    part.set("anchors.sizes", tuple((side,) for side in sides), "fraction")
    return sides


def _whole_strides(values: Any) -> tuple[int, ...]:
    if not isinstance(values, list | tuple):
        unfit("a list of whole numbers", values)
    return tuple(map(whole, values))
