"""SSD's rule: by hand, against loops, and as its frameworks answered on real data."""

import math
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.annotations.frame import build_frame
from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.first_best.params import FirstBestParams
from atss_inspect.assigners.pyramid import build_pyramid
from atss_inspect.errors import SettingsError
from atss_inspect.readers import load_coco
from atss_inspect.settings import override, preset, resolve

from .agreement import assign, dense_anchors, sorted_rows
from .reference import first_best as loops
from .reference.frames import see_image
from .second_records import read_record, real_dataset
from .strategies import Image, anchor_rules, images
from .tiny_coco import coco_image

# Anchors of 32 px around 8, 24, 40, 56 along both axes: index 5 is 8 ... 40.
ONE_LEVEL = AnchorRule(strides=(16,), scale=2.0, offset=0.5)
ANCHOR_5, SHIFTED = (8.0, 8.0, 40.0, 40.0), (9.0, 8.0, 41.0, 40.0)
TINY = (20.0, 20.0, 21.0, 21.0)  # in anchors 0, 1, 4 and 5
FAR = (900.0, 900.0, 910.0, 910.0)
RECORDS = {
    "torchvision-ssd300": "ssd300-torchvision",
    "torchvision-ssdlite320": "ssdlite320-torchvision",
    "mmdet-ssd300": "ssd300-mmdet",
    "effdet-d0": "efficientdet-d0",
}
NUM_WITHOUT = {
    "torchvision-ssd300": 66,
    "torchvision-ssdlite320": 394,
    "mmdet-ssd300": 57,
    "effdet-d0": 26,
}
each_record = pytest.mark.parametrize("record", RECORDS, scope="module")


def positives(*boxes, **params) -> list[list[int]]:
    """[box, index] of each."""
    image = Image((64, 64), boxes)
    return sorted_rows(assign([image], ONE_LEVEL, FirstBestParams(**params)))[
        :, [0, 2]
    ].tolist()


@pytest.mark.parametrize(("forced_to", "owner"), [("last", 1), ("first", 0)])
def test_of_two_equal_boxes_one_is_given_the_anchor(forced_to, owner):
    assert positives(TINY, TINY, forced_to=forced_to) == [[owner, 0]]
    assert positives(ANCHOR_5, ANCHOR_5, forced_to=forced_to) == [[owner, 5]]


def test_an_anchor_at_the_bar_is_taken_by_a_box_whose_best_it_is():
    # Anchor 5 is the first box to the pixel, and the best of the second too.
    inside = (10.0, 10.0, 38.0, 38.0)
    assert positives(ANCHOR_5, inside) == [[1, 5]]
    image = Image((64, 64), (ANCHOR_5, inside))
    found = assign([image], ONE_LEVEL, FirstBestParams())
    assert found.unassigned.name_of(0) == "forced_to_another"
    assert found.unassigned.lost_to.tolist() == [1, -1]


def test_a_box_beyond_all_anchors_is_given_the_first_anchor_of_the_image():
    assert positives(FAR) == [[0, 0]]
    assert positives() == []


@given(
    scenes=st.lists(images(), min_size=1, max_size=3),
    rule=anchor_rules(),
    bar=st.sampled_from([0.3, 0.5, 0.7]),
    forced_to=st.sampled_from(["last", "first"]),
    min_union=st.sampled_from([0.0, 1e-6]),
)
def test_positives_equal_the_loops(scenes, rule, bar, forced_to, min_union):
    rule = replace(rule, allowed_border=-1.0)
    words = {"positive_from": bar, "forced_to": forced_to}
    ours = assign(scenes, rule, FirstBestParams(**words, min_union=min_union))
    expected, first = [], 0
    for image in scenes:
        levels = dense_anchors(rule, image.padded_size)
        guard = "floor" if min_union else "where_overlapping"
        owners = loops.assign_first_best(
            np.concatenate(levels), image.gt_boxes, **words, guard=guard
        )
        expected += rows_of(owners, [len(level) for level in levels], first)
        first += len(image.gt_boxes)
    assert sorted_rows(ours).tolist() == sorted(expected)


SHARES = st.sampled_from((0.02, 0.07, 0.2, 0.33, 0.5, 0.95, 1.05))
PIXELS = st.sampled_from((3, 21, 45, 60.5, 99, 261))
RATIOS = st.lists(st.sampled_from((1.5, 2.0, 3.0)), min_size=1, max_size=3).map(tuple)


