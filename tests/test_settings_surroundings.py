"""The project's file and the environment: what is read, and what wins."""

import os

import pytest

from atss_inspect.presets import DEFAULT_PRESET
from atss_inspect.settings import preset, resolve_all
from atss_inspect.settings.surroundings import (
    Surroundings,
    read_environment,
    read_project,
    read_surroundings,
)


def test_nothing_around_is_nothing(tmp_path):
    around = read_surroundings({}, tmp_path)
    assert (around.ann, around.images, around.presets) == ((), None, ())
    assert resolve_all([DEFAULT_PRESET], ambient=around.layers)[0].settings == preset()


@pytest.mark.parametrize(
    "name", ["K", "ASSIGNER_K", "ASSIGNER__K", "TOPK", "assigner.k"]
)
def test_a_setting_is_named_by_path_last_part_or_alias(name):
    variable = f"ATSS_INSPECT_SET_{name}"
    resolved = resolve_all(
        [DEFAULT_PRESET], ambient=read_environment({variable: "15"}).layers
    )[0]
    assert resolved.settings == preset(k=15)
    assert resolved.origins["assigner.k"] == variable


def test_lists_are_read_from_variables():
    environment = {"ATSS_INSPECT_SET_ANCHORS_RATIOS": "0.5, 1, 2"}
    resolved = resolve_all(
        [DEFAULT_PRESET], ambient=read_environment(environment).layers
    )[0]
    assert resolved.settings.anchors.ratios == (0.5, 1.0, 2.0)


def test_inputs_are_read_from_variables():
    around = read_environment(
        {
            "ATSS_INSPECT_ANN": os.pathsep.join(["a.json", "b.json"]),
            "ATSS_INSPECT_IMAGES": "train",
            "ATSS_INSPECT_PRESET": os.pathsep.join(["rpn-mmdet", "fcos-mmdet"]),
        }
    )
    assert around.ann == ("a.json", "b.json")
    assert around.images == "train"
    assert around.presets == ("rpn-mmdet", "fcos-mmdet")


def test_empty_and_other_variables_are_left_alone():
    around = read_environment(
        {
            "ATSS_INSPECT_ANN": "",
            "ATSS_INSPECT_IMAGES": "",
            "ATSS_INSPECT_REAL_DATA": "/data",
            "ATSS_INSPECT_SETTINGS": "x",
            "K": "15",
        }
    )
    assert (around.ann, around.images, around.presets) == ((), None, ())
    assert resolve_all([DEFAULT_PRESET], ambient=around.layers)[0].settings == preset()


PROJECT = """
ann = ["a.json", "-", "/abs/b.json"]
images = "train"
preset = ["fcos-mmdet", "configs/mine.toml"]

[set]
"assigner.k" = 15
resize.short_side = 640
radius = 2.0
"""


def test_the_project_file_is_found_upward_and_paths_start_there(tmp_path):
    (tmp_path / "atss-inspect.toml").write_text(PROJECT)
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    around = read_project(inner)
    assert around.ann == (str(tmp_path / "a.json"), "-", "/abs/b.json")
    assert around.images == str(tmp_path / "train")
    assert around.presets == ("fcos-mmdet", str(tmp_path / "configs" / "mine.toml"))
    resolved = resolve_all(["atss-mmdet"], ambient=around.layers)[0]
    assert resolved.settings == preset("atss-mmdet", k=15, short_side=640)
    assert resolved.origins["assigner.k"] == "atss-inspect.toml"


def test_single_texts_need_no_list(tmp_path):
    (tmp_path / "atss-inspect.toml").write_text('ann = "a.json"\npreset = "rpn-mmdet"')
    around = read_project(tmp_path)
    assert around.ann == (str(tmp_path / "a.json"),)
    assert around.presets == ("rpn-mmdet",)


def test_pyproject_may_hold_the_table(tmp_path):
    text = '[project]\nname = "x"\n[tool.atss-inspect]\npreset = "rpn-mmdet"\n'
    (tmp_path / "pyproject.toml").write_text(text)
    assert read_project(tmp_path).presets == ("rpn-mmdet",)


def test_a_file_of_our_own_wins_over_pyproject_and_the_nearer_over_the_farther(
    tmp_path,
):
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "atss-inspect.toml").write_text('preset = "rpn-mmdet"')
    table = '[tool.atss-inspect]\npreset = "fcos-mmdet"\n'
    (inner / "pyproject.toml").write_text(table)
    assert read_project(inner).presets == ("fcos-mmdet",)
    (inner / "atss-inspect.toml").write_text('preset = "atss-mmdet"')
    assert read_project(inner).presets == ("atss-mmdet",)


def test_other_peoples_pyproject_is_left_alone(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text('[project\nname = "atss-inspect"')
    (tmp_path / "atss-inspect.toml").write_text('preset = "rpn-mmdet"')
    assert read_project(inner).presets == ("rpn-mmdet",)


def test_the_environment_wins_over_the_project_file(tmp_path):
    text = 'ann = "a.json"\nimages = "train"\n[set]\nk = 5\nscale = 4.0'
    (tmp_path / "atss-inspect.toml").write_text(text)
    environment = {"ATSS_INSPECT_ANN": "b.json", "ATSS_INSPECT_SET_K": "7"}
    around = read_surroundings(environment, tmp_path)
    assert around.ann == ("b.json",)
    assert around.images == str(tmp_path / "train")
    resolved = resolve_all([DEFAULT_PRESET], ambient=around.layers)[0]
    assert resolved.settings == preset(k=7, scale=4.0)


def test_the_stronger_surroundings_keep_what_they_have():
    strong, weak = Surroundings(ann=("a",)), Surroundings(ann=("b",), images="c")
    assert strong.over(weak) == Surroundings(ann=("a",), images="c")
