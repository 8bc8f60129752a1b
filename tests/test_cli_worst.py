"""`worst`: what it prints, and what it does with what it is given."""

import json
from pathlib import Path

import pytest

from atss_inspect.views.names import cell_width
from tests.command_line import ask, lacking
from tests.random_coco import random_coco
from tests.test_cli_stats import YARD
from tests.tiny_coco import Box, coco_image, write_coco

WORST = "-q worst --ann yard.json"
RANDOM = "-q worst --ann random.json"

# The boxes of 4 and 3 px hold no corner of a cell, multiples of 8 (test_cli_stats);
# those of 64 and 128 px have 9 positives each.
VERDICT = (
    "atss-mmdet leaves 2 of 4 objects (50.0%) without a positive, all for one cause: "
    "no anchor center inside. Missing to need (4): 50.0%."
)
OBJECTS = [("2", "0"), ("3", "0"), ("4", "9"), ("1", "9")]
GROUP = ("num_objects", "num_unassigned")


@pytest.fixture(autouse=True)
def _files(_empty_folder: None) -> None:
    write_coco(Path("yard.json"), YARD)
    write_coco(Path("random.json"), random_coco(11, num_images=10, max_boxes=50))


@pytest.mark.parametrize(
    ("by", "keys", "rows", "following"),
    [
        ("object", ("ann_id", "num_positives"), OBJECTS, "explain{} --ann-id 2"),
        ("image", ("image_id", *GROUP), [("1", "4", "2")], "worst{} --image 1"),
        (
            "class",
            ("class", *GROUP),
            [("cat", "2", "1"), ("dog", "2", "1")],
            "worst{} ",
        ),
    ],
)
def test_rows_come_worst_first(
    by: str, keys: tuple[str, ...], rows: list[tuple[str, ...]], following: str
) -> None:
    found = ask(f"{WORST} --by {by} -f csv").rows
    assert [tuple(row[key] for key in keys) for row in found] == rows
    printed = ask(f"{WORST} --by {by}")
    assert printed.verdict == VERDICT
    assert printed.next.startswith(following.format(" --ann yard.json"))


def test_the_document_names_the_tool_and_the_command_of_each_row() -> None:
    document = ask(f"{RANDOM} --json -s k=5 --pad-to 900 900 -n 3").json
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
        command = row["command"].removeprefix("atss-inspect ")
        [answer] = ask(f"-q {command} --json").json["results"]
        same = ("ann_id", "image_id", "num_positives", "cause")
        assert [answer[key] for key in same] == [row[key] for key in same]


@pytest.mark.parametrize("by", ["image", "class"])
def test_the_command_of_a_group_leads_to_its_objects(by: str) -> None:
    row = ask(f"{RANDOM} --by {by} --json --size tiny -p fcos-mmdet").json["rows"][0]
    assert "--size tiny" in row["command"]
    inner = ask(f"-q {row['command'].removeprefix('atss-inspect ')} --json").json
    assert inner["num_objects"] == row["num_objects"]
    assert inner["causes"] == row["causes"]


def test_a_cause_is_counted_apart_in_the_verdict() -> None:
    text = ask(f"{WORST} --cause no_center_inside --class dog").out
    assert "1 object without a positive (no anchor center inside), largest" in text
    assert text.splitlines()[-4:] == [
        "verdict: atss-mmdet leaves 1 of 2 objects (50.0%) without a positive; 1 of "
        "them:",
        "  no anchor center inside. Missing to need (4): 50.0%.",
        "next: atss-inspect explain --ann yard.json --ann-id 3 --preset atss-mmdet",
        "  or: atss-inspect plot image 1 --ann yard.json --zoom 3 --preset atss-mmdet",
    ]


def test_a_cause_that_nothing_has_gives_no_table() -> None:
    printed = ask(f"{WORST} --cause lost-to-others")
    assert "largest" not in printed.out
    assert "; none of them: lost to other objects. " in printed.verdict
    assert printed.next == "stats --ann yard.json --preset atss-mmdet"
    table = ask(f"{WORST} --cause lost-to-others -f csv").out
    assert table.startswith("file,image_id,file_name,ann_id,")
    assert table.count("\n") == 1


def test_well_assigned_objects_need_no_reason_and_no_object_has_a_sentence() -> None:
    text = ask(f"{WORST} --size medium --size large").out
    assert "why" not in text
    assert "gives all 2 objects a positive; the fewest is 9." in text
    nothing = ask(f"{WORST} --class owl").verdict
    assert nothing.startswith("atss-mmdet has no object to look at here;")


