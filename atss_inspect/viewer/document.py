"""One image with all it has under several conventions.

Under each at every position of the slider over k.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.causes import CAUSES, KNOWN_CAUSES
from atss_inspect.assigners.gate import Gate
from atss_inspect.readers.pixels import Picture, read_picture
from atss_inspect.scene import Scene, build_scene, color_numbers
from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import SIZE_BINS, size_bins
from atss_inspect.viewer import encoding
from atss_inspect.viewer.picture import object_outlines, picture_room, picture_uri
from atss_inspect.views import conventions
from atss_inspect.views.names import printable

Document = dict[str, Any]
# A set of these fits the 31 bits that JavaScript's bit operations leave.
MOST_K = 30
IOU_STEPS = 1_000  # IoUs of positives are shown with three digits,
STATISTIC_STEPS = 10_000  # thresholds with four, as `explain` does.
NUM_COLORS = 8  # that the style sheet gives to objects


def image_document(
    image: Dataset,
    settings: Sequence[Settings],
    *,
    picture: str | None = None,
    picture_note: str = "",
) -> Document:
    """Gather what the viewer shows of one image.

    Parameters
    ----------
    image : one image with all its objects (`Dataset.slice_images`); masks come along
        if the data set was read with them
    settings : conventions side by side
    picture : the pixels as `viewer.picture.picture_uri` gives them; None leaves the
        canvas blank
    picture_note : why there is no picture

    Returns
    -------
    dict of plain values. ``id``, ``file``, ``original`` (width, height), ``picture``,
    ``picture_note``, the lists ``causes`` and ``sizes`` that
    numbers below point into, ``objects`` and ``conventions``.

    ``objects`` has columns over all objects of the image: ``ann`` (text), ``class``
    (place in ``classes``), ``size``, ``color``, ``xywh`` (four numbers each, original
    pixels) and ``outline``: None, ``{"polygons": [...]}``, or
    ``{"mask": data URI, "box": xyxy}``, in original pixels.

    Each of ``conventions`` has, with G boxes, L levels and S slider positions:

    - ``ks``: k of each position (S = 1 without a slider, and ``no_slider`` says why),
      ``start``, ``anchors_per_k``; ``about``: rule and resize at each position;
      ``bar``: IoU below which a positive is a low-quality match, or None; ``input``
      (width, height); ``picture_box``: where the picture lies, xyxy in input pixels;
      ``note`` if the image is left out
    - ``levels``: ``rows``, ``columns``, ``step`` (x, y), and of the anchors in cell
      (0, 0) the ``centers`` and, unless the rule has points only, corners ``anchors``
    - ``objects``: ``row`` in the image's objects; ``box``, xyxy in input pixels
    - ``positives``: per object and level (G x L ``counts``) the ``index`` of each
      anchor as the difference to the one before, (row * columns + column) * anchors +
      anchor; ``mask``: place in ``masks``, where bit p is set if the pair is positive
      at position p, contests resolved; ``iou`` in thousandths, None for FCOS; ``low``:
      the places of pairs that are low-quality matches; ``contested``: of pairs that
      another object could have had (``place``), at which positions (``mask``)
    - ``thresholds`` (ATSS): ``mean``, ``std``, ``threshold``, G x S, ten-thousandths,
      None for none
    - ``candidates`` (ATSS with slider): per object and level (``counts``) the nearest
      cell, ``first`` (row, column; only where there is one), then all by their
      ``steps`` from it, row and column one sign of ``SIGNS`` each, 32 being 0;
      ``first_k``: one sign each, None if the n-th comes in at k = n
    - ``causes``: a text per object, one digit per position, place in the image's
      ``causes`` (0: has positives), or a list where these are more than ten;
      ``lost``: runs of object, first and last position, and the object that holds
      what it wanted most
    - ``left_out``: ``row``, ``box``, ``reason`` (place in ``reasons``)
    - ``gate``: of a rule that is one, in place of ``positives`` (None there):
      ``windows`` of candidates, per object and level four numbers, cells from the
      first to before the second row, and column; ``most`` positives of each object,
      and whether that ``is_certain``

    Raises
    ------
    ValueError
        If there is not exactly one image.
    """
    if image.num_images != 1:
        message = f"expected one image, got {image.num_images}"
        raise ValueError(message)
    height, width = image.image_sizes[0].tolist()
    # The shared ones, then those of each rule's own.
    names = [name for each in settings for name in each.rule.cause_names]
    causes = list(dict.fromkeys([*CAUSES, *names]))
    return {
        "id": printable(str(image.image_ids.tolist()[0])),
        "file": printable(str(image.file_names[0])),
        "original": [width, height],
        "picture": picture,
        "picture_note": picture_note,
        "causes": ["", *(KNOWN_CAUSES[cause].words for cause in causes[1:])],
        "sizes": list(SIZE_BINS),
        "objects": _objects(image),
        "conventions": [
            convention_document(build_scene(image, each), causes) for each in settings
        ],
    }


def _objects(image: Dataset) -> Document:
    used = np.unique(image.category_index)
    ids, places = image.annotation_ids.tolist(), image.annotation_index.tolist()
    return {
        "ann": [
            f"annotations[{place}]" if ann is None else printable(str(ann))
            for ann, place in zip(ids, places, strict=True)
        ],
        "class": np.searchsorted(used, image.category_index).tolist(),
        "classes": [printable(image.category_names[index]) for index in used.tolist()],
        "size": size_bins(image.size_areas).tolist(),
        "color": color_numbers(image.xywh, NUM_COLORS),
        "xywh": encoding.decimals(image.xywh, 2),
        "outline": object_outlines(image),
    }


def pictured_document(
    image: Dataset, settings: Sequence[Settings], *, folder: str | None
) -> Document:
    """Gather what the viewer shows of one image, its pixels included.

    ``image``, ``settings``: as for `image_document`. ``folder``: of the pictures; None
    for none. What is wrong with a picture, or why there is none, is the document's
    ``picture_note``.
    """
    picture = picture_of(image, folder)
    return image_document(
        image,
        settings,
        picture=None if picture.pixels is None else picture_uri(picture.pixels),
        picture_note=picture.problem,
    )


def picture_of(image: Dataset, folder: str | None) -> Picture:
    """Read the picture of one image, no larger than a page shows it."""
    height, width = image.image_sizes[0].tolist()
    size = height, width
    name = str(image.file_names.tolist()[0])
    return read_picture(folder, name, size=size, room=picture_room(size))


@dataclass(frozen=True, eq=False)
class Answers:
    """The assignments of one image, one per position of the slider."""

    scene: Scene

    @property
    def k(self) -> int | None:
        """The convention's own k; None where the rule has none."""
        return self.scene.settings.rule.k_of(self.scene.settings.assigner)

    @property
    def ks(self) -> tuple[int | None, ...]:
        """Positions of the slider: k from 1 to 30, or only the one there is."""
        if self.k is None or self.k > MOST_K or not self.scene.settings.rule.each_k:
            return (self.k,)
        return tuple(range(1, MOST_K + 1))

    @property
    def has_slider(self) -> bool:
        """Whether there is more than one position."""
        return len(self.ks) > 1

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """Answer of each position; exactly what the assigner says at that k."""
        scene, settings = self.scene, self.scene.settings
        if not self.has_slider or not settings.rule.each_k:
            return (scene.assignment,)
        ks = [k for k in self.ks if k is not None]
        assign = settings.rule.each_k.assign
        return tuple(assign(scene.frame, settings.pyramid, settings.assigner, ks))

    def settings_at(self, k: int | None) -> Settings:
        """Settings of a position."""
        settings = self.scene.settings
        if k is None:
            return settings
        return replace(settings, assigner=settings.rule.at_k(settings.assigner, k))

    def is_contested(self) -> list[BoolArray]:
        """Which positives of each position another object could have had; (P,) bool."""
        return [
            replace(
                self.scene, settings=self.settings_at(k), assignment=each
            ).is_contested
            for k, each in zip(self.ks, self.assignments, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class MaskedPositives:
    """Pairs of object and anchor, by object, level and index; (N,) each."""

    # As in `Assignment`.
    gt: IntArray
    level: IntArray
    index: IntArray
    mask: IntArray  # int64; bit p is set where the pair is positive at position p
    iou: Float32Array | None  # the same at all positions; None where the rule uses none
    contested: IntArray  # int64; bit p is set where it is contested at position p


def masked_positives(
    assignments: Sequence[Assignment], is_contested: Sequence[BoolArray]
) -> MaskedPositives:
    """Put the positives of several positions together, contests resolved in each.

    ``assignments``: at least one, of the same frame by the same rule; at most 31.
    ``is_contested``: (P,) bool of each, which positives others could have had.
    """
    pairs = np.stack(
        [
            np.concatenate([getattr(each, name) for each in assignments])
            for name in ("gt", "level", "index")
        ]
    )
    counts = [each.num_positives for each in assignments]
    bits = np.repeat(1 << np.arange(len(assignments), dtype=np.int64), counts)
    order = np.lexsort(pairs[::-1])
    pairs, bits = pairs[:, order], bits[order]
    is_first = np.ones(len(bits), dtype=bool)
    is_first[1:] = np.diff(pairs).any(axis=0)
    starts = np.flatnonzero(is_first)
    mask = np.bitwise_or.reduceat(bits, starts) if len(starts) else bits
    fought = bits * np.concatenate(is_contested)[order]
    contested = np.bitwise_or.reduceat(fought, starts) if len(starts) else fought
    found = [each.iou for each in assignments if each.iou is not None]
    iou = np.concatenate(found)[order][starts] if found else None
    gt, level, index = pairs[:, starts]
    return MaskedPositives(gt, level, index, mask, iou, contested)


def convention_document(scene: Scene, causes: Sequence[str]) -> Document:
    """Part of `image_document` of one convention; ``causes`` are all their names."""
    answers = Answers(scene)
    settings = scene.settings
    return {
        "name": printable(settings.name),
        "rule": settings.assigner_name,
        "about": list(_abouts(settings, answers.ks)),
        "bar": scene.settings.low_quality_bar,
        **_slider(answers),
        **_frame(scene),
        "levels": _levels(scene),
        "objects": {
            "row": scene.frame.object_rows.tolist(),
            "box": encoding.decimals(scene.frame.gt_boxes, 2),
        },
        "positives": None if scene.gate else _positives(answers),
        "gate": scene.gate and _gate(scene.gate),
        "thresholds": _thresholds(answers),
        "candidates": _candidates(answers),
        **_unassigned(answers, causes),
        "left_out": _left_out(scene),
    }


@cache
def _abouts(settings: Settings, ks: tuple[int | None, ...]) -> tuple[str, ...]:
    """Describe a convention at each k: the same for every image of a page."""
    return tuple(_about(settings, k) for k in ks)


def _about(settings: Settings, k: int | None) -> str:
    if k is not None:
        changed = settings.rule.at_k(settings.assigner, k)
        settings = replace(settings, assigner=changed)
    rule = conventions.describe_rule(settings)
    return f"{rule}; {conventions.describe_resize(settings.resize)}"


def _slider(answers: Answers) -> Document:
    """Which k there are, or why there is only one answer."""
    rule, params = answers.scene.settings.rule, answers.scene.settings.assigner
    k, reason = answers.k, ""
    if k is None:
        reason = "this rule has no k"
    elif not rule.each_k:
        reason = f"k = {k}; this rule answers one k at a time"
    elif not answers.has_slider:
        reason = f"k = {k}; the slider ends at {MOST_K}"
    per_cell = answers.scene.grids.pyramid.anchors_per_cell
    per_k = rule.each_k.anchors_per_k(params, per_cell) if rule.each_k else 1
    return {
        "ks": list(answers.ks),
        "start": answers.ks.index(k),
        "no_slider": reason,
        "anchors_per_k": per_k,
    }


def _frame(scene: Scene) -> Document:
    """How large the input image is, and where in it the picture lies."""
    height, width = scene.canvas_size
    note = ""
    if not scene.frame.num_images:
        why = conventions.IMAGE_LEFT_OUT[next(iter(scene.frame.left_out_images))]
        note = f"left out by {printable(scene.settings.name)}: {why}"
    box = encoding.decimals(np.array(scene.picture_corners), 2)
    return {"note": note, "input": [width, height], "picture_box": box}


def _levels(scene: Scene) -> list[Document]:
    """Describe the grid of each level; without an image, none has cells."""
    pyramid, has_image = scene.grids.pyramid, bool(scene.frame.num_images)
    has_anchors = scene.settings.rule.uses_anchors
    found: list[Document] = []
    for level, name in enumerate(pyramid.level_names):
        rows, columns = scene.grids.map_sizes[0, level] if has_image else (0, 0)
        step_y, step_x = scene.grids.steps[0, level] if has_image else (1, 1)
        anchors = pyramid.first_anchors[pyramid.shapes_of(level)]
        centers = encoding.decimals((anchors[:, :2] + anchors[:, 2:]) / 2, 3)
        corners = encoding.decimals(anchors, 2) if has_anchors else []
        cells = {"rows": int(rows), "columns": int(columns)}
        step = [float(step_x), float(step_y)]
        about = {"name": name, **cells, "step": step, "centers": centers}
        if border := scene.grids.left_out:
            about["inside"] = int(border.counts[pyramid.shapes_of(level)].sum())
        found.append(about | {"anchors": corners})
    return found


def _positives(answers: Answers) -> Document:
    """Write all pairs of object and anchor that are positive for some k."""
    found = masked_positives(answers.assignments, answers.is_contested())
    num_gt, num_levels = answers.scene.num_gt, answers.scene.grids.pyramid.num_levels
    group = found.gt * num_levels + found.level
    counts = np.bincount(group, minlength=num_gt * num_levels)
    fought = np.flatnonzero(found.contested)
    both = np.concatenate([found.mask, found.contested[fought]])
    masks, mask = encoding.distinct(both)
    low: list[int] = []
    bar = answers.scene.settings.low_quality_bar
    if bar is not None and found.iou is not None:
        low = np.flatnonzero(found.iou < np.float32(bar)).tolist()
    return {
        "counts": counts.tolist(),
        "index": encoding.within_groups(found.index, counts),
        "masks": masks,
        "mask": mask[: len(found.mask)],
        "low": low,
        "contested": {"place": fought.tolist(), "mask": mask[len(found.mask) :]},
        "iou": None if found.iou is None else encoding.scaled(found.iou, IOU_STEPS),
    }


def _gate(gate: Gate) -> Document:
    """Write the windows of candidates, and what an object gets at most."""
    return {
        "windows": gate.windows.ravel().tolist(),
        # Where points of others count, the quota of each.
        "most": (
            gate.max_positives.tolist()
            if gate.is_certain
            else [gate.quota] * len(gate.windows)
        ),
        "is_certain": gate.is_certain,
    }


def _thresholds(answers: Answers) -> Document | None:
    """Write mean, deviation and threshold of each object at each position."""
    found = [each.candidates for each in answers.assignments]
    if any(each is None for each in found):
        return None
    values = {}
    for name in ("mean", "std", "threshold"):
        stacked = np.stack([getattr(each, name) for each in found], axis=1)
        values[name] = encoding.scaled(stacked, STATISTIC_STEPS)
    return values


def _candidates(answers: Answers) -> Document | None:
    """Write the cells of the candidates, nearest first."""
    scene, settings = answers.scene, answers.scene.settings
    if not settings.rule.each_k or not answers.has_slider:
        return None
    if scene.grids.left_out:  # candidates may lie far apart along a border
        return None
    near_cells = settings.rule.each_k.near_cells
    found = near_cells(scene.frame, scene.grids, settings.assigner, MOST_K)
    counts = found.counts.ravel()
    starts = (np.cumsum(counts) - counts)[counts > 0]
    first = np.stack([found.row[starts], found.column[starts]], axis=1)
    # With one anchor a cell, the n-th nearest comes in at k = n.
    is_plain = scene.grids.pyramid.anchors_per_cell == 1
    return {
        "counts": counts.tolist(),
        "first": first.ravel().tolist(),
        "steps": encoding.step_signs(found.row, found.column, counts),
        "first_k": None if is_plain else encoding.as_signs(found.first_k),
    }


def _unassigned(answers: Answers, names: Sequence[str]) -> Document:
    """Why objects have no positive; runs: object, first and last position, holder."""
    unassigned = [each.unassigned for each in answers.assignments]
    number = np.array([names.index(name) for name in unassigned[0].names])
    rows = number[
        np.stack([each.cause for each in unassigned], axis=1)
    ].tolist()  # (G, S)
    lost: list[int] = []
    for gt, row in enumerate(
        np.stack([each.lost_to for each in unassigned], 1).tolist()
    ):
        for holder, run in itertools.groupby(range(len(row)), key=row.__getitem__):
            first, *others = run
            if holder >= 0:
                lost += (gt, first, (others or [first])[-1], holder)
    # One sign each, but for rules from outside that bring many causes.
    is_short = len(names) <= 10
    causes = ["".join(map(str, row)) for row in rows] if is_short else rows
    return {"causes": causes, "lost": lost}


def _left_out(scene: Scene) -> Document:
    known = list(dict.fromkeys(scene.left_out))
    return {
        "row": scene.frame.left_out_rows.tolist(),
        "box": encoding.decimals(scene.left_out_boxes, 2),
        "reason": [known.index(reason) for reason in scene.left_out],
        "reasons": [conventions.LEFT_OUT[reason] for reason in known],
    }
