"""The served viewer in a real browser: its list, its search, fingers and failures."""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.readers import load_coco
from atss_inspect.server import catalog as catalog_module
from tests.browser import HOSTILE, Browser, needs_browser
from tests.page_servers import catalog_of, many_images, served, site_of, street_dataset
from tests.random_coco import Loaded
from tests.test_page_browser import assert_shows
from tests.tiny_coco import coco

pytestmark = needs_browser

ENTER, ESCAPE, HOME, END = "\ue007", "\ue00c", "\ue011", "\ue010"
LEFT, RIGHT, UP, DOWN, PAGE_DOWN = "\ue012", "\ue014", "\ue013", "\ue015", "\ue00f"


@pytest.fixture
def opened(browser: Browser) -> Iterator[Browser]:
    with served(site_of(catalog_of())) as server:
        browser.open(server.address)
        yield browser


def wait_for(browser: Browser, image: str) -> dict[str, Any]:
    for _ in range(250):
        if browser.shown()["image"] == image:
            break
        time.sleep(0.02)
    shown = browser.shown()
    assert shown["image"] == image
    return shown


def asked_for(browser: Browser) -> list[str]:
    """What the page has asked the server for since the last call."""
    return [each.rpartition("/")[2] for each in browser.requests()]


def listed(browser: Browser) -> list[str]:
    """The lines of the list that are in sight, or about to be."""
    lines = [each for each in browser.find_all(".viewer-line") if each.is_displayed()]
    lines.sort(key=lambda each: int(each.get_attribute("aria-posinset") or 0))
    return [each.text.partition("\n")[0] for each in lines]


def test_a_page_opens_without_a_complaint_and_asks_its_server_only(opened):
    assert opened.shown()["image"] == "2"
    opened.press("]", "c", "a", "?", ESCAPE, "/", ESCAPE)
    opened.press(END)
    assert wait_for(opened, "10")["k"] == 10
    time.sleep(0.3)
    own = opened.driver.current_url.partition("#")[0]
    found = opened.requests()
    assert found
    assert all(each.startswith(own) for each in found)
    assert opened.complaints() == []


def test_arrows_go_through_the_images_and_neighbours_are_there_already(opened):
    time.sleep(0.4)
    assert sorted(asked_for(opened)) == ["", "", "0", "1"]  # page, list, two images
    opened.press(RIGHT)
    wait_for(opened, "3")
    time.sleep(0.3)
    assert asked_for(opened) == ["2"]
    opened.press(RIGHT, RIGHT, RIGHT)
    wait_for(opened, "10")
    opened.press(HOME)
    wait_for(opened, "2")
    opened.press(DOWN, LEFT)
    assert opened.shown()["image"] == "2"
    assert opened.shown()["object"] is not None
    assert not opened.find("[data-part=previous]").is_enabled()
    assert opened.complaints() == []


def test_what_is_shown_is_what_export_says(opened):
    dataset = street_dataset()
    address = opened.driver.current_url.partition("#")[0]
    for row in (0, 1, 3):
        image = dataset.slice_images(row, row + 1)
        key = str(image.image_ids[0])
        for k in (9, 15):
            opened.open(address, fragment=f"#viewer:image={key}&k={k}")
            shown = opened.shown()
            assert (shown["image"], shown["k"]) == (key, k)
            assert shown["positives"]
            assert_shows(opened, image, "atss-mmdet", k=k)


def test_an_image_is_found_by_id_and_by_file_name(opened):
    opened.press("/")
    assert listed(opened) == ["2.jpg", "3.jpg", "7.jpg", "10.jpg"]
    opened.press("1")
    assert listed(opened) == ["10.jpg"]
    assert opened.text("[data-picker=matches]") == "1 of 4 images"
    opened.press(ENTER)
    wait_for(opened, "10")
    opened.press("/", ".JPG", DOWN, DOWN, UP, ENTER)
    wait_for(opened, "3")
    opened.press("/", "3")
    assert listed(opened) == ["3.jpg"]
    opened.press(ESCAPE, "/", "#3", ENTER)
    wait_for(opened, "7")
    opened.find("[data-part=image]").click()
    opened.find_all(".viewer-line")[0].click()
    wait_for(opened, "2")
    assert opened.complaints() == []


def test_a_search_without_a_match_finds_nothing_and_takes_no_keys(opened):
    opened.press(DOWN)
    before = opened.shown()
    assert before["object"] is not None
    opened.press("/", "zz]c2", ENTER)
    assert listed(opened) == []
    assert opened.text("[data-picker=matches]") == "0 of 4 images"
    opened.press(ESCAPE)
    assert not opened.find(".viewer-images").is_displayed()
    assert opened.shown() == before
    for number in ("#0", "#5", "#99999999999"):
        opened.press("/", number)
        assert listed(opened) == []
        opened.press(ESCAPE)


