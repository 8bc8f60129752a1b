"""The verdict: the grade, whose it is, how sure it is, in sentences that hold."""

from dataclasses import replace

import numpy as np
import pytest

from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.views.stats import StatsReport
from atss_inspect.views.verdict import judgements, verdict
from tests.drawn_summaries import drawn, summary_of
from tests.random_coco import Loaded
from tests.tiny_coco import coco

FINE, LOOK, SERIOUS = (drawn(500, share, seed=1) for share in (0.0, 0.04, 0.2))
NOTHING = np.zeros((30, 0), dtype=int)


def report_of(*each: np.ndarray, **more: object) -> StatsReport:
    """A report on positives of objects, image by image, under presets a, b, ..."""
    settings = tuple(replace(preset(), name=name) for name in "abc"[: len(each)])
    dataset = load_coco(Loaded(coco({1: [(1, 1, 9, 9)]})))
    return StatsReport(dataset, settings, tuple(map(summary_of, each)), **more)


def test_one_preset_that_is_fine_is_named_with_its_share():
    assert verdict(report_of(FINE)) == (
        "fine: a leaves 0% of the objects poorly assigned (0%, usually 0.9%)."
    )


def test_what_is_serious_comes_first_with_interval_and_what_is_usual():
    text = verdict(report_of(FINE, SERIOUS, LOOK))
    assert text == (
        "serious: b leaves 20.2% of the objects poorly assigned (19.2 to 21.4%, "
        "usually 0.9%). a fine and c look."
    )


def test_intervals_stand_in_the_table_above_or_in_the_verdict():
    report = report_of(SERIOUS, SERIOUS)
    text = verdict(report, judged=judgements(report))
    assert text == (
        "serious: a leaves 20.2% of the objects poorly assigned (usually 0.9%), "
        "b 20.2% (usually 0.9%)."
    )


def test_a_size_that_decides_is_named_and_what_may_help():
    sizes = np.full_like(FINE, 3)
    sizes[:, 0] = 0
    positives = np.where(sizes == 0, np.where(SERIOUS == 0, 0, 9), 9)
    report = report_of(FINE)
    report = replace(report, summaries=(summary_of(positives, sizes),))
    assert verdict(report).startswith("serious: a leaves 18.6% of the tiny objects")
    assert verdict(report).endswith("Larger input images, a finer level (P2) may help.")


def test_few_objects_and_few_images_are_thin_evidence():
    few = drawn(40, 0.2, seed=1, num_each=5)
    assert verdict(report_of(few)).endswith("With 200 objects the evidence is thin.")
    images = drawn(19, 0.2, seed=1, num_each=50)
    assert verdict(report_of(images)).startswith("look: a leaves ")
    assert verdict(report_of(images)).endswith(
        "With fewer than 20 images the evidence is thin."
    )
    assert verdict(report_of(drawn(5, 0, seed=1, num_each=5))).startswith(
        "There are too few objects to judge."
    )


def test_a_rule_with_a_bar_is_not_ranked_against_one_without():
    report = report_of(FINE, FINE)
    tally = replace(report.summaries[1].by_size, has_low_quality=True)
    low = replace(report.summaries[1], by_size=tally)
    both = replace(report, summaries=(report.summaries[0], low))
    assert verdict(both).endswith(
        "A rule with a bar is not ranked against one without."
    )
    assert "ranked" not in verdict(replace(report, summaries=(low, low)))


def test_a_preset_without_objects_is_named():
    assert verdict(report_of(NOTHING, FINE)).startswith(
        "Nothing is left to assign for a. fine: b leaves 0% of the objects"
    )
    assert verdict(report_of(NOTHING)) == "No object is left to assign."


def test_losses_that_nobody_asked_for_come_first_or_with_all_the_rest():
    [summary] = report_of(FINE).summaries
    lost = replace(summary, left_out_objects={"outside_image": 7})
    mostly = replace(report_of(FINE), summaries=(lost,))
    assert verdict(mostly).startswith("Left out: 7 of 1 annotation (outside image). ")


@pytest.mark.parametrize(("level", "words"), [((), ""), (("level",), "Most positives")])
def test_busiest_levels_are_named_where_levels_are_asked_for(level, words):
    text = verdict(report_of(FINE, by=level))
    assert ("Most positives" in text) == bool(words)
