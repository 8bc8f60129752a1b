"""From a composed scene to COCO records: what of each object is seen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from atss_inspect.arrays import BoolArray, Float64Array
from tools.sample_scenes.outlines import area, rasterize, visible_outlines
from tools.sample_scenes.scenes.composer import Item, Scene

MIN_VISIBLE_SHARE = 0.3
_MIN_CROWD_AREA = 64


@dataclass(frozen=True)
class VisibleObject:
    """An object of a scene as COCO describes it, in pixels of the image.

    Attributes
    ----------
    category : name
    segmentation : polygons, or COCO's uncompressed run lengths for a crowd region
    area : of the polygons or the mask, in square pixels
    bbox : x, y, width, height: the bounds of the segmentation
    is_crowd : whether it is one region of many objects
    """

    category: str
    segmentation: list[list[float]] | dict[str, list[int]]
    area: float
    bbox: list[float]
    is_crowd: bool


def annotate(scene: Scene) -> tuple[Scene, list[VisibleObject]]:
    """Describe the objects of a scene, in its order.

    Returns
    -------
    scene : without the objects that are almost hidden or outside the window
    objects : one per item that is left; what hides a part cuts it off
    """
    kept: list[Item] = []
    objects: list[VisibleObject] = []
    for item in reversed(scene.items):
        if not _overlap(item.bounds, scene.window):
            continue
        in_front = [other for other in kept if _overlap(item.bounds, other.bounds)]
        seen = _visible_object(scene, item, in_front)
        if seen is not None:
            kept.append(item)
            objects.append(seen)
    return replace(scene, items=tuple(reversed(kept))), objects[::-1]


def _overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    """Whether two boxes x1, y1, x2, y2 have common pixels."""
    x1, y1, x2, y2 = one
    left, top, right, bottom = other
    return x1 < right and left < x2 and y1 < bottom and top < y2


def _visible_object(
    scene: Scene, item: Item, in_front: Sequence[Item]
) -> VisibleObject | None:
    """Describe one item, None if too little of it is seen."""
    hidden_by = [points for other in in_front for points in other.shape]
    if item.is_crowd:
        return _visible_crowd(scene, item, hidden_by)
    x1, y1, x2, y2 = scene.window
    frame = (float(x1), float(y1), float(x2), float(y2))
    outlines, share = visible_outlines(item.shape, hidden_by, frame)
    if not outlines or share < MIN_VISIBLE_SHARE:
        return None
    outlines = [np.round(points - np.array([x1, y1]), 2) for points in outlines]
    return VisibleObject(
        category=item.category,
        segmentation=[points.ravel().tolist() for points in outlines],
        area=round(sum(area(points) for points in outlines), 2),
        bbox=_bounds(outlines),
        is_crowd=False,
    )


def _bounds(outlines: Sequence[Float64Array]) -> list[float]:
    """X, y, width and height of polygons, to hundredths."""
    points = np.concatenate(list(outlines))
    low, high = points.min(axis=0), points.max(axis=0)
    return np.round(np.concatenate([low, high - low]), 2).tolist()  # type: ignore[no-any-return]


def _visible_crowd(
    scene: Scene, item: Item, hidden_by: Sequence[Float64Array]
) -> VisibleObject | None:
    """Describe a crowd region by its pixels."""
    x1, y1, x2, y2 = scene.window
    corner, width, height = np.array([x1, y1]), x2 - x1, y2 - y1
    mask = rasterize([points - corner for points in item.shape], width, height)
    mask &= ~rasterize([points - corner for points in hidden_by], width, height)
    if mask.sum() < _MIN_CROWD_AREA:
        return None
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    left, top = float(columns[0]), float(rows[0])
    return VisibleObject(
        category=item.category,
        segmentation={"counts": run_lengths(mask), "size": [height, width]},
        area=float(mask.sum()),
        bbox=[left, top, float(columns[-1]) + 1 - left, float(rows[-1]) + 1 - top],
        is_crowd=True,
    )


def run_lengths(mask: BoolArray) -> list[int]:
    """COCO's uncompressed run lengths: column by column, pixels outside first."""
    flat = np.concatenate([[False], mask.ravel(order="F")])
    edges = np.flatnonzero(np.diff(flat))
    lengths: list[int] = np.diff(edges, prepend=0, append=mask.size).tolist()
    return lengths


def annotation_record(
    seen: VisibleObject, *, annotation_id: int, image_id: int, category_id: int
) -> dict[str, Any]:
    """Make the COCO record of an object."""
    return {
        "id": annotation_id,
        "image_id": image_id,
        "category_id": category_id,
        "iscrowd": int(seen.is_crowd),
        "area": seen.area,
        "bbox": seen.bbox,
        "segmentation": seen.segmentation,
    }
