"""The project's file and the environment: what is read, and what wins."""

import os
from pathlib import Path

import pytest

from atss_inspect.presets import DEFAULT_PRESET
from atss_inspect.settings import ResolvedSettings, preset, resolve_all, surroundings
from tests.command_line import ask
from tests.tiny_coco import street, write_coco


def resolved(around: surroundings.Surroundings) -> ResolvedSettings:
    return resolve_all([DEFAULT_PRESET], ambient=around.layers)[0]


@pytest.mark.parametrize(
    "name", ["K", "ASSIGNER_K", "ASSIGNER__K", "TOPK", "assigner.k"]
)
def test_a_setting_is_named_by_path_last_part_or_alias(name):
    variable = f"ATSS_INSPECT_SET_{name}"
    found = resolved(surroundings.read_environment({variable: "15"}))
    assert found.settings == preset(k=15)
    assert found.origins["assigner.k"] == variable


def test_inputs_and_lists_are_read_from_variables():
    around = surroundings.read_environment(
        {
            "ATSS_INSPECT_ANN": os.pathsep.join(["a.json", "b.json"]),
            "ATSS_INSPECT_IMAGES": "train",
            "ATSS_INSPECT_PRESET": os.pathsep.join(["rpn-mmdet", "fcos-mmdet"]),
            "ATSS_INSPECT_SET_ANCHORS_RATIOS": "0.5, 1, 2",
        }
    )
    assert around.ann == ("a.json", "b.json")
    assert around.images == "train"
    assert around.presets == ("rpn-mmdet", "fcos-mmdet")
    assert resolved(around).settings.anchors.ratios == (0.5, 1.0, 2.0)


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
    around = surroundings.read_project(inner)
    assert around.ann == (str(tmp_path / "a.json"), "-", "/abs/b.json")
    assert around.images == str(tmp_path / "train")
    assert around.presets == ("fcos-mmdet", str(tmp_path / "configs" / "mine.toml"))
    found = resolved(around)
    assert found.settings == preset("atss-mmdet", k=15, short_side=640)
    assert found.origins["assigner.k"] == "atss-inspect.toml"


def test_our_own_file_wins_over_pyproject_and_the_nearer_over_the_farther(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "atss-inspect.toml").write_text('preset = "rpn-mmdet"')
    # A pyproject.toml of others is left alone, even a broken one.
    (inner / "pyproject.toml").write_text('[project\nname = "atss-inspect"')
    assert surroundings.read_project(inner).presets == ("rpn-mmdet",)
    text = '[project]\nname = "x"\n[tool.atss-inspect]\npreset = "fcos-mmdet"\n'
    (inner / "pyproject.toml").write_text(text)
    assert surroundings.read_project(inner).presets == ("fcos-mmdet",)
    (inner / "atss-inspect.toml").write_text('preset = "atss-mmdet"')
    assert surroundings.read_project(inner).presets == ("atss-mmdet",)


def decided(project: str, environment: dict[str, str], **typed) -> tuple[str, ...]:
    """What stands in headings, of ATSS and FCOS unless presets are named."""
    Path("atss-inspect.toml").write_text(project)
    around = surroundings.read_surroundings(environment, Path.cwd())
    names = around.presets or ("atss-mmdet", "fcos-mmdet")
    found = resolve_all(names, ambient=around.layers, **typed)
    return surroundings.decisions(around, found)


def test_a_heading_says_what_file_and_environment_decide():
    text = "[set]\nk = 15\nratios = [0.5, 1]"
    assert decided("", {}) == ()
    both = ("atss-inspect.toml: k = 15, ratios = [0.5, 1.0]",)
    assert decided(text, {}) == both
    presets = f'preset = ["rpn-mmdet", "fcos-mmdet"]\n{text}'
    assert decided(presets, {}) == (
        "atss-inspect.toml: preset = rpn-mmdet, fcos-mmdet, ratios = [0.5, 1.0]",
    )
    # Whoever wins is named, and nobody who has no say.
    environment = {"ATSS_INSPECT_SET_K": "3", "ATSS_INSPECT_PRESET": "atss-mmdet"}
    assert decided("[set]\nk = 15", environment) == (
        "the environment: preset = atss-mmdet, k = 3",
    )
    assert decided(text, environment, overrides=["ratios=2"]) == (
        "the environment: preset = atss-mmdet, k = 3",
    )
    assert decided('[set]\nassigner = "fcos"', {}) == (
        'atss-inspect.toml: assigner = "fcos"',
    )


def test_a_wrong_preset_is_blamed_on_who_names_it(monkeypatch):
    Path("atss-inspect.toml").write_text('preset = "nope"')
    error = ask("config show", code=2).err.partition("\n")[0]
    message = 'atss-inspect.toml: preset: unknown preset "nope"'
    assert error == f"atss-inspect: error: {message}"
    monkeypatch.setenv("ATSS_INSPECT_PRESET", "gone.toml")
    error = ask("config show", code=2).err
    message = "ATSS_INSPECT_PRESET: gone.toml: no such file\n"
    assert error == f"atss-inspect: error: {message}"
    error = ask("config show --config x.toml", code=2).err
    assert error == "atss-inspect: error: x.toml: no such file\n"


def test_the_environment_wins_over_the_project_file(tmp_path):
    # Single texts need no list.
    text = 'ann = "a.json"\nimages = "train"\n[set]\nk = 5\nscale = 4.0'
    (tmp_path / "atss-inspect.toml").write_text(text)
    assert surroundings.read_project(tmp_path).ann == (str(tmp_path / "a.json"),)
    environment = {"ATSS_INSPECT_ANN": "b.json", "ATSS_INSPECT_SET_K": "7"}
    around = surroundings.read_surroundings(environment, tmp_path)
    assert around.ann == ("b.json",)
    assert around.images == str(tmp_path / "train")
    assert around.reading == {}
    assert resolved(around).settings == preset(k=7, scale=4.0)


def test_how_data_are_read_goes_with_the_data_of_the_project(monkeypatch):
    write_coco(Path("part.json"), {"train": street()})
    write_coco(Path("whole.json"), street())
    Path("atss-inspect.toml").write_text('ann = "part.json"\nkey = "train"')
    assert ask("stats").out.startswith("part.json: 4 images, ")
    assert "no such key" in ask("stats --key val", code=3).err
    # Of other data it says nothing.
    ask("stats --ann whole.json")
    monkeypatch.setenv("ATSS_INSPECT_ANN", "whole.json")
    ask("stats")
    monkeypatch.delenv("ATSS_INSPECT_ANN")
    Path("atss-inspect.toml").write_text('key = ["train", "val"]')
    assert "key: expected one text" in ask("stats whole.json", code=2).err
    Path("atss-inspect.toml").write_text('ann = "whole.json"\nsplit = "val"')
    assert "--split val: whole.json is one set" in ask("stats", code=2).err
