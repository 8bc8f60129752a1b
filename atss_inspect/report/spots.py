"""Points of a figure on the page that say more when someone points at them.

Shown by the style sheet alone, to a pointer, to a finger and to the keyboard.
"""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from atss_inspect.figures.theme import DEFAULT_THEME
from atss_inspect.figures.words import Spot

_RADIUS = 9  # points: 24 CSS pixels wide, which a finger hits
_WIDTH, _GAP = 185.0, 10.0  # of the words, and between them and the point


def add_spots(root: ET.Element, spots: Sequence[Spot]) -> None:
    """Lay spots over a picture, which is for the eye alone from then on.

    Parameters
    ----------
    root : an ``<svg>`` of HTML with a ``viewBox``, changed in place; the label that
        tells what it shows stays
    spots : in the order in which the keyboard reaches them
    """
    wide, high = map(float, root.get("viewBox", "").split()[2:])
    picture = ET.Element("g", {"aria-hidden": "true"})
    picture.extend(list(root))
    # A title would be shown beside the words of each spot.
    picture[:] = [one for one in picture if one.tag != "title"]
    root[:] = [picture, *(_element(spot, wide, high) for spot in spots)]
    root.set("role", "group")


def _element(spot: Spot, wide: float, high: float) -> ET.Element:
    """Make one spot: a ring for each place, and words above or below the first."""
    looks = {"tabindex": "0", "role": "img", "aria-label": "; ".join(spot.lines)}
    group = ET.Element("g", {"class": "spot", **looks})
    for x, y in spot.places:
        place = {"cx": f"{x * wide:.2f}", "cy": f"{y * high:.2f}", "r": f"{_RADIUS}"}
        ring = {"fill": "none", "stroke": DEFAULT_THEME.ink, "pointer-events": "all"}
        ET.SubElement(group, "circle", place | ring)
    x, y = spot.places[0]
    left = min(max(x * wide - _WIDTH / 2, 0.0), wide - _WIDTH)
    is_below = y < 0.5
    top, bottom = (y * high + _GAP, high) if is_below else (0.0, y * high - _GAP)
    room = {"x": left, "y": top, "width": _WIDTH, "height": bottom - top}
    box = {key: f"{value:.2f}" for key, value in room.items()}
    frame = ET.SubElement(group, "foreignObject", box)
    side = "is-below" if is_below else "is-above"
    words = ET.SubElement(frame, "div", {"class": f"spot-room {side}"})
    tip = ET.SubElement(words, "div", {"class": "spot-words", "aria-hidden": "true"})
    for number, line in enumerate(spot.lines):
        ET.SubElement(tip, "p" if number else "b").text = line
    return group
