"""What the fuzzer calls: each takes bytes, and must end well or with our own error."""

import atexit
import contextlib
import copy
import functools
import io
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PIL import Image

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.errors import AtssInspectError, SettingsError
from atss_inspect.readers import load_coco
from atss_inspect.readers.picture_sizes import quiet_pillow, read_size
from atss_inspect.readers.yolo_labels import read_labels
from atss_inspect.settings import parse_settings, preset, resolve
from atss_inspect.settings.layers import assignments_layer
from atss_inspect.settings.surroundings import read_environment
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.sweep import expand, parse_axes
from tests.other_formats import voc_object, voc_text, write_yolo
from tests.reference.yolo_labels import read_label
from tests.soundness import read_soundly

PRESETS = ("atss-mmdet", "retinanet-torchvision", "fcos-mmdet")
DOCUMENT: dict[str, Any] = {
    "images": [
        {"id": 1, "width": 640, "height": 480, "file_name": "1.jpg"},
        {"id": 2, "width": 33, "height": 700, "file_name": "2.jpg"},
    ],
    "annotations": [
        {"id": n, "image_id": 1 + n % 2, "category_id": 1 + n % 2, "iscrowd": 0}
        | {"bbox": [n, 5 * n, 30, 20 + n], "area": 600}
        for n in range(6)
    ],
    "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
}
KEYS = [
    *("id", "image_id", "category_id", "bbox", "area", "iscrowd", "ignore"),
    *("width", "height", "file_name", "name", "segmentation"),
]
ODD: tuple[Any, ...] = (
    *(None, True, False, "", "1", " 2 ", "1.5", "nan", "1e999", "a", "é", "\ud800"),
    *(0, -1, 1, 2, 3, 2**31, 2**63, 2**64, -(2**63), 10**30, 10**400, 0.5, -0.0),
    *(1e308, 5e-324, 1e-9, float("nan"), float("inf"), -float("inf"), "\x1b[31m"),
    *([], {}, [[]], [1], [1, 2, 3], {"id": 1}, [0, 0, 0, 0], [-5, -5, 10, 10]),
    *([1e300, 0, 1e300, 1], ["1", "2", "3", "4"], [0, 0, 2**31, 2**31], [1] * 5),
)


def check_bytes(data: bytes) -> None:
    """Read a file of these bytes, given on standard input."""
    sys.stdin = SimpleNamespace(buffer=io.BytesIO(data))  # type: ignore[assignment]
    read_soundly("-")


def check_document(data: bytes) -> None:
    """Read a document that these bytes made odd, and take it through conventions."""
    document = _spoil(copy.deepcopy(DOCUMENT), data)
    text = json.dumps(document).encode()
    sys.stdin = SimpleNamespace(buffer=io.BytesIO(text))  # type: ignore[assignment]
    dataset = read_soundly("-")
    if dataset is None:
        return
    summaries = summarize(dataset, [*map(preset, PRESETS)])
    for name, summary in zip(PRESETS, summaries, strict=True):
        lost = sum(summary.left_out_objects.values())
        assert summary.num_objects + lost == dataset.num_annotations, name


def check_labels(data: bytes) -> None:
    """Read these bytes as two YOLO label files, as the rules read them line by line."""
    texts = [*data.partition(b"|")[::2]]
    labels = read_labels(texts, 3)
    for place, text in enumerate(texts):
        try:
            expected = read_label(text, 3)
        except ValueError:
            assert labels.problems[place], text
        else:
            assert not labels.problems[place], text
            assert (labels.file == place).sum() == len(expected)


def check_yaml(data: bytes) -> None:
    """Read these bytes as a data.yaml beside a picture and its label."""
    if b".." in data or data.count(b"/") > data.count(b"images/train"):
        return  # it may name the whole disk, which is then read
    _read_in_folder("data.yaml", data)


def check_voc(data: bytes) -> None:
    """Read these bytes as a VOC file."""
    _read_in_folder("a.xml", data)


def check_picture(data: bytes) -> None:
    """Read the size of a picture of these bytes."""
    path = Path(_folder()) / "picture"
    path.write_bytes(data)
    with quiet_pillow():
        size = read_size(str(path))
    assert bool(size.problem) != (min(size[:2]) >= 10)


def _read_in_folder(name: str, data: bytes) -> None:
    path = Path(_folder()) / name
    path.write_bytes(data)
    with contextlib.suppress(SettingsError):
        read_soundly(str(path))


