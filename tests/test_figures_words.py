"""The words of figures about data and conventions."""

from pathlib import Path

from atss_inspect.figures import words
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics.summary import Selection
from tests.object_tables import ATSS, FCOS
from tests.tiny_coco import street, write_coco


def test_the_data_go_by_the_name_of_the_file_alone(tmp_path: Path) -> None:
    dataset = load_coco(write_coco(tmp_path / "street.json", street()))
    every = words.data_line(dataset, Selection(), 9)
    assert every == "street.json: 9 objects in 4 images"
    chosen = words.data_line(dataset, Selection(("person",), ("tiny",)), 1)
    assert chosen == ("street.json: 1 object in 4 images, only person and tiny objects")


def test_names_are_clipped_and_several_files_are_the_first_and_a_number() -> None:
    line = words.amount_line(["x/a.json", "b.json"], [18], 8)
    assert line == "a.json and 1 more file: 18 objects in 8 images"
    assert words.amount_line(["w" * 50], [1], 2) == f"{'w' * 39}…: 1 object in 2 images"
    assert words.amount_line(["/"], [1], 2) == "/: 1 object in 2 images"
    kept = "7 to 9 objects in 2 images"
    assert words.amount_line([], [7, 9, 8], 2) == kept


def test_blocks_of_a_text_stand_apart_and_what_is_empty_leaves_no_gap() -> None:
    notes = ["word " * 17, "Last."]
    text = words.plot_text("convention\n", "table\n", notes=notes, verdict="a " * 40)
    note = " ".join(["word"] * 16)
    first = " ".join(["a"] * 36)
    assert text == (
        f"convention\n\ntable\n\n{note}\nword\nLast.\n\nverdict: {first}\n  a a a a\n"
    )
    assert words.plot_text("", verdict="Nothing.") == "verdict: Nothing.\n"


def test_one_convention_is_described_and_several_share_their_frame() -> None:
    other = preset("fcos-torchvision")
    lines = [
        words.convention_line(each) for each in ([ATSS], [ATSS, FCOS], [ATSS, other])
    ]
    assert lines == [
        "atss-mmdet: ATSS, k 9 per level; 1 anchor a cell, 64 px up, at cell corners",
        "Input pixels, images resized to 800/1333 (mmdetection)",
        "Input pixels, each preset after its own resize",
    ]
    assert words.as_conventions(ATSS) == words.as_conventions([ATSS]) == (ATSS,)


def test_extremes_are_named_with_ties_and_without_what_is_unknown() -> None:
    values = {"a": 1.0, "b": 3.0, "c": None, "d": 3.0}
    assert words.extremes(values) == (["b", "d"], ["a"])
    assert words.extremes({"c": None}) == ([], [])


def test_long_and_strange_names_are_made_fit() -> None:
    assert len(words.short_name("w" * 300)) == 32
    assert words.short_name("a\nb") == "a\\nb"
