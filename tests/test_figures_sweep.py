"""The picture of a sweep: curves, maps, marks and words read back."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from atss_inspect.figures import sweep as plot
from atss_inspect.figures.sheet import spread_out
from atss_inspect.figures.sweep import sweep_figure, sweep_plot_text
from atss_inspect.figures.swept import has_room, swept_axes
from atss_inspect.figures.theme import THEMES
from atss_inspect.readers.saved_sweep import SavedSweep, check_sweep
from atss_inspect.settings import preset
from tests.figure_checks import assert_legible, words, written
from tests.saved_sweeps import saved_sweep

LIGHT = THEMES["light"]


def checked(document: dict[str, Any]) -> SavedSweep:
    return check_sweep(document, "sweep")


def sweep_of(axes: dict[str, list[Any]], **options: Any) -> SavedSweep:
    """Make a sweep of a convention whose k is 9; the first row is chosen."""
    return checked(saved_sweep(axes, **options))


def curves(figure: Figure, place: int) -> dict[str, list[list[float]]]:
    """The lines of one panel by their label."""
    return {
        str(line.get_label()): line.get_xydata().tolist()
        for line in figure.axes[place].lines
        if not str(line.get_label()).startswith("_")
    }


# What many tests only read: k 3, 9 and 15.
drawn_once = cache(lambda: sweep_figure(sweep_of({"k": [3, 9, 15]})))


def test_curves_hold_the_shares_and_means_by_size() -> None:
    figure = drawn_once()
    shares, means = curves(figure, 0), curves(figure, 1)
    assert list(shares)[:5] == ["tiny", "small", "medium", "large", "all"]
    assert shares["all"] == [[3, 0], [9, 1 / 40], [15, 2 / 40]]
    assert shares["tiny"] == [[3, 0], [9, 0.1], [15, 0.2]]
    assert means["tiny"] == [[3, 2], [9, 3], [15, 4]]
    low, high = figure.axes[0].get_ylim()
    assert low == 0 < 0.2 < high
    # Values are drawn in their order, however they were typed.
    figure = sweep_figure(sweep_of({"k": [15, 3]}))
    assert curves(figure, 0)["all"] == [[3, 1 / 40], [15, 0]]


def test_lines_have_the_colors_of_their_sizes_and_end_in_their_label() -> None:
    figure = drawn_once()
    for axes in figure.axes:
        colors = {line.get_label(): line.get_color() for line in axes.lines}
        for name in ("tiny", "small", "medium", "large", "all"):
            assert colors[name] == plot.size_color(name, LIGHT) != LIGHT.poor
    # Lines that end at one height share a label.
    labels = {text.get_text(): text.get_color() for text in figure.axes[0].texts}
    assert labels["tiny"] == plot.size_color("tiny", LIGHT)
    assert labels["small to\nlarge"] == LIGHT.ink


def with_changes(document: dict[str, Any], *changes: tuple[float, float, float]) -> Any:
    """Add how far each row's share rises, and the interval of that."""
    keys = ("poorly_assigned_change", "interval_low", "interval_high")
    for row, change in zip(document["results"], changes, strict=True):
        row |= dict(zip(keys, change, strict=True))
    return document


def title_of(saved: SavedSweep) -> str:
    return sweep_figure(saved).texts[0].get_text().replace("\n", " ")


def test_the_title_says_what_a_change_gains_or_that_nothing_matters() -> None:
    saved = saved_sweep({"k": [3, 9]})
    assert title_of(checked(saved)) == "k 3 cuts poorly assigned from 2.5% to 0%"
    saved["sweep"]["choice"] = None
    assert title_of(checked(saved)) == "The first is best"
    # Shares are 0 and 2.5%.
    noise = (0.0, 0.0, 0.0), (0.0, -0.01, 0.02)
    wide = title_of(checked(with_changes(saved, *noise)))
    assert wide == "k: 0 to 2.5% poorly assigned, perhaps by chance"
    saved["results"][1]["poorly_assigned_share"] = 0.01
    assert title_of(checked(saved)) == "k: flat, 0 to 1.0% poorly assigned"
    saved["results"][1]["interval_low"] = 0.01
    assert title_of(checked(saved)) == "The first is best"


def test_bars_are_where_the_share_may_lie_by_chance() -> None:
    document = saved_sweep({"k": [3, 9, 15]})
    # From today's 2.5%: down by 2.5 points, and up by 2.5.
    changes = (-0.025, -0.05, -0.01), (0.0, 0.0, 0.0), (0.025, 0.01, 0.04)
    figure = sweep_figure(checked(with_changes(document, *changes)))
    [bars] = figure.axes[0].collections
    ends = [line[:, 1].round(6).tolist() for line in bars.get_segments()]
    assert ends == [[0.0, 0.015], [0.025, 0.025], [0.035, 0.065]]
    assert "95% intervals" in " ".join(words(figure))
    assert not drawn_once().axes[0].collections
    assert "95%" not in " ".join(words(drawn_once()))


