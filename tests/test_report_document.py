"""The page of a report: what it says, and that nothing in it can act."""

import itertools
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.report import Page, Report, Wanted
from atss_inspect.report.document import cards, tables_of_stats
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.views import numbers
from atss_inspect.views.verdict import verdict
from tests import report_pages
from tests.browser import HOSTILE
from tests.report_pages import Parsed, answers_of, page_of, street_report
from tests.test_page_render import digest_of
from tests.tiny_coco import coco, street

# To draw the figures takes seconds.
EACH_PAGE = [
    pytest.param(report_pages.plain_street_html, id="plain"),
    pytest.param(report_pages.street_html, id="drawn", marks=pytest.mark.slow),
]


@cache
def parsed_street() -> Parsed:
    return Parsed(report_pages.plain_street_html())


def test_what_it_says_is_what_the_commands_say():
    parsed = parsed_street()
    words = verdict(street_report().stats)
    assert words in parsed.text
    assert parsed.text.index(words) < parsed.text.index("poorly assigned: ")
    [swept] = street_report().sweeps
    assert swept.verdict in parsed.text
    ks = [row[0] for row in parsed.table_with("0.2*k*L")[1:]]
    assert ks == ["3", "5", "7", "9 *", *map(str, range(11, 20, 2))]
    # Beside it stand the sides of the boxes, which may say otherwise.
    assert "ties: largest first, by the file's area, which is often a" in parsed.text
    assert "Width and height of the box" in parsed.text


def test_its_numbers_are_those_of_stats():
    parsed = parsed_street()
    records = street_report().stats.document()["results"]
    by_size = parsed.table_with("objects without a positive")
    start = by_size.index(["objects without a positive"])
    for place, size in enumerate(SIZE_BINS):
        rows = (row for row in by_size[start:] if row[0].startswith(f"{size} ("))
        row = next(rows)
        for cell, record in zip(row[1:], records, strict=True):
            group = record["by_size"][place]
            number, share = group["num_unassigned"], group["unassigned_share"]
            expected = f"{number} {numbers.percent(share)}"
            assert cell == ("-" if share is None else expected)
    causes = parsed.table_with("cause")
    for words, *cells in causes[1:]:
        [cause] = [name for name, one in KNOWN_CAUSES.items() if one.words == words]
        assert cells == [str(record["causes"].get(cause, 0)) for record in records]


# Forty images of an object of 6 px, 10 in input pixels, and one of 60 px, 100. Half of
# all have only low-quality matches under the IoU rule, and all are well under ATSS.
HALF = coco({n: [(300, 300, 6, 6), (50, 50, 60, 60)] for n in range(1, 41)})


def test_cards_and_a_table_grade_each_preset_worst_first():
    report = answers_of(HALF, "atss-mmdet", "retinanet-mmdet")
    first, second = cards(report)
    assert [first.name, second.name] == ["retinanet-mmdet", "atss-mmdet"]
    assert (first.grade, first.worst) == ("serious", "")
    assert first.facts[:2] == (
        ("without a positive", "0 (0%)"),
        ("only low-quality matches", "40 (50.0%)"),
    )
    assert second.grade == "fine"
    assert "only low-quality matches" not in dict(second.facts)
    html = page_of(report, wanted=None).html
    for words in (
        '<p class="grade is-serious">serious</p>',
        "poorly assigned: 40 of 80 objects",
        "95% interval: 50.0%",
        "usual (COCO val2017): 12.0%",
    ):
        assert words in html
    parsed = Parsed(html)
    text = parsed.text
    assert parsed.table_with("95% interval")[2:] == [
        ["all", "0%", "!! 50.0%"],
        ["95% interval", "0 to 8.8%", "50.0%"],
        ["usual (COCO val2017)", "0.9%", "12.0%"],
        ["tiny (40)", "0%", "!! 0 + 100%"],
        ["medium (40)", "0%", "0 + 0%"],
        ["grade", "fine", "!! serious"],
    ]
    assert not re.search(r"Starved|objects starve|gets? nothing|of equals", text)


