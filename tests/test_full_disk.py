"""A disk that is really full: the old file stays, nothing beside it, and one line.

A small file system is mounted where nobody else sees it: in a mount namespace of its
own, which root may make, and elsewhere whoever may make a user namespace.
"""

import errno
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.random_coco import random_coco
from tests.tiny_coco import write_coco

pytestmark = pytest.mark.slow

OLD = "what was there before\n"
# Mounts the file system, fills it up, runs the command there and tells what is left.
INSIDE = """
import json, os, pathlib, subprocess, sys
order = json.loads(sys.argv[1])
subprocess.run(
    ["mount", "-t", "tmpfs", "-o", order["options"], "none", "."], check=True
)
os.chdir(os.getcwd())  # into what is mounted now
target = pathlib.Path(order["target"])
for path in map(pathlib.Path, order["old"]):
    path.parent.mkdir(exist_ok=True)
    path.write_text(order["content"])
pathlib.Path("filler").mkdir()
try:
    for number in range(1000):
        with open(f"filler/{number}", "wb") as file:
            file.write(bytes(order["filler"]))
except OSError as error:
    full = error.strerror
for number in range(order["freed"]):
    os.remove(f"filler/{number}")
done = subprocess.run(order["command"], capture_output=True, text=True)
found = {
    "full": full,
    "ended": [done.returncode, done.stdout, done.stderr],
    "names": sorted(os.listdir(".")),
    "old": {path: pathlib.Path(path).read_text() for path in order["old"]},
    "inside": sorted(os.listdir(target)) if target.is_dir() else None,
}
print(json.dumps(found))
"""
FILES = (
    ("stats", "--by", "class", "-o", "out.json"),
    ("export", "objects", "-o", "out.csv"),
    ("export", "positives", "-o", "out.jsonl"),
    ("export", "positives", "-o", "out.npz"),
    ("export", "objects", "-o", "out.parquet"),
    ("view", "6", "--no-open", "-o", "out.html"),
    ("plot", "size", "-o", "out.png"),
    ("report", "--no-viewer", "--limit", "20", "-o", "out.html"),
)
# The command, what its folder held before, and the file that has no room.
FOLDERS = (
    (
        ("export", "positives", "--rows-per-part", "9000", "-o", "out"),
        "part-00001.parquet",
        "part-00000.parquet",
    ),
    (
        ("export", "objects", "--rows-per-part", "100", "--format", "csv", "-o", "out"),
        "part-00000.csv",
        "part-00000.csv",
    ),
    (("convert", "-o", "out.atss"), "dataset.json", "images-000.parquet"),
)


@functools.cache
def namespace() -> tuple[str, ...]:
    """Find the words that start a command where it may mount; none if nobody may."""
    for words in (("unshare", "-m"), ("unshare", "-rm")):
        with tempfile.TemporaryDirectory() as folder:
            mount = (*words, "mount", "-t", "tmpfs", "none", folder)
            if (
                shutil.which("unshare")
                and not subprocess.run(
                    mount, capture_output=True, check=False
                ).returncode
            ):
                return words
    return ()


def on_a_full_disk(
    words: tuple[str, ...], *, options: str, filler: int, freed: int, old: str = ""
) -> dict[str, Any]:
    """Run a command where there is no room left.

    Parameters
    ----------
    words : the command; the last one is its target
    options : of the file system
    filler : bytes of each of the files that fill it
    freed : how many of these are removed again
    old : the file that the target holds, where it is a folder
    """
    if not namespace():
        pytest.skip("no file system may be mounted here, not even in a namespace")
    pytest.importorskip("pyarrow", reason="pyarrow is an extra")
    ann = write_coco(Path("a.json"), random_coco(3, num_images=300, max_boxes=14))
    program = (sys.executable, "-m", "atss_inspect", "-q")
    order = {
        "options": options,
        "target": words[-1],
        "old": [str(Path(words[-1], old))],
        "content": OLD,
        "filler": filler,
        "freed": freed,
        "command": [*program, *words, "--ann", str(ann.resolve()), "--force"],
    }
    place = Path("mounted")
    place.mkdir()
    done = subprocess.run(
        [*namespace(), sys.executable, "-c", INSIDE, json.dumps(order)],
        cwd=place,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert list(place.iterdir()) == []  # the disk was ours alone, and is gone
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["full"] == "No space left on device"
    return found


def assert_told(found: dict[str, Any], name: str) -> None:
    """The command must have said in one line what could not be written, and ended."""
    full = os.strerror(errno.ENOSPC).lower()
    line = f"atss-inspect: error: {name}: cannot be written: {full}\n"
    assert found["ended"] == [2, "", line]


@pytest.mark.parametrize("words", FILES, ids=" ".join)
def test_a_full_disk_leaves_the_old_file(words: tuple[str, ...]) -> None:
    found = on_a_full_disk(words, options="size=256k", filler=4096, freed=2)
    assert_told(found, words[-1])
    assert found["old"] == {words[-1]: OLD}
    assert found["names"] == sorted(["filler", words[-1]])


@pytest.mark.parametrize(("words", "old", "name"), FOLDERS, ids=lambda each: str(each))
def test_a_full_disk_leaves_the_old_folder(
    words: tuple[str, ...], old: str, name: str
) -> None:
    found = on_a_full_disk(words, options="size=256k", filler=4096, freed=2, old=old)
    assert_told(found, f"{words[-1]}/{name}")
    assert found["old"] == {f"{words[-1]}/{old}": OLD}
    assert found["names"] == sorted(["filler", words[-1]])
    assert found["inside"] == [old]


@pytest.mark.parametrize("words", [FILES[0], FILES[4]], ids=" ".join)
def test_a_disk_that_takes_no_more_files_leaves_the_old_one(
    words: tuple[str, ...],
) -> None:
    found = on_a_full_disk(words, options="size=4m,nr_inodes=20", filler=0, freed=0)
    assert_told(found, words[-1])
    assert found["old"] == {words[-1]: OLD}
    assert found["names"] == sorted(["filler", words[-1]])


@pytest.mark.parametrize(("freed", "name"), [(0, ""), (1, "/images-000.parquet")])
def test_a_disk_that_takes_no_more_files_leaves_the_old_folder(
    freed: int, name: str
) -> None:
    found = on_a_full_disk(
        FOLDERS[2][0],
        options="size=4m,nr_inodes=20",
        filler=0,
        freed=freed,
        old="dataset.json",
    )
    assert_told(found, f"out.atss{name}")
    assert found["old"] == {"out.atss/dataset.json": OLD}
    assert found["names"] == ["filler", "out.atss"]
    assert found["inside"] == ["dataset.json"]
