"""``KEY=VALUE`` over a config, as people give it to their trainer."""

import re
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing.documents import literal
from atss_inspect.importing.values import Node, Place, node_of

_STEP = re.compile(r"\.?([^.\[\]=]+)|\[(\d+)\]")
_MOST_DIGITS = 10
_WORDS = {"true": True, "false": False, "none": None, "null": None}


def override(root: Node, text: str) -> None:
    """Set one value in a config, in place.

    ``KEY`` is a path such as ``model.bbox_head.anchor_generator.scales`` or
    ``data.train.pipeline.2.img_scale``, also ``data.train.pipeline[2].img_scale``.
    ``VALUE`` is a Python
    literal, ``a,b,c`` a list, and anything else a text.
    """
    key, equals, written = text.partition("=")
    steps = [found[1] or found[2] for found in _STEP.finditer(key)]
    if not equals or not steps or _STEP.sub("", key):
        message = f"--with: expected KEY=VALUE with a dotted KEY, got {text!r}"
        raise SettingsError(message)
    place = Place(f"--with {key}", 0)
    held = root
    for step in steps[:-1]:
        inside, name = _slot(held, step, place)
        if isinstance(inside, dict):
            inside.setdefault(name, Node({}, place))
        held = inside[name]
    inside, name = _slot(held, steps[-1], place)
    inside[name] = node_of(_value(written), place)


def _value(written: str) -> Any:
    """Read what is given for a key, as mmengine and yacs do."""
    if written.lower() in _WORDS:
        return _WORDS[written.lower()]
    value = literal(written)
    if isinstance(value, tuple) and not written.lstrip().startswith("("):
        return list(value)
    if value == written and "," in written:
        return [_value(part.strip()) for part in written.split(",")]
    return value


def _slot(held: Node, step: str, place: Place) -> tuple[Any, Any]:
    """Find the dict or list that a step of a path is in, and its key or index."""
    if isinstance(held.value, dict):
        return held.value, step
    if not isinstance(held.value, list):
        raise SettingsError(place, f"there is no dict or list to set {step} in")
    if not is_index(step) or int(step) >= len(held.value):
        count = len(held.value)
        raise SettingsError(place, f"expected an index below {count}, got {step}")
    return held.value, int(step)


def is_index(step: str) -> bool:
    """Whether a step of a path is a number that a list may have an element for."""
    return step.isdecimal() and len(step) < _MOST_DIGITS
