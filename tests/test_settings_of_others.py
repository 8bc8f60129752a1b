"""Settings and values as other tools write them: what to write here."""

import pytest

from tests.command_line import ask
from tests.tiny_coco import street, write_coco

FACTORS = "pairs of factors of width and height are anchors.ratio_pairs"


@pytest.fixture(autouse=True)
def annotations(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_coco(tmp_path / "a.json", street())


@pytest.mark.parametrize(
    "value",
    [
        "[(1.0,1.0),(1.4,0.7),(0.7,1.4)]",
        "(1,1),(1.4,0.7),(0.7,1.4)",
        "1:1,1.4:0.7,0.7:1.4",
        "1/1,1.4/0.7,0.7/1.4",
    ],
)
def test_pairs_of_factors_have_a_setting_of_their_own(value: str) -> None:
    error = ask(f"stats --set anchors.ratios={value} --ann a.json", code=2).err
    [hint] = [line for line in error.splitlines() if line.startswith("hint: ")]
    assert hint.replace(".0", "") == (
        f"hint: {FACTORS}=[[1, 1], [1.4, 0.7], [0.7, 1.4]]"
    )


def test_pairs_that_look_like_ratios_of_each_level_are_explained() -> None:
    pairs = "[[1,1],[1.4,0.7],[0.7,1.4]]"
    error = ask(f"stats a.json -s ratios={pairs}", code=2).err
    assert "expected one list, or one for each stride, got 3 and 5 strides" in error
    assert error.endswith(f"hint: {FACTORS}\n")


@pytest.mark.parametrize("value", ["1,2,x", "-1", "a", "[1,"])
def test_other_wrong_ratios_have_no_such_hint(value: str) -> None:
    assert "factors" not in ask(f"stats a.json -s ratios={value}", code=2).err


def test_sides_of_a_sweep_are_explained_as_height_and_width() -> None:
    error = ask("sweep a.json size=512,640", code=2).err
    assert error == (
        "atss-inspect: error: sweep: size: each value is a height and a width, in "
        "brackets; got 512,640\n"
        "hint: for squares: size=[512,512],[640,640]\n"
    )
    # One number is a square; a preset of other rules does not look at it.
    told = ask("stats a.json -s size=640").err
    assert "hint: resize.size has no effect on atss-mmdet" in told


@pytest.mark.parametrize("value", ["1,2,3,4,8", "[4,8]"])
def test_several_scales_are_lists_of_sizes(value: str) -> None:
    error = ask(f"stats a.json -s anchors.scale={value}", code=2).err
    numbers = value.strip("[]")
    assert f"hint: lists of sizes are set as anchors.scales=[{numbers}]\n" in error
    assert "hint" not in ask("stats a.json -s anchors.scale=x", code=2).err


@pytest.mark.parametrize("name", ["tile_size", "tiles", "crop", "resize.slice_size"])
def test_tiles_are_not_imitated_but_sliced_before(name: str) -> None:
    error = ask(f"stats a.json -s {name}=416", code=2).err
    assert error == (
        f"atss-inspect: error: --set: {name}: tiles are not imitated; images are "
        "resized as a whole\n"
        "hint: slice the annotations first and give what comes of it: sahi coco slice "
        "--image_dir IMAGES --dataset_json_path FILE --slice_size 416\n"
    )


@pytest.mark.parametrize("value", ["32,64", "[32,64]"])
@pytest.mark.parametrize("name", ["sizes", "anchor_sizes", "anchors.sizes"])
def test_plain_sizes_may_be_of_each_level_or_of_all(name: str, value: str) -> None:
    error = ask(f"stats a.json -s {name}={value}", code=2).err
    assert "--set: anchors.sizes: expected lists, got [32" in error
    assert error.endswith(
        "hint: [[32], [64]] gives each level one, [[32, 64]] all levels all of them\n"
    )
