"""Inputs that grow when they are read; each is written in pieces, when it is wanted."""

import gzip
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.hostile.case import ANN, Answer, Case, Make, Refusal
from tests.hostile.json_text import ANNOTATIONS, IMAGES, Entry, array, document

MB = 1 << 20
UNPACKED = Refusal(
    f"{ANN}: unpacks to more than 10... MB, over ... times its size; refused",
    hint="unpack it yourself and give the .json file",
)


def _packed(byte: bytes, megabytes: int) -> Make:
    """Pack so many megabytes of one byte, a member for 100: a thousandth on disk."""

    def make(folder: Path) -> None:
        member = gzip.compress(byte * 100 * MB, mtime=0)
        (folder / ANN).write_bytes(member * (megabytes // 100))

    return make


def _written(pieces: Callable[[], Iterator[bytes]]) -> Make:
    def make(folder: Path) -> None:
        with (folder / ANN).open("wb") as file:
            file.writelines(pieces())

    return make


def _many(name: str, row: str, number: int) -> Iterator[bytes]:
    """A document with a list of so many entries, ten thousand at a time."""
    head, tail = document(**{name: "[@]"}).split(b"@")
    yield head
    for start in range(0, number, 10_000):
        rows = (row % {"n": n} for n in range(start, start + 10_000))
        yield (",".join(rows) + ("," if start + 10_000 < number else "")).encode()
    yield tail


CATEGORY = '{"id":%(n)d,"name":"c%(n)d"}'
UNKNOWN = '{"id":%(n)d,"image_id":1,"category_id":"u%(n)d","bbox":[1,1,9,9],"area":9}'


def _boxes(number: int, **more: str) -> list[Entry]:
    """So many objects in the first image; ``%d`` stands for their number."""
    told = {**ANNOTATIONS[0], "id": "%d", **more}
    return [
        {key: text.replace("%d", f"{n}") for key, text in told.items()}
        for n in range(number)
    ]


def _huge_images() -> Iterator[bytes]:
    side = {"width": "2147483647", "height": "1"}
    images = [{**IMAGES[0], **side, "id": f"{n}"} for n in range(2000)]
    boxes = _boxes(2000, image_id="%d", bbox="[0,0,2e9,1]")
    yield document(images=images, annotations=boxes)


def _one_huge_image() -> Iterator[bytes]:
    image = {**IMAGES[0], "width": f"{10**9}", "height": f"{10**9}"}
    boxes = _boxes(500, bbox=f"[%d,0,{10**9 - 500},{10**9}]")
    yield document(images=(image,), annotations=boxes)


def _long_name() -> Iterator[bytes]:
    name = '"' + "n" * (50 * MB) + '"'
    yield document(categories=({"id": "1", "name": name},))


def _nested_segmentation() -> Iterator[bytes]:
    text = "[" * 900 + "]" * 900
    boxes = [{**each, "segmentation": text} for each in ANNOTATIONS * 2000]
    yield document(annotations=boxes)


def _half_a_list() -> Iterator[bytes]:
    yield b'{"images": ' + array(IMAGES).encode() + b', "annotations": ['
    yield from itertools.repeat(b'{"id": 1, "bbox": [1, 2, 3, 4]}, ' * 1000, 1000)


TOO_DEEP = Refusal(f"{ANN}: is nested too deeply; expected COCO detection data")
CUT_OFF = "the file is cut off; copy or download it again"
ENDS = Refusal(f"{ANN}: the JSON ends too early, at byte ...", hint=CUT_OFF)
UNKNOWN_CATEGORIES = Answer(100_000, {"unknown_category": 100_000})
HUGE = Answer(2000, {"image_tiny": 2000, "image_huge": 2000})
COPIES = Answer(20_000, {"bbox_repeated": 19_999})
ONE_HUGE = Answer(500, {"image_huge": 1})
DEEP_MASKS = Answer(4000, {"duplicate_annotation_id": 3998, "bbox_repeated": 3998})
PACKED = (
    ("5 GB of spaces", UNPACKED, b" ", 5000),
    ("5 GB of zeros", UNPACKED, b"\0", 5000),
    ("5 GB of brackets", UNPACKED, b"[", 5000),
    ("400 MB of brackets", TOO_DEEP, b"[", 400),
)
WRITTEN = (
    ("a million categories", Answer(2), lambda: _many("categories", CATEGORY, 10**6)),
    (
        "a hundred thousand categories made up",
        UNKNOWN_CATEGORIES,
        lambda: _many("annotations", UNKNOWN, 10**5),
    ),
    ("two thousand images of 2147483647 pixels by 1", HUGE, _huge_images),
    ("an image of 10^9 by 10^9 pixels", ONE_HUGE, _one_huge_image),
    ("20000 boxes", COPIES, lambda: [document(annotations=_boxes(20_000))]),
    ("a name of 50 MB", Answer(2), _long_name),
    ("deep masks", DEEP_MASKS, _nested_segmentation),
    ("33 MB, cut off", ENDS, _half_a_list),
)
CASES = (
    *(
        Case(f"{name} in gzip", told, make=_packed(*what))
        for name, told, *what in PACKED
    ),
    *(Case(name, told, make=_written(pieces)) for name, told, pieces in WRITTEN),
)