def test_the_next_command_explains_a_typical_object() -> None:
    # Two large boxes that lost to a third, and three that lie between the centers.
    boxes: list[Box] = [(400, 400, 64, 64)] * 3 + [
        (9, 9 + 8 * n, 4, 4) for n in range(3)
    ]
    write_coco(Path("mixed.json"), coco_image(*boxes))
    text = ask("-q worst --ann mixed.json -n 2").out
    assert "  64 x 64     0  lost  1        same\n" in text
    assert (
        "most\n  often: no anchor center inside (3). Missing to need (4): 83.3%. Most "
        "frequent:\n  tiny, no anchor center inside, such as annotation 4.\n"
        "next: atss-inspect explain --ann mixed.json --ann-id 4 --preset atss-mmdet\n"
        "  or: atss-inspect plot image 1 --ann mixed.json --zoom 4 "
    ) in text
    listed = ask("-q worst --ann mixed.json")
    assert "Most frequent" not in listed.verdict
    assert "--ann-id 4 " in listed.next
    assert "--ann-id 2 " in ask("-q worst --ann mixed.json --cause lost-to-others").next


def test_what_is_missing_goes_by_the_need() -> None:
    # Of four objects two have 9 positives each, and two none.
    found = ask(f"{WORST} --json --need 18 --by class").json
    assert found["missing_to_need"] == 0.75
    assert [row["missing_to_need"] for row in found["rows"]] == [0.75, 0.75]
    assert "Missing to need (18): 75.0%." in ask(f"{WORST} --need 18").verdict


def test_an_object_without_an_id_has_no_command() -> None:
    document = json.loads(json.dumps(YARD))
    del document["annotations"][1]["id"]
    write_coco(Path("no_id.json"), document)
    row = ask("-q worst --ann no_id.json --json").json["rows"][0]
    drawn = "atss-inspect plot image 1 --ann no_id.json --preset atss-mmdet"
    shown = (row["ann_id"], row["command"], row["picture"])
    assert shown == (None, None, drawn)
    text = ask("-q worst --ann no_id.json").out
    assert "\n      -  1      cat" in text
    assert "--ann-id 3 --preset atss-mmdet\n" in text
    assert text.endswith(f"  or: {drawn.replace('--preset', '--zoom 3 --preset')}\n")


def test_of_several_files_the_right_one_is_named() -> None:
    for row in ask(f"{RANDOM} --ann yard.json --json -n 40").json["rows"]:
        assert f"--ann {row['file']} --ann-id" in row["command"]
        assert row["command"].count("--ann ") == 1
    assert "ann. id  file " in ask(f"{RANDOM} --ann yard.json").out
    for name in ("train", "val"):
        Path("a", name).mkdir(parents=True)
        write_coco(Path("a", name, "all.json"), YARD)
    text = ask("-q worst --ann a/train/all.json --ann a/val/all.json").out
    assert "      2  train  1      cat " in text
    assert "      2  val    1      cat " in text


@pytest.mark.parametrize("by", ["object", "image", "class"])
def test_long_and_odd_names_stay_within_80_columns(by: str) -> None:
    document = json.loads(json.dumps(YARD))
    document["images"][0] |= {"id": "i" * 50, "file_name": "\x1b[2J" + "n" * 90}
    document["categories"][0]["name"] = "自転車" * 20
    for number, annotation in enumerate(document["annotations"]):
        annotation |= {"image_id": "i" * 50, "id": 10**12 + number}
    write_coco(Path("long.json"), document)
    text = ask(f"-q worst --ann long.json --by {by}").out
    assert text.count("…") > 0
    assert "\x1b" not in text
    wide = [line for line in text.splitlines() if cell_width(line) > 80]
    assert all(line.startswith(("next: ", "  or: ")) for line in wide)


# The anchors of 4 x stride begin at 32 px: a box of 12 px at their center has an IoU of
# 144 / 1,024 at most. Of two such boxes the last one takes the match of both.
LOW = "-q worst --ann low.json -p retinanet-mmdet"
LOW_OBJECTS = """\
3 objects, poorly assigned first; ties: fewest positives, then largest first:

ann. id  image  class  size      w x h  pos.  why                  lost to   IoU
      1  1      cat    tiny    12 x 12     0  no anchor reaches …  2        same
      2  1      cat    tiny    12 x 12     6  low-quality
      3  1      cat    medium  64 x 64    37

low-quality: with only low-quality matches; lost to: the annotation that its
low-quality match went to; IoU: of both boxes as in the file, same where they
are equal.

verdict: retinanet-mmdet leaves 2 of 3 objects (66.7%) poorly assigned: 1
  without a positive and 1 with only low-quality matches; cause of the 1
  without: no anchor reaches the bar. Missing to need (4): 33.3%.
"""


