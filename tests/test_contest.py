"""One anchor wanted by several objects: the strongest claim, then the lowest box."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.assignment import settle
from atss_inspect.assigners.causes import CAUSES
from atss_inspect.assigners.contest import Claims, Contest, strongest_claims
from atss_inspect.assigners.pyramid import build_pyramid

from .strategies import Image, make_frame


def columns_of(claims: list[tuple[int, int, float]]) -> Claims:
    anchor, gt, strength = zip(*claims, strict=True) if claims else ((), (), ())
    whole = (np.array(column, dtype=np.int64) for column in (gt, anchor))
    return Claims(*whole, np.array(strength, dtype=np.float32))


def contest_of(claims: list[tuple[int, int, float]]) -> Contest:
    return strongest_claims(columns_of(claims))


def winner_of(claims: list[tuple[int, int, float]], anchor: int) -> int:
    """Row of the winning claim, claim by claim."""
    rows = [row for row, claim in enumerate(claims) if claim[0] == anchor]
    return min(rows, key=lambda row: (-claims[row][2], claims[row][1]))


# Few boxes and strengths, so that claims meet and tie; keys near and far apart.
KEYS = st.one_of(st.integers(0, 8), st.integers(0, 2**62), st.just(2**40 + 8))
CLAIMS = st.lists(
    st.tuples(KEYS, st.integers(0, 6), st.sampled_from((-4.0, 0.0, 0.25, 0.5, 1e8))),
    max_size=60,
    unique_by=lambda claim: claim[:2],
)


@given(CLAIMS)
def test_every_anchor_has_exactly_the_winner_that_a_loop_finds(claims):
    contest = contest_of(claims)
    winners = {winner_of(claims, anchor) for anchor, _, _ in claims}
    assert set(np.flatnonzero(contest.wins(len(claims))).tolist()) == winners


@given(CLAIMS)
def test_every_loser_knows_whom_it_lost_to_and_whether_evenly(claims):
    contest = contest_of(claims)
    rows = np.arange(len(claims))
    holders = contest.holder_of(rows, len(claims)).tolist()
    assert holders == [winner_of(claims, anchor) for anchor, _, _ in claims]
    assert len(contest.losers) == len(set(contest.losers.tolist()))
    for loser, winner, is_even in zip(*contest, strict=True):
        assert is_even == (claims[loser][2] == claims[winner][2])
    even = set()
    for row, holder in enumerate(holders):
        if row != holder and claims[row][2] == claims[holder][2]:
            even |= {claims[row][1], claims[holder][1]}
    assert set(contest.tied(columns_of(claims).gt).tolist()) == even


@given(CLAIMS, st.randoms())
def test_the_order_of_the_claims_does_not_matter(claims, random):
    def winning(some: list[tuple[int, int, float]]) -> set[tuple[int, int, float]]:
        return {some[row] for row in np.flatnonzero(contest_of(some).wins(len(some)))}

    shuffled = random.sample(claims, len(claims))
    assert winning(shuffled) == winning(claims)


def test_neighboring_anchors_do_not_fight_each_other_and_strengths_may_be_whole():
    keys = np.arange(100_000)
    contest = strongest_claims(Claims(keys, keys, np.ones(len(keys), np.float32)))
    assert contest.wins(len(keys)).all()
    anchor, gt = np.array([4, 4, 4]), np.array([1, 7, 3])
    assert strongest_claims(Claims(gt, anchor, gt)).wins(3).tolist() == [0, 1, 0]


def test_no_claim_has_no_winner():
    contest = contest_of([])
    assert contest.wins(0).shape == (0,)
    assert contest.tied(np.zeros(0, dtype=np.int64)).shape == (0,)


def test_a_plain_rule_may_have_ious_beside_its_strengths_and_causes_of_its_own():
    boxes = ((0, 0, 8, 8), (0, 0, 9, 9), (20, 20, 21, 21))
    frame = make_frame([Image((64, 64), boxes)])
    grids = build_pyramid(AnchorRule()).grids(frame.padded_size)
    claims = columns_of([(3, 0, 1), (3, 1, 2), (4, 1, 1)])
    ious, own = np.array([0.5, 0.25, 0.75], np.float32), np.full(3, len(CAUSES))
    causes = (*CAUSES, "too_shy")
    found = settle(frame, grids, claims, own, iou=ious, causes=causes)
    assert (found.gt.tolist(), found.iou.tolist()) == ([1, 1], [0.25, 0.75])
    causes = [found.unassigned.name_of(box) for box in range(3)]
    assert causes == ["lost_to_others", None, "too_shy"]
