"""Gates: what may become positive, by loops, by record, and by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from atss_inspect.annotations.frame import build_frame
from atss_inspect.assigners.gate import Gate
from atss_inspect.errors import SettingsError
from atss_inspect.readers import load_coco
from atss_inspect.settings import override, preset

from .reference.gate import KINDS, candidates
from .strategies import Image, make_frame, scenes
from .test_recorded_answers import SUBSET

RECORDS = {
    "ultralytics-8.3": "ultralytics-8.3.253",
    "ultralytics-8.4.100": "ultralytics-8.4.100",
    "ultralytics": "ultralytics-8.4.190",
    "rtmdet-mmdet": "mmdet-rtmdet",
    "yolox-mmdet": "mmdet-yolox",
}
BOXES = (
    *((100.3, 120.7, 164.9, 200.2), (300.1, 150.6, 620.4, 540.9)),  # A, B
    *((310.7, 160.2, 450.3, 330.8), (4, 100, 12, 108)),  # C, D
    *((50.1, 600.3, 58.9, 607.2), (0, 400.5, 640, 440.25)),  # E, F
    *((200.5, 20.25, 204.75, 60.5), (200.5, 20.25, 204.75, 60.5)),  # G, H
    *((500, 600, 516, 616), (21.5, 301.2, 25.9, 304.6)),  # I, J
)
# Candidates of A ... J on P3, P4 and P5, as each project's own code has them.
SCENE = """
ultralytics-8.3     80/20/4 1960/500/120 357/99/20 0/1/0 1/0/0 400/120/20 5/0/0 5/0/0
                    2/0/0 0/0/0
ultralytics-8.4.100 80/20/4 1960/500/120 357/99/20 0/1/0 2/1/0 400/120/20 10/3/1 10/3/1
                    2/0/0 4/1/1
ultralytics         80/20/4 1960/500/120 357/99/20 4/1/0 4/1/0 400/120/20 10/3/1 10/3/1
                    2/0/0 4/1/1
rtmdet-mmdet        80/20/6 1960/480/120 378/90/25 1/0/0 0/0/0 395/78/19 0/0/0 0/0/0
                    2/1/1 1/0/0
yolox-mmdet         25/20/4 25/25/25 25/25/20 0/1/0 1/0/0 20/12/4 5/0/0 5/0/0
                    2/0/0 0/0/0
