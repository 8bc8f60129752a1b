"""The same rows in every format, the same bytes in every run."""

import csv
import io
import json
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from atss_inspect.errors import OutputError
from atss_inspect.writers import tables
from atss_inspect.writers.documents import shortest_float32
from atss_inspect.writers.tables import open_table

from .test_writers_parts import formats

FORMATS = formats()
SCHEMA = {
    "image_id": np.int64,
    "name": object,
    "level": np.int8,
    "iou": np.float32,
    "mean": np.float64,
    "is_tied": np.bool_,
}


def objects(*values: object) -> np.ndarray[Any, Any]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def write_table(target: Path, columns: dict[str, np.ndarray]) -> None:
    schema = {name: column.dtype for name, column in columns.items()}
    with open_table(target, schema) as table:
        table.write(columns)


def few_rows() -> dict[str, np.ndarray[Any, Any]]:
    return {
        "image_id": np.array([139, 285, 2**40]),
        "name": objects('a "big", dog', None, "中文\nline"),
        "level": np.array([0, 4, 1], dtype=np.int8),
        "iou": np.array([0.1, np.nan, 1.0], dtype=np.float32),
        "mean": np.array([1 / 3, 1e-12, np.nan]),
        "is_tied": np.array([True, False, True]),
    }


CSV = (
    "image_id,name,level,iou,mean,is_tied\n"
    '139,"a ""big"", dog",0,0.1,0.3333333333333333,true\n'
    "285,,4,,1e-12,false\n"
    '1099511627776,"中文\nline",1,1.0,,true\n'
)


def test_csv_is_exactly_this_and_reads_back():
    columns = few_rows()
    write_table("out.csv", columns)
    assert Path("out.csv").read_text(encoding="utf-8") == CSV
    frame = pd.read_csv("out.csv")
    np.testing.assert_array_equal(frame["iou"].astype(np.float32), columns["iou"])
    np.testing.assert_array_equal(frame["mean"], columns["mean"])
    assert frame["name"].tolist()[::2] == columns["name"].tolist()[::2]


def test_parquet_holds_types_and_nulls():
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is an extra")
    write_table("out.parquet", few_rows())
    table = parquet.read_table("out.parquet")
    kinds = ["int64", "string", "int8", "float", "double", "bool"]
    assert [str(kind) for kind in table.schema.types] == kinds
    assert table["iou"].null_count == 1
    assert table["name"].to_pylist() == ['a "big", dog', None, "中文\nline"]


def test_json_lines_are_exactly_this(tmp_path):
    write_table(tmp_path / "out.jsonl", few_rows())
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    null = '{"image_id":285,"name":null,"level":4,"iou":null'
    assert lines[1] == null + ',"mean":1e-12,"is_tied":false}'
    assert json.loads(lines[0])["name"] == 'a "big", dog'
    assert len(lines) == 3


def test_npz_holds_the_arrays(tmp_path):
    write_table(tmp_path / "out.npz", few_rows())
    with np.load(tmp_path / "out.npz", allow_pickle=False) as archive:
        assert archive.files == list(SCHEMA)
        for name, column in few_rows().items():
            if name != "name":
                assert archive[name].dtype == column.dtype
                np.testing.assert_array_equal(archive[name], column)
        assert archive["name"].tolist() == ['a "big", dog', "", "中文\nline"]


@given(texts=st.lists(st.text(st.characters(codec="utf-8")), min_size=1))
@example(texts=["", " ", "a,b", '"', "\r", "\n", "-1", "=1+1", "null"])
def test_any_text_survives_csv(texts):
    stream = io.BytesIO()
    table = tables.CsvTable(stream, {"text": object, "place": np.int64})
    table.write({"text": objects(*texts), "place": np.arange(len(texts))})
    text = io.StringIO(stream.getvalue().decode(), newline="")
    rows = list(csv.reader(text, strict=True))[1:]
    assert [row[0] for row in rows] == texts


