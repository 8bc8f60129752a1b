"""Figures as bytes: the same for the same figure, whatever the user's settings."""

import sys
from functools import cache

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from atss_inspect.figures.size import size_figure
from atss_inspect.figures.theme import THEMES
from atss_inspect.writers.figures import FIGURE_FORMATS, encode_figure
from tests.object_tables import ATSS, counts, objects

TABLE = objects(ATSS, counts(*range(20)))
BEGINNINGS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


def draw() -> Figure:
    return size_figure(TABLE, ATSS, theme=THEMES["paper"])


@cache
def drawn_once() -> Figure:
    return draw()


@pytest.mark.parametrize("file_format", FIGURE_FORMATS)
def test_equal_figures_have_equal_bytes_without_a_date(file_format):
    figure = drawn_once()
    first = encode_figure(figure, file_format, dpi=60)
    assert first.startswith(BEGINNINGS[file_format])
    assert b"CreationDate" not in first
    assert b"dc:date" not in first
    with mpl.rc_context({"font.size": 30, "savefig.dpi": 7, "lines.linewidth": 9}):
        assert encode_figure(draw(), file_format, dpi=60) == first
    assert "matplotlib.pyplot" not in sys.modules


def test_resolution_decides_the_pixels_of_a_png():
    figure = drawn_once()
    images = [encode_figure(figure, "png", dpi=dpi) for dpi in (50, 100)]
    assert [int.from_bytes(image[16:20], "big") for image in images] == [220, 440]


def test_salts_tell_the_ids_of_svgs_apart():
    figure = drawn_once()
    one, other = (
        encode_figure(figure, "svg", dpi=60, salt=salt) for salt in ("a", "b")
    )
    assert one != other
    assert len(one) == len(other)
