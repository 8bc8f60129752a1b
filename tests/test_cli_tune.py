"""`tune`: one screen, settings to paste, numbers for programs, and how it stops."""

import ast
import contextlib
import json
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atss_inspect.cli import run
from atss_inspect.figures.tune import tune_figure
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics.tuning import Tuner, tune
from atss_inspect.statistics.tuning.objective import halves
from atss_inspect.statistics.tuning.outcome import TunedRow
from atss_inspect.statistics.tuning.study import JUDGED, PIECES
from atss_inspect.stopping import Stopped, TimeOver
from atss_inspect.views import numbers
from atss_inspect.views.stats import StatsReport
from atss_inspect.views.tune import FILMS, TuneReport
from tests.command_line import ask
from tests.tuned_scenes import scene

TUNE = "-q tune --ann tall.json --preset retinanet-mmdet"
FREE = f"{TUNE} --free-only"
CAVEAT = "Nothing was trained: whether average precision rises is not shown."


@pytest.fixture(autouse=True)
def _annotations() -> None:
    document = scene([(14, 34), (60, 60), (150, 90)] * 110, seed=3, num_images=24)
    Path("tall.json").write_text(json.dumps(document), encoding="utf-8")


@cache
def document_of(command: str) -> Any:
    """The document of a command; the annotations are always the same."""
    return ask(f"{command} --json").json


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_answer_fits_on_one_screen() -> None:
    printed = ask(TUNE)
    lines = printed.out.splitlines()
    assert len(lines) <= 24
    assert all(len(line) <= 80 for line in lines if not line.startswith("next: "))
    assert CAVEAT in words(printed.out)
    today = next(line.split() for line in lines if line.startswith("today"))
    assert today[1:3] == ["1.00", "1.00"]
    # A third of the objects has no anchor of IoU 0.5.
    assert today[4] == "33.3%"
    assert "costs nothing: " in printed.verdict or " times as much: " in printed.verdict
    assert "Tuned on half of the images, on the other half" in printed.verdict
    assert "330 objects are thin evidence." in printed.verdict


def test_the_next_command_writes_the_proposal_out() -> None:
    printed = ask(FREE)
    expected = "tune --ann tall.json --preset retinanet-mmdet --free-only --pick A"
    assert printed.next == expected
    picked = ask(f"{FREE} --pick a")
    assert "\nmodel = dict(" in picked.out  # as it is to be pasted
    file = Path("retinanet-mmdet-a.toml")
    assert picked.next == f"{expected} --for toml -o {file}"
    written = ask(picked.next)
    assert written.out == ""
    compare = written.err.partition("next: atss-inspect ")[2]
    assert compare == f"compare --ann tall.json retinanet-mmdet {file}\n"
    wanted = document_of(FREE)["proposal"]
    own = preset(str(file)).values()
    assert {path: own[path] for path in wanted["settings"]} == {
        path: tuple(each) if isinstance(each, list) else each
        for path, each in wanted["settings"].items()
    }
    assert "retinanet-mmdet-a" in ask(f"-q {compare}").out


def test_forms_are_chosen_by_name() -> None:
    [row] = document_of(FREE)["pareto"]
    assert ask(f"{FREE} --pick A --for toml").out == row["toml"]
    assert ask(f"{FREE} --pick A --for mmdet").out == row["fragment"]["text"]
    # Of settings of one's own the whole is written, not what changed last.
    own = 'extends = "retinanet-mmdet"\n[augment]\nflip = 0.0\n'
    Path("mine.toml").write_text(own)
    bare = "-q tune tall.json -c mine.toml --free-only --pick A --for toml"
    both = tomllib.loads(own) | tomllib.loads(row["toml"])
    assert tomllib.loads(ask(bare).out) == both


