"""Settings that are legal and hardly meant: each kind once, in one table."""

from collections.abc import Callable, Sequence

import numpy as np

from atss_inspect.annotations.dataset import Finding
from atss_inspect.annotations.resize import input_sizes, padded_sizes
from atss_inspect.arrays import Float64Array, IntArray
from atss_inspect.settings import Settings
from atss_inspect.views import numbers

FEW_PIXELS = 64


def find_slips(
    settings: Sequence[Settings], image_sizes: Float64Array | None = None
) -> tuple[Finding, ...]:
    """List what is odd about some conventions, each sentence once.

    Their names are the examples. ``image_sizes`` are (I, 2) height, width in original
    pixels; without any, slips that only show on images are not looked for.
    """
    names: dict[tuple[str, str], list[str]] = {}
    for each in settings:
        original = np.zeros((0, 2)) if image_sizes is None else image_sizes
        inputs = input_sizes(original, each.resize)
        sizes = np.concatenate([inputs, padded_sizes(inputs, each.resize)], axis=1)
        for reason, find in SLIPS.items():
            if sentence := find(each, sizes):
                names.setdefault((reason, sentence), []).append(each.name)
    return tuple(
        Finding(reason, len(own), sentence, tuple(own))
        for (reason, sentence), own in names.items()
    )


def _few_pixels(settings: Settings, sizes: IntArray) -> str:  # noqa: ARG001
    """Images are resized to a few pixels."""
    resize = settings.resize
    named = {"size": min(resize.size)} if resize.has_fixed_size else {}
    named = {"imgsz": resize.side} if resize.letterbox else named
    if resize.has_sides:
        named = {"short_side": resize.short_side, "long_side": resize.long_side}
    small = {name: side for name, side in named.items() if side < FEW_PIXELS}
    name = next(iter(small), "")
    return f"{name} is {small[name]} px: hardly any object is left" if small else ""


def _long_below_short(settings: Settings, sizes: IntArray) -> str:  # noqa: ARG001
    """The limit of the longer side is below that of the shorter side."""
    resize = settings.resize
    if not resize.has_sides or resize.long_side >= resize.short_side:
        return ""
    effect = "images never become as large as short_side"
    if resize.sorts_sides:
        effect = f"{resize.rule} takes the smaller one as the short side"
    sides = f"long_side {resize.long_side} is below short_side {resize.short_side}"
    return f"{sides}: {effect}"


def _too_coarse(settings: Settings, sizes: IntArray) -> str:
    """Some levels have cells larger than every image; not where grids fill it."""
    if settings.anchors.grid == "padded":
        return ""
    largest = int(sizes[:, 2:].max(initial=0))
    wide = [side for side in settings.anchors.spacings if side > largest > 0]
    if not wide:
        return ""
    numbers, limit = ", ".join(map(str, wide)), f"({largest} px at most)"
    verb = "strides {} px are" if wide[1:] else "stride {} px is"
    return f"{verb.format(numbers)} larger than every padded image {limit}"


def _none_inside(settings: Settings, sizes: IntArray) -> str:
    """Some images have no anchor within the border."""
    different, number = np.unique(sizes, axis=0, return_counts=True)
    grids = settings.pyramid.grids(different[:, 2:], different[:, :2])
    found = int(number[grids.num_beyond == grids.num_anchors].sum())
    if not found:
        return ""
    border = f"allowed_border {settings.anchors.allowed_border:g}"
    which = f"{numbers.count(found)} of {numbers.plural(len(sizes), 'image')}"
    stops = ", where mmdetection stops with an error" if grids.left_out else ""
    return f"{border} leaves no anchor inside {which}{stops}"


def _k_beyond_anchors(settings: Settings, sizes: IntArray) -> str:
    """A level has fewer anchors than k on most images."""
    k, pyramid = settings.rule.k_of(settings.assigner), settings.pyramid
    # Of a rule that is fast for each k, which counts level by level.
    if k is None or not settings.rule.each_k or not len(sizes):
        return ""
    anchors = pyramid.grids(sizes[:, 2:]).level_anchors.T
    for name, number in zip(pyramid.level_names, anchors, strict=True):
        usual = int(np.median(number))
        if np.mean(number < k) > 0.5:
            return f"k is {k}, and {name} has {usual} anchors on a usual image"
    return ""


# By its name in JSON, what is odd, in one sentence, empty where nothing is; of settings
# and (I, 4) sizes of images, perhaps none: input height, width, then the padded ones.
SLIPS: dict[str, Callable[[Settings, IntArray], str]] = {
    "input_size_tiny": _few_pixels,
    "long_side_below_short_side": _long_below_short,
    "stride_beyond_images": _too_coarse,
    "k_beyond_anchors": _k_beyond_anchors,
    "no_anchor_inside": _none_inside,
}
