"""The report in a real browser: it opens from disk, sorts, leads into the viewer."""

import time
from functools import cache
from pathlib import Path

import pytest

from atss_inspect.presets import DEFAULT_PRESETS
from tests.browser import Browser, needs_browser, why_no_pdf_reader
from tests.report_pages import (
    Wanted,
    answers_of,
    page_of,
    street_html,
    street_report,
    tuned_html,
)
from tests.test_report_document import hostile_html
from tests.tiny_coco import coco, street

pytestmark = needs_browser
ENTER = "\ue007"


def opened(browser: Browser, html: str, fragment: str = "") -> None:
    path = Path("report.html").resolve()
    path.write_text(html, encoding="utf-8")
    browser.open(path, fragment=fragment)


# The table of classes.
TABLE = """
const head = [...document.querySelectorAll("#shares thead th")]
  .find((each) => each.textContent === "class").closest("table");
"""


def labels(browser: Browser) -> list[str]:
    """Read the labels of the table of classes from top to bottom."""
    rows = '[...head.querySelectorAll("tbody th[scope=row]")]'
    found: list[str] = browser.ask(f"{TABLE} return {rows}.map((e) => e.textContent)")
    return found


def test_it_opens_from_disk_without_complaint_or_request(browser):
    opened(browser, street_html())
    assert browser.complaints() == []
    assert browser.requests() == []
    assert browser.shown()["image"] == "2"
    assert browser.ask("return location.hash") == ""


def test_a_click_sorts_and_a_third_one_restores_and_the_keyboard_sorts_too(browser):
    opened(browser, street_html())
    browser.ask("document.querySelectorAll('.fold').forEach((e) => (e.open = true))")
    before = labels(browser)
    buttons = '[...head.querySelectorAll("thead button")]'
    button = browser.ask(
        f"{TABLE} return {buttons}.find((e) => e.innerText == 'class')"
    )
    head = button.find_element("xpath", "..")
    for order in ("descending", "ascending", "none", "descending"):
        button.send_keys(ENTER) if order == "ascending" else button.click()
        assert head.get_attribute("aria-sort") == order
        names = before[1:] if order == "none" else sorted(before[1:])
        assert labels(browser) == ["all", *names[:: -1 if order == "descending" else 1]]


def test_links_of_the_worst_lead_close_to_the_object_in_the_viewer(browser):
    opened(browser, street_html())
    links = browser.find_all("#worst .look a")
    tiny = browser.find("#worst .look a[href*='object=109']")
    for link in (links[0], links[-1], tiny):
        browser.ask("arguments[0].click()", link)
        shown = browser.shown()
        fragment = link.get_attribute("href").partition("#viewer:")[2]
        assert f"object={shown['object']}" in fragment
        assert f"preset={shown['preset']}" in fragment
        assert f"image={shown['image']}" in fragment
        place = "return arguments[0].getBoundingClientRect().top"
        assert abs(browser.ask(place, browser.find("#viewer"))) < 200
    place = [ann for ann, _, _ in shown["boxes"]].index("109")
    x1, y1, x2, y2 = shown["screen"][place]
    canvas = browser.find("canvas")
    wide, high = (canvas.get_property(f"client{side}") for side in ("Width", "Height"))
    assert (x1 + x2) / 2 == pytest.approx(wide / 2, abs=1)
    assert (y1 + y2) / 2 == pytest.approx(high / 2, abs=1)
    # 4 of 640 pixels, 6.7 after the resize; 96 of these are to be seen.
    assert x2 - x1 == pytest.approx(4 * 800 / 480 * min(wide, high) / 96, rel=0.01)


def spots_that_speak(browser: Browser) -> list[str]:
    """Read the titles of the points whose words are shown."""
    browser.settle()
    shown = [each for each in browser.find_all(".spot b") if each.is_displayed()]
    return [each.text for each in shown]


def test_points_speak_to_a_mouse_to_a_finger_and_to_the_keyboard(browser):
    opened(browser, tuned_html(), "#tuned")
    assert spots_that_speak(browser) == []
    today, row = browser.find_all(".spot")
    browser.ask("arguments[0].scrollIntoView({block: 'center'})", row)
    for spot, title in ((today, "today"), (row, "A, same price")):
        # Points of single sizes speak, too; the last is that of large objects or the
        # like, where both may lie.
        for circle in spot.find_elements("css selector", "circle")[:2]:
            browser.pointer().move_to_element(circle).perform()
            assert spots_that_speak(browser) == [title]
    browser.pointer().move_to_element(browser.find(".skip + *")).perform()
    assert spots_that_speak(browser) == []
    browser.ask("arguments[0].focus()", today)
    assert spots_that_speak(browser) == ["today"]
    browser.press("\ue004")
    assert spots_that_speak(browser) == ["A, same price"]
    browser.press("\ue00c")
    assert spots_that_speak(browser) == []
    place = browser.ask(
        "const at = arguments[0].getBoundingClientRect();"
        "return [at.x + at.width / 2, at.y + at.height / 2]",
        row.find_element("css selector", "circle"),
    )
    point = dict(zip("xy", place, strict=True))
    for kind, points in (("touchStart", [point]), ("touchEnd", [])):
        browser.command("Input.dispatchTouchEvent", type=kind, touchPoints=points)
    time.sleep(0.4)
    assert spots_that_speak(browser) == ["A, same price"]
    # Words are inside the picture, and nothing was refused.
    card, words = (
        browser.find("#figure-tune-0 .card-light"),
        row.find_element("css selector", ".spot-words"),
    )
    assert card.rect["y"] <= words.rect["y"]
    assert words.rect["x"] + words.rect["width"] <= card.rect["x"] + card.rect["width"]
    assert browser.complaints() == []


