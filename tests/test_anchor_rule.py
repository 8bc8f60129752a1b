"""Anchors of any size: lists of sizes, scales, ratios and strides, by hand."""

import numpy as np
import pytest

from atss_inspect.assigners.anchor_rule import AnchorRule, level_label, level_name
from atss_inspect.assigners.pyramid import build_pyramid
from atss_inspect.errors import SettingsError
from atss_inspect.settings import override, parse_settings, preset

from .command_line import ask

ROOT = 2**0.5
HALF, TWICE = (ROOT, 1 / ROOT), (1 / ROOT, ROOT)  # width, height of ratios 0.5 and 2
FACTORS = ((1.0, 1.0), (1.4, 0.7), (0.7, 1.4))


def sides(rule: AnchorRule, level: int = 0) -> list[list[float]]:
    """Width and height of the anchors of a cell."""
    corners = cells(rule, level).astype(float)
    return (corners[:, 2:] - corners[:, :2]).round(3).tolist()


def cells(rule: AnchorRule, level: int = 0) -> np.ndarray:
    pyramid = build_pyramid(rule)
    return pyramid.cell_anchors[pyramid.shapes_of(level)]


def scaled(*pairs: tuple[float, tuple[float, float]]) -> list[list[float]]:
    return [
        [round(size * wide, 3), round(size * high, 3)] for size, (wide, high) in pairs
    ]


def test_mmdetection_goes_ratio_by_ratio_and_detectron2_size_by_size():
    shapes = {"sizes": ((32.0, 64.0),), "ratios": (0.5, 2.0), "strides": (16,)}
    by_ratio = scaled((32, HALF), (64, HALF), (32, TWICE), (64, TWICE))
    by_size = scaled((32, HALF), (32, TWICE), (64, HALF), (64, TWICE))
    for style in ("mmdetection", "detectron2", "efficientdet"):
        found = sides(AnchorRule(style=style, **shapes))
        expected = by_ratio if style == "mmdetection" else by_size
        np.testing.assert_allclose(found, expected, atol=2e-3)


def test_torchvision_rounds_half_sides_of_sizes_half_to_even():
    # 32 * 0.7071 / 2 = 11.31, 64 * 0.7071 / 2 = 22.63; 33 / 2 and 35 / 2 to even;
    # sizes that are written down are not cut to whole numbers: 40.9 / 2 = 20.45.
    rule = AnchorRule((8,), style="torchvision", sizes=((32.0, 64.0),), ratios=(0.5,))
    assert sides(rule) == [[46, 22], [90, 46]]
    rule = AnchorRule((8,), style="torchvision", sizes=((33.0, 35.0, 40.9, 41.1),))
    assert sides(rule) == [[32, 32], [36, 36], [40, 40], [42, 42]]
    # Those made from scales are: 8 * 5.2 = 41.6 is 41, whose half is 20.5.
    rule = AnchorRule((8,), style="torchvision", scales=(5.2,))
    assert sides(rule) == [[40, 40]]


def test_the_official_code_rounds_ratio_sides_at_stride_scale():
    # Ratio 1/2 at stride 16: round(sqrt(512)) = 23 by round(11.5) = 12, half to even,
    # times 40 / 16, minus the pixel that both ends share.
    rule = AnchorRule((16,), style="official", sizes=((40.0,),), ratios=(0.5,))
    assert sides(rule) == [[23 * 2.5 - 1, 12 * 2.5 - 1]]


def test_offsets_of_mmdetection_are_of_base_sizes_and_not_of_strides():
    rule = AnchorRule((8, 16), base_sizes=(21.0, 45.0), scales=(1.0, 2.0), offset=0.5)
    assert cells(rule, 0).tolist() == [[0, 0, 21, 21], [-10.5, -10.5, 31.5, 31.5]]
    assert cells(rule, 1).tolist() == [[0, 0, 45, 45], [-22.5, -22.5, 67.5, 67.5]]
    # Sizes that are written down leave the stride as the base.
    assert cells(AnchorRule((8,), sizes=((20.0,),), offset=0.5)).tolist() == [
        [-6, -6, 14, 14]
    ]


def test_pairs_of_factors_are_those_of_efficientdet():
    # d0: 4 strides times an octave of three; 32 * 1.4 = 44.8 by 32 * 0.7 = 22.4.
    shapes = {"scale": 4.0, "scales_per_octave": 3, "ratio_pairs": FACTORS}
    found = sides(AnchorRule((8,), style="efficientdet", offset=0.5, **shapes))
    assert found[:3] == [[32, 32], [44.8, 22.4], [22.4, 44.8]]
    octave = [32 * 2 ** (i / 3) for i in range(3)]
    expected = scaled(*[(size, pair) for size in octave for pair in FACTORS])
    np.testing.assert_allclose(found, expected, atol=2e-3)
    flat = sides(AnchorRule((8,), **shapes))  # mmdetection: pair by pair
    assert flat[::3] == [[32, 32], [44.8, 22.4], [22.4, 44.8]]


