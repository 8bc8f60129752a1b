"""A bookshelf: rows of books, many of them eight times as high as wide."""

from collections.abc import Sequence
from functools import partial
from math import ceil

import numpy as np

from tools.sample_scenes import sketches
from tools.sample_scenes.outlines import box, limb
from tools.sample_scenes.painting import Canvas
from tools.sample_scenes.patches import BLACK, WHITE, between, darker, lighter, mix
from tools.sample_scenes.scenes.composer import Composer, Item, Light, Scene
from tools.sample_scenes.scenes.scenery import paint_plant

_BOARD = 0.035


def shelf(composer: Composer) -> Scene:
    """Compose boards of books; fewer books stand nearer."""
    seed = int(composer.between(0, 2**31))
    wanted, height = composer.num_objects, composer.height
    # So many boards that the books, at their usual width, about fill them.
    rows = max(1, ceil((wanted * height / (8.5 * composer.width)) ** 0.5))
    pitch = 0.96 / rows * height
    ends = []
    for row in range(rows):
        floor = (0.02 - _BOARD) * height + pitch * (row + 1)
        composer.num_objects = wanted * (row + 1) // rows
        ends.append((_fill_row(composer, floor, pitch * 0.9), floor))
    paint = partial(_paint, light=composer.light, seed=seed, ends=ends)
    return composer.scene(paint)


def _fill_row(composer: Composer, floor: float, room: float) -> float:
    """Put books side by side, here and there another thing; where they end."""
    margin = 0.06 * composer.width
    x, end = margin + composer.between(0, 8), composer.width - margin
    while x < end and not composer.is_full:
        if composer.chance(0.86):
            x = _put_books(composer, x, end, floor, room)
        else:
            x = _put_thing(composer, x, end, floor, room)
    return x


def _put_books(
    composer: Composer, x: float, end: float, floor: float, room: float
) -> float:
    """Put a few books next to each other, the last sometimes leaning on them."""
    for _ in range(3 + int(composer.between(0, 4))):
        tall = composer.between(0.62, 0.95) * room
        slimness = composer.between(3.6, 9.0)
        wide = tall / slimness
        if x + wide > end or composer.is_full:
            return end if x + wide > end else x
        sketch = sketches.upright_book(composer.rng, slimness)
        composer.put("book", sketch, (x + wide / 2, floor, tall))
        x += wide + 0.6
    if composer.chance(0.45) and not composer.is_full:
        tall, slimness = composer.between(0.6, 0.8) * room, composer.between(5.0, 8.0)
        wide, tilt = tall / slimness, composer.between(0.12, 0.24)
        if x + wide + tall * tilt < end:
            sketch = sketches.upright_book(composer.rng, slimness)
            # Leaning back, it stands on its right corner and touches its neighbour.
            place = (x + wide / 2 + tall * tilt + 1, floor - wide * tilt / 2, tall)
            composer.put("book", sketch, place, tilt=-tilt)
            return x + wide + tall * tilt + 4
    return x + 1


def _put_thing(
    composer: Composer, x: float, end: float, floor: float, room: float
) -> float:
    """Put a cup, a bottle or some lying books."""
    kind = composer.between(0, 3)
    if kind < 1:
        size = room * composer.between(0.3, 0.4)
        x += size * 0.85
        if x < end - size:
            composer.put("cup", sketches.cup(composer.rng), (x, floor, size))
        return x + size * 0.9
    if kind < 2:
        size = room * composer.between(0.7, 0.85)
        x += size * 0.22
        if x < end - size * 0.2:
            composer.put("bottle", sketches.bottle(composer.rng), (x, floor, size))
        return x + size * 0.24
    y, thick = floor, room * 0.1
    x += thick * 3.4
    for level in range(3):
        if x < end - thick * 3.4 and not composer.is_full:
            sketch = composer.turned(sketches.lying_book)
            composer.put("book", sketch, (x, y, thick), depth=floor + level * 0.01)
            y -= thick
    return x + thick * 3.6


def _paint(
    canvas: Canvas,
    items: Sequence[Item],
    *,
    light: Light,
    seed: int,
    ends: list[tuple[float, float]],
) -> None:
    """Paint the case, its boards, and the shadows of the books on its back."""
    rng = np.random.default_rng(seed)
    width, height = canvas.width, canvas.height
    wood = light.on((158, 108, 72))
    back = mix(wood, (40, 28, 30), 0.5)
    canvas.shape(
        box(-2, -2, width + 2, height + 2), lighter(back, 0.06), darker(back, 0.2)
    )
    for n in range(60):
        x, y = between(rng, 0, width), between(rng, 0, height)
        canvas.shape(
            limb((x, y), (x, y + between(rng, 20, 70)), 0.5, 0.3),
            mix(back, BLACK if n % 2 else WHITE, 0.25),
            alpha=0.3,
        )
    shadows = []
    for item in items:
        x1, y1, x2, y2 = item.bounds
        shadows.append(box(x1 + 5, y1 + 4, x2 + 7, y2))
    canvas.soft(shadows, (14, 8, 12), blur=height / 130, alpha=0.55)
    thick = _BOARD * height
    for x1, x2 in ((-2, 0.045 * width), (0.955 * width, width + 2)):
        canvas.shape(
            box(x1, -2, x2, height + 2), lighter(wood, 0.12), darker(wood, 0.1)
        )
        inner = x2 if x1 < 0 else x1
        canvas.shape(
            limb((inner, -2), (inner, height + 2), 1.2, 1.2), darker(wood, 0.4)
        )
    boards = [floor for _, floor in ends]
    for floor in [*boards, 0.02 * height - thick * 0.6]:
        canvas.soft(
            [box(0, floor + thick, width, floor + thick * 2)],
            (14, 8, 12),
            blur=thick * 0.4,
            alpha=0.5,
        )
        canvas.shape(
            box(-2, floor, width + 2, floor + thick),
            lighter(wood, 0.18),
            darker(wood, 0.16),
        )
        canvas.shape(
            box(-2, floor, width + 2, floor + thick * 0.16), lighter(wood, 0.34)
        )
        for _ in range(14):
            x, y = between(rng, 0, width), floor + thick * between(rng, 0.3, 0.9)
            canvas.shape(
                limb((x, y), (x + between(rng, 20, 60), y), 0.4, 0.3),
                darker(wood, 0.3),
                alpha=0.4,
            )
    for x, floor in ends:
        gap = 0.94 * width - x
        if gap > 0.16 * width:
            tall = min(gap * 1.05, (boards[0] - 0.02 * height) * 0.8)
            paint_plant(canvas, rng, light, (x + gap * 0.52, floor + 1, tall))
