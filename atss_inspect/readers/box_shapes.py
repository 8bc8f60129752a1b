"""What a bbox is that is not four numbers: in a person's words, with what to do."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from atss_inspect.readers.ids import read_number
from atss_inspect.readers.json_faults import show_text

_ORDER = "write [x, y, width, height], with x and y of the upper left corner"
_CORNERS = (
    "width is right - left, height is bottom - top: write [left, top, width, height]"
)
_ANGLE = (
    "drop a fifth number that is a score; boxes that are turned need the upright box "
    "around them"
)
_ROTATED = "take the upright box around the four corners: smallest and largest x and y"
_NUMBERS = 'write plain numbers: 211.8, not "211,8" and not "211.8px"'


def describe(box: Any) -> tuple[str, str | None]:
    """Name what is wrong with a bbox, in words that go behind "has"; and a hint."""
    if isinstance(box, str):
        hint = "write the numbers themselves, without quotes around the list"
        return f'a bbox that is a text, "{show_text(box)}"', hint
    if isinstance(box, Mapping):
        keys = ", ".join(show_text(str(each)) for each in list(box)[:6]) or "no keys"
        has_corners = not {"right", "x2", "xmax"}.isdisjoint(box)
        hint = _CORNERS if has_corners else _ORDER
        return f"a bbox with the keys {keys}", hint
    if not isinstance(box, Sequence):
        kind = "true or false" if isinstance(box, bool) else "a single number"
        return f"a bbox that is {kind}", _ORDER
    return _describe_list(box)


def _describe_list(box: Sequence[Any]) -> tuple[str, str | None]:
    """Name what is wrong with a bbox that is a list."""
    inner = [each for each in box if isinstance(each, list | tuple)]
    if inner and len(inner) == len(box) == 1:
        return "a bbox that is a list within a list", "take the outer brackets away"
    if inner and len(inner) == len(box) == 2:
        return "a bbox of two points, not of four numbers", _CORNERS
    if inner:
        return f"a bbox of {len(box)} points, not of four numbers", _ROTATED
    if len(box) == 4:
        wrong = next(each for each in box if read_number(each) is None)
        if isinstance(wrong, str) and re.search(r"\d", wrong):
            return f'a bbox with "{show_text(wrong)}" for a number', _NUMBERS
        return "a bbox of four values that are not all numbers", _ORDER
    hints = {5: _ANGLE, 8: _ROTATED, 6: _ANGLE}
    number = f"{len(box)} number{'s' * (len(box) != 1)}" if box else "no numbers"
    return f"a bbox of {number}", hints.get(len(box), _ORDER)
