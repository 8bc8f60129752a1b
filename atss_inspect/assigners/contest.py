"""One anchor wanted by several objects."""

from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array, IntArray

# Odd multipliers spread keys over the top bits of a product, each in its own way.
_SPREADS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93)


class Contest(NamedTuple):
    """Who holds the anchor that each claim is about.

    Attributes
    ----------
    losers : (T,) int64 rows of the claims that lose
    winners : (T,) int64 row of the claim each of them loses to
    is_even : (T,) bool, loser and winner were exactly as strong
    """

    losers: IntArray
    winners: IntArray
    is_even: BoolArray

    def wins(self, num_claims: int) -> BoolArray:
        """(P,) bool, exactly one claim per anchor."""
        won = np.ones(num_claims, dtype=bool)
        won[self.losers] = False
        return won

    def holder_of(self, rows: IntArray, num_claims: int) -> IntArray:
        """Rows of the claims that won the anchors of the given claims; (N,) int64."""
        holder = np.arange(num_claims)
        holder[self.losers] = self.winners
        return holder[rows]

    def tied(self, gt: IntArray, is_taken: BoolArray | None = None) -> IntArray:
        """Boxes of the claims that an equal one was chosen from, with repetitions.

        ``is_taken`` tells of each winning claim whether its anchor counts; all do
        without it.
        """
        even = self.is_even
        if is_taken is not None:
            even = even & is_taken[self.winners]
        return np.concatenate([gt[self.losers[even]], gt[self.winners[even]]])


def strongest_claims(
    anchor: IntArray, strength: Float32Array | IntArray, gt: IntArray
) -> Contest:
    """Give each contested anchor to its strongest claim.

    Parameters
    ----------
    anchor : (P,) int64 key of the claimed anchor
    strength : (P,) larger wins; equal strength: the lowest ``gt`` wins
    gt : (P,) int64 the claiming box; one box claims an anchor at most once

    Notes
    -----
    No sorting: claims meet in the slots of a small table. Most sit alone there and are
    done. The others fight it out slot by slot; who met only claims on other anchors
    goes to the next round, in slots spread another way.
    """
    rows = np.flatnonzero(_meets_others(anchor))
    losers, winners = [], []
    for round_number in range(1, 65):
        if not len(rows):
            break
        slot, num_slots = _slots(anchor[rows], round_number)
        leader = rows[_leaders(slot, num_slots, strength[rows], gt[rows])]
        same = anchor[leader] == anchor[rows]
        lost = same & (leader != rows)
        losers.append(rows[lost])
        winners.append(leader[lost])
        rows = rows[~same]
    none = np.zeros(0, dtype=np.int64)
    lost_rows = np.concatenate([none, *losers])
    won_rows = np.concatenate([none, *winners])
    return Contest(lost_rows, won_rows, strength[lost_rows] == strength[won_rows])


def _slots(anchor: IntArray, round_number: int) -> tuple[IntArray, int]:
    """Spread keys over a table of about four slots a claim, differently each round."""
    bits = max(10, (4 * len(anchor)).bit_length())
    spread = _SPREADS[round_number % len(_SPREADS)] + 2 * round_number
    mixed = np.ascontiguousarray(anchor).view(np.uint64) * np.uint64(spread % 2**64)
    mixed >>= np.uint64(64 - bits)
    return mixed.view(np.int64), 1 << bits


def _neighboring_slots(anchor: IntArray) -> tuple[IntArray, int]:
    """Give neighboring anchors neighboring slots, of about eight a claim.

    Most claims are on anchors side by side, and so find their slots in the cache.
    """
    num_slots = 1 << max(10, (8 * len(anchor)).bit_length())
    slot = anchor >> 17  # more or less the level of an image
    slot *= _SPREADS[0] >> 33
    slot += anchor
    slot &= num_slots - 1
    return slot, num_slots


def _meets_others(anchor: IntArray) -> BoolArray:
    """Tell which claims share a slot, and so perhaps an anchor, with others; (P,) bool.

    Every claim writes its row into its slot: who reads back another row, or sits where
    somebody did, is not alone.
    """
    slot, num_slots = _neighboring_slots(anchor)
    row = np.arange(len(anchor), dtype=np.int32)
    # Only slots that were written are read, so the table needs no initial value.
    table = np.empty(num_slots, dtype=np.int32)
    table[slot] = row
    overwritten = np.flatnonzero(table[slot] != row)
    table[slot[overwritten]] = -1
    meets: BoolArray = table[slot] == -1
    return meets


def _leaders(
    slot: IntArray, num_slots: int, strength: Float32Array | IntArray, gt: IntArray
) -> IntArray:
    """Find the leading claim of each claim's slot: strongest, then lowest box; (N,)."""
    best = np.empty(num_slots, dtype=strength.dtype)
    best[slot] = strength
    np.maximum.at(best, slot, strength)
    is_best = np.flatnonzero(best[slot] == strength)
    lowest = np.empty(num_slots, dtype=np.int64)
    lowest[slot[is_best]] = gt[is_best]
    np.minimum.at(lowest, slot[is_best], gt[is_best])
    is_leader = is_best[lowest[slot[is_best]] == gt[is_best]]
    leader = np.empty(num_slots, dtype=np.int64)
    leader[slot[is_leader]] = is_leader
    return leader[slot]
