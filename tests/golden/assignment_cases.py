"""Which anchors odd boxes get under each convention, worked out by hand.

Boxes are in input pixels and images are their padded size. Most cases use one level of
4 x 4 cells, stride 16, with one square anchor of 32 px a cell:

* mmdetection, torchvision, detectron2: centers 0, 16, 32, 48, corners center ± 16;
* official: centers 8, 24, 40, 56, corners center ± 15.5, sides counted as x2 - x1 + 1.

Anchor 5 is that of cell (1, 1): 0 ... 32, and 8.5 ... 39.5 for the official code.
"""

from dataclasses import dataclass, field
from typing import Any

Box = tuple[float, float, float, float]
Positives = dict[tuple[int, int], list[int]]

ONE_LEVEL = {"strides": (16,), "scale": 2.0, "scales_per_octave": 1, "ratios": (1.0,)}
P3_ONLY = {"strides": (8,), "scale": 4.0, "scales_per_octave": 1, "ratios": (1.0,)}
ONE_CELL = {"strides": (64,), "scale": 1.0, "ratios": (1.0,)}
TWINS = {"strides": (32,), "scale": 1.0, "ratios": (1.0, 1.0)}

OFFICIAL, MM = "atss-official", "atss-mmdet"
ATSS = f"{OFFICIAL} {MM}"
RETINANET_MM = "retinanet-mmdet"
RETINANET_NEW = "retinanet-torchvision retinanet-detectron2"
RETINANET_CORNER = f"{RETINANET_MM} {RETINANET_NEW}"  # anchors around corners
RETINANET_REST = f"retinanet-official {RETINANET_NEW}"
RETINANET = f"{RETINANET_MM} {RETINANET_REST}"
FCOS_HALF = "fcos-official fcos-mmdet fcos-detectron2"  # points at 4, 12, ...
FCOS_TV = "fcos-torchvision"
FCOS_OTHER = f"fcos-official fcos-mmdet {FCOS_TV}"
FCOS = f"{FCOS_HALF} {FCOS_TV}"
ANCHOR_5 = (0.0, 0.0, 32.0, 32.0)
OFFICIAL_5 = (8.5, 8.5, 39.5, 39.5)
FAR = (1000, 1000, 1010, 1010)


@dataclass(frozen=True)
class AssignmentCase:
    """One image under one preset.

    Attributes
    ----------
    positives : (box, level) -> the indices of its anchors; nothing where it has none
    changes : settings other than the preset's
    num_candidates : of every box (ATSS), where the case is about them
    num_ignored : anchors neither positive nor negative
    """

    preset: str
    name: str
    boxes: tuple[Box, ...]
    positives: Positives
    changes: dict[str, Any] = field(default_factory=dict)
    num_candidates: int | None = None
    size: tuple[int, int] = (64, 64)
    num_ignored: int = 0


def under(presets: str, name: str, boxes: list[Box], *rest: Any, **more: Any):
    """One case under each preset; `ANCHOR_5` is the official code's where it rules."""
    for preset in presets.split():
        official = {ANCHOR_5: OFFICIAL_5} if "official" in preset else {}
        own = tuple(official.get(box, box) for box in boxes)
        yield AssignmentCase(preset, name, own, *rest, **more)


