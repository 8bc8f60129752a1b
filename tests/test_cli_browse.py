"""`browse`: what it serves, what it says, and how it ends."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from atss_inspect.cli import output, run, workflow
from atss_inspect.server import PageServer
from atss_inspect.server import catalog as catalog_module
from atss_inspect.stopping import Stopped
from tests.tiny_coco import street, write_coco

Captured = pytest.CaptureFixture[str]
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def _annotations() -> None:
    write_coco(Path("street.json"), street())


@pytest.fixture
def sites(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect what would be served; serving ends at once, as if by Ctrl-C."""
    found: list[Any] = []

    def serve(server: PageServer) -> None:
        found.append(server.site)
        raise KeyboardInterrupt

    monkeypatch.setattr(PageServer, "serve_forever", serve)
    return found


def ask(*words: str, code: int = 0) -> None:
    """Run the command on the file."""
    assert run(["browse", "--ann", "street.json", "--no-open", *words]) == code


def get(site: Any, rest: str) -> Json:
    """Take the JSON at an address."""
    found: Json = json.loads(site.answer(f"{site.path}images/{rest}").content)
    return found


def test_all_images_are_listed_and_computed_when_asked_for(
    capsys: Captured, sites: list[Any]
) -> None:
    ask()
    [site] = sites
    assert get(site, "")["keys"] == ["2", "3", "7", "10"]
    document = get(site, "3")
    names = [each["name"] for each in document["conventions"]]
    assert names == ["atss-mmdet", "retinanet-mmdet", "fcos-mmdet"]
    out, err = capsys.readouterr()
    assert re.fullmatch(rf"http://127\.0\.0\.1:\d+{site.path}\n", out)
    assert err == "4 images, on this machine only; Ctrl-C ends it\nstopped\n"
    page = site.answer(site.path).content.decode()
    assert "Annotations: street.json" in page


def test_quiet_prints_the_address_alone(capsys: Captured, sites: list[Any]) -> None:
    ask("-q")
    out, err = capsys.readouterr()
    assert out.startswith("http://")
    assert (err, len(sites)) == ("", 1)


def test_images_can_be_chosen_and_settings_reach_them(sites: list[Any]) -> None:
    ask("--image", "10", "--image", "3.jpg", "-p", "atss-mmdet", "-s", "k=5")
    assert get(sites[0], "")["keys"] == ["3", "10"]
    [convention] = get(sites[0], "0")["conventions"]
    assert convention["ks"][convention["start"]] == 5
    ask("--limit", "2")
    assert get(sites[1], "")["keys"] == ["2", "3"]


def test_pixels_come_from_the_images_folder(sites: list[Any]) -> None:
    Path("images").mkdir()
    Image.fromarray(np.zeros((480, 640, 3), np.uint8)).save("images/10.jpg")
    ask("--image", "10", "--images", "images")
    assert get(sites[0], "0")["picture"].startswith("data:image/")
    ask("--image", "10")
    assert get(sites[1], "0")["picture"] is None


def test_the_worst_come_first_and_the_others_after_them(sites: list[Any]) -> None:
    ask("--worst", "fewest", "-p", "retinanet-torchvision")
    keys = get(sites[0], "")["keys"]
    assert keys[3] == "7"  # without objects, it is never among the worst
    assert keys != ["2", "3", "10", "7"]
    rates = []
    for place in range(3):
        [convention] = get(sites[0], str(place))["conventions"]
        num_objects = len(convention["objects"]["row"])
        rates.append(len(convention["positives"]["index"]) / num_objects)
    assert rates == sorted(rates)
    assert len(set(rates)) == 3


def test_where_nothing_is_bad_the_order_stays(
    capsys: Captured, sites: list[Any]
) -> None:
    ask("--worst", "unassigned", "--image", "7", "--image", "3", "-p", "atss-mmdet")
    assert get(sites[0], "")["keys"] == ["3", "7"]
    note = "note: no image has such objects under atss-mmdet\n"
    assert capsys.readouterr().err.startswith(note)


