"""COCO data within other JSON: the hint works as it is typed, and names are kept."""

import json
import shlex
from pathlib import Path

import pytest

from atss_inspect.errors import DataError
from atss_inspect.readers import load_coco
from tests.command_line import ask
from tests.soundness import refusal
from tests.tiny_coco import street, write_coco


@pytest.mark.parametrize("key", ["my train", "it's $HOME", 'a"b', "plain", "a\\b"])
def test_the_key_is_hinted_at_as_a_shell_and_as_python_take_it(key):
    write_coco(Path("set.json"), {key: street()})
    with pytest.raises(DataError) as caught:
        load_coco("set.json")
    hint = f"take it with --key {shlex.quote(key)}"
    assert caught.value.hint == hint
    assert caught.value.__notes__ == [f"hint: take it with key={json.dumps(key)}"]
    ask(f"stats set.json {hint.removeprefix('take it with ')}")


@pytest.mark.parametrize("key", ["train", "both.train"])
def test_categories_above_hold_for_all_below(key):
    split = street()
    shared = split.pop("categories")
    own = {**street(), "categories": [{"id": 7, "name": "own"}]}
    within = {"train": split, "val": own, "categories": shared}
    data = {"both": within, "categories": [{"id": 1, "name": "far"}]}
    document = data if "." in key else within
    write_coco(Path("set.json"), document)
    names = load_coco(street()).category_names
    assert load_coco("set.json", key=key).category_names == names
    assert load_coco(document, key=key).category_names == names
    others = key.replace("train", "val")
    assert load_coco("set.json", key=others).category_names[0] == "own"


def test_a_box_format_holds_for_every_file_and_the_hint_says_so():
    boxes = [[9.0 * n, 9.0 * n, 9.0 * n + 300, 9.0 * n + 200] for n in range(1, 31)]
    images = [{"id": 1, "width": 640, "height": 480}]
    annotations = [{"image_id": 1, "category_id": 1, "bbox": each} for each in boxes]
    corners = {"images": images, "annotations": annotations}
    with pytest.raises(DataError) as caught:
        load_coco(corners)
    hint = caught.value.hint
    assert hint is not None
    assert hint.startswith("--box-format xyxy ")
    more = "that holds for every file, so convert this one first"
    assert refusal(street(), corners) == (str(caught.value), f"{hint}; {more}")
