"""The numbers of `sweep` for programs: those of `stats`, a record per combination."""

import io
from typing import Any

import numpy as np

from atss_inspect.assigners.pyramid import level_name
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.statistics.sweep_choice import GINI_TOLERANCE, SHARE_TOLERANCE
from atss_inspect.views.stats_records import (
    COUNT_COLUMNS,
    FLOAT_COLUMNS,
    Record,
    stats_document,
    stats_records,
)
from atss_inspect.views.sweep_report import SweepReport
from atss_inspect.views.sweep_text import fragments
from atss_inspect.views.sweep_verdict import sweep_verdict
from atss_inspect.writers.tables import CsvTable


def sweep_document(report: SweepReport) -> Record:
    """Make the whole answer one document, in the shape of that of `stats`."""
    document = stats_document(report.stats)
    document["settings"] = [report.base.to_dict()]
    document["results"] = sweep_records(report)
    choice = report.choice
    texts = [text for _, text in fragments(report)]
    document["sweep"] = {
        "axes": [
            {"name": axis.name, "path": axis.path, "values": axis.values}
            for axis in report.axes
        ],
        "tolerance": {
            "unassigned_share": float(SHARE_TOLERANCE),
            "gini": GINI_TOLERANCE,
        },
        "choice": None
        if choice is None
        else {"row": choice, **_values(report, choice)},
        "verdict": sweep_verdict(report),
        "toml": texts[0] if texts else None,
        "mmdetection": texts[1] if len(texts) > 1 else None,
    }
    return document


def sweep_records(report: SweepReport) -> list[Record]:
    """Make a record of every row: its values, and what `stats` says under them."""
    return [
        {**_values(report, row), **record}
        for row, record in enumerate(stats_records(report.stats))
    ]


def _values(report: SweepReport, row: int) -> Record:
    """Name the values of a row by dotted path."""
    point = report.points[row]
    return {"values": point.values | point.followers}


def sweep_csv(report: SweepReport) -> bytes:
    """Write a line per row; what a row does not have is an empty field."""
    rows = [_flat(report, row, each) for row, each in enumerate(sweep_records(report))]
    names = dict.fromkeys(name for row in rows for name in row)
    columns: dict[str, Any] = {
        name: np.array([row.get(name) for row in rows], dtype=_dtype(name))
        for name in names
    }
    stream = io.BytesIO()
    schema = {name: column.dtype for name, column in columns.items()}
    CsvTable(stream, schema).write(columns)
    return stream.getvalue()


def _flat(report: SweepReport, row: int, record: Record) -> dict[str, Any]:
    """Put what a row has to say side by side."""
    point = report.points[row]
    named = dict(zip(point.values, point.labels, strict=True)) | point.followers
    line: dict[str, Any] = {path: str(value) for path, value in named.items()}
    wanted = (*COUNT_COLUMNS, *FLOAT_COLUMNS)
    line |= {name: record[name] for name in wanted if name in record}
    for size, each in zip(SIZE_BINS, record["by_size"], strict=True):
        line[f"unassigned_share_{size}"] = each["unassigned_share"]
    for level in record["by_level"]:
        line[f"level_share_{level_name(level['stride'])}"] = level["share"]
    return line


def _dtype(name: str) -> type:
    """Shares and means are floats, all else is written as it is."""
    is_share = name in FLOAT_COLUMNS or "_share_" in name
    return float if is_share else object
