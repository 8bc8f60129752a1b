"""The answer of `stats`: an overview, or breakdowns by size, level, class or shape.

For programs one document, one record a preset, or rows: docs/json.md explains every
key. Keys are in a fixed order, shares are fractions, and what is undefined is None.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from atss_inspect import __version__
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.assigners.pyramid import level_name
from atss_inspect.settings import Settings
from atss_inspect.statistics import metrics
from atss_inspect.statistics.metrics import Kind, Place, Statistic
from atss_inspect.statistics.summary import RATIO_BINS, SIZE_BINS, Group, Summary
from atss_inspect.views import numbers
from atss_inspect.views.answer import Answer, Block, Closing, Notes
from atss_inspect.views.causes import CAUSE_WORDS
from atss_inspect.views.headings import (
    RATIOS_NOTE,
    SIZES_NOTE,
    heading,
)
from atss_inspect.views.stats_report import StatsReport, are_alike, command_line
from atss_inspect.views.table import (
    AnyCell,
    Cell,
    Column,
    Record,
    Records,
    Row,
    RowKind,
    Section,
    Table,
    cell_of,
    column_of,
    count,
    objects,
    record_columns,
    share,
)
from atss_inspect.views.verdict import verdict

SCHEMA_VERSION = 1
COCO_SMALL = "tiny + small"
Groups = list[tuple[str, list[Group]]]


def stats_answer(report: StatsReport, *, command: str = "") -> Answer:
    """Everything that `stats` says; ``command`` is to be typed next instead."""
    return Answer(
        blocks=lambda: _blocks(report, command or next_command(report)),
        document=lambda: stats_document(report),
        records=lambda: stats_records(report),
        rows=lambda: _rows(report),
    )


def _blocks(report: StatsReport, command: str) -> Iterator[Block]:
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
    if report.breakdowns:
        words = ("export", "objects", *report.command, *report.filtering)
        words += ("-o", "objects.csv")
    elif report.has_objects:
        words = ("stats", *report.command, *report.filtering, "--by", by)
    elif report.filtering:
        words = ("stats", *report.command, "--by", by)
    else:  # the data rules decide what is left out
        words = ("config", "show", "--preset", report.settings[0].name)
    return command_line(*words)


# --- the overview ------------------------------------------------------------------


def stats_tables(report: StatsReport) -> list[Table]:
    """Choose the tables: an overview, or the breakdowns asked for."""
    if not report.breakdowns:
        return [Table(report.names, tuple(_overview(report)))]
    make: dict[str, Callable[[StatsReport], Table]] = {
        "size": _size_table,
        "level": _level_table,
        "class": _class_table,
        "ratio": _ratio_table,
    }
    tables = [make[name](report) for name in report.breakdowns]
    if report.is_mostly_lost:
        tables.append(Table(report.names, tuple(_left_out_sections(report))))
    return tables


def row_of(label: str, cells: Sequence[AnyCell], kind: RowKind = RowKind.PLAIN) -> Row:
    """Make a row with one cell per preset."""
    return Row(label, tuple((cell,) for cell in cells), kind=kind)


def _overview(report: StatsReport) -> Iterator[Section]:
    """Everything that fits on a screen."""
    yield Section("", tuple(_statistic_rows(report, "")))
    if report.has_objects:
        groups = size_groups(report)
        yield from _sections_at(Place.BREAKDOWN, groups, (Kind.OBJECTS,))
        if any(summary.num_unassigned for summary in report.summaries):
            yield cause_section(report)
        yield _section(report, metrics.SPREAD)
        levels = _level_rows(report, lambda one, level: share(one.level_shares[level]))
        positives = [count(one.num_positives) for one in report.summaries]
        yield Section(
            "share of positives by level", (row_of("positives", positives), *levels)
        )
        yield _section(report, metrics.PER_IMAGE)
        yield _section(report, metrics.DOUBT)
    yield from _left_out_sections(report)


def _section(report: StatsReport, title: str) -> Section:
    """Make a section of the statistics that belong in it."""
    return Section(title, tuple(_statistic_rows(report, title)))


def _statistic_rows(report: StatsReport, section: str) -> Iterator[Row]:
    """Make a row of each statistic of a section, unless it is optional and unknown."""
    for statistic in metrics.shown_at(Place.OVERVIEW, section):
        pairs = zip(report.summaries, report.settings, strict=True)
        values = [statistic.value(*pair) for pair in pairs]
        if statistic.is_optional and not any(value is not None for value in values):
            continue
        cells = [
            cell_of(statistic, value, one.num_objects)
            for value, one in zip(values, report.summaries, strict=True)
        ]
        yield row_of(statistic.label_at(Place.OVERVIEW), cells)


def size_groups(report: StatsReport) -> Groups:
    """Take the objects of each size apart, per preset; COCO's small comes besides."""
    names: dict[str, tuple[str, ...]] = {"all": SIZE_BINS}
    for name in SIZE_BINS:
        names[name] = (name,)
        if name == "small":
            names[COCO_SMALL] = ("tiny", "small")
    return [
        (label, [summary.of_sizes(*bins) for summary in report.summaries])
        for label, bins in names.items()
    ]


