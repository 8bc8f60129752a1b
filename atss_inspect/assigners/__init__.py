"""The assigners: an explicit table from name to function, parameters and one line."""

from collections.abc import Callable
from typing import Any, NamedTuple

from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.atss.assign import AtssParams, assign_atss
from atss_inspect.assigners.fcos.assign import FcosParams, assign_fcos
from atss_inspect.assigners.iou_threshold.assign import (
    IouThresholdParams,
    assign_iou_threshold,
)


class Assigner(NamedTuple):
    """One way to assign anchors.

    Attributes
    ----------
    assign : ``(frame, pyramid, params) -> Assignment``
    params : the class of its parameters
    about : one line for people
    """

    assign: Callable[..., Assignment]
    params: type[Any]
    about: str


ASSIGNERS = {
    "atss": Assigner(
        assign_atss, AtssParams, "a threshold per object, from its nearest anchors"
    ),
    "iou_threshold": Assigner(
        assign_iou_threshold, IouThresholdParams, "one IoU bar for all objects"
    ),
    "fcos": Assigner(
        assign_fcos, FcosParams, "points inside the box, by scale range and area"
    ),
}


def assigner_of(params: object) -> Assigner:
    """Find the assigner that takes these parameters."""
    return next(each for each in ASSIGNERS.values() if each.params is type(params))
