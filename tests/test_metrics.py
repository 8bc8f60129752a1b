"""Statistics are declared once and show everywhere."""

import json
import re
from pathlib import Path

import pytest

from atss_inspect.cli import run
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics import metrics
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.statistic import (
    COUNTED,
    Better,
    Kind,
    Place,
    Statistic,
    plain,
)
from atss_inspect.statistics.tally import exact_share
from tests.random_coco import random_coco
from tests.report_pages import answers_of, page_of
from tests.tiny_coco import write_coco

LUCK = Statistic(
    key="luck",
    label="luck of the draw",
    kind=Kind.MEAN,
    unit="positives per object",
    meaning="twice the positives per object",
    better=Better.HIGHER,
    of_group=lambda group: exact_share(2 * group.num_positives, group.num_objects),
    shown=dict.fromkeys(Place, ""),
)


@pytest.fixture
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    write_coco(Path("a.json"), random_coco(3, num_images=8))
    monkeypatch.setattr(metrics, "STATISTICS", (*metrics.STATISTICS, LUCK))


@pytest.fixture
def ask(capsys, _declared):
    """Run a command; what it prints."""

    def asked(words: str, code: int = 0) -> str:
        assert run(["-q", *words.split(), "--ann", "a.json"]) == code
        return capsys.readouterr().out

    return asked


STATS = "stats -p atss-mmdet"


def test_a_new_statistic_is_in_every_table(ask):
    found = json.loads(ask(f"{STATS} --json"))["results"][0]
    assert found["luck"] == 2 * found["mean_positives"]
    written = f"{found['luck']:.1f}"
    overview = ask(f"{STATS} --full")
    assert "\n  luck of the draw   " in overview
    assert overview.split("luck of the draw")[1].split()[0] == written
    for by in ("size", "ratio"):
        section = ask(f"{STATS} --by {by}").split("\nluck of the draw\n")[1]
        assert section.split()[:2] == ["all", written]
    by_class = ask(f"{STATS} --by class")
    assert re.search(r"^class .* luck of the draw$", by_class, re.MULTILINE)
    swept = " ".join(ask("sweep k=5,9").split())
    assert "luck of the draw: twice the positives per object." in swept
    compared = ask("compare --baseline a.json atss-mmdet").splitlines()
    lines = [line for line in compared if "luck of" in line]
    assert lines[-1].split()[-3:] == [written, written, "0"]


def test_a_new_statistic_can_be_limited(ask):
    [found] = json.loads(ask("check --max luck=0.5 --json", code=1))["checks"]
    assert (found["statistic"], found["unit"]) == ("luck", "positives per object")
    assert found["excess"] == pytest.approx(found["value"] - 0.5)
    assert ask("check --min luck:large=0.5 --max-left-out 99%")


@pytest.mark.usefixtures("_declared")
def test_a_new_statistic_is_on_the_page():
    page = page_of(answers_of(random_coco(3, num_images=8)), wanted=None).html
    assert "<dt>luck of the draw</dt><dd>" in page  # a card
    tip = 'title="twice the positives per object"'
    assert page.count(f'<th scope="row" {tip}><bdi>luck of the draw</bdi></th>') == 1
    assert f'<th scope="col" class="number" {tip}>luck of the draw</th>' in page
    # Rows bear their kind.
    assert '<tr class="sum" data-fixed><th scope="row"><bdi>all (' in page
    assert '<tr class="group"><th scope="row"><bdi>tiny (' in page


def test_statistics_have_keys_of_their_own():
    keys = [one.key for one in metrics.STATISTICS]
    assert len(set(keys)) == len(keys)
    # The order of documents names no key that is gone.
    assert set(metrics._RECORDED) < {one.key for one in metrics.recorded()}
    assert {one.key for one in metrics.recorded_of_groups()} == {
        *("num_objects", "num_positives", "mean_positives"),
        *("num_unassigned", "unassigned_share", "num_low_quality_only"),
        *("num_poorly_assigned", "poorly_assigned_share", "missing_to_need"),
        *("num_without_candidate", "without_candidate_share", "mean_max_positives"),
        *("num_below_quota", "below_quota_share", "missing_to_quota"),
    }


@pytest.mark.parametrize("one", metrics.STATISTICS, ids=lambda one: one.key)
def test_every_statistic_that_is_one_number_can_be_limited(one, capsys):
    write_coco(Path("a.json"), random_coco(3, num_images=8))
    value = 4 if one.kind in COUNTED else 0.4
    name = "yolov5" if one.is_of_shared else "yolo11" if one.of_gates else "atss-mmdet"
    settings = preset(name)
    words = ("check", "--ann", "a.json", "--json", "--max", f"{one.key}={value}")
    words += ("-p", settings.name)
    if one.kind in (Kind.SPAN, Kind.COUNTS):
        assert run(["-q", *words]) == 2
        return
    assert run(["-q", *words]) in (0, 1)
    [found] = json.loads(capsys.readouterr().out)["checks"]
    [summary] = summarize(load_coco("a.json"), [settings])
    assert found["value"] == plain(one.value(summary, settings))


def test_docs_list_the_keys_that_documents_lack():
    text = Path(__file__).parent.parent.joinpath("docs/json.md").read_text("utf-8")
    section = text.split("\n## Keys of limits\n")[1].split("\n## ")[0]
    listed = set(re.findall(r"`(\w+_(?:of|per)_\w+)`", section))
    known = metrics.limited()
    assert listed == {key for key, one in known.items() if not one.is_recorded}
