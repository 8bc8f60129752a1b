"""What several scenes have behind their objects: sky, clouds, hills, trees, water."""

from collections.abc import Sequence
from math import pi, sin

import numpy as np

from tools.sample_scenes.outlines import box, ellipse, limb, polygon, rounded_box
from tools.sample_scenes.painting import Canvas
from tools.sample_scenes.patches import (
    BLACK,
    WHITE,
    Color,
    Patch,
    between,
    darker,
    lighter,
    mix,
    palette,
)
from tools.sample_scenes.scenes.composer import Item, Light


def paint_sky(
    canvas: Canvas, rng: np.random.Generator, light: Light, horizon: float
) -> tuple[float, float]:
    """Paint sky, sun or moon, stars and clouds; the place of the sun."""
    width = canvas.width
    canvas.sky(light.sky, down_to=min(horizon + 2, canvas.height))
    is_night = sum(light.sky[0][1]) < 120
    if is_night:
        for _ in range(90):
            radius = between(rng, 0.4, 1.2)
            place = (between(rng, 0, width), between(rng, 0, horizon * 0.8))
            canvas.shape(ellipse(*place, radius, radius, steps=8), WHITE, alpha=0.7)
    x = between(rng, 0.2, 0.8) * width
    y = horizon * (
        between(rng, 0.74, 0.86) if light.is_dark else between(rng, 0.2, 0.4)
    )
    if is_night:
        y = horizon * 0.3
    radius = canvas.height * 0.045
    canvas.glow(x, y, canvas.height * 0.55, light.sun, alpha=0.55)
    canvas.shape(ellipse(x, y, radius, radius, steps=60), lighter(light.sun, 0.5))
    for _ in range(0 if is_night else 5):
        _paint_cloud(canvas, rng, light, horizon)
    return x, y


def _paint_cloud(
    canvas: Canvas, rng: np.random.Generator, light: Light, horizon: float
) -> None:
    """Paint one cloud, lower and flatter towards the horizon."""
    depth = between(rng, 0.1, 0.8)
    x, y = between(rng, 0, canvas.width), horizon * depth
    size = canvas.height * (0.11 - 0.08 * depth)
    puffs = []
    for _ in range(9):
        offset = between(rng, -2.4, 2.4)
        rise = (1 - abs(offset) / 3.2) * size * between(rng, 0.4, 0.8)
        puffs.append(ellipse(x + offset * size, y - rise * 0.4, size * 0.9, rise))
    color = mix(WHITE, light.sky[-2][1], 0.35 if light.is_dark else 0.08)
    canvas.soft(puffs, color, blur=size * 0.14, alpha=0.62)


def ridge(
    rng: np.random.Generator, width: float, level: float, rise: float
) -> list[tuple[float, float]]:
    """Draw the line of a range of hills, from left to right."""
    waves = [
        (between(rng, 0.5, 1.2) * k, between(rng, 0, 2 * pi)) for k in (1, 2.2, 4.6)
    ]
    points = []
    for step in range(81):
        t = step / 80
        wave = sum(
            sin(2 * pi * pace * t + phase) / (n + 1.2)
            for n, (pace, phase) in enumerate(waves)
        )
        points.append((t * width, level - rise * (0.5 + 0.42 * wave)))
    return points


def paint_hills(
    canvas: Canvas,
    line: list[tuple[float, float]],
    colors: tuple[Color, Color],
    *,
    down_to: float,
) -> None:
    """Paint the land under a ridge."""
    ground = [(line[-1][0], down_to), (line[0][0], down_to)]
    canvas.shape(polygon([*line, *ground]), *colors)


