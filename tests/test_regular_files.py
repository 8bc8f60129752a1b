"""Ordinary files are read within bounds; of others it is said why they are not."""

import errno
import os
import sys
from pathlib import Path

import pytest

from atss_inspect.readers import load_coco, source, yolo_labels
from atss_inspect.readers.source import read_regular
from tests.other_formats import voc_object, voc_text, write_yolo

BOX = "0 0.5 0.5 0.25 0.5\n"
CAT = voc_text(voc_object("cat", 1, 1, 9, 9))


def refusal(path: str, most: int = 9) -> int | None:
    with pytest.raises(OSError) as caught:  # noqa: PT011 - what it is, errno says
        read_regular(path, most)
    return caught.value.errno


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes")
def test_what_cannot_be_read_is_told_apart() -> None:
    Path("ten").write_bytes(b"0123456789")
    os.mkfifo("pipe")
    assert read_regular("ten", 10) == b"0123456789"
    assert read_regular("ten", 9, is_head=True) == b"012345678"
    for path, code in (("ten", errno.EFBIG), ("none", errno.ENOENT)):
        assert refusal(path) == code
    for path, code in (("pipe", errno.EINVAL), (".", errno.EISDIR), ("a\0", 22)):
        assert refusal(path) == code


def test_reading_ends_where_a_text_has_holes() -> None:
    with Path("holes").open("wb") as file:
        file.write(b"text")
        file.truncate(1 << 30)
    assert len(read_regular("holes", 1 << 31)) == source.CHUNK_BYTES


def test_what_may_not_be_opened_is_not_told_as_damaged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_yolo(Path("set"), {"a": BOX, "b": BOX, "c": BOX})
    Path("voc").mkdir()
    for name in "ab":
        Path(f"voc/{name}.xml").write_text(CAT, "utf-8")
    shut, real = ("a.png", "b.txt", "a.xml"), os.open

    def open_some(path: str, *more: int) -> int:
        if str(path).endswith(shut):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *more)

    monkeypatch.setattr(os, "open", open_some)
    expected = {"picture_unopened": 1, "label_unopened": 1}
    assert load_coco("set").left_out_images == expected
    assert load_coco("voc").left_out_images == {"voc_unopened": 1}


def test_a_label_that_is_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    write_yolo(Path("set"), {"a": BOX, "b": BOX * 2})
    monkeypatch.setattr(yolo_labels, "LONGEST_FILE", len(BOX))
    assert load_coco("set").left_out_images == {"label_too_long": 1}


def test_a_blank_line_among_names_is_a_class() -> None:
    write_yolo(Path("set"), {"a": BOX, "b": "2" + BOX[1:]})
    Path("set/data.yaml").unlink()
    Path("set/classes.txt").write_text("cat\n\ndog\n\n", "utf-8")
    assert load_coco("set").category_names == ("cat", "1", "dog")


def test_a_yml_of_another_program_makes_no_folder_one_of_yolo() -> None:
    Path("voc").mkdir()
    Path("voc/a.xml").write_text(CAT, "utf-8")
    Path("voc/ci.yml").write_text("test:\n  script: make\n", "utf-8")
    assert load_coco("voc").category_names == ("cat",)


def test_a_folder_beside_annotations_is_read_if_it_is_named() -> None:
    for folder, text in (
        ("Annotations", CAT),
        ("Annotations2", CAT.replace("cat", "x")),
    ):
        Path("voc", folder).mkdir(parents=True)
        Path("voc", folder, "a.xml").write_text(text, "utf-8")
    Path("voc/images").mkdir()
    assert load_coco("voc").category_names == ("cat",)
    assert load_coco("voc/Annotations2").category_names == ("x",)
