"""Input and padded sizes, and boxes carried along, as each framework rounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.annotations import resize

from .reference.frames import RESIZE_RULES, map_sizes, resized, round_up

FRAMEWORKS = sorted(RESIZE_RULES)
SIDES = st.integers(1, 4000)
LIMITS = st.sampled_from(((800, 1333), (640, 1333), (600, 1000), (1333, 800), (20, 33)))


BOX, SQUARE = (10, 20, 30, 40), (64, 48, 128, 96)


def sizes_of(original: list[tuple[int, int]], **words: object) -> list[list[int]]:
    exact = np.array(original, dtype=np.float64).reshape(-1, 2)
    return resize.input_sizes(exact, resize.ResizeRule(**words)).tolist()


def padded_of(inputs: list[tuple[int, int]], **words: object) -> list[list[int]]:
    exact = np.array(inputs, dtype=np.int64).reshape(-1, 2)
    return resize.padded_sizes(exact, resize.ResizeRule(**words)).tolist()


def boxes_of(boxes: list, original: tuple, inputs: tuple, rule: str) -> np.ndarray:
    corners = np.array(boxes, dtype=np.float64).reshape(-1, 4)
    before = np.tile(np.array(original, dtype=np.float64), (len(corners), 1))
    after = np.tile(np.array(inputs, dtype=np.int64), (len(corners), 1))
    return resize.resize_boxes(corners, before, after, resize.ResizeRule(rule=rule))


@pytest.mark.parametrize("framework", FRAMEWORKS)
@given(st.lists(st.tuples(SIDES, SIDES), min_size=1, max_size=20), LIMITS)
def test_any_size_equals_that_of_the_reference(framework, originals, limits):
    short, long = limits
    ours = sizes_of(originals, rule=framework, short_side=short, long_side=long)
    assert ours == [list(resized(framework, each, short, long)) for each in originals]


@pytest.mark.slow
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_all_common_sizes_equal_those_of_the_reference(framework):
    originals = [(h, w) for h in range(1, 700, 2) for w in range(32, 1000, 3)]
    expected = [list(resized(framework, each, 800, 1333)) for each in originals]
    assert sizes_of(originals, rule=framework) == expected


def test_torchvision_cuts_some_short_sides_to_799():
    heights = (97, 161, 167, 193, 194, 195, 199, 289, 305, 322, 334)
    originals = [(height, height) for height in heights]
    assert sizes_of(originals, rule="torchvision") == [[799, 799]] * len(heights)
    assert sizes_of(originals, rule="mmdetection") == [[800, 800]] * len(heights)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_sliver_keeps_at_least_one_pixel(framework):
    # 1 x 4000: the long side limits, and a height of 1333 / 4000 rounds to 0, where the
    # frameworks fail. The official code takes the width from that 0, too.
    width = {"official": 1}.get(framework, 1333)
    assert sizes_of([(1, 4000)], rule=framework) == [[1, width]]


def test_a_larger_short_side_than_long_side_is_taken_as_meant_by_mmdetection():
    # mmcv sorts the two numbers of a scale.
    upright = sizes_of([(480, 640)], rule="mmdetection", short_side=1333, long_side=800)
    # min(1333 / 640, 800 / 480) = 1.667: 800 x 1067.
    assert upright == [[800, 1067]]


def test_truncated_sizes_are_cut_and_not_rounded():
    # 800 / 480 = 1.6667: 1066.67 wide, cut to 1066, where mmdetection has 1067.
    assert sizes_of([(480, 640)], rule="truncated") == [[800, 1066]]
    # mmcv sorts the two numbers of a scale here, too.
    swapped = {"short_side": 1333, "long_side": 800}
    assert sizes_of([(480, 640)], rule="truncated", **swapped) == [[800, 1066]]
    # Boxes go by the cut sizes: x by 1066 / 640 = 1.665625, y by 1.6667.
    found = boxes_of([SQUARE], (480, 640), (800, 1066), "truncated")
    np.testing.assert_allclose(found, [(106.6, 80, 213.2, 160)], rtol=1e-6)


def test_without_a_resize_images_and_boxes_stay_as_they_are():
    originals = [(480, 640), (1, 4000), (97, 97)]
    assert sizes_of(originals, rule="none") == [list(size) for size in originals]
    corners = (0.1, 33.3, 77.7, 99.9)
    found = boxes_of([corners], (375, 500), (375, 500), "none")
    np.testing.assert_array_equal(found, [corners])
    assert resize.ResizeRule(rule="none").scaled(2) == {}
    assert not resize.ResizeRule(rule="none").has_sides


@pytest.mark.parametrize("rule", ["stretch", "letterbox"])
def test_a_fixed_size_is_the_size_of_every_image(rule):
    originals = [(480, 640), (1, 4000), (640, 480)]
    assert sizes_of(originals, rule=rule, size=(320, 416)) == [[320, 416]] * 3


@pytest.mark.parametrize(
    ("rule", "box", "original", "inputs", "expected"),
    [
        # 100 x 200 to 320 x 416: x by 2.08, y by 3.2.
        ("stretch", (50, 25, 100, 50), (100, 200), (320, 416), (104, 80, 208, 160)),
        # 400 x 200 (height x width) into 640 x 640: factor 1.6, filled 640 x 320,
        # border 160 left and right. Lying: the border is above and below.
        ("letterbox", BOX, (400, 200), (640, 640), (176, 32, 208, 64)),
        ("letterbox", BOX, (200, 400), (640, 640), (16, 192, 48, 224)),
        # The odd pixel of a letterbox goes right and below. 100 x 101 into 101 x 101:
        # factor 1, one row is left over. Of three left over one is above, two below.
        ("letterbox", BOX, (100, 101), (101, 101), BOX),
        ("letterbox", BOX, (98, 101), (101, 101), (10, 21, 30, 41)),
        # By the rounded sizes of each axis: x by 1067 / 640 = 1.6671875, y by 1.6667.
        ("mmdetection", SQUARE, (480, 640), (800, 1067), (106.7, 80, 213.4, 160)),
    ],
)
def test_boxes_scale_and_shift_with_the_image(rule, box, original, inputs, expected):
    found = boxes_of([box], original, inputs, rule)
    np.testing.assert_allclose(found, [expected], rtol=1e-6)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_most_frameworks_multiply_float32_by_float32(framework):
    # detectron2 stays in double until it has clipped.
    exact = np.float64 if framework == "detectron2" else np.float32
    corners = (0.1, 33.3, 77.7, 99.9)
    boxes = boxes_of([corners], (375, 500), (800, 1067), framework)
    factors = np.array([1067 / 500, 800 / 375] * 2, dtype=exact)
    expected = np.array(corners, dtype=exact) * factors
    np.testing.assert_array_equal(boxes, [expected.astype(np.float64)])


@pytest.mark.parametrize("rule", [*FRAMEWORKS, "stretch", "letterbox", "none"])
def test_no_box_and_no_image_give_empty_arrays(rule):
    assert boxes_of([], (10, 10), (20, 20), rule).shape == (0, 4)
    assert sizes_of([], rule=rule) == []
    assert padded_of([], rule=rule) == []


def test_padding_goes_up_to_the_next_multiple():
    inputs = [(800, 1333), (800, 1344), (1, 1), (799, 989)]
    assert padded_of(inputs) == [[800, 1344], [800, 1344], [32, 32], [800, 992]]
    assert padded_of(inputs, pad_divisor=1) == [list(size) for size in inputs]
    assert padded_of([(800, 1333)], pad_divisor=128) == [[896, 1408]]
    # As in a batch with a larger image, whose size is rounded up, too; where an image
    # is larger, it stays.
    padded = padded_of([(800, 1067), (1067, 800)], pad_to=(1000, 1333))
    assert padded == [[1024, 1344], [1088, 1344]]


@given(st.tuples(SIDES, SIDES), st.sampled_from((1, 32, 64, 128)))
def test_any_padded_size_equals_that_of_the_reference(size, divisor):
    expected = [round_up(side, divisor) for side in size]
    assert padded_of([size], pad_divisor=divisor) == [expected]


def test_maps_of_800_x_1344_have_the_sizes_of_the_paper():
    sizes = [(100, 168), (50, 84), (25, 42), (13, 21), (7, 11)]
    assert list(map_sizes((800, 1344), 5, 8)) == sizes


def test_letterboxing_takes_shares_of_the_image_as_they_are():
    # 101 x 203 (height x width) into 640 x 640: factor 640 / 203, filled 318 x 640,
    # border 161 above. In float32: (0.3 - 0.1 / 2) * 640 = 160.00002, which from pixels
    # rounded in between would be 160.
    shares = np.array([[0.3, 0.5, 0.1, 0.25], [np.nan] * 4], np.float32)
    rule = resize.ResizeRule(rule="letterbox", size=(640, 640))
    pixels = np.array([[10, 20, 30, 40], [10, 20, 30, 40]], np.float64)
    sizes = np.array([[101, 203]] * 2, np.float64)
    inputs = resize.input_sizes(sizes, rule)
    found = resize.resize_boxes(pixels, sizes, inputs, rule, shares)
    near = (shares[0, :2] - shares[0, 2:] / 2) * np.array([640, 318], np.float32)
    far = (shares[0, :2] + shares[0, 2:] / 2) * np.array([640, 318], np.float32)
    border = np.array([0, 161, 0, 161], np.float32)
    np.testing.assert_array_equal(found[0], np.hstack([near, far]) + border)
    # Of a file in pixels there are none; its boxes are as they were.
    alone = resize.resize_boxes(pixels, sizes, inputs, rule)
    np.testing.assert_array_equal(found[1], alone[1])
    assert (found[0] != alone[0]).all()


def test_other_rules_do_not_look_at_shares_of_the_image():
    shares = np.full((1, 4), 0.5, np.float32)
    pixels, sizes = np.array([[1.0, 2, 3, 4]]), np.array([[10.0, 20]])
    for name in (*FRAMEWORKS, "stretch"):
        rule = resize.ResizeRule(rule=name)
        inputs = resize.input_sizes(sizes, rule)
        found = resize.resize_boxes(pixels, sizes, inputs, rule, shares)
        np.testing.assert_array_equal(
            found, resize.resize_boxes(pixels, sizes, inputs, rule)
        )


def test_corners_come_before_pixels_in_float32():
    shares = np.array([[0.1, 0.2, 0.3, 0.1]], np.float32)
    [found] = resize.denormalize(shares, np.array([[427.0, 641]]))
    single = np.float32
    x1 = (single(0.1) - single(0.3) / single(2)) * single(641)
    y2 = (single(0.2) + single(0.1) / single(2)) * single(427)
    assert (found[0], found[3]) == (x1, y2)
    assert found.dtype == single
