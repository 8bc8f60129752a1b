"""Objects counted: from an assignment to a `Summary`."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.causes import Unassigned
from atss_inspect.assigners.contest import marked
from atss_inspect.assigners.gate import Gate
from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import (
    IOU_UNITS,
    RATIO_BINS,
    SIZE_BINS,
    Candidates,
    Summary,
    block_keys,
    ratio_bins,
    size_bins,
)
from atss_inspect.statistics.tally import (
    NEED,
    Outcomes,
    SparseTally,
    Tally,
    weighted_count,
)

# Limits between bins of IoU, float32 as the IoUs of rules are: 0 to 0.1, ...
_IOU_LIMITS = (np.arange(1, 10) / 10).astype(np.float32)


class Counting(NamedTuple):
    """How objects are counted."""

    need: int = NEED  # positives that an object needs
    images_per_block: int = 1  # neighboring images that are counted together


class ObjectGroups(NamedTuple):
    """The objects of a frame that are reported, and the groups they belong to."""

    counting: Counting  # how they are counted
    chosen: BoolArray  # (F,) bool, which objects of the frame are reported; G of them
    # sizes, ratios, classes: (G,) int64 indices of groups
    sizes: IntArray
    ratios: IntArray
    classes: IntArray
    num_classes: int  # how many classes there are
    # block_keys, blocks: (N,) int64 ascending `block_keys` that occur, and (G,) int64
    # indices into them
    block_keys: IntArray
    blocks: IntArray

    @classmethod
    def of(
        cls, dataset: Dataset, frame: Frame, chosen: BoolArray, counting: Counting
    ) -> "ObjectGroups":
        """Group objects; the data set is the images that the frame was built from."""
        rows = frame.object_rows[chosen]
        sizes = size_bins(dataset.size_areas[rows])
        classes = dataset.category_index[rows]
        image = dataset.first_image + dataset.images_of(rows)
        keys = block_keys(image // counting.images_per_block, classes, sizes)
        return cls(
            counting,
            chosen,
            sizes,
            ratio_bins(dataset.xywh[rows]),
            classes,
            len(dataset.category_names),
            *np.unique(keys, return_inverse=True),
        )


def summarize_answer(
    frame: Frame, answer: Assignment | Gate, settings: Settings, objects: ObjectGroups
) -> Summary:
    """Count what an assignment did to the objects of a frame, or a gate would allow.

    Those that are not reported count as left out, ``not_selected``.
    """
    if isinstance(answer, Gate):
        return _summarize_gate(frame, answer, settings, objects)
    chosen = objects.chosen
    num_levels = len(settings.anchors.strides)
    levels = positives_per_level(answer, frame.num_gt, num_levels)[chosen]
    is_low = low_quality_only(frame, answer, settings)
    is_low = is_low if is_low is None else is_low[chosen]
    # Long rows are ten times as quick to sum.
    positives = np.ascontiguousarray(levels.T).sum(axis=0)
    found = Outcomes(positives, is_low, objects.counting.need)
    ious, beyond = answer.iou, answer.num_beyond
    if ious is not None and not chosen.all():
        ious = ious[chosen[answer.gt]]
    ious = np.empty(0, np.float32) if ious is None else ious
    return replace(
        _summarize(frame, answer.unassigned, settings, objects, found, levels),
        num_anchors=int(answer.num_anchors.sum()),
        num_taken=answer.num_taken,
        num_ignored=int(answer.num_ignored.sum()),
        iou_counts=_counts_by_iou(ious),
        iou_units=_in_units(ious),
        num_ious=len(ious),
        num_tied=int(answer.is_tied[chosen].sum()),
        num_fragile=int(answer.is_fragile[chosen].sum()),
        num_beyond=0 if beyond is None else int(beyond.sum()),
        **_shared_counts(answer, chosen),
    )


def _shared_counts(found: Assignment, chosen: BoolArray) -> dict[str, Any]:
    """Anchors of several objects and rows that are there again, without a contest."""
    if found.is_shared is None or found.times is None:
        return {}
    is_own, has_own = chosen[found.gt], marked(found.gt[~found.is_shared], len(chosen))
    has_any = marked(found.gt, len(chosen))
    return {
        "num_shared_anchors": int(found.is_shared.sum()) - found.num_shared,
        "num_repeated": int((found.times[is_own] - 1).sum()),
        "num_only_shared": int((has_any & ~has_own & chosen).sum()),
    }


def _summarize_gate(
    frame: Frame, gate: Gate, settings: Settings, objects: ObjectGroups
) -> Summary:
    """Count the bounds that a gate sets, and its candidates by level."""
    levels = gate.counts[objects.chosen]
    found = Outcomes(
        gate.max_positives[objects.chosen], None, gate.quota, is_of_gate=True
    )
    return replace(
        _summarize(frame, gate.unassigned, settings, objects, found, levels),
        candidates=Candidates(
            quota=gate.quota,
            is_certain=gate.is_certain,
            num_candidates=int(levels.sum()),
            num_contested=int(gate.contested[objects.chosen].sum()),
        ),
    )


def _summarize(
    frame: Frame,
    unassigned: Unassigned,
    settings: Settings,
    objects: ObjectGroups,
    found: Outcomes,
    levels: IntArray,
) -> Summary:
    """Count objects by what they got, in all and by level, (G, L); anchors are none."""
    chosen, bins = objects.chosen, objects.sizes
    cells = settings.pyramid.grids(frame.padded_size).map_sizes.prod(axis=2)  # (I, L)
    left_out = dict(frame.left_out_objects)
    if not chosen.all():
        left_out["not_selected"] = int((~chosen).sum())
    by_block = Tally.count(objects.blocks, found, len(objects.block_keys))
    return Summary(
        num_images=frame.num_images,
        num_anchors=0,
        num_taken=0,
        num_ignored=0,
        num_pixels=int(frame.padded_size.prod(axis=1).sum()),
        level_cells=cells.sum(axis=0),
        histogram=_histogram(bins, found.positives),
        level_positives=_level_positives(bins, levels),
        level_objects=np.count_nonzero(np.ascontiguousarray(levels.T), axis=1),
        level_low_quality_only=(levels[found.low_rows] > 0).sum(axis=0),
        by_size=Tally.count(bins, found, len(SIZE_BINS)),
        by_class=Tally.count(objects.classes, found, objects.num_classes),
        by_ratio=Tally.count(objects.ratios, found, len(RATIO_BINS)),
        by_block=SparseTally(objects.block_keys, by_block),
        iou_counts=np.zeros(10, dtype=np.int64),
        iou_units=0,
        num_ious=0,
        num_tied=0,
        num_fragile=0,
        causes=_cause_counts(unassigned, chosen),
        left_out_objects=left_out,
        left_out_images=dict(frame.left_out_images),
    )


def counted(
    frame: Frame, answer: Assignment | Gate, need: int
) -> tuple[IntArray, int, bool]:
    """Count the positives of each box, or its candidates; (G,) int64.

    Then what objects need, of a gate its quota, and whether an object without any
    certainly stays without.
    """
    if isinstance(answer, Gate):
        return answer.num_candidates, answer.quota, answer.is_certain
    return np.bincount(answer.gt, minlength=frame.num_gt), need, True


def low_quality_only(
    frame: Frame, answer: Assignment | Gate, settings: Settings
) -> BoolArray | None:
    """Which boxes of a frame have positives, but none at or above the rule's bar.

    (G,) bool; None where the rule has no low-quality matches (`Rule.bar`).
    """
    if isinstance(answer, Gate) or (reaches := reaches_bar(answer, settings)) is None:
        return None
    has_any = marked(answer.gt, frame.num_gt)
    return has_any & ~marked(answer.gt[reaches], frame.num_gt)


def reaches_bar(assignment: Assignment, settings: Settings) -> BoolArray | None:
    """Which positives are no low-quality matches; (P,) bool.

    None where the rule has no low-quality matches.
    """
    bar = settings.low_quality_bar
    if bar is None or assignment.iou is None:
        return None
    return assignment.iou >= np.float32(bar)


def positives_per_level(
    assignment: Assignment, num_gt: int, num_levels: int
) -> IntArray:
    """Count each box's positives on each level; (G, L) int64."""
    place = assignment.gt * num_levels + assignment.level
    flat = np.bincount(place, minlength=num_gt * num_levels)
    return flat.reshape(num_gt, num_levels)


