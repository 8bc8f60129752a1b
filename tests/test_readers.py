"""COCO annotations in: what is accepted, mended, left out, and how it is counted.

Every wrong type of every field, one at a time, is in tests/hostile/fields.py.
"""

import gc
import gzip
import io
import json
import os
import sys
import threading
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.readers import decode, load_coco, source
from atss_inspect.readers import load as loading
from atss_inspect.readers.findings import REASONS, finding
from tests import soundness
from tests.soundness import assert_same, the_finding

Coco = dict[str, Any]
GONE = object()  # for a key that is not there


def image(image_id: object = 1, **changes: object) -> Coco:
    name = f"{image_id}.jpg"
    entry = {"id": image_id, "file_name": name, "width": 200, "height": 100}
    return {key: each for key, each in (entry | changes).items() if each is not GONE}


def box(annotation_id: object = 1, image_id: object = 1, **changes: object) -> Coco:
    entry = {"id": annotation_id, "image_id": image_id, "category_id": 1}
    entry |= {"bbox": [10, 20, 30.5, 40], "iscrowd": 0}
    entry |= {"area": 1.0 if "bbox" in changes else 500.0} | changes
    return {key: each for key, each in entry.items() if each is not GONE}


def boxes(key: str, *values: object) -> list[Coco]:
    """Make an annotation for each value that stands under a key."""
    return [box(place, **{key: value}) for place, value in enumerate(values)]


def coco(*annotations: object, images: Any = None, categories: Any = None) -> Coco:
    return {
        "images": [image()] if images is None else images,
        "annotations": list(annotations),
        "categories": [{"id": 1, "name": "cat"}] if categories is None else categories,
    }


def write(content: object, name: str = "a.json") -> Path:
    path = Path(name)
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return path


def load(content: object, **options: bool) -> Dataset:
    dataset = load_coco(write(content), **options)
    lost = sum(dataset.left_out.values())
    assert dataset.num_objects + lost == dataset.num_annotations
    return dataset


def counts(dataset: Dataset) -> dict[str, int]:
    # The cases write one box again and again.
    found = soundness.counts(dataset)
    return {reason: found[reason] for reason in found if reason != "bbox_repeated"}


def named(*places: int) -> tuple[str, ...]:
    return tuple(f"annotations[{place}] (id {place})" for place in places)


def assert_holds(dataset: Dataset, **expected: Any) -> None:
    """Compare columns, classes, and of findings counts, examples and losses."""
    for reason, examples in expected.pop("examples", {}).items():
        assert the_finding(dataset, reason).examples == examples
    classes = zip(dataset.category_ids.tolist(), dataset.category_names, strict=True)
    losses = [each.reason for each in dataset.findings if each.is_loss]
    derived = {"counts": counts(dataset), "classes": list(classes), "losses": losses}
    for name, value in expected.items():
        found = derived[name] if name in derived else getattr(dataset, name)
        listed = found.tolist() if isinstance(found, np.ndarray) else found
        assert listed == value, name


def test_an_ordinary_file_becomes_arrays_without_findings():
    dataset = load(
        coco(
            box(7, 2, bbox=[1, 2, 3, 4.5], area=9.5, iscrowd=1, category_id=20),
            box(8, 1, ignore=1),
            images=[image(2), image(1, file_name="é.jpg", width=64)],
            categories=[{"id": 1, "name": "cat"}, {"id": 20, "name": "dog"}],
        )
    )
    assert_holds(
        dataset,
        files=("a.json",),
        image_ids=[1, 2],
        file_names=["é.jpg", "2.jpg"],
        image_sizes=[[100, 64], [100, 200]],
        object_offsets=[0, 1, 2],
        xywh=[[10, 20, 30.5, 40], [1, 2, 3, 4.5]],
        areas=[500, 9.5],
        category_index=[0, 1],
        annotation_ids=[8, 7],
        annotation_index=[1, 0],
        is_crowd=[False, True],
        is_ignored=[True, False],
        classes=[(1, "cat"), (20, "dog")],
        findings=(),
        left_out={},
        left_out_images={},
        segmentations=None,
    )
    assert dataset.image_ids.dtype == np.int64


