"""What is no COCO detection data gets one line: what was found, what is expected."""

import gzip
import io
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from atss_inspect.errors import DataError
from atss_inspect.readers import load_coco, source

from .test_readers import box, coco, image, write


def failure(content: object, name: str = "a.json") -> DataError:
    if isinstance(content, bytes):
        Path(name).write_bytes(content)
    else:
        write(content, name)
    with pytest.raises(DataError) as caught:
        load_coco(name)
    message = str(caught.value)
    assert message.startswith(f"{name}: ") or message.startswith(f"{name}:")
    assert "\n" not in message
    assert not message.endswith(".")
    assert caught.value.exit_code == 3
    return caught.value


CAPTIONS = coco({"id": 1, "image_id": 1, "caption": "a cat"})
PANOPTIC = coco({"image_id": 1, "file_name": "1.png", "segments_info": [{"id": 1}]})
KEYPOINTS = coco({"id": 1, "image_id": 1, "keypoints": [1, 2, 2]})
MASKS = coco({"id": 1, "image_id": 1, "segmentation": [[1, 2, 3, 4, 5, 6]]})
RESULT = {"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param(CAPTIONS, "annotations are captions", id="captions"),
        pytest.param(PANOPTIC, "annotations are panoptic segments", id="panoptic"),
        pytest.param(KEYPOINTS, "keypoints without boxes", id="keypoints"),
        pytest.param(MASKS, "masks without boxes", id="masks"),
        pytest.param(coco({"id": 1}), r"annotations\[0\] has no bbox", id="no bbox"),
        pytest.param(
            coco(box(1), box(2, bbox=[1] * 6), box(3, bbox=[1] * 6)),
            r"annotations\[1\] has a bbox of 6 numbers; expected \[x, y, width, height",
            id="six numbers",
        ),
        pytest.param(
            coco(box(bbox="1 2 3 4")), "has a bbox of a string", id="bbox as text"
        ),
        pytest.param(
            coco(box(bbox=[1, 2, 3, {}])), "not all numbers", id="bbox of objects"
        ),
        pytest.param(
            coco([1, 2, 3]), r"annotations\[0\] is a list", id="annotations as lists"
        ),
        pytest.param([RESULT], "is a list of detection results", id="results"),
        pytest.param([], "is a list; expected COCO", id="empty list"),
        pytest.param([1, 2], "is a list that starts with a number", id="numbers"),
        pytest.param([box()], "is a list that starts with an object", id="bare list"),
        pytest.param("5", "holds just a number", id="number"),
        pytest.param('"images"', "holds just a string", id="string"),
        pytest.param("null", "holds just null", id="null"),
        pytest.param("{}", "has no images, but no keys", id="empty object"),
        pytest.param(
            {"image": [], "labels": []}, "has no images, but image, labels", id="keys"
        ),
        pytest.param(
            {"images": [image()], "categories": []},
            "has images but no annotations",
            id="test image list",
        ),
        pytest.param({"annotations": []}, "has no images", id="no images"),
        pytest.param(
            coco(box(), images={"1": image()}),
            "images is an object; expected a list",
            id="images as object",
        ),
        pytest.param(
            coco(images=["1.jpg", "2.jpg"]),
            r"images\[0\] is not an object with an id",
            id="images as strings",
        ),
        pytest.param(
            {"images": [], "annotations": None},
            "annotations is null",
            id="annotations null",
        ),
        pytest.param(
            coco(categories={"1": "cat"}), "categories is an object", id="categories"
        ),
        pytest.param(
            coco(box(), images=[{"id": 1}, image(2, width=0)]),
            "no image has a positive width and height",
            id="no sizes",
        ),
        pytest.param(
            {"shapes": [], "imagePath": "1.jpg"}, "is a LabelMe file", id="labelme"
        ),
        pytest.param("<!DOCTYPE html><html></html>", "is an HTML page", id="html"),
        pytest.param("<annotation></annotation>", "is XML", id="xml"),
        pytest.param("0 0.5 0.5 0.1 0.2\n1 0.5 0.5 0.1 0.2\n", "YOLO", id="yolo"),
        pytest.param("image,x1,y1\na.jpg,1,2\n", "is not JSON", id="csv"),
        pytest.param("1,2,3\n", "is not valid JSON", id="csv of numbers"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0", "is a PNG picture", id="png"),
        pytest.param(b"PK\x03\x04abc", "is a zip archive", id="zip"),
        pytest.param(b"\0\1\2\3", "is binary data", id="binary"),
        pytest.param(
            "version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer", id="lfs"
        ),
        pytest.param("", "the file is empty", id="empty"),
        pytest.param(" \n" * 3000, "the file is empty", id="white space"),
        pytest.param(gzip.compress(b""), "the file is empty", id="empty gzip"),
        pytest.param(b"\xff\xfe\x00\xd8", "neither UTF-8 nor UTF-16", id="utf-16"),
        pytest.param(b'{"\xff": 1}', "not valid UTF-8", id="bad key"),
    ],
)
def test_other_files_are_named(content: object, found: str):
    with pytest.raises(DataError, match=found):
        raise failure(content)


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (CAPTIONS, "instances file"),
        ([RESULT], "ground truth"),
        ({"images": [image()]}, "train or val"),
        ("<html>", "fetch it again"),
        ("0 0.5 0.5 0.1 0.2", "convert"),
        ("version https://git-lfs.github.com/spec/v1", "git lfs pull"),
    ],
    ids=["captions", "results", "images only", "html", "yolo", "lfs"],
)
def test_a_hint_says_what_to_do(content: object, hint: str):
    assert hint in (failure(content).hint or "")


