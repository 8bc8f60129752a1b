"""The answer of `stats`: an overview, or breakdowns by size, level, class or shape.

For programs one document, one record a preset, or rows: docs/json.md explains every
key. Keys are in a fixed order, shares are fractions, and what is undefined is None.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from atss_inspect import __version__
from atss_inspect.assigners.pyramid import level_name
from atss_inspect.settings import Settings
from atss_inspect.statistics import metrics
from atss_inspect.statistics.metrics import Kind, Place
from atss_inspect.statistics.summary import RATIO_BINS, SIZE_BINS, Group, Summary
from atss_inspect.views import numbers, table
from atss_inspect.views.answer import Answer, Block, Closing, Notes
from atss_inspect.views.causes import CAUSE_WORDS
from atss_inspect.views.headings import RATIOS_NOTE, SIZES_NOTE, heading
from atss_inspect.views.stats_report import Groups, StatsReport, are_alike, command_line
from atss_inspect.views.table import AnyCell, Cell, Record, Row, RowKind, Section, Table
from atss_inspect.views.verdict import verdict

SCHEMA_VERSION = 1
COCO_SMALL = "tiny + small"


def stats_answer(report: StatsReport, *, command: str = "") -> Answer:
    """Everything that `stats` says; ``command`` is to be typed next instead."""
    blocks = partial(_blocks, command=command or next_command(report))
    return Answer.of(report, blocks, stats_document, stats_records, _rows)


def _blocks(report: StatsReport, *, command: str) -> Iterator[Block]:
    """Arrange the answer for people."""
    yield from heading(report)
    yield from stats_tables(report)
    yield Notes(tuple(_notes(report)))
    yield Closing((verdict(report),), (command,))


def _notes(report: StatsReport) -> Iterator[str]:
    """Explain units that a table uses."""
    if not report.has_objects:
        return
    if not report.breakdowns or "size" in report.breakdowns:
        yield SIZES_NOTE
    if "class" in report.breakdowns:
        yield metrics.notes_at(Place.COLUMN)
    if "ratio" in report.breakdowns:
        yield RATIOS_NOTE


def next_command(report: StatsReport) -> str:
    """Command to type next: where to look further."""
    by = "class" if len(report.dataset.category_names) > 1 else "ratio"
    asked = (*report.command, *report.filtering)
    if report.breakdowns:
        return command_line("export", "objects", *asked, "-o", "objects.csv")
    if report.has_objects:
        return command_line("stats", *asked, "--by", by)
    if report.filtering:
        return command_line("stats", *report.command, "--by", by)
    # The data rules decide what is left out.
    return command_line("config", "show", "--preset", report.settings[0].name)


def stats_tables(report: StatsReport) -> list[Table]:
    """Choose the tables: an overview, or the breakdowns asked for."""
    if not report.breakdowns:
        return [Table(report.names, tuple(_overview(report)))]
    make: dict[str, Callable[[StatsReport], Table]] = {
        "size": lambda report: _sections_table(report, size_groups(report)),
        "level": _level_table,
        "class": _class_table,
        "ratio": lambda report: _sections_table(
            report, [("all", _every_object(report)), *report.groups("ratio")]
        ),
    }
    tables = [make[name](report) for name in report.breakdowns]
    if report.is_mostly_lost:
        tables.append(Table(report.names, tuple(_left_out_sections(report))))
    return tables


def row_of(label: str, cells: Iterable[AnyCell], kind: RowKind = RowKind.PLAIN) -> Row:
    """Make a row with one cell per preset."""
    return Row(label, tuple((cell,) for cell in cells), kind=kind)


def count_row(label: str, counts: Iterable[int], kind: RowKind = RowKind.PLAIN) -> Row:
    """Make a row with one whole number per preset."""
    return row_of(label, map(table.count, counts), kind)


def _overview(report: StatsReport) -> Iterator[Section]:
    """Everything that fits on a screen."""
    yield _section(report, "")
    if report.has_objects:
        yield from _sections_of(size_groups(report), (Kind.OBJECTS,))
        if any(summary.num_unassigned for summary in report.summaries):
            yield cause_section(report)
        yield _section(report, metrics.SPREAD)
        counts = [one.num_positives for one in report.summaries]
        rows = _level_rows(report, lambda one, n: table.share(one.level_shares[n]))
        levels = (count_row("positives", counts), *rows)
        yield Section("share of positives by level", levels)
        yield _section(report, metrics.PER_IMAGE)
        yield _section(report, metrics.DOUBT)
    yield from _left_out_sections(report)


def _section(report: StatsReport, title: str) -> Section:
    """Make a row of each statistic of a section, unless it is optional and unknown."""
    rows = []
    for statistic in metrics.shown_at(Place.OVERVIEW, title):
        pairs = list(zip(report.summaries, report.settings, strict=True))
        values = [statistic.value(*pair) for pair in pairs]
        if not statistic.is_optional or any(value is not None for value in values):
            cells = [
                table.cell_of(statistic, value, one.num_objects)
                for value, (one, _) in zip(values, pairs, strict=True)
            ]
            row = row_of(statistic.label_at(Place.OVERVIEW), cells)
            rows.append(row._replace(meaning=statistic.meaning))
    return Section(title, tuple(rows))


def size_groups(report: StatsReport) -> Groups:
    """Take the objects of each size apart, per preset; COCO's small comes besides."""
    tiny, small, *larger = report.groups("size")
    both = (COCO_SMALL, [one.coco_small for one in report.summaries])
    return [("all", _every_object(report)), tiny, small, both, *larger]


