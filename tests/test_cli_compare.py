"""`compare`: what it prints, and what it does with what it is given."""

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import ask, lacking
from tests.random_coco import random_coco
from tests.test_cli_stats import YARD
from tests.tiny_coco import coco, write_coco

TWO = "-q compare --ann yard.json atss-mmdet fcos-mmdet"
RANDOM = "-q compare --ann random.json"
BEFORE_AND_NOW = "-q compare --ann yard.json atss-mmdet --baseline old.json"

# By hand (the positives of FCOS stand in test_cli_stats): ATSS gives 0, 0, 9, 9 to the
# boxes of 4, 3, 64 and 128 px, FCOS 1, 0, 49, 65. Ranks about their mean: -1, -1, 1, 1
# and -0.5, -1.5, 0.5, 1.5; products 4, squares 4 and 5; 4 / sqrt(20) = 0.894.
ROWS = (
    *("positives under both 2 0 0 1 1", "only under atss-mmdet 0 0 0 0 0"),
    *("only under fcos-mmdet 1 1 0 0 0", "under neither 1 1 0 0 0"),
    *("rank agreement (Spearman) 0.89 - - - -", "annotation 2 (image 1, tiny, 1"),
)
# Without the 4 px box: 1 of 3 objects has nothing, and the mean is 18 / 3.
BASELINE_ROWS = (
    *("before: old.json: 2 images, 5 annotations, 3 classes", "all 3 4 +1"),
    *("all 33.3% 50.0% +16.7", "tiny 100% 100% 0", "small - - -", "mean 6.0 4.5 -1.5"),
    *("missing to need 33.3% 50.0% +16.7", "Gini (0 is even) 0.33 0.50 +0.17"),
)
FEW = "With fewer than 20 images chance may make any difference."


@pytest.fixture(autouse=True)
def _annotations() -> None:
    write_coco(Path("yard.json"), YARD)
    before = [one for one in YARD["annotations"] if one["id"] != 2]
    write_coco(Path("old.json"), YARD | {"annotations": before})
    write_coco(Path("random.json"), random_coco(3, num_images=40))


def test_the_rows_of_two_presets_come_after_those_of_stats() -> None:
    printed = ask(TWO)
    start, _, rest = printed.out.partition("atss-mmdet and fcos-mmdet, objects\n")
    assert lacking(rest, *ROWS[:-1]) == []
    assert ROWS[-1] in rest
    explain = "explain --ann yard.json --ann-id 2 --preset fcos-mmdet"
    assert printed.next == f"{explain} --preset atss-mmdet"
    assert printed.verdict == (
        "Objects with a positive only under atss-mmdet: 0, only under fcos-mmdet: 1. "
        f"They favor much the same objects (Spearman 0.89). {FEW}"
    )
    alone = ask("stats --ann yard.json -p atss-mmdet -p fcos-mmdet --full").out
    assert lacking(f"{alone}\nall tiny small medium large", *start.splitlines()) == []


def test_the_table_of_two_data_sets() -> None:
    printed = ask(BEFORE_AND_NOW)
    assert lacking(printed.out, *BASELINE_ROWS) == []
    assert printed.verdict == (
        "atss-mmdet leaves 50.0% of the objects poorly assigned, before 33.3%: +16.7 "
        f"points. No size fares worse; their mix is what changed. {FEW}"
    )
    assert printed.next == "stats --ann yard.json --preset atss-mmdet --by class"
    verdict = "atss-mmdet leaves as many objects poorly assigned as before, 50.0%."
    again = ask("compare --ann yard.json atss-mmdet --baseline yard.json")
    assert again.verdict.startswith(verdict)
    rows = ask(f"{BEFORE_AND_NOW} -f csv").out.splitlines()
    assert rows[2] == "atss-mmdet,tiny,1,1,1,2,2,2,0.0,0.0,,,"
    lines = ask(f"{BEFORE_AND_NOW} -f jsonl").out.splitlines()
    assert [json.loads(line)["data"] for line in lines] == ["before", "now"]


def test_objects_on_few_of_many_images_tell_nothing_of_chance() -> None:
    far = {n: [(5, 5, 300, 300)] if n > 8 else [(5, 5, 9, 9)] for n in range(60)}
    write_coco(Path("far.json"), coco(far))
    words = "compare --ann far.json --baseline far.json atss-mmdet --size tiny"
    told = "With objects in fewer than 10 blocks of images chance may make any differ"
    assert told in ask(words).verdict


