"""Runs the package and the dense reference on the same images and compares them.

The two describe a convention in their own words; the tables here translate.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial
from itertools import pairwise

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.assigners import rule_of
from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.fcos.params import FcosParams
from atss_inspect.assigners.first_best.params import FirstBestParams
from atss_inspect.assigners.iou_threshold.params import IouThresholdParams
from atss_inspect.assigners.pyramid import build_pyramid

from .reference import anchors as dense
from .reference.assignment import ReferenceAssignment
from .reference.atss import assign_atss as reference_atss
from .reference.distances import alike_matrix
from .reference.fcos import assign_fcos as reference_fcos
from .reference.frames import map_sizes
from .reference.iou_threshold import assign_iou_threshold as reference_iou_threshold
from .strategies import Image, Size, make_frame

Params = AtssParams | IouThresholdParams | FcosParams | FirstBestParams
Row = tuple[int, int, int]


def assign(images: Sequence[Image], rule: AnchorRule, params: Params) -> Assignment:
    pyramid = build_pyramid(rule)
    return rule_of(params).assign(make_frame(images), pyramid, params)


def sorted_rows(assignment: Assignment) -> np.ndarray:
    """(P, 3) int64 gt, level, index, sorted by the three."""
    rows = np.stack([assignment.gt, assignment.level, assignment.index], axis=1)
    return rows[order_of(assignment)]


def order_of(assignment: Assignment) -> np.ndarray:
    """(P,) int64: the rows by box, level and index."""
    return np.lexsort((assignment.index, assignment.level, assignment.gt))


def rows_of_image(assignment: Assignment, frame: Frame, image: int) -> list[Row]:
    """(gt within the image, level, index) of one image's positives, sorted."""
    first = int(np.searchsorted(frame.gt_image, image))
    rows = sorted_rows(assignment)
    rows = rows[frame.gt_image[rows[:, 0]] == image] - [first, 0, 0]
    return [tuple(row) for row in rows.tolist()]


@lru_cache(maxsize=256)
def dense_anchors(rule: AnchorRule, padded: Size) -> tuple[np.ndarray, ...]:
    """All anchors of an image, level by level: (n, 4) float32."""
    found = []
    for level, (pair, map_size, step) in enumerate(_levels(rule, padded)):
        base = rule.base_sizes[level] if rule.base_sizes else min(pair)
        octave = dense.octave_scales(rule.scales_per_octave)
        scales = rule.scales or [rule.scale * each for each in octave]
        sides = [(base, scale) for scale in scales]
        if rule.sizes:
            sides = [(side, 1.0) for side in _own_list(rule.sizes, level)]
        is_of_base = rule.style in ("mmdetection", "glip")
        center = rule.offset * (base if is_of_base else min(pair))
        origin = (0.0, 0.0)
        if rule.style in ("detectron2", "efficientdet"):
            center, origin = 0.0, _from_offset(rule, pair)
        cell = dense.any_cell_anchors(
            rule.style,
            min(pair),
            sides=sides,
            shapes=rule.ratio_pairs or _own_list(rule.ratios, level),
            center=center,
            is_whole=rule.style == "torchvision" and not rule.sizes,
        )
        found.append(dense.lay_on_grid(cell, map_size, step, origin))
    return tuple(found)


def _own_list(lists: tuple, level: int) -> tuple:
    """The list of one level, where there is one for each."""
    if not isinstance(lists[0], tuple):
        return lists
    return lists[level if len(lists) > 1 else 0]


def _from_offset(rule: AnchorRule, pair: tuple[float, float]) -> tuple[float, float]:
    """Pixels of a share of the stride along y and x, which is a float32 there."""
    y, x = (np.float32(rule.offset) * np.float32(side) for side in pair)
    return float(y), float(x)


@lru_cache(maxsize=256)
def dense_points(rule: AnchorRule, padded: Size) -> tuple[np.ndarray, ...]:
    """All points of an image, level by level: (n, 2) float32."""
    return tuple(
        dense.points_on_grid(map_size, step, _from_offset(rule, pair))
        for pair, map_size, step in _levels(rule, padded)
    )


def _levels(rule: AnchorRule, padded: Size) -> list[tuple]:
    """Of each level its stride along y and x, its map, and the steps of its grid."""
    pairs = [each if isinstance(each, tuple) else (each, each) for each in rule.strides]
    maps = [dense.any_map_size(padded, pair) for pair in pairs]
    if all(coarse == (2 * fine[0], 2 * fine[1]) for fine, coarse in pairwise(pairs)):
        maps = map_sizes(padded, len(pairs), pairs[0][0])
    steps = dense.torchvision_strides(padded, maps) if rule.grid == "padded" else pairs
    return list(zip(pairs, maps, steps, strict=True))


