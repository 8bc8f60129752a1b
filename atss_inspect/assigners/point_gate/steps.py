"""The steps of the gate of points for one object, and as text."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array
from atss_inspect.assigners import steps as shared
from atss_inspect.assigners.point_gate.params import PointGateParams
from atss_inspect.assigners.point_gate.windows import (
    ends_of,
    find_gate,
    first_points,
    least_sides,
    widened,
)
from atss_inspect.assigners.steps import Paragraph, Place, Steps, Subject
from atss_inspect.views import numbers
from atss_inspect.views.names import name_of_id

# What a candidate is to the object.
OWN, CONTESTED = "candidate", "contested_candidate"
RIVALS_SHOWN = 6
SIDES = ("width", "height")


class LevelWindow(NamedTuple):
    """The points of one level that the object may get: a rectangle of cells."""

    level: int  # from 0
    # cells from the first to before the second; all 0 where there is none
    row_from: int
    row_to: int
    column_from: int
    column_to: int
    num_candidates: int
    num_contested: int  # of these, those that other objects may get, too
    # next_x, next_y: input pixels from the object to the next point along the axis, 0
    # for one on its edge; None where one lies inside
    next_x: np.float32 | None
    next_y: np.float32 | None


class SharedWindow(NamedTuple):
    """Candidates of one level that another object may get, too."""

    level: int  # from 0
    ann_id: Any  # annotation id of the other object
    row_from: int
    row_to: int
    column_from: int
    column_to: int
    num_candidates: int  # of both


class PointGateSteps(NamedTuple):
    """What is known before a model decides."""

    params: PointGateParams  # of the rule
    # (4,) float32 xyxy, input pixels: where points are looked for, and which sides of
    # the object were widened to that, of ``width`` and ``height``
    searched: Float32Array
    widened: tuple[str, ...]
    widened_below: np.float32  # shorter sides are, input pixels
    levels: tuple[LevelWindow, ...]  # finest first
    num_candidates: int
    num_contested: int
    max_positives: int  # of its own, no more are picked
    is_certain: bool  # whether it can get its own candidates only
    shared: tuple[SharedWindow, ...]  # by level, then in the order of the file


def _follow(subject: Subject, params: PointGateParams) -> PointGateSteps:
    frame, grids, gt = subject.frame, subject.grids, subject.gt
    gate = find_gate(frame, grids.pyramid, params)
    own = frame.gt_boxes[[gt]]
    searched = widened(own, grids.pyramid.strides, params)
    sides, then = (box[0, 2:] - box[0, :2] for box in (own, searched))
    # Center and size and back may round; who was widened is wider by more.
    is_wider = (then > sides + np.float32(1e-3)).tolist()
    across, down = (_next_points(subject, searched, axis, params) for axis in (1, 0))
    each = zip(
        gate.windows[gt].tolist(),
        gate.counts[gt].tolist(),
        gate.contested[gt].tolist(),
        *(across, down),
        strict=True,
    )
    return PointGateSteps(
        params=params,
        searched=searched[0],
        widened=tuple(name for name, wide in zip(SIDES, is_wider, strict=True) if wide),
        widened_below=least_sides(grids.pyramid.strides, params)[0],
        levels=tuple(
            LevelWindow(level, *window, *counts)
            for level, (window, *counts) in enumerate(each)
        ),
        num_candidates=int(gate.num_candidates[gt]),
        num_contested=int(gate.contested[gt].sum()),
        max_positives=int(gate.max_positives[gt]),
        is_certain=gate.is_certain,
        shared=tuple(_shared_windows(subject, gate.windows)),
    )


def _next_points(
    subject: Subject, box: Float32Array, axis: int, params: PointGateParams
) -> Iterator[np.float32 | None]:
    """How far the next point of each level is along an axis; None with one inside."""
    grids, margin = subject.grids, np.float32(params.center_margin)
    ends = ends_of(box[:, [1 - axis, 3 - axis]], grids.pyramid.strides, params)
    first = first_points(grids.pyramid, axis)
    for level in range(grids.pyramid.num_levels):
        low, high = (end[0, level % end.shape[1]] for end in ends)
        cells = np.arange(grids.map_sizes[0, level, axis], dtype=np.float32)
        points = cells * grids.steps[0, level, axis] + first[level]
        is_inside = (points - low > margin) & (high - points > margin)
        apart = np.maximum(low - points, points - high).min()
        yield None if is_inside.any() else np.maximum(apart, np.float32(0))


def _shared_windows(subject: Subject, windows: Any) -> Iterator[SharedWindow]:
    """Find the object's candidates that others have, too, in (G, L, 4) windows."""
    own = windows[subject.gt]
    start = np.maximum(windows[..., ::2], own[..., ::2])  # (G, L, 2) row, column
    end = np.minimum(windows[..., 1::2], own[..., 1::2])
    counts = np.maximum(end - start, 0).prod(axis=2)
    counts[subject.gt] = 0
    for level, gt in np.argwhere(counts.T).tolist():
        (top, left), (bottom, right) = start[gt, level], end[gt, level]
        window = map(int, (top, bottom, left, right, counts[gt, level]))
        yield SharedWindow(level, subject.name_of(gt), *window)


