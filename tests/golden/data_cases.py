"""What four frameworks make of odd annotations, worked out by hand.

All but the small images are 400 px wide and high and so scaled by exactly 2. A box x,
y, w, h becomes

* mmdetection, detectron2: 2 * (x, y, x + w, y + h), then clipped to 0 ... 800;
* torchvision: (x, y, x + w, y + h) clipped to 0 ... 400, then times 2: the same here;
* official: x2 = x + max(w - 1, 0), clipped to 0 ... 399, then times 2.

An annotation's answer is its box in input pixels, or the reason it is left out.
"""

from dataclasses import dataclass, field
from typing import Any

Answer = tuple[float, float, float, float] | str

ALL = MM, D2, TV, OFF = "mmdetection", "detectron2", "torchvision", "official"


@dataclass(frozen=True)
class DataCase:
    """One image with its annotations, and what becomes of each.

    Attributes
    ----------
    annotations : (bbox, other keys) each
    answers : framework -> one answer per annotation
    image_reasons : framework -> why the image is left out, where it is
    width, height : of the image
    """

    name: str
    annotations: tuple[tuple[tuple[float, ...], dict[str, Any]], ...]
    answers: dict[str, tuple[Answer, ...]]
    image_reasons: dict[str, str] = field(default_factory=dict)
    width: int = 400
    height: int = 400


SMALL = "too_small"
NO_AREA = "area_0_in_the_file"


def alone(
    name: str,
    bbox: tuple[float, ...],
    others: Answer,
    official: Answer | None = None,
    *,
    keys: dict[str, Any] | None = None,
    reasons: dict[str, str] | None = None,
    side: int = 400,
    **answers: Answer,
) -> DataCase:
    """One odd annotation; ``others`` answers for the frameworks that are not named."""
    answers |= {OFF: official} if official else {}
    found = {framework: (answers.get(framework, others),) for framework in ALL}
    return DataCase(name, ((bbox, keys or {}),), found, reasons or {}, side, side)


def one(*told: Any, **more: Any) -> DataCase:
    """An odd annotation as above beside a plain one, which keeps the image alive."""
    odd = alone(*told, **more)
    plain = dict.fromkeys(ALL, ((600, 600, 700, 700),)) | {OFF: ((600, 600, 698, 698),)}
    answers = {each: odd.answers[each] + plain[each] for each in ALL}
    return DataCase(odd.name, (*odd.annotations, ((300, 300, 50, 50), {})), answers)


BOX = (10, 20, 30, 40)
SEEN, OFFICIAL = (20, 40, 80, 120), (20, 40, 78, 118)
SCALED = (200, 200, 600, 600)
CASES = (
    # off: x2 = 10 + 29 = 39, y2 = 20 + 39 = 59.
    one("plain", BOX, SEEN, OFFICIAL),
    # x1 = -10 -> 0, x2 = 20; off: x2 = -10 + 29 = 19.
    one("over the left border", (-10, 20, 30, 40), (0, 40, 40, 120), (0, 40, 38, 118)),
    one("over the top border", (20, -10, 40, 30), (40, 0, 120, 40), (40, 0, 118, 38)),
    # x2 = 410 -> 400; off: 409 -> 399.
    one("over the right", (380, 20, 30, 40), (760, 40, 800, 120), (760, 40, 798, 118)),
    one("over the bottom", (20, 380, 40, 30), (40, 760, 120, 800), (40, 760, 118, 798)),
    one("over all borders", (-5, -5, 500, 500), (0, 0, 800, 800), (0, 0, 798, 798)),
    one("wholly outside", (410, 20, 30, 40), "outside_image"),
    one("wholly above", (20, -50, 30, 40), "outside_image"),
    one("touching from outside", (400, 20, 30, 40), "outside_image"),
    # One column inside: off has x1 = 399 and x2 = 428 -> 399, no extent.
    one("one pixel inside", (399, 20, 30, 40), (798, 40, 800, 120), "no_extent"),
    # mm leaves out sides below 1, not of 1; off: x2 = 10 + 0.
    one("side of 1 px", (10, 20, 1, 40), (20, 40, 22, 120), "no_extent"),
    one("height of 1 px", (10, 20, 30, 1), (20, 40, 80, 42), "no_extent"),
    # off: x2 = 10 + max(-0.5, 0) = 10.
    one("half", (10, 20, 0.5, 40), (20, 40, 21, 120), "no_extent", mmdetection=SMALL),
    # off: x2 = 10.5.
    one("side of 1.5 px", (10, 20, 1.5, 40), (20, 40, 23, 120), (20, 40, 21, 118)),
    one("side of 0", (10, 20, 0, 40), "no_extent"),
    one("both sides 0", (10, 20, 0, 0), "no_extent"),
    # d2 keeps sides above 1e-5 after the resize: 2^-18 px are 7.6e-6 there, 2^-17 px
    # are 1.5e-5. (Powers of 2 keep the numbers exact.)
    one(
        "side of 4 millionths",
        (0, 20, 2.0**-18, 40),
        (0, 40, 2.0**-17, 120),
        "no_extent",
        detectron2="too_small_after_resize",
        mmdetection=SMALL,
    ),
    one(
        "side of 8 millionths",
        (0, 20, 2.0**-17, 40),
        (0, 40, 2.0**-16, 120),
        "no_extent",
        mmdetection=SMALL,
    ),
    # Only mm reads the area (of the mask, not of the box).
    one("area 0", BOX, SEEN, OFFICIAL, mmdetection=NO_AREA, keys={"area": 0}),
    one("crowd", BOX, "crowd", keys={"iscrowd": 1}),
    # mm leaves it out, d2 refuses the file (left out here), the others do not look.
    one("ignore", BOX, "ignore_flag", OFFICIAL, torchvision=SEEN, keys={"ignore": 1}),
    # A crowd is an annotation: only d2 drops the image.
    alone(
        "only a crowd", BOX, "crowd", keys={"iscrowd": 1}, reasons={D2: "only_crowd"}
    ),
    DataCase(
        "no objects", (), dict.fromkeys(ALL, ()), dict.fromkeys(ALL, "no_annotations")
    ),
    # off and tv drop images all of whose boxes are at most 1 px wide or high.
    alone(
        "only a box 1 px wide",
        (10, 20, 1, 40),
        (20, 40, 22, 120),
        "no_extent",
        torchvision="image_left_out",
        reasons={TV: "only_thin_boxes", OFF: "only_thin_boxes"},
    ),
    # An invalid box counts as present in mm and d2: the image stays, all background.
    alone("only a box outside", (410, 20, 30, 40), "outside_image"),
    # Scaled by 40. mm drops images with a side below 32; off: 5 + 9 = 14, times 40.
    alone(
        "20 x 20 image",
        (5, 5, 10, 10),
        SCALED,
        (200, 200, 560, 560),
        mmdetection="image_left_out",
        reasons={MM: "below_min_side"},
        side=20,
    ),
    # Scaled by 25; 32 is not below 32. off: 8 + 15 = 23, times 25.
    alone("32 x 32 image", (8, 8, 16, 16), SCALED, (200, 200, 575, 575), side=32),
)
