"""The viewer in a real browser: what it draws, and what can be done with it."""

import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.page import render_viewer_page
from atss_inspect.readers import load_coco
from atss_inspect.scene import build_scene
from atss_inspect.settings import preset
from atss_inspect.viewer import image_document, picture_uri

from .browser import HOSTILE, Browser, needs_browser
from .random_coco import Loaded
from .test_viewer_document import assert_exported, images_of
from .tiny_coco import coco, street

pytestmark = needs_browser

PRESETS = ("atss-mmdet", "atss-official-9a", "fcos-mmdet")
ESCAPE, LEFT, RIGHT, UP, DOWN = "\ue00c", "\ue012", "\ue014", "\ue013", "\ue015"
SLIDER = "[data-part=k]"


def street_images() -> list[Dataset]:
    """Images 2, 3, 7 (empty) and 10; the boxes of 2 have masks, one is a crowd."""
    document = street()
    document["annotations"][0]["iscrowd"] = 1
    for each in document["annotations"]:
        x, y, width, height = each["bbox"]
        corners = [x, y, x + width, y, x + width, y + height]
        each["segmentation"] = [corners]
    return images_of(load_coco(Loaded(document), masks=True))


def write_page(images: list[Dataset], *names: str, picture: str | None = None) -> Path:
    settings = [preset(name) for name in names or PRESETS]
    documents = [image_document(each, settings, picture=picture) for each in images]
    path = Path("page.html").resolve()
    path.write_text(render_viewer_page("Viewer", documents), encoding="utf-8")
    return path


GREY_PICTURE = picture_uri(np.full((480, 640, 3), 128, np.uint8))


def assert_shows(browser: Browser, image: Dataset, name: str, **values: Any) -> None:
    """Compare what is drawn with the rows of `export positives`, at some k."""
    drawn = browser.shown()["positives"]
    found = {tuple(row[:5]): row[5] for row in drawn}
    assert len(found) == len(drawn)
    assert_exported(found, image, preset(name, **values))


def test_a_page_opens_from_disk_without_a_request_or_a_complaint(browser):
    browser.open(write_page(street_images(), picture=GREY_PICTURE))
    assert browser.shown()["image"] == "2"
    browser.press("]", "c", "a", "m", RIGHT, RIGHT, "?", ESCAPE)
    browser.settle()
    assert browser.requests() == []
    assert browser.complaints() == []


def test_the_policy_refuses_requests_and_foreign_scripts(browser):
    browser.open(write_page(street_images()))
    refused = browser.driver.execute_async_script(
        "const done = arguments[0];"
        "const image = new Image(); image.src = 'https://example.invalid/a.png';"
        "const script = document.createElement('script');"
        "script.textContent = 'window.hacked = 1'; document.body.append(script);"
        "fetch('https://example.invalid/').then(() => done(false), () => done(true))"
    )
    assert refused
    assert browser.ask("return window.hacked") is None
    assert sum("Content Security Policy" in each for each in browser.complaints()) >= 3


@pytest.mark.parametrize("name", ["atss-mmdet", "atss-official-9a"])
def test_the_slider_shows_exactly_what_export_says(browser, name):
    images = street_images()
    browser.open(write_page(images, name))
    for number, image in enumerate(images):
        if number:
            browser.press(RIGHT)
        for k in (1, 3, 9, 15, 30):
            slide = "k.value = arguments[0]; k.dispatchEvent(new Event('input'))"
            browser.ask(f"const k = arguments[1]; {slide}", k - 1, browser.find(SLIDER))
            shown = browser.shown()
            assert (shown["image"], shown["k"]) == (str(image.image_ids[0]), k)
            assert browser.text("[data-part=kvalue]") == str(k)
            assert_shows(browser, image, name, k=k)


def test_other_rules_show_theirs_with_the_slider_at_rest(browser):
    [image, *_] = street_images()
    browser.open(write_page([image], "retinanet-mmdet", "fcos-mmdet"))
    for name in ("retinanet-mmdet", "fcos-mmdet"):
        assert browser.shown()["preset"] == name
        assert_shows(browser, image, name)
        assert not browser.find(SLIDER).is_enabled()
        assert browser.text("[data-part=knote]") == "this rule has no k"
        browser.press("]", "2")


