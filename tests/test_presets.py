"""The presets are complete, and their anchors are those of the frameworks."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from atss_inspect import presets
from atss_inspect.assigners.pyramid import build_pyramid
from atss_inspect.errors import SettingsError
from atss_inspect.settings import parse_settings, preset, resolve, restore_settings

NAMES = presets.preset_names()
# They are compared with answers recorded from the framework itself.
RECORDED = {
    *("atss-mmdet", "atss-official", "fcos-mmdet", "fcos-mmdet-center"),
    *("fcos-official", "fcos-official-imprv", "fcos-torchvision", "rpn-mmdet"),
    *("retinanet-detectron2", "retinanet-mmdet", "retinanet-torchvision"),
}


def test_the_frameworks_presets_are_there_in_alphabetical_order():
    assert set(NAMES) >= {*RECORDED, *presets.DEFAULT_PRESETS, presets.DEFAULT_PRESET}
    assert list(NAMES) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_preset_is_complete_and_survives_being_written_and_read(name):
    assert set(resolve(name).origins.values()) == {f"preset {name}"}
    settings = preset(name)
    assert settings.name == name
    assert settings.description
    assert settings.source
    assert parse_settings(settings.to_toml(), name) == settings
    written = json.dumps(settings.to_dict(), allow_nan=False)
    assert restore_settings(json.loads(written)) == settings
    assert "extends" not in tomllib.loads(presets.read_preset_text(name))


def test_descriptions_fit_on_a_line_and_say_which_presets_have_no_record():
    for name, description in presets.preset_descriptions().items():
        assert len(description) <= 80 - 2 - max(map(len, NAMES))
        assert description.endswith("(no record)") == (name not in RECORDED), name


def test_numbers_of_presets_carry_their_origin():
    # Two lines in three at least: a second value often shares its line's origin.
    for name in NAMES:
        text = presets.read_preset_text(name).partition("\n[framework]")[0]
        lines = [line for line in text.splitlines() if " = " in line]
        assert sum(" # " in line for line in lines) > len(lines) * 2 / 3, name


def test_an_unknown_preset_is_answered_with_the_nearest():
    with pytest.raises(SettingsError) as caught:
        presets.read_preset("atss-mmdett")
    message = 'unknown preset "atss-mmdett"; did you mean atss-mmdet?'
    assert str(caught.value) == message
    assert caught.value.hint == "`atss-inspect config list` shows all"


def test_only_toml_files_and_the_module_are_in_the_folder():
    files = (path for path in Path(presets.__file__).parent.iterdir() if path.is_file())
    assert {path.suffix for path in files} == {".py", ".toml"}


def half_extents(name: str) -> np.ndarray:
    """(A, 2) half width and half height on the finest level."""
    corners = build_pyramid(preset(name).anchors).cell_anchors[0]
    return (corners[:, 2:] - corners[:, :2]) / 2


def cells(name: str, level: int) -> list[list[float]]:
    anchors = build_pyramid(preset(name).anchors).cell_anchors[level]
    return anchors.round(4).tolist()


@pytest.mark.parametrize(
    ("name", "level", "cell"),
    [
        ("atss-official", 0, [-27.5, -27.5, 35.5, 35.5]),
        ("atss-official", 4, [-447.5, -447.5, 575.5, 575.5]),
        ("atss-mmdet", 0, [-32, -32, 32, 32]),
        ("atss-mmdet-dyhead", 0, [-28, -28, 36, 36]),
        ("atss-mmdet-glip", 0, [-28, -28, 36, 36]),
    ],
)
def test_the_one_anchor_of_atss(name, level, cell):
    assert cells(name, level) == [cell]


@pytest.mark.parametrize("name", ["atss-official-9a", "retinanet-official"])
def test_nine_anchors_of_the_official_repository(name):
    # The sides of a ratio are rounded on a window of one stride, then scaled.
    expected = [
        [-17.5, -7.5, 25.5, 15.5],
        [-23.2183, -10.6191, 31.2183, 18.6191],
        [-30.4228, -14.5488, 38.4228, 22.5488],
        [-11.5, -11.5, 19.5, 19.5],
        [-15.6587, -15.6587, 23.6587, 23.6587],
        [-20.8984, -20.8984, 28.8984, 28.8984],
        [-7.5, -19.5, 15.5, 27.5],
        [-10.6191, -25.7381, 18.6191, 33.7381],
        [-14.5488, -33.5976, 22.5488, 41.5976],
    ]
    np.testing.assert_allclose(cells(name, 0), expected, atol=2e-4)


WIDE = [[22.6274, 11.3137], [28.5088, 14.2544], [35.9188, 17.9594]]
SQUARE = [[side, side] for side in (16.0, 20.1587, 25.3984)]  # half of 32 * 2^(i/3)
TALL = [[height, width] for width, height in WIDE]


BY_SIZE = [shape for shapes in zip(WIDE, SQUARE, TALL, strict=True) for shape in shapes]
RPN = [[22.6274, 11.3137], [16, 16], [11.3137, 22.6274]]
# Those of torchvision are whole.
WHOLE = [
    *([23, 11], [28, 14], [35, 18]),
    *([16, 16], [20, 20], [25, 25]),
    *([11, 23], [14, 28], [18, 35]),
]


@pytest.mark.parametrize(
    ("name", "expected", "tolerance"),
    [
        ("retinanet-mmdet", [*WIDE, *SQUARE, *TALL], 1e-4),
        ("retinanet-detectron2", BY_SIZE, 1e-4),
        ("retinanet-torchvision", WHOLE, 0),
        ("rpn-mmdet", RPN, 1e-4),
        ("rpn-detectron2", RPN, 1e-4),
        ("rpn-torchvision", [[23, 11], [16, 16], [11, 23]], 0),
    ],
)
def test_half_extents_of_the_finest_level_in_their_order(name, expected, tolerance):
    found = half_extents(name)
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


def test_every_preset_names_its_framework_and_the_keys_of_its_levels():
    for name in NAMES:
        framework = presets.read_framework(name)
        known = {"anchors.strides", "levels", "generator", "points"}
        assert known & {key for key, value in framework["keys"].items() if value}, name
    assert presets.read_framework("rpn-mmdet")["keys"]["anchors.scale"] == ""


def test_rpn_works_on_levels_p2_to_p6():
    for name in NAMES:
        names = build_pyramid(preset(name).anchors).level_names
        first = "P2" if name.startswith("rpn") else "P3"
        assert (names[0], len(names)) == (first, 5)


def test_presets_of_a_framework_share_its_data_and_resize_rules():
    for framework in ("mmdet", "torchvision", "detectron2", "official"):
        members = [preset(name) for name in NAMES if f"-{framework}" in name]
        assert len({(s.data, s.resize) for s in members}) == 1, framework