def assign_densely(image, rule, params) -> ReferenceAssignment:
    """Assign one image's anchors by the reference."""
    if isinstance(params, FcosParams):
        points = dense_points(rule, image.padded_size)
        return reference_fcos(points, image.gt_boxes, **_fcos_words(params, rule))
    anchors = dense_anchors(rule, image.padded_size)
    inside = inside_border(image, rule)
    if isinstance(params, AtssParams):
        assign_by, words = reference_atss, _atss_words(params, rule)
    else:
        assign_by, words = reference_iou_threshold, _iou_threshold_words(params)
    words["plus_one"] = getattr(params, "plus_one", False)
    words["union_guard"] = "floor" if params.min_union else "where_overlapping"
    if rule.style != "mmdetection":
        words["is_usable"] = np.concatenate(inside)
        return assign_by(anchors, image.gt_boxes, **words)
    # Left out before: what the assigner sees are the anchors inside, renumbered.
    seen = [own[kept] for own, kept in zip(anchors, inside, strict=True)]
    found = assign_by(seen, image.gt_boxes, **words)
    places = [np.flatnonzero(kept) for kept in inside]
    pairs = zip(found.level.tolist(), found.index.tolist(), strict=True)
    index = [places[level][number] for level, number in pairs]
    return replace(
        found,
        index=np.array(index, dtype=np.int64),
        num_ignored=found.num_ignored + num_beyond(image, rule, params),
    )


def inside_border(image: Image, rule: AnchorRule) -> list[np.ndarray]:
    """Which anchors of each level take part: (n,) bool."""
    anchors = dense_anchors(rule, image.padded_size)
    if rule.allowed_border < 0:
        return [np.ones(len(each), dtype=bool) for each in anchors]
    size, border = image.input_size, rule.allowed_border
    return [dense.fully_inside(each, size, border) for each in anchors]


def num_beyond(image: Image, rule: AnchorRule, params: Params) -> int:
    """How many anchors take no part; all points do."""
    if isinstance(params, FcosParams):
        return 0
    return sum(int((~kept).sum()) for kept in inside_border(image, rule))


def _atss_words(params: AtssParams, rule: AnchorRule) -> dict[str, object]:
    per_cell = int(build_pyramid(rule).per_cell.max())
    return {
        "k": params.k * per_cell if params.k_per_anchor else params.k,
        "threshold_test": params.threshold_test,
        "ddof": params.std_ddof,
        "inside_margin": params.center_margin,
        "contest": params.contest,
    }


def _iou_threshold_words(
    params: IouThresholdParams | FirstBestParams,
) -> dict[str, object]:
    if isinstance(params, FirstBestParams):
        bars = dict.fromkeys(("positive_from", "negative_below"), params.positive_from)
        return bars | {"low_quality": f"{params.forced_to}_gt", "ties": "first"}
    owner = {"claimer": "last_gt", "own_best": "own_best"}[params.low_quality_owner]
    names = {"measure": params.measure, "constant": params.nwd_constant}
    measure = partial(alike_matrix, **names)
    return {
        "positive_from": params.positive_from,
        "negative_below": params.negative_below,
        "low_quality": owner if params.allow_low_quality else "off",
        "low_quality_from": params.low_quality_floor,
        "ties": params.low_quality_ties,
        "measure": params.distance and measure,
    }


def _fcos_words(params: FcosParams, rule: AnchorRule) -> dict[str, object]:
    strides = [min(each) if isinstance(each, tuple) else each for each in rule.strides]
    ends = [8.0 * stride for stride in strides]
    from_strides = list(zip([-1.0, *ends[:-1]], [*ends[:-1], np.inf], strict=True))
    radius = params.center_sampling_radius
    tests = {"box": "clipped_box", "distance": "chebyshev"}
    areas = {"smallest": "smallest", "1e8_minus": "rounded"}
    return {
        "scale_ranges": params.scale_ranges or from_strides,
        "closed_ranges": params.range_ends == "closed",
        "center_radii": [radius * s for s in strides] if radius else None,
        "center_test": tests[params.center_test],
        "area_rule": areas[params.area],
        "plus_one_area": params.plus_one,
    }


