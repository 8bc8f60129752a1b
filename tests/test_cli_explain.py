"""`explain`: what it prints, and what it does with what it is asked."""

import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from atss_inspect.assigners.steps import Place
from atss_inspect.explain import Explanation
from atss_inspect.settings import preset
from atss_inspect.views.explain import outcome_sentence
from tests.assigning import assigning_names
from tests.command_line import ask
from tests.random_coco import random_coco
from tests.tiny_coco import Box, coco_image, write_coco

EXPLAIN = "explain --ann yard.json"
BOXES = {
    1: (100, 100, 20, 20),
    2: (100, 100, 20, 20),
    3: (13, 13, 3, 3),
    4: (300, 300, 0, 5),
    5: (84, 484, 32, 32),
    6: (18, 18, 4, 4),
}


@pytest.fixture(autouse=True)
def document() -> dict[str, Any]:
    """The file that is asked about; a test that changes it writes it again."""
    # The image is 800 px high already, so that input pixels are original pixels.
    made: dict[str, Any] = {
        "images": [{"id": 42, "width": 1024, "height": 800, "file_name": "yard.jpg"}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [
            {"id": key, "image_id": 42, "category_id": 1, "bbox": list(box)}
            | {"iscrowd": 0, "area": box[2] * box[3]}
            for key, box in BOXES.items()
        ],
    }
    write_coco(Path("yard.json"), made)
    return made


# Parts of what is printed, in this order.
ATSS = (
    "\n  threshold: mean 0.0260 + std 0.0378 of the 20 IoUs = 0.0638\n",
    "outcome: no positive (lost to other objects): every anchor it could have had\n",
    "the one it wanted most to annotation 1, which has the\n  same box.\n",
    "\nnone of the changes tried gives it a positive: no setting tells equal boxes\n",
    "next: atss-inspect plot image 42 --ann yard.json --preset atss-mmdet --set k=4 ",
)
IOU_THRESHOLD = (
    "\n  P3      63      13       0  0.5469  >= 0.5  positive\n",
    "  92 more down to an IoU of 0.3154\n",
    "\n  best IoU 0.6300; 16 anchors at 0.5 or above, 0 of its best below\n",
    "\noutcome: 16 positives: 16 on P3.\n",
)
FCOS = (
    "\n  P3       1       2   7.00  -1.00  -4.00    4.00     7.00  outside the box\n",
    "\n  area 9.00 square pixels; the smallest wins a contest\n",
    "\noutcome: no positive (no anchor center inside): no point of any level lies\n",
    "are without a positive), beside what it costs:\n  input size 1200/2000: 1 posi",
    "; then 1 of 5 are without a positive, 2.28\n    times the multiply-adds\n",
    "\nworth trying on all objects: input size 1200/2000\nnext: ",
    "sweep --ann yard.json --preset fcos-mmdet short_side=800,1000,1200,1600\n",
)
LOW_QUALITY = (
    # Rounding decides; digits tell why only these six are its best.
    "  0.14062504  its best  low-quality match\n",
    "  0.14062503  < 0.4     -\n",
    "\noutcome: 6 positives, only low-quality matches: 6 on P3.\n",
    "single changes that give it a positive at the bar or above, each tried on its\n",
    "\n  finer level stride 4: 1 positive; then 0 of 3 are poorly assigned, ",
    "next: atss-inspect sweep --ann low.json --preset retinanet-mmdet scale=4,2\n",
)


def require_in_order(text: str, parts: tuple[str, ...]) -> None:
    for part in parts:
        assert part in text
        text = text.partition(part)[2]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("--ann-id 2 -p atss-mmdet --set k=4", ATSS),
        ("--ann-id 5 -p retinanet-mmdet", IOU_THRESHOLD),
        ("--ann-id 3 -p fcos-mmdet", FCOS),
    ],
)
def test_the_text_of_each_rule(words: str, parts: tuple[str, ...]) -> None:
    require_in_order(ask(f"{EXPLAIN} {words}").out, parts)


