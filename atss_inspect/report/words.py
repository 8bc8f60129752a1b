"""What a reader who does not know assigners needs to be told."""

from collections.abc import Iterable
from typing import Any

from atss_inspect.assigners import BUILT_IN
from atss_inspect.assigners.rule import Rule

# Term -> meaning; those of the rules stand between.
_OF_ASSIGNMENT = {
    "Anchor": (
        "A reference box (or, for FCOS, a point) that the detector makes one "
        "prediction from. Each cell of each level has one or several."
    ),
    "Assignment": (
        "The rule that decides, in training, which anchors are to predict which object."
    ),
    "Positive": (
        "An anchor that is assigned to an object and learns its box and class. Other "
        "anchors are negative (background) or ignored."
    ),
    "Starved": (
        "An object without a positive. Nothing in training tells the detector that it "
        "is there."
    ),
    "Level, stride": (
        "P3 to P7 are feature maps; neighboring cells of P3 lie 8 input pixels apart, "
        "of P4 16, and so on. Small objects live on fine levels."
    ),
    "Input pixels": (
        "Pixels of the resized image, which the network sees. Original pixels are "
        "those of the file; sizes (tiny to large) go by them, as in COCO."
    ),
}
_OF_NUMBERS = {
    "Gini": (
        "How unevenly positives are shared among objects: 0 is the same for all, near "
        "1 is all for one."
    ),
    "Tied, fragile": (
        "Objects whose positives are decided by exactly equal values, or by the last "
        "digit of a float: other versions of a framework may answer differently there."
    ),
}


def glossary(rules: Iterable[Rule[Any]]) -> dict[str, str]:
    """Terms and their meanings, with the built-in rules and some others."""
    used = dict.fromkeys([*BUILT_IN, *rules])
    return {
        **_OF_ASSIGNMENT,
        **{rule.title: rule.words.meaning or f"{rule.about}." for rule in used},
        **_OF_NUMBERS,
    }
