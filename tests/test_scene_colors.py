"""Neighbours differ in color, and the page has the colors of the figures."""

import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from atss_inspect.figures.image.marks import object_colors, palette
from atss_inspect.figures.theme import THEMES
from atss_inspect.scene import color_numbers
from atss_inspect.viewer.document import NUM_COLORS

PAGE = Path(__file__).resolve().parents[1] / "atss_inspect" / "page"


def test_objects_side_by_side_differ():
    row = np.array([[10.0 * n, 0, 9, 9] for n in range(20)])
    numbers = color_numbers(row, 8)
    for n in range(20):
        assert numbers[n] not in numbers[max(n - 5, 0) : n]
    assert set(numbers) == set(range(8))


def test_no_objects_have_no_colors():
    assert color_numbers(np.zeros((0, 4)), 8) == []
    assert object_colors(np.zeros((0, 4)), THEMES["dark"]) == []


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_colors_are_those_of_the_theme_and_none_looks_starved(theme):
    row = np.array([[10.0 * n, 0, 9, 9] for n in range(20)])
    assert set(object_colors(row, theme)) == set(palette(theme))
    starved = np.array(to_rgb(theme.starved))
    for color in palette(theme):
        assert np.abs(np.array(to_rgb(color)) - starved).max() > 0.3


def variables(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#\w{6});", block))


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_page_has_the_colors_of_the_figures(name):
    rules = re.findall(r"(:root[^{]*){([^}]*)}", (PAGE / "page.css").read_text("utf-8"))
    light, dark, dark_by_button = (variables(block) for _, block in rules)
    assert dark == dark_by_button
    found = {"light": light, "dark": dark}[name]
    theme = THEMES[name]
    objects = [found[f"object-{number}"] for number in range(NUM_COLORS)]
    assert objects == list(palette(theme))
    for part in ("paper", "ink", "faint_ink", "rule", "canvas", "starved"):
        assert found[part.replace("_", "-")] == getattr(theme, part)
