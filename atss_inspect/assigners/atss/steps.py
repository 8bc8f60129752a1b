"""The steps of ATSS for one object, from the assigner's own functions."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import Float32Array, IntArray
from atss_inspect.assigners.atss.assign import (
    Candidates,
    adaptive_thresholds,
    center_depth,
    eligible_candidates,
    preselect_candidates,
    wanted_anchors,
)
from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.boxes import Corners, corners_of
from atss_inspect.assigners.pyramid import Grids
from atss_inspect.assigners.rule import Claims, Tried
from atss_inspect.assigners.steps import outcome_name
from atss_inspect.assigners.subject import Place, Subject


class Candidate(NamedTuple):
    """One candidate of the object.

    Attributes
    ----------
    place : which anchor
    distance : float32 between the centers, input pixels
    iou : float32 with the box
    passes : its IoU passes the threshold
    is_inside : its center lies inside the box
    outcome : ``positive``, ``lost`` (to another object) or ``no``
    held_by : annotation id of another object that has the anchor, or None
    rivals : annotation ids of other objects that could have had it
    """

    place: Place
    distance: np.float32
    iou: np.float32
    passes: bool
    is_inside: bool
    outcome: str
    held_by: Any
    rivals: tuple[Any, ...]


class AtssSteps(NamedTuple):
    """How ATSS comes to its answer.

    Attributes
    ----------
    params : of the rule
    k : candidates asked for per level
    candidates : by level, nearest first
    mean, std, threshold : float32 of their IoUs
    """

    params: AtssParams
    k: int
    candidates: tuple[Candidate, ...]
    mean: np.float32
    std: np.float32
    threshold: np.float32


def atss_steps(subject: Subject, params: AtssParams) -> AtssSteps:
    """Follow ATSS for one object; the other boxes take part in the contests."""
    frame, grids = subject.frame, subject.grids
    gt = corners_of(frame.gt_boxes)
    candidates = preselect_candidates(frame, grids, gt, params)
    statistics = adaptive_thresholds(candidates, frame.gt_image, params)
    claims, _ = eligible_candidates(gt, candidates, statistics, params)
    wanted = wanted_anchors(frame, grids, candidates, claims)
    num_candidates = candidates.iou.shape[1]
    own = subject.gt * num_candidates + np.arange(num_candidates)
    own = own[~np.isnan(candidates.iou.ravel()[own])]
    threshold = statistics.threshold[subject.gt]
    overlaps = candidates.iou.ravel()[own]
    passes = np.greater_equal if params.threshold_test == ">=" else np.greater
    keys = wanted_anchors(frame, grids, candidates, own).anchor
    columns = (
        subject.fates(keys, np.isin(own, claims), subject.rivals(*wanted[:2])),
        _distances(gt, candidates, own),
        overlaps,
        passes(overlaps, threshold).tolist(),
        (center_depth(gt, candidates, own) > np.float32(params.center_margin)).tolist(),
    )
    return AtssSteps(
        params=params,
        k=candidates.cells.row.shape[1],
        candidates=tuple(
            Candidate._make((place, *tests, *fate))
            for (place, fate), *tests in zip(*columns, strict=True)
        ),
        mean=statistics.mean[subject.gt],
        std=statistics.std[subject.gt],
        threshold=threshold,
    )


def _distances(gt: Corners, candidates: Candidates, own: IntArray) -> Float32Array:
    """Distance between the centers of a box and its candidates; (N,) float32."""
    box = gt.take(own // candidates.iou.shape[1])
    anchor = Corners(*(side.ravel()[own] for side in candidates.anchors))
    two = np.float32(2)
    x = (anchor.x1 + anchor.x2) / two - (box.x1 + box.x2) / two
    y = (anchor.y1 + anchor.y2) / two - (box.y1 + box.y2) / two
    distances: Float32Array = np.sqrt(y * y + x * x)
    return distances


def tried_candidates(steps: AtssSteps, _positives: Sequence[Place]) -> Iterator[Tried]:
    """All candidates; a center outside comes first, which no threshold mends."""
    for each in steps.candidates:
        failed = "under_threshold" if each.is_inside else "center_outside"
        yield Tried(each.place, outcome_name(each.outcome, failed))


def atss_claims(frame: Frame, grids: Grids, params: AtssParams) -> Claims:
    """Candidates at or over the threshold whose center is inside the box.

    Not what boxes get alone on their image: torch sums the IoUs of one box, and so
    rounds its threshold, by how many boxes there are.
    """
    gt = corners_of(frame.gt_boxes)
    candidates = preselect_candidates(frame, grids, gt, params)
    statistics = adaptive_thresholds(candidates, frame.gt_image, params)
    places, _ = eligible_candidates(gt, candidates, statistics, params)
    wanted = wanted_anchors(frame, grids, candidates, places)
    return wanted.gt, wanted.anchor
