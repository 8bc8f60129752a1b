"""What anchor generators of mmdetection say, as settings.

Read in mmdet 3.3.0, models/task_modules/prior_generators; 2.28.2 has the same. Each
name is mapped, or stands with the reason why it cannot be imitated.
"""

import math
from collections.abc import Callable
from typing import Any

from atss_inspect.importing.mmdet_distances import read_field_generator
from atss_inspect.importing.parts import Part, number, numbers, whole

ROTATED = "has rotated boxes; atss-inspect knows upright ones"
SHAPES = "looks at the shape of anchors alone, a rule that atss-inspect does not have"
OTHER_GENERATORS = {
    "LegacyAnchorGenerator": "counts sides as x2 - x1 + 1, as mmdetection 1 did",
    "LegacySSDAnchorGenerator": "counts sides as x2 - x1 + 1, as mmdetection 1 did",
    "YOLOAnchorGenerator": SHAPES,
    **dict.fromkeys(
        ("MlvlPointGenerator", "PointGenerator"),
        "makes points, and this head takes anchors",
    ),
    "RotatedAnchorGenerator": ROTATED,
    "PseudoAnchorGenerator": ROTATED,
}
VFNET_ANCHORS = {
    "anchors.ratios": (1.0,),
    "anchors.scale": 8.0,
    "anchors.scales_per_octave": 1,
    "anchors.offset": 0.0,
    "anchors.strides": (8, 16, 32, 64, 128),
}


def strides(values: Any) -> tuple[Any, ...]:
    """Write pairs of equal strides as one number, whole ones as whole numbers."""

    def one(value: Any) -> Any:
        if isinstance(value, list | tuple):
            wide, high = value
            return one(wide) if wide == high else (one(high), one(wide))
        is_whole = isinstance(value, float) and value.is_integer()
        return int(value) if is_whole else value

    return tuple(one(value) for value in values)


def read_anchors(head: Part) -> None:
    """Read the anchor generator; VFNetHead has one of its own."""
    generator = head.part("anchor_generator")
    if generator is None:
        if head.type != "VFNetHead":
            head.refuse("anchor_generator", "is missing")
        for path, value in VFNET_ANCHORS.items():
            head.set(path, value, "anchor_generator", default=str(value))
        return
    name = generator.type
    generator.refuse_known("type", name, OTHER_GENERATORS)
    if name not in GENERATORS:
        generator.refuse("type", f'the generator "{name}" is not known here')
    GENERATORS[name](generator)
    generator.rest({"type", "use_box_type"})


def _read_anchor_generator(part: Part) -> None:
    """Read ``AnchorGenerator``; its strides, sizes and centers."""
    part.setting("anchors.strides", "strides", make=strides)
    scales = _read_scales(part)
    ratios = part.setting("anchors.ratios", "ratios", make=numbers)
    is_plain = len(ratios) < 2 or len(part.made("scales", numbers, ())) == 1
    if not part.take("scale_major", default=True) and not is_plain:
        part.refuse("scale_major", "anchors in another order than here")
    _read_places(part, scales)


def _read_places(part: Part, scales: tuple[float, ...]) -> None:
    """Read base sizes and centers; offsets are shares of a base size."""
    bases = part.made("base_sizes", numbers, ())
    steps = part.made("strides", _smaller)
    part.skip("centers")
    if "centers" not in part:
        part.setting("anchors.offset", "center_offset", 0.0, number)
    elif share := _one_share(part, bases or steps):
        part.set("anchors.offset", share, "centers")
    elif (share := _one_share(part, steps)) and all(map(_is_power_of_two, bases)):
        # Without base sizes offsets are shares of strides. A product with a power of
        # two is not rounded, so that sizes are what scales of base sizes come to.
        sizes = tuple(tuple(base * scale for scale in scales) for base in bases)
        part.set("anchors.offset", share, "centers")
        part.set("anchors.sizes", sizes, "base_sizes")
        if part.notes.value_of("anchors.scales"):
            part.set("anchors.scales", (), "base_sizes")
        return
    else:
        part.refuse("centers", "are not the same share of every stride: no rule here")
    if bases:
        part.set("anchors.base_sizes", bases, "base_sizes")