@pytest.mark.parametrize("size", [(1280, 860), (1000, 420), (390, 844), (320, 480)])
def test_the_list_is_within_the_window(opened, size):
    opened.resize(*size)
    opened.press("/")
    place = opened.find(".viewer-images").rect
    assert min(place["x"], place["y"]) >= 0
    assert place["x"] + place["width"] <= size[0]
    assert place["y"] + place["height"] <= size[1]


def test_the_list_is_named_for_readers(opened):
    opened.press("/", DOWN)
    field = opened.find("[data-picker=search]")
    active = opened.find(f"#{field.get_attribute('aria-activedescendant')}")
    assert active.get_attribute("aria-selected") == "true"
    assert active.text.startswith("3.jpg")
    assert field.accessible_name == "Find an image"
    assert opened.find("[data-picker=sizer]").accessible_name == "Images"
    opened.press(ESCAPE)
    script = "const e = document.activeElement; return e.dataset.part || e.tagName"
    assert opened.ask(script) in ("image", "BODY")


def test_very_many_images_open_fast_and_stay_usable(browser):
    backwards = np.arange(120_000)[::-1]
    catalog = catalog_of(many_images(120_000), rows=backwards)
    with served(site_of(catalog)) as server:
        begin = time.perf_counter()
        browser.open(server.address)
        assert time.perf_counter() - begin < 3
        browser.press("/")
        assert browser.text("[data-picker=matches]") == "120,000 images"
        assert len(browser.find_all(".viewer-line")) < 60
        browser.ask("document.querySelector('[data-picker=scroller]').scrollTop = 1e9")
        browser.settle()
        assert listed(browser)[-1] == "000000000000.jpg"
        elapsed = browser.ask(
            "const [field] = arguments; const begin = performance.now();"
            "field.value = '115'; field.dispatchEvent(new Event('input'));"
            "return performance.now() - begin",
            browser.find("[data-picker=search]"),
        )
        assert elapsed < 1000  # milliseconds, the first time
        browser.press("7")
        # The one of exactly this id, then the others in their order.
        expected = ["000000001157.jpg", "000000115799.jpg", "000000115798.jpg"]
        assert listed(browser)[:3] == expected
        browser.press(ENTER)
        wait_for(browser, "1157")
        browser.press(HOME)
        wait_for(browser, "119999")
        assert browser.complaints() == []


def test_of_many_steps_at_once_the_last_counts(browser, monkeypatch):
    real = catalog_module.pictured_document
    computed: list[str] = []

    def slow(image: Dataset, *words: Any, **options: Any) -> Any:
        computed.append(str(image.image_ids[0]))
        time.sleep(0.15)
        return real(image, *words, **options)

    monkeypatch.setattr(catalog_module, "pictured_document", slow)
    with served(site_of(catalog_of(many_images(40)))) as server:
        browser.open(server.address)
        browser.press(*[RIGHT] * 30)
        assert "000000000030.jpg" in browser.text("[data-part=image]")
        wait_for(browser, "30")
        assert len(computed) < 15


def test_names_are_shown_as_text(browser):
    document = coco({name: [(9, 9, 90, 90)] for name in HOSTILE})
    with served(site_of(catalog_of(load_coco(Loaded(document))))) as server:
        browser.open(server.address)
        browser.press("/")
        text = browser.text("[data-picker=sizer]")
        for name in HOSTILE:
            assert name.replace("\u202e", "\\u202e") in text
        browser.press("<script>", ENTER)
        browser.settle()
        for _ in range(4):
            browser.press(RIGHT)
            time.sleep(0.2)
        for width in (1280, 390):
            browser.resize(width, 844)
            browser.assert_fits()
        browser.assert_harmless()


def test_an_image_that_fails_says_so_and_the_next_one_is_shown(browser, monkeypatch):
    real, failing = catalog_module.pictured_document, {2, 7}

    def fail(image: Dataset, *words: Any, **options: Any) -> Any:
        if image.image_ids[0] in failing:
            raise ZeroDivisionError
        return real(image, *words, **options)

    monkeypatch.setattr(catalog_module, "pictured_document", fail)
    with served(site_of(catalog_of())) as server:
        browser.driver.get("about:blank")
        browser.driver.get(server.address)
        status = "[data-part=status]"
        for _ in range(100):
            if browser.text(status):
                break
            time.sleep(0.02)
        assert "it cannot be computed" in browser.text(status)
        browser.press("]", "c", "+", RIGHT)
        wait_for(browser, "3")
        assert "3 objects" in browser.text(status)
        browser.press(RIGHT)
        time.sleep(0.3)
        assert "it cannot be computed" in browser.text(status)
        assert browser.find("[data-part=main]").get_attribute("aria-busy") == "true"
        browser.press("]")
        assert "it cannot be computed" in browser.text(status)
        browser.press(RIGHT)
        wait_for(browser, "10")
        assert browser.find("[data-part=main]").get_attribute("aria-busy") == "false"
        time.sleep(0.3)  # until it was tried once more, ahead
        failing.clear()
        browser.press(LEFT)
        wait_for(browser, "7")