@pytest.mark.parametrize("suffix", FORMATS)
def test_blocks_make_the_same_file_as_one_table(tmp_path, suffix):
    rows = few_rows()
    write_table(tmp_path / f"whole.{suffix}", rows)
    with open_table(tmp_path / f"parts.{suffix}", SCHEMA) as table:
        for part in (slice(0, 1), slice(1, 1), slice(1, 3)):
            table.write({name: column[part] for name, column in rows.items()})
    whole = (tmp_path / f"whole.{suffix}").read_bytes()
    assert (tmp_path / f"parts.{suffix}").read_bytes() == whole


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_table_without_rows_has_its_columns(tmp_path, suffix):
    target = tmp_path / f"out.{suffix}"
    with open_table(target, SCHEMA):
        pass
    if suffix == "csv":
        assert target.read_text() == ",".join(SCHEMA) + "\n"
    elif suffix == "jsonl":
        assert target.read_bytes() == b""
    elif suffix == "npz":
        with np.load(target) as archive:
            assert {name: len(archive[name]) for name in archive} == dict.fromkeys(
                SCHEMA, 0
            )
            assert archive["iou"].dtype == np.float32
    else:
        assert list(pd.read_parquet(target).columns) == list(SCHEMA)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_table_given_up_leaves_nothing(tmp_path, suffix):
    def give_up() -> None:
        with open_table(tmp_path / f"out.{suffix}", SCHEMA) as table:
            table.write(few_rows())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()
    assert list(tmp_path.iterdir()) == []


def test_mixed_ids_become_text():
    columns = {"share %, all": objects(7, "a7", None)}  # no name of Python either
    for suffix in ("csv", "jsonl", "npz"):
        write_table(f"out.{suffix}", columns)
    assert Path("out.csv").read_text() == '"share %, all"\n7\na7\n\n'
    assert Path("out.jsonl").read_text().splitlines()[0] == '{"share %, all":7}'
    with np.load("out.npz") as archive:
        assert archive["share %, all"].tolist() == ["7", "a7", ""]


def test_text_that_grows_in_later_blocks_is_not_cut():
    with open_table("out.npz", {"name": "U1"}) as table:
        table.write({"name": np.array(["a"])})
        table.write({"name": np.array(["much longer"])})
    with np.load("out.npz") as archive:
        assert archive["name"].tolist() == ["a", "much longer"]


@pytest.mark.parametrize(
    "columns",
    [
        {"a": np.zeros(2)},
        {"a": np.zeros(2), "b": np.zeros(3)},
        {"a": np.zeros((2, 2)), "b": np.zeros((2, 2))},
        dict.fromkeys("abc", np.zeros(2)),
    ],
    ids=["missing", "other length", "two axes", "unknown"],
)
def test_columns_that_do_not_fit_are_refused(columns):
    table = tables.CsvTable(io.BytesIO(), {"a": np.float64, "b": np.float64})
    with pytest.raises(ValueError, match="columns must"):
        table.write(columns)


def test_parquet_without_pyarrow_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(OutputError, match="Parquet needs pyarrow") as caught:
        write_table(tmp_path / "out.parquet", few_rows())
    assert caught.value.hint == "pip install 'atss-inspect[parquet]'"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "npz"])
def test_memory_does_not_grow_with_the_rows(tmp_path, suffix):
    block = {"place": np.arange(2_000), "iou": np.linspace(0, 1, 2_000)}
    schema = {name: column.dtype for name, column in block.items()}
    tracemalloc.start()
    try:
        with open_table(tmp_path / f"out.{suffix}", schema) as table:
            table.write(block)
            _, peak_of_one = tracemalloc.get_traced_memory()
            for _ in range(20):
                table.write(block)
        _, peak_of_many = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_of_many < peak_of_one * 1.5 + 100_000


finite_float32 = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(values=st.lists(finite_float32, max_size=50))
@example(values=[0.0, -0.0, 1.0, 0.1, 1e-45, 3.4028234663852886e38, 1e-9, 999999.94])
def test_float32_gets_the_digits_numpy_gives_it(values):
    many = np.random.default_rng(0).random(1000)
    array = np.array([*values, *many], dtype=np.float32)
    expected = [float(str(value)) for value in array]
    assert shortest_float32(array).tolist() == expected
    np.testing.assert_array_equal(shortest_float32(array).astype(np.float32), array)


def test_float32_that_is_no_number_stays():
    array = np.array([np.nan, np.inf, -np.inf], dtype=np.float32)
    np.testing.assert_array_equal(shortest_float32(array), array.astype(np.float64))
    assert shortest_float32(np.zeros((0, 3), dtype=np.float32)).shape == (0, 3)
