"""What objects get over all that is drawn, one by one: to be ranked, and listed."""

import itertools
from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import Float64Array, IntArray
from atss_inspect.statistics.run import answer_each
from atss_inspect.statistics.summary import Selection, size_bins
from atss_inspect.statistics.variants import Lacking, ObjectVariants, Variants


class Draws(NamedTuple):
    """What an object gets over all that is drawn; shares of the draws that keep it."""

    # shares of draws without a positive, and of those in which it is poorly assigned;
    # these and the mean are None where no variant keeps it
    unassigned_share: float | None
    poorly_share: float | None
    expected_positives: float | None  # mean
    num_assigned: int  # variants with a positive
    num_kept: int  # variants that keep it

    @property
    def order(self) -> tuple[float, float, float]:
        """Most often without a positive, then most often poorly assigned, then few."""
        if self.unassigned_share is None or self.poorly_share is None:
            return 1.0, 1.0, 0.0
        return -self.unassigned_share, -self.poorly_share, self.expected_positives or 0


def draws_of(seen: ObjectVariants, rows: IntArray) -> list[Draws]:
    """Describe some objects."""
    columns = [seen.unassigned_share, seen.poorly_share, seen.expected_positives]
    for place, column in enumerate(columns):
        columns[place] = column.astype(object)
        columns[place][seen.kept == 0] = None
    lists = (
        each[rows].tolist() for each in (*columns, seen.num_assigned, seen.num_kept)
    )
    return list(itertools.starmap(Draws, zip(*lists, strict=True)))


def draw_keys(seen: ObjectVariants, rows: IntArray) -> list[Float64Array]:
    """Keys of some objects that sort as `Draws.order`; the last one counts most."""
    shares = seen.poorly_share[rows], seen.unassigned_share[rows]
    keys = [np.nan_to_num(seen.expected_positives[rows])]
    return keys + [np.nan_to_num(-each, nan=1.0) for each in shares]


def count_lacking(
    chunk: Dataset, selection: Selection, variants: Variants, seen: ObjectVariants
) -> Lacking:
    """Count the objects asked for that a variant keeps, by how often they lack."""
    chosen = selection.mask(chunk, np.arange(chunk.num_objects))
    rows = np.flatnonzero(chosen & (seen.kept > 0))
    bins, having = size_bins(chunk.size_areas[rows]), seen.assigned[rows]
    return Lacking.count(bins, having, seen.kept[rows], variants.total)


class Followed(NamedTuple):
    """One object in every variant."""

    variants: Variants
    draws: Draws
    positives: tuple[int | None, ...]  # in each variant; None where it is left out


def follow(image: Dataset, row: int, variants: Variants) -> Followed:
    """Assign an image, which is alone, in every variant, and look at one object."""
    seen = ObjectVariants.none(image.num_objects)
    positives: list[int | None] = [None] * len(variants.each)
    for place, answer in answer_each(image, variants.each):
        seen.see(answer, variants.weights[place])
        _, frame, assignment = answer
        for gt in np.flatnonzero(frame.object_rows == row):
            positives[place] = int(np.count_nonzero(assignment.gt == gt))
    [draws] = draws_of(seen, np.array([row]))
    return Followed(variants, draws, tuple(positives))