@functools.cache
def _folder() -> str:
    above = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, above)
    folder = Path(above, "a", "b", "c")  # a data.yaml may lead up
    folder.mkdir(parents=True)
    write_yolo(folder, {"a": "0 0.5 0.5 0.25 0.125"})
    return str(folder)


def check_settings(data: bytes) -> None:
    """Read these bytes as settings in every way that settings are written."""
    text = data.decode("utf-8", "replace")
    way, text = text[:1], text[1:]
    with contextlib.suppress(AtssInspectError):
        if way == "t":
            found = parse_settings(text, "fuzz.toml")
            assert parse_settings(found.to_toml(), "fuzz").values() == found.values()
            summarize(tiny(), found)
        elif way == "s":
            assignments_layer(text.split("\0"))
            name = random.Random(len(text)).choice(PRESETS)
            summarize(tiny(), resolve(name, overrides=[text]).settings)
        elif way == "e":
            name, _, value = text.partition("=")
            read_environment({f"ATSS_INSPECT_{name}": value})
        else:
            axes = parse_axes(text.split("\0"))
            for name in PRESETS:
                with contextlib.suppress(AtssInspectError):
                    expand(preset(name), axes)


@functools.cache
def tiny() -> Dataset:
    return load_coco(DOCUMENT)


def _spoil(document: Any, data: bytes) -> Any:
    """Put odd values in places that the bytes choose, four bytes a change."""
    for start in range(0, len(data) - 3, 4):
        which, place, key, value = data[start : start + 4]
        lists = [each for each in document.values() if isinstance(each, list)]
        if which == 255 or not lists:
            document[("images", "annotations", "categories")[place % 3]] = _odd(value)
            continue
        entries = lists[which % len(lists)]
        if not entries or key == 255:
            entries.append(_odd(value))
            continue
        entry = entries[place % len(entries)]
        if key == 254:
            entries.append(copy.deepcopy(entry))
        elif key == 253 or not isinstance(entry, dict):
            entries[place % len(entries)] = _odd(value)
        else:
            entry[KEYS[key % len(KEYS)]] = _odd(value)
    return document


def _odd(value: int) -> Any:
    """Choose an odd value; sometimes a box with one in it."""
    if value < len(ODD):
        return copy.deepcopy(ODD[value])
    box: list[Any] = [10, 20, 30, 40]
    box[value % 4] = copy.deepcopy(ODD[value % len(ODD)])
    return box


def _settings_seeds() -> list[bytes]:
    """Show the fuzzer each way of writing settings."""
    return [
        *(b"t" + preset(name).to_toml().encode() for name in PRESETS),
        b't extends = "atss-mmdet"\n[assigner]\nk = 15\n',
        *(b"sk=15", b"sstrides=[8,16]", b"spad_to=640,640"),
        *(b"eSET_K=3", b"eANN=a.json:b.json"),
        *(b"xk=3:19:2", b"xlevels=P2-P6,P3-P7\0k=3,5", b"xratios=[0.5,1],[1]"),
    ]


def _picture_seeds() -> list[bytes]:
    """Show the fuzzer a small picture of each common format, one of them turned."""
    exif = Image.Exif()
    exif[0x0112] = 6
    seeds = []
    for kind in ("JPEG", "PNG", "BMP", "TIFF", "WEBP"):
        stream = io.BytesIO()
        Image.new("L", (12, 10)).save(stream, kind, exif=exif)
        seeds.append(stream.getvalue())
    return seeds


Check = Callable[[bytes], None]
YAMLS = ("train: images/train\nnames: {0: cat}\nkpt_shape: [2, 3]", "nc: 3\nval: .\n")
LABELS = ("0 0.5 0.5 0.25 0.125\n1 .1 .1 .2 .2 .3 .1|2 1 1 1 1\n2 1 1 1 1\n",)
VOCS = (voc_text(voc_object("cat", 1, 2, 3, 4, more="<difficult>1</difficult>")),)
TARGETS: dict[str, tuple[Check, Sequence[bytes]]] = {
    "bytes": (check_bytes, [json.dumps(DOCUMENT).encode()]),
    "labels": (check_labels, [each.encode() for each in LABELS]),
    "yaml": (check_yaml, [each.encode() for each in YAMLS]),
    "voc": (check_voc, [each.encode() for each in VOCS]),
    "picture": (check_picture, _picture_seeds()),
    "document": (check_document, [bytes(range(64)), b"\1\1\3\x10" * 3]),
    "settings": (check_settings, _settings_seeds()),
}
