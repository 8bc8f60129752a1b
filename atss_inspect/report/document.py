"""Put the page together: summary, tables, figures, list of the worst, viewer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any, NamedTuple

from atss_inspect import __version__
from atss_inspect.assigners import BUILT_IN
from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.page.render import IndexEntry, index_of, render
from atss_inspect.readers.pixels import picture_problems
from atss_inspect.report import images as embedded
from atss_inspect.report.answers import Report
from atss_inspect.report.drawings import Drawing
from atss_inspect.report.images import Embedded, Fitted
from atss_inspect.settings import ResolvedSettings, Settings
from atss_inspect.settings.layers import without_effect
from atss_inspect.settings.parameters import format_value
from atss_inspect.statistics import metrics
from atss_inspect.statistics.grades import Graded
from atss_inspect.statistics.statistic import Place
from atss_inspect.statistics.summary import EVERYTHING, Summary
from atss_inspect.views import compare, numbers, sweep
from atss_inspect.views.conventions import convention_lines
from atss_inspect.views.draw_words import draw_words
from atss_inspect.views.first_screen import judged_section, told_interval
from atss_inspect.views.headings import brief_names, full_name, selection_words
from atss_inspect.views.left_out import left_out
from atss_inspect.views.names import printable
from atss_inspect.views.stats import command_line
from atss_inspect.views.stats_tables import cause_section, stats_tables
from atss_inspect.views.table import Table, cell_of
from atss_inspect.views.variants import VariantsReport
from atss_inspect.views.verdict import verdict
from atss_inspect.views.worst import WorstReport, worst_table, worst_verdict

# Room for the viewer itself, links into it, and the words that say what was given up.
_RESERVE = 12_000
_LINK = 400  # bytes of a row of the table of images
TOO_FEW = "too few objects"


class Page(NamedTuple):
    """A finished page."""

    html: str  # the whole file
    num_images: int  # in the viewer
    note: str  # what was given up for the size; empty if nothing
    # what is wrong with the pictures of these images, a line for each kind
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

    def written(fitted: Fitted | None) -> str:
        looking = _looking(report, images, fitted)
        return render("report.html.j2", own="report", **values, **looking)

    if images is None:
        return Page(written(None), 0, "")
    documents = [each.document for each in images]
    pictures = [each.picture for each in images]
    # Mostly everything fits, and there is nothing to measure.
    fitted = embedded.fit_images(documents, pictures, room=most_bytes)
    html = written(fitted)
    if len(html.encode("utf-8")) > most_bytes:
        bare = written(Fitted((), 0))
        taken = len(bare.encode("utf-8")) + _RESERVE + _LINK * len(images)
        fitted = embedded.fit_images(documents, pictures, room=most_bytes - taken)
        html = written(fitted)
    if not fitted.documents and len(html.encode("utf-8")) > most_bytes:
        fitted = replace(fitted, is_in_vain=True)
        html = written(fitted)
    number = len(fitted.documents)
    problems = picture_problems([each.picture for each in images[:number]])
    return Page(html, number, fitted.note, problems)


def _values(report: Report, drawings: Mapping[str, Drawing]) -> dict[str, Any]:
    """Gather what does not depend on the images in the page."""
    stats, dataset = report.stats, report.stats.dataset
    frame, lines = convention_lines(stats.settings)
    names = [printable(name) for name in stats.names]
    summaries = [one for one in stats.summaries if one.candidates is None]
    known = BUILT_IN if summaries else ()
    causes = {name for one in summaries for name in one.cause_counts}
    return {
        "title": f"Label assignment of {brief_names(dataset.files)}",
        "version": __version__,
        "names": names,
        "dataset": dataset,
        "odd": stats.odd,
        "left_out": list(left_out(stats, expected=True)),
        "full_name": full_name,
        "only": "; ".join(selection_words(stats, images=False)),
        "verdict": verdict(stats),
        "cards": cards(report),
        "numbers": numbers,
        "frame": frame,
        "conventions": list(zip(names, lines, strict=True)),
        "has_gates": len(summaries) < len(stats.summaries),
        "has_positives": bool(summaries),
        "tables": tables_of_stats(report),
        "drawn": list(_drawn(report.variants)) if report.variants else [],
        "causes": [one for one in KNOWN_CAUSES.values() if one.name in causes],
        "figures": drawings,
        "comparison": report.comparison and _comparison(report.comparison),
        "sweeps": list(_sweeps(report)),
        "tuned": list(_tuned(report)),
        "settings": setting_rows(report),
        "tomls": list(zip(names, map(_toml, report.origins), strict=True)),
        "rules": {
            rule.title: rule.words.meaning or f"{rule.about}."
            for rule in (*known, *(one.rule for one in stats.settings))
        },
        "viewer_id": embedded.VIEWER_ID,
    }


def _drawn(report: VariantsReport) -> Iterator[dict[str, Any]]:
    """What each convention draws, and what that does to the objects."""
    settings, averages = report.stats.settings, report.stats.summaries
    each = zip(settings, averages, report.variants, report.found, strict=True)
    for convention, average, variants, found in each:
        stats = replace(report.stats, settings=(convention,), summaries=(average,))
        one = replace(report, stats=stats, variants=(variants,), found=(found,))
        verdict = one.verdict
        yield {
            "name": printable(convention.name),
            "draws": draw_words(variants),
            "verdict": verdict[0].upper() + verdict[1:],
            "table": one.table if stats.has_objects else None,
            "by_side": one.table_by_side if len(variants.short_sides) > 1 else None,
        }


def _comparison(report: compare.CompareReport) -> dict[str, Any]:
    return {
        "names": list(map(printable, report.stats.names)),
        "verdict": " ".join(compare.verdict(report)),
        "tables": compare.compare_tables(report)[1:],
    }


def _toml(one: ResolvedSettings) -> str:
    """Settings file; what is not to be seen is escaped, but for the ends of lines."""
    return "\n".join(map(printable, one.settings.to_toml(one.origins).split("\n")))


class Card(NamedTuple):
    """What one convention does, in short."""

    name: str
    graded: Graded  # all objects
    interval: tuple[float, float] | None  # of their share, where it says anything
    grade: str  # the worst of any group, or that there are too few objects
    worst: str  # the group that has it, where that is not all objects
    lack: str  # what the objects counted are
    facts: tuple[tuple[str, str], ...]  # more numbers: what they are, and they


def cards(report: Report) -> list[Card]:
    """Sum up what each convention does, the worst grade first."""
    found: list[tuple[int, Card]] = []
    each = report.stats.judgements, report.stats.summaries, report.stats.settings
    for judged, summary, settings in zip(*each, strict=True):
        worst, grade = judged.worst, judged.grade
        part = f"{worst.name} objects" if worst and worst.by != EVERYTHING else ""
        facts, name = tuple(_facts(summary, settings)), printable(settings.name)
        lack = "without a candidate" if settings.rule.gate else "poorly assigned"
        every = judged.groups[0]
        spans = every, told_interval(every)
        card = Card(name, *spans, grade or TOO_FEW, part, lack, facts)
        found.append((-grade.rank if grade else 1, card))
    return [card for _, card in sorted(found, key=itemgetter(0))]


def _facts(one: Summary, settings: Settings) -> Iterator[tuple[str, str]]:
    every = one.every_object
    if every.is_of_gate:
        yield from _bound_facts(one)
        return
    counts = every.num_unassigned, every.num_low_quality_only
    kinds = "without a positive", "only low-quality matches"
    for label, number in zip(kinds, counts, strict=True):
        if number is not None:
            part = numbers.percent(one.share_of_objects(number))
            yield label, f"{numbers.count(number)} ({part})"
    for statistic in metrics.shown_at(Place.CARD, [settings]):
        cell = cell_of(statistic, statistic.value(one, settings), one.num_objects)
        yield statistic.label_at(Place.CARD), cell.main
    if one.cause_counts:
        main, number = max(one.cause_counts.items(), key=itemgetter(1))
        whose = ", without a positive" if every.num_low_quality_only else ""
        yield (
            f"main cause{whose}",
            f"{KNOWN_CAUSES[main].words} ({numbers.count(number)})",
        )


def _bound_facts(one: Summary) -> Iterator[tuple[str, str]]:
    """What the gate of a card lets objects have."""
    every, facts = one.every_object, one.candidates
    few = every.num_below_quota or 0
    part = numbers.percent(one.share_of_objects(few))
    yield "fewer candidates than the quota", f"{numbers.count(few)} ({part})"
    yield "picks at most, mean", numbers.mean(every.mean_positives)
    if facts is not None:
        yield "quota", numbers.count(facts.quota)
        contested = numbers.percent(facts.contested_share)
        yield "candidates of other objects, too", contested


def _sweeps(report: Report) -> Iterator[dict[str, Any]]:
    """What `stats` names to try, then other values of k, with their figures."""
    for end, each in report.named_sweeps.items():
        yield _sweep(each) | {"figure": f"sweep-{end}"}


def _sweep(report: sweep.SweepReport) -> dict[str, Any]:
    name = printable(report.base.name)
    what = numbers.joined([printable(axis.name) for axis in report.axes])
    found: list[tuple[Table, str]] = []
    if report.stats.has_objects:
        *first, levels = sweep.sweep_tables(report)
        words = f"{name} at other values of {what}"
        captions = (f"{words}. {' '.join(sweep.notes(report))}", f"{words}, continued.")
        found += zip(first, captions, strict=False)
        given = report.base.rule.given
        found.append((levels, f"{words}: share of the {given}s by level."))
    return {
        "name": name,
        "what": what,
        "verdict": report.verdict,
        "tables": found,
        "fragments": list(sweep.fragments(report)),
    }


def _tuned(report: Report) -> Iterator[dict[str, Any]]:
    """What other settings of each convention cost and serve, with their figures."""
    for place, one in enumerate(report.tuned):
        yield {
            "name": printable(one.today.name),
            "verdict": " ".join(one.verdict),
            "table": one.front_table(),
            "notes": " ".join(one.notes()),
            "fragments": list(one.codes(one.proposed)) if one.proposed else [],
            "figure": f"tune-{place}",
        }


def tables_of_stats(report: Report) -> dict[str, Table | None]:
    """Make the overview and every breakdown.

    Returns ``overview``, ``judgement``, ``causes``, ``size``, ``level``, ``class`` and
    ``ratio``; None but for the first where there are no objects, and for causes where
    each has a positive.
    """
    stats = report.stats
    by = ("size", "level", "class", "ratio")
    every = "overview", "judgement", "causes", *by
    tables: dict[str, Table | None] = dict.fromkeys(every)
    [tables["overview"]] = stats_tables(replace(stats, by=()))
    if any(one.num_unassigned for one in stats.summaries if one.candidates is None):
        tables["causes"] = Table(stats.names, (cause_section(stats, title=""),))
    if stats.has_objects:
        section = judged_section(stats.judgements, has_sizes=True)
        tables["judgement"] = Table(stats.names, (section,))
        full = replace(stats, is_full=True)
        tables |= {name: stats_tables(replace(full, by=(name,)))[0] for name in by}
    return tables


class SettingRow(NamedTuple):
    """A setting under every convention."""

    path: str
    # its value as TOML writes it, and where it is from; empty where it is none
    cells: tuple[tuple[str, str], ...]

    @property
    def differs(self) -> bool:
        """Whether values differ."""
        return len({value for value, _ in self.cells}) > 1


def setting_rows(report: Report) -> list[SettingRow]:
    """List every setting that decides something, section by section."""
    each = []
    for one in report.origins:
        values, rule = one.settings.values(), one.settings.rule
        idle = without_effect(rule, values)
        own = {path: value for path, value in values.items() if path not in idle}
        each.append((own, one.origins))
    paths = dict.fromkeys(path for values, _ in each for path in values)
    rows = []
    for path in sorted(paths, key=lambda path: path.partition(".")[0]):
        cells = [
            (format_value(values[path]), origins[path]) if path in values else ("", "")
            for values, origins in each
        ]
        rows.append(SettingRow(path, tuple(cells)))
    return rows


Shown = Mapping[int, tuple[dict[str, Any], IndexEntry]]


def _looking(
    report: Report, images: Sequence[Embedded] | None, fitted: Fitted | None
) -> dict[str, Any]:
    """Gather the viewer, and the lists with links into it."""
    documents = fitted.documents if fitted else ()
    entries = index_of(documents)
    rows = [each.row for each in images or ()]
    shown = dict(zip(rows, zip(documents, entries, strict=True), strict=False))
    poorly = embedded.lacking_by_image(report)
    return {
        "documents": documents,
        "index": {"images": [entry._asdict() for entry in entries]},
        "has_viewer": images is not None,
        "shown_images": [
            (entry.label, embedded.image_link(entry), poorly[:, row].tolist())
            for row, (_, entry) in shown.items()
        ],
        "viewer_note": fitted.note if fitted else "",
        "worst": [_worst(report, each, shown) for each in report.worst],
    }


def _worst(report: Report, worst: WorstReport, shown: Shown) -> dict[str, Any]:
    """List the worst objects of one convention, with links to those in the viewer."""
    table = worst_table(worst)
    links = [_link_to(report, worst, row, shown) for row in worst.worst.objects]
    options = (*worst.stats.command, *worst.convention, *worst.stats.filtering)
    return {
        "name": printable(worst.stats.names[0]),
        "verdict": worst_verdict(worst),
        "columns": table.lead,
        "rows": list(zip(table.sections[0].rows, links, strict=True)),
        "command": command_line("worst", *options),
    }


def _link_to(report: Report, worst: WorstReport, row: Any, shown: Shown) -> str:
    """Write the address of an object in the viewer; empty if it is not there."""
    dataset = report.stats.dataset
    image = embedded.image_row(dataset, row.file, row.annotation_index)
    if image not in shown:
        return ""
    document, entry = shown[image]
    alone = dataset.slice_images(image, image + 1)
    ann = embedded.object_key(document, alone, row.annotation_index)
    return embedded.image_link(entry, preset=worst.stats.names[0], ann=ann)