def _every_object(report: StatsReport) -> list[Group]:
    """All objects of each preset."""
    return [one.every_object for one in report.summaries]


def cause_section(report: StatsReport, title: str = "why they have none") -> Section:
    """Count why objects have no positive, the causes that occur in rule order."""
    counts = [summary.cause_counts for summary in report.summaries]
    rows = [
        count_row(words, [each.get(cause, 0) for each in counts])
        for cause, words in CAUSE_WORDS.items()
        if any(cause in each for each in counts)
    ]
    return Section(title, tuple(rows))


def by_level(
    settings: Sequence[Settings], show: Callable[[int, int], Any], missing: Any
) -> Iterator[tuple[int, list[Any]]]:
    """Stride of each level of any preset, and what every preset shows there.

    ``show`` takes the places of a preset and of its level; ``missing`` stands for the
    presets without one.
    """
    own = [each.anchors.strides for each in settings]
    for stride in sorted({stride for each in own for stride in each}):
        shown = [
            show(preset, each.index(stride)) if stride in each else missing
            for preset, each in enumerate(own)
        ]
        yield stride, shown


def level_label(stride: int) -> str:
    """Name of a level beside its stride."""
    return f"{level_name(stride)} (stride {stride})"


def _level_rows(
    report: StatsReport, show: Callable[[Summary, int], AnyCell]
) -> Iterator[Row]:
    """Make a row per level by asking the summaries that have it."""
    for stride, cells in by_level(
        report.settings,
        lambda preset, level: show(report.summaries[preset], level),
        numbers.UNDEFINED,
    ):
        yield row_of(level_label(stride), cells, RowKind.GROUP)


def _left_out_sections(report: StatsReport) -> Iterator[Section]:
    """Count what is not among the objects and images, by reason."""
    for things, name in (("annotations", "objects"), ("images", "images")):
        counts = [getattr(one, f"left_out_{name}") for one in report.summaries]
        rows = [
            count_row(
                reason.replace("_", " "), [each.get(reason, 0) for each in counts]
            )
            for reason in sorted({reason for each in counts for reason in each})
        ]
        if len(rows) != 1:
            totals = [sum(each.values()) for each in counts]
            rows.insert(0, count_row("all", totals, RowKind.SUM))
        yield Section(f"{things} left out", tuple(rows))


def _sections_table(report: StatsReport, groups: Groups) -> Table:
    """Break down by size, or by the shape of the boxes."""
    return Table(report.names, tuple(_sections_of(groups)))