def cause_section(report: StatsReport, title: str = "why they have none") -> Section:
    """Count why objects have no positive, the causes that occur in rule order."""
    counts = [summary.cause_counts for summary in report.summaries]
    rows = [
        row_of(words, [count(each.get(cause, 0)) for each in counts])
        for cause, words in CAUSE_WORDS.items()
        if any(cause in each for each in counts)
    ]
    return Section(title, tuple(rows))


def levels_of(settings: Sequence[Settings]) -> Iterator[tuple[int, list[int | None]]]:
    """Strides of the levels of all presets, and which of each preset's levels it is."""
    own = [each.anchors.strides for each in settings]
    for stride in sorted({stride for each in own for stride in each}):
        yield stride, [each.index(stride) if stride in each else None for each in own]


def level_label(stride: int) -> str:
    """Name of a level beside its stride."""
    return f"{level_name(stride)} (stride {stride})"


def _level_rows(
    report: StatsReport, show: Callable[[Summary, int], Cell]
) -> Iterator[Row]:
    """Make a row per level by asking the summaries that have it."""
    for stride, places in levels_of(report.settings):
        cells = [
            numbers.UNDEFINED if place is None else show(summary, place)
            for summary, place in zip(report.summaries, places, strict=True)
        ]
        yield row_of(level_label(stride), cells)


def _left_out_sections(report: StatsReport) -> Iterator[Section]:
    """Count what is not among the objects and images, by reason."""
    for things, table in (
        ("annotations", "left_out_objects"),
        ("images", "left_out_images"),
    ):
        counts: list[dict[str, int]] = [getattr(one, table) for one in report.summaries]
        reasons = sorted({reason for each in counts for reason in each})
        rows = [
            row_of(
                reason.replace("_", " "),
                [count(each.get(reason, 0)) for each in counts],
            )
            for reason in reasons
        ]
        if len(rows) != 1:
            totals = [count(sum(each.values())) for each in counts]
            rows.insert(0, row_of("all", totals, RowKind.SUM))
        yield Section(f"{things} left out", tuple(rows))


# --- breakdowns --------------------------------------------------------------------


def _size_table(report: StatsReport) -> Table:
    """Break down by size."""
    sections = _sections_at(Place.BREAKDOWN, size_groups(report))
    return Table(report.names, tuple(sections))


def _ratio_table(report: StatsReport) -> Table:
    """Break down by the shape of the boxes."""
    groups: Groups = [("all", [one.every_object for one in report.summaries])]
    tallies = [summary.by_ratio.groups for summary in report.summaries]
    groups += [
        (name, [each[place] for each in tallies])
        for place, name in enumerate(RATIO_BINS)
    ]
    return Table(report.names, tuple(_sections_at(Place.BREAKDOWN, groups)))


def _sections_at(
    place: Place, groups: Groups, kinds: Sequence[Kind] = tuple(Kind)
) -> Iterator[Section]:
    """Make a section of each statistic that groups have, a row a group."""
    for statistic in metrics.shown_at(place):
        if statistic.kind in kinds:
            rows = _group_rows(statistic, groups)
            yield Section(statistic.label_at(place), tuple(rows))


def _group_rows(statistic: Statistic, groups: Groups) -> Iterator[Row]:
    """Show a statistic of every group; the first of them is all objects.

    Numbers of objects say of how many they are: in the label, where all presets have
    the same objects, else in the cell.
    """
    is_counted = statistic.kind is Kind.OBJECTS
    alike = all(
        are_alike([one.num_objects for one in members]) for _, members in groups
    )
    for place, (label, members) in enumerate(groups):
        cells = [_group_cell(statistic, one) for one in members]
        if is_counted and alike:
            label = f"{label} ({numbers.count(members[0].num_objects)})"
        elif is_counted:
            pairs = zip(cells, members, strict=True)
            cells = [cell._replace(whole=one.num_objects) for cell, one in pairs]
        yield row_of(label, cells, RowKind.GROUP if place else RowKind.SUM)


def _group_cell(statistic: Statistic, group: Group) -> Cell:
    """Make the cell of a statistic of a group; a dash without objects."""
    value = statistic.value_of(group) if group.num_objects else None
    return cell_of(statistic, value, group.num_objects)


def _level_table(report: StatsReport) -> Table:
    """Break down by level of the pyramid."""
    every = report.summaries
    positives = (
        row_of("all", [count(one.num_positives) for one in every], RowKind.SUM),
        *_level_rows(
            report,
            lambda one, level: objects(
                one.positives_by_level[level], one.level_shares[level]
            ),
        ),
    )
    nowhere = [_objects(one, one.num_unassigned) for one in every]
    served = (
        *_level_rows(
            report, lambda one, level: _objects(one, int(one.level_objects[level]))
        ),
        row_of("no level", nowhere, RowKind.SUM),
        row_of("all objects", [count(one.num_objects) for one in every], RowKind.SUM),
    )
    sections = (
        Section("positives", positives),
        Section("objects with positives on", served),
    )
    return Table(report.names, sections)


