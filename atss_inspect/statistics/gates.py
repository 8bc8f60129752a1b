"""Gates counted: candidates, bounds and certain losses, in groups that add up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import add
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, IntArray
from atss_inspect.assigners.gate import Gate
from atss_inspect.settings import Settings
from atss_inspect.statistics.run import OnChunk, find_gate, frame_of, sum_chunks
from atss_inspect.statistics.summary import (
    SIZE_BINS,
    Selection,
    add_counts,
    size_bins,
)
from atss_inspect.statistics.tally import share, weighted_count

if TYPE_CHECKING:
    from concurrent.futures import Executor


class GateGroup(NamedTuple):
    """Some objects together, by what they can get at most."""

    num_objects: int
    num_without: int  # objects without a candidate of their own
    num_cannot_fill: int  # objects with fewer candidates than the quota, none included
    num_candidates: int
    num_contested: int  # candidates that are another object's, too
    max_positives: int  # the sum of what each can get at most

    @property
    def without_share(self) -> float | None:
        """Share of objects without a candidate; None without objects."""
        return share(self.num_without, self.num_objects)

    @property
    def contested_share(self) -> float | None:
        """Share of candidates that are another object's, too; None without any."""
        return share(self.num_contested, self.num_candidates)


@dataclass(frozen=True)
class GateSummary:
    """What one convention's gate lets through; sums of whole numbers."""

    quota: int  # an object gets at most so many
    # whether objects without a candidate are certain to stay without a positive
    is_certain: bool
    by_size: IntArray  # (4, 6) int64, those of `GateGroup` by size bin
    level_candidates: IntArray  # (L,) int64
    num_images: int
    left_out_objects: dict[str, int]
    left_out_images: dict[str, int]

    @property
    def every_object(self) -> GateGroup:
        """All objects together."""
        return GateGroup(*self.by_size.sum(axis=0).tolist())

    @property
    def groups(self) -> dict[str, GateGroup]:
        """The objects of each size bin, by its name."""
        groups = (GateGroup(*counts) for counts in self.by_size.tolist())
        return dict(zip(SIZE_BINS, groups, strict=True))

    def __add__(self, other: "GateSummary") -> "GateSummary":
        return replace(
            self,
            by_size=self.by_size + other.by_size,
            level_candidates=self.level_candidates + other.level_candidates,
            num_images=self.num_images + other.num_images,
            left_out_objects=add_counts(self.left_out_objects, other.left_out_objects),
            left_out_images=add_counts(self.left_out_images, other.left_out_images),
        )


def summarize_gates(
    dataset: Dataset,
    settings: Sequence[Settings],
    *,
    selection: Selection | None = None,
    executor: "Executor | None" = None,
    on_chunk: OnChunk | None = None,
) -> tuple[GateSummary, ...]:
    """Count what the gate of each convention lets through, chunk by chunk.

    As `run.summarize` for rules that answer with a gate; `SettingsError` for others.
    """
    chosen = selection or Selection()
    work = partial(gates_chunk, settings=tuple(settings), selection=chosen)
    plus: Any = lambda one, other: tuple(map(add, one, other))  # noqa: E731
    total = sum_chunks(work, dataset, plus=plus, executor=executor, on_chunk=on_chunk)
    return tuple(
        replace(
            one,
            left_out_objects=add_counts(one.left_out_objects, dataset.left_out),
            left_out_images=add_counts(one.left_out_images, dataset.left_out_images),
        )
        for one in total
    )


def gates_chunk(
    chunk: Dataset, *, settings: tuple[Settings, ...], selection: Selection
) -> tuple[GateSummary, ...]:
    """Count what each convention's gate lets through of one chunk."""
    found = []
    for each in settings:
        frame = frame_of(chunk, slice(0, chunk.num_images), each)
        chosen = selection.mask(chunk, frame.object_rows)
        sizes = size_bins(chunk.size_areas[frame.object_rows])
        found.append(summarize_gate(frame, find_gate(frame, each), chosen, sizes))
    return tuple(found)


def summarize_gate(
    frame: Frame, gate: Gate, chosen: BoolArray, sizes: IntArray
) -> GateSummary:
    """Count the chosen objects of a frame by size bin; (G,) each."""
    columns = (
        np.ones(frame.num_gt, dtype=np.int64),
        gate.is_without,
        gate.cannot_fill,
        gate.num_candidates,
        gate.contested.sum(axis=1),
        gate.max_positives,
    )
    bins, num_bins = sizes[chosen], len(SIZE_BINS)
    counts = [
        weighted_count(bins, column[chosen].astype(np.int64), num_bins)
        for column in columns
    ]
    left_out = dict(frame.left_out_objects)
    if not chosen.all():
        left_out["not_selected"] = int((~chosen).sum())
    return GateSummary(
        quota=gate.quota,
        is_certain=gate.is_certain,
        by_size=np.stack(counts, axis=1),
        level_candidates=gate.counts[chosen].sum(axis=0),
        num_images=frame.num_images,
        left_out_objects=left_out,
        left_out_images=dict(frame.left_out_images),
    )
