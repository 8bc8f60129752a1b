"""What to try with `sweep`, today's value first: larger images, levels, ratios."""

from atss_inspect.annotations.resize import ResizeRule
from atss_inspect.assigners.pyramid import level_name
from atss_inspect.settings import Settings

# Sides to try, as multiples of today's.
_SIDES = (1, 1.25, 1.5, 2)
_LONG = (0.25, 4.0)  # ratios
_FINEST = 4  # stride


def larger_images(resize: ResizeRule) -> str:
    """Sizes of input images."""
    if resize.has_fixed_size:
        sides = ([int(side * times) for side in resize.size] for times in _SIDES)
        return "size=" + ",".join(f"[{height},{width}]" for height, width in sides)
    short = dict.fromkeys(int(resize.short_side * times) for times in _SIDES)
    return "short_side=" + ",".join(map(str, short))


def finer_level(settings: Settings) -> str:
    """Name the level before the finest; empty where that would be finer than P2."""
    finer, rest = divmod(settings.anchors.strides[0], 2)
    return level_name(finer) if finer >= _FINEST and not rest else ""


def finer_levels(settings: Settings) -> str:
    """As many levels from a finer one on; empty where levels leave one out."""
    strides = settings.anchors.strides
    first, last = strides[0], strides[-1]
    doubled = tuple(first << place for place in range(len(strides)))
    if not finer_level(settings) or strides != doubled:
        return ""
    spans = ((first, last), (first // 2, last // 2))
    return "levels=" + ",".join("-".join(map(level_name, each)) for each in spans)


def longer_ratios(settings: Settings) -> str:
    """Ratios of anchors; empty without anchors."""
    own, every = list(settings.anchors.ratios), {*settings.anchors.ratios, *_LONG}
    if not settings.rule.uses_anchors or len(every) == len(own):
        return ""
    return f"ratios={own},{sorted(every)}".replace(" ", "")