def _sections_of(
    groups: Groups, kinds: Sequence[Kind] = tuple(Kind)
) -> Iterator[Section]:
    """Make a section of each statistic that groups have, a row a group.

    The first group is all objects. Numbers of objects say of how many they are: in the
    label, where all presets have the same objects, else in the cell.
    """
    alike = _are_alike(groups)
    for statistic in metrics.shown_at(Place.BREAKDOWN):
        if statistic.kind not in kinds:
            continue
        rows: list[Row] = []
        for label, members in groups:
            cells = [_group_cell(statistic, one) for one in members]
            if statistic.kind is Kind.OBJECTS and alike:
                label = f"{label} ({numbers.count(members[0].num_objects)})"
            elif statistic.kind is Kind.OBJECTS:
                pairs = zip(cells, members, strict=True)
                cells = [cell._replace(whole=one.num_objects) for cell, one in pairs]
            rows.append(row_of(label, cells, RowKind.GROUP if rows else RowKind.SUM))
        yield Section(statistic.label_at(Place.BREAKDOWN), tuple(rows))


def _are_alike(groups: Groups) -> bool:
    """Whether all presets have the same number of objects in every group."""
    return all(are_alike([one.num_objects for one in each]) for _, each in groups)


def _group_cell(statistic: metrics.Statistic, group: Group) -> Cell:
    """Make the cell of a statistic of a group; a dash without objects."""
    value = statistic.value_of(group) if group.num_objects else None
    return table.cell_of(statistic, value, group.num_objects)


def _level_table(report: StatsReport) -> Table:
    """Break down by level of the pyramid."""
    every = report.summaries
    positives = [one.num_positives for one in every]
    on_level = _level_rows(
        report,
        lambda one, n: table.objects(one.positives_by_level[n], one.level_shares[n]),
    )
    served = _level_rows(
        report, lambda one, n: _objects(one, int(one.level_objects[n]))
    )
    nowhere = [_objects(one, one.num_unassigned) for one in every]
    sums = (
        row_of("no level", nowhere, RowKind.SUM),
        count_row("all objects", [one.num_objects for one in every], RowKind.SUM),
    )
    first = count_row("all", positives, RowKind.SUM)
    sections = (
        Section("positives", (first, *on_level)),
        Section("objects with positives on", (*served, *sums)),
    )
    return Table(report.names, sections)


def _objects(summary: Summary, number: int) -> Cell:
    """Make the cell of some objects, and their share of all."""
    return table.objects(number, summary.share_of_objects(number))


def _class_table(report: StatsReport) -> Table:
    """Break down by class, the most frequent first, a line each.

    A line has the number of objects, once where all presets have the same, and the
    statistics of classes.
    """
    classes = report.groups("class")
    present = [row for row in classes if any(one.num_objects for one in row[1])]
    present.sort(key=lambda row: (-sum(one.num_objects for one in row[1]), row[0]))
    groups = [("all", _every_object(report)), *present]
    kinds = [RowKind.SUM, *[RowKind.GROUP] * len(present)]
    alike = _are_alike(groups)
    num_absent = len(classes) - len(present)
    if num_absent:
        nothing = [Group(0, 0, 0) for _ in report.names]
        groups.append((f"{numbers.count(num_absent)} without any", nothing))
        kinds.append(RowKind.SUM)
    statistics = list(metrics.shown_at(Place.COLUMN))
    rows: list[Row] = []
    for (label, members), kind in zip(groups, kinds, strict=True):
        counts = [(table.count(one.num_objects),) for one in members]
        cells = [
            tuple(_group_cell(each, one) for each in statistics) for one in members
        ]
        if not alike:
            cells = [(*pair[0], *pair[1]) for pair in zip(counts, cells, strict=True)]
        rows.append(Row(label, tuple(cells), counts[0] if alike else (), kind))
    number = (table.Column("objects", "num_objects"),)
    columns = [table.column_of(one, one.label_at(Place.COLUMN)) for one in statistics]
    return Table(
        headings=report.names,
        sections=(Section("", tuple(rows)),),
        parts=tuple(columns if alike else [*number, *columns]),
        label="class",
        lead=number if alike else (),
        label_room=18,
    )


