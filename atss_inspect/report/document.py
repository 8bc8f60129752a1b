"""Put the page together: summary, tables, figures, list of the worst, viewer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from atss_inspect import __version__
from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.page.render import IndexEntry, index_of, render
from atss_inspect.report.answers import Report
from atss_inspect.report.drawings import Drawing
from atss_inspect.report.embedded import (
    VIEWER_ID,
    Embedded,
    image_link,
    object_key,
    picture_problems,
)
from atss_inspect.report.fitting import Fitted, fit_images
from atss_inspect.report.images import image_row, tally_images
from atss_inspect.report.tables import setting_rows, tables_of_stats
from atss_inspect.report.words import glossary
from atss_inspect.settings import Settings
from atss_inspect.statistics import metrics
from atss_inspect.statistics.metrics import Place
from atss_inspect.statistics.summary import Summary
from atss_inspect.views import numbers
from atss_inspect.views.causes import CAUSE_WORDS
from atss_inspect.views.compare import compare_tables
from atss_inspect.views.compare import verdict as compare_verdict
from atss_inspect.views.conventions import convention_lines
from atss_inspect.views.files import brief_names, full_name
from atss_inspect.views.headings import selection_words
from atss_inspect.views.names import clip, printable
from atss_inspect.views.renderers.page import page_cell, page_table
from atss_inspect.views.stats_report import command_line
from atss_inspect.views.sweep import fragments, notes, sweep_tables
from atss_inspect.views.sweep_report import SweepReport
from atss_inspect.views.sweep_verdict import sweep_verdict
from atss_inspect.views.table import cell_of
from atss_inspect.views.verdict import verdict
from atss_inspect.views.worst import verdict as worst_verdict
from atss_inspect.views.worst import worst_table
from atss_inspect.views.worst_report import WorstReport

_TEMPLATE = "report.html.j2"
# Room for the viewer itself, links into it, and the words that say what was given up.
_RESERVE = 12_000
_LONGEST_NAME = 48  # in a list, columns of a terminal
_LINK = 400  # bytes of a row of the table of images


class Page(NamedTuple):
    """A finished page.

    Attributes
    ----------
    html : the whole file
    num_images : in the viewer
    note : what was given up for the size; empty if nothing
    problems : what is wrong with the pictures of these images, a line for each kind
    """

    html: str
    num_images: int
    note: str
    problems: tuple[str, ...] = ()


def make_page(
    report: Report,
    drawings: Mapping[str, Drawing],
    images: Sequence[Embedded] | None,
    *,
    most_bytes: int,
) -> Page:
    """Write the report.

    Parameters
    ----------
    report : all answers
    drawings : figures by name, see `draw_figures`
    images : to look around in; None for a page without the viewer
    most_bytes : pictures are made smaller, then images left out, to stay below; tables
        and figures are never left out, so that a page may be larger all the same

    Returns
    -------
    The page; the same arguments give the same text.
    """
    values = _values(report, drawings)
    if images is None:
        html = render(_TEMPLATE, own="report", **values, **_looking(report, None, None))
        return Page(html, 0, "")
    empty = Fitted((), 0)
    bare = render(_TEMPLATE, own="report", **values, **_looking(report, (), empty))
    taken = len(bare.encode("utf-8")) + _RESERVE + _LINK * len(images)
    fitted = fit_images(
        [each.document for each in images],
        [each.picture for each in images],
        room=most_bytes - taken,
    )
    page = _with_images(report, values, images, fitted)
    if not fitted.documents and len(page.html.encode("utf-8")) > most_bytes:
        return _with_images(report, values, images, replace(fitted, is_in_vain=True))
    return page


def _with_images(
    report: Report,
    values: Mapping[str, Any],
    images: Sequence[Embedded],
    fitted: Fitted,
) -> Page:
    """Write the page with the images that go into it."""
    looking = _looking(report, images, fitted)
    html = render(_TEMPLATE, own="report", **values, **looking)
    number = len(fitted.documents)
    return Page(html, number, fitted.note, picture_problems(images[:number]))


def _values(report: Report, drawings: Mapping[str, Drawing]) -> dict[str, Any]:
    """Gather what does not depend on the images in the page."""
    stats = report.stats
    frame, lines = convention_lines(stats.settings)
    names = [printable(name) for name in stats.names]
    return {
        "title": _title(report),
        "version": __version__,
        "names": names,
        "inputs": _inputs(report),
        "only": "; ".join(selection_words(report.stats, images=False)),
        "verdict": verdict(stats),
        "cards": list(_cards(report)),
        "frame": frame,
        "conventions": list(zip(names, lines, strict=True)),
        "tables": tables_of_stats(report),
        "cause_meanings": list(_cause_meanings(stats.summaries)),
        "figures": drawings,
        "comparison": _comparison(report),
        "sweeps": [_sweep(each) for each in report.sweeps],
        "settings": setting_rows(report),
        "tomls": [
            (name, _printable_lines(one.settings.to_toml(one.origins)))
            for name, one in zip(names, report.origins, strict=True)
        ],
        "findings": [
            (each, ", ".join(map(printable, each.examples)))
            for each in stats.dataset.findings
        ],
        "glossary": glossary(one.rule for one in stats.settings),
        "viewer_id": VIEWER_ID,
    }


def _title(report: Report) -> str:
    """Name the page after the annotations."""
    return f"Label assignment of {brief_names(report.stats.dataset.files)}"


def _printable_lines(text: str) -> str:
    """Escape what is not to be seen in a text of several lines."""
    return "\n".join(map(printable, text.split("\n")))


def _inputs(report: Report) -> list[dict[str, str]]:
    """Describe every file that was read."""
    dataset = report.stats.dataset
    rows = zip(dataset.files, dataset.file_sizes, dataset.file_counts, strict=True)
    return [
        {
            "path": full_name(path),
            "size": numbers.UNDEFINED if size is None else f"{numbers.count(size)}",
            "images": numbers.count(counts.num_images),
            "annotations": numbers.count(counts.num_annotations),
            "classes": numbers.count(counts.num_categories),
        }
        for path, size, counts in rows
    ]


def _cards(report: Report) -> Iterator[dict[str, Any]]:
    """Gather the numbers of each convention that say most."""
    stats = report.stats
    for settings, one in zip(stats.settings, stats.summaries, strict=True):
        yield {
            "name": printable(settings.name),
            "share": numbers.percent(one.unassigned_share),
            "starved": numbers.count(one.num_unassigned),
            "objects": numbers.plural(one.num_objects, "object"),
            "has_starved": one.num_unassigned > 0,
            "facts": list(_facts(one, settings)),
        }


def _facts(one: Summary, settings: Settings) -> Iterator[tuple[str, str]]:
    """Name the statistics of one convention that say most."""
    for statistic in metrics.shown_at(Place.CARD):
        cell = cell_of(statistic, statistic.value(one, settings), one.num_objects)
        yield statistic.label_at(Place.CARD), cell.main
    causes = one.cause_counts
    if causes:
        main = max(causes, key=lambda cause: causes[cause])
        yield "main cause", f"{CAUSE_WORDS[main]} ({numbers.count(causes[main])})"


def _cause_meanings(summaries: Sequence[Summary]) -> Iterator[tuple[str, str, str]]:
    """Explain the causes that occur."""
    for cause in KNOWN_CAUSES.values():
        if any(cause.name in one.cause_counts for one in summaries):
            yield cause.words, cause.meaning, cause.remedy


def _comparison(report: Report) -> dict[str, Any] | None:
    """Describe how the first two conventions differ."""
    found = report.comparison
    if found is None:
        return None
    tables = compare_tables(found) if found.stats.has_objects else []
    caption = "Objects that both presets keep, by size in original pixels."
    return {
        "names": list(map(printable, found.stats.names)),
        "verdict": " ".join(compare_verdict(found)),
        "tables": [page_table(table, caption) for table in tables[1:]],
    }


def _sweep(report: SweepReport) -> dict[str, Any]:
    """Describe what other values of k would do."""
    name = printable(report.base.name)
    has_objects = report.stats.has_objects
    found = []
    if has_objects:
        *first, levels = sweep_tables(report)
        words = f"{name} at other values of k"
        captions = (f"{words}. {' '.join(notes(report))}", f"{words}, continued.")
        found = [page_table(*pair) for pair in zip(first, captions, strict=False)]
        found.append(page_table(levels, f"{words}: share of the positives by level."))
    return {
        "name": name,
        "verdict": sweep_verdict(report),
        "tables": found,
        "fragments": list(fragments(report)) if has_objects else [],
    }


# --- images ------------------------------------------------------------------------


def _looking(
    report: Report, images: Sequence[Embedded] | None, fitted: Fitted | None
) -> dict[str, Any]:
    """Gather the viewer, and the lists with links into it."""
    documents = fitted.documents if fitted else ()
    shown = {
        each.row: (each.document, entry)
        for each, entry in zip(images or (), index_of(documents), strict=False)
    }
    return {
        "documents": documents,
        "index": {"images": [entry._asdict() for entry in index_of(documents)]},
        "has_viewer": images is not None,
        "shown_images": list(_shown_images(report, shown)),
        "viewer_note": fitted.note if fitted else "",
        "has_pictures": bool(fitted and fitted.look),
        "worst": [_worst(report, each, shown) for each in report.worst],
    }


Shown = Mapping[int, tuple[dict[str, Any], IndexEntry]]


def _shown_images(report: Report, shown: Shown) -> Iterator[dict[str, Any]]:
    """List the images of the viewer with their objects without a positive."""
    unassigned = tally_images(report).num_unassigned
    for row, (_, entry) in shown.items():
        counts = unassigned[:, row].tolist()
        yield {
            "label": entry.label,
            "link": image_link(entry),
            "counts": counts,
        }


def _worst(report: Report, worst: WorstReport, shown: Shown) -> dict[str, Any]:
    """List the worst objects of one convention, with links to those in the viewer."""
    table = worst_table(worst)
    rows = []
    for line, row in zip(table.sections[0].rows, worst.worst.objects, strict=True):
        cells = [
            (clip(cell.text, _LONGEST_NAME), column.is_text, cell.value)
            for cell, column in zip(map(page_cell, line.lead), table.lead, strict=True)
        ]
        rows.append({"cells": cells, "link": _link_to(report, worst, row, shown)})
    name = printable(worst.stats.names[0])
    options = (*worst.stats.command, *worst.convention, *worst.stats.filtering)
    return {
        "name": name,
        "verdict": worst_verdict(worst),
        "headings": [(column.label, column.is_text) for column in table.lead],
        "rows": rows,
        "command": command_line("worst", *options),
    }


def _link_to(report: Report, worst: WorstReport, row: Any, shown: Shown) -> str:
    """Write the address of an object in the viewer; empty if it is not there."""
    dataset = report.stats.dataset
    image = image_row(dataset, row.file, row.annotation_index)
    if image not in shown:
        return ""
    document, entry = shown[image]
    alone = dataset.slice_images(image, image + 1)
    ann = object_key(document, alone, row.annotation_index)
    return image_link(entry, preset=worst.stats.names[0], ann=ann)
