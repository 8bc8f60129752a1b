"""`size_figure`: medians, bands and shares against a property of objects."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from atss_inspect.figures import size as plot
from atss_inspect.figures.against import AGAINST, with_image_sizes
from atss_inspect.figures.looks import looks_of
from atss_inspect.figures.size import ENOUGH, size_figure
from atss_inspect.figures.theme import Theme
from atss_inspect.readers import load_coco
from atss_inspect.statistics.tables import objects_table
from tests.command_line import lacking
from tests.figure_checks import EACH_THEME, assert_legible, words, written
from tests.object_tables import ATSS, FCOS, RETINANET, counts, objects, side_by_side
from tests.tiny_coco import street, write_coco

BOTH = (ATSS, FCOS)
# Eleven squares of 20 px with 0 to 10 positives (median 5, quartiles 2.5 and 7.5, one
# of eleven with none), and two of 200 px.
SMALL = counts(*range(11), box=(100, 100, 20, 20), size="small")
LARGE = counts(20, 40, box=(100, 100, 200, 200), size="large")
# One property in every run, with each kind of few objects; the others take longer.
TABLE = side_by_side(objects(ATSS, [*SMALL, *LARGE]), objects(FCOS, SMALL))


# What many tests only read.
drawn_once = cache(lambda: size_figure(TABLE, BOTH))


def curve(figure: Figure, panel: int, number: int) -> Any:
    """Points of one line; each preset draws its line, then its sparse bins."""
    line = figure.axes[panel].lines[number]
    points = np.column_stack([line.get_xdata(), line.get_ydata()])
    return points[~np.isnan(points[:, 1])]


def test_full_bins_have_a_line_and_a_band_and_sparse_ones_are_left_out() -> None:
    figure = drawn_once()
    # 20 px lies between 16 and 16 * sqrt(2); the middle of that bin is 2^4.25.
    np.testing.assert_allclose(curve(figure, 0, 0), [[2**4.25, 5]])
    np.testing.assert_allclose(curve(figure, 1, 0), [[2**4.25, 1 / 11]])
    # The band is the middle half.
    band = figure.axes[0].collections[0].get_paths()[0].get_extents()
    assert (band.y0, band.y1) == (2.5, 7.5)
    assert f"fewer than {ENOUGH} objects are left out" in " ".join(words(figure))
    # Where no bin has enough of them, all are dots: 200 px lies between 181 and 256,
    # the middle is 2^7.75; the median of 20 and 40.
    figure = size_figure(objects(ATSS, LARGE), ATSS)
    np.testing.assert_allclose(curve(figure, 0, 0), [[2**7.75, 30]])
    assert figure.axes[0].lines[0].get_linestyle() == "None"
    assert "Dots: medians" in " ".join(words(figure))


@pytest.mark.parametrize("theme", EACH_THEME)
def test_presets_have_their_color_and_marker(theme: Theme) -> None:
    figure = size_figure(TABLE, BOTH, theme=theme)
    looks = looks_of(BOTH, theme)
    for number, settings in enumerate(BOTH):
        look = looks[settings.name]
        for axes in figure.axes:
            line = axes.lines[number]
            assert (to_hex(line.get_color()), line.get_marker()) == look[:2]
    names = {text.get_text(): text.get_color() for text in figure.axes[0].texts}
    assert names == {name: look.color for name, look in looks.items()}
    assert_legible(figure)


# Under a rule with a bar: eleven squares of 20 px with 2 low-quality matches each, no
# other positive; eleven of 60 px with 0 to 10 positives, of which none is such a match.
LOW = [
    *counts(*[2] * 11, low=2, box=(100, 100, 20, 20), size="small"),
    *counts(*range(11), box=(100, 100, 60, 60), size="medium"),
]


def test_low_quality_matches_are_a_line_of_their_own() -> None:
    figure = size_figure(objects(RETINANET, LOW), RETINANET)
    upper, lower = figure.axes
    # Positives at the bar: 0 and 5 in the middle; the low-quality ones only where any.
    np.testing.assert_allclose(curve(figure, 0, 0), [[2**4.25, 0], [2**5.75, 5]])
    np.testing.assert_allclose(curve(figure, 0, 1), [[2**4.25, 2]])
    assert upper.lines[1].get_markerfacecolor() == "none"
    assert upper.lines[1].is_dashed()
    # Poorly assigned: all of the one, one of eleven of the other.
    np.testing.assert_allclose(curve(figure, 1, 0), [[2**4.25, 1], [2**5.75, 1 / 11]])
    assert lower.get_title("left") == "poorly assigned"
    names = " ".join(written(upper.texts)).split()
    assert names == ["retinanet-", "mmdet", "low-quality"]
    assert_legible(figure)
    # Nothing of the kind without a bar, or where every positive reaches it.
    for settings, rows in ((ATSS, LOW), (RETINANET, LOW[11:])):
        figure = size_figure(objects(settings, rows), settings)
        assert "low-quality" not in " ".join(words(figure)).replace("0.4, low-", "")
        assert len(figure.axes[0].lines) == 2  # one leads to the name
    assert drawn_once().axes[1].get_title("left") == "without a positive"


def test_the_title_says_how_many_times_as_many_in_words_that_fit() -> None:
    def title(table: Any, settings: Any) -> str:
        return size_figure(table, settings).texts[0].get_text().replace("\n", " ")

    assert title(TABLE, BOTH) == "Large objects get 6.0x as many as small ones"
    assert title(TABLE[:0], BOTH) == "Large objects cannot be compared with small ones"
    steep = [*counts(9, size="small"), *counts(3, size="large")]
    table = side_by_side(TABLE, objects(RETINANET, steep))
    three = (*BOTH, RETINANET)
    assert title(table, three) == "Large get 0.33x to 6.0x as many as small"


def test_ratios_run_as_tables_do_from_wide_to_tall() -> None:
    boxes = [(0, 0, 80, 20), (0, 0, 20, 20), (0, 0, 20, 80)]
    rows = [row for box in boxes for row in counts(*[9] * 10, box=box)]
    figure = size_figure(objects(ATSS, rows), ATSS, against="ratio")
    labels = written(figure.axes[1].get_xticklabels())
    assert labels == ["4:1", "2:1", "1:1", "1:2", "1:4"]
    np.testing.assert_allclose(curve(figure, 0, 0)[:, 0], [1 / 4, 1, 4])


def test_the_axis_is_no_longer_than_what_is_drawn() -> None:
    figure = size_figure(objects(ATSS, counts(*[9] * 10)), ATSS)
    low, high = figure.axes[0].get_ylim()
    assert 4 < low < 9 < high <= 16
    figure = size_figure(objects(ATSS, counts(*[0, 9] * 5)), ATSS)
    assert figure.axes[0].get_ylim()[0] < 0


def test_the_text_counts_low_quality_matches_of_rules_with_a_bar() -> None:
    table = side_by_side(objects(RETINANET, LOW), objects(ATSS, LOW))
    text = plot.size_text(table, (RETINANET, ATSS))
    _, block = text.split("objects with only low-quality matches, share\n")
    lines = block.splitlines()
    assert lines[1].split() == ["small", "100%", "-"]
    assert lines[2].split() == ["medium", "0%", "-"]
    assert lines[9].split() == ["medium", "9.1%", "9.1%"]
    assert plot.POOR_NOTE in text
    # Large: 10; small: 2, all of them low-quality and 8 at the bar: 10 / 5, 10 / 4.
    rows = [
        *counts(10, size="large"),
        *counts(2, low=2, size="small"),
        *counts(8, size="small"),
    ]
    assert plot.size_verdict(objects(RETINANET, rows), (RETINANET,)) == (
        "Large objects get 2.0x (retinanet-mmdet) as many positives as small (COCO) "
        "ones; without low-quality matches 2.5x (retinanet-mmdet)."
    )


SIX_TIMES = "Large objects get 6.0x (atss-mmdet) as many positives as small (COCO)"


def test_the_verdict_divides_the_means_of_large_and_small() -> None:
    # ATSS: (20 + 40) / 2 = 30 over (0 + ... + 10) / 11 = 5. FCOS has no large ones.
    assert plot.size_verdict(TABLE, BOTH) == f"{SIX_TIMES} ones."
    assert plot.size_verdict(TABLE[:0], BOTH) == (
        "Large objects cannot be compared with small (COCO) ones: one kind is missing."
    )
    # COCO's small ones are the tiny and the small: 9 / 3, and so the table has it.
    rows = [
        *counts(2, size="tiny"),
        *counts(4, size="small"),
        *counts(9, size="large"),
    ]
    text = plot.size_text(objects(ATSS, rows), (ATSS,))
    assert "Large objects get 3.0x (atss-mmdet)" in text
    assert "\n  large                9.0\n  small (COCO)         3.0\n" in text
    # Presets are ordered by the factor.
    even = [*counts(9, size="small"), *counts(9, size="large")]
    steep = [*counts(9, size="small"), *counts(3, size="large")]
    table = side_by_side(objects(ATSS, even), objects(FCOS, steep))
    assert plot.size_verdict(table, BOTH) == (
        "Large objects get 0.33x (fcos-mmdet) and 1.0x (atss-mmdet) as many positives "
        "as small (COCO) ones."
    )


@pytest.mark.parametrize("against", AGAINST)
def test_every_property_is_legible_with_its_unit_and_says_what_its_groups_are(
    against: str,
) -> None:
    figure = size_figure(TABLE, BOTH, against=against)
    assert_legible(figure)
    assert figure.axes[1].get_xlabel() == AGAINST[against].label
    assert figure.axes[0].get_title("left") == "positives per object"
    text = plot.size_text(TABLE, (ATSS,), against=against)
    _, block, verdict = text.rsplit("\n\n", 2)
    assert " ".join(block.split()) == AGAINST[against].note
    assert verdict.startswith("verdict: ")


def test_the_text_has_the_numbers_of_every_group() -> None:
    # Small: 0 to 10 positives, mean and median 5, one of eleven without any (9.1%).
    # Large: 20 and 40, mean and median 30; 30 / 5 = 6 times as many.
    text = plot.size_text(TABLE, (ATSS,))
    convention, table, *blocks = text.split("\n\n")
    assert convention.startswith("Assigned in input pixels, ")
    titles = [
        block.splitlines()[0] for block in (table.partition("\n")[2], *blocks[:3])
    ]
    assert titles == [
        *("objects", "positives per object, mean", "positives per object, median"),
        "objects without a positive, share",
    ]
    rows = ("small 11", "large 2", "small (COCO) 5.0", "large 30.0", "large 30")
    assert lacking(text, *rows, "small (COCO) 9.1%", "large 0%", "tiny -") == []
    assert text.endswith(f"\nverdict: {SIX_TIMES}\n  ones.\n")


SIZE, RATIO, POSITION = (AGAINST[name] for name in ("size", "ratio", "position"))


def test_size_is_the_root_of_the_area_in_input_pixels() -> None:
    table = objects(ATSS, counts(9, box=(0, 0, 8, 32)))
    assert SIZE.measure(table).tolist() == [16]
    table["input_x2"] *= 4  # the resize rule widens it
    assert SIZE.measure(table).tolist() == [32]
    # Boxes without extent have no size and no ratio.
    table = objects(ATSS, counts(9, box=(5, 5, 0, 7)))
    assert np.isnan(SIZE.measure(table)).all()
    assert np.isnan(RATIO.measure(table)).all()
    assert RATIO.group(table).tolist() == [-1]
    for against in ("size", "ratio"):
        assert "no objects" in words(size_figure(table, ATSS, against=against))


def test_size_bins_are_half_octaves_that_hold_all_values() -> None:
    edges = SIZE.edges(np.array([16.0, 40.0, np.nan]))
    np.testing.assert_allclose(edges, 2 ** np.array([4, 4.5, 5, 5.5]))
    assert SIZE.bins(np.array([16.0, 22.0, 23.0, 40.0]), edges).tolist() == [0, 0, 1, 2]
    np.testing.assert_allclose(SIZE.centers(edges), 2 ** np.array([4.25, 4.75, 5.25]))
    # Without values the bins are those of common sizes.
    first, *_, last = SIZE.edges(np.array([]))
    assert first == 16
    assert last > 512


@pytest.mark.parametrize(
    ("center", "expected", "group"),
    [
        ((320, 240), 1, 3),  # the middle of 640 x 480
        ((32, 240), 0.1, 1),  # a twentieth of the width from the left
        ((320, 468), 0.05, 0),  # 12 of 480 from below
        ((608, 472), 16 / 480, 0),  # the nearer of right and below
        ((-5, 240), 0, 0),  # outside
    ],
)
def test_position_goes_from_the_border_to_the_middle(
    center: tuple[float, float], expected: float, group: int
) -> None:
    table = objects(ATSS, counts(9, box=(center[0] - 4, center[1] - 4, 8, 8)))
    np.testing.assert_allclose(POSITION.measure(table), [expected], atol=1e-12)
    assert POSITION.group(table).tolist() == [group]


def test_image_sizes_are_added_by_image_and_file(tmp_path: Path) -> None:
    wide = street()
    for image in wide["images"]:
        image["width"] = 1000 + image["id"]
    paths = [
        str(write_coco(tmp_path / name, document))
        for name, document in (("a.json", street()), ("b.json", wide))
    ]
    both = load_coco(*paths)
    table = with_image_sizes(objects_table(both, (ATSS, FCOS)), both)
    is_wide = table["file"].astype(str).str.endswith("b.json")
    expected = np.where(is_wide, 1000 + table["image_id"], 640)
    assert table["image_width"].tolist() == expected.tolist()
    assert set(table["image_height"]) == {480}
    assert set(is_wide) == {True, False}
