"""Saved sweeps come back in, and what is none is named to the item."""

import json
import re
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest

from atss_inspect.errors import DataError
from atss_inspect.readers.saved_sweep import check_sweep, read_sweep
from tests.saved_sweeps import saved_sweep


def test_what_was_saved_comes_back(tmp_path):
    path = tmp_path / "sweep.json"
    path.write_text(json.dumps(saved_sweep({"k": [3, 9]})), encoding="utf-8")
    saved = read_sweep(str(path))
    rows = [(row.values["assigner.k"], row.num_unassigned) for row in saved.results]
    assert rows == [(3, 0), (9, 1)]
    assert saved.results[1].by_size[0].unassigned_share == 0.1
    assert saved.choice == 0
    assert saved.sweep.axes[0].values == (3, 9)


def test_a_sweep_without_objects_has_no_choice():
    document = saved_sweep({"k": [3]})
    document["sweep"]["choice"] = None
    document["results"][0] |= {"mean_positives": None, "unassigned_share": None}
    saved = check_sweep(document, "x")
    assert saved.choice is None
    assert saved.results[0].mean_positives is None


def broken(path: str, value: Any) -> dict[str, Any]:
    document = saved_sweep({"k": [3, 9]})
    *parents, last = (int(k) if k.isdecimal() else k for k in path.split("."))
    reduce(getitem, parents, document)[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("schema_version", 2, "schema_version: expected 1, got 2"),
        ("schema_version", None, 'expected a saved sweep, got no "schema_version"'),
        ("results.1.num_objects", "many", "is no saved sweep: "),
        ("results.0.unassigned_share", 1.5, "is no saved sweep: "),
        ("results.0.num_objects", -1, "is no saved sweep: "),
        ("sweep.axes", [], "is no saved sweep: "),
        ("sweep.axes.0.values", [3, 9, 15], "results: expected 3 rows, got 2"),
        ("sweep.choice.row", 2, "sweep.choice.row: expected less than 2, got 2"),
    ],
)
def test_what_is_wrong_is_named(path, value, message):
    with pytest.raises(DataError) as caught:
        check_sweep(broken(path, value), "sweep.json")
    # What follows is a library's to say.
    assert str(caught.value).startswith(f"sweep.json: {message}")
    assert caught.value.hint


NO_SWEEPS = {
    "empty": (b"", "the JSON ends too early, at byte 0"),
    "csv": (b"k,none\n3,0.1\n", 'is not valid JSON at byte 0 (line 1): "k,none'),
    "array": (b"[1, 2]", "expected a JSON object"),
    "annotations": (b'{"images": []}', 'expected a saved sweep, got no "sweep"'),
    "missing": (None, "no such file"),
}


@pytest.mark.parametrize("name", NO_SWEEPS)
def test_what_is_no_sweep_is_told_which_command_saves_one(name):
    content, message = NO_SWEEPS[name]
    if content is not None:
        Path("x.dat").write_bytes(content)
    with pytest.raises(DataError, match=re.escape(f"x.dat: {message}")) as caught:
        read_sweep("x.dat")
    hint = "save one with `atss-inspect sweep k=5,9,13 --json -o sweep.json`"
    assert caught.value.hint == hint


def test_a_closer_hint_is_kept():
    Path("sweep.json").write_text("{}")
    with pytest.raises(DataError) as caught:
        read_sweep("swep.json")
    assert caught.value.hint == "did you mean sweep.json"