FAR_APART = [5, 10**17, -(10**17), 2**63 - 1, -(2**63)]
NAMES = ["../a b.jpg", "图.png", "\x1b[31m.jpg", "c/d.jpg"]
# The image is 200 wide and 100 high: within, half a pixel over, two pixels over; beyond
# on the left, at the bottom; outside on the right, just above, just left, far below.
OVER_THE_BORDER = (
    *([0, 0, 200, 100], [-0.5, -0.5, 201, 101], [-2, 0, 204, 102]),
    *([-2.5, 0, 10, 10], [0, 50, 10, 53]),
    *([200, 0, 10, 10], [5, -1, 10, 1], [-1, 5, 1, 10], [5, 500, 10, 1]),
)
SIZES = (*(0, -5, None, "wide", "nan", "inf", [640], 10**400), 0.5, 2**31, 1e300)
UNUSABLE = (
    *([1, 2, 3, None], [1, 2, 3, "1_0"], [[1, 2], [3, 4], 1, 1], {"x": 1}),
    *([1, 2, 3, "nan"], [1, 2, 3, "-Infinity"], [1, 2, 3, 10**400]),
    *([1, float("-inf"), 3, float("inf")], [1, -(2**31), 3, 4]),
)
LOSSES = {"bbox_malformed": 4, "bbox_not_finite": 4, "bbox_out_of_range": 1}
SMALL = box(1, bbox=[0.1, 0.2, 0.5, 1.0])
AS_SMALL = box(2, bbox=[0, 0, 1, 1])
# Two of three boxes outside of an image of 3 x 1.
DOUBTFUL = (box(1, 2), box(2, 2, bbox=[0, 0, 2, 1]), box(3, 2), box(4, 3))
DOUBTFUL_IMAGES = [image(1), image(2, width=3, height=1), image(3)]
CASES: dict[str, tuple[Coco, dict[str, Any]]] = {
    "objects keep their place in the file within an image": (
        coco(
            *(box(100 - place, row) for place, row in enumerate([3, 1, 2, 1, 3, 1])),
            images=[image(each) for each in (3, 1, 2, 4)],
        ),
        {"annotation_index": [1, 3, 5, 2, 0, 4], "object_offsets": [0, 3, 4, 6, 6]},
    ),
    "an image may have no object": (coco(), {"num_images": 1, "num_objects": 0}),
    "there may be no images": (
        coco(images=[]),
        {"num_images": 0, "object_offsets": [0]},
    ),
    "a missing iscrowd and more keys are nothing to report": (
        coco(box(attributes={"a": [{"b": 1}]}, score=0.5, iscrowd=GONE)),
        {"is_crowd": [False], "findings": ()},
    ),
    "numbers written as text are read and counted": (
        coco(
            box(0, bbox=["333.03", "1e1", " 5", True]),
            box(1, area="12.5"),
            box(2, iscrowd="1"),
            images=[image(width=1000)],
        ),
        {
            "xywh": [[333.03, 10, 5, 1], *[[10, 20, 30.5, 40]] * 2],
            "areas": [1, 12.5, 500],
            "is_crowd": [False, False, True],
            "counts": {"number_as_text": 2, "iscrowd_boolean": 1},
            "examples": {"number_as_text": named(0, 1)},
        },
    ),
    "an odd iscrowd is read as meant": (
        coco(*boxes("iscrowd", True, False, "true", "0", "maybe", [1])),
        {
            "is_crowd": [True, False, True, False, False, False],
            "counts": {"iscrowd_boolean": 4, "iscrowd_invalid": 2},
        },
    ),
    "another number as iscrowd is a truth": (
        coco(*boxes("iscrowd", 1.0, 2, None)),
        {"is_crowd": [True, True, False], "counts": {}},
    ),
    "ignore is read as a truth": (
        coco(*boxes("ignore", 1, 0, True, "no", None, "true")),
        {"is_ignored": [True, False, True, False, False, True]},
    ),
    "an unusable area is replaced by width times height": (
        coco(*boxes("area", "nan", "large", [3], "-inf")),
        {"areas": [30.5 * 40] * 4, "counts": {"area_invalid": 4}},
    ),
    "a missing area is replaced by width times height": (
        # Two negative sides do not make a positive area.
        coco(*boxes("area", 500, GONE, None), box(area=None, bbox=[50, 50, -3, -4])),
        {"areas": [500, 1220, 1220, 0]},
    ),
    "image sizes with a point and as text are used and counted": (
        coco(images=[image(1, width=300.0, height=50.5), image(2, height="90")]),
        {
            "image_sizes": [[50.5, 300], [90, 200]],
            "counts": {"image_size_float": 1, "image_size_as_text": 1},
        },
    ),
    "ids stay as written": (
        coco(
            box("a", "x", category_id="c"),
            box(None, 10),
            box(2**70, 9.0),
            images=[image("x"), image(10), image(9.0), image("b")],
            categories=[{"id": "c", "name": "sea"}, {"id": 1, "name": "cat"}],
        ),
        {
            "image_ids": [9, 10, "b", "x"],
            "annotation_ids": [2**70, None, "a"],
            "category_ids": ["c", 1],
            "category_index": [1, 1, 0],
            "counts": {"annotation_id_missing": 1},
        },
    ),
    "integers beyond 64 bits are ids like others": (
        coco(box(1, 2**64), box(2, 1), images=[image(2**64), image(1)]),
        {"image_ids": [1, 2**64], "annotation_ids": [2, 1]},
    ),
    "an id that differs only in type is matched and counted": (
        coco(box(1, "1"), box(2, 1, category_id="1"), box(3, "x1")),
        {
            "annotation_ids": [1, 2],
            "category_index": [0, 0],
            "left_out": {"unknown_image": 1},
            "counts": {"unknown_image": 1, "id_type_mismatch": 2},
        },
    ),
    "ids far apart are found": (
        coco(
            *(box(1, each) for each in FAR_APART),
            box(2, 6),
            images=[image(each) for each in FAR_APART],
        ),
        {
            "image_ids": sorted(FAR_APART),
            "annotation_index": [4, 2, 0, 1, 3],
            "left_out": {"unknown_image": 1},
        },
    ),
    "annotations without an id are kept": (
        coco(box(id=GONE), box(5)),
        {"annotation_ids": [None, 5], "counts": {"annotation_id_missing": 1}},
    ),
    "annotations of one id are all kept": (
        coco(box(3), box(2), box(2), box(3)),
        {
            "annotation_ids": [3, 2, 2, 3],
            "counts": {"duplicate_annotation_id": 2},
            "examples": {"duplicate_annotation_id": named(2, 3)},
        },
    ),
    "missing ids are not the same id": (
        coco(box("a"), box("a"), box(None), box(None)),
        {"counts": {"annotation_id_missing": 2, "duplicate_annotation_id": 1}},
    ),
    "file names stay as written": (
        coco(images=[image(n, file_name=name) for n, name in enumerate([*NAMES, 17])]),
        {"file_names": [*NAMES, "17"], "findings": ()},
    ),
    "missing file names are counted": (
        coco(images=[image(1), image(2, file_name=GONE), image(3, file_name=None)]),
        {"file_names": ["1.jpg", "", ""], "counts": {"file_name_missing": 2}},
    ),
    "without categories they are those of the annotations": (
        coco(*boxes("category_id", 7, 3, 7), categories=[]),
        {
            "classes": [(3, "3"), (7, "7")],
            "category_index": [1, 0, 1],
            "is_listed": None,
            "counts": {"categories_missing": 2},
        },
    ),
    "a category that is not listed is added and counted": (
        coco(*boxes("category_id", 9, 1, "x")),
        {
            "classes": [(1, "cat"), (9, "9"), ("x", "x")],
            "category_index": [1, 0, 2],
            "is_listed": [True, False, False],
            "counts": {"unknown_category": 2},
        },
    ),
    "an object without a category is kept in one of its own": (
        coco(*boxes("category_id", 1, GONE)),
        {
            "classes": [(1, "cat"), (None, "(none)")],
            "category_index": [0, 1],
            "is_listed": None,
            "counts": {"category_id_missing": 1},
        },
    ),
    "odd categories are mended": (
        coco(
            box(),
            categories=[
                *({"id": 1, "name": "cat"}, {"id": 2}, {"id": 3, "name": 5}),
                *({"id": 1, "name": "dog"}, "bird", {"name": "no id"}),
            ],
        ),
        {
            "classes": [(1, "dog"), (2, "2"), (3, "5")],
            "counts": {"duplicate_category_id": 1, "category_malformed": 2},
        },
    ),
    "a repeated equal image is one image and no loss": (
        coco(box(1, 1), box(2, 2), images=[image(1), image(2), image(1)]),
        {
            "image_ids": [1, 2],
            "left_out_images": {"duplicate_image_id": 1},
            "losses": [],
        },
    ),
    "of different images with one id the last wins": (
        coco(box(), images=[image(), image(width=50), image(2), image(file_name="b")]),
        {
            "file_names": ["b", "2.jpg"],
            "left_out_images": {"conflicting_image_id": 2},
            "losses": ["conflicting_image_id"],
        },
    ),
    "annotations of unknown images are left out": (
        coco(*boxes("image_id", 1, 99, GONE, None)),
        {
            "left_out": {"unknown_image": 1, "image_id_missing": 2},
            "losses": ["image_id_missing", "unknown_image"],
            "examples": {"unknown_image": named(1), "image_id_missing": named(2, 3)},
        },
    ),
    "unusable boxes are left out by reason": (
        coco(*boxes("bbox", *[[1, 2, 3, 4]] * 9, *UNUSABLE)),
        {
            "annotation_ids": list(range(9)),
            "left_out": LOSSES,
            "counts": LOSSES,
            "losses": list(LOSSES),
            "examples": {"bbox_out_of_range": named(17)},
        },
    ),
    "a usable image wins over an unusable one of its id": (
        coco(box(), images=[image(), image(width=0)]),
        {"num_objects": 1, "left_out_images": {"image_size_unknown": 1}},
    ),
    "of unusable images with one id the last says why objects go": (
        coco(
            *boxes("image_id", 1, 2),
            images=[image(1), image(2, width=0), image(2, width=2**31)],
        ),
        {
            "left_out": {"image_size_impossible": 1},
            "left_out_images": {"image_size_unknown": 1, "image_size_impossible": 1},
        },
    ),
    "images without a usable size go with their objects": (
        coco(
            *(box(place, place) for place in range(len(SIZES) + 2)),
            images=[
                image(0),
                *(image(place, width=size) for place, size in enumerate(SIZES, 1)),
                image(len(SIZES) + 1, width=GONE),
            ],
        ),
        {
            "image_ids": [0],
            "left_out": {"image_size_unknown": 9, "image_size_impossible": 3},
            "left_out_images": {"image_size_unknown": 9, "image_size_impossible": 3},
        },
    ),
    "a size beyond float64 is unknown, where all others are plain": (
        coco(images=[image(), image(2, width=10**400)]),
        {"image_ids": [1], "left_out_images": {"image_size_unknown": 1}},
    ),
    "images that are no objects are left out": (
        coco(images=[image(1), "2.jpg", image(3), {"width": 1, "height": 1}, image(5)]),
        {"image_ids": [1, 3, 5], "left_out_images": {"image_malformed": 2}},
    ),
    "huge and tiny images are used and counted": (
        coco(images=[image(1, width=10**9), image(2, height=23), image(3)]),
        {
            "num_images": 3,
            "counts": {"image_huge": 1, "image_tiny": 1},
            "examples": {"image_tiny": ("images[1] (id 2): 200x23",)},
        },
    ),
    "annotations that are no objects are left out": (
        coco(box(1), None, box(2), [1, 2], box(3)),
        {"annotation_index": [0, 2, 4], "left_out": {"annotation_malformed": 2}},
    ),
    "boxes over the border are kept and counted": (
        coco(*boxes("bbox", *OVER_THE_BORDER)),
        {
            "num_objects": 9,
            "counts": {
                "area_constant": 9,
                "bbox_outside_image": 4,
                "bbox_beyond_image": 2,
            },
            "examples": {"bbox_outside_image": named(5, 6, 7)},
        },
    ),
    "images that do not hold their boxes are named": (
        coco(*DOUBTFUL, images=DOUBTFUL_IMAGES),
        {
            "left_out": {},
            "examples": {"image_size_doubtful": ("images[1] (id 2): 3x1",)},
        },
    ),
    "half of the boxes outside is not most of them": (
        coco(*DOUBTFUL[:2], images=DOUBTFUL_IMAGES),
        {"counts": {"bbox_outside_image": 1, "image_tiny": 1}},
    ),
    "boxes between 0 and 1 look normalised": (
        coco(SMALL, AS_SMALL),
        {"counts": {"boxes_look_fractions": 2}},
    ),
    "a box larger than 1 is enough": (coco(SMALL, box(2)), {"findings": ()}),
    "in a small image they are small": (
        coco(SMALL, images=[image(width=4, height=4)]),
        {"counts": {"image_tiny": 1}},
    ),
    "a single small image does not keep all others from being looked at": (
        coco(
            *(SMALL, AS_SMALL, SMALL | {"id": 3, "image_id": 2}),
            images=[image(), image(2, width=30, height=30)],
        ),
        {"counts": {"image_tiny": 1, "boxes_look_fractions": 3}},
    ),
    "the first of several reasons counts": (
        coco(box(1), box(2, 99, bbox=None), box(3, 99, bbox=[1, 2, 3, 1e12]), box(4)),
        {"left_out": {"bbox_malformed": 1, "bbox_out_of_range": 1}},
    ),
    "a finding names at most three examples": (
        coco(*boxes("bbox", *[[1, 1, 0, 0]] * 9)),
        {"examples": {"bbox_without_extent": named(0, 1, 2)}},
    ),
}


