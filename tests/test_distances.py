"""How alike boxes and anchors are: by hand, and bit by bit as the loops have it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners.boxes import corners_of
from atss_inspect.assigners.distances import Distance

from .reference.distances import alike, rescaled
from .strategies import DISTANCES, boxes

BOXES = st.lists(boxes((320, 320)), min_size=1, max_size=20)


def likeness(name: str, box, anchor, **words) -> float:
    gt, own = (corners_of(np.array([one], dtype=np.float32)) for one in (box, anchor))
    return float(Distance(name, **words).likeness(gt, own)[0])


def test_each_measure_by_hand():
    # Sides 8 and 16, centers 3 and 4 px apart: W^2 = 25 + (8^2 + 8^2) / 4 = 57.
    box, anchor = (0, 0, 8, 8), (-1, 0, 15, 16)
    assert likeness("dotd", box, anchor, constant=5.0) == pytest.approx(np.exp(-1))
    expected = np.exp(-np.sqrt(57) / 12.7)
    assert likeness("nwd", box, anchor) == pytest.approx(expected, rel=1e-6)
    assert likeness("wd", box, anchor) == pytest.approx(1 / 58, rel=1e-6)
    # 2 D = 4 + 4 + 4 * (9 + 16) / 64 - 2 ln 4 - 2; the other way round it is not.
    half = (8 + 100 / 64 - 2 * np.log(4) - 2) / 2
    assert likeness("kld", box, anchor) == pytest.approx(1 / (1 + half), rel=1e-6)
    assert likeness("kld", anchor, box) != likeness("kld", box, anchor)


def test_an_anchor_may_be_made_smaller_first():
    box, anchor = (4, 4, 12, 12), (0, 0, 16, 16)
    for name in DISTANCES:
        # Of squared pixels 1e-6 remain.
        assert likeness(name, box, anchor, ratio=0.5) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("name", DISTANCES)
@given(BOXES, BOXES, st.sampled_from((None, 0.9, 1.0, 0.3)))
def test_every_bit_is_that_of_the_loops(name, some, others, ratio):
    gt, anchors = (np.array(each, dtype=np.float32) for each in (some, others))
    distance = Distance(name, 12.8, ratio)
    column = corners_of(gt).take(np.s_[:, None])
    ours = distance.likeness(column, corners_of(anchors))
    assert ours.dtype == np.float32
    own = anchors if ratio is None else rescaled(anchors, ratio)
    theirs = [alike(own, box, name, 12.8) for box in gt]
    np.testing.assert_array_equal(ours, theirs)
