"""The numbers of `stats` for programs: one document, one record a preset, or rows.

docs/json.md explains every key. Keys are in a fixed order, shares are fractions, and
what is undefined is None.
"""

import io
from collections.abc import Iterator
from typing import Any

import numpy as np

from atss_inspect import __version__
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.assigners.pyramid import level_name
from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import (
    RATIO_BINS,
    SIZE_BINS,
    Group,
    Summary,
    expected_positives,
)
from atss_inspect.views.stats_report import StatsReport
from atss_inspect.writers.tables import CsvTable

SCHEMA_VERSION = 1
Record = dict[str, Any]


def stats_document(report: StatsReport) -> Record:
    """Make the whole answer one document."""
    dataset = report.dataset
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "atss-inspect", "version": __version__},
        "inputs": [
            {"path": path, "num_bytes": num_bytes, **counts._asdict()}
            for path, num_bytes, counts in zip(
                dataset.files, dataset.file_sizes, dataset.file_counts, strict=True
            )
        ],
        "data": {
            "num_images": dataset.num_images,
            "num_annotations": dataset.num_annotations,
            "num_categories": len(dataset.category_names),
        },
        "selection": {
            "images": report.images,
            "limit": report.limit,
            "classes": report.selection.classes,
            "sizes": report.selection.sizes,
        },
        "settings": [settings.to_dict() for settings in report.settings],
        "results": stats_records(report),
        "warnings": [
            {
                "reason": finding.reason,
                "count": finding.count,
                "message": finding.message,
                "examples": finding.examples,
                "is_loss": finding.is_loss,
            }
            for finding in dataset.findings
        ],
    }


def stats_records(report: StatsReport) -> list[Record]:
    """Make a record of every preset's result."""
    pairs = zip(report.settings, report.summaries, strict=True)
    return [_record(report.dataset, *pair) for pair in pairs]


def _record(dataset: Dataset, settings: Settings, summary: Summary) -> Record:
    """Say all that is known of one preset."""
    return {
        "preset": settings.name,
        "num_images": summary.num_images,
        **_group_record(summary.every_object),
        "median_positives": summary.median_positives,
        "p5_positives": summary.percentile(5),
        "p95_positives": summary.percentile(95),
        "expected_positives": expected_positives(settings),
        "num_negatives": summary.num_negatives,
        "num_ignored": summary.num_ignored,
        "num_tied": summary.num_tied,
        "num_fragile": summary.num_fragile,
        "causes": summary.cause_counts,
        "mean_iou": summary.mean_iou,
        "gini": summary.gini,
        "large_to_small": summary.large_to_small,
        "per_image": summary.per_image._asdict(),
        "left_out": {
            "images": summary.left_out_images,
            "objects": summary.left_out_objects,
        },
        "coco_small": _group_record(summary.coco_small),
        "by_size": [
            {"size": name, **_group_record(summary.of_sizes(name))}
            for name in SIZE_BINS
        ],
        "by_level": _level_records(settings, summary),
        "by_ratio": [
            {"ratio": name, **_group_record(group)}
            for name, group in zip(RATIO_BINS, summary.by_ratio.groups, strict=True)
        ],
        "by_class": _class_records(dataset, summary),
    }


def _group_record(group: Group) -> Record:
    """Say what is known of some objects together."""
    return {
        "num_objects": group.num_objects,
        "num_positives": group.num_positives,
        "mean_positives": group.mean_positives,
        "num_unassigned": group.num_unassigned,
        "unassigned_share": group.unassigned_share,
    }


def _level_records(settings: Settings, summary: Summary) -> list[Record]:
    """Say what is known of each level, finest first."""
    return [
        {
            "level": level,
            "level_name": level_name(stride),
            "stride": stride,
            "num_positives": positives,
            "share": share,
            "num_objects": int(summary.level_objects[level]),
        }
        for level, (stride, positives, share) in enumerate(
            zip(
                settings.anchors.strides,
                summary.positives_by_level,
                summary.level_shares,
                strict=True,
            )
        )
    ]


def _class_records(dataset: Dataset, summary: Summary) -> list[Record]:
    """Say what is known of each class, in the order of the file, empty ones too."""
    rows = zip(
        dataset.category_ids.tolist(),
        dataset.category_names,
        summary.by_class.groups,
        strict=True,
    )
    return [
        {"category_id": category_id, "class": name, **_group_record(group)}
        for category_id, name, group in rows
    ]


# --- rows --------------------------------------------------------------------------

TEXT_COLUMNS = ("preset", "group", "key")
COUNT_COLUMNS = (
    "num_images",
    "num_objects",
    "num_positives",
    "num_unassigned",
    "num_negatives",
    "num_ignored",
    "num_tied",
    "num_fragile",
)
FLOAT_COLUMNS = (
    "mean_positives",
    "median_positives",
    "p5_positives",
    "p95_positives",
    "expected_positives",
    "unassigned_share",
    "share",
    "mean_iou",
    "gini",
    "large_to_small",
)


def stats_rows(report: StatsReport) -> Iterator[Record]:
    """Take the records apart into rows of the same columns.

    Yields
    ------
    ``preset``, ``group`` (``all``, ``size``, ``coco``, ``level``, ``ratio``, ``class``,
    ``left_out_objects`` or ``left_out_images``), ``key`` (which size, level, ...), and
    every number that the group has; others are absent. Of the four breakdowns only
    those asked for, or all.
    """
    wanted = report.by or ("size", "level", "ratio", "class")
    for record in stats_records(report):
        for group, key, row in _groups(record, wanted):
            yield {"preset": record["preset"], "group": group, "key": key, **row}


def _groups(
    record: Record, wanted: tuple[str, ...]
) -> Iterator[tuple[str, str, Record]]:
    """Name the rows of one preset."""
    yield "all", "all", record
    for group in ("size", "level", "ratio", "class"):
        if group in wanted:
            name = "level_name" if group == "level" else group
            for row in record[f"by_{group}"]:
                yield group, row[name], row
        if group == "size" and group in wanted:
            yield "coco", "small", record["coco_small"]
    for reason, number in record["left_out"]["objects"].items():
        yield "left_out_objects", reason, {"num_objects": number}
    for reason, number in record["left_out"]["images"].items():
        yield "left_out_images", reason, {"num_images": number}


def stats_csv(report: StatsReport) -> bytes:
    """Write the rows as CSV; a number that a group does not have is an empty field."""
    rows = list(stats_rows(report))
    columns = {
        name: np.array([row.get(name) for row in rows], dtype=dtype)
        for names, dtype in (
            (TEXT_COLUMNS, object),
            (COUNT_COLUMNS, object),
            (FLOAT_COLUMNS, float),
        )
        for name in names
    }
    stream = io.BytesIO()
    schema = {name: column.dtype for name, column in columns.items()}
    CsvTable(stream, schema).write(columns)
    return stream.getvalue()
