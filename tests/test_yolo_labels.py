"""Lines of YOLO labels: what is used, what goes with its image, and in which order."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.readers import yolo_labels
from atss_inspect.readers.yolo_faults import find_fault
from atss_inspect.readers.yolo_labels import FILE_PROBLEMS, Labels, read_labels
from tests.reference.yolo_labels import read_label

HALF = "0.5 0.5 0.25 0.125"


def read(*texts: str | bytes, classes: int = 3, keypoint_words: int = 0) -> Labels:
    content = [each if isinstance(each, bytes) else each.encode() for each in texts]
    return read_labels(content, classes, keypoint_words)


def problem_of(text: str | bytes, **more: int) -> str:
    [code] = read(text, **more).problems
    return FILE_PROBLEMS[code]


def test_each_line_is_class_center_and_size() -> None:
    labels = read(f"2 {HALF}\n\n0 0.1 0.2 0.3 0.4\n", "", f"1 {HALF}")
    assert labels.file.tolist() == [0, 0, 2]
    assert labels.line.tolist() == [1, 3, 1]  # as an editor counts them
    assert labels.classes.tolist() == [2, 0, 1]
    expected = [[0.5, 0.5, 0.25, 0.125], [0.1, 0.2, 0.3, 0.4], [0.5, 0.5, 0.25, 0.125]]
    np.testing.assert_array_equal(labels.normalized, np.array(expected, np.float32))
    assert labels.num_lines.tolist() == [2, 0, 1]
    assert labels.problems.tolist() == [0, 0, 0]


def test_the_box_around_a_polygon_is_used() -> None:
    # x from 0.25 to 0.75, y from 0.5 to 1: center 0.5, 0.75, sides 0.5.
    labels = read("1 0.25 0.5 0.75 0.5 0.75 1 0.25 0.625\n")
    assert labels.normalized.tolist() == [[0.5, 0.75, 0.5, 0.5]]
    assert labels.classes.tolist() == [1]
    assert labels.num_polygons == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"0 {HALF}\nperson {HALF}", "label_malformed"),
        ("0 0.5 0.5 0.25", "label_malformed"),
        ("0 0.5 0.5 0.25 0.125 0.9", "label_malformed"),  # a confidence
        ("1.5 0.5 0.5 0.25 0.125", "label_malformed"),
        ("0 0.1 0.1 0.2 0.2 0.3 0.3 0.4", "label_malformed"),  # half a point
        (b"\xff\xfe0\0 \x001\0", "label_malformed"),
        (f"0 {HALF}\n0 0.1 0.1 0.2 0.2 0.3 0.3", "label_mixed"),
        ("0 0.5 0.5 0.25 1.02", "label_out_of_range"),
        ("0 320 240 64 48", "label_out_of_range"),  # pixels
        ("0 0.5 nan 0.25 0.5", "label_not_finite"),
        ("0 0.5 0.5 -0.001 0.5", "label_negative"),
        ("0 -0.02 0.5 0.25 0.5", "label_negative"),
        (f"-1 {HALF}", "label_negative"),
        (f"3 {HALF}", "label_class_unknown"),
        # A little beyond either border is no mistake.
        ("0 -0.005 1.005 0.25 1.01", ""),
        (f"\ufeff2 {HALF}", ""),
        (f" 2\t{HALF}  \r\n", ""),
        (f"2.0 {HALF}\u20282 0.5 0.5 0.5 0.5", ""),
        ("\n \n", ""),
    ],
)
def test_one_bad_line_takes_its_file_along(text: str | bytes, problem: str) -> None:
    assert problem_of(text) == problem
    both = read(text, f"0 {HALF}")
    assert both.problems[1] == 0
    assert (both.file == 0).sum() == (0 if problem else both.num_lines[0])
    assert both.num_lines[1] == 1


def test_of_a_file_that_is_left_out_lines_are_counted() -> None:
    assert read(f"0 {HALF}\n\nperson {HALF}\n").num_lines.tolist() == [2]
    assert read(f"9 {HALF}\n9 {HALF}\n").num_lines.tolist() == [2]


def test_repeated_lines_are_left_out_and_what_remains_is_sorted() -> None:
    lines = ["2 0.5 0.5 0.2 0.2", "0 0.5 0.5 0.2 0.2", "2 0.50 0.5 0.2 0.2"]
    labels = read("\n".join(lines), "\n".join(lines[:2]))
    # The second file repeats nothing and stays as it is.
    assert labels.classes.tolist() == [0, 2, 2, 0]
    assert labels.line.tolist() == [2, 1, 1, 2]
    assert labels.num_repeated.tolist() == [1, 0]


def test_polygons_that_share_their_box_are_no_repetitions() -> None:
    one, other = "0 0.1 0.1 0.4 0.1 0.4 0.4", "0 0.1 0.1 0.4 0.4 0.1 0.4"
    assert read(f"{one}\n{other}").num_repeated.tolist() == [0]
    assert read(f"{one}\n{other}\n{one}").num_repeated.tolist() == [1]


def test_keypoints_are_not_looked_at() -> None:
    labels = read(f"0 {HALF} 0.1 0.2 x 0.3 0.4 1", keypoint_words=6)
    assert labels.normalized.tolist() == [[0.5, 0.5, 0.25, 0.125]]
    assert labels.num_keypoints == 1
    assert problem_of(f"0 {HALF} 0.1 0.2 2", keypoint_words=6) == "label_malformed"


def test_no_file_gives_empty_columns() -> None:
    labels = read()
    assert labels.normalized.shape == (0, 4)
    assert labels.normalized.dtype == np.float32
    assert labels.problems.shape == (0,)


def test_files_are_read_in_batches_as_they_are_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [f"{n % 4} {HALF}\n" * (n % 3) for n in range(20)]
    at_once = read(*texts)
    monkeypatch.setattr(yolo_labels, "_BATCH_BYTES", 50)
    for name, column in vars(read(*texts)).items():
        np.testing.assert_array_equal(column, getattr(at_once, name), err_msg=name)


NUMBERS = st.one_of(
    st.sampled_from(["0.5", "0.25", "0.3", "1", "0", "-0", "1e-3", "+.5"]),
    st.floats(0, 1, width=32).map(str),
    st.sampled_from(["-0.005", "1.005", "1.02", "-0.02", "nan", "inf", "1_0", "0x1"]),
)
CLASSES = st.sampled_from(["0", "1", "2", "2.0", "-0", "3", "1.5"])


def lines_of(*lengths: int) -> st.SearchStrategy[str]:
    counts = st.sampled_from(lengths)
    words = counts.flatmap(lambda n: st.lists(NUMBERS, min_size=n, max_size=n))
    return st.tuples(CLASSES, words).map(lambda pair: " ".join([pair[0], *pair[1]]))


LINES = st.one_of(
    st.lists(lines_of(4), max_size=5),
    st.lists(lines_of(6, 8), max_size=4),
    st.lists(lines_of(3, 4, 5, 6), max_size=3),
)
FILES = st.tuples(LINES, st.sampled_from(["\n", "\r\n", "\n\n", "\x1c"])).map(
    lambda pair: pair[1].join([*pair[0], *pair[0][:1]]).encode()
)


@given(st.lists(FILES, max_size=6))
def test_any_files_give_what_the_rules_give_line_by_line(texts: list[bytes]) -> None:
    labels = read_labels(texts, 3)
    for place, text in enumerate(texts):
        own = labels.file == place
        found = np.column_stack([labels.classes[own], labels.normalized[own]])
        try:
            expected = read_label(text, 3)
        except ValueError:
            assert labels.problems[place], text
            assert not own.any()
        else:
            assert not labels.problems[place], text
            rows = np.array(expected, np.float32).reshape(-1, 5)
            np.testing.assert_array_equal(found.astype(np.float32), rows)
            assert len(rows) + labels.num_repeated[place] == labels.num_lines[place]
            assert not math.isnan(rows.sum())


@pytest.mark.parametrize(
    ("problem", "text", "fault"),
    [
        ("label_malformed", b"0 .5 .5 .5 .5\n\n0 .5 .5 .5 .5 .9", ":3: 6 numbers"),
        ("label_malformed", b"0 .5 .5 .5 .5 .5 .5 .5", ":1: 8 numbers"),
        ("label_malformed", b"7", ":1: 1 number"),
        ("label_malformed", b"0 .5, .5 .5 .5", ":1: word 2 is no number"),
        ("label_malformed", b"0.5 .5 .5 .5 .5", ":1: class 0.5"),
        ("label_malformed", b"0 1_0 .5 .5 .5", ""),
        ("label_not_finite", b"0 .5 .5 .5 nan", ":1: nan"),
        ("label_out_of_range", b"0 .5 .5 .5 .5\r\n0 .5 1.5 .5 .5", ":2: 1.5"),
        ("label_negative", b"-1 .5 .5 .5 .5", ":1: class -1"),
        ("label_negative", b"0 .5 .5 -.001 .5", ":1: -0.001"),
        ("label_class_unknown", b"2 .5 .5 .5 .5", ":1: class 2, names has 0 to 1"),
        ("label_mixed", b"0 1 1 0 0 1 0\n0 .5 .5 .5 .5", ":2: 5 numbers"),
    ],
)
def test_the_line_at_fault_is_named(problem: str, text: bytes, fault: str) -> None:
    assert find_fault(text, problem, 2, 0) == fault
    if fault:
        assert FILE_PROBLEMS[read_labels([text], 2).problems[0]] == problem
    assert find_fault(b"", problem, 2, 0) == ""


def test_keypoints_are_at_no_fault() -> None:
    text = b"0 .5 .5 .5 .5 7 8 2\n0 .5 1.5 .5 .5 7 8 2"
    assert find_fault(text, "label_out_of_range", 2, 3) == ":2: 1.5"