def is_open(browser: Browser, part: str) -> bool:
    browser.settle()
    return browser.find(f"#{part} > details").get_attribute("open") is not None


def test_an_address_opens_the_page_there(browser):
    opened(browser, street_html(), "#viewer:image=2&preset=retinanet-mmdet&object=109")
    shown = browser.shown()
    assert (shown["preset"], shown["object"]) == ("retinanet-mmdet", "109")
    assert browser.complaints() == []
    # That of a part stays while nothing is looked at.
    opened(browser, street_html(), "#settings")
    time.sleep(0.4)
    assert browser.ask("return location.hash") == "#settings"
    assert is_open(browser, "settings")
    # A link unfolds its part, again and again.
    for _ in range(2):
        assert not is_open(browser, "causes")
        browser.find(".contents a[href='#causes']").click()
        assert is_open(browser, "causes")
        browser.find("#causes summary").click()
    # The first key leads past the contents.
    opened(browser, street_html())
    browser.press("\ue004", ENTER)
    assert browser.ask("return document.activeElement.id") == "content"


def test_the_button_turns_the_page_dark_and_back(browser):
    opened(browser, street_html())
    for ground in ("rgb(255, 255, 255)", "rgb(20, 23, 27)", "rgb(255, 255, 255)"):
        assert browser.ground() == ground
        browser.find(".contents [data-theme-button]").click()


def test_names_that_would_act_are_text(browser):
    opened(browser, hostile_html())
    browser.assert_harmless()
    assert browser.requests() == []
    assert "<script>window.hacked = 1</script>" in browser.text("#about")


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_sticks_out_of_the_page(browser, width):
    browser.resize(width, 844)
    for html in (street_html(), hostile_html()):
        opened(browser, html)
        browser.assert_fits()


def test_on_paper_there_are_no_controls_and_what_is_for_paper_is_unfolded(browser):
    opened(browser, street_html())
    browser.prefer("dark", medium="print")
    for selector in (".contents", ".skip", ".look"):
        assert not browser.find(selector).is_displayed()
    ground = "return getComputedStyle(document.documentElement).colorScheme"
    assert browser.ask(ground) == "light"
    browser.ask("window.dispatchEvent(new Event('beforeprint'))")
    closed = "return [...document.querySelectorAll('details:not([open])')]"
    assert browser.ask(f"{closed}.every((each) => each.closest('.on-screen'))")
    assert not browser.find("#terms").is_displayed()
    assert browser.find("#worst table").is_displayed()
    browser.ask("window.dispatchEvent(new Event('afterprint'))")
    assert browser.find_all("details[open]") == []


def test_on_paper_nothing_sticks_out(browser):
    opened(browser, street_html())
    browser.resize(688, 1000)  # what A4 leaves between the margins
    browser.prefer(medium="print")
    cut = browser.ask("""
    const all = [...document.querySelectorAll("main *:not(svg *, .for-readers)")];
    const seen = all.filter((each) => each.getClientRects().length);
    const sticksOut = ({ left, right }) => left < -0.5 || right > innerWidth + 0.5;
    return [seen.length, seen.filter((each) => sticksOut(each.getBoundingClientRect()))
      .map((each) => each.outerHTML.slice(0, 90))];
    """)
    assert cut[0] > 500
    assert cut[1] == []


@cache
def images_html() -> str:
    """A page with all four images, figures apart."""
    return page_of(street_report(), wanted=Wanted(sample=4)).html


def test_on_paper_the_image_is_named(browser):
    opened(browser, images_html())
    browser.prefer(medium="print")
    assert browser.find(".viewer-pick").text == "2.jpg (image 2)"
    for name in ("previous", "next"):
        assert not browser.find(f"[data-part={name}]").is_displayed()


