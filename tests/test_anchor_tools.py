"""The benchmark of anchor tools puts known anchors where they came from."""

import numpy as np

from atss_inspect.settings import override
from benchmarks.anchor_tools import BASE, nearest, shapes_of

CHANGED = override(BASE, {"anchors.scale": 2, "anchors.ratios": [0.55, 1.1, 2.2]})


def test_anchors_of_the_grid_are_put_where_they_came_from():
    assert nearest(shapes_of(CHANGED)[:9]) == CHANGED


def test_anchors_that_today_s_sizes_hold_leave_the_size():
    # An octave up the sizes of scale 2 are those of scale 4.
    held = nearest(shapes_of(CHANGED)[9:18])
    assert held.anchors.scale == BASE.anchors.scale
    np.testing.assert_allclose(held.anchors.ratios, [0.55, 1.1, 2.2])