@pytest.mark.parametrize(
    "name", ["mmdet", "torchvision", "detectron2 --free-only", "official --free-only"]
)
def test_fragments_parse(name: str) -> None:
    document = document_of(f"-q tune --ann tall.json --preset retinanet-{name}")
    framework = name.split()[0]
    assert document["pareto"]
    for row in document["pareto"]:
        changed = tomllib.loads(row["toml"])
        assert changed["extends"] == f"retinanet-{framework}"
        if framework in ("mmdet", "torchvision"):
            ast.parse(row["fragment"]["text"])
        assert row["fragment"]["text"].strip()


def test_the_document_has_what_was_found() -> None:
    document = document_of(TUNE)
    assert document["outcome"] == "change"
    assert document["reason"] is None
    proposal, share = document["proposal"], document["before"]["poorly_assigned_share"]
    assert proposal["poorly_assigned_share"] < share
    assert proposal["holds_on_other_half"] is True
    sizes = [one["size"] for one in proposal["by_size"]]
    assert sizes == ["tiny", "small", "medium", "large"]
    assert set(proposal["price"]) == {"pixels", "cells", "anchors", "multiply_adds"}
    assert proposal["price"]["multiply_adds"] <= document["budget"] == 1
    assert proposal in document["pareto"]
    assert proposal["at_todays_bar"] is None  # it has that
    assert all("anchors.scale" in one["settings"] for one in proposal["other_half"])
    means = [
        numbers.mean(one["mean_positives"]) for one in (document["before"], proposal)
    ]
    words_of_means = "with fewer positives each: mean {} -> {}."
    assert words_of_means.format(*means) in document["verdict"]
    assert FILMS in words(ask(TUNE).out)
    assert document["evaluations"] > 100
    assert document["not_tried"] == []
    [stats] = document["results"]
    assert stats["poorly_assigned_share"] == share


@pytest.mark.parametrize("drawn", ["", "--short-sides 480,800 --flip"])
def test_a_row_is_what_stats_says_of_its_settings(drawn: str) -> None:
    document = document_of(f"{FREE} {drawn}")
    [row] = document["pareto"]
    changes = " ".join(
        f"--set {path}={json.dumps(each).replace(' ', '')}"
        for path, each in row["settings"].items()
    )
    own = f"-q stats --ann tall.json -p retinanet-mmdet {drawn} {changes} --json"
    [found] = ask(own).json["variants" if drawn else "results"]
    keys = {"unassigned_share", "poorly_assigned_share", "missing_to_need", "gini"}
    assert drawn or keys <= set(found)
    for key in keys & set(found):
        assert found[key] == row[key]
    assert found["poorly_assigned_share"] < 1 / 3
    assert bool(document["draws"]) is bool(drawn)
    assert not any(path.startswith("augment") for path in row["settings"])


def test_the_table_for_programs_has_everything_that_was_tried() -> None:
    printed = ask(f"{FREE} --format csv")
    number = document_of(FREE)["evaluations"]
    assert len({row["changes"] for row in printed.rows}) == number
    assert {row["images"] for row in printed.rows} == {*PIECES, *JUDGED}
    for images in (*PIECES, *JUDGED):
        rows = [row for row in printed.rows if row["images"] == images]
        assert {row["price"] for row in rows} == {"1.0"}  # of the same images
        assert any(row["changes"] == "" for row in rows)
        assert {row["low_quality_matches"] for row in rows} == {str(images in JUDGED)}
    lines = ask(f"{FREE} --format jsonl").out.splitlines()
    assert len(lines) == len(printed.rows)


def test_any_number_of_processes_gives_the_same() -> None:
    tune = "-q tune tall.json -p atss-mmdet --json --jobs"
    assert ask(f"{tune} 1").out == ask(f"{tune} 2").out


def test_what_is_good_is_left_alone() -> None:
    document = scene([(100, 100), (60, 60), (150, 90)] * 110, seed=3, num_images=24)
    Path("good.json").write_text(json.dumps(document), encoding="utf-8")
    command = "-q tune good.json -p retinanet-mmdet --free-only"
    printed = ask(command)
    assert printed.verdict.startswith("Leave it: nothing tried at the same price gains")
    assert printed.next.startswith("stats ")
    mistake = ask(f"{command} --pick A", code=2)
    assert "there is no row to write out" in mistake.err
    found = ask(f"{command} --json").json
    assert found["proposal"] is None
    assert found["reason"].startswith("Leave it")
    assert found["outcome"] == "no gain"