@pytest.fixture
def _low() -> None:
    tiny: Box = (106, 106, 12, 12)  # around 112, 112, the center of an anchor
    write_coco(Path("low.json"), coco_image(tiny, tiny, (400, 400, 64, 64)))


def test_images_with_lost_objects_count_these() -> None:
    write_coco(Path("twins.json"), coco_image(*[(400, 400, 64, 64)] * 2))
    text = ask("-q worst --ann twins.json --by image").out
    assert "  share  lost  why without\n" in text
    assert "\nlost: those that lost every anchor to other objects.\n" in text


@pytest.mark.usefixtures("_low")
def test_low_quality_matches_are_no_match() -> None:
    assert f"\n{LOW_OBJECTS}" in ask(LOW).out
    rows = ("image name objects without low-q. poorly share why without",)
    rows += ("1 a.jpg 3 1 1 2 66.7% no anchor reaches the bar",)
    assert lacking(ask(f"{LOW} --by image").out, *rows) == []
    for cause in ("low-quality-only", "low_quality_only"):
        document = ask(f"{LOW} --cause {cause} --json").json
        [row] = document["rows"]
        assert (row["ann_id"], row["cause"], row["is_low_quality_only"]) == (
            2,
            None,
            True,
        )
        assert document["selection"]["causes"] == ["low_quality_only"]
    counts = ("num_unassigned", "num_low_quality_only", "num_poorly_assigned")
    assert [document[key] for key in counts] == [1, 1, 2]
    [row] = ask(f"{LOW} --by class -f csv").rows
    assert [row[key] for key in counts] == ["1", "1", "2"]
    [row] = ask(f"{LOW.replace('retinanet', 'fcos')} --by class -f csv").rows
    assert row["num_low_quality_only"] == ""


@pytest.mark.usefixtures("_low")
def test_a_rule_without_low_quality_matches_has_no_such_objects() -> None:
    for words in ("-p atss-mmdet", "-p retinanet-mmdet --set allow_low_quality=false"):
        name = words.split()[1]
        assert ask(
            f"worst --ann low.json {words} --cause low-quality-only", code=2
        ).err == (
            f"atss-inspect: error: --cause low-quality-only: {name} has no low-quality "
            "matches\n"
            "hint: the IoU rule has them: --preset retinanet-mmdet, rpn-mmdet, ...\n"
        )


def test_who_lost_to_nearly_the_same_box_is_told() -> None:
    # Of 64 x 64 pixels the second box has 62 / 64 = 0.96875; the third is a copy.
    boxes: list[Box] = [(400, 400, 64, 64), (400, 401, 64, 62), (400, 400, 64, 64)]
    write_coco(Path("near.json"), coco_image(*boxes))
    text = ask("-q worst --ann near.json -p atss-mmdet --format md").out
    assert "| 2 | 1 | cat | medium | 64 x 62 | 0 | lost | 1 | 0.96 |" in text
    assert "| 3 | 1 | cat | medium | 64 x 64 | 0 | lost | 1 | same |" in text
    told = " ".join(
        ask("-q explain --ann near.json --ann-id 2 -p atss-mmdet").out.split()
    )
    assert "to annotation 1, nearly the same box (IoU 0.96)" in told
    told = " ".join(
        ask("-q explain --ann near.json --ann-id 3 -p atss-mmdet").out.split()
    )
    assert "to annotation 1, which has the same box" in told


# FCOS by hand, at 800 as in test_cli_stats, and at 400, half as large. Flipped, the box
# from 100 to 164 lies from 1024 - 164 = 860 to 924, and so on: the picture is a whole
# number of cells wide and points lie in their middles, so a flip changes no count.
#   3 px box: 6.5 to 8 between the points 4 and 12: none in any of the four
#   4 px box: 1 to 3, none at 400; 1 at 800: without in half, mean 0.5
#   64 px box: 50 to 82, points 52 ... 76, 4 x 4; 49 at 800: mean 32.5
#   128 px box: 150 to 214, points 156 ... 212, 8 x 8; 65 at 800: mean 64.5
# In 12 epochs the 3 px box has none, the 4 px box with a chance of 1 / 4,096.
DRAWN = "-q worst --ann yard.json -p fcos-mmdet --short-sides 400,800 --flip"
OVER_VARIANTS = """\
short side 400 or 800, flipped or not: 4 variants, each exact

4 objects, most often without a positive first; ties: fewest positives expected,
then largest first:

ann. id  image  class  size        w x h  without  exp.  pos.  why
      3  1      dog    tiny        3 x 3     100%     0     0  no anchor center…
      2  1      cat    tiny        4 x 4    50.0%   0.5     1
      1  1      cat    medium    64 x 64       0%  32.5    49
      4  1      dog    large   128 x 128       0%  64.5    65

without: share of draws without a positive; exp.: mean of its positives; pos.
and why: at 800, not flipped.

verdict: 1 of 4 objects (25.0%) has a positive in no variant, 1 (25.0%) in some,
  not all; in 12 epochs 1 (25.0%) can be expected to have none. At 800, not
  flipped: fcos-mmdet leaves 1 of 4 objects (25.0%) without a positive: no
  anchor center inside. Missing to need (4): 43.8%.
next: atss-inspect explain --ann yard.json --ann-id 3 --flip --short-sides 400,800 --preset fcos-mmdet
  or: atss-inspect plot image 1 --ann yard.json --zoom 3 --preset fcos-mmdet
"""  # noqa: E501 - commands are not folded