def test_a_server_that_was_stopped_is_told_of(browser):
    with served(site_of(catalog_of())) as server:
        browser.open(server.address)
        time.sleep(0.3)
    browser.press(END)
    time.sleep(0.3)
    assert "was it stopped?" in browser.text("[data-part=status]")


def camera(browser: Browser) -> tuple[float, np.ndarray]:
    """Zoom, and the corners of the first box on the canvas."""
    shown = browser.shown()
    return shown["zoom"], np.array(shown["screen"][0])


def touch(browser: Browser, kind: str, *points: tuple[float, float]) -> None:
    """Send a touch: where the fingers are, in CSS pixels of the window."""
    found = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
    browser.command("Input.dispatchTouchEvent", type=kind, touchPoints=found)


def middle_of(browser: Browser) -> tuple[float, float]:
    box = browser.find("canvas").rect
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_mouse_drags_the_picture(opened):
    opened.press("+", "+")
    zoom, before = camera(opened)
    pointer = opened.pointer().move_to_element(opened.find("canvas"))
    pointer.click_and_hold().move_by_offset(30, 20)
    pointer.move_by_offset(10, 5).release().perform()
    after = camera(opened)
    assert after[0] == zoom
    np.testing.assert_allclose(after[1] - before, [40, 25, 40, 25], atol=1)
    assert opened.shown()["object"] is None  # a drag selects nothing


def test_the_wheel_zooms_where_the_mouse_is(opened):
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin

    origin = ScrollOrigin.from_element(opened.find("canvas"))
    opened.pointer().scroll_from_origin(origin, 0, -300).perform()
    assert camera(opened)[0] == pytest.approx(np.exp(300 * 0.0016), rel=0.01)


def test_two_fingers_zoom_about_their_middle_and_move_the_picture(opened):
    opened.resize(390, 844)
    zoom, before = camera(opened)
    assert zoom == 1
    x, y = middle_of(opened)
    touch(opened, "touchStart", (x - 20, y), (x + 20, y))
    for far in range(22, 62, 2):
        touch(opened, "touchMove", (x - far, y), (x + far, y))
    touch(opened, "touchEnd")
    zoom, after = camera(opened)
    assert zoom == pytest.approx(3, rel=0.05)
    canvas = opened.find("canvas").size
    middle = np.array([canvas["width"], canvas["height"]] * 2) / 2
    np.testing.assert_allclose(after - middle, zoom * (before - middle), atol=4)
    assert opened.shown()["object"] is None
    touch(opened, "touchStart", (x - 40, y), (x + 40, y))
    for step in range(2, 32, 2):
        touch(opened, "touchMove", (x - 40 + step, y), (x + 40 + step, y))
    touch(opened, "touchEnd")
    moved_zoom, moved = camera(opened)
    assert moved_zoom == pytest.approx(zoom, rel=0.02)
    assert (moved - after)[0] == pytest.approx(30, abs=6)


def test_one_finger_moves_a_zoomed_picture_and_else_scrolls_the_page(opened):
    opened.resize(390, 844)
    x, y = middle_of(opened)

    def swipe() -> None:
        touch(opened, "touchStart", (x, y))
        for step in range(4, 64, 4):
            touch(opened, "touchMove", (x, y - step))
        touch(opened, "touchEnd")
        opened.settle()

    _, before = camera(opened)
    swipe()
    assert opened.ask("return window.scrollY") > 20
    np.testing.assert_allclose(camera(opened)[1], before, atol=1)
    for _ in range(50):  # on a busy machine the page may roll on for a while
        opened.ask("window.scrollTo(0, 0)")
        opened.settle()
        if opened.ask("return window.scrollY") == 0:
            break
    opened.press("+", "+", "+")
    _, before = camera(opened)
    swipe()
    assert opened.ask("return window.scrollY") == 0
    moved = camera(opened)[1] - before
    assert moved[1] == pytest.approx(-60, abs=6)
    assert moved[0] == pytest.approx(0, abs=1)


def test_a_tap_selects_an_object(opened):
    opened.resize(390, 844)
    opened.press(END)
    shown = wait_for(opened, "10")
    place = int(np.argmax([y2 - y1 for _, y1, _, y2 in shown["screen"]]))
    canvas = opened.find("canvas").rect
    x1, y1, x2, y2 = shown["screen"][place]
    point = canvas["x"] + (x1 + x2) / 2, canvas["y"] + y1 + 0.1 * (y2 - y1)
    touch(opened, "touchStart", point)
    touch(opened, "touchEnd")
    assert opened.shown()["object"] == shown["boxes"][place][0]
