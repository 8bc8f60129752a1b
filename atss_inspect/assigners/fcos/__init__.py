"""FCOS: a point trains the smallest object around it whose size suits its level."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.fcos.assign import assign_fcos, scale_ranges
from atss_inspect.assigners.fcos.params import FcosParams
from atss_inspect.assigners.knobs import Knob, Knobs, one_knob
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
WIDER_RADII = (2.0, 2.5, 3.0, 4.0)
ENDLESS = 1e8  # the end of the last range in configs
_LOSS = "modeling/rpn/fcos/loss.py"
_FAMILIES = {
    "fcos": Family(
        ("#00805c", "#004f39", "#33a583"), ("#3cc79c", "#209a76", "#9be8cf"), "^"
    )
}


def _describe(params: FcosParams, pyramid: Pyramid) -> str:
    """Describe the ends of the scale ranges, and the center sampling."""
    ranges = scale_ranges(pyramid, params).tolist()
    touch = all(one[1] == two[0] for one, two in itertools.pairwise(ranges))
    ends = ", ".join(f"{high:g}" for _, high in ranges[:-1])
    text = f"ranges end at {ends}" if touch and ends else "own scale ranges"
    radius = params.center_sampling_radius
    sampling = f", within {radius:g} strides of centers" if radius else ""
    return f"FCOS, {text}{sampling}"


def _configs(params: FcosParams, pyramid: Pyramid) -> Configs:
    """The radius of center sampling, and the ranges where they are written down."""
    radius = params.center_sampling_radius
    ranges = np.minimum(scale_ranges(pyramid, params), ENDLESS).tolist()
    sampling = "center_sampling_radius"
    in_head = {
        "bbox_head.center_sampling": radius > 0,
        # What it has without sampling is the head's default.
        "bbox_head.center_sample_radius": radius or 1.5,
    }
    in_loss = {f"# In {_LOSS}, object_sizes_of_interest": ranges}
    official = {"MODEL.FCOS.CENTER_SAMPLING_RADIUS": radius}
    in_yaml: dict[str, float] = {"MODEL.FCOS.CENTER_SAMPLE": radius > 0}
    in_yaml |= {"MODEL.FCOS.POS_RADIUS": radius} if radius else {}
    ends = [high for _, high in ranges]
    of_interest = {"MODEL.FCOS.SIZES_OF_INTEREST": ends[:-1]}
    are_linked = [low for low, _ in ranges[1:]] == ends[:-1]
    return {
        "mmdetection": {
            sampling: in_head,
            "scale_ranges": {"bbox_head.regress_ranges": ranges},
        },
        "torchvision": {sampling: {sampling: radius}},
        "detectron2": {sampling: {f"model.{sampling}": radius}},
        "adelaidet": {
            sampling: in_yaml,
            "scale_ranges": of_interest if are_linked else {},
        },
        "official": {sampling: official, "scale_ranges": in_loss},
    }


def wider_radii(params: FcosParams) -> Kinds:
    """Widen the center region, at last to the whole box."""
    radius = params.center_sampling_radius
    if not radius:
        return
    steps = [(f"{wider:g}", wider) for wider in WIDER_RADII if wider > radius]
    steps.append(("0 (whole box)", 0.0))
    path = "assigner.center_sampling_radius"
    yield "center sampling radius", ((step, {path: value}) for step, value in steps)


def halved_ranges(params: FcosParams) -> Changes:
    """Halve the range of the finest level for one level more, if ranges are written."""
    if not params.scale_ranges:
        return {}
    (low, high), *others = params.scale_ranges
    return {"assigner.scale_ranges": ((low, high / 2), (high / 2, high), *others)}


_FIRST_ENDS = (24.0, 32.0, 40.0, 48.0, 56.0, 64.0, 80.0, 96.0)
_GROWTHS = (1.5, 1.75, 2.0, 2.25, 2.5)
_RADII = (0.0, 1.5, 2.0, 2.5)


def _knobs(params: FcosParams, _anchors: AnchorRule) -> Knobs:
    """Turn where the first range ends, how ranges grow, and the center region.

    Ranges that overlap, or leave gaps, are somebody's own and stay.
    """
    radius = Knob.of("center sampling radius", params.center_sampling_radius, _RADII)
    path = "assigner.center_sampling_radius"
    sampling = one_knob(radius, lambda value: {path: value})
    ends = [high for _, high in params.scale_ranges]
    are_linked = [low for low, _ in params.scale_ranges[1:]] == ends[:-1]
    if len(ends) < 3 or not are_linked or ends[-1] < ENDLESS:
        return sampling
    growth = ends[1] / ends[0]

    def ranges(values: Sequence[float]) -> Changes:
        first, factor = values
        if (first, factor) == (ends[0], growth):
            return {}
        own = [round(first * factor**n) for n in range(len(ends) - 1)]
        linked = zip([params.scale_ranges[0][0], *own], [*own, ends[-1]], strict=True)
        return {"assigner.scale_ranges": tuple(linked)}

    knobs = (
        Knob.of("end of the first range", ends[0], _FIRST_ENDS),
        Knob.of("growth of ranges", growth, _GROWTHS),
    )
    return Knobs(knobs, ranges) + sampling


def _conflict(values: Mapping[str, Any]) -> Conflict | None:
    """Refuse ranges that are not one per level."""
    paths = ("assigner.scale_ranges", "anchors.strides")
    number, levels = (len(values[path]) for path in paths)
    if number in (0, levels):
        return None
    expected = f"one scale range per stride, got {number} and {levels}"
    hint = f"--set {paths[0]}=[] derives them from the strides"
    return Conflict(paths, expected, hint)


FCOS = Rule(
    name="fcos",
    params=FcosParams,
    assign=assign_fcos,
    about="points inside the box, by scale range and area",
    words=Words(
        title="FCOS",
        meaning=(
            "Points inside the box, on the level whose scale range fits the box, are "
            "positive."
        ),
        describe=_describe,
        level_ranges=lambda params, pyramid: scale_ranges(pyramid, params).tolist(),
        configs=_configs,
        families=_FAMILIES,
    ),
    steps=f"{__name__}.steps",
    knobs=_knobs,
    uses_anchors=False,
    conflict=_conflict,
    changes=wider_radii,
    with_finer_level=halved_ranges,
    with_other_strides=lambda params: (
        {"assigner.scale_ranges": ()} if params.scale_ranges else {}
    ),
)
