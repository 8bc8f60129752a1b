"""Labels that never overlap: objects without a positive first, then the others.

None covers the object it names; one that stands away from it has a leader. In a crowd
numbers stand in for labels, which the key below the picture explains.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from atss_inspect.arrays import Float64Array, IntArray
from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.figures.image.marks import Brush
from atss_inspect.figures.image.view import Panel
from atss_inspect.figures.sheet import fitted, isolated, text_width
from atss_inspect.views import numbers
from atss_inspect.views.names import ELLIPSIS, clip_middle, name_of_id, printable

LABEL_SIZE = 8.0  # points
_PAD = 0.22  # around the text, in sizes
# With more objects than these, only those without a positive are named, unless asked.
_FEW = 15
_FEW_UNASSIGNED = 8
_BRACKETS = 0.08  # inches
_MOST_OF_PANEL = 0.8  # of its width, for a label
_CLEAR = 0.25  # inches around the object asked for
_LONGEST_CLASS = 24


class Label(NamedTuple):
    """A text and where it goes."""

    text: str  # one line
    x: float  # of its end beside the box, in input pixels
    y: float  # at half its height
    ha: str  # which end that is, `left` or `right`
    gt: int  # box of the frame
    is_unassigned: bool  # of an object without positives, or one of an index
    # where its leader begins and ends, x, y in input pixels; empty beside the box
    leader: tuple[tuple[float, float], ...] = ()


class Labels(NamedTuple):
    """The labels of a panel."""

    placed: tuple[Label, ...]  # with a place each
    num_left_out: int  # labels that found no room
    unnamed_cause: str  # that labels do not name; empty if all name theirs

    @property
    def has_cut_causes(self) -> bool:
        """Whether a cause other than the one not named found no room."""
        return any(label.text.endswith(f": {ELLIPSIS}") for label in self.placed)


class _Page(NamedTuple):
    """A panel in inches, y down."""

    width: float
    height: float
    points: Float64Array  # (N, 2) signs that had better stay uncovered
    taken: list[tuple[float, ...]]  # left, top, right, bottom of the labels placed

    def find_room(
        self,
        size: tuple[float, float],
        places: Sequence[tuple[float, float]],
        box: Float64Array,
    ) -> tuple[int, float, float] | None:
        """Take the free place that covers the fewest signs: which, its left, its top.

        Of equals the first; none that meets the box. None without any.
        """
        width, height = size
        if width > self.width or height > self.height:
            return None
        corners = np.clip(places, 0.0, (self.width - width, self.height - height))
        low, high = corners, corners + size
        taken = np.array([*self.taken, box.tolist()]).reshape(-1, 1, 4)
        meets = (taken[..., :2] < high) & (taken[..., 2:] > low)
        is_free = ~np.logical_or.reduce(np.logical_and.reduce(meets, axis=2), axis=0)
        if not is_free.any():
            return None
        # Few of many signs are near.
        near = (self.points > low.min(axis=0)) & (self.points < high.max(axis=0))
        points = self.points[near[:, 0] & near[:, 1], None]
        num_covered = ((points > low) & (points < high)).all(axis=2).sum(axis=0)
        num_covered[_BESIDE:] += np.tile(_FAR_COST, len(places) // len(_FAR) - 4)
        best = int(np.argmin(np.where(is_free, num_covered, np.inf)))
        x, y = corners[best].tolist()
        self.taken.append((x, y, x + width, y + height))
        return best, x, y


def place_labels(
    panel: Panel, *, width: float, close_up: Panel | None = None
) -> Labels:
    """Find room for the labels of a panel, which is ``width`` inches wide.

    Objects without a positive come first, then large ones before small ones, of equals
    the first in the file. The frame of a close-up stays free; it stands for its object.
    """
    if panel.view.labels == "none" or not panel.scene.num_gt:
        return Labels((), 0, "")
    scale, origin = width / panel.window.width, np.array(panel.window[:2])
    boxes = (_kept_off(panel, close_up, scale) - np.tile(origin, 2)) * scale
    page = _Page(width, width * panel.window.ratio, _signs(panel, origin, scale), [])
    if close_up is not None:
        window = (np.array(close_up.window) - np.tile(origin, 2)) * scale
        page.taken.append(tuple(window.tolist()))
    wanted = _wanted(panel, boxes)
    unnamed_cause = _commonest_cause(panel, wanted)
    placed: list[Label] = []
    kept_clear = _surroundings(panel, boxes)
    for gt in wanted:
        if kept_clear and panel.scene.frame.object_rows[gt] != panel.view.subject:
            page.taken.append(kept_clear)
            kept_clear = None
        *full, last = _texts(panel, gt, unnamed_cause)
        room = _MOST_OF_PANEL * width
        full = [one for one in full if text_width(one, LABEL_SIZE) < room]
        for text in (*full, last):
            label = _placed(panel, gt, text, boxes[gt], page)
            if label is not None:
                points = np.array([[label.x, label.y], *label.leader])
                (x, y), *leader = (origin + points / scale).tolist()
                placed.append(label._replace(x=x, y=y, leader=tuple(leader)))
                break
    return Labels(tuple(placed), len(wanted) - len(placed), unnamed_cause)


def _placed(
    panel: Panel, gt: int, full: str, box: Float64Array, page: _Page
) -> Label | None:
    """Find room for the label of a box, in inches; None without any."""
    pad = 2 * _PAD * LABEL_SIZE / 72
    # Of a class the end tells it apart, and its number stands there.
    is_loud = bool(panel.scene.is_unassigned[gt] or panel.index)
    text = fitted(
        full, _MOST_OF_PANEL * page.width, LABEL_SIZE, is_middle_cut=not is_loud
    )
    size = text_width(text, LABEL_SIZE) + pad, LABEL_SIZE * 1.2 / 72 + pad
    room = page.find_room(size, _places(box, size), box)
    if room is None:
        return None
    place, left, top = room
    ha = _ALIGNED[place]
    x = left + pad / 2 if ha == "left" else left + size[0] - pad / 2
    leader = _leader(box, left, top, size) if place >= _BESIDE else ()
    return Label(text, x, top + size[1] / 2, ha, gt, is_loud, tuple(leader))


def _kept_off(panel: Panel, close_up: Panel | None, scale: float) -> Float64Array:
    """List the boxes that labels stand beside, brackets and frames of close-ups too.

    (G, 4) xyxy in input pixels; ``scale``: inches per pixel.
    """
    boxes = panel.scene.frame.gt_boxes.astype(np.float64)
    rows = panel.scene.frame.object_rows
    if close_up is not None:
        boxes[rows == close_up.view.subject] = close_up.window
    if panel.view.subject is not None:
        wider = np.array([-1, -1, 1, 1]) * _BRACKETS / scale
        boxes[rows == panel.view.subject] += wider
    return boxes


def _signs(panel: Panel, origin: Float64Array, scale: float) -> Float64Array:
    """Find where points and crosses are, in inches; (N, 2)."""
    scene = panel.scene
    crosses = scene.frame.gt_boxes[scene.is_unassigned].reshape(-1, 2, 2).mean(axis=1)
    points = scene.points[panel.signs]
    if panel.tried is not None:
        points = panel.tried.points
    # A label over a cross hides an object; so crosses count for many points.
    centers = scene.frame.gt_boxes.reshape(-1, 2, 2).mean(axis=1)
    signs: Float64Array = np.concatenate([points, centers, *[crosses] * 9]) - origin
    return signs * scale


def _surroundings(panel: Panel, boxes: Float64Array) -> tuple[float, ...] | None:
    """Find the room around the object asked for that others' labels leave free."""
    gt = None if panel.view.subject is None else panel.scene.gt_of(panel.view.subject)
    if gt is None or panel.tried is not None:  # who took candidates may stand near
        return None
    return tuple((boxes[gt] + np.array([-1, -1, 1, 1]) * _CLEAR).tolist())


