"""What `convert` wrote comes back as it was; what somebody damaged is refused."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.cli import run
from atss_inspect.errors import DataError
from atss_inspect.readers import load_coco
from atss_inspect.readers.columnar_tables import read_column
from tests.random_coco import random_coco
from tests.soundness import assert_same
from tests.tiny_coco import coco, street, write_coco

# What follows is a library's to say.
NO_DESCRIPTION = r"dataset\.json: is no description of a data set: "
PLAINLY = {"compression": "none", "use_dictionary": False}
pa = pytest.importorskip("pyarrow", reason="pyarrow is an extra")
parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is an extra")


def convert(*words: str) -> None:
    assert run(["-q", "convert", "-o", "set.atss", *words]) == 0


def there_and_back(*documents: dict[str, Any], parts: int = 1000) -> Dataset:
    """Write documents, convert the files and compare what is loaded."""
    names = [f"{place}.json" for place in range(len(documents))]
    for name, document in zip(names, documents, strict=True):
        write_coco(Path(name), document)
    words = [word for name in names for word in ("--ann", name)]
    convert(*words, "--images-per-part", str(parts), "--force")
    dataset = load_coco("set.atss")
    assert_same(load_coco(*names), dataset, apart=())
    return dataset


def street_without_ids() -> dict[str, Any]:
    document = street()
    del document["annotations"][0]["id"]
    del document["annotations"][1]["category_id"]
    document["annotations"][2]["id"] = "x"
    return document


@pytest.mark.parametrize("parts", [1, 3, 1000])
@pytest.mark.parametrize("seed", range(3))
def test_everything_comes_back_losses_and_findings_included(seed, parts):
    assert there_and_back(random_coco(seed), parts=parts).left_out


def test_several_files_come_back_as_several():
    assert there_and_back(street(), random_coco(1)).files == ("0.json", "1.json")


ODD = {
    "nothing": {"images": [], "annotations": [], "categories": []},
    "no objects": coco({1: []}),
    "one object": coco({1: [(10, 10, 20, 20)]}),
    "ids mixed": coco({"a": [(1, 2, 3, 4)], 7: [(5, 6, 7, 8)]}),
    "ids huge": coco({10**30: [(1, 2, 3, 4)], 2**63: []}),
    "ids missing": street_without_ids(),
    "categories not listed": {**street(), "categories": [{"id": 2, "name": "a"}]},
    "hostile": coco({'$x$ <b> "\n\u202e' + 300 * "x": [(1, 2, 3, 4)]}),
}


@pytest.mark.parametrize("document", ODD.values(), ids=ODD)
def test_the_smallest_and_the_oddest_come_back(document):
    there_and_back(document, parts=1)


def test_a_converted_set_stands_beside_a_json_file():
    there_and_back(street(), random_coco(1))
    write_coco(Path("2.json"), random_coco(2))
    for before, after in (((), ("2.json",)), (("2.json",), ())):
        whole = load_coco(*before, "0.json", "1.json", *after)
        assert_same(whole, load_coco(*before, "set.atss", *after), apart=())
        assert set(whole.image_file) == {0, 1, 2}


@pytest.mark.parametrize("num_pieces", [0, 1, 2])
def test_columns_in_any_number_of_pieces_are_read(num_pieces):
    piece = pa.array([7, 8])
    column = pa.chunked_array([piece] * num_pieces, pa.int64())
    found = read_column(Path("x"), pa.table({"n": column}), None)
    assert found.dtype == np.int64
    assert found.tolist() == [7, 8] * num_pieces
    flags = [pa.array([True, False, True])[1:]] * num_pieces
    table = pa.table({"n": pa.chunked_array(flags, pa.bool_())})
    found = read_column(Path("x"), table, np.bool_)
    assert found.tolist() == [False, True] * num_pieces


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("converted")
    ann = write_coco(place / "street.json", street())
    target = place / "set.atss"
    assert run(["-q", "convert", "--ann", str(ann), "-o", str(target)]) == 0
    return target


@pytest.fixture
def folder(converted: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(converted, "set.atss"))


def write_plainly(path: Path, table: Any, **options: Any) -> None:
    """Write a table in the layout of `convert`, or nearly."""
    parquet.write_table(table, path, **{**PLAINLY, **options})


def change(folder: Path, table: str, column: str, values: list[Any]) -> None:
    """Put other values into a column, and cut the other columns to their number."""
    path = folder / f"{table}-000.parquet"
    content = parquet.ParquetFile(path).read().slice(0, len(values))
    place = content.column_names.index(column)
    write_plainly(path, content.set_column(place, column, pa.array(values)))


def describe(folder: Path, **changes: Any) -> None:
    path = folder / "dataset.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, **changes}))


def test_masks_are_not_carried(folder):
    assert load_coco(folder, masks=True).segmentations == (None,) * 9
    assert load_coco(folder).segmentations is None


def test_the_folder_needs_no_suffix(folder):
    folder.rename("set")
    assert load_coco("set").num_objects == 9


def test_pandas_is_not_loaded(folder):
    code = (
        f"import sys, atss_inspect; atss_inspect.load_coco('{folder}'); "
        "sys.exit('pandas' in sys.modules)"
    )
    assert os.spawnl(os.P_WAIT, sys.executable, sys.executable, "-c", code) == 0


def refused(folder: Path, pattern: str) -> None:
    """The folder must be refused with this message, and say what to do."""
    with pytest.raises(DataError, match=pattern) as caught:
        load_coco(folder)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("format", "something else", NO_DESCRIPTION),
        ("schema_version", 2, "schema_version: expected 1, got 2"),
        ("schema_version", "x", NO_DESCRIPTION),
        ("files", [], NO_DESCRIPTION),
        ("parts", [], NO_DESCRIPTION),
        ("parts", [{"num_images": -1, "num_objects": 0}], NO_DESCRIPTION),
        ("categories", [], "column category_index, row 0: .*expected none"),
        ("findings", [{"reason": "x", "count": 1}], 'unknown reason "x"'),
        ("num_annotations", 4, "does not fit the tables: num_annotations is 4"),
        ("num_annotations", "4", NO_DESCRIPTION),
    ],
)
def test_a_wrong_description_is_refused(folder, key, value, found):
    describe(folder, **{key: value})
    refused(folder, found)


@pytest.mark.parametrize(
    ("table", "column", "values", "found"),
    [
        ("objects", "x", [1.5] * 8, "expected 9 rows, got 8"),
        ("objects", "is_crowd", [0] * 9, "column is_crowd: expected bool, got int64"),
        ("objects", "annotation_id", ["[]"] * 9, "neither a number nor text"),
        ("images", "num_objects", [3, 3, 3, 3], "num_objects: expected a sum of 9"),
        ("images", "num_objects", [10, -1, 0, 0], "row 1: -1; expected 0 "),
        ("images", "num_objects", [2**62] * 4, "num_objects: expected a sum of 9"),
        ("images", "file_name", [1] * 4, "file_name: expected string, got int64"),
    ],
)
def test_a_wrong_table_is_refused(folder, table, column, values, found):
    change(folder, table, column, values)
    refused(folder, found)


@pytest.mark.parametrize("column", ["file_name", "num_objects"])
def test_a_table_that_is_packed_is_refused(folder, column):
    path = folder / "images-000.parquet"
    table = parquet.ParquetFile(path).read()
    write_plainly(path, table, use_dictionary=[column])
    refused(folder, f"{column}: .*, rle_dictionary")


def test_more_rows_than_a_file_can_hold_are_refused(folder):
    path = folder / "images-000.parquet"
    table = parquet.ParquetFile(path).read().slice(3)
    many = pa.concat_tables([table] * 20_000).combine_chunks()
    write_plainly(path, many, use_dictionary=True, compression="zstd")
    describe(folder, parts=[{"num_images": 20_000, "num_objects": 9}])
    refused(folder, r"images-000\.parquet: claims 20,000 rows in [\d,]+ bytes")


def test_columns_of_others_are_not_looked_at(folder):
    path = folder / "objects-000.parquet"
    table = parquet.ParquetFile(path).read()
    more = table.append_column("mine", pa.array([["x"]] * 9))
    write_plainly(path, more, use_dictionary=["mine"])
    assert load_coco(folder).num_objects == 9


@pytest.mark.parametrize("span", [9, 10_000])
def test_annotations_of_one_file_must_be_told_apart(folder, span):
    counts = {"num_images": 4, "num_categories": 3}
    files = [{"path": "a", "num_annotations": span, **counts}]
    lost = {"unknown_image": span - 9} if span > 9 else {}
    told = [{"reason": each, "count": lost[each]} for each in lost]
    describe(folder, files=files, left_out=lost, findings=told, num_annotations=span)
    change(folder, "objects", "annotation_index", [*range(8), span - 1])
    assert load_coco(folder).num_objects == 9
    change(folder, "objects", "annotation_index", [*range(7), span - 1, span - 1])
    refused(folder, r"files\[0\]: an annotation_index is there twice")


def test_two_files_may_have_the_same_ids_and_one_file_may_not(folder):
    counts = {"num_images": 2, "num_categories": 3, "num_annotations": 9}
    files = [{"path": name, **counts} for name in "ab"]
    describe(folder, files=files)
    change(folder, "images", "image_id", [2, 3, 2, 3])
    refused(folder, r"files\[0\]: expected 2 images, got 4")
    change(folder, "images", "file_index", [0, 0, 1, 1])
    assert load_coco(folder).image_ids.tolist() == [2, 3, 2, 3]
    change(folder, "images", "image_id", [2, 2, 3, 3])
    refused(folder, r"files\[0\]: image id 2 is there twice")


def test_a_single_file_of_the_folder_is_answered_with_the_folder(folder):
    with pytest.raises(DataError, match="one file of what `convert` wrote") as caught:
        load_coco(folder / "dataset.json")
    assert caught.value.hint == f"did you mean {folder}"
    with pytest.raises(DataError, match="is a Parquet file") as caught:
        load_coco(next(folder.glob("objects-*.parquet")))
    assert caught.value.hint == "of what `convert` wrote, name the folder"


def test_without_pyarrow_it_says_how_to_get_it(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(DataError, match="needs pyarrow") as caught:
        load_coco(folder)
    assert caught.value.hint == "pip install 'atss-inspect[parquet]'"
