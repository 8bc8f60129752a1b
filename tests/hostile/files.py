"""Files that hold no text, half a text, another format, or are no files at all."""

import errno
import gzip
import os
from pathlib import Path

from tests.hostile.case import (
    ANN,
    EXPECTED,
    STATS,
    Answer,
    Case,
    Make,
    Refusal,
    answered,
    refused,
)
from tests.hostile.json_text import document

WHOLE = document()
AGAIN = "copy or download the file again"
CUT_OFF = "the file is cut off; copy or download it again"
TOO_DEEP = "is nested too deeply; expected COCO detection data"
PACKED = gzip.compress(WHOLE, mtime=0)


def _made(name: str, make: Make, message: str, hint: str = "") -> Case:
    """Make a case that is no ordinary file."""
    return Case(name, Refusal(f"{ANN}: {message}", hint=hint), make=make)


def _folder(folder: Path) -> None:
    (folder / ANN).mkdir()


def _folder_with_a_file(folder: Path) -> None:
    (folder / ANN).mkdir()
    (folder / ANN / "train.json").touch()


def _broken_link(folder: Path) -> None:
    (folder / ANN).symlink_to("nowhere.json")


def _circle_of_links(folder: Path) -> None:
    (folder / ANN).symlink_to("b.json")
    (folder / "b.json").symlink_to(ANN)


def _endless_zeros(folder: Path) -> None:
    (folder / ANN).symlink_to("/dev/zero")


def _endless_noise(folder: Path) -> None:
    (folder / ANN).symlink_to("/dev/urandom")


BROKEN = "is not valid JSON at byte ..."


def _sparse_gigabyte(folder: Path) -> None:
    (folder / ANN).touch()
    os.truncate(folder / ANN, 1 << 30)


