"""How a preset looks in every figure: color by family, dashes by framework.

Families differ in color and in marker, so that a print in grey or an eye that knows
no red and green tells them apart. Conventions of one family differ in shade and dashes,
and a second one of the same framework has hollow markers.
"""

import itertools
import zlib
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from atss_inspect.assigners.rule import Family
from atss_inspect.figures.theme import Theme
from atss_inspect.presets import ALIASES
from atss_inspect.settings import Settings

Dashes = tuple[float, tuple[float, ...]]

# Colors of the rules' families are after Okabe and Ito, darkened to at least 3:1 on
# white and lightened on dark; vermillion is left to poorly assigned objects.
_SOLID: Dashes = (0, ())
_DASHED: Dashes = (0, (5, 2))
_DOTTED: Dashes = (0, (1.2, 1.4))
_DASH_DOT: Dashes = (0, (6, 1.6, 1.4, 1.6))
_OWN: Dashes = (0, (3, 1.2, 1, 1.2, 1, 1.2))


class _Style(NamedTuple):
    """Which shade and dashes a convention has within its family."""

    family: str
    shade: int
    dashes: Dashes
    is_hollow: bool = False


# A preset of the package is one line here.
_STYLES = {
    "atss-mmdet": _Style("atss", 0, _SOLID),
    "atss-mmdet-dyhead": _Style("atss", 1, _SOLID, is_hollow=True),
    "atss-mmdet-glip": _Style("atss", 2, _SOLID, is_hollow=True),
    "atss-official": _Style("atss", 1, _DASHED),
    "atss-official-9a": _Style("atss", 2, _DASHED, is_hollow=True),
    "efficientdet-d0": _Style("efficientdet", 0, _SOLID),
    "efficientdet-d1": _Style("efficientdet", 1, _SOLID, is_hollow=True),
    "efficientdet-d2": _Style("efficientdet", 2, _SOLID),
    "efficientdet-d3": _Style("efficientdet", 0, _DASHED),
    "efficientdet-d4": _Style("efficientdet", 1, _DASHED, is_hollow=True),
    "efficientdet-d5": _Style("efficientdet", 2, _DASHED),
    "efficientdet-d6": _Style("efficientdet", 0, _DOTTED),
    "efficientdet-d7": _Style("efficientdet", 1, _DASH_DOT),
    "fcos-adelaidet": _Style("fcos", 0, _DASH_DOT),
    "fcos-detectron2": _Style("fcos", 2, _DASH_DOT),
    "fcos-mmdet": _Style("fcos", 0, _SOLID),
    "fcos-mmdet-center": _Style("fcos", 2, _SOLID, is_hollow=True),
    "fcos-official": _Style("fcos", 1, _DASHED),
    "fcos-official-imprv": _Style("fcos", 2, _DASHED, is_hollow=True),
    "fcos-torchvision": _Style("fcos", 1, _DOTTED),
    "foveabox-mmdet": _Style("foveabox", 0, _SOLID),
    "ga-retinanet-mmdet": _Style("guided", 0, _SOLID),
    "nwd-rka-rpn": _Style("nwd-rka", 0, _SOLID),
    "nwd-rpn": _Style("rpn", 1, _DASHED, is_hollow=True),
    "picodet-warmup": _Style("atss", 0, _DASH_DOT),
    "ppyoloe-warmup": _Style("atss", 1, _DASH_DOT, is_hollow=True),
    "reppoints-mmdet": _Style("reppoints", 0, _SOLID),
    "retinanet-detectron2": _Style("retinanet", 2, _DASH_DOT),
    "retinanet-mmdet": _Style("retinanet", 0, _SOLID),
    "retinanet-official": _Style("retinanet", 1, _DASHED),
    "retinanet-torchvision": _Style("retinanet", 1, _DOTTED),
    "rfla-fcos": _Style("rfla", 0, _SOLID),
    "rfla-rpn": _Style("rfla", 1, _DASHED, is_hollow=True),
    "rpn-detectron2": _Style("rpn", 2, _DASH_DOT),
    "rpn-mmdet": _Style("rpn", 0, _SOLID),
    "rpn-torchvision": _Style("rpn", 1, _DOTTED),
    "rtmdet-mmdet": _Style("gate", 2, _DASH_DOT, is_hollow=True),
    "ssd300-mmdet": _Style("ssd", 0, _SOLID),
    "ssd300-torchvision": _Style("ssd", 1, _DOTTED),
    "ssdlite320-torchvision": _Style("ssd", 2, _DASH_DOT, is_hollow=True),
    "tood-warmup-mmdet": _Style("atss", 2, _DOTTED),
    "ultralytics": _Style("gate", 0, _SOLID),
    "ultralytics-8.3": _Style("gate", 1, _DASHED, is_hollow=True),
    "ultralytics-8.4.100": _Style("gate", 2, _DOTTED),
    "yolov3-mmdet": _Style("yolov3", 0, _SOLID),
    "yolov5": _Style("yolov5", 0, _SOLID),
    "yolov6-warmup": _Style("atss", 0, _DOTTED, is_hollow=True),
    "yolox-mmdet": _Style("gate", 1, _DASH_DOT),
}


class Look(NamedTuple):
    """How one convention is drawn."""

    color: str  # as matplotlib takes it
    marker: str  # filled, unless `is_hollow`
    dashes: Dashes  # of lines, a matplotlib line style
    is_hollow: bool = False  # markers have the ground's color inside

    def line(self, theme: Theme, **style: Any) -> dict[str, Any]:
        """Properties of a line with markers, and more of these."""
        return style | {
            "color": self.color,
            "linestyle": self.dashes,
            "marker": self.marker,
            "markerfacecolor": theme.paper if self.is_hollow else self.color,
        }


def looks_of(settings: Iterable[Settings], theme: Theme) -> dict[str, Look]:
    """Look of each convention, by name.

    A preset of the package looks the same in every figure. A convention of the user's
    own has a look that follows from its name, and its family from its rule; where two
    would look alike in one figure, the later one takes the next look.
    """
    looks: dict[str, Look] = {}
    for each in settings:
        families = each.rule.words.families
        style = _STYLES.get(ALIASES.get(each.name, each.name))
        # A preset may be one of another rule by now: `--set assigner=...`.
        is_known = style is not None and style.family in families
        look = (
            _look(style, families[style.family], theme) if style and is_known else None
        )
        # Presets differ; another name for one may stand beside it.
        if style is None or look is None or look in looks.values():
            style = _own_style(each, looks.values(), theme)
        looks[each.name] = _look(style, families[style.family], theme)
    return looks


def _look(style: _Style, family: Family, theme: Theme) -> Look:
    """Take the colors of a theme."""
    color = (family.dark if theme.is_dark else family.light)[style.shade]
    return Look(color, family.marker, style.dashes, style.is_hollow)


def _own_style(settings: Settings, taken: Collection[Look], theme: Theme) -> _Style:
    """Choose a style by name for a convention that is not in the table."""
    family, colors = next(iter(settings.rule.words.families.items()))
    lines, is_hollow, shades = (_OWN, _DASH_DOT, _DOTTED), (True, False), range(3)
    every = itertools.product(lines, is_hollow, shades)
    styles = [_Style(family, shade, dashes, hollow) for dashes, hollow, shade in every]
    first = zlib.crc32(settings.name.encode()) % len(styles)
    turned = styles[first:] + styles[:first]
    free = (style for style in turned if _look(style, colors, theme) not in taken)
    return next(free, turned[0])
