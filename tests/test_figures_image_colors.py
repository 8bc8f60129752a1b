"""Colors of objects."""

import numpy as np
from matplotlib.colors import to_rgb

from atss_inspect.figures.image.colors import object_colors, palette
from atss_inspect.figures.theme import THEMES


def test_neighbors_differ_in_color_and_none_looks_starved() -> None:
    for theme in THEMES.values():
        xywh = np.array([[10 * row, 0, 9, 9] for row in range(40)], dtype=float)
        colors = object_colors(xywh, theme)
        for row in range(1, 40):
            assert colors[row] not in colors[max(row - 5, 0) : row]
        starved = np.array(to_rgb(theme.starved))
        for color in palette(theme):
            assert np.abs(np.array(to_rgb(color)) - starved).max() > 0.3
        assert object_colors(xywh[:0], theme) == []
