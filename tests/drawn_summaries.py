"""Summaries whose truth is known: objects drawn image by image."""

from dataclasses import replace

import numpy as np

from atss_inspect.arrays import BoolArray, IntArray
from atss_inspect.settings import preset
from atss_inspect.statistics.bootstrap import images_per_block
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.summary import SIZE_BINS, Summary, block_keys
from atss_inspect.statistics.tally import Outcomes, SparseTally, Tally
from tests.random_coco import random_dataset

SETTINGS = preset("atss-mmdet")


def summary_of(
    positives: IntArray, sizes: IntArray | None = None, low: BoolArray | None = None
) -> Summary:
    """Summarize (I, N) positives of N objects on each image; sizes likewise, large.

    ``low`` objects have low-quality matches only, of a rule that has such matches.
    """
    num_images, num_each = positives.shape
    found = Outcomes(positives.ravel(), None if low is None else low.ravel())
    size = np.full_like(positives, 3) if sizes is None else sizes
    image = np.repeat(np.arange(num_images), num_each)
    keys = block_keys(
        image // images_per_block(num_images), np.zeros_like(image), size.ravel()
    )
    (empty,) = summarize(random_dataset(1).slice_images(0, 0), SETTINGS)
    return replace(
        empty,
        num_images=num_images,
        by_size=Tally.count(size.ravel(), found, len(SIZE_BINS)),
        by_class=Tally.count(np.zeros_like(image), found, 1),
        by_block=SparseTally.count(keys, found),
    )


def large_ones(positives: IntArray) -> Summary:
    """Summarize positives as `summary_of`, the first three of smaller sizes."""
    sizes = np.full_like(positives, 3)
    sizes[:1, :3] = np.arange(sizes.shape[1])[:3]
    return summary_of(positives, sizes)


def drawn(num_images: int, share: float, *, seed: int, num_each: int = 10) -> IntArray:
    """Draw which objects get nothing and which get nine; (I, N) positives."""
    generator = np.random.default_rng(seed)
    return np.where(generator.random((num_images, num_each)) < share, 0, 9)


def improved(before: IntArray, points: float) -> IntArray:
    """Give nine positives to so many points of the objects that had none."""
    flat = before.ravel().copy()
    without = np.flatnonzero(flat == 0)
    number = round(points / 100 * len(flat))
    flat[np.random.default_rng(9).permutation(without)[:number]] = 9
    return flat.reshape(before.shape)
