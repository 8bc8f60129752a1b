"""The tables of `stats` on the page, and that of all settings."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from atss_inspect.report.answers import Report
from atss_inspect.settings.parameters import format_value
from atss_inspect.views.names import printable
from atss_inspect.views.renderers.page import PageTable, page_table
from atss_inspect.views.stats import cause_section, stats_tables
from atss_inspect.views.table import Table

_BREAKDOWNS = {
    "size": "Objects by size: area in original pixels, as the file has it (else width "
    "x height); tiny below 16x16, small below 32x32, medium below 96x96.",
    "level": "Positives by pyramid level, finest first; an object may have positives "
    "on several.",
    "class": "Objects by class, the most frequent first. mean: positives (anchors or "
    "points) per object; none: share of the objects without a positive.",
    "ratio": "Objects by the shape of their box: width : height in original pixels.",
}
_CAUSES = "Objects without a positive by cause, each counted once."
_OVERVIEW = "All numbers of `atss-inspect stats`; sizes in original pixels."


def tables_of_stats(report: Report) -> dict[str, PageTable | None]:
    """Make the overview and every breakdown.

    Returns
    -------
    ``overview``, ``causes``, ``size``, ``level``, ``by_class`` and ``ratio``; None but
    for the first where there are no objects, and for causes where each has a positive.
    """
    stats = report.stats
    [overview] = stats_tables(replace(stats, by=()))
    names = ("overview", "causes", "size", "level", "by_class", "ratio")
    tables: dict[str, PageTable | None] = dict.fromkeys(names)
    tables["overview"] = page_table(overview, _OVERVIEW)
    if any(one.num_unassigned for one in stats.summaries):
        causes = Table(stats.names, (cause_section(stats, title=""),))
        tables["causes"] = page_table(causes, _CAUSES, label="cause")
    for by, caption in _BREAKDOWNS.items() if stats.has_objects else ():
        table = stats_tables(replace(stats, by=(by,)))[0]
        name = "by_class" if by == "class" else by
        tables[name] = page_table(table, caption, label=by)
    return tables


# --- settings ----------------------------------------------------------------------


class SettingCell(NamedTuple):
    """A value as TOML writes it and where it is from; empty where it is not had."""

    value: str
    origin: str


class SettingRow(NamedTuple):
    """A setting under every convention."""

    path: str
    cells: tuple[SettingCell, ...]
    differs: bool


def setting_rows(report: Report) -> list[SettingRow]:
    """List every setting that a convention has, section by section."""
    each = [one.settings.values() for one in report.origins]
    paths = sorted(
        dict.fromkeys(path for values in each for path in values),
        key=lambda path: path.partition(".")[0],
    )
    return [_setting_row(report, path, each) for path in paths]


def _setting_row(
    report: Report, path: str, each: Sequence[dict[str, object]]
) -> SettingRow:
    """Write one setting of all conventions."""
    cells = tuple(_setting_cells(report, path, each))
    return SettingRow(path, cells, len({cell.value for cell in cells}) > 1)


def _setting_cells(
    report: Report, path: str, each: Sequence[dict[str, object]]
) -> Iterator[SettingCell]:
    """Write one setting of each convention."""
    for one, values in zip(report.origins, each, strict=True):
        if path in values:
            origin = printable(one.origins[path])
            yield SettingCell(printable(format_value(values[path])), origin)
        else:
            yield SettingCell("", "")
