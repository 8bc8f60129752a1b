"""ATSS: a threshold of its own for every object, from its nearest anchors."""

from atss_inspect.assigners.atss import words
from atss_inspect.assigners.atss.assign import assign_atss, atss_claims
from atss_inspect.assigners.atss.k_sweep import assign_each_k, near_cells
from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.rule import EachK, Rule

ATSS = Rule(
    name="atss",
    params=AtssParams,
    assign=assign_atss,
    about="a threshold per object, from its nearest anchors",
    words=words.WORDS,
    steps=f"{__name__}.steps",
    has_thresholds=True,
    claims=atss_claims,
    each_k=EachK(assign_each_k, near_cells, AtssParams.anchors_per_k),
    expected_positives=words.expected_positives,
    changes=words.more_candidates,
)
