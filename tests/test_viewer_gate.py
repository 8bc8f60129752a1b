"""The viewer's document of a gate, and what a page makes of it in a browser."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atss_inspect.page import render_viewer_page
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.viewer import image_document
from tests.browser import Browser, needs_browser
from tests.test_gate import ROWS, each_kind
from tests.test_gate_explained import scene_document

NAMES = ("ultralytics-8.3", "ultralytics", "rtmdet-mmdet", "fcos-mmdet")


def document_of(*names: str) -> dict[str, Any]:
    image = load_coco(scene_document())
    made = image_document(image, [preset(name) for name in names])
    return json.loads(json.dumps(made, allow_nan=False))


@each_kind
def test_windows_of_the_golden_scene_stand_in_the_place_of_positives(name) -> None:
    [one] = document_of(name)["conventions"]
    assert one["positives"] is None
    windows = np.array(one["gate"]["windows"]).reshape(-1, 3, 4)
    counts = np.diff(windows[..., :2])[..., 0] * np.diff(windows[..., 2:])[..., 0]
    rows = [ROWS[name][row] for row in one["objects"]["row"]]
    assert ["/".join(map(str, each)) for each in counts.tolist()] == rows
    own = np.minimum(counts.sum(axis=1), 13 if name == "rtmdet-mmdet" else 10)
    is_certain = name.startswith("ultralytics")
    assert one["gate"]["is_certain"] == is_certain
    if is_certain:
        assert one["gate"]["most"] == own.tolist()
    assert one["no_slider"] == "this rule has no k"


def test_a_rule_that_answers_exactly_has_no_gate() -> None:
    [one] = document_of("fcos-mmdet")["conventions"]
    assert one["gate"] is None
    assert one["positives"]["counts"]


def opened(browser: Browser, name: str, more: str = "") -> dict[str, Any]:
    path = Path("page.html").resolve()
    path.write_text(render_viewer_page("Viewer", [document_of(*NAMES)]), "utf-8")
    browser.open(path, fragment=f"#viewer:image=7&preset={name}{more}")
    assert browser.complaints() == []
    return browser.shown()


class TestInBrowser:
    """What the page draws and says."""

    pytestmark = needs_browser

    def test_small_windows_are_hollow_signs_and_large_ones_frames(self, browser):
        shown = opened(browser, "ultralytics-8.3")
        # See `test_figures_gate`: 8 of P3, 21 of P4, 44 of P5, and 8 frames.
        levels = [row[1] for row in shown["positives"]]
        assert np.bincount(levels).tolist() == [8, 21, 44]
        assert len(shown["hollow"]) == len(levels)
        assert len(shown["frames"]) == 8
        # 1 has 8 x 10 cells of P3: from 104 to 168 and from 120 to 200.
        assert shown["frames"][0] == ["1", 0, 104, 120, 168, 200]
        assert ["10", 0, "without a candidate"] in shown["boxes"]

    def test_all_candidates_of_a_selected_object_are_drawn(self, browser):
        shown = opened(browser, "rtmdet-mmdet", "&object=3")
        assert sum(row[0] == "3" for row in shown["positives"]) == 378 + 90 + 25
        assert not any(frame[0] == "3" for frame in shown["frames"])
        text = browser.text("[data-part=details]")
        assert "At most 13 picked, from 493 candidates" in text

    def test_what_has_no_meaning_is_absent(self, browser):
        opened(browser, "ultralytics-8.3")
        hidden = browser.ask(
            "return [...document.querySelectorAll('[data-part=slider], [data-toggle]')]"
            ".filter((each) => each.hidden).map((each) => each.dataset.toggle || 'k')"
        )
        assert hidden == ["k", "candidates", "anchors", "contested"]
        assert browser.text("[data-part=countshead]") == "Candidates"
        opened(browser, "fcos-mmdet")
        assert browser.text("[data-part=countshead]") == "Positives"
        assert not browser.ask(
            "return document.querySelector('[data-part=slider]').hidden"
        )

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("ultralytics-8.3", "At this size no positive: without a candidate"),
            ("ultralytics", "At most 6 picked, from 6 candidates"),
            ("rtmdet-mmdet", "At most 13 picked, from 1 candidate"),
        ],
    )
    def test_the_words_are_bounds(self, browser, name, text):
        opened(browser, name, "&object=10")
        assert text in browser.text("[data-part=details]")
        status = browser.text("[data-part=status]")
        assert " candidates" in status
        assert "positive" not in status