@pytest.mark.skipif(bool(why_no_pdf_reader()), reason=why_no_pdf_reader())
def test_on_paper_words_are_whole_and_stay_with_what_they_are_about(browser):
    opened(browser, images_html())
    browser.prefer(medium="print")
    # What is said before something else, and what the viewer says around its picture.
    before, around = browser.ask("""
    window.dispatchEvent(new Event("beforeprint"));
    // Commands and origins end in the name of a preset, as a heading does.
    document.querySelectorAll(".more, td small").forEach((each) => each.remove());
    const text = (each) => each.innerText.replace(/\\s/g, "");
    const parts = ":is(section, details, summary) > :is(h2, h3, p)";
    const said = `${parts}, caption:not(.for-readers)`;
    const before = [...document.querySelectorAll(said)]
      .filter((each) => each.nextElementSibling && each.getClientRects().length);
    const around = ["pick", "status", "about"]
      .map((name) => document.querySelector(`.viewer-${name}`));
    return [before.map(text), around.map(text)];
    """)
    assert "Theworsttreatedobjects" in before
    assert around[0] == "2.jpg(image2)"
    browser.prefer()
    for shift in range(0, 260, 13):  # so that everything comes to the end of a sheet
        browser.ask(f"document.querySelector('main').style.paddingTop = '{shift}mm'")
        sheets = ["".join(text.split()) for text in browser.printed()]
        for sheet in sheets[:-1]:
            assert not sheet.endswith(tuple(before))
        whole = [each for each in sheets if around[0] in each and around[2] in each]
        assert len(whole) == 1
        assert all(words in whole[0] for words in around)


def test_an_image_of_300_objects_opens_in_under_two_seconds(browser):
    boxes = [
        (8 + 30 * (n % 20), 8 + 30 * (n // 20), 12 + n % 17, 20) for n in range(300)
    ]
    report = answers_of(coco({1: boxes}), "atss-mmdet", "retinanet-mmdet", "fcos-mmdet")
    path = Path("page.html").resolve()
    path.write_text(page_of(report, wanted=Wanted(rows=(0,))).html, encoding="utf-8")
    times = []
    for _ in range(2):
        start = time.perf_counter()
        browser.open(path)
        times.append(time.perf_counter() - start)
    assert len(browser.shown()["boxes"]) == 300
    assert min(times) < 2


@cache
def long_html() -> str:
    """A page of 30 classes of objects, tiny and large."""
    document = street()
    document["categories"] = [{"id": n, "name": f"class {n}"} for n in range(1, 31)]
    document["annotations"] = [
        {**each, "category_id": 1 + number % 30, "id": number}
        for number, each in enumerate(document["annotations"] * 30)
    ]
    return page_of(answers_of(document, *DEFAULT_PRESETS), is_drawn=True).html


def test_a_long_table_shows_the_first_rows_of_any_order_until_it_is_unfolded(browser):
    opened(browser, long_html(), "#shares")
    rows = f"{TABLE} return [...head.tBodies[0].rows].filter((e) => e.offsetHeight)"
    assert len(browser.ask(rows)) == 21  # with the sum
    assert len(labels(browser)) == 31
    [button] = browser.find_all("[data-unfold]")
    assert button.text == "Show all 30"
    browser.ask(f"{TABLE} head.querySelector('.sort').click()")
    assert browser.ask(rows)[1].text.startswith("class 9")
    browser.ask("arguments[0].click()", button)
    assert len(browser.ask(rows)) == 31


def test_what_a_phone_cuts_off_says_so_and_no_figure_is_cut(browser):
    browser.resize(360, 760)
    opened(browser, long_html())
    browser.ask("document.querySelectorAll('.fold').forEach((e) => (e.open = true))")
    browser.settle()
    browser.assert_fits()
    wide = browser.ask("""
    const seen = (what) => [...document.querySelectorAll(what)].filter(
      (each) => each.checkVisibility({ contentVisibilityAuto: true }));
    const ends = (each) => each.getBoundingClientRect();
    const isCut = (each) => each.scrollWidth > each.clientWidth + 1;
    const cut = (each) => [isCut(each), each.dataset.cut || ""];
    return [seen(".table-room").map(cut),
      seen("figure svg").map(ends).every((e) => e.left >= 0 && e.right <= 360)];
    """)
    assert any(is_cut for is_cut, _ in wide[0])
    assert all((cut == "end") == is_cut for is_cut, cut in wide[0])
    assert wide[1]
    room = "document.querySelector('[data-cut]')"
    browser.ask(f"const each = {room}; each.scrollLeft = 1e4; window.cut = each")
    browser.settle()
    assert browser.ask("return window.cut.dataset.cut") == "start"


@pytest.mark.skipif(bool(why_no_pdf_reader()), reason=why_no_pdf_reader())
def test_three_presets_take_eight_sheets_at_most(browser):
    opened(browser, long_html())
    sheets = browser.printed()
    assert 3 < len(sheets) <= 8
    text = " ".join(sheets)
    assert "The first 20 of 30" in text
    assert "Why objects have no positive" in text
