"""`explain_object`: the steps of every rule, and that they are the assigner's own."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.assigners.atss.steps import AtssSteps
from atss_inspect.assigners.fcos.steps import FcosSteps
from atss_inspect.assigners.iou_threshold.steps import IouThresholdSteps
from atss_inspect.assigners.pyramid import build_pyramid
from atss_inspect.assigners.steps import Place
from atss_inspect.assigners.yolov5.steps import Yolov5Steps
from atss_inspect.explain import explain_object, one_image, rows_of_annotation, with_box
from atss_inspect.readers import load_coco
from atss_inspect.settings import Settings, preset
from atss_inspect.statistics.run import assign
from atss_inspect.statistics.summary import Selection
from atss_inspect.statistics.tables import objects_chunk, positives_chunk
from tests.assigning import assigning_names
from tests.random_coco import random_dataset
from tests.tiny_coco import Box, coco_image, street

FILES = (
    "coco-val2017/instances_val2017_int.json",
    "visdrone-train-50/visdrone2019-det-train-first50image.json",
)


def scene(*boxes: Box, **more: Any) -> Dataset:
    """Boxes on an image that is in input pixels already; ids from 1 on."""
    return load_coco(coco_image(*boxes, width=1024, image_id=7, **more))


def explained(settings: Settings, *boxes: Box, row: int = 0):
    return explain_object(scene(*boxes), row, settings)


TWICE = ((100.0, 100.0, 20.0, 20.0),) * 2


def test_atss_steps_by_hand():
    # The center, (110, 110), is 2 px from the anchors at 112 and 6 px from those at
    # 104; every anchor of P3 is 64 px and holds the whole 20 px box: IoU 400 / 4096.
    one = explained(preset("atss-mmdet", k=4), *TWICE)
    steps = one.steps
    nearest = steps.candidates[:4]
    cells = [(14, 14), (13, 14), (14, 13), (13, 13)]
    assert [each.place[:3] for each in nearest] == [(0, *cell) for cell in cells]
    far, near = 6.0, 2.0
    distances = [np.hypot(near, near), np.hypot(near, far), np.hypot(far, far)]
    expected = [distances[n] for n in (0, 1, 1, 2)]
    np.testing.assert_allclose([each.distance for each in nearest], expected, 1e-6)
    assert {float(each.iou) for each in nearest} == {400 / 4096}
    # The other box wanted the same anchors.
    told = {(e.passes, e.is_inside, e.outcome, e.rivals) for e in nearest}
    assert told == {(True, True, "positive", (2,))}
    assert not any(each.passes for each in steps.candidates[4:])
    other = explained(preset("atss-mmdet", k=4), *TWICE, row=1).steps
    assert {(e.outcome, e.held_by) for e in other.candidates[:4]} == {("lost", 1)}


def test_iou_threshold_steps_by_hand():
    # An anchor of 32 px, 4 strides of P3, lies exactly where the box is.
    box = (84.0, 84.0, 32.0, 32.0)
    one = {"scales_per_octave": 1, "ratios": (1.0,)}
    found = explained(preset("retinanet-mmdet", offset=0.5, **one), box)
    steps = found.steps
    assert steps.best == 1
    first = steps.anchors[0]
    assert first.place == Place(0, 12, 12, 0)
    assert (first.iou, first.outcome) == (1, "positive")
    assert (first.reaches_bar, first.is_low_quality) == (True, True)
    # One cell aside the overlap is 24 x 32: IoU 768 / 1280 = 0.6. Diagonally it is
    # 24 x 24: 576 / 1472 = 0.39. So five anchors reach 0.5.
    assert (steps.num_over_bar, steps.num_low_quality) == (5, 0)
    assert len(found.positives) == 5
    np.testing.assert_allclose([each.iou for each in steps.anchors[1:5]], 0.6, 1e-6)


def test_fcos_steps_by_hand():
    # P3's points 100, 108 and 116 are inside 98 to 118 along both axes; one of P4's,
    # 104, and none of P5's (80, 112 is one: 16 + 32 n).
    one = explained(preset("fcos-mmdet"), (98, 98, 20, 20), (106, 106, 4, 4))
    steps = one.steps
    assert steps.area == 400
    counts = [each[3:8] for each in steps.levels]
    assert counts[:3] == [(9, 9, 9, 1, 8), (1, 1, 0, 0, 0), (1, 1, 0, 0, 0)]
    [loss] = steps.levels[0].lost
    assert (loss.held_by, loss.num_points) == (2, 1)
    point = steps.points[0]
    assert (point.x, point.y) == (108, 108)
    assert point.ltrb == (10, 10, 10, 10)
    assert (point.outcome, point.held_by) == ("lost", 2)
    assert len(one.positives) == 8


@cache
def _whole(dataset: Dataset, name: str) -> tuple[dict[int, Any], dict[int, set[Place]]]:
    """Rows of the objects' table and the positives of every object of a data set."""
    settings = preset(name)
    frame, _ = assign(dataset, settings)
    asked = {"settings": (settings,), "selection": Selection()}
    rows = objects_chunk(dataset, **asked)
    table = {
        int(row): {key: column[place] for key, column in rows.items()}
        for place, row in enumerate(frame.object_rows)
    }
    columns = positives_chunk(dataset, **asked)
    places: dict[int, set[Place]] = {row: set() for row in table}
    by_index = {int(dataset.annotation_index[row]): row for row in table}
    names = ("annotation_index", "level", "cell_y", "cell_x", "anchor")
    rows = zip(*(columns[each].tolist() for each in names), strict=True)
    for index, *place in rows:
        places[by_index[index]].add(Place(*place))
    return table, places


