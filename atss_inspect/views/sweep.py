"""The answer of `sweep`: a row for every value, and which one to take.

For programs the numbers are those of `stats`, a record per combination.
"""

from collections.abc import Iterator
from dataclasses import replace

from atss_inspect.assigners.pyramid import level_name
from atss_inspect.settings import Settings
from atss_inspect.settings.parameters import PARAMETERS
from atss_inspect.statistics import metrics
from atss_inspect.statistics.metrics import Place, Statistic
from atss_inspect.statistics.summary import SIZE_BINS, Summary
from atss_inspect.statistics.sweep import (
    GINI_TOLERANCE,
    LONG_SIDE,
    SHARE_TOLERANCE,
    label_of,
)
from atss_inspect.views import numbers
from atss_inspect.views.answer import Answer, Block, Closing, Code, Notes
from atss_inspect.views.headings import SIZES_NOTE, heading
from atss_inspect.views.layout import WIDTH
from atss_inspect.views.names import printable
from atss_inspect.views.renderers.terminal import table_text
from atss_inspect.views.stats import (
    levels_of,
    statistic_columns,
    stats_document,
    stats_records,
)
from atss_inspect.views.stats_report import command_line
from atss_inspect.views.sweep_fragments import mmdetection_fragment, toml_fragment
from atss_inspect.views.sweep_report import SweepReport
from atss_inspect.views.sweep_verdict import label, sweep_verdict
from atss_inspect.views.table import (
    AnyCell,
    Column,
    Record,
    Records,
    Row,
    Section,
    Table,
    cell_of,
    column_of,
    share,
)

COLUMNS_NOTE = (
    "mean: positives per object; none: objects without a positive, tiny to large: "
    "those of this size; IoU: mean of the positives"
)
LEVELS_NOTE = "The last table: share of the positives on each level."
EXPECTED_NOTE = "0.2*k*L: positives per object that the ATSS paper expects."
OWN_MARK = "*"
# Statistics that ``COLUMNS_NOTE`` explains, or that need no explanation.
_EXPLAINED = (
    *("mean_positives", "expected_positives", "unassigned_share", "gini", "mean_iou"),
)


def sweep_answer(report: SweepReport) -> Answer:
    """Everything that `sweep` says."""
    return Answer(
        blocks=lambda: _blocks(report),
        document=lambda: sweep_document(report),
        records=lambda: sweep_records(report),
        rows=lambda: _rows(report),
    )


def _blocks(report: SweepReport) -> Iterator[Block]:
    """Arrange the answer for people."""
    yield from heading(replace(report.stats, settings=(report.base,), summaries=()))
    yield from sweep_tables(report)
    yield Notes(tuple(notes(report)))
    yield Closing((sweep_verdict(report),))
    yield from (Code(*fragment) for fragment in fragments(report))
    yield Closing((), (next_command(report),))


def notes(report: SweepReport) -> Iterator[str]:
    """Explain columns, marks and what changes with what is swept."""
    others = [one for one in _columns(report) if one.key not in _EXPLAINED]
    more = (f"{one.label_at(Place.SWEEP)}: {one.meaning}" for one in others)
    yield "; ".join([COLUMNS_NOTE, *more]) + "."
    if any(one.key == "expected_positives" for one in _columns(report)):
        yield EXPECTED_NOTE
    yield LEVELS_NOTE
    if any(report.is_own(row) for row in range(len(report.points))):
        yield f"{OWN_MARK} {printable(report.base.name)} as it is."
    if any(LONG_SIDE in point.followers for point in report.points):
        own = report.base.resize.long_side
        yield (
            "The long side follows the short side in proportion; --set "
            f"long_side={own} keeps it."
        )
    yield SIZES_NOTE


def next_command(report: SweepReport) -> str:
    """Command to type next: the row to take, in detail."""
    options = (*report.stats.command, *report.stats.filtering)
    return command_line("stats", *options, *_settings_of(report), "--by", "size")


def _settings_of(report: SweepReport) -> Iterator[str]:
    """Write the values of the chosen row as options."""
    if report.choice is None:
        return
    point = report.points[report.choice]
    for path, value in (point.values | point.followers).items():
        name = path.rpartition(".")[2]
        alike = [one for one in PARAMETERS.values() if one.name == name]
        named = name if len(alike) == 1 else path
        yield from ("--set", f"{named}={label_of(value)}")


