"""`export`: the files it writes, and what it refuses."""

import csv
import gzip
import io
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import atss_inspect
from atss_inspect import load_coco, objects_table, positives_table, preset
from atss_inspect.cli import run
from tests.tiny_coco import coco, street, write_coco

Captured = pytest.CaptureFixture[str]
POSITIVE_COLUMNS = [
    "image_id",
    "ann_id",
    "annotation_index",
    "level",
    "cell_y",
    "cell_x",
    "anchor",
    "iou",
]


@pytest.fixture(autouse=True)
def _annotations() -> None:
    write_coco(Path("street.json"), street())


def export(*words: str) -> int:
    """Run the command on the street."""
    return run(["export", *words, "--ann", "street.json"])


def printed(capsys: Captured, *words: str) -> list[dict[str, str]]:
    """Run the command and read the CSV it prints."""
    assert export(*words) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_positives_are_printed_as_csv(capsys: Captured) -> None:
    rows = printed(capsys, "positives")
    assert list(rows[0]) == POSITIVE_COLUMNS
    table = positives_table(load_coco("street.json"), preset("atss-mmdet"))
    assert len(rows) == len(table) > 0
    for name in POSITIVE_COLUMNS[:-1]:
        assert [int(row[name]) for row in rows] == table[name].tolist()
    ious = [np.float32(row["iou"]) for row in rows]
    assert ious == table["iou"].tolist()


def test_the_first_lines_of_positives(capsys: Captured) -> None:
    document = coco({"a,b": [(100, 100, 60, 60)]})
    write_coco(Path("one.json"), document)
    arguments = ["export", "positives", "--ann", "one.json", "--set", "k=1"]
    assert run(arguments) == 0
    # 640 x 480 becomes 1067 x 800: the box spans 166.7 to 266.7, its center is 216.7.
    # The nearest centers are cell 27 (216) on P3, 14 (224) on P4, 7 (224) on P5, 3
    # (192) on P6 and 2 (256) on P7, with sides of 64, 128, 256, 512 and 1024: IoU
    # 0.41 and 0.61, 0.15 and less. Mean + deviation lets P4 alone through.
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == ",".join(POSITIVE_COLUMNS)
    assert lines[1].rpartition(",")[0] == '"a,b",100,0,1,14,14,0'
    assert len(lines) == 2


