"""Who is answered, and that no request, however bad, stops the server."""

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from atss_inspect.server import PageServer, listening
from tests.page_servers import catalog_of, served, site_of


@pytest.fixture(scope="module")
def server() -> Iterator[PageServer]:
    """Serve the street for all tests: each of them leaves it alive."""
    with served(site_of(catalog_of())) as found:
        yield found
        assert ask(found)[0] == 200


def ask(
    server: PageServer, rest: str = "images/3", *, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Send one request in good form."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, server.site.path + rest, headers=named)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def host_of(server: PageServer) -> str:
    return f"Host: 127.0.0.1:{server.port}\r\n"


def send(server: PageServer, request: bytes, *, ends: bool = True) -> bytes:
    """Send any bytes, and read what comes until the server hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        received = b""
        # It may hang up with some of ours unread, or not even sent.
        with contextlib.suppress(OSError):
            connection.sendall(request)
            if ends:
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                received += part
        return received


def test_the_page_and_the_images_are_answered_with_strict_headers(server):
    kinds = {"": "text/html; charset=utf-8", "images/3": "application/json"}
    for rest, kind in kinds.items():
        status, headers, content = ask(server, rest)
        assert status == 200
        expected = {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Server": "atss-inspect",
        }
        assert headers.items() >= expected.items()
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Access-Control-Allow-Origin" not in headers
        status, of_head, content = ask(server, rest, method="HEAD")
        assert (status, content) == (200, b"")
        assert of_head["Content-Length"] == headers["Content-Length"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "X"])
def test_other_methods_are_refused(server, method):
    status, headers, content = ask(server, method=method)
    assert status == 405
    assert headers["Allow"] == "GET, HEAD"
    assert json.loads(content) == {"error": "method not allowed"}


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LocalHost"])
def test_names_of_this_machine_are_answered(server, name):
    assert server.server_address[0] == "127.0.0.1"  # the loopback address only
    assert server.address.startswith(f"http://127.0.0.1:{server.port}/")
    assert ask(server, Host=f"{name}:{server.port}")[0] == 200


@pytest.mark.parametrize(
    "name",
    [
        *("127.0.0.1", "localhost", "127.0.0.1:1", "127.0.0.2:{port}", "[::1]:{port}"),
        *("evil.example:{port}", "evil.example@127.0.0.1:{port}", ""),
        "127.0.0.1:{port}.evil.example",
    ],
)
def test_foreign_hosts_are_refused(server, name):
    status, _, content = ask(server, Host=name.format(port=server.port))
    assert status == 403
    assert json.loads(content) == {"error": "not for this host"}


def test_a_request_without_a_host_or_with_two_is_refused(server):
    host = host_of(server)
    for hosts in ("", host + host, f"{host}Host: evil.example\r\n"):
        request = f"GET {server.site.path} HTTP/1.1\r\n{hosts}\r\n"
        assert send(server, request.encode()).startswith(b"HTTP/1.1 403 ")


def test_foreign_origins_are_refused(server):
    assert ask(server, Origin=f"http://127.0.0.1:{server.port}")[0] == 200
    for origin in ("https://evil.example", "null", f"http://evil:{server.port}"):
        assert ask(server, Origin=origin)[0] == 403


def test_requests_with_a_body_are_refused_and_the_body_is_no_request(server):
    host = host_of(server)
    smuggled = f"GET {server.site.path} HTTP/1.1\r\n{host}\r\n"
    length = f"Content-Length: {len(smuggled)}"
    for header in (
        *(length, "Transfer-Encoding: chunked", f"Content-Length: 0\r\n{length}"),
        *("Content-Length: 0\r\nContent-Length: 0", "Content-Length: 0, 0"),
    ):
        head = f"GET {server.site.path} HTTP/1.1\r\n{host}{header}\r\n\r\n"
        answer = send(server, (head + smuggled).encode())
        assert answer.count(b"HTTP/1.1 ") == 1
        assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /\r\n", b"400"),
        (b"\r\n\r\n", b""),
        (b"", b""),
        (b"GET / HTTP/9.9\r\n\r\n", b"505"),
        (b"GET / HTTP/1.x\r\n\r\n", b"400"),
        (b"GET / SPDY/1.1\r\n\r\n", b"400"),
        (b"GET  a b c HTTP/1.1\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", b"400"),
        (bytes(range(256)) * 40, b"400"),
        (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n", b"431"),
        (b"GET / HTTP/1.1\r\na: " + b"b" * 100_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\n\xff\xfe\x00: x\r\n no colon\r\n\r\n", b"403"),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_garbage_is_refused_and_the_next_is_answered(server, request_bytes, status):
    answer = send(server, request_bytes)
    if status and answer:  # hanging up early may eat the answer
        assert answer.split(maxsplit=2)[1] == status
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
    assert b"Traceback" not in answer
    assert ask(server)[0] == 200


def test_http_0_9_is_refused_at_once(server):
    begin = time.monotonic()
    answer = send(server, f"GET {server.site.path}\r\n".encode(), ends=False)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"<html" not in answer
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize(
    "rest", ["../../etc/passwd", "images/..%2f1", "%2e%2e/", "images/1?a=b", "x" * 9000]
)
def test_other_paths_are_not_found(server, rest):
    status, _, content = ask(server, rest)
    assert (status, json.loads(content)) == (404, {"error": "not found"})


@pytest.mark.parametrize("path", ["/{}", "//{}/", "///{}/", "{}/", "/{}//", "/./{}/"])
def test_only_the_exact_path_is_answered(server, path):
    line = f"GET {path.format(server.site.token)} HTTP/1.1\r\n{host_of(server)}\r\n"
    answer = send(server, line.encode())
    assert answer.split(maxsplit=2)[1] in (b"404", b"400")
    assert b"<html" not in answer


def test_one_connection_can_ask_often(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    for place in (0, 1, 99, 2):
        connection.request("GET", f"{server.site.path}images/{place}")
        answer = connection.getresponse()
        assert answer.status == (404 if place == 99 else 200)
        answer.read()
    connection.close()


@pytest.mark.slow
def test_half_open_connections_are_given_up(monkeypatch, server):
    assert 5 < listening._Conversation.timeout < 60
    monkeypatch.setattr(listening._Conversation, "timeout", 0.2)
    assert send(server, b"GET / HTT", ends=False) == b""
    assert send(server, b"GET / HTTP/1.1\r\nHost: x\r\n", ends=False) == b""
    assert ask(server)[0] == 200


@pytest.mark.slow
def test_a_client_that_drips_has_no_more_time_than_others(monkeypatch, server):
    monkeypatch.setattr(listening._Conversation, "timeout", 0.4)
    place = "127.0.0.1", server.port
    with socket.create_connection(place, timeout=10) as connection:
        begin = time.monotonic()
        with contextlib.suppress(OSError):
            for sign in f"GET {server.site.path} HTTP/1.1\r\n" + "a: b\r\n" * 99:
                connection.sendall(sign.encode())
                time.sleep(0.02)
        assert time.monotonic() - begin < 5
        with contextlib.suppress(OSError):
            assert connection.recv(1) == b""


def test_of_too_many_connections_the_oldest_that_asks_for_nothing_goes(monkeypatch):
    monkeypatch.setattr(listening, "MOST_CONNECTIONS", 3)
    with served(site_of(catalog_of())) as server:
        place = "127.0.0.1", server.port
        kept = []
        for _ in range(3):
            kept.append(socket.create_connection(place, timeout=10))
            kept[-1].sendall(b"GET / HT")
            time.sleep(0.05)
        assert ask(server)[0] == 200
        assert kept[0].recv(1) == b""  # the first one has gone
        kept[1].sendall(b"TP/1.1\r\n\r\n")
        assert kept[1].recv(9) == b"HTTP/1.1 "
        for each in kept:
            each.close()


def test_who_is_being_answered_is_not_turned_away_for_others(monkeypatch):
    monkeypatch.setattr(listening, "MOST_CONNECTIONS", 1)
    answering, go_on = threading.Event(), threading.Event()
    site = site_of(catalog_of())

    def make_page(_):
        answering.set()
        go_on.wait(10)
        raise KeyError

    with served(replace(site, make_page=make_page)) as server:
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(ask, server, "")
            assert answering.wait(10)
            assert send(server, b"GET / HTTP/1.1\r\n\r\n") == b""
            go_on.set()
            assert first.result()[0] == 500
        assert eventually(lambda: send(server, b"GET / HTTP/1.1\r\n\r\n") != b"")


def eventually(is_so: Callable[[], bool]) -> bool:
    for _ in range(200):
        if is_so():
            return True
        time.sleep(0.02)
    return False


def test_many_at_once_are_all_answered(server):
    with ThreadPoolExecutor(16) as pool:
        rests = [f"images/{n % 4}" for n in range(96)]
        found = list(pool.map(lambda rest: ask(server, rest), rests))
    assert {status for status, _, _ in found} == {200}
    # One content for each of the four addresses.
    contents = [content for _, _, content in found]
    assert len(set(zip(rests, contents, strict=True))) == 4


def test_clients_that_leave_early_are_passed_over(server, capfd):
    for _ in range(5):
        connection = socket.create_connection(("127.0.0.1", server.port))
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # reset instead of a goodbye
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        request = f"GET {server.site.path} HTTP/1.1\r\n{host_of(server)}\r\n"
        connection.sendall(request.encode())
        connection.close()
    assert ask(server)[0] == 200
    assert capfd.readouterr() == ("", "")


def test_closing_ends_connections_and_frees_the_port():
    with served(site_of(catalog_of())) as server:
        kept = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        kept.request("GET", server.site.path)
        kept.getresponse().read()
        port, before = server.port, threading.active_count()
    assert kept.sock.recv(1) == b""
    kept.close()
    assert eventually(lambda: threading.active_count() < before)
    again = PageServer(server.site, port=port)
    assert again.port == port
    again.close()
