"""Rules without a contest: anchors of several objects, and rows counted again."""

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect import load_coco, preset, summarize
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.cli import run
from atss_inspect.statistics import metrics
from atss_inspect.statistics.run import answer_chunk
from atss_inspect.statistics.summary import Selection
from atss_inspect.statistics.tables import objects_table, positives_table

from .second_records import real_dataset
from .test_data_rules import dataset_of
from .test_second_scene import BOXES
from .tiny_coco import coco, write_coco

YOLOV5, ATSS = preset("yolov5"), preset("atss-mmdet")
KEYS = ("num_distinct_anchors", "num_shared_anchors", "num_repeated", "num_only_shared")


def scene_of(boxes: np.ndarray) -> Dataset:
    """xyxy boxes on an image of 640 px, each of a class of its own."""
    xywh = np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]]).round(3).tolist()
    lines = [{"bbox": box, "category_id": n} for n, box in enumerate(xywh, 1)]
    return dataset_of([lines], (640, 640))


def counts_of(dataset: Dataset, **selected: object) -> list[int]:
    [summary] = summarize(dataset, [YOLOV5], selection=Selection(**selected))
    record = metrics.record_of(summary, YOLOV5)
    return [record[key] for key in KEYS]


def counted(dataset: Dataset) -> list[int]:
    """The same, row by row as the loss has them."""
    [(_, frame, found)] = answer_chunk(dataset, [YOLOV5])
    assert isinstance(found, Assignment)
    columns = (frame.gt_image[found.gt], found.gt, found.level, found.index)
    rows = Counter()
    for row, times in zip(
        zip(*(each.tolist() for each in columns), strict=True),
        found.times.tolist(),
        strict=True,
    ):
        rows[row] += times
    owners = defaultdict(set)
    for image, gt, *anchor in rows:
        owners[image, *anchor].add(gt)
    lone = {gt for who in owners.values() if len(who) == 1 for gt in who}
    return [
        len(owners),
        sum(len(who) > 1 for who in owners.values()),
        sum(rows.values()) - len(rows),
        len({gt for _, gt, *_ in rows} - lone),
    ]


def test_shared_anchors_and_rows_of_the_scene_are_told_apart():
    scene = scene_of(BOXES)
    [summary] = summarize(scene, [YOLOV5])
    distinct, shared, repeated, only_shared = counts_of(scene)
    assert (distinct, summary.num_positives + repeated) == (70, 85)
    # The two that are equal share all of theirs; D has the cell of its center twice
    # more for both of its shapes.
    assert (shared, repeated, only_shared) == (6, 9, 2)
    assert counts_of(scene) == counted(scene)
    assert counts_of(scene_of(BOXES[6:8])) == [6, 6, 0, 2]
    assert counts_of(scene_of(BOXES[3:4])) == [4, 0, 4, 0]
    # Of one of the two alone: anchors are those of all objects.
    name = scene.category_names[scene.category_index[6]]
    assert counts_of(scene, classes=(name,)) == [70, 6, 0, 1]


quarters = st.integers(0, 150).map(lambda value: value * 4.0)


@given(st.lists(st.tuples(*[quarters] * 4), max_size=8))
def test_counts_are_those_of_every_row(drawn):
    boxes = np.array(drawn, dtype=float).reshape(-1, 4)
    boxes[:, 2:] = np.minimum(boxes[:, :2] + 4 + boxes[:, 2:] / 6, 640)
    scene = scene_of(boxes)
    assert counts_of(scene) == counted(scene)


@pytest.mark.slow
def test_counts_of_the_recorded_subset(real_data):
    dataset = real_dataset(real_data)
    [summary] = summarize(dataset, [YOLOV5])
    assert counts_of(dataset) == [48_621, 2_180, 51, 43]
    assert summary.num_positives + summary.num_repeated == 51_023
    parts = [dataset.slice_images(0, 200), dataset.slice_images(200, 445)]
    one, other = (summarize(each, [YOLOV5])[0] for each in parts)
    assert (one + other).num_shared_anchors == 2_180
    assert counts_of(parts[0]) == counted(parts[0])


def test_rules_with_a_contest_have_none_of_it(capsys):
    write_coco(Path("a.json"), coco({1: [(100, 100, 60, 60), (300, 100, 60, 60)]}))
    [summary] = summarize(load_coco("a.json"), [ATSS])
    assert not {*KEYS} & metrics.record_of(summary, ATSS).keys()
    assert metrics.named("num_repeated").value(summary, ATSS) is None
    title = f"\n{metrics.SHARED}\n  distinct anchors "
    for preset_name, has_it in (("atss-mmdet", False), ("yolov5", True)):
        words = ("stats", "--full", "-p", preset_name, "--ann", "a.json")
        assert run(["-q", *words]) == 0
        assert (title in capsys.readouterr().out) == has_it


def test_tables_have_columns_for_it_beside_such_a_rule():
    scene = scene_of(BOXES)
    rows = positives_table(scene, YOLOV5)
    assert rows["num_in_loss"].sum() == 85
    named = ["level", "cell_y", "cell_x", "anchor"]
    again = rows.duplicated(named, keep=False)
    assert rows["is_shared"].tolist() == again.tolist()
    objects = objects_table(scene, [YOLOV5, ATSS])
    own = objects[objects["preset"] == "yolov5"]
    assert own["num_repeated"].tolist()[3] == 4
    assert own["num_shared"].tolist()[6:8] == [6, 6]
    sums = rows.groupby("annotation_index")[["is_shared", "num_in_loss"]].sum()
    has_any = own["num_positives"].to_numpy() > 0
    assert own["num_shared"][has_any].tolist() == sums["is_shared"].tolist()
    in_loss = own["num_positives"] + own["num_repeated"]
    assert in_loss[has_any].tolist() == sums["num_in_loss"].tolist()
    others = objects[objects["preset"] == "atss-mmdet"]
    assert others[["num_shared", "num_repeated"]].isna().all(axis=None)
    assert "num_shared" not in objects_table(scene, ATSS)
    assert "is_shared" not in positives_table(scene, ATSS)