def _one_share(part: Part, sizes: tuple[float, ...]) -> float:
    """Find the one share of sizes that all centers are; 0 where they differ."""
    centers = part.made("centers", lambda values: [numbers(one) for one in values])
    shares = {
        side / max(size, 1e-9)
        for center, size in zip(centers, sizes, strict=False)
        for side in center
    }
    share = shares.pop() if len(shares) == 1 else 0.0
    return share if 0 <= share <= 1 else 0.0


def _is_power_of_two(value: float) -> bool:
    return math.frexp(value)[0] == 0.5


def _smaller(steps: Any) -> tuple[float, ...]:
    """Take base sizes where none are named: strides, the smaller one of a pair."""
    pairs = (step if isinstance(step, list | tuple) else [step] for step in steps)
    return tuple(min(numbers(pair)) for pair in pairs)


def _read_scales(part: Part) -> tuple[float, ...]:
    """Read scales: those of an octave, or a list; give them."""
    if "scales" not in part:
        scale = part.setting("anchors.scale", "octave_base_scale", make=number)
        count = part.setting(
            "anchors.scales_per_octave", "scales_per_octave", make=whole
        )
        return _octave(scale, count)
    scales: tuple[float, ...] = part.made("scales", numbers)
    if "octave_base_scale" in part and "scales_per_octave" in part:
        reason = "mmdetection takes it or octave_base_scale and scales_per_octave"
        hint = "set those two, which a base may have, to None"
        part.refuse("scales", reason, hint=hint)
    part.skip("octave_base_scale", "scales_per_octave")
    if not scales:
        part.refuse("scales", "expected at least one scale")
    if _octave(scales[0], len(scales)) == scales:
        part.set("anchors.scale", scales[0], "scales")
        part.set("anchors.scales_per_octave", len(scales), "scales")
    else:
        part.set("anchors.scales", scales, "scales")
    return scales


def _octave(scale: float, count: int) -> tuple[float, ...]:
    return tuple(scale * 2 ** (i / count) for i in range(min(count, 100)))


def _read_ssd_generator(part: Part) -> None:
    """Read ``SSDAnchorGenerator``: a smaller and a larger size of each level."""
    part.set("anchors.style", "mmdetection-ssd", "type")
    part.set("anchors.offset", 0.5, "strides")
    steps = part.setting("anchors.strides", "strides", make=strides)
    part.setting(
        "anchors.ratios", "ratios", make=lambda all_: tuple(map(numbers, all_))
    )
    part.skip("scale_major", "input_size", "basesize_ratio_range", "max_sizes")
    if "min_sizes" in part:
        low, high = (part.made(f"{one}_sizes", numbers) for one in ("min", "max"))
        part.set("anchors.sizes", tuple(zip(low, high, strict=True)), "min_sizes")
        return
    side, key = part.made("input_size", whole, 300), "basesize_ratio_range"
    shares = part.made(key, _pair, (0.15, 0.9))
    if (side, shares[0]) not in _FIRST_SIZES:
        part.refuse(key, "mmdetection stops where SSD300 or SSD512 has another one")
    least, most = (int(share * 100) for share in shares)
    step = max((most - least) // max(len(steps) - 2, 1), 1)
    parts = [_FIRST_SIZES[side, shares[0]]]
    parts += [(share, share + step) for share in range(least, most + 1, step)]
    sizes = tuple((side * low // 100, side * high // 100) for low, high in parts)
    part.set("anchors.sizes", sizes, key, default="" if key in part else str(shares))


def _pair(values: Any) -> tuple[float, float]:
    low, high = numbers(values)
    return low, high


def _per_level(values: Any) -> tuple[tuple[float, ...], ...]:
    return tuple(map(numbers, values))


# Sizes of the first level in hundredths, by the side of images and the least share.
_FIRST_SIZES = {
    (300, 0.15): (7, 15),
    (300, 0.2): (10, 20),
    (512, 0.1): (4, 10),
    (512, 0.15): (7, 15),
}
GENERATORS: dict[str, Callable[[Part], None]] = {
    "RFGenerator": read_field_generator,
    "AnchorGenerator": _read_anchor_generator,
    "SSDAnchorGenerator": _read_ssd_generator,
}
