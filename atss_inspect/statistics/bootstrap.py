"""How far a share may be off by chance: 95 % intervals from resampled images.

Images are drawn anew with replacement, a thousand times or more, and the share is
computed of each draw; the middle 95 % of these are the interval. Images that stand side
by side in a file are often frames of one film and much alike, so blocks of neighbors
are drawn and not single images. The draws are the same in every run, on every machine.
"""

from functools import cache, lru_cache
from random import Random
from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import BoolArray, Float64Array, IntArray

NUM_DRAWS = 1000
# Of few blocks more draws cost nothing, and the ends of intervals are surer.
NUM_DRAWS_OF_FEW, FEW_BLOCKS = 4000, 50
# Fewer images, or fewer blocks with objects in them, tell nothing of chance.
FEWEST_IMAGES = 20
FEWEST_BLOCKS = 10
# More blocks make intervals hardly any sharper.
MOST_BLOCKS = 200
CONFIDENCE = 0.95
_NORMAL = 1.959964  # 97.5 % of a normal distribution lie below
_SEED = 2017


class Interval(NamedTuple):
    """Where a number lies with a confidence of 95 %."""

    low: float
    high: float

    @property
    def holds_zero(self) -> bool:
        """Whether the number may be zero."""
        return self.low <= 0 <= self.high

    def widened(self, number: float, looks: int) -> "Interval":
        """Where a number lies that is one of so many, with 95 % for all together.

        The more numbers are looked at, the further is the farthest of them off by
        chance alone. Each end moves away from the number as normal quantiles do.
        """
        from statistics import NormalDist  # takes time to load

        one, all_ = (
            NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2 / each)
            for each in (1, max(looks, 1))
        )
        low, high = (number + (end - number) * all_ / one for end in self)
        return Interval(low, high)


