"""Paint scenes: the backdrop, then every object within its own outline."""

from PIL import Image

from tools.sample_scenes.outlines import visible_outlines
from tools.sample_scenes.painting import Canvas
from tools.sample_scenes.scenes.composer import Item, Scene


def paint(scene: Scene) -> Image.Image:
    """Paint what the window of a scene shows, one pixel per pixel.

    Nothing of an object is painted outside the outline that its annotation has.
    """
    canvas = Canvas(scene.width, scene.height)
    scene.backdrop(canvas, scene.items)
    for item in scene.items:
        _paint_item(canvas, item)
    for glow in scene.glows:
        canvas.glow(glow.x, glow.y, glow.radius, glow.color, alpha=glow.alpha)
    return canvas.result().crop(scene.window)


def _paint_item(canvas: Canvas, item: Item) -> None:
    """Paint the patches of an object, clipped by its outline."""
    frame = (0.0, 0.0, float(canvas.width), float(canvas.height))
    for sketch in item.members:
        shape = [patch.points for patch in sketch if patch.is_body]
        outlines, _ = visible_outlines(shape, [], frame)
        mask = canvas.outline_mask(outlines)
        for patch in sketch:
            canvas.patch(patch, within=mask)
