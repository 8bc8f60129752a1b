"""Why a box got no positive: the last stage of the rule that an anchor reached."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import BoolArray, IntArray
from atss_inspect.assigners.contest import Claims, marked


class Cause(NamedTuple):
    """Why a box got no positive, in every form in which it is told."""

    name: str  # what programs and ``--cause`` call it
    words: str  # what tables call it
    meaning: str  # a sentence or two for a reader who does not know assigners
    remedy: str  # what may help
    sentence: str  # of one object, without a capital and a full stop
    # which annotation stands beside it, where one is known
    lost_to: str = "the annotation that took the anchor it wanted most"


# The cause of a box that was eligible for anchors, and what became of each of them.
LOST_TO_OTHERS = "lost_to_others"
NO_CANDIDATE = "no_candidate"  # of a gate
# Any rule may give these; in the order of the rules' stages, the border apart.
SHARED = (
    Cause(
        *("no_anchor_in_reach", "no anchor overlaps"),
        "No anchor overlaps the box at all.",
        "The box is far from every anchor, mostly at the border or tiny: larger input "
        "images or a finer level (P2) bring anchors near.",
        "no anchor overlaps it",
    ),
    Cause(
        *("no_center_inside", "no anchor center inside"),
        "No anchor center, or no point, lies inside the box: it fits between the cells "
        "of the finest level.",
        "Larger input images or a finer level (P2). Raising k or lowering thresholds "
        "does nothing.",
        "no point of any level lies inside the box",
    ),
    Cause(
        *("outside_center_region", "outside center region"),
        "Points lie inside the box, but none near enough to its center.",
        "A larger center sampling radius, or no center sampling.",
        "points lie inside its box, but none near enough to its center",
    ),
    Cause(
        *("outside_scale_range", "outside scale ranges"),
        "On every level that has a point inside, the box is too large or too small for "
        "the scale range of the level.",
        "Scale ranges that meet, and begin lower.",
        "points lie inside its box, but on no level is their largest side distance "
        "in the scale range",
    ),
    Cause(
        *("under_threshold", "under mean + std"),
        "Candidates have their centers inside, but none reaches the object's own "
        "threshold, the mean plus the standard deviation of its candidates' IoUs.",
        "Anchors nearer to the size and shape of the object.",
        "no candidate passes the threshold",
    ),
    Cause(
        *("under_bar", "no anchor reaches the bar"),
        "No anchor reaches the bar for positives, and no low-quality match is left to "
        "the object: its own went to a neighbor, lies below the floor for such "
        "matches, or there are none.",
        "Smaller anchors, more ratios, larger input images or a finer level (P2).",
        "no anchor reaches the bar",
        "the annotation that its low-quality match went to",
    ),
    Cause(
        *(LOST_TO_OTHERS, "lost to other objects"),
        "Anchors qualified, but other objects took all of them: an anchor belongs to "
        "one object only.",
        "More anchors per cell, larger input images; often it is the data: "
        "boxes in boxes, duplicates.",
        "every anchor it could have had went to other objects",
    ),
    Cause(
        *("beyond_border", "no anchor within border"),
        "Every anchor of the image reaches beyond the allowed border, so that none "
        "takes part.",
        "A larger allowed_border, or -1 for none; smaller anchors or larger images.",
        "every anchor of its image reaches beyond the allowed border",
    ),
    Cause(
        *(NO_CANDIDATE, "without a candidate"),
        "No anchor point lies where the object may have one: it lies between the "
        "points, or is smaller than the cells of the finest level.",
        "Larger input images or a finer level (P2).",
        "no point of any level lies where it may have one",
    ),
)
# Names by number; the first is no cause at all.
CAUSES = ("none", *(cause.name for cause in SHARED))
# Every cause by name; what a rule adds (`Rule.causes`) comes when it is registered.
KNOWN_CAUSES = {cause.name: cause for cause in SHARED}


class Unassigned(NamedTuple):
    """Why each box has no positive."""

    cause: IntArray  # (G,) int64 index into ``names``; 0 where the box has positives
    # (G,) int64 box that holds the anchor this one wanted most, where it was eligible
    # for one, be it as a low-quality match; else -1
    lost_to: IntArray
    # of the causes that the rule gives: ``CAUSES``, then its own
    names: tuple[str, ...] = CAUSES

    def name_of(self, gt: int) -> str | None:
        """Name the cause of one box; None where it has positives."""
        number = int(self.cause[gt])
        return self.names[number] if number else None


def is_unassigned(num_gt: int, gt: IntArray) -> BoolArray:
    """Which boxes own none of the positives; (G,) bool."""
    return ~marked(gt, num_gt)


# Causes of boxes that no anchor was eligible for, (G,) int64; or what finds them for
# those boxes only, (G,) bool.
Reached = IntArray | Callable[[BoolArray], IntArray]


def why_unassigned(
    num_gt: int,
    claims: Claims,
    positives: Claims,
    reached: Reached,
    names: tuple[str, ...] = CAUSES,
) -> Unassigned:
    """Put the stages together: who was eligible and has nothing lost it to others.

    ``claims`` are what boxes were eligible for, what they wanted more the stronger;
    ``names`` tell what the numbers of causes mean.
    """
    unassigned = is_unassigned(num_gt, positives.gt)
    lost = claims.take(np.flatnonzero(unassigned[claims.gt]))
    if callable(reached):
        reached = reached(unassigned & ~marked(lost.gt, num_gt))
    cause = np.where(unassigned, reached, 0)
    lost_to = np.full(num_gt, -1, dtype=np.int64)
    cause[lost.gt] = CAUSES.index(LOST_TO_OTHERS)
    # What each box wanted most; ties: the lowest anchor.
    lost = lost.take(np.lexsort((lost.anchor, -lost.strength, lost.gt)))
    first = lost.take(np.unique(lost.gt, return_index=True)[1])
    lost_to[first.gt] = _holders(first.anchor, positives.gt, positives.anchor)
    return Unassigned(cause, lost_to, names)


def _holders(keys: IntArray, gt: IntArray, anchor: IntArray) -> IntArray:
    """Look up which box holds each of a few anchors; -1 where nobody does."""
    # A small table of low bits passes over nearly all positives without sorting them.
    low_bits = (1 << 12) - 1
    near = np.flatnonzero(marked(keys & low_bits, low_bits + 1)[anchor & low_bits])
    near = near[np.argsort(anchor[near])]
    place = np.searchsorted(anchor[near], keys)
    holders = np.full(len(keys), -1, dtype=np.int64)
    found = np.flatnonzero(place < len(near))
    rows = near[place[found]]
    holders[found] = np.where(anchor[rows] == keys[found], gt[rows], -1)
    return holders