def test_truncated_json_says_where_it_ends():
    text = json.dumps(coco(box(1), box(2)))
    for length in (1, 20, len(text) // 2, len(text) - 1):
        found = failure(text[:length])
        assert f"ends too early, at byte {length}" in str(found)
        assert "cut off" in (found.hint or "")


def test_malformed_json_says_byte_and_line():
    text = json.dumps(coco(box(1), box(2)), indent=1)
    place = text.index('"id": 2')
    broken = f"{text[:place]}@{text[place:]}"
    line = text[:place].count("\n") + 1
    assert f"at byte {place} (line {line})" in str(failure(broken))
    # A NaN further up is quoted on the way; the place stays that of the file.
    broken = broken.replace("500.0", "NaN", 1)
    moved = place - len("500.0") + len("NaN")
    assert f"at byte {moved} (line {line})" in str(failure(broken))


def test_a_truncated_list_is_truncated():
    assert "ends too early" in str(failure('[{"image_id": 1, "bbox": [1, 2'))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"a":' * 200_000,
        "[" * 200_000 + "]" * 200_000,
        '{"images": [], "annotations": ' + "[" * 50_000 + "]" * 50_000 + "}",
    ],
    ids=["lists", "objects", "closed lists", "annotations"],
)
def test_deep_nesting_is_refused(text: str):
    assert "nested too deeply" in str(failure(text))


# --- the way to the file


def test_a_missing_file_suggests_a_near_name():
    write(coco(), "instances_val.json")
    with pytest.raises(DataError, match=r"instance_val\.json: no such file") as caught:
        load_coco("instance_val.json")
    assert caught.value.hint == "did you mean instances_val.json"
    with pytest.raises(DataError) as caught:
        load_coco("nowhere/a.json")
    assert caught.value.hint == "there is no folder nowhere either"
    with pytest.raises(DataError, match="no such file") as caught:
        load_coco("zzz")
    assert caught.value.hint is None


def test_a_folder_suggests_a_file_in_it():
    Path("set/annotations").mkdir(parents=True)
    with pytest.raises(DataError, match="set: is a folder") as caught:
        load_coco("set")
    assert caught.value.hint == "it holds no .json file"
    write(coco(), "set/annotations/val.json")
    with pytest.raises(DataError) as caught:
        load_coco("set")
    assert caught.value.hint == f"did you mean {Path('set/annotations/val.json')}"


def test_a_web_address_is_no_file():
    with pytest.raises(DataError, match="web address"):
        load_coco("https://example.org/a.json")


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_an_impossible_name_is_refused(name: str):
    with pytest.raises(DataError, match="cannot be read"):
        load_coco(name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused():
    write(coco()).chmod(0)
    with pytest.raises(DataError, match="cannot be read: Permission denied"):
        load_coco("a.json")


def test_a_file_given_twice_is_refused():
    write(coco(box()))
    with pytest.raises(DataError, match=r"a\.json: is given twice"):
        load_coco("a.json", Path("a.json"))


def test_damaged_gzip_is_refused():
    packed = gzip.compress(json.dumps(coco(*(box(i) for i in range(99)))).encode())
    assert "ends too early" in str(failure(packed[:-20], "a.gz"))
    assert "ends too early" in str(failure(packed[:2], "a.gz"))
    spoilt = packed[:100] + bytes(30) + packed[130:]
    assert "damaged gzip" in str(failure(spoilt, "a.gz"))


def test_a_gzip_bomb_is_refused_before_it_fills_the_memory(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(source, "MAX_GZIP_FREE_BYTES", 1 << 20)
    bomb = gzip.compress(b" " * (8 << 20))
    assert "over 256 times its size" in str(failure(bomb, "a.gz"))
    # Twice as much as its size is nothing unusual, however large.
    noise = np.random.default_rng(1).integers(32, 96, 3 << 20, np.uint8).tobytes()
    assert "not JSON" in str(failure(gzip.compress(b"*" + noise, 1), "b.gz"))


# --- Python callers


@pytest.mark.parametrize("wrong", [5, None, [1], b"a.json", object()])
def test_other_python_objects_are_a_type_error(wrong: Any):
    with pytest.raises(TypeError, match=f"got {type(wrong).__name__}"):
        load_coco(wrong)


def test_no_source_is_a_type_error():
    with pytest.raises(TypeError, match="at least one"):
        load_coco()


def test_an_empty_coco_object_is_refused():
    with pytest.raises(DataError, match="COCO object: has no images"):
        load_coco({})
    with pytest.raises(DataError, match="annotations is an object"):
        load_coco({"images": [], "annotations": {}})
    with pytest.raises(DataError, match="captions"):
        load_coco(CAPTIONS)


def test_errors_name_standard_input(monkeypatch: pytest.MonkeyPatch):
    stdin = SimpleNamespace(buffer=io.BytesIO(b"<html>"))
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(DataError, match=r"^stdin: is an HTML page"):
        load_coco("-")
