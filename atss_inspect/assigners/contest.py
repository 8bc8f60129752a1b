"""One anchor wanted by several objects."""

from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array, IntArray

# Multiplying by an odd number near 2^64 / golden ratio spreads keys over the top bits.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Contest(NamedTuple):
    """Who holds the anchor that each claim is about.

    Attributes
    ----------
    winner : (P,) int64 row of the winning claim; the claim's own row if it wins
    tied : (T,) int64 rows of losing claims exactly as strong as their winner
    """

    winner: IntArray
    tied: IntArray

    @property
    def wins(self) -> BoolArray:
        """(P,) bool, exactly one claim per anchor."""
        won: BoolArray = self.winner == np.arange(len(self.winner))
        return won


def possibly_shared(anchor: IntArray) -> BoolArray:
    """Screen out claims whose anchor nobody else can want; (P,) bool.

    Every claim writes its number into the slot of its anchor, in a table smaller than
    the anchors: who reads back another number, or sits in a slot where somebody did,
    may share. Never misses a shared anchor; may name a few that are not.
    """
    bits = max(10, int(4 * len(anchor)).bit_length())
    slot = (anchor.view(np.uint64) * _SPREAD) >> np.uint64(64 - bits)
    claim = np.arange(len(anchor), dtype=np.int32)
    # Only slots that were written are read, so the table needs no initial value.
    last = np.empty(1 << bits, dtype=np.int32)
    last[slot] = claim
    overwritten = last[slot] != claim
    last[slot[overwritten]] = -1
    return last[slot] == -1


def strongest_claims(
    anchor: IntArray, strength: Float32Array | IntArray, gt: IntArray
) -> Contest:
    """Give each contested anchor to its strongest claim.

    Parameters
    ----------
    anchor : (P,) int64 key of the claimed anchor, contiguous
    strength : (P,) larger wins; equal strength: the lowest ``gt`` wins
    gt : (P,) int64 the claiming box; one box claims an anchor at most once
    """
    rows = np.flatnonzero(possibly_shared(anchor))
    rows = rows[np.lexsort((gt[rows], -strength[rows], anchor[rows]))]
    contested = anchor[rows]
    leads = np.ones(len(rows), dtype=bool)
    leads[1:] = contested[1:] != contested[:-1]
    leader = rows[np.flatnonzero(leads)[np.cumsum(leads) - 1]]
    winner = np.arange(len(anchor))
    winner[rows] = leader
    equal = ~leads & (strength[rows] == strength[leader])
    return Contest(winner, rows[equal])