def paint_tree(
    canvas: Canvas,
    rng: np.random.Generator,
    place: tuple[float, float, float],
    leaf: Color,
    trunk: Color,
) -> None:
    """Paint a round tree that stands at (x, y), so high."""
    x, y, height = place
    canvas.shape(
        limb((x, y), (x, y - height * 0.55), height * 0.035, height * 0.02), trunk
    )
    lean = (x + height * 0.12, y - height * 0.6)
    canvas.shape(
        limb((x, y - height * 0.35), lean, height * 0.018, height * 0.012), trunk
    )
    for tone, shift, count in ((0.28, 0.05, 12), (0.0, 0.0, 12), (-0.2, -0.07, 9)):
        color = darker(leaf, tone) if tone >= 0 else lighter(leaf, -tone)
        for _ in range(count):
            angle, reach = between(rng, 0, 2 * pi), between(rng, 0.02, 0.23)
            cx = x + height * (reach * sin(angle) + shift * 0.6)
            cy = y - height * (0.68 + reach * sin(angle + pi / 2) * 0.85 - shift)
            radius = height * between(rng, 0.07, 0.12) * (1 - abs(tone) * 0.8)
            canvas.shape(
                ellipse(cx, cy, radius, radius * 0.9, steps=18), color, alpha=0.92
            )


def paint_fir(canvas: Canvas, place: tuple[float, float, float], color: Color) -> None:
    """Paint a small far fir tree that stands at (x, y), so high."""
    x, y, height = place
    for tier in range(3):
        top = y - height * (1 - tier * 0.22)
        low = y - height * (0.5 - tier * 0.22)
        reach = height * (0.14 + tier * 0.05)
        canvas.shape(polygon([(x, top), (x + reach, low), (x - reach, low)]), color)


def paint_water(
    canvas: Canvas,
    rng: np.random.Generator,
    span: tuple[float, float],
    colors: tuple[Color, Color],
    sun: tuple[float, Color],
) -> None:
    """Paint water from y to y with ripples, and light on it under the sun's x."""
    top, low = span
    canvas.shape(box(-2, top, canvas.width + 2, low), *colors)
    light = lighter(colors[0], 0.5)
    dark = darker(colors[1], 0.25)
    for number in range(170):
        depth = between(rng, 0, 1) ** 1.6
        y = top + (low - top) * depth
        reach = (3 + 34 * depth) * canvas.height / 480 * between(rng, 0.4, 1.2)
        x = between(rng, 0, canvas.width)
        ripple = ellipse(x, y, reach, 0.35 + 1.3 * depth, steps=14)
        canvas.shape(ripple, light if number % 3 else dark, alpha=0.22)
    for _ in range(110):
        depth = between(rng, 0, 1) ** 1.3
        y = top + (low - top) * depth
        spread = canvas.width * (0.012 + 0.07 * depth)
        x = sun[0] + (between(rng, -1, 1) + between(rng, -1, 1)) * spread
        reach = (2 + 13 * depth) * canvas.height / 480 * between(rng, 0.4, 1.0)
        canvas.shape(
            ellipse(x, y, reach, 0.4 + 1.0 * depth, steps=12), sun[1], alpha=0.6
        )


def paint_reflections(canvas: Canvas, items: Sequence[Item], *, alpha: float) -> None:
    """Paint what stands on water upside down, flattened, under its foot."""
    for item in sorted(items, key=lambda item: item.depth):
        foot = item.depth
        for sketch in item.members:
            for patch in sketch:
                points = patch.points.copy()
                points[:, 1] = foot + (foot - points[:, 1]) * 0.55
                # A slow wave makes it look like water.
                points[:, 0] += np.sin(points[:, 1] * 0.55) * 1.1
                canvas.patch(
                    Patch(points, patch.color, patch.fade, alpha * patch.alpha)
                )


def paint_shadows(
    canvas: Canvas, items: Sequence[Item], *, alpha: float, flat: float = 0.06
) -> None:
    """Paint a soft shadow where objects stand."""
    shadows = []
    for item in items:
        for sketch in item.members:
            points = np.concatenate([patch.points for patch in sketch if patch.is_body])
            x1, x2 = float(points[:, 0].min()), float(points[:, 0].max())
            foot = float(points[:, 1].max())
            reach = (x2 - x1) / 2 * 1.08
            shadows.append(
                ellipse((x1 + x2) / 2 + reach * 0.1, foot, reach, reach * flat + 1)
            )
    if shadows:
        canvas.soft(shadows, (24, 22, 40), blur=canvas.height / 260, alpha=alpha)


