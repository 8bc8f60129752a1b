"""The pictures of all of val2017: legible, and their numbers are those of `stats`.

``ATSS_INSPECT_REAL_DATA`` names a folder with ``data/``; without it these are skipped.
"""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import build_frame
from atss_inspect.cli import run
from atss_inspect.figures.against import AGAINST, with_image_sizes
from atss_inspect.figures.compare import compare_figure
from atss_inspect.figures.levels import levels_figure
from atss_inspect.figures.positives import positives_figure
from atss_inspect.figures.reach import reach_figure
from atss_inspect.figures.size import size_figure
from atss_inspect.figures.sweep import sweep_figure
from atss_inspect.figures.threshold import threshold_figure
from atss_inspect.readers import load_coco
from atss_inspect.readers.saved_sweep import read_sweep
from atss_inspect.settings import override
from atss_inspect.statistics.comparison import compare
from atss_inspect.statistics.reach import measure_reach
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.summary import SIZE_BINS, Summary
from atss_inspect.statistics.tables import objects_table
from atss_inspect.views import numbers
from atss_inspect.views.compare import CompareReport
from atss_inspect.views.stats import StatsReport
from tests.figure_checks import all_words, assert_legible, written
from tests.object_tables import ATSS, FCOS

pytestmark = pytest.mark.slow

BOTH = (ATSS, FCOS)


class Whole(NamedTuple):
    """Everything that is drawn, and what `stats` says of it."""

    path: Path
    dataset: Dataset
    table: pd.DataFrame
    summaries: tuple[Summary, ...]


@pytest.fixture(scope="module")
def whole(real_data: Path) -> Whole:
    path = real_data / "data" / "coco-val2017" / "instances_val2017_int.json"
    dataset = load_coco(path)
    table = with_image_sizes(objects_table(dataset, BOTH), dataset)
    return Whole(path, dataset, table, tuple(summarize(dataset, BOTH)))


def test_positives_show_the_unassigned_share_of_every_size(whole: Whole) -> None:
    figure = positives_figure(whole.table, BOTH)
    assert_legible(figure)
    panels = np.array(figure.axes).reshape(len(BOTH), -1).T
    for column, summary in enumerate(whole.summaries):
        groups = [summary.every_object, *(summary.of_sizes(one) for one in SIZE_BINS)]
        for axes, group in zip(panels[:, column], groups, strict=True):
            *_, unassigned = axes.patches  # drawn last
            assert unassigned.get_height() == pytest.approx(group.unassigned_share)
            assert sum(bar.get_height() for bar in axes.patches) == pytest.approx(1)
        median = numbers.short(summary.median_positives)
        assert median in written(panels[0, column].texts)


def test_levels_show_the_shares_of_stats(whole: Whole) -> None:
    figure = levels_figure(whole.table, BOTH)
    assert_legible(figure)
    for column, summary in enumerate(whole.summaries):
        heights = [bar.get_height() for bar in figure.axes[2 * column].patches]
        np.testing.assert_allclose(heights, summary.level_shares)
        [mesh] = figure.axes[2 * column + 1].collections
        counts = summary.level_positives
        expected = counts / counts.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(mesh.get_array().reshape(counts.shape), expected)


@pytest.mark.parametrize("against", AGAINST)
def test_size_shows_medians_of_the_same_objects(whole: Whole, against: str) -> None:
    figure = size_figure(whole.table, BOTH, against=against)
    assert_legible(figure)
    axis = AGAINST[against]
    edges = axis.edges(axis.measure(whole.table))
    for number, settings in enumerate(BOTH):
        rows = whole.table[whole.table["preset"] == settings.name]
        places = axis.bins(axis.measure(rows), edges)
        fullest = int(np.bincount(places).argmax())
        positives = rows["num_positives"].to_numpy()[places == fullest]
        median, share = (axes.lines[number].get_ydata() for axes in figure.axes[:2])
        assert median[fullest] == np.median(positives)
        assert share[fullest] == pytest.approx((positives == 0).mean())


def test_threshold_counts_every_object_under_its_level(whole: Whole) -> None:
    figure = threshold_figure(whole.table, ATSS)
    assert_legible(figure)
    [summary, _] = whole.summaries
    entries = [text.partition("\n")[2] for text in written(figure.axes[0].texts)]
    numbers_of = [int(re.sub(r"\D", "", each)) for each in entries if each]
    assert numbers_of[-1] == summary.num_unassigned
    assert sum(numbers_of) == summary.num_objects


def test_a_sweep_over_k_shows_the_shares_of_stats(whole: Whole) -> None:
    options = ["--ann", str(whole.path), "-o", "sweep.json"]
    assert run(["-q", "sweep", *options, "k=5,9"]) == 0
    figure = sweep_figure(read_sweep("sweep.json"))
    assert_legible(figure)
    expected = summarize(whole.dataset, [override(ATSS, {"k": k}) for k in (5, 9)])
    shares, means = (
        line.get_xydata()
        for axes in figure.axes
        for line in axes.lines
        if line.get_label() == "all"
    )
    assert shares[:, 0].tolist() == means[:, 0].tolist() == [5, 9]
    np.testing.assert_allclose(shares[:, 1], [one.unassigned_share for one in expected])
    np.testing.assert_allclose(means[:, 1], [one.mean_positives for one in expected])


def test_reach_has_a_dot_for_a_sample_of_all_boxes(whole: Whole) -> None:
    every = slice(0, whole.dataset.num_images)
    frame = build_frame(whole.dataset, every, FCOS.data, FCOS.resize)
    corners = frame.gt_boxes.astype(float)
    boxes = corners[:, 2:] - corners[:, :2]
    reach = measure_reach(FCOS)
    figure = reach_figure([reach], {FCOS.name: boxes})
    assert_legible(figure)
    summary = whole.summaries[1]
    beyond = np.count_nonzero(reach.sight.share_at(boxes) > 0.5)
    amount = numbers.percent(beyond / summary.num_objects)
    assert f"{amount} out of reach" in all_words(figure)
    # By their shape alone: a part of those without a positive among others.
    unassigned = reach.sight.share_at(boxes).sum()
    assert 0 < unassigned < summary.num_unassigned


def test_compare_shows_what_is_unassigned_under_each_preset(whole: Whole) -> None:
    found = compare(whole.dataset, BOTH)
    stats = StatsReport(whole.dataset, BOTH, found.summaries)
    names = (ATSS.name, FCOS.name)
    figure = compare_figure(CompareReport(stats, found.pairs, names))
    assert_legible(figure)
    # Hollow and filled bars of the first preset, then those of the second.
    _, first, _, second = (bars[0].get_width() for bars in figure.axes[0].containers)
    expected = [summary.unassigned_share for summary in whole.summaries]
    assert [first, second] == pytest.approx(expected)
