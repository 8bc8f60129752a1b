"""Colors of the page: whoever reads it can read all of it."""

import re

import pytest

from atss_inspect.figures.theme import THEMES
from atss_inspect.page.render import asset
from tests.figure_checks import contrast

READ_ON = [
    *(("ink", ground) for ground in ("paper", "raised", "accent-ground")),
    *(("faint-ink", ground) for ground in ("paper", "raised")),
    *(("accent", "paper"), ("poor", "paper")),
]


def palettes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r":root[^{]*\{([^}]*)\}", asset("page.css"))
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in blocks]
    light, dark, chosen = found
    assert dark == chosen
    return {"light": light, "dark": dark}


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("pair", READ_ON, ids=" on ".join)
def test_everything_that_is_read_stands_out(name, pair):
    # Black on white is 21, and this grey is at the limit.
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    colors = palettes()[name]
    assert contrast(*(colors[each] for each in pair)) >= 4.5


def test_figures_stand_on_the_ground_they_are_drawn_for_and_no_other_is_named():
    sheet = asset("report.css")
    assert f"background: {THEMES['light'].paper};" in sheet
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", sheet)) == {"#ffffff"}


@pytest.mark.parametrize("name", ["page", "viewer", "images", "report"])
def test_what_is_for_narrow_windows_is_not_for_paper(name):
    queries = re.findall(r"@media ([^{]+?) *{", asset(f"{name}.css"))
    assert queries
    for query in queries:
        assert query == "print" or re.match(r"screen\b", query)