def fragments(report: SweepReport) -> Iterator[tuple[str, str]]:
    """Title and text of the settings to paste for the chosen row."""
    if report.choice is None:
        return
    point = report.points[report.choice]
    changed = (*point.values, *point.followers)
    extends = report.base.name if report.is_preset else ""
    named = label(report, report.choice)
    use = "as a file for --config" if extends else "for your file of settings"
    yield (
        f"settings for {named}, {use}:",
        toml_fragment(point.settings, changed, extends),
    )
    text = mmdetection_fragment(point.settings, changed)
    if text:
        yield f"{named} in a config of mmdetection:", text


# --- tables ------------------------------------------------------------------------


def sweep_tables(report: SweepReport) -> list[Table]:
    """Make a table of what objects get, and one of the levels that give it."""
    columns = list(_fact_columns(report))
    tables = [_table(report, columns)]
    if max(map(len, table_text(tables[0]).splitlines())) > WIDTH:
        by_size = [one for one in columns if one[0].label in SIZE_BINS]
        others = [one for one in columns if one not in by_size]
        tables = [_table(report, others), _table(report, by_size)]
    levels: list[Filled] = []
    for stride, places in levels_of(report.stats.settings):
        cells = [
            numbers.UNDEFINED if place is None else share(one.level_shares[place])
            for place, one in zip(places, report.summaries, strict=True)
        ]
        levels.append((Column(level_name(stride)), cells))
    return [*tables, _table(report, levels)]


Filled = tuple[Column, list[AnyCell]]


def _each(report: SweepReport) -> Iterator[tuple[Settings, Summary]]:
    """Pair settings and summary of every row."""
    return zip(report.stats.settings, report.summaries, strict=True)


def _columns(report: SweepReport) -> list[Statistic]:
    """Statistics that show; some only where what they depend on is swept."""
    swept = {"", *(axis.path for axis in report.axes)}
    return [one for one in metrics.shown_at(Place.SWEEP) if one.swept_with in swept]


def _fact_columns(report: SweepReport) -> Iterator[Filled]:
    """Fill the columns of the first table, a cell a row."""
    for statistic in _columns(report):
        column = column_of(statistic, statistic.label_at(Place.SWEEP))
        found = [(statistic.value(one, each), one) for each, one in _each(report)]
        yield column, [cell_of(statistic, each, one.num_objects) for each, one in found]
        if statistic.key == "unassigned_share":
            for size in SIZE_BINS:
                groups = [one.of_sizes(size) for one in report.summaries]
                yield Column(size), [share(one.unassigned_share) for one in groups]


def _table(report: SweepReport, columns: list[Filled]) -> Table:
    """Put the values that are swept before the cells, a row for each combination."""
    first, *others = (axis.name for axis in report.axes)
    follows = any(point.followers for point in report.points)
    rows = []
    for place, point in enumerate(report.points):
        mark = f" {OWN_MARK}" if report.is_own(place) else ""
        lead = point.labels[1:]
        if follows:
            lead += tuple(map(label_of, point.followers.values()))
        cells = tuple(filled[place] for _, filled in columns)
        rows.append(Row(point.labels[0] + mark, (cells,), lead))
    return Table(
        headings=("",),
        sections=(Section("", tuple(rows)),),
        parts=tuple(column for column, _ in columns),
        label=first,
        lead=tuple(map(Column, (*others, *(["long side"] if follows else [])))),
        label_room=WIDTH,
    )


# --- for programs ------------------------------------------------------------------


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
    """Values of a row by dotted path."""
    point = report.points[row]
    return {"values": point.values | point.followers}


def _rows(report: SweepReport) -> Records:
    """Make a row per combination."""
    rows = [_flat(report, row, each) for row, each in enumerate(sweep_records(report))]
    names = dict.fromkeys(name for row in rows for name in row)
    known = {column.key: column for column in statistic_columns()}
    columns = tuple(
        known.get(name, Column(name, name, is_float="_share_" in name))
        for name in names
    )
    return Records(columns, rows)


def _flat(report: SweepReport, row: int, record: Record) -> Record:
    """Put what a row has to say side by side."""
    point = report.points[row]
    named = dict(zip(point.values, point.labels, strict=True)) | point.followers
    line: Record = {path: str(value) for path, value in named.items()}
    for column in statistic_columns():
        if column.key in record:
            line[column.key] = record[column.key]
    for size, each in zip(SIZE_BINS, record["by_size"], strict=True):
        line[f"unassigned_share_{size}"] = each["unassigned_share"]
    for level in record["by_level"]:
        line[f"level_share_{level_name(level['stride'])}"] = level["share"]
    return line
