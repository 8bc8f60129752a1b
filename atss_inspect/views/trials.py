"""What to try with `sweep`, today's value first: larger images, levels, ratios."""

from typing import Any

from atss_inspect.annotations.resize import SIZES_TO_TRY, ResizeRule
from atss_inspect.assigners.anchor_rule import level_name
from atss_inspect.settings import Settings
from atss_inspect.statistics.sweep import label_of

_LONG = (0.25, 4.0)  # ratios
_FINEST = 4  # stride


def larger_images(resize: ResizeRule) -> str:
    """Sizes of input images, or a resize where there is none."""
    if resize.rule == "none":
        return "rule=none,mmdetection"
    if resize.has_fixed_size and len({*resize.size}) == 1:
        sides = {round(resize.size[0] * n / 32) * 32: None for n in SIZES_TO_TRY}
        return f"imgsz={','.join(map(str, sides))}"
    sizes = [resize.scaled(factor) for factor in SIZES_TO_TRY]
    name = next(iter(sizes[0]))  # the long side follows
    values = dict.fromkeys(label_of(one[name]).replace(" ", "") for one in sizes)
    return f"{name}={','.join(values)}"


def finer_level(settings: Settings) -> str:
    """Name the level before the finest; empty where that would be finer than P2.

    And where anchors have sizes of their own on each level, which a level more lacks.
    """
    if settings.rule.uses_anchors and len(settings.anchors.sizes) > 1:
        return ""
    finer, rest = divmod(settings.anchors.spacings[0], 2)
    return level_name(finer) if finer >= _FINEST and not rest else ""


def finer_levels(settings: Settings) -> str:
    """As many levels from a finer one on; empty where levels leave one out."""
    strides = settings.anchors.strides
    first, last = settings.anchors.spacings[0], settings.anchors.spacings[-1]
    doubled = tuple(first * 2**place for place in range(len(strides)))
    if not finer_level(settings) or strides != doubled:
        return ""
    # What has no ranges of sizes takes a level more.
    least = last if settings.rule.gate else last // 2
    spans = ((first, last), (first // 2, least))
    return "levels=" + ",".join("-".join(map(level_name, each)) for each in spans)


def smaller_anchors(settings: Settings) -> str:
    """Anchors of half the size; empty for rules without a bar that they could miss."""
    if not settings.rule.uses_anchors or settings.bar is None:
        return ""
    [(path, half)] = settings.anchors.scaled(0.5).items()
    name, own = path.rpartition(".")[2], settings.values()[path]
    return f"{name}={label_of(own)},{label_of(half)}".replace(" ", "")


def other_kinds(settings: Settings) -> dict[str, str]:
    """What else than larger images may help small objects, by its name for people."""
    found = {
        "smaller anchors": smaller_anchors(settings),
        "a finer level": finer_levels(settings),
    }
    return {name: values for name, values in found.items() if values}


def longer_ratios(settings: Settings) -> str:
    """Ratios of anchors; empty without anchors."""
    anchors = settings.anchors
    if not settings.rule.uses_anchors or not anchors.has_plain_ratios:
        return ""
    own = list(anchors.ratios)
    every: set[Any] = {*own, *_LONG}
    if len(every) == len(own):
        return ""
    return f"ratios={own},{sorted(every)}".replace(" ", "")