def check_agreement(images, rule, params) -> Assignment:
    """Assign all images at once and, densely, one by one; all answers must be equal."""
    frame = make_frame(images)
    assignment = assign(images, rule, params)
    for place, image in enumerate(images):
        reference = assign_densely(image, rule, params)
        of_image = frame.gt_image == place
        assert rows_of_image(assignment, frame, place) == sorted(reference.rows())
        assert assignment.num_ignored[place] == reference.num_ignored
        assert assignment.num_beyond[place] == num_beyond(image, rule, params)
        num_anchors = len(reference.gt) + reference.num_negative + reference.num_ignored
        assert assignment.num_anchors[place] == num_anchors
        for name in ("is_tied", "is_fragile"):
            ours, theirs = getattr(assignment, name)[of_image], getattr(reference, name)
            np.testing.assert_array_equal(ours, theirs, name)
        _check_ious(assignment, frame, place, reference)
        if assignment.candidates is not None:
            _check_statistics(assignment, of_image, reference)
    return assignment


def _check_ious(assignment, frame, place, reference) -> None:
    """IoUs with the owner are equal to the last bit; FCOS has none."""
    if assignment.iou is None:
        return
    order = order_of(assignment)
    ours = order[frame.gt_image[assignment.gt[order]] == place]
    theirs = np.lexsort((reference.index, reference.level, reference.gt))
    np.testing.assert_array_equal(assignment.iou[ours], reference.iou[theirs])


def _check_statistics(assignment, of_image, reference) -> None:
    """Mean and threshold are equal; of a deviation near 0 only rounding is left."""
    candidates = assignment.candidates
    assert candidates is not None
    np.testing.assert_array_equal(candidates.mean[of_image], reference.mean)
    np.testing.assert_array_equal(candidates.threshold[of_image], reference.threshold)
    std = candidates.std[of_image]
    np.testing.assert_allclose(std, reference.std, rtol=1e-7, atol=1e-12)


def check_images_alone(images, rule, params) -> None:
    """An image's answer does not depend on which other images are in the frame."""
    frame = make_frame(images)
    together = assign(images, rule, params)
    for place, image in enumerate(images):
        alone, of_image = assign([image], rule, params), frame.gt_image == place
        rows = rows_of_image(together, frame, place)
        assert rows == [tuple(row) for row in sorted_rows(alone).tolist()]
        assert together.num_ignored[place] == alone.num_ignored[0]
        assert together.num_anchors[place] == alone.num_anchors[0]
        np.testing.assert_array_equal(together.is_tied[of_image], alone.is_tied)
        np.testing.assert_array_equal(together.is_fragile[of_image], alone.is_fragile)


def check_books_balance(images, rule, params) -> None:
    """No anchor is given twice, every row names one, and all arrays fit together."""
    frame, assignment = make_frame(images), assign(images, rule, params)
    num_positives = assignment.num_positives
    for column in (assignment.gt, assignment.level, assignment.index):
        assert column.dtype == np.int64
        assert column.shape == (num_positives,)
    grids = build_pyramid(rule).grids(frame.padded_size)
    image = frame.gt_image[assignment.gt]
    assert (assignment.index >= 0).all()
    assert (assignment.index < grids.level_anchors[image, assignment.level]).all()
    anchors = zip(image, assignment.level, assignment.index, strict=True)
    assert len(set(anchors)) == num_positives
    positives = np.bincount(image, minlength=frame.num_images)
    left = assignment.num_anchors - positives - assignment.num_ignored
    assert (left >= 0).all()
    assert assignment.num_ignored.shape == (frame.num_images,)
    assert assignment.is_tied.shape == assignment.is_fragile.shape == (frame.num_gt,)


def permuted(image: Image, order: Sequence[int]) -> Image:
    """The same image with its boxes in another order."""
    return Image(image.padded_size, tuple(image.boxes[place] for place in order))


def check_permutation(image, order, rule, params) -> None:
    """Boxes in another order get the same anchors, each its own."""
    rows = assign([image], rule, params)
    others = assign([permuted(image, order)], rule, params)
    renamed = {
        (order[gt], level, index) for gt, level, index in sorted_rows(others).tolist()
    }
    assert renamed == set(map(tuple, sorted_rows(rows).tolist()))
    np.testing.assert_array_equal(others.num_ignored, rows.num_ignored)


def anchors_of_rows(images, rule, assignment) -> np.ndarray:
    """(P, 4) float32 corners of the positive anchors, from the dense layout."""
    image = make_frame(images).gt_image[assignment.gt]
    layouts = [dense_anchors(rule, each.padded_size) for each in images]
    rows = zip(image, assignment.level, assignment.index, strict=True)
    anchors = [layouts[place][level][index] for place, level, index in rows]
    return np.array(anchors, dtype=np.float32).reshape(-1, 4)