def test_efficientdet_rounds_corners_once():
    # 100 cells of 8 px and half a cell, less half of 32 * 2^(1/3): 783.841...
    for style, differs in (("efficientdet", 0), ("detectron2", 1)):
        rule = AnchorRule((8,), style=style, offset=0.5, scale=4.0, scales_per_octave=3)
        grids = build_pyramid(rule).grids(np.array([[8, 1024]]))
        column = np.arange(128)
        nothing = 0 * column
        keys = grids.anchor_key(nothing, nothing, 3 * column + 1)
        exact = (column + 0.5) * 8 - 16 * 2 ** (1 / 3)
        is_other = grids.corners(keys).x1 != exact.astype(np.float32)
        assert is_other.any() == differs


def test_levels_may_have_other_ratios_and_numbers_of_anchors():
    rule = AnchorRule(
        (8, 16, 32),
        sizes=((16.0, 20.0), (32.0,), (64.0,)),
        ratios=((1.0,), (0.5, 1.0, 2.0), (1.0, 4.0)),
    )
    pyramid = build_pyramid(rule)
    assert pyramid.per_cell.tolist() == [2, 3, 2]
    assert pyramid.first_shape.tolist() == [0, 2, 5]
    assert pyramid.shape_level.tolist() == [0, 0, 1, 1, 1, 2, 2]
    assert pyramid.shape_place.tolist() == [0, 1, 0, 1, 2, 0, 1]
    assert sides(rule, 2) == [[64, 64], [32, 128]]
    grids = pyramid.grids(np.array([[32, 64]]))
    assert grids.level_anchors.tolist() == [[4 * 8 * 2, 2 * 4 * 3, 2 * 2]]
    # The 17th anchor of P4: cell 5 of 8, that is row 1, column 1; its third.
    key = grids.anchor_key(*(np.array([each]) for each in (0, 1, 17)))
    corners = np.stack(grids.corners(key), axis=1)
    np.testing.assert_allclose(corners, cells(rule, 1)[2:] + 16, atol=1e-5)
    cell, place = pyramid.split(np.array([1, 2]), np.array([17, 3]))
    assert (cell.tolist(), place.tolist()) == ([5, 1], [2, 1])


@pytest.mark.parametrize(
    ("strides", "side", "maps"),
    [
        # SSDLite320: 320 / 3 px make three cells of 320, not four.
        ((16, 32, 64, 320 / 3, 160, 320), 320, [20, 10, 5, 3, 2, 1]),
        ((16, 32, 64, 106.66667, 160, 320), 320, [20, 10, 5, 3, 2, 1]),
        ((8, 16, 32, 64, 100, 300), 300, [38, 19, 10, 5, 3, 1]),
        ((300 / 7,), 300, [7]),  # 300 / (300 / 7) is a little more than 7 in double
        ((12.5,), 100, [8]),
        ((12.5,), 101, [9]),
        ((1000.5,), 300, [1]),
    ],
)
def test_maps_cover_the_image_with_fractional_strides_too(strides, side, maps):
    grids = build_pyramid(AnchorRule(strides)).grids(np.array([[side, side]]))
    assert grids.map_sizes[0].tolist() == [[number, number] for number in maps]


def test_strides_may_differ_along_the_axes():
    rule = AnchorRule(((8, 16),), scale=2.0, offset=0.5, style="detectron2")
    grids = build_pyramid(rule).grids(np.array([[64, 64]]))
    assert grids.map_sizes.tolist() == [[[8, 4]]]
    # The base is the smaller stride, 8; cell (1, 2): 1.5 * 8 down, 2.5 * 16 across.
    key = grids.anchor_key(*(np.array([each]) for each in (0, 0, 1 * 4 + 2)))
    assert np.stack(grids.corners(key), axis=1).tolist() == [[32, 4, 48, 20]]


def test_names_of_levels_and_what_they_stand_beside():
    names = {8: "P3", 40.5: "stride 40.5", 320 / 3: "stride 106.667"}
    names |= {(8, 16): "stride 8x16", (8, 12.5): "stride 8x12.5"}
    assert {each: level_name(each) for each in names} == names
    assert [*map(level_label, (8, 12, (8, 16)))] == [
        *("P3 (stride 8)", "stride 12", "stride 8x16")
    ]


def test_larger_anchors_are_said_as_today():
    assert AnchorRule().scaled(2) == {"anchors.scale": 16.0}
    assert AnchorRule(scales=(1.0, 3.0)).scaled(0.5) == {"anchors.scales": (0.5, 1.5)}
    sizes = AnchorRule(scales=(), sizes=((8.0, 9.0), (16.0,))).scaled(2)
    assert sizes == {"anchors.sizes": ((16, 18), (32,))}


def test_a_finer_level_has_half_of_what_the_first_one_has():
    assert AnchorRule((8, 16)).with_finer_level() == {"anchors.strides": (4, 8, 16)}
    own = {"sizes": ((8.0, 9.0), (16.0,)), "ratios": ((1.0, 2.0), (1.0,))}
    assert AnchorRule((8, 16), **own).with_finer_level() == {
        "anchors.strides": (4, 8, 16),
        "anchors.sizes": ((4, 4.5), (8, 9), (16,)),
        "anchors.ratios": ((1, 2), (1, 2), (1,)),
    }
    based = AnchorRule((8,), base_sizes=(20.0,), sizes=((8.0,),))
    assert based.with_finer_level()["anchors.base_sizes"] == (10, 20)
    assert "anchors.sizes" not in based.with_finer_level()
    for first in (9, 8.5, (8, 16)):
        assert AnchorRule((first, 64)).with_finer_level() == {}


