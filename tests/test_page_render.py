"""The page is one file, the same each time, and nothing from the data can act in it."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from atss_inspect.page import render_served_page, render_viewer_page
from atss_inspect.page.render import asset, json_block
from atss_inspect.settings import preset
from atss_inspect.viewer import image_document

from .random_coco import random_dataset

HOSTILE = "</script><script>x()</script><!--&amp;\u2028\u2029\"'"


class Elements(HTMLParser):
    """What a browser makes of a page: elements, each with the text right after it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.is_open = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.texts.append("")
        self.is_open = True

    def handle_endtag(self, _: str) -> None:
        self.is_open = False

    def handle_data(self, data: str) -> None:
        if self.is_open:
            self.texts[-1] += data

    def of(self, name: str) -> list[tuple[dict[str, str | None], str]]:
        """Attributes and text of the elements of a name."""
        rows = zip(self.found, self.texts, strict=True)
        return [(attrs, text) for (tag, attrs), text in rows if tag == name]


def documents(*seeds: int) -> list[dict[str, Any]]:
    """Make documents of some images."""
    images = [random_dataset(seed).slice_images(2, 3) for seed in seeds]
    return [image_document(image, [preset("atss-mmdet")]) for image in images]


def test_data_in_the_page_is_what_was_put_in():
    found = documents(1, 2)
    found[0]["file"] = HOSTILE
    page = Elements(render_viewer_page(HOSTILE, found, foot=[HOSTILE]))
    blocks = [text for attrs, text in page.of("script") if "data-image" in attrs]
    assert [json.loads(text) for text in blocks] == found
    assert page.of("title")[0][1] == HOSTILE
    assert len(page.of("script")) == 4  # index, two images, the viewer's own


def test_a_json_block_holds_nothing_that_html_acts_on():
    block = json_block({"name": HOSTILE, "lone": "\ud800"})
    assert not set("<>&\u2028\u2029") & set(block)
    assert json.loads(block) == {"name": HOSTILE, "lone": "\ud800"}
    block.encode("utf-8")
    with pytest.raises(ValueError):  # noqa: PT011 - in the words of json
        json_block([float("nan")])


def test_the_policy_allows_the_page_s_own_style_and_script_and_no_request():
    page = Elements(render_viewer_page("a", documents(1)))
    [policy] = [
        attrs["content"]
        for attrs, _ in page.of("meta")
        if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["connect-src"] == "'none'"
    assert rules["img-src"] == "data:"
    [style] = page.of("style")
    [script] = [text for attrs, text in page.of("script") if "type" not in attrs]
    for name, text in (("style-src", style[1]), ("script-src", script)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[name] == f"'sha256-{digest}'"


def test_nothing_in_the_page_is_loaded_from_elsewhere():
    page = render_viewer_page("a", documents(1))
    elements = Elements(page)
    for tag, attributes in elements.found:
        assert not set(attributes) & {"style", "onclick", "onload", "action"}
        if "href" in attributes or "src" in attributes:
            assert (tag, attributes.get("href")) == ("link", "data:,")
    assert not re.findall(r"https?://|@import|url\(", page)


@pytest.mark.parametrize("name", ["viewer.js", "viewer.css", "page.css"])
def test_our_own_files_end_no_element_and_make_no_markup(name):
    text = asset(name)
    assert "</" not in text
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"):
        assert word not in text
    assert "eval(" not in text


def test_equal_documents_give_equal_pages():
    assert render_viewer_page("a", documents(1)) == render_viewer_page(
        "a", documents(1)
    )


def test_images_of_one_id_are_told_apart_by_their_keys():
    [one] = documents(1)
    page = Elements(render_viewer_page("a", [one, one, one]))
    [index] = [text for attrs, text in page.of("script") if "data-index" in attrs]
    keys = [each["key"] for each in json.loads(index)["images"]]
    assert keys == [one["id"], f"{one['id']}~2", f"{one['id']}~3"]


def test_a_page_without_images_is_refused():
    with pytest.raises(ValueError, match="at least one image"):
        render_viewer_page("a", [])


def test_a_served_page_may_ask_its_own_server_only():
    served = render_served_page("a", source="/i/")
    page = Elements(served.html)
    [viewer] = [attrs for attrs, _ in page.of("section")]
    assert viewer["data-source"] == "/i/"
    scripts = [attrs for attrs, _ in page.of("script")]
    assert not [each for each in scripts if {"data-image", "data-index"} & each.keys()]
    assert "connect-src 'self'" in served.policy
    policies = [attrs.get("content") or "" for attrs, _ in page.of("meta")]
    assert served.policy in policies
