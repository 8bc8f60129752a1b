"""Points inside a box, of which a model picks: what stands before its choice.

Ultralytics (YOLOv8, 9, 10, 11, 12 and 26 have one assigner, TaskAlignedAssigner; the
version of the package decides its gate, not the model), and RTMDet and YOLOX of
mmdetection, whose assigners may give an object points of others, too.
"""

from atss_inspect.assigners.point_gate.params import PointGateParams
from atss_inspect.assigners.point_gate.windows import find_gate, least_sides
from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.rule import Family, Rule, Words, needs_model

_FAMILIES = {
    "gate": Family(
        ("#8a4f9e", "#5c2f6d", "#b384c4"), ("#c99bdb", "#a673bb", "#e6cdf0"), "D"
    )
}


def _describe(params: PointGateParams, pyramid: Pyramid) -> str:
    """Describe the quota, and what is not plain."""
    text = f"gate, points inside, picks at most {params.quota}"
    if params.widened_below != "never":
        below, least = least_sides(pyramid.strides, params)
        text += f", sides below {below:g} px count as {least:g} px"
    radius = params.center_sampling_radius
    text += f", within {radius:g} strides of centers" if radius else ""
    return text + ", or of others" * params.takes_others


POINT_GATE = Rule(
    name="point_gate",
    params=PointGateParams,
    assign=needs_model,
    gate=find_gate,
    about="points inside the box, of which a model picks (a gate)",
    words=Words(
        title="gate of points",
        meaning=(
            "Anchor points inside the box, on any level, may become positive; which of "
            "them do, the predictions decide."
        ),
        describe=_describe,
        families=_FAMILIES,
    ),
    steps=f"{__name__}.steps",
    uses_anchors=False,
)
