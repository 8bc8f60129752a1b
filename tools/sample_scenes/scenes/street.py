"""A street: traffic, people on both pavements, houses, and birds above the roofs."""

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
    mirrored,
    mix,
    palette,
    pick,
)
from tools.sample_scenes.scenes.composer import Composer, Glow, Item, Light, Scene
from tools.sample_scenes.scenes.scenery import (
    paint_shadows,
    paint_sky,
    paint_tree,
    paint_window_grid,
)

# Shares of the height, from far to near.
FAR_END, WALLS, BACK_KERB, ROAD_MIDDLE, FRONT_KERB = 0.585, 0.66, 0.7, 0.795, 0.9

_PLASTER: tuple[Color, ...] = palette(
    "ce987a dec8a4 9eaea8 bc7664 e8dac4 8892a6 d4b280"
)


def street(composer: Composer) -> Scene:
    """Compose a street; the busier, the more of it is far away."""
    seed = int(composer.between(0, 2**31))
    wanted = composer.num_objects
    num_lights = 0 if wanted < 4 else 1 + composer.chance(0.5)
    _put_lights(composer, num_lights)
    _put_traffic(composer, near=1 + (wanted > 5), far=1 + wanted // 6)
    _put_walkers(composer, near=1 + wanted // 7, far=1 + wanted // 6)
    _put_far_end(composer)
    return composer.scene(partial(_paint, light=composer.light, seed=seed))


def _put_lights(composer: Composer, count: int) -> None:
    """Put traffic lights on both kerbs."""
    height = composer.height
    for number, x in enumerate((0.865, 0.13)[:count]):
        y = (FRONT_KERB + 0.012, BACK_KERB - 0.004)[number] * height
        place = (x * composer.width, y, (0.5, 0.27)[number] * height)
        item = composer.put(
            "traffic light", sketches.traffic_light(composer.rng), place
        )
        if composer.light.is_dark:
            x1, y1, x2, _ = item.bounds
            glow = Glow(
                (x1 + x2) / 2,
                y1 + 0.1 * place[2],
                place[2] * 0.22,
                (255, 190, 120),
                0.35,
            )
            composer.glows.append(glow)


def _put_traffic(composer: Composer, *, near: int, far: int) -> None:
    """Put cars, and now and then a bus, on both lanes."""
    height = composer.height
    for x in composer.places(near, 0.05, 0.8):
        place = (x, (FRONT_KERB - 0.028) * height, 0.162 * height)
        composer.put("car", sketches.car(composer.rng), place)
        _light_up(composer, x + 1.42 * place[2], place[1] - 0.45 * place[2], place[2])
    for number, x in enumerate(composer.places(far, 0.0, 1.0)):
        y = (ROAD_MIDDLE - 0.025) * height
        if number == 0 and composer.chance(0.4):
            sketch = mirrored(sketches.bus(composer.rng))
            composer.put("bus", sketch, (x, y, 0.185 * height))
            continue
        sketch = mirrored(sketches.car(composer.rng))
        composer.put("car", sketch, (x, y, 0.112 * height), haze=0.06)


def _light_up(composer: Composer, x: float, y: float, size: float) -> None:
    """Switch the headlights on."""
    if composer.light.is_dark:
        composer.glows.append(Glow(x, y, size * 0.8, (255, 236, 180), 0.5))


def _put_walkers(composer: Composer, *, near: int, far: int) -> None:
    """Put people on the pavement across the street and on this side."""
    height = composer.height
    for x in composer.places(far):
        y = composer.between(WALLS + 0.012, BACK_KERB - 0.008) * height
        sketch = composer.turned(sketches.person)
        tall = composer.between(0.125, 0.15) * height
        composer.put("person", sketch, (x, y, tall), haze=0.05)
    for x in composer.places(near, 0.08, 0.82):
        y = composer.between(0.965, 1.03) * height
        sketch = composer.turned(sketches.person)
        tall = composer.between(0.34, 0.39) * height
        composer.put("person", sketch, (x, y, tall))
        if composer.chance(0.2) and not composer.is_full:
            canopy = sketches.held_umbrella(composer.rng)
            grip = (x + 0.06 * tall, y - 0.56 * tall, 0.66 * tall)
            composer.put("umbrella", canopy, grip, depth=y + 0.1)


def _put_far_end(composer: Composer) -> None:
    """Fill up with what is far away: people and cars at the end, birds above."""
    height = composer.height
    turn = 0
    while not composer.is_full:
        kind = turn % 3
        turn += 1
        if kind == 0:
            x = composer.between(0.46, 0.56) * composer.width
            sketch = composer.turned(sketches.person)
            tall = composer.between(0.012, 0.034) * height
            y = (FAR_END + tall / height * 1.1) * height
            composer.put("person", sketch, (x, y, tall), haze=0.3)
        elif kind == 1:
            x = composer.between(0.465, 0.545) * composer.width
            tall = composer.between(0.008, 0.02) * height
            y = (FAR_END + tall / height * 1.6) * height
            composer.put("car", sketches.car(composer.rng), (x, y, tall), haze=0.35)
        else:
            x, y = composer.between(0.1, 0.9), composer.between(0.06, 0.3)
            sketch = composer.turned(sketches.bird)
            place = (
                x * composer.width,
                y * height,
                composer.between(0.005, 0.026) * height,
            )
            composer.put(
                "bird",
                sketch,
                place,
                haze=0.3,
                depth=0.0,
                tilt=composer.between(-0.3, 0.3),
            )


def _paint(canvas: Canvas, items: Sequence[Item], *, light: Light, seed: int) -> None:
    """Paint sky, houses, pavements and road."""
    rng = np.random.default_rng(seed)
    width, height = canvas.width, canvas.height
    paint_sky(canvas, rng, light, FAR_END * height)
    _paint_skyline(canvas, rng, light)
    _paint_far_road(canvas, light)
    x = -0.03 * width
    while x < 0.44 * width:
        x = _paint_house(canvas, rng, light, x, 0.455 * width)
    x = 1.03 * width
    while x > 0.58 * width:
        x = _paint_house(canvas, rng, light, x, 0.565 * width)
    _paint_ground(canvas, light)
    for spot in (0.06, 0.3, 0.66, 0.93):
        leaf = light.on((96, 140, 84))
        tree = (spot * width, BACK_KERB * height - 1, between(rng, 0.26, 0.34) * height)
        paint_tree(
            canvas, rng, tree, mix(leaf, light.haze, 0.12), light.on((96, 76, 62))
        )
    for spot in (0.2, 0.78):
        _paint_lamp(canvas, light, spot * width)
    grounded = [item for item in items if item.depth > FAR_END * height]
    paint_shadows(canvas, grounded, alpha=0.34)


def _paint_skyline(canvas: Canvas, rng: np.random.Generator, light: Light) -> None:
    """Paint far towers in the haze."""
    width, height = canvas.width, canvas.height
    for layer in range(2):
        tower = light.on((84, 96, 128))
        color = mix(light.haze, tower, 0.35 + 0.3 * layer)
        x = 0.3 * width
        while x < 0.72 * width:
            wide = between(rng, 0.025, 0.06) * width
            tall = between(rng, 0.06, 0.2) * height * (1.15 - 0.45 * layer)
            top = FAR_END * height - tall
            canvas.shape(
                box(x, top, x + wide, FAR_END * height),
                color,
                mix(color, light.haze, 0.5),
            )
            for _ in range(6 if light.is_dark else 0):
                wx, wy = (
                    x + between(rng, 0.1, 0.85) * wide,
                    top + between(rng, 0.05, 0.9) * tall,
                )
                canvas.shape(
                    box(wx, wy, wx + 1.6, wy + 2.2), (255, 214, 140), alpha=0.8
                )
            x += wide * between(rng, 0.8, 1.3)


def _paint_far_road(canvas: Canvas, light: Light) -> None:
    """Paint the side street that runs away between the houses."""
    width, height = canvas.width, canvas.height
    far, near = FAR_END * height, BACK_KERB * height
    pavement = light.on((188, 180, 172))
    road = light.on((104, 104, 112))
    canvas.shape(
        box(0.42 * width, far, 0.6 * width, near),
        mix(pavement, light.haze, 0.4),
        pavement,
    )
    lane = [
        (0.495 * width, far),
        (0.515 * width, far),
        (0.565 * width, near),
        (0.445 * width, near),
    ]
    canvas.shape(polygon(lane), mix(road, light.haze, 0.5), road)


def _paint_house(
    canvas: Canvas, rng: np.random.Generator, light: Light, x: float, limit: float
) -> float:
    """Paint one house from x towards the limit; where the next one starts."""
    width, height = canvas.width, canvas.height
    wide = between(rng, 0.11, 0.17) * width
    is_left = limit > x
    x1, x2 = (x, min(x + wide, limit)) if is_left else (max(x - wide, limit), x)
    if x2 - x1 < 0.05 * width:
        return limit
    near = abs((x1 + x2) / 2 / width - 0.51) / 0.5
    floors = 3 + (rng.random() < 0.45)
    base, floor = WALLS * height, 0.088 * height
    top = base - floor * (floors + 0.25 + 0.35 * near)
    wall = light.on(pick(rng, _PLASTER))
    wall = mix(wall, light.haze, 0.22 * (1 - near))
    canvas.shape(box(x1, top, x2, base), lighter(wall, 0.08), darker(wall, 0.16))
    _paint_roof(canvas, rng, (x1, x2, top), mix(wall, light.on((110, 70, 66)), 0.75))
    for level in range(1, floors):
        _paint_windows(
            canvas, rng, light, (x1, x2, base - floor * (level + 0.98), floor * 0.56)
        )
    _paint_shop(canvas, rng, light, (x1, x2, base, floor))
    return x2 if is_left else x1


def _paint_roof(
    canvas: Canvas,
    rng: np.random.Generator,
    edge: tuple[float, float, float],
    color: Color,
) -> None:
    """Paint a gable, or a cornice on a flat roof."""
    x1, x2, top = edge
    lip = (x2 - x1) * 0.035
    if rng.random() < 0.5:
        rise = (x2 - x1) * 0.38
        gable = [(x1 - lip, top), ((x1 + x2) / 2, top - rise), (x2 + lip, top)]
        canvas.shape(polygon(gable), lighter(color, 0.08), darker(color, 0.15))
        chimney = x1 + (x2 - x1) * 0.7
        canvas.shape(
            box(chimney, top - rise * 0.9, chimney + lip * 2.4, top - rise * 0.3), color
        )
    canvas.shape(
        box(x1 - lip, top - lip * 1.4, x2 + lip, top + lip * 0.6),
        lighter(color, 0.18),
        color,
    )


def _paint_windows(
    canvas: Canvas,
    rng: np.random.Generator,
    light: Light,
    row: tuple[float, float, float, float],
) -> None:
    """Paint one floor's windows: left, right, top and height of the row."""
    x1, x2, top, tall = row
    count = max(2, round((x2 - x1) / (tall * 1.25)))
    step = (x2 - x1) / count
    for number in range(count):
        left = x1 + step * (number + 0.29)
        is_lit = light.is_dark and rng.random() < 0.5
        glass = (255, 206, 122) if is_lit else light.on((120, 150, 172))
        frame = (left, top, left + step * 0.42, top + tall)
        paint_window_grid(canvas, frame, glass, light.on((236, 230, 220)))


def _paint_shop(
    canvas: Canvas,
    rng: np.random.Generator,
    light: Light,
    front: tuple[float, float, float, float],
) -> None:
    """Paint the ground floor: a shop window under an awning, and a door."""
    x1, x2, base, floor = front
    wide = x2 - x1
    glass = (255, 220, 150) if light.is_dark else light.on((150, 178, 190))
    wood = light.on(pick(rng, palette("584238 3a4e52 60383a")))
    canvas.shape(
        box(x1 + wide * 0.04, base - floor * 0.98, x2 - wide * 0.04, base), wood
    )
    canvas.shape(
        box(x1 + wide * 0.1, base - floor * 0.8, x1 + wide * 0.64, base - floor * 0.16),
        lighter(glass, 0.25),
        glass,
    )
    canvas.shape(
        box(x1 + wide * 0.7, base - floor * 0.8, x1 + wide * 0.9, base),
        mix(glass, wood, 0.45),
    )
    cloth = light.on(pick(rng, palette("cc5246 487876 dea650")))
    for stripe in range(8):
        left, right = (x1 + wide * (0.04 + 0.115 * (stripe + k)) for k in (0, 1))
        color = cloth if stripe % 2 else light.on((246, 240, 228))
        low = base - floor * 0.7
        slope = [(left, base - floor), (right, base - floor), (right, low), (left, low)]
        canvas.shape(polygon(slope), color, darker(color, 0.15))
        canvas.shape(
            ellipse((left + right) / 2, low, (right - left) / 2, floor * 0.06), color
        )


def _paint_ground(canvas: Canvas, light: Light) -> None:
    """Paint both pavements, the kerbs and the road with its markings."""
    width, height = canvas.width, canvas.height
    pavement = light.on((196, 186, 176))
    asphalt = light.on((92, 94, 104))
    walls, back, front = WALLS * height, BACK_KERB * height, FRONT_KERB * height
    for x1, x2 in ((-2, 0.452 * width), (0.568 * width, width + 2)):
        canvas.shape(box(x1, walls, x2, back), darker(pavement, 0.12), pavement)
    canvas.shape(
        box(-2, back, width + 2, front), lighter(asphalt, 0.06), darker(asphalt, 0.22)
    )
    canvas.shape(box(-2, back, width + 2, back + 0.009 * height), darker(pavement, 0.3))
    middle, thick = ROAD_MIDDLE * height, 0.008 * height
    for dash in range(-1, 9):
        x = dash * width / 7.5
        mark = [
            (x, middle),
            (x + width / 15, middle),
            (x + width / 15 - 4, middle + thick),
            (x - 4, middle + thick),
        ]
        canvas.shape(polygon(mark), light.on((240, 232, 210)), alpha=0.85)
    canvas.shape(
        box(-2, front, width + 2, height + 2),
        lighter(pavement, 0.05),
        darker(pavement, 0.18),
    )
    canvas.shape(
        box(-2, front, width + 2, front + 0.016 * height), darker(pavement, 0.28)
    )
    for slab in range(-4, 14):
        x = slab * width / 9
        canvas.shape(
            limb((x + 0.06 * width, front + 0.016 * height), (x, height + 4), 0.4, 0.8),
            darker(pavement, 0.35),
            alpha=0.5,
        )
    canvas.shape(
        box(-2, 0.95 * height, width + 2, 0.953 * height),
        darker(pavement, 0.35),
        alpha=0.5,
    )


def _paint_lamp(canvas: Canvas, light: Light, x: float) -> None:
    """Paint a street lamp, lit when it is dark."""
    foot, top = BACK_KERB * canvas.height, 0.4 * canvas.height
    metal = light.on((62, 66, 74))
    canvas.shape(limb((x, foot), (x, top), 1.7, 1.1), metal)
    canvas.shape(limb((x, top), (x + 12, top - 4), 1.1, 1.0), metal)
    canvas.shape(
        polygon([(x + 8, top - 4), (x + 19, top - 4), (x + 16, top), (x + 11, top)]),
        metal,
    )
    if light.is_dark:
        canvas.shape(ellipse(x + 13.5, top + 0.6, 3.2, 1.8), (255, 236, 190))
        canvas.glow(x + 13.5, top + 2, 0.15 * canvas.height, (255, 222, 160), alpha=0.6)
