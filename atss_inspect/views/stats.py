"""The answer of `stats`: an overview, or breakdowns by size, level, class or shape.

For programs one document, one record a preset, or rows: docs/json.md explains every
key. Keys are in a fixed order, shares are fractions, and what is undefined is None.
"""

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from atss_inspect import __version__
from atss_inspect.annotations.dataset import Dataset, Finding
from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.assigners.pyramid import level_name
from atss_inspect.settings import Settings
from atss_inspect.statistics import metrics
from atss_inspect.statistics.baseline import blocks_record
from atss_inspect.statistics.grades import ENOUGH_OBJECTS, Grade, Graded, judge
from atss_inspect.statistics.metrics import Kind, Place
from atss_inspect.statistics.summary import RATIO_BINS, SIZE_BINS, Selection, Summary
from atss_inspect.statistics.tally import Group
from atss_inspect.views import numbers, table
from atss_inspect.views.answer import Answer, Block, Closing, Notes
from atss_inspect.views.first_screen import first_screen, judged_section
from atss_inspect.views.headings import RATIOS_NOTE, SIZES_NOTE, heading
from atss_inspect.views.names import WIDTH, printable
from atss_inspect.views.table import AnyCell, Cell, Record, Row, RowKind, Section, Table
from atss_inspect.views.verdict import (
    EXPECTED_LOSSES,
    are_alike,
    judgements,
    small_ones_lose,
    verdict,
)

SCHEMA_VERSION = 1
CLASSES_SHOWN = 20
MOST = 0.5  # of the annotations
COCO_SMALL = "small (COCO)"
# The objects of each convention, by label.
Groups = list[tuple[str, list[Group]]]
# A class, its objects under each convention, and how bad that is.
ClassRow = tuple[str, list[Group], tuple[Grade | None, ...]]