LEVELS = "anchors.{}: expected one list, or one for each stride, got {} and 5 strides"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sizes": [[8], [16]]}, LEVELS.format("sizes", 2)),
        ({"ratios": [[1], [2], [3]]}, LEVELS.format("ratios", 3)),
        (
            {"base_sizes": [8]},
            "base_sizes: expected one base size per stride, got 1 and 5",
        ),
        ({"sizes": [[8]], "scales": [1]}, "expected either sizes or scales, got both"),
        (
            {"sizes": [[8], []]},
            r"anchors.sizes\[1\]: expected a list of 1 to 32 sizes in pix",
        ),
        (
            {"sizes": [[8] * 33]},
            r"anchors.sizes\[0\]: expected a list of 1 to 32 sizes in pix",
        ),
        ({"sizes": [["8"]]}, r"anchors.sizes\[0\]\[0\]: expected a number, got \"8\""),
        ({"ratios": [1, [2]]}, "expected a list of at least one number, or a list of"),
        (
            {"ratio_pairs": [[1, 2, 3]]},
            r"ratio_pairs\[0\]: expected a list of 2 numbers",
        ),
        ({"strides": [8, [8, 16]]}, "expected numbers that increase from level to lev"),
        ({"strides": [0.5, 1]}, r"strides\[0\]: expected a number, or a pair \(height"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(changes, message):
    with pytest.raises(SettingsError, match=message):
        preset("retinanet-mmdet", **changes)


def test_what_has_no_effect_is_refused_where_it_comes_later(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sized = 'extends = "retinanet-mmdet"\n[anchors]\nsizes = [[16]]\n'
    (tmp_path / "mine.toml").write_text(f"{sized}scale = 8\n")
    refused = ask("config show -c mine.toml", code=2).err
    assert "mine.toml: anchors.scale: has no effect beside anchors.sizes" in refused
    (tmp_path / "mine.toml").write_text(sized)
    ask("config show -c mine.toml --format toml -o whole.toml")  # with every scale
    assert "16x16" in ask("config show -c whole.toml -s ratios=1").out
    assert "16x16" in ask("config show -c mine.toml -s ratios=1").out
    error = ask("config show -c mine.toml -s scale=4", code=2).err
    assert error == (
        "atss-inspect: error: --set: anchors.scale: has no effect beside "
        "anchors.sizes\n"
        "hint: --set anchors.sizes=[] lets it decide\n"
    )
    assert ask("config show -c mine.toml -s scale=4 -s sizes=[]").out
    with pytest.raises(SettingsError, match="ratios: has no effect beside"):
        override(preset(ratio_pairs=[[1, 2]]), {"ratios": [1, 2]})


def test_whole_strides_stay_whole_numbers():
    rule = preset("retinanet-mmdet", strides=[8.0, [16, 20.0], 32.5]).anchors
    assert [str(each) for each in rule.strides] == ["8", "(16, 20)", "32.5"]


TOML = """
extends = "retinanet-mmdet"

[anchors]
strides = [8, [16, 20], 106.66666666666667]
sizes = [[16, 20], [32], [64, 80, 100]]
ratios = [[1], [0.5, 1], [2]]
allowed_border = 0
"""


def test_files_variables_and_overrides_say_the_same(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    anchors = parse_settings(TOML, "mine.toml").anchors
    lists = {
        "strides": [8, [16, 20], 320 / 3],
        "sizes": [[16, 20], [32], [64, 80, 100]],
        "ratios": [[1], [0.5, 1], [2]],
    }
    assert preset("retinanet-mmdet", **lists, allowed_border=0).anchors == anchors
    texts = {name: str(value).replace(" ", "") for name, value in lists.items()}
    (tmp_path / "mine.toml").write_text(TOML)
    shown = {"file": ask("config show -c mine.toml --json").json["results"][0]}
    words = " ".join(f"-s {name}={text}" for name, text in texts.items())
    words = f"config show -p retinanet-mmdet {words} -s allowed_border=0 --json"
    shown["flags"] = ask(words).json["results"][0]
    for name, text in {**texts, "allowed_border": "0"}.items():
        monkeypatch.setenv(f"ATSS_INSPECT_SET_ANCHORS_{name.upper()}", text)
    words = "config show -p retinanet-mmdet --json"
    shown["variables"] = ask(words).json["results"][0]
    for one in shown.values():
        assert one["settings"]["anchors"] == shown["file"]["settings"]["anchors"]
        assert one["levels"] == shown["file"]["levels"]
    assert shown["file"]["levels"][1] == {
        "level": 1,
        "level_name": "stride 16x20",
        "stride": [16, 20],
        "center": [0, 0],
        "anchors": [[45.2548, 22.6274], [32, 32]],
        "scale_range": None,
    }
