"""Every object without a positive has one cause, hand-made and of real files."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from atss_inspect import assign, load_coco, preset, summarize
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.causes import CAUSES
from atss_inspect.explain import explain_object
from tests.assigning import assigning_names
from tests.tiny_coco import coco


def causes_of(boxes, name, **settings):
    """Causes of boxes on one 640 x 480 image, which explanations name as well."""
    # A short side of 480 leaves the image as it is.
    chosen = preset(name, short_side=480, long_side=640, **settings)
    dataset = load_coco(coco({1: boxes}))
    _, assignment = assign(dataset, chosen)
    lost_to = assignment.unassigned.lost_to.tolist()
    causes = [assignment.unassigned.name_of(gt) for gt in range(len(boxes))]
    for gt, (cause, other) in enumerate(zip(causes, lost_to, strict=True)):
        one = explain_object(dataset, gt, chosen)
        assert one.cause == cause
        assert (one.positives == ()) == (cause is not None)
        assert one.image_counts.num_objects == len(boxes)
        holder = None if other < 0 else dataset.annotation_ids[other]
        assert one.lost_to == holder
    return causes


def test_a_box_between_the_centers_has_none_inside():
    # Centers at multiples of 8: none between 9 and 15.
    assert causes_of([(9, 9, 6, 6)], name="atss-mmdet") == ["no_center_inside"]
    # FCOS points at 4, 12, ...: none between 5 and 11 (on the next level there is one).
    one_level = causes_of(
        [(5, 5, 6, 6)], name="fcos-mmdet", strides=[8], scale_ranges=[[-1, 64]]
    )
    assert one_level == ["no_center_inside"]
    assert causes_of([(5, 5, 6, 6)], name="fcos-mmdet") == ["outside_scale_range"]


def test_candidates_inside_may_all_be_under_mean_plus_std():
    # One candidate of each of two levels: IoUs a and b, their mean plus deviation is
    # (a + b) / 2 + |a - b| / sqrt(2), above both.
    settings = {"name": "atss-mmdet", "k": 1, "strides": [8, 16]}
    assert causes_of([(100, 100, 60, 60)], **settings) == ["under_threshold"]


def test_a_box_under_the_bar_without_low_quality_matches():
    strict = {"name": "retinanet-mmdet", "allow_low_quality": False}
    for settings in (strict, {"name": "rpn-mmdet"}):  # whose floor is 0.3
        assert causes_of([(100, 100, 9, 9)], **settings) == ["under_bar"]
    # Anchors of 12.8 px every 128 px.
    few = {"strides": [128], "scale": 0.1, "scales_per_octave": 1, "ratios": [1.0]}
    found = causes_of([(40, 40, 20, 20)], **strict, **few)
    assert found == ["no_anchor_in_reach"]


def test_points_inside_may_be_outside_every_range_or_the_center_region():
    # 40 x 10: the point is at most 40 px from a side, the range begins at 64.
    settings = {"name": "fcos-mmdet", "strides": [8], "scale_ranges": [[64, 128]]}
    assert causes_of([(100, 98, 40, 10)], **settings) == ["outside_scale_range"]
    # Points 4 px off the center in both axes; 0.25 strides reach 2 px.
    settings = {"name": "fcos-mmdet-center", "strides": [8], "radius": 0.25}
    settings["scale_ranges"] = [[-1, 64]]
    assert causes_of([(100, 100, 24, 24)], **settings) == ["outside_center_region"]


@pytest.mark.parametrize("name", ["atss-mmdet", "fcos-mmdet", "retinanet-torchvision"])
def test_a_twin_loses_everything_to_the_first(name):
    twins = [(100, 100, 60, 60)] * 2
    assert causes_of(twins, name) == [None, "lost_to_others"]
    _, assignment = assign(load_coco(coco({1: twins})), preset(name))
    assert assignment.unassigned.lost_to.tolist() == [-1, 0]


def test_of_twins_under_the_bar_the_last_claims_the_best_anchors_of_both():
    twins = [(100, 100, 4, 4)] * 2
    assert causes_of(twins, "retinanet-mmdet") == ["under_bar", None]


def check_causes(dataset: Dataset, name: str) -> None:
    """Objects have a cause or a positive, never both, and counts add up."""
    settings = preset(name, unknown_category="skip")
    frame, assignment = assign(dataset, settings)
    has_any = np.bincount(assignment.gt, minlength=frame.num_gt) > 0
    np.testing.assert_array_equal(assignment.unassigned.cause > 0, ~has_any)
    check_losers(assignment)
    (summary,) = summarize(dataset, settings)
    assert sum(summary.cause_counts.values()) == summary.num_unassigned == sum(~has_any)


def check_losers(assignment: Assignment) -> None:
    """Whoever lost everything lost it to a box that has positives."""
    cause, lost_to, names = assignment.unassigned
    lost = np.isin(np.array(names)[cause], ["lost_to_others", "forced_to_another"])
    assert (lost_to[lost] >= 0).all()
    assert np.isin(lost_to[lost], assignment.gt).all()
    # A low-quality match below the bar is lost, too.
    below = cause == CAUSES.index("under_bar")
    assert (lost_to[~lost & ~below] == -1).all()


@cache
def real_datasets(real_data: Path) -> list[Dataset]:
    """Of every real file the first images, hundreds where it has as many."""
    paths = sorted((real_data / "data").glob("**/*.json"))
    # One file is refused unless it is told that its boxes are fractions.
    formats = ["xywh-fractions" * (path.stem == "normalised-boxes") for path in paths]
    loaded = [
        load_coco(path, box_format=name or None)
        for path, name in zip(paths, formats, strict=True)
    ]
    return [each.slice_images(0, min(each.num_images, 400)) for each in loaded]


@pytest.mark.slow
@pytest.mark.parametrize("name", assigning_names())
def test_no_unassigned_object_of_the_real_files_lacks_a_cause(real_data, name):
    datasets = real_datasets(real_data)
    assert len(datasets) > 10
    for dataset in datasets:
        check_causes(dataset, name)
