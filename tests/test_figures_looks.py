"""Looks of presets, the same everywhere; themes, with contrast enough."""

import matplotlib as mpl
import pytest

from atss_inspect.figures.looks import looks_of
from atss_inspect.figures.theme import DEFAULT_THEME, THEMES, Theme, drawn_in
from atss_inspect.presets import preset_names
from atss_inspect.settings import preset
from tests.figure_checks import contrast
from tests.object_tables import ATSS, named

PRESETS = [preset(name) for name in preset_names()]
each_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)


@each_theme
def test_all_presets_look_different_and_are_seen_on_the_ground(theme: Theme) -> None:
    looks = looks_of(PRESETS, theme)
    assert len(set(looks.values())) == len(PRESETS)
    for look in looks.values():
        assert contrast(look.color, theme.paper) >= 2.9
        assert look.color != theme.poor


@each_theme
def test_own_conventions_take_the_family_of_their_rule_and_differ(theme: Theme) -> None:
    own = [named(ATSS, f"mine-{number}") for number in range(12)]
    looks = looks_of([ATSS, *own], theme)
    assert {look.marker for look in looks.values()} == {looks["atss-mmdet"].marker}
    assert len(set(looks.values())) == 13


def test_hollow_markers_have_the_ground_inside() -> None:
    theme = THEMES["dark"]
    looks = looks_of(PRESETS, theme)
    for look in looks.values():
        face = look.line(theme)["markerfacecolor"]
        assert face == (theme.paper if look.is_hollow else look.color)
    assert any(look.is_hollow for look in looks.values())


@each_theme
def test_words_have_contrast_enough(theme: Theme) -> None:
    assert contrast(theme.ink, theme.paper) >= 7
    assert contrast(theme.faint_ink, theme.paper) >= 4.5
    assert contrast(theme.poor, theme.paper) >= 4.5
    assert contrast(theme.ink, theme.canvas) >= 7


def test_the_users_settings_do_not_show_and_are_put_back() -> None:
    with mpl.rc_context({"font.size": 33.0, "axes.facecolor": "red"}):
        with drawn_in(DEFAULT_THEME):
            assert mpl.rcParams["font.size"] == 9
            assert mpl.rcParams["axes.facecolor"] == DEFAULT_THEME.paper
            assert mpl.rcParams["text.parse_math"] is False  # dollar signs are none
        with pytest.raises(RuntimeError), drawn_in(DEFAULT_THEME):
            raise RuntimeError
        assert mpl.rcParams["font.size"] == 33
        assert mpl.rcParams["axes.facecolor"] == "red"
