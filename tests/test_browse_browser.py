"""The served viewer in a real browser: its list, its search, fingers and failures."""

import json
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.readers import load_coco
from atss_inspect.server import PageServer
from atss_inspect.server import catalog as catalog_module
from atss_inspect.settings import override, preset
from atss_inspect.statistics.tables import positives_table
from tests.browser import HOSTILE, Browser, needs_browser
from tests.page_servers import catalog_of, many_images, served, site_of, street_dataset
from tests.random_coco import Loaded
from tests.tiny_coco import coco, street

pytestmark = needs_browser

ENTER, ESCAPE, HOME, END = "\ue007", "\ue00c", "\ue011", "\ue010"
LEFT, RIGHT, UP, DOWN, PAGE_DOWN = "\ue012", "\ue014", "\ue013", "\ue015", "\ue00f"


@pytest.fixture
def opened(browser: Browser) -> Iterator[PageServer]:
    """Open the street's page."""
    with served(site_of(catalog_of())) as server:
        browser.open(server.address)
        yield server


def wait_for(browser: Browser, image: str) -> dict[str, Any]:
    """Wait until an image is shown."""
    for _ in range(250):
        shown = browser.shown()
        if shown["image"] == image:
            return shown
        time.sleep(0.02)
    return browser.shown()


def asked_for(browser: Browser) -> list[str]:
    """What the page has asked the server for since the last call."""
    return [each.rpartition("/")[2] for each in browser.requests()]


def listed(browser: Browser) -> list[str]:
    """The lines of the list that are in sight, or about to be."""
    lines = [each for each in browser.find_all(".viewer-line") if each.is_displayed()]
    lines.sort(key=lambda each: int(each.get_attribute("aria-posinset") or 0))
    return [each.text.partition("\n")[0] for each in lines]


def test_a_page_opens_without_a_complaint_and_asks_its_server_only(browser, opened):
    assert browser.shown()["image"] == "2"
    browser.press("]", "c", "a", "?", ESCAPE, "/", ESCAPE)
    browser.press(END)
    assert wait_for(browser, "10")["k"] == 10
    time.sleep(0.3)
    found = browser.requests()
    assert found
    assert all(each.startswith(opened.address) for each in found)
    assert browser.complaints() == []


def test_arrows_go_through_the_images_and_neighbours_are_there_already(browser, opened):
    time.sleep(0.4)
    assert sorted(asked_for(browser)) == ["", "", "0", "1"]  # page, list, two images
    browser.press(RIGHT)
    assert wait_for(browser, "3")["image"] == "3"
    time.sleep(0.3)
    assert asked_for(browser) == ["2"]
    browser.press(RIGHT, RIGHT, RIGHT)
    assert wait_for(browser, "10")["image"] == "10"
    browser.press(HOME)
    assert wait_for(browser, "2")["image"] == "2"
    browser.press(DOWN, LEFT)
    assert browser.shown()["image"] == "2"
    assert browser.shown()["object"] is not None
    assert not browser.find("[data-part=previous]").is_enabled()
    assert browser.complaints() == []
    assert opened.port


def exported(image: Dataset, name: str, k: int) -> set[tuple[Any, ...]]:
    """Take the rows of `export positives` at some k."""
    table = positives_table(image, override(preset(name), {"k": k}))
    columns = ["ann_id", "level", "cell_y", "cell_x", "anchor"]
    rows = table[columns].itertuples(index=False)
    return {(str(ann), *map(int, place)) for ann, *place in rows}


def test_what_is_shown_is_what_export_says(browser, opened):
    dataset = street_dataset()
    for row in (0, 1, 3):
        image = dataset.slice_images(row, row + 1)
        key = str(image.image_ids[0])
        for k in (9, 15):
            browser.open(opened.address, fragment=f"#viewer:image={key}&k={k}")
            shown = browser.shown()
            assert (shown["image"], shown["k"]) == (key, k)
            found = [tuple(each[:5]) for each in shown["positives"]]
            assert set(found) == exported(image, "atss-mmdet", k)
            assert len(set(found)) == len(found) > 0


def test_an_image_is_found_by_id_and_by_file_name(browser, opened):
    browser.press("/")
    assert listed(browser) == ["2.jpg", "3.jpg", "7.jpg", "10.jpg"]
    browser.press("1")
    assert listed(browser) == ["10.jpg"]
    assert browser.text("[data-picker=matches]") == "1 of 4 images"
    browser.press(ENTER)
    assert wait_for(browser, "10")["image"] == "10"
    browser.press("/", ".JPG", DOWN, DOWN, UP, ENTER)
    assert wait_for(browser, "3")["image"] == "3"
    browser.press("/", "3")
    assert listed(browser) == ["3.jpg"]
    browser.press(ESCAPE, "/", "#3", ENTER)
    assert wait_for(browser, "7")["image"] == "7"
    browser.find("[data-part=image]").click()
    browser.find_all(".viewer-line")[0].click()
    assert wait_for(browser, "2")["image"] == "2"
    assert browser.complaints() == []
    assert opened.port