@st.composite
def ssd_anchors(draw):
    """A rule of SSD's anchors, its square, and all anchors by the loops."""
    style = draw(st.sampled_from(("mmdetection-ssd", "torchvision-ssd")))
    strides = draw(st.sampled_from(((16,), (8, 16, 100), (20, 64))))
    side, is_share = draw(st.sampled_from((96, 160, 301))), style[0] == "t"
    size = SHARES if is_share else PIXELS
    pairs = [sorted((draw(size), draw(size))) for _ in strides]
    ratios = [draw(RATIOS) for _ in strides]
    grid = draw(st.sampled_from(("nominal", "padded"))) if is_share else "nominal"
    words = {"sizes": tuple(map(tuple, pairs)), "ratios": tuple(ratios), "grid": grid}
    rule = AnchorRule(strides, style, offset=0.5, input_side=side, **words)
    maps = [math.ceil(side / stride) for stride in strides]
    squares = [(each, each) for each in maps]
    if not is_share:
        return rule, loops.anchors_mmdetection_ssd(pairs, ratios, squares, strides)
    cells = [side / stride for stride in strides] if grid == "nominal" else maps
    return rule, loops.anchors_torchvision_ssd(pairs, ratios, squares, cells, side)


@given(
    ssd_anchors(),
    st.lists(st.tuples(*[st.integers(0, 300)] * 4), max_size=6),
    st.sampled_from((0.3, 0.5)),
    st.sampled_from(("last", "first")),
)
def test_positives_among_ssds_anchors_equal_the_loops(drawn, corners, bar, forced_to):
    (rule, levels), most = drawn, 300 / drawn[0].input_side
    boxes = [
        (min(a, c), min(b, d), max(a, c) + 1, max(b, d) + 1) for a, b, c, d in corners
    ]
    boxes = tuple(tuple(np.float32(each / most) for each in box) for box in boxes)
    image = Image((rule.input_side, rule.input_side), boxes)
    words = {"positive_from": bar, "forced_to": forced_to}
    ours = assign([image, image], rule, FirstBestParams(**words))
    owners = loops.assign_first_best(
        np.concatenate(levels), image.gt_boxes, **words, guard="where_overlapping"
    )
    sizes = [len(level) for level in levels]
    expected = [row for n in (0, len(boxes)) for row in rows_of(owners, sizes, n)]
    assert sorted_rows(ours).tolist() == sorted(expected)


def rows_of(owners, level_sizes, first_box) -> list[list[int]]:
    starts = np.cumsum([0, *level_sizes])
    rows = []
    for place, gt in owners.items():
        level = int(np.searchsorted(starts, place, side="right")) - 1
        rows.append([first_box + gt, level, place - int(starts[level])])
    return rows


@cache
def answer_of(real_data, record):
    dataset, settings = real_dataset(real_data), preset(RECORDS[record])
    whole = slice(0, dataset.num_images)
    frame = build_frame(dataset, whole, settings.data, settings.resize)
    found = settings.rule.assign(frame, settings.pyramid, settings.assigner)
    return dataset, frame, found


@pytest.mark.slow
@each_record
def test_boxes_and_positives_equal_the_record(real_data, record):
    theirs = read_record(real_data, record)
    dataset, frame, found = answer_of(real_data, record)
    ids = dataset.annotation_ids[frame.object_rows]
    np.testing.assert_array_equal(ids, theirs["ann_ids"])
    np.testing.assert_array_equal(frame.gt_boxes, theirs["gt_boxes"])
    np.testing.assert_array_equal(sorted_rows(found), theirs["rows"])
    num_without = np.count_nonzero(found.unassigned.cause)
    forced = found.unassigned.names.index("forced_to_another")
    assert num_without == NUM_WITHOUT[record]
    assert np.count_nonzero(found.unassigned.cause == forced) == num_without


@pytest.mark.slow
@each_record
def test_the_loops_equal_the_record(real_data, record):
    theirs, rows = read_record(real_data, record), []
    levels = anchors_of(RECORDS[record])
    sizes = [len(level) for level in levels]
    guard = "floor" if "mmdet" in record else "where_overlapping"
    forced_to = "first" if "effdet" in record else "last"
    for first, last in pairwise(theirs["gt_offsets"]):
        boxes = theirs["gt_boxes"][first:last]
        owners = loops.assign_first_best(
            np.concatenate(levels), boxes, guard=guard, forced_to=forced_to
        )
        rows += rows_of(owners, sizes, int(first))
    assert sorted(rows) == theirs["rows"].tolist()