def require_agreement(dataset: Dataset, row: int, name: str) -> None:
    """Check an explanation against what the tables say of the whole data set."""
    settings = preset(name)
    table, places = _whole(dataset, name)
    one = explain_object(*one_image(dataset, row), settings)
    if one.left_out:
        assert row not in table
        return
    expected = table[row]
    assert set(one.positives) == places[row]
    assert len(one.positives) == expected["num_positives"]
    assert one.cause == expected["cause"]
    assert (None if one.lost_to is None else str(one.lost_to)) == expected["lost_to"]
    _require_steps(one, expected, settings)


LISTED = ("anchors", "points", "cells")


def _require_steps(one, expected, settings) -> None:
    """Check that the steps lead to the positives."""
    positives, steps = set(one.positives), one.steps
    if isinstance(steps, AtssSteps):
        assert len(steps.candidates) == expected["num_candidates"]
        names = ("candidate_mean", "candidate_std", "iou_threshold")
        facts = [steps.mean, steps.std, steps.threshold]
        np.testing.assert_array_equal(facts, [expected[name] for name in names])
        won = {each.place for each in steps.candidates if each.outcome == "positive"}
        assert won <= positives
        eligible = [each for each in steps.candidates if each.passes and each.is_inside]
        if steps.params.contest == "claimants":
            assert won == positives
            assert {each.outcome for each in eligible} <= {"positive", "lost"}
            assert won <= {each.place for each in eligible}
    elif isinstance(steps, IouThresholdSteps):
        shown = {each.place for each in steps.anchors if each.outcome == "positive"}
        assert shown <= positives
        owner = getattr(steps.params, "low_quality_owner", "claimer")
        if owner == "claimer" and len(steps.anchors) < 200:
            assert shown == positives
        if len(positives):
            assert steps.best >= expected["best_iou"]
    elif isinstance(steps, Yolov5Steps):
        won = {each.place for each in steps.anchors if each.outcome == "positive"}
        assert won == positives
    elif isinstance(steps, FcosSteps):
        _require_levels(steps, positives, settings)
    else:  # a cell may have several anchors, and stands for them
        [listed] = [getattr(steps, n) for n in LISTED if hasattr(steps, n)]
        won = {one.place for one in listed if one.outcome == "positive"}
        assert won <= positives