def test_k_stays_when_the_preset_changes_and_stops_at_its_ends(browser):
    browser.open(write_page(street_images()))
    browser.press("]", "]", "3")
    assert browser.shown()["k"] is None
    browser.press("2")
    shown = browser.shown()
    assert (shown["preset"], shown["k"]) == ("atss-official-9a", 11)
    for key, end in (("[", 1), ("]", 30)):
        browser.press(*key * 40)
        assert browser.shown()["k"] == end


def test_an_image_without_objects_and_one_left_out_are_shown(browser):
    images = street_images()[2:3]
    browser.open(write_page(images, "retinanet-mmdet", "retinanet-torchvision"))
    assert browser.shown()["boxes"] == []
    browser.press(DOWN, "c", "2")
    assert browser.shown()["positives"] == []
    assert browser.complaints() == []


def test_objects_can_be_pointed_at_and_kept(browser):
    browser.open(write_page(street_images()[3:]))
    shown = browser.shown()
    anns = [ann for ann, _, _ in shown["boxes"]]
    canvas = browser.find("canvas")
    place = len(anns) - 1
    x1, y1, x2, y2 = shown["screen"][place]
    # Near a corner, away from the marks in the middle.
    size = canvas.size
    across = round(x1 + 0.04 * (x2 - x1)) - size["width"] // 2
    down = round(y1 + 0.04 * (y2 - y1)) - size["height"] // 2
    browser.pointer().move_to_element_with_offset(canvas, across, down).perform()
    assert browser.shown()["active"] == anns[place]
    assert browser.shown()["object"] is None
    assert browser.find("[data-pane=tip]").is_displayed()
    assert browser.find("tr.is-hovered").text.split()[1].startswith(anns[place][:2])
    browser.pointer().click().perform()
    assert browser.shown()["object"] == anns[place]
    assert "Threshold" in browser.text("[data-part=details]")
    browser.pointer().click().perform()
    assert browser.shown()["object"] is None


def test_the_table_points_at_objects_too(browser):
    browser.open(write_page(street_images()))
    line = browser.find_all("[data-part=rows] tr")[1]
    ann = line.find_element("css selector", ".viewer-id").text
    browser.pointer().move_to_element(line).perform()
    assert browser.shown()["active"] == ann
    line.click()
    assert browser.shown()["object"] == ann


def test_poorly_assigned_objects_come_first_and_say_why(browser):
    browser.open(write_page(street_images(), "retinanet-mmdet", "atss-mmdet"))
    shown = browser.shown()
    ranks = {
        ann: rank
        for (ann, *_), rank in zip(shown["boxes"], shown["ranks"], strict=True)
    }
    lines = browser.find_all("[data-part=rows] tr")
    names = [each.find_element("css selector", ".viewer-id").text for each in lines]
    counts = {ann: count for ann, count, _ in shown["boxes"]}
    kept = [name for name in names if name in counts]
    assert sorted(kept, key=lambda name: (ranks[name], counts[name])) == kept
    for line, name in zip(lines, names, strict=True):
        cause = line.find_element("css selector", ".viewer-cause")
        assert cause.is_displayed() == (ranks.get(name) != 2)


def tiny_and_plain() -> list[Dataset]:
    """An object of 6 px and one of 60 px, in input pixels of 1067 x 800: 10 and 100."""
    return images_of(load_coco(Loaded(coco({1: [(300, 300, 6, 6), (50, 50, 60, 60)]}))))