def stats_document(report: StatsReport, **more: Any) -> Record:
    """Make the whole answer one document; ``more`` keys stand before the warnings."""
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
        **more,
        "warnings": [asdict(finding) for finding in dataset.findings],
    }


def stats_records(report: StatsReport) -> list[Record]:
    """Make a record of every preset's result, with all that is known of it.

    Levels are described finest first; classes in the order of the file, empty ones too.
    """
    ids, names = report.dataset.category_ids.tolist(), report.dataset.category_names
    return [
        {
            "preset": settings.name,
            **metrics.record_of(summary, settings),
            "per_image": summary.per_image._asdict(),
            "left_out": {
                "images": summary.left_out_images,
                "objects": summary.left_out_objects,
            },
            "coco_small": metrics.record_of_group(summary.coco_small),
            "by_size": _group_records(
                "size", SIZE_BINS, map(summary.of_sizes, SIZE_BINS)
            ),
            "by_level": _level_records(settings, summary),
            "by_ratio": _group_records("ratio", RATIO_BINS, summary.by_ratio.groups),
            "by_class": [
                {"category_id": category_id, **record}
                for category_id, record in zip(
                    ids,
                    _group_records("class", names, summary.by_class.groups),
                    strict=True,
                )
            ],
        }
        for settings, summary in zip(report.settings, report.summaries, strict=True)
    ]


def _group_records(
    key: str, names: Iterable[str], groups: Iterable[Group]
) -> list[Record]:
    """Make a record of every group of objects, its name first."""
    return [
        {key: name, **metrics.record_of_group(group)}
        for name, group in zip(names, groups, strict=True)
    ]


def _level_records(settings: Settings, summary: Summary) -> list[Record]:
    """Make a record of every level."""
    columns = zip(
        settings.anchors.strides,
        summary.positives_by_level,
        summary.level_shares,
        summary.level_objects.tolist(),
        strict=True,
    )
    return [
        {
            "level": level,
            "level_name": level_name(stride),
            "stride": stride,
            "num_positives": positives,
            "share": part,
            "num_objects": number,
        }
        for level, (stride, positives, part, number) in enumerate(columns)
    ]


# The order of columns that programs may rely on; new ones come after these.
_FLOATS = (
    *("mean_positives", "median_positives", "p5_positives", "p95_positives"),
    *("expected_positives", "unassigned_share", "share"),
    *("mean_iou", "gini", "large_to_small"),
)


def statistic_columns() -> tuple[table.Column, ...]:
    """Columns of what rows can hold: counts, then means and shares."""
    recorded = [one for one in metrics.recorded() if one.kind is not Kind.COUNTS]
    columns = [*map(table.column_of, recorded), *table.record_columns((), ("share",))]
    known = {key: place for place, key in enumerate(_FLOATS)}
    columns.sort(key=lambda one: known.get(one.key, len(known)) if one.is_float else -1)
    return tuple(columns)


def _rows(report: StatsReport) -> table.Records:
    """Take the records apart into rows of the same columns.

    Rows have ``preset``, ``group`` (``all``, ``size``, ``coco``, ``level``, ``ratio``,
    ``class``, ``left_out_objects`` or ``left_out_images``), ``key`` (which size, level,
    ...), and every number that the group has; others are absent. Of the four breakdowns
    only those asked for, or all.
    """
    wanted = report.by or ("size", "level", "ratio", "class")
    rows = [
        {"preset": record["preset"], "group": group, "key": key, **row}
        for record in stats_records(report)
        for group, key, row in _grouped(record, wanted)
    ]
    first = table.record_columns(("preset", "group", "key"), ())
    return table.Records((*first, *statistic_columns()), rows)


def _grouped(
    record: Record, wanted: Sequence[str]
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
    for things in ("objects", "images"):
        for reason, number in record["left_out"][things].items():
            yield f"left_out_{things}", reason, {f"num_{things}": number}