def test_a_gain_that_is_too_little_says_that_it_carries_over() -> None:
    # One object of 71 has no anchor of IoU 0.5: enough to gain, not to be changed.
    sides = [(28, 28), (60, 60), (150, 90)]
    many = [(14, 34) if n % 71 == 0 else sides[n % 3] for n in range(4800)]
    document = scene(many, seed=3, num_images=240)
    Path("fine.json").write_text(json.dumps(document), encoding="utf-8")
    command = "-q tune fine.json -p retinanet-mmdet --free-only"
    found = ask(f"{command} --json").json
    assert (found["outcome"], found["proposal"]) == ("fine", None)
    [row] = found["rows"]
    assert row["holds_on_other_half"] is True
    for half in row["other_half"]:
        assert half["tuned_on_other_half"] < half["before"]
    assert "This holds on the other half of the images (poorly " in found["reason"]
    assert [one["label"] for one in found["pareto"]] == ["A"]
    assert found["reason"].endswith("A gains too little to change what is fine.")


def test_a_gain_that_does_not_carry_over_is_withheld_with_numbers_of_both_halves() -> (
    None
):
    document, half = scene([(12, 30)] * 600, seed=2), halves(40)
    for one in document["annotations"]:
        if half[one["image_id"] * len(half) // 40]:
            one["bbox"][2:], one["area"] = [80, 80], 6400
    Path("halves.json").write_text(json.dumps(document), encoding="utf-8")
    command = "-q tune halves.json -p retinanet-mmdet --free-only --json"
    found = ask(command).json
    assert (found["outcome"], found["proposal"]) == ("withheld", None)
    assert found["pareto"] == []
    assert "on one half of the images does not carry over" in found["reason"]
    [row] = found["rows"]
    assert row["holds_on_other_half"] is False
    assert len(row["other_half"]) == 2


def stop_after_a_row(monkeypatch: pytest.MonkeyPatch, by: BaseException) -> None:
    run = Tuner.run

    def stopped(self: Tuner) -> Iterator[TunedRow]:
        yield next(run(self))
        raise by

    monkeypatch.setattr(Tuner, "run", stopped)


def test_time_that_is_over_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_after_a_row(monkeypatch, TimeOver())
    printed = ask(f"{TUNE} --seconds 9")
    assert "Stopped after 9 s, before: images x0.75, two scales," in printed.verdict
    assert "; the command below tries all." in printed.verdict
    # With all rows letters may be others.
    assert printed.next == "tune --ann tall.json --preset retinanet-mmdet"
    mistake = ask(f"{TUNE} --seconds 9 --pick F", code=2).err
    assert "--pick F: expected A; it was stopped after 9 s" in mistake
    document = ask(f"{TUNE} --seconds 9 --json").json
    assert document["stopped"] == "after 9 s"
    assert document["not_tried"][0] == "images x0.75"


@pytest.mark.parametrize("jobs", [1, 2])
def test_time_that_ends_within_the_first_row_is_told(jobs: int) -> None:
    printed = ask(f"{TUNE} --seconds 0 --jobs {jobs}", code=2)
    assert "--seconds 0: nothing was judged on all images by then" in printed.err


def test_rows_over_drawn_sizes_name_them_and_are_compared_over_them() -> None:
    drawn = "--short-sides 480,800"
    assert "Training draws short side 480 or 800" in words(ask(f"{FREE} {drawn}").out)
    assert f" {drawn} " in ask(f"{FREE} {drawn} --pick A").next
    written = ask(f"{FREE} {drawn} --pick A --for toml -o a.toml".removeprefix("-q "))
    assert "short_sides = [480, 800]" in Path("a.toml").read_text()
    assert f" {drawn} retinanet-mmdet a.toml\n" in written.err


def test_the_bar_is_turned_only_if_asked() -> None:
    paths = {path for row in document_of(TUNE)["pareto"] for path in row["settings"]}
    assert not any(path.startswith("assigner.") for path in paths)
    printed = ask(f"{FREE} --thresholds")
    assert "Bars differ: each row counts by its own" in words(printed.out)
    assert "positive_from 0.4" in printed.verdict
    assert "--thresholds" in printed.next
    proposal = document_of(f"{FREE} --thresholds")["proposal"]
    share = proposal["at_todays_bar"]["poorly_assigned_share"]
    assert f", {numbers.percent(share)} at today's bar" in printed.verdict
    own = {p: n for p, n in proposal["settings"].items() if p.startswith("anchors.")}
    changes = " ".join(
        f"--set {p}={json.dumps(own[p])}".replace(", ", ",") for p in own
    )
    stats = ask(f"-q stats --ann tall.json -p retinanet-mmdet {changes} --json").json
    assert stats["results"][0]["poorly_assigned_share"] == share


def test_gates_are_told_in_their_own_words() -> None:
    document = scene([(6, 8), (7, 5), (60, 60)] * 150, seed=3, num_images=24)
    Path("dots.json").write_text(json.dumps(document), encoding="utf-8")
    command = "-q tune dots.json -p ultralytics-8.3 --budget 4"
    printed = ask(command)
    assert "without a candidate at this size" in words(printed.out)
    assert "below quota" in printed.out
    assert "poorly" not in printed.out
    found = ask(f"{command} --json").json
    assert found["proposal"]["without_candidate_share"] < 0.1
    assert found["proposal"]["without_candidate_change"] < 0
    assert "poorly" not in json.dumps(found["pareto"])


def test_ctrl_c_leaves_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_after_a_row(monkeypatch, Stopped(130))
    with contextlib.redirect_stdout(None), pytest.raises(SystemExit) as stopped:
        ask(TUNE)
    assert stopped.value.code == 130


@pytest.mark.parametrize("code", [130, 143])
def test_a_signal_before_the_first_row_is_told(
    code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(_tuner: Tuner) -> Iterator[TunedRow]:
        raise Stopped(code)

    monkeypatch.setattr(Tuner, "run", stopped)
    with pytest.raises(SystemExit):
        run(TUNE.removeprefix("-q ").split())
    assert capsys.readouterr().err == "stopped before anything was judged\n"


@pytest.mark.slow
def test_rows_that_chance_may_explain_are_counted(project_root: Path) -> None:
    sample = project_root / "sample_data" / "instances.json"
    told = words(ask(f"-q tune {sample} -p retinanet-mmdet").out)
    assert "7 rows more leave fewer (with P2: 7.3%), perhaps by chance." in told


def test_what_is_at_the_end_of_what_is_tried_is_told() -> None:
    document = scene([(5, 5)] * 330, seed=3, num_images=24)
    Path("dots.json").write_text(json.dumps(document), encoding="utf-8")
    told = words(ask("-q tune dots.json -p yolov5 --free-only").out)
    assert "A has size of anchors at the end of what is tried; the best may lie" in told


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (f"{FREE} --pick Z", "--pick Z: expected A"),
        (f"{FREE} --for mmdet", "--for mmdet: expected --pick LETTER beside it"),
        (f"{FREE} --pick A -f csv", "--pick A: expected none with csv, which has all"),
        (f"{FREE} --pick A --for torchvision", "expected toml or mmdetection, as ret"),
        (f"{FREE} --pick A --for torchvision", "tune --preset retinanet-torchvision"),
        (f"{FREE} --image 1", "objects are too few to choose settings by; expected 3"),
        (f"{FREE} -p atss-mmdet", "tune"),
        ("tune tall.json -p ssd300-mmdet", "ssd300-mmdet has nothing that tune could"),
        ("tune tall.json -p ultralytics --free-only", "could change at no cost"),
        ("tune tall.json -p atss-mmdet --thresholds", "atss-mmdet has none that tune"),
    ],
)
def test_mistakes_are_told(command: str, message: str) -> None:
    assert message in ask(command, code=2).err


