"""Inputs that grow when they are read; each is written in pieces, when it is wanted."""

import gzip
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.hostile.case import ANN, Answer, Case, Refusal
from tests.hostile.json_text import ANNOTATIONS, IMAGES, array, document

MB = 1 << 20
REFUSED = f"{ANN}: unpacks to more than 10... MB, over ... times its size; refused"
UNPACK = "unpack it yourself and give the .json file"


def _packed(byte: bytes, megabytes: int) -> Callable[[Path], None]:
    """Pack so many megabytes of one byte, a member for 100: a thousandth on disk."""

    def make(folder: Path) -> None:
        member = gzip.compress(byte * 100 * MB, mtime=0)
        (folder / ANN).write_bytes(member * (megabytes // 100))

    return make


def _written(pieces: Callable[[], Iterator[bytes]]) -> Callable[[Path], None]:
    """Write pieces one after the other."""

    def make(folder: Path) -> None:
        with (folder / ANN).open("wb") as file:
            file.writelines(pieces())

    return make


def _million_categories() -> Iterator[bytes]:
    head, tail = document(categories=()).rsplit(b"[]", 1)
    yield head + b"["
    for start in range(0, 1_000_000, 10_000):
        rows = (f'{{"id":{n},"name":"c{n}"}}' for n in range(start, start + 10_000))
        yield (",".join(rows) + ("," if start < 990_000 else "")).encode()
    yield b"]" + tail


def _million_unknown_categories() -> Iterator[bytes]:
    head, tail = document(annotations=()).rsplit(b'"annotations": []', 1)
    yield head + b'"annotations": ['
    for start in range(0, 100_000, 10_000):
        rows = (
            f'{{"id":{n},"image_id":1,"category_id":"u{n}","bbox":[1,1,9,9],"area":9}}'
            for n in range(start, start + 10_000)
        )
        yield (",".join(rows) + ("," if start < 90_000 else "")).encode()
    yield b"]" + tail


def _huge_images() -> Iterator[bytes]:
    images = [
        {**IMAGES[0], "id": f"{n}", "width": "2147483647", "height": "1"}
        for n in range(2000)
    ]
    boxes = [
        {**ANNOTATIONS[0], "id": f"{n}", "image_id": f"{n}", "bbox": "[0,0,2e9,1]"}
        for n in range(2000)
    ]
    yield document(images=images, annotations=boxes)


def _one_huge_image() -> Iterator[bytes]:
    side = "1000000000"
    boxes = [
        {**ANNOTATIONS[0], "id": f"{n}", "bbox": f"[{n},0,{side},{side}]"}
        for n in range(500)
    ]
    image = {**IMAGES[0], "width": side, "height": side}
    yield document(images=(image,), annotations=boxes)


def _crowded_image() -> Iterator[bytes]:
    boxes = [{**ANNOTATIONS[0], "id": f"{n}"} for n in range(20_000)]
    yield document(annotations=boxes)


def _long_name() -> Iterator[bytes]:
    name = '"' + "n" * (50 * MB) + '"'
    yield document(categories=({"id": "1", "name": name},))


def _nested_segmentation() -> Iterator[bytes]:
    depth = 900
    text = "[" * depth + "]" * depth
    yield document(
        annotations=[{**each, "segmentation": text} for each in ANNOTATIONS * 2000]
    )


def _half_a_list() -> Iterator[bytes]:
    yield b'{"images": ' + array(IMAGES).encode() + b', "annotations": ['
    yield from itertools.repeat(b'{"id": 1, "bbox": [1, 2, 3, 4]}, ' * 1000, 1000)


CASES = (
    Case(
        "5 GB of spaces in gzip",
        Refusal(REFUSED, hint=UNPACK),
        make=_packed(b" ", 5000),
    ),
    Case(
        "5 GB of zeros in gzip",
        Refusal(REFUSED, hint=UNPACK),
        make=_packed(b"\0", 5000),
    ),
    Case(
        "5 GB of brackets in gzip",
        Refusal(REFUSED, hint=UNPACK),
        make=_packed(b"[", 5000),
    ),
    Case(
        "400 MB of brackets in gzip",
        Refusal(f"{ANN}: is nested too deeply; expected COCO detection data"),
        make=_packed(b"[", 400),
    ),
    Case("a million categories", Answer(2), make=_written(_million_categories)),
    Case(
        "a hundred thousand categories made up",
        Answer(100_000, {"unknown_category": 100_000}),
        make=_written(_million_unknown_categories),
    ),
    Case(
        "two thousand images of 2147483647 pixels by 1",
        Answer(2000, {"image_tiny": 2000, "image_huge": 2000}),
        make=_written(_huge_images),
    ),
    Case(
        "an image of 10^9 by 10^9 pixels",
        Answer(500, {"bbox_beyond_image": 497, "image_huge": 1}),
        make=_written(_one_huge_image),
    ),
    Case("20000 boxes in one image", Answer(20_000), make=_written(_crowded_image)),
    Case("a name of 50 MB", Answer(2), make=_written(_long_name)),
    Case(
        "deep masks",
        Answer(4000, {"duplicate_annotation_id": 3998}),
        make=_written(_nested_segmentation),
    ),
    Case(
        "33 MB, cut off",
        Refusal(
            f"{ANN}: the JSON ends too early, at byte ...",
            hint="the file is cut off; copy or download it again",
        ),
        make=_written(_half_a_list),
    ),
)
