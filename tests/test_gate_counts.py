"""Gates counted over a data set, and as rows."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from atss_inspect import load_coco
from atss_inspect.errors import SettingsError
from atss_inspect.settings import preset
from atss_inspect.statistics import run
from atss_inspect.statistics.gates import GateGroup, summarize_gates
from atss_inspect.statistics.summary import SIZE_BINS
from tests.command_line import ask
from tests.test_recorded_answers import SUBSET
from tests.tiny_coco import coco, street, write_coco

GATES = ("ultralytics-8.3", "ultralytics-8.4.100", "ultralytics")


def test_counts_by_size_add_up_and_are_those_by_hand():
    # 640 x 480 is not scaled; 80 px above. x 9 to 11.5 holds no point: P3 has 4 and 12,
    # P4 8 and 24, P5 16. 40 x 40 px at 100 (y: 180 to 220) hold of P3 x 108, 116, 124,
    # 132 (100 and 140 are on edges) and y 188, 196, 204, 212; of P4 x 104, 120, 136
    # and y 184, 200, 216; of P5 x 112 and y 208.
    dataset = load_coco(coco({1: [(9, 5, 2.5, 2.5), (100, 100, 40, 40)]}))
    [summary] = summarize_gates(dataset, [preset("ultralytics-8.3")])
    assert summary.every_object == GateGroup(2, 1, 1, 26, 0, 10)
    assert summary.level_candidates.tolist() == [16, 9, 1]
    assert tuple(summary.groups) == SIZE_BINS
    total = np.sum([tuple(each) for each in summary.groups.values()], axis=0)
    assert tuple(total) == tuple(summary.every_object)
    assert summary.every_object.without_share == 0.5


def test_chunks_change_nothing(monkeypatch):
    dataset = load_coco(street())
    settings = [preset(name) for name in GATES]
    whole = summarize_gates(dataset, settings)
    monkeypatch.setattr(run, "BOXES_PER_CHUNK", 2)
    for one, other in zip(whole, summarize_gates(dataset, settings), strict=True):
        np.testing.assert_array_equal(one.by_size, other.by_size)
        np.testing.assert_array_equal(one.level_candidates, other.level_candidates)
        assert one.left_out_objects == other.left_out_objects
        left_out = sum(one.left_out_objects.values())
        assert one.every_object.num_objects + left_out == dataset.num_annotations


def test_no_images_give_zeros():
    empty = load_coco(coco({}))
    [summary] = summarize_gates(empty, [preset("yolo11")])
    assert summary.every_object == GateGroup(0, 0, 0, 0, 0, 0)
    assert summary.every_object.without_share is None


def test_a_rule_that_assigns_has_no_gate():
    with pytest.raises(SettingsError, match="expected a rule that answers with a gate"):
        summarize_gates(load_coco(street()), [preset("atss-mmdet")])


def test_candidates_are_exported_by_object_and_level():
    write_coco(Path("one.json"), coco({1: [(100, 100, 40, 40)]}))
    head, *rows = csv.reader(
        ask("export candidates --ann one.json -p ultralytics-8.3").out.splitlines()
    )
    names = "image_id ann_id annotation_index level row_from row_to column_from"
    assert head == [*names.split(), "column_to", "num_candidates", "num_contested"]
    # y 180 to 220: points 188 ... 212 are rows 23 to 26; x: 108 ... 132, 13 to 16.
    assert rows[0] == ["1", "100", "0", "0", "23", "27", "13", "17", "16", "0"]
    assert rows[1] == ["1", "100", "0", "1", "11", "14", "6", "9", "9", "0"]
    assert rows[2] == ["1", "100", "0", "2", "6", "7", "3", "4", "1", "0"]


def test_candidates_are_of_a_gate_alone():
    write_coco(Path("one.json"), street())
    told = ask("export candidates --ann one.json -p atss-mmdet", code=2)
    assert "expected a rule that answers with a gate" in told.err


@pytest.mark.slow
def test_of_the_subset_29_objects_are_without_and_636_cannot_fill(real_data):
    dataset = load_coco(real_data / SUBSET)
    found = summarize_gates(dataset, [preset(name) for name in GATES])
    every = [one.every_object for one in found]
    assert [one.num_objects for one in every] == [3718] * 3
    assert [one.num_without for one in every] == [29, 0, 0]
    assert [one.num_cannot_fill for one in every] == [636, 602, 543]


def test_the_table_of_gates_stands_beside_that_of_assigners() -> None:
    boxes = [(9, 5, 2.5, 2.5), (100, 100, 40, 40)]
    write_coco(Path("two.json"), coco({1: boxes}))
    told = ask("stats two.json -p atss-mmdet -p ultralytics-8.3 -p yolo11").out
    assigned, _, gates = told.partition("ultralytics-8.3")
    assert "without a positive" in assigned
    rows = [" ".join(line.split()) for line in gates.splitlines()]
    assert "points of an object at most 10 at most 10" in rows
    # 2.5 px become 16: one point of each level at least.
    assert "without a candidate 1 50.0% 0 0%" in rows
    assert "positive" not in gates
    assert "ultralytics-8.3: 1 of 2 certain to stay without." in " ".join(rows)


def test_the_document_and_rows_of_gates_have_the_same_counts() -> None:
    write_coco(Path("two.json"), coco({1: [(9, 5, 2.5, 2.5), (100, 100, 40, 40)]}))
    asked = "stats two.json -p ultralytics-8.3 -p atss-mmdet --format"
    document = json.loads(ask(f"{asked} json").out)
    assigned, gate = document["results"]
    assert [assigned["preset"], gate["preset"]] == ["atss-mmdet", "ultralytics-8.3"]
    names = [each["name"] for each in document["settings"]]
    assert names == ["atss-mmdet", "ultralytics-8.3"]
    assert (gate["num_objects"], gate["num_without"]) == (2, 1)
    assert "expected gates alone" in ask(f"{asked} csv", code=2).err
    alone = ask("stats two.json -p ultralytics-8.3 --format csv").out
    first = next(csv.DictReader(alone.splitlines()))
    assert {key: int(first[key]) for key in GateGroup._fields} == {
        key: gate[key] for key in GateGroup._fields
    }


def test_gates_have_no_breakdowns_yet() -> None:
    write_coco(Path("two.json"), street())
    told = ask("stats two.json -p yolo11 --by class", code=2)
    assert "beside a gate" in told.err


@pytest.mark.slow
def test_of_whole_pixel_boxes_545_then_19_then_none_are_without(real_data) -> None:
    # 8 px with edges on points: none inside in 8.3, and still 19 before 8.4.128.
    dataset = load_coco(real_data / "data/coco-val2017/instances_val2017_int.json")
    found = summarize_gates(dataset, [preset(name) for name in GATES])
    every = [one.every_object for one in found]
    assert [one.num_objects for one in every] == [36_695] * 3
    assert [one.num_without for one in every] == [545, 19, 0]
