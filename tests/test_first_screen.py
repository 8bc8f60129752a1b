"""The first screen of `stats`: 24 lines of 80 columns, whatever there is to say."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len

from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.presets import DEFAULT_PRESETS
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.summary import Selection
from atss_inspect.views.answer import render
from atss_inspect.views.first_screen import LINES
from atss_inspect.views.names import Screen
from atss_inspect.views.stats import StatsReport
from tests.command_line import ask, on_terminal
from tests.drawn_summaries import drawn, large_ones
from tests.random_coco import Loaded
from tests.tiny_coco import coco, write_coco

# On each image an object of each size; one in five of the tiny ones is between points.
PLACES = np.random.default_rng(3).integers(0, 300, size=(60, 4, 2)) + 0.5
SIDES = (3, 20, 60, 120)
IMAGES = {
    number: [(*place, side, side) for place, side in zip(places, SIDES, strict=True)]
    for number, places in enumerate(PLACES.tolist())
}
SETTINGS = tuple(map(preset, DEFAULT_PRESETS))
DATASET = load_coco(Loaded(coco(IMAGES)))
REPORT = StatsReport(
    DATASET,
    SETTINGS,
    tuple(summarize(DATASET, SETTINGS)),
    command=("--ann", "val.json"),
    commands=tuple(("--ann", "val.json", "--preset", each) for each in DEFAULT_PRESETS),
)
LONG = "a/very/long/folder/" * 8 + "with-annotations.json"
NAMES = tuple(f"a-very-long-name-of-my-own-settings-number-{n}" for n in range(3))
MORE: dict[str, dict[str, Any]] = {
    "filters": {
        "selection": Selection(classes=("person", "自転車") * 9, sizes=("tiny",)),
        "images": ("a.jpg", "b.jpg") * 30,
        "limit": 40,
        "filtering": ("--size", "tiny", "--limit", "40"),
    },
    "long names of files": {
        "dataset": replace(DATASET, files=(LONG, LONG)),
        "commands": (("--ann", LONG, "--preset", "atss-mmdet"),) * 3,
    },
    "a project's file": {"deciding_files": ("atss-inspect.toml: presets", "ANN")},
    "long names of presets": {
        "settings": tuple(
            replace(each, name=name, extends=each.name)
            for each, name in zip(SETTINGS, NAMES, strict=True)
        ),
    },
}


SEVEN = list(KNOWN_CAUSES)[:7]


def with_causes(report: StatsReport) -> StatsReport:
    """The report with seven causes under every preset, the last the most frequent."""
    counts = {name: 10**place for place, name in enumerate(SEVEN)}
    return replace(
        report,
        summaries=tuple(replace(one, causes=counts) for one in report.summaries),
    )


def with_losses(report: StatsReport) -> StatsReport:
    """The report with annotations lost unexpectedly, under each preset others."""
    lost = [{"outside_image": n, "unknown_image": 1, "crowd": 9} for n in (50, 3, 0)]
    pairs = zip(report.summaries, lost, strict=True)
    return replace(
        report,
        summaries=tuple(replace(one, left_out_objects=each) for one, each in pairs),
    )


def screen(report: StatsReport) -> list[str]:
    """Its lines on a terminal of 80 columns, where longer ones are broken."""
    text = render(report, "table")
    assert isinstance(text, str)
    lines = text.splitlines()
    assert all(cell_len(line) <= 80 for line in lines if not line.startswith("next: "))
    return [
        line[start : start + 80]
        for line in lines
        for start in range(0, max(len(line), 1), 80)
    ]


@pytest.mark.parametrize("causes", [False, True])
@pytest.mark.parametrize("losses", [False, True])
@pytest.mark.parametrize("more", [[], *([each] for each in MORE), list(MORE)[:3]])
def test_three_presets_have_24_lines(more: list[str], causes: bool, losses: bool):
    report = replace(REPORT, **{k: v for each in more for k, v in MORE[each].items()})
    report = with_causes(report) if causes else report
    report = with_losses(report) if losses else report
    lines = screen(report)
    assert len(lines) <= LINES, "\n".join(lines)
    labels = [
        "objects ",
        "a: without",
        "b: only low-quality m",
        "poorly assigned: a + b",
        "grade",
    ]
    labels += ["annotations left out"] if losses else []
    # What is lost comes before any grade.
    start = "verdict: Left out" if losses else "verdict: serious"
    assert losses or "serious: " in " ".join(lines)
    for label in (start, "next: ", *labels):
        assert any(line.startswith(label) for line in lines), label


def rows_of(report: StatsReport) -> dict[str, list[str]]:
    """Cells of each row, by label."""
    lines = screen(report)
    table = lines[lines.index("") + 2 :]
    rows = [re.split(r"  +", line.strip()) for line in table[: table.index("")]]
    return {label: cells for label, *cells in rows}


def test_causes_that_do_not_fit_are_summed_up_after_the_main_ones():
    # The last of seven has 1,000,000 of 1,111,111 objects, the one before 100,000.
    rows = rows_of(with_causes(REPORT))
    labels = list(rows)
    start = labels.index("a: without a positive") + 1
    assert labels[start : start + 4] == [
        *(
            "lost to other objects",
            "no anchor reaches the bar",
            "other causes (--full)",
        ),
        "b: only low-quality matches",
    ]
    assert rows["other causes (--full)"] == ["11,111"] * 3
    # Where there is room, all of them stand there.
    text = render(replace(REPORT, is_full=True), "table")
    assert all(cause in str(text) for cause in rows_of(REPORT) if "anchor" in cause)
    assert "other causes (--full)" not in rows_of(REPORT)


def test_what_tells_least_gives_way_first():
    every = set(rows_of(REPORT))
    assert {"medium (120)", "95% interval", "large : small (COCO)"} <= every
    # Nobody loses a medium object, but without them sizes do not add up.
    commands = tuple(("--ann", "x" * 170) for _ in SETTINGS)
    shorter = replace(REPORT, commands=commands)
    assert every - set(rows_of(shorter)) == {"medium (120)"}
    told = " ".join(screen(shorter))
    assert "Not shown (--full): medium (120)." in told
    assert "  or: " not in told
    assert "Not shown" not in " ".join(screen(REPORT))


@pytest.mark.parametrize(("share", "is_shown"), [(0.005, False), (0.015, True)])
def test_the_interval_stays_where_a_share_is_above_what_is_usual(share, is_shown):
    summaries = (large_ones(drawn(500, share, seed=1)),) * 3
    report = replace(REPORT, summaries=summaries, command=("--ann", "x" * 750))
    rows = rows_of(report)
    assert rows["grade"] == ["fine"] * 3
    assert ("95% interval" in rows) == is_shown


def test_what_all_presets_leave_out_stands_in_the_first_line():
    lost = tuple(
        replace(one, left_out_objects={"outside_image": 3, "not_selected": 9})
        for one in REPORT.summaries
    )
    report = replace(REPORT, summaries=lost)
    first = "COCO object: 60 images, 240 annotations (3 left out: outside image), 3 cl"
    assert screen(report)[0].startswith(first)
    report = replace(report, dataset=replace(DATASET, files=("w" * 60,)))
    assert screen(report)[0].endswith(
        "w: 60 images, 240 annotations (3 left out), 3 classes"
    )
    assert "left out" not in " ".join(screen(REPORT))


def test_a_wide_terminal_has_room_for_more():
    report = replace(REPORT, dataset=replace(DATASET, files=("w" * 60,)))
    assert "\u2026" in screen(report)[0]
    wide = str(render(replace(report, width=120), "table", Screen(120)))
    assert wide.startswith("w" * 60 + ": 60 images")
    # The verdict and the command take fewer lines, which causes have.
    report = with_causes(REPORT)
    wide = str(render(replace(report, width=120), "table", Screen(120)))
    for text, has_all in (("\n".join(screen(report)), False), (wide, True)):
        known = [KNOWN_CAUSES[name].words for name in SEVEN]
        assert all(words in text for words in known) == has_all
        assert ("other causes (--full)" in text) != has_all


def test_a_rule_without_a_bar_has_no_parts():
    one = replace(REPORT, settings=SETTINGS[:1], summaries=REPORT.summaries[:1])
    rows = rows_of(one)
    assert rows["poorly assigned"] == ["!! 20.4%"]
    assert rows["tiny (120)"] == ["!! 40.8%"]
    assert "a: without a positive" not in rows
    assert rows_of(REPORT)["b: only low-quality matches"] == [
        *("-", "60", "25.0%", "-"),
    ]


def test_what_is_unknown_has_no_row():
    anchors = replace(SETTINGS[0].anchors, scale=7.0)  # as in no preset
    own = (replace(SETTINGS[0], name="own", extends="", anchors=anchors),)
    rows = rows_of(replace(REPORT, settings=own, summaries=REPORT.summaries[:1]))
    assert "usual (COCO val2017)" not in rows
    assert rows["grade"] == ["!! serious"]


def test_the_next_command_tries_larger_images_where_small_objects_lose():
    write_coco(Path("val.json"), coco(IMAGES))
    printed = ask("stats --ann val.json -p fcos-mmdet -p atss-mmdet --size tiny")
    assert printed.next == (
        "sweep --ann val.json --preset fcos-mmdet --size tiny "
        "short_side=800,1000,1200,1600"
    )
    ask(printed.next)
    levels = printed.next.rpartition(" ")[0] + " levels=P3-P7,P2-P6"
    assert f"\n  or: atss-inspect {levels}\n" in printed.out
    ask(levels)
    # FCOS has no k, so there is no such command.
    command = (
        "stats --ann val.json -p atss-mmdet -p fcos-mmdet -s short_side=400 -s k=5"
    )
    assert ask(command).next == (
        "sweep --ann val.json --preset atss-mmdet --set short_side=400 --set k=5 "
        "short_side=400,500,600,800"
    )
    ask(ask(command).next)
    fixed = "-p fcos-mmdet -s resize.rule=letterbox"
    assert ask(f"stats val.json {fixed}").next.endswith("imgsz=640,800,960,1280")
    command = "stats --ann val.json -p fcos-mmdet -p atss-mmdet --set k=5"
    assert ask(command).next.endswith(" --set k=5 --by class")
    write_coco(Path("val.json"), coco({n: IMAGES[n][2:] for n in IMAGES}))
    printed = ask("stats --ann val.json")
    assert printed.next == "stats --ann val.json --by class"
    assert printed.verdict.startswith("fine: no preset leaves clearly more")


def test_the_next_command_tries_other_ratios_where_shapes_lose():
    # On each image a square that fits an anchor, and every fourth has a long one.
    images = {n: [(64, 64, 64, 64)] * 2 for n in range(60)}
    for n in range(0, 60, 4):
        images[n] += [(10, 100, 300, 6)] * 2
    write_coco(Path("long.json"), coco(images))
    one = ask("stats long.json -p retinanet-mmdet --set short_side=480")
    assert "Over 4:1 or under 1:4 (width : height) are " in one.verdict
    assert one.next.endswith("'ratios=[0.5,1.0,2.0],[0.25,0.5,1.0,2.0,4.0]'")
    ask(one.next)
    by_ratio = ask("stats long.json -p retinanet-mmdet -s short_side=480 --by ratio")
    assert by_ratio.next == one.next
    own = ask("stats long.json -p retinanet-mmdet -s ratios=0.25,0.5,1,2,4")
    assert own.next.endswith("--by ratio")


GOLDEN = Path(__file__).parent / "golden" / "first_screen"
FILES = {
    "caltech": "caltech-pedestrian/test.json",
    "nwpu": "nwpu-vhr10/annotations.json",
    "taco": "taco/annotations_unofficial.json",
    "val2017": "coco-val2017/instances_val2017_int.json",
    "visdrone": "visdrone-train-50/visdrone2019-det-train-first50image.json",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_screens_of_real_data(name: str, real_data: Path, monkeypatch: Any):
    source = real_data / "data" / FILES[name]
    monkeypatch.chdir(source.parent)
    command = f"-q stats --ann {source.name}"
    golden = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    _, narrow, wide, _ = re.split(r"^=== .*\n", golden, flags=re.MULTILINE)
    assert ask(command).out == narrow
    shown = on_terminal(command, COLUMNS="120", NO_COLOR="1")
    assert shown == wide
    for text, width in ((narrow, 80), (wide, 120)):
        lines = [-(-cell_len(line) // width) or 1 for line in text.splitlines()]
        assert sum(lines) <= LINES