def test_a_search_without_a_match_finds_nothing_and_takes_no_keys(browser, opened):
    browser.press(DOWN)
    before = browser.shown()
    assert before["object"] is not None
    browser.press("/", "zz]c2", ENTER)
    assert listed(browser) == []
    assert browser.text("[data-picker=matches]") == "0 of 4 images"
    browser.press(ESCAPE)
    assert not browser.find(".viewer-images").is_displayed()
    assert browser.shown() == before
    for number in ("#0", "#5", "#99999999999"):
        browser.press("/", number)
        assert listed(browser) == []
        browser.press(ESCAPE)
    assert opened.port


@pytest.mark.parametrize("size", [(1280, 860), (1000, 420), (390, 844), (320, 480)])
def test_the_list_is_within_the_window(browser, opened, size):
    browser.resize(*size)
    browser.press("/")
    place = browser.find(".viewer-images").rect
    assert place["x"] >= 0
    assert place["y"] >= 0
    assert place["x"] + place["width"] <= size[0]
    assert place["y"] + place["height"] <= size[1]
    assert opened.port


def test_the_list_is_named_for_readers(browser, opened):
    browser.press("/", DOWN)
    field = browser.find("[data-picker=search]")
    active = browser.find(f"#{field.get_attribute('aria-activedescendant')}")
    assert active.get_attribute("aria-selected") == "true"
    assert active.text.startswith("3.jpg")
    assert field.accessible_name == "Find an image"
    assert browser.find("[data-picker=sizer]").accessible_name == "Images"
    browser.press(ESCAPE)
    part = (
        "return document.activeElement.dataset.part || document.activeElement.tagName"
    )
    assert browser.driver.execute_script(part) in ("image", "BODY")
    assert opened.port


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
        browser.driver.execute_script(
            "document.querySelector('[data-picker=scroller]').scrollTop = 1e9"
        )
        browser.settle()
        assert listed(browser)[-1] == "000000000000.jpg"
        elapsed = browser.driver.execute_script(
            "const field = document.querySelector('[data-picker=search]');"
            "const begin = performance.now();"
            "field.value = '115'; field.dispatchEvent(new Event('input'));"
            "return performance.now() - begin"
        )
        assert elapsed < 1000  # milliseconds, the first time
        browser.press("7")
        # The one of exactly this id, then the others in their order.
        expected = ["000000001157.jpg", "000000115799.jpg", "000000115798.jpg"]
        assert listed(browser)[:3] == expected
        browser.press(ENTER)
        assert wait_for(browser, "1157")["image"] == "1157"
        browser.press(HOME)
        assert wait_for(browser, "119999")["image"] == "119999"
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
        assert wait_for(browser, "30")["image"] == "30"
        assert len(computed) < 15


def test_names_are_shown_as_text(browser):
    document = coco({n: [(9, 9, 90, 90)] for n in range(len(HOSTILE))})
    for each, name in zip(document["images"], HOSTILE, strict=True):
        each["file_name"] = name
        each["id"] = f"{name}-id"
    for each in document["annotations"]:
        each["image_id"] = f"{HOSTILE[each['image_id']]}-id"
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
            wide, window = browser.driver.execute_script(
                "return [document.documentElement.scrollWidth, window.innerWidth]"
            )
            assert wide <= window
        assert browser.driver.execute_script("return window.hacked") is None
        assert not browser.find_all("[data-part=body] script, [data-part=body] img")
        assert browser.complaints() == []


def test_an_image_that_fails_says_so_and_the_next_one_is_shown(browser, monkeypatch):
    real = catalog_module.pictured_document

    failing = {2, 7}

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
        assert wait_for(browser, "3")["image"] == "3"
        assert "3 objects" in browser.text(status)
        browser.press(RIGHT)
        time.sleep(0.3)
        assert "it cannot be computed" in browser.text(status)
        assert browser.find("[data-part=main]").get_attribute("aria-busy") == "true"
        browser.press("]")
        assert "it cannot be computed" in browser.text(status)
        browser.press(RIGHT)
        assert wait_for(browser, "10")["image"] == "10"
        assert browser.find("[data-part=main]").get_attribute("aria-busy") == "false"
        time.sleep(0.3)  # until it was tried once more, ahead
        failing.clear()
        browser.press(LEFT)
        assert wait_for(browser, "7")["image"] == "7"


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
    """The middle of the canvas in the window."""
    left, top, width, height = browser.driver.execute_script(
        "const box = document.querySelector('canvas').getBoundingClientRect();"
        "return [box.left, box.top, box.width, box.height]"
    )
    return left + width / 2, top + height / 2


