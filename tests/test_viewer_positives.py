"""Masks over the positions of the slider hold exactly the assignments they are from."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.atss.k_sweep import assign_each_k
from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.pyramid import build_pyramid
from atss_inspect.viewer.document import MaskedPositives, masked_positives

from .strategies import anchor_rules, atss_params, make_frame, scenes

KS = st.lists(st.integers(1, 24), min_size=1, max_size=5)


def rows_of(found: Assignment | MaskedPositives, which: Any = slice(None)) -> Any:
    columns = (found.gt, found.level, found.index, found.iou)
    return list(zip(*(column[which].tolist() for column in columns), strict=True))


def unmasked(found: MaskedPositives, position: int) -> Any:
    return rows_of(found, (found.mask >> position & 1).astype(bool))


@given(scenes(max_boxes=8), anchor_rules(), atss_params(), KS)
def test_each_bit_is_the_assignment_of_its_position(images, rule, params, ks):
    frame, pyramid = make_frame(images), build_pyramid(rule)
    assignments = list(assign_each_k(frame, pyramid, params, ks))
    # Any marks will do here: those of odd anchors.
    is_odd = [each.index % 2 == 1 for each in assignments]
    found = masked_positives(assignments, is_odd)
    for position, assignment in enumerate(assignments):
        rows = unmasked(found, position)
        assert len(rows) == assignment.num_positives
        assert set(rows) == set(rows_of(assignment))
        marked = rows_of(found, (found.contested >> position & 1).astype(bool))
        assert set(marked) == set(rows_of(assignment, is_odd[position]))
    assert found.mask.all()
    keys = list(zip(found.gt, found.level, found.index, strict=True))
    assert keys == sorted(set(keys))


def test_nothing_gives_nothing():
    frame, pyramid = make_frame([]), build_pyramid(AnchorRule())
    none = list(assign_each_k(frame, pyramid, AtssParams(), (1, 9)))
    found = masked_positives(none, [each.gt == 0 for each in none])
    assert [len(part) for part in (found.gt, found.mask, found.iou)] == [0, 0, 0]