K4, K5, K16, K20 = ({**ONE_LEVEL, "k": k} for k in (4, 5, 16, 20))
TWINS_2, TWINS_4 = ({**TWINS, "k": k} for k in (2, 4))
LOW = {"size": (32, 64)}
ATSS_CASES = (
    # One cell, one anchor: the sample deviation of one number is NaN.
    *under(ATSS, "one candidate only", [(16, 16, 48, 48)], {}, ONE_CELL, 1),
    # Centers 16 and 32 are equally far from the box center 24; each of the four anchors
    # shares 17 of 18 px along both axes, 289 / (1024 + 324 - 289): std 0, threshold =
    # IoU. Rows and columns 1 and 2: 5, 6, 9, 10.
    *under(MM, "all alike", [(15, 15, 33, 33)], {(0, 0): [5, 6, 9, 10]}, K4, 4),
    # Centers 8 and 24, anchors -7.5 ... 23.5 and 8.5 ... 39.5: 17.5 of 19 px (both ends
    # count) along both axes, 306.25 / (1024 + 361 - 306.25). Rows and columns 0 and 1.
    *under(OFFICIAL, "all alike", [(7, 7, 25, 25)], {(0, 0): [0, 1, 4, 5]}, K4, 4),
    # Two anchors in each of two cells: IoU 1, 1, 0, 0. Mean 0.5, std sqrt(4 * 0.25 / 3)
    # = 0.577: the threshold 1.077 is above every IoU.
    *under(MM, "bar above all", [(16, -16, 48, 16)], {}, TWINS_4, 4, **LOW),
    # k = 2 times 2 anchors a cell; anchors 0.5 ... 31.5 and 32.5 ... 63.5.
    *under(OFFICIAL, "bar above all", [(32.5, 0.5, 63.5, 31.5)], {}, TWINS_2, 4, **LOW),
    # Maps of 16, 4, 1, 1, 1 cells: 15 + 4 + 1 + 1 + 1 candidates. All anchors contain
    # the box of 16 px: IoU 1/16 fifteen times, 1/64 four times, 1/256, 1/1024, 1/4096.
    # Mean 1.005127 / 22 = 0.045688, std 0.025509: the threshold 0.071196 is above 1/16.
    # Official: the same with 17 px counted: 289 / 4096 and so on, all 1.128906 times as
    # large.
    *under(ATSS, "20 px, k = 15", [(2, 2, 18, 18)], {}, {"k": 15}, 22, size=(32, 32)),
    # k = 16 takes the whole level. Anchor 5 equals the box (1), four neighbors share
    # half (1/3), four diagonal ones a quarter (1/7); the other seven, two cells away,
    # touch it at most. Sum 1 + 1.3333 + 0.5714 = 2.9048, mean 0.18155; squares 1 +
    # 0.4444 + 0.0816 = 1.5261, less 16 * 0.18155^2 = 0.52736: 0.99871 / 15 = 0.066581,
    # std 0.25803. Threshold 0.43958: anchor 5 only.
    *under(MM, "k of the level", [ANCHOR_5], {(0, 0): [5]}, K16, 16),
    # Both ends count: neighbors share 16 of 32 columns (39.5 - 24.5 + 1) as above.
    *under(OFFICIAL, "k beyond level", [ANCHOR_5], {(0, 0): [5]}, K20, 16),
    # No center on a multiple of 8 (mm) or 4 + multiple of 8 (official) is inside.
    *under(MM, "tiny box between centers", [(2, 2, 6, 6)], {}),
    *under(OFFICIAL, "tiny box between centers", [(6, 6, 10, 10)], {}),
    # P3, P4, P5: centers on multiples of 8 all include (8, 8), where 4 px lie inside.
    # Candidates of P3 contain the box: IoU 16 / 4096 nine times; P4 16 / 16384 nine
    # times, P5 to P7 four, one and one times less. Threshold below 16 / 4096, and only
    # index 1 * 8 + 1 has its center inside.
    *under(MM, "tiny box on a center", [(6, 6, 10, 10)], {(0, 0): [9]}),
    # Centers 16 and 32 (mm), 8 and 24 (official) lie outside the strip.
    *under(MM, "centers outside the box", [(0, 18, 64, 30)], {}, ONE_LEVEL),
    *under(OFFICIAL, "centers outside the box", [(0, 10, 64, 22)], {}, ONE_LEVEL),
    *under(ATSS, "a box that overlaps no anchor", [FAR], {}, ONE_LEVEL),
    # k = 5: IoU 1 and four times 1/3, threshold 0.7648: anchor 5, for the first box.
    *under(ATSS, "2 identical boxes", [ANCHOR_5] * 2, {(0, 0): [5]}, K5, 5),
    *under(ATSS, "3 identical boxes", [ANCHOR_5] * 3, {(0, 0): [5]}, K5, 5),
)

