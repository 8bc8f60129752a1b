"""FoveaBox: the cells in the core of a box, on all levels that its size suits."""

from collections.abc import Mapping
from typing import Any

from atss_inspect.assigners.foveabox.assign import (
    NO_CORE,
    NO_RANGE,
    assign_foveabox,
    size_ranges,
)
from atss_inspect.assigners.foveabox.params import FoveaboxParams
from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.rule import (
    Changes,
    Configs,
    Conflict,
    Family,
    Kinds,
    Rule,
    Words,
)

# Steps tried for an object without a positive, the smallest first.
WIDER_CORES = (0.5, 0.6, 0.8, 1.0)
_FAMILIES = {
    "foveabox": Family(
        ("#3f7d20", "#274f14", "#6ba04e"), ("#93cf6f", "#6fa84e", "#c4e8ae"), "h"
    )
}


def _describe(params: FoveaboxParams, _pyramid: Pyramid) -> str:
    """Describe the core."""
    return f"FoveaBox, points in the core of {params.core:g} of the sides"


def _configs(params: FoveaboxParams, pyramid: Pyramid) -> Configs:
    """The core, and the ranges of sizes."""
    ranges = size_ranges(pyramid, params).tolist()
    return {
        "mmdetection": {
            "size_ranges": {"bbox_head.scale_ranges": ranges},
            "core": {"bbox_head.sigma": params.core},
        }
    }


def _wider_cores(params: FoveaboxParams) -> Kinds:
    """Widen the core, at last to the whole box."""
    wider = [core for core in WIDER_CORES if core > params.core]
    yield "core", ((f"{core:g}", {"assigner.core": core}) for core in wider)


def _halved_ranges(params: FoveaboxParams) -> Changes:
    """Begin with half the first range for one level more, if ranges are written."""
    if not params.size_ranges:
        return {}
    (low, high), *others = params.size_ranges
    second = (max(low, high / 4), high)
    return {"assigner.size_ranges": ((low / 2, high / 2), second, *others)}


def _conflict(values: Mapping[str, Any]) -> Conflict | None:
    """Refuse ranges that are not one per level."""
    paths = ("assigner.size_ranges", "anchors.strides")
    number, levels = (len(values[path]) for path in paths)
    if number in (0, levels):
        return None
    expected = f"one size range per stride, got {number} and {levels}"
    return Conflict(paths, expected, f"--set {paths[0]}=[] derives them from strides")


FOVEABOX = Rule(
    name="foveabox",
    params=FoveaboxParams,
    assign=assign_foveabox,
    about="points in the core of the box, by ranges of sizes that overlap",
    words=Words(
        title="FoveaBox",
        meaning=(
            "Points in the core of the box are positive, on every level whose range "
            "of sizes holds it; the smallest object has a point that several want."
        ),
        describe=_describe,
        level_ranges=lambda params, pyramid: size_ranges(pyramid, params).tolist(),
        configs=_configs,
        families=_FAMILIES,
    ),
    steps=f"{__name__}.steps",
    uses_anchors=False,
    causes=(NO_RANGE, NO_CORE),
    conflict=_conflict,
    changes=_wider_cores,
    with_finer_level=_halved_ranges,
    with_other_strides=lambda params: (
        {"assigner.size_ranges": ()} if params.size_ranges else {}
    ),
)
