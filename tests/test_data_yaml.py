"""A data.yaml: which pictures and names it means, and what it may not be."""

from pathlib import Path

import pytest

from atss_inspect.errors import DataError, SettingsError
from atss_inspect.readers.data_yaml import (
    DataYaml,
    is_data_yaml,
    is_meant_as_data_yaml,
    read_data_yaml,
)

NAMES = "names: [cat, dog]\n"


@pytest.fixture(autouse=True)
def _set(_empty_folder: None) -> None:
    for name in ("set/images/train", "set/images/val", "set/more"):
        Path(name).mkdir(parents=True)


def read(text: str, split: str | None = None) -> DataYaml:
    Path("set/data.yaml").write_text(text, "utf-8")
    return read_data_yaml("set/data.yaml", split)


def places(found: DataYaml) -> list[str]:
    here = Path.cwd().resolve()
    return [each.relative_to(here).as_posix() for each in found.pictures]


def refusal(text: str) -> tuple[str, str | None]:
    with pytest.raises(DataError) as caught:
        read(text)
    return str(caught.value).removeprefix("set/data.yaml: "), caught.value.hint


def test_paths_start_at_the_file_where_none_is_named() -> None:
    found = read(f"train: images/train\n{NAMES}")
    assert places(found) == ["set/images/train"]
    assert found.split == "train"
    assert found.names == {0: "cat", 1: "dog"}


@pytest.mark.parametrize("path", ["set", "../set", "."])
def test_path_is_looked_for_from_the_file_and_then_from_here(path: str) -> None:
    rest = "set/images/val" if path == "." else "images/val"
    assert places(read(f"path: {path}\nval: {rest}\n{NAMES}")) == ["set/images/val"]


def test_a_folder_called_datasets_is_looked_into() -> None:
    Path("datasets/other/val").mkdir(parents=True)
    assert places(read(f"path: other\nval: val\n{NAMES}")) == ["datasets/other/val"]


def test_a_split_may_be_several_folders() -> None:
    found = read(f"train: [images/train, more]\n{NAMES}")
    assert places(found) == ["set/images/train", "set/more"]


def test_one_step_too_many_is_taken_back() -> None:
    assert places(read(f"train: ../images/train\n{NAMES}")) == ["set/images/train"]


def test_the_split_is_the_one_asked_for_else_the_first_there_is() -> None:
    text = f"train: images/train\nval: images/val\ntest:\n{NAMES}"
    assert read(text).split == "train"
    assert read(text, "val").split == "val"
    assert read(f"validation: images/val\n{NAMES}", "val").split == "val"
    assert read(f"val: images/val\n{NAMES}", "valid").split == "val"
    assert read(NAMES).split == ""
    with pytest.raises(SettingsError) as caught:
        read(text, "test")
    assert str(caught.value) == "--split test: set/data.yaml has no such split"
    assert caught.value.hint == "it has train, val"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names: {1: dog, 0: cat}", {0: "cat", 1: "dog"}),
        ("names: {'0': cat, 1.0: 7}", {0: "cat", 1: "7"}),
        ("names: [yes, 3.5]", {0: "True", 1: "3.5"}),
        ("names: [cat, dog]\nnc: 2", {0: "cat", 1: "dog"}),
        ("nc: 2", {0: "class_0", 1: "class_1"}),
    ],
)
def test_names_are_a_list_or_a_mapping(text: str, names: dict[int, str]) -> None:
    assert read(f"train: more\n{text}\n").names == names


def test_keypoints_of_a_line_are_counted_in_words() -> None:
    assert read(f"train: more\nkpt_shape: [17, 3]\n{NAMES}").keypoint_words == 51
    assert read(f"train: more\nkpt_shape: [17, 9]\n{NAMES}").keypoint_words == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"train: 5\n{NAMES}",
            "train: expected a folder, a list of folders or a file of names",
        ),
        (f"path: nowhere\ntrain: more\n{NAMES}", "path: there is no folder nowhere"),
        (f"path: [1]\ntrain: more\n{NAMES}", "path: expected the name of a folder"),
        ("train: 'more", "is not valid YAML: line 1: found unexpected end of stream"),
        ("a: 2020-99-99", "is not valid YAML: month must be in 1..12"),
    ],
)
def test_what_is_no_data_yaml_is_refused(text: str, message: str) -> None:
    assert refusal(text)[0].startswith(message)  # Python's words may go on


NO_LIST = "names: expected a list or a mapping of class names"
NO_NAMES = "has neither names nor nc; expected the class names"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", NO_NAMES),
        ("nc: 1.5", NO_NAMES),
        ("names: 5", NO_LIST),
        ("names: []", NO_LIST),
        ("names: {1: cat}", "names: 1: expected numbers 0 to 0, counted from 0"),
        ("names: {a: cat}", "names: a: expected numbers 0 to 0, counted from 0"),
        (f"nc: 3\n{NAMES}", "nc is 3, and there are 2 names"),
    ],
)
def test_names_that_are_none_are_refused(text: str, message: str) -> None:
    assert refusal(f"train: more\n{text}")[0] == message


def test_a_folder_that_is_not_there_is_named_with_the_places_tried() -> None:
    here = Path.cwd().resolve()
    for text, message, hint in (
        (
            "train: nowhere",
            "train: there is no such folder or file",
            f"tried {here}/set/nowhere",
        ),
        (
            "path: .\ntrain: nowhere",
            "train: there is no such folder or file",
            f"tried {here}/set/nowhere, {here}/nowhere",
        ),
        (
            "path: gone\ntrain: more",
            "path: there is no folder gone",
            f"tried {here}/set/gone, {here}/gone, {here}/datasets/gone; without path, "
            "the file's folder is it",
        ),
    ):
        assert refusal(f"{text}\n{NAMES}") == (message, hint)


def test_path_is_meant_from_the_file_and_other_data_here_are_named() -> None:
    Path("more").mkdir()
    found = read(f"path: .\ntrain: more\n{NAMES}")
    assert places(found) == ["set/more"]
    assert found.elsewhere == Path.cwd().resolve()
    Path("more").rmdir()
    assert read(f"path: .\ntrain: more\n{NAMES}").elsewhere is None


def test_a_data_yaml_is_known_by_its_keys() -> None:
    for text, expected in ((f"val: x\n{NAMES}", True), ("a: 1\n", False)):
        Path("a.yaml").write_text(text, "utf-8")
        Path("a.txt").write_text(text, "utf-8")
        assert is_data_yaml("a.yaml") is expected
        assert not is_data_yaml("a.txt")
    for name in ("set", "nowhere.yaml", "a\0.yaml"):
        assert not is_data_yaml(name)
        assert not is_meant_as_data_yaml(name)


def test_what_is_named_yaml_is_meant_as_one_unless_it_holds_json() -> None:
    for text, expected in (("a: 1", True), ('{"images": []}', False), ("", False)):
        Path("a.yaml").write_text(text, "utf-8")
        assert is_meant_as_data_yaml("a.yaml") is expected