def paint_grass(
    canvas: Canvas,
    rng: np.random.Generator,
    span: tuple[float, float],
    color: Color,
    *,
    count: int,
) -> None:
    """Paint tufts of grass and some flowers, larger towards the viewer."""
    top, low = span
    places = sorted(between(rng, 0, 1) ** 0.9 for _ in range(count))
    petals: tuple[Color, ...] = palette("faf6e6 f4d060 e27882")
    for number, depth in enumerate(places):
        x, y = between(rng, 0, canvas.width), top + (low - top) * depth
        size = canvas.height * (0.006 + 0.03 * depth)
        tone = mix(color, WHITE if number % 2 else BLACK, 0.14)
        for lean in (-0.5, 0.05, 0.55):
            tip = (x + lean * size, y - size * (1 - abs(lean) * 0.4))
            canvas.shape(limb((x, y), tip, size * 0.07 + 0.2, 0.15), tone, alpha=0.6)
        if number % 5 == 0:
            petal = petals[number // 5 % 3]
            dot = size * 0.12 + 0.5
            canvas.shape(ellipse(x, y - size, dot, dot, steps=10), petal, alpha=0.9)


def paint_planks(
    canvas: Canvas, rng: np.random.Generator, span: tuple[float, float], color: Color
) -> None:
    """Paint boards that run away from the viewer, with a little grain."""
    top, low = span
    width = canvas.width
    canvas.shape(
        box(-2, top, width + 2, low), lighter(color, 0.12), darker(color, 0.18)
    )
    for board in range(-6, 14):
        near, far = (board / 7 - 0.1) * width, (0.5 + (board / 7 - 0.6) * 0.6) * width
        seam = [(far, top), (far + 1.2, top), (near + 2.4, low), (near, low)]
        canvas.shape(polygon(seam), darker(color, 0.45), alpha=0.55)
        for _ in range(5):
            t = between(rng, 0.05, 0.9)
            x, y = (
                far + (near - far) * t + between(rng, 4, width / 9),
                top + (low - top) * t,
            )
            canvas.shape(
                ellipse(x, y, 12, 0.7, steps=12), darker(color, 0.3), alpha=0.3
            )


def paint_window_grid(
    canvas: Canvas, frame: tuple[float, float, float, float], glass: Color, bar: Color
) -> None:
    """Paint a window with its bars."""
    x1, y1, x2, y2 = frame
    edge = max((x2 - x1) * 0.09, 0.7)
    canvas.shape(
        rounded_box(x1 - edge, y1 - edge, x2 + edge, y2 + edge, edge * 0.5), bar
    )
    canvas.shape(box(x1, y1, x2, y2), lighter(glass, 0.2), glass)
    middle = (x1 + x2) / 2
    canvas.shape(box(middle - edge * 0.3, y1, middle + edge * 0.3, y2), bar)
    canvas.shape(
        box(
            x1,
            y1 + (y2 - y1) * 0.42 - edge * 0.3,
            x2,
            y1 + (y2 - y1) * 0.42 + edge * 0.3,
        ),
        bar,
    )


def paint_plant(
    canvas: Canvas,
    rng: np.random.Generator,
    light: Light,
    place: tuple[float, float, float],
) -> None:
    """Paint a potted plant."""
    x, y, tall = place
    for n in range(15):
        lean = (n - 7) / 7
        tip = (
            x + lean * tall * 0.42,
            y - tall * (0.98 - 0.4 * abs(lean)) * between(rng, 0.85, 1.05),
        )
        leaf = darker(light.on((84, 132, 88)), between(rng, 0, 0.3))
        bend = (x + lean * tall * 0.16, y - tall * 0.55)
        canvas.shape(limb((x, y - tall * 0.25), bend, tall * 0.012, tall * 0.03), leaf)
        canvas.shape(limb(bend, tip, tall * 0.034, tall * 0.004), leaf)
    pot = light.on((196, 112, 82))
    sides = [
        (x - tall * 0.17, y - tall * 0.3),
        (x + tall * 0.17, y - tall * 0.3),
        (x + tall * 0.12, y),
        (x - tall * 0.12, y),
    ]
    canvas.shape(polygon(sides), lighter(pot, 0.1), darker(pot, 0.25))
    canvas.shape(
        rounded_box(
            x - tall * 0.19, y - tall * 0.34, x + tall * 0.19, y - tall * 0.27, 2
        ),
        pot,
    )
