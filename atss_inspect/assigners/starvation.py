"""Why a box got no positive: the last stage of the rule that an anchor reached."""

from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array, IntArray

# In the order of the rules; the first is no cause at all.
CAUSES = (
    "none",
    "no_anchor_in_reach",
    "no_center_inside",
    "outside_center_region",
    "outside_scale_range",
    "under_threshold",
    "under_bar",
    "lost_to_others",
)


class Starvation(NamedTuple):
    """Why each box has no positive.

    Attributes
    ----------
    cause : (G,) int64 index into ``CAUSES``; 0 where the box has positives
    lost_to : (G,) int64 box that holds the anchor this one wanted most, for
        ``lost_to_others``; else -1
    """

    cause: IntArray
    lost_to: IntArray


class Wanted(NamedTuple):
    """Anchors that boxes were eligible for; (N,) each, larger strength is better."""

    gt: IntArray
    anchor: IntArray
    strength: Float32Array

    def take(self, rows: IntArray) -> "Wanted":
        """Keep some of them."""
        return Wanted(self.gt[rows], self.anchor[rows], self.strength[rows])


def is_starved(num_gt: int, gt: IntArray) -> BoolArray:
    """Tell which boxes own none of the positives; (G,) bool."""
    starved = np.ones(num_gt, dtype=bool)
    starved[gt] = False
    return starved


def is_wanting(wanted: Wanted, starved: BoolArray) -> BoolArray:
    """Tell which boxes were eligible for an anchor; (G,) bool."""
    wanting = np.zeros(len(starved), dtype=bool)
    wanting[wanted.gt] = True
    return wanting


def why_starved(
    starved: BoolArray,
    reached: IntArray,
    wanted: Wanted,
    gt: IntArray,
    anchor: IntArray,
) -> Starvation:
    """Put the stages together: who was eligible and has nothing lost it to others.

    Parameters
    ----------
    starved : (G,) bool
    reached : (G,) int64 cause of boxes that no anchor was eligible for
    wanted : what boxes were eligible for
    gt, anchor : (P,) int64 owner and key of every positive
    """
    cause = np.where(starved, reached, 0)
    lost_to = np.full(len(starved), -1, dtype=np.int64)
    rows = np.flatnonzero(starved[wanted.gt])
    cause[wanted.gt[rows]] = CAUSES.index("lost_to_others")
    # The strongest wish of each box; of equals the lowest anchor.
    order = np.lexsort((wanted.anchor[rows], -wanted.strength[rows], wanted.gt[rows]))
    rows = rows[order]
    leads = np.ones(len(rows), dtype=bool)
    leads[1:] = wanted.gt[rows[1:]] != wanted.gt[rows[:-1]]
    wishes = wanted.take(rows[leads])
    lost_to[wishes.gt] = _holders(wishes.anchor, gt, anchor)
    return Starvation(cause, lost_to)


def _holders(wish: IntArray, gt: IntArray, anchor: IntArray) -> IntArray:
    """Look up which box holds each of a few anchors; -1 where nobody does."""
    # A small table of low bits passes over nearly all positives without sorting them.
    low_bits = (1 << 12) - 1
    is_near = np.zeros(low_bits + 1, dtype=bool)
    is_near[wish & low_bits] = True
    near = np.flatnonzero(is_near[anchor & low_bits])
    near = near[np.argsort(anchor[near])]
    place = np.searchsorted(anchor[near], wish)
    holders = np.full(len(wish), -1, dtype=np.int64)
    found = np.flatnonzero(place < len(near))
    rows = near[place[found]]
    holders[found] = np.where(anchor[rows] == wish[found], gt[rows], -1)
    return holders
