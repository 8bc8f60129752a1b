"""The viewer's list, legend, contested anchors and presets side by side."""

from typing import Any

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.readers import load_coco
from atss_inspect.scene import build_scene
from atss_inspect.settings import Settings, override, preset

from .browser import Browser, needs_browser
from .random_coco import Loaded
from .test_page_browser import DOWN, street_images, tiny_and_plain, write_page
from .test_viewer_document import images_of
from .tiny_coco import coco

pytestmark = needs_browser

# Three that overlap, one tiny; two of exactly one box; two apart.
OVERLAPPING = [(100, 100, 80, 60), (130, 110, 80, 60), (120, 90, 30, 90), (9, 9, 3, 3)]
TWINS = [(100, 100, 40, 40), (100, 100, 40, 40)]
APART = [(100, 100, 40, 40), (400, 300, 40, 40)]


def image_with(boxes: list[tuple[float, ...]]) -> Dataset:
    [image] = images_of(load_coco(Loaded(coco({1: boxes}))))
    return image


def contested_of(image: Dataset, settings: Settings) -> list[tuple[Any, ...]]:
    """List what `Scene.is_contested` marks: annotation, level, row, column."""
    scene = build_scene(image, settings)
    found = []
    for n in np.flatnonzero(scene.is_contested):
        level, index = int(scene.assignment.level[n]), int(scene.assignment.index[n])
        per_cell = int(scene.grids.pyramid.per_cell[level])
        columns = int(scene.grids.map_sizes[0, level, 1])
        ann = str(scene.annotation_ids[scene.assignment.gt[n]])
        found.append((ann, level, *divmod(index // per_cell, columns)))
    return sorted(found)


@pytest.mark.parametrize("name", ["atss-mmdet", "fcos-mmdet", "yolov5", "ultralytics"])
def test_what_another_object_could_have_had_is_marked_at_every_k(browser, name):
    image = image_with(TWINS if name == "ultralytics" else OVERLAPPING)
    page = write_page([image], name)
    for k in (2, 9, 30):
        browser.open(page, fragment=f"#viewer:show=contested&k={k}")
        shown = browser.shown()
        at_k = {} if shown["k"] is None else {"k": k}
        expected = contested_of(image, override(preset(name), at_k))
        assert sorted(map(tuple, shown["contested"])) == expected
        assert expected
    assert browser.complaints() == []


def test_contested_positives_are_ringed_when_asked_for_and_counted(browser):
    browser.open(write_page([image_with(OVERLAPPING)], "fcos-mmdet"))
    assert browser.shown()["contested"] == []
    browser.press("x", DOWN, DOWN)
    shown = browser.shown()
    number = sum(ann == shown["object"] for ann, *_ in shown["contested"])
    words = f"{number} of these another object could have had"
    assert number
    assert words in browser.text("[data-part=details]")
    assert "contested" in browser.text("[data-part=legend]")


def num_inked(browser: Browser) -> int:
    """Count the pixels of the picture that are in ink."""
    return int(
        browser.ask(
            "const canvas = document.querySelector('[data-pane=canvas]');"
            "const area = [0, 0, canvas.width, canvas.height];"
            "const data = canvas.getContext('2d').getImageData(...area).data;"
            "let number = 0;"
            "for (let n = 0; n < data.length; n += 4) {"
            "  number += data[n] === 31 && data[n + 1] === 35 && data[n + 2] === 40;"
            "} return number;"
        )
    )


def test_candidates_of_several_objects_are_in_no_ones_color(browser):
    legend = "candidate of several objects"
    for boxes, is_shared in ((APART, False), (TWINS, True)):
        page = write_page([image_with(boxes)], "ultralytics")
        browser.open(page, fragment="#viewer:show=")
        assert browser.shown()["positives"]
        assert (num_inked(browser) > 20) == is_shared
        assert (legend in browser.text("[data-part=legend]")) == is_shared


def test_the_legend_names_what_is_on_the_picture_and_nothing_else(browser):
    browser.open(write_page(tiny_and_plain(), "retinanet-mmdet", "atss-mmdet"))
    legend = browser.find("[data-part=legend]")
    at_first = ["positive", "low-quality match: IoU below 0.5"]
    assert legend.text.split("\n")[:2] == at_first
    assert "object with only low-quality matches" in legend.text
    browser.press("2", "c", "a")
    browser.settle()
    words = ["positive", "candidate: near enough, whatever its IoU"]
    assert legend.text.split("\n") == [*words, "anchor box of a positive"]


def test_columns_sort_and_the_order_stays_with_the_address(browser):
    page = write_page([image_with(OVERLAPPING)], "atss-mmdet", "fcos-mmdet")
    browser.open(page)
    worst_first = browser.shown()["order"]
    heads = browser.find_all("[data-sort]")
    areas = {"100": 4800, "103": 4800, "106": 2700, "109": 9}
    orders = []
    for _ in range(3):
        heads[1].find_element("css selector", "button").click()
        orders.append(browser.shown()["order"])
    assert [areas[ann] for ann in orders[0]] == sorted(areas.values(), reverse=True)
    assert [areas[ann] for ann in orders[1]] == sorted(areas.values())
    assert orders[2] == worst_first
    heads[2].find_element("css selector", "button").send_keys("\ue007")  # Enter
    shown = browser.shown()
    counts = {ann: count for ann, count, _ in shown["boxes"]}
    listed = [counts[ann] for ann in shown["order"]]
    assert listed == sorted(counts.values(), reverse=True)
    assert heads[2].get_attribute("aria-sort") == "descending"
    assert heads[1].get_attribute("aria-sort") == "none"
    lines = browser.find_all("[data-part=rows] .viewer-id")
    assert [each.text for each in lines] == shown["order"]
    browser.press(DOWN)
    assert browser.shown()["object"] == shown["order"][0]
    browser.open(page, fragment="#viewer:preset=fcos-mmdet&sort=name-descending")
    names = [each.text for each in browser.find_all("[data-part=rows] button")]
    assert names == sorted(names, reverse=True)
    assert names != sorted(names)
    browser.open(page, fragment="#viewer:sort=x-ascending")
    assert browser.shown()["sort"] is None


def test_presets_stand_side_by_side_and_show_the_same_place(browser):
    names = ("atss-mmdet", "retinanet-mmdet", "fcos-mmdet", "ultralytics")
    images = street_images()
    browser.open(write_page(images, *names))
    alone = {}
    for number, name in enumerate(names, 1):
        browser.press(str(number))
        alone[name] = browser.shown()["positives"]
    browser.press("1", "b")
    panes = browser.shown()["panes"]
    assert [each["preset"] for each in panes] == list(names)
    for each in panes:
        assert each["positives"] == alone[each["preset"]]
    browser.press(DOWN, *"++++++")
    shown = browser.shown()
    places = []  # of the selected object, in shares of the height of each canvas
    for each, canvas in zip(shown["panes"], canvases(browser), strict=True):
        anns = [ann for ann, *_ in each["boxes"]]
        x1, y1, x2, y2 = each["screen"][anns.index(shown["object"])]
        middle = (x1 + x2) / 2 / canvas["width"], (y1 + y2) / 2 / canvas["height"]
        places.append((*middle, (x2 - x1) / canvas["height"]))
    # With and without a letterbox.
    np.testing.assert_allclose(places, [places[0]] * 4, rtol=0.06)
    details = browser.text(".viewer-presets")
    assert all(name in details for name in names)
    assert browser.complaints() == []


def canvases(browser: Browser) -> list[dict[str, float]]:
    found = browser.find_all("[data-pane=canvas]")
    return [each.rect for each in found if each.is_displayed()]


def test_the_preset_of_a_picture_is_chosen_with_it(browser):
    browser.open(write_page(street_images()), fragment="#viewer:show=beside")
    titles = browser.find_all("[data-pane=name]")
    chosen = [each.get_attribute("aria-pressed") for each in titles]
    assert chosen == ["true", "false", "false"]
    titles[2].click()
    assert browser.shown()["preset"] == "fcos-mmdet"
    shown = browser.shown()["panes"][1]
    x1, y1, x2, y2 = shown["screen"][0]
    rect = canvases(browser)[1]
    x, y = rect["x"] + (x1 + x2) / 2, rect["y"] + (y1 + y2) / 2
    for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
        more = {"button": "left", "clickCount": 1} if kind != "mouseMoved" else {}
        browser.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)
    ann = shown["boxes"][0][0]
    after = browser.shown()
    assert (after["preset"], after["object"]) == ("atss-official-9a", ann)
    browser.press("b")
    assert browser.shown()["panes"] == []
    assert len(canvases(browser)) == 1


@pytest.mark.parametrize("width", [360, 390, 1280])
def test_nothing_sticks_out_in_any_window(browser, width):
    page = write_page(street_images(), "atss-mmdet", "ultralytics")
    fragment = "#viewer:show=labels,candidates,anchors,contested,beside&object=109"
    try:
        browser.resize(width, 844)
        browser.open(page, fragment=fragment)
        browser.assert_fits()
        tops = {round(each["y"]) for each in canvases(browser)}
        assert len(tops) == (1 if width > 860 else 2)
    finally:
        browser.resize(1280, 860)
