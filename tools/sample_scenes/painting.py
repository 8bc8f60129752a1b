"""Paint polygons, gradients, glows and clouds with Pillow, smoothly.

Everything is drawn three times as large as it is wanted and scaled down at the end.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from atss_inspect.arrays import Float64Array
from tools.sample_scenes.patches import Color, Patch

SUPERSAMPLING = 3


class Canvas:
    """A picture in the making; all coordinates are in pixels of the result."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        size = (width * SUPERSAMPLING, height * SUPERSAMPLING)
        self._image = Image.new("RGB", size)

    def result(self) -> Image.Image:
        """Finish the picture, at its true size."""
        return self._image.resize((self.width, self.height), Image.Resampling.LANCZOS)

    def sky(self, stops: Sequence[tuple[float, Color]], *, down_to: float) -> None:
        """Fill from the top down to a height with a gradient of (share, color)."""
        rows = round(down_to * SUPERSAMPLING)
        shares = np.linspace(0, 1, rows)
        places = [place for place, _ in stops]
        bands = [
            np.interp(shares, places, [color[channel] for _, color in stops])
            for channel in range(3)
        ]
        column = np.rint(np.stack(bands, axis=1)).astype(np.uint8)[:, None]
        band = Image.fromarray(column).resize((self._image.width, rows))
        self._image.paste(band, (0, 0))

    def patch(self, patch: Patch, *, within: Image.Image | None = None) -> None:
        """Paint one patch; `within` is a mask from `outline_mask`."""
        points = patch.points * SUPERSAMPLING
        x1, y1 = np.floor(points.min(axis=0)).astype(int).tolist()
        x2, y2 = (np.ceil(points.max(axis=0)).astype(int) + 1).tolist()
        x1, y1 = max(x1, 0), max(y1, 0)
        x2, y2 = min(x2, self._image.width), min(y2, self._image.height)
        if x2 <= x1 or y2 <= y1:
            return
        mask = Image.new("L", (x2 - x1, y2 - y1))
        corners = [(x - x1, y - y1) for x, y in points.tolist()]
        ImageDraw.Draw(mask).polygon(corners, fill=round(255 * patch.alpha))
        if within is not None:
            mask = ImageChops.multiply(mask, within.crop((x1, y1, x2, y2)))
        height = points[:, 1].max() - points[:, 1].min()
        offset = y1 - points[:, 1].min()
        shares = (np.arange(y2 - y1) + 0.5 + offset) / max(height, 1.0)
        fade = patch.color if patch.fade is None else patch.fade
        fill = _gradient(patch.color, fade, np.clip(shares, 0, 1), x2 - x1)
        self._image.paste(fill, (x1, y1), mask)

    def shape(
        self,
        points: Float64Array,
        color: Color,
        fade: Color | None = None,
        *,
        alpha: float = 1.0,
    ) -> None:
        """Paint a polygon."""
        self.patch(Patch(points, color, fade, alpha))

    def outline_mask(self, outlines: Iterable[Float64Array]) -> Image.Image:
        """Make a mask of polygons, as large as the canvas inside."""
        mask = Image.new("L", self._image.size)
        draw = ImageDraw.Draw(mask)
        for points in outlines:
            draw.polygon(
                [(x, y) for x, y in (points * SUPERSAMPLING).tolist()], fill=255
            )
        return mask

    def soft(
        self, shapes: Iterable[Float64Array], color: Color, *, blur: float, alpha: float
    ) -> None:
        """Paint polygons together with a blurred edge: clouds, shadows, mist."""
        small = (self.width, self.height)
        mask = Image.new("L", small)
        draw = ImageDraw.Draw(mask)
        for points in shapes:
            draw.polygon([(x, y) for x, y in points.tolist()], fill=255)
        mask = mask.filter(ImageFilter.GaussianBlur(blur))
        mask = mask.point([round(value * alpha) for value in range(256)])
        mask = mask.resize(self._image.size, Image.Resampling.BICUBIC)
        self._image.paste(color, (0, 0), mask)

    def glow(
        self, x: float, y: float, radius: float, color: Color, *, alpha: float
    ) -> None:
        """Paint light that fades away from a point."""
        rows, columns = np.mgrid[0 : self.height, 0 : self.width]
        distance = np.hypot(columns - x, rows - y) / radius
        light = np.rint(255 * alpha * np.exp(-2.5 * distance**1.5))
        mask = Image.fromarray(light.astype(np.uint8))
        mask = mask.resize(self._image.size, Image.Resampling.BICUBIC)
        self._image.paste(color, (0, 0), mask)


def _gradient(
    color: Color, fade: Color, shares: Float64Array, width: int
) -> Image.Image:
    """Make an image as high as `shares` that goes from one color to the other."""
    if color == fade:
        return Image.new("RGB", (width, len(shares)), color)
    ends = np.array([color, fade], dtype=np.float64)
    column = ends[0] + (ends[1] - ends[0]) * shares[:, None]
    pixels = np.rint(column).astype(np.uint8)[:, None]
    return Image.fromarray(pixels).resize((width, len(shares)))
