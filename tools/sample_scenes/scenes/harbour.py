"""A harbour: boats near and far, people on the quay, gulls everywhere."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from tools.sample_scenes import sketches
from tools.sample_scenes.outlines import box, ellipse, limb, polygon
from tools.sample_scenes.painting import Canvas
from tools.sample_scenes.patches import (
    Color,
    between,
    darker,
    lighter,
    mix,
    palette,
    pick,
)
from tools.sample_scenes.scenes.composer import Composer, Item, Light, Scene
from tools.sample_scenes.scenes.scenery import (
    paint_fir,
    paint_hills,
    paint_reflections,
    paint_shadows,
    paint_sky,
    paint_water,
    ridge,
)

HORIZON, QUAY = 0.44, 0.86


def harbour(composer: Composer) -> Scene:
    """Compose a harbour; the busier, the more boats and gulls are far away."""
    seed = int(composer.between(0, 2**31))
    wanted = composer.num_objects
    _put_boats(composer, [composer.between(0.55, 0.8) for _ in range(1 + (wanted > 4))])
    _put_quay(composer, people=wanted // 5, gulls=1 + wanted // 8)
    _put_boats(composer, [composer.between(0.12, 0.4) for _ in range(wanted // 4)])
    _put_gulls(composer, wanted // 4)
    far = max(0, wanted - len(composer.items))
    _put_boats(composer, [composer.between(0.005, 0.09) for _ in range(far)])
    return composer.scene(partial(_paint, light=composer.light, seed=seed))


def _put_boats(composer: Composer, depths: list[float]) -> None:
    """Put a boat at each depth: 0 is the horizon, 1 the quay."""
    height = composer.height
    for x, depth in zip(composer.places(len(depths)), depths, strict=False):
        y = (HORIZON + (QUAY - HORIZON) * depth) * height
        size = (0.007 + 0.625 * depth) * composer.unit
        haze = 0.4 * (1 - depth) ** 3
        if composer.chance(0.62):
            sketch = composer.turned(sketches.sailboat)
            composer.put("boat", sketch, (x, y, size), haze=haze)
        else:
            sketch = composer.turned(sketches.fishing_boat)
            composer.put("boat", sketch, (x, y, size * 0.45), haze=haze)


def _put_quay(composer: Composer, *, people: int, gulls: int) -> None:
    """Put people and gulls on the quay."""
    height = composer.height
    for x in composer.places(people, 0.1, 0.95):
        y = composer.between(0.915, 0.99) * height
        sketch = composer.turned(sketches.person)
        composer.put(
            "person", sketch, (x, y, composer.between(0.29, 0.34) * composer.unit)
        )
    for x in composer.places(gulls, 0.04, 0.9):
        sketch = composer.turned(sketches.perched_bird)
        y = composer.between(0.885, 0.98) * height
        composer.put(
            "bird", sketch, (x, y, composer.between(0.06, 0.085) * composer.unit)
        )


def _put_gulls(composer: Composer, count: int) -> None:
    """Put gulls into the air, small ones far away."""
    for x in composer.places(count):
        size = composer.between(0.008, 0.05) ** 1.1 * composer.unit
        y = composer.between(0.05, 0.36) * composer.height
        sketch = composer.turned(sketches.bird)
        tilt = composer.between(-0.35, 0.35)
        composer.put("bird", sketch, (x, y, size), haze=0.1, depth=0.0, tilt=tilt)


def _paint(canvas: Canvas, items: Sequence[Item], *, light: Light, seed: int) -> None:
    """Paint sky, coast, water and quay."""
    rng = np.random.default_rng(seed)
    width, height = canvas.width, canvas.height
    horizon, quay = HORIZON * height, QUAY * height
    sun_x, _ = paint_sky(canvas, rng, light, horizon)
    far = mix(light.on((104, 130, 150)), light.haze, 0.55)
    paint_hills(
        canvas,
        ridge(rng, width, horizon, 0.14 * height),
        (far, light.haze),
        down_to=horizon,
    )
    near = mix(light.on((88, 122, 108)), light.haze, 0.3)
    coast = ridge(rng, width * 0.52, horizon + 2, 0.09 * height)
    coast = [
        (x, horizon + (y - horizon) * (1 - (x / width / 0.52) ** 3)) for x, y in coast
    ]
    paint_hills(canvas, coast, (near, darker(near, 0.15)), down_to=horizon + 1)
    for x, y in coast[2:60:3]:
        paint_fir(
            canvas, (x, y + 2, between(rng, 0.02, 0.04) * height), darker(near, 0.25)
        )
    _paint_village(canvas, rng, light, horizon)
    _paint_lighthouse(canvas, light, (0.47 * width, horizon + 2, 0.2 * height))
    water = (
        mix(light.sky[-1][1], light.on((70, 128, 150)), 0.5),
        light.on((28, 78, 104)),
    )
    paint_water(
        canvas, rng, (horizon, quay + 2), water, (sun_x, lighter(light.sun, 0.2))
    )
    boats = [item for item in items if item.category == "boat"]
    paint_reflections(canvas, boats, alpha=0.3)
    _paint_quay(canvas, rng, light)
    standing = [item for item in items if item.depth > quay]
    paint_shadows(canvas, standing, alpha=0.36)


def _paint_village(
    canvas: Canvas, rng: np.random.Generator, light: Light, base: float
) -> None:
    """Paint small houses on the shore."""
    width, height = canvas.width, canvas.height
    walls: tuple[Color, ...] = palette("eee2ce d89674 e2c48c b2c4c8")
    x = 0.03 * width
    while x < 0.36 * width:
        wide, tall = (
            between(rng, 0.022, 0.04) * width,
            between(rng, 0.03, 0.05) * height,
        )
        wall = mix(light.on(pick(rng, walls)), light.haze, 0.25)
        roof = mix(light.on((164, 84, 68)), light.haze, 0.25)
        canvas.shape(box(x, base - tall, x + wide, base + 1), wall, darker(wall, 0.12))
        gable = [
            (x - 1, base - tall),
            (x + wide / 2, base - tall * 1.55),
            (x + wide + 1, base - tall),
        ]
        canvas.shape(polygon(gable), roof)
        for n in range(2):
            left = x + wide * (0.2 + 0.4 * n)
            glass = (255, 210, 130) if light.is_dark else mix(wall, (60, 70, 90), 0.6)
            canvas.shape(
                box(left, base - tall * 0.7, left + wide * 0.2, base - tall * 0.35),
                glass,
            )
        x += wide * between(rng, 0.95, 1.5)


def _paint_lighthouse(
    canvas: Canvas, light: Light, place: tuple[float, float, float]
) -> None:
    """Paint a striped lighthouse on a rock."""
    x, y, tall = place
    red, white = (
        mix(light.on(c), light.haze, 0.15) for c in ((202, 74, 62), (246, 240, 230))
    )
    rock = mix(light.on((110, 106, 110)), light.haze, 0.2)
    canvas.shape(ellipse(x, y, tall * 0.42, tall * 0.12), rock)
    for band in range(5):
        low, high = y - tall * (0.05 + 0.15 * band), y - tall * (0.2 + 0.15 * band)
        a, b = tall * (0.085 - 0.009 * band), tall * (0.085 - 0.009 * (band + 1))
        stripe = [(x - a, low), (x - b, high), (x + b, high), (x + a, low)]
        canvas.shape(polygon(stripe), red if band % 2 else white)
    top = y - tall * 0.8
    canvas.shape(box(x - tall * 0.055, top, x + tall * 0.055, top + 2), rock)
    canvas.shape(
        box(x - tall * 0.03, top - tall * 0.08, x + tall * 0.03, top), (255, 236, 180)
    )
    canvas.shape(
        polygon(
            [
                (x - tall * 0.045, top - tall * 0.08),
                (x, top - tall * 0.15),
                (x + tall * 0.045, top - tall * 0.08),
            ]
        ),
        red,
    )
    if light.is_dark:
        canvas.glow(x, top - tall * 0.04, tall * 0.8, (255, 240, 190), alpha=0.8)


def _paint_quay(canvas: Canvas, rng: np.random.Generator, light: Light) -> None:
    """Paint the stones of the quay and its bollards."""
    width, height = canvas.width, canvas.height
    top = QUAY * height
    stone = light.on((182, 168, 152))
    canvas.shape(
        box(-2, top, width + 2, height + 2), lighter(stone, 0.12), darker(stone, 0.16)
    )
    canvas.shape(box(-2, top, width + 2, top + 0.014 * height), lighter(stone, 0.3))
    canvas.shape(
        box(-2, top + 0.014 * height, width + 2, top + 0.02 * height),
        darker(stone, 0.35),
        alpha=0.6,
    )
    for row, y in enumerate((0.915, 0.965)):
        canvas.shape(
            box(-2, y * height, width + 2, y * height + 1),
            darker(stone, 0.4),
            alpha=0.4,
        )
        for n in range(-1, 9):
            x = (n + 0.5 * row + between(rng, 0, 0.25)) * width / 7
            canvas.shape(
                limb((x, y * height), (x - 9, (y + 0.05) * height), 0.5, 0.6),
                darker(stone, 0.4),
                alpha=0.4,
            )
    iron = light.on((58, 60, 68))
    for x in (0.22 * width, 0.55 * width, 0.88 * width):
        canvas.shape(
            limb(
                (x, top + 0.02 * height),
                (x, top - 0.03 * height),
                0.012 * height,
                0.01 * height,
            ),
            iron,
        )
        canvas.shape(
            ellipse(x, top - 0.035 * height, 0.019 * height, 0.011 * height),
            lighter(iron, 0.15),
            iron,
        )
