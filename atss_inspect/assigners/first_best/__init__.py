"""The rule of SSD and EfficientDet: an IoU bar, and each box is given its best."""

from atss_inspect.assigners.first_best.assign import FORCED, assign_first_best
from atss_inspect.assigners.first_best.params import FirstBestParams
from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.rule import Configs, Family, Rule, Words

_FAMILIES = {
    "ssd": Family(
        ("#1f7a5c", "#0f4d39", "#4c9c80"), ("#6cc7a6", "#46a283", "#a8e5cf"), "v"
    ),
    "efficientdet": Family(
        ("#7a5c1f", "#4d390f", "#9c804c"), ("#c7a66c", "#a28346", "#e5cfa8"), "^"
    ),
}


def _describe(params: FirstBestParams, _pyramid: Pyramid) -> str:
    """Describe the bar, and who gets an anchor that is the best of several."""
    bar, owner = params.positive_from, params.forced_to
    return f"SSD rule, positive from {bar:g}, first best anchor always, {owner} wins"


def _configs(params: FirstBestParams, _pyramid: Pyramid) -> Configs:
    """The bar, as mmdetection and torchvision have it."""
    bar = params.positive_from
    both = {"{assigner}.pos_iou_thr": bar, "{assigner}.neg_iou_thr": bar}
    return {
        "mmdetection": {"positive_from": both},
        "torchvision": {"positive_from": {"iou_thresh": bar}},
    }


FIRST_BEST = Rule(
    name="first_best",
    params=FirstBestParams,
    assign=assign_first_best,
    about="one IoU bar, and each object is given its best anchor",
    words=Words(
        title="SSD rule",
        meaning=(
            "Anchors with an IoU above a fixed bar are positive, and each object is "
            "given the one anchor that it overlaps most (SSD, EfficientDet). Of two "
            "objects with one best anchor, only one keeps it."
        ),
        describe=_describe,
        configs=_configs,
        families=_FAMILIES,
    ),
    steps=f"{__name__}.steps",
    causes=(FORCED,),
    bar=lambda params: params.positive_from,
)
