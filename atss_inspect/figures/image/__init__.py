"""One image: its objects, their positives by level, and what becomes of them."""

from atss_inspect.figures.image.gallery import gallery_figure, gallery_pixels
from atss_inspect.figures.image.pictures import image_figure
from atss_inspect.figures.image.view import View, panel_pixels

__all__ = ["View", "gallery_figure", "gallery_pixels", "image_figure", "panel_pixels"]
