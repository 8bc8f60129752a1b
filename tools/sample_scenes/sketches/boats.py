"""Boats; their waterline is y = 0."""

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


def sailboat(rng: np.random.Generator) -> Sketch:
    """Draw a sailing boat whose waterline is y = 0."""
    hull = pick(rng, palette("f0ece2 b2463c 345474 427068"))
    sail = pick(rng, palette("faf6ec faf6ec e28254 f0cc80"))
    belly = between(rng, 0.03, 0.08)
    main = path("-0.03 -0.97, -0.03 -0.6, -0.04 -0.2, -0.22 -0.185, -0.42 -0.2")
    jib = path("0.02 -0.9, 0.2 -0.55, 0.45 -0.17, 0.26 -0.2, 0.03 -0.19")
    shade = mix(sail, (120, 120, 150), 0.28)
    return (
        body(limb((0.0, -1.0), (0.0, -0.14), 0.011, 0.015), (110, 84, 66)),
        body(limb((-0.44, -0.18), (0.0, -0.17), 0.012, 0.012), (110, 84, 66)),
        body(
            smooth([*main, (-0.3 - belly, -0.5), (-0.14 - belly, -0.8)], steps=4),
            sail,
            shade,
        ),
        body(smooth([*jib, (0.06, -0.5)], steps=4), lighter(sail, 0.2), shade),
        body(
            smooth(
                path(
                    "-0.5 -0.16, -0.2 -0.14, 0.3 -0.15, 0.6 -0.19, "
                    "0.46 -0.05, 0.34 0, -0.34 0, -0.46 -0.06"
                )
            ),
            hull,
            mix(hull, (30, 30, 40), 0.3),
        ),
        Patch(box(-0.6, -0.035, 0.6, 0), (150, 56, 52), alpha=0.85),
        Patch(
            polygon(path("-0.55 -0.125, 0.65 -0.14, 0.65 -0.12, -0.55 -0.105")),
            (70, 60, 60),
            alpha=0.5,
        ),
    )


def fishing_boat(rng: np.random.Generator) -> Sketch:
    """Draw a small fishing boat whose waterline is y = 0."""
    hull = pick(rng, palette("346884 be483c 4a7a62 e8ba54"))
    cabin = (246, 242, 232)
    return (
        body(limb((0.42, -1.0), (0.42, -0.4), 0.014, 0.018), (96, 78, 66)),
        body(limb((0.42, -0.92), (0.95, -0.46), 0.01, 0.012), (96, 78, 66)),
        body(
            rounded_box(-0.62, -0.78, 0.08, -0.3, 0.04),
            cabin,
            mix(cabin, (120, 120, 130), 0.3),
        ),
        body(rounded_box(-0.7, -0.84, 0.16, -0.75, 0.03), lighter(hull, 0.25)),
        body(limb((-0.45, -0.95), (-0.45, -0.8), 0.05, 0.05), (70, 72, 80)),
        Patch(rounded_box(-0.54, -0.7, -0.34, -0.52, 0.03), (92, 128, 148)),
        Patch(rounded_box(-0.24, -0.7, 0.0, -0.52, 0.03), (92, 128, 148)),
        body(
            smooth(
                path(
                    "-1 -0.44, -0.5 -0.38, 0.4 -0.42, 1.12 -0.62, "
                    "0.94 -0.24, 0.78 0, -0.84 0, -0.96 -0.2"
                ),
                steps=5,
            ),
            hull,
            mix(hull, (20, 24, 34), 0.35),
        ),
        Patch(
            polygon(path("-1.1 -0.34, 1.2 -0.46, 1.2 -0.38, -1.1 -0.27")),
            (250, 246, 234),
            alpha=0.9,
        ),
        Patch(box(-1.1, -0.08, 1.2, 0), (120, 50, 46), alpha=0.85),
        Patch(ellipse(0.5, -0.16, 0.05, 0.06), (40, 40, 46)),
        Patch(ellipse(0.1, -0.14, 0.05, 0.06), (40, 40, 46)),
    )
