"""Mouse, keys and fingers on the viewer's picture, in a real browser."""

from typing import Any

import numpy as np
import pytest

from .browser import Browser, needs_browser
from .test_page_browser import DOWN, RIGHT, street_images, write_page

pytestmark = needs_browser

Point = tuple[float, float]
CANVAS = "document.querySelector('[data-pane=canvas]').getBoundingClientRect()"


@pytest.fixture
def fingers(browser: Browser) -> Any:
    """Give the browser a phone's size and touch, and take both back."""
    browser.resize(390, 844)
    browser.command("Emulation.setTouchEmulationEnabled", enabled=True)
    yield browser
    browser.command("Emulation.setTouchEmulationEnabled", enabled=False)
    browser.resize(1280, 860)


def middle_of(browser: Browser, place: int) -> Point:
    """Where the middle of a box is, in pixels of the window."""
    x1, y1, x2, y2 = browser.shown()["screen"][place]
    left, top = browser.ask(f"const box = {CANVAS}; return [box.left, box.top]")
    return left + (x1 + x2) / 2, top + (y1 + y2) / 2


def touch(browser: Browser, kind: str, *points: Point) -> None:
    """Put fingers down, move or lift them, as a screen reports it."""
    found = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
    name = f"touch{kind}"
    browser.command("Input.dispatchTouchEvent", type=name, touchPoints=found)


def tap(browser: Browser, point: Point) -> None:
    touch(browser, "Start", point)
    touch(browser, "End")
    browser.settle()


def point_at(browser: Browser, place: int) -> None:
    x, y = middle_of(browser, place)
    browser.command("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    browser.settle()


def has_tip(browser: Browser) -> bool:
    return bool(browser.find("[data-pane=tip]").is_displayed())


@pytest.mark.parametrize("key", ["2", "]", RIGHT, "c", "+"])
def test_what_is_said_at_a_point_goes_when_something_else_is_shown(browser, key):
    browser.open(write_page(street_images()))
    point_at(browser, 0)
    assert has_tip(browser)
    browser.press(key)
    browser.settle()
    assert not has_tip(browser)
    assert browser.complaints() == []


def test_plus_zooms_about_the_pointer_or_the_selection_used_last(browser):
    browser.open(write_page(street_images()))
    away = middle_of(browser, 1)
    point_at(browser, 1)
    browser.press("+", "+")
    assert browser.shown()["zoom"] == pytest.approx(2.25)
    assert middle_of(browser, 1) == pytest.approx(away, abs=0.5)
    browser.press("0", DOWN, "0")
    chosen = [ann for ann, *_ in browser.shown()["boxes"]].index(
        browser.shown()["object"]
    )
    before = middle_of(browser, chosen)
    browser.press("+")
    assert middle_of(browser, chosen) == pytest.approx(before, abs=0.5)
    browser.find("[data-part=closer]").click()
    assert browser.shown()["zoom"] == pytest.approx(2.25)
    assert middle_of(browser, chosen) == pytest.approx(before, abs=0.5)


def test_the_wheel_zooms_about_the_pointer(browser):
    browser.open(write_page(street_images()))
    x, y = before = middle_of(browser, 0)
    roll = {"type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": -300}
    browser.command("Input.dispatchMouseEvent", **roll)
    assert browser.shown()["zoom"] > 1.5
    assert middle_of(browser, 0) == pytest.approx(before, abs=0.5)


def test_a_tap_selects_and_says_what_it_is_until_the_next_one(fingers):
    fingers.open(write_page(street_images()[3:]))
    place = len(fingers.shown()["boxes"]) - 1
    ann = fingers.shown()["boxes"][place][0]
    spot = middle_of(fingers, place)
    tap(fingers, spot)
    assert fingers.shown()["object"] == ann
    assert has_tip(fingers)
    tap(fingers, spot)
    assert fingers.shown()["object"] is None
    assert fingers.shown()["active"] is None
    assert not has_tip(fingers)
    assert fingers.complaints() == []


def test_two_fingers_zoom_about_what_is_between_them(fingers):
    fingers.open(write_page(street_images()))
    x, y = before = middle_of(fingers, 0)
    spread = [(4 * n, 12 * n) for n in range(2, 9)]  # upright: no scrolling either
    for n, (dx, dy) in enumerate(spread):
        kind = "Move" if n else "Start"
        touch(fingers, kind, (x - dx, y - dy), (x + dx, y + dy))
    touch(fingers, "End")
    assert fingers.shown()["zoom"] == pytest.approx(4, rel=0.02)
    assert middle_of(fingers, 0) == pytest.approx(before, abs=3)
    assert fingers.ask("return [scrollY, visualViewport.scale]") == [0, 1]
    # The fingers chose nothing.
    assert fingers.shown()["object"] is None


def swipe(browser: Browser, start: Point, *, dx: float, dy: float) -> None:
    """Move one finger in five steps."""
    touch(browser, "Start", start)
    for step in range(1, 6):
        touch(browser, "Move", (start[0] + dx * step / 5, start[1] + dy * step / 5))
    touch(browser, "End")
    browser.settle()


def test_one_finger_scrolls_the_page_until_the_picture_is_zoomed(fingers):
    page = write_page(street_images())
    fingers.open(page)
    swipe(fingers, (200, 330), dx=0, dy=-100)
    assert fingers.ask("return scrollY") > 50
    assert fingers.shown()["zoom"] == 1
    fingers.open(page, fragment="#viewer:at=0.5,0.5,2")
    before = fingers.shown()["screen"][0]
    swipe(fingers, (200, 330), dx=-40, dy=-60)
    moved = np.subtract(fingers.shown()["screen"][0], before)
    np.testing.assert_allclose(moved, [-40, -60, -40, -60], atol=2)
    assert fingers.ask("return scrollY") == 0