def _commonest_cause(panel: Panel, wanted: Sequence[int]) -> str:
    """Name the cause that labels leave out: of many the commonest."""
    causes = Counter(
        panel.scene.causes[gt] or "" for gt in wanted if panel.scene.is_unassigned[gt]
    )
    return causes.most_common(1)[0][0] if causes.total() > _FEW_UNASSIGNED else ""


def _wanted(panel: Panel, boxes: Float64Array) -> list[int]:
    """Name the boxes to be labelled, the most important first."""
    without, view = panel.scene.is_unassigned, panel.view
    if view.labels == "auto" and panel.is_crowded:
        return panel.index
    if view.labels == "auto" and view.candidates is not None:
        return list(panel.winners)  # the words above the panels say the rest
    if view.labels == "auto" and view.by_level:
        return []
    is_seen = panel.is_seen
    names_all = view.labels == "all" or int(np.count_nonzero(is_seen)) <= _FEW
    is_named = without | np.isin(panel.scene.frame.object_rows, panel.differing)
    is_seen = is_seen & (is_named | names_all)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    others = panel.scene.frame.object_rows != panel.view.subject
    order: IntArray = np.lexsort((np.arange(len(boxes)), -area, ~without, others))
    return [row for row in order.tolist() if is_seen[row]]


