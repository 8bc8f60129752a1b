"""Names lead to settings: full path, last part, alias; and wrong ones are answered."""

from dataclasses import fields

import pytest

from atss_inspect.assigners import RULES
from atss_inspect.errors import SettingsError
from atss_inspect.settings import parameters
from atss_inspect.settings.parameters import PARAMETERS, Parameter, find_parameter


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("assigner.k", ("K", " k ")),
        ("assigner.positive_from", ("positive-from", "Assigner.Positive-From")),
        ("resize.short_side", ("resize__short_side",)),
        ("assigner.center_sampling_radius", ("radius",)),
        ("anchors.scale", ("octave_base_scale",)),
        ("assigner.name", ("assigner",)),
    ],
)
def test_a_setting_is_found_by_path_last_part_or_alias(path, names):
    assert {find_parameter(name, "--set").path for name in names} == {path}


def test_every_path_and_its_last_part_lead_to_it():
    for path in PARAMETERS:
        assert find_parameter(path, "--set").path == path
        assert find_parameter(path.rpartition(".")[2], "--set").path == path


def test_every_field_is_a_setting_and_nothing_else_is():
    expected = {"assigner.name"}
    for section, declaring in parameters.SECTIONS.items():
        expected |= {f"{section}.{field.name}" for field in fields(declaring)}
    expected -= {"anchors.input_side"}  # follows resize.size
    for rule in RULES.values():
        expected |= {f"assigner.{field.name}" for field in fields(rule.params)}
    assert set(PARAMETERS) == expected


def test_an_ambiguous_last_part_is_answered_with_the_candidates(monkeypatch):
    table = {path: Parameter(path, int) for path in ("resize.size", "data.size")}
    monkeypatch.setattr("atss_inspect.settings.parameters.PARAMETERS", table)
    with pytest.raises(SettingsError) as caught:
        find_parameter("size", "--set")
    message = "--set: size: may be any of resize.size, data.size; give the full path"
    assert str(caught.value) == message
    assert find_parameter("data.size", "--set").path == "data.size"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("kk", "k"),
        ("assigner.kk", "assigner.k"),
        ("anchors.k", "assigner.k"),
        ("assigner.topk", "assigner.k"),
        ("postive_from", "positive_from"),
        ("zzzzz", ""),
        ("", ""),
    ],
)
def test_an_unknown_key_is_answered_with_the_nearest(name, nearest):
    with pytest.raises(SettingsError) as caught:
        find_parameter(name, "--set")
    question = f"; did you mean {nearest}?" if nearest else ""
    assert str(caught.value) == f"--set: {name}: unknown key{question}"
    assert caught.value.hint == "`atss-inspect config show` lists all settings"