def test_low_quality_matches_are_named() -> None:
    # Both boxes of 12 px lie in the same anchors of 32 px; the last one takes them.
    tiny: Box = (106, 106, 12, 12)
    write_coco(Path("low.json"), coco_image(tiny, tiny, (400, 400, 64, 64)))
    text = ask("-q explain --ann low.json --ann-id 2 -p retinanet-mmdet").out
    require_in_order(text, LOW_QUALITY)
    words = "-q explain --ann low.json -p retinanet-mmdet -p atss-mmdet --json --ann-id"
    for number, expected in (2, {True}), (3, {False}):
        one, other = ask(f"{words} {number}").json["results"]
        assert {each["is_low_quality"] for each in one["positives"]} == expected
        assert {each["is_low_quality"] for each in other["positives"]} <= {None}


def test_some_positives_may_be_low_quality_matches() -> None:
    # The best anchor of another object goes to the one that it overlaps more.
    one = Explanation(
        preset("retinanet-torchvision"),
        positives=(Place(0, 1, 1, 0), Place(0, 1, 2, 0), Place(1, 1, 1, 0)),
        is_low_quality=(True, False, False),
    )
    told = "3 positives: 2 on P3, 1 on P4 and 1 low-quality match among them."
    assert outcome_sentence(one) == told


def test_without_a_preset_three_rules_are_explained() -> None:
    text = ask(f"{EXPLAIN} --ann-id 1").out
    for name in ("atss-mmdet", "retinanet-mmdet", "fcos-mmdet"):
        assert f"\n{name}: " in text
    assert text.count("\noutcome: ") == 3
    assert "\n  P3      14      14       3  0.3906  its best  lost to 2\n" in text
    assert "\n  P3      13      14       6  0.3722  < 0.4     -\n" in text


def test_lines_stay_within_80_columns() -> None:
    # Names of files and commands to type are better whole than broken.
    names = " ".join(f"-p {name}" for name in assigning_names())
    drawn = random_coco(1)
    write_coco(Path("r.json"), drawn)
    for number in range(1, len(drawn["annotations"]) + 1, 32):
        out = ask(f"-q explain --ann r.json --ann-id {number} {names}").out
        for line in out.splitlines():
            assert cell_len(line) <= 80 or line.startswith("next: "), line


def test_counted_candidates_give_their_largest_distance_and_iou() -> None:
    command = f"{EXPLAIN} --ann-id 1 -p atss-mmdet --set scale=2"
    lines = ask(command).out.splitlines()
    [line] = [one for one in lines if one.startswith("  P6") and "8 more" in one]
    candidates = ask(f"{command} --json").json["results"][0]["steps"]["candidates"]
    rest = [each for each in candidates if each["level_name"] == "P6"][1:]
    overlaps = [each["iou"] for each in rest]
    assert min(overlaps) < max(overlaps)
    assert f"<= {max(each['distance'] for each in rest):.2f}  " in line
    assert f"<= {max(overlaps):.4f}  " in line


def test_a_box_that_is_in_no_file() -> None:
    printed = ask(f"{EXPLAIN} --image 42 --box 13,13,3,3 -p fcos-mmdet").out
    assert printed.startswith(
        "a box that is not in yard.json: tiny, area 9\n"
        "image 42 (yard.jpg), 1024x800\n"
        "box 3 x 3 at 13, 13 (width x height at x, y; original pixels)\n"
    )
    assert "no point of any level lies" in printed
    # It loses to the first of two equal ones, and beats nobody.
    box = "--image yard.jpg --box 100,100,20,20"
    [only] = ask(f"{EXPLAIN} --json {box} -p atss-mmdet").json["results"]
    assert (only["ann_id"], only["annotation_index"]) == (None, None)
    assert (only["lost_to"], only["image_num_objects"]) == (1, 6)
    # It is of a class that is trained on.
    box = "--image 42 --box 9,9,50,50 --set data.classes=cat"
    found = ask(f"{EXPLAIN} --json {box}").json["results"]
    assert [(each["class"], each["left_out"]) for each in found] == [("cat", None)] * 3


def test_objects_left_out_get_a_sentence(document: dict[str, Any]) -> None:
    printed = ask(f"{EXPLAIN} --ann-id 4 -p atss-mmdet").out
    assert "outcome: not an object of atss-mmdet: its box has no width" in printed
    assert "candidates" not in printed
    document["images"][0] |= {"width": 30, "height": 30}
    write_coco(Path("yard.json"), document)
    printed = ask(f"{EXPLAIN} --ann-id 3 -p atss-mmdet").out
    assert "outcome: not an object of atss-mmdet: the image is smaller" in printed


