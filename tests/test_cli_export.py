"""`export`: the files it writes, and what it refuses."""

import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import atss_inspect
from atss_inspect import load_coco, objects_table, preset
from tests.command_line import Printed, ask
from tests.test_cli_stats import YARD
from tests.tiny_coco import Box, coco, coco_image, street, write_coco

POSITIVE_COLUMNS = ["image_id", "ann_id", "annotation_index", "level"]
POSITIVE_COLUMNS += ["cell_y", "cell_x", "anchor", "iou", "is_low_quality"]
KINDS = ("positives", "objects", "left-out")


@pytest.fixture(autouse=True)
def _annotations() -> None:
    """The street; one of its objects is a crowd."""
    document = street()
    document["annotations"][2]["iscrowd"] = 1
    write_coco(Path("street.json"), street())
    write_coco(Path("crowd.json"), document)


def export(words: str, *, code: int = 0) -> Printed:
    """Run the command on the street."""
    return ask(f"export {words} --ann street.json", code=code)


def test_the_first_lines_of_positives() -> None:
    write_coco(Path("one.json"), coco({"a,b": [(100, 100, 60, 60)]}))
    # 640 x 480 becomes 1067 x 800: the box spans 166.7 to 266.7, its center is 216.7.
    # The nearest centers are cell 27 (216) on P3, 14 (224) on P4, 7 (224) on P5, 3
    # (192) on P6 and 2 (256) on P7, with sides of 64, 128, 256, 512 and 1024: IoU
    # 0.41 and 0.61, 0.15 and less. Mean + deviation lets P4 alone through.
    head, line = ask("export positives --ann one.json --set k=1").out.splitlines()
    assert head == ",".join(POSITIVE_COLUMNS)
    assert line.rsplit(",", 2)[0] == '"a,b",100,0,1,14,14,0'


def read_back(words: str) -> dict[str, pd.DataFrame]:
    """Write a table in every format; what is read of each."""
    for suffix in ("csv", "jsonl", "npz", "parquet"):
        ask(f"export {words} -o out.{suffix}")
    return {
        "csv": pd.read_csv("out.csv"),
        "jsonl": pd.read_json("out.jsonl", lines=True),
        "npz": pd.DataFrame(dict(np.load("out.npz"))),
        "parquet": pd.read_parquet("out.parquet"),
    }


def plain_nulls(table: pd.DataFrame) -> pd.DataFrame:
    """Make all missing texts None: formats read back as None, NaN or an empty text.

    Truths are 1 and 0 in ``.npz``, where some are missing.
    """
    optional = ("cause", "lost_to", "is_low_quality", "is_low_quality_only")
    texts = [name for name in (*optional, "num_at_bar") if name in table]
    table = table.replace({True: 1.0, False: 0.0})
    return table.assign(
        **{
            name: [
                None if pd.isna(each) or each == "" else str(each)
                for each in table[name]
            ]
            for name in texts
        }
    )


@pytest.mark.parametrize("kind", KINDS)
def test_formats_hold_the_same_rows(kind: str) -> None:
    read = read_back(f"{kind} --ann crowd.json")
    table = plain_nulls(read.pop("parquet"))
    assert len(table) > 0
    alike = {"check_dtype": False, "check_exact": False, "rtol": 1e-6}
    for other in read.values():
        pd.testing.assert_frame_equal(plain_nulls(other), table, **alike)


def test_objects_are_those_of_the_table_in_python() -> None:
    names = ("atss-mmdet", "rpn-mmdet")
    rows = export("objects -p atss-mmdet -p rpn-mmdet").rows
    table = objects_table(load_coco("street.json"), [preset(name) for name in names])
    assert list(rows[0]) == list(table.columns)
    assert [row["preset"] for row in rows] == list(names) * 9
    assert [row["class"] for row in rows] == table["class"].tolist()
    assert [int(row["positives_P2"]) for row in rows] == table["positives_P2"].tolist()
    assert rows[1]["iou_threshold"] == rows[1]["candidate_std"] == ""
    assert {row["is_tied"] for row in rows} == {"true", "false"}