def _histogram(bins: IntArray, positives: IntArray) -> IntArray:
    """Count objects by size bin and number of positives; (4, most positives + 1)."""
    width = int(positives.max(initial=0)) + 1
    flat = np.bincount(bins * width + positives, minlength=4 * width)
    return flat.reshape(4, width)


def _level_positives(bins: IntArray, levels: IntArray) -> IntArray:
    """Sum (G, L) positives by size bin and level; (4, L) int64."""
    num_levels = levels.shape[1]
    place = bins[:, None] * num_levels + np.arange(num_levels)  # (G, L)
    flat = weighted_count(place.ravel(), levels.ravel(), 4 * num_levels)
    return flat.reshape(4, num_levels)


def _cause_counts(unassigned: Unassigned, chosen: BoolArray) -> dict[str, int]:
    """Count the reported objects by cause, the causes that occur."""
    counts = np.bincount(unassigned.cause[chosen]).tolist()
    each = zip(unassigned.names[1:], counts[1:], strict=False)
    return {name: number for name, number in each if number}


def _counts_by_iou(ious: Float32Array) -> IntArray:
    """Count IoUs between limits; (10,) int64."""
    # One pass a limit is ten times as quick as to search each of a million.
    from_limit = [np.count_nonzero(ious >= limit) for limit in _IOU_LIMITS]
    return -np.diff([len(ious), *from_limit, 0])


def _in_units(ious: Float32Array) -> int:
    """Sum float32 IoUs as whole multiples of 2^-32: exact from 2^-8 on."""
    # Doubles hold these sums of whole numbers exactly as long as they stay below 2^53,
    # which 2^21 IoUs do.
    total = 0
    for start in range(0, len(ious), 1 << 20):
        block = ious[start : start + (1 << 20)].astype(np.float64)
        total += int(np.rint(block * IOU_UNITS).sum())
    return total
