"""A convention in one line: what decides most, in the words of its settings.

And why its data rules leave objects out; why others have no positive is in
`atss_inspect.assigners.causes`.
"""

from collections.abc import Sequence

from atss_inspect.annotations.resize import ResizeRule
from atss_inspect.settings import Settings
from atss_inspect.views import numbers
from atss_inspect.views.names import (
    WIDTH,
    as_lines,
    cell_width,
    clip,
    fold,
    pad,
    printable,
)

_LONGEST_NAME = 40  # the rest of the line is for the rule
_ROOM_FOR_RULE = 40  # columns beside the names, else below
# Why the data rules leave an object, or its image, out.
LEFT_OUT = {
    "category_not_listed": "its category is not in the file's list of categories",
    "class_not_selected": "its class is not among data.classes",
    "ignore_flag": "it carries a truthy `ignore` flag",
    "crowd": "it is a crowd region (iscrowd = 1)",
    "outside_image": "its box shares no area with the image",
    "no_extent": "its box has no width or no height",
    "area_0_in_the_file": "its area in the file is 0, see data.min_box_side",
    "negative_area_in_the_file": "its area in the file is below 0",
    "too_small": "its box is smaller than data.min_box_side allows",
    "label_repeated": "its label says the same as another one of its image",
    "too_small_after_resize": "nothing is left of its box after resizing and clipping",
    "dropped_after_letterbox": "at the size of training its sides are 2 px or less, or "
    "little of it is left, or it is far too long for its width",
    "image_left_out": "its image is left out",
}
IMAGE_LEFT_OUT = {
    "below_min_side": "the image is smaller than data.min_image_side",
    "no_annotations": "the image has no annotation of a selected class",
    "only_crowd": "the image has nothing but crowds",
    "only_thin_boxes": "the image has only boxes at most one pixel thin",
    "only_small_boxes": "the image has only boxes that are too small after resizing",
    "label_out_of_range": "a label of the image lies outside of it",
}


def convention_block(
    settings: Sequence[Settings], names: Sequence[str] | None = None
) -> str:
    """Describe each convention, in lines that stand above every table.

    ``settings``: the conventions, at least one. ``names``: what tables call them;
    without any, the conventions' own.
    """
    frame, rules = convention_lines(settings)
    called = [one.name for one in settings] if names is None else names
    return block_text(frame, list(zip(called, rules, strict=True)))


def block_text(frame: str, rules: Sequence[tuple[str, str]], width: int = WIDTH) -> str:
    """Write what conventions have in common, and name and rule of each, folded."""
    shown = [clip(printable(name), _LONGEST_NAME) for name, _ in rules]
    room = min(max(map(cell_width, shown)), 24)
    is_narrow = width < room + _ROOM_FOR_RULE
    rest = " " * (4 if is_narrow else room + 4)
    lines = fold(frame, rest="  ", width=width)
    for name, (_, rule) in zip(shown, rules, strict=True):
        lead = f"  {pad(name, room)}  "
        if is_narrow:
            lines += [f"  {name}", *fold(rule, first=rest, width=width)]
            continue
        # Folded beside spaces: signs of a name may be two columns wide.
        first, *others = fold(
            rule, first=" " * cell_width(lead), rest=rest, width=width
        )
        lines += [lead + first.lstrip(), *others]
    return as_lines(lines)


def convention_lines(settings: Sequence[Settings]) -> tuple[str, list[str]]:
    """Describe conventions that stand side by side.

    Returns ``frame``: where the assignment happens, with the resize rule if it is the
    same for all; ``lines``: one per convention, with the resize rule if they differ.
    """
    resizes = [describe_resize(each.resize) for each in settings]
    rules = [describe_rule(each) for each in settings]
    if len(set(resizes)) == 1:
        return f"Assigned in input pixels, {resizes[0]}:", rules
    lines = [f"{rule}; {resize}" for rule, resize in zip(rules, resizes, strict=True)]
    return "Assigned in input pixels, each after its own resize:", lines


def describe_resize(rule: ResizeRule) -> str:
    """Describe how images become input images."""
    if rule.has_fixed_size:
        height, width = (rule.side, rule.side) if rule.letterbox else rule.size
        way = "stretched" if rule.rule == "stretch" else "letterboxed"
        text = f"images {way} to {width}x{height}"
    elif rule.rule == "none":
        text = "images in their own size"
    else:
        text = f"images resized to {rule.short_side}/{rule.long_side} ({rule.rule})"
    if rule.pad_to and not rule.letterbox:
        height, width = rule.pad_to
        text += f", padded to {width}x{height}"
    return text


def describe_rule(settings: Settings) -> str:
    """Describe how anchors, their number, size and place, or points are assigned."""
    text = settings.rule.describe(settings.assigner, settings.pyramid)
    offset = settings.anchors.offset
    named = {0.0: "at cell corners", 0.5: "at cell centers"}
    place = named.get(offset, f"at {offset:g} of a cell")
    if not settings.rule.uses_anchors:
        return f"{text}; points {place}"
    counts = settings.pyramid.per_cell.tolist()
    number = numbers.plural(max(counts), "anchor")
    if min(counts) < max(counts):
        number = f"{min(counts)} to {number}"
    smallest = min(each.sizes.min() for each in settings.anchors.levels())
    text = f"{text}; {number} a cell, {round(float(smallest), 1):g} px up, {place}"
    border = settings.anchors.allowed_border
    return text if border < 0 else f"{text}, {border:g} px beyond the image at most"
