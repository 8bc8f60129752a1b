"""`stats`: what it prints in every format, and what it does with what it is given."""

import csv
import io
import itertools
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len

from atss_inspect import __version__
from atss_inspect.cli import run
from atss_inspect.presets import DEFAULT_PRESETS, preset_names
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics.run import assign
from atss_inspect.statistics.summary import RATIO_BINS, SIZE_BINS, ratio_bins, size_bins
from tests.command_line import told
from tests.random_coco import random_coco
from tests.tiny_coco import coco, write_coco

Captured = pytest.CaptureFixture[str]
Json = dict[str, Any]

# Two images that are 800 px high already, so that input pixels are original pixels.
YARD: Json = {
    "images": [
        {"id": 1, "width": 1024, "height": 800, "file_name": "yard.jpg"},
        {"id": 2, "width": 1024, "height": 800, "file_name": "empty.jpg"},
    ],
    "categories": [
        {"id": 1, "name": "cat"},
        {"id": 2, "name": "dog"},
        {"id": 3, "name": "owl"},
    ],
    "annotations": [
        {"id": 1, "category_id": 1, "bbox": [100, 100, 64, 64], "area": 4096},
        {"id": 2, "category_id": 1, "bbox": [2, 2, 4, 4], "area": 16},
        {"id": 3, "category_id": 2, "bbox": [13, 13, 3, 3], "area": 9},
        {"id": 4, "category_id": 2, "bbox": [300, 300, 128, 128], "area": 16384},
        {"id": 5, "category_id": 2, "bbox": [600, 300, 0, 5], "area": 0},
        {"id": 6, "category_id": 2, "bbox": [600, 300, 50, 50], "area": 2500},
    ],
}
for _annotation in YARD["annotations"]:
    _annotation |= {"image_id": 1, "iscrowd": int(_annotation["id"] == 6)}

# FCOS by hand. Points of P3 lie at 4, 12, 20, ..., those of P4 at 8, 24, 40, ...
#   4 px box from 2 to 6:        the point (4, 4), so 1 positive
#   3 px box from 13 to 16:      between the points 12 and 20, so none
#   64 px box from 100 to 164:   108 ... 156 of P3, 7 x 7 = 49; 100 lies on the border.
#                                On P4 no side is 64 px away, so none
#   128 px box from 300 to 428:  on P3 only the center, 364, has all sides within 64 px;
#                                312 ... 424 of P4, 8 x 8 = 64; in all 65
# So 51 on P3 and 64 on P4; sorted 0, 1, 49, 65: mean 28.75, median 25, 5th percentile
# 0.15, 95th 62.6; large : small = 65 : 0.5. Gini: the differences of the six pairs are
# 1, 49, 65, 48, 64, 16, their sum 243; 2 * 243 / (2 * 4 * 115) = 0.528.
# P3 to P7 have 128 x 100, 64 x 50, 32 x 25, 16 x 13, 8 x 7 points: 17,064 in all.
TABLE = """\
yard.json: 2 images, 6 annotations, 3 classes

Assigned in input pixels, images resized to 800/1333 (mmdetection):
  atss-mmdet       ATSS, k 9 per level; 1 anchor of 8 x stride, offset 0
  retinanet-mmdet  IoU 0.5/0.4, low-quality; 9 anchors from 4 x stride, offset 0
  fcos-mmdet       FCOS, ranges end at 64, 128, 256, 512; points at offset 0.5

                                atss-mmdet  retinanet-mmdet       fcos-mmdet
images                                   1                1                1
objects                                  4                4                4

objects without a positive
  all (4)                         2  50.0%         0     0%         1  25.0%
  tiny (2)                        2   100%         0     0%         1  50.0%
  small (0)                              -                -                -
  tiny + small (2)                2   100%         0     0%         1  50.0%
  medium (1)                      0     0%         0     0%         0     0%
  large (1)                       0     0%         0     0%         0     0%

why they have none
  no anchor center inside                2                0                1

positives per object
  mean                                 4.5             28.5             28.8
  0.2*k*L (ATSS paper)                 9.0                -                -
  median                               4.5             30.5               25
  5th to 95th percentile            0 to 9       11 to 43.2      0.1 to 62.6
  tiny + small, mean                     0             18.0              0.5
  large, mean                          9.0             33.0             65.0
  large : small                          -             1.83           130.00
  Gini (0 is even)                    0.50             0.25             0.53
  mean IoU                            0.70             0.38                -

share of positives by level
  positives                             18              114              115
  P3 (stride 8)                      50.0%            56.1%            44.3%
  P4 (stride 16)                     50.0%            29.8%            55.7%
  P5 (stride 32)                        0%            14.0%               0%
  P6 (stride 64)                        0%               0%               0%
  P7 (stride 128)                       0%               0%               0%

anchors per image, mean
  positives                           18.0              114              115
  negatives                         17,046          153,347           16,949
  ignored                                0              115                0

objects decided by little
  tied with an equal              2  50.0%         0     0%         0     0%
  within 4 ulp of a bar           0     0%         0     0%         0     0%

annotations left out
  all                                    2                2                2
  crowd                                  1                1                1
  no extent                              1                1                1

images left out
  no annotations                         1                1                1

Sizes go by area in original pixels (the file's area, else width x height): tiny
below 16x16, small below 32x32, medium below 96x96, large from there.

verdict: atss-mmdet leaves 2 of 4 objects (50.0%) without a positive, the
  largest share; retinanet-mmdet 0 of 4 (0%), the smallest. Hardest hit: tiny
  objects under atss-mmdet, 2 of 2 (100%). retinanet-mmdet shares positives most
  evenly (Gini 0.25), fcos-mmdet least (0.53). Left out by every preset: 2 of 6
  annotations (crowd 1, no extent 1).
next: atss-inspect stats --ann yard.json --by class
"""


