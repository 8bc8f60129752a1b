"""The named conventions, as calls of the reference functions.

Each preset knows its framework (``frames.see_image``), the stride of its finest
level, how its anchors or points are laid out, and how they are assigned.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .anchors import (
    cell_anchors_detectron2,
    cell_anchors_mmdetection,
    cell_anchors_official,
    cell_anchors_torchvision,
    lay_on_grid,
    nominal_strides,
    octave_scales,
    points_on_grid,
    torchvision_strides,
)
from .assignment import ReferenceAssignment
from .atss import assign_atss
from .fcos import CLOSED_RANGES, OPEN_RANGES, assign_fcos
from .iou_threshold import assign_iou_threshold

Size = tuple[int, int]
Layout = Callable[[Sequence[Size], Size], list[np.ndarray]]

P3_TO_P7 = (8, 16, 32, 64, 128)
P2_TO_P6 = (4, 8, 16, 32, 64)
RATIOS = (0.5, 1.0, 2.0)
TORCHVISION_RETINANET_SIZES = (
    (32, 40, 50),
    (64, 80, 101),
    (128, 161, 203),
    (256, 322, 406),
    (512, 645, 812),
)
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
        """Assign one image's dense anchors or points."""
        return self.assign(self.lay_out(maps, padded), gt_boxes, **self.parameters)

    def with_parameters(self, **changes: object) -> "ReferencePreset":
        """The same convention with other assigner parameters."""
        return replace(self, parameters={**self.parameters, **changes})


def mmdetection_layout(
    strides: Sequence[int],
    *,
    base_scale: float,
    num_scales: int = 1,
    ratios: Sequence[float] = (1.0,),
    center_offset: float = 0.0,
) -> Layout:
    def lay_out(maps: Sequence[Size], _: Size) -> list[np.ndarray]:
        scales = [base_scale * scale for scale in octave_scales(num_scales)]
        levels = []
        for map_size, stride in zip(maps, strides, strict=True):
            cell = cell_anchors_mmdetection(
                stride, scales=scales, ratios=ratios, center_offset=center_offset
            )
            levels.append(lay_on_grid(cell, map_size, (stride, stride)))
        return levels

    return lay_out


def official_layout(
    strides: Sequence[int],
    *,
    base_scale: float,
    num_scales: int = 1,
    ratios: Sequence[float] = (1.0,),
) -> Layout:
    def lay_out(maps: Sequence[Size], _: Size) -> list[np.ndarray]:
        levels = []
        for map_size, stride in zip(maps, strides, strict=True):
            sizes = [
                scale * (base_scale * stride) for scale in octave_scales(num_scales)
            ]
            cell = cell_anchors_official(stride, sizes=sizes, ratios=ratios)
            levels.append(lay_on_grid(cell, map_size, (stride, stride)))
        return levels

    return lay_out


def torchvision_layout(
    sizes: Sequence[Sequence[float]], ratios: Sequence[float]
) -> Layout:
    def lay_out(maps: Sequence[Size], padded: Size) -> list[np.ndarray]:
        levels = []
        strides = torchvision_strides(padded, maps)
        for map_size, stride, of_level in zip(maps, strides, sizes, strict=True):
            cell = cell_anchors_torchvision(sizes=of_level, ratios=ratios)
            levels.append(lay_on_grid(cell, map_size, stride))
        return levels

    return lay_out


def detectron2_layout(
    strides: Sequence[int], *, base_scale: float, num_scales: int = 1
) -> Layout:
    def lay_out(maps: Sequence[Size], _: Size) -> list[np.ndarray]:
        levels = []
        for map_size, stride in zip(maps, strides, strict=True):
            sizes = [base_scale * stride * scale for scale in octave_scales(num_scales)]
            cell = cell_anchors_detectron2(sizes=sizes, ratios=RATIOS)
            levels.append(lay_on_grid(cell, map_size, (stride, stride)))
        return levels

    return lay_out


def half_cell_points(maps: Sequence[Size], _: Size) -> list[np.ndarray]:
    strides = nominal_strides(P3_TO_P7)
    return [points_on_grid(m, s, 0.5) for m, s in zip(maps, strides, strict=True)]


def torchvision_points(maps: Sequence[Size], padded: Size) -> list[np.ndarray]:
    strides = torchvision_strides(padded, maps)
    return [points_on_grid(m, s, 0.0) for m, s in zip(maps, strides, strict=True)]


OFFICIAL_ATSS = ReferencePreset(
    "official",
    official_layout(P3_TO_P7, base_scale=8),
    assign_atss,
    {"k": 9, "plus_one": True, "union_guard": "none"},
)
MMDET_ATSS = ReferencePreset(
    "mmdetection",
    mmdetection_layout(P3_TO_P7, base_scale=8),
    assign_atss,
    {"k": 9, "union_guard": "floor"},
)
RETINANET_OWN_BEST = {"positive_from": 0.5, "negative_below": 0.4}
RPN_OWN_BEST = {"positive_from": 0.7, "negative_below": 0.3}
FCOS_ROUNDED = {
    "scale_ranges": OPEN_RANGES,
    "closed_ranges": False,
    "center_radii": CENTER_RADII,
    "center_test": "chebyshev",
    "area_rule": "rounded",
}
FCOS_PLUS_ONE = {"scale_ranges": CLOSED_RANGES, "plus_one_area": True}

