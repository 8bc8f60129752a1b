"""Which boxes a convention can see: positives over width and height, without any data.

Boxes of every width and height are put on images of the convention's own size, each
alone, at places spread evenly over the image; what they get depends on the convention
only. Lengths are input pixels throughout.
"""

from dataclasses import dataclass, replace

import numpy as np

from atss_inspect.annotations.data_rules import DataRules
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.resize import ResizeRule, input_sizes
from atss_inspect.arrays import BoolArray, Float64Array, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.errors import SettingsError
from atss_inspect.settings import Settings
from atss_inspect.statistics.run import BOXES_PER_CHUNK, answer_chunk

SMALLEST, LARGEST = 2.0, 1024.0
SIDES_PER_OCTAVE = 4
# A box lies at the square of this many places: a lattice over a cell of the finest
# level, each point of it in another cell of the image.
PLACES_ACROSS = 8
# A box counts as seen where at least this share of the places gives it a positive.
SEEN_FROM = 0.5
# Shapes whose smallest box is looked for: squares, and 1 to 8.
RATIOS = (1, 8)
# Sides of squares measured apart, in finest strides: just below 1 and at 1, too.
SQUARES = (0.5, 0.75, 0.9875, 1.0, 1.25, 1.5, 2.0, 4.0)
# Whole pixels tried for the smallest box of a shape.
MOST_SIDE = 128
# Positives that are counted at most, of all boxes, and at once so that memory stays
# bounded.
MOST_POSITIVES = 100_000_000
_POSITIVES_AT_ONCE = 1_000_000
# Coordinates are whole multiples of this, so that float32 sums of them are exact.
_GRAIN = 1 / 64
# Room for a box to the image's border; inclusive corners reach one pixel less far.
_MARGIN = 1.0
# Steps of the two-dimensional sequence of evenly spread points that is built on the
# plastic number (Roberts 2018, "R2"): its inverse and inverse square.
_STEPS = np.array([0.7548776662466927, 0.5698402909980532])


@dataclass(frozen=True, eq=False)
class Sight:
    """Which boxes a convention sees."""

    sides: Float64Array  # (S,) float64 ascending, widths and heights of the boxes
    # (S, S) float64 by height, then width: share of the places where a box gets no
    # positive; NaN where no image of the convention's size holds the box.
    unassigned_share: Float64Array
    # Short side over long side (as 1 to so many) -> whole pixels of the short side from
    # which such boxes are seen, see `smallest_seen`.
    smallest: dict[int, int | None]

    @property
    def is_everywhere(self) -> bool:
        """Whether every box gets a positive wherever it lies."""
        return not bool((self.unassigned_share > 0).any())

    def share_at(self, boxes: Float64Array) -> Float64Array:
        """Share of places where (G, 2) boxes, width and height, get no positive.

        (G,) float64, between the boxes measured linear in the logarithms of the sides;
        shorter and longer ones than ``sides`` hold count as the shortest and longest
        there are. 0 where no image holds the box; above one half it is beyond reach.
        """
        return _between(self.sides, self.unassigned_share, boxes)


@dataclass(frozen=True, eq=False)
class Squares:
    """What squares of a few sides have under a gate; (N,) each."""

    sides: Float64Array  # float64 input pixels
    unassigned_share: Float64Array  # share of the places without a candidate
    mean: Float64Array  # the most positives that are possible, mean over the places

    def by_side(self) -> dict[float, tuple[float | None, float | None]]:
        """Share and mean of each side; None where no image has such a square."""
        columns = self.sides, self.unassigned_share, self.mean
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return {
            side: (None, None) if np.isnan(mean) else (share, mean)
            for side, share, mean in rows
        }


@dataclass(frozen=True, eq=False)
class Reach:
    """What boxes of every shape get under one convention."""

    settings: Settings  # the convention
    # (S, S) float64 by height, then width: positives of a box, mean over its places;
    # NaN where no image of the convention's size holds the box.
    mean_positives: Float64Array
    sight: Sight  # which boxes get any
    # Which boxes would without the rule's last resort, such as the low-quality matches
    # of the IoU rule; None for conventions that have none.
    unforced: Sight | None = None
    squares: Squares | None = None  # of a gate: around its finest stride

    @property
    def forced_share(self) -> Float64Array:
        """Share of places where a box has positives by the last resort only.

        (S, S) as `Sight.unassigned_share`; 0 for conventions that have none. Under the
        IoU rule these are only low-quality matches.
        """
        if self.unforced is None:
            return np.zeros_like(self.sight.unassigned_share)
        return self.unforced.unassigned_share - self.sight.unassigned_share

    def num_forced(self, boxes: Float64Array) -> int:
        """Count the (G, 2) boxes of which most places are such."""
        shares = _between(self.sight.sides, self.forced_share, boxes)
        return int(np.count_nonzero(shares > 1 - SEEN_FROM))