@pytest.fixture(autouse=True)
def _annotations() -> None:
    write_coco(Path("yard.json"), YARD)
    write_coco(Path("random.json"), random_coco(11))


def stats(*words: str, ann: str = "yard.json") -> int:
    """Run the command."""
    return run(["stats", "--ann", ann, *words])


def printed(capsys: Captured, *words: str, ann: str = "yard.json") -> str:
    """Run the command, and give what it prints."""
    assert stats(*words, ann=ann) == 0
    return capsys.readouterr().out


def document(capsys: Captured, *words: str, ann: str = "yard.json") -> Json:
    """Run the command, and read the JSON it prints."""
    found: Json = json.loads(printed(capsys, "--json", *words, ann=ann))
    return found


def test_the_table_at_80_columns(capsys: Captured) -> None:
    assert printed(capsys) == TABLE


def test_the_table_is_plain_text(capsys: Captured) -> None:
    text = printed(capsys, ann="random.json")
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    assert max(map(len, text.splitlines())) <= 80
    assert not re.search(r" $", text, re.MULTILINE)


def numbers_of(text: str) -> set[str]:
    """All numbers of a text, as written."""
    return {found.rstrip(".,") for found in re.findall(r"[<>]?\d[\d,.]*%?", text)}


@pytest.mark.parametrize("by", [None, "size", "level", "ratio", "class"])
@pytest.mark.parametrize("seed", range(4))
def test_the_numbers_of_the_verdict_stand_in_the_table(
    capsys: Captured, seed: int, by: str | None
) -> None:
    write_coco(Path("set.json"), random_coco(seed, num_images=20))
    words = ["--by", by] if by else []
    table, verdict = printed(capsys, *words, ann="set.json").split("verdict: ")
    verdict = verdict.split("\nnext: ")[0]
    # Names, and the least size of a group that is called the hardest hit.
    spoken = re.sub(
        r"class \d|boxes [^ ,]+( to [^ ,]+)?|with 20 or more|P\d", "", verdict
    )
    assert numbers_of(spoken) <= numbers_of(table)
    assert len(numbers_of(spoken)) >= 4


def test_the_verdict_names_the_presets_that_starve_most_and_fewest(
    capsys: Captured,
) -> None:
    text = printed(capsys, ann="random.json").replace("\n ", "")
    shares = {
        result["preset"]: result["unassigned_share"]
        for result in document(capsys, ann="random.json")["results"]
    }
    most, fewest = max(shares, key=shares.get), min(shares, key=shares.get)
    assert f"verdict: {most} leaves " in text
    assert re.search(rf"largest share; {fewest} [^;]* the smallest\.", text)


