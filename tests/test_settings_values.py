"""Values are converted by type, kept within range, and written as they are read."""

import contextlib
import tomllib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.errors import SettingsError
from atss_inspect.settings import parameters, preset, resolve
from atss_inspect.settings.parameters import PARAMETERS, convert, format_value


def read(path: str, text: str) -> Any:
    """Read a value as the command line does."""
    parameter = PARAMETERS[path]
    return convert(parameter, parameters.parse_text(text, parameter.kind), "--set")


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
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
def test_text_becomes_the_value_it_looks_like(path, text, value):
    found = read(path, text)
    assert found == value
    assert type(found) is type(value)


# Values that any preset may be given are in tests/hostile/sets.py.
@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("positive_from", "1.1", ": expected a number from 0.0001 to 1, got 1.1"),
        ("positive_from", "5e-324", ": expected a number from 0.0001 to 1, got 5e-324"),
        ("min_union", "nan", ": expected a finite number of at least 0, got nan"),
        (
            "scale_ranges",
            "[1, 2",
            ': expected a list whose brackets are closed, got "[1, 2"',
        ),
        (
            "scale_ranges",
            "[0,64],[64,32]",
            "[1]: expected [low, high] with low below high, got [64, 32]",
        ),
        ("scale_ranges", "[[0,inf]]", "[0][1]: expected a finite number, got inf"),
    ],
)
def test_a_wrong_value_is_answered_with_what_is_allowed(path, text, message):
    with pytest.raises(SettingsError) as caught:
        read(f"assigner.{path}", text)
    assert str(caught.value) == f"--set: assigner.{path}{message}"


TYPES = [(True, "true"), ("9", '"9"'), (9.0, "9.0"), (None, "None"), ([9], "[9]")]


@pytest.mark.parametrize(("value", "found"), [*TYPES, ({"a": 1}, "a table")])
def test_a_value_of_another_type_is_no_whole_number(value, found):
    with pytest.raises(SettingsError) as caught:
        convert(PARAMETERS["assigner.k"], value, "atss.toml")
    message = "expected a whole number of at least 1, got"
    assert str(caught.value) == f"atss.toml: assigner.k: {message} {found}"


def test_numpy_numbers_become_plain_ones():
    k = convert(PARAMETERS["assigner.k"], np.int64(15), "override")
    scale = convert(PARAMETERS["anchors.scale"], np.float32(4), "override")
    assert (type(k), type(scale)) == (int, float)


@given(st.text() | st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_what_is_written_is_read_back_by_toml(value):
    assert tomllib.loads(f"value = {format_value(value)}")["value"] == value


@given(st.text(), st.sampled_from(sorted(PARAMETERS)))
def test_any_text_is_a_value_or_a_settings_error(text, path):
    with contextlib.suppress(SettingsError):
        value = read(path, text)
        assert read(path, format_value(value)) == value


@pytest.mark.parametrize(
    ("text", "strides"), [("P2-P5", (4, 8, 16, 32)), ("p3", (8,)), ("[8,16]", (8, 16))]
)
def test_levels_are_strides_by_name(text: str, strides: tuple[int, ...]) -> None:
    found = resolve("yolo11", overrides=[f"levels={text}"]).settings
    assert found.anchors.strides == strides


@pytest.mark.parametrize("text", ["P5-P3", "P2-P13", "P3-X", "2-5"])
def test_what_names_no_levels_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="expected a number, or a pair"):
        resolve("yolo11", overrides=[f"levels={text}"])


@pytest.mark.parametrize(
    ("levels", "imgsz", "side"),
    [
        ("P3-P5", 650, 672),
        ("P3-P6", 650, 704),
        ("P3-P6", 1280, 1280),
        ("P2-P5", 33, 64),
    ],
)
def test_a_square_is_a_multiple_of_the_coarsest_stride(levels, imgsz, side) -> None:
    for name in ("yolo11", "yolov5"):
        sizes = {"anchors__sizes": [[10, 13]]} if name == "yolov5" else {}
        found = preset(name, levels=levels, imgsz=imgsz, **sizes)
        assert found.resize.side == side
    assert preset("atss-mmdet", levels="P3-P8").resize.pad_divisor == 32