@pytest.mark.parametrize(("content", "expected"), CASES.values(), ids=CASES)
def test_sloppy_files_are_read_as_meant_and_counted(content, expected):
    assert_holds(load(content), **expected)


def test_masks_are_kept_only_when_asked_for():
    polygon, rle = [[1, 2, 3, 4, 5, 6]], {"counts": "abc", "size": [100, 200]}
    content = coco(
        box(1, 2, segmentation=polygon),
        box(2, 1, segmentation=rle),
        box(3, 1),
        images=[image(1), image(2)],
    )
    assert load(content).segmentations is None
    assert load(content, masks=True).segmentations == (rle, None, polygon)
    content["annotations"][0]["area"] = "12"  # read one by one
    assert load(content, masks=True).segmentations == (rle, None, polygon)
    assert load(coco(), masks=True).segmentations == ()


def test_the_garbage_collector_is_left_as_it_was():
    load(coco(box()))
    assert gc.isenabled()
    gc.disable()
    try:
        load(coco(box()))
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_text_that_is_not_unicode_is_replaced_and_counted():
    text = json.dumps(coco(box(), images=[image(file_name="ZZ.jpg")]))
    path = Path("a.json")
    path.write_bytes(text.encode().replace(b"ZZ", b"\xff\xfe"))
    once = {"text_not_unicode": 1}
    assert_holds(load_coco(path), file_names=["\ufffd\ufffd.jpg"], counts=once)
    for lone in ("\\ud800", "\\uDfff", "\\ude00\\ud83d"):
        dataset = load(text.replace("ZZ", lone))
        assert set(dataset.file_names[0]) == set("\ufffd.jpg")
        assert counts(dataset) == once
    # A pair is one character; after an escaped backslash there is no escape.
    mixed = "\\ud83d\\ude00\\\\ud800\\ud800"
    assert load(text.replace("ZZ", mixed)).file_names[0].startswith("😀\\ud800\ufffd")
    assert load(text.replace("ZZ", mixed[:-6])).findings == ()


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "nan", "-inf"])
def test_bare_words_for_numbers_are_read_though_they_are_not_json(word):
    text = json.dumps(coco(box(1), box(2, bbox=[1, 2, 3, 777]), box(3)))
    assert load(text.replace("777", word)).left_out == {"bbox_not_finite": 1}