def test_low_quality_matches_are_hollow_and_their_objects_are_counted(browser):
    [image] = tiny_and_plain()
    browser.open(write_page([image], "retinanet-mmdet", "atss-mmdet"))
    scene = build_scene(image, preset("retinanet-mmdet"))
    shown = browser.shown()
    assert scene.is_low_quality_only.tolist() == [True, False]
    assert shown["ranks"] == [1, 2]
    low = scene.num_positives[0]
    assert [row[0] for row in shown["hollow"]] == [shown["boxes"][0][0]] * low
    words = "1 with only low-quality matches"
    assert words in browser.text("[data-part=status]")
    buttons = [each.text for each in browser.find_all("[data-part=conventions] small")]
    assert buttons == ["1 poorly assigned", "0 without a positive"]
    first, second = browser.find_all("[data-part=rows] tr")
    assert "only low-quality matches" in first.text
    assert "low-quality" not in second.text
    outcome = "Only low-quality matches (IoU below 0.5): 1"
    assert outcome in browser.text("[data-part=details]")
    browser.press(DOWN)
    own = f"{low} positives, only low-quality matches (IoU below 0.5)"
    assert own in browser.text("[data-part=details]")
    # A rule without a bar has none.
    browser.press(ESCAPE, "2")
    assert browser.shown()["hollow"] == []
    assert 1 not in browser.shown()["ranks"]
    status = browser.text("[data-part=status]")
    assert "2 objects, all with positives" in status
    assert "starved" not in browser.text("[data-part=body]")
    assert browser.complaints() == []


def test_the_footer_names_the_k_that_is_shown(browser):
    browser.open(write_page(tiny_and_plain(), "atss-mmdet", "fcos-mmdet"))
    assert "k 9 per level" in browser.text("[data-part=about]")
    browser.press("]", "]")
    assert "k 11 per level" in browser.text("[data-part=about]")
    browser.press("2")
    assert browser.text("[data-part=about]").startswith("FCOS")


def test_toggles_show_and_hide(browser):
    browser.open(write_page(street_images(), picture=GREY_PICTURE))
    assert browser.shown()["show"] == ["picture", "labels"]
    shown = browser.shown()
    assert (shown["candidates"], shown["anchors"]) == ([], 0)
    for name in ("candidates", "anchors", "masks"):
        browser.find(f"[data-toggle={name}]").click()
    shown = browser.shown()
    # Nine nearest cells of five levels, for two objects.
    assert len(shown["candidates"]) == 45 * len(shown["boxes"])
    assert shown["anchors"] == len(shown["positives"])
    for name in ("picture", "labels"):
        browser.find(f"[data-toggle={name}]").click()
    assert sorted(browser.shown()["show"]) == ["anchors", "candidates", "masks"]
    browser.press(DOWN)
    assert len(browser.shown()["candidates"]) == 45
    before = browser.shown()["positives"]
    level = before[0][1]
    browser.find_all("[data-part=levels] button")[level].click()
    after = browser.shown()
    assert after["positives"] == [row for row in before if row[1] != level]
    assert after["hiddenLevels"] == [f"P{level + 3}"]


def test_keys_step_through_everything(browser):
    browser.open(write_page(street_images()))
    browser.press("]", "]", "[")
    assert browser.shown()["k"] == 10
    browser.press(DOWN)
    first = browser.shown()["object"]
    browser.press(DOWN, UP)
    assert browser.shown()["object"] == first
    assert first is not None
    browser.press(ESCAPE)
    assert browser.shown()["object"] is None
    browser.press("0")
    assert browser.shown()["zoom"] == 1
    browser.press("+", "+")
    assert browser.shown()["zoom"] == pytest.approx(2.25)
    browser.press(RIGHT)
    assert browser.shown()["image"] == "3"
    browser.press(RIGHT, RIGHT, RIGHT, LEFT)
    assert browser.shown()["image"] == "7"
    browser.press("?")
    assert browser.find(".viewer-keys").is_displayed()
    browser.press(ESCAPE)
    assert not browser.find(".viewer-keys").is_displayed()


