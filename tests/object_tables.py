"""Small tables of objects, as `objects_table` makes them, written by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from atss_inspect.settings import Settings, preset
from atss_inspect.statistics.summary import SIZE_BINS

ATSS = preset("atss-mmdet")
RETINANET = preset("retinanet-mmdet")
FCOS = preset("fcos-mmdet")
LEVELS = ("P3", "P4", "P5", "P6", "P7")
HOSTILE = ("$x$", "<b>" + "w" * 300, "a\nb", "\u05e9\u05dc\u05d5\u05dd", "自転車" * 40)


def named(settings: Settings, name: str) -> Settings:
    """Give a convention another name, as a file of the user's own has."""
    return replace(settings, name=name)


def objects(settings: Settings, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Make a table of one convention's objects.

    Each row may give ``levels`` (positives on P3 to P7), ``size``, ``box`` (x, y,
    width, height, the same in original and input pixels), ``mean`` and ``std``,
    ``low`` (low-quality matches) and ``iou`` (of the best positive).
    """
    columns: dict[str, list[Any]] = {}
    for row in rows:
        levels = row.get("levels", (9, 0, 0, 0, 0))
        x, y, width, height = row.get("box", (100.0, 100.0, 20.0, 20.0))
        values = {
            "preset": settings.name,
            "image_id": 1,
            "size": row.get("size", "small"),
            **{"x": x, "y": y, "width": width, "height": height},
            "ratio": height / width if width > 0 < height else np.nan,
            **{"input_x1": x, "input_y1": y},
            **{"input_x2": x + width, "input_y2": y + height},
            "num_positives": sum(levels),
            "num_at_bar": sum(levels) - row.get("low", 0),
            **{f"positives_{n}": c for n, c in zip(LEVELS, levels, strict=True)},
            "best_iou": row.get("iou", 0.6) if sum(levels) else np.nan,
            "candidate_mean": row.get("mean", 0.2),
            "candidate_std": row.get("std", 0.1),
            **{"image_width": 640.0, "image_height": 480.0},
        }
        for name, value in values.items():
            columns.setdefault(name, []).append(value)
    table = pd.DataFrame(columns)
    table["size"] = pd.Categorical(table["size"], SIZE_BINS, ordered=True)
    return table


def side_by_side(*tables: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True)


def counts(*positives: int, **rest: Any) -> list[dict[str, Any]]:
    """List objects by their positives, all of them on P3."""
    return [{"levels": (number, 0, 0, 0, 0), **rest} for number in positives]


def several(number: int = 4) -> tuple[pd.DataFrame, list[Settings]]:
    """Make a table of so many conventions; the n-th gives each object n + 1."""
    each = [named(ATSS, f"preset {place}") for place in range(number)]
    rows = [counts(*[2 + place] * 4) for place in range(number)]
    return side_by_side(*map(objects, each, rows)), each


def hostile_table(
    names: Sequence[str] = HOSTILE,
) -> tuple[pd.DataFrame, list[Settings]]:
    """Make a table of conventions whose names are not meant for figures."""
    each = [named(ATSS, name) for name in names]
    return side_by_side(*(objects(one, counts(0, 3, 9, 30)) for one in each)), each
