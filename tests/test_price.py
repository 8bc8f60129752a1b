"""What settings cost: the check values of the formula, and ratios."""

import pytest

from atss_inspect.statistics.price import Price, price_of

STRIDES = (8, 16, 32, 64, 128)
# Cells of 800 x 800 and of 800 x 1280 input pixels.
SQUARE = (10_000, 2_500, 625, 169, 49)
WIDE = (16_000, 4_000, 1_000, 260, 70)


@pytest.mark.parametrize(
    ("pixels", "cells", "per_cell", "expected"),
    [
        (800 * 800, SQUARE, 9, 148.5e9),  # detectron2's own test expects 146e9
        (800 * 1280, WIDE, 9, 237.5e9),
        (800 * 1280, WIDE, 1, 204.5e9),
    ],
)
def test_multiply_adds_are_those_of_the_stated_network(
    pixels: int, cells: tuple[int, ...], per_cell: int, expected: float
) -> None:
    price = price_of(pixels, STRIDES, cells, [per_cell] * 5)
    assert price.multiply_adds == pytest.approx(expected, rel=4e-4)
    assert price[:3] == (pixels, sum(cells), sum(cells) * per_cell)


def test_a_finer_level_costs_its_cells_and_its_lateral() -> None:
    coarse = price_of(640_000, STRIDES, SQUARE, [9] * 5)
    fine = price_of(640_000, (4, *STRIDES), (40_000, *SQUARE), [9] * 6)
    added = 40_000 * (256 * 256 + 9 * 256**2 * 9 + 9 * 256 * 9 * 84)
    assert fine.multiply_adds - coarse.multiply_adds == pytest.approx(added)


def test_levels_with_other_numbers_of_anchors_cost_what_their_outputs_do() -> None:
    counts = [4, 6, 6, 6, 4]
    price = price_of(640_000, STRIDES, SQUARE, counts)
    anchors = sum(n * own for n, own in zip(SQUARE, counts, strict=True))
    assert price.anchors == pytest.approx(anchors)
    one = price_of(640_000, STRIDES, SQUARE, [1] * 5)
    added = 9 * 256 * 84 * (anchors - sum(SQUARE))
    assert price.multiply_adds - one.multiply_adds == pytest.approx(added)


def test_relative_prices_are_multiples() -> None:
    one, other = Price(2.0, 6.0, 9.0, 10.0), Price(1.0, 3.0, 9.0, 4.0)
    assert one.relative_to(other) == Price(2, 2, 1, 2.5)
    nothing = Price(0.0, 0.0, 0.0, 0.0)
    assert nothing.relative_to(nothing) == Price(1, 1, 1, 1)
