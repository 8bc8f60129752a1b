"""The ranking rule of RFLA and NWD-RKA: each box is given its k nearest anchors."""

from dataclasses import replace
from typing import Any

from atss_inspect.assigners.distances import METRICS
from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.ranking.assign import assign_ranking, ranking_claims
from atss_inspect.assigners.ranking.params import RankingParams
from atss_inspect.assigners.rule import Configs, Family, Rule, Words

_FAMILIES = {
    "rfla": Family(
        ("#3f7d20", "#234a10", "#6a9e4e"), ("#8fc76c", "#6aa346", "#c3e5ac"), "p"
    ),
    "nwd-rka": Family(
        ("#7b4b94", "#4c2a60", "#9c76b1"), ("#bb90d1", "#9468ad", "#dcc3ea"), "h"
    ),
}


def _describe(params: RankingParams, _pyramid: Pyramid) -> str:
    """Describe how many anchors an object is given, and by what."""
    text = f"the {params.k} nearest by {params.measure_name}"
    if not params.k_again:
        return text
    return f"{text}, {params.k_again} more at {params.ratio:g} of their size"


def _configs(params: RankingParams, _pyramid: Pyramid) -> Configs:
    """``HieAssigner`` has both numbers in one key, ``RankingAssigner`` only one."""
    topk: Any = (params.k, params.k_again) if params.k_again else params.k
    keys: dict[str, dict[str, Any]] = {
        "k": {"{assigner}.topk": topk},
        "ranked_by": {"{assigner}.assign_metric": METRICS[params.ranked_by]},
    }
    if params.k_again:
        keys["k_again"] = keys["k"]
        keys["ratio"] = {"{assigner}.ratio": params.ratio}
    if params.ranked_by in ("nwd", "dotd"):
        constant = {"{assigner}.iou_calculator.constant": params.nwd_constant}
        keys["nwd_constant"] = constant
    return {"mmdetection": keys}


RANKING = Rule(
    name="ranking",
    params=RankingParams,
    assign=assign_ranking,
    about="the k anchors most alike each object by a distance",
    words=Words(
        title="ranking rule",
        meaning=(
            "Each object is given the k anchors most alike it by a distance, however "
            "little that is (RFLA, NWD-RKA). Of several objects that are given one "
            "anchor, the last has it."
        ),
        describe=_describe,
        configs=_configs,
        families=_FAMILIES,
    ),
    steps=f"{__name__}.steps",
    claims=ranking_claims,
    positives_only=lambda params: replace(params, ignored_from=0.0),
)
