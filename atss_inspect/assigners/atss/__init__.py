"""ATSS: a threshold of its own for every object, from its nearest anchors."""

from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.atss.assign import assign_atss, atss_claims
from atss_inspect.assigners.atss.k_sweep import assign_each_k, near_cells
from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.knobs import Knob, Knobs, one_knob, size_knob
from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.rule import Configs, EachK, Family, Rule, Words

_FAMILIES = {
    "atss": Family(
        ("#0072b2", "#00456b", "#3f97cc"), ("#56b4e9", "#2f8fc7", "#a5dbff"), "o"
    )
}


def _describe(params: AtssParams, pyramid: Pyramid) -> str:
    """Describe what k counts; 9 anchors a cell make the same k ninefold or not."""
    if params.k_per_anchor and pyramid.anchors_per_cell > 1:
        return f"ATSS, k {params.k} x {pyramid.anchors_per_cell} anchors per level"
    return f"ATSS, k {params.k} per level"


def _configs(params: AtssParams, pyramid: Pyramid) -> Configs:
    """K; for mmdetection it is per level, however many anchors a cell holds."""
    per_level = params.candidates_per_level(pyramid.anchors_per_cell)
    return {
        "mmdetection": {"k": {"{assigner}.topk": per_level}},
        "official": {"k": {"MODEL.{section}.TOPK": params.k}},
    }


def expected_positives(params: AtssParams, pyramid: Pyramid) -> float:
    """Estimate the positives per object: 0.2 of its candidates, 0.2 * k * L.

    Where the convention takes k per anchor, there are k times the anchors per cell on
    each level. Zhang et al. 2020 (arXiv:1912.02424), section 3.3: of candidates
    distributed normally, about 16 % lie above mean + std; hence "about 0.2 * kL
    positive samples".
    """
    per_level = params.candidates_per_level(pyramid.anchors_per_cell)
    return per_level * pyramid.num_levels / 5


# Where the ATSS paper finds AP flat in k (section 4.3); more would always win here.
_KS = range(7, 18, 2)
_SIZES = (0.5, 0.625, 0.75, 0.875, 1.0, 1.25, 1.5)


def _knobs(params: AtssParams, anchors: AnchorRule) -> Knobs:
    """Turn the size of anchors, and k between the ends of the paper's table."""
    knobs = size_knob(anchors, _SIZES)
    if params.k not in range(_KS[0], _KS[-1] + 1):
        return knobs
    knob = Knob.of("k", params.k, _KS)
    return knobs + one_knob(knob, lambda k: {"assigner.k": int(k)})


ATSS = Rule(
    name="atss",
    params=AtssParams,
    assign=assign_atss,
    about="a threshold per object, from its nearest anchors",
    words=Words(
        title="ATSS",
        meaning=(
            "Takes the k nearest anchors of each level as candidates; those whose IoU "
            "reaches mean + standard deviation, with their center inside the box, are "
            "positive."
        ),
        describe=_describe,
        configs=_configs,
        families=_FAMILIES,
    ),
    steps=f"{__name__}.steps",
    knobs=_knobs,
    has_thresholds=True,
    claims=atss_claims,
    each_k=EachK(assign_each_k, near_cells, AtssParams.anchors_per_k),
    expected_positives=expected_positives,
)