@pytest.mark.parametrize("by", ["size", "level", "ratio", "class"])
def test_a_breakdown_replaces_the_overview(capsys: Captured, by: str) -> None:
    text = printed(capsys, "--by", by)
    assert "objects decided by little" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert text.splitlines()[-1] == (
        "next: atss-inspect export objects --ann yard.json -o objects.csv"
    )
    assert run(text.splitlines()[-1].split()[2:]) == 0
    assert Path("objects.csv").exists()


def test_several_breakdowns_come_one_after_the_other(capsys: Captured) -> None:
    text = printed(capsys, "--by", "level", "--by", "class")
    assert text.index("objects with positives on") < text.index("class   ")


def test_levels_of_all_presets_are_listed_where_they_have_them(
    capsys: Captured,
) -> None:
    text = printed(capsys, "--by", "level", "-p", "rpn-mmdet", "-p", "fcos-mmdet")
    rows = [line.split() for line in text.splitlines() if line.startswith("  P")]
    assert [row[0] for row in rows] == ["P2", "P3", "P4", "P5", "P6", "P7"] * 2
    assert [row[-1] for row in rows if row[0] == "P2"] == ["-", "-"]
    assert [row[3] for row in rows if row[0] == "P7"] == ["-", "-"]


def test_classes_are_sorted_by_objects_and_empty_ones_summed_up(
    capsys: Captured,
) -> None:
    sizes = {"rare": 1, "common": 5, "also": 5}
    names = [*sizes, *(f"none {n}" for n in range(1230))]
    boxes = [name for name, size in sizes.items() for _ in range(size)]
    drawn = coco({1: [(9 * n, 9 * n, 50, 50) for n in range(len(boxes))]})
    drawn["categories"] = [{"id": n, "name": name} for n, name in enumerate(names)]
    for annotation, name in zip(drawn["annotations"], boxes, strict=True):
        annotation["category_id"] = names.index(name)
    write_coco(Path("many.json"), drawn)
    text = printed(capsys, "--by", "class", ann="many.json")
    rows = text[text.index("\nclass") :].splitlines()[2:8]
    assert [row.split("  ")[0] for row in rows] == [
        "all",
        "also",
        "common",
        "rare",
        "1,230 without any",
        "",
    ]


def test_groups_that_differ_between_presets_show_their_own_objects(
    capsys: Captured,
) -> None:
    # torchvision keeps the box of 3 x 0.5 px that mmdetection leaves out.
    drawn = coco({1: [(10, 10, 3, 0.5), (50, 50, 60, 60)]})
    write_coco(Path("thin.json"), drawn)
    presets = ("-p", "fcos-mmdet", "-p", "fcos-torchvision")
    text = printed(capsys, *presets, ann="thin.json")
    assert re.search(r"\n  all +0 of 1 +0% +1 of 2  50.0%\n", text)
    text = printed(capsys, *presets, "--by", "class", ann="thin.json")
    assert re.search(r"\nclass +objects +mean +none +objects +mean +none\n", text)
    assert re.search(r"\nall +1 .* 0% +2 .* 50\.0%\n", text)


def test_more_presets_than_fit_go_below_one_another(capsys: Captured) -> None:
    words = [word for name in preset_names() for word in ("--preset", name)]
    text = printed(capsys, *words)
    assert max(map(len, text.split("\nnext: ")[0].splitlines())) <= 80
    assert text.count("\nimages  ") == len(preset_names()) / 3
    broken = [name for name in preset_names() if f"\n  {name} " not in text]
    assert not broken  # each has its line of conventions


