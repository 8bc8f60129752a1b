"""The report in a real browser: it opens from disk, sorts, leads into the viewer."""

import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Browser, start_browser, why_no_browser
from tests.report_pages import Wanted, answers_of, page_of, street_html
from tests.test_report_document import hostile_html
from tests.tiny_coco import coco

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_no_browser()), reason=why_no_browser()),
]
ENTER = "\ue007"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with start_browser() as found:
        yield found


@pytest.fixture(autouse=True)
def _same_window(browser: Browser) -> None:
    browser.prefer("light")
    browser.resize(1280, 860)


def opened(browser: Browser, html: str, fragment: str = "") -> None:
    """Write a page to disk and open it from there."""
    path = Path("report.html").resolve()
    path.write_text(html, encoding="utf-8")
    browser.open(path, fragment=fragment)


@cache
def crowded_html() -> str:
    """A page of one image with 300 objects, under three presets."""
    boxes = [
        (float(8 + 30 * (n % 20)), float(8 + 30 * (n // 20)), 12.0 + n % 17, 20.0)
        for n in range(300)
    ]
    report = answers_of(coco({1: boxes}), "atss-mmdet", "retinanet-mmdet", "fcos-mmdet")
    return page_of(report, wanted=Wanted(rows=(0,))).html


def labels(browser: Browser) -> list[str]:
    """Read the labels of the table of classes from top to bottom."""
    script = """
    const head = [...document.querySelectorAll("thead th")]
      .find((each) => each.textContent === "class");
    const rows = head.closest("table").querySelectorAll("tbody th[scope=row]");
    return [...rows].map((each) => each.textContent);
    """
    found: list[str] = browser.wait(script)
    return found


def heading(browser: Browser, text: str) -> Any:
    """Find the button of a heading of the table of classes."""
    script = """
    const head = [...document.querySelectorAll("thead th")]
      .find((each) => each.textContent === "class");
    return [...head.closest("table").querySelectorAll("thead button")]
      .find((each) => each.textContent === arguments[0]);
    """
    return browser.driver.execute_script(script, text)


def test_it_opens_from_disk_without_complaint_or_request(browser: Browser) -> None:
    opened(browser, street_html())
    assert browser.complaints() == []
    assert browser.requests() == []
    assert browser.shown()["image"] == "2"
    assert browser.wait("return location.hash") == ""


def test_a_click_sorts_and_a_third_one_restores(browser: Browser) -> None:
    opened(browser, street_html())
    before = labels(browser)
    button = heading(browser, "class")
    head = button.find_element("xpath", "..")
    for order in ("descending", "ascending"):
        button.click()
        assert head.get_attribute("aria-sort") == order
        names = labels(browser)
        assert names[0] == "all"
        assert names[1:] == sorted(before[1:], reverse=order == "descending")
    button.click()
    assert head.get_attribute("aria-sort") == "none"
    assert labels(browser) == before


def test_the_keyboard_sorts_too(browser: Browser) -> None:
    opened(browser, street_html())
    button = heading(browser, "class")
    button.send_keys(ENTER)
    assert button.find_element("xpath", "..").get_attribute("aria-sort") == "descending"
    assert labels(browser)[1:] == sorted(labels(browser)[1:], reverse=True)


def test_links_of_the_worst_lead_to_the_object_in_the_viewer(browser: Browser) -> None:
    opened(browser, street_html())
    links = browser.find_all("#worst .look a")
    assert links
    for link in (links[0], links[-1]):
        browser.driver.execute_script("arguments[0].click()", link)
        browser.settle()
        shown = browser.shown()
        fragment = link.get_attribute("href").partition("#viewer:")[2]
        assert f"object={shown['object']}" in fragment
        assert f"preset={shown['preset']}" in fragment
        assert f"image={shown['image']}" in fragment
        top = browser.wait(
            "return document.getElementById('viewer').getBoundingClientRect().top"
        )
        assert abs(top) < 200


def test_the_address_of_an_object_opens_the_page_there(browser: Browser) -> None:
    opened(browser, street_html(), "#viewer:image=2&preset=retinanet-mmdet&object=109")
    shown = browser.shown()
    assert (shown["preset"], shown["object"]) == ("retinanet-mmdet", "109")
    assert browser.complaints() == []


def test_the_address_of_a_part_stays_while_nothing_is_looked_at(
    browser: Browser,
) -> None:
    opened(browser, street_html(), "#settings")
    time.sleep(0.4)
    assert browser.wait("return location.hash") == "#settings"


def test_the_button_turns_the_page_dark_and_back(browser: Browser) -> None:
    opened(browser, street_html())
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = browser.wait(ground)
    button = browser.find(".contents [data-theme-button]")
    button.click()
    assert browser.wait(ground) == "rgb(20, 23, 27)"
    button.click()
    assert browser.wait(ground) == light == "rgb(255, 255, 255)"


def test_the_first_key_leads_past_the_contents(browser: Browser) -> None:
    opened(browser, street_html())
    browser.press("\ue004", ENTER)
    assert browser.wait("return document.activeElement.id") == "content"


def test_names_that_would_act_are_text(browser: Browser) -> None:
    opened(browser, hostile_html())
    assert browser.wait("return window.hacked === undefined")
    assert browser.complaints() == []
    assert browser.requests() == []
    assert "<script>window.hacked = 1</script>" in browser.text("#about")


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_sticks_out_of_the_page(browser: Browser, width: int) -> None:
    browser.resize(width, 844)
    for html in (street_html(), hostile_html()):
        opened(browser, html)
        wide = browser.wait("return document.documentElement.scrollWidth")
        assert wide <= width


def test_on_paper_there_are_no_controls_and_everything_is_unfolded(
    browser: Browser,
) -> None:
    opened(browser, street_html())
    browser.prefer("dark", medium="print")
    for selector in (".contents", ".skip", ".look"):
        assert not browser.find(selector).is_displayed()
    ground = "return getComputedStyle(document.documentElement).colorScheme"
    assert browser.wait(ground) == "light"
    browser.wait("window.dispatchEvent(new Event('beforeprint'))")
    assert (
        browser.wait("return document.querySelectorAll('details:not([open])').length")
        == 0
    )
    browser.wait("window.dispatchEvent(new Event('afterprint'))")
    assert browser.wait("return document.querySelectorAll('details[open]').length") == 0


def test_an_image_of_300_objects_opens_in_under_two_seconds(browser: Browser) -> None:
    Path("page.html").write_text(crowded_html(), encoding="utf-8")
    times = []
    for _ in range(2):
        start = time.perf_counter()
        browser.open(Path("page.html").resolve())
        times.append(time.perf_counter() - start)
    assert len(browser.shown()["boxes"]) == 300
    script = "return performance.getEntriesByType('navigation')[0].loadEventEnd"
    assert min(*times, browser.wait(script) / 1000) < 2