def images_per_block(num_images: int) -> int:
    """Number of neighboring images that are drawn together.

    The cube root of the number of images, as is usual for blocks of a series; fewer
    where less than `FEWEST_IMAGES` blocks were left, more where these were too many.
    """
    usual = min(round(num_images ** (1 / 3)), num_images // FEWEST_IMAGES)
    least: int = max(-(-num_images // MOST_BLOCKS), 1)
    return max(int(usual), least)


@cache
def _draws(num_blocks: int) -> Float64Array:
    """How often each draw holds each block; (D, B) float64 whole numbers.

    Python's generator gives the same bytes for a seed everywhere, and is loaded already
    where NumPy's takes longer than all intervals together.
    """
    number = NUM_DRAWS_OF_FEW if num_blocks <= FEW_BLOCKS else NUM_DRAWS
    text = Random(_SEED).randbytes(8 * number * num_blocks)
    bits = np.frombuffer(text, dtype="<u8") % np.uint64(num_blocks)
    drawn = bits.astype(np.int64).reshape(number, num_blocks)
    drawn += np.arange(number)[:, None] * num_blocks
    counts = np.bincount(drawn.ravel(), minlength=number * num_blocks)
    return counts.reshape(number, num_blocks).astype(np.float64)


def intervals_of_shares(
    parts: IntArray, wholes: IntArray, num_images: int, num_passes: int = 1
) -> list[Interval | None]:
    """Intervals of G shares.

    Parameters
    ----------
    parts, wholes : (B, G) counts of each block of images; a share is the sum of its
        parts over that of its wholes
    num_images : looked at, in all blocks
    num_passes : over them, of which parts and wholes are sums

    Returns
    -------
    None for all of fewer than `FEWEST_IMAGES` images, and for a share with something in
    fewer than `FEWEST_BLOCKS` blocks. Sums are exact as long as they stay below 2^53.

    Notes
    -----
    Where the share is none or all, every draw is alike: there it is the exact interval
    of as many images, or of wholes if they are fewer (Clopper and Pearson 1934). No
    upper end lies below that of none, and no lower end above that of all.
    """
    if num_images < FEWEST_IMAGES:
        return [None] * parts.shape[1]
    shares = shares_of(parts, wholes)
    drawn = _intervals(_shares_drawn(parts, wholes), shares, wholes > 0)
    number = np.clip(wholes.sum(axis=0) // num_passes, 1, num_images)
    unseen = 1 - ((1 - CONFIDENCE) / 2) ** (1 / number)
    found: list[Interval | None] = []
    for one, share, end in zip(drawn, shares.tolist(), unseen.tolist(), strict=True):
        if one:
            low, high = min(max(one.low, 0), 1 - end), max(min(one.high, 1), end)
            one = Interval(low if share else 0, high if share < 1 else 1)
        found.append(one)
    return found


def intervals_of_differences(
    before: tuple[IntArray, IntArray], after: tuple[IntArray, IntArray]
) -> list[Interval | None]:
    """Intervals of how far G shares rise, of the same images before and after.

    ``before`` and ``after`` are parts and wholes as for `intervals_of_shares`. Both are
    computed of the same draws, so what makes an image hard for both cancels out.
    """
    drawn = _shares_drawn(*after) - _shares_drawn(*before)
    found = shares_of(*after) - shares_of(*before)
    return _intervals(drawn, found, (before[1] > 0) & (after[1] > 0))


def shares_of(parts: IntArray, wholes: IntArray) -> Float64Array:
    """Shares of all blocks together; (G,), 0 without wholes."""
    shares: Float64Array = parts.sum(axis=0) / np.maximum(wholes.sum(axis=0), 1)
    return shares


def _shares_drawn(parts: IntArray, wholes: IntArray) -> Float64Array:
    """Shares of every draw; (D, G), NaN where a draw has no whole."""
    part, whole = (
        _sums_drawn(np.ascontiguousarray(each.T, dtype=np.float64).tobytes(), len(each))
        for each in (parts, wholes)
    )
    none = np.full_like(part, np.nan)
    shares: Float64Array = np.divide(part, whole, out=none, where=whole > 0)
    return shares


@lru_cache(maxsize=8)  # today's, and all objects, are asked for row after row
def _sums_drawn(counts: bytes, num_blocks: int) -> Float64Array:
    """Sums of every draw; (D, G), of the bytes of (G, B) float64 counts."""
    rows = np.frombuffer(counts).reshape(-1, num_blocks)
    # Not by `@`: for matrices as small as these, threads of BLAS cost more than they do
    # on a busy machine. Rows lie side by side, which is ten times as quick.
    sums: Float64Array = np.einsum("db,gb->dg", _draws(num_blocks), rows)
    return sums


def _intervals(
    drawn: Float64Array, found: Float64Array, has_any: BoolArray
) -> list[Interval | None]:
    """Take the middle of what was drawn, a column each, and widen it for few blocks.

    NaN counts as not drawn; the ends are moved away from what was ``found``, (G,), and
    stay between -1 and 1.
    """
    ranked = np.sort(drawn, axis=0)  # NaN last
    num_valid = np.count_nonzero(~np.isnan(drawn), axis=0)
    cut = (num_valid * (1 - CONFIDENCE) / 2).astype(np.int64)
    columns = np.arange(drawn.shape[1])
    ends = ranked[[cut, np.maximum(num_valid - 1 - cut, 0)], columns]  # (2, G)
    num_blocks = np.count_nonzero(has_any, axis=0)
    ends = np.clip(found + (ends - found) * widening(num_blocks), -1, 1)
    enough = (num_blocks >= FEWEST_BLOCKS).tolist()
    return [
        Interval(low, high) if is_enough else None
        for low, high, is_enough in zip(*ends.tolist(), enough, strict=True)
    ]


def widening(num_blocks: IntArray) -> Float64Array:
    """By how much intervals of so many blocks are wider than what is drawn; (G,).

    That is t / z * sqrt(B / (B - 1)), as for the mean of a sample, t being Student's
    with B - 1 degrees of freedom by its expansion around z (Abramowitz and Stegun 1964,
    26.7.5): off by less than 0.001 from `FEWEST_BLOCKS` on.
    """
    z, freedom = _NORMAL, np.maximum(num_blocks - 1, 1)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    t = z + sum(one / freedom**power for power, one in enumerate(terms, start=1))
    wider: Float64Array = t / z * np.sqrt(1 + 1 / freedom)
    return wider
