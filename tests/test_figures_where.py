"""`where_figure`: shares of poorly assigned objects by their place in the image."""

from typing import Any

import numpy as np

from atss_inspect.figures import where as plot
from atss_inspect.figures.where import where_figure
from tests.command_line import lacking
from tests.figure_checks import assert_legible, words, written
from tests.object_tables import ATSS, RETINANET, counts, objects, side_by_side


def at(column: int, row: int, *positives: int, **rest: Any) -> list[dict[str, Any]]:
    """Objects in the middle of a third of an image of 640 x 480."""
    x, y = (column + 0.5) * 640 / 3, (row + 0.5) * 160
    return counts(*positives, box=(x - 50, y - 50, 100, 100), **rest)


# Top left: 30 of 40 have nothing. Bottom right: 2 of 40. Middle: four objects.
ROWS = [
    *at(0, 0, *[0] * 30, *[9] * 10),
    *at(2, 2, 0, 0, *[9] * 38),
    *at(1, 1, *[9] * 4),
]
TABLE = objects(ATSS, ROWS)


def test_cells_hold_the_share_of_the_objects_whose_center_lies_there() -> None:
    figure = where_figure(TABLE, ATSS)
    [mesh] = figure.axes[0].collections
    expected = np.full((3, 3), np.nan)
    expected[0, 0], expected[2, 2] = 0.75, 0.05
    shown = np.ma.filled(mesh.get_array(), np.nan).reshape(3, 3)
    np.testing.assert_allclose(shown, expected)
    # The first row stands above; fewer than five objects have a dot.
    low, high = figure.axes[0].get_ylim()
    assert low > high
    assert written(figure.axes[0].texts)[:9] == ["75", *"·······", "5"]
    assert "38.1% poorly assigned" in words(figure)
    assert_legible(figure)


def test_low_quality_matches_count_and_shades_are_shared() -> None:
    low = objects(RETINANET, [*at(0, 0, *[2] * 10, low=2), *at(2, 2, *[9] * 10)])
    figure = where_figure(side_by_side(TABLE, low), (ATSS, RETINANET))
    first, second = (axes.collections[0] for axes in figure.axes)
    assert np.ma.filled(second.get_array(), -1).reshape(3, 3)[0, 0] == 1
    assert (first.norm.vmin, first.norm.vmax) == (0, 1)
    assert (second.norm.vmin, second.norm.vmax) == (0, 1)
    # With many objects the cells are finer.
    many = objects(ATSS, ROWS * 4)
    assert len(where_figure(many, ATSS).axes[0].texts) == 24 + 1


def test_the_title_names_a_place_that_stands_out_and_no_other() -> None:
    title = where_figure(TABLE, ATSS).texts[0].get_text().replace("\n", " ")
    assert title == "Top left: 75.0% poorly assigned, 4.5% elsewhere"
    even = objects(ATSS, [*at(0, 0, *[0, 9] * 9), *at(2, 2, *[0, 9, 9] * 9)])
    title = where_figure(even, ATSS).texts[0].get_text().replace("\n", " ")
    assert title == "No place has clearly more objects poorly assigned"
    assert plot.where_verdict(even, (ATSS,)) == (
        "atss-mmdet: no place has clearly more than others."
    )


def test_the_title_of_several_maps_names_the_preset() -> None:
    even = objects(RETINANET, [*at(0, 0, *[0, 9] * 9), *at(2, 2, *[0, 9, 9] * 9)])
    figure = where_figure(side_by_side(TABLE, even), (ATSS, RETINANET))
    title = figure.texts[0].get_text()
    assert title == "75.0% poorly assigned top left (atss-mmdet)"


def test_the_text_has_the_share_of_every_third() -> None:
    text = plot.where_text(TABLE, (ATSS,))
    rows = ("top left 75.0%", "top center -", "middle center 0%", "bottom right 5.0%")
    assert lacking(text, "objects poorly assigned, share", *rows) == []
    assert "verdict: atss-mmdet: Top left: 75.0% poorly assigned" in text
