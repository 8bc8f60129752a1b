"""YOLOv5's rule: by hand, against loops, and as the framework answered on real data."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.annotations.frame import build_frame
from atss_inspect.assigners.pyramid import build_pyramid
from atss_inspect.assigners.yolov5.assign import shares_of
from atss_inspect.assigners.yolov5.params import Yolov5Params
from atss_inspect.errors import SettingsError
from atss_inspect.settings import preset

from .agreement import assign
from .reference.anchors import any_map_size
from .reference.letterbox import see_square
from .reference.yolov5 import rows_yolov5
from .second_records import read_record, real_dataset
from .strategies import Image, make_frame
from .test_data_rules import dataset_of

RULE = preset("yolov5").anchors
SIDE = 640


def rows_of(found, first_box: int = 0) -> list[tuple[int, int, int]]:
    """Rows as the loss has them: as often as each counts."""
    columns = (found.gt - first_box, found.level, found.index, found.times)
    return sorted(
        row[:3]
        for row in zip(*(each.tolist() for each in columns), strict=True)
        for _ in range(row[3])
    )


def answer(*boxes, **params):
    return assign([Image((SIDE, SIDE), boxes)], RULE, Yolov5Params(**params))


def test_a_center_on_cell_borders_counts_its_cell_thrice():
    # Center (8, 104) is (1, 13) in cells of P3: x = 1 is not > 1, so no left neighbor;
    # up gives row 12; right and down name the center's cell again. Two shapes of P3 are
    # less than 4 times 8 px (10 x 13 and 16 x 30 by 3.75), the third is 33 / 8 times.
    found = answer((4, 100, 12, 108))
    assert found.num_positives == 4
    assert rows_of(found) == sorted(
        (0, 0, (row * 80 + 1) * 3 + shape)
        for row in (12, 13, 13, 13)
        for shape in (0, 1)
    )


def test_two_equal_boxes_share_all_their_anchors():
    box = (200.5, 20.25, 204.75, 60.5)
    found = answer(box, box)
    assert np.bincount(found.gt).tolist() == [6, 6]
    assert (found.num_taken, found.num_shared) == (6, 6)
    assert not found.unassigned.cause.any()


def test_a_side_four_times_that_of_an_anchor_does_not_fit():
    # 10 x 13 and 40 x 13: a ratio of exactly 4; 16 x 30 fits, 33 x 23 fits too.
    shapes = answer((100, 100, 140, 113)).index % 3
    assert set(shapes.tolist()) == {1, 2}
    wide = answer((0, 300, 640, 303))
    assert wide.num_positives == 0
    assert wide.unassigned.name_of(0) == "no_shape_fits"
    assert answer().num_positives == 0


def test_an_object_whose_shape_is_nearly_at_the_bar_is_fragile():
    # 40 px wide beside 10: exactly 4 times is no matter of rounding, a few units in the
    # last place on either side are.
    ulp = np.spacing(np.float32(40))
    sides = [np.float32(40) + n * ulp for n in (0, 2, -2, 40)]
    found = answer(*((0, 100, side, 113) for side in sides))
    assert found.is_fragile.tolist() == [False, True, True, False]


corners = st.one_of(
    st.integers(0, 160).map(lambda value: value * 4.0), st.floats(0, 640, width=32)
)
drawn_boxes = st.lists(st.tuples(*[corners] * 4), max_size=8)
SIDES = st.sampled_from((0.5, 3.0, 10.0, 13.0, 16.0, 40.3, 61.0, 181.0, 700.0))


@st.composite
def anchors(draw):
    """Widths and heights of one to three anchors on one to four levels."""
    strides = draw(st.sampled_from(((16,), (8, 16, 32), (4, 12.5, 40, 320 / 3))))
    shapes = st.lists(st.tuples(SIDES, SIDES), min_size=1, max_size=3)
    levels = draw(st.lists(shapes, min_size=len(strides), max_size=len(strides)))
    sizes = tuple(tuple(side for pair in level for side in pair) for level in levels)
    return replace(RULE, strides=strides, sizes=sizes)


@given(
    drawn_boxes,
    st.sampled_from([4.0, 2.0, 1.0, 1.7, 8.0]),
    st.one_of(st.just(RULE), anchors()),
)
def test_rows_equal_the_loops(drawn, ratio, rule):
    boxes = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in drawn]
    images = [Image((SIDE, SIDE), tuple(boxes)), Image((320, 416), tuple(boxes[:2]))]
    frame, params = make_frame(images), Yolov5Params(ratio_below=ratio)
    found = assign(images, rule, params)
    expected, pyramid = [], build_pyramid(rule)
    for number, image in enumerate(images):
        own = frame.gt_image == number
        maps = [any_map_size(image.padded_size, (s, s)) for s in rule.strides]
        first = int(np.flatnonzero(own)[0]) if own.any() else 0
        with np.errstate(divide="ignore"):
            rows = rows_yolov5(
                shares_of(frame)[own], rule.sizes, rule.strides, maps, ratio=ratio
            )
        expected += [(first + gt, level, index) for gt, level, index in rows]
        alone = assign([image], rule, params)
        assert rows_of(alone) == sorted(rows)
    assert rows_of(found) == sorted(expected)
    keys = Counter((frame.gt_image[gt], *anchor) for gt, *anchor in {*expected})
    assert found.num_shared == sum(keys.values()) - len(keys)
    columns = (found.gt, found.level, found.index, found.is_shared)
    for gt, level, index, is_shared in zip(
        *(each.tolist() for each in columns), strict=True
    ):
        assert is_shared == (keys[frame.gt_image[gt], level, index] > 1)
    has_any = np.bincount(found.gt, minlength=frame.num_gt) > 0
    np.testing.assert_array_equal(found.unassigned.cause > 0, ~has_any)
    assert (
        found.num_anchors.tolist()
        == pyramid.grids(frame.padded_size).num_anchors.tolist()
    )


@pytest.mark.slow
def test_the_preset_gives_the_record_from_the_annotation_file(real_data):
    record, dataset = read_record(real_data, "yolov5"), real_dataset(real_data)
    settings = preset("yolov5")
    images = slice(0, dataset.num_images)
    frame = build_frame(dataset, images, settings.data, settings.resize)
    found = settings.rule.assign(frame, settings.pyramid, settings.assigner)
    for ours, theirs in (
        (dataset.image_ids[frame.image_rows], record["image_ids"]),
        (frame.input_size, record["image_hw"]),
        (frame.padded_size, record["pad_hw"]),
        (dataset.annotation_ids[frame.object_rows], record["ann_ids"]),
        (shares_of(frame), record["gt_norm"]),
        (found.num_anchors, record["num_level_anchors"].sum(axis=1)),
    ):
        np.testing.assert_array_equal(ours, theirs)
    assert len(record["rows"]) == 51_023
    assert rows_of(found) == list(map(tuple, record["rows"].tolist()))
    negatives = found.num_anchors.sum() - found.num_taken
    assert negatives == record["num_neg"].sum()
    assert (found.times.sum() - found.num_positives, found.num_taken) == (51, 48_621)
    assert np.count_nonzero(found.unassigned.cause) == 14


# Long sides that rounding up makes 641 px; 1050 x 1066 with both sides at an edge.
@pytest.mark.parametrize(
    "size", [(147, 100), (281, 281), (500, 525), (1050, 1066), (640, 480), (1280, 700)]
)
def test_the_preset_gives_what_the_loops_give_of_a_file(size):
    settings, (height, width) = preset("yolov5"), size
    rng = np.random.default_rng(height)
    near = rng.uniform(0, (width - 9, height - 9), (40, 2)).round(1)
    far = near + rng.uniform(4, 1.2 * height, (40, 2)).round(1)
    boxes = np.hstack([near, np.minimum(far, (width, height)) - near])
    boxes[:2] = (0, 0, width, height), (width - 9, height - 9, 9, 9)
    lines = [{"bbox": box, "category_id": 1} for box in boxes.tolist()]
    seen = see_square(lines, height=height, width=width, side=SIDE, path="yolov5")
    assert seen
    (x1, y1, x2, y2), side = seen[1].T, np.float32(SIDE)
    sums = ((x1 + x2) / np.float32(2), (y1 + y2) / np.float32(2), x2 - x1, y2 - y1)
    shares = np.stack(sums, axis=1) / side
    maps = [(SIDE // stride,) * 2 for stride in RULE.strides]
    expected = rows_yolov5(shares, RULE.sizes, RULE.strides, maps)
    dataset = dataset_of([lines], size)
    frame = build_frame(dataset, slice(0, 1), settings.data, settings.resize)
    found = settings.rule.assign(frame, settings.pyramid, settings.assigner)
    assert (frame.input_size.max() == 641) == (max(size) in (147, 281, 525, 1066))
    assert tuple(dataset.annotation_index[frame.object_rows].tolist()) == seen[0]
    assert rows_of(found) == sorted(expected)


@pytest.mark.slow
def test_the_loops_equal_the_record(real_data):
    record, rows = read_record(real_data, "yolov5"), []
    offsets = record["gt_offsets"].tolist()
    maps = [(SIDE // stride,) * 2 for stride in RULE.strides]
    for first, last in pairwise(offsets):
        shares = record["gt_norm"][first:last]
        found = rows_yolov5(shares, RULE.sizes, RULE.strides, maps)
        rows += [(first + gt, level, index) for gt, level, index in found]
    assert sorted(rows) == list(map(tuple, record["rows"].tolist()))


def test_strides_that_differ_along_the_axes_are_refused():
    with pytest.raises(SettingsError, match="strides: expected one number a level"):
        preset("yolov5", strides=[[8, 16], 16, 32])


def test_sizes_that_are_no_pairs_are_refused():
    for sizes in ([[10.0, 13.0, 16.0]], []):
        with pytest.raises(SettingsError, match="a width and a height for each anchor"):
            preset("yolov5", sizes=sizes)
