"""`iou_figure`: how well the best positive anchor fits each object."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from atss_inspect.figures import iou as plot
from atss_inspect.figures.iou import iou_figure
from atss_inspect.figures.theme import DEFAULT_THEME
from tests.command_line import lacking
from tests.figure_checks import assert_legible, words, written
from tests.object_tables import ATSS, FCOS, RETINANET, counts, objects, side_by_side

# Of ten: one without a positive, three at 0.42, six at 0.82.
ROWS = [*counts(0), *counts(*[2] * 3, iou=0.42), *counts(*[9] * 6, iou=0.82)]
TABLE = objects(RETINANET, ROWS)


def test_bars_are_shares_of_all_objects_and_hollow_below_the_bar() -> None:
    figure = iou_figure(TABLE, RETINANET)
    *bars, without = figure.axes[0].patches
    heights = {round(bar.get_x() + bar.get_width() / 2, 3): bar for bar in bars}
    shown = {x: bar.get_height() for x, bar in heights.items() if bar.get_height()}
    assert shown == {0.425: pytest.approx(0.3), 0.825: pytest.approx(0.6)}
    assert heights[0.425].get_facecolor()[3] == 0
    assert heights[0.825].get_facecolor()[3] == 1
    assert without.get_height() == pytest.approx(0.1)
    assert without.get_hatch()
    assert to_hex(without.get_edgecolor()) == DEFAULT_THEME.poor
    assert written(figure.axes[0].texts) == ["10.0%", "0.82"]
    dashed = [line for line in figure.axes[0].lines if line.is_dashed()]
    assert [line.get_xdata()[0] for line in dashed] == [0.5]
    assert "Hollow: below the rule's bar" in " ".join(words(figure))
    assert_legible(figure)


def test_the_title_counts_objects_that_no_anchor_fits() -> None:
    good = objects(ATSS, counts(*[9] * 4, iou=0.7))
    figure = iou_figure(side_by_side(TABLE, good), (RETINANET, ATSS))
    title = figure.texts[0].get_text()
    assert (
        title.replace("\n", " ") == "40.0% get no positive of IoU 0.5 (retinanet-mmdet)"
    )


def test_a_rule_that_looks_at_no_iou_says_so() -> None:
    points = objects(FCOS, counts(*[9] * 4, iou=np.nan))
    figure = iou_figure(points, FCOS)
    assert "looks at no IoU" in words(figure)
    assert plot.iou_verdict(points, (FCOS,)) == "No IoU is known here."
    assert (
        lacking(
            plot.iou_text(points, (FCOS,)), "median -", "below 0.5 or without, share -"
        )
        == []
    )


def test_the_text_has_medians_and_shares_below_limits() -> None:
    text = plot.iou_text(TABLE, (RETINANET,))
    rows = ("median 0.82", "below 0.3 or without, share 10.0%")
    rows += ("below 0.5 or without, share 40.0%", "below 0.7 or without, share 40.0%")
    assert lacking(text, *rows) == []
    assert text.endswith(
        "verdict: Median of the objects' best IoU: 0.82 (retinanet-mmdet).\n"
    )