"""
WORDS = SCENE.split()
ROWS = {WORDS[at]: WORDS[at + 1 : at + 11] for at in range(0, len(WORDS), 11)}
each_kind = pytest.mark.parametrize("name", KINDS)


def gate_of(name: str, images: list[Image], **changes: object) -> Gate:
    settings = override(preset(name), changes)
    assert settings.rule.gate is not None
    return settings.rule.gate(make_frame(images), settings.pyramid, settings.assigner)


def cells(window: np.ndarray) -> set[tuple[int, int]]:
    row_from, row_to, column_from, column_to = window.tolist()
    return {
        (row, column)
        for row in range(row_from, row_to)
        for column in range(column_from, column_to)
    }


@each_kind
def test_the_golden_scene_has_the_candidates_of_the_projects_own_code(name):
    gate = gate_of(name, [Image((640, 640), BOXES)])
    assert ["/".join(map(str, counts)) for counts in gate.counts.tolist()] == ROWS[name]


def check(name, images, strides):
    gate = gate_of(name, images, strides=strides)
    boxes = [(image, box) for image in images for box in image.gt_boxes]
    expected = [candidates(name, box, im.padded_size, strides) for im, box in boxes]
    assert gate.windows.shape == (len(boxes), len(strides), 4)
    found = [[cells(window) for window in windows] for windows in gate.windows]
    assert found == expected
    for number, windows in enumerate(gate.windows):
        same = gate.gt_image == gate.gt_image[number]
        same[number] = False
        others = np.flatnonzero(same)
        for level, window in enumerate(windows):
            own = expected[number][level]
            assert gate.counts[number, level] == len(own)
            assert own or not window.any()
            theirs = set().union(*(expected[other][level] for other in others))
            assert gate.contested[number, level] == len(own & theirs)


@each_kind
@given(scenes(), st.sampled_from([(8, 16, 32), (4, 8, 16), (16,), (7, 12)]))
@example((Image((64, 64), ((4, 4, 12, 12), (3.9, 4.1, 11.8, 12.1))),), (8, 16, 32))
@example((Image((64, 64), ()),), (8,))
@example((), (8, 16))
def test_windows_and_contests_equal_those_of_the_loop(name, images, strides):
    check(name, list(images), strides)


@pytest.mark.parametrize("margin", [0.0, 5.0, 12.0, 30.0, 100.0])
def test_points_lie_further_inside_than_any_margin(margin):
    # 149 x 95 px: of P3 the points 4, 12, ... 148 along x, further in than the margin.
    settings = override(preset("ultralytics-8.3"), {"assigner.center_margin": margin})
    frame = make_frame([Image((160, 160), ((0.0, 0.0, 149.0, 95.0),))])
    gate = settings.rule.gate(frame, settings.pyramid, settings.assigner)
    for level, stride in enumerate((8, 16, 32)):
        points = [(i + 0.5) * stride for i in range(160 // stride)]
        inside = [
            sum(one > margin and end - one > margin for one in points)
            for end in (149.0, 95.0)
        ]
        assert gate.counts[0, level] == inside[0] * inside[1]


def test_8_px_with_edges_on_points_has_none_before_8_4_128_and_7_9_px_has():
    # Points at 4 and 12: on the edges, not inside. 7.9 px is below the first stride
    # and widened to 16 px in 8.4.100, which is wider than the 8 px beside it.
    sides = [Image((64, 64), ((4, 4, 12, 12),)), Image((64, 64), ((4, 4, 11.9, 11.9),))]
    counts = {name: gate_of(name, sides).counts.tolist() for name in list(KINDS)[:3]}
    assert counts["ultralytics-8.3"] == [[0, 1, 0], [0, 1, 0]]
    assert counts["ultralytics-8.4.100"][0] == [0, 1, 0]
    assert counts["ultralytics-8.4.100"][1] == [4, 1, 0]
    assert counts["ultralytics"] == [[4, 1, 0], [4, 1, 0]]


def test_bounds_and_counts_of_a_gate():
    # One candidate of two; 9 of which 4 are the other's; nothing.
    windows = np.array([[[0, 1, 0, 1]], [[0, 3, 0, 3]], [[0, 0, 0, 0]]])
    sizes = np.array([[[8, 8]]])
    gate = Gate(windows, np.zeros(3, dtype=np.int64), sizes, quota=5)
    assert gate.num_candidates.tolist() == [1, 9, 0]
    assert gate.max_positives.tolist() == [1, 5, 0]
    assert gate.is_without.tolist() == [False, False, True]
    assert gate.cannot_fill.tolist() == [True, False, True]
    assert gate.contested.tolist() == [[1], [1], [0]]
    # Where points of others count, it is of its own.
    assert replace(gate, is_certain=False).max_positives.tolist() == [1, 5, 0]


def test_a_gate_says_no_positives():
    settings = preset("yolo11")
    frame = make_frame([Image((64, 64), ((4, 4, 12, 12),))])
    with pytest.raises(SettingsError, match="only a model says"):
        settings.rule.assign(frame, settings.pyramid, settings.assigner)


@pytest.mark.parametrize("name", ["yolov8", "yolo11", "yolo26"])
def test_models_are_other_names_of_the_latest_version(name):
    own = preset(name)
    assert (own.name, own.extends) == (name, "ultralytics")
    assert replace(own, name="ultralytics") == preset("ultralytics")


def test_imgsz_is_the_side_of_the_square():
    settings = preset("yolo11", imgsz=1280)
    assert settings.resize.size == (1280, 1280)
    # check_imgsz takes the next multiple of the largest stride.
    assert preset("yolo11", imgsz=650).resize.side == 672


@pytest.mark.slow
@pytest.mark.parametrize("name", RECORDS)
def test_candidates_equal_the_record_to_the_last_window(real_data, name):
    folder = real_data / "goldens" / "coco-val2017-subset-2"
    with np.load(folder / f"{RECORDS[name]}.npz") as arrays:
        record = {key: arrays[key] for key in arrays.files}
    dataset, settings = load_coco(real_data / SUBSET), preset(name)
    images = slice(0, dataset.num_images)
    frame = build_frame(dataset, images, settings.data, settings.resize)
    gate = settings.rule.gate(frame, settings.pyramid, settings.assigner)
    recorded = np.minimum(gate.num_candidates, gate.quota)
    for ours, theirs in (
        (dataset.image_ids[frame.image_rows], record["image_ids"]),
        (dataset.annotation_ids[frame.object_rows], record["ann_ids"]),
        (frame.input_size, record["image_hw"]),
        (frame.padded_size, record["pad_hw"]),
        (gate.map_sizes, record["feat_hw"]),
        (frame.gt_boxes, record["gt_boxes"]),
        (gate.windows, record["cand_window"]),
        (gate.counts, record["cand_count"]),
        (recorded, record["max_positives"]),
    ):
        np.testing.assert_array_equal(ours, theirs)
