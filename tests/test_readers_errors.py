"""What is no COCO detection data gets one line: what was found, what is expected.

More of it, through the program, is in tests/hostile/files.py and documents.py.
"""

import errno
import gzip
import io
import json
import os
import re
import sys
from pathlib import Path
from types import SimpleNamespace

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
    assert message.startswith(f"{name}:")
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
    ("content", "found", "hint"),
    [
        (CAPTIONS, "annotations are captions", "instances file"),
        (PANOPTIC, "annotations are panoptic segments", ""),
        (KEYPOINTS, "keypoints without boxes", ""),
        (MASKS, "masks without boxes", ""),
        (coco({"id": 1}), r"annotations\[0\] has no bbox", ""),
        (
            coco(box(1), box(2, bbox=[1] * 6), box(3, bbox=[1] * 6)),
            r"annotations\[1\] has a bbox of 6 numbers; expected \[x, y, width, height",
            "",
        ),
        (coco([1, 2, 3]), r"annotations\[0\] is a list", ""),
        ([RESULT], "is a list of detection results", "ground truth"),
        ([1, 2], "is a list that starts with a number", ""),
        ([box()], "is a list of annotations alone", "images, annotations and"),
        ([{"a": 1}], "is a list that starts with an object", ""),
        ({"image": [], "labels": []}, "has no images, but image, labels", ""),
        ({"images": [image()]}, "no annotations", "train or val"),
        (coco(images=["1.jpg"]), r"images\[0\] is not an object with an id", ""),
        ("0 0.5 0.5 0.1 0.2\n1 0.5 0.5 0.1 0.2\n", "YOLO", "data.yaml"),
        ("1,2,3\n", r"is a table \(CSV\)", ""),
        ("version https://git-lfs.github.com/spec/v1\n", "LFS pointer", "git lfs pull"),
        ("<html>", "is an HTML page", "fetch it again"),
        (b"\xff\xfe\x00\xd8", "neither UTF-8 nor UTF-16", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_files_are_named_with_a_hint_what_to_do(content, found, hint):
    error = failure(content)
    assert re.search(found, str(error))
    assert hint in (error.hint or "")


def test_truncated_json_says_where_it_ends():
    text = json.dumps(coco(box(1), box(2)))
    part_of_a_list = '[{"image_id": 1, "bbox": [1, 2'
    lengths = (1, 20, len(text) // 2, len(text) - 1)
    for cut in (*(text[:length] for length in lengths), part_of_a_list):
        found = failure(cut)
        assert f"ends too early, at byte {len(cut)}" in str(found)
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


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
def test_a_file_without_permission_is_refused():
    write(coco()).chmod(0)
    with pytest.raises(
        DataError, match=f"cannot be read: {os.strerror(errno.EACCES).lower()}"
    ):
        load_coco("a.json")


def test_a_gzip_bomb_is_refused_before_it_fills_the_memory(monkeypatch):
    monkeypatch.setattr(source, "MAX_GZIP_FREE_BYTES", 1 << 20)
    bomb = gzip.compress(b" " * (8 << 20))
    assert "over 256 times its size" in str(failure(bomb, "a.gz"))
    # Twice as much as its size is nothing unusual, however large.
    noise = np.random.default_rng(1).integers(32, 96, 3 << 20, np.uint8).tobytes()
    assert "not JSON" in str(failure(gzip.compress(b"*" + noise, 1), "b.gz"))


@pytest.mark.parametrize("wrong", [5, None, [1], b"a.json", object()])
def test_other_python_objects_and_nothing_at_all_are_a_type_error(wrong):
    with pytest.raises(TypeError, match=f"got {type(wrong).__name__}"):
        load_coco(wrong)
    with pytest.raises(TypeError, match="at least one"):
        load_coco()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({}, "COCO object: has no images"),
        ({"images": [], "annotations": {}}, "annotations is an object"),
        (CAPTIONS, "captions"),
    ],
)
def test_a_coco_object_of_something_else_is_refused(content, found):
    with pytest.raises(DataError, match=found):
        load_coco(content)


def test_errors_name_standard_input(monkeypatch):
    stdin = SimpleNamespace(buffer=io.BytesIO(b"<html>"))
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(DataError, match=r"^stdin: is an HTML page"):
        load_coco("-")