@pytest.mark.parametrize(
    "name", ["yolov5", "ultralytics", "fcos-mmdet", "efficientdet-d0"]
)
def test_every_rule_can_be_asked(name: str) -> None:
    document: Any = ask(f"-q tune tall.json -p {name} --json").json
    assert document["evaluations"] >= 1


def test_the_picture_has_a_point_for_each_row_and_a_cross_for_today() -> None:
    report = _report(free_only=False)
    figure = tune_figure(report)
    [axes] = figure.axes
    lines = {str(line.get_label()): line for line in axes.lines}
    prices = [one.price.multiply_adds for one in report.named.values()]
    shares = [one.order[0] for one in report.named.values()]
    points = np.asarray(lines["all"].get_xydata()).T.tolist()
    assert points == [prices, shares]
    crosses = [line for line in axes.lines if line.get_marker() == "x"]
    places = [np.asarray(line.get_xydata())[0, 0] for line in crosses]
    assert set(places) == {1.0}
    weights = {text.get_text(): text.get_weight() for text in axes.texts}
    assert weights.keys() >= {*report.named, "today", "all"}
    # What is proposed is bold, joined to today, and the title.
    assert weights[report.proposed] == "bold"
    before = report.tuning.before.every_object.poorly_assigned_share
    place = [*report.named].index(report.proposed)
    joined = [line.get_xydata().tolist() for line in axes.lines if line.is_dashed()]
    assert [[1.0, before], [prices[place], shares[place]]] in joined
    ends = " to ".join(map(numbers.percent, (before, shares[place])))
    title = figure.texts[0].get_text()
    assert title == f"{report.proposed} cuts poorly assigned objects from {ends}"


