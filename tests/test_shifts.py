"""Other places on the grid: how even they are, and what they do to objects."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.annotations.shifts import shifts
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics.run import assign, frame_of
from atss_inspect.statistics.spread import deviation_of, shares_by_variant
from atss_inspect.statistics.variants import shifts_of, summarize_variants
from tests.random_coco import random_dataset
from tests.tiny_coco import coco_image


def test_the_first_shift_is_none_and_all_are_parts_of_a_cell():
    found = shifts(3, 128)
    # 0.2121 * 128 = 27.1488 and 0.96976 * 128 = 124.12928, down to 64ths of a pixel;
    # twice that, less 128 where it is more
    assert found == ((0, 0), (27 + 9 / 64, 124 + 8 / 64), (54 + 19 / 64, 120 + 16 / 64))
    assert shifts(32, 128)[:3] == found


@pytest.mark.parametrize("stride", [128, 64, 32, 16, 8])
def test_shifts_are_even_on_the_cells_of_every_level(stride):
    places = np.array(shifts(32, 128)) % stride / stride
    corners = np.stack(np.meshgrid(*[np.arange(128) / 128] * 2), axis=-1)
    reach = ((places - corners[:, :, None]) % 1).max(axis=-1)
    # The largest square, of any corner, without a place in it.
    assert reach.min(axis=-1).max() < 0.31


def test_a_picture_moves_on_a_canvas_that_grows_and_no_box_changes():
    dataset = load_coco(coco_image((10, 20, 60, 40), width=800, height=800))
    settings = preset("atss-mmdet")
    plain = frame_of(dataset, slice(0, 1), settings)
    moved = frame_of(dataset, slice(0, 1), replace(settings, shift=(31.5, 64.25)))
    assert moved.gt_boxes.tolist() == [[41.5, 84.25, 101.5, 124.25]]
    assert moved.input_size.tolist() == [[865, 832]]  # 64.25 and 31.5, rounded up
    assert moved.padded_size.tolist() == [[896, 832]]
    assert moved.gt_boxes.dtype == plain.gt_boxes.dtype == np.float32


@pytest.mark.parametrize("name", ["atss-mmdet", "fcos-mmdet", "retinanet-mmdet"])
def test_a_shift_by_a_whole_cell_changes_no_count_but_at_borders(name):
    # Boxes of 20 to 60 px in the middle of 800 x 800: all whole numbers in float32.
    boxes = [(200 + 37 * n, 300 + 23 * n, 20 + 5 * n, 60 - 5 * n) for n in range(8)]
    dataset = load_coco(coco_image(*boxes, width=800, height=800))
    counts = []
    for shift in ((0.0, 0.0), (128.0, 128.0)):
        _, found = assign(dataset, replace(preset(name), shift=shift))
        counts.append(np.bincount(found.gt, minlength=8).tolist())
    assert counts[0] == counts[1]
    assert sum(counts[0])


BOXES = st.tuples(*[st.integers(0, 300)] * 2, *[st.integers(1, 90)] * 2)


@pytest.mark.parametrize(
    "name", ["atss-mmdet", "fcos-torchvision", "retinanet-detectron2", "rpn-mmdet"]
)
@given(
    boxes=st.lists(BOXES, min_size=1, max_size=6),
    shift=st.tuples(*[st.integers(0, 127)] * 2),
)
def test_a_shift_is_a_larger_picture_with_the_boxes_moved(name, boxes, shift):
    # Without a resize the same can be written into the file.
    settings = preset(name, resize__rule="none")
    moved = [(x + shift[0], y + shift[1], w, h) for x, y, w, h in boxes]
    larger = {"width": 400 + shift[0], "height": 410 + shift[1]}
    written = load_coco(coco_image(*moved, **larger))
    plain = load_coco(coco_image(*boxes, width=400, height=410))
    expected, by_file = assign(written, settings)
    found, by_shift = assign(plain, replace(settings, shift=shift))
    for one in ("gt_boxes", "input_size", "padded_size"):
        np.testing.assert_array_equal(getattr(found, one), getattr(expected, one))
    for one in ("gt", "level", "index"):
        np.testing.assert_array_equal(getattr(by_shift, one), getattr(by_file, one))


def test_one_shift_is_the_own_place():
    dataset = random_dataset(5)
    (found,) = summarize_variants(dataset, [shifts_of(preset("atss-mmdet"), 1)])
    assert found.passes.every_object == found.nominal.every_object
    assert found.unassigned.num_some.sum() == 0


def test_shifts_on_visdrone(real_data: Path):
    path = real_data / "data" / "visdrone-train-50"
    dataset = load_coco(path / "visdrone2019-det-train-first50image.json")
    variants = shifts_of(preset("atss-mmdet"), 32)
    (found,) = summarize_variants(dataset, [variants])
    total = found.num_objects.sum()
    every, some = found.unassigned.num_every.sum(), found.unassigned.num_some.sum()
    shares = [found.nominal.every_object.unassigned_share]
    shares += [found.average.every_object.unassigned_share, every / total, some / total]
    shares.append(deviation_of(shares_by_variant(found)))
    assert [round(100 * share, 1) for share in shares] == [13.4, 13.1, 0.9, 30.5, 0.3]
