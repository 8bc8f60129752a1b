"""RepPoints: a box asks for the points nearest to its center, on one level."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from atss_inspect.assigners.nearest_point.assign import assign_nearest_point
from atss_inspect.assigners.nearest_point.params import NearestPointParams
from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.rule import Configs, Conflict, Family, Kinds, Rule, Words

# Numbers of points tried for an object without a positive, the smallest first.
MORE_POINTS = (2, 3, 5, 9)
_FAMILIES = {
    "reppoints": Family(
        ("#7a4b9c", "#4d2c66", "#a07dbb"), ("#bd94dc", "#9a6cbd", "#e0c7f2"), "p"
    )
}


def _describe(params: NearestPointParams, _pyramid: Pyramid) -> str:
    """Describe how many points a box asks for, and where."""
    number = params.num_points
    points = "nearest point" if number == 1 else f"{number} nearest points"
    return f"RepPoints, {points}, on the level of {params.level_scale:g} strides"


def _configs(params: NearestPointParams, _pyramid: Pyramid) -> Configs:
    """Both of its parameters, as mmdetection's ``PointAssigner`` has them."""
    return {
        "mmdetection": {
            "num_points": {"{assigner}.pos_num": params.num_points},
            "level_scale": {"{assigner}.scale": params.level_scale},
        }
    }


def _level_ranges(params: NearestPointParams, pyramid: Pyramid) -> list[list[float]]:
    """Geometric means of the sides that each level takes."""
    begins = [0.0, *(params.level_scale * pyramid.strides[1:]).tolist()]
    return [list(ends) for ends in pairwise([*begins, np.inf])]


def _more_points(params: NearestPointParams) -> Kinds:
    """Ask for more points."""
    more = [number for number in MORE_POINTS if number > params.num_points]
    path = "assigner.num_points"
    yield "points per object", ((f"{number}", {path: number}) for number in more)


def _conflict(values: Mapping[str, Any]) -> Conflict | None:
    """Refuse strides that are no powers of two, each twice the last."""
    path = "anchors.strides"
    strides = values[path]
    first = strides[0]
    is_power = isinstance(first, int) and first.bit_count() == 1
    if is_power and all(b == 2 * a for a, b in pairwise(strides)):
        return None
    expected = f"powers of 2, each twice the last, for RepPoints, got {list(strides)}"
    return Conflict((path,), expected, f"--set {path}=[8,16,32,64,128] fits")


NEAREST_POINT = Rule(
    name="nearest_point",
    params=NearestPointParams,
    assign=assign_nearest_point,
    about="the points nearest to the center, on one level",
    words=Words(
        title="RepPoints",
        meaning=(
            "The points nearest to the center of the box are positive, on the level "
            "that suits its size. Of several objects the nearest has a point, and the "
            "others may be left with none."
        ),
        describe=_describe,
        level_ranges=_level_ranges,
        configs=_configs,
        families=_FAMILIES,
    ),
    steps=f"{__name__}.steps",
    uses_anchors=False,
    conflict=_conflict,
    changes=_more_points,
)
