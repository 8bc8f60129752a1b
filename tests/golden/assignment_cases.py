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
TWO_EQUAL_ANCHORS = {"strides": (32,), "scale": 1.0, "ratios": (1.0, 1.0)}

ATSS = ("atss-official", "atss-mmdet")
RETINANET = ("official", "mmdet", "torchvision", "detectron2")
FCOS = ("official", "mmdet", "torchvision", "detectron2")
LIKE_ANCHOR_5 = {"official": (8.5, 8.5, 39.5, 39.5), "other": (0.0, 0.0, 32.0, 32.0)}


@dataclass(frozen=True)
class AssignmentCase:
    """One image under one preset.

    Attributes
    ----------
    changes : settings other than the preset's
    positives : (box, level) -> the indices of its anchors; nothing where it has none
    num_ignored : anchors neither positive nor negative
    num_candidates : of every box (ATSS), where the case is about them
    """

    name: str
    preset: str
    boxes: tuple[Box, ...]
    positives: Positives
    changes: dict[str, Any] = field(default_factory=dict)
    size: tuple[int, int] = (64, 64)
    num_ignored: int = 0
    num_candidates: int | None = None


def like_anchor_5(preset: str) -> Box:
    return LIKE_ANCHOR_5["official" if "official" in preset else "other"]


