"""A beach: umbrellas and people on the sand, boats at sea, kites and gulls above."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from tools.sample_scenes import sketches
from tools.sample_scenes.outlines import ellipse, limb, polygon
from tools.sample_scenes.painting import Canvas
from tools.sample_scenes.patches import (
    BLACK,
    WHITE,
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
    paint_hills,
    paint_shadows,
    paint_sky,
    paint_water,
    ridge,
)

HORIZON, SHORE = 0.4, 0.56


def beach(composer: Composer) -> Scene:
    """Compose a beach; a busy one has a far crowd at the water's edge."""
    seed = int(composer.between(0, 2**31))
    wanted = composer.num_objects
    if wanted > 12:
        _put_bathers(composer)
    _put_umbrellas(
        composer, [composer.between(0.5, 0.8) for _ in range(1 + (wanted > 6))]
    )
    _put_people(
        composer, [composer.between(0.45, 0.95) for _ in range(1 + wanted // 7)]
    )
    _put_flyers(composer, kites=wanted // 7, gulls=wanted // 6)
    _put_umbrellas(composer, [composer.between(0.08, 0.35) for _ in range(wanted // 6)])
    _put_boats(composer, wanted // 6)
    rest = max(0, wanted - len(composer.items))
    _put_people(composer, [composer.between(0.01, 0.3) for _ in range(rest)])
    return composer.scene(partial(_paint, light=composer.light, seed=seed))


def _ground(composer: Composer, depth: float) -> tuple[float, float]:
    """Y and the height of a person at a depth: 0 the shore, 1 the near edge."""
    y = SHORE + 0.025 + (1.0 - SHORE) * depth
    return y * composer.height, (0.055 + 0.36 * depth) * composer.unit


def _put_umbrellas(composer: Composer, depths: list[float]) -> None:
    """Put an umbrella at each depth."""
    for x, depth in zip(composer.places(len(depths), 0.05, 0.95), depths, strict=False):
        y, tall = _ground(composer, depth)
        tilt = composer.between(-0.2, 0.2)
        sketch = sketches.umbrella(composer.rng)
        composer.put(
            "umbrella",
            sketch,
            (x, y, tall * 1.3),
            tilt=tilt,
            haze=0.2 * (1 - depth) ** 2,
        )


def _put_people(composer: Composer, depths: list[float]) -> None:
    """Put somebody at each depth."""
    for x, depth in zip(composer.places(len(depths)), depths, strict=False):
        y, tall = _ground(composer, depth)
        sketch = composer.turned(sketches.person)
        place = (x, y, tall * composer.between(0.85, 1.05))
        composer.put("person", sketch, place, haze=0.2 * (1 - depth) ** 2)


def _put_bathers(composer: Composer) -> None:
    """Put a far group of people as one crowd region."""
    start = composer.between(0.1, 0.6) * composer.width
    group = []
    for _ in range(22):
        depth = composer.between(-0.02, 0.03)
        y, tall = _ground(composer, depth)
        x = start + composer.between(0, 0.24) * composer.width
        group.append((composer.turned(sketches.person), x, y, tall * 0.85))
    composer.put_crowd("person", group, haze=0.2)


def _put_flyers(composer: Composer, *, kites: int, gulls: int) -> None:
    """Put kites and gulls into the air."""
    height = composer.height
    for x in composer.places(kites, 0.08, 0.92):
        place = (
            x,
            composer.between(0.26, 0.36) * height,
            composer.between(0.08, 0.22) * composer.unit,
        )
        tilt = composer.between(-0.35, 0.35)
        composer.put("kite", sketches.kite(composer.rng), place, depth=1.0, tilt=tilt)
    for x in composer.places(gulls):
        sketch = composer.turned(sketches.bird)
        place = (
            x,
            composer.between(0.06, 0.34) * height,
            composer.between(0.01, 0.045) * composer.unit,
        )
        composer.put("bird", sketch, place, depth=0.0, tilt=composer.between(-0.3, 0.3))


def _put_boats(composer: Composer, count: int) -> None:
    """Put sails on the sea."""
    height = composer.height
    for x in composer.places(count):
        depth = composer.between(0.0, 1.0) ** 2
        y = (HORIZON + 0.006 + 0.09 * depth) * height
        sketch = composer.turned(sketches.sailboat)
        composer.put(
            "boat", sketch, (x, y, (0.02 + 0.16 * depth) * composer.unit), haze=0.25
        )


def _paint(canvas: Canvas, items: Sequence[Item], *, light: Light, seed: int) -> None:
    """Paint sky, a headland, the sea with surf, and sand."""
    rng = np.random.default_rng(seed)
    width, height = canvas.width, canvas.height
    horizon, shore = HORIZON * height, SHORE * height
    sun_x, _ = paint_sky(canvas, rng, light, horizon)
    land = mix(light.on((104, 140, 124)), light.haze, 0.45)
    cape = ridge(rng, width * 0.45, horizon, 0.13 * height)
    cape = [
        (width - x, horizon + (y - horizon) * (1 - (x / width / 0.45) ** 2))
        for x, y in cape
    ]
    paint_hills(canvas, cape, (land, mix(land, light.haze, 0.3)), down_to=horizon)
    deep = light.on((38, 124, 152))
    sea = (mix(deep, light.sky[-1][1], 0.25), light.on((112, 196, 196)))
    paint_water(
        canvas,
        rng,
        (horizon, shore + 0.03 * height),
        sea,
        (sun_x, lighter(light.sun, 0.3)),
    )
    sand = light.on((236, 208, 160))
    for shift, color, alpha in (
        (0.0, WHITE, 0.75),
        (0.012, mix(sand, (120, 100, 90), 0.3), 1.0),
        (0.045, sand, 1.0),
    ):
        line = [
            (
                x,
                shore
                + shift * height
                + (3 * np.sin(x / width * 11 + 1) + 2 * np.sin(x / width * 23))
                * height
                / 480,
            )
            for x in np.linspace(-2, width + 2, 60).tolist()
        ]
        edge = [*line, (width + 2, height + 2), (-2, height + 2)]
        canvas.shape(
            polygon(edge),
            lighter(color, 0.1),
            mix(color, (150, 100, 70), 0.22),
            alpha=alpha,
        )
    _paint_sand(canvas, rng, light, sand)
    grounded = [item for item in items if item.depth > shore]
    paint_shadows(canvas, grounded, alpha=0.34, flat=0.1)


def _paint_sand(
    canvas: Canvas, rng: np.random.Generator, light: Light, sand: Color
) -> None:
    """Paint ripples, shells, towels and tufts of beach grass."""
    width, height = canvas.width, canvas.height
    for _ in range(130):
        depth = between(rng, 0, 1)
        x, y = between(rng, 0, width), (SHORE + 0.07 + (1 - SHORE) * depth) * height
        tone = mix(sand, BLACK if rng.random() < 0.6 else WHITE, 0.25)
        canvas.shape(
            ellipse(x, y, (4 + 16 * depth) * height / 480, 0.5 + 0.7 * depth, steps=12),
            tone,
            alpha=0.3,
        )
    cloths: tuple[Color, ...] = palette("de6858 468ea0 f2c462")
    for _ in range(4):
        depth = between(rng, 0.15, 0.75)
        x, y = (
            between(rng, 0.05, 0.9) * width,
            (SHORE + 0.06 + (1 - SHORE) * depth) * height,
        )
        size = (14 + 74 * depth) * height / 480
        cloth = light.on(pick(rng, cloths))
        for band in range(5):
            a, b = x + size * band / 5, x + size * (band + 1) / 5
            lean = size * 0.22
            strip = [
                (a + lean, y - size * 0.2),
                (b + lean, y - size * 0.2),
                (b, y),
                (a, y),
            ]
            canvas.shape(
                polygon(strip), cloth if band % 2 == 0 else lighter(cloth, 0.7)
            )
    for x0 in (0.03, 0.97):
        for _ in range(26):
            x = (x0 + between(rng, -0.06, 0.06)) * width
            tip = (
                x + between(rng, -0.03, 0.03) * width,
                between(rng, 0.8, 0.92) * height,
            )
            blade = darker(light.on((134, 150, 92)), between(rng, 0, 0.3))
            canvas.shape(limb((x, height + 3), tip, 1.5, 0.3), blade)