def _require_levels(steps, positives, settings) -> None:
    assert sum(each.num_won for each in steps.levels) == len(positives)
    levels = np.bincount([place.level for place in positives], minlength=5)
    assert [each.num_won for each in steps.levels] == levels.tolist()
    for each in steps.levels:
        lost = sum(loss.num_points for loss in each.lost)
        assert each.num_won + lost == each.num_in_range
        assert each.num_inside >= each.num_in_region >= each.num_in_range
    assert build_pyramid(settings.anchors).num_levels == len(steps.levels)


@given(st.integers(0, 5), st.integers(0, 10**6), st.sampled_from(assigning_names()))
def test_explanations_agree_with_the_tables(seed, number, name):
    dataset = random_dataset(seed)
    require_agreement(dataset, number % dataset.num_objects, name)


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_explanations_agree_on_real_files(real_data, file):
    whole = load_coco(real_data / "data" / file)
    rng = np.random.default_rng(3)
    images = rng.permutation(whole.num_images)[:700]
    dataset = whole.select_images(images)
    names = ("atss-mmdet", "atss-official-9a", "retinanet-mmdet", "fcos-mmdet")
    names += ("retinanet-torchvision", "rpn-mmdet", "fcos-official-imprv")
    unassigned = {
        name: [row for row, one in _whole(dataset, name)[0].items() if one["cause"]]
        for name in names
    }
    for number, row in enumerate(rng.integers(0, dataset.num_objects, 250)):
        require_agreement(dataset, int(row), names[number % len(names)])
    for name in names:
        for row in rng.choice(unassigned[name], 20):
            require_agreement(dataset, int(row), name)


def test_objects_left_out_have_a_reason_and_nothing_else():
    # Beside another object, for without any the image itself goes first.
    dataset = scene((10, 10, 50, 50), (100, 100, 0, 5))
    one = explain_object(dataset, 1, preset("atss-mmdet"))
    assert one.left_out in ("no_extent", "too_small", "outside_image")
    assert one.steps is None
    crowd = scene((10, 10, 50, 50), iscrowd=1)
    assert explain_object(crowd, 0, preset("atss-mmdet")).left_out == "crowd"


def test_a_box_of_ones_own_may_have_a_class_that_is_trained_on():
    settings = preset("atss-mmdet", classes=("cat",))
    box = (100.0, 100.0, 20.0, 20.0)
    dataset, row = with_box(scene((10, 10, 50, 50)), box, "cat")
    assert explain_object(dataset, row, settings).left_out is None
    dataset, row = with_box(scene((10, 10, 50, 50)), box)
    assert explain_object(dataset, row, settings).left_out == "class_not_selected"


def test_a_box_of_nobody_is_an_object_beside_categories_that_are_not_listed():
    document = {**street(), "categories": [{"id": 2, "name": "bus"}]}
    image, _ = one_image(load_coco(document), 0)
    with_one, row = with_box(image, (100, 100, 80, 80))
    settings = preset("atss-mmdet")
    assert explain_object(with_one, row, settings).left_out is None
    assert explain_object(with_one, 0, settings).left_out == "category_not_listed"


def test_annotations_are_found_by_integers_and_by_text():
    dataset = scene((10, 10, 5, 5), (20, 20, 5, 5))
    mixed, _ = with_box(dataset, (1, 1, 5, 5))
    for text, rows in (("2", [1]), ("x", []), ("9" * 40, []), ("", [])):
        assert rows_of_annotation(dataset, text).tolist() == rows
        assert rows_of_annotation(mixed, text).tolist() == rows


def test_a_box_of_ones_own_is_in_pixels_beside_shares_of_the_image():
    shares = np.full((1, 4), 0.5, np.float32)
    dataset = replace(scene((100, 100, 20, 20)), normalized=shares)
    dataset, row = with_box(dataset, (1, 1, 5, 5))
    assert dataset.normalized is not None
    assert dataset.normalized[0].tolist() == [0.5] * 4
    assert np.isnan(dataset.normalized[row]).all()