def test_names_from_the_file_neither_act_nor_break_the_table(capsys: Captured) -> None:
    names = [
        "[red]bold[/red]",
        "a\x1b[31mred\nline\u202e",
        "水果和蔬菜的超级长的名字是这样的",
        "w" * 60,
        "e\u0301" * 30,
        "x|y*z_<b>",
    ]
    drawn = coco({1: [(9 * n, 9 * n, 50, 50) for n in range(len(names))]})
    drawn["categories"] = [{"id": n, "name": name} for n, name in enumerate(names)]
    for number, annotation in enumerate(drawn["annotations"]):
        annotation["category_id"] = number
    write_coco(Path("weird.json"), drawn)
    text = printed(capsys, "--by", "class", ann="weird.json")
    head, body = text.split("\nclass ")
    rows = body.splitlines()[2 : 2 + len(names)]
    starts = ["[red]bold[/red] ", "a\\x1b[31mred\\nline", "e\u0301" * 15, "w" * 15]
    starts += ["x|y*z_<b> ", "水果和蔬菜的超级"]
    for row, start in zip(sorted(rows), starts, strict=True):
        assert row.startswith(start)
    widths = {cell_len(row) for row in rows}
    assert len(widths) == 1
    assert widths.pop() <= 80
    assert head.replace("\n", "").isprintable()


def test_three_long_names_of_presets_still_fit(capsys: Captured) -> None:
    names = ["a" * 40, "my-" * 12 + "own", "retinanet-torchvision-with-other-anchors"]
    for name in names:
        Path(f"{name}.toml").write_text('extends = "atss-mmdet"\n')
    words = [word for name in names for word in ("--config", f"{name}.toml")]
    text = printed(capsys, *words)
    assert max(map(len, text.split("\n\n")[2].splitlines())) <= 80
    assert "anchors" in text.split("\n\n")[2]


@pytest.mark.parametrize(
    ("images", "verdict"),
    [
        ({}, "There are no annotations, so there is nothing to assign."),
        (
            {1: []},
            "There are no annotations, so there is nothing to assign. Left out by "
            "every preset: 1 image (no annotations).",
        ),
        (
            {1: [(10, 10, 0.5, 0.5), (0, 0, 0.9, 9)]},
            "No object is left to assign. Left out by every preset: 2 of 2 "
            "annotations (too small).",
        ),
    ],
)
def test_empty_sets_say_that_and_why(
    capsys: Captured, images: Any, verdict: str
) -> None:
    write_coco(Path("none.json"), coco(images))
    for words in ((), ("--by", "class"), ("--by", "level", "--jobs", "2")):
        text = printed(capsys, *words, ann="none.json")
        spoken = text[text.index("verdict: ") :].replace("\n  ", " ").splitlines()
        assert spoken == [
            f"verdict: {verdict}",
            "next: atss-inspect config show --preset atss-mmdet",
        ]
    found = document(capsys, ann="none.json")
    for result in found["results"]:
        assert result["num_objects"] == 0
        assert result["mean_positives"] is result["unassigned_share"] is None
        assert result["gini"] is result["p95_positives"] is None
        assert {row["share"] for row in result["by_level"]} == {None}


def test_a_set_that_is_mostly_lost_says_so_first(capsys: Captured) -> None:
    drawn = coco({1: [(0.2, 0.2, 0.5, 0.5)] * 9 + [(50, 50, 40, 40)]})
    write_coco(Path("normalised.json"), drawn)
    text = printed(capsys, ann="normalised.json")
    assert "verdict: Left out by every preset: 9 of 10 annotations (too small)" in text


def test_next_repeats_what_was_typed(capsys: Captured) -> None:
    Path("my yard.json").write_bytes(Path("yard.json").read_bytes())
    words = ("-p", "atss-mmdet", "--set", "k=3", "--class", "cat", "--limit", "1")
    text = printed(capsys, *words, ann="my yard.json")
    assert text.splitlines()[-1] == (
        "next: atss-inspect stats --ann 'my yard.json' --preset atss-mmdet --set k=3 "
        "--limit 1 --class cat --by class"
    )
    assert run(shlex.split(text.splitlines()[-1])[2:]) == 0


def test_annotations_of_the_project_need_not_be_typed_again(capsys: Captured) -> None:
    Path("atss-inspect.toml").write_text('ann = "yard.json"\npreset = "fcos-mmdet"\n')
    text = told(run(["stats"]), capsys)
    assert text.splitlines()[-1] == "next: atss-inspect stats --by class"
    assert "atss-mmdet" not in text


TOP_LEVEL = ["schema_version", "tool", "inputs", "data", "selection", "settings"]
TOP_LEVEL += ["results", "warnings"]
GROUP = ["num_objects", "num_positives", "mean_positives"]
GROUP += ["num_unassigned", "unassigned_share"]


