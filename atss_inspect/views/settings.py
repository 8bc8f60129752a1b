"""Conventions as text and as data: every setting, its origin, and every level."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from atss_inspect.views.names import WIDTH, as_lines, fold

if TYPE_CHECKING:
    from atss_inspect.settings import ResolvedSettings, Settings

SCHEMA_VERSION = 1
_LEAST_ROOM, _LEAST_VALUE = 20, 16
_MOST_NAMES = 5
_JOINT = "\xa0"  # a space that no line is folded at


def settings_document(resolved: "Sequence[ResolvedSettings]") -> dict[str, Any]:
    """List settings, origins and levels, for JSON."""
    results = [
        {
            "preset": one.settings.name,
            "settings": one.settings.to_dict(),
            "origins": dict(one.origins),
            "levels": level_rows(one.settings),
        }
        for one in resolved
    ]
    return {"schema_version": SCHEMA_VERSION, "results": results}


def settings_text(resolved: "Sequence[ResolvedSettings]") -> str:
    """Write settings for people, one block after the other."""
    return "\n".join(_block(one.settings, one.origins) for one in resolved)


def _block(settings: "Settings", origins: Any) -> str:
    """Write one convention: what it is, every setting, every level."""
    about = [": ".join(filter(None, [settings.name, settings.description]))]
    about += [f"source: {settings.source}"] if settings.source else []
    folded = [line for text in about for line in fold(text, rest="  ")]
    table = aligned([("setting", "value", "from"), *_setting_rows(settings, origins)])
    return "\n".join([*folded, "", table, _level_table(settings)])


def _setting_rows(settings: "Settings", origins: Any) -> Iterator[tuple[str, str, str]]:
    """List path, value and origin of every setting; long ones take several rows."""
    values = settings.values()
    paths = max(map(len, values)) + 2
    room = WIDTH - paths - max(map(len, origins.values())) - 2
    texts = {
        path: _value_lines(path, value, width=max(room, _LEAST_VALUE))
        for path, value in values.items()
    }
    widest = max(len(line) for lines in texts.values() for line in lines) + 2
    for path, lines in texts.items():
        origin = fold(origins[path], width=max(WIDTH - paths - widest, _LEAST_ROOM))
        yield from zip_longest([path], lines, origin, fillvalue="")


def _value_lines(path: str, value: Any, *, width: int) -> list[str]:
    """Write a value; a list takes several lines where it is long."""
    from atss_inspect.settings.parameters import format_value

    if isinstance(value, str):
        return [format_value(value)]
    text = format_value(value)
    if path == "data.classes" and len(value) > _MOST_NAMES:
        # All names are in the other formats.
        shown = format_value(value[:_MOST_NAMES])
        text = f"{shown[:-1]}, ... {len(value)} in all]"
    # Lists within a list stay whole, unless one is too long for a line.
    whole = rf"(?<=.)\[[^]]{{,{max(width - 4, 0)}}}\]"
    text = re.sub(whole, lambda found: found[0].replace(" ", _JOINT), text)
    return [line.replace(_JOINT, " ") for line in fold(text, rest=" ", width=width)]


def level_rows(settings: "Settings") -> list[dict[str, Any]]:
    """Describe each pyramid level in input pixels.

    Returns one dict per level: ``level`` from 0, ``level_name``, ``stride``, ``center``
    [x, y] of the anchors in the first cell, ``anchors`` [width, height] in the
    framework's order, and the ``scale_range`` [low, high] (None where the rule gives
    levels none). Where pixels are inclusive, a width counts both ends.
    """
    rule, pyramid = settings.rule, settings.pyramid
    inclusive = 1 if settings.anchors.style in ("official", "glip") else 0
    corners = pyramid.cell_anchors.astype(float)
    sides = (corners[:, 2:] - corners[:, :2] + inclusive).round(4)
    ranges: Sequence[list[float] | None] = [None] * pyramid.num_levels
    if rule.words.level_ranges:
        ranges = rule.words.level_ranges(settings.assigner, pyramid)
    return [
        {
            "level": level,
            "level_name": pyramid.level_names[level],
            "stride": stride,
            "center": settings.anchors.first_center(level, rule.uses_anchors),
            "anchors": sides[pyramid.shapes_of(level)].tolist()
            if rule.uses_anchors
            else [],
            "scale_range": ranges[level],
        }
        for level, stride in enumerate(settings.anchors.strides)
    ]


def _level_table(settings: "Settings") -> str:
    """Write the levels: anchors as width x height, scale ranges, or points."""
    # Loads NumPy, which the help of this command does without.
    from atss_inspect.assigners.anchor_rule import stride_text

    words = settings.rule.words
    has_ranges, heading = bool(words.level_ranges), "anchors, width x height"
    if not settings.rule.uses_anchors:
        heading = "largest side distance" if has_ranges else "points per cell"
    rows = [("level", "stride", "first center", heading)]
    for row in level_rows(settings):
        last = ", ".join(f"{_number(w)}x{_number(h)}" for w, h in row["anchors"])
        if row["scale_range"]:
            low, high = map(_number, row["scale_range"])
            last = f"{low}, no end" if high == "inf" else f"{low} to {high}"
        last = last or "1"
        center = ", ".join(map(_number, row["center"]))
        rows.append((row["level_name"], stride_text(row["stride"]), center, last))
    return "levels, in input pixels\n" + aligned(rows)


def _number(value: float) -> str:
    """Write a number of pixels with at most one decimal place."""
    return f"{value:.1f}".removesuffix(".0")


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Align columns two spaces apart; the last one is folded at 80 columns."""
    *columns, _ = zip(*rows, strict=True)
    widths = [max(map(len, column)) + 2 for column in columns]
    indent = sum(widths)
    lines = []
    for *cells, last in rows:
        head = "".join(map(str.ljust, cells, widths))
        first, *more = fold(last, width=max(WIDTH - indent, _LEAST_ROOM)) or [""]
        lines += [(head + first).rstrip(), *(" " * indent + line for line in more)]
    return as_lines(lines)
