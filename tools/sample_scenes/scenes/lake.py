"""A lake in the evening: a great flock of birds, ducks on the water, a boat."""

from collections.abc import Sequence
from functools import partial
from math import pi, sin

import numpy as np

from tools.sample_scenes import sketches
from tools.sample_scenes.outlines import ellipse, limb
from tools.sample_scenes.painting import Canvas
from tools.sample_scenes.patches import between, darker, lighter, mirrored, mix
from tools.sample_scenes.scenes.composer import Composer, Item, Light, Scene
from tools.sample_scenes.scenes.scenery import (
    paint_fir,
    paint_hills,
    paint_reflections,
    paint_sky,
    paint_water,
    ridge,
)

HORIZON = 0.6


def lake(composer: Composer) -> Scene:
    """Compose a lake; the birds that are wanted beyond a few ducks are in the air."""
    seed = int(composer.between(0, 2**31))
    wanted = composer.num_objects
    _put_ducks(
        composer, [composer.between(0.45, 0.85) for _ in range(1 + (wanted > 3))]
    )
    if wanted > 5:
        place = (
            0.72 * composer.width,
            (HORIZON + 0.07) * composer.height,
            0.24 * composer.unit,
        )
        composer.put("boat", composer.turned(sketches.sailboat), place)
    _put_ducks(
        composer, [composer.between(0.05, 0.35) for _ in range(min(wanted // 4, 9))]
    )
    _put_flock(composer)
    return composer.scene(partial(_paint, light=composer.light, seed=seed))


def _put_ducks(composer: Composer, depths: list[float]) -> None:
    """Put a duck at each depth: 0 is the far shore, 1 the near one."""
    height = composer.height
    for x, depth in zip(composer.places(len(depths), 0.06, 0.94), depths, strict=False):
        y = (HORIZON + 0.03 + (0.97 - HORIZON) * depth) * height
        sketch = composer.turned(sketches.swimming_bird)
        composer.put("bird", sketch, (x, y, (0.012 + 0.26 * depth) * composer.unit))


def _put_flock(composer: Composer) -> None:
    """Fill up with birds along a swung band across the sky, thin at its ends."""
    missing = max(0, composer.num_objects - len(composer.items))
    for number in range(missing):
        t = (number + composer.between(0.1, 0.9)) / missing
        swing = 0.26 + 0.1 * sin(1.2 + 4.4 * t)
        spread = 0.03 + 0.17 * sin(pi * t)
        y = swing + composer.between(-1, 1) * spread
        size = 0.004 + 0.013 * composer.between(0, 1) ** 2
        if number % 12 == 0:
            size *= 2.2
        sketch = mirrored(sketches.bird(composer.rng))
        x = (0.02 + 0.96 * t) * composer.width
        composer.put(
            "bird",
            sketch,
            (x, y * composer.height, size * composer.unit),
            depth=size,
            haze=0.15,
            tilt=composer.between(-0.35, 0.35),
        )


def _paint(canvas: Canvas, items: Sequence[Item], *, light: Light, seed: int) -> None:
    """Paint sky, mountains, the far wood, water and reeds."""
    rng = np.random.default_rng(seed)
    width, height = canvas.width, canvas.height
    horizon = HORIZON * height
    sun_x, _ = paint_sky(canvas, rng, light, horizon)
    for rise, tone, haze in ((0.2, (96, 104, 142), 0.5), (0.1, (70, 84, 112), 0.3)):
        color = mix(light.on(tone), light.haze, haze)
        line = ridge(rng, width, horizon, rise * height)
        paint_hills(canvas, line, (color, mix(color, light.haze, 0.4)), down_to=horizon)
    wood = light.on((44, 70, 70))
    for n in range(120):
        tall = (0.02 + 0.03 * abs(sin(n * 0.7)) + between(rng, 0, 0.02)) * height
        paint_fir(
            canvas,
            (width * n / 118, horizon + 2, tall),
            mix(wood, light.haze, between(rng, 0.05, 0.25)),
        )
    water = (mix(light.sky[-1][1], wood, 0.3), light.on((34, 52, 92)))
    paint_water(
        canvas, rng, (horizon, height + 2), water, (sun_x, lighter(light.sun, 0.2))
    )
    paint_reflections(
        canvas, [item for item in items if item.depth > horizon], alpha=0.18
    )
    reed = light.on((74, 84, 60))
    for x0, count in ((0.02, 34), (0.98, 30)):
        for _ in range(count):
            x = (x0 + between(rng, -0.09, 0.09)) * width
            tip = (
                x + between(rng, -0.03, 0.03) * width,
                between(rng, 0.66, 0.86) * height,
            )
            color = darker(reed, between(rng, 0, 0.4))
            canvas.shape(limb((x, height + 3), tip, 1.7, 0.4), color)
            if rng.random() < 0.3:
                head = light.on((96, 62, 44))
                canvas.shape(ellipse(tip[0], tip[1] + 5, 2.3, 8), head)
