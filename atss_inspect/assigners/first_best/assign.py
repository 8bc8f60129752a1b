"""The rule of SSD and EfficientDet: an IoU bar, and each box is given its best."""

from dataclasses import replace

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.causes import CAUSES, LOST_TO_OTHERS, Cause
from atss_inspect.assigners.contest import Claims, strongest_claims
from atss_inspect.assigners.first_best.params import FirstBestParams
from atss_inspect.assigners.iou_threshold.assign import (
    assign_iou_threshold,
    last_claimers,
)
from atss_inspect.assigners.pyramid import Pyramid

FORCED = Cause(
    *("forced_to_another", "best anchor forced to another"),
    "The anchor that overlaps the object most was given to another object, which it "
    "overlaps most too, and no other anchor is left to the object.",
    "Smaller anchors, more of them in a cell, larger input images or a finer level.",
    "its best anchor was forced to another object",
    "the annotation that its best anchor was forced to",
)
NAMES = (*CAUSES, FORCED.name)
_FORCED_FROM = [CAUSES.index("under_bar"), CAUSES.index(LOST_TO_OTHERS)]


def assign_first_best(
    frame: Frame, pyramid: Pyramid, params: FirstBestParams
) -> Assignment:
    """Assign anchors by their best IoU, then each box's first best anchor to it.

    Of equal anchors it is the first one in the order of the framework, also where the
    box overlaps none. What was given takes an anchor from whoever had it by its IoU.

    Notes
    -----
    Liu et al. 2016 (arXiv:1512.02325), section 2.2, as torchvision's ``SSDMatcher``,
    mmdetection's ``MaxIoUAssigner`` with ``gt_max_assign_all=False`` and effdet's
    ``ArgMaxMatcher`` have it.
    """
    claimers = last_claimers if params.forced_to == "last" else first_claimers
    answer = assign_iou_threshold(frame, pyramid, params.iou_threshold, claimers)
    cause, lost_to, _ = answer.unassigned
    cause = np.where(np.isin(cause, _FORCED_FROM), NAMES.index(FORCED.name), cause)
    why = answer.unassigned._replace(cause=cause, lost_to=lost_to, names=NAMES)
    return replace(answer, unassigned=why)


def first_claimers(claims: Claims) -> Claims:
    """Find who gets forced anchors where the first one to claim them does."""
    alike = claims._replace(strength=np.zeros_like(claims.strength))
    return claims.take(strongest_claims(alike).wins(len(claims.gt)))
