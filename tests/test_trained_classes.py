"""Classes that are trained and classes of the file: what is refused, what is told."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from atss_inspect.errors import SettingsError
from atss_inspect.importing.data_sets import own_classes
from atss_inspect.readers import load_coco
from atss_inspect.settings import resolve
from atss_inspect.settings.trained_classes import check_trained_classes

from .command_line import ask
from .tiny_coco import coco, street, write_coco

# The street's classes.
NAMES = [each["name"] for each in street()["categories"]]


@pytest.fixture(autouse=True)
def street_file():
    write_coco(Path("street.json"), street())


def of_config(classes: tuple[str, ...]) -> str:
    text = f'extends = "atss-mmdet"\n[data]\nclasses = {json.dumps(list(classes))}\n'
    text += "[augment]\nflip = 0\n"  # else a note tells of it
    Path("mine.toml").write_text(text, encoding="utf-8")
    return "stats street.json --config mine.toml"


def test_a_class_that_the_file_lacks_is_refused_with_the_nearest():
    wrong = f"{NAMES[0]}x"
    answer = ask(of_config((NAMES[1], wrong)), code=2)
    told = f'data.classes: no class "{wrong}" in the annotations'
    assert answer.err.startswith(
        f"atss-inspect: error: {told}; did you mean {NAMES[0]}?\nhint: the classes are"
    )
    assert "class" not in ask(of_config((NAMES[1], NAMES[0]))).err


def test_a_class_that_a_config_names_and_the_file_lacks_is_told():
    given = resolve("atss-mmdet", overrides={"classes": [NAMES[0], "windmill"]})
    of_file = replace(given, origins={"data.classes": "mine.py:3, classes"})
    dataset = load_coco("street.json")
    [found] = check_trained_classes([of_file], ["mine.py"], dataset)
    assert (found.reason, found.count) == ("classes_not_found", 1)
    assert found.message == "1 of 2 classes of atss-mmdet is not in street.json"
    # Who types it is refused.
    typed = replace(given, origins={"data.classes": "--set"})
    with pytest.raises(SettingsError, match='no class "windmill"'):
        check_trained_classes([typed], ["mine.py"], dataset)


def test_classes_of_a_data_set_class_are_told_beside_those_of_the_file():
    classes = own_classes("VOCDataset")
    shared = [name for name in NAMES if name in classes]
    others = ", ".join(name for name in NAMES if name not in classes)
    answer = ask(of_config(classes))
    verb = "is" if len(shared) == 1 else "are"
    assert answer.err.startswith(
        f"warning: {len(shared)} of {len(NAMES)} classes of street.json {verb} among "
        f"the 20 that mine trains; not trained: {others}; --set data.classes=[] "
    )
    # Nobody chose them, so that their annotations are lost.
    assert "Correct this first." in answer.out
    answer = ask("check street.json --config mine.toml", code=1)
    assert "too many annotations lost" in answer.out
    assert "class not selected" in answer.out


def test_nothing_is_told_where_a_data_set_class_has_all_classes_of_the_file():
    document = {
        **coco({1: [(10, 10, 80, 80)]}),
        "categories": [{"id": 1, "name": "cow"}],
    }
    write_coco(Path("street.json"), document)
    assert "class" not in ask(of_config(own_classes("VOCDataset"))).err


def test_categories_that_are_not_listed_stop_whom_they_stop():
    write_coco(
        Path("street.json"), {**street(), "categories": [{"id": 2, "name": "a"}]}
    )
    stopped = ask("stats street.json -p atss-mmdet -p retinanet-detectron2", code=3)
    assert "is not in categories, where training stops\nhint: --set" in stopped.err
    # The file is at fault, whatever images are looked at.
    ask("stats street.json -p retinanet-detectron2 --image 7", code=3)
    words = "stats street.json -p retinanet-detectron2 --set unknown_category=skip"
    counts = ask(f"-q {words} --json").json["results"][0]["left_out"]["objects"]
    assert counts["category_not_listed"] > 0
