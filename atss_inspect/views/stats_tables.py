"""The tables of `stats`: an overview, or a breakdown by size, level, class or shape."""

from collections.abc import Callable, Iterator, Sequence

from atss_inspect.assigners.pyramid import level_name
from atss_inspect.statistics.summary import (
    RATIO_BINS,
    SIZE_BINS,
    Group,
    Summary,
    expected_positives,
)
from atss_inspect.views import numbers
from atss_inspect.views.causes import CAUSE_WORDS
from atss_inspect.views.layout import Row, Section, Table
from atss_inspect.views.stats_report import StatsReport, are_alike

COCO_SMALL = "tiny + small"


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


def _row(label: str, texts: Sequence[str]) -> Row:
    """Make a row with one cell per preset."""
    return Row(label, tuple((text,) for text in texts))


def _each(report: StatsReport, label: str, show: Callable[[Summary], str]) -> Row:
    """Make a row by asking every summary."""
    return _row(label, [show(summary) for summary in report.summaries])


def _overview(report: StatsReport) -> Iterator[Section]:
    """Say everything that fits on a screen."""
    yield Section(
        "",
        (
            _each(report, "images", lambda one: numbers.count(one.num_images)),
            _each(report, "objects", lambda one: numbers.count(one.num_objects)),
        ),
    )
    if report.has_objects:
        yield _unassigned_section(_size_groups(report))
        if any(summary.num_unassigned for summary in report.summaries):
            yield _cause_section(report)
        yield Section("positives per object", tuple(_spread_rows(report)))
        yield Section("share of positives by level", tuple(_share_rows(report)))
        yield _image_section(report)
        yield _doubt_section(report)
    yield from _left_out_sections(report)


Groups = list[tuple[str, list[Group]]]


def _size_groups(report: StatsReport) -> Groups:
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


def _cause_section(report: StatsReport) -> Section:
    """Count why objects have no positive, the causes that occur in rule order."""
    counts = [summary.cause_counts for summary in report.summaries]
    rows = [
        _row(words, [numbers.count(each.get(cause, 0)) for each in counts])
        for cause, words in CAUSE_WORDS.items()
        if any(cause in each for each in counts)
    ]
    return Section("why they have none", tuple(rows))


def _unassigned_section(groups: Groups) -> Section:
    """Count the objects with nothing, group by group."""
    alike = all(
        are_alike([one.num_objects for one in members]) for _, members in groups
    )
    rows = []
    for label, members in groups:
        if alike:
            label = f"{label} ({numbers.count(members[0].num_objects)})"
        rows.append(_row(label, [_unassigned(one, alike=alike) for one in members]))
    return Section("objects without a positive", tuple(rows))


def _unassigned(group: Group, *, alike: bool) -> str:
    """Write how many objects have nothing, of how many unless the label says it."""
    if not group.num_objects:
        return numbers.UNDEFINED
    text = numbers.count_and_share(group.num_unassigned, group.unassigned_share)
    if alike:
        return text
    number, _, share = text.partition(" ")
    return f"{number} of {numbers.count(group.num_objects)} {share}"


def _spread_rows(report: StatsReport) -> Iterator[Row]:
    """Describe the distribution of positives per object."""
    yield _each(report, "mean", lambda one: numbers.mean(one.mean_positives))
    expected = [expected_positives(settings) for settings in report.settings]
    if any(value is not None for value in expected):
        yield _row("0.2*k*L (ATSS paper)", [numbers.mean(value) for value in expected])
    yield _each(report, "median", lambda one: numbers.short(one.median_positives))
    yield _each(report, "5th to 95th percentile", _percentiles)
    yield _each(
        report,
        f"{COCO_SMALL}, mean",
        lambda one: numbers.mean(one.coco_small.mean_positives),
    )
    yield _each(
        report,
        "large, mean",
        lambda one: numbers.mean(one.of_sizes("large").mean_positives),
    )
    yield _each(report, "large : small", lambda one: numbers.ratio(one.large_to_small))
    yield _each(report, "Gini (0 is even)", lambda one: numbers.ratio(one.gini))
    yield _each(report, "mean IoU", lambda one: numbers.ratio(one.mean_iou))


def _objects(summary: Summary, number: int) -> str:
    """Write how many objects, and their share."""
    return numbers.count_and_share(number, summary.share_of_objects(number))


def _percentiles(summary: Summary) -> str:
    """Write the range that nine of ten objects are in."""
    if not summary.num_objects:
        return numbers.UNDEFINED
    low, high = summary.percentile(5), summary.percentile(95)
    return f"{numbers.short(low)} to {numbers.short(high)}"


def _levels(report: StatsReport) -> list[tuple[str, list[int | None]]]:
    """List the levels of all presets, finest first, and which of a preset's it is."""
    own = [settings.anchors.strides for settings in report.settings]
    strides = sorted({stride for each in own for stride in each})
    return [
        (
            f"{level_name(stride)} (stride {stride})",
            [each.index(stride) if stride in each else None for each in own],
        )
        for stride in strides
    ]