def anchors_of(name) -> list[np.ndarray]:
    """All anchors of a preset by the loops."""
    rule = preset(name).anchors
    if name == "efficientdet-d0":
        return list(dense_anchors(rule, (512, 512)))
    side = 320 if "lite" in name else 300
    ratios = rule.ratios if "300" in name else [rule.ratios] * 6
    maps = [38, 19, 10, 5, 3, 1] if side == 300 else [20, 10, 5, 3, 2, 1]
    squares = [(each, each) for each in maps]
    if "mmdet" in name:
        return loops.anchors_mmdetection_ssd(rule.sizes, ratios, squares, rule.strides)
    cells = maps if side == 320 else [side / stride for stride in rule.strides]
    return loops.anchors_torchvision_ssd(rule.sizes, ratios, squares, cells, side)


# Maps of SSD300 come from strides, those of SSDlite are halved and fill the square.
@pytest.mark.parametrize(
    ("name", "side", "maps"),
    [
        ("ssd300-torchvision", 512, [64, 32, 16, 8, 6, 2]),
        ("ssd300-torchvision", 301, [38, 19, 10, 5, 4, 2]),
        ("ssdlite320-torchvision", 640, [40, 20, 10, 5, 3, 2]),
        ("ssdlite320-torchvision", 333, [21, 11, 6, 3, 2, 1]),
    ],
)
def test_anchors_of_torchvision_follow_the_size_of_images(name, side, maps):
    settings = preset(name, size=side)
    rule = settings.anchors
    ratios = rule.ratios if "300" in name else [rule.ratios] * 6
    squares = [(each, each) for each in maps]
    cells = maps if "lite" in name else [side / stride for stride in rule.strides]
    levels = loops.anchors_torchvision_ssd(rule.sizes, ratios, squares, cells, side)
    for each in (settings, override(preset(name), {"resize.size": side})):
        grids = each.pyramid.grids(np.array([[side, side]]))
        _, keys = grids.anchors_of(np.array([0]))
        ours = np.stack(grids.corners(keys), axis=1)
        np.testing.assert_array_equal(ours, np.concatenate(levels))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"size": (300, 512)}, "resize.size: expected a square that images are str"),
        ({"resize.rule": "mmdetection"}, "resize.rule: expected a square that images"),
        ({"sizes": [[21, 45]] * 6}, "anchors.sizes: expected shares of the input's s"),
        ({"sizes": []}, "anchors.sizes: expected a smaller and a larger size of each"),
        ({"sizes": [[0.1, 0.2, 0.3]]}, "expected a smaller and a larger size of each"),
    ],
)
def test_what_torchvisions_anchors_cannot_be_made_for_is_refused(changes, expected):
    with pytest.raises(SettingsError, match=expected):
        resolve("ssd300-torchvision", overrides=changes)


def test_boxes_of_effdet_take_the_factor_itself():
    # 427 px of 640 become 341, by 0.8 and not by 341 / 427.
    boxes = (10.3, 20.7, 0.5, 30), (10.3, 20.7, 99.1, 300)
    annotations = [{"bbox": list(box)} for box in boxes]
    for width, height in ((500, 375), (333, 641), (640, 427)):
        document = load_coco(coco_image(*boxes, width=width, height=height))
        settings = preset("efficientdet-d0")
        frame = build_frame(document, slice(0, 1), settings.data, settings.resize)
        seen = see_image(
            "efficientdet",
            annotations,
            width=width,
            height=height,
            **{"short_side": 512, "long_side": 512, "divisor": 128},
            pad_to=(512, 512),
        )
        assert tuple(frame.input_size[0]) == seen.input_size
        assert tuple(frame.padded_size[0]) == seen.padded_size == (512, 512)
        np.testing.assert_array_equal(frame.gt_boxes, seen.boxes)


@pytest.mark.parametrize("name", [*RECORDS.values()][:3])
def test_anchors_equal_those_of_the_loops(name):
    settings = preset(name)
    grids = build_pyramid(settings.anchors).grids(np.array([settings.resize.size]))
    _, keys = grids.anchors_of(np.array([0]))
    ours = np.stack(grids.corners(keys), axis=1)
    np.testing.assert_array_equal(ours, np.concatenate(anchors_of(name)))
