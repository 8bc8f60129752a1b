"""A table in parts: the same rows as in one file."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atss_inspect.errors import OutputError
from atss_inspect.writers.tables import open_parts, open_table

SCHEMA = {"number": np.dtype(np.int64), "name": np.dtype(object)}


def rows(start: int, stop: int) -> dict[str, np.ndarray]:
    numbers = np.arange(start, stop)
    return {"number": numbers, "name": np.array([f"n{n}" for n in numbers], object)}


def write(blocks, rows_per_part: int, table_format: str = "jsonl", **options) -> None:
    options |= {"table_format": table_format, "rows_per_part": rows_per_part}
    with open_parts("rows", SCHEMA, **options) as parts:
        for start, stop in blocks:
            parts.write(rows(start, stop))


def lengths() -> list[int]:
    return [len(p.read_bytes().splitlines()) for p in sorted(Path("rows").iterdir())]


def formats() -> list[Any]:
    """List the formats, the one that needs an extra marked as such."""
    is_there = importlib.util.find_spec("pyarrow") is not None
    mark = pytest.mark.skipif(not is_there, reason="pyarrow is an extra")
    return ["csv", "jsonl", "npz", pytest.param("parquet", marks=mark)]


@pytest.mark.parametrize(
    ("rows_per_part", "expected"),
    [(1, [1] * 7), (3, [3, 3, 1]), (7, [7]), (100, [7]), (2, [2, 2, 2, 1])],
)
def test_parts_are_full_but_the_last(rows_per_part, expected):
    write([(0, 2), (2, 2), (2, 7)], rows_per_part)
    assert lengths() == expected
    texts = [path.read_text() for path in sorted(Path("rows").iterdir())]
    lines = "".join(texts).splitlines()
    assert [json.loads(line)["number"] for line in lines] == list(range(7))


def test_parts_are_named_by_number_and_format_and_no_rows_are_an_empty_one():
    write([(0, 2)], 1, "csv")
    names = sorted(path.name for path in Path("rows").iterdir())
    assert names == ["part-00000.csv", "part-00001.csv"]
    assert Path("rows/part-00001.csv").read_text() == "number,name\n1,n1\n"
    write([], 5, "csv", force=True)
    assert [path.name for path in Path("rows").iterdir()] == ["part-00000.csv"]
    assert Path("rows/part-00000.csv").read_text() == "number,name\n"


@pytest.mark.parametrize("table_format", formats())
def test_a_part_is_the_file_that_the_same_rows_make(table_format):
    write([(0, 5)], 5, table_format)
    with open_table(f"one.{table_format}", SCHEMA) as table:
        table.write(rows(0, 5))
    part = Path(f"rows/part-00000.{table_format}")
    assert part.read_bytes() == Path(f"one.{table_format}").read_bytes()


@pytest.mark.parametrize("table_format", ["csv", "npz"])
def test_a_table_given_up_leaves_the_old_parts(tmp_path, table_format):
    write([(0, 3)], 1, table_format)

    def give_up() -> None:
        options = {"table_format": table_format, "rows_per_part": 2, "force": True}
        with open_parts("rows", SCHEMA, **options) as parts:
            parts.write(rows(5, 10))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()
    assert len(list(Path("rows").iterdir())) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]


def test_replacing_leaves_no_part_of_the_old_table():
    write([(0, 5)], 1)
    with pytest.raises(OutputError, match="rows: exists already"):
        write([(0, 5)], 5)
    write([(0, 5)], 5, force=True)
    assert lengths() == [5]