def _level_rows(
    report: StatsReport, show: Callable[[Summary, int], str]
) -> Iterator[Row]:
    """Make a row per level by asking the summaries that have it."""
    for label, places in _levels(report):
        cells = [
            numbers.UNDEFINED if place is None else show(summary, place)
            for summary, place in zip(report.summaries, places, strict=True)
        ]
        yield _row(label, cells)


def _share_rows(report: StatsReport) -> Iterator[Row]:
    """Write which level the positives are on."""
    yield _each(report, "positives", lambda one: numbers.count(one.num_positives))
    yield from _level_rows(
        report, lambda one, level: numbers.percent(one.level_shares[level])
    )


def _image_section(report: StatsReport) -> Section:
    """Count the anchors of the average image by role."""
    means = [summary.per_image for summary in report.summaries]
    rows = [
        _row(role, [numbers.per_image(getattr(one, role)) for one in means])
        for role in ("positives", "negatives", "ignored")
    ]
    return Section("anchors per image, mean", tuple(rows))


def _doubt_section(report: StatsReport) -> Section:
    """Count the objects where equals, or the last digit, may decide."""

    def row(label: str, count: Callable[[Summary], int]) -> Row:
        return _each(report, label, lambda one: _objects(one, count(one)))

    return Section(
        "objects decided by little",
        (
            row("tied with an equal", lambda one: one.num_tied),
            row("within 4 ulp of a bar", lambda one: one.num_fragile),
        ),
    )


def _left_out_sections(report: StatsReport) -> Iterator[Section]:
    """Count what is not among the objects and images."""
    yield _left_out_section(report, "annotations", "left_out_objects")
    yield _left_out_section(report, "images", "left_out_images")


def _left_out_section(report: StatsReport, things: str, table: str) -> Section:
    """Count what is not among the objects or images, by reason."""
    counts: list[dict[str, int]] = [getattr(one, table) for one in report.summaries]
    reasons = sorted({reason for each in counts for reason in each})
    rows = [
        _row(
            reason.replace("_", " "),
            [numbers.count(each.get(reason, 0)) for each in counts],
        )
        for reason in reasons
    ]
    if len(rows) != 1:
        totals = [numbers.count(sum(each.values())) for each in counts]
        rows.insert(0, _row("all", totals))
    return Section(f"{things} left out", tuple(rows))


# --- breakdowns --------------------------------------------------------------------


def _size_table(report: StatsReport) -> Table:
    """Break down by size."""
    groups = _size_groups(report)
    return Table(report.names, _group_sections(groups))


def _ratio_table(report: StatsReport) -> Table:
    """Break down by the shape of the boxes."""
    groups: Groups = [("all", [one.every_object for one in report.summaries])]
    tallies = [summary.by_ratio.groups for summary in report.summaries]
    groups += [
        (name, [each[place] for each in tallies])
        for place, name in enumerate(RATIO_BINS)
    ]
    return Table(report.names, _group_sections(groups))


def _group_sections(groups: Groups) -> tuple[Section, ...]:
    """Show means and objects without a positive of a few groups."""
    means = tuple(
        _row(label, [numbers.mean(one.mean_positives) for one in members])
        for label, members in groups
    )
    return Section("positives per object, mean", means), _unassigned_section(groups)


def _level_table(report: StatsReport) -> Table:
    """Break down by level of the pyramid."""
    positives = (
        _each(report, "all", lambda one: numbers.count(one.num_positives)),
        *_level_rows(
            report,
            lambda one, level: numbers.count_and_share(
                one.positives_by_level[level], one.level_shares[level]
            ),
        ),
    )
    served = (
        *_level_rows(
            report, lambda one, level: _objects(one, int(one.level_objects[level]))
        ),
        _each(report, "no level", lambda one: _objects(one, one.num_unassigned)),
        _each(report, "all objects", lambda one: numbers.count(one.num_objects)),
    )
    return Table(
        report.names,
        (
            Section("positives", positives),
            Section("objects with positives on", served),
        ),
    )


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
    rows = [_class_row(label, members, alike=alike) for label, members in groups]
    num_absent = len(classes) - len(present)
    if num_absent:
        rows.append(_absent_row(num_absent, report, alike=alike))
    columns = ("mean", "none")
    return Table(
        headings=report.names,
        sections=(Section("", tuple(rows)),),
        parts=columns if alike else ("objects", *columns),
        label="class",
        lead=("objects",) if alike else (),
        label_room=18,
    )


def _class_row(label: str, members: list[Group], *, alike: bool) -> Row:
    """Show a class: objects, positives per object, share of objects with none."""
    cells = [
        (numbers.mean(one.mean_positives), numbers.percent(one.unassigned_share))
        for one in members
    ]
    counts = [numbers.count(one.num_objects) for one in members]
    if alike:
        return Row(label, tuple(cells), (counts[0],))
    return Row(label, tuple((n, *rest) for n, rest in zip(counts, cells, strict=True)))


def _absent_row(number: int, report: StatsReport, *, alike: bool) -> Row:
    """Sum up the classes that have no objects."""
    nothing = (numbers.UNDEFINED,) * 2 if alike else ("0", *(numbers.UNDEFINED,) * 2)
    label = f"{numbers.count(number)} without any"
    return Row(label, (nothing,) * len(report.names), ("0",) if alike else ())
