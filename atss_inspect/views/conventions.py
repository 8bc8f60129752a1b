"""A convention in one line: what decides most, in the words of its settings."""

import itertools
from collections.abc import Sequence

from atss_inspect.annotations.resize import ResizeRule
from atss_inspect.assigners.atss.assign import AtssParams
from atss_inspect.assigners.fcos.assign import FcosParams, scale_ranges
from atss_inspect.assigners.iou_threshold.assign import IouThresholdParams
from atss_inspect.assigners.pyramid import Pyramid, build_pyramid
from atss_inspect.settings import Settings
from atss_inspect.views.layout import fold
from atss_inspect.views.names import cell_width, clip, pad, printable

_LONGEST_NAME = 40  # the rest of the line is for the rule


def convention_block(
    settings: Sequence[Settings], names: Sequence[str] | None = None
) -> str:
    """Say what each convention means, in lines that stand above every table.

    Parameters
    ----------
    settings : the conventions, at least one
    names : what tables call them; without any, the conventions' own
    """
    frame, rules = convention_lines(settings)
    called = [one.name for one in settings] if names is None else names
    shown = [clip(printable(name), _LONGEST_NAME) for name in called]
    width = min(max(map(cell_width, shown)), 24)
    rest = " " * (width + 4)
    lines = [frame]
    for name, rule in zip(shown, rules, strict=True):
        lead = f"  {pad(name, width)}  "
        # Folded beside spaces: signs of a name may be two columns wide.
        first, *others = fold(rule, first=" " * cell_width(lead), rest=rest)
        lines += [lead + first.lstrip(), *others]
    return "".join(f"{line}\n" for line in lines)


def convention_lines(settings: Sequence[Settings]) -> tuple[str, list[str]]:
    """Describe conventions that stand side by side.

    Returns
    -------
    frame : where the assignment happens, with the resize rule if it is the same for all
    lines : one per convention, with the resize rule if they differ
    """
    resizes = [describe_resize(each.resize) for each in settings]
    rules = [describe_rule(each) for each in settings]
    if len(set(resizes)) == 1:
        return f"Assigned in input pixels, {resizes[0]}:", rules
    lines = [f"{rule}; {resize}" for rule, resize in zip(rules, resizes, strict=True)]
    return "Assigned in input pixels, each after its own resize:", lines


def describe_resize(rule: ResizeRule) -> str:
    """Say how images become input images."""
    if rule.rule in ("stretch", "letterbox"):
        height, width = rule.size
        way = "stretched" if rule.rule == "stretch" else "letterboxed"
        text = f"images {way} to {width}x{height}"
    else:
        text = f"images resized to {rule.short_side}/{rule.long_side} ({rule.rule})"
    if rule.pad_to:
        height, width = rule.pad_to
        text += f", padded to {width}x{height}"
    return text


def describe_rule(settings: Settings) -> str:
    """Say which anchors or points there are, and how they are assigned."""
    pyramid = build_pyramid(settings.anchors)
    rule = settings.assigner
    if isinstance(rule, FcosParams):
        points = f"points at offset {settings.anchors.offset:g}"
        return f"FCOS, {_describe_fcos(pyramid, rule)}; {points}"
    if isinstance(rule, AtssParams):
        text = _describe_atss(pyramid, rule)
    else:
        text = _describe_iou_threshold(rule)
    return f"{text}; {_describe_anchors(settings, pyramid)}"


def _describe_anchors(settings: Settings, pyramid: Pyramid) -> str:
    """Say how many anchors a cell has, how large and where."""
    number, anchors = pyramid.anchors_per_cell, settings.anchors
    size = f"{anchors.scale:g} x stride"
    text = f"1 anchor of {size}" if number == 1 else f"{number} anchors from {size}"
    return f"{text}, offset {anchors.offset:g}"


def _describe_atss(pyramid: Pyramid, rule: AtssParams) -> str:
    """Say what k counts; 9 anchors a cell make the same k ninefold or not."""
    if rule.k_per_anchor and pyramid.anchors_per_cell > 1:
        return f"ATSS, k {rule.k} x {pyramid.anchors_per_cell} anchors per level"
    return f"ATSS, k {rule.k} per level"


def _describe_iou_threshold(rule: IouThresholdParams) -> str:
    """Say the two bars and what happens below them."""
    text = f"IoU {rule.positive_from:g}/{rule.negative_below:g}"
    if not rule.allow_low_quality:
        return f"{text}, no low-quality"
    floor = f" from {rule.low_quality_floor:g}" if rule.low_quality_floor else ""
    return f"{text}, low-quality{floor}"


def _describe_fcos(pyramid: Pyramid, rule: FcosParams) -> str:
    """Say the ends of the scale ranges, and the center sampling."""
    ranges = scale_ranges(pyramid, rule).tolist()
    touch = all(one[1] == two[0] for one, two in itertools.pairwise(ranges))
    ends = ", ".join(f"{high:g}" for _, high in ranges[:-1])
    text = f"ranges end at {ends}" if touch and ends else "own scale ranges"
    radius = rule.center_sampling_radius
    return f"{text}, within {radius:g} strides of centers" if radius else text
