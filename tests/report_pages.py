"""Reports for tests, and a reader that takes their HTML apart."""

import json
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder

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
from atss_inspect.settings import preset, resolve_all
from atss_inspect.statistics.tuning import tune
from atss_inspect.views.stats import StatsReport
from atss_inspect.views.tune import TuneReport
from tests.random_coco import Loaded
from tests.tiny_coco import street
from tests.tuned_scenes import scene

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


@cache
def tuned_html() -> str:
    """A page on which boxes that are too small for the anchors were tuned for."""
    document = scene([(14, 34), (60, 60), (150, 90)] * 110, seed=3, num_images=24)
    dataset, today = load_coco(Loaded(document)), preset("retinanet-mmdet")
    found = tune(dataset, today, free_only=True)
    stats = StatsReport(dataset, (today,), (found.before,))
    report = replace(street_report(), tuned=(TuneReport(stats, found, True),))
    figures = stand_ins(report)
    [plan] = [each for each in drawings._plans(report) if each.name == "tune-0"]
    figures["tune-0"] = drawings._drawn(plan)
    return make_page(report, figures, None, most_bytes=MEGABYTE).html


def text_of(element: Element) -> str:
    """Put together what is read of an element."""
    if element.tag in ("script", "style"):
        return ""
    inside = (text_of(each) + (each.tail or "") for each in element)
    return (element.text or "") + "".join(inside)


class Parsed(HTMLParser):
    """What tests want to know of a page, in which every element must be closed.

    Attributes
    ----------
    root : the tree of elements
    text : what is read of it
    headings : (level, text) in the order of the page
    ids : of all elements, with how often each comes
    attributes : (element, name, value) of all elements
    links : fragments that something refers to
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self._builder = TreeBuilder()
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []
        self.root = self._builder.close()
        self.text = text_of(self.root)
        elements = list(self.root.iter())
        heads = [each for each in elements if re.fullmatch("h[1-6]", each.tag)]
        self.headings = [(int(each.tag[1]), text_of(each)) for each in heads]
        found = [(each.tag, *pair) for each in elements for pair in each.items()]
        self.attributes: list[tuple[str, str, str]] = found
        self.ids = Counter(value for _, name, value in found if name == "id")
        hrefs = [value for _, name, value in found if name == "href"]
        self.links = [value[1:] for value in hrefs if value.startswith("#")]
        for _, _, value in found:
            self.links += re.findall(r"url\(#([^)]+)\)", value)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._builder.start(tag, {name: value or "" for name, value in attrs})
        self._open.append(tag)
        if tag in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        self._builder.end(tag)

    def handle_data(self, data: str) -> None:
        self._builder.data(data)

    def of(self, tag: str) -> list[tuple[dict[str, str], str]]:
        return [(each.attrib, each.text or "") for each in self.root.iter(tag)]

    def table_with(self, text: str) -> list[list[str]]:
        """Find the first table that has a cell of some text; cells are stripped."""
        for table in self.root.iter("table"):
            rows = [[" ".join(text_of(c).split()) for c in r] for r in table.iter("tr")]
            if any(text in row for row in rows):
                return rows
        message = f"no table has a cell {text!r}"
        raise LookupError(message)
