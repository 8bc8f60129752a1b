"""The answer of `stats` for programs: a record a preset, and rows of these.

Keys are in a fixed order, shares are fractions, and what is undefined is None;
docs/json.md explains every key.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from atss_inspect.settings import Settings
from atss_inspect.statistics import metrics
from atss_inspect.statistics.baseline import blocks_record
from atss_inspect.statistics.grades import Graded
from atss_inspect.statistics.statistic import Kind, plain
from atss_inspect.statistics.summary import RATIO_BINS, SIZE_BINS, Summary
from atss_inspect.statistics.tally import Group
from atss_inspect.views import table
from atss_inspect.views.table import Record, interval_record

if TYPE_CHECKING:
    from atss_inspect.views.stats import StatsReport


def records_of(report: "StatsReport") -> list[Record]:
    """Make a record of every preset's result, with all that is known of it.

    Levels are described finest first; classes in the order of the file, empty ones
    too.
    """
    return [_record(report, place) for place in range(len(report.settings))]


def rows_of(report: "StatsReport") -> table.Records:
    """Take the records apart into rows of the same columns.

    Rows have ``preset``, ``group`` (``all``, ``size``, ``coco``, ``level``, ``ratio``,
    ``class``, ``left_out_objects`` or ``left_out_images``), ``key`` (which size, level,
    ...), and every number that the group has; others are absent. Of the four breakdowns
    only those asked for, or all.
    """
    wanted = report.by or ("size", "level", "ratio", "class")
    rows = [
        {"preset": record["preset"], "group": group, "key": key, **row}
        for record in records_of(report)
        for group, key, row in _grouped(record, wanted)
    ]
    first = table.record_columns(("preset", "group", "key"))
    return table.Records((*first, *statistic_columns()), rows)


def _record(report: "StatsReport", place: int) -> Record:
    dataset, settings = report.dataset, report.settings[place]
    one = report.summaries[place]
    classes = {"category_id": dataset.category_ids.tolist()}
    classes["class"] = list(dataset.category_names)
    sizes = map(one.of_sizes, SIZE_BINS)
    return {
        "preset": settings.name,
        **metrics.record_of(one, settings),
        **_per_image(one, settings),
        "left_out": {
            "images": plain(one.left_out_images),
            "objects": plain(one.left_out_objects),
        },
        "coco_small": metrics.record_of_group(one.coco_small),
        "by_size": _group_records({"size": SIZE_BINS}, sizes),
        "by_level": _level_records(settings, one),
        "by_ratio": _group_records({"ratio": RATIO_BINS}, one.by_ratio.groups),
        "by_class": _group_records(classes, one.by_class.groups)
        if report.lists_classes
        else [],
        "judgement": _judgement_record(report, place),
        "blocks": blocks_record(one),
    }


def _per_image(summary: Summary, settings: Settings) -> Record:
    """Anchors of the average image, which gates have none of."""
    if summary.candidates:
        return {}
    per_image = summary.per_image._asdict()
    if (beyond := metrics.beyond_per_image(summary, settings)) is not None:
        per_image["beyond_border"] = beyond
    return {"per_image": per_image}


def _judgement_record(report: "StatsReport", place: int) -> Record:
    """Grade of all objects and of each size, then of each class that has objects."""
    by_size = report.judgements[place]
    every = report.class_judgements[place].groups[1:] if report.lists_classes else ()
    classes = [one for one in every if one.counts.num_objects]
    return {
        "usual_of": by_size.usual_of or None,
        "is_changed": by_size.is_changed,
        "grade": by_size.grade,
        "groups": [_graded_record(each) for each in by_size.groups],
        "classes": [_graded_record(each) for each in classes],
    }


def _graded_record(one: Graded) -> Record:
    return {
        "name": one.name,
        "num_objects": plain(one.counts.num_objects),
        _share_key(one.counts): one.counts.poorly_assigned_share,
        **interval_record(one.interval),
        "usual_share": one.usual,
        "grade": one.grade,
    }


def _share_key(group: Group) -> str:
    """Name the share that a grade is of."""
    return "without_candidate_share" if group.is_of_gate else "poorly_assigned_share"


def _group_records(
    named: dict[str, Sequence[Any]], groups: Iterable[Group]
) -> list[Record]:
    """Make a record of every group of objects, its names first."""
    return [
        dict(zip(named, names, strict=True)) | metrics.record_of_group(group)
        for *names, group in zip(*named.values(), groups, strict=True)
    ]


def _level_records(settings: Settings, summary: Summary) -> list[Record]:
    strides = settings.anchors.strides
    low = list(map(plain, summary.level_low_quality_only.tolist()))
    if not summary.by_size.has_low_quality:
        low = [None] * len(strides)
    is_gate = summary.candidates is not None
    columns: dict[str, Iterable[Any]] = {
        "level": range(len(strides)),
        "level_name": settings.anchors.level_names,
        "stride": strides,
        "num_candidates" if is_gate else "num_positives": list(
            map(plain, summary.positives_by_level)
        ),
        "share": summary.level_shares,
        "num_objects": list(map(plain, summary.level_objects.tolist())),
        **({} if is_gate else {"num_low_quality_only": low}),
    }
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


# The order of columns that programs may rely on; new ones come after these.
_FLOATS = (
    *("mean_positives", "median_positives", "p5_positives", "p95_positives"),
    *("expected_positives", "unassigned_share", "share"),
    *("mean_iou", "gini", "large_to_small"),
)


def statistic_columns() -> tuple[table.Column, ...]:
    """Columns of what rows can hold: counts, then means and shares."""
    recorded = [one for one in metrics.recorded() if one.kind is not Kind.COUNTS]
    share = table.Column("share", "share", is_float=True)
    columns = [*map(table.column_of, recorded), share]
    known = {key: place for place, key in enumerate(_FLOATS)}
    columns.sort(key=lambda one: known.get(one.key, len(known)) if one.is_float else -1)
    return tuple(columns)


def _grouped(
    record: Record, wanted: Sequence[str]
) -> Iterator[tuple[str, str, Record]]:
    yield "all", "all", record
    for group in ("size", "level", "ratio", "class"):
        if group in wanted:
            name = "level_name" if group == "level" else group
            for row in record[f"by_{group}"]:
                yield group, row[name], row
        if group == "size" and group in wanted:
            yield "coco", "small", record["coco_small"]
    for things in ("objects", "images"):
        for reason, number in record["left_out"][things].items():
            yield f"left_out_{things}", reason, {f"num_{things}": number}
