"""Themes: contrast, and nothing of the user's own matplotlib settings."""

import matplotlib as mpl
import pytest

from atss_inspect.figures.theme import DEFAULT_THEME, THEMES, Theme, drawn_in
from tests.test_figures_looks import contrast


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_words_have_contrast_enough(theme: Theme) -> None:
    assert contrast(theme.ink, theme.paper) >= 7
    assert contrast(theme.faint_ink, theme.paper) >= 4.5
    assert contrast(theme.starved, theme.paper) >= 4.5
    assert contrast(theme.ink, theme.canvas) >= 7
    assert theme.name in THEMES


def test_the_users_settings_do_not_show_and_are_put_back() -> None:
    with mpl.rc_context({"font.size": 33.0, "axes.facecolor": "red"}):
        with drawn_in(DEFAULT_THEME):
            assert mpl.rcParams["font.size"] == 9
            assert mpl.rcParams["axes.facecolor"] == DEFAULT_THEME.paper
        assert mpl.rcParams["font.size"] == 33
        assert mpl.rcParams["axes.facecolor"] == "red"


def test_settings_are_put_back_after_an_error() -> None:
    before = mpl.rcParams["font.size"]

    def fail() -> None:
        with drawn_in(DEFAULT_THEME):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert mpl.rcParams["font.size"] == before


def test_dollar_signs_are_no_mathematics() -> None:
    with drawn_in(DEFAULT_THEME):
        assert mpl.rcParams["text.parse_math"] is False