def test_low_quality_matches_have_columns_in_every_format() -> None:
    # Of two boxes of 12 px in the same anchors of 32 px the last one takes the matches.
    tiny: Box = (106, 106, 12, 12)
    write_coco(Path("low.json"), coco_image(tiny, tiny, (400, 400, 64, 64)))
    presets = "-p retinanet-mmdet -p atss-mmdet"
    for words in (f"objects {presets}", "positives -p retinanet-mmdet"):
        for table in read_back(f"{words} --ann low.json --force").values():
            if words.startswith("positives"):
                is_low = table.groupby("ann_id")["is_low_quality"].agg(["min", "max"])
                assert is_low.to_numpy().tolist() == [[True, True], [False, False]]
                continue
            own, other = (table[n::2].reset_index() for n in range(2))
            assert own["num_at_bar"].tolist() == [0, 0, 37]
            assert own["is_low_quality_only"].tolist() == [False, True, False]
            empty = other[["num_at_bar", "is_low_quality_only"]]
            assert empty.isna().all(axis=None)
    header, *lines = Path("out.csv").read_text(encoding="utf-8").splitlines()
    assert header.endswith("iou,is_low_quality")
    assert {line.rpartition(",")[2] for line in lines} == {"true", "false"}
    # FCOS has neither.
    for table in read_back("positives -p fcos-mmdet --ann low.json --force").values():
        assert len(table)
        assert table[["iou", "is_low_quality"]].isna().all(axis=None)
    lines = Path("out.csv").read_text(encoding="utf-8").splitlines()
    assert all(line.endswith(",,") for line in lines[1:])
    table = objects_table(load_coco("low.json"), preset("retinanet-mmdet"))
    kinds = table.dtypes[["num_at_bar", "is_low_quality_only"]].astype(str).tolist()
    assert kinds == ["Int64", "boolean"]


def test_objects_left_out_are_listed_with_the_reason() -> None:
    [row] = ask("export left-out --ann crowd.json").rows
    assert (row["annotation_index"], row["reason"]) == ("2", "crowd")
    listed = ask("export objects --ann crowd.json -p atss-mmdet -p fcos-mmdet")
    assert listed.err == (
        "note: 2 objects left out by the data rules over all presets; "
        "`atss-inspect export left-out` says why\n"
    )
    assert len(listed.rows) == 16
    assert "2" not in [row["annotation_index"] for row in listed.rows]
    # What the user leaves out is not called so.
    noted = export("objects --size tiny --image 2 -o t.csv").err
    assert noted == "wrote t.csv, 1 row\n"


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_selected_leaves_an_empty_table(kind: str) -> None:
    for suffix in ("csv", "jsonl", "npz", "parquet"):
        export(f"{kind} --image 7 -o out.{suffix}")
    assert Path("out.csv").read_text(encoding="utf-8").count("\n") == 1
    assert Path("out.jsonl").read_bytes() == b""
    assert {len(column) for column in np.load("out.npz").values()} == {0}
    assert len(pd.read_parquet("out.parquet")) == 0


def test_an_existing_file_needs_force_and_a_format_may_be_named_for_any() -> None:
    target = Path("out.csv")
    target.write_text("mine", encoding="utf-8")
    export("positives -o out.csv", code=2)
    assert target.read_text(encoding="utf-8") == "mine"
    export("positives -o out.csv --force")
    assert target.read_text(encoding="utf-8").startswith("image_id,")
    export("objects -o out.csv --force --format jsonl")
    first = target.read_text(encoding="utf-8").splitlines()[0]
    assert json.loads(first)["preset"] == "atss-mmdet"


def test_warnings_and_the_note_go_to_stderr_and_can_be_silenced() -> None:
    document = street()
    del document["annotations"][0]["area"]
    write_coco(Path("street.json"), document)
    out, err = export("objects -o a.csv")
    assert out == ""
    assert "1 annotation has no area" in err
    assert err.endswith("wrote a.csv, 9 rows\n")
    assert export("objects -o b.csv -q") == ("", "")


@pytest.mark.slow
def test_positives_of_val2017_take_about_a_second(real_data: Path) -> None:
    source = real_data / "data/coco-val2017/instances_val2017_int.json"
    started = time.perf_counter()
    ask(f"export positives --ann {source} -o p.csv -q")
    assert time.perf_counter() - started < 5  # generous: the machine may be busy
    table = pd.read_csv("p.csv")
    [summary] = atss_inspect.summarize(load_coco(source), preset("atss-mmdet"))
    assert len(table) == summary.num_positives
    keys = ["image_id", "annotation_index", "level", "cell_y", "cell_x", "anchor"]
    assert table[keys].apply(tuple, axis=1).is_monotonic_increasing


