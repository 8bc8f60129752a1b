"""`worst`: what it prints, and what it does with what it is given."""

import csv
import io
import json
import re
import shlex
from pathlib import Path

import pytest

from atss_inspect.cli import run
from atss_inspect.views.names import cell_width
from tests.command_line import Captured, Command
from tests.random_coco import random_coco
from tests.test_cli_stats import YARD
from tests.tiny_coco import write_coco

printed = Command("worst").printed

# The boxes of 4 and 3 px hold no corner of a cell, multiples of 8 (test_cli_stats);
# those of 64 and 128 px have 9 positives each.
HEADING = """\
yard.json: 2 images, 6 annotations, 3 classes

Assigned in input pixels, images resized to 800/1333 (mmdetection):
  atss-mmdet  ATSS, k 9 per level; 1 anchor of 8 x stride, offset 0

"""
VERDICT = """\
verdict: atss-mmdet leaves 2 of 4 objects (50.0%) without a positive, all for
  one cause: no anchor center inside.
"""
OBJECTS = f"""\
{HEADING}4 objects, fewest positives first, of equals the largest by the file's area:

ann. id  image  class  size        w x h  pos.  why none
      2  1      cat    tiny        4 x 4     0  no anchor center inside
      3  1      dog    tiny        3 x 3     0  no anchor center inside
      4  1      dog    large   128 x 128     9
      1  1      cat    medium    64 x 64     9

{VERDICT}\
next: atss-inspect explain --ann yard.json --ann-id 2 --preset atss-mmdet
  or: atss-inspect plot image 1 --ann yard.json --zoom 2 --preset atss-mmdet
"""
IMAGES = f"""\
{HEADING}1 image, most objects without a positive first:

image  name      objects  none  share  lost  why, mostly
1      yard.jpg        4     2  50.0%     0  no anchor center inside

none: objects without a positive; share: of all objects of the row.
lost: those that lost every anchor to other objects.

{VERDICT}\
next: atss-inspect worst --ann yard.json --image 1 --preset atss-mmdet
  or: atss-inspect plot image 1 --ann yard.json --preset atss-mmdet
"""
CLASSES = f"""\
{HEADING}2 classes, largest share without a positive first:

class  objects  none  share  why, mostly
cat          2     1  50.0%  no anchor center inside
dog          2     1  50.0%  no anchor center inside

none: objects without a positive; share: of all objects of the row.
Classes of fewer than 5 objects come last.

{VERDICT}\
next: atss-inspect worst --ann yard.json --class cat --preset atss-mmdet
"""


@pytest.fixture(autouse=True)
def _files(_empty_folder: None) -> None:
    write_coco(Path("yard.json"), YARD)
    write_coco(Path("random.json"), random_coco(11, num_images=10, max_boxes=50))


@pytest.mark.parametrize(
    ("by", "text"), [("object", OBJECTS), ("image", IMAGES), ("class", CLASSES)]
)
def test_the_table(by: str, text: str, capsys: Captured) -> None:
    assert printed(capsys, "--by", by) == text


def test_markdown_says_the_same(capsys: Captured) -> None:
    text = printed(capsys, "-f", "md", "-n", "1")
    assert "| ann. id | image | class | size | w x h | pos. | why none |\n" in text
    assert "| 2 | 1 | cat | tiny | 4 x 4 | 0 | no anchor center inside |\n" in text
    assert "**Verdict:** atss-mmdet leaves 2 of 4 objects" in text


def test_the_document_names_the_tool_and_the_command_of_each_row(
    capsys: Captured,
) -> None:
    words = ("--json", "-s", "k=5", "--pad-to", "900", "900", "-n", "3")
    document = json.loads(printed(capsys, *words, ann="random.json"))
    assert document["schema_version"] == 1
    assert document["tool"]["name"] == "atss-inspect"
    assert document["num_unassigned"] == sum(document["causes"].values()) > 0
    assert document["settings"][0]["assigner"]["k"] == 5
    assert len(document["rows"]) == 3
    for row in document["rows"]:
        assert row["command"] == (
            f"atss-inspect explain --ann random.json --ann-id {row['ann_id']} "
            "--preset atss-mmdet --set k=5 --set resize.pad_to=900,900"
        )
        assert run(["-q", *shlex.split(row["command"])[1:], "--json"]) == 0
        [answer] = json.loads(capsys.readouterr().out)["results"]
        same = ("ann_id", "image_id", "num_positives", "cause")
        assert [answer[key] for key in same] == [row[key] for key in same]


@pytest.mark.parametrize("by", ["object", "image", "class"])
def test_all_formats_hold_the_same_rows(by: str, capsys: Captured) -> None:
    words = ("--by", by, "-n", "4")
    rows = json.loads(printed(capsys, *words, "--json", ann="random.json"))["rows"]
    lines = printed(capsys, *words, "-f", "jsonl", ann="random.json").splitlines()
    assert list(map(json.loads, lines)) == rows
    table = printed(capsys, *words, "-f", "csv", ann="random.json")
    records = list(csv.DictReader(io.StringIO(table)))
    assert [one["command"] for one in records] == [row["command"] for row in rows]
    assert 0 < len(rows) <= 4


