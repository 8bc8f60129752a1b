"""Which value of a sweep to take, and by what rule."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import SIZE_BINS, Group, Summary
from atss_inspect.statistics.sweep import Axis, K, Point

# What improves by no more than this does not count, when a smallest k is looked for:
# a thousandth of the objects without a positive, a hundredth of Gini.
SHARE_TOLERANCE = Fraction(1, 1000)
GINI_TOLERANCE = 0.01


def is_over_k(axes: Sequence[Axis]) -> bool:
    """Whether k is swept, and nothing else."""
    return [axis.path for axis in axes] == [K]


def choose(
    base: Settings,
    axes: Sequence[Axis],
    points: Sequence[Point],
    summaries: Sequence[Summary],
) -> int | None:
    """Choose a row of a sweep.

    Returns
    -------
    For k alone: of those that leave hardly more objects without a positive than the
    best does, the smallest after which nothing improves by more than the tolerances,
    neither a share of objects without a positive, of all or of any size, nor the Gini
    coefficient. Where k changes none of these, and for other settings, the smallest
    share of objects without a positive, of equals the one nearest to ``base``, of these
    the first. None where there are no objects.
    """
    filled = [row for row, summary in enumerate(summaries) if summary.num_objects]
    if not filled:
        return None
    if is_over_k(axes) and not are_equal(summaries):
        fit = leaving_few(filled, summaries)
        by_k = sorted(fit, key=lambda row: points[row].values[K])
        return next(
            row
            for place, row in enumerate(by_k)
            if not any(
                improves(summaries[row], summaries[larger])
                for larger in by_k[place + 1 :]
            )
        )
    return min(
        filled,
        key=lambda row: (
            exact_share(summaries[row]),
            distance(base, points[row]),
        ),
    )


def leaving_few(rows: Sequence[int], summaries: Sequence[Summary]) -> list[int]:
    """List the rows whose starved share is within the tolerance of the least.

    What a size or Gini gains by starving more objects is no improvement.
    """
    shares = {row: exact_share(summaries[row]) for row in rows}
    least = min(shares.values())
    return [row for row, share in shares.items() if share - least <= SHARE_TOLERANCE]


def exact_share(summary: Summary) -> Fraction:
    """Exact share of objects without a positive; there must be objects."""
    return Fraction(summary.num_unassigned, summary.num_objects)


def are_equal(summaries: Iterable[Summary]) -> bool:
    """Whether all starve as many objects of each size, and share as evenly."""
    return (
        len(
            {
                (
                    one.gini,
                    *((each.num_objects, each.num_unassigned) for each in _groups(one)),
                )
                for one in summaries
            }
        )
        == 1
    )


def improves(one: Summary, other: Summary) -> bool:
    """Whether the other is better by more than a tolerance."""
    pairs = zip(_groups(one), _groups(other), strict=True)
    if any(gain(before, after) > SHARE_TOLERANCE for before, after in pairs):
        return True
    return (one.gini or 0.0) - (other.gini or 0.0) > GINI_TOLERANCE


def gain(before: Group, after: Group) -> Fraction:
    """How far the share of objects without a positive falls; exact."""
    if not (before.num_objects and after.num_objects):
        return Fraction(0)
    return Fraction(before.num_unassigned, before.num_objects) - Fraction(
        after.num_unassigned, after.num_objects
    )


def _groups(summary: Summary) -> Iterator[Group]:
    """Count all objects, and those of each size."""
    yield summary.every_object
    yield from map(summary.of_sizes, SIZE_BINS)


def distance(base: Settings, point: Point) -> tuple[float, ...]:
    """Measure how far a combination is from what holds without it, axis by axis."""
    own = base.values()
    return tuple(_between(own.get(path), new) for path, new in point.values.items())


def _between(old: Any, new: Any) -> float:
    """Measure a change: of numbers the difference, of lists what comes and goes."""
    if old == new:
        return 0.0
    if isinstance(old, int | float) and isinstance(new, int | float):
        return abs(float(new) - float(old))
    if isinstance(old, tuple) and isinstance(new, tuple):
        return float(len(set(old) ^ set(new)) or 1)
    return 1.0
