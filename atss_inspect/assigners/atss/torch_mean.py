"""The float32 mean in the order torch sums it on a CPU.

A float32 sum depends on its order, and the references' thresholds contain one. Torch
adds a (candidates, boxes) matrix column by column in blocks, so how a box's candidates
are summed depends on how many boxes its image has and on the box's place among them.
The order below was read from torch's ``SumKernel`` and checked bit by bit against
recorded thresholds; other devices and builds may add in another order.
"""

import numpy as np

from atss_inspect.arrays import Float32Array, IntArray

_LANES = 8  # float32 numbers in a vector of torch's AVX2 kernels
_PARTIAL_SUMS = 4  # independent sums kept at a time


def torch_mean(
    values: Float32Array, counts: IntArray, gt_image: IntArray
) -> Float32Array:
    """Average the candidates of each box as ``values.T.mean(dim=0)`` does per image.

    Parameters
    ----------
    values : (G, K) float32; NaN is no candidate
    counts : (G,) int64 how many candidates each box has, the same within an image
    gt_image : (G,) int64 ascending, the image of each box

    Returns
    -------
    (G,) float32; NaN without any candidate.
    """
    sums: Float32Array = np.zeros(len(values), dtype=np.float32)
    # Images smaller than their levels' k have fewer.
    for count in 1 + np.flatnonzero(np.bincount(counts)[1:]):
        rows = np.flatnonzero(counts == count)
        terms = values
        if count < values.shape[1] or len(rows) < len(values):
            terms = values[rows]
            terms = terms[~np.isnan(terms)].reshape(-1, count)
        sums[rows] = _sum_rows(terms, gt_image[rows])
    with np.errstate(invalid="ignore"):  # 0 / 0: no candidate
        return np.divide(sums, counts, dtype=np.float32)


def _sum_rows(terms: Float32Array, gt_image: IntArray) -> Float32Array:
    """Sum (G, K) terms over K, each box by the block it falls in; (G,) float32."""
    num_boxes = np.bincount(gt_image)
    place = np.arange(len(gt_image)) - (np.cumsum(num_boxes) - num_boxes)[gt_image]
    width = num_boxes[gt_image]
    block = np.where(width < _LANES, _PARTIAL_SUMS, _PARTIAL_SUMS * _LANES)
    in_block = place < width // block * block
    alone = (width == 1) & (terms.shape[1] >= _LANES)
    sums = np.empty(len(gt_image), dtype=np.float32)
    for sum_up, boxes in (
        (_cascade, in_block),
        (_interleaved, ~in_block & ~alone),
        (_by_lanes, alone),
    ):
        # Laid out along memory term by term, as they are added up.
        sums[boxes] = sum_up(np.ascontiguousarray(terms[boxes].T))
    return sums


def _in_turn(terms: Float32Array) -> Float32Array:
    """Add (K, ...) terms one after the other along the first axis."""
    # Not np.sum: it adds in pairs or in turn as the memory layout suggests.
    total = np.zeros(terms.shape[1:], dtype=np.float32)
    for term in terms:
        total += term
    return total


def _cascade(terms: Float32Array) -> Float32Array:
    """Add steps of 16 terms, put each aside, and add those to the rest at the end."""
    shape = terms.shape[1:]
    power = max(4, (len(terms) - 1).bit_length() // 4)
    step = 1 << power
    aside = [np.zeros(shape, dtype=np.float32) for _ in range(3)]
    full = len(terms) // step
    for number in range(1, full + 1):
        part = _in_turn(terms[(number - 1) * step : number * step])
        aside[0] = aside[0] + part
        for level in range(2):
            if (number * step) & ((step - 1) << ((level + 1) * power)):
                break
            aside[level + 1] = aside[level + 1] + aside[level]
            aside[level] = np.zeros(shape, dtype=np.float32)
    total = _in_turn(terms[full * step :])
    for part in aside:
        total += part
    return total


def _interleaved(terms: Float32Array) -> Float32Array:
    """Keep four sums of every fourth term, the odd terms in the first, then join."""
    rounds = len(terms) // _PARTIAL_SUMS
    even = rounds * _PARTIAL_SUMS
    partial = _cascade(terms[:even].reshape(rounds, _PARTIAL_SUMS, *terms.shape[1:]))
    total: Float32Array = partial[0]
    for term in [*terms[even:], *partial[1:]]:
        total = total + term
    return total


def _by_lanes(terms: Float32Array) -> Float32Array:
    """Sum the candidates of a box that is alone on its image, eight lanes at a time."""
    rounds = len(terms) // _LANES
    even = rounds * _LANES
    lanes = _interleaved(terms[:even].reshape(rounds, _LANES, *terms.shape[1:]))
    total = _in_turn(terms[even:])
    for lane in lanes:
        total += lane
    return total