def test_an_annotation_that_is_none_or_two_is_explained_so_often(
    document: dict[str, Any],
) -> None:
    document["annotations"][4]["id"] = 3
    write_coco(Path("yard.json"), document)
    printed = ask(f"{EXPLAIN} -p fcos-mmdet --ann-id 3").out
    assert "annotation 3, annotations[2] in yard.json" in printed
    assert "annotation 3, annotations[4] in yard.json" in printed
    document["annotations"][4]["id"] = 5
    document["annotations"][2]["image_id"] = 5
    write_coco(Path("yard.json"), document)
    printed = ask(f"{EXPLAIN} --ann-id 3").out
    assert printed.startswith("annotation 3 is no object of any preset, since the ")
    found = ask(f"{EXPLAIN} --json --ann-id 3").json
    assert found["results"] == []
    assert found["left_out_by_reader"]["ann_id"] == "3"


@pytest.mark.parametrize(("ann_id", "name"), [(6, "atss-mmdet"), (3, "fcos-mmdet")])
def test_the_command_to_type_next_works(ann_id: int, name: str) -> None:
    asked = f"{EXPLAIN} --ann-id {ann_id} -p atss-mmdet -p fcos-mmdet --set k=5"
    found = re.findall("^next: atss-inspect (.*)", ask(asked).out, re.MULTILINE)
    [command] = [each for each in found if name in each]
    # Of one's own settings each preset gets those that it has.
    assert ("k=5" in command) == (name == "atss-mmdet")
    assert len(ask(f"{command} --json").json["results"]) == 4  # sizes
    results = ask(f"{asked} --json").json["results"]
    [changes] = [one["recommended"] for one in results if one["preset"] == name]
    sets = " ".join(f"--set {change}" for change in changes)
    [helped] = ask(f"{EXPLAIN} --ann-id {ann_id} -p {name} {sets} --json").json[
        "results"
    ]
    assert helped["num_positives"] > 0


def test_names_from_files_do_not_act_on_the_terminal(document: dict[str, Any]) -> None:
    document["categories"][0]["name"] = "cat\x1b[31m"
    document["images"][0]["file_name"] = "yard\n.jpg"
    write_coco(Path("yard.json"), document)
    printed = ask(f"{EXPLAIN} --ann-id 1 -p fcos-mmdet").out
    assert "\x1b" not in printed
    assert "cat\\x1b[31m" in printed
    assert "yard\\n.jpg" in printed


def test_over_variants_a_line_tells_where_it_has_a_positive() -> None:
    # The box of 4 px from 18 to 22 holds FCOS's point 20 at 800. At 400 it lies from 9
    # to 11, between 4 and 12; flipped from 1002 to 1006 on the point 1004, at 400 from
    # 501 to 503, between 500 and 508.
    drawn = f"{EXPLAIN} --ann-id 6 -p fcos-mmdet --short-sides 400,800 --flip"
    text = ask(drawn).out
    line = "over 4 variants: a positive in 2 of 4, at 800; 0.50 positives expected.\n"
    assert f"\noutcome: 1 positive: 1 on P3.\n{line}" in text
    [found] = ask(f"{drawn} --json").json["results"]
    assert found["variants"]["num_assigned"] == 2
    assert found["variants"]["unassigned_share"] == 0.5
    assert [tuple(each.values()) for each in found["variants"]["each"]] == [
        (400, False, 1, 0),
        (400, True, 1, 0),
        (800, False, 1, 1),
        (800, True, 1, 1),
    ]


def test_over_shifts_a_line_tells_how_often_it_has_a_positive() -> None:
    # From 18 to 22, then moved by 27.14 and 124.125 px: 45.14 to 49.14, no point.
    shifted = f"{EXPLAIN} --ann-id 6 -p fcos-mmdet --shifts 2"
    assert "\nover 2 shifts: a positive at 1 of 2; 0.50 positives e" in ask(shifted).out
    [found] = ask(f"{shifted} --json").json["results"]
    assert found["shifts"]["num_shifts"] == 2
    assert found["shifts"]["each"][1]["shift"] == [27.140625, 124.125]
    assert "shifts" not in ask(f"{EXPLAIN} --ann-id 6 --json").out