def test_a_mouse_drags_the_picture(browser, opened):
    from selenium.webdriver import ActionChains

    browser.press("+", "+")
    zoom, before = camera(browser)
    canvas = browser.find("canvas")
    pointer = ActionChains(browser.driver, duration=0)
    pointer.move_to_element(canvas).click_and_hold().move_by_offset(30, 20)
    pointer.move_by_offset(10, 5).release().perform()
    after = camera(browser)
    assert after[0] == zoom
    np.testing.assert_allclose(after[1] - before, [40, 25, 40, 25], atol=1)
    assert browser.shown()["object"] is None  # a drag selects nothing
    assert opened.port


def test_the_wheel_zooms_where_the_mouse_is(browser, opened):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin

    origin = ScrollOrigin.from_element(browser.find("canvas"))
    ActionChains(browser.driver).scroll_from_origin(origin, 0, -300).perform()
    assert camera(browser)[0] == pytest.approx(np.exp(300 * 0.0016), rel=0.01)
    assert opened.port


def test_two_fingers_zoom_about_their_middle(browser, opened):
    browser.resize(390, 844)
    zoom, before = camera(browser)
    assert zoom == 1
    x, y = middle_of(browser)
    touch(browser, "touchStart", (x - 20, y), (x + 20, y))
    for far in range(22, 62, 2):
        touch(browser, "touchMove", (x - far, y), (x + far, y))
    touch(browser, "touchEnd")
    zoom, after = camera(browser)
    assert zoom == pytest.approx(3, rel=0.05)
    width, height = browser.driver.execute_script(
        "const box = document.querySelector('canvas').getBoundingClientRect();"
        "return [box.width, box.height]"
    )
    middle = np.array([width, height] * 2) / 2
    np.testing.assert_allclose(after - middle, zoom * (before - middle), atol=4)
    assert browser.shown()["object"] is None
    assert opened.port


def test_two_fingers_move_the_picture(browser, opened):
    browser.resize(390, 844)
    browser.press("+", "+")
    zoom, before = camera(browser)
    x, y = middle_of(browser)
    touch(browser, "touchStart", (x - 40, y), (x + 40, y))
    for step in range(2, 32, 2):
        touch(browser, "touchMove", (x - 40 + step, y), (x + 40 + step, y))
    touch(browser, "touchEnd")
    after = camera(browser)
    assert after[0] == pytest.approx(zoom, rel=0.02)
    assert (after[1] - before)[0] == pytest.approx(30, abs=6)
    assert opened.port


def test_one_finger_moves_a_zoomed_picture_and_else_scrolls_the_page(browser, opened):
    browser.resize(390, 844)
    x, y = middle_of(browser)

    def swipe() -> None:
        touch(browser, "touchStart", (x, y))
        for step in range(4, 64, 4):
            touch(browser, "touchMove", (x, y - step))
        touch(browser, "touchEnd")
        browser.settle()

    _, before = camera(browser)
    swipe()
    assert browser.driver.execute_script("return window.scrollY") > 20
    np.testing.assert_allclose(camera(browser)[1], before, atol=1)
    browser.driver.execute_script("window.scrollTo(0, 0)")
    browser.press("+", "+", "+")
    _, before = camera(browser)
    swipe()
    assert browser.driver.execute_script("return window.scrollY") == 0
    moved = camera(browser)[1] - before
    assert moved[1] == pytest.approx(-60, abs=6)
    assert moved[0] == pytest.approx(0, abs=1)
    assert opened.port


def test_a_tap_selects_an_object(browser, opened):
    browser.resize(390, 844)
    browser.press(END)
    shown = wait_for(browser, "10")
    place = int(np.argmax([y2 - y1 for _, y1, _, y2 in shown["screen"]]))
    left, top = browser.driver.execute_script(
        "const box = document.querySelector('canvas').getBoundingClientRect();"
        "return [box.left, box.top]"
    )
    x1, y1, x2, y2 = shown["screen"][place]
    point = left + (x1 + x2) / 2, top + y1 + 0.1 * (y2 - y1)
    touch(browser, "touchStart", point)
    touch(browser, "touchEnd")
    assert browser.shown()["object"] == shown["boxes"][place][0]
    assert opened.port


def test_the_document_of_the_street_is_as_expected():
    # The tests above lean on these.
    assert [each["id"] for each in street()["images"]] == [10, 2, 7, 3]
    assert json.loads(catalog_of().index)["keys"] == ["2", "3", "7", "10"]
