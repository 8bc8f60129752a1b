"""Files that hold no text, half a text, another format, or are no files at all."""

import errno
import gzip
import json
import os
from pathlib import Path

from tests.hostile.case import (
    ANN,
    EXPECTED,
    Answer,
    Case,
    Make,
    Refusal,
    answered,
    refused,
)
from tests.hostile.json_text import document

WHOLE = document()
TEXT = WHOLE.decode()
PACKED = gzip.compress(WHOLE, mtime=0)
AGAIN = "copy or download the file again"
CUT_OFF = "the file is cut off; copy or download it again"
EMPTY = f"the file is empty; {EXPECTED}"
BINARY = f"is binary data; {EXPECTED}"
BROKEN = "is not valid JSON at byte ..."
NO_JSON = f"is not JSON; {EXPECTED}"
COMMENTS = f"is JSON with comments, which JSON does not have; {EXPECTED}"
PRINTED = f"is what Python prints, not JSON; {EXPECTED}"
TABLE = f"is a table (CSV); {EXPECTED}"
SEVERAL = "holds several JSON documents; the second begins at byte ..."
ENDS = "the JSON ends too early, at byte"
NO_UTF = "is neither UTF-8 nor UTF-16 text; expected JSON in UTF-8"
KEY = "a top-level key is not valid UTF-8"
PACKED_ENDS = "the gzip data ends too early"
DAMAGED = "damaged gzip data: ..."
TOO_DEEP = "is nested too deeply; expected COCO detection data"
FOLDER = "is a folder; expected a JSON file, ..."
TRAIN = "did you mean a.json/train.json"
WITHIN = r"holds COCO data under \x1b[2J"
DEEP = 100_000