@dataclass(frozen=True)
class StatsReport(Answer):
    """The annotations, the conventions, and what each does to the objects."""

    dataset: Dataset  # the images looked at
    settings: tuple[Settings, ...]  # one per convention, in the order asked for
    summaries: tuple[Summary, ...]  # of each convention
    selection: Selection = field(default_factory=Selection)  # the objects reported
    # which images were asked for, and how many at most; empty means all
    images: tuple[str, ...] = ()
    limit: int | None = None
    # breakdowns wanted, of ``size``, ``level``, ``class`` and ``ratio``
    by: tuple[str, ...] = ()
    # options to type again for the same data and conventions, and for each alone where
    # there are such
    command: tuple[str, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
    # options to type again for the same images and objects
    filtering: tuple[str, ...] = ()
    following: str = ""  # command to type next, instead of one that looks further
    width: int = WIDTH  # columns of the first screen
    is_full: bool = False  # more than the first screen and the first classes
    sort: str = "worst"  # order of classes: worst, objects, name or none
    # files of settings that nobody named, and what they decide
    deciding_files: tuple[str, ...] = ()
    slips: tuple[Finding, ...] = ()  # settings that are hardly meant

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the conventions."""
        return tuple(each.name for each in self.settings)

    @property
    def odd(self) -> tuple[Finding, ...]:
        """All that is warned of, of the settings first."""
        return (*self.slips, *self.dataset.findings)

    @property
    def has_objects(self) -> bool:
        """Whether any convention has an object left to assign."""
        return any(summary.num_objects for summary in self.summaries)

    @property
    def breakdowns(self) -> tuple[str, ...]:
        """The breakdowns to show; without objects there is nothing to break down."""
        return tuple(dict.fromkeys(self.by)) if self.has_objects else ()

    def has_lost(self, part: float) -> bool:
        """Whether a convention lacks so many annotations, for no usual reason."""
        each = [summary.left_out_objects for summary in self.summaries]
        most = max(
            sum(lost[key] for key in lost.keys() - EXPECTED_LOSSES) for lost in each
        )
        return most > 0 and most >= part * self.dataset.num_annotations

    @property
    def every_object(self) -> list[Group]:
        """All objects, a group per convention."""
        return [summary.every_object for summary in self.summaries]

    @property
    def classes(self) -> list[int]:
        """Objects of each class under the preset that keeps most of them."""
        counts = (one.by_class.counts[:, 0] for one in self.summaries)
        most: list[int] = np.max([*counts], axis=0).tolist()
        return most

    def groups(self, by: str) -> Groups:
        """Objects of each ``size``, ``class`` or ``ratio``, a group per convention."""
        every = self.summaries
        if by == "size":
            return [(size, [one.of_sizes(size) for one in every]) for size in SIZE_BINS]
        names = RATIO_BINS if by == "ratio" else self.dataset.category_names
        tallies = [getattr(one, f"by_{by}").groups for one in every]
        return [(name, list(own)) for name, *own in zip(names, *tallies, strict=True)]

    def blocks(self) -> Iterator[Block]:
        """Arrange the answer for people; units that a table uses are explained."""
        following = self.following or self._next_command()
        if not self.by and not self.is_full:
            yield from first_screen(self, following)
            return
        yield from heading(self)
        yield from stats_tables(self)
        notes = {
            SIZES_NOTE: not self.breakdowns or "size" in self.breakdowns,
            metrics.notes_at(Place.COLUMN): "class" in self.breakdowns,
            RATIOS_NOTE: "ratio" in self.breakdowns,
        }
        asked = [note for note, is_used in notes.items() if is_used]
        hidden = sum(map(bool, self.classes)) - CLASSES_SHOWN
        if "class" in self.breakdowns and not self.is_full and hidden > 0:
            yield Notes((f"and {numbers.count(hidden)} more: --all",))
        yield Notes(tuple(asked if self.has_objects else ()))
        yield Closing((verdict(self),), (following,))

    def _next_command(self) -> str:
        """Command to type next: what helps most, or where to look further."""
        by = "class" if len(self.dataset.category_names) > 1 else "ratio"
        asked = (*self.command, *self.filtering)
        if self.breakdowns:
            return command_line("export", "objects", *asked, "-o", "objects.csv")
        if sweep := self._sweep_of_images():
            return command_line("sweep", *sweep)
        if self.has_objects:
            return command_line("stats", *asked, "--by", by)
        if self.filtering:
            return command_line("stats", *self.command, "--by", by)
        # The data rules decide what is left out.
        return command_line("config", "show", "--preset", self.settings[0].name)

    def _sweep_of_images(self) -> tuple[str, ...]:
        """What tries larger images for the worst convention; empty where none need it.

        It needs it where small objects lose.
        """
        judged = judgements(self)
        ranks = [-1 if one.grade is None else one.grade.rank for one in judged]
        worst = ranks.index(max(ranks))
        command = self.commands[worst] if self.commands else ()
        if not command or not small_ones_lose([judged[worst]]):
            return ()
        side = self.settings[worst].resize.short_side
        sides = ",".join(str(side * times // 4) for times in (4, 5, 6, 8))
        return (*command, *self.filtering, f"short_side={sides}")

    def document(self, **more: Any) -> Record:
        """Make the whole answer one document; ``more`` stands before the warnings."""
        dataset = self.dataset
        files = zip(dataset.files, dataset.file_sizes, dataset.file_counts, strict=True)
        return {
            "schema_version": SCHEMA_VERSION,
            "tool": {"name": "atss-inspect", "version": __version__},
            "inputs": [
                {"path": path, "num_bytes": num_bytes, **counts._asdict()}
                for path, num_bytes, counts in files
            ],
            "data": {
                "num_images": dataset.num_images,
                "num_annotations": dataset.num_annotations,
                "num_categories": len(dataset.category_names),
            },
            "selection": {
                "images": self.images,
                "limit": self.limit,
                "classes": self.selection.classes,
                "sizes": self.selection.sizes,
            },
            "settings": [settings.to_dict() for settings in self.settings],
            "results": self.records(),
            **more,
            "warnings": [asdict(finding) for finding in self.odd],
        }

    def records(self) -> list[Record]:
        """Make a record of every preset's result, with all that is known of it.

        Levels are described finest first; classes in the order of the file, empty ones
        too.
        """
        pairs = zip(self.settings, self.summaries, strict=True)
        return [_record(self.dataset, *pair) for pair in pairs]

    def csv(self) -> table.Records:
        """Take the records apart into rows of the same columns.

        Rows have ``preset``, ``group`` (``all``, ``size``, ``coco``, ``level``,
        ``ratio``, ``class``, ``left_out_objects`` or ``left_out_images``), ``key``
        (which size, level, ...), and every number that the group has; others are
        absent. Of the four breakdowns only those asked for, or all.
        """
        wanted = self.by or ("size", "level", "ratio", "class")
        rows = [
            {"preset": record["preset"], "group": group, "key": key, **row}
            for record in self.records()
            for group, key, row in _grouped(record, wanted)
        ]
        first = table.record_columns(("preset", "group", "key"))
        return table.Records((*first, *statistic_columns()), rows)


def presets_again(names: Sequence[str]) -> list[str]:
    """Options that choose conventions by name, or by the file that was typed."""
    return [word for name in names for word in ("--preset", name)]


def command_line(*words: str) -> str:
    """Command of this program, to copy."""
    return shlex.join(["atss-inspect", *map(printable, words)])


def stats_tables(report: StatsReport) -> list[Table]:
    """Choose the tables: an overview, or the breakdowns asked for."""
    if not report.breakdowns:
        return [Table(report.names, tuple(_overview(report)))]
    tables = []
    for name in report.breakdowns:
        if name == "class":
            tables.append(_class_table(report))
            continue
        if name == "level":
            sections = _level_sections(report)
        elif name == "size":
            sections = _sections_of(size_groups(report))
        else:
            every = ("all", report.every_object)
            sections = _sections_of([every, *report.groups("ratio")])
        tables.append(Table(report.names, tuple(sections)))
    if report.has_lost(MOST):
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
        yield judged_section(judgements(report))
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
        found = [(statistic.value(*pair), pair[0].num_objects) for pair in pairs]
        if not statistic.is_optional or any(value is not None for value, _ in found):
            cells = [table.cell_of(statistic, *each) for each in found]
            row = row_of(statistic.label_at(Place.OVERVIEW), cells)
            rows.append(row._replace(meaning=statistic.meaning))
    return Section(title, tuple(rows))


def size_groups(report: StatsReport) -> Groups:
    """Take the objects of each size apart, per preset; COCO's small comes besides."""
    tiny, small, *larger = report.groups("size")
    both = (COCO_SMALL, [one.coco_small for one in report.summaries])
    return [("all", report.every_object), tiny, small, both, *larger]


def cause_section(
    report: StatsReport, title: str = "why without a positive"
) -> Section:
    """Count why objects have no positive, the causes that occur in rule order."""
    counts = [summary.cause_counts for summary in report.summaries]
    rows = [
        count_row(cause.words, [each.get(name, 0) for each in counts])
        for name, cause in KNOWN_CAUSES.items()
        if any(name in each for each in counts)
    ]
    return Section(title, tuple(rows))


def by_level(
    settings: Sequence[Settings],
    show: Callable[[int, int], Any],
    missing: Any = numbers.UNDEFINED,
) -> Iterator[tuple[int, list[Any]]]:
    """Stride of each level of any preset, and what every preset shows there.

    ``show`` takes the places of a preset and of its level; ``missing`` stands for the
    presets without one.
    """
    own = [each.anchors.strides for each in settings]
    for stride in sorted(set[int]().union(*own)):
        yield (
            stride,
            [
                show(preset, each.index(stride)) if stride in each else missing
                for preset, each in enumerate(own)
            ],
        )


def level_label(stride: int) -> str:
    """Name of a level beside its stride."""
    return f"{level_name(stride)} (stride {stride})"


def _level_rows(
    report: StatsReport, show: Callable[[Summary, int], AnyCell]
) -> Iterator[Row]:
    """Make a row per level by asking the summaries that have it."""
    every = report.summaries
    levels = by_level(report.settings, lambda preset, n: show(every[preset], n))
    for stride, cells in levels:
        yield row_of(level_label(stride), cells, RowKind.GROUP)


def _left_out_sections(report: StatsReport) -> Iterator[Section]:
    """Count what is not among the objects and images, by reason."""
    for things, name in (("annotations", "objects"), ("images", "images")):
        counts = [getattr(one, f"left_out_{name}") for one in report.summaries]
        rows = [
            count_row(reason.replace("_", " "), [one.get(reason, 0) for one in counts])
            for reason in sorted({reason for each in counts for reason in each})
        ]
        if len(rows) != 1:
            totals = [sum(each.values()) for each in counts]
            rows.insert(0, count_row("all", totals, RowKind.SUM))
        yield Section(f"{things} left out", tuple(rows))


def _sections_of(
    groups: Groups, kinds: Sequence[Kind] = tuple(Kind)
) -> Iterator[Section]:
    """Make a section of each statistic that groups have, a row a group.

    The first group is all objects. Numbers of objects say of how many they are: in the
    label, where all presets have the same objects, else in the cell.
    """
    alike = _are_alike(groups)
    for statistic in metrics.shown_at(Place.BREAKDOWN):
        is_known = any(statistic.value_of(one) is not None for one in groups[0][1])
        if statistic.kind not in kinds or (statistic.is_optional and not is_known):
            continue
        rows: list[Row] = []
        for label, members in groups:
            totals = [one.num_objects for one in members]
            cells = [_group_cell(statistic, one) for one in members]
            if statistic.kind is Kind.OBJECTS and alike:
                label = f"{label} ({numbers.count(totals[0])})"
            elif statistic.kind is Kind.OBJECTS:
                pairs = zip(cells, totals, strict=True)
                cells = [cell._replace(whole=total) for cell, total in pairs]
            rows.append(row_of(label, cells, RowKind.GROUP if rows else RowKind.SUM))
        yield Section(statistic.label_at(Place.BREAKDOWN), tuple(rows))


def _are_alike(groups: Groups) -> bool:
    """Whether all presets have the same number of objects in every group."""
    return all(are_alike([one.num_objects for one in each]) for _, each in groups)


def _group_cell(statistic: metrics.Statistic, group: Group) -> Cell:
    """Make the cell of a statistic of a group; a dash without objects."""
    value = statistic.value_of(group) if group.num_objects else None
    return table.cell_of(statistic, value, group.num_objects)


def _level_sections(report: StatsReport) -> Iterator[Section]:
    """Break down by level of the pyramid."""

    def objects(one: Summary, number: int) -> Cell:
        return table.objects(number, one.share_of_objects(number))

    every = report.summaries
    positives = count_row("all", [one.num_positives for one in every], RowKind.SUM)
    on_level = _level_rows(
        report,
        lambda one, n: table.objects(one.positives_by_level[n], one.level_shares[n]),
    )
    yield Section("positives", (positives, *on_level))
    served = _level_rows(report, lambda one, n: objects(one, int(one.level_objects[n])))
    nowhere = [objects(one, one.num_unassigned) for one in every]
    sums = (
        row_of("no level", nowhere, RowKind.SUM),
        count_row("all objects", [one.num_objects for one in every], RowKind.SUM),
    )
    yield Section("objects with positives on", (*served, *sums))


def _class_table(report: StatsReport) -> Table:
    """Break down by class, a line each, with the statistics of classes.

    A line has the number of objects once where all presets have the same. Without
    `StatsReport.is_full` there are `CLASSES_SHOWN`; a single class is all there is.
    """
    judged = judgements(report, by_class=True)
    grades = zip(*([one.grade for one in each.groups] for each in judged), strict=True)
    of_all, *of_classes = grades
    pairs = zip(report.groups("class"), of_classes, strict=True)
    classes = [(label, members, own) for (label, members), own in pairs]
    present = [row for row in classes if any(one.num_objects for one in row[1])]
    present = _sorted_classes(present, report.sort)
    num_absent = len(classes) - len(present)
    shown = present if report.is_full else present[:CLASSES_SHOWN]
    every = [("all", report.every_object, of_all)] if len(present) > 1 else []
    alike = _are_alike([row[:2] for row in (*every, *present)])
    statistics = list(metrics.shown_at(Place.COLUMN))

    def line(
        label: str,
        members: Sequence[Group],
        grades: Sequence[Grade | None],
        kind: RowKind,
    ) -> Row:
        counts = [table.count(one.num_objects) for one in members]
        cells = [
            (
                *([] if alike else [number]),
                *(
                    _group_cell(each, one)._replace(
                        grade=grade if each.kind is Kind.SHARE else None
                    )
                    for each in statistics
                ),
            )
            for number, one, grade in zip(counts, members, grades, strict=True)
        ]
        return Row(label, tuple(cells), tuple(counts[:1] if alike else ()), kind)

    rows = [line(*each, RowKind.SUM) for each in every]
    rows += [line(*each, RowKind.GROUP) for each in shown]
    if num_absent:
        nothing = [Group(0, 0, 0) for _ in report.names]
        label = f"{numbers.plural(num_absent, 'class')} without objects"
        rows.append(line(label, nothing, [None] * len(nothing), RowKind.SUM))
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


def _sorted_classes(classes: list[ClassRow], order: str) -> list[ClassRow]:
    """Sort classes: worst first, those of few objects after the others."""

    def objects(row: ClassRow) -> int:
        return sum(one.num_objects for one in row[1])

    def worst(row: ClassRow) -> tuple[Any, ...]:
        is_small = max(one.num_objects for one in row[1]) < ENOUGH_OBJECTS
        poorly = sum(one.poorly_assigned_share or 0 for one in row[1])
        return is_small, -poorly, -objects(row), row[0]

    keys: dict[str, Callable[[ClassRow], Any]] = {
        "worst": worst,
        "objects": lambda row: (-objects(row), row[0]),
        "name": lambda row: row[0],
    }
    return sorted(classes, key=keys[order]) if order in keys else classes


def _record(dataset: Dataset, settings: Settings, one: Summary) -> Record:
    classes = {"category_id": dataset.category_ids.tolist()}
    classes["class"] = list(dataset.category_names)
    sizes = map(one.of_sizes, SIZE_BINS)
    return {
        "preset": settings.name,
        **metrics.record_of(one, settings),
        "per_image": one.per_image._asdict(),
        "left_out": {"images": one.left_out_images, "objects": one.left_out_objects},
        "coco_small": metrics.record_of_group(one.coco_small),
        "by_size": _group_records({"size": SIZE_BINS}, sizes),
        "by_level": _level_records(settings, one),
        "by_ratio": _group_records({"ratio": RATIO_BINS}, one.by_ratio.groups),
        "by_class": _group_records(classes, one.by_class.groups),
        "judgement": _judgement_record(dataset, settings, one),
        "blocks": blocks_record(one),
    }


def _judgement_record(dataset: Dataset, settings: Settings, one: Summary) -> Record:
    """Grade of all objects and of each size, then of each class."""
    by_size = judge(one, settings)
    _, *classes = judge(one, settings, dataset.category_names).groups
    return {
        "usual_of": by_size.usual_of or None,
        "grade": by_size.grade,
        "groups": [_graded_record(each) for each in by_size.groups],
        "classes": [_graded_record(each) for each in classes],
    }


def _graded_record(one: Graded) -> Record:
    low, high = one.interval or (None, None)
    return {
        "name": one.name,
        "num_objects": one.counts.num_objects,
        "poorly_assigned_share": one.counts.poorly_assigned_share,
        "interval_low": low,
        "interval_high": high,
        "usual_share": one.usual,
        "grade": one.grade,
    }


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
    low: list[int | None] = summary.level_low_quality_only.tolist()
    if not summary.by_size.has_low_quality:
        low = [None] * len(strides)
    columns = {
        "level": range(len(strides)),
        "level_name": map(level_name, strides),
        "stride": strides,
        "num_positives": summary.positives_by_level,
        "share": summary.level_shares,
        "num_objects": summary.level_objects.tolist(),
        "num_low_quality_only": low,
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
    columns = [
        *map(table.column_of, recorded),
        table.Column("share", "share", is_float=True),
    ]
    known = {key: place for place, key in enumerate(_FLOATS)}
    columns.sort(key=lambda one: known.get(one.key, len(known)) if one.is_float else -1)
    return tuple(columns)


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
