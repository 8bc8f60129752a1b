"""Reports for tests, and a reader that takes their HTML apart."""

import json
import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from markupsafe import Markup

from atss_inspect.readers import load_coco
from atss_inspect.report import (
    Page,
    Report,
    Wanted,
    answers,
    choose_images,
    draw_figures,
    drawings,
    find_answers,
    gather_images,
    make_page,
)
from atss_inspect.report.drawings import Drawing
from atss_inspect.settings import resolve_all
from atss_inspect.views.stats import StatsReport
from tests.random_coco import Loaded
from tests.tiny_coco import street

# It needs no data: once for each convention is enough.
answers.measure_reach = cache(answers.measure_reach)
PRESETS = ("atss-mmdet", "retinanet-mmdet")
MEGABYTE = 1_000_000
VOID = {"meta", "link", "input", "br", "img", "hr"}


def viewer_documents(path: str) -> list[dict[str, Any]]:
    """Read what the viewer of a page knows of each image."""
    html = Path(path).read_text(encoding="utf-8")
    return [json.loads(text) for text in re.findall(r"data-image>(.*?)</script>", html)]


def answers_of(document: dict[str, Any], *names: str) -> Report:
    """Ask everything of a document."""
    resolved = resolve_all(names or PRESETS)
    dataset = load_coco(Loaded(document))
    stats = StatsReport(dataset, tuple(one.settings for one in resolved), ())
    return find_answers(
        stats, resolved, [("--preset", one.settings.name) for one in resolved]
    )


def page_of(
    report: Report,
    *,
    wanted: Wanted | None = Wanted(),  # noqa: B008 - it is immutable
    folder: str | None = None,
    most_bytes: int = 8 * MEGABYTE,
    is_drawn: bool = False,
) -> Page:
    """Make the whole page; drawing its figures takes seconds, so others stand in."""
    images = None
    if wanted is not None:
        rows = choose_images(report, wanted)
        dataset, settings = report.stats.dataset, report.stats.settings
        images = gather_images(dataset, rows, settings, folder=folder)
    figures = draw_figures(report) if is_drawn else stand_ins(report)
    return make_page(report, figures, images, most_bytes=most_bytes)


def stand_ins(report: Report) -> dict[str, Drawing]:
    """Make an empty picture for each figure."""
    return {
        plan.name: Drawing(plan.name, plan.title, plan.reading, Markup("<svg></svg>"))
        for plan in drawings._plans(report)
    }


@cache
def street_report() -> Report:
    """The answers on three images, under two presets."""
    return answers_of(street())


@cache
def street_html() -> str:
    """The page of three images, with the viewer."""
    return page_of(street_report(), is_drawn=True).html


@cache
def plain_street_html() -> str:
    """The same page for what stands around the figures, others in their place."""
    return page_of(street_report()).html


class Parsed(HTMLParser):
    """What tests want to know of a page.

    Attributes
    ----------
    headings : (level, text) in the order of the page
    ids : of all elements, with how often each comes
    links : fragments that something refers to
    attributes : (element, name, value) of all elements
    texts : of elements, by the nearest id around them
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[tuple[int, str]] = []
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.tables: list[list[list[str]]] = []
        self.open: list[str] = []
        self.text = ""
        self._is_heading = False
        self._is_cell = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            self._note(tag, name, value or "")
        if re.fullmatch("h[1-6]", tag):
            self._is_heading = True
            self.headings.append((int(tag[1]), ""))
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self._is_cell = True
            self.tables[-1][-1].append("")

    def _note(self, tag: str, name: str, value: str) -> None:
        self.attributes.append((tag, name, value))
        if name == "id":
            self.ids[value] += 1
        if name == "href" and value.startswith("#"):
            self.links.append(value[1:])
        self.links += re.findall(r"url\(#([^)]+)\)", value)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()
        if re.fullmatch("h[1-6]", tag):
            self._is_heading = False
        if tag in ("td", "th"):
            self._is_cell = False

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("script", "style"):
            return
        self.text += data
        if self._is_heading:
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)
        if self._is_cell:
            self.tables[-1][-1][-1] += data

    def table_with(self, text: str) -> list[list[str]]:
        """Find the first table that has a cell of some text; cells are stripped."""
        for table in self.tables:
            stripped = [[" ".join(cell.split()) for cell in row] for row in table]
            if any(text in row for row in stripped):
                return stripped
        message = f"no table has a cell {text!r}"
        raise LookupError(message)
