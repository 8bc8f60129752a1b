"""Colored polygons, and the sketches of objects made of them.

A sketch stands on y = 0 and is one unit high (y = -1 at its top), x = 0 is its
middle. The patches are painted in order; the outline of the object is the outline
of all its body patches together, the others are details inside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, sin
from typing import TypeVar

import numpy as np

from atss_inspect.arrays import Float64Array
from tools.sample_scenes.outlines import Point

Color = tuple[int, int, int]
T = TypeVar("T")
WHITE: Color = (255, 255, 255)
BLACK: Color = (0, 0, 0)


@dataclass(frozen=True)
class Patch:
    """A polygon in one color.

    Attributes
    ----------
    points : (N, 2) float64
    color : at the top, or all over
    fade : color at the bottom, None for `color`
    alpha : 1 hides what is under it
    is_body : whether the polygon belongs to the outline of the object
    """

    points: Float64Array
    color: Color
    fade: Color | None = None
    alpha: float = 1.0
    is_body: bool = False


Sketch = tuple[Patch, ...]


def path(text: str) -> list[Point]:
    """Read points from "x y, x y, ..."."""
    pairs = (pair.split() for pair in text.split(","))
    return [(float(x), float(y)) for x, y in pairs]


def body(points: Float64Array, color: Color, fade: Color | None = None) -> Patch:
    """Make a patch that is part of the outline."""
    return Patch(points, color, fade, is_body=True)


def moved(
    sketch: Sketch, *, x: float, y: float, scale: float, tilt: float = 0.0
) -> Sketch:
    """Put a sketch with its foot at x, y, `scale` high, turned about its foot.

    A negative `scale` is not allowed; see `mirrored`. `tilt` is in radians,
    clockwise.
    """
    # Not a matrix product: its last digit would depend on the linear algebra library.
    along = np.array([cos(tilt), sin(tilt)]) * scale
    across = np.array([-sin(tilt), cos(tilt)]) * scale
    foot = np.array([x, y])
    return tuple(
        _shaped(
            patch, patch.points[:, :1] * along + patch.points[:, 1:] * across + foot
        )
        for patch in sketch
    )


def _shaped(patch: Patch, points: Float64Array) -> Patch:
    """Copy a patch with other points; much faster than `dataclasses.replace`."""
    return Patch(points, patch.color, patch.fade, patch.alpha, patch.is_body)


def mirrored(sketch: Sketch) -> Sketch:
    """Turn a sketch to look the other way."""
    flip = np.array([-1.0, 1.0])
    return tuple(_shaped(patch, patch.points * flip) for patch in sketch)


def mix(color: Color, other: Color, share: float) -> Color:
    """Blend two colors; `share` of the second."""
    red, green, blue = (
        round(a + (b - a) * share) for a, b in zip(color, other, strict=True)
    )
    return red, green, blue


def lighter(color: Color, share: float) -> Color:
    """Blend a color with white."""
    return mix(color, WHITE, share)


def darker(color: Color, share: float) -> Color:
    """Blend a color with black."""
    return mix(color, BLACK, share)


def palette(text: str) -> tuple[Color, ...]:
    """Read colors from "rrggbb rrggbb ..."."""
    codes = (bytes.fromhex(code) for code in text.split())
    return tuple((code[0], code[1], code[2]) for code in codes)


def tinted(sketch: Sketch, color: Color, share: float) -> Sketch:
    """Blend all colors of a sketch with one, as haze or evening light does."""
    return tuple(
        Patch(
            patch.points,
            mix(patch.color, color, share),
            None if patch.fade is None else mix(patch.fade, color, share),
            patch.alpha,
            patch.is_body,
        )
        for patch in sketch
    )


def pick(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """Pick one; only `Generator.random` is used, whose stream NumPy keeps stable."""
    return choices[int(rng.random() * len(choices))]


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a number between two."""
    return low + (high - low) * float(rng.random())


def fitted(patches: list[Patch]) -> Sketch:
    """Shift and scale a sketch to stand on y = 0 and be one unit high."""
    points = np.concatenate([patch.points for patch in patches if patch.is_body])
    low, high = points.min(axis=0), points.max(axis=0)
    shift = np.array([(low[0] + high[0]) / 2, high[1]])
    scale = 1 / (high[1] - low[1])
    return tuple(_shaped(patch, (patch.points - shift) * scale) for patch in patches)