@pytest.mark.parametrize("kind", ["objects", "positives"])
def test_parts_hold_the_rows_of_the_whole(kind: str) -> None:
    expected = export(kind).rows
    out, err = export(f"{kind} --rows-per-part 4 --format csv -o rows")
    assert out == ""
    assert err.startswith(f"wrote rows, {len(expected)} rows\n")
    parts = [path.read_text() for path in sorted(Path("rows").iterdir())]
    assert len(parts) == -(-len(expected) // 4)
    assert [row for part in parts for row in Printed(part, "").rows] == expected


def test_parts_are_parquet_unless_asked_otherwise_and_alone_in_their_folder() -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is an extra")
    export("objects --rows-per-part 4 -o rows")
    parts = sorted(Path("rows").glob("part-*.parquet"))
    assert [len(pd.read_parquet(part)) for part in parts] == [4, 4, 1]
    Path("rows/notes.txt").touch()
    printed = export("objects --rows-per-part 4 -o rows --force", code=2)
    assert "rows: holds notes.txt" in printed.err


# FCOS on the boxes of test_cli_worst, over 400 and 800, flipped or not: 32.5, 0.5, none
# and 64.5 positives in a mean draw.
DRAWN = "export objects --ann yard.json -p fcos-mmdet --short-sides 400,800 --flip"
DRAWN_COLUMNS = ["unassigned_share", "expected_positives", "num_variants"]


def test_over_variants_objects_have_shares_and_means() -> None:
    # A crowd, which has no row, is the first in the file.
    crowd = YARD["annotations"][0] | {"id": 9, "iscrowd": 1}
    annotations = [crowd, *YARD["annotations"]]
    write_coco(Path("yard.json"), YARD | {"annotations": annotations})
    rows = ask(DRAWN).rows
    assert list(rows[0])[-3:] == DRAWN_COLUMNS
    found = [tuple(row[key] for key in DRAWN_COLUMNS) for row in rows]
    assert found == [
        ("0.0", "32.5", "4"),
        ("0.5", "0.5", "4"),
        ("1.0", "0.0", "4"),
        ("0.0", "64.5", "4"),
    ]
    plain = ask("export objects --ann yard.json -p fcos-mmdet").rows
    assert [
        {**row, **dict(zip(DRAWN_COLUMNS, one, strict=True))}
        for row, one in zip(plain, found, strict=True)
    ] == rows


def test_an_object_that_no_variant_keeps_has_no_share() -> None:
    # 4 px at 800 are 2 at 400, 0.5 at 100: with boxes up to 1 px left out, of the two
    # draws one keeps it, with a positive at 800 as by hand in test_cli_stats.
    write_coco(Path("yard.json"), YARD)
    asked = "export objects --ann yard.json -p fcos-mmdet --set min_input_side=1"
    kept = {row["ann_id"]: row for row in ask(f"{asked} --short-sides 800,100").rows}
    assert [kept["2"][key] for key in DRAWN_COLUMNS] == ["0.0", "1.0", "1"]
    gone = {row["ann_id"]: row for row in ask(f"{asked} --short-sides 100").rows}
    assert [gone["2"][key] for key in DRAWN_COLUMNS] == ["", "", "0"]


@pytest.mark.parametrize("kind", ["positives", "left-out"])
def test_variants_are_for_objects(kind: str) -> None:
    refused = export(f"{kind} -p atss-mmdet --flip", code=2).err
    assert f"export {kind}: expected objects, since variants are drawn" in refused


def test_an_area_of_0_stays_that_of_the_file_and_the_size_goes_by_the_box() -> None:
    document = coco_image((0, 0, 50, 50))
    document["annotations"][0]["area"] = 0
    write_coco(Path("zero.json"), document)
    command = "export objects --ann zero.json -p retinanet-detectron2 -f jsonl"
    [row] = map(json.loads, ask(command).out.splitlines())
    assert (row["area"], row["size"]) == (0, "medium")