def usual_sides() -> Float64Array:
    """Sides evenly spaced on a log scale, both ends included."""
    octaves = np.log2(LARGEST / SMALLEST)
    steps = np.arange(round(octaves * SIDES_PER_OCTAVE) + 1) / SIDES_PER_OCTAVE
    return _rounded(SMALLEST * 2.0**steps)


def measure_reach(
    settings: Settings,
    *,
    sides: Float64Array | None = None,
    across: int = PLACES_ACROSS,
) -> Reach:
    """Measure what boxes of every shape get.

    Each box lies at ``across ** 2`` places. ``sides`` are (S,) widths and heights, at
    least 1 and rounded to 1/64; by default 2 to 1024 in quarters of an octave.
    """
    sides = usual_sides() if sides is None else _rounded(sides)
    widths, heights = (axis.ravel() for axis in np.meshgrid(sides, sides))
    shapes = np.column_stack([widths, heights])  # (S * S, 2), widths fastest
    # All at once: many small chunks take longer than few large ones.
    parts = [shapes, *map(_tried_shapes, RATIOS)]
    ends = np.cumsum([len(part) for part in parts])[:-1]
    every = _counts_of(settings, np.concatenate(parts), across)  # (2, N, P)

    def see(counts: IntArray) -> Sight:
        first, *tried = np.split(counts, ends)
        shares = _unassigned_share(first).reshape(len(sides), -1)
        smallest = dict(zip(RATIOS, map(_smallest, tried), strict=True))
        return Sight(sides, shares, smallest)

    counts = every[0, : len(shapes)]
    mean = np.where((counts >= 0).all(axis=1), counts.mean(axis=1), np.nan)
    second = None if unforced(settings) is None else see(every[1])
    squares = None if settings.rule.gate is None else _squares(settings, across)
    return Reach(settings, mean.reshape(len(sides), -1), see(every[0]), second, squares)


def _squares(settings: Settings, across: int) -> Squares:
    """Measure squares around the finest stride, where a gate may widen sides."""
    sides = _rounded(np.array(SQUARES) * min(settings.anchors.spacings))
    counts = positives_of(settings, np.column_stack([sides, sides]), across=across)
    mean = np.where(counts[:, 0] >= 0, counts.mean(axis=1), np.nan)
    return Squares(sides, _unassigned_share(counts), mean)


def smallest_seen(
    settings: Settings, *, ratio: int = 1, across: int = PLACES_ACROSS
) -> int | None:
    """Find the short side from which boxes of a shape are seen.

    Whole pixels: boxes of this short side and of every longer one have a positive at
    half of the places at least, up to the longest that has, of all up to ``MOST_SIDE``
    or what an image holds. None where no box has. ``ratio`` is long side over short
    side; such boxes are tried lying and standing, each at ``across ** 2`` places.
    """
    return _smallest(positives_of(settings, _tried_shapes(ratio), across=across))


def _tried_shapes(ratio: int) -> Float64Array:
    """List shapes of every short side, lying and then standing; squares do both."""
    short = np.arange(1.0, MOST_SIDE + 1)
    lying = np.column_stack([short * ratio, short])
    return lying if ratio == 1 else np.concatenate([lying, lying[:, ::-1]])


def _smallest(counts: IntArray) -> int | None:
    """Find the side from which the `_tried_shapes` are seen; (N, P) counts of them."""
    shares = _unassigned_share(counts).reshape(-1, MOST_SIDE)  # lying, standing
    is_known = ~np.isnan(shares).all(axis=0)
    is_unseen: BoolArray = np.any(shares > 1 - SEEN_FROM, axis=0)
    seen = np.flatnonzero(is_known & ~is_unseen)
    if not len(seen):
        return None
    unseen = np.flatnonzero(is_unseen[: seen[-1]])
    # Data rules may leave the smallest ones out.
    return int(unseen[-1]) + 2 if len(unseen) else int(seen[0]) + 1