def test_json_says_what_was_read_and_by_which_conventions(capsys: Captured) -> None:
    found = document(capsys)
    assert list(found) == TOP_LEVEL
    assert found["schema_version"] == 1
    assert found["tool"] == {"name": "atss-inspect", "version": __version__}
    counts = {"num_images": 2, "num_annotations": 6, "num_categories": 3}
    size = Path("yard.json").stat().st_size
    assert found["inputs"] == [{"path": "yard.json", "num_bytes": size, **counts}]
    assert found["data"] == counts
    assert found["settings"] == [
        json.loads(json.dumps(preset(name).to_dict())) for name in DEFAULT_PRESETS
    ]
    [warning] = found["warnings"]
    assert warning["reason"] == "bbox_without_extent"
    assert warning["count"] == 1
    assert warning["examples"] == ["annotations[4] (id 5)"]
    assert warning["is_loss"] is False


def test_json_of_fcos_by_hand(capsys: Captured) -> None:
    result = document(capsys)["results"][2]
    assert {key: value for key, value in result.items() if key[:3] != "by_"} == {
        "preset": "fcos-mmdet",
        "num_images": 1,
        "num_objects": 4,
        "num_positives": 115,
        "mean_positives": 28.75,
        "num_unassigned": 1,
        "unassigned_share": 0.25,
        "median_positives": 25,
        "p5_positives": 0.15,
        "p95_positives": 62.6,
        "expected_positives": None,
        "num_negatives": 17_064 - 115,
        "num_ignored": 0,
        "num_tied": 0,
        "num_fragile": 0,
        "causes": {"no_center_inside": 1},
        "mean_iou": None,
        "gini": 2 * 243 / (2 * 4 * 115),
        "large_to_small": 130,
        "per_image": {"positives": 115, "negatives": 16_949, "ignored": 0},
        "left_out": {
            "images": {"no_annotations": 1},
            "objects": {"crowd": 1, "no_extent": 1},
        },
        "coco_small": dict(zip(GROUP, [2, 1, 0.5, 1, 0.5], strict=True)),
    }
    assert result["by_level"][1] == {
        "level": 1,
        "level_name": "P4",
        "stride": 16,
        "num_positives": 64,
        "share": 64 / 115,
        "num_objects": 1,
    }
    assert result["by_class"][1:] == [
        {"category_id": 2, "class": "dog"}
        | dict(zip(GROUP, [2, 65, 32.5, 1, 0.5], strict=True)),
        {"category_id": 3, "class": "owl"}
        | dict(zip(GROUP, [0, 0, None, 0, None], strict=True)),
    ]


def counted(positives: list[int]) -> Json:
    """Count a group of objects the slow way."""
    number, none = len(positives), positives.count(0)
    return {
        "num_objects": number,
        "num_positives": sum(positives),
        "mean_positives": sum(positives) / number if number else None,
        "num_unassigned": none,
        "unassigned_share": none / number if number else None,
    }