ATSS_CASES = (
    # One cell, one anchor: the sample deviation of one number is NaN.
    *(
        AssignmentCase(
            "one candidate only",
            preset,
            ((16.0, 16.0, 48.0, 48.0),),
            {},
            ONE_CELL,
            num_candidates=1,
        )
        for preset in ATSS
    ),
    # Centers 16 and 32 are equally far from the box center 24; each of the four anchors
    # shares 17 of 18 px along both axes, 289 / (1024 + 324 - 289): std 0, threshold =
    # IoU. Rows and columns 1 and 2: 5, 6, 9, 10.
    AssignmentCase(
        "all candidates equal",
        "atss-mmdet",
        ((15.0, 15.0, 33.0, 33.0),),
        {(0, 0): [5, 6, 9, 10]},
        {**ONE_LEVEL, "k": 4},
        num_candidates=4,
    ),
    # Centers 8 and 24, anchors -7.5 ... 23.5 and 8.5 ... 39.5: 17.5 of 19 px (both ends
    # count) along both axes, 306.25 / (1024 + 361 - 306.25). Rows and columns 0 and 1.
    AssignmentCase(
        "all candidates equal",
        "atss-official",
        ((7.0, 7.0, 25.0, 25.0),),
        {(0, 0): [0, 1, 4, 5]},
        {**ONE_LEVEL, "k": 4},
        num_candidates=4,
    ),
    # Two anchors in each of two cells: IoU 1, 1, 0, 0. Mean 0.5, std sqrt(4 * 0.25 / 3)
    # = 0.577: the threshold 1.077 is above every IoU.
    AssignmentCase(
        "mean + std above every IoU",
        "atss-mmdet",
        ((16.0, -16.0, 48.0, 16.0),),
        {},
        {**TWO_EQUAL_ANCHORS, "k": 4},
        size=(32, 64),
        num_candidates=4,
    ),
    # k = 2 times 2 anchors a cell; anchors 0.5 ... 31.5 and 32.5 ... 63.5.
    AssignmentCase(
        "mean + std above every IoU",
        "atss-official",
        ((32.5, 0.5, 63.5, 31.5),),
        {},
        {**TWO_EQUAL_ANCHORS, "k": 2},
        size=(32, 64),
        num_candidates=4,
    ),
    # Maps of 16, 4, 1, 1, 1 cells: 15 + 4 + 1 + 1 + 1 candidates. All anchors contain
    # the box of 16 px: IoU 1/16 fifteen times, 1/64 four times, 1/256, 1/1024, 1/4096.
    # Mean 1.005127 / 22 = 0.045688, std 0.025509: the threshold 0.071196 is above 1/16.
    AssignmentCase(
        "20 px image padded to 32, k = 15",
        "atss-mmdet",
        ((2.0, 2.0, 18.0, 18.0),),
        {},
        {"k": 15},
        size=(32, 32),
        num_candidates=22,
    ),
    # The same with 17 px counted: 289 / 4096 and so on, all 1.128906 times as large.
    AssignmentCase(
        "20 px image padded to 32, k = 15",
        "atss-official",
        ((2.0, 2.0, 18.0, 18.0),),
        {},
        {"k": 15},
        size=(32, 32),
        num_candidates=22,
    ),
    # k = 16 takes the whole level. Anchor 5 equals the box (1), four neighbors share
    # half (1/3), four diagonal ones a quarter (1/7); the other seven, two cells away,
    # touch it at most. Sum 1 + 1.3333 + 0.5714 = 2.9048, mean 0.18155; squares 1 +
    # 0.4444 + 0.0816 = 1.5261, less 16 * 0.18155^2 = 0.52736: 0.99871 / 15 = 0.066581,
    # std 0.25803. Threshold 0.43958: anchor 5 only.
    AssignmentCase(
        "k is the whole level",
        "atss-mmdet",
        (LIKE_ANCHOR_5["other"],),
        {(0, 0): [5]},
        {**ONE_LEVEL, "k": 16},
        num_candidates=16,
    ),
    # Both ends count: neighbors share 16 of 32 columns (39.5 - 24.5 + 1) as above.
    AssignmentCase(
        "k beyond the whole level",
        "atss-official",
        (LIKE_ANCHOR_5["official"],),
        {(0, 0): [5]},
        {**ONE_LEVEL, "k": 20},
        num_candidates=16,
    ),
    # No center on a multiple of 8 (mm) or 4 + multiple of 8 (official) is inside.
    AssignmentCase("tiny box between centers", "atss-mmdet", ((2, 2, 6, 6),), {}),
    AssignmentCase("tiny box between centers", "atss-official", ((6, 6, 10, 10),), {}),
    # P3, P4, P5: centers on multiples of 8 all include (8, 8), where 4 px lie inside.
    # Candidates of P3 contain the box: IoU 16 / 4096 nine times; P4 16 / 16384 nine
    # times, P5 to P7 four, one and one times less. Threshold below 16 / 4096, and only
    # index 1 * 8 + 1 has its center inside.
    AssignmentCase(
        "tiny box on a center", "atss-mmdet", ((6, 6, 10, 10),), {(0, 0): [9]}
    ),
    # Centers 16 and 32 (mm), 8 and 24 (official) lie outside the strip.
    AssignmentCase(
        "centers outside the box",
        "atss-mmdet",
        ((0.0, 18.0, 64.0, 30.0),),
        {},
        ONE_LEVEL,
    ),
    AssignmentCase(
        "centers outside the box",
        "atss-official",
        ((0.0, 10.0, 64.0, 22.0),),
        {},
        ONE_LEVEL,
    ),
    *(
        AssignmentCase(
            "a box that overlaps no anchor",
            preset,
            ((1000.0, 1000.0, 1010.0, 1010.0),),
            {},
            ONE_LEVEL,
        )
        for preset in ATSS
    ),
    # k = 5: IoU 1 and four times 1/3, threshold 0.7648: anchor 5, for the first box.
    *(
        AssignmentCase(
            f"{number} identical boxes",
            preset,
            (like_anchor_5(preset),) * number,
            {(0, 0): [5]},
            {**ONE_LEVEL, "k": 5},
            num_candidates=5,
        )
        for preset in ATSS
        for number in (2, 3)
    ),
)


