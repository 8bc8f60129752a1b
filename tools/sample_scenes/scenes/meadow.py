"""A meadow: sheep on the slope, people with kites, birds over the hills."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from tools.sample_scenes import sketches
from tools.sample_scenes.outlines import limb, polygon
from tools.sample_scenes.painting import Canvas
from tools.sample_scenes.patches import between, darker, lighter, mix
from tools.sample_scenes.scenes.composer import Composer, Item, Light, Scene
from tools.sample_scenes.scenes.scenery import (
    paint_fir,
    paint_grass,
    paint_hills,
    paint_shadows,
    paint_sky,
    paint_tree,
    ridge,
)

HORIZON = 0.5


def meadow(composer: Composer) -> Scene:
    """Compose a meadow; the busier, the more sheep stand far up the slope."""
    seed = int(composer.between(0, 2**31))
    wanted = composer.num_objects
    depths = [composer.between(0.62, 0.86) for _ in range(1 + (wanted > 2))]
    _put_sheep(composer, depths)
    strings = _put_kites(composer, wanted // 6)
    _put_sheep(composer, [composer.between(0.2, 0.5) for _ in range(wanted // 3)])
    _put_birds(composer, wanted // 5)
    rest = max(0, wanted - len(composer.items))
    _put_sheep(composer, [composer.between(0.0, 0.14) for _ in range(rest)])
    paint = partial(_paint, light=composer.light, seed=seed, strings=strings)
    return composer.scene(paint)


def _put_sheep(composer: Composer, depths: list[float]) -> None:
    """Put a sheep at each depth: 0 is the far end of the meadow, 1 the near one."""
    height = composer.height
    for x, depth in zip(composer.places(len(depths), 0.02, 0.98), depths, strict=False):
        y = (HORIZON + 0.075 + (0.98 - HORIZON) * depth) * height
        size = (0.016 + 0.36 * depth**1.15) * composer.unit
        sketch = composer.turned(sketches.sheep)
        composer.put("sheep", sketch, (x, y, size), haze=0.3 * (1 - depth) ** 3)


def _put_kites(composer: Composer, count: int) -> list[list[tuple[float, float]]]:
    """Put kites with somebody who holds each; the ends of the strings."""
    height, strings = composer.height, []
    for number, x in enumerate(composer.places(count, 0.08, 0.92)):
        if composer.num_objects - len(composer.items) < 2:
            break
        depth = (0.3, 0.12)[number % 2]
        y = (HORIZON + 0.075 + (0.98 - HORIZON) * depth) * height
        tall = (0.05 + 0.55 * depth) * composer.unit
        composer.put("person", composer.turned(sketches.person), (x, y, tall))
        size = composer.between(0.5, 1.15) * tall + 0.02 * composer.unit
        kite_x = x + composer.between(-0.16, 0.16) * composer.width
        kite_y = composer.between(0.3, 0.42) * height
        item = composer.put(
            "kite", sketches.kite(composer.rng), (kite_x, kite_y, size), depth=1.0
        )
        x1, y1, x2, y2 = item.bounds
        strings.append(
            [(x + 0.08 * tall, y - 0.5 * tall), ((x1 + x2) / 2, y1 + 0.3 * (y2 - y1))]
        )
    return strings


def _put_birds(composer: Composer, count: int) -> None:
    """Put birds into the sky."""
    for x in composer.places(count):
        size = composer.between(0.008, 0.03) * composer.unit
        y = composer.between(0.06, 0.34) * composer.height
        sketch = composer.turned(sketches.bird)
        composer.put(
            "bird",
            sketch,
            (x, y, size),
            haze=0.25,
            depth=0.0,
            tilt=composer.between(-0.3, 0.3),
        )


def _paint(
    canvas: Canvas,
    items: Sequence[Item],
    *,
    light: Light,
    seed: int,
    strings: list[list[tuple[float, float]]],
) -> None:
    """Paint sky, three ranges of hills, trees, a fence and grass."""
    rng = np.random.default_rng(seed)
    width, height = canvas.width, canvas.height
    horizon = HORIZON * height
    paint_sky(canvas, rng, light, horizon + 0.06 * height)
    hills = (
        (-0.03, 0.2, (116, 146, 164), 0.55),
        (0.02, 0.13, (112, 150, 120), 0.36),
        (0.06, 0.07, (124, 164, 98), 0.16),
    )
    for shift, rise, tone, haze in hills:
        color = mix(light.on(tone), light.haze, haze)
        line = ridge(rng, width, horizon + shift * height, rise * height)
        paint_hills(
            canvas, line, (color, darker(color, 0.08)), down_to=horizon + 0.14 * height
        )
        for x, y in line[4::7]:
            tall = between(rng, 0.02, 0.05) * height * (1.2 - haze)
            if rng.random() < 0.6:
                paint_fir(
                    canvas, (x + between(rng, -6, 6), y + 3, tall), darker(color, 0.22)
                )
    grass = light.on((126, 172, 88))
    line = ridge(rng, width, horizon + 0.07 * height, 0.025 * height)
    paint_hills(
        canvas,
        line,
        (mix(grass, light.haze, 0.2), mix(grass, (40, 84, 50), 0.42)),
        down_to=height + 2,
    )
    for spot, tall in ((0.07, 0.3), (0.93, 0.24), (0.8, 0.16)):
        leaf = mix(light.on((92, 138, 74)), light.haze, 0.1)
        place = (spot * width, horizon + (0.03 + tall * 0.3) * height, tall * height)
        paint_tree(canvas, rng, place, leaf, light.on((92, 72, 58)))
    _paint_fence(canvas, light, horizon + 0.085 * height)
    paint_grass(
        canvas,
        rng,
        (horizon + 0.1 * height, height),
        mix(grass, (60, 110, 56), 0.3),
        count=330,
    )
    for low, high in strings:
        canvas.shape(limb(low, high, 0.45, 0.3), lighter(light.haze, 0.5), alpha=0.8)
    grounded = [item for item in items if item.depth > horizon]
    paint_shadows(canvas, grounded, alpha=0.4, flat=0.09)


def _paint_fence(canvas: Canvas, light: Light, y: float) -> None:
    """Paint a far wooden fence across the meadow."""
    height = canvas.height
    wood = mix(light.on((150, 120, 92)), light.haze, 0.2)
    posts = []
    for n in range(24):
        x = canvas.width * n / 22
        sway = y + height * 0.008 * np.sin(n * 0.7)
        posts.append((x, float(sway)))
        canvas.shape(
            limb((x, sway), (x, sway - 0.036 * height), 1.1, 0.9),
            wood,
            darker(wood, 0.3),
        )
    for rail in (0.013, 0.026):
        top = [(x, p - rail * height) for x, p in posts]
        low = [(x, p - rail * height + 1.3) for x, p in reversed(posts)]
        canvas.shape(polygon(top + low), wood)
