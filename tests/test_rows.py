"""Tables of positives, objects and objects left out, against plain loops."""

import math
from collections import Counter, defaultdict
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics import run, tables
from atss_inspect.statistics.summary import Selection
from atss_inspect.statistics.tables import objects_table

from .agreement import sorted_rows
from .reference.overlap import iou_with_box
from .tiny_coco import coco, street, write_coco

EVERYTHING = Selection()
CORNERS = ("input_x1", "input_y1", "input_x2", "input_y2")
PRESETS = ("atss-mmdet", "retinanet-mmdet", "retinanet-torchvision", "fcos-mmdet")


def rows_of(columns: tables.Columns) -> list[dict[str, Any]]:
    lists = {name: column.tolist() for name, column in columns.items()}
    rows = zip(*lists.values(), strict=True)
    return [dict(zip(lists, row, strict=True)) for row in rows]


def listed(chunk, dataset, *settings, selection=EVERYTHING):
    return rows_of(chunk(dataset, settings=settings, selection=selection))


CHUNKS = (tables.positives_chunk, tables.objects_chunk, tables.left_out_chunk)
positives, objects, left_out = (partial(listed, chunk) for chunk in CHUNKS)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_coco(street())


@pytest.mark.parametrize("name", PRESETS)
def test_every_positive_of_the_assignment_is_a_row(name, dataset):
    settings = preset(name)
    frame, assignment = run.assign(dataset, settings)
    grids = settings.pyramid.grids(frame.padded_size)
    per_cell = len(settings.anchors.ratios) * settings.anchors.scales_per_octave
    expected = []
    for gt, level, index in sorted_rows(assignment).tolist():
        image, row = frame.gt_image[gt], frame.object_rows[gt]
        columns = int(grids.map_sizes[image, level, 1])
        cell, anchor = divmod(index, per_cell)
        in_file = int(dataset.annotation_index[row])
        ids = int(dataset.image_ids[frame.image_rows[image]]), in_file
        place = (level, *divmod(cell, columns), anchor)
        expected.append((*ids, *place, int(dataset.annotation_ids[row])))
    found = positives(dataset, settings)
    assert len(found) > 50
    key = ("image_id", "annotation_index", "level", "cell_y", "cell_x", "anchor")
    rows = [tuple(row[name] for name in (*key, "ann_id")) for row in found]
    assert rows == sorted(expected)
    assert set(found[0]) == {*key, "ann_id", "iou", "is_low_quality"}
    is_low = {None}
    if (bar := settings.bar) is not None:
        is_low = {row["iou"] < bar for row in found}
        assert all(row["is_low_quality"] == (row["iou"] < bar) for row in found)
    assert {row["is_low_quality"] for row in found} == is_low


def test_cell_and_anchor_say_where_the_anchor_lies(dataset):
    # The corners rebuilt from the row give the IoU of the row.
    settings = preset("retinanet-mmdet")
    cells, strides = settings.pyramid.cell_anchors, settings.anchors.strides
    rows = objects(dataset, settings)
    boxes = {row["ann_id"]: [row[corner] for corner in CORNERS] for row in rows}
    found = positives(dataset, settings)
    assert {row["anchor"] for row in found} > {0, 4, 8}
    for row in found:
        shift = np.array([row["cell_x"], row["cell_y"]] * 2) * strides[row["level"]]
        anchor = cells[9 * row["level"] + row["anchor"]] + shift
        box = np.array(boxes[row["ann_id"]])
        iou = iou_with_box(anchor[None], box, plus_one=False, guard="none")
        assert row["iou"] == pytest.approx(iou[0], 1e-5)


def test_fcos_positives_have_no_iou_and_one_point_a_cell_whatever_the_anchors(dataset):
    plain, dressed = preset("fcos-mmdet"), preset("fcos-mmdet", ratios=[0.5, 1, 2])
    found = positives(dataset, plain)
    assert found
    assert {str(row["iou"]) for row in found} == {"nan"}
    assert {row["anchor"] for row in found} == {0}
    assert str(positives(dataset, dressed)) == str(found)
    [one], [other] = run.summarize(dataset, plain), run.summarize(dataset, dressed)
    assert one.num_negatives == other.num_negatives


def test_positives_of_unselected_objects_are_no_rows(dataset):
    settings = preset("atss-mmdet")
    every = positives(dataset, settings)
    chosen = Selection(classes=("person",), sizes=("medium", "large"))
    some = positives(dataset, settings, selection=chosen)
    wanted = {
        row["ann_id"]
        for row in objects(dataset, settings)
        if row["class"] == "person" and row["size"] in ("medium", "large")
    }
    assert some == [row for row in every if row["ann_id"] in wanted]
    assert 0 < len(some) < len(every)