def test_rows_of_one_price_stand_beside_each_other() -> None:
    [axes] = tune_figure(_report()).axes
    assert axes.get_xlabel() == "all at today's price"
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["today", "A"]
    lines = {str(line.get_label()): line for line in axes.lines}
    assert np.asarray(lines["all"].get_xydata())[:, 0].tolist() == [1.0]


def test_the_picture_is_written_and_its_numbers_printed() -> None:
    command = "-q plot tune --ann tall.json -p retinanet-mmdet --free-only -o tune.svg"
    printed = ask(command)
    assert Path("tune.svg").read_text().startswith("<?xml")
    assert "today" in printed.out
    assert "A  same price" in printed.out


def test_a_report_has_a_section_of_it_if_asked() -> None:
    options = "tall.json -p atss-mmdet --no-viewer --tune -o page.html"
    ask(f"-q report {options}")
    page = Path("page.html").read_text(encoding="utf-8")
    assert 'id="tuned-title"' in page
    assert '<a href="#tuned">' in page
    assert "Leave it: nothing tried at the same price gains" in page


def test_a_report_passes_over_what_has_nothing_to_tune() -> None:
    options = "tall.json -p ssd300-mmdet --no-viewer --tune -o page.html"
    ask(f"-q report {options}")
    assert 'id="tuned-title"' not in Path("page.html").read_text(encoding="utf-8")


def _report(*, free_only: bool = True) -> TuneReport:
    dataset, today = load_coco("tall.json"), preset("retinanet-mmdet")
    found = tune(dataset, today, free_only=free_only)
    stats = StatsReport(dataset, (today,), (found.before,))
    return TuneReport(stats, found, is_preset=True)


@pytest.mark.slow
def test_the_table_of_visdrone_stands_in_the_documents(
    real_data: Path, project_root: Path
) -> None:
    [ann] = real_data.glob("data/visdrone-train-50/*.json")
    out = ask(f"-q tune --ann {ann} -p retinanet-mmdet").out
    table = out.split("\n\n")[1]
    for name in ("tune", "which-anchors"):
        text = (project_root / "docs" / f"{name}.md").read_text(encoding="utf-8")
        assert f"```text\n{table}\n```\n" in text, name