def test_bare_words_inside_names_are_left_alone():
    names = ['x, NaN, [Infinity] "nan", y\\', "NaN"]
    images = [image(n, file_name=name) for n, name in enumerate(names)]
    text = json.dumps(coco(box(2, 0, bbox=[1, 2, 3, 777]), box(1), images=images))
    dataset = load(text.replace("777", "NaN"))
    assert_holds(dataset, file_names=names, left_out={"bbox_not_finite": 1})


def test_boxes_without_extent_are_kept_and_counted():
    flat = ([5, 5, 0, 4], [5, 5, 4, 0], [50, 50, -3, 8], [5, 5, 1e-9, 1])
    dataset = load(coco(*boxes("bbox", *flat)))
    assert_holds(dataset, xywh=list(flat), counts={"bbox_without_extent": 3})
    assert the_finding(dataset, "bbox_without_extent").message == (
        "3 boxes have no extent (width or height 0 or less); the preset's data "
        "rules decide about them"
    )


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("count", [1, 2])
def test_every_finding_is_one_plain_sentence(reason, count):
    message = finding(reason, count).message
    assert str(count) in message
    assert not set("{|}\n") & set(message)
    assert not message.endswith(".")
    assert finding("unknown_category", 1).message == (
        "1 category used by annotations is not in categories; named by id, the "
        "preset's data rules decide about it"
    )
    losing = finding("unknown_image", 12345).message
    assert losing.startswith("12,345 annotations belong to an image id")