def test_without_presets_the_three_of_mmdetection_are_compared() -> None:
    printed = ask(RANDOM)
    assert printed.out.count("rank agreement (Spearman)") == 3
    commands = ("next: ", "  atss-inspect ")
    lines = printed.out.splitlines()
    assert max(len(line) for line in lines if not line.startswith(commands)) <= 80
    assert not re.search(r" $", printed.out, re.MULTILINE)
    # The numbers of the verdict stand in the tables.
    table, verdict = printed.out.split("verdict: ")[0], printed.verdict
    verdict = verdict.replace("fewer than 20", "few")
    numbers, spoken = (set(re.findall(r"\d[\d,.]*\d|\d", t)) for t in (table, verdict))
    assert len(spoken) > 6
    assert spoken <= numbers


def test_a_toml_file_is_a_convention_and_its_name_is_typed_again() -> None:
    Path("mine.toml").write_text('extends = "atss-mmdet"\n[assigner]\nk = 25\n')
    printed = ask(f"{RANDOM} atss-mmdet mine.toml")
    assert "atss-mmdet and mine, objects" in printed.out
    assert "  positives in common " in printed.out
    presets = [
        b for a, b in itertools.pairwise(printed.next.split()) if a == "--preset"
    ]
    assert sorted(presets) == ["atss-mmdet", "mine.toml"]


def test_the_document_is_that_of_stats_with_the_pairs() -> None:
    found = ask(f"{TWO} --json").json
    [pair] = found.pop("pairs")
    stats = "-q stats --ann yard.json --json -p atss-mmdet -p fcos-mmdet"
    assert found == ask(stats).json
    assert (pair["first"], pair["second"]) == ("atss-mmdet", "fcos-mmdet")
    assert pair["num_only_second"] == 1
    assert pair["examples_only_first"] == []
    [example] = pair["examples_only_second"]
    assert (example["ann_id"], example["num_positives"]) == (2, 1)
    assert [one["num_objects"] for one in pair["by_size"]] == [2, 0, 1, 1]
    every = pair["differences"][0]
    found = [every[key] for key in ("measure", "first", "second", "change", "is_none")]
    assert found == ["unassigned", 0.5, 0.25, -0.25, None]  # of two images
    assert len(pair["differences"]) == 15  # without bars there are three measures


def field_of(annotations: list[dict[str, Any]], number: int) -> dict[str, Any]:
    """So many images with the same objects each."""
    image = {"width": 1024, "height": 800}
    return {
        "images": [image | {"id": n, "file_name": f"{n}"} for n in range(number)],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [
            one | {"id": 10 * n + place, "image_id": n, "category_id": 1, "iscrowd": 0}
            for n in range(number)
            for place, one in enumerate(annotations)
        ],
    }


def test_differences_are_judged_on_the_same_objects_and_bars_keep_rules_apart() -> None:
    # The 3 px box holds no anchor center for ATSS, and its best anchor of 32 px is a
    # low-quality match for RetinaNet; the other box has positives under both.
    boxes = [[98, 203, 3, 3], [300, 300, 64, 64]]
    objects = [{"bbox": box, "area": box[2] * box[3]} for box in boxes]
    write_coco(Path("field.json"), field_of(objects, 30))
    names = "atss-mmdet retinanet-mmdet"
    printed = ask(f"-q compare --ann field.json {names}")
    rows = [line.split() for line in printed.out.splitlines()]
    changes = ["points", "-50.0", "-100.0", "-", "none", "-"]
    assert ["without", "a", "positive,", *changes] in rows
    assert ["missing", "to", "need,", *changes] in rows
    apart = "retinanet-mmdet 0%, atss-mmdet 50.0% (50.0 points apart)"
    assert printed.verdict == (
        "Under retinanet-mmdet 50.0% of the objects have only low-quality matches, "
        "which count as positives here. Bars differ (IoU; atss-mmdet none, "
        "retinanet-mmdet 0.5), and a lower one takes worse anchors: such rules are not "
        "ranked by poorly assigned objects. "
        f"Without a positive: {apart}. Missing to need: {apart}. They favor much "
        "the same objects (Spearman 1.00)."
    )
    found = ask(f"-q compare --ann field.json {names} --json").json["pairs"][0]
    measures = {one["measure"] for one in found["differences"]}
    assert measures == {"unassigned", "missing_to_need"}
    ends = [found["differences"][0][f"interval_{end}"] for end in ("low", "high")]
    assert ends == [-0.5, -0.5]
    # Both of these have the same bar, so they can be.
    same = ask("-q compare --ann field.json retinanet-mmdet retinanet-torchvision")
    both = "poorly assigned, without a positive and missing to need"
    assert same.verdict.startswith(
        "No difference beyond chance between retinanet-mmdet and "
        f"retinanet-torchvision: {both}."
    )
    other = ask("-q compare --ann field.json retinanet-mmdet rpn-mmdet")
    assert "poorly assigned, points" not in other.out
    told = "Bars differ (IoU; retinanet-mmdet 0.5, rpn-mmdet 0.7), and a lower one "
    assert told in other.verdict


