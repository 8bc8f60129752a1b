"""The steps of the rule of SSD and EfficientDet: the IoU rule in other words."""

from itertools import islice
from typing import Any

from atss_inspect.assigners import steps as shared
from atss_inspect.assigners.first_best.params import FirstBestParams
from atss_inspect.assigners.iou_threshold.steps import STEPS as IOU_STEPS
from atss_inspect.assigners.steps import Paragraph, Steps, Subject


def _follow(subject: Subject, params: FirstBestParams) -> Any:
    return IOU_STEPS.follow(subject, params.iou_threshold)._replace(params=params)


def _blocks(steps: Any, names: shared.LevelNames) -> shared.Blocks:
    params: FirstBestParams = steps.params
    yield Paragraph(
        f"positive from an IoU of {params.positive_from:g}, and each object's first "
        f"best anchor always; of several objects with one best anchor, the "
        f"{params.forced_to} has it"
    )
    follows = IOU_STEPS.blocks(steps._replace(params=params.iou_threshold), names)
    yield from islice(follows, 2, None)


STEPS = Steps(_follow, IOU_STEPS.tried, _blocks)
