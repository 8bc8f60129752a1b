"""A sweep in words: rows named, the choice beside the present, the table."""

from typing import Any

import pytest

from atss_inspect.figures.sweep import (
    NO_CONVENTION,
    base_name,
    choice_words,
    row_name,
    sweep_data_line,
    sweep_plot_text,
)
from atss_inspect.readers.saved_sweep import SavedSweep, check_sweep
from atss_inspect.settings import preset
from tests.saved_sweeps import saved_sweep


def sweep_of(axes: dict[str, list[Any]]) -> SavedSweep:
    """A sweep of a convention whose k is 9; the first row is chosen."""
    return check_sweep(saved_sweep(axes), "sweep")


def test_rows_are_named_by_their_values_the_last_setting_changing_fastest() -> None:
    levels = [[4, 8, 16, 32, 64], [8, 16, 32, 64, 128]]
    saved = sweep_of({"levels": levels, "k": [3, 9, 15]})
    assert row_name(saved, 0) == "levels P2-P6, k 3"
    assert row_name(saved, 2) == "levels P2-P6, k 15"
    assert row_name(saved, 4) == "levels P3-P7, k 9"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        # Row 0 starves 0 of 40 objects, row 1 starves 1.
        (
            [3, 9],
            "Chosen: k 3, 0% without a positive; atss-mmdet as it is, k 9: 2.5%.",
        ),
        ([9, 3], "Chosen: k 9, 0% without a positive; that is atss-mmdet as it is."),
        ([3, 5], "Chosen: k 3, 0% without a positive."),
    ],
    ids=["the present is another", "the present", "the present is not swept"],
)
def test_the_choice_stands_beside_the_present(values: list[int], words: str) -> None:
    assert choice_words(sweep_of({"k": values})) == words


def test_the_base_is_named_in_print_and_not_at_any_length() -> None:
    document = saved_sweep({"k": [3]})
    for name, shown in (
        ("mine", "mine"),
        ("a\x1b[1m", "a\\x1b[1m"),
        ("w" * 99, "w" * 31 + "…"),
    ):
        document["settings"][0]["name"] = name
        assert base_name(check_sweep(document, "sweep")) == shown
    del document["settings"][0]["name"]
    assert base_name(check_sweep(document, "sweep")) == "as it is"


def test_the_text_has_the_convention_the_rows_their_units_and_the_verdict() -> None:
    document = saved_sweep({"k": [3, 9]})
    document["settings"] = [preset("atss-mmdet", k=7).to_dict()]
    assert (
        sweep_plot_text(check_sweep(document, "sweep"))
        == """\
Assigned in input pixels, images resized to 800/1333 (mmdetection):
  atss-mmdet  ATSS, k 7 per level; 1 anchor of 8 x stride, offset 0

     none  mean
k 3    0%   2.0
k 9  2.5%   3.0

mean: positives per object; none: share of the objects without a positive.

verdict: The first is best.
"""
    )


@pytest.mark.parametrize(
    "change",
    [
        {"anchors": {"scale": 8.0}},
        {"assigner": {"name": "newer", "k": 9}},
        {"resize": "800"},
        {"augment": {}},
        {"description": 3},
    ],
    ids=["missing", "unknown rule", "no table", "unknown table", "no text"],
)
def test_no_convention_is_made_up_where_the_file_does_not_hold_all_of_it(
    change: dict[str, Any],
) -> None:
    document = saved_sweep({"k": [3, 9]})
    document["settings"] = [preset("atss-mmdet").to_dict() | change]
    beginning = f"{NO_CONVENTION}\n\n     none  mean\n"
    assert sweep_plot_text(check_sweep(document, "sweep")).startswith(beginning)


@pytest.mark.parametrize(
    ("paths", "line"),
    [
        (["folder/val.json"], "val.json: 40 objects in 3 images"),
        (["-"], "stdin: 40 objects in 3 images"),
        (["a/b.json", "c.json"], "b.json and 1 more file: 40 objects in 3 images"),
        ([], "40 objects in 3 images"),
    ],
    ids=["one", "stdin", "two", "none"],
)
def test_the_data_of_a_saved_sweep_are_named(paths: list[str], line: str) -> None:
    document = saved_sweep({"k": [3, 9]})
    document["inputs"] = [{"path": path} for path in paths]
    assert sweep_data_line(check_sweep(document, "sweep")) == line


def names(saved: SavedSweep) -> list[str]:
    """The rows that the text lists."""
    _, table, *_ = sweep_plot_text(saved).split("\n\n")
    return [line.split("  ")[0].strip() for line in table.splitlines()[1:] if line]


def test_of_more_than_twelve_rows_the_chosen_and_the_present_are_listed() -> None:
    assert len(names(sweep_of({"k": list(range(1, 13))}))) == 12
    assert names(sweep_of({"k": list(range(1, 14))})) == ["k 1", "k 9"]
    assert names(sweep_of({"k": list(range(20, 33))})) == ["k 20"]


def test_where_nothing_is_chosen_of_many_rows_the_verdict_stands_alone() -> None:
    document = saved_sweep({"k": list(range(20, 33))})
    document["sweep"]["choice"] = None
    saved = check_sweep(document, "sweep")
    assert sweep_plot_text(saved) == (
        f"{NO_CONVENTION}\n\nverdict: The first is best.\n"
    )
    assert choice_words(saved) == "No object is left to assign."
