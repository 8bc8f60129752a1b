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
# Options of the file system, bytes of each file that fills it, how many of these are
# removed again: no room, or no room for the names of further files.
SMALL = ("size=256k", 4096, 2)
NO_NAMES = ("size=4m,nr_inodes=20", 0, 0)
ONE_NAME = ("size=4m,nr_inodes=20", 0, 1)
CSV_PARTS = "export objects --rows-per-part 100 --format csv -o out"
CONVERT = "convert -o out.atss"
# The disk, the command, what its folder held before and the file that has no room;
# for the others the target is a file.
CASES = (
    (SMALL, "stats --by class -o out.json"),
    (SMALL, "export objects -o out.csv"),
    (SMALL, "export positives -o out.jsonl"),
    (SMALL, "export positives -o out.npz"),
    (SMALL, "export objects -o out.parquet"),
    (SMALL, "view 6 --no-open -o out.html"),
    (SMALL, "plot size -o out.png"),
    (SMALL, "report --no-viewer --limit 20 -o out.html"),
    (
        SMALL,
        "export positives --rows-per-part 9000 -o out",
        "part-00001.parquet",
        "part-00000.parquet",
    ),
    (SMALL, CSV_PARTS, "part-00000.csv", "part-00000.csv"),
    (SMALL, CONVERT, "dataset.json", "images-000.parquet"),
    (NO_NAMES, "stats --by class -o out.json"),
    (NO_NAMES, "export objects -o out.parquet"),
    (NO_NAMES, CONVERT, "dataset.json"),
    (ONE_NAME, CONVERT, "dataset.json", "images-000.parquet"),
    (SMALL, "demo -o out", "instances.json", "instances.json"),
    (NO_NAMES, "demo -o out", "instances.json"),
    (ONE_NAME, "demo -o out", "instances.json", "instances.json"),
)


@functools.cache
def namespace() -> tuple[str, ...]:
    """Find the words that start a command where it may mount; none if nobody may."""
    for words in (("unshare", "-m"), ("unshare", "-rm")):
        with tempfile.TemporaryDirectory() as folder:
            mount = (*words, "mount", "-t", "tmpfs", "none", folder)
            if shutil.which("unshare"):
                done = subprocess.run(mount, capture_output=True, check=False)
                if not done.returncode:
                    return words
    return ()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_full_disk_leaves_what_was_there(case: tuple[Any, ...]) -> None:
    (options, filler, freed), command, *more = case
    old, missing = (*more, "", "")[:2]
    if not namespace():
        pytest.skip("no file system may be mounted here, not even in a namespace")
    pytest.importorskip("pyarrow", reason="pyarrow is an extra")
    ann = write_coco(Path("a.json"), random_coco(3, num_images=300, max_boxes=14))
    program = (sys.executable, "-m", "atss_inspect", "-q")
    *words, target = command.split()
    reads = () if words[0] == "demo" else ("--ann", str(ann.resolve()))
    order = {
        "options": options,
        "target": target,
        "old": [str(Path(target, old))],
        "content": OLD,
        "filler": filler,
        "freed": freed,
        "command": [*program, *words, target, "--force", *reads],
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
    full = os.strerror(errno.ENOSPC).lower()
    name = f"{target}/{missing}" if missing else target
    assert json.loads(done.stdout) == {
        "full": "No space left on device",
        "ended": [2, "", f"atss-inspect: error: {name}: cannot be written: {full}\n"],
        "names": sorted(["filler", target]),
        "old": {str(Path(target, old)): OLD},
        "inside": [old] if old else None,
    }
