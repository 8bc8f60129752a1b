"""The page of a report: what it says, and that nothing in it can act."""

import base64
import hashlib
import itertools
import re
from dataclasses import replace

import pytest

from atss_inspect.annotations.dataset import Finding
from atss_inspect.report import Wanted
from atss_inspect.report.document import setting_rows, tables_of_stats
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.views import numbers
from atss_inspect.views.causes import CAUSE_WORDS
from atss_inspect.views.stats import stats_document
from atss_inspect.views.sweep import sweep_verdict
from atss_inspect.views.verdict import verdict
from tests.report_pages import (
    Parsed,
    answers_of,
    page_of,
    plain_street_html,
    street_html,
    street_report,
)
from tests.tiny_coco import coco, street

HOSTILE = (
    "<script>window.hacked = 1</script>",
    '"><img src=x onerror="window.hacked = 2">',
    "\u202eabc" + "w" * 300,
)

# To draw the figures takes seconds.
EACH_PAGE = [
    pytest.param(plain_street_html, id="plain"),
    pytest.param(street_html, id="drawn", marks=pytest.mark.slow),
]


def test_it_begins_with_the_verdict_of_stats():
    parsed = Parsed(plain_street_html())
    words = verdict(street_report().stats)
    assert words in parsed.text
    assert parsed.text.index(words) < parsed.text.index("without a positive: ")


def test_its_numbers_are_those_of_stats():
    parsed = Parsed(plain_street_html())
    records = stats_document(street_report().stats)["results"]
    by_size = parsed.table_with("objects without a positive")
    for place, size in enumerate(SIZE_BINS):
        row = [row for row in by_size if row[0].startswith(f"{size} (")][-1]
        for cell, record in zip(row[1:], records, strict=True):
            group = record["by_size"][place]
            number, share = group["num_unassigned"], group["unassigned_share"]
            assert cell == (
                f"{number} {numbers.percent(share)}" if share is not None else "-"
            )
    causes = parsed.table_with("cause")
    for words, *cells in causes[1:]:
        [cause] = [name for name, text in CAUSE_WORDS.items() if text == words]
        assert cells == [str(record["causes"].get(cause, 0)) for record in records]


def test_classes_levels_and_shapes_have_tables_too():
    parsed = Parsed(plain_street_html())
    records = stats_document(street_report().stats)["results"]
    classes = {row[0]: row[1:] for row in parsed.table_with("class")}
    for first, second in zip(*(record["by_class"] for record in records), strict=True):
        cells = [str(first["num_objects"])]
        for group in (first, second):
            cells += [
                numbers.mean(group["mean_positives"]),
                numbers.percent(group["unassigned_share"]),
            ]
        assert classes[first["class"]] == cells
    levels = [row[0] for row in parsed.table_with("level")]
    assert levels[2:4] == ["all", "P3 (stride 8)"]
    assert parsed.table_with("ratio")


def test_other_values_of_k_come_with_the_choice_in_words():
    parsed = Parsed(plain_street_html())
    [swept] = street_report().sweeps
    assert sweep_verdict(swept) in parsed.text
    ks = [row[0] for row in parsed.table_with("0.2*k*L")[1:]]
    assert ks == ["3", "5", "7", "9 *", *map(str, range(11, 20, 2))]


def test_every_setting_stands_there_with_its_origin_and_a_file_to_paste():
    parsed = Parsed(plain_street_html())
    table = {row[0]: row[1:] for row in parsed.table_with("setting")}
    for place, one in enumerate(street_report().origins):
        for path, origin in one.origins.items():
            cell = table.get(path) or table[f"{path} ≠"]
            assert cell[place].endswith(origin)
        assert one.settings.to_toml(one.origins) in parsed.text


def test_all_warnings_of_the_reader_are_listed():
    document = street()
    document["annotations"][0]["bbox"] = [1, 2, "x", 4]
    document["annotations"][1]["category_id"] = 99
    report = answers_of(document)
    findings = report.stats.dataset.findings
    assert len(findings) >= 2
    parsed = Parsed(page_of(report, wanted=None).html)
    rows = parsed.table_with("for example")[1:]
    assert [(row[0], row[1], row[3]) for row in rows] == [
        (each.message, str(each.count), ", ".join(each.examples)) for each in findings
    ]


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
    assert parsed.open == []
    assert ("html", "lang", "en") in parsed.attributes


@pytest.mark.slow
def test_every_figure_is_told_in_words_and_says_how_to_read_it():
    html = street_html()
    figures = re.findall(r"<figure .*?</figure>", html, re.DOTALL)
    assert len(figures) == 7
    for figure in figures:
        assert re.search(r'<svg [^>]*role="img" aria-label="[^"]{40,}"', figure)
        assert "<title>" in figure
        assert re.search(
            r"<figcaption><b>How to read it.</b> .{60,}</figcaption>", figure
        )


