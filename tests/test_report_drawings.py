"""Which figures a report has, and how they fit into the middle of a page."""

import re

from atss_inspect.report import draw_figures
from atss_inspect.report.answers import Workers
from atss_inspect.report.drawings import inline_svg
from tests.report_pages import Parsed, answers_of, text_of, tuned_html
from tests.tiny_coco import coco

SVG = b"""<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="10pt" height="20pt"
     viewBox="0 0 10 20" xmlns="http://www.w3.org/2000/svg" version="1.1">
 <metadata>someone</metadata>
 <defs><style type="text/css">*{stroke-linejoin: round}</style></defs>
 <g id="patch_1"><!-- </svg><b> -->
  <path id="mark" d="M 0.123456 10.999999
L 2 3" style="fill: #abcdef; stroke-width: 0.8"/>
  <use xlink:href="#mark" x="1.00049" style="stroke: url(#lines)"/>
  <pattern id="lines"><rect clip-path="url(#p1)"/></pattern>
  <clipPath id="p1"/>
 </g>
</svg>"""


def test_a_figure_takes_its_place_in_a_page():
    text, other = (
        str(inline_svg(SVG, name, title="A <line>", words='5 > 3 & "so"'))
        for name in ("one", "two")
    )
    # What a page has no use for is gone.
    assert text.startswith("<svg ")
    for gone in ("<?xml", "DOCTYPE", "metadata", "<style", "xmlns", "<!--", "someone"):
        assert gone not in text
    assert 'width="10pt"' not in text
    assert 'viewBox="0 0 10 20"' in text
    # Looks are attributes, since the policy refuses styles.
    assert " style=" not in text
    assert 'fill="#abcdef"' in text
    assert 'stroke-width="0.8"' in text
    assert 'stroke-linejoin="round"' in text.partition(">")[0]
    # Ids that nothing refers to go, and the others are the figure's own.
    assert re.findall(r' id="([^"]+)"', text) == ["one-0", "one-1", "one-2"]
    for reference in ('href="#one-0"', "url(#one-1)", "url(#one-2)"):
        assert reference in text
    assert not set(re.findall(r'id="([^"]+)"', other)) & {"one-0", "one-1"}
    # Numbers have two decimal places at most.
    assert 'd="M 0.12 11 L 2 3"' in text
    assert 'x="1"' in text
    # Those who cannot see it are told.
    assert 'role="img"' in text
    assert 'aria-label="5 &gt; 3 &amp; &quot;so&quot;"' in text
    assert "<title>A &lt;line&gt;</title>" in text


def test_without_objects_there_is_the_reach_alone():
    steps: list[int] = []
    report = answers_of(coco({1: []}), "atss-mmdet")
    drawn = draw_figures(report, Workers(None, steps.append))
    assert list(drawn) == ["reach"]
    assert steps == [1]
    assert set(re.findall(r' id="(\w+)-', drawn["reach"].svg)) == {"reach"}
    assert 'aria-label="Which boxes each preset can see. ' in drawn["reach"].svg


def test_points_of_what_was_tuned_say_what_they_are():
    page = Parsed(tuned_html())
    today, row = (each for each in page.root.iter("g") if each.get("class") == "spot")
    for spot in (today, row):
        lines = [text_of(each) for each in spot.find(".//div/div")]
        assert spot.get("aria-label") == "; ".join(lines)
        # Its points: of all objects, and of those sizes that there are.
        assert len(spot.findall("circle")) == lines[-1].count("%") == 4
        assert lines[-2] == "cost 1.00"
    assert text_of(today).startswith("todaycost")
    assert "poorly assigned: all 33.3%, " in text_of(today)
    assert text_of(row).startswith("A, same pricescale ")
    # The lower a point lies, the fewer objects are poorly assigned.
    heights = [float(each.find("circle").get("cy")) for each in (today, row)]
    assert heights[0] < heights[1]
    # Nothing else answers for the point.
    [svg] = [each for each in page.root.iter("svg") if today in list(each)]
    assert svg.find(".//title") is None
    assert svg.get("role") == "group"
