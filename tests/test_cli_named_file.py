"""Annotations named without ``--ann``: the same answer, and no doubt what is meant."""

import gzip
import io
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import ask
from tests.tiny_coco import street, write_coco

FILE = "street.json"


@pytest.fixture(autouse=True)
def _files(_empty_folder: None) -> None:
    write_coco(Path(FILE), street())


@pytest.mark.parametrize(
    "command",
    [
        "stats FILE",
        "stats -p atss-mmdet --by size FILE",
        "stats -patss-mmdet --by=size FILE --json",
        "worst FILE -n 3",
        "compare FILE atss-mmdet retinanet-mmdet",
        "sweep FILE k=3,9",
        "sweep k=3,9 FILE",
        "explain FILE --ann-id 100",
        "check FILE --max-unassigned 99%",
        "export FILE objects",
        "export -f csv -- FILE left-out",
        "plot image FILE 10 -o a.png --force --dpi 30",
        pytest.param(
            "plot reach FILE -p atss-mmdet -o a.png --force --dpi 30",
            marks=pytest.mark.slow,
        ),
        "view FILE 10 -o - --no-open",
        "config init FILE -o -",
    ],
)
def test_a_file_among_the_arguments_is_what_ann_names(command: str) -> None:
    words = command.split()
    rest = [word for word in words if word != "FILE"]
    where = rest.index("--") if "--" in rest else len(rest)
    named = [*rest[:where], "--ann", FILE, *rest[where:]]
    assert "FILE" in words
    expected = ask(f"-q {' '.join(named)}")
    assert ask(f"-q {command.replace('FILE', FILE)}") == expected


def test_it_is_known_by_what_it_holds() -> None:
    content = Path(FILE).read_bytes()
    Path("street").write_bytes(b"\xef\xbb\xbf \n" + content)
    Path("packed").write_bytes(gzip.compress(content))
    Path("42").write_bytes(content)
    ask(f"-q convert {FILE} -o street.atss")
    expected = ask(f"-q stats --ann {FILE} --json").json["results"]
    for name in ("street", "packed", "42", "street.atss"):
        assert ask(f"-q stats {name} --json").json["results"] == expected


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[1]",
        b"images",
        b'{"info": 3}',
        b'["images", {"images": 3}]',
        b"\x1f\x8b is not packed",
    ],
)
def test_a_word_that_is_also_a_file_of_something_else_keeps_its_meaning(
    content: bytes,
) -> None:
    words = f"compare atss-mmdet fcos-mmdet --ann {FILE}"
    expected = ask(f"-q {words}").out
    Path("atss-mmdet").write_bytes(content)
    Path("fcos-mmdet").mkdir()
    assert ask(f"-q {words}").out == expected


def test_annotations_named_like_a_preset_are_annotations_and_told() -> None:
    Path("atss-mmdet").write_bytes(Path(FILE).read_bytes())
    words = "compare atss-mmdet fcos-mmdet atss-mmdet"
    out, err = ask(words)
    assert out.startswith("atss-mmdet: 4 images")
    told = (
        "atss-mmdet is a file here, not the preset of this name; with --ann FILE it is "
        "the preset\n"
    )
    assert err == f"note: {told}"
    assert ask(f"-q {words}") == (out, "")
    for command in ("compare", "plot compare"):
        short = ask(f"-q {command} atss-mmdet fcos-mmdet", code=2).err
        assert short.endswith(f"\nhint: {told}")
    whole = ask(f"compare --ann {FILE} atss-mmdet fcos-mmdet").out
    assert whole.startswith(f"{FILE}: 4 images")


def test_annotations_named_like_a_choice_are_annotations_and_told() -> None:
    Path("objects").write_bytes(Path(FILE).read_bytes())
    told = (
        "note: objects is a file here, not the choice of this name; with --ann FILE it "
        "is the choice\n"
    )
    assert ask("export objects", code=2).err.startswith(told)
    assert ask(f"-q export objects --ann {FILE}").out.startswith("preset,image_id,")


@pytest.mark.parametrize("words", ["export objects", "compare fcos-mmdet"])
def test_a_file_not_named_like_json_stands_first(words: str) -> None:
    Path("street").write_bytes(Path(FILE).read_bytes())
    assert ask(f"{words} street", code=2).err == (
        "atss-inspect: error: street: is a file of annotations, but does not stand "
        "first\nhint: what is not named like JSON stands first, or after --ann\n"
    )


def test_stdin_and_pipes_are_files(monkeypatch: Any) -> None:
    content = Path(FILE).read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert ask("-q stats -").out.startswith("stdin: 4 images")
    os.mkfifo("pipe")
    writing = threading.Thread(target=Path("pipe").write_bytes, args=(content,))
    writing.start()
    assert ask("-q compare pipe atss-mmdet fcos-mmdet").out.startswith("pipe: 4 images")
    writing.join()


def test_what_the_environment_names_is_not_written(monkeypatch: Any) -> None:
    monkeypatch.setenv("ATSS_INSPECT_ANN", FILE)
    told = f"atss-inspect: error: {FILE}: is read by this command; expected another "
    assert ask(f"stats -o {FILE} --force", code=2).err.startswith(told)


def test_a_file_that_holds_something_else_is_read_and_refused() -> None:
    Path("other.json").write_text(json.dumps({"a": 1}))
    for command in ("stats other.json", "plot image other.json 3"):
        assert "other.json: " in ask(f"-q {command}", code=3).err


@pytest.mark.parametrize(
    "words", ["FILE --splt val", "--splt val FILE", "--splt=val FILE", "--splt val"]
)
def test_a_mistyped_option_is_blamed_not_its_value(words: str) -> None:
    for command in ("stats", "plot image", "config init"):
        error = ask(f"{command} {words.replace('FILE', FILE)}", code=2).err
        assert error.startswith("atss-inspect: error: no such option: --splt (Possible")


@pytest.mark.parametrize("option", ["--key", "--box-format"])
def test_what_says_how_data_are_read_is_named_once(option: str) -> None:
    error = ask(f"stats {FILE} {option}=a {option} b", code=2).err
    message = f"{option}: expected one value, got a, b"
    assert error.startswith(f"atss-inspect: error: {message}\nhint: convert each, ")