@pytest.mark.parametrize(
    ("values", "choice", "marks"),
    [
        ([3, 9], 0, {"today": 9, "recommended": 3}),
        ([3, 9], None, {"today": 9}),
        ([3, 9], 1, {"recommended": 9}),
        ([3, 5], 0, {"recommended": 3}),
    ],
)
def test_rings_mark_today_and_what_is_recommended_if_anything_is(
    values: list[int], choice: int | None, marks: dict[str, int]
) -> None:
    document = saved_sweep({"k": values})
    document["sweep"]["choice"] = None if choice is None else {"row": choice}
    figure = sweep_figure(checked(document))
    for axes in figure.axes:
        rings = {str(x.get_label()): x for x in axes.lines if x.get_marker() == "o"}
        found = {name: rings[name].get_xdata()[0] for name in rings.keys() & marks}
        assert found == marks
    told = {"today", "recommended"} & set(words(figure))
    assert told == marks.keys()
    assert_legible(figure)


def test_few_values_that_are_no_numbers_are_dots_in_a_row_for_each_size() -> None:
    strides = [[4, 8, 16, 32, 64], [8, 16, 32, 64, 128]]
    figure = sweep_figure(sweep_of({"levels": strides}))
    top = figure.axes[0]
    assert written(top.get_yticklabels()) == ["all", "tiny", "small", "medium", "large"]
    dots = {line.get_label(): line for line in top.lines}
    assert list(dots) == ["P2-P6 (recommended)", "P3-P7 (today)"]
    first, second = dots.values()
    assert first.get_xdata().tolist() == [0] * 5
    assert second.get_xdata().tolist() == [1 / 40, 0.1, 0, 0, 0]
    assert second.get_markerfacecolor() == LIGHT.paper != first.get_markerfacecolor()
    [joined] = top.collections
    assert [line[:, 0].tolist() for line in joined.get_segments()][1] == [0, 0.1]
    assert title_of(sweep_of({"levels": strides})).startswith("P2-P6 cuts")
    assert_legible(figure)
    # More values than there are colors are curves.
    figure = sweep_figure(sweep_of({"levels": [[2**n] for n in range(3, 8)]}))
    assert curves(figure, 0)["all"][1] == [1, 1 / 40]


def test_the_first_setting_goes_down_and_the_second_across() -> None:
    # 4 values by 2. Row 5 is k 7, scale 8; atss-mmdet is row 7: k 9, scale 8.
    document = saved_sweep({"k": [3, 5, 7, 9], "scale": [4.0, 8.0]})
    document["sweep"]["choice"] = {"row": 5}
    figure = sweep_figure(checked(document))
    for axes in figure.axes:
        assert (axes.get_xlim(), axes.get_ylim()) == ((0, 2), (4, 0))
        frames = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
        assert [frame.get_xy() for frame in frames] == [(1, 2), (1, 3)]
        assert {to_hex(frame.get_edgecolor()) for frame in frames} == {LIGHT.ink}
        solid, dashed = (frame.get_linestyle() for frame in frames)
        assert solid == "solid" != dashed
        assert written(axes.get_yticklabels()) == ["3", "5", "7", "9"]
        assert axes.get_yticks().tolist() == [0.5, 1.5, 2.5, 3.5]
        assert axes.get_ylabel() == "k"
    top, bottom = figure.axes
    assert written(bottom.get_xticklabels()) == ["4", "8"]
    assert bottom.get_xlabel() == "scale"
    cells = {text.get_position(): text.get_text() for text in top.texts}
    # Row 2 r + c leaves 2 r + c of 40 objects without a positive.
    assert cells[0.5, 1.5] == "5.0%"
    assert cells[1.5, 0.5] == "2.5%"
    assert cells[1.5, 3.5] == "17.5%"
    shown = np.asarray(top.collections[0].get_array()).reshape(4, 2)
    np.testing.assert_allclose(shown, np.arange(8).reshape(4, 2) / 40)
    assert written(bottom.texts)[-1] == "9.0"


def test_crowded_maps_have_a_bar_of_shades_and_three_settings_none() -> None:
    grid = {"k": list(range(1, 26)), "scale": [float(s) for s in range(1, 21)]}
    figure = sweep_figure(sweep_of(grid))
    assert len(figure.axes) == 4  # two bars
    assert not figure.axes[0].texts
    assert_legible(figure)
    saved = sweep_of({"k": [1], "scale": [1.0], "levels": [[8]]})
    with pytest.raises(ValueError, match="at most two settings, got 3"):
        sweep_figure(saved)