def test_sizes_that_go_the_other_way_are_named() -> None:
    # RetinaNet has four low-quality matches for each 3 px box, ATSS nothing. The box
    # of 22 px has one, the anchor of 32 px around it, and nine positives under ATSS.
    boxes = [[98, 203, 3, 3], [498, 203, 3, 3], [293, 293, 22, 22]]
    objects = [{"bbox": box, "area": box[2] * box[3]} for box in boxes]
    write_coco(Path("field.json"), field_of(objects, 30))
    told = ask("-q compare --ann field.json atss-mmdet retinanet-mmdet").verdict
    assert (
        "Missing to need: retinanet-mmdet 25.0%, atss-mmdet 66.7% (41.7 points apart). "
        "Some sizes are worse under retinanet-mmdet: missing to need, small by 75.0 "
        "points. One favors"
    ) in told


def test_two_data_sets_differ_by_what_their_images_tell() -> None:
    # The 3 px box has only a low-quality match under RetinaNet, the other positives:
    # 60 images hold the other, and now every second of them the 3 px box too.
    boxes = [[300, 300, 64, 64], [98, 203, 3, 3]]
    before, now = (
        field_of([{"bbox": b, "area": b[2] * b[3]} for b in boxes[:number]], 60)
        for number in (1, 2)
    )
    write_coco(Path("before.json"), before)
    added = [one for one in now["annotations"] if one["id"] % 20 == 1]
    command = "-q compare --ann now.json --baseline before.json retinanet-mmdet"
    for more, told in (
        (added, r"leaves 33.3% .* before 0%: \+33.3 points \(29.9 to 36.4\)\. No size"),
        (added[:1], r": no difference beyond chance, 0% .* \+1.6 points \(-0.2 to"),
    ):
        write_coco(
            Path("now.json"), now | {"annotations": before["annotations"] + more}
        )
        assert re.search(told, ask(command).verdict)
    [every, tiny, *_] = ask(f"{command} --json").json["changes"]
    assert every["poorly_assigned_share_rise"] == pytest.approx(1 / 61)
    assert every["unassigned_share_rise"] == 0
    assert every["interval_low"] < 0
    assert (every["is_none"], tiny["interval_low"]) == (True, None)


def test_other_formats_have_the_numbers_of_the_document() -> None:
    pairs = ask(f"{RANDOM} --json").json["pairs"]
    lines = ask(f"{RANDOM} -f jsonl").out.splitlines()
    assert list(map(json.loads, lines)) == pairs
    rows = ask(f"{RANDOM} -f csv").rows
    assert len(rows) == 15
    groups = [one for pair in pairs for one in (pair, *pair["by_size"])]
    for row, group in zip(rows, groups, strict=True):
        assert row["group"] == group.get("size", "all")
        for key in ("num_objects", "num_both", "num_neither", "spearman"):
            assert (json.loads(row[key]) if row[key] else None) == group[key]
    for place, row in enumerate(rows):
        for one in pairs[place // 5]["differences"]:
            if one["group"] == row["group"]:
                keys = ("change", "interval_low")
                ends = [row[f"{one['measure']}_{key}"] for key in keys]
                expected = [one[key] for key in keys]
                assert ends == ["" if n is None else str(n) for n in expected]
    # By size it is another correlation.
    assert all(pair["by_size"][0]["spearman"] != pair["spearman"] for pair in pairs)


def test_objects_without_an_id_are_named_by_their_place() -> None:
    nameless = [dict(one) for one in YARD["annotations"]]
    for one in nameless:
        del one["id"]
    write_coco(Path("yard.json"), YARD | {"annotations": nameless})
    text = ask(TWO).out
    place = "fcos-mmdet, not atss-mmdet: the annotation at place 1 (image 1, tiny, 1 "
    assert place in " ".join(text.split())
    assert "explain" not in text


def test_nothing_to_compare_says_so() -> None:
    write_coco(Path("yard.json"), YARD | {"annotations": []})
    assert ask(TWO).verdict.startswith("No object is kept by every preset")


def test_the_documents_of_both_data_sets_are_there() -> None:
    found = ask(f"{TWO} --baseline old.json --json").json
    for ann, part in (("yard.json", found), ("old.json", found["baseline"])):
        stats = f"-q stats --ann {ann} --json -p atss-mmdet -p fcos-mmdet"
        alone = ask(stats).json
        for key in ("inputs", "data", "results", "warnings"):
            assert part[key] == alone[key]
    assert len(found["changes"]) == 10
    every = found["changes"][0]
    counts = [
        every[f"num_{key}"] for key in ("objects_before", "objects", "unassigned")
    ]
    assert counts == [3, 4, 2]
    assert every["poorly_assigned_share_rise"] == pytest.approx(1 / 6)
