"""YOLOv5's rule: anchors of a like shape, in up to three cells, and no contest."""

from collections.abc import Mapping
from typing import Any

from atss_inspect.assigners.knobs import Knob, Knobs, one_knob
from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.rule import Configs, Conflict, Family, Rule, Words
from atss_inspect.assigners.yolov5.assign import NO_SHAPE, assign_yolov5
from atss_inspect.assigners.yolov5.params import Yolov5Params

_FAMILIES = {
    "yolov5": Family(
        ("#4a56a3", "#252f6b", "#7a84c2"), ("#8c99d9", "#6171b5", "#c4ccf3"), "X"
    ),
}


def _describe(params: Yolov5Params, _pyramid: Pyramid) -> str:
    """Describe the bar of the shape test."""
    return f"YOLOv5, shapes within a factor of {params.ratio_below:g}, no contest"


def _configs(params: Yolov5Params, _pyramid: Pyramid) -> Configs:
    """The factor, as the file of YOLOv5's hyperparameters has it."""
    return {"yolov5": {"ratio_below": {"# --hyp, anchor_t": params.ratio_below}}}


_FACTORS = (2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0)


def _factor_knob(params: Yolov5Params) -> Knobs:
    """Turn the factor within which shapes are alike."""
    knob = Knob.of("factor of shapes", params.ratio_below, _FACTORS)
    return one_knob(knob, lambda value: {"assigner.ratio_below": value})


def _conflict(values: Mapping[str, Any]) -> Conflict | None:
    """Refuse strides that differ along x and y: sides are told in one of them."""
    path = "anchors.strides"
    if not any(isinstance(stride, tuple) for stride in values[path]):
        return None
    return Conflict((path,), "one number a level, as YOLOv5's rule needs")


YOLOV5 = Rule(
    name="yolov5",
    params=Yolov5Params,
    assign=assign_yolov5,
    about="anchors of a like shape, in up to three cells",
    words=Words(
        title="YOLOv5",
        meaning=(
            "Anchors whose sides differ from the box's by less than a factor are "
            "positive, in the cell of its center and up to two beside it. Two objects "
            "may have the same anchor."
        ),
        describe=_describe,
        configs=_configs,
        families=_FAMILIES,
    ),
    steps=f"{__name__}.steps",
    threshold_knobs=_factor_knob,
    shares_anchors=True,
    conflict=_conflict,
    causes=(NO_SHAPE,),
)
