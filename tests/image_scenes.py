"""Small images with objects, and what a picture of them holds, read back."""

from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from atss_inspect import load_coco, preset
from atss_inspect.figures.image import View, image_figure
from atss_inspect.figures.image.view import Panel, window_of
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import Scene, build_scene
from tests.tiny_coco import Box, coco

PIXELS = np.full((48, 64, 3), 120, dtype=np.uint8)
PICTURE = Picture(PIXELS, (480, 640))
# Two that meet, one between the points 168 and 176 (168.4 to 175.1), one large.
BOXES: list[Box] = [
    (30, 40, 60, 60),
    (50, 50, 60, 60),
    (101, 101, 4, 4),
    (200, 100, 400, 300),
]


def scene_of(boxes: Any, name: str = "atss-mmdet", **overrides: Any) -> Scene:
    return build_scene(load_coco(coco({42: boxes})), preset(name, **overrides))


@cache
def drawn_boxes(view: View = View(), *names: str) -> Figure:  # noqa: B008 - it is immutable
    """Draw the boxes under ATSS or other presets; many tests read the same picture."""
    scenes = [scene_of(BOXES, name) for name in names or ("atss-mmdet",)]
    return image_figure(scenes, picture=PICTURE, view=view)


def panel_of(scene: Scene, view: View = View()) -> Panel:  # noqa: B008 - immutable
    """The whole image in one panel."""
    levels = tuple(range(5))
    return Panel(scene, view, levels, window_of(scene, view, levels))


def crowd(number: int) -> list[Box]:
    places = np.random.default_rng(5).integers(0, 600, (number, 2))
    sides = np.random.default_rng(6).integers(4, 60, (number, 2))
    return [
        (float(x), float(y) * 0.75, float(w), float(h))
        for (x, y), (w, h) in zip(places, sides, strict=True)
    ]


def artist(figure: Figure, label: str, panel: int = 0) -> Any:
    found = [one for one in figure.axes[panel].collections if one.get_label() == label]
    return found[0] if found else None
