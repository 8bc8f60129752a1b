"""The named conventions, as calls of the reference functions.

Each preset knows its framework (``frames.see_image``), the stride of its finest
level, how its anchors or points are laid out, and how they are assigned.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from . import anchors as dense
from .assignment import ReferenceAssignment
from .atss import assign_atss
from .distances import alike_matrix
from .fcos import CLOSED_RANGES, OPEN_RANGES, assign_fcos
from .iou_threshold import assign_iou_threshold
from .ranking import assign_ranking

Size = tuple[int, int]
Layout = Callable[[Sequence[Size], Size], list[np.ndarray]]

P3_TO_P7 = (8, 16, 32, 64, 128)
P2_TO_P6 = (4, 8, 16, 32, 64)
RATIOS = (0.5, 1.0, 2.0)
CENTER_RADII = tuple(1.5 * stride for stride in P3_TO_P7)


@dataclass(frozen=True)
class ReferencePreset:
    """One convention: ``lay_out(map_sizes, padded_size)``, then ``assign(..., **)``."""

    framework: str
    lay_out: Layout
    assign: Callable[..., ReferenceAssignment]
    parameters: dict[str, object]
    first_stride: int = 8
    num_levels: int = 5

    def run(
        self, maps: Sequence[Size], padded: Size, gt_boxes: np.ndarray
    ) -> ReferenceAssignment:
        return self.assign(self.lay_out(maps, padded), gt_boxes, **self.parameters)

    def with_parameters(self, **changes: object) -> "ReferencePreset":
        return replace(self, parameters={**self.parameters, **changes})


def layout(
    cell_anchors: Callable[..., np.ndarray],
    strides: Sequence[int] = P3_TO_P7,
    *,
    base_scale: float,
    num_scales: int = 1,
    ratios: Sequence[float] = (1.0,),
) -> Layout:
    """Anchors of ``base_scale`` strides and the scales of an octave on every level."""
    scales = [base_scale * scale for scale in dense.octave_scales(num_scales)]

    def lay_out(maps: Sequence[Size], padded: Size) -> list[np.ndarray]:
        steps = dense.nominal_strides(strides)
        if cell_anchors is dense.cell_anchors_torchvision:
            steps = dense.torchvision_strides(padded, maps)
        levels = []
        for map_size, stride, step in zip(maps, strides, steps, strict=True):
            cell = cell_anchors(stride, scales=scales, ratios=ratios)
            levels.append(dense.lay_on_grid(cell, map_size, step))
        return levels

    return lay_out


def half_cell_points(maps: Sequence[Size], _: Size) -> list[np.ndarray]:
    strides = dense.nominal_strides(P3_TO_P7)
    return [
        dense.points_on_grid(m, s, (0.5 * s[0], 0.5 * s[1]))
        for m, s in zip(maps, strides, strict=True)
    ]


def torchvision_points(maps: Sequence[Size], padded: Size) -> list[np.ndarray]:
    strides = dense.torchvision_strides(padded, maps)
    corner = (0.0, 0.0)
    return [
        dense.points_on_grid(m, s, corner) for m, s in zip(maps, strides, strict=True)
    ]


OFFICIAL = ("official", dense.cell_anchors_official)
MMDET = ("mmdetection", dense.cell_anchors_mmdetection)
CENTERED = ("mmdetection", partial(dense.cell_anchors_mmdetection, center_offset=0.5))
GLIP = ("mmdetection", partial(dense.cell_anchors_glip, center_offset=0.5))
TORCHVISION = ("torchvision", dense.cell_anchors_torchvision)
DETECTRON2 = ("detectron2", dense.cell_anchors_detectron2)
ONE_ANCHOR = {"base_scale": 8}
NINE_ANCHORS = {"base_scale": 4, "num_scales": 3, "ratios": RATIOS}


def atss(anchors: tuple, shape: dict = ONE_ANCHOR, **parameters: object):
    framework, cell_anchors = anchors
    words = {"k": 9, "union_guard": "floor", **parameters}
    return ReferencePreset(framework, layout(cell_anchors, **shape), assign_atss, words)


def retinanet(anchors: tuple, **parameters: object) -> ReferencePreset:
    framework, cell_anchors = anchors
    lay_out = layout(cell_anchors, **NINE_ANCHORS)
    words = {"positive_from": 0.5, "negative_below": 0.4, **parameters}
    return ReferencePreset(framework, lay_out, assign_iou_threshold, words)


def rpn(anchors: tuple, **parameters: object) -> ReferencePreset:
    framework, cell_anchors = anchors
    lay_out = layout(cell_anchors, P2_TO_P6, base_scale=8, ratios=RATIOS)
    words = {"positive_from": 0.7, "negative_below": 0.3, **parameters}
    return ReferencePreset(framework, lay_out, assign_iou_threshold, words, 4)


def fields_of(sizes: Sequence[float], strides: Sequence[int], ratios=(1.0,)) -> Layout:
    """Half of the receptive fields: in cells' corners (P2), around points (P3)."""

    def lay_out(maps: Sequence[Size], _: Size) -> list[np.ndarray]:
        levels = []
        for map_size, stride, size in zip(maps, strides, sizes, strict=True):
            words = {"scales": [size / 2], "ratios": ratios}
            cell = dense.cell_anchors_mmdetection(1, **words)
            if len(ratios) == 1:
                cell = cell + np.float32(stride // 2)
            levels.append(dense.lay_on_grid(cell, map_size, (stride, stride)))
        return levels

    return lay_out


FIELDS = (35, 91, 267, 427, 555, 811)


def fcos(framework: str, **parameters: object) -> ReferencePreset:
    points = torchvision_points if framework == "torchvision" else half_cell_points
    words = {"scale_ranges": CLOSED_RANGES, **parameters}
    return ReferencePreset(framework, points, assign_fcos, words)


INCLUSIVE = {"plus_one": True, "union_guard": "none"}
LAST_GT = {"low_quality": "last_gt", "union_guard": "floor"}
WHERE_OVERLAPPING = {"union_guard": "where_overlapping"}
CENTER = {"center_radii": CENTER_RADII}
FCOS_ROUNDED = {
    "scale_ranges": OPEN_RANGES,
    "closed_ranges": False,
    "center_test": "chebyshev",
    "area_rule": "rounded",
    **CENTER,
}
YOLOV6 = {"threshold_test": ">", "inside_margin": 1e-9, "contest": "all"}
YOLOV6_SHAPE = {"strides": (8, 16, 32), "base_scale": 5}

PRESETS: dict[str, ReferencePreset] = {
    "atss-official": atss(OFFICIAL, **INCLUSIVE),
    "atss-official-9a": atss(OFFICIAL, NINE_ANCHORS, k=81, **INCLUSIVE),
    "atss-mmdet": atss(MMDET),
    "atss-mmdet-dyhead": atss(CENTERED),
    "atss-mmdet-glip": atss(GLIP, plus_one=True),
    "atss-mmdet-9a": atss(MMDET, NINE_ANCHORS),
    "gfl-paddle": atss(MMDET, ddof=0),
    # Its own data rules were not traced.
    "atss-yolov6": replace(atss(CENTERED, YOLOV6_SHAPE, **YOLOV6), num_levels=3),
    "retinanet-mmdet": retinanet(MMDET, **LAST_GT),
    "retinanet-torchvision": retinanet(TORCHVISION),
    "retinanet-detectron2": retinanet(DETECTRON2, **WHERE_OVERLAPPING),
    "retinanet-official-repo": retinanet(OFFICIAL, plus_one=True),
    "rpn-mmdet": rpn(MMDET, low_quality_from=0.3, **LAST_GT),
    "rpn-torchvision": rpn(TORCHVISION),
    "rpn-detectron2": rpn(DETECTRON2, **WHERE_OVERLAPPING),
    "rpn-official-repo": rpn(OFFICIAL, plus_one=True),
    "rfla-rpn": ReferencePreset(
        "mmdetection", fields_of(FIELDS[:5], P2_TO_P6, RATIOS), assign_ranking, {}, 4
    ),
    "rfla-fcos": ReferencePreset(
        "mmdetection",
        fields_of(FIELDS[1:], P3_TO_P7),
        assign_ranking,
        {"ignored_from": 0.0},
    ),
    "nwd-rpn": rpn(
        MMDET,
        low_quality_from=0.3,
        measure=partial(alike_matrix, measure="nwd", constant=12.7),
        low_quality="last_gt",
    ),
    "nwd-rka-rpn": replace(
        rpn(MMDET),
        assign=assign_ranking,
        parameters={"k": 2, "k_again": 0, "measure": "nwd", "ignored_from": 0.3},
    ),
    "fcos-official": fcos("official", plus_one_area=True),
    "fcos-official-imprv": fcos("official", plus_one_area=True, **CENTER),
    "ssc-official": fcos("official", plus_one_area=True, inside_margin=0.01),
    "fcos-mmdet": fcos("mmdetection"),
    "fcos-mmdet-center": fcos("mmdetection", **CENTER),
    "fcos-torchvision": fcos("torchvision", **FCOS_ROUNDED),
    "fcos-adelaidet": fcos("detectron2", **CENTER),
    "fcos-detectron2": fcos("detectron2", **FCOS_ROUNDED),
}
