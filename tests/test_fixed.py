"""`export fixed`: the annotations as the reader understood them, written again."""

import json
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.coco import COCO

from atss_inspect import load_coco, objects_table, preset
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.errors import DataError
from atss_inspect.readers.entries import read_members
from atss_inspect.readers.fixed import Fixed, whole_ids
from atss_inspect.writers.documents import write_members
from tests.command_line import ask
from tests.other_formats import voc_object, voc_text, write_picture, write_yolo
from tests.test_readers_properties import mutate, reused_folder, valid_files
from tests.tiny_coco import street, write_coco

# What the reader only counts: the values are used as they are written, so they stay.
USED_AS_WRITTEN = {
    *("area_negative", "area_zero", "bbox_beyond_image", "bbox_outside_image"),
    *("bbox_repeated", "bbox_without_extent", "category_ids_shifted"),
    *("duplicate_category_name", "file_name_missing", "image_huge"),
    *("image_size_doubtful", "image_size_exchanged", "image_size_float", "image_tiny"),
    *("image_size_one_for_all", "text_not_unicode", "unknown_category"),
}


def refuse(word: str) -> None:
    raise ValueError(word)


def write_fixed(source: str, target: str = "fixed.json") -> dict[str, Any]:
    """Write a file again; what a strict reader of JSON makes of it."""
    fixed = Fixed(load_coco(source), read_members(source))
    write_members(target, fixed.members(), force=True)
    document = json.loads(Path(target).read_text("utf-8"), parse_constant=refuse)
    assert isinstance(document, dict)
    return document


def objects_in_file_order(dataset: Dataset) -> list[tuple[Any, ...]]:
    """What is known of each object besides its ids."""
    rows = np.argsort(dataset.annotation_index)
    images = dataset.images_of(rows)
    columns = (
        [dataset.category_names[each] for each in dataset.category_index[rows]],
        dataset.xywh[rows].tolist(),
        dataset.areas[rows].tolist(),
        dataset.is_crowd[rows].tolist(),
        dataset.is_ignored[rows].tolist(),
        dataset.image_sizes[images].tolist(),
        dataset.file_names[images].tolist(),
    )
    return list(zip(*columns, strict=True))


@reused_folder
@given(valid_files, st.data())
def test_a_fixed_file_is_read_as_the_file_it_was_made_of(content, data):
    for _ in range(data.draw(st.integers(1, 5))):
        mutate(content, data)
    # Whether areas contradict their boxes is judged by all of them together: mending
    # some changes that.
    for each in (
        content["annotations"] if isinstance(content["annotations"], list) else ()
    ):
        if isinstance(each, dict):
            each.pop("area", None)
    content["info"] = {"year": 2017, "more": [float("nan"), "\ud800"]}
    Path("a.json").write_text(json.dumps(content), "utf-8")
    try:
        before = load_coco("a.json")
    except DataError:
        return
    document = write_fixed("a.json")
    after = load_coco("fixed.json")
    assert objects_in_file_order(after) == objects_in_file_order(before)
    assert after.num_images == before.num_images
    assert not after.left_out
    assert not after.left_out_images
    assert {each.reason for each in after.findings} <= USED_AS_WRITTEN
    ids = [each["id"] for each in document["annotations"]]
    assert set(map(type, ids)) <= {int}
    assert len(set(ids)) == len(ids)
    told = document.pop("atss_inspect")
    kinds = Counter("left_out" in each for each in told["changes"])
    assert kinds[True] == sum(told["left_out"].values())
    assert kinds[False] == sum(told["changed"].values())
    # Nothing is left to mend, and what needs no mending is not touched.
    again = write_fixed("fixed.json", "again.json")
    assert again.pop("atss_inspect") == {"changed": {}, "left_out": {}, "changes": []}
    assert again == document


def test_what_needs_no_mending_keeps_its_text():
    line = (
        '{"id": 7,  "image_id": 1, "bbox": [1.50, 2, 30, 40], "area": 1e2, '
        '"category_id": 1, "attributes": {"occluded": false}, "keypoints": [1, 2.0, 2]}'
    )
    document = (
        '{"info": {"year":  2017}, "licenses": [], '
        '"images": [{"id": 1, "width": 64, "height": 48, "file_name": "a", "x": 9}],'
        f'"annotations": [{line}, {{"id": 8}}], '
        '"categories": [{"id": 1, "name": "a", "supercategory": "b"}]}'
    )
    Path("a.json").write_text(document, "utf-8")
    err = ask("-q export fixed --ann a.json -o fixed.json").err
    assert err == ""
    written = Path("fixed.json").read_text("utf-8")
    for text in (line, '"info":{"year":  2017}', '"supercategory": "b"', '"x": 9}'):
        assert text in written
    assert json.loads(written)["atss_inspect"] == {
        "changed": {},
        "left_out": {"annotations.bbox_malformed": 1},
        "changes": [{"list": "annotations", "index": 1, "left_out": "bbox_malformed"}],
    }


