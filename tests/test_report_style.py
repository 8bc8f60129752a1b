"""Colors of the page: whoever reads it can read all of it."""

import re

import pytest

from atss_inspect.figures.theme import THEMES
from atss_inspect.page.render import asset

READ_ON = [
    ("ink", "paper"),
    ("ink", "raised"),
    ("ink", "accent-ground"),
    ("faint-ink", "paper"),
    ("faint-ink", "raised"),
    ("accent", "paper"),
    ("starved", "paper"),
]


def palettes() -> dict[str, dict[str, str]]:
    """Read the colors of light and dark."""
    blocks = re.findall(r":root[^{]*\{([^}]*)\}", asset("page.css"))
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in blocks]
    light, dark, chosen = found
    assert dark == chosen
    return {"light": light, "dark": dark}


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colors, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_21_and_a_known_grey_is_at_the_limit():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("pair", READ_ON, ids=" on ".join)
def test_everything_that_is_read_stands_out(name, pair):
    colors = palettes()[name]
    assert contrast(*(colors[each] for each in pair)) >= 4.5


def test_figures_stand_on_the_ground_they_are_drawn_for():
    assert f"background: {THEMES['light'].paper};" in asset("report.css")


def test_the_reports_own_sheet_names_no_other_color():
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", asset("report.css"))) == {"#ffffff"}


@pytest.mark.parametrize("name", ["page", "viewer", "images", "report"])
def test_what_is_for_narrow_windows_is_not_for_paper(name):
    queries = re.findall(r"@media ([^{]+?) *{", asset(f"{name}.css"))
    assert queries
    for query in queries:
        assert query == "print" or re.match(r"screen\b", query)


def test_nothing_is_loaded_from_elsewhere():
    for name in ("report.css", "report.js"):
        assert "http" not in asset(name)
        assert "@import" not in asset(name)
        assert "url(" not in asset(name)
        assert "innerHTML" not in asset(name)