def unforced(settings: Settings) -> Settings | None:
    """Take the last resort of its rule from a convention; None where it has none."""
    plain = settings.rule.unforced(settings.assigner)
    return plain and replace(settings, assigner=plain)


def positives_of(
    settings: Settings, shapes: Float64Array, *, across: int = PLACES_ACROSS
) -> IntArray:
    """Count the positives of boxes, each alone on its image.

    (N, P) int64 of (N, 2) float64 width, height, whole multiples of 1/64, each at P =
    ``across ** 2`` places; -1 where no image of the convention's size holds the box,
    and where its data rules leave the box out.
    """
    counts: IntArray = _counts_of(settings, shapes, across)[0]
    return counts


def _counts_of(settings: Settings, shapes: Float64Array, across: int) -> IntArray:
    """Count as `positives_of`, and again without the rule's last resort; (2, N, P).

    A box that is alone loses no anchor to another: without the last resort it keeps the
    positives at the bar or above.
    """
    dataset, holders = lone_boxes(settings, shapes, across=across)
    params = settings.rule.positives_only(settings.assigner)
    settings = replace(settings, assigner=params)
    counts = np.full((2, len(shapes), across**2), -1, dtype=np.int64)
    counts[:, holders] = _count_lone(dataset, settings).reshape(2, -1, across**2)
    return counts


def _count_lone(dataset: Dataset, settings: Settings) -> IntArray:
    """Count positives of objects, one an image, as `_counts_of`; (2, G)."""
    counts = np.empty((2, dataset.num_images), dtype=np.int64)
    stop, step, total = dataset.num_images, 1, 0  # nobody knows what the first has
    while stop:
        start = max(stop - step, 0)
        part = _count_chunk(dataset.slice_images(start, stop), settings)
        counts[:, start:stop] = part
        number = int(np.maximum(part[0], 0).sum())
        total += number
        if total > MOST_POSITIVES:
            # It would take minutes and tell nothing.
            most = f"{number // (stop - start):,}"
            found = f"reach: {settings.name} gives a large box {most} positives or more"
            hint = (
                "with so many, every box is seen; stricter settings have limits to show"
            )
            raise SettingsError(found + "; expected fewer", hint=hint)
        fitting = _POSITIVES_AT_ONCE * (stop - start) // max(number, 1)
        step = max(min(fitting, 2 * step, BOXES_PER_CHUNK), 1)
        stop = start
    return counts


def _count_chunk(chunk: Dataset, settings: Settings) -> IntArray:
    """Count the positives of every object, all and at the bar; (2, G)."""
    [(_, frame, answer)] = answer_chunk(chunk, [settings])
    counts = np.full((2, chunk.num_objects), -1, dtype=np.int64)
    counts[:, frame.object_rows] = np.bincount(answer.gt, minlength=frame.num_gt)
    bar = settings.low_quality_bar
    if bar is not None and isinstance(answer, Assignment) and answer.iou is not None:
        firm = answer.gt[answer.iou >= np.float32(bar)]
        counts[1, frame.object_rows] = np.bincount(firm, minlength=frame.num_gt)
    return counts


def _unassigned_share(counts: IntArray) -> Float64Array:
    """Share of the places without a positive; (N, P) to (N,), NaN where unknown."""
    return np.where((counts < 0).any(axis=1), np.nan, (counts == 0).mean(axis=1))


def lone_boxes(
    settings: Settings, shapes: Float64Array, *, across: int = PLACES_ACROSS
) -> tuple[Dataset, IntArray]:
    """Make a data set of images with one box each.

    The images have the size that the resize rule aims at, so that it leaves them as
    they are; lying for boxes that are wider than high, else standing. Returns
    ``dataset``: image ``n * P + p`` holds the n-th shape that fits, at its p-th place;
    ``holders``: (M,) int64 which shapes fit.
    """
    original = _image_sizes(settings.resize, shapes)  # (N, 2) height, width
    inputs = input_sizes(original, settings.resize).astype(np.float64)
    room = inputs[:, ::-1] - shapes - _MARGIN  # for the upper left corner, x and y
    holders = np.flatnonzero((room >= 0).all(axis=1))
    boxes = np.empty((len(holders), across**2, 4))
    boxes[..., :2] = _places(room[holders], min(settings.anchors.spacings), across)
    boxes[..., 2:] = shapes[holders, None, :]
    # The inverse of resizing, which is 1 but for rules that cannot leave images alone.
    back = (original / inputs)[holders, None, ::-1]
    boxes *= np.concatenate([back, back], axis=2)
    flat = boxes.reshape(-1, 4)
    flat[:, 2:] += 1.0 if settings.data.is_inclusive else 0.0
    sizes = np.repeat(original[holders], across**2, axis=0)
    return _dataset_of(flat, sizes, settings.data), holders