def test_what_was_changed_is_listed_and_counted():
    document = street()
    first, second, *_ = document["annotations"]
    first |= {"id": 200, "bbox": ["0", "0", "90", "45"], "image_id": "3"}
    second |= {"id": 200, "iscrowd": True, "more": {"kept": 1.0}}
    del second["area"]
    document["images"][0]["width"] = 640.0
    write_coco(Path("a.json"), document)
    told = ask("export fixed --ann a.json -o fixed.json").err.splitlines()
    assert [line for line in told if line.startswith(("wrote", "changed"))] == [
        "wrote fixed.json, 9 annotations",
        "changed: width of 1 image, image_id of 1 annotation, bbox of 1 annotation, "
        "id of 1 annotation, area of 1 annotation and iscrowd of 1 annotation",
    ]
    written = json.loads(Path("fixed.json").read_text("utf-8"))
    assert written["annotations"][1]["more"] == {"kept": 1.0}
    where = {"list": "annotations", "index": 1, "id": 201}
    bbox = {"was": ["0", "0", "90", "45"], "now": [0, 0, 90, 45]}
    assert written["atss_inspect"]["changes"] == [
        {
            "list": "images",
            "index": 0,
            "id": 10,
            "key": "width",
            "was": 640.0,
            "now": 640,
        },
        {**where, "index": 0, "id": 200, "key": "image_id", "was": "3", "now": 3},
        {**where, "index": 0, "id": 200, "key": "bbox", **bbox},
        {**where, "key": "id", "was": 200, "now": 201},
        {**where, "key": "area", "now": 1681},
        {**where, "key": "iscrowd", "was": True, "now": 1},
    ]


def test_values_that_are_no_json_are_listed_wherever_they_stand():
    text = (
        '{"info": {"year": NaN}, "images": [{"id": 1, "width": 64, "height": 48}],'
        '"annotations": [{"id": 7, "image_id": 1, "bbox": [1, 2, 3, 4], "area": NaN, '
        '"category_id": null, "score": -Infinity}], "categories": [{"id": 1, '
        '"name": "a"}]}'
    )
    Path("a.json").write_text(text, "utf-8")
    err = ask("export fixed --ann a.json -o fixed.json").err
    assert "\nchanged: info of the file, score of 1 annotation, " in err
    where = {"list": "annotations", "index": 0, "id": 7}
    info = {"was": {"year": "NaN"}, "now": {"year": None}}
    assert json.loads(Path("fixed.json").read_text("utf-8"))["atss_inspect"][
        "changes"
    ] == [
        {"list": "file", "key": "info", **info},
        {**where, "key": "score", "was": "-Infinity", "now": None},
        {**where, "key": "category_id", "was": None, "now": 2},
        {**where, "key": "area", "was": "NaN", "now": 12},
        {"list": "categories", "id": 2, "key": "name", "now": "(none)"},
    ]


def test_only_the_list_of_changes_of_an_earlier_export_is_replaced():
    write_coco(Path("a.json"), street() | {"atss_inspect": {"mine": 1}})
    err = ask("export fixed --ann a.json -o fixed.json", code=3).err
    assert "a.json: `atss_inspect` is not of an earlier export" in err


def test_areas_that_presets_decide_about_stay():
    document = street()
    for each, area in zip(document["annotations"], (0, -5), strict=False):
        each["area"] = area
    write_coco(Path("a.json"), document)
    written = write_fixed("a.json")
    assert [each["area"] for each in written["annotations"][:2]] == [0, -5]


def test_ids_that_are_made_up_have_64_bits():
    assert whole_ids([10**20, None, 5, None]) == [10**20, 6, 5, 7]
    assert whole_ids([2**63 - 2, None, 1, None]) == [2**63 - 2, 2, 1, 3]


def test_ids_become_integers_of_their_own():
    assert whole_ids([7, "8", 7, None, "08", "x", -1, "7"]) == [
        7,
        8,
        9,
        10,
        11,
        12,
        -1,
        13,
    ]


@pytest.mark.parametrize("kind", ["yolo", "voc"])
def test_other_formats_become_coco(kind):
    if kind == "yolo":
        labels = {"a": "0 0.5 0.5 0.5 0.5\n2 0.25 0.25 0.1 0.1", "b": "1 0.5 0.5 1 1"}
        source = str(write_yolo(Path("data"), labels))
    else:
        for name in ("a", "b"):
            write_picture(Path(f"data/{name}.png"))
            text = voc_text(voc_object("car", 1, 1, 32, 24), name=f"{name}.png")
            Path(f"data/{name}.xml").write_text(text, "utf-8")
        source = "data"
    ask(f"export fixed --ann {source} -o fixed.json")
    before, after = load_coco(source), load_coco("fixed.json")
    assert not after.findings
    assert objects_in_file_order(after) == objects_in_file_order(before)
    read = COCO("fixed.json")
    assert min(read.cats) == 1  # CVAT takes 0 for no category
    assert all(each["segmentation"] == [] for each in read.anns.values())
    assert len(read.getAnnIds(catIds=read.getCatIds("car"))) == np.count_nonzero(
        before.category_index == before.category_names.index("car")
    )
    assert num_detections("data", "fixed.json") == before.num_objects


def num_detections(pictures: str, annotations: str) -> int:
    """How many boxes supervision reads of a COCO file."""
    with warnings.catch_warnings():  # OpenCV is missed
        warnings.simplefilter("ignore")
        import supervision
    found = supervision.DetectionDataset.from_coco(pictures, annotations)
    return sum(map(len, found.annotations.values()))


@pytest.mark.slow
def test_of_real_dialects_nothing_is_left_to_mend(real_data):
    for path in sorted((real_data / "data" / "dialects").glob("*.json")):
        how = "xywh-fractions" if path.name.startswith("normalised") else None
        words = f"--box-format {how}" if how else ""
        ask(f"-q export fixed --ann {path} {words} -o fixed.json --force")
        before, after = load_coco(path, box_format=how), load_coco("fixed.json")
        kept = USED_AS_WRITTEN - {"image_size_float"}  # whole ones are integers now
        expected = {each.reason: each.count for each in before.findings}
        assert {each.reason: each.count for each in after.findings} == {
            reason: count for reason, count in expected.items() if reason in kept
        }, path
        tables = [
            objects_table(each, preset("retinanet-mmdet")).drop(
                columns=["ann_id", "annotation_index", "lost_to"]
            )
            for each in (before, after)
        ]
        assert tables[0].equals(tables[1]), path
        assert len(COCO("fixed.json").anns) == before.num_objects