@pytest.mark.parametrize("html", EACH_PAGE)
def test_the_policy_allows_this_style_and_this_script_and_no_request(html):
    text = html()
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    policy = policy.replace("&#39;", "'")
    assert "default-src 'none'" in policy
    for element in ("style", "script"):
        [inside] = re.findall(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)
        digest = hashlib.sha256(inside.encode()).digest()
        name = base64.b64encode(digest).decode()
        assert f"{element}-src 'sha256-{name}'" in policy
    parsed = Parsed(text)
    for _, name, value in parsed.attributes:
        assert name != "style"
        assert not name.startswith("on")
        assert name not in ("src", "href") or value.startswith(("#", "data:"))


def hostile_html() -> str:
    """A page of names that would act if they could."""
    document = street()
    for category, name in zip(document["categories"], HOSTILE, strict=True):
        category["name"] = name
    for image, name in zip(document["images"], HOSTILE, strict=False):
        image["file_name"] = name
    report = answers_of(document, "atss-mmdet")
    stats = replace(
        report.stats, dataset=replace(report.stats.dataset, files=(HOSTILE[0],))
    )
    return page_of(replace(report, stats=stats)).html


def test_names_from_files_are_text():
    html = hostile_html()
    assert "<script>window" not in html
    assert "<img" not in html
    assert "\u202e" not in html
    parsed = Parsed(html)
    assert "<script>window.hacked = 1</script>" in parsed.text
    assert not [name for _, name, _ in parsed.attributes if name == "onerror"]


def test_the_worst_objects_link_to_their_place_in_the_viewer():
    html = plain_street_html()
    links = re.findall(r'class="look"><a href="(#viewer:[^"]+)"', html)
    view = "#viewer:image=2&amp;preset=atss-mmdet&amp;object=109&amp;at=object"
    assert view in links
    without = page_of(street_report(), wanted=None).html
    assert 'href="#viewer:' not in without
    assert "data-image" not in without.partition("<script>")[0]
    assert "not on this page" in page_of(street_report(), wanted=Wanted(worst=0)).html


def test_the_order_of_the_worst_is_said_to_go_by_the_files_area():
    parsed = Parsed(plain_street_html())
    # Beside it stand the sides of the boxes, which may say otherwise.
    assert "of equals the largest by the file's area, which is often a" in parsed.text
    assert "Width and height of the box" in parsed.text


def test_pictures_and_images_are_given_up_for_the_size_and_that_is_said():
    report = street_report()
    wanted = Wanted(worst=0, sample=4)
    whole = page_of(report, wanted=wanted)
    assert whole.num_images == 4
    assert whole.note == ""
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


def test_pictures_that_are_missing_are_counted_where_a_folder_is_named():
    wanted = Wanted(worst=0, sample=4)
    page = page_of(street_report(), wanted=wanted, folder=".")
    missing = "picture not found in the images folder (4 of 4 images)"
    assert page.problems == (missing,)
    assert page_of(street_report(), wanted=wanted).problems == ()
    none = page_of(street_report(), wanted=wanted, folder=".", most_bytes=1)
    assert none.problems == ()


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (coco({}), "There are no annotations"),
        (coco({1: [], 2: []}), "There are no annotations"),
        pytest.param(
            coco({1: [(1, 1, 1, 1)]}),
            "leaves 1 of 1 object (100%)",
            marks=pytest.mark.slow,  # all figures are drawn
        ),
    ],
    ids=["no image", "no object", "all starved"],
)
def test_there_is_a_page_of_next_to_nothing(document, says):
    page = page_of(answers_of(document, "atss-mmdet"), is_drawn=True)
    parsed = Parsed(page.html)
    assert says in parsed.text
    assert "nan" not in parsed.text.lower().split()


def test_without_a_preset_that_has_a_k_the_page_says_so():
    report = answers_of(street(), "fcos-mmdet")
    parsed = Parsed(page_of(report, wanted=None).html)
    assert "None of the presets is ATSS" in parsed.text
    assert not [name for name in parsed.ids if name.startswith(("sweep", "threshold"))]
    assert report.comparison is None


def test_a_clean_file_has_no_warnings():
    dataset = replace(street_report().stats.dataset, findings=())
    report = replace(
        street_report(), stats=replace(street_report().stats, dataset=dataset)
    )
    assert "Nothing: every image and annotation" in page_of(report, wanted=None).html
    odd = Finding("x", 1234, "1,234 <odd> ones", ("a[1]",), is_loss=True)
    report = replace(
        report, stats=replace(report.stats, dataset=replace(dataset, findings=(odd,)))
    )
    html = page_of(report, wanted=None).html
    assert "1,234 &lt;odd&gt; ones" in html
    assert "left out</td>" in html


def test_without_objects_there_is_the_overview_only():
    tables = tables_of_stats(answers_of(coco({1: []})))
    assert tables["overview"].sections
    assert list(tables.values())[1:] == [None] * 5


def test_every_setting_has_a_row_and_says_where_it_is_from():
    rows = {row.path: row for row in setting_rows(street_report())}
    assert list(rows["assigner.k"].cells) == [("9", "preset atss-mmdet"), ("", "")]
    assert rows["assigner.k"].differs
    assert not rows["anchors.strides"].differs


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