@pytest.mark.parametrize(
    "name", ["atss-official", "retinanet-detectron2", "fcos-mmdet"]
)
def test_json_is_what_counting_one_by_one_gives(capsys: Captured, name: str) -> None:
    [result] = document(capsys, "-p", name, ann="random.json")["results"]
    dataset = load_coco("random.json")
    frame, assignment = assign(dataset, preset(name))
    owners = assignment.gt.tolist()
    positives = [owners.count(gt) for gt in range(frame.num_gt)]
    rows = frame.object_rows

    def members(of: np.ndarray, number: int) -> list[int]:
        return [n for n, group in zip(positives, of, strict=True) if group == number]

    assert {key: result[key] for key in GROUP} == counted(positives)
    assert result["median_positives"] == pytest.approx(np.percentile(positives, 50))
    assert result["p5_positives"] == pytest.approx(np.percentile(positives, 5))
    assert result["p95_positives"] == pytest.approx(np.percentile(positives, 95))
    assert result["num_negatives"] + result["num_ignored"] + len(owners) == int(
        assignment.num_anchors.sum()
    )
    assert result["per_image"]["positives"] == len(owners) / frame.num_images
    differences = [abs(a - b) for a in positives for b in positives]
    gini = sum(differences) / (2 * len(positives) * sum(positives))
    assert result["gini"] == pytest.approx(gini)
    for place, size in enumerate(SIZE_BINS):
        of = size_bins(dataset.areas[rows])
        assert result["by_size"][place] == {"size": size} | counted(members(of, place))
    for place, ratio in enumerate(RATIO_BINS):
        of = ratio_bins(dataset.xywh[rows])
        expected = {"ratio": ratio} | counted(members(of, place))
        assert result["by_ratio"][place] == expected
    for place, row in enumerate(result["by_class"]):
        of = dataset.category_index[rows]
        assert {key: row[key] for key in GROUP} == counted(members(of, place))
    on_levels = assignment.level.tolist()
    for level, row in enumerate(result["by_level"]):
        of_level = {gt for gt, at in zip(owners, on_levels, strict=True) if at == level}
        assert row["num_objects"] == len(of_level)
        assert row["num_positives"] == on_levels.count(level)
        assert row["share"] == on_levels.count(level) / len(on_levels)
    left_out = sum(result["left_out"]["objects"].values())
    assert result["num_objects"] + left_out == dataset.num_annotations


