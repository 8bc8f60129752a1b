"""What a scene is made of, and the composer that puts objects into it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from atss_inspect.arrays import Float64Array
from tools.sample_scenes.painting import Canvas
from tools.sample_scenes.patches import (
    Color,
    Sketch,
    between,
    mirrored,
    mix,
    moved,
    tinted,
)


@dataclass(frozen=True)
class Light:
    """The light of a scene, and its sky.

    Attributes
    ----------
    sky : (share of the way down, color) from the top to the horizon
    sun : color of the sun or moon
    haze : what far things fade into
    tint : what all things are tinted with, and how much
    is_dark : whether lamps and windows are lit
    """

    sky: tuple[tuple[float, Color], ...]
    sun: Color
    haze: Color
    tint: tuple[Color, float]
    is_dark: bool

    def on(self, color: Color) -> Color:
        """Tint a color."""
        return mix(color, *self.tint)


DAY = Light(
    ((0.0, (92, 160, 208)), (0.6, (170, 212, 230)), (1.0, (234, 240, 230))),
    (255, 250, 225),
    (208, 226, 232),
    ((255, 250, 235), 0.03),
    is_dark=False,
)
DAWN = Light(
    ((0.0, (132, 172, 206)), (0.5, (218, 200, 210)), (1.0, (254, 228, 190))),
    (255, 240, 200),
    (238, 218, 208),
    ((250, 206, 180), 0.12),
    is_dark=False,
)
DUSK = Light(
    (
        *((0.0, (52, 58, 108)), (0.4, (132, 94, 142))),
        *((0.72, (236, 146, 116)), (1.0, (254, 210, 144))),
    ),
    (255, 220, 150),
    (214, 148, 138),
    ((80, 52, 96), 0.2),
    is_dark=True,
)
NIGHT = Light(
    ((0.0, (18, 24, 56)), (0.6, (44, 58, 102)), (1.0, (96, 104, 140))),
    (242, 240, 226),
    (66, 78, 116),
    ((28, 34, 78), 0.38),
    is_dark=True,
)
LIGHTS = {"day": DAY, "dawn": DAWN, "dusk": DUSK, "night": NIGHT}


@dataclass(frozen=True)
class Item:
    """An object in a scene.

    Attributes
    ----------
    category : name of its category
    members : its sketch in pixels of the scene; a crowd region has several
    depth : items are painted from low to high
    is_crowd : whether it is one region of many objects
    """

    category: str
    members: tuple[Sketch, ...]
    depth: float
    is_crowd: bool = False

    @cached_property
    def shape(self) -> list[Float64Array]:
        """The polygons whose union is the object."""
        return [
            patch.points for sketch in self.members for patch in sketch if patch.is_body
        ]

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        points = np.concatenate(self.shape)
        x1, y1 = points.min(axis=0).tolist()
        x2, y2 = points.max(axis=0).tolist()
        return x1, y1, x2, y2


@dataclass(frozen=True)
class Glow:
    """Light around a lamp: place, radius, color and strength."""

    x: float
    y: float
    radius: float
    color: Color
    alpha: float


@dataclass(frozen=True)
class Scene:
    """Objects from back to front, and what is painted behind them.

    Attributes
    ----------
    width, height : in pixels
    items : from back to front
    window : x1, y1, x2, y2 of the part that the image shows
    backdrop : paints all that is no object, with the shadows of the items
    glows : painted over everything
    """

    width: int
    height: int
    items: tuple[Item, ...]
    window: tuple[int, int, int, int]
    backdrop: Callable[[Canvas, Sequence[Item]], None]
    glows: tuple[Glow, ...] = ()


@dataclass
class Composer:
    """Collects the objects of a scene; lengths are in pixels.

    Attributes
    ----------
    rng : for every choice; only ``random`` is called on it
    width, height : of the scene
    light : its light
    num_objects : how many objects are wanted; a scene may end up with fewer
    """

    rng: np.random.Generator
    width: int
    height: int
    light: Light
    num_objects: int
    items: list[Item] = field(default_factory=list)
    glows: list[Glow] = field(default_factory=list)

    @property
    def unit(self) -> int:
        """What sizes are shares of: the height, on a portrait the width."""
        return min(self.width, self.height)

    @property
    def is_full(self) -> bool:
        """Whether all the wanted objects are there."""
        return len(self.items) >= self.num_objects

    def chance(self, probability: float) -> bool:
        """Draw whether something of this probability happens."""
        return self.between(0, 1) < probability

    def between(self, low: float, high: float) -> float:
        """Draw a number between two."""
        return between(self.rng, low, high)

    def places(
        self, count: int, low: float = 0.0, high: float = 1.0
    ) -> Iterator[float]:
        """Yield places over a stretch of the width, in random order, until it is full.

        All are drawn when the first is asked for.
        """
        step = (high - low) / max(count, 1)
        spots = [low + step * (n + self.between(0.15, 0.85)) for n in range(count)]
        order = sorted(
            range(count), key=[self.between(0, 1) for _ in spots].__getitem__
        )
        for n in order:
            if self.is_full:
                return
            yield spots[n] * self.width

    def placed(
        self,
        sketch: Sketch,
        x: float,
        y: float,
        scale: float,
        *,
        haze: float = 0.0,
        tilt: float = 0.0,
    ) -> Sketch:
        """Put a sketch into its place, the light and, if far away, the haze."""
        sketch = tinted(sketch, *self.light.tint)
        if haze:
            sketch = tinted(sketch, self.light.haze, haze)
        return moved(sketch, x=x, y=y, scale=scale, tilt=tilt)

    def put(
        self,
        category: str,
        sketch: Sketch,
        place: tuple[float, float, float],
        *,
        haze: float = 0.0,
        depth: float | None = None,
        tilt: float = 0.0,
    ) -> Item:
        """Put an object at (x, y of its foot, height); further down is nearer."""
        x, y, scale = place
        member = self.placed(sketch, x, y, scale, haze=haze, tilt=tilt)
        item = Item(category, (member,), y if depth is None else depth)
        self.items.append(item)
        return item

    def put_crowd(
        self,
        category: str,
        sketches: Iterable[tuple[Sketch, float, float, float]],
        *,
        haze: float = 0.0,
    ) -> None:
        """Put many objects (sketch, x, y, height) as one crowd region."""
        placed = sorted(sketches, key=lambda member: member[2])
        members = tuple(
            self.placed(sketch, x, y, scale, haze=haze)
            for sketch, x, y, scale in placed
        )
        self.items.append(Item(category, members, placed[-1][2], is_crowd=True))

    def turned(self, draw: Callable[[np.random.Generator], Sketch]) -> Sketch:
        """Draw an object that looks left or right."""
        sketch = draw(self.rng)
        return mirrored(sketch) if self.chance(0.5) else sketch

    def scene(self, backdrop: Callable[[Canvas, Sequence[Item]], None]) -> Scene:
        """Put all objects in order, from back to front, before a backdrop."""
        return Scene(
            width=self.width,
            height=self.height,
            items=tuple(sorted(self.items, key=lambda item: item.depth)),
            window=(0, 0, self.width, self.height),
            backdrop=backdrop,
            glows=tuple(self.glows),
        )
