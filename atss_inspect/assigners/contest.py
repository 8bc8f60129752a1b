"""Anchors that boxes claim, and who gets an anchor that several want."""

from collections.abc import Callable, Iterable
from itertools import count
from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.boxes import Corners, corners_of
from atss_inspect.assigners.pyramid import Grids, ranges

# Odd multipliers spread keys over the top bits of a product, each in its own way.
_SPREADS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93)
# Pairs are worked off in blocks, so that memory stays bounded.
_PAIRS_PER_BLOCK = 1_000_000


class Claims(NamedTuple):
    """(box, anchor) pairs, each of them once; P rows."""

    gt: IntArray  # (P,) int64 box
    anchor: IntArray  # (P,) int64 key of the anchor (`Grids.anchor_key`)
    # (P,) float32, larger is better; the IoU where a rule uses one. A contest takes
    # whole numbers too
    strength: Float32Array

    def take(self, rows: IntArray | BoolArray) -> "Claims":
        """Keep some claims."""
        return Claims(self.gt[rows], self.anchor[rows], self.strength[rows])

    @classmethod
    def join(cls, parts: Iterable["Claims"]) -> "Claims":
        """Put claims one after the other; none at all gives empty arrays."""
        nothing = np.zeros(0, dtype=np.int64)
        none = Claims(nothing, nothing, np.zeros(0, dtype=np.float32))
        return cls(*map(np.concatenate, zip(none, *parts, strict=True)))


def marked(rows: IntArray, number: int) -> BoolArray:
    """Which of 0 ... number - 1 are among some rows; (number,) bool."""
    found = np.zeros(number, dtype=bool)
    found[rows] = True
    return found


class Contest(NamedTuple):
    """Who holds the anchor that each claim is about."""

    losers: IntArray  # (T,) int64 rows of the claims that lose
    winners: IntArray  # (T,) int64 row of the claim each of them loses to
    is_even: BoolArray  # (T,) bool, loser and winner were exactly as strong

    def wins(self, num_claims: int) -> BoolArray:
        """(P,) bool, exactly one claim per anchor."""
        return ~marked(self.losers, num_claims)

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
        even = (
            self.is_even if is_taken is None else is_taken[self.winners] & self.is_even
        )
        return np.concatenate([gt[self.losers[even]], gt[self.winners[even]]])


def strongest_claims(claims: Claims) -> Contest:
    """Settle who gets each contested anchor: its strongest claim.

    Of equal strength the lowest box wins.

    Notes
    -----
    No sorting: every claim writes its row into a slot of a small table and reads back
    the row that is kept there, the last one written. Most read their own and are done.
    Claims for the anchor of the kept one contend with it; the others go to the next
    round, in slots spread another way. Every slot settles the claim that it keeps, so
    the rounds come to an end.
    """
    anchor = claims.anchor
    others, kept = _collisions(*_neighboring_slots(anchor))
    rivals, defenders = [], []
    for round_number in count(1):
        same = anchor[others] == anchor[kept]
        rivals.append(others[same])
        defenders.append(kept[same])
        unsettled = others[~same]
        if not len(unsettled):
            break
        met = _collisions(*_slots(anchor[unsettled], round_number))
        others, kept = (unsettled[rows] for rows in met)
    return _contend(np.concatenate(rivals), np.concatenate(defenders), claims)


def _slots(anchor: IntArray, round_number: int) -> tuple[IntArray, int]:
    """Spread keys over a table of about four slots a claim, differently each round."""
    bits = max(10, (4 * len(anchor)).bit_length())
    spread = _SPREADS[round_number % len(_SPREADS)] + 2 * round_number
    mixed = anchor.view(np.uint64) * np.uint64(spread % 2**64)
    mixed >>= np.uint64(64 - bits)
    return mixed.view(np.int64), 1 << bits


def _neighboring_slots(anchor: IntArray) -> tuple[IntArray, int]:
    """Spread keys so that neighboring anchors have neighboring slots, four a claim.

    Most claims are on anchors side by side, and so find their slots in the cache.
    """
    num_slots = 1 << max(10, (4 * len(anchor)).bit_length())
    slot = anchor >> 17  # more or less the level of an image
    slot *= _SPREADS[0] >> 33
    slot += anchor
    slot &= num_slots - 1
    return slot, num_slots


