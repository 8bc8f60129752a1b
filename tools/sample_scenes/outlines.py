"""Polygons: how the sketches are made of them, and how a mask becomes one.

Points are (N, 2) float64 x, y with y growing downwards; polygons are closed by
themselves, their first point is not repeated.
"""

from collections.abc import Iterable, Sequence
from math import ceil, cos, hypot, pi, sin

import numpy as np
import numpy.typing as npt

from atss_inspect.arrays import BoolArray, Float64Array

Point = tuple[float, float]


def polygon(points: Iterable[Point]) -> Float64Array:
    """Make a polygon of its corners."""
    return np.array(list(points), dtype=np.float64)


def box(x1: float, y1: float, x2: float, y2: float) -> Float64Array:
    """Make an upright rectangle."""
    return polygon([(x1, y1), (x2, y1), (x2, y2), (x1, y2)])


def ellipse(
    cx: float, cy: float, rx: float, ry: float, *, steps: int = 28
) -> Float64Array:
    """Make a full ellipse."""
    angles = [2 * pi * step / steps for step in range(steps)]
    return polygon((cx + rx * cos(a), cy + ry * sin(a)) for a in angles)


def rounded_box(
    x1: float, y1: float, x2: float, y2: float, radius: float
) -> Float64Array:
    """Make an upright rectangle with round corners."""
    corners = ((x2, y2, 0.0), (x1, y2, 0.5), (x1, y1, 1.0), (x2, y1, 1.5))
    points = []
    for x, y, start in corners:
        cx = x - radius if x == x2 else x + radius
        cy = y - radius if y == y2 else y + radius
        for step in range(5):
            angle = pi * (start + step / 8)
            points.append((cx + radius * cos(angle), cy + radius * sin(angle)))
    return polygon(points)


def smooth(points: Sequence[Point], *, steps: int = 6) -> Float64Array:
    """Make a closed curve through the points (Catmull-Rom)."""
    corners = polygon(points)
    # The first point again at the end and the last at the start close the curve.
    ring = polygon([points[-1], *points, *points[:2]])
    before, after, later = ring[:-3], ring[2:-1], ring[3:]
    t = (np.arange(steps) / steps)[:, None, None]  # (steps, 1, 1)
    square, cube = t * t, t * t * t
    curve = 0.5 * (
        2 * corners
        + (after - before) * t
        + (2 * before - 5 * corners + 4 * after - later) * square
        + (3 * corners - before - 3 * after + later) * cube
    )  # (steps, N, 2)
    return np.swapaxes(curve, 0, 1).reshape(-1, 2)


def limb(start: Point, end: Point, width: float, end_width: float) -> Float64Array:
    """Make a tapered stroke with round ends; widths are radii."""
    length = max(hypot(end[0] - start[0], end[1] - start[1]), 1e-9)
    ux, uy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    points = []
    for (cx, cy), radius, turn in ((start, width, 1.0), (end, end_width, -1.0)):
        for step in range(9):
            angle = pi * (step / 8 - 0.5)
            side, back = sin(angle) * radius * turn, -cos(angle) * radius * turn
            points.append((cx + ux * back - uy * side, cy + uy * back + ux * side))
    return polygon(points)


def rasterize(polygons: Sequence[Float64Array], width: int, height: int) -> BoolArray:
    """Mark the pixels whose middle is in any polygon: a (height, width) mask."""
    if not polygons:
        return np.zeros((height, width), dtype=np.bool_)
    # All run the same way round, so that winding numbers of a union add up.
    rings = [
        points if _signed_area(points) > 0 else points[::-1] for points in polygons
    ]
    start = np.concatenate(rings)  # (E, 2) edges of all polygons
    end = np.concatenate([np.concatenate([ring[1:], ring[:1]]) for ring in rings])
    is_rising = end[:, 1] < start[:, 1]
    low, high = np.where(is_rising[:, None], [end, start], [start, end])
    first, last = np.clip(np.ceil([low[:, 1] - 0.5, high[:, 1] - 0.5]), 0, height)
    num_rows = (last - first).astype(np.int64)
    edge = np.repeat(np.arange(len(start)), num_rows)  # (C,) crossings of pixel rows
    offset = np.cumsum(num_rows) - num_rows
    row = np.arange(len(edge)) - offset[edge] + first[edge].astype(np.int64)
    slope = (high[:, 0] - low[:, 0]) / np.maximum(high[:, 1] - low[:, 1], 1e-12)
    x = low[edge, 0] + (row + 0.5 - low[edge, 1]) * slope[edge]
    column = np.clip(np.ceil(x - 0.5), 0, width).astype(np.int64)
    turns = np.bincount(
        row * (width + 1) + column,
        weights=np.where(is_rising, 1.0, -1.0)[edge],
        minlength=height * (width + 1),
    )
    grid = turns.astype(np.int16).reshape(height, width + 1)
    winding = np.cumsum(grid[:, :-1], axis=1, dtype=np.int16)
    mask: BoolArray = winding != 0
    return mask


