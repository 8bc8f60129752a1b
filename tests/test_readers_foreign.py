"""Files of other tools are named for what they are, with what to do about them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from atss_inspect.errors import DataError
from atss_inspect.readers import load_coco
from tests.command_line import ask
from tests.soundness import counts, the_finding

from .test_readers import box, coco, image

WHOLE = coco(box(1), box(2))
DATUM = "datum convert -i FOLDER -if"
# What a file holds, what it is, and what to do about it.
KINDS: tuple[tuple[Any, str, str], ...] = (
    (
        [{"image_id": 1, "annotations": [{"bbox": [1, 2, 3, 4], "bbox_mode": 1}]}],
        "is a list of detectron2's dataset dicts",
        "convert_to_coco_json",
    ),
    (
        [{"filename": "a.jpg", "ann": {"bboxes": [], "labels": []}}],
        "is a list in MMDetection's middle format",
        "the COCO file that it was made from",
    ),
    (
        {"metainfo": {}, "data_list": []},
        "is a data set in MMDetection 3's format",
        "the COCO file that it was made from",
    ),
    (
        [{"id": 1, "data": {"image": "a"}, "annotations": [{"result": []}]}],
        "is a raw export of Label Studio",
        "in Label Studio: Export > COCO",
    ),
    (
        [{"image": "a.jpg", "annotations": [{"label": "a", "coordinates": {"x": 1}}]}],
        "is a file of Create ML",
        "its x and y are the box's center",
    ),
    ({"shapes": [], "version": "5"}, "is a LabelMe file", "labelme2coco FOLDER"),
    ({"_via_img_metadata": {}}, "is a VIA project", "in VIA: Annotation > Export"),
    (
        {"a.jpg9": {"filename": "a.jpg", "regions": [], "size": 9}},
        "is a file of VIA",
        "in VIA: Annotation > Export",
    ),
    ({"categories": {}, "items": []}, "is a Datumaro file", f"{DATUM} datumaro"),
    (
        {"videos": [], "annotations": [], "categories": []},
        "is a file of video annotations (YouTube-VIS)",
        "an image of every frame",
    ),
    (
        [{"image_id": 1, "segmentation": {"counts": "a"}, "score": 0.5}],
        "is a list of detection results",
        "the ground truth that these results belong to",
    ),
    ("a.jpg,1,2,3,4,cat\nb.jpg,,,,,\n", "is a table (CSV)", "as COCO JSON"),
    ("1,1,2.5,3,4,5,1,-1,-1,-1\n", "is a table of tracks (MOT)", f"{DATUM} mot_seq"),
    ("684,8,273,116,0,0,0,0\n", "is a table (CSV)", "as COCO JSON"),  # VisDrone
    # Nothing that takes long: each comma might open a column of its own.
    (",".join(["abc"] * 99) + "[1,2]", "is not JSON", ""),
    ([{"data": {}, "predictions": []}], "is tasks of Label Studio", "Export > COCO"),
    (
        [{"id": 1, "image": "a", "annotator": 1}],
        "is a short export of",
        "Export > COCO",
    ),
    (
        [{"name": "a.jpg", "labels": []}],
        "is a list in the format of BDD100K",
        "convert it",
    ),
    ({"objects": [], "size": {}, "tags": []}, "is a file of Supervisely", "convert"),
    ({"assets": {}, "tags": []}, "is a project of VoTT", f"{DATUM} vott_json"),
    (
        '{"source-ref": "s3"}\n{"source-ref": "s3"}\n',
        "is a manifest of Amazon",
        "convert it",
    ),
    ("PK\3\4" + "\0" * 26 + "boxes.npy", "is NumPy arrays (npz)", ""),
    ("PK\3\4" + "\0" * 26 + "archive/data.pkl", "is a PyTorch file", ""),
    (
        "a" * 257 + "ustar",
        "is a tar archive",
        "name the .json file, data.yaml or folder",
    ),
    ("\x7f\0" + "\0" * 6 + "abcd\n", "is a TFRecord", "as the documents say"),
    ('{"ID": "a", "gtboxes": []}\n' * 2, "is a file of CrowdHuman (odgt)", "fbox"),
    (
        '{"type": "dataset", "task": "detect"}\n{"type": "image"}\n',
        "is a data set of Ultralytics (NDJSON)",
        "convert_ndjson_to_yolo",
    ),
    ('{"a": 1}\n{"a": 2}\n', "is JSON lines, one document a line", "convert it"),
    (
        json.dumps(WHOLE) + "\n" + json.dumps(WHOLE),
        "holds several JSON documents; the second begins at byte",
        "name all of them with --ann",
    ),
    (str(WHOLE), "is what Python prints, not JSON", "json.dump(data, file)"),
    ("// mine\n{}", "is JSON with comments", "take the comments out"),
    (json.dumps(json.dumps(WHOLE)), "holds JSON within a text", "encoded twice"),
    ([WHOLE], "holds COCO data within a list", "with --key 0"),
    ({"coco": WHOLE}, "holds COCO data under coco", "take it with --key coco"),
    (
        {"data": {"set": WHOLE}, "version": 1},
        "holds COCO data under data.set",
        "with --key data.set",
    ),
    (
        {"train": WHOLE, "val": WHOLE, "info": {}},
        "holds several data sets under train, val",
        "take one with --key train",
    ),
    (
        {"images": [], "annotation": []},
        "has no annotations, but images, annotation; expected COCO",
        "did you mean annotations? rename the key annotation",
    ),
    (
        {"Images": [], "Annotations": []},
        "has no images, but Images, Annotations; expected COCO",
        "did you mean images? rename the key Images",
    ),
)
ORDER = "write [x, y, width, height], with x and y of the upper left corner"
CORNERS = "width is right - left, height is bottom - top"
# What stands for a bbox, what it is called, and what to do about it.
BOXES: tuple[tuple[Any, str, str], ...] = (
    ([[1, 2, 3, 4]], "a bbox that is a list within a list", "outer brackets away"),
    ([[1, 2], [3, 4]], "a bbox of two points, not of four numbers", CORNERS),
    ([[1, 2]] * 4, "a bbox of 4 points, not of four numbers", "smallest and largest"),
    ([5], "a bbox of 1 number", ORDER),
    ([1, 2, 3, 4, 5], "a bbox of 5 numbers", "a fifth number that is a score"),
    ([1] * 8, "a bbox of 8 numbers", "the upright box around the four corners"),
    ([], "a bbox of no numbers", ORDER),
    ({"x": 1, "y": 2, "w": 3}, "a bbox with the keys x, y, w", ORDER),
    ({"x1": 1, "x2": 2}, "a bbox with the keys x1, x2", CORNERS),
    ("1,2,3,4", 'a bbox that is a text, "1,2,3,4"', "without quotes"),
    (["1,5", "2", "3", "4"], 'a bbox with "1,5" for a number', "plain numbers"),
    (["1px", "2px", "3", "4"], 'a bbox with "1px" for a number', "plain numbers"),
    ([1, 2, 3, {}], "a bbox of four values that are not all numbers", ORDER),
    (True, "a bbox that is true or false", ORDER),
    (7, "a bbox that is a single number", ORDER),
)


def refusal_of(content: Any) -> DataError:
    text = content if isinstance(content, str) else json.dumps(content)
    Path("a.json").write_text(text)
    with pytest.raises(DataError) as caught:
        load_coco("a.json")
    return caught.value


@pytest.mark.parametrize(("content", "found", "hint"), KINDS, ids=lambda v: str(v)[:30])
def test_a_file_is_named_for_what_it_is(content: Any, found: str, hint: str) -> None:
    error = refusal_of(content)
    assert str(error).startswith(f"a.json: {found}")
    assert hint in (error.hint or "")
    assert error.exit_code == 3


@pytest.mark.parametrize("name", ["a.odgt", "a.csv", "a.txt", "a.ndjson"])
def test_a_file_of_another_format_is_recognised_without_its_option(name: str) -> None:
    Path(name).write_text("1,2,3,4\n" * 3)
    assert f"{name}: is a table (CSV)" in ask(f"stats {name}", code=3).err


@pytest.mark.parametrize(("value", "found", "hint"), BOXES, ids=lambda v: str(v)[:30])
def test_a_bbox_is_named_for_what_it_is(value: Any, found: str, hint: str) -> None:
    error = refusal_of(coco(box(1, bbox=value)))
    problem = f"a.json: annotations[0] has {found}; expected [x, y, width, height]"
    assert str(error) == problem
    assert hint in (error.hint or "")
    assert "string" not in str(error)  # a programmer's word


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ({"train": WHOLE, "val": {}}, "train"),
        ({"data": {"set": WHOLE}}, "data.set"),
        ({"a.b": {"c.d": WHOLE}}, "a.b.c.d"),
        ([{}, WHOLE], "1"),
    ],
)
def test_data_within_other_json_are_taken_by_their_keys(content: Any, key: str) -> None:
    Path("a.json").write_text(json.dumps(content))
    for source in ("a.json", content):
        if isinstance(source, list):
            continue  # no loaded COCO object is one
        assert load_coco(source, key=key).num_objects == 2
    Path("nan.json").write_text(json.dumps(content).replace("1000.0", "NaN"))
    assert load_coco("nan.json", key=key).num_objects == 2
    answer = ask(f"stats a.json --key {key} -p atss-mmdet").out
    assert f"--ann a.json --key {key} " in answer


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("test", "--key test: no such key at the top level; there are train, val"),
        ("train.x", "--key train.x: no such key under train; there are images,"),
        ("val.x", "--key val.x: no such key under val; there are no keys"),
        ("train.images", "--key train.images leads to a list; expected an object"),
        ("val", "has no images, but no keys; expected COCO detection data"),
    ],
)
def test_a_key_that_leads_nowhere_says_where_it_could(key: str, found: str) -> None:
    content = {"train": WHOLE, "val": {}}
    Path("a.json").write_text(json.dumps(content))
    for source in ("a.json", content):
        with pytest.raises(DataError, match=re.escape(found)):
            load_coco(source, key=key)


def test_images_without_sizes_are_told_by_their_keys() -> None:
    images = [{"id": 1, "file_name": "a.jpg", "w": 640, "h": 480}]
    hint = "rename w and h to width and height"
    assert refusal_of(coco(box(1), images=images)).hint == hint
    found = (
        "no image has a positive width and height: images[0] has id, file_name, w, h"
    )
    assert str(refusal_of(coco(box(1), images=images))) == (
        f"a.json: {found}; expected both for each image"
    )
    missing = {**image(1), "width": None}
    assert "images[0]" not in str(refusal_of(coco(box(1), images=[missing])))


def test_category_ids_that_are_shifted_are_told_with_the_names_they_may_mean() -> None:
    categories = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
    annotations = [box(1, category_id=0), box(2, category_id=1)]
    dataset = load_coco(coco(*annotations, categories=categories))
    found = the_finding(dataset, "category_ids_shifted")
    assert found.message == (
        "2 category ids of annotations look shifted against the ids of categories; "
        "used as written"
    )
    assert found.examples == ("category_id 0: 1 (cat)?", "category_id 1: 2 (dog)?")
    assert found.hint == "add 1 where annotations have them, if it is so"
    annotations = [box(1, category_id=2), box(2, category_id=3)]
    dataset = load_coco(coco(*annotations, categories=categories))
    (found,) = (one for one in dataset.findings if one.reason == "category_ids_shifted")
    assert found.hint == "subtract 1 where annotations have them, if it is so"
    # Of one class nobody can tell, nor where some fit and others are far away.
    for ids in ((0, 0), (1, 9)):
        annotations = [box(n, category_id=each) for n, each in enumerate(ids)]
        dataset = load_coco(coco(*annotations, categories=categories))
        assert "category_ids_shifted" not in counts(dataset)


def test_a_category_named_in_place_of_its_id_is_told_with_the_id() -> None:
    categories = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
    named = [box(1, category_id="dog"), box(2, category_id="cow")]
    for used, hint in (
        (named, "dog is the name of a category; write its id, 2"),
        (named[1:], ""),
    ):
        dataset = load_coco(coco(*used, categories=categories))
        assert the_finding(dataset, "unknown_category").hint == hint


def test_a_repeated_name_of_categories_is_named() -> None:
    names = ("cat", "dog", "cat")
    categories = [{"id": n, "name": name} for n, name in enumerate(names, 1)]
    dataset = load_coco(coco(box(1), categories=categories))
    found = the_finding(dataset, "duplicate_category_name")
    assert found.examples == ("categories[2] (id 3): cat",)
