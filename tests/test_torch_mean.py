"""The float32 mean follows the order in which torch sums on a CPU."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners.atss.torch_mean import torch_mean

from .reference.torch_mean import torch_cpu_mean


def means_of(images: list[np.ndarray]) -> np.ndarray:
    """Average images of (K, G) IoUs each; NaN is no candidate."""
    values = np.concatenate([image.T for image in images])
    gt_image = np.repeat(np.arange(len(images)), [image.shape[1] for image in images])
    return torch_mean(values, (~np.isnan(values)).sum(axis=1), gt_image)


@given(
    st.integers(1, 140),
    st.lists(st.integers(0, 70), min_size=1, max_size=5),
    st.integers(0, 2**32 - 1),
)
def test_any_number_of_candidates_and_boxes_equals_the_reference(count, widths, seed):
    # Around 8 and 32 boxes, 8 and 16 candidates the order changes.
    generator = np.random.default_rng(seed)
    images = [generator.random((count, n)).astype(np.float32) for n in widths]
    expected = [torch_cpu_mean(image) for image in images if image.shape[1]]
    expected = np.concatenate([np.zeros(0, dtype=np.float32), *expected])
    np.testing.assert_array_equal(means_of(images), expected)


# 9 candidates x 9 anchors x 5 levels = 405; 1025 crosses a second cascade level.
@pytest.mark.parametrize("count", [1, 3, 4, 7, 8, 9, 15, 16, 17, 45, 64, 405, 1025])
def test_every_change_of_order_is_met_at_its_exact_width(count):
    # Blocks of 4 columns below 8 boxes, of 32 from 8 on; one box in lanes from 8 terms.
    generator = np.random.default_rng(count)
    widths = (1, 2, 3, 4, 5, 7, 8, 9, 12, 31, 32, 33, 36, 63, 64, 65)
    images = [generator.random((count, n)).astype(np.float32) for n in widths]
    expected = np.concatenate([torch_cpu_mean(image) for image in images])
    np.testing.assert_array_equal(means_of(images), expected)


def test_the_mean_depends_on_the_place_of_a_box_in_its_image():
    # 1 + 3 * 2^-24 over four terms. One after the other, each 2^-24 is half an ulp of
    # 1 and rounds away (to even); in four interleaved parts they are joined last, too,
    # but a column alone in a block of four is summed top to bottom.
    tiny = np.float32(2.0**-24)
    column = np.array([tiny, tiny, tiny, tiny, 1, tiny, tiny, tiny], dtype=np.float32)
    image = np.repeat(column[:, None], 5, axis=1)
    means = means_of([image])
    # Top to bottom: 4 * 2^-24 + 1 = 1 + 2^-22; three half-ulps more, each tie to even.
    # 1 + 2^-22 = 1 + 2 ulp is even: they vanish. Sum 1 + 2^-22.
    top_to_bottom = np.float32(1 + 2.0**-22) / np.float32(8)
    # Four parts: tiny + 1 = 1 (tie to even), then three times 2 * 2^-24 = 1 ulp: 1 + 3
    # * 2^-23.
    in_parts = np.float32(1 + 3 * 2.0**-23) / np.float32(8)
    assert means[:4].tolist() == [top_to_bottom] * 4
    assert means[4] == in_parts


def test_candidates_that_are_not_real_do_not_count():
    # The box of the second image has two candidates only: (0.25 + 0.75) / 2.
    full, small = [0.5, 0.25, 0.0], [0.25, np.nan, 0.75]
    images = [np.array([values], dtype=np.float32).T for values in (full, small)]
    assert means_of(images).tolist() == [0.25, 0.5]


def test_no_candidate_has_no_mean_and_no_box_gives_none():
    nothing = np.full((3, 1), np.nan, dtype=np.float32)
    assert np.isnan(means_of([nothing])).tolist() == [True]
    means = means_of([nothing[:, :0]])
    assert (means.shape, means.dtype) == ((0,), np.float32)