def test_the_iou_of_fcos_is_empty_in_every_format() -> None:
    for suffix in ("csv", "jsonl", "npz", "parquet"):
        assert export("positives", "-p", "fcos-mmdet", "-o", f"out.{suffix}") == 0
    header, *lines = Path("out.csv").read_text(encoding="utf-8").splitlines()
    assert header.endswith(",iou")
    assert lines
    assert all(line.endswith(",") for line in lines)
    records = Path("out.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(record)["iou"] for record in records} == {None}
    assert np.isnan(np.load("out.npz")["iou"]).all()
    assert pd.read_parquet("out.parquet")["iou"].isna().all()


@pytest.mark.parametrize("kind", ["positives", "objects", "left-out"])
def test_formats_hold_the_same_rows(kind: str) -> None:
    document = street()
    document["annotations"][2]["iscrowd"] = 1
    write_coco(Path("street.json"), document)
    for suffix in ("csv", "jsonl", "npz", "parquet"):
        assert export(kind, "-o", f"out.{suffix}") == 0
    read = {
        "csv": pd.read_csv("out.csv"),
        "jsonl": pd.read_json("out.jsonl", lines=True),
        "npz": pd.DataFrame(dict(np.load("out.npz"))),
        "parquet": pd.read_parquet("out.parquet"),
    }
    table = read.pop("parquet")
    assert len(table) > 0
    for other in read.values():
        pd.testing.assert_frame_equal(
            plain_nulls(other),
            plain_nulls(table),
            check_dtype=False,
            rtol=1e-6,
            check_exact=False,
        )


def plain_nulls(table: pd.DataFrame) -> pd.DataFrame:
    """Make all missing texts None: formats read back as None, NaN or an empty text."""
    texts = [name for name in ("cause", "lost_to") if name in table]
    return table.assign(
        **{
            name: [
                None if pd.isna(each) or each == "" else str(each)
                for each in table[name]
            ]
            for name in texts
        }
    )


def test_objects_are_those_of_the_table_in_python(capsys: Captured) -> None:
    names = ("atss-mmdet", "rpn-mmdet")
    rows = printed(capsys, "objects", *(f"-p{name}" for name in names))
    table = objects_table(load_coco("street.json"), [preset(name) for name in names])
    assert list(rows[0]) == list(table.columns)
    assert [row["preset"] for row in rows] == list(names) * 9
    assert [row["class"] for row in rows] == table["class"].tolist()
    assert [int(row["positives_P2"]) for row in rows] == table["positives_P2"].tolist()
    assert rows[1]["iou_threshold"] == rows[1]["candidate_std"] == ""
    assert {row["is_tied"] for row in rows} == {"true", "false"}


def test_objects_left_out_are_listed_with_the_reason(capsys: Captured) -> None:
    document = street()
    document["annotations"][2]["iscrowd"] = 1
    write_coco(Path("street.json"), document)
    [row] = printed(capsys, "left-out")
    assert (row["annotation_index"], row["reason"]) == ("2", "crowd")
    assert export("objects", "-p", "atss-mmdet", "-p", "fcos-mmdet") == 0
    listed = capsys.readouterr()
    assert listed.err == (
        "note: 2 objects left out by the data rules over all presets; "
        "`atss-inspect export left-out` says why\n"
    )
    kept = list(csv.DictReader(io.StringIO(listed.out)))
    assert len(kept) == 16
    assert "2" not in [row["annotation_index"] for row in kept]


def test_several_files_have_a_column_of_their_own(capsys: Captured) -> None:
    write_coco(Path("other.json"), coco({2: [(40, 40, 90, 90)]}))
    code = run(["export", "objects", "--ann", "street.json", "--ann", "other.json"])
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    files = [row["file"] for row in rows]
    assert files == ["street.json"] * 9 + ["other.json"]
    assert list(rows[0])[:3] == ["preset", "file", "image_id"]


def test_what_the_user_left_out_is_not_called_left_out(capsys: Captured) -> None:
    assert export("objects", "--size", "tiny", "--image", "2", "-o", "t.csv") == 0
    assert capsys.readouterr().err == "wrote t.csv, 1 row\n"


def test_rows_come_by_image_then_place_in_the_file(capsys: Captured) -> None:
    box = [(100.0, 100.0, 90.0, 90.0)]
    ids: tuple[Any, ...] = ("z", 10, "b", 9, -1)
    write_coco(Path("ids.json"), coco(dict.fromkeys(ids, box * 2)))
    assert run(["export", "objects", "--ann", "ids.json"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["image_id"] for row in rows[::2]] == ["-1", "9", "10", "b", "z"]
    places = [int(row["annotation_index"]) for row in rows]
    assert places == [0, 1, 2, 3, 6, 7, 4, 5, 8, 9]


def test_settings_and_gzip_are_taken_as_anywhere(capsys: Captured) -> None:
    Path("s.json.gz").write_bytes(gzip.compress(Path("street.json").read_bytes()))
    assert run(["export", "objects", "--ann", "s.json.gz", "--set", "k=2"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["num_candidates"] for row in rows} == {"10"}


def test_filters_choose_rows_and_change_none(capsys: Captured) -> None:
    every = printed(capsys, "positives")
    objects = printed(capsys, "objects")

    def ids(**facts: str) -> set[str]:
        return {r["ann_id"] for r in objects if facts.items() <= r.items()}

    large = printed(capsys, "positives", "--size", "large")
    assert large == [row for row in every if row["ann_id"] in ids(size="large")]
    bicycles = printed(capsys, "positives", "--class", "自転車")
    # `class` is a word of Python.
    assert bicycles == [
        row for row in every if row["ann_id"] in ids(**{"class": "自転車"})
    ]
    both = printed(capsys, "positives", "--class", "自転車", "--size", "large")
    assert both == [row for row in bicycles if row in large]
    assert 0 < len(both) < min(len(bicycles), len(large))


def test_image_and_limit_choose_images(capsys: Captured) -> None:
    every = printed(capsys, "positives")
    assert printed(capsys, "positives", "--image", "3") == [
        row for row in every if row["image_id"] == "3"
    ]
    first = printed(capsys, "positives", "--limit", "2")
    assert {row["image_id"] for row in first} == {"2", "3"}


@pytest.mark.parametrize("kind", ["positives", "objects", "left-out"])
@pytest.mark.parametrize("suffix", ["csv", "jsonl", "npz", "parquet"])
def test_nothing_selected_leaves_an_empty_table(kind: str, suffix: str) -> None:
    target = f"out.{suffix}"
    assert export(kind, "--image", "7", "-o", target) == 0
    if suffix == "csv":
        assert Path(target).read_text(encoding="utf-8").count("\n") == 1
    elif suffix == "jsonl":
        assert Path(target).read_bytes() == b""
    elif suffix == "npz":
        assert {len(column) for column in np.load(target).values()} == {0}
    else:
        assert len(pd.read_parquet(target)) == 0


def test_an_existing_file_needs_force(capsys: Captured) -> None:
    Path("out.csv").write_text("mine", encoding="utf-8")
    assert export("positives", "-o", "out.csv") == 2
    assert capsys.readouterr().err == (
        "atss-inspect: error: out.csv: exists already\nhint: replace it with --force\n"
    )
    assert Path("out.csv").read_text(encoding="utf-8") == "mine"
    assert export("positives", "-o", "out.csv", "--force") == 0
    assert Path("out.csv").read_text(encoding="utf-8").startswith("image_id,")


def test_a_format_may_be_named_for_any_target() -> None:
    assert export("objects", "-o", "table", "--format", "jsonl") == 0
    first = Path("table").read_text(encoding="utf-8").splitlines()[0]
    assert json.loads(first)["preset"] == "atss-mmdet"


def test_warnings_and_the_note_go_to_stderr_and_can_be_silenced(
    capsys: Captured,
) -> None:
    document = street()
    del document["annotations"][0]["area"]
    write_coco(Path("street.json"), document)
    assert export("objects", "-o", "a.csv") == 0
    note = capsys.readouterr()
    assert note.out == ""
    assert "1 annotation has no area" in note.err
    assert note.err.endswith("wrote a.csv, 9 rows\n")
    assert export("objects", "-o", "b.csv", "-q") == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.slow
def test_positives_of_val2017_take_about_a_second(real_data: Path) -> None:
    source = real_data / "data/coco-val2017/instances_val2017_int.json"
    started = time.perf_counter()
    assert run(["export", "positives", "--ann", str(source), "-o", "p.csv", "-q"]) == 0
    assert time.perf_counter() - started < 5  # generous: the machine may be busy
    table = pd.read_csv("p.csv")
    [summary] = atss_inspect.summarize(load_coco(source), preset("atss-mmdet"))
    assert len(table) == summary.num_positives
    keys = ["image_id", "annotation_index", "level", "cell_y", "cell_x", "anchor"]
    assert table[keys].apply(tuple, axis=1).is_monotonic_increasing


@pytest.mark.parametrize("kind", ["objects", "positives"])
def test_parts_hold_the_rows_of_the_whole(kind: str, capsys: Captured) -> None:
    expected = printed(capsys, kind)
    words = ["--rows-per-part", "4", "--format", "csv", "-o", "rows"]
    assert export(kind, *words) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"wrote rows, {len(expected)} rows\n")
    parts = sorted(Path("rows").iterdir())
    assert len(parts) == -(-len(expected) // 4)
    texts = [io.StringIO(part.read_text()) for part in parts]
    found = [row for text in texts for row in csv.DictReader(text)]
    assert found == expected


def test_parts_are_parquet_unless_asked_otherwise() -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is an extra")
    assert export("objects", "--rows-per-part", "4", "-o", "rows") == 0
    table = pd.concat(
        [
            parquet.ParquetFile(part).read().to_pandas()
            for part in sorted(Path("rows").glob("part-*.parquet"))
        ]
    )
    assert len(table) == len(
        objects_table(load_coco("street.json"), preset("atss-mmdet"))
    )


def test_parts_need_a_folder(capsys: Captured) -> None:
    assert export("objects", "--rows-per-part", "4") == 2
    assert "stdout cannot take a folder" in capsys.readouterr().err
    Path("rows").mkdir()
    Path("rows/notes.txt").touch()
    assert export("objects", "--rows-per-part", "4", "-o", "rows", "--force") == 2
    assert "rows: holds notes.txt" in capsys.readouterr().err