def test_the_page_is_opened_where_there_is_a_display(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, sites: list[Any]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(output.typer, "launch", lambda url: opened.append(url) or 0)
    monkeypatch.setattr(output.sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert run(["browse", "--ann", "street.json"]) == 0
    assert "no browser to open here" in capsys.readouterr().err
    assert not opened
    monkeypatch.setenv("DISPLAY", ":7")
    assert run(["browse", "--ann", "street.json"]) == 0
    assert [f"{url}\n" for url in opened] == [capsys.readouterr().out]
    ask()
    assert (len(opened), len(sites)) == (1, 3)


def test_an_image_that_fails_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, sites: list[Any]
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        message = "line one\nline \x1b[31mtwo " + "x" * 900
        raise ZeroDivisionError(message)

    monkeypatch.setattr(catalog_module, "pictured_document", fail)
    ask()
    capsys.readouterr()
    assert "error" in get(sites[0], "2")
    err = capsys.readouterr().err
    start = (
        "image 7: cannot be computed: ZeroDivisionError: line one\\nline \\x1b[31mtwo"
    )
    assert err.startswith(start)
    assert (err.count("\n"), len(err) < 400) == (1, True)
    ask("--debug")
    get(sites[1], "2")
    assert "Traceback" in capsys.readouterr().err


def test_masks_are_read_from_files_that_are_small(
    monkeypatch: pytest.MonkeyPatch, sites: list[Any]
) -> None:
    document = street()
    for each in document["annotations"]:
        each["segmentation"] = [[1, 1, 9, 1, 9, 9]]
    write_coco(Path("street.json"), document)
    ask()
    assert get(sites[0], "0")["objects"]["outline"][0] is not None
    monkeypatch.setattr(workflow, "LARGEST_WITH_MASKS", 10)
    ask()
    assert get(sites[1], "0")["objects"]["outline"][0] is None


def test_a_port_that_is_taken_is_a_mistake_in_one_line(capsys: Captured) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ask("--port", str(port), code=2)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"atss-inspect: error: --port {port}: cannot be listened on")
    assert "without --port, a free one is taken" in err


@pytest.mark.parametrize(("code", "ends"), [(130, 0), (143, 143), (129, 129)])
def test_only_ctrl_c_is_a_good_end(
    monkeypatch: pytest.MonkeyPatch, code: int, ends: int
) -> None:
    def stop(_: PageServer) -> None:
        raise Stopped(code)

    monkeypatch.setattr(PageServer, "serve_forever", stop)
    if not ends:
        ask()
        return
    with pytest.raises(SystemExit) as end:
        ask()
    assert end.value.code == ends


@contextmanager
def started(*words: str) -> "Iterator[tuple[subprocess.Popen[str], str]]":
    """Start the command; gives the process and the address it prints."""
    with subprocess.Popen(
        [sys.executable, "-m", "atss_inspect", "browse", "--no-open", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def connect(address: str) -> http.client.HTTPConnection:
    """Open a connection that is kept, and ask for an image on it."""
    host, path = re.fullmatch(r"http://([^/]+)(/.*)", address).groups()  # type: ignore[union-attr]
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request("GET", f"{path}images/3")
    answer = connection.getresponse()
    assert answer.status == 200
    assert json.loads(answer.read())["id"] == "10"
    return connection


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize(
    ("number", "code", "last"),
    [(signal.SIGINT, 0, "stopped\n"), (signal.SIGTERM, 143, "ends it\n")],
)
def test_signals_end_it_though_connections_are_open(
    number: signal.Signals, code: int, last: str
) -> None:
    with started("--ann", "street.json") as (process, address):
        kept = connect(address)
        half = socket.create_connection((kept.host, kept.port))
        half.sendall(b"GET / HTT")
        begin = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        elapsed = time.monotonic() - begin
        assert (process.returncode, out) == (code, "")
        assert err.endswith(last)
        assert "Traceback" not in err
        assert elapsed < 3  # a fraction of a second, where nothing else is running
        for each in (kept, half):
            each.close()
        with socket.socket() as again:  # the port is free
            again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            again.bind((kept.host, kept.port))


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_ctrl_c_ends_it_while_an_image_is_computed() -> None:
    document = street()
    crowd = [(x, y, 40, 40) for x in range(0, 600, 9) for y in range(0, 440, 9)]
    document["annotations"] = [
        {"id": n, "image_id": 10, "category_id": 1, "bbox": box, "area": 9}
        for n, box in enumerate(crowd)
    ]
    write_coco(Path("street.json"), document)
    with started("--ann", "street.json") as (process, address):
        host, path = re.fullmatch(r"http://([^/]+)(/.*)", address).groups()  # type: ignore[union-attr]
        waiting = http.client.HTTPConnection(host, timeout=20)
        waiting.request("GET", f"{path}images/3")
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        waiting.close()
        assert process.returncode == 0
        assert err.endswith("stopped\n")
        assert "Traceback" not in err