RETINANET_CASES = (
    # mm hands the low-quality match to the last box; elsewhere the first keeps it.
    *(
        AssignmentCase(
            f"{number} identical boxes",
            f"retinanet-{name}",
            (like_anchor_5(name),) * number,
            {(number - 1 if name == "mmdet" else 0, 0): [5]},
            ONE_LEVEL,
        )
        for name in RETINANET
        for number in (2, 3)
    ),
    # From 0.3 on the four neighbors at 1/3 pass the bar and go to the first box.
    AssignmentCase(
        "two identical boxes and a lower bar",
        "retinanet-mmdet",
        (LIKE_ANCHOR_5["other"],) * 2,
        {(0, 0): [1, 4, 6, 9], (1, 0): [5]},
        {**ONE_LEVEL, "positive_from": 0.3, "negative_below": 0.3},
    ),
    # Between 0.3 and 0.5 the neighbors are ignored.
    *(
        AssignmentCase(
            "the ignore band",
            f"retinanet-{name}",
            (like_anchor_5(name),),
            {(0, 0): [5]},
            {**ONE_LEVEL, "negative_below": 0.3},
            num_ignored=4,
        )
        for name in RETINANET
    ),
    # 32 px anchors on P3, centers 0, 8, 16: those from -10 to 18 contain 2 ... 6, three
    # along each axis, all at IoU 16 / 1024. Rows and columns 0 to 2 of 8.
    *(
        AssignmentCase(
            "tiny box",
            f"retinanet-{name}",
            ((2.0, 2.0, 6.0, 6.0),),
            {(0, 0): [0, 1, 2, 8, 9, 10, 16, 17, 18]},
            P3_ONLY,
        )
        for name in RETINANET[1:]
    ),
    # Centers 4, 12, corners ± 15.5: those from -9.5 to 17.5 contain it, at 25 / 1024.
    AssignmentCase(
        "tiny box",
        "retinanet-official",
        ((2.0, 2.0, 6.0, 6.0),),
        {(0, 0): [0, 1, 8, 9]},
        P3_ONLY,
    ),
    # IoU 0 with all 16 anchors is its best IoU.
    *(
        AssignmentCase(
            "a box that overlaps no anchor",
            f"retinanet-{name}",
            ((1000.0, 1000.0, 1010.0, 1010.0),),
            {(0, 0): list(range(16))},
            ONE_LEVEL,
        )
        for name in RETINANET
    ),
    # mm: the last claimer takes all, anchor 5 too. Elsewhere each goes to its own best;
    # with IoU 0 for both boxes that is the first.
    *(
        AssignmentCase(
            "a box that overlaps no anchor, and another",
            f"retinanet-{name}",
            (like_anchor_5(name), (1000.0, 1000.0, 1010.0, 1010.0)),
            {(1 if name == "mmdet" else 0, 0): list(range(16))},
            ONE_LEVEL,
        )
        for name in RETINANET
    ),
    # Its best IoU is 0 < 0.3: below mm's floor for the RPN.
    AssignmentCase(
        "a box that overlaps no anchor",
        "rpn-mmdet",
        ((1000.0, 1000.0, 1010.0, 1010.0),),
        {},
        ONE_LEVEL,
    ),
    # The second box lies inside the first, 24 of 32 px (mm 4 ... 28): its best anchor
    # is 5, too, 576 / 1024 = 0.5625, whose own best box is the first (1).
    *(
        AssignmentCase(
            "a box whose best anchor prefers another",
            f"retinanet-{name}",
            (LIKE_ANCHOR_5["other"], (4.0, 4.0, 28.0, 28.0)),
            {(1 if name == "mmdet" else 0, 0): [5]},
            ONE_LEVEL,
        )
        for name in RETINANET[1:]
    ),
)


