"""Whatever is done to a valid file: a result that adds up, or one ``DataError``."""

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atss_inspect.errors import DataError
from atss_inspect.readers import load_coco
from atss_inspect.readers.coco import OBJECT_NAME
from tests.soundness import counts, read_soundly

from .test_readers import box, coco, image, write

# One file, overwritten by each example, in the test's own empty folder.
reused_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(),
    st.floats(),
    st.sampled_from(["", "1", "1.5", "nan", "-inf", "a", "1e999", "é", "\ud800"]),
    st.sampled_from([2**31, 2**63, 2**64, -(2**63), 10**400, 1e308]),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["id", "bbox", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
numbers = st.one_of(
    st.integers(-20, 220), st.floats(-50, 250).map(lambda x: round(x, 2))
)
boxes = st.lists(numbers, min_size=4, max_size=4)


def valid_file(rows: list[int], corners: list[list[float]]) -> dict[str, Any]:
    annotations = [
        box(number, row, bbox=corner, category_id=1 + row % 2)
        for number, (row, corner) in enumerate(zip(rows, corners, strict=False))
    ]
    categories = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
    images = [image(row) for row in (3, 0, 1, 2)]
    return coco(*annotations, images=images, categories=categories)


valid_files = st.builds(
    valid_file,
    st.lists(st.integers(0, 3), max_size=12),
    st.lists(boxes, min_size=12, max_size=12),
)


def mutate(content: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["images", "annotations", "categories"]))
    entries = content.get(name)
    if not isinstance(entries, list) or not entries:
        content[name] = data.draw(values)
        return
    place = data.draw(st.integers(0, len(entries) - 1))
    entry = entries[place]
    kind = data.draw(st.sampled_from(["replace", "remove", "repeat", "entry", "list"]))
    if kind == "repeat":
        entries.append(entry)
    elif kind == "list":
        content[name] = data.draw(values)
    elif kind == "entry" or not isinstance(entry, dict) or not entry:
        entries[place] = data.draw(values)
    else:
        key = data.draw(st.sampled_from(sorted(entry)))
        changed = dict(entry)
        del changed[key]
        if kind == "replace":
            changed[key] = data.draw(values)
        entries[place] = changed


@reused_folder
@given(valid_files, st.data())
def test_no_mutation_crashes_or_loses_count(content, data):
    for _ in range(data.draw(st.integers(1, 5))):
        mutate(content, data)
    write(content)
    read_soundly("a.json")


@reused_folder
@given(valid_files, st.data())
def test_a_loaded_object_gives_what_its_file_gives(content, data):
    for _ in range(data.draw(st.integers(0, 3))):
        mutate(content, data)
    # What Python's json reads, as pycocotools would hold it.
    loaded = json.loads(write(content).read_text(encoding="utf-8"))
    try:
        dataset = load_coco("a.json")
    except DataError as error:
        told = re.escape(str(error).replace("a.json", OBJECT_NAME))
        with pytest.raises(DataError) as caught:
            load_coco(loaded)
        assert re.fullmatch(told, str(caught.value))
        return
    other = load_coco(loaded)
    # A list as file_name prints a lone surrogate in it as an escape, once decoded.
    loose = {"file_names"} if "\\ud800" in json.dumps(content) else set()
    for name, value in vars(dataset).items():
        if isinstance(value, np.ndarray) and name not in loose:
            np.testing.assert_array_equal(value, getattr(other, name), err_msg=name)
    assert dataset.left_out == other.left_out
    assert dataset.left_out_images == other.left_out_images
    if not loose:
        assert dataset.findings == other.findings


ENDLESS = st.sampled_from([math.nan, math.inf, -math.inf])
NUMBERS = {
    "images": ("id", "width", "height", "file_name"),
    "annotations": ("id", "image_id", "category_id", "area", "iscrowd", "ignore"),
    "categories": ("id", "name"),
}


@reused_folder
@given(valid_files, st.data())
def test_nan_and_infinity_in_any_field_are_told_alike_from_file_and_object(
    content, data
):
    written = 0
    for name, fields in NUMBERS.items():
        for entry in content[name]:
            for field in data.draw(st.sets(st.sampled_from(fields), max_size=2)):
                entry[field] = data.draw(ENDLESS)
                written += field != "area"
            if name == "annotations" and data.draw(st.booleans()):
                entry["bbox"][data.draw(st.integers(0, 3))] = data.draw(ENDLESS)
    try:
        dataset = load_coco(write(content))
    except DataError:
        with pytest.raises(DataError):
            load_coco(content)
        return
    other = load_coco(content)
    assert dataset.findings == other.findings
    assert counts(dataset).get("number_not_finite", 0) == written
    assert np.isfinite(other.xywh).all()
    assert np.isfinite(other.areas).all()
    for name in ("xywh", "areas", "is_crowd", "is_ignored", "image_sizes"):
        np.testing.assert_array_equal(getattr(dataset, name), getattr(other, name))
    assert dataset.left_out == other.left_out


@reused_folder
@given(valid_files, st.integers(0, 10_000), st.binary(max_size=3))
def test_no_damage_to_the_bytes_crashes(content, place, noise):
    data = json.dumps(content).encode()
    place %= len(data)
    Path("a.json").write_bytes(data[:place] + noise + data[place + len(noise) :])
    read_soundly("a.json")


@reused_folder
@given(valid_files)
def test_columns_are_those_a_plain_loop_reads(content):
    dataset = load_coco(write(content))
    expected = [
        (image_id, place)
        for image_id in range(4)
        for place, entry in enumerate(content["annotations"])
        if entry["image_id"] == image_id
    ]
    assert dataset.annotation_index.tolist() == [place for _, place in expected]
    rows = np.repeat(np.arange(4), np.diff(dataset.object_offsets))
    assert dataset.image_ids[rows].tolist() == [image_id for image_id, _ in expected]
    for row, (_, place) in enumerate(expected):
        entry = content["annotations"][place]
        assert dataset.xywh[row].tolist() == entry["bbox"]
        assert dataset.annotation_ids[row] == entry["id"]
        index = dataset.category_index[row]
        assert dataset.category_ids[index] == entry["category_id"]
