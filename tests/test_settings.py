"""Presets, files and overrides: what wins, where a value is from, what is refused."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from atss_inspect.assigners import RULES
from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.fcos.params import FcosParams
from atss_inspect.errors import SettingsError
from atss_inspect.settings import (
    load_settings,
    parse_settings,
    preset,
    resolve,
    resolve_all,
    restore_settings,
)
from atss_inspect.settings.layers import Layer
from atss_inspect.settings.parameters import PARAMETERS, aliases
from tests.conftest import PROJECT_ROOT


def test_a_preset_with_values_of_ones_own():
    settings = preset("atss-mmdet", k=15, anchors__scale=4, ratios=[1, 2])
    assert isinstance(settings.assigner, AtssParams)
    assert settings.assigner.k == 15
    assert settings.anchors.scale == 4.0
    assert settings.anchors.ratios == (1.0, 2.0)
    assert settings.name == preset().name == "atss-mmdet"


WHOLE = "expected a whole number of at least 1, got"
ONE_RANGE = FcosParams(scale_ranges=((0, 64),))
TWO = ["retinanet-mmdet", "fcos-mmdet"]
AROUND = Layer("atss-inspect.toml", {"assigner.negative_below": 0.45})


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        # Values of Python are not read as text.
        (lambda: preset(k="15"), f'override: assigner.k: {WHOLE} "15"'),
        # Settings built by hand are checked.
        (
            lambda: replace(preset(), assigner=AtssParams(k=0)),
            f"atss-mmdet: assigner.k: {WHOLE} 0",
        ),
        (
            lambda: replace(preset("fcos-mmdet"), assigner=ONE_RANGE),
            "fcos-mmdet: assigner.scale_ranges: expected one scale range per stride, "
            "got 1 and 5",
        ),
        # A full path in a table may not be of another table.
        (
            lambda: parse_settings("[anchors]\nk = 3", "atss.toml"),
            "atss.toml: anchors.k: unknown key; did you mean assigner.k?",
        ),
        (lambda: load_settings("gone.toml"), "gone.toml: no such file"),
        (
            lambda: load_settings("latin.toml"),
            "latin.toml: expected TOML in UTF-8, got other bytes",
        ),
        (
            lambda: resolve_all(TWO, overrides=["k=15"]),
            "--set: assigner.k: not a parameter of retinanet-mmdet (iou_threshold) and "
            "fcos-mmdet (fcos), only of the assigners atss and ranking",
        ),
        (
            lambda: preset("fcos-mmdet", k=15),
            "override: assigner.k: not a parameter of fcos-mmdet (fcos), only of the "
            "assigners atss and ranking",
        ),
        # A conflict is blamed on what came last.
        (
            lambda: resolve_all(TWO, overrides=["positive_from=0.3"], ambient=[AROUND]),
            "--set: assigner.positive_from: expected negative_below at most "
            "positive_from, got 0.45 and 0.3",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(ask, message):
    Path("latin.toml").write_bytes('description = "größer"'.encode("latin-1"))
    with pytest.raises(SettingsError) as caught:
        ask()
    assert str(caught.value) == message


def test_what_a_library_says_of_a_file_comes_after_its_name():
    Path("folder.toml").mkdir()
    with pytest.raises(SettingsError, match=r"^folder\.toml: cannot be read: "):
        load_settings("folder.toml")
    with pytest.raises(SettingsError, match=r"^atss\.toml: not valid TOML: "):
        parse_settings("k = ", "atss.toml")


def test_a_parameter_of_another_assigner_is_refused_with_its_presets():
    with pytest.raises(SettingsError) as caught:
        preset("fcos-mmdet", k=15)
    assert caught.value.hint == (
        "presets that have it: atss-mmdet, atss-mmdet-dyhead, atss-mmdet-glip, "
        "atss-official, atss-official-9a, nwd-rka-rpn, picodet-warmup, "
        "ppyoloe-warmup, rfla-fcos, rfla-rpn, tood-warmup-mmdet, yolov6-warmup"
    )


def test_values_in_conflict_come_with_a_way_out():
    with pytest.raises(SettingsError) as caught:
        preset("retinanet-mmdet", positive_from=0.3)
    assert caught.value.hint == "--set assigner.negative_below=0.3 fits"
    assert preset("retinanet-mmdet", positive_from=0.3, negative_below=0.3)


def test_a_file_extends_a_preset(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('description = "mine"\nextends = "atss-mmdet"\n[assigner]\nk = 15')
    resolved = resolve(path)
    about = {"name": "mine", "description": "mine", "source": ""}
    assert resolved.settings == replace(preset(k=15), **about)
    assert resolved.origins["assigner.k"] == "mine.toml"
    assert resolved.origins["anchors.scale"] == "preset atss-mmdet"
    assert preset(str(path)) == resolved.settings


def test_another_assigner_starts_from_its_own_defaults():
    text = 'extends = "atss-official"\n[assigner]\nname = "fcos"\nrange_ends = "open"'
    settings = parse_settings(text, "x")
    # plus_one is the preset's, but of another rule: what one means to the other is
    # for the user to say.
    assert settings.assigner == FcosParams(range_ends="open")
    assert settings.anchors == preset("atss-official").anchors


def test_the_command_line_wins_over_what_is_around():
    project = Layer("atss-inspect.toml", {"assigner.k": 5, "resize.short_side": 600})
    environment = Layer("environment", {"assigner.k": 7}, {"assigner.k": "ENV_K"})
    ambient = [project, environment]
    resolved = resolve_all(["atss-mmdet"], ambient=ambient)[0]
    assert resolved.settings == preset("atss-mmdet", k=7, short_side=600)
    assert resolved.origins["assigner.k"] == "ENV_K"
    assert resolved.origins["resize.short_side"] == "atss-inspect.toml"
    words = ["k=9", "topk=11"]
    resolved = resolve_all(["atss-mmdet"], overrides=words, ambient=ambient)[0]
    assert resolved.settings == preset("atss-mmdet", k=11, short_side=600)
    assert resolved.origins["assigner.k"] == "--set"
    assert list(resolved.origins) == list(resolved.settings.values())
    # What is around is passed over where no preset has it.
    fcos = resolve_all(["fcos-mmdet"], ambient=ambient)[0]
    assert fcos.settings == preset("fcos-mmdet", short_side=600)


def test_an_override_may_change_the_assigner():
    overrides = ["radius=1.5", "assigner=fcos"]
    resolved = resolve("atss-mmdet", overrides=overrides)
    assert resolved.settings.assigner == FcosParams(center_sampling_radius=1.5)
    assert resolved.origins["assigner.name"] == "--set"
    assert resolved.origins["assigner.range_ends"] == "default"
    assert "assigner.k" not in resolved.origins


def test_a_name_that_ends_in_toml_is_a_file_and_two_of_one_name_are_told_apart():
    for folder, parent in (("a", "fcos-mmdet"), ("b", "atss-mmdet")):
        Path(folder).mkdir()
        Path(folder, "x.toml").write_text(f'extends = "{parent}"')
    fcos, atss = resolve_all(["a/x.toml", "b/x.toml"], overrides=["k=15"])
    own = {"name": "x", "description": "", "source": ""}
    assert fcos.settings == replace(preset("fcos-mmdet"), **own)
    assert atss.settings.assigner == replace(preset().assigner, k=15)


@pytest.mark.parametrize("path", ["assigner.k", "resize.rule"])
def test_what_a_document_lacks_is_not_taken_from_the_defaults(path):
    document = preset("atss-mmdet").to_dict()
    section, _, name = path.partition(".")
    del document[section][name]
    message = f"^atss-mmdet: {path}: expected a value, got none$"
    with pytest.raises(SettingsError, match=message):
        restore_settings(document)


def test_a_document_saved_before_a_setting_was_there_means_its_default():
    settings = preset("rpn-mmdet")
    document = settings.to_dict()
    for section, name in (("anchors", "sizes"), ("assigner", "low_quality_ties")):
        del document[section][name]
    assert restore_settings(document) == settings


GUIDE = (PROJECT_ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def test_the_guide_explains_every_setting_and_names_every_alias():
    assert not [path for path in PARAMETERS if f"| `{path}` |" not in GUIDE]
    for alias, path in aliases().items():
        rows = [line for line in GUIDE.splitlines() if f"`{alias}`" in line]
        assert any(line.endswith(f"| `{path}` |") for line in rows), alias
    table = GUIDE.partition("| alias | setting |\n")[2].partition("\n\n")[0]
    names = " ".join(line.split("|")[1] for line in table.splitlines()[1:])
    assert {*re.findall(r"`(\w+)`", names)} == aliases().keys()


def test_the_guides_examples_mean_what_the_frameworks_configs_mean():
    texts = [part.split("```")[0] for part in GUIDE.split("```toml\n")[1:]]
    blocks = {text.splitlines()[0]: text for text in texts}
    assert "[set]" in blocks.pop("# atss-inspect.toml")
    completed = parse_settings(blocks.pop("#:schema ./settings.schema.json"), "mine")
    assert completed.anchors == preset("retinanet-mmdet").anchors
    found = {name: parse_settings(text, name) for name, text in blocks.items()}
    frameworks = ("# as mmdetection", "# as torchvision", "# as detectron2")
    assert set(found) == {"# mine.toml", *frameworks}
    assert found["# mine.toml"].anchors == preset("retinanet-mmdet", scale=2).anchors
    mmdetection, torchvision, detectron2 = (found[name] for name in frameworks)
    assert mmdetection.anchors.strides == (4, 8, 16, 32, 64, 128)
    assert mmdetection.data.classes == ("person", "car")
    assert (mmdetection.resize.short_side, mmdetection.resize.long_side) == (600, 1000)
    assert torchvision.anchors.scale * 8 == 16
    sides = [detectron2.anchors.scale * s for s in detectron2.anchors.strides]
    assert sides == [16, 32, 64, 128, 256]


@pytest.mark.parametrize("assigner", RULES)
def test_the_defaults_of_the_dataclasses_are_allowed(assigner):
    settings = parse_settings(f'[assigner]\nname = "{assigner}"', "defaults")
    assert settings.assigner == RULES[assigner].params()
    assert settings.anchors == AnchorRule()
