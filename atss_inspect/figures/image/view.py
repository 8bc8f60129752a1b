"""What of an image is shown: how many panels, which levels, which part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.causes import LOST_TO_OTHERS
from atss_inspect.scene import Scene, SceneMasks, TriedAnchors
from atss_inspect.views import numbers

# A window around an object is at least so many cells of the finest level high; the
# candidates of the two finest levels lie within eight.
_LEAST_CELLS = 6
_LEAST_CANDIDATE_CELLS = 8
# Of a level; a larger window of candidates is drawn as a frame.
MOST_SIGNS = 36
# With more objects in the window than these, a picture is about the poorly assigned.
CROWD = 40
MOST_INDEXED = 6
_AIR = 1.5  # of a close-up, in sides of its object
# Very long images get empty room, so that there is something to draw on.
_FLATTEST, _TALLEST = 0.2, 2.4


@dataclass(frozen=True)
class View:
    """What the user asked to see."""

    levels: tuple[str, ...] = ()  # names such as P3; empty for all
    by_level: bool = False  # a panel per level
    zoom: int | None = None  # row of an object to look at closely; None: whole image
    candidates: int | None = None  # row of the object whose candidates are shown
    # `auto` names objects without a positive, and all where they are few; `all` as many
    # as there is room for; `none`.
    labels: str = "auto"
    has_contested: bool = False  # ring the positives that another object could have had
    has_anchors: bool = False  # draw the boxes of the positives
    has_masks: bool = False  # shade the objects
    is_row: bool = False  # all panels stand side by side, if not flat
    is_small: bool = False  # of a gallery: as a crowd, if anything is poorly assigned

    @property
    def subject(self) -> int | None:
        """Row of the object that the picture is about; None if it is the image."""
        return self.zoom if self.candidates is None else self.candidates


class Window(NamedTuple):
    """A part of the input image, in input pixels; it may reach beyond."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def width(self) -> float:
        """Input pixels across."""
        return self.x2 - self.x1

    @property
    def ratio(self) -> float:
        """Height by width."""
        return (self.y2 - self.y1) / (self.x2 - self.x1)