CASES = (
    refused("empty", b"", f"the file is empty; {EXPECTED}"),
    refused("white space", b" \r\n\t" * 4000, f"the file is empty; {EXPECTED}"),
    refused(
        "only a byte order mark", b"\xef\xbb\xbf", f"the file is empty; {EXPECTED}"
    ),
    refused("zero bytes", b"\0" * 5000, f"is binary data; {EXPECTED}"),
    refused("noise", bytes(range(128, 256)), f"is not JSON; {EXPECTED}"),
    refused("a zero byte inside", WHOLE.replace(b",", b"\0", 1), BROKEN),
    refused("a zero byte after the end", WHOLE + b"\0", BROKEN),
    refused("another document after the end", WHOLE * 2, BROKEN),
    refused("one bracket", b"{", "the JSON ends too early, at byte 1", CUT_OFF),
    refused(
        "cut in the middle",
        WHOLE[: len(WHOLE) // 2],
        "the JSON ends too early, at byte ...",
        CUT_OFF,
    ),
    refused(
        "cut before the last bracket",
        WHOLE[:-1],
        "the JSON ends too early, at byte ...",
        CUT_OFF,
    ),
    refused("a comma too many", WHOLE[:-1] + b",}", BROKEN),
    refused("single quotes", WHOLE.replace(b'"', b"'"), BROKEN),
    refused("a comment", b"// mine\n" + WHOLE, f"is not JSON; {EXPECTED}"),
    refused("a word Python writes", b'{"images": None}', BROKEN),
    answered("a byte order mark", b"\xef\xbb\xbf" + WHOLE),
    answered("UTF-16, little end first", WHOLE.decode().encode("utf-16")),
    answered("UTF-16, big end first", b"\xfe\xff" + WHOLE.decode().encode("utf-16-be")),
    refused(
        "half a UTF-16 character",
        b"\xff\xfe" + WHOLE.decode().encode("utf-16-le")[:-1],
        "is neither UTF-8 nor UTF-16 text; expected JSON in UTF-8",
    ),
    refused("only the mark of UTF-16", b"\xff\xfe", f"the file is empty; {EXPECTED}"),
    refused(
        "a key that is not UTF-8",
        b'{"\xff": 1, ' + WHOLE[1:],
        "a top-level key is not valid UTF-8",
        "save the file as UTF-8",
    ),
    answered("a value that is not UTF-8", WHOLE[:-1] + b', "info": "\xff\xfe"}'),
    answered("gzip", PACKED),
    answered(
        "gzip in two members", gzip.compress(WHOLE[:40]) + gzip.compress(WHOLE[40:])
    ),
    # Where several members are larger than a step, only the first used to be read.
    answered("gzip in large members", gzip.compress(b" " * (3 << 20)) * 3 + PACKED),
    answered("gzip with garbage after it", PACKED + b"garbage" * 100),
    answered("gzip padded with zeros", PACKED + b"\0" * 1000),
    refused("gzip in gzip", gzip.compress(PACKED), f"is ...; {EXPECTED}"),
    refused(
        "only the first bytes of gzip",
        b"\x1f\x8b",
        "the gzip data ends too early",
        AGAIN,
    ),
    refused("gzip cut off", PACKED[:-20], "the gzip data ends too early", AGAIN),
    refused(
        "gzip without its checksum", PACKED[:-8], "the gzip data ends too early", AGAIN
    ),
    refused(
        "gzip with a wrong checksum",
        PACKED[:-8] + bytes(8),
        "damaged gzip data: ...",
        AGAIN,
    ),
    refused(
        "gzip, garbled",
        PACKED[:30] + b"\xff" * 30 + PACKED[60:],
        "damaged gzip data: ...",
        AGAIN,
    ),
    refused("gzip of nothing", gzip.compress(b""), f"the file is empty; {EXPECTED}"),
    refused("brackets, 100000 deep", b"[" * 100_000, TOO_DEEP),
    refused(
        "an object, 100000 deep", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, TOO_DEEP
    ),
    refused(
        "images, 100000 deep",
        b'{"images": ' + b"[" * 100_000 + b"]" * 100_000 + b', "annotations": []}',
        TOO_DEEP,
    ),
    refused("100000 brackets, never closed", b'{"images": ' + b"[" * 100_000, TOO_DEEP),
    refused(
        "a number of a million digits",
        b"1" * 1_000_000,
        f"holds just a number; {EXPECTED}",
    ),
    refused("a picture", b"\x89PNG\r\n\x1a\n\0", "is a PNG picture; ...", "..."),
    refused("a zip archive", b"PK\x03\x04", "is a zip archive; ...", "..."),
    refused("a page", b"<!DOCTYPE html><p>", "is an HTML page; ...", "..."),
    refused(
        "XML with entities", b'<!ENTITY a "&a;&a;">', "is XML (Pascal VOC?); ...", "..."
    ),
    refused("a pickle", b"\x80\x04\x95\0\0\0\0", f"is binary data; {EXPECTED}"),
    Case(
        "no file",
        Refusal("b.json: no such file", hint="did you mean a.json"),
        {ANN: WHOLE},
        ("stats", "--ann", "b.json"),
    ),
    Case(
        "a name with a zero byte",
        Refusal(r"a\x00.json: cannot be read: ..."),
        words=("stats", "--ann", "a\0.json"),
    ),
    Case(
        "a name too long",
        Refusal(f"{'a' * 300}: cannot be read: {os.strerror(errno.ENAMETOOLONG)}"),
        words=("stats", "--ann", "a" * 300),
    ),
    Case(
        "a name that acts on a terminal",
        Refusal(r"\x1b[2J\x1b]0;x\x07.json: no such file"),
        words=("stats", "--ann", "\x1b[2J\x1b]0;x\x07.json"),
    ),
    Case(
        "a name of two lines",
        Refusal(r"a\nhint: all is well: no such file"),
        words=("stats", "--ann", "a\nhint: all is well"),
    ),
    Case(
        "an address",
        Refusal("https://x/a.json: is a web address; expected a file", hint="..."),
        words=("stats", "--ann", "https://x/a.json"),
    ),
    Case(
        "twice the same file by two names",
        Refusal(f"./{ANN}: is given twice, as {ANN}; expected each file once"),
        {ANN: WHOLE},
        ("stats", "--ann", ANN, "--ann", f"./{ANN}"),
    ),
    Case(
        "twice the same file by a link",
        Refusal(f"b.json: is given twice, as {ANN}; expected each file once"),
        {ANN: WHOLE},
        ("stats", "--ann", ANN, "--ann", "b.json"),
        make=lambda folder: (folder / "b.json").symlink_to(ANN),
    ),
    Case(
        "one broken file among three hundred",
        Refusal("150.json: the JSON ends too early, at byte 1", hint=CUT_OFF),
        {f"{n}.json": WHOLE if n != 150 else b"{" for n in range(300)},
        ("stats", *(word for n in range(300) for word in ("--ann", f"{n}.json"))),
    ),
    Case(
        "three hundred files",
        Answer(600),
        {f"{n}.json": WHOLE for n in range(300)},
        (
            STATS[0],
            *STATS[3:],
            *(word for n in range(300) for word in ("--ann", f"{n}.json")),
        ),
    ),
    Case(
        "twice the same file",
        Refusal(f"{ANN}: is given twice; expected each file once"),
        {ANN: WHOLE},
        ("stats", "--ann", ANN, "--ann", ANN),
    ),
    _made(
        "a folder",
        _folder,
        "is a folder; expected a JSON file, or what `convert` wrote",
        "it holds no .json file",
    ),
    _made(
        "a folder with a file",
        _folder_with_a_file,
        "is a folder; expected a JSON file, or what `convert` wrote",
        "did you mean a.json/train.json",
    ),
    _made("a link to nothing", _broken_link, "no such file", "..."),
    _made("a circle of links", _circle_of_links, "cannot be read: ..."),
    _made("zeros without end", _endless_zeros, f"is binary data; {EXPECTED}"),
    _made("noise without end", _endless_noise, f"is ...; {EXPECTED}"),
    _made("a gigabyte of zeros", _sparse_gigabyte, f"is binary data; {EXPECTED}"),
)