def test_the_address_leads_back_to_the_view(browser):
    page = write_page(street_images(), picture=GREY_PICTURE)
    browser.open(page)
    browser.press("2", RIGHT, "]", DOWN, "c", "p", "+")
    browser.find_all("[data-part=levels] button")[0].click()
    before = browser.shown()
    time.sleep(0.3)
    address = browser.driver.current_url
    browser.open(address)
    after = browser.shown()
    # The place of the camera is written with four digits.
    np.testing.assert_allclose(after.pop("screen"), before.pop("screen"), atol=0.2)
    labels = [[label[0] for label in each.pop("labels")] for each in (before, after)]
    assert labels[0] == labels[1]
    assert after.pop("zoom") == pytest.approx(before.pop("zoom"), abs=1e-3)
    assert after == before
    assert before["preset"] == "atss-official-9a"
    assert before["hiddenLevels"] == ["P3"]
    # A link inside the page is followed, too.
    browser.ask("location.hash = '#viewer:image=10&preset=fcos-mmdet&show=masks'")
    time.sleep(0.2)
    shown = browser.shown()
    assert (shown["image"], shown["preset"]) == ("10", "fcos-mmdet")
    assert shown["show"] == ["masks"]


def test_an_address_that_names_an_object_brings_it_close_only_if_asked(browser):
    page = write_page(street_images())
    for fragment in ("object=109", "at=object", "object=none&at=object"):
        browser.open(page, fragment=f"#viewer:image=2&{fragment}")
        assert browser.shown()["zoom"] == 1
    browser.open(page, fragment="#viewer:image=2&object=109&at=object")
    shown = browser.shown()
    assert shown["object"] == "109"
    assert shown["zoom"] > 5
    # 500 x 400 of 640 x 480 pixels: as close as it gets.
    browser.open(page, fragment="#viewer:image=2&object=112&at=object")
    assert browser.shown()["zoom"] == 1
    assert browser.complaints() == []


