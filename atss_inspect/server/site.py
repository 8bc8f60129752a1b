"""What is at which address. No address names a file: images go by their place."""

import hmac
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus

from atss_inspect.page import ServedPage
from atss_inspect.server.catalog import Catalog

NOTHING_ALLOWED = "default-src 'none'"
_IMAGE = re.compile(r"images/([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True)
class Answer:
    """What is sent for one request.

    Attributes
    ----------
    status : of HTTP
    content : the body
    kind : its type
    policy : what it may load where a browser shows it
    """

    status: HTTPStatus
    content: bytes
    kind: str = "application/json"
    policy: str = NOTHING_ALLOWED


def refusal(status: HTTPStatus, words: str) -> Answer:
    """Short JSON with the reason for a refusal; ``words`` are never the client's."""
    return Answer(status, json.dumps({"error": words}).encode("ascii"))


NOT_FOUND = refusal(HTTPStatus.NOT_FOUND, "not found")


@dataclass(frozen=True, eq=False)
class Site:
    """The page, its list of images, and the images, below a path nobody can guess.

    Attributes
    ----------
    catalog : the images
    make_page : of the address that images are below, see `render_served_page`
    on_failure : told what could not be computed, in words, and the error
    token : the secret part of the path
    """

    catalog: Catalog
    make_page: Callable[[str], ServedPage]
    on_failure: Callable[[str, Exception], None]
    token: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)

    @property
    def path(self) -> str:
        """Where the page is."""
        return f"/{self.token}/"

    def answer(self, path: str) -> Answer:
        """Answer a request.

        Parameters
        ----------
        path : as it was sent. It is compared, never decoded: what is not exactly one
            of the few paths there are is not found.
        """
        token, _, rest = path.removeprefix("/").partition("/")
        given = token.encode("ascii", "backslashreplace")
        if not hmac.compare_digest(given, self.token.encode("ascii")):
            return NOT_FOUND
        if rest == "":
            return self._attempt("the page", self._page)
        if rest == "images/":
            return Answer(HTTPStatus.OK, self.catalog.index)
        found = _IMAGE.fullmatch(rest)
        place = int(found[1]) if found else len(self.catalog)
        if place >= len(self.catalog):
            return NOT_FOUND
        name, image = self.catalog.name(place), partial(self.catalog.document, place)
        return self._attempt(name, lambda: Answer(HTTPStatus.OK, image()))

    def _page(self) -> Answer:
        """Answer with the page."""
        page = self.make_page(f"{self.path}images/")
        content = page.html.encode("utf-8")
        policy = f"{page.policy}; frame-ancestors 'none'"
        return Answer(HTTPStatus.OK, content, "text/html; charset=utf-8", policy)

    def _attempt(self, name: str, compute: Callable[[], Answer]) -> Answer:
        """Compute an answer; one that fails must not end the others."""
        try:
            return compute()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next may work
            self.on_failure(name, error)
            words = "it cannot be computed; the terminal says why"
            return refusal(HTTPStatus.INTERNAL_SERVER_ERROR, words)