# A box of 120 x 40 px holds two columns of P3 points, 56 and 64 px from its sides: both
# have a largest side distance of exactly 64.
FCOS_CASES = (
    # Points 4, 12, ...; P3 owns x from 60 to 68 (closed): columns 7 and 8, rows 1 to 4
    # (12 ... 36), of 16. P4 has points 8, 24, ...: all of 8 ... 120 are at least 64
    # from one side (56: 68, 72: 68); rows 0 to 2 (8, 24, 40), of 8 columns.
    *(
        AssignmentCase(
            "largest side distance exactly 64",
            f"fcos-{name}",
            ((4.0, 4.0, 124.0, 44.0),),
            {
                (0, 0): [16 * row + col for row in (1, 2, 3, 4) for col in (7, 8)],
                (0, 1): list(range(24)),
            },
            size=(128, 128),
        )
        for name in ("official", "mmdet")
    ),
    # Open: neither. Center (64, 24), radius 24 on P4: x 56 and 72 (40 and 88 are
    # exactly 24 away), y 8, 24, 40; columns 3 and 4.
    AssignmentCase(
        "largest side distance exactly 64",
        "fcos-detectron2",
        ((4.0, 4.0, 124.0, 44.0),),
        {(0, 1): [3, 4, 11, 12, 19, 20]},
        size=(128, 128),
    ),
    # Points 0, 8, ... and 0, 16, ...: the same box 4 px up and left. P3: 56 and 64 are
    # exactly 64 from a side. P4: center (60, 20): x 48, 64, 80, of which 64 is exactly
    # 64 from the left; y 16, 32. Rows 1 and 2, columns 3 and 5 of 8.
    AssignmentCase(
        "largest side distance exactly 64",
        "fcos-torchvision",
        ((0.0, 0.0, 120.0, 40.0),),
        {(0, 1): [11, 13, 19, 21]},
        size=(128, 128),
    ),
    # 13 x 77 = 1001 and 25 x 40 = 1000: 1e8 minus either is 99999000 in float32, so the
    # first box wins what both could own. Points within 12 px of the centers (6.5, 38.5)
    # and (12.5, 40): x 8, y 32, 40, 48, and x 8, 16, 24, the same y. Columns 1 to 3,
    # rows 4 to 6 of 16.
    AssignmentCase(
        "areas less than 8 px² apart",
        "fcos-torchvision",
        ((0.0, 0.0, 13.0, 77.0), (0.0, 20.0, 25.0, 60.0)),
        {(0, 0): [65, 81, 97], (1, 0): [66, 67, 82, 83, 98, 99]},
        size=(128, 128),
    ),
    # The same 4 px down and right, for points 4, 12, ...
    AssignmentCase(
        "areas less than 8 px² apart",
        "fcos-detectron2",
        ((4.0, 4.0, 17.0, 81.0), (4.0, 24.0, 29.0, 64.0)),
        {(0, 0): [65, 81, 97], (1, 0): [66, 67, 82, 83, 98, 99]},
        size=(128, 128),
    ),
    # Plain areas tell them apart: the second takes all it can own, and the three points
    # that the first could own are among them.
    AssignmentCase(
        "areas less than 8 px² apart",
        "fcos-mmdet-center",
        ((4.0, 4.0, 17.0, 81.0), (4.0, 24.0, 29.0, 64.0)),
        {(1, 0): [65, 66, 67, 81, 82, 83, 97, 98, 99]},
        size=(128, 128),
    ),
    # 16 x 16 from 8 to 24. Points 12 and 20: four, rows and columns 1 and 2; points 8,
    # 16, 24, of which only 16 is inside (torchvision): column and row 2.
    *(
        AssignmentCase(
            f"{number} identical boxes",
            f"fcos-{name}",
            ((8.0, 8.0, 24.0, 24.0),) * number,
            {(0, 0): [34] if name == "torchvision" else [17, 18, 33, 34]},
            size=(128, 128),
        )
        for name in FCOS
        for number in (2, 3)
    ),
    # Strictly inside 5 ... 11 lies no point 4 or 12; inside 1 ... 7 none of 0 or 8.
    *(
        AssignmentCase(
            "tiny box between points",
            f"fcos-{name}",
            (((1, 1, 7, 7) if name == "torchvision" else (5, 5, 11, 11)),),
            {},
        )
        for name in FCOS
    ),
    # A box beyond the image owns nothing.
    *(
        AssignmentCase(
            "a box outside the image",
            f"fcos-{name}",
            ((1000.0, 1000.0, 1040.0, 1040.0),),
            {},
        )
        for name in FCOS
    ),
    # Partly outside: only its part over the map counts; x and y from -16 to 16: points
    # 4 and 12 are at most 28 from a side. torchvision: 0 and 8.
    *(
        AssignmentCase(
            "partly outside",
            f"fcos-{name}",
            ((-16.0, -16.0, 16.0, 16.0),),
            {(0, 0): [0, 1, 8, 9]},
        )
        for name in ("official", "mmdet", "torchvision")
    ),
    # d2 samples within 12 px of (0, 0): 4 only, since 12 is not nearer than 12.
    AssignmentCase(
        "partly outside",
        "fcos-detectron2",
        ((-16.0, -16.0, 16.0, 16.0),),
        {(0, 0): [0]},
    ),
)


EMPTY_CASES = tuple(
    AssignmentCase("no boxes", preset, (), {})
    for preset in (
        *ATSS,
        *(f"retinanet-{name}" for name in RETINANET),
        *(f"fcos-{name}" for name in FCOS),
    )
)

CASES = (*ATSS_CASES, *RETINANET_CASES, *FCOS_CASES, *EMPTY_CASES)