def _collisions(slot: IntArray, num_slots: int) -> tuple[IntArray, IntArray]:
    """Find the claims whose slot keeps another one; (T,) int64 rows of both."""
    row = np.arange(len(slot), dtype=np.int32)
    # Only slots that were written are read, so the table needs no initial value.
    table = np.empty(num_slots, dtype=np.int32)
    table[slot] = row
    keeper = table[slot]
    others = np.flatnonzero(keeper != row)
    return others, keeper[others].astype(np.int64)


def _contend(others: IntArray, kept: IntArray, claims: Claims) -> Contest:
    """Find the strongest of every kept claim and the others on its anchor.

    ``others`` and ``kept`` are (T,) int64 rows of claims; the strongest wins, of
    equals the lowest box.
    """
    gt, _, strength = claims
    # Tables by the kept one's row; only places that were written are read.
    best, lowest = np.empty_like(strength), np.empty_like(gt)
    winner = np.empty_like(gt)
    best[kept], winner[kept] = strength[kept], kept
    np.maximum.at(best, kept, strength[others])
    is_best = strength[kept] == best[kept]
    lowest[kept] = np.where(is_best, gt[kept], np.iinfo(gt.dtype).max)
    strong = np.flatnonzero(strength[others] == best[kept])
    np.minimum.at(lowest, kept[strong], gt[others[strong]])
    wins = strong[gt[others[strong]] == lowest[kept[strong]]]
    winner[kept[wins]] = others[wins]
    # Kept ones that another has beaten are losers too.
    losers = np.concatenate([others, kept[wins]])
    winners = winner[np.concatenate([kept, kept[wins]])]
    lost = np.flatnonzero(losers != winners)
    losers, winners = losers[lost], winners[lost]
    return Contest(losers, winners, strength[losers] == strength[winners])


def best_boxes(
    anchor: IntArray,
    frame: Frame,
    grids: Grids,
    compare: Callable[[Corners, Corners], Float32Array],
) -> tuple[Claims, IntArray]:
    """Find, for each anchor, the box of its image with the highest IoU.

    ``anchor`` is (N,) int64 keys; the image of each has at least one box. It is asked
    for a few contested or unreachable anchors only, and looks at all boxes. ``compare``
    gives the IoU of boxes and anchors.

    Returns
    -------
    best : (N,) the box, the lowest where several are equal, and its IoU as strength
    tied : (T,) int64 boxes that share the best IoU of an anchor with another box
    """
    gt = corners_of(frame.gt_boxes)
    num_boxes = np.bincount(frame.gt_image, minlength=frame.num_images)
    first_box = np.cumsum(num_boxes) - num_boxes
    image = grids.locate(anchor)[0]
    best = np.zeros(len(anchor), dtype=np.int64)
    highest = np.zeros(len(anchor), dtype=np.float32)
    tied = [best[:0]]
    block = np.cumsum(num_boxes[image]) // _PAIRS_PER_BLOCK
    for number in np.flatnonzero(np.bincount(block)):
        rows = np.flatnonzero(block == number)
        counts = num_boxes[image[rows]]
        boxes = ranges(first_box[image[rows]], counts)
        pair_anchor = np.repeat(np.arange(len(rows)), counts)
        anchors = grids.corners(anchor[rows]).take(pair_anchor)
        overlaps = compare(gt.take(boxes), anchors)
        starts = np.cumsum(counts) - counts
        highest[rows] = np.maximum.reduceat(overlaps, starts)
        is_best = overlaps == highest[rows][pair_anchor]
        own = np.where(is_best, boxes, frame.num_gt)
        best[rows] = np.minimum.reduceat(own, starts)
        is_shared = np.add.reduceat(is_best.astype(np.int64), starts) > 1
        tied.append(boxes[is_best & is_shared[pair_anchor]])
    return Claims(best, anchor, highest), np.concatenate(tied)