def _objects(summary: Summary, number: int) -> Cell:
    """Make the cell of some objects, and their share of all."""
    return objects(number, summary.share_of_objects(number))


def _class_table(report: StatsReport) -> Table:
    """Break down by class, the most frequent first, a line each."""
    tallies = [summary.by_class.groups for summary in report.summaries]
    classes: Groups = [
        (name, [each[place] for each in tallies])
        for place, name in enumerate(report.dataset.category_names)
    ]
    present = [row for row in classes if any(one.num_objects for one in row[1])]
    present.sort(key=lambda row: (-sum(one.num_objects for one in row[1]), row[0]))
    overall = [one.every_object for one in report.summaries]
    groups: Groups = [("all", overall), *present]
    alike = all(are_alike([one.num_objects for one in row[1]]) for row in groups)
    rows = [
        _class_row(*group, alike=alike, kind=RowKind.GROUP if place else RowKind.SUM)
        for place, group in enumerate(groups)
    ]
    num_absent = len(classes) - len(present)
    if num_absent:
        label = f"{numbers.count(num_absent)} without any"
        nothing = [Group(0, 0, 0) for _ in report.names]
        rows.append(_class_row(label, nothing, alike=alike, kind=RowKind.SUM))
    columns = [
        column_of(one, one.label_at(Place.COLUMN))
        for one in metrics.shown_at(Place.COLUMN)
    ]
    number = Column("objects", "num_objects")
    return Table(
        headings=report.names,
        sections=(Section("", tuple(rows)),),
        parts=tuple(columns if alike else [number, *columns]),
        label="class",
        lead=(number,) if alike else (),
        label_room=18,
    )


def _class_row(label: str, members: list[Group], *, alike: bool, kind: RowKind) -> Row:
    """Show a class: objects, positives per object, share of objects with none."""
    cells = [
        tuple(_group_cell(each, one) for each in metrics.shown_at(Place.COLUMN))
        for one in members
    ]
    counts = [count(one.num_objects) for one in members]
    if alike:
        return Row(label, tuple(cells), (counts[0],), kind)
    pairs = zip(counts, cells, strict=True)
    return Row(label, tuple((number, *rest) for number, rest in pairs), kind=kind)


# --- for programs ------------------------------------------------------------------


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
    """Make a record of every preset's result."""
    pairs = zip(report.settings, report.summaries, strict=True)
    return [_record(report.dataset, *pair) for pair in pairs]


def _record(dataset: Dataset, settings: Settings, summary: Summary) -> Record:
    """All that is known of one preset."""
    sizes = {name: summary.of_sizes(name) for name in SIZE_BINS}
    ratios = dict(zip(RATIO_BINS, summary.by_ratio.groups, strict=True))
    return {
        "preset": settings.name,
        **metrics.record_of(summary, settings),
        "per_image": summary.per_image._asdict(),
        "left_out": {
            "images": summary.left_out_images,
            "objects": summary.left_out_objects,
        },
        "coco_small": metrics.record_of_group(summary.coco_small),
        "by_size": [
            {"size": name, **metrics.record_of_group(group)}
            for name, group in sizes.items()
        ],
        "by_level": _level_records(settings, summary),
        "by_ratio": [
            {"ratio": name, **metrics.record_of_group(group)}
            for name, group in ratios.items()
        ],
        "by_class": _class_records(dataset, summary),
    }


def _level_records(settings: Settings, summary: Summary) -> list[Record]:
    """Describe each level, finest first."""
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


def _class_records(dataset: Dataset, summary: Summary) -> list[Record]:
    """Describe each class, in the order of the file, empty ones too."""
    rows = zip(
        dataset.category_ids.tolist(),
        dataset.category_names,
        summary.by_class.groups,
        strict=True,
    )
    return [
        {"category_id": category_id, "class": name, **metrics.record_of_group(group)}
        for category_id, name, group in rows
    ]


# The order of columns that programs may rely on; new ones come after these.
_FLOATS = (
    *("mean_positives", "median_positives", "p5_positives", "p95_positives"),
    *("expected_positives", "unassigned_share", "share"),
    *("mean_iou", "gini", "large_to_small"),
)


def statistic_columns() -> tuple[Column, ...]:
    """Columns of what rows can hold: counts, then means and shares."""
    columns = [
        column_of(one) for one in metrics.recorded() if one.kind is not Kind.COUNTS
    ]
    columns += record_columns((), ("share",))
    known = {key: place for place, key in enumerate(_FLOATS)}
    columns.sort(key=lambda one: known.get(one.key, len(known)) if one.is_float else -1)
    return tuple(columns)


def _rows(report: StatsReport) -> Records:
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
        for group, key, row in _groups(record, wanted)
    ]
    return Records(
        (*record_columns(("preset", "group", "key"), ()), *statistic_columns()), rows
    )


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
