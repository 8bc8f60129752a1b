"""A table by the window: cups, bottles and books, large and near."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from tools.sample_scenes import sketches
from tools.sample_scenes.outlines import box, ellipse, limb, polygon, rounded_box
from tools.sample_scenes.painting import Canvas
from tools.sample_scenes.patches import (
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
    paint_planks,
    paint_plant,
    paint_shadows,
    ridge,
)

EDGE = 0.6  # where the table meets the wall


def table(composer: Composer) -> Scene:
    """Compose a table; a few large things, more of them further back."""
    seed = int(composer.between(0, 2**31))
    wanted = composer.num_objects
    near = min(wanted // 4 + 1, 3)
    for x in composer.places(near, 0.08, 0.92):
        _put_near(composer, x)
    for number, x in enumerate(composer.places(max(0, wanted - near), 0.02, 0.98)):
        _put_back(composer, x, number)
    return composer.scene(partial(_paint, light=composer.light, seed=seed))


def _put_near(composer: Composer, x: float) -> None:
    """Put a large cup, or now and then a book, on the front of the table."""
    y = composer.between(0.88, 0.96) * composer.height
    if composer.chance(0.2):
        sketch = composer.turned(sketches.lying_book)
        composer.put("book", sketch, (x, y, 0.07 * composer.unit))
        return
    sketch = composer.turned(sketches.cup)
    place = (x, y, composer.between(0.24, 0.31) * composer.unit)
    composer.put("cup", sketch, place)


def _put_back(composer: Composer, x: float, number: int) -> None:
    """Put a bottle, a cup or a pile of books on the back of the table."""
    height = composer.height
    y = composer.between(0.68, 0.78) * height
    kind = number % 3
    if kind == 0:
        sketch = sketches.bottle(composer.rng)
        composer.put(
            "bottle", sketch, (x, y, composer.between(0.36, 0.46) * composer.unit)
        )
    elif kind == 1:
        _put_pile(composer, x, y + 0.03 * height)
    else:
        sketch = composer.turned(sketches.cup)
        composer.put(
            "cup", sketch, (x, y, composer.between(0.13, 0.17) * composer.unit)
        )


def _put_pile(composer: Composer, x: float, y: float) -> None:
    """Put some lying books on each other, sometimes with a cup on top."""
    depth = y
    for _ in range(1 + int(composer.between(0, 3.2))):
        if composer.is_full:
            return
        thick = composer.between(0.036, 0.05) * composer.unit
        sketch = composer.turned(sketches.lying_book)
        composer.put(
            "book", sketch, (x + composer.between(-8, 8), y, thick), depth=depth
        )
        y -= thick
        depth += 0.01
    if composer.chance(0.5) and not composer.is_full:
        sketch = composer.turned(sketches.cup)
        composer.put(
            "cup",
            sketch,
            (x, y + 2, composer.between(0.1, 0.13) * composer.unit),
            depth=depth,
        )


def _paint(canvas: Canvas, items: Sequence[Item], *, light: Light, seed: int) -> None:
    """Paint the wall, a window with a view, and the boards of the table."""
    rng = np.random.default_rng(seed)
    width, height = canvas.width, canvas.height
    edge = EDGE * height
    papers: tuple[Color, ...] = palette("cec4b0 a0b8b4 d6b298 96a0b8")
    wall = light.on(pick(rng, papers))
    canvas.shape(box(-2, -2, width + 2, edge), lighter(wall, 0.1), darker(wall, 0.1))
    for n in range(40):
        x = width * n / 38
        canvas.shape(box(x, -2, x + width / 90, edge), WHITE, alpha=0.07)
    frame = (0.3 * width, 0.05 * height, 0.72 * width, 0.5 * height)
    _paint_window(canvas, rng, light, frame)
    paint_plant(canvas, rng, light, (0.12 * width, edge + 0.03 * height, 0.34 * height))
    paint_planks(canvas, rng, (edge, height + 2), light.on((176, 122, 80)))
    canvas.shape(box(-2, edge - 2, width + 2, edge + 2), light.on((112, 74, 50)))
    pool = [
        (0.34 * width, edge),
        (0.66 * width, edge),
        (0.9 * width, height),
        (0.22 * width, height),
    ]
    canvas.soft([polygon(pool)], lighter(light.sun, 0.2), blur=height / 24, alpha=0.26)
    paint_shadows(
        canvas, [item for item in items if item.depth > edge], alpha=0.5, flat=0.12
    )
    for item in items:
        if item.category == "cup":
            x1, y1, x2, _ = item.bounds
            _paint_steam(canvas, rng, (x1 * 0.62 + x2 * 0.38, y1, x2 - x1))


def _paint_window(
    canvas: Canvas,
    rng: np.random.Generator,
    light: Light,
    frame: tuple[float, float, float, float],
) -> None:
    """Paint a window, the hills outside, curtains and a sill."""
    x1, y1, x2, y2 = frame
    tall, wide = y2 - y1, x2 - x1
    wood = light.on((246, 242, 232))
    canvas.shape(
        rounded_box(x1 - 9, y1 - 9, x2 + 9, y2 + 9, 4), wood, darker(wood, 0.15)
    )
    canvas.shape(box(x1, y1, x2, y1 + tall * 0.45), light.sky[0][1], light.sky[1][1])
    canvas.shape(box(x1, y1 + tall * 0.44, x2, y2), light.sky[1][1], light.sky[-1][1])
    canvas.shape(
        ellipse(x1 + wide * 0.7, y1 + tall * 0.34, 11, 11), lighter(light.sun, 0.4)
    )
    for level, tone in ((0.82, (126, 160, 160)), (0.95, (110, 156, 104))):
        line = [
            (x1 + x, y) for x, y in ridge(rng, wide, y1 + tall * level, tall * 0.25)
        ]
        color = mix(light.on(tone), light.haze, 0.3)
        paint_hills(canvas, line, (color, darker(color, 0.1)), down_to=y2)
    middle = (x1 + x2) / 2
    canvas.shape(box(middle - 3, y1, middle + 3, y2), wood)
    canvas.shape(box(x1, y1 + tall * 0.4, x2, y1 + tall * 0.4 + 5), wood)
    canvas.shape(box(x1 - 18, y2 + 6, x2 + 18, y2 + 15), wood, darker(wood, 0.25))
    cloth = light.on((224, 130, 104))
    for side, start in ((1, x1 - 22), (-1, x2 + 22)):
        for fold in range(5):
            a, b = start + side * fold * 11, start + side * (fold + 1.15) * 11
            panel = [
                (a, y1 - 20),
                (b, y1 - 20),
                (b - side * fold * 2.4, y2 + 30),
                (a - side * fold * 2.2, y2 + 30),
            ]
            canvas.shape(
                polygon(panel),
                lighter(cloth, 0.18 - 0.06 * (fold % 3)),
                darker(cloth, 0.12),
            )
    canvas.shape(
        limb((x1 - 40, y1 - 20), (x2 + 40, y1 - 20), 3, 3), light.on((110, 80, 60))
    )


def _paint_steam(
    canvas: Canvas, rng: np.random.Generator, place: tuple[float, float, float]
) -> None:
    """Paint steam over something hot."""
    x, y, wide = place
    wisps = []
    for n in range(3):
        sway = between(rng, 0, 6)
        for step in range(12):
            rise = step / 11
            cx = x + (n - 1) * wide * 0.14 + wide * 0.06 * np.sin(sway + rise * 5)
            wisps.append(
                ellipse(
                    float(cx),
                    y - rise * wide * 0.6,
                    wide * 0.018 * (1 + rise),
                    wide * 0.05,
                )
            )
    canvas.soft(wisps, WHITE, blur=wide * 0.03, alpha=0.4)