@dataclass(frozen=True, eq=False)
class Panel:
    """One picture of the figure."""

    scene: Scene  # the image under one convention
    view: View  # what is to be seen of it
    levels: tuple[int, ...]  # indices of the levels shown
    window: Window  # the part shown
    title: str = ""  # above the panel; empty where it stands alone
    masks: SceneMasks | None = None  # of the objects, or None
    # rows of objects that are poorly assigned in some panels only, the worst first
    differing: tuple[int, ...] = ()
    has_poor: bool = True  # whether any panel has a poorly assigned object

    @cached_property
    def is_seen(self) -> BoolArray:
        """Which boxes meet the window; (G,) bool."""
        boxes, window = self.scene.frame.gt_boxes, self.window
        x1, y1, x2, y2 = boxes.T
        across = (x1 < window.x2) & (x2 > window.x1)
        is_seen: BoolArray = across & (y1 < window.y2) & (y2 > window.y1)
        return is_seen

    @property
    def num_seen(self) -> int:
        """Number of these."""
        return int(np.count_nonzero(self.is_seen))

    @cached_property
    def is_crowded(self) -> bool:
        """Whether there are too many objects to draw all of them alike."""
        view = self.view
        is_whole = view.subject is None and not view.by_level and not view.has_masks
        if view.is_small or not self.has_poor or not is_whole:
            return view.is_small and bool(self.scene.is_poorly_assigned.any())
        return self.num_seen > CROWD

    @cached_property
    def is_faded(self) -> BoolArray:
        """Which boxes stay in the background; (G,) bool.

        In a crowd the well assigned, of a gate who can fill the quota, in a close-up
        all but the object asked for.
        """
        if self.is_crowded:
            return ~self.scene.is_poorly_assigned
        if self.view.subject is None and self.scene.gate is not None:
            return ~self.scene.gate.cannot_fill
        if self.view.subject is None or self.view.candidates is not None:
            return np.zeros(self.scene.num_gt, dtype=bool)
        others: BoolArray = self.scene.frame.object_rows != self.view.subject
        return others

    @cached_property
    def is_bright(self) -> BoolArray:
        """Which of `signs` are drawn: (N,) bool.

        None in a crowd; beside the anchors of an object its own, and contested ones if
        these are asked for.
        """
        if self.is_crowded:
            return np.zeros(len(self.signs), dtype=bool)
        faded = self.is_faded[self.scene.assignment.gt[self.signs]]
        if self.view.has_anchors and self.view.has_contested:
            faded = faded & ~self.scene.is_contested[self.signs]
        if self.view.has_anchors:
            return ~faded
        return np.ones(len(self.signs), dtype=bool)

    @cached_property
    def index(self) -> list[int]:
        """Boxes of a crowd that bear numbers, from 1 on: the worst; empty if labels do.

        Beside other panels it is none, so that numbers mean one thing.
        """
        if not self.is_crowded or self.view.labels != "auto" or self.title:
            return []
        return [gt for gt in worst_first(self.scene) if self.is_seen[gt]][:MOST_INDEXED]

    @cached_property
    def positives(self) -> IntArray:
        """Rows of the assignment on the levels shown; (N,) int64."""
        return np.flatnonzero(np.isin(self.scene.assignment.level, self.levels))

    @cached_property
    def framed(self) -> IntArray:
        """Windows of candidates on the levels shown that are frames; (N, 2) gt, level.

        None of an assignment, whose positives are signs all of them, or in a crowd.
        """
        if self.scene.gate is None or self.is_crowded:
            return np.zeros((0, 2), dtype=np.int64)
        gt, level = np.nonzero(self.scene.gate.counts > MOST_SIGNS)
        is_shown = np.isin(level, self.levels)
        return np.stack([gt[is_shown], level[is_shown]], axis=1)

    @cached_property
    def signs(self) -> IntArray:
        """Rows of `positives` that are drawn one by one; (N,) int64."""
        num_levels = self.scene.grids.pyramid.num_levels
        found = self.scene.assignment
        pair = (found.gt * num_levels + found.level)[self.positives]
        framed = self.framed @ np.array([num_levels, 1])
        return self.positives[~np.isin(pair, framed)]

    @cached_property
    def widened(self) -> IntArray:
        """The box of a close-up, if it is widened; (N,) int64."""
        rows: IntArray = self.scene.widened
        is_subject = self.scene.frame.object_rows[rows] == self.view.subject
        return rows[np.flatnonzero(is_subject)]

    @cached_property
    def contested(self) -> IntArray:
        """Signs of a gate's candidates that several objects may get; (N,) int64."""
        if self.scene.gate is None:
            return np.zeros(0, dtype=np.int64)
        return self.signs[self.scene.is_contested[self.signs]]

    @cached_property
    def frames(self) -> Float32Array:
        """Corners of the cells of `framed`; (N, 4) xyxy float32, input pixels."""
        gate, (gt, level) = self.scene.gate, self.framed.T
        if gate is None:
            return np.zeros((0, 4), dtype=np.float32)
        ends = np.cumsum(gate.counts).reshape(gate.counts.shape)[gt, level]
        points = self.scene.points
        half = self.scene.grids.steps[0, level, ::-1] / np.float32(2)
        first, last = points[ends - gate.counts[gt, level]], points[ends - 1]
        return np.hstack([first - half, last + half])

    @cached_property
    def tried(self) -> TriedAnchors | None:
        """The candidates asked for, on the levels shown, or None."""
        if self.view.candidates is None:
            return None
        level, points, outcome, owner, iou = self.scene.tried(self.view.candidates)
        rows = np.flatnonzero(np.isin(level, self.levels))
        names = [outcome[row] for row in rows.tolist()]
        return TriedAnchors(level[rows], points[rows], names, owner[rows], iou[rows])

    @cached_property
    def winners(self) -> dict[int, int]:
        """Count by box the anchors shown that the object looked at has lost to it.

        First the one that holds what it wanted most, which may be none of these.
        """
        if self.tried is None or self.view.candidates is None:
            return {}
        gt = self.scene.gt_of(self.view.candidates)
        holder = -1 if gt is None else self.scene.assignment.unassigned.lost_to[gt]
        first = {int(holder): 0} if holder >= 0 else {}
        lost = np.array(self.tried.outcome) == LOST_TO_OTHERS
        boxes, number = np.unique(self.tried.owner[lost], return_counts=True)
        return first | dict(zip(boxes.tolist(), number.tolist(), strict=True))

    @property
    def focus_box(self) -> list[float] | None:
        """Corners of the object that is set apart, x1, y1, x2, y2 in input pixels."""
        focus = self.view.subject
        return None if focus is None else _box_of(self.scene, focus)


def given_words(panels: Sequence[Panel], end: str = "s") -> str:
    """Name what signs stand for: positives, candidates, or either."""
    names = {f"{one.scene.given}{end}" for one in panels}
    return numbers.joined(sorted(names, reverse=True), "or")


