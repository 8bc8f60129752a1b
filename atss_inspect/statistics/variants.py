"""Objects over everything that training draws: in an average pass, ever, or never.

Every variant (a short side, flipped or not) is assigned exactly as one size is. What
comes of it is counted in whole numbers that add up over chunks, as all statistics are.
"""

import operator
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import cached_property, partial, reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from atss_inspect.annotations.augment import draws, is_sampled
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.shifts import shifts
from atss_inspect.arrays import BoolArray, Float64Array, IntArray
from atss_inspect.assigners.contest import marked
from atss_inspect.errors import SettingsError
from atss_inspect.settings import Settings
from atss_inspect.statistics.counting import (
    Counting,
    ObjectGroups,
    low_quality_only,
    summarize_answer,
)
from atss_inspect.statistics.run import (
    Answer,
    OnChunk,
    answer_each,
    counting_of,
    sum_chunks,
    with_reader_losses,
)
from atss_inspect.statistics.summary import SIZE_BINS, Selection, Summary, size_bins
from atss_inspect.statistics.tally import NEED, Group, Tally

if TYPE_CHECKING:
    from concurrent.futures import Executor

EPOCHS = 12


@dataclass(frozen=True)
class Variants:
    """A convention under everything that its training draws."""

    nominal: Settings  # as it is without drawing
    each: tuple[Settings, ...]  # one convention a variant; named like the nominal one
    weights: tuple[int, ...]  # how likely each is, beside the others
    # whether a range has more sizes than these, so that what holds in every one is only
    # bounded
    is_sampled: bool = False
    noun: str = "variant"  # what each of them is called; of `shifts_of` "shift"

    @property
    def total(self) -> int:
        """Sum of the weights."""
        return sum(self.weights)

    @property
    def short_sides(self) -> tuple[int, ...]:
        """Short sides of the variants, each once, in the order they are listed."""
        return tuple(dict.fromkeys(one.resize.short_side for one in self.each))


def variants_of(settings: Settings, num_objects: int = 0) -> Variants:
    """List the variants of what a convention's ``augment`` draws.

    Raises `SettingsError` where it names sizes both ways, or sizes beside a resize rule
    that looks at no short side.
    """
    rule, resize = settings.augment, settings.resize
    if rule.short_sides and rule.short_range:
        message = "augment: expected short_sides or short_range, got both"
        raise SettingsError(settings.name, message)
    if (rule.short_sides or rule.short_range) and not resize.has_sides:
        message = f"augment: the resize rule {resize.rule} has no short side to draw"
        hint = "flips alone are possible: --flip"
        raise SettingsError(settings.name, message, hint=hint)
    each, weights = [], []
    for side, is_flipped, weight in draws(rule, num_objects):
        sized = resize if side is None else replace(resize, short_side=side)
        each.append(replace(settings, resize=sized, is_flipped=is_flipped))
        weights.append(weight)
    sampled = is_sampled(rule, num_objects)
    return Variants(settings, tuple(each), tuple(weights), sampled)


def shifts_of(settings: Settings, number: int) -> Variants:
    """List so many places of the pictures, as likely each; see `annotations.shifts`.

    Sizes and flips are those of the convention itself.
    """
    coarsest = float(settings.pyramid.strides.max())
    places = shifts(number, coarsest)
    each = tuple(replace(settings, shift=place) for place in places)
    return Variants(settings, each, (1,) * number, noun="shift")


@dataclass(frozen=True)
class Lacking:
    """Objects by how often they lack something, over all variants; N size bins."""

    # (N, W + 1) int64: objects by the weight of the variants without it, W in all; of
    # those a variant leaves out it is among these
    by_weight: IntArray
    num_some: IntArray  # (N,) int64, objects that lack it in some, and have it in some

    @classmethod
    def count(
        cls, bins: IntArray, having: IntArray, kept: IntArray, total: int
    ) -> "Lacking":
        """Count G objects by the weight of variants with it, and that keep them."""
        width = total + 1
        place = bins * width + (total - having)
        flat = np.bincount(place, minlength=len(SIZE_BINS) * width)
        some = (having > 0) & (having < kept)
        return cls(
            flat.reshape(-1, width), np.bincount(bins[some], minlength=len(SIZE_BINS))
        )

    def __add__(self, other: "Lacking") -> "Lacking":
        by_weight = self.by_weight + other.by_weight
        return Lacking(by_weight, self.num_some + other.num_some)

    @property
    def num_every(self) -> IntArray:
        """Objects that have it in no variant; (N,) int64."""
        return self.by_weight[:, -1]

    def lacked(self, rows: Sequence[int] | slice, epochs: int = EPOCHS) -> "Lacked":
        """Take the objects of some size bins together."""
        every, some = self.num_every[rows].sum(), self.num_some[rows].sum()
        never = sum(np.array(self.never(epochs))[rows], Fraction(0))
        return Lacked(int(every), int(some), never)

    def never(self, epochs: int) -> tuple[Fraction, ...]:
        """Objects, of each size bin, expected to lack it in each of so many epochs.

        Draws of one epoch do not depend on another's, so the chance of an object is
        that of one epoch to the power of their number.
        """
        total = self.by_weight.shape[1] - 1
        powers = [weight**epochs for weight in range(total + 1)]
        sums = [sum(map(operator.mul, row, powers)) for row in self.by_weight.tolist()]
        return tuple(Fraction(each, total**epochs) for each in sums)


