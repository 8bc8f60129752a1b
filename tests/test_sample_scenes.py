"""How the sample scenes become annotations and pictures."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_mask

from tools.sample_scenes.annotations import annotate, run_lengths
from tools.sample_scenes.outlines import area, box, ellipse, rasterize, simplify, trace
from tools.sample_scenes.painting import Canvas
from tools.sample_scenes.patches import Patch, Sketch, body
from tools.sample_scenes.pictures import paint
from tools.sample_scenes.scenes.composer import Item, Scene


def paint_nothing(canvas: Canvas, items: Sequence[Item]) -> None:
    """Leave the backdrop black."""


def scene_of(*items: Item, window: tuple[int, int, int, int] = (0, 0, 80, 60)) -> Scene:
    return Scene(80, 60, items, window, paint_nothing)


def card(*corners: float, depth: float) -> Item:
    return Item("card", ((body(box(*corners), (200, 60, 40)),),), depth)


# Outlines


def test_trace_keeps_parts_apart_that_touch_at_a_corner():
    mask = np.zeros((6, 6), dtype=bool)
    mask[1:3, 1:3] = mask[3:5, 3:5] = True
    borders = trace(mask)
    assert len(borders) == 2
    # Cutting the four corners of a 2 x 2 square by half an edge leaves 3.5 pixels.
    assert [area(border) for border in borders] == [3.5, 3.5]


def test_trace_leaves_out_holes_and_finds_nothing_in_an_empty_mask():
    mask = np.ones((5, 5), dtype=bool)
    mask[2, 2] = False
    assert len(trace(mask)) == 1
    assert trace(np.zeros((3, 4), dtype=bool)) == []


def test_simplified_outline_stays_within_the_tolerance():
    circle = ellipse(0, 0, 50, 50, steps=400)
    simple = simplify(circle, 0.5)
    assert len(simple) < 40
    assert area(simple) > np.pi * 49.5**2


def test_rasterized_union_counts_common_pixels_once():
    mask = rasterize([box(0, 0, 4, 4), box(2, 2, 6, 6)[::-1]], 8, 8)
    assert mask.sum() == 16 + 16 - 4


def test_rasterized_pixels_are_those_whose_middle_is_inside():
    # 0.5 is on the left edge and belongs to it, 2.5 on the right one does not.
    mask = rasterize([box(0.5, 0.4, 2.5, 1.6)], 4, 3)
    np.testing.assert_array_equal(mask, [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]])
    # A shape beyond the grid is cut off.
    assert rasterize([ellipse(0, 0, 10, 10)], 5, 5).all()


@given(arrays(bool, st.tuples(st.integers(1, 5), st.integers(1, 5))))
def test_run_lengths_are_those_of_pycocotools(mask):
    runs = {"counts": run_lengths(mask), "size": list(mask.shape)}
    encoded = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    assert coco_mask.frPyObjects(runs, *mask.shape) == encoded


# Scenes


def test_object_in_front_cuts_off_what_it_hides():
    # 20 x 20 pixels, the right half behind another card.
    scene = scene_of(card(10, 10, 30, 30, depth=1), card(20, 5, 40, 35, depth=2))
    _, (behind, before) = annotate(scene)
    np.testing.assert_allclose(behind.bbox, [10, 10, 10, 20], atol=0.2)
    np.testing.assert_allclose(before.bbox, [20, 5, 20, 30], atol=0.2)


def test_object_almost_hidden_is_neither_annotated_nor_painted():
    scene = scene_of(card(10, 10, 30, 30, depth=1), card(12, 5, 40, 35, depth=2))
    seen_scene, objects = annotate(scene)
    assert len(objects) == len(seen_scene.items) == 1


def test_object_behind_a_thin_one_gets_two_polygons():
    scene = scene_of(card(10, 10, 50, 30, depth=1), card(28, 0, 32, 50, depth=2))
    _, objects = annotate(scene)
    assert len(objects[0].segmentation) == 2
    assert objects[0].area == pytest.approx(40 * 20 - 4 * 20, rel=0.02)


def test_window_cuts_objects_and_moves_the_origin():
    scene = scene_of(card(10, 10, 30, 30, depth=1), window=(20, 5, 60, 45))
    _, (seen,) = annotate(scene)
    np.testing.assert_allclose(seen.bbox, [0, 5, 10, 20], atol=0.2)


def test_crowd_is_described_by_whole_pixels():
    left, right = card(10, 10, 20, 20, depth=1), card(30, 12, 40, 22, depth=1)
    crowd = Item("card", left.members + right.members, depth=1, is_crowd=True)
    _, (seen,) = annotate(scene_of(crowd))
    assert seen.bbox == [10, 10, 30, 12]
    assert seen.area == 200


def test_nothing_of_an_object_is_painted_outside_its_outline():
    disc: Sketch = (
        body(ellipse(40, 30, 20, 15), (250, 250, 250)),
        Patch(box(0, 28, 80, 32), (250, 0, 0)),  # a detail that reaches out of it
    )
    scene = scene_of(Item("disc", (disc,), 1))
    _, (seen,) = annotate(scene)
    outlines = [np.array(flat).reshape(-1, 2) for flat in seen.segmentation]
    mask = rasterize(outlines, 80, 60)
    is_painted = np.asarray(paint(scene)).max(axis=2) > 60
    # The border itself is smoothed over two pixels.
    assert (is_painted == mask).mean() > 0.98
    assert not is_painted[:, :17].any()
    assert is_painted[30, 25:55].all()
