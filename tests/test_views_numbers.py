"""Numbers as people read them."""

import pytest

from atss_inspect.views import numbers


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "-"),
        (0, "0%"),
        (1e-9, "<0.1%"),
        (0.00049, "<0.1%"),
        (0.0005, "0.1%"),
        (0.134, "13.4%"),
        (0.9995, "100.0%"),
        (0.99951, ">99.9%"),
        (1, "100%"),
    ],
)
def test_what_rounds_to_all_or_nothing_says_so(share, text):
    assert numbers.percent(share) == text


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (numbers.count, 1115463, "1,115,463"),
        (numbers.mean, None, "-"),
        (numbers.mean, 0.0, "0"),
        (numbers.mean, 0.04, "<0.1"),
        (numbers.mean, 9.06, "9.1"),
        (numbers.ratio, 0.004, "<0.01"),
        (numbers.ratio, 130.0, "130.00"),
        (numbers.ratio, None, "-"),
        (numbers.short, 9.0, "9"),
        (numbers.short, 1.9, "1.9"),
        (numbers.short, None, "-"),
        (numbers.per_image, 67.59, "67.6"),
        (numbers.per_image, 18843.2, "18,843"),
        (numbers.per_image, None, "-"),
    ],
)
def test_numbers_have_the_digits_that_matter(write, value, text):
    assert write(value) == text


def test_counts_and_their_shares_align():
    cells = [numbers.count_and_share(*pair) for pair in ((5, 0.5), (44, 0.0001))]
    assert cells == ["5  50.0%", "44  <0.1%"]
    assert numbers.count_and_share(0, None) == "0      -"


def test_nouns_follow_their_number():
    assert numbers.plural(1, "class") == "1 class"
    assert numbers.plural(2, "class") == "2 classes"
    assert numbers.plural(0, "image") == "0 images"


def test_words_are_joined_as_in_speech():
    assert numbers.joined(["a"]) == "a"
    assert numbers.joined(["a", "b", "c"]) == "a, b and c"