def test_over_variants_objects_without_a_positive_in_every_one_come_first() -> None:
    text = ask(DRAWN).out
    assert text[text.index("short side 400") :] == OVER_VARIANTS
    document = ask(f"{DRAWN} --json").json
    assert document["variants"] == {
        "short_sides": [400, 800],
        "short_range": [],
        "flip": 0.5,
        "num_variants": 4,
        "is_sampled": False,
        "num_objects": 4,
        "every_variant": 1,
        "some_variants": 1,
        "epochs": 12,
        "never_in_epochs": 1 + 1 / 4096,
    }
    keys = ("unassigned_share", "expected_positives", "num_assigned", "num_variants")
    found = [tuple(row[key] for key in keys) for row in document["rows"]]
    assert found == [(1, 0, 0, 4), (0.5, 0.5, 2, 4), (0, 32.5, 4, 4), (0, 64.5, 4, 4)]
    rows = ask(f"{DRAWN} -f csv").rows
    assert [row["expected_positives"] for row in rows] == ["0.0", "0.5", "32.5", "64.5"]


def test_over_variants_the_next_command_explains_the_first_row() -> None:
    printed = ask(f"{RANDOM} --short-sides 200,900 --flip")
    first = ask(f"{RANDOM} --short-sides 200,900 --flip --json").json["rows"][0]
    assert f"--ann-id {first['ann_id']} --flip --short-sides 2" in printed.next
    # Without variants that is another object, of the most frequent kind.
    assert f"--ann-id {first['ann_id']} " not in ask(RANDOM).next
    assert "Most frequent" not in printed.verdict


def test_over_shifts_nothing_is_said_of_epochs() -> None:
    # The first of two shifts is none; the other moves by 27.14 and 124.125 px: the box
    # of 3 px from 40.14 to 43.14, and there is no point between 36 and 44; that of 4 px
    # from 29.14 to 33.14, none between 28 and 36.
    text = ask("-q worst --ann yard.json -p fcos-mmdet --shifts 2").out
    assert "\n2 shifts of every picture right and down, less than 128 input p" in text
    assert (
        "verdict: 1 of 4 objects (25.0%) has a positive at no shift, 1 (25.0%) at some,"
        "\n  not all. In its own place: fcos-mmdet leaves 1 of 4 "
    ) in text
    found = ask("-q worst --ann yard.json -p fcos-mmdet --shifts 2 --json").json
    assert found["shifts"]["every_shift"] == found["shifts"]["some_shifts"] == 1
    assert found["rows"][1]["unassigned_share"] == 0.5
    assert "--ann-id 3 --shifts 2 --preset" in found["rows"][0]["command"]


def test_variants_are_for_objects_and_shifts_stand_alone() -> None:
    refused = ask(f"{DRAWN} --by class", code=2).err
    assert "--by class: expected object, since variants are drawn" in refused
    refused = ask(f"{DRAWN} --shifts 32", code=2).err
    assert "--shifts 32: expected no sizes, flips or epochs" in refused


def test_long_ids_are_cut_in_the_middle_and_images_in_them_are_not_repeated() -> None:
    name = "180_jpg.rf.045117b0e0a11a242b9765e79cbf113f"
    image = {"id": name, "width": 800, "height": 800}
    boxes = [{"id": f"{name}:{n}", "bbox": [400, 400, 64, 64]} for n in (1, 2)]
    own = [one | {"image_id": name, "category_id": 1} for one in boxes]
    write_coco(Path("long.json"), {"images": [image], "annotations": own})
    lines = ask("-q worst --ann long.json -p atss-mmdet").out.splitlines()
    [at] = [place for place, line in enumerate(lines) if "ann. id" in line]
    table = [" ".join(line.split()) for line in lines[at : at + 3]]
    assert max(map(len, lines[at : at + 3])) == 80
    assert table[0] == "ann. id class size w x h pos. why lost to IoU"
    assert table[1].startswith("180_jpg")
    assert table[1].split()[0][-4:] == "3f:2"
    assert "…" in table[1]
