"""The page is one file, the same each time, and nothing from the data can act in it."""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

import atss_inspect.page
from atss_inspect.page import render_served_page, render_viewer_page
from atss_inspect.page.render import asset, json_block
from atss_inspect.settings import preset
from atss_inspect.viewer import image_document

from .random_coco import random_dataset
from .report_pages import Parsed

HOSTILE = "</script><script>x()</script><!--&amp;\u2028\u2029\"'"


def digest_of(text: str) -> str:
    """Name a text as a policy does."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"sha256-{digest}"


def documents(*seeds: int) -> list[dict[str, Any]]:
    images = [random_dataset(seed).slice_images(2, 3) for seed in seeds]
    return [image_document(image, [preset("atss-mmdet")]) for image in images]


def test_data_in_the_page_is_what_was_put_in():
    found = documents(1, 2)
    found[0]["file"] = HOSTILE
    html = render_viewer_page(HOSTILE, found, foot=[HOSTILE])
    assert html == render_viewer_page(HOSTILE, found, foot=[HOSTILE])
    page = Parsed(html)
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
    page = Parsed(render_viewer_page("a", documents(1)))
    metas = [attrs for attrs, _ in page.of("meta") if "http-equiv" in attrs]
    [policy] = [attrs["content"] for attrs in metas]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["connect-src"] == "'none'"
    assert rules["img-src"] == "data:"
    [style] = page.of("style")
    [script] = [text for attrs, text in page.of("script") if "type" not in attrs]
    assert rules["style-src"] == f"'{digest_of(style[1])}'"
    assert rules["script-src"] == f"'{digest_of(script)}'"


def test_nothing_in_the_page_is_loaded_from_elsewhere():
    page = render_viewer_page("a", documents(1))
    elements = Parsed(page)
    for tag, name, value in elements.attributes:
        assert name not in ("style", "onclick", "onload", "action")
        if name in ("href", "src"):
            assert (tag, name, value) == ("link", "href", "data:,")
    assert not re.findall(r"https?://|@import|url\(", page)


PAGE = Path(atss_inspect.page.__file__).parent
OWN = [
    each.relative_to(PAGE).as_posix()
    for suffix in ("js", "css")
    for each in sorted(PAGE.rglob(f"*.{suffix}"))
]


@pytest.mark.parametrize("name", OWN)
def test_our_own_files_end_no_element_and_make_no_markup(name):
    text = asset(name)
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"):
        assert word not in text
    for word in ("</", "eval(", "http", "@import", "url("):
        assert word not in text


def test_images_of_one_id_are_told_apart_by_their_keys():
    [one] = documents(1)
    page = Parsed(render_viewer_page("a", [one, one, one]))
    [index] = [text for attrs, text in page.of("script") if "data-index" in attrs]
    keys = [each["key"] for each in json.loads(index)["images"]]
    assert keys == [one["id"], f"{one['id']}~2", f"{one['id']}~3"]


def test_a_page_without_images_is_refused():
    with pytest.raises(ValueError, match="at least one image"):
        render_viewer_page("a", [])


def test_a_served_page_may_ask_its_own_server_only():
    served = render_served_page("a", source="/i/")
    page = Parsed(served.html)
    [viewer] = [attrs for attrs, _ in page.of("section")]
    assert viewer["data-source"] == "/i/"
    scripts = [attrs for attrs, _ in page.of("script")]
    assert not [each for each in scripts if {"data-image", "data-index"} & each.keys()]
    assert "connect-src 'self'" in served.policy
    policies = [attrs.get("content") or "" for attrs, _ in page.of("meta")]
    assert served.policy in policies
