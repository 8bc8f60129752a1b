"""What is at which address, and that nothing else is."""

import json
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest

from atss_inspect.server import catalog as catalog_module
from tests.page_servers import catalog_of, site_of


def test_page_list_and_images_lie_below_the_secret():
    site = site_of(catalog_of())
    page = site.answer(site.path)
    assert (page.status, page.kind) == (HTTPStatus.OK, "text/html; charset=utf-8")
    assert f'data-source="{site.path}images/"'.encode() in page.content
    assert "connect-src 'self'" in page.policy
    assert page.policy.endswith("frame-ancestors 'none'")
    assert site.answer(site.path.rstrip("/")).status == HTTPStatus.NOT_FOUND
    assert "keys" in json.loads(site.answer(f"{site.path}images/").content)
    image = site.answer(f"{site.path}images/3")
    assert json.loads(image.content)["id"] == "10"
    assert image.policy == "default-src 'none'"


def test_secrets_differ_and_are_long():
    catalog = catalog_of()
    tokens = {site_of(catalog).token for _ in range(5)}
    assert len(tokens) == 5
    assert all(len(each) == 32 and each.isalnum() for each in tokens)


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "images/0", "/images/0", "/wrong/", "/TOKEN0/", "//TOKEN/"),
        *("/TOKEN//", "/TOKEN/images", "http://127.0.0.1/TOKEN/", "/\ud800/"),
        *(f"/TOKEN/images/{n}" for n in ("4", "-1", "+1", "1/", "1?x", "٣", "0x1")),
        *(f"/TOKEN/images/{n}" for n in ("1" * 5000, "../images/1", "..%2f1", "1%00")),
        *("/TOKEN/../../../../etc/passwd", "/TOKEN/%2e%2e/x", "/" + "é" * 40),
    ],
)
def test_anything_else_is_not_found(path):
    site = site_of(catalog_of())
    answer = site.answer(path.replace("TOKEN", site.token))
    assert answer.status == HTTPStatus.NOT_FOUND
    assert json.loads(answer.content) == {"error": "not found"}


def test_an_image_that_fails_is_told_of_and_the_others_still_work(monkeypatch):
    real = catalog_module.pictured_document

    def fail(image: Any, *words: Any, **options: Any) -> Any:
        if image.image_ids[0] == 3:
            message = "a secret of ours"
            raise ZeroDivisionError(message)
        return real(image, *words, **options)

    monkeypatch.setattr(catalog_module, "pictured_document", fail)
    failures: list[Any] = []
    site = site_of(catalog_of(), failures)
    answer = site.answer(f"{site.path}images/1")
    assert answer.status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert b"secret" not in answer.content
    [(name, error)] = failures
    assert (name, str(error)) == ("image 3", "a secret of ours")
    assert site.answer(f"{site.path}images/0").status == HTTPStatus.OK
    # A page that fails is told of, too.
    site = replace(site, make_page={}.__getitem__)
    assert site.answer(site.path).status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert [name for name, _ in failures] == ["image 3", "the page"]
