"""A data set as tables: what stands in them, and how ids of all kinds are kept."""

import json

import numpy as np
import pytest

from atss_inspect.annotations import columnar
from atss_inspect.readers import load_coco
from atss_inspect.readers.ids import object_array
from tests.random_coco import random_dataset
from tests.tiny_coco import coco, street


def test_tables_have_the_columns_that_are_listed():
    whole = random_dataset(1)
    for table, expected in (
        (columnar.image_table(whole), columnar.IMAGE_COLUMNS),
        (columnar.object_table(whole), columnar.OBJECT_COLUMNS),
    ):
        assert list(table) == list(expected)
        for name, dtype in expected.items():
            assert table[name].dtype == (np.int64 if dtype is None else dtype)


def test_objects_count_from_image_to_image():
    # The street's images are 2, 3, 7 and 10, sorted; 7 is empty.
    table = columnar.image_table(load_coco(street()))
    assert table["image_id"].tolist() == [2, 3, 7, 10]
    assert table["num_objects"].tolist() == [3, 3, 0, 3]


@pytest.mark.parametrize("images_per_part", [1, 3, 8, 100])
def test_parts_hold_every_image_once(images_per_part):
    whole = random_dataset(2)
    parts = list(columnar.split(whole, images_per_part))
    assert len(parts) == -(-whole.num_images // images_per_part)
    found = np.concatenate([part.image_ids for part in parts])
    assert found.tolist() == whole.image_ids.tolist()
    assert sum(part.num_objects for part in parts) == whole.num_objects


def test_a_set_without_images_is_one_empty_part():
    [part] = columnar.split(load_coco(coco({})), 10)
    assert part.num_images == part.num_objects == 0


def test_integer_ids_stay_numbers():
    ids = np.array([3, -1, 2**62])
    assert columnar.encode_ids(ids) is ids


def test_ids_of_all_kinds_come_back():
    ids = object_array([12, "12", None, 10**40, 'a"b\n\u202e', "", "null", -5])
    texts = columnar.encode_ids(ids)
    assert all(isinstance(text, str) for text in texts)
    found = columnar.decode_ids(texts.tolist())
    assert found.tolist() == ids.tolist()
    assert list(map(type, found)) == list(map(type, ids))


@pytest.mark.parametrize("text", ["1.5", "[1]", "true", "1,2", "", "{}"])
def test_texts_that_are_no_ids_are_refused(text):
    with pytest.raises(ValueError, match=r"."):
        columnar.decode_ids([text])


def test_the_description_names_format_and_version():
    whole = random_dataset(3)
    document = json.loads(columnar.describe(whole, [whole], "1.2.3"))
    names = ("format", "schema_version", "tool_version")
    expected = [columnar.FORMAT, columnar.SCHEMA_VERSION, "1.2.3"]
    assert [document[name] for name in names] == expected
    part = {"num_images": whole.num_images, "num_objects": whole.num_objects}
    assert document["parts"] == [part]
