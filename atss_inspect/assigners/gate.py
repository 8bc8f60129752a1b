"""What a rule answers that needs a model: what may become positive, and what cannot.

The rules of many detectors look at predictions, but a gate stands before them: the
anchor points that an object may get at all. It is known without a model. What it holds
are candidates; which of them become positive only training says.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.blocks import shared_cells
from atss_inspect.assigners.causes import CAUSES, NO_CANDIDATE, Unassigned
from atss_inspect.assigners.pyramid import cells_between

ROW_FROM, ROW_TO, COLUMN_FROM, COLUMN_TO = range(4)


@dataclass(frozen=True)
class Gate:
    """The candidates of a frame's objects, a rectangle of cells on each level."""

    # (G, L, 4) int64 row_from, row_to, column_from, column_to: cells from the first to
    # before the second; zeros where there is none
    windows: IntArray
    gt_image: IntArray  # (G,) int64, place within the frame of each box's image
    map_sizes: IntArray  # (I, L, 2) int64 rows, columns of each feature map
    quota: int  # the rule picks at most so many of them for an object
    # whether an object can get candidates of its own only. Where it can get those of
    # other objects, too, having none of its own is a warning, and nothing is certain
    is_certain: bool = True
    # (G, 4) float32 xyxy, input pixels: where candidates are looked for, of a rule that
    # widens small boxes; None: the boxes as they are
    searched: Float32Array | None = None

    @cached_property
    def counts(self) -> IntArray:
        """Number of candidates of each object on each level; (G, L) int64."""
        rows = self.windows[..., ROW_TO] - self.windows[..., ROW_FROM]
        columns = self.windows[..., COLUMN_TO] - self.windows[..., COLUMN_FROM]
        counts: IntArray = rows * columns
        return counts

    @cached_property
    def num_candidates(self) -> IntArray:
        """Number of candidates of each object; (G,) int64."""
        total: IntArray = self.counts.sum(axis=1)
        return total

    @property
    def is_without(self) -> BoolArray:
        """Objects that have no candidate of their own; (G,) bool.

        Certain to stay without a positive, if `is_certain`.
        """
        is_none: BoolArray = self.num_candidates == 0
        return is_none

    @property
    def max_positives(self) -> IntArray:
        """Most points of its own that can be picked for each object; (G,) int64.

        Its candidates, up to the quota. A contest may give it one more, which several
        others picked, too; where others' candidates count, it may get those.
        """
        return np.minimum(self.num_candidates, self.quota)

    @property
    def gt(self) -> IntArray:
        """Rows of boxes, each as often as `max_positives`: the bound, as `Assignment`.

        What counts rows of assignments counts bounds of gates.
        """
        return np.repeat(np.arange(len(self.windows)), self.max_positives)

    @property
    def unassigned(self) -> Unassigned:
        """Why boxes have no candidate, as of assignments."""
        cause = np.where(self.is_without, CAUSES.index(NO_CANDIDATE), 0)
        return Unassigned(cause, np.full(len(cause), -1))

    @property
    def cannot_fill(self) -> BoolArray:
        """Objects with fewer candidates than the quota; (G,) bool."""
        is_few: BoolArray = self.num_candidates < self.quota
        return is_few

    def listed(self) -> Assignment:
        """List the candidates one by one, where an assignment has its positives.

        For what draws or lists the anchors of few images; by object, level and index. A
        point that several objects may get comes as often.
        """
        num_gt, num_levels = self.windows.shape[:2]
        columns = self.map_sizes[self.gt_image, :, 1].ravel()
        number = np.arange(num_gt * num_levels)
        top, bottom, left, right = self.windows.reshape(-1, 4).T
        pair, index = cells_between(number, top, bottom, left, right, columns)
        gt, level = np.divmod(pair, num_levels)
        none = np.zeros(num_gt, dtype=bool)
        points = self.map_sizes.prod(axis=2).sum(axis=1)
        ignored = np.zeros_like(points)
        why = self.unassigned
        return Assignment(gt, level, index, None, ignored, points, none, none, why)

    @cached_property
    def contested(self) -> IntArray:
        """Number of candidates of each object that are another's, too; (G, L) int64."""
        levels = self.windows.transpose(1, 0, 2)
        found = [shared_cells(windows, self.gt_image) for windows in levels]
        empty = np.zeros((len(self.windows), 0), dtype=np.int64)
        return np.column_stack(found) if found else empty
