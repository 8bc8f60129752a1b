"""What a report holds, and that nothing of it is computed otherwise than elsewhere."""

from dataclasses import replace

import pytest

from atss_inspect.report.answers import (
    NUM_WORST,
    Augmentation,
    Workers,
    find_answers,
    num_steps,
)
from atss_inspect.settings import resolve_all
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.statistics.variants import variants_of
from tests.report_pages import answers_of, street_report
from tests.tiny_coco import coco


def test_the_worst_are_listed_for_every_convention():
    report = street_report()
    assert [worst.stats.names[0] for worst in report.worst] == list(report.stats.names)
    for worst, summary in zip(report.worst, report.stats.summaries, strict=True):
        assert len(worst.rows) == min(NUM_WORST, summary.num_objects)
        found = worst.worst.every_object.group
        assert found.num_unassigned == summary.num_unassigned


@pytest.mark.slow
def test_other_values_of_k_hold_the_conventions_own():
    [usual] = street_report().sweeps
    ks = [(str(k),) for k in range(3, 20, 2)]
    assert [point.labels for point in usual.points] == ks
    resolved = resolve_all(("atss-mmdet",), overrides={"k": 40})
    own = {"settings": (resolved[0].settings,), "summaries": ()}
    [swept] = find_answers(replace(street_report().stats, **own), resolved, [()]).sweeps
    assert [point.labels[0] for point in swept.points][-2:] == ["19", "40"]
    assert swept.points[-1].settings == swept.base


def test_sweeps_list_no_classes_and_are_written_once():
    # A hundred thousand classes under every k would not fit into memory.
    report = street_report()
    [swept] = report.sweeps
    for record in swept.records():
        assert record["by_class"] == record["judgement"]["classes"] == []
        assert [one["size"] for one in record["by_size"]] == list(SIZE_BINS)
    assert report.saved_sweeps is report.saved_sweeps


def test_every_step_that_is_announced_is_taken():
    steps: list[int] = []
    stats = replace(street_report().stats, summaries=())
    named, workers = [()] * len(stats.settings), Workers(None, steps.append)
    find_answers(stats, street_report().origins, named, workers)
    assert sum(steps) == num_steps(stats) == 7 * 4
    steps.clear()
    drawn = Augmentation(tuple(map(variants_of, stats.settings)))
    find_answers(stats, street_report().origins, named, workers, drawn=drawn)
    assert sum(steps) == num_steps(stats, drawn) == 8 * 4


def test_there_are_answers_without_objects():
    report = answers_of(coco({}))
    assert len(report.table) == 0
    assert [worst.rows for worst in report.worst] == [(), ()]
    assert report.sweeps[0].choice is None


def test_what_stats_names_next_is_tried_before_other_values_of_k():
    # Forty images of an object of 6 px and one of 60 px: RetinaNet misses the tiny one.
    half = coco({n: [(300, 300, 6, 6), (50, 50, 60, 60)] for n in range(1, 41)})
    report = answers_of(half)
    assert report.tried.base.name == "retinanet-mmdet"
    labels = [point.labels for point in report.tried.points]
    assert labels == [("800",), ("1000",), ("1200",), ("1600",)]
    assert list(report.named_sweeps) == ["tried", "0"]
    assert street_report().tried is None


def test_one_object_of_each_kind_is_listed_before_others_of_the_same():
    tiny = [(n, n, 6, 6) for n in range(100, 500, 20)]
    twins = coco({1: [*tiny, *tiny[:3]]})  # three match with nothing
    [report] = answers_of(twins, "retinanet-mmdet").worst
    well = [row.cause is None for row in report.worst.objects]
    assert well == [True, False, False, False, *[True] * 6]
