"""Tables go to pyarrow, polars and DuckDB as they are, by their Arrow capsules."""

from typing import Any

import pandas as pd
import pytest

from atss_inspect import load_coco, objects_table, positives_table, preset, tune
from tests.tiny_coco import street
from tests.tuned_scenes import of_one_shape

pyarrow = pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def tables() -> dict[str, Any]:
    """All public tables, under presets that leave columns without values."""
    dataset = load_coco(street())
    both = [preset("atss-mmdet"), preset("yolo11")]
    return {
        "objects": objects_table(dataset, both),
        "positives": positives_table(dataset, preset("fcos-mmdet")),
        "tuning": tune(of_one_shape(12, 30), preset("retinanet-mmdet"), free_only=True),
    }


NAMES = ("objects", "positives", "tuning")


@pytest.mark.parametrize("name", NAMES)
def test_pyarrow_takes_a_table_with_missing_values_as_null(tables, name):
    table = pyarrow.table(tables[name])
    frame = tables[name] if name != "tuning" else tables[name].to_frame()
    assert table.column_names == list(frame.columns)
    back = table.to_pandas()
    for column in frame:
        kept = [None if pd.isna(each) else each for each in frame[column]]
        assert [None if pd.isna(each) else each for each in back[column]] == kept


@pytest.mark.parametrize("name", NAMES)
def test_polars_and_duckdb_take_what_pyarrow_takes(tables, name):
    polars, duckdb = pytest.importorskip("polars"), pytest.importorskip("duckdb")
    number = pyarrow.table(tables[name]).num_rows
    assert polars.DataFrame(tables[name]).height == number
    assert duckdb.from_arrow(tables[name]).count("*").fetchall() == [(number,)]