@pytest.mark.parametrize("step", [3, source.CHUNK_BYTES])
@pytest.mark.parametrize("num_members", [1, 3])
def test_gzip_is_known_by_content_in_any_pieces(monkeypatch, step, num_members):
    content = json.dumps(coco(box(), box(2)))
    size = -(-len(content) // num_members)
    pieces = (content[n * size : (n + 1) * size] for n in range(num_members))
    members = [gzip.compress(piece.encode()) for piece in pieces]
    Path("a.data").write_bytes(b"".join(members) + bytes(8))
    monkeypatch.setattr(source, "CHUNK_BYTES", step)
    assert_same(load(content), load_coco("a.data"))


def test_stdin_is_read_as_bytes(monkeypatch):
    data = gzip.compress(json.dumps(coco(box())).encode())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    assert_holds(load_coco("-"), files=("-",), file_sizes=(None,), num_objects=1)


def test_a_pipe_is_read(tmp_path):
    path = tmp_path / "pipe.json"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(json.dumps(coco(box())),))
    writer.start()
    assert load_coco(path).num_objects == 1
    writer.join()


def read_square(name: str, *, masks: bool) -> Dataset:
    """One image that is one box, as large as the file says."""
    side = int(Path(name).read_text())
    square = box(bbox=[0, 0, side, side], area=GONE)
    images = [image(width=side, height=side)]
    return load_coco(coco(square, images=images), masks=masks)