LONG = [[round(1 + n / 100 + m, 2) for m in range(9)] for n in range(40)]
# Much like others, these are drawn with the slow tests.
SIMILAR = ("one value", "two", "500", "few lists", "grid", "column", "one cell")
THEMED = {"light": SIMILAR, "dark": ("two", "grid"), "paper": ("two", "grid")}
VARIANTS: dict[str, dict[str, list[Any]]] = {
    "one value": {"k": [9]},
    "two": {"k": [3, 9]},
    "close": {"k": [9, 10, 11, 400]},
    "500": {"k": list(range(1, 501))},
    "lists": {"ratios": LONG},
    "few lists": {"ratios": LONG[:2]},
    "grid": {"k": [3, 9], "scale": [4.0, 8.0]},
    "one cell": {"k": [9], "scale": [8.0]},
    "row": {"k": [9], "ratios": LONG},
    "column": {"ratios": LONG, "k": [9]},
    "words": {"style": ["a" * 300, "$x$", "<b>", "\u202eabc", "two\nlines", ""]},
}


SLOW = [(name, theme) for theme, names in THEMED.items() for name in names]


@pytest.mark.parametrize(
    ("name", "theme"),
    [
        *((name, "light") for name in VARIANTS if name not in SIMILAR),
        *(pytest.param(*each, marks=pytest.mark.slow) for each in SLOW),
    ],
)
def test_all_words_can_be_read(name: str, theme: str) -> None:
    paths = {"ratios": "anchors.ratios", "style": "anchors.style"}
    saved = sweep_of(VARIANTS[name], paths=paths)
    data = "val.json: 40 objects in 3 images"
    assert_legible(sweep_figure(saved, data=data, theme=THEMES[theme]))


@pytest.mark.parametrize("axes", [{"k": [3, 9]}, {"k": [3, 9], "scale": [4.0]}])
def test_no_objects_are_no_error(axes: dict[str, list[Any]]) -> None:
    document = saved_sweep(axes)
    nothing = {"mean_positives": None, "unassigned_share": None, "num_objects": 0}
    for row in document["results"]:
        row |= nothing
        for group in row["by_size"]:
            group |= nothing
    document["sweep"]["choice"] = None
    assert_legible(sweep_figure(checked(document)))


def test_names_from_the_file_are_data() -> None:
    document = saved_sweep({"k": [3, 9]})
    document["settings"][0]["name"] = "$a$\n" * 90
    document["sweep"]["axes"][0]["name"] = "<k>" * 90
    document["sweep"]["verdict"] = "x\x1b[1m"
    saved = checked(document)
    assert_legible(sweep_figure(saved))
    assert "\x1b" not in sweep_plot_text(saved)


def test_the_text_has_the_convention_the_rows_their_units_and_the_verdict() -> None:
    document = saved_sweep({"k": [3, 9]})
    document["settings"] = [preset("atss-mmdet", k=7).to_dict()]
    expected = """\
Assigned in input pixels, images resized to 800/1333 (mmdetection):
  atss-mmdet  ATSS, k 7 per level; 1 anchor a cell, 64 px up, at cell corners

     poorly    mean
k 3      0%     2.0
k 9    2.5%     3.0

poorly: share of poorly assigned objects; mean: positives per object.

verdict: The first is best.
"""
    assert sweep_plot_text(checked(document)) == expected


@pytest.mark.parametrize(
    "change",
    [
        {"anchors": {"scale": 8.0}},
        {"assigner": {"name": "newer", "k": 9}},
        {"resize": "800"},
        {"augment": {}},
        {"description": 3},
    ],
)
def test_no_convention_is_made_up_where_the_file_does_not_hold_all_of_it(
    change: dict[str, Any],
) -> None:
    document = saved_sweep({"k": [3, 9]})
    document["settings"] = [preset("atss-mmdet").to_dict() | change]
    beginning = f"{plot.NO_CONVENTION}\n\n     poorly    mean\n"
    assert sweep_plot_text(checked(document)).startswith(beginning)


def names(saved: SavedSweep) -> list[str]:
    _, table, *_ = sweep_plot_text(saved).split("\n\n")
    return [line.split("  ")[0].strip() for line in table.splitlines()[1:] if line]


def test_of_more_than_twelve_rows_the_chosen_and_the_present_are_listed() -> None:
    assert len(names(sweep_of({"k": list(range(1, 13))}))) == 12
    assert names(sweep_of({"k": list(range(1, 14))})) == ["k 1", "k 9"]
    document = saved_sweep({"k": list(range(20, 33))})
    assert names(checked(document)) == ["k 20"]
    document["sweep"]["choice"] = None
    text = f"{plot.NO_CONVENTION}\n\nverdict: The first is best.\n"
    assert sweep_plot_text(checked(document)) == text


def test_labels_that_are_close_are_moved_apart_and_need_room() -> None:
    assert spread_out([0, 0, 50], gap=10, top=100) == [0, 10, 50]
    assert spread_out([98, 99, 20], gap=10, top=100) == [90, 100, 20]
    assert spread_out([], gap=10, top=100) == []
    assert has_room(np.array([3.0, 9, 15]), ["3", "9", "15"])
    assert not has_room(np.array([9.0, 10, 400]), ["9", "10", "400"])
    assert has_room(np.array([9.0]), ["9"])
    # True and false are no numbers.
    saved = sweep_of({"a": [True, False]}, paths={"a": "assigner.a"})
    [axis] = swept_axes(saved)
    assert not axis.is_number
    assert axis.labels == ("true", "false")
