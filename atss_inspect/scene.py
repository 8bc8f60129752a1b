"""One image under one convention: its boxes and positives, placed in input pixels.

Of a gate the candidates stand where an assignment has its positives; `Scene.gate` and
`Scene.given` tell them apart.

What a picture or a viewer shows of an image; every number is the assigner's own. And
which positive points lie on the object itself (its mask, not only its box), and which
of a few colors each object has.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.annotations.data_rules import OBJECT_REASONS, far_corners
from atss_inspect.annotations.dataset import Dataset, pair_iou
from atss_inspect.annotations.frame import Frame
from atss_inspect.annotations.resize import canvas_sizes, input_sizes, resize_boxes
from atss_inspect.arrays import BoolArray, Float32Array, Float64Array, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.causes import is_unassigned
from atss_inspect.assigners.gate import Gate
from atss_inspect.assigners.pyramid import Grids
from atss_inspect.assigners.steps import OUTCOMES
from atss_inspect.explain import explain_object
from atss_inspect.settings import Settings
from atss_inspect.statistics.counting import low_quality_only, reaches_bar
from atss_inspect.statistics.run import answer_frame, frame_of
from atss_inspect.statistics.tally import Group


class TriedAnchors(NamedTuple):
    """The anchors that a rule looked at for one object; (N,) rows."""

    level: IntArray  # int64, 0 is the finest
    points: Float32Array  # (N, 2) float32 centers x, y in input pixels
    outcome: list[str]  # as in ``assigners.steps.Tried``, or ``low_quality_match``
    owner: IntArray  # int64, the box that has the anchor, -1 for none
    iou: Float64Array  # with the object

    def counts(self) -> dict[str, int]:
        """Count the outcomes that occur, in the order of the rules, others last."""
        known = [name for name in OUTCOMES if name in self.outcome]
        names = dict.fromkeys([*known, *self.outcome])
        return {name: self.outcome.count(name) for name in names}


@dataclass(frozen=True, eq=False)
class Scene:
    """One image, its ground-truth boxes and their positives.

    The image may have been left out by the data rules; then there are no boxes.
    """

    image: Dataset  # the image alone, all its objects with it
    settings: Settings  # the convention
    # frame, assignment: the convention's view of the image, and its answer
    frame: Frame
    assignment: Assignment
    gate: Gate | None = None  # whose candidates are listed in the assignment

    @property
    def given(self) -> str:
        """What its rows are, see `Rule.given`."""
        return self.settings.rule.given

    @property
    def num_gt(self) -> int:
        """Number of boxes G that the data rules keep."""
        return self.frame.num_gt

    @cached_property
    def canvas_size(self) -> tuple[int, int]:
        """Height and width in input pixels, also of an image that is left out."""
        rule = self.settings.resize
        sizes = canvas_sizes(input_sizes(self.image.image_sizes, rule), rule)
        height, width = sizes[0].tolist()
        return height, width

    @property
    def original_size(self) -> tuple[float, float]:
        """Height and width in original pixels, as the file says."""
        height, width = self.image.image_sizes[0].tolist()
        return height, width

    @cached_property
    def picture_corners(self) -> tuple[float, float, float, float]:
        """Where the picture lies in the input image: x1, y1, x2, y2 in input pixels.

        All of it, but for a letterbox.
        """
        height, width = self.original_size
        corners = self.to_input(np.array([[0.0, 0.0, width, height]]))
        x1, y1, x2, y2 = corners[0].tolist()
        return x1, y1, x2, y2

    def to_input(self, corners: Float64Array) -> Float64Array:
        """Carry (N, 4) xyxy from original to input pixels, without clipping."""
        shape = (len(corners), 2)
        inputs = np.broadcast_to(np.array(self.canvas_size), shape)
        original = np.broadcast_to(self.image.image_sizes, shape)
        return resize_boxes(corners, original, inputs, self.settings.resize)

    @cached_property
    def left_out(self) -> list[str]:
        """Why the data rules leave objects out, a reason for each of these."""
        return [OBJECT_REASONS[each] for each in self.frame.left_out_reasons.tolist()]

    @cached_property
    def left_out_boxes(self) -> Float64Array:
        """Corners of the objects left out, (N, 4) xyxy in input pixels."""
        xywh = self.image.xywh[self.frame.left_out_rows]
        return self.to_input(far_corners(xywh, self.settings.data))

    @cached_property
    def widened(self) -> IntArray:
        """Boxes that a gate widens before it looks for points; (N,) int64."""
        if self.gate is None or self.gate.searched is None:
            return np.zeros(0, dtype=np.int64)
        own, found = self.frame.gt_boxes, self.gate.searched
        # Center and size and back may round; who was widened is wider by more.
        wider = (found[:, 2:] - found[:, :2]) - (own[:, 2:] - own[:, :2])
        return np.flatnonzero((wider > np.float32(1e-3)).any(axis=1))

    @cached_property
    def grids(self) -> Grids:
        """The anchors of the image, as the rule looks at them."""
        sizes = self.frame.padded_size, self.frame.input_size
        return self.settings.pyramid.grids(*sizes)

    @cached_property
    def keys(self) -> IntArray:
        """Keys of the positives, as `Grids.anchor_key` makes them; (P,) int64."""
        level, index = self.assignment.level, self.assignment.index
        return self.grids.anchor_key(np.zeros_like(level), level, index)

    @cached_property
    def anchors(self) -> Float32Array:
        """Corners of the positives, (P, 4) float32; rows as in the assignment."""
        return np.stack(self.grids.corners(self.keys), axis=1).reshape(-1, 4)

    @cached_property
    def points(self) -> Float32Array:
        """Centers x, y of the positives, (P, 2) float32."""
        return centers_of(self.anchors)

    def centers(self, level: int) -> Float32Array:
        """Centers x, y of the first anchor of every cell of a level, (N, 2)."""
        per_cell = int(self.grids.pyramid.per_cell[level])
        num_cells = int(self.grids.map_sizes[0, level].prod())
        index = np.arange(num_cells, dtype=np.int64) * per_cell
        image, levels = np.zeros_like(index), np.full_like(index, level)
        keys = self.grids.anchor_key(image, levels, index)
        return centers_of(np.stack(self.grids.corners(keys), axis=1).reshape(-1, 4))

    @cached_property
    def num_positives(self) -> IntArray:
        """Number of positives of each box; (G,) int64."""
        return np.bincount(self.assignment.gt, minlength=self.num_gt)

    @cached_property
    def is_unassigned(self) -> BoolArray:
        """Which boxes have no positive; (G,) bool."""
        return is_unassigned(self.num_gt, self.assignment.gt)

    @cached_property
    def is_low_quality(self) -> BoolArray:
        """Which positives are low-quality matches; (P,) bool."""
        if self.gate is not None:
            return np.zeros(self.assignment.num_positives, dtype=bool)
        reaches = reaches_bar(self.assignment, self.settings)
        none = np.zeros(self.assignment.num_positives, dtype=bool)
        return none if reaches is None else ~reaches

    @cached_property
    def is_low_quality_only(self) -> BoolArray:
        """Which boxes have low-quality matches only; (G,) bool."""
        found = low_quality_only(self.frame, self.assignment, self.settings)
        return np.zeros(self.num_gt, dtype=bool) if found is None else found

    @property
    def is_poorly_assigned(self) -> BoolArray:
        """Which boxes have no positive, or low-quality matches only; (G,) bool."""
        return self.is_unassigned | self.is_low_quality_only

    @property
    def counts(self) -> Group:
        """The boxes counted as in every table; positives are those of all levels."""
        found = self.assignment.num_positives, int(self.is_unassigned.sum())
        if self.gate is not None:
            few, most = (
                int(self.gate.cannot_fill.sum()),
                int(self.gate.max_positives.sum()),
            )
            return Group(self.num_gt, most, found[1], num_below_quota=few)
        has_low = self.settings.low_quality_bar is not None
        low = int(self.is_low_quality_only.sum()) if has_low else None
        return Group(self.num_gt, *found, low)

    @cached_property
    def is_contested(self) -> BoolArray:
        """Which positives another object could have had; (P,) bool."""
        if self.gate is not None:
            _, place, times = np.unique(
                self.keys, return_inverse=True, return_counts=True
            )
            is_several: BoolArray = times[place] > 1
            return is_several
        rule, params = self.settings.rule, self.settings.assigner
        gt, anchor = rule.list_claims(self.frame, self.grids, params)
        order = np.argsort(self.keys)
        place = np.searchsorted(self.keys, anchor, sorter=order)
        near = np.flatnonzero(place < len(order))
        rows = order[place[near]]
        is_rival = self.keys[rows] == anchor[near]
        is_rival &= self.assignment.gt[rows] != gt[near]
        contested = np.zeros(len(order), dtype=bool)
        contested[rows[is_rival]] = True
        return contested

    def level_counts(self, row: int | None = None) -> IntArray:
        """Count the positives of each level, of one object if its row is given.

        (L,) int64.
        """
        num_levels, level = len(self.settings.anchors.strides), self.assignment.level
        if row is not None:
            level = level[self.frame.object_rows[self.assignment.gt] == row]
        return np.bincount(level, minlength=num_levels)

    def gt_of(self, row: int) -> int | None:
        """Find the box of an object of the image; None if it is left out."""
        found = np.flatnonzero(self.frame.object_rows == row)
        return int(found[0]) if len(found) else None

    def tried(self, row: int) -> TriedAnchors:
        """List the anchors that the rule looked at for an object of the image.

        See `Steps.tried`; empty for an object that is left out. A positive below the
        rule's bar is a ``low_quality_match``.
        """
        tried = explain_object(self.image, row, self.settings).tried
        places = np.array([each.place for each in tried], np.int64).reshape(-1, 4)
        level, line, column, anchor = places.T
        none = not self.frame.num_images
        columns = level if none else self.grids.map_sizes[0, level, 1]
        index = (line * columns + column) * self.grids.pyramid.per_cell[level]
        keys = self.grids.anchor_key(np.zeros_like(level), level, index + anchor)
        corners = np.stack(self.grids.corners(keys), axis=1).reshape(-1, 4)
        low = set(self.keys[self.is_low_quality].tolist())
        outcome = [each.outcome for each in tried]
        for place, key in enumerate(keys.tolist()):
            if outcome[place] == "positive" and key in low:
                outcome[place] = "low_quality_match"
        gts = self.assignment.gt.tolist()
        owner = dict(zip(self.keys.tolist(), gts, strict=True))
        owners = np.array([owner.get(key, -1) for key in keys.tolist()], np.int64)
        gt, xywh = self.gt_of(row), _xywh(corners)
        own = xywh[:0] if gt is None else _xywh(self.frame.gt_boxes[[gt]])
        iou = pair_iou(np.repeat(own, len(xywh), axis=0), xywh)
        return TriedAnchors(level, centers_of(corners), outcome, owners, iou)

    def cut_off(self, row: int) -> float | None:
        """IoU that a positive of an object must have; None where there is none."""
        gt, found = self.gt_of(row), self.assignment.candidates
        if gt is None or found is None:
            return None if self.settings.bar_of else self.settings.low_quality_bar
        return float(found.threshold[gt])

    @cached_property
    def causes(self) -> list[str | None]:
        """Why each box has no positive, by name; None where it has some."""
        return list(map(self.assignment.unassigned.name_of, range(self.num_gt)))

    @cached_property
    def annotation_ids(self) -> list[Any]:
        """Annotation id of each box; None where the file gives none."""
        ids: list[Any] = self.image.annotation_ids[self.frame.object_rows].tolist()
        return ids

    @cached_property
    def class_names(self) -> list[str]:
        """Class of each box, as the file writes it."""
        indices = self.image.category_index[self.frame.object_rows].tolist()
        return [self.image.category_names[index] for index in indices]


def build_scene(image: Dataset, settings: Settings) -> Scene:
    """Ask a convention about one image with all its objects."""
    frame = frame_of(image, slice(0, image.num_images), settings)
    answer = answer_frame(frame, settings)
    if isinstance(answer, Gate):
        return Scene(image, settings, frame, answer.listed(), answer)
    return Scene(image, settings, frame, answer)


def _xywh(corners: Float32Array) -> Float64Array:
    """Turn (N, 4) xyxy corners into float64 xywh."""
    boxes = corners.astype(np.float64)
    return np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])


def centers_of(corners: Float32Array) -> Float32Array:
    """Centers x, y of (N, 4) xyxy boxes; (N, 2) float32."""
    centers: Float32Array = (corners[:, :2] + corners[:, 2:]) / np.float32(2)
    return centers


@dataclass(frozen=True, eq=False)
class SceneMasks:
    """The masks of a scene's objects, and the positives on them."""

    # (height, width) int64 of the input image: the box whose mask covers a pixel, of
    # several the one of smallest area; -1 where there is none
    owner: IntArray
    is_usable: BoolArray  # (G,) bool, the object has a mask that makes sense
    # num_missing, num_broken: objects without a segmentation, or with one that cannot
    # be used
    num_missing: int
    num_broken: int
    # (G,) int64 positives whose point lies on the object's own mask
    num_on_mask: IntArray
    num_positives: IntArray  # (G,) int64
    is_off_mask: BoolArray  # (P,) bool, positives beside a usable mask of their object

    @property
    def share(self) -> float | None:
        """Share of the positives of objects with a mask; None without any."""
        total = int(self.num_positives[self.is_usable].sum())
        on_mask = int(self.num_on_mask[self.is_usable].sum())
        return on_mask / total if total else None


