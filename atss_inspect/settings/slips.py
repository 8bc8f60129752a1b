"""Settings that are legal and hardly meant: each kind once, in one table."""

from collections.abc import Callable, Sequence

import numpy as np

from atss_inspect.annotations.dataset import Finding
from atss_inspect.annotations.resize import input_sizes, padded_sizes
from atss_inspect.arrays import Float64Array, IntArray
from atss_inspect.settings import Settings

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
        padded = padded_sizes(input_sizes(original, each.resize), each.resize)
        for reason, find in SLIPS.items():
            if sentence := find(each, padded):
                names.setdefault((reason, sentence), []).append(each.name)
    return tuple(
        Finding(reason, len(own), sentence, tuple(own))
        for (reason, sentence), own in names.items()
    )


def _few_pixels(settings: Settings, padded: IntArray) -> str:  # noqa: ARG001
    """Images are resized to a few pixels."""
    resize = settings.resize
    named = {"size": min(resize.size)} if resize.has_fixed_size else {}
    if resize.has_sides:
        named = {"short_side": resize.short_side, "long_side": resize.long_side}
    small = {name: side for name, side in named.items() if side < FEW_PIXELS}
    name = next(iter(small), "")
    return f"{name} is {small[name]} px: hardly any object is left" if small else ""


def _long_below_short(settings: Settings, padded: IntArray) -> str:  # noqa: ARG001
    """The limit of the longer side is below that of the shorter side."""
    resize = settings.resize
    if not resize.has_sides or resize.long_side >= resize.short_side:
        return ""
    effect = "images never become as large as short_side"
    if resize.sorts_sides:
        effect = f"{resize.rule} takes the smaller one as the short side"
    sides = f"long_side {resize.long_side} is below short_side {resize.short_side}"
    return f"{sides}: {effect}"


def _too_coarse(settings: Settings, padded: IntArray) -> str:
    """Some levels have cells larger than every image."""
    largest = int(padded.max(initial=0))
    wide = [stride for stride in settings.anchors.strides if stride > largest > 0]
    if not wide:
        return ""
    numbers, limit = ", ".join(map(str, wide)), f"({largest} px at most)"
    verb = "strides {} px are" if wide[1:] else "stride {} px is"
    return f"{verb.format(numbers)} larger than every padded image {limit}"


def _k_beyond_anchors(settings: Settings, padded: IntArray) -> str:
    """A level has fewer anchors than k on most images."""
    k, pyramid = settings.rule.k_of(settings.assigner), settings.pyramid
    if k is None or not len(padded):
        return ""
    for name, stride in zip(pyramid.level_names, pyramid.rule.strides, strict=True):
        cells = (-(-padded // stride)).prod(axis=1) * pyramid.anchors_per_cell
        usual = int(np.median(cells))
        if np.mean(cells < k) > 0.5:
            return f"k is {k}, and {name} has {usual} anchors on a usual image"
    return ""


# By its name in JSON, what is odd, in one sentence, empty where nothing is; of settings
# and the (I, 2) padded sizes of images (height, width), perhaps none.
SLIPS: dict[str, Callable[[Settings, IntArray], str]] = {
    "input_size_tiny": _few_pixels,
    "long_side_below_short_side": _long_below_short,
    "stride_beyond_images": _too_coarse,
    "k_beyond_anchors": _k_beyond_anchors,
}