def test_few_objects_have_no_grade_and_few_images_no_interval():
    [card] = cards(answers_of(coco({1: [(50, 50, 60, 60)]}), "fcos-mmdet"))
    assert (card.grade, card.worst) == ("too few objects", "")
    assert card.graded.interval is None
    # A part may decide: 31 tiny objects without a positive beside 3,000 others.
    large = {n: [(50, 50, 60, 60)] for n in range(1, 3001)}
    tiny = {n: [(301, 301, 1, 1)] for n in range(3001, 3032)}
    [card] = cards(answers_of(coco(large | tiny), "fcos-mmdet"))
    assert (card.grade, card.worst) == ("look", "tiny objects")


def test_all_warnings_of_the_reader_are_listed():
    document = street()
    document["annotations"][0]["bbox"] = [1, 2, "x", 4]
    document["annotations"][1]["category_id"] = 99
    report = answers_of(document)
    findings = report.stats.dataset.findings
    assert len(findings) >= 2
    rows = Parsed(page_of(report, wanted=None).html).table_with("for example")[1:]
    for (message, count, _, examples), found in zip(rows, findings, strict=True):
        assert (message, count) == (found.message, str(found.count))
        assert examples == ", ".join(found.examples)


@pytest.mark.parametrize("html", EACH_PAGE)
def test_headings_are_in_order_and_ids_differ_and_links_lead_somewhere(html):
    parsed = Parsed(html())
    levels = [level for level, _ in parsed.headings]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert [name for name, number in parsed.ids.items() if number > 1] == []
    fragments = {link for link in parsed.links if not link.startswith("viewer:")}
    assert fragments <= set(parsed.ids)
    assert ("html", "lang", "en") in parsed.attributes


@pytest.mark.slow
def test_every_figure_is_told_in_words_and_says_how_to_read_it():
    html = report_pages.street_html()
    figures = re.findall(r"<figure .*?</figure>", html, re.DOTALL)
    assert len(figures) == 6
    for figure in figures:
        assert re.search(r'<svg [^>]*role="img" aria-label="[^"]{40,}"', figure)
        assert "<title>" in figure
        assert re.search(r"<summary>How to read it</summary>.{60,}</details>", figure)
        # The page writes the words around it, once.
        [finding] = re.findall(r'<p class="finding">(.+?)</p>', figure)
        assert finding not in figure.partition("<svg")[2].partition("</title>")[2]


@pytest.mark.parametrize("html", EACH_PAGE)
def test_the_policy_allows_this_style_and_this_script_and_no_request(html):
    text = html()
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    policy = policy.replace("&#39;", "'")
    assert "default-src 'none'" in policy
    for element in ("style", "script"):
        [inside] = re.findall(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)
        assert f"{element}-src '{digest_of(inside)}'" in policy
    parsed = Parsed(text)
    for _, name, value in parsed.attributes:
        assert name != "style"
        assert not name.startswith("on")
        assert name not in ("src", "href") or value.startswith(("#", "data:"))


def with_data(report: Report, **changes: Any) -> Report:
    dataset = replace(report.stats.dataset, **changes)
    return replace(report, stats=replace(report.stats, dataset=dataset))


def hostile_html() -> str:
    """A page of names that would act if they could."""
    document = street()
    for category, name in zip(document["categories"], HOSTILE, strict=False):
        category["name"] = name
    for image, name in zip(document["images"], HOSTILE, strict=True):
        image["file_name"] = name
    report = answers_of(document, "atss-mmdet")
    return page_of(with_data(report, files=(HOSTILE[0],))).html


def test_names_from_files_are_text():
    html = hostile_html()
    assert "<script>window" not in html
    assert "<img" not in html
    assert "\u202e" not in html
    parsed = Parsed(html)
    assert "<script>window.hacked = 1</script>" in parsed.text
    assert not [name for _, name, _ in parsed.attributes if name == "onerror"]