class Lacked(NamedTuple):
    """Objects of one group that lack something, by how often."""

    every: int  # in every variant
    some: int  # in some, not in all
    never: Fraction  # expected to have it in none of some epochs


class VariantGroup(NamedTuple):
    """Some objects over all that is drawn."""

    num_objects: int  # that a variant keeps
    num_left_out: int  # of these, what a variant leaves out
    nominal: Group  # in the convention's own size, not flipped
    average: Group  # in an average pass
    unassigned: Lacked
    poorly: Lacked


@dataclass(frozen=True)
class ObjectVariants:
    """What each of G objects gets over the variants; all int64 of shape (G,)."""

    kept: IntArray  # weight of the variants that keep it
    assigned: IntArray  # weight of those in which it has a positive
    well: IntArray  # weight of those in which it is not poorly assigned
    positives: IntArray  # its positives times the weight of the variant, summed
    num_assigned: IntArray  # number of variants in which it has a positive
    num_kept: IntArray  # number of variants that keep it

    @classmethod
    def none(cls, number: int) -> "ObjectVariants":
        """Nothing seen yet of so many objects."""
        return cls(*(np.zeros(number, dtype=np.int64) for _ in fields(cls)))

    def see(self, answer: Answer, weight: int) -> None:
        """Take one variant in; the frame's rows are places here."""
        settings, frame, assignment = answer
        rows = frame.object_rows
        positives = np.bincount(assignment.gt, minlength=frame.num_gt)
        is_assigned = marked(assignment.gt, frame.num_gt)
        is_low = low_quality_only(frame, assignment, settings)
        self.kept[rows] += weight
        self.assigned[rows] += weight * is_assigned
        self.well[rows] += weight * (
            is_assigned if is_low is None else is_assigned & ~is_low
        )
        self.positives[rows] += weight * positives
        self.num_assigned[rows] += is_assigned
        self.num_kept[rows] += 1

    def per_draw(self, weights: IntArray) -> Float64Array:
        """Divide by the weight of the variants that keep each; NaN where none does."""
        kept = np.where(self.kept, self.kept, np.nan)
        shares: Float64Array = weights / kept
        return shares

    @property
    def unassigned_share(self) -> Float64Array:
        """Share of the draws that keep it in which it has no positive; (G,)."""
        return self.per_draw(self.kept - self.assigned)

    @property
    def poorly_share(self) -> Float64Array:
        """Share of the draws that keep it in which it is poorly assigned; (G,)."""
        return self.per_draw(self.kept - self.well)

    @property
    def expected_positives(self) -> Float64Array:
        """Mean of its positives over the draws that keep it; (G,)."""
        return self.per_draw(self.positives)


@dataclass(frozen=True)
class VariantSummary:
    """What one convention does to the objects over all it draws; adds up.

    Attributes
    ----------
    nominal : at the convention's own size, not flipped, as `summarize` has it
    passes : the sum of the variants' summaries, each times its weight: its shares and
        means are those of an average pass, its counts `total` times too large
    total : sum of the weights
    by_variant : (V, 4, 5) int64, counts of `Tally` of each variant by size bin
    num_objects : (4,) int64, objects by size bin that a variant keeps
    num_left_out : (4,) int64, of these the objects that a variant leaves out
    unassigned, poorly : objects by how often they are without a positive, or poorly
        assigned
    """

    nominal: Summary
    passes: Summary
    total: int
    by_variant: IntArray
    num_objects: IntArray
    num_left_out: IntArray
    unassigned: Lacking
    poorly: Lacking

    def __add__(self, other: "VariantSummary") -> "VariantSummary":
        names = [each.name for each in fields(self)]
        both = {name: getattr(self, name) + getattr(other, name) for name in names}
        return VariantSummary(**{**both, "total": self.total})

    def group(
        self, sizes: Sequence[str] = SIZE_BINS, epochs: int = EPOCHS
    ) -> VariantGroup:
        """Take the objects of some sizes together."""
        rows = [SIZE_BINS.index(size) for size in sizes]

        return VariantGroup(
            int(self.num_objects[rows].sum()),
            int(self.num_left_out[rows].sum()),
            self.nominal.of_sizes(*sizes),
            self.average.of_sizes(*sizes),
            self.unassigned.lacked(rows, epochs),
            self.poorly.lacked(rows, epochs),
        )

    @cached_property
    def average(self) -> Summary:
        """What an average pass does: `passes`, each count that of one pass."""
        return self.passes.per_pass(self.total)


