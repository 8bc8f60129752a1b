"""What drives and stands in a street."""

import numpy as np

from tools.sample_scenes.outlines import (
    box,
    ellipse,
    limb,
    polygon,
    rounded_box,
    smooth,
)
from tools.sample_scenes.patches import (
    Color,
    Patch,
    Sketch,
    between,
    body,
    lighter,
    mix,
    palette,
    path,
    pick,
)

_CAR_PAINT: tuple[Color, ...] = palette(
    "ce443c 3e76a4 ecece8 3a424e e8b042 609480 a0a8b0"
)
_GLASS: Color = (168, 204, 220)
_RUBBER: Color = (40, 40, 46)


def car(rng: np.random.Generator) -> Sketch:
    """Draw a car from the side."""
    paint = pick(rng, _CAR_PAINT)
    tail = between(rng, -0.95, -0.6)  # where the rear window meets the boot
    shell = [
        *((-1.42, -0.34), (-1.45, -0.5), (-1.36, -0.6), (tail - 0.12, -0.67)),
        *((tail + 0.3, -0.96), (tail + 0.5, -1.0), (0.25, -1.0), (0.42, -0.95)),
        *((0.86, -0.64), (1.3, -0.55), (1.44, -0.46), (1.47, -0.28), (1.4, -0.18)),
        *((0.0, -0.16), (-1.36, -0.18)),
    ]
    rear = [(tail + 0.14, -0.66), (tail + 0.4, -0.91), (-0.16, -0.92), (-0.16, -0.66)]
    front = path("-0.06 -0.66, -0.06 -0.92, 0.24 -0.92, 0.36 -0.88, 0.68 -0.64")
    dark = mix(paint, (20, 20, 30), 0.35)
    patches = [
        body(smooth(shell, steps=5), lighter(paint, 0.15), dark),
        Patch(polygon(rear), _GLASS, mix(_GLASS, (70, 90, 110), 0.5)),
        Patch(polygon(front), _GLASS, mix(_GLASS, (70, 90, 110), 0.5)),
        Patch(box(-0.12, -0.62, -0.1, -0.24), dark, alpha=0.8),
        Patch(rounded_box(-0.06, -0.55, 0.1, -0.52, 0.012), dark),
        Patch(
            polygon(path("-1.4 -0.28, 1.42 -0.27, 1.4 -0.18, -1.36 -0.18")),
            (56, 58, 66),
            alpha=0.75,
        ),
        Patch(ellipse(1.36, -0.45, 0.09, 0.06), (255, 244, 206)),
        Patch(ellipse(-1.38, -0.48, 0.06, 0.08), (222, 70, 60)),
    ]
    for x in (-0.88, 0.92):
        patches += _wheel(x, 0.22)
    return tuple(patches)


def bus(rng: np.random.Generator) -> Sketch:
    """Draw a city bus from the side."""
    paint = pick(rng, palette("d64c3e 3c7e94 eebe4a"))
    patches = [
        body(
            rounded_box(-1.55, -1.0, 1.55, -0.1, 0.1),
            lighter(paint, 0.12),
            mix(paint, (20, 20, 30), 0.25),
        ),
        Patch(rounded_box(-1.5, -0.88, 1.53, -0.52, 0.05), (52, 62, 76)),
        Patch(box(-1.55, -0.36, 1.55, -0.3), (250, 246, 236)),
        Patch(rounded_box(0.9, -0.86, 1.2, -0.14, 0.04), (60, 72, 88)),
        Patch(rounded_box(0.92, -0.83, 1.04, -0.17, 0.02), _GLASS),
        Patch(rounded_box(1.06, -0.83, 1.18, -0.17, 0.02), _GLASS),
        Patch(ellipse(1.5, -0.24, 0.05, 0.045), (255, 244, 206)),
        Patch(ellipse(-1.51, -0.26, 0.035, 0.055), (230, 90, 76)),
        Patch(rounded_box(1.24, -0.97, 1.52, -0.9, 0.02), (252, 196, 90)),
    ]
    for column in range(6):
        left = -1.44 + column * 0.39
        patches.append(
            Patch(
                rounded_box(left, -0.84, left + 0.33, -0.56, 0.03),
                _GLASS,
                mix(_GLASS, (80, 104, 126), 0.5),
            )
        )
    patches.append(Patch(rounded_box(1.26, -0.84, 1.49, -0.5, 0.03), _GLASS))
    for x in (-0.98, 0.66):
        patches += _wheel(x, 0.15)
    return tuple(patches)


def _wheel(x: float, radius: float) -> list[Patch]:
    """Draw a wheel that stands on the ground."""
    return [
        Patch(ellipse(x, -radius, radius * 1.2, radius * 1.2), (34, 34, 40)),
        body(ellipse(x, -radius, radius, radius), _RUBBER),
        Patch(ellipse(x, -radius, radius * 0.58, radius * 0.58), (188, 192, 198)),
        Patch(ellipse(x, -radius, radius * 0.2, radius * 0.2), (90, 94, 102)),
    ]


def traffic_light(rng: np.random.Generator) -> Sketch:
    """Draw a traffic light on its pole, eight times as high as wide."""
    shining = int(rng.random() * 3)
    lamps: tuple[tuple[Color, Color], ...] = (
        *(((96, 40, 38), (255, 86, 70)), ((100, 78, 34), (255, 204, 80))),
        ((36, 78, 56), (96, 232, 140)),
    )
    patches = [
        body(limb((0.0, -0.7), (0.0, -0.02), 0.013, 0.016), (74, 78, 84), (54, 58, 64)),
        body(rounded_box(-0.04, -0.03, 0.04, 0.0, 0.01), (64, 68, 74)),
        body(
            rounded_box(-0.0625, -1.0, 0.0625, -0.66, 0.03), (52, 56, 62), (36, 40, 46)
        ),
    ]
    for place, (off, on) in enumerate(lamps):
        y = -0.945 + place * 0.115
        color = on if place == shining else off
        patches.append(Patch(ellipse(0, y, 0.041, 0.041), color))
        if place == shining:
            glint = lighter(color, 0.6)
            patches.append(
                Patch(ellipse(-0.008, y - 0.008, 0.018, 0.018, steps=12), glint)
            )
        patches.append(
            Patch(
                limb((-0.045, y - 0.04), (0.045, y - 0.04), 0.007, 0.007), (30, 32, 38)
            )
        )
    return tuple(patches)
