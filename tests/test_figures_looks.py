"""A preset looks the same everywhere, and unlike every other."""

import itertools

import pytest
from matplotlib.colors import to_rgb

from atss_inspect.figures.looks import looks_of
from atss_inspect.figures.theme import THEMES, Theme
from atss_inspect.presets import preset_names
from atss_inspect.settings import preset
from tests.object_tables import ATSS, FCOS, RETINANET, named

PRESETS = [preset(name) for name in preset_names()]


def luminance(color: str) -> float:
    """Relative luminance, as WCAG defines it."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in to_rgb(color)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_all_presets_look_different_and_are_seen_on_the_ground(theme: Theme) -> None:
    looks = looks_of(PRESETS, theme)
    assert len(set(looks.values())) == len(PRESETS)
    for look in looks.values():
        assert contrast(look.color, theme.paper) >= 2.9
        assert look.color != theme.starved


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_a_preset_looks_the_same_alone_and_in_company(theme: Theme) -> None:
    together = looks_of(PRESETS, theme)
    for each in PRESETS:
        assert looks_of([each], theme) == {each.name: together[each.name]}


def test_families_differ_in_marker_and_in_hue() -> None:
    looks = looks_of([ATSS, RETINANET, FCOS], THEMES["light"])
    for one, other in itertools.combinations(looks.values(), 2):
        assert one.marker != other.marker
        assert one.color != other.color


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_own_conventions_take_the_family_of_their_rule_and_differ(theme: Theme) -> None:
    own = [named(ATSS, f"mine-{number}") for number in range(12)]
    looks = looks_of([ATSS, *own], theme)
    assert {look.marker for look in looks.values()} == {looks["atss-mmdet"].marker}
    assert len(set(looks.values())) == 13
    again = looks_of([own[0]], theme)
    assert again == looks_of([own[0]], theme)


def test_hollow_markers_have_the_ground_inside() -> None:
    theme = THEMES["dark"]
    looks = looks_of(PRESETS, theme)
    for look in looks.values():
        face = look.line(theme)["markerfacecolor"]
        assert face == (theme.paper if look.is_hollow else look.color)
    assert any(look.is_hollow for look in looks.values())