ALL_16 = list(range(16))
TOP_LEFT = {(0, 0): [0, 1, 8, 9]}
ON_P3 = {(0, 0): [0, 1, 2, 8, 9, 10, 16, 17, 18]}
LOW_BAR = {**ONE_LEVEL, "negative_below": 0.3}
LOW_BARS = {**LOW_BAR, "positive_from": 0.3}
LAST_HAS_BEST = {(0, 0): [1, 4, 6, 9], (1, 0): [5]}
# Inside anchor 5, 24 of 32 px (mm 4 ... 28).
INSIDE_5 = (4, 4, 28, 28)
RETINANET_CASES = (
    # mm hands the low-quality match to the last box; elsewhere the first keeps it.
    *under(RETINANET_MM, "2 identical", [ANCHOR_5] * 2, {(1, 0): [5]}, ONE_LEVEL),
    *under(RETINANET_MM, "3 identical", [ANCHOR_5] * 3, {(2, 0): [5]}, ONE_LEVEL),
    *under(RETINANET_REST, "2 identical", [ANCHOR_5] * 2, {(0, 0): [5]}, ONE_LEVEL),
    *under(RETINANET_REST, "3 identical", [ANCHOR_5] * 3, {(0, 0): [5]}, ONE_LEVEL),
    # From 0.3 on the four neighbors at 1/3 pass the bar and go to the first box.
    *under(RETINANET_MM, "2 identical, low", [ANCHOR_5] * 2, LAST_HAS_BEST, LOW_BARS),
    # Between 0.3 and 0.5 the neighbors are ignored.
    *under(RETINANET, "ignore band", [ANCHOR_5], {(0, 0): [5]}, LOW_BAR, num_ignored=4),
    # 32 px anchors on P3, centers 0, 8, 16: those from -10 to 18 contain 2 ... 6, three
    # along each axis, all at IoU 16 / 1024. Rows and columns 0 to 2 of 8.
    *under(RETINANET_CORNER, "tiny box", [(2, 2, 6, 6)], ON_P3, P3_ONLY),
    # Centers 4, 12, corners ± 15.5: those from -9.5 to 17.5 contain it, at 25 / 1024.
    *under("retinanet-official", "tiny box", [(2, 2, 6, 6)], TOP_LEFT, P3_ONLY),
    # IoU 0 with all 16 anchors is its best IoU.
    *under(RETINANET, "out of reach", [FAR], {(0, 0): ALL_16}, ONE_LEVEL),
    # mm: the last claimer takes all, anchor 5 too. Elsewhere each goes to its own best;
    # with IoU 0 for both boxes that is the first.
    *under(RETINANET_MM, "one far", [ANCHOR_5, FAR], {(1, 0): ALL_16}, ONE_LEVEL),
    *under(RETINANET_REST, "one far", [ANCHOR_5, FAR], {(0, 0): ALL_16}, ONE_LEVEL),
    # Its best IoU is 0 < 0.3: below mm's floor for the RPN.
    *under("rpn-mmdet", "out of reach", [FAR], {}, ONE_LEVEL),
    # The second box's best anchor is 5, too, 576 / 1024 = 0.5625, whose own best box is
    # the first (1).
    *under(RETINANET_MM, "best of 2", [ANCHOR_5, INSIDE_5], {(1, 0): [5]}, ONE_LEVEL),
    *under(RETINANET_NEW, "best of 2", [ANCHOR_5, INSIDE_5], {(0, 0): [5]}, ONE_LEVEL),
)

