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

from atss_inspect.cli import output, workflow
from atss_inspect.server import PageServer
from atss_inspect.server import catalog as catalog_module
from atss_inspect.stopping import Stopped
from tests.command_line import ask
from tests.tiny_coco import street, write_coco

BROWSE = "browse --ann street.json --no-open"
FOR_POSIX = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")


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


def get(site: Any, rest: str) -> dict[str, Any]:
    """Take the JSON at an address."""
    found: dict[str, Any] = json.loads(site.answer(f"{site.path}images/{rest}").content)
    return found


def test_all_images_are_listed_and_computed_when_asked_for(sites: list[Any]) -> None:
    out, err = ask(BROWSE)
    [site] = sites
    assert get(site, "")["keys"] == ["2", "3", "7", "10"]
    names = [each["name"] for each in get(site, "3")["conventions"]]
    assert names == ["atss-mmdet", "retinanet-mmdet", "fcos-mmdet"]
    assert re.fullmatch(rf"http://127\.0\.0\.1:\d+{site.path}\n", out)
    assert err == "4 images, on this machine only; Ctrl-C ends it\nstopped\n"
    page = site.answer(site.path).content.decode()
    assert "Annotations: street.json" in page
    quiet = ask(f"{BROWSE} -q")
    assert quiet.out.startswith("http://")
    assert (quiet.err, len(sites)) == ("", 2)


def test_images_can_be_chosen_and_settings_and_pixels_reach_them(
    sites: list[Any],
) -> None:
    ask(f"{BROWSE} --image 10 --image 3.jpg -p atss-mmdet -s k=5")
    assert get(sites[0], "")["keys"] == ["3", "10"]
    [convention] = get(sites[0], "0")["conventions"]
    assert convention["ks"][convention["start"]] == 5
    ask(f"{BROWSE} --limit 2")
    assert get(sites[1], "")["keys"] == ["2", "3"]
    assert get(sites[1], "0")["picture"] is None
    Path("images").mkdir()
    Image.fromarray(np.zeros((480, 640, 3), np.uint8)).save("images/10.jpg")
    ask(f"{BROWSE} --image 10 --images images")
    assert get(sites[2], "0")["picture"].startswith("data:image/")


def test_the_worst_come_first_and_the_others_after_them(sites: list[Any]) -> None:
    ask(f"{BROWSE} --worst fewest -p retinanet-torchvision")
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


def test_where_nothing_is_bad_the_order_stays(sites: list[Any]) -> None:
    words = "--worst unassigned --image 7 --image 3 -p atss-mmdet"
    note = "note: no image has such objects under atss-mmdet\n"
    assert ask(f"{BROWSE} {words}").err.startswith(note)
    assert get(sites[0], "")["keys"] == ["3", "7"]


def test_the_page_is_opened_where_there_is_a_display(
    monkeypatch: pytest.MonkeyPatch, sites: list[Any]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(output.typer, "launch", lambda url: opened.append(url) or 0)
    monkeypatch.setattr(output.sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert "no browser to open here" in ask("browse --ann street.json").err
    assert not opened
    monkeypatch.setenv("DISPLAY", ":7")
    out = ask("browse --ann street.json").out
    assert [f"{url}\n" for url in opened] == [out]
    ask(BROWSE)
    assert (len(opened), len(sites)) == (1, 3)


def test_an_image_that_fails_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    sites: list[Any],
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        message = "line one\nline \x1b[31mtwo " + "x" * 900
        raise ZeroDivisionError(message)

    monkeypatch.setattr(catalog_module, "pictured_document", fail)
    ask(BROWSE)
    assert "error" in get(sites[0], "2")
    err = capsys.readouterr().err
    start = (
        "image 7: cannot be computed: ZeroDivisionError: line one\\nline \\x1b[31mtwo"
    )
    assert err.startswith(start)
    assert (err.count("\n"), len(err) < 400) == (1, True)
    ask(f"{BROWSE} --debug")
    get(sites[1], "2")
    assert "Traceback" in capsys.readouterr().err


def test_masks_are_read_from_files_that_are_small(
    monkeypatch: pytest.MonkeyPatch, sites: list[Any]
) -> None:
    document = street()
    for each in document["annotations"]:
        each["segmentation"] = [[1, 1, 9, 1, 9, 9]]
    write_coco(Path("street.json"), document)
    ask(BROWSE)
    assert get(sites[0], "0")["objects"]["outline"][0] is not None
    monkeypatch.setattr(workflow, "LARGEST_WITH_MASKS", 10)
    ask(BROWSE)
    assert get(sites[1], "0")["objects"]["outline"][0] is None


def test_a_port_that_is_taken_is_a_mistake_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        out, err = ask(f"{BROWSE} --port {port}", code=2)
    assert out == ""
    assert err.startswith(f"atss-inspect: error: --port {port}: cannot be listened on")
    assert "without --port, a free one is taken" in err


@pytest.mark.parametrize("code", [143, 129])
def test_only_ctrl_c_is_a_good_end(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    ends = iter((130, code))

    def stop(_: PageServer) -> None:
        raise Stopped(next(ends))

    monkeypatch.setattr(PageServer, "serve_forever", stop)
    ask(BROWSE)
    with pytest.raises(SystemExit) as end:
        ask(BROWSE)
    assert end.value.code == code


@contextmanager
def started() -> "Iterator[tuple[subprocess.Popen[str], http.client.HTTPConnection]]":
    """Start the command; gives the process and a connection that asks for an image."""
    with subprocess.Popen(
        [sys.executable, "-m", "atss_inspect", *BROWSE.split()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip().removeprefix("http://")
            host, _, path = address.partition("/")
            connection = http.client.HTTPConnection(host, timeout=20)
            connection.request("GET", f"/{path}images/3")
            yield process, connection
        finally:
            process.kill()


@pytest.mark.slow
@FOR_POSIX
@pytest.mark.parametrize(
    ("number", "code", "last"),
    [(signal.SIGINT, 0, "stopped\n"), (signal.SIGTERM, 143, "ends it\n")],
)
def test_signals_end_it_though_connections_are_open(
    number: signal.Signals, code: int, last: str
) -> None:
    with started() as (process, kept):
        assert json.loads(kept.getresponse().read())["id"] == "10"
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
@FOR_POSIX
def test_ctrl_c_ends_it_while_an_image_is_computed() -> None:
    document = street()
    crowd = [(x, y, 40, 40) for x in range(0, 600, 9) for y in range(0, 440, 9)]
    document["annotations"] = [
        {"id": n, "image_id": 10, "category_id": 1, "bbox": box, "area": 9}
        for n, box in enumerate(crowd)
    ]
    write_coco(Path("street.json"), document)
    with started() as (process, waiting):
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        waiting.close()
        assert process.returncode == 0
        assert err.endswith("stopped\n")
        assert "Traceback" not in err