@pytest.mark.parametrize("by", ["image", "class"])
def test_the_command_of_a_group_leads_to_its_objects(by: str, capsys: Captured) -> None:
    words = ("--by", by, "--json", "--size", "tiny", "-p", "fcos-mmdet")
    row = json.loads(printed(capsys, *words, ann="random.json"))["rows"][0]
    assert "--size tiny" in row["command"]
    assert run(["-q", *shlex.split(row["command"])[1:], "--json"]) == 0
    inner = json.loads(capsys.readouterr().out)
    assert inner["num_objects"] == row["num_objects"]
    assert inner["causes"] == row["causes"]


def test_filters_choose_the_objects(capsys: Captured) -> None:
    words = ("--cause", "no-center-inside", "--class", "class 1", "--size", "tiny")
    document = json.loads(printed(capsys, *words, "--json", ann="random.json"))
    assert document["rows"]
    for row in document["rows"]:
        kind = row["cause"], row["class"], row["size"]
        assert kind == ("no_center_inside", "class 1", "tiny")
    assert document["selection"]["causes"] == ["no_center_inside"]


def test_a_cause_is_counted_apart_in_the_verdict(capsys: Captured) -> None:
    text = printed(capsys, "--cause", "no_center_inside", "--class", "dog")
    assert "1 object without a positive (no anchor center inside), largest" in text
    assert text.splitlines()[-4:] == [
        "verdict: atss-mmdet leaves 1 of 2 objects (50.0%) without a positive; 1 of "
        "them:",
        "  no anchor center inside.",
        "next: atss-inspect explain --ann yard.json --ann-id 3 --preset atss-mmdet",
        "  or: atss-inspect plot image 1 --ann yard.json --zoom 3 --preset atss-mmdet",
    ]


def test_a_cause_that_nothing_has_gives_no_table(capsys: Captured) -> None:
    text = printed(capsys, "--cause", "lost-to-others")
    assert "largest" not in text
    assert "none of\n  them: lost to other objects.\n" in text
    assert text.endswith(
        "next: atss-inspect stats --ann yard.json --preset atss-mmdet\n"
    )
    table = printed(capsys, "--cause", "lost-to-others", "-f", "csv")
    assert table.startswith("file,image_id,file_name,ann_id,")
    assert table.count("\n") == 1


def test_fed_objects_need_no_reason(capsys: Captured) -> None:
    text = printed(capsys, "--size", "medium", "--size", "large")
    assert "why none" not in text
    assert "gives all 2 objects a positive; the fewest is 9." in text


def test_without_objects_there_is_a_sentence(capsys: Captured) -> None:
    text = printed(capsys, "--class", "owl")
    assert "verdict: atss-mmdet has no object to look at here;" in text


def test_an_object_without_an_id_has_no_command(capsys: Captured) -> None:
    document = json.loads(json.dumps(YARD))
    del document["annotations"][1]["id"]
    write_coco(Path("no_id.json"), document)
    rows = json.loads(printed(capsys, "--json", ann="no_id.json"))["rows"]
    assert (rows[0]["ann_id"], rows[0]["command"]) == (None, None)
    text = printed(capsys, ann="no_id.json")
    assert "\n      -  1      cat" in text
    assert "--ann-id 3 --preset atss-mmdet\n" in text
    drawn = "atss-inspect plot image 1 --ann no_id.json --preset atss-mmdet"
    assert rows[0]["picture"] == drawn
    assert text.endswith(f"  or: {drawn}\n")


def test_of_several_files_the_right_one_is_named(capsys: Captured) -> None:
    words = ("--ann", "random.json", "--json", "-n", "40")
    for row in json.loads(printed(capsys, *words))["rows"]:
        assert f"--ann {row['file']} --ann-id" in row["command"]
        assert row["command"].count("--ann ") == 1
    assert "ann. id  file " in printed(capsys, *words[:2])
    for name in ("train", "val"):
        folder = Path("a") / name
        folder.mkdir(parents=True)
        write_coco(folder / "all.json", YARD)
    text = printed(capsys, "--ann", "a/val/all.json", ann="a/train/all.json")
    assert "      2  train  1      cat " in text
    assert "      2  val    1      cat " in text


def test_long_and_odd_names_stay_within_80_columns(capsys: Captured) -> None:
    document = json.loads(json.dumps(YARD))
    document["images"][0] |= {"id": "i" * 50, "file_name": "\x1b[2J" + "n" * 90}
    document["categories"][0]["name"] = "自転車" * 20
    for number, annotation in enumerate(document["annotations"]):
        annotation |= {"image_id": "i" * 50, "id": 10**12 + number}
    write_coco(Path("long.json"), document)
    for by in ("object", "image", "class"):
        text = printed(capsys, "--by", by, ann="long.json")
        assert text.count("…") > 0
        assert "\x1b" not in text
        wide = [line for line in text.splitlines() if cell_width(line) > 80]
        assert all(line.startswith(("next: ", "  or: ")) for line in wide)


def test_a_file_is_written(capsys: Captured) -> None:
    assert run(["worst", "--ann", "yard.json", "-o", "worst.csv"]) == 0
    assert re.search(r"^wrote worst\.csv$", capsys.readouterr().err, re.MULTILINE)
    assert len(Path("worst.csv").read_text(encoding="utf-8").splitlines()) == 5
