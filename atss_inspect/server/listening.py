"""HTTP on the loopback address: what is where, who may ask, and how it is sent.

No address names a file: images go by their place.
"""

import contextlib
import hmac
import io
import json
import os
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

from atss_inspect.page import ServedPage
from atss_inspect.server.catalog import Catalog

LOOPBACK = "127.0.0.1"
MOST_CONNECTIONS = 64
PATIENCE_S = 20.0  # with a client that says nothing
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
NOTHING_ALLOWED = "default-src 'none'"
_IMAGE = re.compile(r"images/([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True)
class Answer:
    """What is sent for one request."""

    status: HTTPStatus  # of HTTP
    content: bytes  # the body
    kind: str = "application/json"  # its type
    policy: str = NOTHING_ALLOWED  # what it may load where a browser shows it


def refusal(status: HTTPStatus, words: str) -> Answer:
    """Short JSON with the reason for a refusal; ``words`` are never the client's."""
    return Answer(status, json.dumps({"error": words}).encode("ascii"))


NOT_FOUND = refusal(HTTPStatus.NOT_FOUND, "not found")
_BAD_REQUEST = refusal(HTTPStatus.BAD_REQUEST, "bad request")
_FOREIGN = refusal(HTTPStatus.FORBIDDEN, "not for this host")


@dataclass(frozen=True, eq=False)
class Site:
    """The page, its list of images, and the images, below a path nobody can guess."""

    catalog: Catalog  # the images
    # of the address that images are below, see `render_served_page`
    make_page: Callable[[str], ServedPage]
    # told what could not be computed, in words, and the error
    on_failure: Callable[[str, Exception], None]
    # the secret part of the path
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
        given, rest = path[: len(self.path)], path[len(self.path) :]
        secret = self.path.encode("ascii")
        if not hmac.compare_digest(given.encode("ascii", "backslashreplace"), secret):
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


class PageServer(ThreadingMixIn, TCPServer):
    """Serves one site until it is stopped; a thread for each connection.

    Parameters
    ----------
    site : what is served
    port : to listen on; 0 for one that is free

    Raises
    ------
    OSError
        Where the port is taken or not allowed.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = MOST_CONNECTIONS
    # On Windows this would let others listen on the same port.
    allow_reuse_address = os.name == "posix"

    def __init__(self, site: Site, *, port: int = 0) -> None:
        self.site = site
        # Since when each waits for its request; None where one is answered.
        self._connections: dict[Any, float | None] = {}
        self._lock = threading.Lock()
        super().__init__((LOOPBACK, port), _Conversation)

    @property
    def port(self) -> int:
        """Port that is listened on."""
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        """Address of the page."""
        return f"http://{LOOPBACK}:{self.port}{self.site.path}"

    def hosts(self) -> set[str]:
        """Names under which a browser here knows this server.

        A foreign name that leads here (DNS rebinding) would put a foreign page into our
        origin, so there are no others.
        """
        names = {f"{name}:{self.port}" for name in (LOOPBACK, "localhost")}
        return names | ({LOOPBACK, "localhost"} if self.port == 80 else set())

    def close(self) -> None:
        """Listen no more, and end the connections there are."""
        self.server_close()
        with self._lock:
            for each in self._connections:
                with contextlib.suppress(OSError):  # it may have ended already
                    each.shutdown(socket.SHUT_RDWR)

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002
        """Turn clients away where there are too many, first who asks for nothing."""
        with self._lock:
            if len(self._connections) < MOST_CONNECTIONS:
                return True
            waiting = {
                one: since
                for one, since in self._connections.items()
                if since is not None
            }
            if not waiting:
                return False
            oldest = min(waiting, key=waiting.__getitem__)
            del self._connections[oldest]
            with contextlib.suppress(OSError):  # it may have ended already
                oldest.shutdown(socket.SHUT_RDWR)
            return True

    def process_request(self, request: Any, client_address: Any) -> None:
        """Begin a conversation."""
        self.note(request, time.monotonic(), is_new=True)
        super().process_request(request, client_address)

    def note(self, request: Any, since: float | None, *, is_new: bool = False) -> None:
        """Note since when a connection waits for its request; None: it is answered."""
        with self._lock:
            if is_new or request in self._connections:  # not one that was turned away
                self._connections[request] = since

    def shutdown_request(self, request: Any) -> None:
        """End a conversation."""
        with self._lock:
            self._connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over a client that has gone; `Site` has told of our errors."""


class _Head(io.RawIOBase):
    """What a client sends, with a limit of time for the whole head of a request.

    A limit for each piece would let a client that drips hold its place for ever.
    """

    def __init__(self, connection: socket.socket, patience_s: float) -> None:
        self._connection, self._patience_s = connection, patience_s
        self.begin()

    def begin(self) -> None:
        """Wait for a request from now on."""
        self._end = time.monotonic() + self._patience_s

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Receive what comes within the time that is left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Conversation(BaseHTTPRequestHandler):
    """One connection: requests one after the other, each refused or answered."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENCE_S
    disable_nagle_algorithm = True
    server: PageServer
    raw_requestline: bytes

    def setup(self) -> None:
        """Read with a limit of time."""
        super().setup()
        self._head = _Head(self.connection, self.timeout)
        self.rfile = io.BufferedReader(self._head)

    def handle_one_request(self) -> None:
        """Wait for a request, and answer it."""
        self._head.begin()
        self.server.note(self.connection, time.monotonic())
        super().handle_one_request()

    def parse_request(self) -> bool:
        """Read a request; that of HTTP/0.9 has no version and no host."""
        words = self.raw_requestline.split()
        if len(words) != 3:
            self.close_connection = True
            self._send(_BAD_REQUEST)
            return False
        is_read = super().parse_request()
        self.path = words[1].decode("latin-1")  # as it was sent: //x/ is not /x/
        return is_read

    def do_GET(self) -> None:
        """Answer a request that may be answered."""
        self.server.note(self.connection, None)
        self.connection.settimeout(self.timeout)  # of sending, not what was left
        refused = self._why_not()
        self.close_connection = self.close_connection or refused is not None
        self._send(refused or self.server.site.answer(self.path))

    do_HEAD = do_GET

    def _why_not(self) -> Answer | None:
        """Refuse foreign hosts and origins, and what comes with a body."""
        hosts = self.server.hosts()
        named = [each.strip().lower() for each in self.headers.get_all("Host", [])]
        origins = self.headers.get_all("Origin", [])
        is_foreign = any(each.removeprefix("http://") not in hosts for each in origins)
        if len(named) != 1 or named[0] not in hosts or is_foreign:
            return _FOREIGN
        lengths = [each.strip() for each in self.headers.get_all("Content-Length", [])]
        has_body = lengths not in ([], ["0"])
        return _BAD_REQUEST if has_body or "Transfer-Encoding" in self.headers else None

    def _send(self, answer: Answer) -> None:
        """Send an answer with what a browser must know of it."""
        # What came may have had no version; the answer has one.
        self.request_version = self.protocol_version
        self.send_response(answer.status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Security-Policy", answer.policy)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.content)))
        if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if getattr(self, "command", "") != "HEAD":
            self.wfile.write(answer.content)

    def send_error(
        self, code: int, message: str | None = None, explain: str | None = None
    ) -> None:
        """Refuse what the standard library finds wrong, in few words of ours."""
        del message, explain  # they repeat what was sent
        status = HTTPStatus(code)
        if status == HTTPStatus.NOT_IMPLEMENTED:
            status = HTTPStatus.METHOD_NOT_ALLOWED
        self.close_connection = True
        self._send(refusal(status, status.phrase.lower()))

    def version_string(self) -> str:
        """Name the program, not the versions it runs on."""
        return "atss-inspect"

    def log_request(self, *_: Any) -> None:
        """Log no requests: the terminal is for what matters."""

    def log_message(self, *_: Any) -> None:
        """Log no bad ones, either: anybody here could fill the terminal."""
