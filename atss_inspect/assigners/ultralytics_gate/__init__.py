"""Ultralytics: a point may train an object whose box it lies in; a model decides.

YOLOv8, 9, 10, 11, 12 and 26 have one assigner, TaskAlignedAssigner. The version of the
package decides what stands before it, not the model.
"""

from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.rule import Family, Rule, Words, needs_model
from atss_inspect.assigners.ultralytics_gate.params import UltralyticsGateParams
from atss_inspect.assigners.ultralytics_gate.windows import find_gate

_FAMILIES = {
    "gate": Family(
        ("#8a4f9e", "#5c2f6d", "#b384c4"), ("#c99bdb", "#a673bb", "#e6cdf0"), "D"
    )
}


def _describe(params: UltralyticsGateParams, _pyramid: Pyramid) -> str:
    """Describe the quota, and which sides are widened."""
    text = f"gate of Ultralytics, points inside, at most {params.topk}"
    if params.widened_below == "never":
        return text
    return f"{text}, sides below the {params.widened_below} stride widened"


ULTRALYTICS_GATE = Rule(
    name="ultralytics_gate",
    params=UltralyticsGateParams,
    assign=needs_model,
    gate=find_gate,
    about="points that may become positive: those inside the box (Ultralytics)",
    words=Words(
        title="Ultralytics' gate",
        meaning=(
            "Anchor points inside the box, on any level, may become positive; which of "
            "them do, the predictions decide."
        ),
        describe=_describe,
        families=_FAMILIES,
    ),
    uses_anchors=False,
)
