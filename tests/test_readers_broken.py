"""Files that are broken, or change while they are read: no dearer than whole ones."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from atss_inspect.errors import DataError
from atss_inspect.readers import load_coco, source

from .test_readers import box, coco, write

# Reads a file, and prints its peak of memory in kB and what was wrong with it.
READ = """
import re, sys
from pathlib import Path
from atss_inspect.errors import DataError
from atss_inspect.readers import load_coco
problem = ""
try:
    load_coco(sys.argv[1])
except DataError as error:
    problem = str(error)
status = Path("/proc/self/status").read_text()
print(re.search(r"VmHWM:\\s+(\\d+)", status)[1], problem)
"""
HEAD = b'{"images": [{"id": 1, "width": 640, "height": 480}], "annotations": ['
ENTRY = b'{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 12}'
WHOLE = HEAD + b",\n".join([ENTRY] * 250_000) + b"]}"  # 20 MB
CUT = WHOLE[:-30]
ODD = WHOLE.replace(b"3, 4", b"3, NaN", 1)
NO_COLON = WHOLE[:-200] + WHOLE[-200:].replace(b'"area": ', b'"area" ', 1)


def read(content: bytes) -> tuple[int, str]:
    Path("a.json").write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", READ, "a.json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path.cwd(),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    memory, _, problem = done.stdout.strip().partition(" ")
    return int(memory), problem


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="of Linux")
def test_a_broken_file_takes_no_more_memory_than_a_whole_one():
    memory, problem = read(WHOLE)
    assert problem == ""
    for content, found in (
        (CUT, f"the JSON ends too early, at byte {len(CUT)}"),
        (b"[" + CUT[len(HEAD) :], "the JSON ends too early"),
        (NO_COLON, 'a colon is missing before "12},\\n{"id": "'),
        (WHOLE.replace(b"[1, 2", b"[1  2", 1), "a comma is missing"),
    ):
        needed, problem = read(content)
        assert found in problem
        assert needed < 1.05 * memory
    # Of words that are no JSON there is another copy, in a whole file too.
    memory, problem = read(ODD)
    assert problem == ""
    assert read(ODD[:-30])[0] < 1.05 * memory


def test_a_file_of_null_bytes_is_read_no_further_than_the_first():
    with Path("a.json").open("wb") as file:
        file.write(HEAD + b" " * 5000)
        file.truncate(4 << 30)  # sparse
    with pytest.raises(DataError, match=f"at byte {len(HEAD) + 5000} ") as caught:
        load_coco("a.json")
    assert '"\\x00' in str(caught.value)


@pytest.mark.parametrize("change", [-1, 1])
def test_a_file_that_changes_while_it_is_read_is_refused(
    change: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = write(coco(box())).stat().st_size
    true_status = os.fstat

    def status(descriptor: int) -> Any:
        found = true_status(descriptor)
        monkeypatch.setattr(os, "fstat", true_status)  # the second look is true
        return SimpleNamespace(st_mode=found.st_mode, st_size=size + change)

    monkeypatch.setattr(source.os, "fstat", status)
    with pytest.raises(DataError, match=r"^a\.json: the file changed while") as caught:
        load_coco("a.json")
    assert caught.value.hint == "read it once it is complete"
    assert caught.value.exit_code == 3
