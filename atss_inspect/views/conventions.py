"""A convention in one line: what decides most, in the words of its settings."""

from collections.abc import Sequence

from atss_inspect.annotations.resize import ResizeRule
from atss_inspect.settings import Settings
from atss_inspect.views.layout import fold
from atss_inspect.views.names import cell_width, clip, pad, printable

_LONGEST_NAME = 40  # the rest of the line is for the rule


def convention_block(
    settings: Sequence[Settings], names: Sequence[str] | None = None
) -> str:
    """Describe each convention, in lines that stand above every table.

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
    """Describe how images become input images."""
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
    """Describe which anchors or points there are, and how they are assigned."""
    text = settings.rule.describe(settings.assigner, settings.pyramid)
    return f"{text}; {_describe_anchors(settings)}"


def _describe_anchors(settings: Settings) -> str:
    """Describe the anchors of a cell: how many, how large and where; or its point."""
    number, anchors = settings.pyramid.anchors_per_cell, settings.anchors
    if not settings.rule.uses_anchors:
        return f"points at offset {anchors.offset:g}"
    size = f"{anchors.scale:g} x stride"
    text = f"1 anchor of {size}" if number == 1 else f"{number} anchors from {size}"
    return f"{text}, offset {anchors.offset:g}"
