"""`worst`, `sweep`, `check`, `compare` and what is drawn, of gates: words and counts.

What is certain is told as such, and candidates are never called positives.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atss_inspect import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics import run
from atss_inspect.statistics.comparison import compare
from atss_inspect.statistics.limits import parse_limit
from atss_inspect.statistics.worst import Query, find_worst
from atss_inspect.views.gates import GATES_NOTE
from tests.command_line import ask, lacking
from tests.random_coco import random_dataset
from tests.reference.gate import KINDS, candidates
from tests.test_gate_counts import TWO
from tests.tiny_coco import coco, coco_image, write_coco

# Images of 640 x 480 are not scaled, and lie 80 px lower. Points of P3 are 4, 12, ...,
# of P4 8, 24, ..., of P5 16, 48, ...; those on an edge are out. Without floors:
#   103: x 9 to 11.5 holds none
#   106: x 100 to 140, y 180 to 220: 4 x 4 of P3, 3 x 3 of P4, 1 of P5 (see TWO)
#   109: x 201 to 205, y 201 to 205: 204, 204 of P3
#   100: x 10 to 13, y 90 to 93: 12, 92 of P3
# From 8.4.128 on sides below 16 become 16 about their center: each holds four points of
# P3 and one of P4, 103 (2.25 to 18.25, 78.25 to 94.25) none of P5, x 16, y 80: one.
FOUR = {
    1: [(9, 5, 2.5, 2.5), (100, 100, 40, 40), (201, 121, 4, 4)],
    2: [(10, 10, 3, 3)],
}


@pytest.fixture(autouse=True)
def _files(_empty_folder: None) -> None:
    write_coco(Path("four.json"), coco(FOUR))
    # Forty images, so that differences have intervals; in each 2 of 3 have none in 8.3.
    boxes = [(9, 5, 2.5, 2.5), (17, 5, 2.5, 2.5), (100, 100, 40, 40)]
    write_coco(Path("many.json"), coco(dict.fromkeys(range(1, 41), boxes)))


def test_worst_lists_those_without_a_candidate_first() -> None:
    told = ask("-q worst four.json -p ultralytics-8.3")
    rows = (
        "ann. id image class size w x h cand. at most",
        "103 1 car, small tiny 2.5 x 2.5 0 0",
        "109 1 person tiny 4 x 4 1 1",
        "100 2 person tiny 3 x 3 1 1",
        "106 1 自転車 small 40 x 40 26 10",
    )
    assert not lacking(told.out, *rows)
    assert "4 objects, fewest candidates first; ties: largest first:" in told.out
    # Ten for each: 0, 10, 1 and 1 of 40 are possible.
    assert told.verdict == (
        "ultralytics-8.3 leaves 1 of 4 objects (25.0%) without a candidate: at "
        "this size they get no positive, whatever is predicted. Missing to the quota "
        "(10): 70.0%."
    )
    assert told.next == "explain --ann four.json --ann-id 103 --preset ultralytics-8.3"


def test_worst_by_image_and_class_counts_who_has_no_candidate() -> None:
    told = ask("-q worst four.json -p ultralytics-8.3 --by image").out
    assert not lacking(told, "1 1.jpg 3 1 33.3%", "image name objects without share")
    assert "most objects without a candidate first" in told
    told = ask("-q worst four.json -p ultralytics-8.3 --by class").out
    assert "largest share without a candidate first" in told
    assert "positive" not in told.partition("verdict:")[0]


def test_worst_of_the_cause_alone_lists_nobody_else() -> None:
    asked = "-q worst four.json -p ultralytics-8.3 --cause no-candidate"
    assert [row["ann_id"] for row in ask(f"{asked} -f csv").rows] == ["103"]
    assert "1 object without a candidate, largest first:" in ask(asked).out
    asked = asked.replace("ultralytics-8.3", "yolo11")
    assert ask(f"{asked} -f csv").rows == []
    assert "gives all 4 objects a candidate" in ask(asked).verdict


def test_records_of_the_worst_have_candidates_and_bounds() -> None:
    document = ask("-q worst four.json -p ultralytics-8.3 --json").json
    keys = ("num_candidates", "max_positives", "cause")
    found = [[row[key] for key in keys] for row in document["rows"]]
    assert found == [[0, 0, "no_candidate"], [1, 1, None], [1, 1, None], [26, 10, None]]
    assert document["num_without_candidate"] == 1
    assert document["missing_to_quota"] == 0.7
    assert not any("num_positives" in row for row in document["rows"])
    [row] = ask("-q worst four.json -p ultralytics-8.3 --by image -f csv").rows
    assert row["without_candidate_share"].startswith("0.3333")


def test_of_rtmdet_the_worst_may_get_points_of_others() -> None:
    told = ask("-q worst four.json -p rtmdet-mmdet")
    assert "candidate of their own: they may get points of others" in told.verdict
    assert "certainly" not in told.out
    assert "at most 13 in all" in " ".join(told.out.split())
    rows = ask("-q worst four.json -p rtmdet-mmdet --json").json["rows"]
    assert {row["max_positives"] for row in rows} == {13}


@settings(max_examples=6)
@given(st.integers(0, 30), st.sampled_from([*KINDS]))
def test_the_worst_are_those_of_a_loop(seed: int, name: str) -> None:
    dataset, convention = random_dataset(seed), preset(name)
    found = find_worst(dataset, convention, Query(1000))
    frame = run.frame_of(dataset, slice(0, dataset.num_images), convention)
    sizes = frame.padded_size[frame.gt_image].tolist()
    counts = [
        sum(map(len, candidates(name, box, tuple(size), convention.anchors.strides)))
        for box, size in zip(frame.gt_boxes, sizes, strict=True)
    ]
    assert [one.num_positives for one in found.objects] == sorted(counts)
    every = found.every_object.group
    assert (every.num_objects, every.num_unassigned) == (len(counts), counts.count(0))
    quota = found.query.need
    assert every.num_missing == sum(max(quota - count, 0) for count in counts)
    assert every.num_needed == quota * len(counts)


def test_chunks_and_processes_change_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = (
        "worst many.json -p ultralytics-8.3 --json",
        "compare many.json ultralytics-8.3 yolo11 atss-mmdet --json",
        "sweep many.json -p ultralytics-8.3 levels=P3-P5,P2-P5 quota=5,10 --json",
    )
    whole = [ask(f"-q {each}").out for each in asked]
    monkeypatch.setattr(run, "BOXES_PER_CHUNK", 7)
    assert [ask(f"-q {each}").out for each in asked] == whole
    assert ask(f"-q {asked[1]} --jobs 2").out == whole[1]


def test_topk_is_the_quota_of_a_gate_and_the_k_of_atss() -> None:
    assert preset("yolo11", topk=13).assigner.quota == 13
    assert preset("atss-mmdet", topk=13).assigner.k == 13
    told = ask("-q stats four.json -p yolo11 -p atss-mmdet -s topk=13 --json").json
    assert [one["assigner"].get("quota") for one in told["settings"]] == [13, None]
    assert [one["assigner"].get("k") for one in told["settings"]] == [None, 13]
    message = ask("stats four.json -p retinanet-mmdet -s topk=13", code=2).err
    assert "not a parameter of retinanet-mmdet" in message


@pytest.mark.parametrize("name", ["quota", "topk", "tal_topk"])
def test_a_quota_is_not_advised(name: str) -> None:
    told = ask(f"-q sweep many.json -p ultralytics-8.3 {name}=7,10,13")
    assert told.verdict == (
        f"Other values of {name} change how many points are picked, not which objects "
        "can get any, so they are not ranked: keep 10."
    )
    # Of 120 objects 40 have 26 candidates, the others none.
    row = ask(f"-q sweep many.json -p ultralytics-8.3 {name}=7,10 -f csv").rows[1]
    keys = "mean_max_positives", "missing_to_quota", "without_candidate_share"
    assert [row[key][:5] for key in keys] == ["3.333", "0.666", "0.666"]
    assert row["without_candidate_change"] == "0.0"


def test_a_finer_level_is_advised_by_who_has_a_candidate() -> None:
    told = ask("-q sweep many.json -p ultralytics-8.3 levels=P3-P5,P2-P5")
    # Points of P2: 10 lies in 9 to 11.5, and 18 in 17 to 19.5, as y 86 in 85 to 87.5.
    assert told.verdict.startswith(
        "levels P2-P5: without a candidate 66.7 -> 0% (-66.7 points), 2.76 times the "
    )
    assert "share of the candidates on each level" in told.out
    assert "extends" in told.out
    shown = " ".join(told.out.replace("#", " ").split())
    assert "yolov8-p2.yaml and yolo26-p2.yaml have P2 to P5" in shown
    assert "not certain" not in told.out
    for row in ask("-q sweep many.json -p yolo11 levels=P2-P5,P3-P6 -f csv").rows:
        assert row["without_candidate_share_tiny"] == "0.0"
        assert "unassigned_share_tiny" not in row


def test_sizes_that_keep_other_objects_are_told_by_who_is_never_trained() -> None:
    # 4 px at half the size are 2, which Ultralytics drops; 2.5 px have no candidate.
    # x 24, y 104 of P4 lie in 21 to 25 and 101 to 105.
    boxes = [(9, 5, 2.5, 2.5), (21, 21, 4, 4), (100, 100, 40, 40)]
    write_coco(Path("drop.json"), coco(dict.fromkeys(range(1, 41), boxes)))
    told = ask("-q sweep drop.json -p ultralytics-8.3 imgsz=320,640")
    assert told.verdict == (
        "Other values of imgsz change which objects are kept, so they are not ranked. "
        "Left out at this size or without a candidate, of 120 objects: "
        "80 with imgsz 320 (0.25 times the multiply-adds), 40 with imgsz 640."
    )
    # What is left out is counted of all sizes together.
    told = ask("-q sweep drop.json -p ultralytics-8.3 imgsz=320,640 --size tiny")
    assert told.verdict.endswith("so they are not ranked: keep 640.")
    # Without a gate both have a positive where they are kept.
    told = ask("-q sweep drop.json -p yolov5 imgsz=320,640")
    assert "without a positive, of 120 objects: 80 with imgsz 320" in told.verdict


def test_sides_of_squares_are_swept_by_one_number() -> None:
    told = ask("-q sweep many.json -p yolo11 imgsz=640:1280:320 -f csv").rows
    assert [row["resize.size"] for row in told] == ["640", "960", "1280"]
    assert [row["price_pixels"] for row in told] == ["1.0", "2.25", "4.0"]
    told = ask("-q sweep many.json -p yolo11 imgsz=800,960").out
    assert "640 *" in told
    assert "[640" not in told


def test_limits_are_of_the_kind_of_answer_they_speak_of() -> None:
    asked = "check four.json -p ultralytics-8.3"
    told = ask(f"{asked} --max without_candidate_share=20%", code=1)
    assert "ultralytics-8.3: 1 of 4 (25.0%) objects without a candidate" in told.out
    ask(f"{asked} --max without_candidate_share=25%")
    told = ask(f"{asked} --max num_below_quota:tiny=50%", code=1).out
    assert "3 of 3 (100%) tiny objects with fewer candidates than the quota" in told
    told = ask(f"{asked} --max-unassigned 2%", code=2).err
    why = "unassigned_share is not known of ultralytics-8.3, a gate"
    assert f"error: --max-unassigned 2%: {why}\n" in told
    assert told.endswith("of gates there is --max without_candidate_share=2%\n")
    told = ask(f"{asked} -p atss-mmdet --max without_candidate_share=25%")
    assert (
        "note: --max without_candidate_share=25%: without_candidate_share is not known "
        "of atss-mmdet, no gate; of rules that assign there is --max "
        "unassigned_share=25%\n"
    ) in told.err
    assert "1 limit kept" in told.out
    told = ask("check four.json -p atss-mmdet --max without_candidate_share=2%", code=2)
    assert told.err.endswith(
        "of rules that assign there is --max unassigned_share=2%\n"
    )
    told = ask("check four.json -p atss-mmdet --max num_shared_anchors=9", code=2).err
    assert "of atss-mmdet, whose objects share no anchors\n" in told


@pytest.mark.parametrize(
    ("limit", "instead"),
    [
        ("--max-unassigned small=5%", "--max without_candidate_share:small=5%"),
        ("--max num_unassigned:tiny=3", "--max num_without_candidate:tiny=3"),
        ("--max num_poorly_assigned=0.5%", "--max num_without_candidate=0.5%"),
        ("--min mean_positives:large=2.5", "--min mean_max_positives:large=2.5"),
        ("--max gini=0.6", "--max without_candidate_share=1%"),
        ("--max never_in_epochs:tiny=2", "--max num_without_candidate:tiny=2"),
        ("--max every_variant=2%", "--max without_candidate_share=2%"),
    ],
)
def test_a_limit_on_what_gates_do_not_have_leads_to_one_that_they_have(
    limit: str, instead: str
) -> None:
    asked = "check four.json -p yolo11 --as-trained"
    told = ask(f"{asked} {limit}", code=2).err.splitlines()
    assert f"error: {limit}: " in told[-2]
    moves = "a gate: training draws mosaic and random scale besides, not imitated"
    is_drawn = limit.startswith(("--max never", "--max every"))
    assert told[-2].endswith(moves if is_drawn else "a gate")
    assert told[-1] == f"hint: of gates there is {instead}"
    option, _, text = instead.partition(" ")
    assert parse_limit(text, option)


def test_shares_of_gates_are_told_in_words_that_fit() -> None:
    asked = "check four.json -p ultralytics-8.3"
    told = ask(f"{asked} --max below_quota_share=1%", code=1).out
    assert "3 of 4 (75.0%) objects below the quota; at most 1% allowed." in told
    # 0, 10, 1 and 1 of 10 each.
    told = ask(f"{asked} --max missing_to_quota=1%", code=1).out
    assert "`missing_to_quota` of the objects is 70.0% of the quota; at most" in told


def test_what_is_dropped_at_this_size_is_told_to_be_of_the_size() -> None:
    boxes = [(100, 100, 40, 40), (10, 10, 3, 30)]
    write_coco(Path("dropped.json"), coco_image(*boxes, width=1280, height=1280))
    told = ask("check dropped.json -p ultralytics-8.3", code=1).out
    assert (
        "leaves out 1 of 2 annotations (50.0%; more than 1%): dropped as too small at "
        "this size 1. Larger images keep more of them; atss-inspect export left-out "
        "lists them."
    ) in told
    ask("check dropped.json -p ultralytics-8.3 --set imgsz=1280")


def test_a_gate_is_held_against_an_earlier_answer() -> None:
    presets = "-p ultralytics-8.3 -p atss-mmdet"
    ask(f"-q stats many.json {presets} --json -o old.json")
    told = ask(f"check many.json {presets} --baseline old.json").out
    assert "Objects poorly assigned or, of gates, without a candidate; broken" in told
    told = ask(
        "check many.json -p ultralytics-8.3 -s strides=16,32 --baseline old.json "
        "--max-left-out 99% --max-worse 0",
    ).out
    assert "Objects without a candidate; broken where" in told
    sizes = "-p ultralytics-8.3 --baseline old.json"
    boxes = [(9, 5, 2.5, 2.5)] * 2 + [(17, 25, 2.5, 2.5)]
    write_coco(Path("new.json"), coco(dict.fromkeys(range(1, 41), boxes)))
    told = ask(f"check new.json {sizes}", code=1).out
    assert "leaves 33.3 points more of the objects without a candidate" in told


def test_a_damaged_answer_of_a_gate_is_named() -> None:
    ask("-q stats many.json -p ultralytics-8.3 --json -o old.json")
    text = Path("old.json").read_text(encoding="utf-8")
    wrong = text.replace(
        '"num_without_candidate": 80', '"num_without_candidate": 79', 1
    )
    assert wrong != text
    Path("old.json").write_text(wrong, encoding="utf-8")
    told = ask("check many.json -p ultralytics-8.3 --baseline old.json", code=3).err
    assert "num_without_candidate: contradicts the rest of the file" in told


def test_an_answer_from_before_blocks_of_gates_had_keys_of_their_own_is_read() -> None:
    document = ask("-q stats many.json -p ultralytics-8.3 --json").json
    old = {"max_positives": "num_positives", "num_without_candidate": "num_unassigned"}
    blocks = document["results"][0]["blocks"]
    keys = ("num_objects", "max_positives", "num_without_candidate", "num_missing")
    for size, counts in blocks.items():
        assert tuple(counts) == keys
        named = {old.get(key, key): value for key, value in counts.items()}
        blocks[size] = named | {"num_low_quality_only": None}
    Path("old.json").write_text(json.dumps(document), encoding="utf-8")
    told = ask("check many.json -p ultralytics-8.3 --baseline old.json").out
    assert "Every limit is kept." in told


def test_no_document_of_a_gate_has_words_of_positives() -> None:
    wrong = ("num_unassigned", "unassigned_share", "num_positives", "poorly", "never")
    presets = "-p ultralytics-8.3 -p ultralytics"
    both = "ultralytics-8.3 ultralytics"
    for command, key in (
        (f"stats many.json {presets}", "results"),
        (f"stats many.json {presets} --flip", "variants"),
        (f"stats many.json {presets} --shifts 2", "shifts"),
        (f"compare many.json {both}", "results"),
        (f"compare many.json {both} --baseline four.json", "changes"),
        (f"check many.json {presets} --max num_below_quota=999", "checks"),
    ):
        document = ask(f"-q {command} --json").json
        text = json.dumps(document[key])
        assert not [word for word in wrong if f"{word}" in text.replace("_rise", "")]
        assert "without_candidate_share" in text
    rows = ask(f"-q stats four.json {presets} -p atss-mmdet --flip -f csv").rows
    every = [row for row in rows if row["group"] == "all"]
    shares = [row["without_candidate_share"] for row in every]
    assert shares == ["0.25", "0.0", ""]
    [gate, *_, assigned, _, _, _, _] = ask(
        "-q stats four.json -p ultralytics-8.3 -p atss-mmdet --shifts 2 -f csv"
    ).rows
    assert (gate["unassigned_share"], assigned["without_candidate_share"]) == ("", "")
    assert gate["own_place_without_candidate_share"] == "0.25"
    assert assigned["own_place_unassigned_share"] != ""


def test_versions_are_compared_by_who_gains_a_candidate() -> None:
    told = ask("-q compare many.json ultralytics-8.3 ultralytics")
    assert not lacking(
        told.out,
        "ultralytics-8.3 and ultralytics, objects",
        "candidates under both 40 0 40 0 0",
        "only under ultralytics-8.3 0 0 0 0 0",
        "only under ultralytics 80 80 0 0 0",
        "under neither 0 0 0 0 0",
        "without a candidate, points -66.7 -100.0 none - -",
        # Of 10 two tiny ones had none, and now have 6: 20 of 30 missing, then 8.
        "missing to the quota, points -40.0 -60.0 none - -",
    )
    assert "objects with a candidate under one preset only" in told.out
    assert told.verdict.startswith(
        "Objects with a candidate only under ultralytics-8.3: 0, only under "
        "ultralytics: 80. Without a candidate: ultralytics 0%, ultralytics-8.3 66.7%"
    )
    assert "favor" not in told.verdict
    assert "objects without a positive" not in told.out


def test_who_gains_in_few_images_is_no_matter_of_chance() -> None:
    boxes = {key: [(100, 100, 40, 40)] for key in range(1, 41)}
    # One image of 40: draws without it have no difference.
    boxes[7] = [(9, 5, 2.5, 2.5), (17, 5, 2.5, 2.5), (100, 100, 40, 40)]
    write_coco(Path("few.json"), coco(boxes))
    for names in ("ultralytics-8.3 ultralytics", "ultralytics ultralytics-8.3"):
        told = ask(f"-q compare few.json {names}").verdict
        assert (
            "No object loses its candidate; the 2 that gain one are "
            "in few images, and elsewhere it may be more or less."
        ) in told
        assert "No difference beyond chance" in told
        assert "ultralytics: without a candidate" not in told
    # Two that differ in nothing are alike.
    told = ask("-q compare few.json ultralytics yolo11").verdict
    assert "gain" not in told
    assert "No difference beyond chance between ultralytics and yolo11" in told


def test_a_gate_beside_what_assigns_is_compared_by_either() -> None:
    told = ask("-q compare many.json ultralytics-8.3 atss-mmdet rtmdet-mmdet")
    assert not lacking(
        told.out,
        "ultralytics-8.3 and atss-mmdet, objects",
        "positive or candidate under both 40 0 40 0 0",
    )
    assert "missing to need, points" not in told.out
    # Quotas of 10 and 13 are not compared.
    assert "missing to the quota, points" not in told.out
    assert GATES_NOTE in " ".join(told.out.split())
    rows = ask(
        "-q compare many.json ultralytics-8.3 ultralytics atss-mmdet -f csv"
    ).rows
    assert rows[0]["without_candidate_change"].startswith("-0.66")
    assert rows[5]["without_any_change"] != ""
    assert rows[5]["without_candidate_change"] == ""


@settings(max_examples=4)
@given(st.integers(0, 20))
def test_who_gains_by_a_version_is_counted_by_a_loop(seed: int) -> None:
    dataset = random_dataset(seed)
    names = "ultralytics-8.3", "ultralytics"
    found = compare(dataset, [preset(name) for name in names])
    bounds = []
    for name in names:
        convention = preset(name)
        frame = run.frame_of(dataset, slice(0, dataset.num_images), convention)
        sizes = map(tuple, frame.padded_size[frame.gt_image].tolist())
        each = zip(frame.object_rows.tolist(), frame.gt_boxes, sizes, strict=True)
        bounds.append(
            {
                row: any(candidates(name, box, size, convention.anchors.strides))
                for row, box, size in each
            }
        )
    shared = bounds[0].keys() & bounds[1].keys()
    kinds = [(bounds[0][row], bounds[1][row]) for row in shared]
    outcomes = found.pairs[0].joint.outcomes
    assert outcomes.num_objects == len(shared)
    assert outcomes.num_both == kinds.count((True, True))
    assert outcomes.num_only_second == kinds.count((False, True))
    assert outcomes.num_only_first == kinds.count((True, False))


def test_data_under_a_gate_are_compared_in_its_words() -> None:
    told = ask("-q compare many.json --baseline four.json ultralytics-8.3")
    assert "ultralytics-8.3 leaves 66.7% of the objects without a candidate" in (
        told.verdict
    )
    assert "share of candidates by level" in told.out
    assert "positives per object" not in told.out
    row = ask("-q compare many.json --baseline four.json ultralytics-8.3 -f csv").rows[
        0
    ]
    assert row["num_without_candidate_before"] == "1"
    assert row["num_without_candidate"] == "80"


def test_over_flips_and_shifts_candidates_are_told() -> None:
    told = ask("-q stats many.json -p ultralytics-8.3 --as-trained").out
    assert not lacking(told, "without a candidate", "in every variant 100% 0% 66.7%")
    assert "positive" not in told
    # Training moves and scales pictures besides.
    assert "epoch" not in told
    assert "(66.7%) have a candidate in no variant." in " ".join(told.split())
    told = ask("-q stats many.json -p ultralytics-8.3 -p atss-mmdet --flip").out
    assert "have no positive in 12 epochs: atss-mmdet " in " ".join(told.split())
    assert not lacking(
        told, "without a positive", "without a candidate", "not flipped 66.7% -"
    )
    row = ask("-q compare many.json ultralytics-8.3 ultralytics --flip -f csv").rows[0]
    assert row["without_candidate_change"].startswith("-0.66")
    told = ask("-q stats many.json -p ultralytics-8.3 --shifts 8")
    assert "of the objects without a candidate on average" in told.verdict
    told = ask("-q worst many.json -p ultralytics-8.3 --shifts 8 -n 2")
    assert "most often without a candidate first" in told.out
    assert "have a candidate at no shift" in told.verdict
    told = ask("stats many.json -p yolo11 --short-sides 480:640:32", code=2).err
    assert "has no short side to draw" in told


def test_shares_over_shifts_are_those_of_each_shift_alone() -> None:
    document = ask("-q stats many.json -p ultralytics-8.3 --shifts 4 --json").json
    [record] = document["shifts"]
    dataset, base = load_coco("many.json"), preset("ultralytics-8.3")
    for one in record["by_shift"]:
        [summary] = run.summarize(dataset, replace(base, shift=tuple(one["shift"])))
        assert summary.unassigned_share == one["without_candidate_share"]


def test_positives_of_a_gate_are_refused_by_the_name_of_the_preset() -> None:
    write_coco(Path("two.json"), TWO)
    told = ask("export positives two.json -p ultralytics-8.3", code=2).err
    assert "ultralytics-8.3 is a gate" in told
    assert "hint: which may: stats, `export candidates` and `export objects`" in told


def test_bounds_over_flips_are_means_of_those_of_each_flip() -> None:
    rows = ask("-q export objects four.json -p ultralytics-8.3 --flip").rows
    assert [row["unassigned_share"] for row in rows] == ["1.0", "0.0", "0.0", "0.0"]
    assert np.isin(["num_candidates", "expected_positives"], [*rows[0]]).all()