def place_masks(scene: Scene) -> SceneMasks:
    """Draw the masks of a scene and look where its positives lie.

    The scene is of a data set that was read with its masks. A point lies on the pixel
    that holds it, and one beyond the input image (in the padding) on no mask.
    """
    from atss_inspect.readers.masks import rasterize  # loads pycocotools

    height, width = scene.canvas_size
    raw = scene.image.segmentations or (None,) * scene.image.num_objects
    rows = scene.frame.object_rows
    owner = np.full((height, width), -1, dtype=np.int64)
    is_usable = np.zeros(scene.num_gt, dtype=bool)
    num_on_mask = np.zeros(scene.num_gt, dtype=np.int64)
    is_on_mask = np.zeros(len(scene.points), dtype=bool)
    column, row = np.floor(scene.points).astype(np.int64).T
    is_inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    for gt in np.argsort(-scene.image.size_areas[rows], kind="stable").tolist():
        mask = rasterize(
            raw[rows[gt]],
            original_size=scene.original_size,
            input_size=scene.canvas_size,
            corners=scene.picture_corners,
        )
        if mask is None:
            continue
        is_usable[gt] = True
        owner[mask] = gt
        own = np.flatnonzero((scene.assignment.gt == gt) & is_inside)
        is_on_mask[own] = mask[row[own], column[own]]
        num_on_mask[gt] = np.count_nonzero(is_on_mask[own])
    num_missing = sum(not raw[each] for each in rows.tolist())
    return SceneMasks(
        owner=owner,
        is_usable=is_usable,
        num_missing=num_missing,
        num_broken=int(np.count_nonzero(~is_usable)) - num_missing,
        num_on_mask=num_on_mask,
        num_positives=scene.num_positives,
        is_off_mask=is_usable[scene.assignment.gt] & ~is_on_mask,
    )


# An object differs in color from so many of the nearest ones before it.
_NEIGHBORS = 5


def color_numbers(xywh: Float64Array, num_colors: int) -> list[int]:
    """Choose a color for every object of an image: G numbers from 0.

    Each differs from those of the nearest objects before it.

    Parameters
    ----------
    xywh : (G, 4) of the annotations; the choice depends on nothing else, so that an
        object has one color under all conventions
    num_colors : colors to choose from, more than five
    """
    low, high = xywh[:, :2], xywh[:, :2] + np.maximum(xywh[:, 2:], 0)
    chosen = np.zeros(len(xywh), dtype=np.int64)
    times_used = np.zeros(num_colors, dtype=np.int64)
    for row in range(len(xywh)):
        gaps = np.maximum(low[:row] - high[row], low[row] - high[:row])
        apart = np.square(np.maximum(gaps, 0)).sum(axis=1)
        nearest = np.argsort(apart, kind="stable")[:_NEIGHBORS]
        is_free = np.ones(num_colors, dtype=bool)
        is_free[chosen[nearest]] = False
        chosen[row] = np.argmin(np.where(is_free, times_used, np.inf))
        times_used[chosen[row]] += 1
    return chosen.tolist()