def summarize_variants(
    dataset: Dataset,
    variants: Sequence[Variants],
    *,
    selection: Selection | None = None,
    need: int = NEED,
    executor: "Executor | None" = None,
    on_chunk: OnChunk | None = None,
) -> tuple[VariantSummary, ...]:
    """Count what each convention does to the objects, over all that it draws.

    Parameters and order as of `run.summarize`; the answer does not depend on who
    computes it.
    """
    work = partial(
        _count_chunk,
        variants=tuple(variants),
        selection=selection or Selection(),
        counting=counting_of(dataset, need),
    )
    plus: Any = lambda one, other: tuple(map(operator.add, one, other))  # noqa: E731
    total = sum_chunks(work, dataset, plus=plus, executor=executor, on_chunk=on_chunk)
    return tuple(
        replace(one, nominal=with_reader_losses(one.nominal, dataset)) for one in total
    )


def _count_chunk(
    chunk: Dataset,
    variants: tuple[Variants, ...],
    selection: Selection,
    counting: Counting,
) -> tuple[VariantSummary, ...]:
    """Count one chunk over the variants of each convention."""
    every = np.arange(chunk.num_objects)
    chosen = selection.mask(chunk, every)
    return tuple(_count_variants(chunk, one, chosen, counting) for one in variants)


def _count_variants(
    chunk: Dataset, variants: Variants, chosen: BoolArray, counting: Counting
) -> VariantSummary:
    """Count one chunk over the variants of one convention; ``chosen`` is (G,) bool."""
    found: dict[int, Summary] = {}
    seen = ObjectVariants.none(chunk.num_objects)
    for place, answer in answer_each(chunk, (*variants.each, variants.nominal)):
        settings, frame, assignment = answer
        objects = ObjectGroups.of(chunk, frame, chosen[frame.object_rows], counting)
        found[place] = summarize_answer(frame, assignment, settings, objects)
        if place < len(variants.each):
            seen.see(answer, variants.weights[place])
    each = [found[place] for place in range(len(variants.each))]
    taken = np.flatnonzero(chosen & (seen.kept > 0))
    bins, kept = size_bins(chunk.size_areas[taken]), seen.kept[taken]
    left_out = bins[kept < variants.total]

    def lacking(having: IntArray) -> Lacking:
        return Lacking.count(bins, having[taken], kept, variants.total)

    return VariantSummary(
        nominal=found[len(each)],
        passes=_weighted(each, variants.weights),
        total=variants.total,
        by_variant=np.stack([one.by_size.counts for one in each]),
        num_objects=np.bincount(bins, minlength=len(SIZE_BINS)),
        num_left_out=np.bincount(left_out, minlength=len(SIZE_BINS)),
        unassigned=lacking(seen.assigned),
        poorly=lacking(seen.well),
    )


def _weighted(summaries: Sequence[Summary], weights: Sequence[int]) -> Summary:
    """Add summaries up, each times its weight."""
    pairs = zip(summaries, weights, strict=True)
    first, *others = (one.times(weight) for one, weight in pairs)
    return reduce(operator.add, others, first)


def see_chunk(chunk: Dataset, variants: Variants) -> ObjectVariants:
    """Look at the objects of one chunk."""
    seen = ObjectVariants.none(chunk.num_objects)
    for place, answer in answer_each(chunk, variants.each):
        seen.see(answer, variants.weights[place])
    return seen


def tallies_by_side(summary: VariantSummary, variants: Variants) -> dict[int, Tally]:
    """Objects by size at each short side, flipped and not together."""
    tallies: dict[int, Tally] = {}
    for counts, weight, one in zip(
        summary.by_variant, variants.weights, variants.each, strict=True
    ):
        tally = Tally(counts * weight)
        side = one.resize.short_side
        tallies[side] = tallies[side] + tally if side in tallies else tally
    return tallies
