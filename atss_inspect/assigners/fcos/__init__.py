"""FCOS: a point trains the smallest object around it whose size suits its level."""

from collections.abc import Mapping
from typing import Any

from atss_inspect.assigners.fcos import words
from atss_inspect.assigners.fcos.assign import assign_fcos
from atss_inspect.assigners.fcos.params import FcosParams
from atss_inspect.assigners.rule import Rule


def _conflict(values: Mapping[str, Any]) -> tuple[tuple[str, ...], str] | None:
    """Refuse ranges that are not one per level."""
    paths = ("assigner.scale_ranges", "anchors.strides")
    number, levels = (len(values[path]) for path in paths)
    if number in (0, levels):
        return None
    return paths, f"one scale range per stride, got {number} and {levels}"


FCOS = Rule(
    name="fcos",
    params=FcosParams,
    assign=assign_fcos,
    about="points inside the box, by scale range and area",
    words=words.WORDS,
    steps=f"{__name__}.steps",
    uses_anchors=False,
    conflict=_conflict,
    changes=words.wider_radii,
    with_finer_level=words.halved_ranges,
)
