"""The rows of `worst` for programs: one document, a record a row, or CSV."""

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from atss_inspect.statistics.worst import Starved, WorstImage, WorstObject
from atss_inspect.views.stats_records import stats_document
from atss_inspect.views.worst_report import Row, WorstReport
from atss_inspect.writers.tables import CsvTable

Record = dict[str, Any]

_OBJECT_DTYPES: dict[str, type] = {
    "file": object,
    "image_id": object,
    "file_name": object,
    "ann_id": object,
    "annotation_index": np.int64,
    "class": object,
    "size": object,
    "width": float,
    "height": float,
    "area": float,
    "num_positives": np.int64,
    "cause": object,
    "lost_to": object,
}
_COUNT_DTYPES: dict[str, type] = {
    "num_objects": np.int64,
    "num_unassigned": np.int64,
    "unassigned_share": float,
    "num_lost_to_others": np.int64,
    "main_cause": object,
}
# Columns of CSV files, also of those without rows.
_DTYPES: dict[str, dict[str, type]] = {
    "object": _OBJECT_DTYPES,
    "image": {"file": object, "image_id": object, "file_name": object, **_COUNT_DTYPES},
    "class": {"class": object, **_COUNT_DTYPES},
}


def worst_document(report: WorstReport) -> Record:
    """Make the whole answer one document."""
    document = stats_document(replace(report.stats, settings=()))
    warnings = document.pop("warnings")
    del document["results"]
    document["settings"] = [each.to_dict() for each in report.stats.settings]
    document["selection"] |= {"causes": report.worst.query.causes}
    return {
        **document,
        "preset": report.stats.names[0],
        **_count_record(report.worst.every_object),
        "by": report.by,
        "rows": worst_records(report),
        "warnings": warnings,
    }


def worst_records(report: WorstReport) -> list[Record]:
    """Make a record of every row, with the commands that look closer and draw it."""
    files = report.stats.dataset.files
    return [
        {
            **_record(files, row),
            "command": report.command(row),
            "picture": report.picture(row),
        }
        for row in report.rows
    ]


def worst_csv(report: WorstReport) -> bytes:
    """Write a row per object, image or class."""
    rows = worst_records(report)
    dtypes = {**_DTYPES[report.by], "command": object, "picture": object}
    columns = {
        name: _column([row[name] for row in rows], dtype)
        for name, dtype in dtypes.items()
    }
    stream = io.BytesIO()
    schema = {name: column.dtype for name, column in columns.items()}
    CsvTable(stream, schema).write(columns)
    return stream.getvalue()


def _column(values: Sequence[Any], dtype: type) -> Any:
    """Make an array; ids of any kind stay what they are."""
    column: np.ndarray[Any, Any] = np.empty(len(values), dtype=dtype)
    column[:] = values
    return column


def _record(files: Sequence[str], row: Row) -> Record:
    """Say what is known of an object, an image or a class."""
    if isinstance(row, WorstObject):
        return _object_record(files, row)
    if isinstance(row, WorstImage):
        place = {
            "file": files[row.file],
            "image_id": row.image_id,
            "file_name": row.file_name,
        }
        return {**place, **_count_record(row)}
    return {"class": row.class_name, **_count_record(row)}


def _object_record(files: Sequence[str], row: WorstObject) -> Record:
    """Say what is known of an object."""
    return {
        "file": files[row.file],
        "image_id": row.image_id,
        "file_name": row.file_name,
        "ann_id": row.ann_id,
        "annotation_index": row.annotation_index,
        "class": row.class_name,
        "size": row.size,
        "width": row.width,
        "height": row.height,
        "area": row.area,
        "num_positives": row.num_positives,
        "cause": row.cause,
        "lost_to": row.lost_to,
    }


def _count_record(group: Starved) -> Record:
    """Count the objects of a group, those without a positive by cause."""
    return {
        "num_objects": group.num_objects,
        "num_unassigned": group.num_starved,
        "unassigned_share": group.share,
        "num_lost_to_others": group.by_cause.get("lost_to_others", 0),
        "main_cause": group.main_cause,
        "causes": group.by_cause,
    }
