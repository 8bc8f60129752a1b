"""Counts that add up: what assignment did to the objects of a data set.

A summary holds integers only, so that summaries of parts of a data set, added in any
order, are exactly the summary of the whole. Shares and means are computed last.
"""

import itertools
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import BoolArray, Float64Array, IntArray
from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.settings import Settings
from atss_inspect.statistics.tally import (
    Group,
    SparseTally,
    Tally,
    per_pass,
    share,
)

EVERYTHING, COCO_SMALL = "all", "coco_small"
SIZE_BINS = ("tiny", "small", "medium", "large")
# COCO's limits, and tiny below them: areas in square original pixels.
SIZE_LIMITS = (16.0**2, 32.0**2, 96.0**2)
RATIO_BINS = ("over 4:1", "4:1 to 2:1", "2:1 to 1:2", "1:2 to 1:4", "under 1:4")
# Limits of height / width.
RATIO_LIMITS = (1 / 4, 1 / 2, 2.0, 4.0)
# IoUs are summed as whole multiples of 2^-32, which adds up in any order.
IOU_UNITS = 2.0**32


def size_bins(areas: Float64Array) -> IntArray:
    """Index into ``SIZE_BINS`` of each area; (G,) int64. A limit opens the next bin."""
    return np.searchsorted(SIZE_LIMITS, areas, side="right")


def size_names(areas: Float64Array) -> npt.NDArray[np.object_]:
    """Name of the size bin of each area; (G,) str objects."""
    return np.array(SIZE_BINS, dtype=object)[size_bins(areas)]


def ratio_bins(xywh: Float64Array) -> IntArray:
    """Index into ``RATIO_BINS`` of each box, by height / width; (G,) int64.

    Bins are named width : height; a limit belongs to the squarer side.
    """
    ratios = xywh[:, 3] / xywh[:, 2]
    lower = np.searchsorted(RATIO_LIMITS, ratios, side="right")
    upper = np.searchsorted(RATIO_LIMITS, ratios, side="left")
    return np.where(ratios < 1, lower, upper)


@dataclass(frozen=True)
class Selection:
    """Which objects are reported; the others are assigned all the same."""

    classes: tuple[str, ...] = ()  # names; empty means all
    sizes: tuple[str, ...] = ()  # names of size bins; empty means all

    def mask(self, dataset: Dataset, objects: IntArray) -> BoolArray:
        """Tell which of some objects are reported; (G,) bool."""
        chosen = np.ones(len(objects), dtype=bool)
        if self.classes:
            names = np.array(dataset.category_names, dtype=str)
            chosen &= np.isin(names, self.classes)[dataset.category_index[objects]]
        if self.sizes:
            bins = np.isin(SIZE_BINS, self.sizes)
            chosen &= bins[size_bins(dataset.size_areas[objects])]
        return chosen


class PerImage(NamedTuple):
    """Anchors of the average image by role; None without images."""

    positives: float | None
    negatives: float | None
    ignored: float | None


@dataclass(frozen=True)
class Candidates:
    """What a gate lets through beside the bounds that groups have; sums."""

    quota: int  # the rule picks at most so many points for an object
    # whether an object without a candidate of its own certainly stays without
    is_certain: bool
    num_candidates: int
    num_contested: int  # candidates that are another object's, too

    def __add__(self, other: "Candidates") -> "Candidates":
        return replace(
            self,
            num_candidates=self.num_candidates + other.num_candidates,
            num_contested=self.num_contested + other.num_contested,
        )

    def __mul__(self, weight: int) -> "Candidates":
        return replace(
            self,
            num_candidates=self.num_candidates * weight,
            num_contested=self.num_contested * weight,
        )

    @property
    def contested_share(self) -> float | None:
        """Share of the candidates that are another object's, too; None without any."""
        return share(self.num_contested, self.num_candidates)