def test_integer_ids_come_by_value_and_text_after_them():
    box = [(100, 100, 90, 90)]
    mixed = load_coco(coco({"b": box, 10: box, "a": box, 9: box}))
    found = positives(mixed, preset("atss-mmdet"))
    ids = list(dict.fromkeys(row["image_id"] for row in found))
    assert ids == [9, 10, "a", "b"]
    # The annotations stand in the file in reverse.
    assert list(dict.fromkeys(row["annotation_index"] for row in found)) == [0, 2, 1, 3]


def test_several_files_add_their_name(tmp_path):
    names = [str(tmp_path / name) for name in ("b.json", "a.json")]
    for name in names:
        write_coco(tmp_path / name, coco({1: [(50, 50, 80, 80)]}))
    both = load_coco(*names)
    found = positives(both, preset("atss-mmdet"))
    assert list(found[0])[:2] == ["file", "image_id"]
    assert list(dict.fromkeys(row["file"] for row in found)) == names
    half = len(found) // 2
    without = [{k: v for k, v in row.items() if k != "file"} for row in found]
    assert without[:half] == without[half:]
    assert [row["file"] for row in objects(both, preset("atss-mmdet"))] == names


def test_objects_say_what_the_file_says(dataset):
    document = street()
    found = objects(dataset, preset("fcos-torchvision"))
    assert len(found) == len(document["annotations"])
    names = {entry["id"]: entry["name"] for entry in document["categories"]}
    for row in found:
        annotation = document["annotations"][row["annotation_index"]]
        sides = annotation["bbox"]
        told = ("preset", "ann_id", "image_id", "area", "x", "y", "width", "height")
        values = (annotation[key] for key in ("id", "image_id", "area"))
        assert [row[key] for key in told] == ["fcos-torchvision", *values, *sides]
        assert row["class"] == names[annotation["category_id"]]
        assert row["ratio"] == sides[3] / sides[2]
        bins = zip((256, 1024, 9216), ("tiny", "small", "medium"), strict=True)
        expected = [name for limit, name in bins if row["area"] < limit]
        assert row["size"] == [*expected, "large"][0]


@pytest.mark.parametrize("name", PRESETS)
def test_objects_agree_with_their_positives(name, dataset):
    settings = preset(name)
    ious = defaultdict(list)
    levels: Counter[tuple[int, int]] = Counter()
    for row in positives(dataset, settings):
        ious[row["ann_id"]].append(row["iou"])
        levels[row["ann_id"], row["level"]] += 1
    for row in objects(dataset, settings):
        own = ious[row["ann_id"]]
        assert row["num_positives"] == len(own)
        for level, column in enumerate(["P3", "P4", "P5", "P6", "P7"]):
            assert row[f"positives_{column}"] == levels[row["ann_id"], level]
        bar = settings.bar
        number = None if bar is None else sum(iou >= bar for iou in own)
        assert row["num_at_bar"] == number
        is_low = None if bar is None else bool(own) and not number
        assert row["is_low_quality_only"] is is_low
        mean, best = (np.mean(own), max(own)) if own else (math.nan, math.nan)
        assert row["mean_iou"] == pytest.approx(mean, rel=1e-6, nan_ok=True)
        assert row["best_iou"] == pytest.approx(best, nan_ok=True)


@pytest.mark.parametrize("name", PRESETS)
def test_objects_carry_the_facts_of_the_assignment(name, dataset):
    settings = preset(name)
    frame, assignment = run.assign(dataset, settings)
    found = objects(dataset, settings)
    assert len(found) == frame.num_gt
    for gt, row in enumerate(found):
        assert row["ann_id"] == dataset.annotation_ids[frame.object_rows[gt]]
        assert [row[corner] for corner in CORNERS] == frame.gt_boxes[gt].tolist()
        assert row["is_tied"] == assignment.is_tied[gt]
        assert row["is_fragile"] == assignment.is_fragile[gt]
        statistics = assignment.candidates
        names = ("candidate_mean", "candidate_std", "iou_threshold", "num_candidates")
        values = tuple(row[name] for name in names)
        if statistics is None:
            assert str(values) == "(nan, nan, nan, 0)"
        else:
            facts = (statistics.mean, statistics.std, statistics.threshold)
            assert values[:3] == tuple(float(fact[gt]) for fact in facts)
            assert values[3] == statistics.num_candidates[gt]


