"""The picture of two presets: cells, bars, frames and words read back."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex

from atss_inspect.figures import compare as plot
from atss_inspect.figures.compare import compare_figure
from atss_inspect.figures.looks import looks_of
from atss_inspect.figures.theme import THEMES, Theme
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics.comparison import Joint, Pair, compare
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.views.compare import CompareReport
from atss_inspect.views.stats import StatsReport
from tests.command_line import lacking
from tests.figure_checks import EACH_THEME, all_words, assert_legible, written
from tests.object_tables import named
from tests.tiny_coco import coco, street

NAMES = ("atss-mmdet", "fcos-mmdet")
# Size bin, positives under the first, under the second.
OBJECTS = np.array(
    [(0, 0, 0), (0, 0, 4), (0, 3, 0), (0, 0, 1), (2, 9, 40), (3, 9, 70), (3, 10, 65)]
)


def joint_of(objects: np.ndarray) -> Joint:
    return Joint.count(*objects.T.astype(np.int64).reshape(3, -1))


@pytest.fixture(scope="module")
def street_report() -> CompareReport:
    """A comparison of ten objects."""
    return report_of(street())


def report_of(source: Any) -> CompareReport:
    dataset, settings = load_coco(source), tuple(map(preset, NAMES))
    found = compare(dataset, settings)
    stats = StatsReport(dataset, settings, found.summaries)
    return CompareReport(stats, found.pairs, NAMES)


def with_objects(report: CompareReport, objects: np.ndarray) -> CompareReport:
    """Put other objects in the place of those compared."""
    return replace(report, pairs=(Pair(joint_of(objects), None, (), ()),))


def test_objects_are_counted_by_bins_of_both_numbers() -> None:
    counts = plot.binned(joint_of(OBJECTS))
    expected = np.zeros((len(plot.LOWS), len(plot.LOWS)), dtype=int)
    # Rows are the second preset, 4 is in the bin 3-4, 40 in 33-64, 65 in 65+.
    expected[0, 0] = expected[3, 0] = expected[1, 0] = 1
    expected[0, 3] = 1
    expected[7, 5] = 1
    expected[8, 5] = 2
    np.testing.assert_array_equal(counts, expected)
    names = ["0", "1", "2", "≤4", "≤8", "≤16", "≤32", "≤64", "65+"]
    assert plot.bin_names() == names


def test_cells_hold_their_counts(street_report: CompareReport) -> None:
    many = np.repeat(OBJECTS, 1234, axis=0)
    figure = compare_figure(with_objects(street_report, many))
    assert sorted(written(figure.axes[1].texts)) == ["1.2k"] * 5 + ["2.5k"]
    assert written(figure.axes[1].get_xticklabels()) == plot.bin_names()


def test_bars_come_first_and_hold_what_is_poorly_assigned(
    street_report: CompareReport,
) -> None:
    names = ("atss-mmdet", "retinanet-mmdet")
    dataset, settings = load_coco(street()), tuple(map(preset, names))
    found = compare(dataset, settings)
    stats = StatsReport(dataset, settings, found.summaries)
    figure = compare_figure(CompareReport(stats, found.pairs, names))
    axes = figure.axes[0]
    low, without = axes.containers[0::2], axes.containers[1::2]
    for place, summary in enumerate(found.summaries):
        groups = [summary.every_object, *map(summary.of_sizes, SIZE_BINS)]
        bars = zip(low[place], without[place], groups, strict=True)
        for hollow, filled, group in bars:
            share = group.unassigned_share or 0
            assert filled.get_width() == pytest.approx(share)
            assert hollow.get_x() == pytest.approx(share)
            poor = group.poorly_assigned_share or 0
            assert hollow.get_width() == pytest.approx(poor - share)
            assert not hollow.get_fill() or hollow.get_facecolor()[3] == 0
    assert any(bar.get_width() for bar in low[1])
    colors = [to_hex(bars[0].get_facecolor()) for bars in without]
    looks = looks_of(settings, THEMES["light"])
    assert colors == [looks[name].color for name in names]
    shown = written(axes.texts)
    assert shown[-3:] == ["poorly assigned", *names]
    assert "not ranked by poorly assigned" in all_words(figure)
    assert written(axes.get_yticklabels())[0] == "all  9"
    figure = compare_figure(street_report)
    assert "without a positive" in written(figure.axes[0].texts)


@pytest.mark.parametrize("theme", EACH_THEME)
def test_all_words_can_be_read(theme: Theme, street_report: CompareReport) -> None:
    crowded = np.array(
        [(0, a, b) for a in (0, 1, 2, 3, 5, 9, 17, 40, 80) for b in range(0, 90, 2)]
    )
    report = with_objects(street_report, np.repeat(crowded, 60, axis=0))
    data = "instances_val.json: 36,780 objects in 5,000 images"
    assert_legible(compare_figure(report, data=data, theme=theme))


def test_few_objects_are_no_error(street_report: CompareReport) -> None:
    for objects in (OBJECTS[:0], np.repeat(OBJECTS[:1], 3, axis=0)):
        figure = compare_figure(with_objects(street_report, objects))
        assert_legible(figure)
        assert len(figure.axes[1].texts) == min(len(objects), 1)
    report = report_of(coco({1: []}))
    assert "nothing to compare" in all_words(compare_figure(report))


NAMED = [("$x$", "long " * 60), ("\u202egnol", "<b>"), ("a\nb", "")]


@pytest.mark.parametrize("names", NAMED, ids=repr)
def test_names_are_shown_as_they_are(
    names: tuple[str, str], street_report: CompareReport
) -> None:
    settings = tuple(map(named, street_report.stats.settings, names))
    stats = replace(street_report.stats, settings=settings)
    assert_legible(compare_figure(replace(street_report, stats=stats)))


def test_the_text_counts_outcomes_by_size(street_report: CompareReport) -> None:
    # Of OBJECTS, four are tiny: without a positive under both, with one under FCOS
    # alone, under ATSS alone, and under FCOS alone; one is medium and two are large,
    # with positives under both. Ranks of ATSS: 2, 2,
    # 4, 2, 5.5, 5.5, 7; of FCOS: 1.5, 4, 1.5, 3, 5, 7, 6; their correlation is 0.72.
    text = plot.compare_plot_text(with_objects(street_report, OBJECTS))
    rows = (
        "objects 7 4 0 1 2",
        "positives under both 3 0 0 1 2",
        "under neither 1 1 0 0 0",
    )
    rows += ("only under atss-mmdet 1 1 0 0 0", "only under fcos-mmdet 2 2 0 0 0")
    assert lacking(text, *rows) == []
    assert " ".join(text.rpartition("\nverdict: ")[2].split()) == (
        "Objects with a positive only under atss-mmdet: 1, only under fcos-mmdet: 2. "
        "They favor partly the same objects (Spearman 0.72). With fewer than 20 "
        "images chance may make any difference."
    )