def test_a_format_that_is_registered_is_read_and_joined(monkeypatch):
    squares = loading.InputFormat(lambda name: name.endswith(".square"), read_square)
    monkeypatch.setattr(loading, "FORMATS", (squares, *loading.FORMATS))
    write("64", "a.square")
    both = load_coco("a.square", write(coco(box())))
    assert_holds(both, xywh=[[0, 0, 64, 64], [10, 20, 30.5, 40]])
    assert_holds(both, category_names=("cat",), counts={"area_missing": 1})


def test_ids_are_per_file_and_findings_add_up():
    flat = box(bbox=[9, 9, 0, 0])
    images = [image(2), image(1)]
    first = write(coco(flat | {"image_id": 2}, box(2, 1), images=images), "a.json")
    second = write(coco(flat | {"id": "x"}, box(2, 99)), "b.json")
    assert_holds(
        load_coco(first, second, masks=True),
        files=("a.json", "b.json"),
        file_sizes=tuple(path.stat().st_size for path in (first, second)),
        image_ids=[1, 2, 1],
        image_file=[0, 0, 1],
        object_offsets=[0, 1, 2, 3],
        annotation_ids=[2, 1, "x"],
        annotation_index=[1, 0, 0],
        num_annotations=4,
        left_out={"unknown_image": 1},
        counts={"unknown_image": 1, "bbox_without_extent": 2},
        segmentations=(None,) * 3,
        examples={"unknown_image": ("b.json: annotations[1] (id 2)",)},
    )


def test_classes_of_several_files_are_one_by_id_and_name_else_by_name():
    def classes(**names: int) -> list[Coco]:
        return [{"id": number, "name": name} for name, number in names.items()]

    first = write(coco(box(category_id=3), categories=classes(car=3, bus=4)), "a.json")
    second = write(
        coco(box(category_id=7), box(category_id=3), categories=classes(car=7, van=3)),
        "b.json",
    )
    dataset = load_coco(first, second)
    assert_holds(dataset, classes=[(3, "car"), (4, "bus"), (3, "van")])
    assert dataset.category_index.tolist() == [0, 0, 2]
    # Two classes of one name in one file stay two, and match by id and name.
    twins = [{"id": 1, "name": "car"}, {"id": 2, "name": "car"}]
    third = write(coco(box(category_id=2), categories=twins), "c.json")
    fourth = write(
        coco(box(category_id=2), box(category_id=1), categories=twins[::-1]), "d.json"
    )
    dataset = load_coco(third, fourth)
    assert_holds(dataset, category_ids=[1, 2], category_index=[1, 1, 0])