def worst_first(scene: Scene) -> list[int]:
    """List the poorly assigned boxes: without a positive first, then large ones.

    Of equals the first in the file.
    """
    rows = np.flatnonzero(scene.is_poorly_assigned)
    boxes = scene.frame.gt_boxes[rows]
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    order = np.lexsort((rows, -area, ~scene.is_unassigned[rows]))
    found: list[int] = rows[order].tolist()
    return found


def lacking(scenes: Sequence[Scene]) -> list[list[int]]:
    """List by scene the rows of the objects that are poorly assigned, worst first.

    Where some rules have a bar and others none, only those without a positive.
    """
    has_bar = {one.settings.low_quality_bar is not None for one in scenes}
    found = []
    for one in scenes:
        gts = [g for g in worst_first(one) if len(has_bar) == 1 or one.is_unassigned[g]]
        found.append(one.frame.object_rows[gts].tolist())
    return found


def differing_rows(scenes: Sequence[Scene]) -> tuple[int, ...]:
    """List the objects that are poorly assigned under some conventions only."""
    found = lacking(scenes)
    every = set.intersection(*map(set, found))
    return tuple(dict.fromkeys(row for one in found for row in one if row not in every))


def shown_levels(scene: Scene, view: View) -> tuple[int, ...]:
    """List the indices of the levels asked for; all where none is named."""
    names = scene.grids.pyramid.level_names
    wanted = view.levels or names
    return tuple(level for level, name in enumerate(names) if name in wanted)


def window_of(scene: Scene, view: View, levels: Sequence[int]) -> Window:
    """An object and its surroundings, or the whole image with points in the padding."""
    if view.zoom is not None:
        return _around(scene, view)
    height, width = scene.canvas_size
    size = np.array([width, height], dtype=np.float64)
    # Of candidates the object alone counts, which lies in the image.
    rows = np.isin(scene.assignment.level, levels if view.candidates is None else ())
    points = scene.points[rows].astype(np.float64)
    low, high = points.min(axis=0, initial=0), points.max(axis=0, initial=0)
    # An end of the image moves outward to a point in the padding, and its extent.
    low, high = np.where(low < 0, low - 8, 0.0), np.where(high > size, high + 8, size)
    return _of_shape(Window(*low.tolist(), *high.tolist()))


def _around(scene: Scene, view: View) -> Window:
    """Show an object with its surroundings, within the image if possible."""
    x1, y1, x2, y2 = _box_of(scene, view.zoom or 0)
    cells = _LEAST_CELLS if view.candidates is None else _LEAST_CANDIDATE_CELLS
    least = float(cells * min(scene.settings.anchors.spacings))
    tall, wide = max(_AIR * (y2 - y1), least), max(_AIR * (x2 - x1), least * 4 / 3)
    # No flatter than 4 : 3, and not tall.
    tall, wide = max(tall, wide * 3 / 4), max(wide, tall)
    height, width = scene.canvas_size
    left, right = _shifted((x1 + x2) / 2, wide, width)
    top, bottom = _shifted((y1 + y2) / 2, tall, height)
    return _of_shape(Window(left, top, right, bottom))


def _box_of(scene: Scene, row: int) -> list[float]:
    """Find the corners of an object in input pixels, also of one that is left out."""
    gt = scene.gt_of(row)
    if gt is not None:
        return [float(side) for side in scene.frame.gt_boxes[gt]]
    [corners] = scene.left_out_boxes[scene.frame.left_out_rows == row].tolist()
    return list(corners)


def _shifted(center: float, extent: float, limit: float) -> tuple[float, float]:
    """Put a stretch around a place, inside the image if it fits there."""
    if extent >= limit:
        return 0.0, float(limit)
    start = min(max(center - extent / 2, 0.0), limit - extent)
    return start, start + extent


def _of_shape(window: Window) -> Window:
    """Widen a window that is too flat or too tall to be drawn well."""
    x1, y1, x2, y2 = window
    down = max(_FLATTEST * (x2 - x1) - (y2 - y1), 0) / 2
    across = max((y2 - y1) / _TALLEST - (x2 - x1), 0) / 2
    return Window(x1 - across, y1 - down, x2 + across, y2 + down)


def panel_pixels(view: View, num_panels: int, *, dpi: float) -> float:
    """Count the pixels across that the widest picture of a figure is worth having."""
    columns = 1 if num_panels == 1 else 2
    closeness = 1.0 if view.zoom is None else 3.0
    return 5.2 * dpi / columns * closeness
