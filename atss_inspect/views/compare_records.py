"""The numbers of `compare` for programs: a document, a record a pair, or rows.

The document is that of `stats` (docs/json.md) for the objects compared, with ``pairs``,
or with ``baseline`` and ``changes``.
"""

import io
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from atss_inspect.statistics.comparison import Flip, Pair
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.views.compare_report import GROUPS, BaselineReport, CompareReport
from atss_inspect.views.stats_records import stats_document, stats_records
from atss_inspect.writers.tables import CsvTable

Record = dict[str, Any]


def compare_document(report: CompareReport) -> Record:
    """Make the whole answer one document."""
    document = stats_document(report.stats)
    warnings = document.pop("warnings")
    return {**document, "pairs": pair_records(report), "warnings": warnings}


def pair_records(report: CompareReport) -> list[Record]:
    """Make a record of every pair."""
    files = report.stats.dataset.files
    pairs = zip(
        itertools.combinations(report.stats.names, 2), report.pairs, strict=True
    )
    return [
        {
            "first": first,
            "second": second,
            **_outcome_record(pair, SIZE_BINS),
            "by_size": [
                {"size": name, **_outcome_record(pair, (name,))} for name in SIZE_BINS
            ],
            "examples_only_first": [_flip(files, flip) for flip in pair.only_first],
            "examples_only_second": [_flip(files, flip) for flip in pair.only_second],
        }
        for (first, second), pair in pairs
    ]


def _outcome_record(pair: Pair, sizes: tuple[str, ...]) -> Record:
    """Say who feeds the objects of some sizes, and how far the two agree."""
    joint = pair.joint.of_sizes(*sizes)
    return {
        **joint.outcomes._asdict(),
        "spearman": joint.spearman,
        "common_share": pair.common_share(*sizes),
    }


def _flip(files: Sequence[str], flip: Flip) -> Record:
    """Name an object that the two disagree on."""
    return {
        "file": files[flip.file],
        "image_id": flip.image_id,
        "ann_id": flip.ann_id,
        "annotation_index": flip.annotation_index,
        "size": flip.size,
        "num_positives": flip.num_positives,
    }


def compare_csv(report: CompareReport) -> bytes:
    """Write a row per pair and group of objects."""
    return _csv(
        [
            {"first": first, "second": second, "group": name}
            | _outcome_record(pair, sizes)
            for first, second, pair in report.named_pairs
            for name, sizes in GROUPS.items()
        ],
        text=("first", "second", "group"),
        counts=(
            "num_objects",
            "num_both",
            "num_only_first",
            "num_only_second",
            "num_neither",
        ),
        floats=("spearman", "common_share"),
    )


# --- two data sets -----------------------------------------------------------------


def baseline_document(report: BaselineReport) -> Record:
    """Make the whole answer one document."""
    document = stats_document(report.now)
    warnings = document.pop("warnings")
    before = stats_document(report.before)
    keys = ("inputs", "data", "results", "warnings")
    return {
        **document,
        "baseline": {key: before[key] for key in keys},
        "changes": list(change_records(report)),
        "warnings": warnings,
    }


def change_records(report: BaselineReport) -> Iterator[Record]:
    """Make a record of every preset and group of objects."""
    for preset, groups in report.changes:
        for name, change in groups.items():
            yield {
                "preset": preset,
                "group": name,
                **change._asdict(),
                "unassigned_share_rise": change.rise,
            }


def baseline_csv(report: BaselineReport) -> bytes:
    """Write a row per preset and group of objects."""
    return _csv(
        list(change_records(report)),
        text=("preset", "group"),
        counts=(
            "num_objects_before",
            "num_unassigned_before",
            "num_objects",
            "num_unassigned",
        ),
        floats=("unassigned_share_rise",),
    )


def baseline_lines(report: BaselineReport) -> list[Record]:
    """Give the records of both data sets, each named."""
    return [
        {"data": label, **record}
        for label, each in (("before", report.before), ("now", report.now))
        for record in stats_records(each)
    ]


def _csv(
    rows: Sequence[Record],
    *,
    text: tuple[str, ...],
    counts: tuple[str, ...],
    floats: tuple[str, ...],
) -> bytes:
    """Write rows of the same columns; what is undefined is an empty field."""
    columns = {
        name: np.array([row[name] for row in rows], dtype=dtype)
        for names, dtype in ((text, object), (counts, np.int64), (floats, float))
        for name in names
    }
    stream = io.BytesIO()
    schema = {name: column.dtype for name, column in columns.items()}
    CsvTable(stream, schema).write(columns)
    return stream.getvalue()
