"""Guided Anchoring: cells are positive by the best IoU of any anchor shape there."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from atss_inspect.assigners.best_shape.assign import assign_best_shape, squares_of
from atss_inspect.assigners.best_shape.params import BestShapeParams
from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.rule import Configs, Conflict, Family, Rule, Words

_FAMILIES = {
    "guided": Family(
        ("#2b6f8f", "#17475e", "#5a96b3"), ("#7fbfdd", "#559cbd", "#b5dcf0"), "8"
    )
}
# Whose anchors are a list of shapes, each with a size of its own.
_LISTED = ("yolo", "mmdetection-ssd", "torchvision-ssd")


def _describe(params: BestShapeParams, _pyramid: Pyramid) -> str:
    """Describe the bars, and from where the best cells need none."""
    high, low = params.positive_from, params.negative_below
    text = f"best shape of a cell, positive from {high:g}, negative below {low:g}"
    if not params.allow_low_quality:
        return text
    floor = params.low_quality_floor
    return f"{text}, best cell {f'from {floor:g}' if floor else 'always'}"


def _configs(params: BestShapeParams, _pyramid: Pyramid) -> Configs:
    """Its bars, as mmdetection's ``ApproxMaxIoUAssigner`` has them."""
    return {
        "mmdetection": {
            "positive_from": {"{assigner}.pos_iou_thr": params.positive_from},
            "negative_below": {"{assigner}.neg_iou_thr": params.negative_below},
            "low_quality_floor": {"{assigner}.min_pos_iou": params.low_quality_floor},
            "allow_low_quality": {
                "{assigner}.match_low_quality": params.allow_low_quality
            },
        }
    }


def _conflict(values: Mapping[str, Any]) -> Conflict | None:
    """Refuse bars the wrong way round, and anchors that are no sizes and ratios."""
    paths = ("assigner.positive_from", "assigner.negative_below")
    high, low = (values[path] for path in paths)
    if low > high:
        expected = f"negative_below at most positive_from, got {low} and {high}"
        return Conflict(paths, expected, f"--set {paths[1]}={high} fits")
    path, border = "anchors.style", "anchors.allowed_border"
    if values[path] in _LISTED:
        return Conflict((path,), f"a style with ratios, got {values[path]}")
    if values[border] >= 0:
        expected = f"no border for the best shape of a cell, got {values[border]:g}"
        return Conflict((border,), expected, f"--set {border}=-1 is none")
    return None


BEST_SHAPE = Rule(
    name="best_shape",
    params=BestShapeParams,
    assign=assign_best_shape,
    about="one IoU bar for cells, each by its best anchor shape",
    words=Words(
        title="Guided Anchoring",
        meaning=(
            "Cells are positive where the best of their anchor shapes has an IoU above "
            "a fixed bar (Guided Anchoring, SABL); a square stands for the cell. A "
            "low-quality match gives an object its best cell even below the bar."
        ),
        describe=_describe,
        configs=_configs,
        families=_FAMILIES,
    ),
    steps=f"{__name__}.steps",
    anchors_given=squares_of,
    unforced=lambda params: (
        replace(params, allow_low_quality=False) if params.allow_low_quality else None
    ),
    positives_only=lambda params: replace(params, negative_below=params.positive_from),
    bar=lambda params: params.positive_from,
    conflict=_conflict,
)
