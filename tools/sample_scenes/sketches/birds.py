"""Birds: on the wing, standing, swimming."""

import numpy as np

from tools.sample_scenes.outlines import Point, ellipse, limb, polygon, smooth
from tools.sample_scenes.patches import (
    Patch,
    Sketch,
    between,
    body,
    darker,
    fitted,
    mix,
    path,
)


def bird(rng: np.random.Generator) -> Sketch:
    """Draw a gull on the wing."""
    lift = between(rng, 0.25, 0.95)
    white, grey = (248, 248, 246), (150, 160, 172)

    def wing(side: float, reach: float) -> list[Point]:
        leading = [(0.1, -0.42), (0.36, -0.5 - 0.42 * lift), (0.66, -0.54 - 0.5 * lift)]
        tip = [(1.0, -0.42 - 0.34 * lift)]
        trailing = [
            (0.66, -0.42 - 0.34 * lift),
            (0.36, -0.3 - 0.2 * lift),
            (0.06, -0.24),
        ]
        return [(side * reach * x, y) for x, y in leading + tip + trailing]

    far, near = wing(-1, 1.1), wing(1, 1.2)
    trunk = path("0.5 -0.34, 0.3 -0.44, 0 -0.42, -0.4 -0.3, -0.66 -0.2, -0.3 -0.18")
    patches = [
        body(smooth(far), mix(grey, white, 0.25), mix(grey, (90, 96, 110), 0.4)),
        body(smooth([*trunk, (0.1, -0.16), (0.36, -0.22)]), white, (200, 206, 214)),
        body(ellipse(0.46, -0.35, 0.13, 0.11), white),
        body(polygon(path("0.55 -0.4, 0.75 -0.32, 0.55 -0.29")), (238, 172, 62)),
        Patch(ellipse(0.5, -0.38, 0.022, 0.022, steps=10), (30, 30, 36)),
        body(smooth(near), (242, 243, 244), grey),
    ]
    patches += [
        Patch(smooth([side[2], side[3], side[4]]), (64, 70, 82), alpha=0.7)
        for side in (far, near)
    ]
    return fitted(patches)


def perched_bird(rng: np.random.Generator) -> Sketch:
    """Draw a gull that stands."""
    white, grey = (248, 248, 246), (156, 166, 180)
    lean = between(rng, -0.04, 0.06)
    trunk = [(0.3 + lean, -0.72), (0.1, -0.66), (-0.3, -0.5), (-0.72, -0.3)]
    belly = path("-0.3 -0.24, 0.05 -0.2, 0.3 -0.36, 0.36 -0.55")
    wing = path("0.08 -0.56, -0.3 -0.48, -0.86 -0.24, -0.4 -0.28, 0.04 -0.3")
    return fitted(
        [
            body(limb((-0.02, -0.24), (0.0, -0.02), 0.022, 0.018), (232, 150, 70)),
            body(limb((0.12, -0.24), (0.14, -0.02), 0.022, 0.018), (232, 150, 70)),
            body(limb((0.0, -0.018), (0.08, -0.015), 0.018, 0.014), (232, 150, 70)),
            body(limb((0.14, -0.018), (0.22, -0.015), 0.018, 0.014), (232, 150, 70)),
            body(smooth(trunk + belly), white, (208, 212, 220)),
            body(ellipse(0.32 + lean, -0.82, 0.15, 0.14), white),
            body(
                polygon(
                    [(0.44 + lean, -0.87), (0.68 + lean, -0.78), (0.44 + lean, -0.75)]
                ),
                (240, 176, 64),
            ),
            Patch(ellipse(0.37 + lean, -0.85, 0.025, 0.025, steps=10), (28, 28, 34)),
            body(smooth(wing), grey, mix(grey, (90, 96, 112), 0.35)),
            Patch(smooth(path("-0.5 -0.37, -0.86 -0.24, -0.5 -0.29")), (60, 64, 76)),
        ]
    )


def swimming_bird(rng: np.random.Generator) -> Sketch:
    """Draw a duck on the water."""
    drake = rng.random() < 0.6
    plumage = (216, 210, 204) if drake else (178, 140, 104)
    head = (46, 110, 88) if drake else (134, 100, 70)
    trunk = path("0.42 -0.34, 0.1 -0.44, -0.3 -0.42, -0.78 -0.52, -0.62 -0.2")
    return fitted(
        [
            body(
                smooth([*trunk, (-0.4, 0.0), (0.3, 0.0), (0.52, -0.16)]),
                plumage,
                mix(plumage, (60, 50, 50), 0.25),
            ),
            body(limb((0.36, -0.3), (0.42, -0.72), 0.15, 0.12), head),
            body(ellipse(0.44, -0.82, 0.18, 0.16), head, darker(head, 0.25)),
            body(
                smooth(path("0.56 -0.86, 0.84 -0.76, 0.82 -0.7, 0.58 -0.73")),
                (236, 178, 66),
            ),
            Patch(
                polygon(path("0.2 -0.46, 0.55 -0.5, 0.55 -0.44, 0.2 -0.4")),
                (240, 238, 230),
                alpha=0.9 if drake else 0.3,
            ),
            Patch(ellipse(0.5, -0.87, 0.026, 0.026, steps=10), (20, 20, 24)),
            Patch(
                smooth(path("0.14 -0.34, -0.3 -0.38, -0.62 -0.3, -0.2 -0.12")),
                mix(plumage, (60, 56, 60), 0.4),
            ),
        ]
    )
