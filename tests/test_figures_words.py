"""The words of figures about data and conventions."""

from pathlib import Path

from atss_inspect.figures.words import (
    amount_line,
    as_conventions,
    convention_line,
    data_line,
    extremes,
    plot_text,
    short_name,
)
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics.summary import Selection
from tests.object_tables import ATSS, FCOS
from tests.tiny_coco import street, write_coco


def test_the_data_go_by_the_name_of_the_file_alone(tmp_path: Path) -> None:
    path = write_coco(tmp_path / "street.json", street())
    dataset = load_coco(str(path))
    every = data_line(dataset, Selection(), 9)
    assert every == "street.json: 9 objects in 4 images"
    chosen = data_line(dataset, Selection(("person",), ("tiny",)), 1)
    assert chosen == ("street.json: 1 object in 4 images, only person and tiny objects")


def test_several_files_are_the_first_and_a_number(tmp_path: Path) -> None:
    paths = [str(write_coco(tmp_path / f"{n}.json", street())) for n in "ab"]
    line = data_line(load_coco(*paths), Selection(), 18)
    assert line == "a.json and 1 more file: 18 objects in 8 images"


def test_a_long_name_is_clipped_and_a_nameless_folder_is_named_as_typed() -> None:
    assert amount_line(["w" * 50], 1, 2) == f"{'w' * 39}…: 1 object in 2 images"
    assert amount_line(["/"], 1, 2) == "/: 1 object in 2 images"


def test_blocks_of_a_text_stand_apart_and_what_is_empty_leaves_no_gap() -> None:
    notes = ["word " * 17, "Last."]
    text = plot_text("convention\n", "table\n", notes=notes, verdict="a " * 40)
    note = " ".join(["word"] * 16)
    first = " ".join(["a"] * 36)
    assert text == (
        f"convention\n\ntable\n\n{note}\nword\nLast.\n\nverdict: {first}\n  a a a a\n"
    )
    assert plot_text("", verdict="Nothing.") == "verdict: Nothing.\n"


def test_one_convention_is_described_and_several_share_their_frame() -> None:
    assert convention_line([ATSS]) == (
        "atss-mmdet: ATSS, k 9 per level; 1 anchor of 8 x stride, offset 0"
    )
    assert convention_line([ATSS, FCOS]) == (
        "Input pixels, images resized to 800/1333 (mmdetection)"
    )
    other = preset("fcos-torchvision")
    assert convention_line([ATSS, other]) == (
        "Input pixels, each preset after its own resize"
    )


def test_one_convention_or_several_are_a_tuple() -> None:
    assert as_conventions(ATSS) == as_conventions([ATSS]) == (ATSS,)


def test_extremes_are_named_with_ties_and_without_what_is_unknown() -> None:
    values = {"a": 1.0, "b": 3.0, "c": None, "d": 3.0}
    assert extremes(values) == (["b", "d"], ["a"])
    assert extremes({"c": None}) == ([], [])


def test_long_and_strange_names_are_made_fit() -> None:
    assert len(short_name("w" * 300)) == 32
    assert short_name("a\nb") == "a\\nb"