PRESETS: dict[str, ReferencePreset] = {
    "atss-official": OFFICIAL_ATSS,
    "atss-official-9a": replace(
        OFFICIAL_ATSS,
        lay_out=official_layout(P3_TO_P7, base_scale=4, num_scales=3, ratios=RATIOS),
    ).with_parameters(k=81),
    "atss-mmdet": MMDET_ATSS,
    "atss-mmdet-dyhead": replace(
        MMDET_ATSS,
        lay_out=mmdetection_layout(P3_TO_P7, base_scale=8, center_offset=0.5),
    ),
    "atss-mmdet-glip": replace(
        MMDET_ATSS,
        lay_out=mmdetection_layout(P3_TO_P7, base_scale=8, center_offset=0.5),
    ).with_parameters(plus_one=True),
    "atss-mmdet-9a": replace(
        MMDET_ATSS,
        lay_out=mmdetection_layout(P3_TO_P7, base_scale=4, num_scales=3, ratios=RATIOS),
    ),
    "gfl-paddle": MMDET_ATSS.with_parameters(ddof=0),
    "atss-yolov6": ReferencePreset(
        "mmdetection",  # its own data rules were not traced
        mmdetection_layout((8, 16, 32), base_scale=5, center_offset=0.5),
        assign_atss,
        {
            "threshold_test": ">",
            "inside_margin": 1e-9,
            "contest": "all",
            "union_guard": "floor",
        },
        num_levels=3,
    ),
    "retinanet-mmdet": ReferencePreset(
        "mmdetection",
        mmdetection_layout(P3_TO_P7, base_scale=4, num_scales=3, ratios=RATIOS),
        assign_iou_threshold,
        {**RETINANET_OWN_BEST, "low_quality": "last_gt", "union_guard": "floor"},
    ),
    "retinanet-torchvision": ReferencePreset(
        "torchvision",
        torchvision_layout(TORCHVISION_RETINANET_SIZES, RATIOS),
        assign_iou_threshold,
        RETINANET_OWN_BEST,
    ),
    "retinanet-detectron2": ReferencePreset(
        "detectron2",
        detectron2_layout(P3_TO_P7, base_scale=4, num_scales=3),
        assign_iou_threshold,
        {**RETINANET_OWN_BEST, "union_guard": "where_overlapping"},
    ),
    "retinanet-official-repo": ReferencePreset(
        "official",
        official_layout(P3_TO_P7, base_scale=4, num_scales=3, ratios=RATIOS),
        assign_iou_threshold,
        {**RETINANET_OWN_BEST, "plus_one": True},
    ),
    "rpn-mmdet": ReferencePreset(
        "mmdetection",
        mmdetection_layout(P2_TO_P6, base_scale=8, ratios=RATIOS),
        assign_iou_threshold,
        {
            **RPN_OWN_BEST,
            "low_quality": "last_gt",
            "low_quality_from": 0.3,
            "union_guard": "floor",
        },
        first_stride=4,
    ),
    "rpn-torchvision": ReferencePreset(
        "torchvision",
        torchvision_layout([(8 * stride,) for stride in P2_TO_P6], RATIOS),
        assign_iou_threshold,
        RPN_OWN_BEST,
        first_stride=4,
    ),
    "rpn-detectron2": ReferencePreset(
        "detectron2",
        detectron2_layout(P2_TO_P6, base_scale=8),
        assign_iou_threshold,
        {**RPN_OWN_BEST, "union_guard": "where_overlapping"},
        first_stride=4,
    ),
    "rpn-official-repo": ReferencePreset(
        "official",
        official_layout(P2_TO_P6, base_scale=8, ratios=RATIOS),
        assign_iou_threshold,
        {**RPN_OWN_BEST, "plus_one": True},
        first_stride=4,
    ),
    "fcos-official": ReferencePreset(
        "official", half_cell_points, assign_fcos, FCOS_PLUS_ONE
    ),
    "fcos-official-imprv": ReferencePreset(
        "official",
        half_cell_points,
        assign_fcos,
        {**FCOS_PLUS_ONE, "center_radii": CENTER_RADII},
    ),
    "ssc-official": ReferencePreset(
        "official",
        half_cell_points,
        assign_fcos,
        {**FCOS_PLUS_ONE, "inside_margin": 0.01},
    ),
    "fcos-mmdet": ReferencePreset(
        "mmdetection", half_cell_points, assign_fcos, {"scale_ranges": CLOSED_RANGES}
    ),
    "fcos-mmdet-center": ReferencePreset(
        "mmdetection",
        half_cell_points,
        assign_fcos,
        {"scale_ranges": CLOSED_RANGES, "center_radii": CENTER_RADII},
    ),
    "fcos-torchvision": ReferencePreset(
        "torchvision", torchvision_points, assign_fcos, FCOS_ROUNDED
    ),
    "fcos-detectron2": ReferencePreset(
        "detectron2", half_cell_points, assign_fcos, FCOS_ROUNDED
    ),
}
