"""`rasterize`: polygons and run lengths become pixels that can be counted by hand."""

from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from atss_inspect.arrays import BoolArray
from atss_inspect.readers.masks import rasterize

# 4 rows, 5 columns; the square holds the pixels of rows 1, 2 and columns 1, 2.
SQUARE = [1, 1, 3, 1, 3, 3, 1, 3]
EXPECTED = np.zeros((4, 5), dtype=bool)
EXPECTED[1:3, 1:3] = True
# Down the columns: all of column 0 and the top of column 1 are outside, and so on.
RUNS = [5, 2, 2, 2, 9]
# A sign is 48 plus the number; from the fourth on less the one two before.
TEXT = "52207"


def draw(
    segmentation: Any,
    *,
    size: tuple[int, int] = (4, 5),
    input_size: tuple[int, int] = (4, 5),
    corners: tuple[float, float, float, float] | None = None,
) -> BoolArray | None:
    """Draw a mask; the picture fills the input image unless corners are given."""
    corners = corners or (0.0, 0.0, float(input_size[1]), float(input_size[0]))
    sizes = {"original_size": size, "input_size": input_size}
    return rasterize(segmentation, **sizes, corners=corners)


def drawn(segmentation: Any, **options: Any) -> BoolArray:
    mask = draw(segmentation, **options)
    assert mask is not None
    assert mask.dtype == bool
    return mask


def lengths(counts: Any, size: Any = (4, 5)) -> dict[str, Any]:
    return {"size": list(size), "counts": counts}


@pytest.mark.parametrize(
    "segmentation",
    [[SQUARE], lengths(RUNS), lengths(TEXT), lengths(TEXT.encode())],
    ids=["polygon", "run lengths", "compressed", "compressed bytes"],
)
def test_every_way_to_write_a_mask_gives_the_same_pixels(segmentation):
    np.testing.assert_array_equal(drawn(segmentation), EXPECTED)


def test_several_polygons_are_one_mask_and_their_overlap_counts_once():
    # 4 pixels, 2 to the right of which 1 is shared, and 1 in the corner.
    bar = [2, 1, 4, 1, 4, 2, 2, 2]
    corner = [4, 3, 5, 3, 5, 4, 4, 4]
    mask = drawn([SQUARE, bar, corner])
    assert mask.sum() == 4 + 1 + 1
    assert mask[1].tolist() == [False, True, True, True, False]
    assert mask[3].tolist() == [False, False, False, False, True]


def test_a_triangle_covers_about_half_of_its_box():
    # Of 40 x 40 pixels those under the diagonal: 780, and some of its 40.
    mask = drawn([[0, 0, 40, 40, 0, 40]], size=(40, 40), input_size=(40, 40))
    assert 780 <= mask.sum() <= 820
    assert mask[39, 0]
    assert not mask[0, 39]


@pytest.mark.parametrize("segmentation", [[SQUARE], lengths(RUNS)])
def test_a_mask_goes_where_the_picture_goes(segmentation):
    twice = drawn(segmentation, input_size=(8, 10))
    np.testing.assert_array_equal(twice, EXPECTED.repeat(2, axis=0).repeat(2, axis=1))
    # The picture is at columns 3 to 7 and rows 2 to 5; around it is nothing.
    mask = drawn(segmentation, input_size=(8, 10), corners=(3, 2, 8, 6))
    assert mask.sum() == 4
    assert mask[3:5, 4:6].all()
    turned_over = drawn(segmentation, corners=(5, 0, 0, 4))
    np.testing.assert_array_equal(turned_over, EXPECTED[:, ::-1])
    everywhere = drawn(lengths([0, 20]), input_size=(8, 10), corners=(3, 2, 8, 6))
    assert everywhere.sum() == 20
    assert everywhere[2:6, 3:8].all()


def test_polygons_that_leave_the_image_are_cut_off():
    mask = drawn([[-9, -9, 2, -9, 2, 2, -9, 2]])
    assert mask.sum() == 4
    assert mask[:2, :2].all()


@pytest.mark.parametrize("seed", range(20))
def test_compressed_run_lengths_are_read_as_pycocotools_does(seed):
    generator = np.random.default_rng(seed)
    height, width = generator.integers(1, 90, 2).tolist()
    mask = generator.random((height, width)) < generator.random() ** 2
    mask[:, : width // 2] |= generator.random() < 0.5  # long runs too
    encoded = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    size = {"size": (height, width), "input_size": (height, width)}
    for counts in (encoded["counts"], encoded["counts"].decode("ascii")):
        segmentation = lengths(counts, (height, width))
        np.testing.assert_array_equal(drawn(segmentation, **size), mask)


@pytest.mark.parametrize(
    ("segmentation", "number"),
    [
        (lengths([20]), 0),
        (lengths([0, 20]), 20),
        ([[1, 1, 1, 1, 1, 1]], 0),
        ([[1, 1, 3, 1, 1, 1]], 0),
    ],
    ids=repr,
)
def test_a_mask_without_a_pixel_is_a_mask(segmentation, number):
    assert drawn(segmentation).sum() == number


@pytest.mark.parametrize(
    "segmentation",
    [
        *(None, [], {}, ""),
        # Run lengths that do not fit the image.
        lengths(RUNS, (5, 4)),
        lengths(RUNS, (4, 5, 1)),
        lengths(RUNS, "45"),
        lengths(RUNS, (4, None)),
        *(lengths([5, 2, 2, 2, last]) for last in (8, 10)),
        lengths([25, -5]),
        lengths([[20]]),
        lengths([2**62, 2**62, 2**62, 2**62, 20]),
        *(lengths(counts) for counts in ([1e400], None, "5220", "5220W", "5é", "\x00")),
        *({"size": [4, 5]}, {"counts": RUNS}),
        # Polygons that make no sense.
        *([[]], [[1, 1]], [[1, 1, 3, 1]], [[1, 1, 3, 1, 3]], [SQUARE, [1, 1]]),
        *([[1, 1, 3, 1, 3, last]] for last in (float("nan"), float("inf"), 1e9)),
        *([[first, 1, 3, 1, 3, 3]] for first in ("a", None)),
        *([7], 7, "polygon"),
    ],
    ids=repr,
)
def test_what_makes_no_sense_for_the_image_is_no_mask(segmentation):
    assert draw(segmentation) is None


def test_an_image_of_absurd_size_is_not_decoded():
    side = 10**7
    assert draw(lengths([side * side], (side, side)), size=(side, side)) is None
