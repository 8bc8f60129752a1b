"""One object over all that is drawn, in a sentence."""

from dataclasses import replace

import pytest

from atss_inspect.annotations.augment import AugmentRule
from atss_inspect.settings import preset
from atss_inspect.statistics.followed import Draws, Followed
from atss_inspect.statistics.variants import shifts_of, variants_of
from atss_inspect.views.followed import followed_words

SIZES = (640, 672, 704, 736, 768, 800)


def words(positives: str, **rule: object) -> str:
    """Positives of the variants in order, a sign each; a point: left out."""
    numbers = [None if sign == "." else int(sign) for sign in positives]
    drawn = variants_of(replace(preset("atss-mmdet"), augment=AugmentRule(**rule)))
    assert len(drawn.each) == len(numbers)
    kept = [number for number in numbers if number is not None]
    assigned = sum(number > 0 for number in kept)
    share = mean = None
    if kept:
        share, mean = 1 - assigned / len(kept), sum(kept) / len(kept)
    draws = Draws(share, share, mean, assigned, len(kept))
    return followed_words(Followed(drawn, draws, tuple(numbers)))


@pytest.mark.parametrize(
    ("positives", "told"),
    [
        ("000001", "1 of 6, at 800; 0.17 positives expected."),
        ("003333", "4 of 6, at 704 and above; 2.00 positives expected."),
        ("110000", "2 of 6, at 672 and below; 0.33 positives expected."),
        ("102011", "4 of 6, at 640, 704, 768 and above; 0.83 positives expected."),
        ("011100", "3 of 6, at 672 to 736; 0.50 positives expected."),
        ("000000", "none."),
        ("222222", "every one; 2.00 positives expected."),
        ("..0001", "1 of 6, at 800; 0.25 positives expected; "),
    ],
)
def test_sizes_with_a_positive_are_named_by_runs(positives, told):
    text = words(positives, short_sides=SIZES)
    assert text.startswith(f"over 6 variants: a positive in {told}")
    assert text.endswith("leave it out in 2.") == ("." in positives[:2])


@pytest.mark.parametrize(
    ("positives", "told"),
    [
        # unflipped and flipped take turns, size by size
        ("000000001111", "4 of 12, at 768 and above; 0.33"),
        ("000010001011", "4 of 12, at 704, 768 and above; flipped at 800; 0.33"),
        ("000000000101", "2 of 12, flipped at 768 and above; 0.17"),
        ("000000001010", "2 of 12, at 768 and above, not flipped; 0.17"),
        ("010101010101", "6 of 12, flipped at every size; 0.50"),
    ],
)
def test_flips_that_differ_are_named_apart(positives, told):
    text = words(positives, short_sides=SIZES, flip=0.5)
    assert text == f"over 12 variants: a positive in {told} positives expected."


def test_flips_of_one_size_are_named_alone():
    assert ": a positive in 1 of 2, flipped; 0.50" in words("01", flip=0.5)
    assert ": a positive in 1 of 2, not flipped; 1.00" in words("20", flip=0.5)


def test_what_no_variant_keeps_is_told_so():
    assert words("..", flip=0.5) == (
        "over 2 variants: the data rules leave it out in every one."
    )


def test_many_runs_are_counted_and_sizes_of_a_range_named():
    text = words("01" * 16 + "0", short_range=(480, 800))
    assert text == (
        "over 33 variants that stand for 321 sizes: a positive in 16 of 33, at 16 "
        "sizes from 494 to 786; 0.48 positives expected."
    )


def test_shifts_have_no_sizes():
    drawn = shifts_of(preset("atss-mmdet"), 3)
    found = Followed(drawn, Draws(1 / 3, 1 / 3, 1.0, 2, 3), (0, 1, 2))
    assert followed_words(found) == (
        "over 3 shifts: a positive at 2 of 3; 1.00 positives expected."
    )
