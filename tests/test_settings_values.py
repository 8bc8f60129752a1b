"""Values are converted by type, kept within range, and written as they are read."""

import contextlib
import tomllib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.errors import SettingsError
from atss_inspect.settings.parameters import (
    PARAMETERS,
    convert,
    format_value,
    parse_text,
)


def read(path: str, text: str) -> Any:
    """Read a value as the command line does."""
    parameter = PARAMETERS[path]
    return convert(parameter, parse_text(text, parameter.kind), "--set")


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("assigner.k", "15", 15),
        ("assigner.k", " 15 ", 15),
        ("assigner.positive_from", "1", 1.0),
        ("assigner.positive_from", ".5", 0.5),
        ("assigner.min_union", "1e-6", 1e-6),
        ("assigner.plus_one", "true", True),
        ("assigner.plus_one", "False", False),
        ("assigner.threshold_test", ">", ">"),
        ("assigner.threshold_test", '">="', ">="),
        ("anchors.ratios", "0.5,1,2", (0.5, 1.0, 2.0)),
        ("anchors.ratios", "[0.5, 1, 2]", (0.5, 1.0, 2.0)),
        ("anchors.ratios", "2", (2.0,)),
        ("anchors.strides", "4,8,16", (4, 8, 16)),
        ("resize.pad_to", "800,1344", (800, 1344)),
        ("resize.pad_to", "", ()),
        ("resize.pad_to", "[]", ()),
        ("resize.size", "[512, 640]", (512, 640)),
        ("data.classes", "person,traffic light", ("person", "traffic light")),
        ("data.classes", '["a, b", "c"]', ("a, b", "c")),
        ("data.classes", '"a, b", "c"', ("a, b", "c")),
        ("data.classes", "'3'", ("3",)),
        ("assigner.scale_ranges", "[-1,64],[64,1e8]", ((-1.0, 64.0), (64.0, 1e8))),
        ("assigner.scale_ranges", "[[-1,64],[64,128]]", ((-1.0, 64.0), (64.0, 128.0))),
    ],
)
def test_text_becomes_the_value_it_looks_like(path: str, text: str, value: Any) -> None:
    found = read(path, text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("assigner.k", "0", "expected a whole number of at least 1, got 0"),
        ("assigner.k", "1.5", 'expected a whole number of at least 1, got "1.5"'),
        ("assigner.k", "", 'expected a whole number of at least 1, got ""'),
        ("assigner.std_ddof", "2", "expected 0 or 1, got 2"),
        ("assigner.plus_one", "yes", 'expected true or false, got "yes"'),
        (
            "assigner.positive_from",
            "1.1",
            "expected a number from 0.0001 to 1, got 1.1",
        ),
        (
            "assigner.positive_from",
            "nan",
            "expected a finite number from 0.0001 to 1, got nan",
        ),
        (
            "assigner.min_union",
            "inf",
            "expected a finite number of at least 0, got inf",
        ),
        ("anchors.scale", "0", "expected a number of at least 0.0001, got 0.0"),
        # What float32 cannot hold would be 0 there.
        ("anchors.scale", "5e-324", "expected a number of at least 0.0001, got 5e-324"),
        (
            "assigner.positive_from",
            "5e-324",
            "expected a number from 0.0001 to 1, got 5e-324",
        ),
        ("anchors.ratios", "", "expected a list of at least one number, got []"),
        ("anchors.offset", "2", "expected a number from 0 to 1, got 2.0"),
        ("resize.size", "640", "expected a list of 2 numbers, got [640]"),
        (
            "resize.pad_to",
            "1,2,3",
            "expected a height and a width, or an empty list, got [1, 2, 3]",
        ),
        (
            "resize.rule",
            "mmdet",
            "expected one of mmdetection, detectron2, torchvision, official, stretch, "
            'letterbox, got "mmdet"; did you mean mmdetection?',
        ),
        (
            "anchors.strides",
            "8,8",
            "expected whole numbers that increase from level to level, got [8, 8]",
        ),
        (
            "anchors.strides",
            "",
            "expected whole numbers that increase from level to level, got []",
        ),
        ("assigner.scale_ranges", "[1, 2", 'expected a list, got "[1, 2"'),
    ],
)
def test_a_wrong_value_is_answered_with_what_is_allowed(
    path: str, text: str, message: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(path, text)
    assert str(caught.value) == f"--set: {path}: {message}"


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        (
            "anchors.strides",
            "8,16,0",
            "anchors.strides[2]: expected a whole number of at least 1, got 0",
        ),
        (
            "anchors.ratios",
            "1,-2",
            "anchors.ratios[1]: expected a number of at least 0.0001, got -2.0",
        ),
        (
            "assigner.scale_ranges",
            "[0,64],[64,32]",
            "assigner.scale_ranges[1]: expected [low, high] with low below high, "
            "got [64, 32]",
        ),
        (
            "assigner.scale_ranges",
            "[[0,inf]]",
            "assigner.scale_ranges[0][1]: expected a finite number, got inf",
        ),
        ("data.classes", "[1]", "data.classes[0]: expected text, got 1"),
    ],
)
def test_a_wrong_element_is_named_by_its_place(
    path: str, text: str, message: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(path, text)
    assert str(caught.value) == f"--set: {message}"


@pytest.mark.parametrize("value", [True, "9", 9.0, None, [9], {"a": 1}])
def test_a_value_of_another_type_is_no_whole_number(value: object) -> None:
    with pytest.raises(SettingsError, match="expected a whole number of at least 1"):
        convert(PARAMETERS["assigner.k"], value, "atss.toml")


def test_a_table_is_no_value() -> None:
    with pytest.raises(SettingsError) as caught:
        convert(PARAMETERS["assigner.k"], {"a": 1}, "atss.toml")
    message = "expected a whole number of at least 1, got a table"
    assert str(caught.value) == f"atss.toml: assigner.k: {message}"


def test_numpy_numbers_become_plain_ones() -> None:
    k = convert(PARAMETERS["assigner.k"], np.int64(15), "override")
    scale = convert(PARAMETERS["anchors.scale"], np.float32(4), "override")
    assert (type(k), type(scale)) == (int, float)


@given(st.text())
def test_text_is_written_so_that_toml_reads_it_back(text: str) -> None:
    assert tomllib.loads(f"value = {format_value(text)}")["value"] == text


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_are_written_so_that_toml_reads_them_back(values: list[float]) -> None:
    assert tomllib.loads(f"value = {format_value(values)}")["value"] == values


@given(st.text(), st.sampled_from(sorted(PARAMETERS)))
def test_any_text_is_a_value_or_a_settings_error(text: str, path: str) -> None:
    with contextlib.suppress(SettingsError):
        value = read(path, text)
        assert read(path, format_value(value)) == value