def test_the_worst_objects_link_to_their_place_in_the_viewer():
    html = report_pages.plain_street_html()
    links = re.findall(r'class="look"><a href="(#viewer:[^"]+)"', html)
    view = "#viewer:image=2&amp;preset=atss-mmdet&amp;object=109&amp;at=object"
    assert view in links
    without = page_of(street_report(), wanted=None).html
    assert 'href="#viewer:' not in without
    assert "data-image" not in without.partition("<script>")[0]
    assert "not on this page" in page_of(street_report(), wanted=Wanted(worst=0)).html


def test_pictures_and_images_are_given_up_for_the_size_and_that_is_said():
    report = street_report()
    wanted = Wanted(worst=0, sample=4)
    whole = page_of(report, wanted=wanted)
    assert (whole.num_images, whole.note) == (4, "")
    bare = len(page_of(report, wanted=Wanted(worst=0)).html.encode())
    limit = bare + 26_000
    small = page_of(report, wanted=wanted, most_bytes=limit)
    assert len(small.html.encode()) <= limit
    assert 0 < small.num_images < 4
    assert "of 4 images left out" in small.note
    assert small.note in small.html


def test_a_page_that_stays_too_large_without_any_image_says_so():
    report, wanted = street_report(), Wanted(worst=0, sample=4)
    bare = len(page_of(report, wanted=Wanted(worst=0)).html.encode())
    in_vain = "4 of 4 images left out, but tables and figures alone exceed the limit"
    for limit in (bare - 5_000, bare):
        page = page_of(report, wanted=wanted, most_bytes=limit)
        assert page.note == in_vain
        assert f"To keep the page small: {in_vain}." in page.html
    roomy = page_of(report, wanted=wanted, most_bytes=bare + 1_000)
    assert roomy.note == "4 of 4 images left out"
    assert page_of(report, wanted=Wanted(worst=0), most_bytes=1).note == ""


@pytest.mark.parametrize("document", [coco({}), coco({1: [], 2: []})])
def test_there_is_a_page_of_nothing(document):
    report = answers_of(document, "atss-mmdet")
    assert_says(page_of(report, is_drawn=True), "There are no annotations")
    tables = tables_of_stats(report)
    assert tables["overview"].sections
    assert list(tables.values())[1:] == [None] * 6


@pytest.mark.slow  # all figures are drawn
def test_there_is_a_page_of_one_object_without_a_positive():
    report = answers_of(coco({1: [(1, 1, 1, 1)]}), "atss-mmdet")
    assert_says(page_of(report, is_drawn=True), "leaves 1 of 1 object (100%)")


def assert_says(page: Page, words: str) -> None:
    parsed = Parsed(page.html)
    assert words in parsed.text
    assert "nan" not in parsed.text.lower().split()


def test_without_a_preset_that_has_a_k_the_page_says_so():
    report = answers_of(street(), "fcos-mmdet")
    parsed = Parsed(page_of(report, wanted=None).html)
    assert "None of the presets is ATSS" in parsed.text
    assert not [name for name in parsed.ids if name.startswith("sweep")]


def test_a_class_whose_name_begins_with_all_is_no_sum():
    boxes = {1: [(0, 0, 99, 99), (200, 200, 50, 50)]}
    names = {1: "all-terrain vehicle", 2: "object without any"}
    annotations = coco(boxes)
    annotations["categories"] = [{"id": i, "name": name} for i, name in names.items()]
    for place, annotation in enumerate(annotations["annotations"]):
        annotation["category_id"] = place + 1
    by_class = tables_of_stats(answers_of(annotations))["class"]
    kinds = {row.label: row.kind for row in by_class.sections[0].rows}
    assert kinds == {"all": "sum", **dict.fromkeys(names.values(), "group")}
