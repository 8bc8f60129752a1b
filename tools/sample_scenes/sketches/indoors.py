"""Cups, bottles and books."""

import numpy as np

from tools.sample_scenes.outlines import box, ellipse, limb, polygon, rounded_box
from tools.sample_scenes.patches import (
    WHITE,
    Patch,
    Sketch,
    between,
    body,
    darker,
    lighter,
    mix,
    palette,
    path,
    pick,
)


def cup(rng: np.random.Generator) -> Sketch:
    """Draw a cup or mug with something hot in it."""
    glaze = pick(rng, palette("f0eade d67054 568496 789878 e2b860"))
    foot = between(rng, 0.24, 0.4)
    shade = mix(glaze, (50, 40, 60), 0.35)
    side = [
        (-0.42, -0.9),
        (0.42, -0.9),
        (0.41, -0.5),
        (foot + 0.02, -0.1),
        (foot - 0.04, -0.02),
    ]
    stripe = path("-0.41 -0.5, 0 -0.44, 0.41 -0.5, 0.4 -0.4, 0 -0.34, -0.4 -0.4")
    return (
        body(ellipse(0.5, -0.56, 0.22, 0.24), mix(glaze, shade, 0.4)),
        Patch(ellipse(0.5, -0.56, 0.12, 0.14), mix(shade, (30, 24, 30), 0.35)),
        body(
            polygon([*side, (0.0, 0.0), *((-x, y) for x, y in reversed(side[2:]))]),
            glaze,
            shade,
        ),
        body(ellipse(0.0, -0.04, foot, 0.04), shade),
        Patch(polygon(stripe), lighter(glaze, 0.45), alpha=0.55),
        body(ellipse(0.0, -0.9, 0.42, 0.1), lighter(glaze, 0.35)),
        Patch(ellipse(0.0, -0.89, 0.37, 0.078), mix(shade, (40, 30, 30), 0.3)),
        Patch(ellipse(0.0, -0.875, 0.335, 0.06), (92, 58, 40), (128, 84, 54)),
        Patch(limb((-0.3, -0.74), (-0.26, -0.3), 0.022, 0.016), WHITE, alpha=0.4),
    )


def bottle(rng: np.random.Generator) -> Sketch:
    """Draw a corked glass bottle with a label."""
    glass = pick(rng, palette("4a7854 784e34 5c8496 3c5448"))
    label = pick(rng, palette("f4ead2 e2be78 d66e5a"))
    shoulder = between(rng, -0.66, -0.58)
    right = [
        (0.045, -0.95),
        (0.048, shoulder - 0.08),
        (0.13, shoulder + 0.06),
        (0.14, -0.3),
    ]
    right += [(0.14, -0.03), (0.12, 0.0)]
    flip = [(-x, y) for x, y in reversed(right)]
    return (
        body(rounded_box(-0.038, -1.0, 0.038, -0.93, 0.015), (206, 170, 124)),
        body(
            polygon([*right, *flip]),
            lighter(glass, 0.18),
            mix(glass, (10, 10, 20), 0.3),
        ),
        body(rounded_box(-0.056, -0.95, 0.056, -0.915, 0.012), darker(glass, 0.2)),
        Patch(
            rounded_box(-0.15, -0.42, 0.15, -0.14, 0.02),
            label,
            mix(label, (90, 70, 60), 0.2),
        ),
        Patch(
            rounded_box(-0.09, -0.36, 0.09, -0.33, 0.01), mix(label, (60, 40, 40), 0.6)
        ),
        Patch(
            rounded_box(-0.06, -0.29, 0.06, -0.27, 0.008), mix(label, (60, 40, 40), 0.5)
        ),
        Patch(limb((-0.09, -0.54), (-0.1, -0.06), 0.012, 0.012), WHITE, alpha=0.4),
    )


def upright_book(rng: np.random.Generator, slimness: float = 5.0) -> Sketch:
    """Draw a book on a shelf: its spine, `slimness` times as high as wide."""
    cover = pick(
        rng, palette("a8423a 385c70 567458 d6a454 684a68 e4dac4 3c3e4a c47652")
    )
    gilt = (240, 214, 150) if sum(cover) < 520 else (120, 90, 70)
    half = 0.5 / slimness
    patches = [
        body(
            rounded_box(-half, -1.0, half, 0.0, half * 0.25),
            lighter(cover, 0.1),
            mix(cover, (20, 16, 24), 0.2),
        ),
        Patch(box(-half, -1.0, -half * 0.55, 0.0), (20, 14, 20), alpha=0.16),
        Patch(box(half * 0.1, -1.0, half * 0.4, 0.0), WHITE, alpha=0.1),
    ]
    for y in (-0.9, -0.86, -0.12):
        patches.append(Patch(box(-half, y, half, y + 0.018), gilt, alpha=0.9))
    title = between(rng, 0.2, 0.4)
    patches.append(
        Patch(
            rounded_box(-half * 0.35, -0.76, half * 0.35, -0.76 + title, half * 0.2),
            gilt,
            alpha=0.75,
        )
    )
    return tuple(patches)


def lying_book(rng: np.random.Generator) -> Sketch:
    """Draw a closed book that lies on a table, seen from its pages."""
    cover = pick(rng, palette("a8423a 385c70 567458 d6a454 684a68"))
    length = between(rng, 2.0, 4.1)
    page = (244, 236, 216)
    patches = [
        body(
            rounded_box(-length, -1.0, length, 0.0, 0.16),
            cover,
            mix(cover, (20, 16, 24), 0.25),
        ),
        Patch(
            box(-length + 0.3, -0.8, length, -0.2),
            page,
            mix(page, (140, 120, 100), 0.35),
        ),
    ]
    for line in range(3):
        y = -0.66 + line * 0.16
        edge = box(-length + 0.35, y, length, y + 0.035)
        patches.append(Patch(edge, (190, 174, 146), alpha=0.7))
    return tuple(patches)