def _texts(panel: Panel, gt: int, unnamed_cause: str) -> tuple[str, ...]:
    """Write the label of a box, and a shorter one where that finds no room."""
    scene, cause = panel.scene, panel.scene.causes[gt]
    if panel.index:
        return (str(panel.index.index(gt) + 1),)
    name = clip_middle(name_of_id(scene.annotation_ids[gt]), _LONGEST_CLASS)
    if gt in panel.winners:
        number = panel.winners[gt]
        return (f"{name}: took {numbers.plural(number, 'anchor')}", name)[not number :]
    is_compared = scene.frame.object_rows[gt] in panel.differing
    if cause is None or is_compared:
        if not is_compared:
            name = clip_middle(printable(scene.class_names[gt]), _LONGEST_CLASS)
        return (f"{name}: {numbers.count(int(scene.num_positives[gt]))}",)
    if cause == unnamed_cause:
        return (name,)
    # An id alone stands for the cause not named, so that another one is marked.
    return (f"{name}: {KNOWN_CAUSES[cause].words}", f"{name}: {ELLIPSIS}")


def _places(
    box: Float64Array, size: tuple[float, float]
) -> tuple[tuple[float, float], ...]:
    """List where a label may go, best first: beside the box, then away from it."""
    x1, y1, x2, y2 = box.tolist()
    width, height = size
    gap = 0.02
    above, below = y1 - height - gap, y2 + gap
    return (
        (x1, above),
        (x1, below),
        (x2 + gap, y1),
        (x1 - width - gap, y1),
        (x2 - width, above),
        (x2 - width, below),
        (x2 + gap, y2 - height),
        (x1 - width - gap, y2 - height),
        *((x2 + far, above - far) for far in _FAR),
        *((x1 - width - far, above - far) for far in _FAR),
        *((x2 + far, below + far) for far in _FAR),
        *((x1 - width - far, below + far) for far in _FAR),
        *((x1 - width / 2, above - far) for far in _FAR),
        *((x1 - width / 2, below + far) for far in _FAR),
    )


# Which end of a label stands beside the box, by place: its width is estimated.
_ALIGNED = ("left", "left", "left", *["right"] * 3, "left", "right", *["left"] * 99)
_BESIDE = 8  # of the places
# The others stand so many inches away, rather than cover so many signs.
_FAR, _FAR_COST = (0.12, 0.28), (3, 9)


def _leader(
    box: Float64Array, left: float, top: float, size: tuple[float, float]
) -> list[tuple[float, float]]:
    """Join a label and a box where they are nearest; two points in inches."""
    low, high = np.array([left, top]), np.array([left, top]) + size
    first = np.clip((box[:2] + box[2:]) / 2, low, high)
    last = np.clip(first, box[:2], box[2:])
    return [(float(first[0]), float(first[1])), (float(last[0]), float(last[1]))]


def draw_labels(axes: Axes, labels: Labels, panel: Panel, brush: Brush) -> None:
    """Write the labels: without a positive on their color, others framed in theirs."""
    theme, colors = brush.theme, brush.of_boxes(panel)
    leaders: Any = [one.leader for one in labels.placed if one.leader]
    for color, wide in ((theme.paper, 2.4), (theme.ink, 1.0)):
        style: Any = {"colors": color, "linewidths": wide, "label": "leaders"}
        lines = LineCollection(leaders, zorder=6.5, **style)
        axes.add_collection(lines, autolim=False)
    for label in labels.placed:
        ground, ink, edge = theme.paper, theme.ink, colors[label.gt]
        if label.is_unassigned:
            ground, ink, edge = theme.poor, theme.paper, theme.poor
        frame = {"boxstyle": f"square,pad={_PAD}", "linewidth": 0.6, "alpha": 0.92}
        frame |= {"facecolor": ground, "edgecolor": edge}
        if label.gt in panel.winners:
            frame["edgecolor"] = theme.ink
        style = {"color": ink, "bbox": frame, "size": LABEL_SIZE, "clip_on": True}
        style["zorder"], align = 8 if label.is_unassigned else 7, "center_baseline"
        axes.text(
            label.x, label.y, isolated(label.text), ha=label.ha, va=align, **style
        )
