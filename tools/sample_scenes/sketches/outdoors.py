"""Sheep, kites and umbrellas."""

from math import cos, pi, sin

import numpy as np

from tools.sample_scenes.outlines import ellipse, limb, polygon
from tools.sample_scenes.patches import (
    Color,
    Patch,
    Sketch,
    between,
    body,
    darker,
    fitted,
    lighter,
    mix,
    palette,
    pick,
)
from tools.sample_scenes.sketches.people import CLOTHES

_WOOL: tuple[Color, ...] = palette("f8f2e6 f0e8d8 e8dcc8")
_CLOTH: tuple[tuple[Color, Color], ...] = (
    *(((226, 86, 76), (250, 240, 226)), ((60, 136, 164), (250, 240, 226))),
    *(((240, 184, 76), (214, 96, 66)), ((92, 160, 128), (240, 228, 180))),
)


def sheep(rng: np.random.Generator) -> Sketch:
    """Draw a sheep that stands or grazes."""
    is_grazing = rng.random() < 0.45
    wool = (98, 88, 84) if rng.random() < 0.1 else pick(rng, _WOOL)
    face = (70, 60, 60) if wool[0] > 120 else (56, 48, 48)
    shade = mix(wool, (110, 100, 120), 0.35)
    neck, nose = (
        ((0.6, -0.42), (0.78, -0.1)) if is_grazing else ((0.6, -0.78), (0.84, -0.68))
    )
    patches = [
        body(limb((x, -0.4), (x + between(rng, -0.03, 0.03), -0.03), 0.05, 0.035), face)
        for x in (-0.42, -0.26, 0.26, 0.4)
    ]
    for step in range(14):
        angle = 2 * pi * step / 14
        x, y = 0.52 * cos(angle), -0.62 + 0.26 * sin(angle)
        radius = between(rng, 0.13, 0.17)
        patches.append(
            body(
                ellipse(x, y, radius, radius * 0.9, steps=18),
                mix(wool, shade, max(0.0, sin(angle))),
            )
        )
    patches.append(body(ellipse(0, -0.62, 0.52, 0.27), wool, shade))
    for _ in range(9):
        x, y = between(rng, -0.42, 0.42), between(rng, -0.76, -0.5)
        patches.append(
            Patch(ellipse(x, y, 0.1, 0.07, steps=14), mix(wool, shade, 0.3), alpha=0.6)
        )
    patches += [
        body(limb((neck[0] - 0.06, neck[1] - 0.04), nose, 0.125, 0.075), face),
        body(ellipse(neck[0] - 0.09, neck[1] - 0.02, 0.1, 0.05), lighter(face, 0.12)),
        body(ellipse(neck[0] - 0.03, neck[1] - 0.14, 0.13, 0.09), wool),
        Patch(
            ellipse(neck[0] + 0.09, neck[1] + 0.0, 0.02, 0.024, steps=10),
            (240, 240, 236),
        ),
    ]
    return fitted(patches)


def kite(rng: np.random.Generator) -> Sketch:
    """Draw a diamond kite with a tail; it hangs from its top, y = -1."""
    first, second = pick(rng, _CLOTH)
    lean = between(rng, -0.25, 0.25)
    top, left, right, low = (0.0, -1.0), (-0.26, -0.76), (0.26, -0.76), (0.0, -0.36)
    cross = (0.0, -0.76)
    patches = []
    knot = (0.0, -0.38)
    for step in range(4):
        end = (
            lean * (step + 1) * 0.25 + 0.06 * sin(step * 2.2),
            -0.36 + 0.09 * (step + 1),
        )
        patches.append(
            body(limb(knot, end, 0.011, 0.011), mix(first, (60, 50, 60), 0.3))
        )
        x, y = end
        bow = [
            (x - 0.055, y - 0.03),
            (x, y),
            (x + 0.055, y - 0.03),
            (x + 0.055, y + 0.03),
        ]
        patches.append(body(polygon([*bow, (x, y), (x - 0.055, y + 0.03)]), second))
        knot = end
    quarters = (
        (top, left, first),
        (top, right, second),
        (low, left, second),
        (low, right, first),
    )
    for corner, side, color in quarters:
        fade = mix(color, (40, 30, 50), 0.18)
        patches.append(body(polygon([corner, side, cross]), color, fade))
    spars = ((top, low), (left, right))
    patches += [Patch(limb(a, b, 0.006, 0.006), (90, 70, 60)) for a, b in spars]
    return fitted(patches)


def umbrella(rng: np.random.Generator) -> Sketch:
    """Draw a beach umbrella planted in the ground."""
    first, second = pick(rng, _CLOTH)
    pole = (150, 118, 90)
    return (
        body(limb((0.0, -0.8), (0.0, -0.012), 0.016, 0.014), pole),
        *_canopy(first, second, 0.62, -0.62, 0.37),
    )


def held_umbrella(rng: np.random.Generator) -> Sketch:
    """Draw an open umbrella on its short stick."""
    color = pick(rng, CLOTHES)
    shaft = body(limb((0.0, -0.6), (0.0, -0.03), 0.016, 0.02), (70, 62, 62))
    return (shaft, *_canopy(color, darker(color, 0.14), 0.6, -0.66, 0.33))


def _canopy(
    first: Color, second: Color, reach: float, hem: float, rise: float
) -> list[Patch]:
    """Draw the cloth of an umbrella as five gores with a scalloped hem."""
    patches = [
        body(
            limb((0.0, hem - rise - 0.01), (0.0, hem - rise + 0.02), 0.012, 0.012),
            second,
        )
    ]
    for gore in range(5):
        left, right = (-1 + 2 * gore / 5), (-1 + 2 * (gore + 1) / 5)
        edge = []
        for side in (left, right):
            edge.append(
                [
                    (
                        reach * side * sin(pi / 2 * t / 8),
                        hem - rise * cos(pi / 2 * t / 8),
                    )
                    for t in range(9)
                ]
            )
        sag = (reach * (left + right) / 2, hem - 0.045 * rise / 0.37)
        color = first if gore % 2 == 0 else second
        patches.append(
            body(
                polygon([*edge[0], sag, *reversed(edge[1])]),
                lighter(color, 0.1),
                mix(color, (40, 30, 50), 0.2),
            )
        )
    return patches