def test_some_objects_tie_and_some_get_nothing(dataset):
    # The cases above would prove little on data without any.
    found = objects(dataset, preset("atss-mmdet"), preset("retinanet-torchvision"))
    assert {row["is_tied"] for row in found} == {True, False}
    assert {row["num_positives"] > 0 for row in found} == {True, False}


def test_presets_stand_side_by_side_with_the_levels_of_all(dataset):
    named = preset("fcos-mmdet"), preset("rpn-mmdet")
    found = objects(dataset, *named)
    assert [row["preset"] for row in found[:4]] == ["fcos-mmdet", "rpn-mmdet"] * 2
    levels = [name for name in found[0] if name.startswith("positives_")]
    assert levels == [f"positives_P{level}" for level in range(2, 8)]
    assert all(row["positives_P2"] == 0 for row in found[::2])
    assert all(row["positives_P7"] == 0 for row in found[1::2])
    for row in found:
        assert row["num_positives"] == sum(row[level] for level in levels)
    odd = preset("atss-mmdet", strides=[12, 24])
    assert "positives_stride_12" in objects(dataset, odd)[0]
    for settings in named:
        alone = objects(dataset, settings)
        mine = [row for row in found if row["preset"] == settings.name]
        assert str([{k: row[k] for k in alone[0]} for row in mine]) == str(alone)


def test_objects_left_out_have_their_reason():
    boxes = [(10, 10, 50, 50), (20, 20, 0.5, 30), (900, 20, 30, 30), (5, 5, 9, 9)]
    document = coco({1: boxes, 2: boxes[:1], 3: [(1, 1, -4, 5)]})
    document["annotations"][-1]["iscrowd"] = 1
    document["images"][1] |= {"width": 20, "height": 20}
    dataset = load_coco(document)
    found = left_out(dataset, preset("atss-mmdet"), preset("fcos-torchvision"))
    seen = [(row["preset"], row["image_id"], row["x"], row["reason"]) for row in found]
    assert seen == [
        ("atss-mmdet", 1, 20, "too_small"),
        ("atss-mmdet", 1, 900, "outside_image"),
        ("fcos-torchvision", 1, 900, "outside_image"),
        ("atss-mmdet", 1, 5, "crowd"),
        ("fcos-torchvision", 1, 5, "crowd"),
        ("atss-mmdet", 2, 10, "image_left_out"),
        ("atss-mmdet", 3, 1, "no_extent"),
        ("fcos-torchvision", 3, 1, "no_extent"),
    ]
    assert math.isnan(found[-1]["ratio"])
    assert list(found[0])[:4] == ["preset", "image_id", "ann_id", "annotation_index"]


@pytest.mark.parametrize("chunk", CHUNKS)
def test_chunks_put_together_are_the_whole_and_no_rows_have_its_columns(
    chunk, dataset, monkeypatch
):
    work = partial(chunk, settings=(preset("atss-mmdet"),), selection=EVERYTHING)
    whole, empty = work(dataset), work(dataset.slice_images(0, 0))
    monkeypatch.setattr(run, "BOXES_PER_CHUNK", 1)
    parts = list(run.map_chunks(work, dataset))
    assert len(parts) > 2
    assert str([row for part in parts for row in rows_of(part)]) == str(rows_of(whole))
    dtypes, of_none = (
        {name: column.dtype for name, column in each.items()} for each in (whole, empty)
    )
    assert of_none == dtypes
    assert {len(column) for column in empty.values()} == {0}


def test_tables_are_data_frames_with_speaking_dtypes(dataset):
    table = objects_table(dataset, [preset("atss-mmdet"), preset("fcos-mmdet")])
    names = ["iou_threshold", "num_positives", "is_tied"]
    assert table.dtypes[names].map(str).tolist() == ["float32", "int64", "bool"]
    assert table["size"].cat.categories.tolist() == ["tiny", "small", "medium", "large"]
    assert table["size"].max() == "large"
    assert table["preset"].cat.categories.tolist() == ["atss-mmdet", "fcos-mmdet"]
    assert table.index.equals(pd.RangeIndex(18))


def test_classes_of_one_name_are_one_category():
    document = street()
    document["categories"][1]["name"] = "person"
    table = objects_table(load_coco(document), preset("atss-mmdet"))
    assert table["class"].value_counts().to_dict() == {"person": 6, "自転車": 3}