def crowd_of_tiny_and_large() -> list[Dataset]:
    """Make an image of 30 objects between the cells, and 20 large ones below them."""
    tiny = [(13 + 60 * (n % 10), 23 + 48 * (n // 10), 2, 2) for n in range(30)]
    large = [(13 + 60 * (n % 10), 170 + 140 * (n // 10), 50, 120) for n in range(20)]
    return images_of(load_coco(Loaded(coco({1: [*large, *tiny]}))))


def test_in_a_crowd_objects_without_a_positive_are_named_first(browser):
    browser.open(write_page(crowd_of_tiny_and_large(), "fcos-mmdet"))
    shown = browser.shown()
    unassigned = {ann for ann, count, _ in shown["boxes"] if not count}
    assert len(unassigned) == 30
    named = [ann for ann, *_ in shown["labels"]]
    assert set(named[:30]) == unassigned
    assert len(named) > 30


def test_no_name_covers_another_or_the_middle_of_a_crossed_out_object(browser):
    browser.open(write_page([crowd(300)], "atss-mmdet"))
    shown = browser.shown()
    labels = [label[1:] for label in shown["labels"]]
    assert len(labels) > 20
    for place, (left, top, right, bottom) in enumerate(labels):
        for left_2, top_2, right_2, bottom_2 in labels[:place]:
            is_apart = left >= right_2 or left_2 >= right
            assert is_apart or top >= bottom_2 or top_2 >= bottom
    counts = np.array([count for _, count, _ in shown["boxes"]])
    unassigned = np.array(shown["screen"])[counts == 0]
    assert len(unassigned) > 10
    for x, y in (unassigned[:, :2] + unassigned[:, 2:]) / 2:
        for left, top, right, bottom in labels:
            assert not (left < x < right and top < y < bottom)


def test_any_address_opens_the_page(browser):
    page = write_page(street_images())
    for fragment in (
        "viewer:image=none&preset=x&k=99&object=zz&show=y&hide=P9&at=a,b,c",
        *("viewer:k=-1&at=9,9,1e9", "viewer:%E0%A4%A", "other"),
        "viewer:" + quote("<script>window.hacked = 1</script>"),
    ):
        browser.open(page, fragment=f"#{fragment}")
        shown = browser.shown()
        assert (shown["image"], shown["preset"], shown["k"]) == ("2", "atss-mmdet", 9)
        assert browser.complaints() == []


def test_names_are_shown_as_text(browser):
    document = street()
    document["categories"] = [{"id": n, "name": x} for n, x in enumerate(HOSTILE, 1)]
    for n, each in enumerate(document["annotations"]):
        each["category_id"] = 1 + n % len(HOSTILE)
        each["id"] = f"{HOSTILE[n % 4]}{n}"
    for n, each in enumerate(document["images"]):
        each["file_name"] = HOSTILE[n]
    images = images_of(load_coco(Loaded(document)))
    browser.open(write_page(images), fragment="#viewer:image=10")
    for _ in range(3):
        browser.press(DOWN)
        browser.settle()
    browser.press("/")
    listed = browser.text("[data-picker=sizer]")
    browser.press(ESCAPE)
    text = browser.text("[data-part=rows]")
    names = [name.replace("\u202e", "\\u202e") for name in HOSTILE]
    assert all(name in listed for name in names)
    assert sum(name[:30] in text for name in names) == 3  # the image has three objects
    browser.assert_fits()
    browser.resize(390, 844)
    browser.assert_fits()
    following = browser.find(".viewer-image [data-part=next]").rect
    right = following["x"] + following["width"]
    assert right <= browser.find(".viewer-tools").rect["x"]
    browser.assert_harmless()


def test_the_theme_can_be_chosen(browser):
    browser.open(write_page(street_images()))
    assert browser.ground() == "rgb(255, 255, 255)"
    browser.find("[data-theme-button]").click()
    assert browser.ground() == "rgb(20, 23, 27)"
    browser.prefer("dark")
    browser.open(write_page(street_images()))
    assert browser.ground() == "rgb(20, 23, 27)"


def test_without_javascript_the_page_says_so(browser):
    browser.command("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.driver.get(write_page(street_images()).as_uri())
        assert "switched off" in browser.find("noscript").text
        assert not browser.find("[data-part=body]").is_displayed()
    finally:
        browser.command("Emulation.setScriptExecutionDisabled", value=False)


def test_controls_are_named_and_can_be_tabbed_to(browser):
    browser.open(write_page(street_images()))
    for each in browser.find_all("button, select, input, [data-pane=canvas], dialog"):
        assert each.accessible_name or not each.is_displayed()
    reached = set()
    for _ in range(40):
        browser.press("\ue004")
        part = "e.dataset.part || e.dataset.pane || e.dataset.toggle || e.className"
        reached.add(browser.ask(f"const e = document.activeElement; return {part}"))
    assert {"image", "k", "canvas", "candidates", "viewer-object"} <= reached


def test_it_prints(browser):
    browser.open(write_page(street_images(), picture=GREY_PICTURE))
    browser.prefer("dark", medium="print")
    assert browser.ground() == "rgb(255, 255, 255)"
    assert browser.find(".viewer-tools").value_of_css_property("display") == "none"
    pdf = browser.command("Page.printToPDF", printBackground=True)["data"]
    assert len(pdf) > 10_000


def crowd(number: int) -> Dataset:
    """Make an image of 1920 x 1080 with so many objects of all sizes."""
    rng = np.random.default_rng(number)
    sides = np.exp(rng.uniform(np.log(8), np.log(300), (number, 2)))
    corners = rng.uniform(0, 1, (number, 2)) * ((1920, 1080) - sides)
    document = coco({1: np.hstack([corners, sides]).tolist()})
    document["images"][0] |= {"width": 1920, "height": 1080}
    return load_coco(Loaded(document))


def processor_time(browser: Browser) -> float:
    """Seconds the page has computed so far, whatever else the machine is busy with."""
    metrics = browser.command("Performance.getMetrics")["metrics"]
    return float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))


def test_three_hundred_objects_open_and_move_fast(browser):
    page = write_page([crowd(300)], "atss-mmdet", "retinanet-mmdet", "fcos-mmdet")
    browser.command("Performance.enable", timeDomain="threadTicks")
    opened = []
    for _ in range(3):  # other programs may slow one of them down
        begin = time.perf_counter()
        browser.open(page, fragment="#viewer:show=labels,candidates,anchors")
        opened.append(time.perf_counter() - begin)
    assert len(browser.shown()["candidates"]) == 300 * 45
    begin = processor_time(browser)
    for _ in range(10):  # every step redraws all of it
        browser.press("]")
        browser.settle()
    step = (processor_time(browser) - begin) / 10
    assert min(opened) < 2
    assert step < 0.3
