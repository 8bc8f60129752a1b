"""The verdict of a sweep in words, on data whose truth is known."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from atss_inspect.settings import preset
from atss_inspect.statistics.summary import Selection, Summary
from atss_inspect.statistics.sweep import expand, parse_axes
from atss_inspect.views.sweep import SweepReport
from tests.drawn_summaries import drawn, improved, summary_of

BEFORE = drawn(400, 0.13, seed=3)


def helped(points: float, pixels: int) -> Summary:
    """So many points of the objects without a positive have nine, at a price."""
    one = summary_of(improved(BEFORE, points))
    return replace(one, num_pixels=one.num_images * pixels)


def verdict(text: str, *rows: Summary) -> str:
    """Verdict on a sweep that has today's value first, and these summaries."""
    base, axes = preset("atss-mmdet"), parse_axes(text.split())
    stats = cast(Any, SimpleNamespace(summaries=rows, selection=Selection()))
    report = SweepReport(stats, base, True, axes, expand(base, axes), rows[0])
    return report.verdict


def test_cheaper_and_better_rows_are_named_beside_the_one_to_change_to() -> None:
    prices = ((0, 100), (4, 150), (9, 200), (9.4, 400))
    text = verdict("short_side=800,1000,1200,1600", *(helped(*one) for one in prices))
    assert text == (
        "short_side 1200: poorly assigned 14.4 -> 5.4% (-9.9 to -8.1 points), 2.00 "
        "times the multiply-adds of a ResNet-50 FPN with two towers. It would be 10.4% "
        "with short_side 1000 at 1.50 times and 5.0% with short_side 1600 at 4.00 "
        "times. To try as well: a finer level."
    )


def test_what_gets_worse_is_told_and_forbids_a_change_where_it_is_much() -> None:
    sizes = np.tile([1] * 3 + [3] * 7, (400, 1))
    small = np.arange(10) < 3

    def with_losses(num_lost: int, num_gained: int = 0) -> str:
        """All large objects gain; of 1,200 small ones some lose and others gain."""
        after = np.where(small, BEFORE, 9).ravel()
        own = np.flatnonzero(np.tile(small, 400))
        had = BEFORE.ravel()[own] > 0
        after[own[had][:: had.sum() // num_lost][:num_lost]] = 0
        after[own[~had][:num_gained]] = 9
        rows = (each.reshape(BEFORE.shape) for each in (BEFORE, after))
        return verdict("k=9,11", *(summary_of(each, sizes) for each in rows))

    assert with_losses(10) == (
        "k 11: poorly assigned 14.4 -> 4.7% (-10.7 to -8.7 points). It raises poorly "
        "assigned of 1,200 small objects 14.8 -> 15.7%."
    )
    assert with_losses(40) == (
        "k 11 would lower poorly assigned 14.4 -> 5.5%, but raise poorly assigned of "
        "1,200 small objects 14.8 -> 18.2%: keep 9."
    )
    assert with_losses(100, 85) == (
        "k 11 would lower poorly assigned 14.4 -> 4.8%, but perhaps raise poorly "
        "assigned of 1,200 small objects 14.8 -> 16.1%: keep 9."
    )


def test_a_gain_of_few_objects_is_told_with_how_many_and_the_change_of_all() -> None:
    sizes = np.where(np.arange(10) > 0, 3, 0) * np.ones((400, 1), np.int64)
    sizes[100:] = 3
    before = np.where((sizes == 0) & (np.arange(400)[:, None] % 4 == 0), 0, 9)
    before[:, 5] = np.where(np.arange(400) % 4, 9, 0)  # large ones stay as they are
    after = np.where(sizes == 0, 9, before)
    rows = [summary_of(each, sizes) for each in (before, after)]
    dear = replace(rows[1], num_pixels=800 * 400)
    text = verdict("short_side=800,1200", replace(rows[0], num_pixels=400 * 400), dear)
    assert text == (
        "short_side 1200: poorly assigned of 100 tiny objects 25.0 -> 0% (-28.5 to "
        "-21.0 points), of all 4,000 3.1 -> 2.5%, 2.00 times the multiply-adds of a "
        "ResNet-50 FPN with two towers. To try as well: a finer level."
    )


def test_only_what_passes_the_same_rules_is_named_beside_the_choice() -> None:
    # At k 3 fewer are without a positive, and the others lack half of their need.
    worse = summary_of(np.where(improved(BEFORE, 3) > 0, 2, 0))
    text = verdict(
        "k=9,3 short_side=800,1200",
        helped(0, 100),
        helped(9, 200),
        worse,
        helped(9, 200),
    )
    assert text.startswith("k 9, short_side 1200: poorly assigned 14.4 -> 5.4%")
    assert "k 3" not in text


def test_objects_in_few_blocks_tell_no_difference() -> None:
    each = (summary_of(one[:9]) for one in (BEFORE, np.full_like(BEFORE, 9)))
    few = [replace(one, num_images=60) for one in each]
    assert verdict("short_side=800,1200", *few) == (
        "The objects lie in fewer than 10 blocks of images, so chance may make any "
        "difference: keep 800."
    )


def test_where_nothing_needs_changing_the_largest_gain_is_named_with_its_price() -> (
    None
):
    fine = drawn(400, 0.012, seed=3)
    rows = [summary_of(improved(fine, points)) for points in (0, 0.6, 1)]
    prices = zip(rows, (100, 150, 200), strict=True)
    rows = [replace(one, num_pixels=400 * pixels) for one, pixels in prices]
    assert verdict("short_side=800,1000,1200", *rows) == (
        "Nothing needs changing, atss-mmdet is fine here (1.2% poorly assigned, 1.2% "
        "missing to need): keep 800. short_side 1200 would lower poorly assigned 1.2 "
        "-> 0.2%, at 2.00 times the multiply-adds."
    )
    assert verdict("k=9,8,7", *(replace(one, num_pixels=40_000) for one in rows)) == (
        "Nothing needs changing, atss-mmdet is fine here (1.2% poorly assigned, 1.2% "
        "missing to need): keep 9. k 7 would lower poorly assigned 1.2 -> 0.2%, at no "
        "cost."
    )