def _tried(steps: PointGateSteps, _: Sequence[Place]) -> Iterator[shared.Tried]:
    """List the candidates, and which of them other objects may get, too."""
    for each in steps.levels:
        is_contested = _contested(each, steps.shared)
        for row, column in np.ndindex(is_contested.shape):
            place = (each.level, each.row_from + row, each.column_from + column, 0)
            outcome = CONTESTED if is_contested[row, column] else OWN
            yield shared.Tried(Place(*place), outcome)


def _contested(window: LevelWindow, others: Sequence[SharedWindow]) -> BoolArray:
    """Which cells of a window lie in those of others, too; (rows, columns) bool."""
    top, left = window.row_from, window.column_from
    found = np.zeros((window.row_to - top, window.column_to - left), dtype=bool)
    for one in others:
        if one.level == window.level:
            rows = slice(one.row_from - top, one.row_to - top)
            found[rows, one.column_from - left : one.column_to - left] = True
    return found


def _blocks(steps: PointGateSteps, names: shared.LevelNames) -> shared.Blocks:
    radius = steps.params.center_sampling_radius
    near = f", within {radius:g} strides of the center" if radius else ""
    wide = f", which is widened to {_least(steps):g} px" if steps.widened else ""
    yield Paragraph(f"points inside the box{wide}{near}: its candidates")
    if steps.widened:
        yield Paragraph(_widening(steps))
    rows = [_level_row(each, names) for each in steps.levels]
    counts = ("candidates", "contested", "next in x", "next in y")
    headings = ("level", "rows", "columns", *counts)
    yield shared.StepTable(headings, rows, left=headings[:3])
    if not steps.num_candidates:
        yield Paragraph(_nearest(steps, names))
    if steps.shared:
        yield Paragraph(_rivals(steps))
    yield shared.BLANK
    yield from map(Paragraph, _certain(steps))


def _widening(steps: PointGateSteps) -> str:
    """Name the sides that were widened, to what, and where the box is then."""
    x1, y1, x2, y2 = steps.searched.tolist()
    where = f"searched from {x1:.2f}, {y1:.2f} to {x2:.2f}, {y2:.2f}"
    sides = f"sides below {steps.widened_below:g} px count as {_least(steps):g} px"
    return f"{sides}, here {numbers.joined([*steps.widened])}: {where}"


def _least(steps: PointGateSteps) -> float:
    """Sides of a box that was widened have this many pixels at least."""
    sides = dict(zip(SIDES, steps.searched[2:] - steps.searched[:2], strict=True))
    return round(float(sides[steps.widened[0]]), 3)


def _level_row(each: LevelWindow, names: shared.LevelNames) -> shared.Line:
    """Write the window of one level, or how far its next point is."""
    counts = str(each.num_candidates), str(each.num_contested)
    ends = (each.row_from, each.row_to), (each.column_from, each.column_to)
    cells = [f"{a} to {b - 1}" if b - a > 1 else str(a) for a, b in ends]
    cells = cells if each.num_candidates else ["-", "-"]
    return names[each.level], *cells, *counts, _apart(each.next_x), _apart(each.next_y)


def _apart(far: np.float32 | None) -> str:
    """Write how far a point is along an axis."""
    if far is None:
        return "inside"
    return f"{far:.2f} px" if far else "on the edge"


def _nearest(steps: PointGateSteps, names: shared.LevelNames) -> str:
    """Name the level whose next point is nearest to the object, and how far it is."""

    def distance(each: LevelWindow) -> float:
        return float(np.hypot(each.next_x or 0, each.next_y or 0))

    nearest = min(steps.levels, key=distance)
    found = zip("xy", (nearest.next_x, nearest.next_y), strict=True)
    parts = [f"{_apart(far)} along {axis}" for axis, far in found if far is not None]
    return f"the next point is of {names[nearest.level]}: {' and '.join(parts)}"


def _rivals(steps: PointGateSteps) -> str:
    """Count the candidates that others may get, too, by whom, most first."""
    counts: Counter[str] = Counter()
    for each in steps.shared:
        counts[name_of_id(each.ann_id)] += each.num_candidates
    most = counts.most_common(RIVALS_SHOWN)
    shown = [f"annotation {name} ({number} of them)" for name, number in most]
    if more := len(counts) - len(most):
        shown.append(numbers.plural(more, "more object"))
    of = f"{steps.num_contested} of {numbers.plural(steps.num_candidates, 'candidate')}"
    verb = "is" if steps.num_contested == 1 else "are"
    return f"{of} {verb} contested, shared with {numbers.joined(shown)}"


def _certain(steps: PointGateSteps) -> Iterator[str]:
    """Write what holds whatever is predicted, and what only predictions decide."""
    quota, number = steps.params.quota, steps.num_candidates
    here = "in the plain image at this size"
    if not steps.is_certain:
        none = "" if number else ", so having none of its own is a warning only"
        yield f"{here}: at most {quota} picked"
        yield f"it may get points inside other objects, too{none}"
    elif not number:
        yield f"{here}: no positive, whatever is predicted"
    else:
        few = f", fewer than the {quota} that the rule picks" * (number < quota)
        yield f"{here}: at most {steps.max_positives} picked{few}"
        yield "predictions decide which of its candidates it gets, and whether any"


STEPS = Steps(
    _follow,
    _tried,
    _blocks,
    note="Of gates: every point that the object may get.",
)