def trace(mask: BoolArray) -> list[Float64Array]:
    """Follow the outer border of each 4-connected part of a mask.

    Parameters
    ----------
    mask : (height, width) bool

    Returns
    -------
    borders : polygons in pixels through the middle of each border edge, which cuts
        the corners of the staircase; parts in reading order, holes are left out
    """
    height, width = mask.shape
    padded = np.zeros((height + 2, width + 2), dtype=np.bool_)
    padded[1:-1, 1:-1] = mask
    outside = ~padded
    # One bit per edge that leaves a corner right, down, left or up, and has the mask
    # on its right hand. Corner (row, column) is the upper left one of its pixel.
    exits = np.zeros(padded.shape, dtype=np.uint8)
    exits[1:-1, 1:-1] |= (mask & outside[:-2, 1:-1]) * np.uint8(1)
    exits[1:-1, 2:] |= (mask & outside[1:-1, 2:]) * np.uint8(2)
    exits[2:, 2:] |= (mask & outside[2:, 1:-1]) * np.uint8(4)
    exits[2:, 1:-1] |= (mask & outside[1:-1, :-2]) * np.uint8(8)
    stride = width + 2
    left = bytearray(exits.tobytes())
    borders = []
    for corner in np.flatnonzero(exits).tolist():
        while left[corner]:
            codes = np.array(_follow(left, corner, (1, stride, -1, -stride)))
            corners, turns = codes // 4, codes % 4
            middles = np.stack([corners % stride, corners // stride], axis=1) - 1.0
            border = middles + _HALF_STEPS[turns]
            if _signed_area(border) > 0:
                borders.append(border)
    return borders


_HALF_STEPS = np.array([(0.5, 0.0), (0.0, 0.5), (-0.5, 0.0), (0.0, -0.5)])
_LOWEST_BIT = tuple((bits & -bits).bit_length() - 1 for bits in range(16))


def _follow(exits: bytearray, start: int, steps: tuple[int, ...]) -> list[int]:
    """Walk edges from a corner until they close, using them up.

    Edges are written as corner * 4 + direction.
    """
    codes = []
    corner, turn = start, 0
    while True:
        options = exits[corner]
        # Where two parts touch at a corner, turning right keeps them apart.
        turn = (turn + 1) & 3
        if not options >> turn & 1:
            turn = _LOWEST_BIT[options]
        exits[corner] = options & ~(1 << turn)
        codes.append(corner * 4 + turn)
        corner += steps[turn]
        if corner == start:
            return codes


def simplify(points: Float64Array, tolerance: float) -> Float64Array:
    """Leave out the points of a closed polygon that lie near its other lines.

    Douglas and Peucker's rule, on the two halves between the leftmost point and the
    one farthest from it. Polygons of fewer than four points come back as they are.
    """
    if len(points) < 4:
        return points
    start = int(points[:, 0].argmin())
    points = np.concatenate([points[start:], points[:start]])
    # Complex numbers: the many short steps below then take few NumPy calls each.
    places = points[:, 0] + 1j * points[:, 1]
    far = int(np.abs(places - places[0]).argmax())
    closed = np.append(places, places[0])
    kept = {0, far}
    pending = [(0, far), (far, len(points))]
    while pending:
        first, last = pending.pop()
        middle = _farthest(closed, first, last, tolerance)
        if middle is not None:
            kept.add(middle)
            pending += [(first, middle), (middle, last)]
    return points[sorted(kept)]


def _farthest(
    places: npt.NDArray[np.complex128], first: int, last: int, tolerance: float
) -> int | None:
    """Find the point farthest from the line first to last; None if all are near."""
    if last - first < 2:
        return None
    line = complex(places[last] - places[first]).conjugate()
    across = ((places[first + 1 : last] - places[first]) * line).imag
    middle = int(np.abs(across).argmax())
    is_far = abs(across[middle]) > tolerance * max(abs(line), 1e-9)
    return first + 1 + middle if is_far else None


def area(points: Float64Array) -> float:
    """Area that a polygon encloses."""
    return abs(_signed_area(points))


def _signed_area(points: Float64Array) -> float:
    """Area that a polygon encloses, positive if clockwise on the screen."""
    x, y = points[:, 0], points[:, 1]
    last = x[-1] * y[0] - x[0] * y[-1]
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() + last) / 2


def visible_outlines(
    shape: Sequence[Float64Array],
    hidden_by: Sequence[Float64Array],
    frame: tuple[float, float, float, float],
) -> tuple[list[Float64Array], float]:
    """Outline what is seen of a shape.

    Parameters
    ----------
    shape : polygons whose union is the shape, in pixels
    hidden_by : polygons in front of it
    frame : x1, y1, x2, y2 outside of which nothing is seen

    Returns
    -------
    outlines : polygons without overlap, rounded to hundredths of a pixel, none
        smaller than half a square pixel; empty if nothing is seen
    share : seen part of the shape's area, 0 to 1
    """
    points = np.concatenate(list(shape))
    low, high = points.min(axis=0), points.max(axis=0)
    # Fine enough for a far bird, coarse enough for a near bus.
    scale = min(max(120 / float((high - low).max()), 1.6), 24.0)
    width, height = (ceil(side * scale) + 2 for side in (high - low).tolist())

    def to_grid(polygons: Sequence[Float64Array]) -> list[Float64Array]:
        return [(polygon_ - low) * scale + 1 for polygon_ in polygons]

    whole = rasterize(to_grid(shape), width, height)
    seen = whole & ~rasterize(to_grid(hidden_by), width, height)
    x, y = ((np.arange(n) + 0.5 - 1) / scale for n in (width, height))
    seen &= (x + low[0] > frame[0]) & (x + low[0] < frame[2])
    seen &= ((y + low[1] > frame[1]) & (y + low[1] < frame[3]))[:, None]
    tolerance = min(0.5, 0.02 * float((high - low).max()))
    outlines = []
    for border in trace(seen):
        border = np.round(simplify((border - 1) / scale + low, tolerance), 2)
        border = np.clip(border, frame[:2], frame[2:])
        if len(border) > 2 and area(border) >= 0.5:
            outlines.append(border)
    return outlines, float(seen.sum() / max(whole.sum(), 1))