@dataclass(frozen=True)
class Summary:
    """What one convention did to the objects of some images, or its gate would allow.

    Of a gate positives are bounds (`Group`), on levels they are candidates.

    Attributes
    ----------
    num_images : images the data rules keep
    num_anchors, num_taken, num_ignored : anchors in all; positive for any object,
        reported or not; ignored
    num_pixels, level_cells : pixels of the padded inputs; (L,) int64, cells of levels
    histogram : (4, H) int64, objects by size bin and number of positives
    level_positives : (4, L) int64, positives by size bin and level
    level_objects, level_low_quality_only : (L,) int64, objects with a positive on a
        level; those of them that have low-quality matches only
    by_size, by_class, by_ratio : tallies over ``SIZE_BINS``, the categories and
        ``RATIO_BINS``
    by_block : block of neighboring images, class, size (`block_keys`)
    iou_counts : (10,) int64, positives by IoU in steps of 0.1
    iou_units, num_ious : sum of the IoUs of positives in units of 2^-32; how many
    num_tied, num_fragile : objects
    causes : cause -> objects without positives; nothing at zero
    left_out_objects, left_out_images : reason -> count
    num_beyond : how many of the ignored anchors lie beyond the border
    candidates : of a gate
    num_shared_anchors : anchors that are positive for several objects, reported or not
    num_repeated : how often the loss has positives of the objects beyond once each
    num_only_shared : objects all of whose positives are shared
    num_passes : see `per_pass`

    Examples
    --------
    >>> from atss_inspect import load_coco, preset, summarize
    >>> sample = load_coco("sample_data/instances.json")
    >>> summarize(sample, preset("atss-mmdet"))[0].num_unassigned
    24
    """

    num_images: int
    num_anchors: int
    num_taken: int
    num_ignored: int
    num_pixels: int
    level_cells: IntArray
    histogram: IntArray
    level_positives: IntArray
    level_objects: IntArray
    level_low_quality_only: IntArray
    by_size: Tally
    by_class: Tally
    by_ratio: Tally
    by_block: SparseTally
    iou_counts: IntArray
    iou_units: int
    num_ious: int
    num_tied: int
    num_fragile: int
    causes: dict[str, int]
    left_out_objects: dict[str, int]
    left_out_images: dict[str, int]
    num_beyond: int = 0
    candidates: Candidates | None = None
    num_shared_anchors: int = 0
    num_repeated: int = 0
    num_only_shared: int = 0
    num_passes: int = 1

    def __add__(self, other: "Summary") -> "Summary":
        names = [each.name for each in fields(self)][:-1]
        pairs = ((getattr(self, name), getattr(other, name)) for name in names)
        return Summary(*itertools.starmap(_add, pairs))

    def _repr_html_(self) -> str:
        from atss_inspect.statistics.shown import summary_html

        return summary_html(self)

    def times(self, weight: int) -> "Summary":
        """The same images so many times."""
        names = [each.name for each in fields(self)][:-1]
        return Summary(*(_times(getattr(self, name), weight) for name in names))

    def per_pass(self, num_passes: int) -> "Summary":
        """The same of an average pass, of the sum of so many.

        Counts are those of one pass, as exact fractions where they are not whole. Of
        blocks, histograms and candidates, of which nothing but shares is taken, they
        stay sums.
        """
        if num_passes == 1:
            return self
        counts = {
            each.name: _per_pass(getattr(self, each.name), num_passes)
            for each in fields(self)
            if each.name not in _SHARES_ONLY
        }
        return replace(self, **counts | {"num_passes": num_passes})

    def without_parts(self) -> "Summary":
        """The same without blocks and classes, which take most of its memory."""
        none = np.zeros(0, dtype=np.int64)
        blocks = SparseTally(none, self.by_block.tally.taken(none))
        return replace(self, by_class=self.by_class.taken(none), by_block=blocks)

    def of_blocks(self, is_in: BoolArray) -> "Summary":
        """Objects of some of the (B,) blocks, by size alone; no Gini, price of all."""
        counts = self.block_sizes
        counts = counts[is_in[: len(counts)]].sum(axis=0)
        by_size = replace(self.by_size, counts=counts)
        nobody = np.zeros_like(self.histogram)
        return replace(self.without_parts(), by_size=by_size, histogram=nobody)

    @property
    def num_objects(self) -> int:
        """Number of objects reported."""
        return self.every_object.num_objects

    @property
    def num_positives(self) -> int:
        """Number of positives of the objects reported."""
        return self.every_object.num_positives

    @property
    def num_unassigned(self) -> int:
        """Number of objects without any positive."""
        return self.every_object.num_unassigned

    def share_of_objects(self, number: int) -> float | None:
        """Divide a number of objects by that of all; None without objects."""
        return share(number, self.num_objects)

    @property
    def cause_counts(self) -> dict[str, int]:
        """Objects without any positive by cause, those that occur, in rule order."""
        return {name: self.causes[name] for name in KNOWN_CAUSES if name in self.causes}

    @property
    def num_negatives(self) -> int:
        """Number of anchors that are neither positive for any object nor ignored."""
        return self.num_anchors - self.num_taken - self.num_ignored

    @property
    def mean_positives(self) -> float | None:
        """Positives per object; None without objects."""
        return self.every_object.mean_positives

    @property
    def unassigned_share(self) -> float | None:
        """Share of objects without any positive; None without objects."""
        return self.every_object.unassigned_share

    @property
    def mean_iou(self) -> float | None:
        """Mean IoU of positives with their object; None where the rule uses none."""
        return share(self.iou_units / IOU_UNITS, self.num_ious)

    @property
    def positives_by_iou(self) -> dict[str, int] | None:
        """Positives by IoU in steps of 0.1; None where the rule uses none."""
        if not self.num_ious:
            return None
        names = (f"{n / 10:g}-{(n + 1) / 10:g}" for n in range(10))
        return dict(zip(names, self.iou_counts.tolist(), strict=True))

    @cached_property
    def every_object(self) -> Group:
        """All objects reported, as one group."""
        return self.by_size.sum_of()

    @cached_property
    def block_sizes(self) -> IntArray:
        """Counts of each block of images by size; (B, 4, 5), as `Tally.counts`.

        They are sums of ``num_passes``.
        """
        _, _, size = split_block_keys(self.by_block.keys)
        return self._by_block(len(SIZE_BINS), size)

    def block_classes(self, classes: IntArray) -> IntArray:
        """The same of some classes; (B, N, 5), in the order of their (N,) indices."""
        number, (_, category, _) = len(classes), split_block_keys(self.by_block.keys)
        place = np.full(len(self.by_class.counts), number)  # the last, of all others
        place[classes] = np.arange(number)
        return self._by_block(number + 1, place[category])[:, :-1]

    def _by_block(self, number: int, part: IntArray) -> IntArray:
        """Sum the counts of each block by a part, from 0, of each of its keys."""
        block, _, _ = split_block_keys(self.by_block.keys)
        num_blocks = int(block.max(initial=0)) + 1
        counts = self.by_block.summed(block * number + part, num_blocks * number).counts
        return counts.reshape(num_blocks, number, -1)

    @property
    def coco_small(self) -> Group:
        """What COCO calls small: the tiny and the small ones."""
        return self.of_sizes("tiny", "small")

    @property
    def size_groups(self) -> dict[str, Group]:
        """All objects, those of each size bin, and COCO's small beside the small."""
        tiny, small, *larger = zip(SIZE_BINS, self.by_size.groups, strict=True)
        both = (COCO_SMALL, self.coco_small)
        return dict([(EVERYTHING, self.every_object), tiny, small, both, *larger])

    def of_sizes(self, *names: str) -> Group:
        """Take the objects of some size bins together."""
        return self.by_size.sum_of([SIZE_BINS.index(name) for name in names])

    @property
    def positives_by_level(self) -> tuple[int, ...]:
        """Positives on each of the L levels, finest first."""
        return tuple(self.level_positives.sum(axis=0).tolist())

    @property
    def level_shares(self) -> tuple[float | None, ...]:
        """Share of the positives on each level; None without positives."""
        total = sum(self.positives_by_level)
        return tuple(share(part, total) for part in self.positives_by_level)

    @property
    def per_image(self) -> PerImage:
        """Anchors of the average image: positive for any object, negative, ignored."""
        roles = (self.num_taken, self.num_negatives, self.num_ignored)
        return PerImage(*(share(number, self.num_images) for number in roles))

    @property
    def num_left_out(self) -> int:
        """Annotations that are not among the objects, for whatever reason."""
        return sum(self.left_out_objects.values())

    @property
    def median_positives(self) -> float | None:
        """Median of positives per object; None without objects."""
        return self.percentile(50)

    def percentile(self, percent: int) -> float | None:
        """Percentile of positives per object, linear between ranks as in NumPy.

        ``percent`` is a whole number; all is exact until the last division.
        """
        if not self.num_objects:
            return None
        counts = np.cumsum(self.histogram.sum(axis=0))
        below, rest = divmod((int(counts[-1]) - 1) * percent, 100)
        ranks = [below, below + 1]
        low, high = np.searchsorted(counts, ranks, side="right").tolist()
        return float((low * 100 + (high - low) * rest) / 100)

    @property
    def gini(self) -> float | None:
        """Gini coefficient of positives per object: 0 all alike, 1 one has all.

        The mean absolute difference between two objects (each pair twice, and each
        object with itself), over twice the mean. None without positives or histogram.
        """
        if not self.num_positives or not self.histogram.any():
            return None
        num, total = (
            int(each * self.num_passes)
            for each in (self.num_objects, self.num_positives)
        )
        ranked = before = 0  # Python's integers: n^2 times positives may be large
        for value, count in enumerate(self.histogram.sum(axis=0).tolist()):
            ranked += value * (count * before + count * (count + 1) // 2)
            before += count
        return (2 * ranked - (num + 1) * total) / (num * total)

    @property
    def large_to_small(self) -> float | None:
        """Mean positives of large objects over those of COCO-small ones.

        None where there are no objects of either kind, or the small ones have nothing.
        """
        large, small = self.of_sizes("large").mean_positives, self.coco_small
        if large is None or not small.mean_positives:
            return None
        return large / small.mean_positives


def expected_positives(settings: Settings) -> float | None:
    """Positives per object as the ATSS paper estimates, 0.2 * k * L; None of others."""
    return settings.rule.expected_positives(settings.assigner, settings.pyramid)


# Block, class and size as one number: there are fewer than 2^38 classes.
_SIZE_BITS, _BLOCK_SHIFT = 2, 40


def block_keys(block: IntArray, category: IntArray, size: IntArray) -> IntArray:
    """Name block, class and size bin of objects by one number; (G,) int64."""
    return (block << _BLOCK_SHIFT) | (category << _SIZE_BITS) | size


def split_block_keys(keys: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Block, class and size bin that keys name."""
    classes = (keys & ((1 << _BLOCK_SHIFT) - 1)) >> _SIZE_BITS
    return keys >> _BLOCK_SHIFT, classes, keys & ((1 << _SIZE_BITS) - 1)


# Of these nothing but shares is taken.
_SHARES_ONLY = ("histogram", "by_block", "iou_units", "num_ious", "candidates")


def _add(one: Any, other: Any) -> Any:
    """Add two fields of a summary; histograms grow to the wider one."""
    if one is None:
        return None
    if isinstance(one, dict):
        return add_counts(one, other)
    if isinstance(one, np.ndarray) and one.shape != other.shape:
        width = max(one.shape[1], other.shape[1])
        one, other = (
            np.pad(each, ((0, 0), (0, width - each.shape[1]))) for each in (one, other)
        )
    return one + other


def _times(one: Any, weight: int) -> Any:
    """Multiply a field of a summary."""
    if one is None:
        return None
    if isinstance(one, dict):
        return {key: count * weight for key, count in one.items()}
    return one * weight


def _per_pass(one: Any, num_passes: int) -> Any:
    """Divide a field of a summary by the number of passes."""
    if isinstance(one, Tally):
        return replace(one, num_passes=num_passes)
    if isinstance(one, dict):
        return {key: per_pass(count, num_passes) for key, count in one.items()}
    if isinstance(one, np.ndarray):
        flat = [per_pass(count, num_passes) for count in one.ravel().tolist()]
        return np.array(flat, dtype=object).reshape(one.shape)
    return per_pass(one, num_passes)


def add_counts(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    """Add two tables of reasons; keys in alphabetical order."""
    keys = sorted({*one, *other})
    return {key: one.get(key, 0) + other.get(key, 0) for key in keys}