# what is odd, the content, the message, the hint
REFUSED = (
    ("empty", b"", EMPTY),
    ("white space", b" \r\n\t" * 4000, EMPTY),
    ("only a byte order mark", b"\xef\xbb\xbf", EMPTY),
    ("only the mark of UTF-16", b"\xff\xfe", EMPTY),
    ("gzip of nothing", gzip.compress(b"", mtime=0), EMPTY),
    ("zero bytes", b"\0" * 5000, BINARY),
    (
        "a pickle",
        b"\x80\x04\x95\0\0\0\0",
        f"is a Python pickle, which is not read; {EXPECTED}",
        "write it ...",
    ),
    ("noise", bytes(range(128, 256)), NO_JSON),
    ("a comment", b"// mine\n" + WHOLE, COMMENTS, "take the comments out"),
    ("a table", b"image,x,\x1b\n" + b"a.jpg,1,2\n" * 9, TABLE, "write it as ..."),
    ("JSON lines", b'{"id": 1}\n' * 9, "is JSON lines, ...", "convert it ..."),
    ("COCO within COCO", b'{"\\u001b[2J": %b}' % WHOLE, WITHIN, "take it with ..."),
    ("COCO within a list", b"[%b]" % WHOLE, "holds COCO data within a list", "..."),
    (
        "a text of JSON",
        json.dumps(TEXT).encode(),
        "holds JSON within a text; ...",
        "...",
    ),
    ("a zero byte inside", WHOLE.replace(b",", b"\0", 1), BROKEN),
    ("a zero byte after the end", WHOLE + b"\0", "is no JSON alone; ..."),
    ("another document after the end", WHOLE * 2, SEVERAL, "make a file of each, ..."),
    ("a comma too many", WHOLE[:-1] + b",}", BROKEN),
    ("single quotes", WHOLE.replace(b'"', b"'"), PRINTED, "write it with ..."),
    (
        "a word Python writes",
        b'{"images": None}',
        BROKEN,
        "Python's print wrote it; ...",
    ),
    ("one bracket", b"{", f"{ENDS} 1", CUT_OFF),
    ("cut in the middle", WHOLE[: len(WHOLE) // 2], f"{ENDS} ...", CUT_OFF),
    ("cut before the last bracket", WHOLE[:-1], f"{ENDS} ...", CUT_OFF),
    ("half a UTF-16 character", TEXT.encode("utf-16")[:-1], NO_UTF),
    ("no UTF-8", b'{"\xff": 1, ' + WHOLE[1:], KEY, "save the file as UTF-8"),
    ("gzip in gzip", gzip.compress(PACKED, mtime=0), f"is ...; {EXPECTED}"),
    ("only the first bytes of gzip", b"\x1f\x8b", PACKED_ENDS, AGAIN),
    ("gzip cut off", PACKED[:-20], PACKED_ENDS, AGAIN),
    ("gzip without its checksum", PACKED[:-8], PACKED_ENDS, AGAIN),
    ("gzip with a wrong checksum", PACKED[:-8] + bytes(8), DAMAGED, AGAIN),
    ("gzip, garbled", PACKED[:30] + b"\xff" * 30 + PACKED[60:], DAMAGED, AGAIN),
    ("brackets", b"[" * DEEP, TOO_DEEP),
    ("an object", b'{"a":' * DEEP + b"1" + b"}" * DEEP, TOO_DEEP),
    ("brackets, never closed", b'{"images": ' + b"[" * DEEP, TOO_DEEP),
    ("images", document(images="[" * DEEP + "]" * DEEP), TOO_DEEP),
    ("a million digits", b"1" * 1_000_000, f"holds just a number; {EXPECTED}"),
    ("a picture", b"\x89PNG\r\n\x1a\n\0", "is a PNG picture; ...", "..."),
    ("a zip archive", b"PK\x03\x04", "is a zip archive; ...", "..."),
    ("a page", b"<!DOCTYPE html><p>", "is an HTML page; ...", "..."),
    ("XML", b'<!ENTITY a "&a;&a;">', "is XML; ...", "..."),
)
# what is odd, the content
ANSWERED = (
    ("a byte order mark", b"\xef\xbb\xbf" + WHOLE),
    ("UTF-16, little end first", b"\xff\xfe" + TEXT.encode("utf-16-le")),
    ("UTF-16, big end first", b"\xfe\xff" + TEXT.encode("utf-16-be")),
    ("a value that is not UTF-8", WHOLE[:-1] + b', "info": "\xff\xfe"}'),
    ("gzip", PACKED),
    ("gzip in two members", b"".join(map(gzip.compress, (WHOLE[:40], WHOLE[40:])))),
    # Where several members are larger than a step, only the first used to be read.
    ("gzip in large members", gzip.compress(b" " * (3 << 20)) * 3 + PACKED),
    ("gzip with garbage after it", PACKED + b"garbage" * 100),
    ("gzip padded with zeros", PACKED + b"\0" * 1000),
)
TOO_LONG = os.strerror(errno.ENAMETOOLONG).lower()
# what stands after --ann, the message, the hint
TYPED = (
    ("b.json", "b.json: no such file", "did you mean a.json"),
    ("a\0.json", r"a\x00.json: cannot be read: ..."),
    ("a" * 300, f"{'a' * 300}: cannot be read: {TOO_LONG}"),
    ("\x1b[2J\x1b]0;x\x07.json", r"\x1b[2J\x1b]0;x\x07.json: no such file"),
    ("a\nhint: all is well", r"a\nhint: all is well: no such file"),
    ("https://x/a.json", "https://x/a.json: is a web address; expected a file", "..."),
)


def _linked(target: str, name: str = ANN) -> Make:
    return lambda folder: (folder / name).symlink_to(target)


def _folder_with_a_file(folder: Path) -> None:
    (folder / ANN).mkdir()
    (folder / ANN / "train.json").touch()


def _circle_of_links(folder: Path) -> None:
    (folder / ANN).symlink_to("b.json")
    (folder / "b.json").symlink_to(ANN)


def _sparse_gigabyte(folder: Path) -> None:
    (folder / ANN).touch()
    os.truncate(folder / ANN, 1 << 30)


# what is odd, what makes it, the message, the hint
MADE = (
    ("a folder", lambda at: (at / ANN).mkdir(), FOLDER, "it holds no .json file"),
    ("a folder with a file", _folder_with_a_file, FOLDER, TRAIN),
    ("a link to nothing", _linked("nowhere.json"), "no such file", "..."),
    ("a circle of links", _circle_of_links, "cannot be read: ..."),
    ("zeros without end", _linked("/dev/zero"), BINARY),
    ("noise without end", _linked("/dev/urandom"), f"is ...; {EXPECTED}"),
    ("a gigabyte of zeros", _sparse_gigabyte, BINARY),
)


def _read(*names: str) -> tuple[str, ...]:
    """The command that reads several files."""
    return ("stats", *(word for name in names for word in ("--ann", name)))


def _twice(name: str, told: str, make: Make | None = None) -> Case:
    refusal = Refusal(f"{told}; expected each file once")
    words = _read(ANN, name)
    return Case(f"{ANN} and {name}", refusal, {ANN: WHOLE}, words, make=make)


HUNDREDS = [f"{number}.json" for number in range(300)]
CASES = (
    *(refused(*row) for row in REFUSED),
    *(answered(*row) for row in ANSWERED),
    *(
        Case(
            f"--ann {name[:32]}", Refusal(message, 3, *hint), {ANN: WHOLE}, _read(name)
        )
        for name, message, *hint in TYPED
    ),
    _twice(ANN, f"{ANN}: is given twice"),
    _twice(f"./{ANN}", f"./{ANN}: is given twice, as {ANN}"),
    _twice("b.json", f"b.json: is given twice, as {ANN}", _linked(ANN, "b.json")),
    Case(
        "one broken file among three hundred",
        Refusal(f"150.json: {ENDS} 1", hint=CUT_OFF),
        {**dict.fromkeys(HUNDREDS, WHOLE), "150.json": b"{"},
        _read(*HUNDREDS),
    ),
    Case(
        "three hundred files",
        Answer(600),
        dict.fromkeys(HUNDREDS, WHOLE),
        (*_read(*HUNDREDS), "--preset", "atss-mmdet"),
    ),
    *(
        Case(name, Refusal(f"{ANN}: {message}", 3, *hint), make=make)
        for name, make, message, *hint in MADE
    ),
)