# A box of 120 x 40 px holds two columns of P3 points, 56 and 64 px from its sides: both
# have a largest side distance of exactly 64.
LONG = (4, 4, 124, 44)
ON_BOTH = {(0, 0): [23, 24, 39, 40, 55, 56, 71, 72], (0, 1): list(range(24))}
AT_64 = "largest side distance exactly 64"
# 13 x 77 = 1001 and 25 x 40 = 1000: 1e8 minus either is 99999000 in float32, so the
# first box wins what both could own.
AREAS = "areas less than 8 px² apart"
NEAR_AREAS = [(4, 4, 17, 81), (4, 24, 29, 64)]
ALL_NINE = {(1, 0): [65, 66, 67, 81, 82, 83, 97, 98, 99]}
ROUNDED = {(0, 0): [65, 81, 97], (1, 0): [66, 67, 82, 83, 98, 99]}
BOX_16, FOUR = (8, 8, 24, 24), {(0, 0): [17, 18, 33, 34]}
P4_TOO = {"size": (128, 128)}
FCOS_CASES = (
    # Points 4, 12, ...; P3 owns x from 60 to 68 (closed): columns 7 and 8, rows 1 to 4
    # (12 ... 36), of 16. P4 has points 8, 24, ...: all of 8 ... 120 are at least 64
    # from one side (56: 68, 72: 68); rows 0 to 2 (8, 24, 40), of 8 columns.
    *under("fcos-official fcos-mmdet", AT_64, [LONG], ON_BOTH, **P4_TOO),
    # Open: neither. Center (64, 24), radius 24 on P4: x 56 and 72 (40 and 88 are
    # exactly 24 away), y 8, 24, 40; columns 3 and 4.
    *under(
        "fcos-detectron2", AT_64, [LONG], {(0, 1): [3, 4, 11, 12, 19, 20]}, **P4_TOO
    ),
    # Points 0, 8, ... and 0, 16, ...: the same box 4 px up and left. P3: 56 and 64 are
    # exactly 64 from a side. P4: center (60, 20): x 48, 64, 80, of which 64 is exactly
    # 64 from the left; y 16, 32. Rows 1 and 2, columns 3 and 5 of 8.
    *under(FCOS_TV, AT_64, [(0, 0, 120, 40)], {(0, 1): [11, 13, 19, 21]}, **P4_TOO),
    # Points within 12 px of the centers (6.5, 38.5) and (12.5, 40): x 8, y 32, 40, 48,
    # and x 8, 16, 24, the same y. Columns 1 to 3, rows 4 to 6 of 16.
    *under(FCOS_TV, AREAS, [(0, 0, 13, 77), (0, 20, 25, 60)], ROUNDED, **P4_TOO),
    # The same 4 px down and right, for points 4, 12, ...
    *under("fcos-detectron2", AREAS, NEAR_AREAS, ROUNDED, **P4_TOO),
    # Plain areas tell them apart: the second takes all it can own, and the three points
    # that the first could own are among them.
    *under("fcos-mmdet-center", AREAS, NEAR_AREAS, ALL_NINE, **P4_TOO),
    # 16 x 16 from 8 to 24. Points 12 and 20: four, rows and columns 1 and 2; points 8,
    # 16, 24, of which only 16 is inside (torchvision): column and row 2.
    *under(FCOS_HALF, "2 identical", [BOX_16] * 2, FOUR, **P4_TOO),
    *under(FCOS_HALF, "3 identical", [BOX_16] * 3, FOUR, **P4_TOO),
    *under(FCOS_TV, "2 identical", [BOX_16] * 2, {(0, 0): [34]}, **P4_TOO),
    *under(FCOS_TV, "3 identical", [BOX_16] * 3, {(0, 0): [34]}, **P4_TOO),
    # Strictly inside 5 ... 11 lies no point 4 or 12; inside 1 ... 7 none of 0 or 8.
    *under(FCOS_HALF, "tiny box between points", [(5, 5, 11, 11)], {}),
    *under(FCOS_TV, "tiny box between points", [(1, 1, 7, 7)], {}),
    # A box beyond the image owns nothing.
    *under(FCOS, "a box outside the image", [(1000, 1000, 1040, 1040)], {}),
    # Only its part over the map counts; x and y from -16 to 16: points 4 and 12 are at
    # most 28 from a side. torchvision: 0 and 8.
    *under(FCOS_OTHER, "partly outside", [(-16, -16, 16, 16)], TOP_LEFT),
    # d2 samples within 12 px of (0, 0): 4 only, since 12 is not nearer than 12.
    *under("fcos-detectron2", "partly outside", [(-16, -16, 16, 16)], {(0, 0): [0]}),
)

EMPTY_CASES = under(f"{ATSS} {RETINANET} {FCOS}", "no boxes", [], {})
CASES = (*ATSS_CASES, *RETINANET_CASES, *FCOS_CASES, *EMPTY_CASES)