def test_a_class_that_one_file_lists_is_not_listed_for_another():
    named_9 = [{"id": 9, "name": "9"}]
    first = write(coco(box(category_id=9)), "a.json")
    second = write(coco(box(category_id=9), categories=named_9), "b.json")
    third = write(coco(box(category_id=9)), "c.json")
    dataset = load_coco(first, second, third)
    assert_holds(
        dataset,
        classes=[(1, "cat"), (9, "9"), (9, "9")],
        category_index=[1, 2, 1],
        is_listed=[True, False, True],
    )
    dataset = load_coco(second, third)
    assert_holds(dataset, category_index=[0, 2], is_listed=[True, True, False])


def test_a_pycocotools_object_gives_what_its_file_gives_and_is_only_read(capsys):
    from pycocotools.coco import COCO

    content = coco(
        box(1, 2, segmentation=[[1, 2, 3, 4, 5, 6]]),
        box(2, 1, iscrowd=1, segmentation={"counts": [1, 2], "size": [100, 200]}),
        box(3, 2, bbox=[0.25, 1.5, 20, 30], segmentation=[]),
        images=[image(2), image(1)],
    )
    path = write(content)
    loaded = COCO(str(path))
    capsys.readouterr()
    before = deepcopy(loaded.dataset)
    assert_same(load_coco(path, masks=True), load_coco(loaded, masks=True))
    assert_same(load_coco(path), load_coco(loaded.dataset))
    assert loaded.dataset == before


def test_lone_surrogates_in_a_coco_dict_are_replaced():
    content = coco(images=[image(1, file_name="\ud800.jpg")])
    dataset = load_coco(content)
    assert_holds(dataset, file_names=["\ufffd.jpg"], counts={"text_not_unicode": 1})
    content["images"].append(image("\udfff", width="\ud800"))
    dataset = load_coco(content)
    named = {"image_size_unknown": ("images[1] (id \ufffd)",)}
    assert_holds(dataset, left_out_images={"image_size_unknown": 1}, examples=named)


def test_numpy_values_in_a_coco_dict_are_numbers():
    content = coco(
        box(np.int64(5), np.int32(1), bbox=np.array([1, 2, 3, 4], np.float32)),
        box(6, 1, bbox=[np.float64(1), np.int64(2), 3, 4], iscrowd=np.bool_(True)),
        images=[image(np.int64(1), width=np.int64(200))],
    )
    dataset = load_coco(content)
    assert_holds(dataset, annotation_ids=[5, 6], is_crowd=[False, True])
    assert_holds(dataset, xywh=[[1, 2, 3, 4]] * 2)
    assert dataset.annotation_ids.dtype == np.int64


def tricky_file() -> Coco:
    """Entries with cuts to be misled by: nested objects, braces in strings."""
    parts = [{"x": 1}, {"y": {"z": 2}}, {}]
    extra = {"parts": parts, "segmentation": {"counts": "}, {", "size": [1, 2]}}
    annotations = [
        box(number, number % 5, note='a}, {"b": 1}, {' * (number % 3), **extra)
        for number in range(60)
    ]
    content = coco(*annotations, images=[image(row) for row in range(5)])
    return content | {"info": None, "extra": [1, {"annotations": []}]}


@pytest.mark.parametrize("window", [1, 7, 64, 300, 1000])
@pytest.mark.parametrize("indent", [None, 3])
def test_a_file_read_in_pieces_is_the_same_file(window, indent, monkeypatch):
    text = json.dumps(tricky_file(), indent=indent)
    whole = load(text, masks=True)
    assert whole.num_objects == 60
    monkeypatch.setattr(decode, "WINDOW_BYTES", window)
    assert_same(whole, load(text, masks=True))


def test_an_odd_entry_does_not_change_how_the_others_are_read(monkeypatch):
    monkeypatch.setattr(decode, "WINDOW_BYTES", 300)
    annotations: list[Any] = [box(number) for number in range(50)]
    annotations[17]["bbox"] = ["1", 2, 3, 4]
    annotations[31]["id"] = "x"
    annotations[40] = None
    images = [image(row) for row in range(30)]
    images[17]["width"] = 300.0
    images[23]["height"] = "90"
    # Their places are those in the whole list.
    assert_holds(
        load(coco(*annotations, images=images)),
        annotation_ids=[*range(31), "x", *range(32, 40), *range(41, 50)],
        examples={
            "number_as_text": named(17),
            "annotation_malformed": ("annotations[40]",),
            "image_size_float": ("images[17] (id 17)",),
            "image_size_as_text": ("images[23] (id 23)",),
        },
    )