def test_json_lines_are_the_results_one_a_line(capsys: Captured) -> None:
    lines = printed(capsys, "-f", "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == document(capsys)["results"]


def test_csv_has_a_row_per_group(capsys: Captured) -> None:
    rows = list(csv.DictReader(io.StringIO(printed(capsys, "-f", "csv"))))
    result = document(capsys)["results"][2]
    own = [row for row in rows if row["preset"] == "fcos-mmdet"]
    assert [(row["group"], row["key"]) for row in own] == [
        ("all", "all"),
        *(("size", size) for size in SIZE_BINS),
        ("coco", "small"),
        *(("level", f"P{level}") for level in range(3, 8)),
        *(("ratio", ratio) for ratio in RATIO_BINS),
        *(("class", name) for name in ("cat", "dog", "owl")),
        ("left_out_objects", "crowd"),
        ("left_out_objects", "no_extent"),
        ("left_out_images", "no_annotations"),
    ]
    for name in list(own[0])[3:]:
        expected = result.get(name)
        assert own[0][name] == ("" if expected is None else str(expected)), name
    assert own[7]["share"] == str(64 / 115)
    assert own[-1]["num_images"] == own[-2]["num_objects"] == "1"


def test_csv_holds_the_breakdowns_asked_for(capsys: Captured) -> None:
    text = printed(capsys, "-f", "csv", "--by", "ratio", "-p", "atss-mmdet")
    groups = [row["group"] for row in csv.DictReader(io.StringIO(text))]
    wanted = ["all", "ratio", "left_out_objects", "left_out_images"]
    assert [group for group, _ in itertools.groupby(groups)] == wanted


def test_markdown_has_the_same_cells_as_the_table(capsys: Captured) -> None:
    text = printed(capsys, "-f", "md")
    cells = [
        [cell.strip() for cell in line.strip("| ").split("|")]
        for line in text.splitlines()
        if line.startswith("|") and ":--" not in line
    ]
    assert ["objects without a positive", *DEFAULT_PRESETS] in cells
    assert ["tiny (2)", "2 100%", "0 0%", "1 50.0%"] in cells
    assert "**Verdict:** atss-mmdet leaves 2 of 4 objects (50.0%)" in text
    assert text.endswith("\nNext: `atss-inspect stats --ann yard.json --by class`\n")


@pytest.mark.parametrize("suffix", ["json", "jsonl", "csv", "md", "txt"])
def test_files_hold_what_would_be_printed(capsys: Captured, suffix: str) -> None:
    target = Path(f"out.{suffix}")
    assert stats("-o", str(target)) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"wrote {target}\n" in shown.err
    text = printed(capsys, "-f", "table" if suffix == "txt" else suffix)
    assert target.read_text(encoding="utf-8") == text
    assert stats("-o", str(target)) == 2
    assert "exists already" in capsys.readouterr().err
    assert stats("-o", str(target), "--force", "-q") == 0
    assert capsys.readouterr().err == ""


def test_warnings_go_to_stderr_one_a_line(capsys: Captured) -> None:
    assert stats("-f", "csv") == 0
    shown = capsys.readouterr()
    assert "warning" not in shown.out
    assert shown.err == (
        "warning: 1 box has no extent (width or height 0 or less); kept, the preset's "
        "data rules decide (annotations[4] (id 5))\n"
    )
    assert stats("-q") == 0
    assert capsys.readouterr().err == ""


def test_warnings_with_many_examples_show_a_few_and_escape_them(
    capsys: Captured,
) -> None:
    drawn = coco({1: [(9, 9, 0, 9)] * 5})
    for number, annotation in enumerate(drawn["annotations"]):
        annotation["id"] = f"a\n\x1b{number}"
    write_coco(Path("odd.json"), drawn)
    assert stats(ann="odd.json") == 0
    [line] = [
        line for line in capsys.readouterr().err.splitlines() if "no extent" in line
    ]
    assert line.count(r"(id a\n\x1b") == 3
    assert line.endswith(", ...)")


def test_objects_not_asked_for_are_left_out_as_such(capsys: Captured) -> None:
    found = document(capsys, "--class", "dog", "--size", "large")
    assert found["selection"] == {
        "images": [],
        "limit": None,
        "classes": ["dog"],
        "sizes": ["large"],
    }
    result = found["results"][2]
    assert result["num_objects"] == 1
    assert result["num_positives"] == 65
    assert result["left_out"]["objects"] == {
        "crowd": 1,
        "no_extent": 1,
        "not_selected": 3,
    }
    # All objects take part: their anchors are positive, whoever asks.
    assert result["per_image"]["positives"] == 115
    assert "\nonly objects of class dog; large objects\n" in printed(
        capsys, "--class", "dog", "--size", "large"
    )


@pytest.mark.parametrize(
    ("words", "num_images", "num_annotations"),
    [
        (("--image", "2"), 1, 0),
        (("--image", "yard.jpg"), 1, 6),
        (("--image", "y*.jpg"), 1, 6),
        (("--image", "*", "--image", "2"), 2, 6),
        (("--limit", "1"), 1, 6),
        (("--limit", "99"), 2, 6),
        (("--image", "2", "--image", "1", "--limit", "1"), 1, 6),
    ],
)
def test_images_are_chosen_by_id_name_pattern_and_number(
    capsys: Captured, words: tuple[str, ...], num_images: int, num_annotations: int
) -> None:
    found = document(capsys, *words)
    assert found["data"]["num_images"] == num_images
    assert found["data"]["num_annotations"] == num_annotations
    assert found["inputs"][0]["num_images"] == 2


def test_images_are_found_by_the_last_part_of_their_name(capsys: Captured) -> None:
    drawn = coco({"a/b": [(1, 1, 50, 50)], "c/b": [], "b.jpg": []})
    write_coco(Path("folders.json"), drawn)
    assert document(capsys, "--image", "b.jpg", ann="folders.json")["data"] == {
        "num_images": 1,  # the id is the closest meaning
        "num_annotations": 0,
        "num_categories": 3,
    }
    found = document(capsys, "--image", "[ac]/b.jpg", ann="folders.json")
    assert found["data"]["num_images"] == 2


def test_a_selection_without_objects_leads_back_to_the_classes(
    capsys: Captured,
) -> None:
    text = printed(capsys, "--class", "owl")
    assert "verdict: No object is left to assign." in text
    assert "not selected 4" in text
    assert text.endswith("next: atss-inspect stats --ann yard.json --by class\n")


def test_several_files_are_one_data_set(capsys: Captured) -> None:
    assert run(["stats", "--ann", "yard.json", "--ann", "random.json", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["path"] for one in found["inputs"]] == ["yard.json", "random.json"]
    for name in ("num_images", "num_annotations"):
        assert sum(one[name] for one in found["inputs"]) == found["data"][name]
    assert run(["stats", "--ann", "yard.json", "--ann", "random.json", "-q"]) == 0
    assert capsys.readouterr().out.startswith("yard.json and random.json: 10 images, ")


COMMAND = (sys.executable, "-m", "atss_inspect", "stats", "-q")


@pytest.fixture(scope="session")
def large_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Annotations of several chunks."""
    drawn = random_coco(3, num_images=700, max_boxes=14)
    return write_coco(tmp_path_factory.mktemp("set") / "large.json", drawn)


@pytest.mark.slow
def test_two_jobs_give_the_same_bytes_as_one(capsys: Captured, large_set: Path) -> None:
    alone = printed(capsys, "--json", "--jobs", "1", ann=str(large_set))
    together = subprocess.run(
        [*COMMAND, "--ann", large_set, "--json", "--jobs", "2"],
        capture_output=True,
        check=True,
    ).stdout
    assert len(alone) > 10_000
    assert together == alone.encode()


# A machine of two cores, to which these data are large.
BY_DEFAULT = """
from atss_inspect.cli import main, workers
workers.BOXES_PER_PROCESS, workers.available_cores = 1000, lambda: 2
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [(*COMMAND, "--jobs", "2"), (sys.executable, "-c", BY_DEFAULT, "stats", "-q")],
    ids=["two jobs", "by default"],
)
def test_ctrl_c_ends_all_processes_quietly(
    words: tuple[str, ...], large_set: Path
) -> None:
    process = subprocess.Popen(
        [*words, "--ann", large_set, *["-p", "retinanet-mmdet"] * 30],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    # As a terminal does: to all processes of the group, the workers still starting.
    time.sleep(0.8)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert (out, err) == (b"", b"")


@pytest.mark.slow
def test_a_killed_worker_is_one_line(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch, large_set: Path
) -> None:
    # The workers are told to end themselves instead of working.
    monkeypatch.setattr("atss_inspect.statistics.run.summarize_chunk", os._exit)
    monkeypatch.setattr("atss_inspect.statistics.run.partial", lambda *_, **__: _die)
    assert stats("--jobs", "2", "-q", ann=str(large_set)) == 2
    assert capsys.readouterr().err == (
        "atss-inspect: error: a worker process was killed, perhaps for want of memory\n"
        "hint: use fewer --jobs\n"
    )


def _die(chunk: Any) -> Any:
    """End a worker; the main process, which asks for the empty chunk, lives on."""
    if chunk.num_images:
        os._exit(1)
    return ()


def on_terminal(*words: str, **environment: str) -> str:
    """Run the command with stdout and stderr on a terminal; what it shows."""
    pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND[:-1], *words],
        stdout=follower,
        stderr=follower,
        env=os.environ | environment,
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            block = os.read(leader, 4096)
        except OSError:
            break
        if not block:
            break
        shown += block
    os.close(leader)
    assert process.wait(timeout=30) == 0
    return shown.decode()


@pytest.mark.slow
def test_headings_are_bold_on_a_terminal_unless_told_otherwise() -> None:
    words = ("--ann", "yard.json", "-q")
    plain = on_terminal(*words, NO_COLOR="1").replace("\r\n", "\n")
    assert plain == TABLE
    assert on_terminal(*words, TERM="dumb").replace("\r\n", "\n") == TABLE
    styled = on_terminal(*words).replace("\r\n", "\n")
    assert "\x1b[1mverdict:\x1b[0m" in styled
    assert re.sub(r"\x1b\[[01]m", "", styled) == TABLE


def test_the_documentation_names_every_key(
    capsys: Captured, project_root: Path
) -> None:
    text = (project_root / "docs" / "json.md").read_text(encoding="utf-8")
    found = document(capsys, ann="random.json")
    del found["settings"][:]  # their keys are those of `config show`

    def keys(value: Any) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(keys, value))
        if not isinstance(value, dict):
            return set()
        return set(value).union(*map(keys, value.values()))

    missing = {key for key in keys(found) if f"`{key}`" not in text}
    assert not missing


def test_pad_to_is_short_for_the_setting(capsys: Captured) -> None:
    short = document(capsys, "--pad-to", "960", "1344", ann="random.json")
    long = document(capsys, "--set", "pad_to=960,1344", ann="random.json")
    assert short == long
    assert short["settings"][0]["resize"]["pad_to"] == [960, 1344]
    plain = document(capsys, ann="random.json")
    one, other = (each["results"][0]["num_negatives"] for each in (short, plain))
    assert one > other