def _places(room: Float64Array, cell: float, across: int) -> Float64Array:
    """Spread upper left corners over (M, 2) free rooms, x and y; (M, P, 2).

    Where there is room for it they are as many points of a lattice over one cell, half
    a step off its border, each moved by whole cells.
    """
    number = np.arange(across**2)
    spread = (0.5 + np.outer(number, _STEPS)) % 1.0  # (P, 2)
    step = cell / across
    lattice = np.column_stack([number % across + 0.5, number // across + 0.5]) * step
    free = np.maximum(room[:, None, :] - cell, 0)  # (M, 1, 2)
    on_lattice = np.floor(spread * free / cell) * cell + lattice
    has_room, anywhere = room[:, None, :] >= cell, spread * room[:, None, :]
    return _rounded(np.where(has_room, on_lattice, anywhere))


def _image_sizes(resize: ResizeRule, shapes: Float64Array) -> Float64Array:
    """Choose the image for each (N, 2) width, height; (N, 2) height, width."""
    if resize.letterbox:  # the square itself, which is not scaled and has no border
        return np.full((len(shapes), 2), float(resize.side))
    if resize.has_fixed_size:
        return np.tile(np.array(resize.size, dtype=np.float64), (len(shapes), 1))
    lying = np.array(sorted((resize.short_side, resize.long_side)), dtype=np.float64)
    return np.where((shapes[:, 0] >= shapes[:, 1])[:, None], lying, lying[::-1])


def _dataset_of(xywh: Float64Array, sizes: Float64Array, rules: DataRules) -> Dataset:
    """Put (G, 4) boxes on G images of (G, 2) sizes, of a class that is trained on."""
    number = len(xywh)
    rows = np.arange(number)
    return Dataset(
        files=("",),
        image_ids=rows,
        image_file=np.zeros(number, dtype=np.int64),
        file_names=np.full(number, "", dtype=object),
        image_sizes=sizes,
        object_offsets=np.arange(number + 1),
        xywh=xywh,
        areas=xywh[:, 2] * xywh[:, 3],
        category_index=np.zeros(number, dtype=np.int64),
        annotation_ids=rows,
        annotation_index=rows,
        is_crowd=np.zeros(number, dtype=bool),
        is_ignored=np.zeros(number, dtype=bool),
        category_ids=np.zeros(1, dtype=np.int64),
        category_names=(rules.classes or ("box",))[:1],
        num_annotations=number,
    )


def _rounded(values: Float64Array) -> Float64Array:
    """Round to whole multiples of the grain."""
    return np.round(np.asarray(values, dtype=np.float64) / _GRAIN) * _GRAIN


def _between(
    sides: Float64Array, grid: Float64Array, boxes: Float64Array
) -> Float64Array:
    """Interpolate an (S, S) grid at (G, 2) widths and heights; NaN counts as 0."""
    known = np.nan_to_num(grid)
    logs = np.log2(sides)
    wanted = np.log2(np.clip(boxes, sides[0], sides[-1]))
    last = max(len(sides) - 2, 0)
    low = np.clip(np.searchsorted(logs, wanted, side="right") - 1, 0, last)  # (G, 2)
    high = np.minimum(low + 1, len(sides) - 1)
    span = np.where(high > low, logs[high] - logs[low], 1.0)
    x, y = ((wanted - logs[low]) / span).T
    (x0, y0), (x1, y1) = low.T, high.T
    below = known[y0, x0] * (1 - x) + known[y0, x1] * x
    above = known[y1, x0] * (1 - x) + known[y1, x1] * x
    return np.asarray(below * (1 - y) + above * y)
