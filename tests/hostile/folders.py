"""Folders of YOLO and VOC data: what they hold, name or link to and should not."""

import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

from tests.hostile.case import Answer, Case, Make, Refusal
from tests.hostile.json_text import IMAGES, document
from tests.other_formats import voc_object, voc_text, write_picture, write_yolo

YAML = "data.yaml"
BOX = "0 0.5 0.5 0.25 0.125\n"
TRAIN = "train: images/train\n"
FINE = TRAIN + "names: [cat]\n"
PIXELS = (640, 480)
MERGED = "a: &a {x: 1}\nb: &b {<<: [*a, *a, *a]}\nc: {<<: [*b, *b, *b]}\n"
LAUGHS = "a: &a [ha]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
ENTITIES = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
XML_BOMB = f'<!DOCTYPE x [<!ENTITY e0 "ha">{ENTITIES}]><annotation>&e9;</annotation>'
OUTSIDE = (
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    "<annotation><filename>&e;</filename></annotation>"
)
CAT = voc_text(voc_object("cat", 1, 1, 99, 99), size=PIXELS)


def _yolo(labels: Mapping[str, str | None], yaml: str = FINE) -> Make:
    return lambda folder: write_yolo(folder, labels, size=PIXELS, yaml=yaml) and None


def _linked(name: str, target: str) -> Make:
    """A set of two images, where a file of the second is a link."""

    def make(folder: Path) -> None:
        write_yolo(folder, {"a": BOX, "b": BOX}, size=PIXELS, yaml=FINE)
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)

    return make


def _voc(files: Mapping[str, str | bytes]) -> Make:
    def make(folder: Path) -> None:
        (folder / "voc").mkdir()
        for name, text in files.items():
            content = text if isinstance(text, bytes) else text.encode()
            (folder / "voc" / name).write_bytes(content)

    return make


def _ring(folder: Path) -> None:
    write_yolo(folder, {"a": BOX}, size=PIXELS, yaml=FINE)
    for name in "xyz":
        (folder / "images" / "train" / name).symlink_to("..", target_is_directory=True)


def _names_are_secret(folder: Path) -> None:
    (folder / "secret").write_text("a key\nof somebody\n", "utf-8")
    write_yolo(folder / "set", {"a": BOX}, size=PIXELS)
    (folder / "set" / YAML).unlink()
    (folder / "set" / "classes.txt").symlink_to("../secret")


def _stats(name: str, *more: str) -> tuple[str, ...]:
    return ("stats", "--ann", name, "--preset", "atss-mmdet", *more)


LINE_2, DIGITS = "line 2", ": a number of more than 1,000 digits; refused"
VALUES = ": more than 50,000 values; refused"
NO_FILE = "is a pipe or a device; expected a file"
ROOT = "/: is the root of the machine; expected the folder of the data"
ALIASES = "aliases are not read; expected plain values"
# what is odd, the text of a data.yaml, the message
REFUSED = (
    ("aliases that multiply", LAUGHS + FINE, f"line 2: {ALIASES}"),
    ("merged aliases", MERGED + FINE, f"line 2: {ALIASES}"),
    ("deep YAML", "a: " + "[" * 50_000, "is nested more than 20 deep; refused"),
    ("deep blocks", "- " * 5000 + "a", "is nested more than 20 deep; refused"),
    ("an object", f"a: !!python/object/apply:os.abort []\n{FINE}", "is not valid ..."),
    ("a number without end", f"a: {'9' * 5000}\n{FINE}", "line 1" + DIGITS),
    ("a hexadecimal number", f"{TRAIN}names: [0x{'f' * 4000}]", LINE_2 + DIGITS),
    ("an octal number", f"nc: 0{'7' * 6000}\n{TRAIN}", "line 1" + DIGITS),
    ("a number as a key", f"names:\n  ? 0x{'f' * 4000} : x\n", LINE_2 + DIGITS),
    ("a number to base 60", f"{TRAIN}names: [{'1:' * 4000}1]", LINE_2 + DIGITS),
    ("many empty lists", f"z: [{'[],' * 60_000}]\n{FINE}", "line 1" + VALUES),
    ("many folders", f"train: [{'.,' * 60_000}]", "line 1" + VALUES),
    ("a thousand folders", f"train: [{'.,' * 1001}]", "train: 1,001 folders and ..."),
    ("the root", "train: /\nnc: 1", ROOT),
    ("zeros without end", "train: /dev/zero\nnc: 1", f"/dev/zero: {NO_FILE}"),
    ("no digit in a number", f'a: !!int ""\n{FINE}', "is not valid YAML: ..."),
    ("YAML of 2 MB", FINE + "#" * (2 << 20), "is longer than 1 MB; refused"),
    ("no mapping", "train", "expected a mapping with train, val and names"),
    ("control signs", "path: '\x9b\u202e\n'\n" + FINE, "path: there is no folder ..."),
    ("a null byte", TRAIN.replace("images", '"a\\0"') + "nc: 1", "is not valid ..."),
    ("a million classes", "train: .\nnc: 1000001", "has neither names nor nc; ..."),
    ("a path of 5000 letters", f"train: {'a' * 5000}\nnc: 1", "train: there is no ..."),
)


def _from_yaml(message: str) -> str:
    """Put the name of the file before a message that names none."""
    return message if message.startswith("/") else f"{YAML}: {message}"


def _hosts(folder: Path) -> None:
    """A link out of the folder, to a text that nobody should see."""
    (folder / "secret").write_text("127.0.0.1 secret\n", "utf-8")
    write_yolo(folder / "set", {"a": BOX, "b": None}, size=PIXELS, yaml=FINE)
    (folder / "set/labels/train/b.txt").symlink_to("../../../secret")


def _zero(folder: Path) -> None:
    _linked("images/train/b.png", "/dev/zero")(folder)


def _pipe(folder: Path) -> None:
    write_yolo(folder, {"a": BOX, "b": None}, size=PIXELS, yaml=FINE)
    os.mkfifo(folder / "labels/train/b.txt")


def _pipe_as_list(folder: Path) -> None:
    write_yolo(folder, {"a": BOX}, size=PIXELS, yaml="train: pipe\nnc: 1")
    os.mkfifo(folder / "pipe")


def _link_to_the_root(folder: Path) -> None:
    _linked("images/train/up", "/")(folder)


def _deep(folder: Path) -> None:
    write_yolo(folder, {"a": BOX}, size=PIXELS, yaml=FINE)
    here = Path.cwd()
    os.chdir(folder / "images" / "train")
    for _ in range(300):
        Path("d").mkdir()
        os.chdir("d")
    os.chdir(here)


def _refused(name: str, make: Make, message: str, *words: str) -> Case:
    expected = Refusal(message, hint="...")
    return Case(f"folders: {name}", expected, words=_stats(*words), make=make)


def _other_name(name: bytes) -> Make:
    def make(folder: Path) -> None:
        write_picture(folder / "images" / "train" / os.fsdecode(name), PIXELS)
        label = folder / "labels" / "train" / (os.fsdecode(name)[:-4] + ".txt")
        label.parent.mkdir(parents=True)
        label.write_text(BOX, "utf-8")
        (folder / YAML).write_text(FINE, "utf-8")

    return make


def _answered(
    name: str,
    make: Make,
    objects: int,
    warnings: Mapping[str, int] | None = None,
    losses: int = 0,
    ann: str = YAML,
) -> Case:
    answer = Answer(objects, warnings or {}, losses)
    return Case(f"folders: {name}", answer, words=_stats(ann), make=make)


NOT_FINITE = {"label_not_finite": 2}
LOST, ALONE = {"label_malformed": 1}, {"voc_malformed": 1}
CASES = (
    *(
        Case(
            f"data.yaml: {name}",
            Refusal(_from_yaml(message), hint="..."),
            {YAML: text.encode()},
            _stats(YAML),
        )
        for name, text, message in REFUSED
    ),
    _answered("control signs in names", _yolo({"\x1b[2J\t": BOX, "\u202eb": BOX}), 2),
    _answered(
        "control signs in classes", _yolo({"a": BOX}, f'{TRAIN}names: ["\\e[2J"]'), 1
    ),
    _answered("a name that is no text", _other_name(b"\xff\xfe.png"), 1),
    _answered("a null byte", _yolo({"a": BOX, "b": BOX + "\0"}), 1, LOST, 2),
    _answered("a link out", _hosts, 1, LOST, 1, "set/data.yaml"),
    _answered("a picture without end", _zero, 1, {"picture_unreadable": 1}, 1),
    _answered("a pipe for a label", _pipe, 1, {"label_missing": 1}),
    _answered(
        "NaN",
        _yolo({"a": "nan" + BOX[1:], "b": BOX + "0 -inf 1 1 1"}),
        0,
        NOT_FINITE,
        3,
    ),
    _refused("a pipe as a list", _pipe_as_list, f"...pipe: {NO_FILE}", YAML),
    _refused("a link to the root", _link_to_the_root, f"...up: {ROOT[3:]}", YAML),
    _refused("a long name", lambda _: None, "...name too long", "a" * 300 + "/a.yaml"),
    _refused(
        "deep folders", _deep, "...holds more than 100 folders in one another", YAML
    ),
    _refused(
        "a folder and its file",
        _yolo({"a": BOX}),
        ".: is given twice, as data.yaml; expected each file once",
        YAML,
        "--ann",
        ".",
    ),
    _answered("links in a ring", _ring, 1),
    _answered("names that are a link out", _names_are_secret, 1, ann="set"),
    _answered("entities", _voc({"a.xml": XML_BOMB, "b.xml": CAT}), 1, ALONE, 0, "voc"),
    _answered("a file", _voc({"a.xml": OUTSIDE, "b.xml": CAT}), 1, ALONE, 0, "voc"),
    _answered(
        "deep XML",
        _voc({"a.xml": "<annotation>" + "<a>" * 100_000, "b.xml": CAT}),
        1,
        ALONE,
        0,
        "voc",
    ),
    _answered(
        "control signs in VOC",
        _voc({"\x1b[2J.xml": CAT, "b.xml": CAT.replace("cat", "\u202ecat")}),
        2,
        ann="voc",
    ),
)


def _million_labels(folder: Path) -> None:
    """A million label files, links to a few, beside three pictures."""
    write_yolo(folder, dict.fromkeys("abc", BOX), size=PIXELS, yaml=FINE)
    labels = folder / "labels" / "train"
    for number in range(1_000_000):
        if number % 30_000 == 0:  # a file has so many names at most
            (labels / f"{number}.txt").write_text(BOX, "utf-8")
            first = number
        else:
            os.link(labels / f"{first}.txt", labels / f"{number}.txt")


def _sparse(path: Path, head: bytes, size: int) -> None:
    """Write a file of a few bytes on the disk, and nothing but holes behind them."""
    path.unlink(missing_ok=True)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)


def _long_label(folder: Path) -> None:
    """A label of 700,000 lines, and one of zeros; both are linked to, many times."""
    labels = {"a": BOX, "b": BOX * 700_000, "c": BOX}
    labels |= {f"zero{n}": None for n in range(50)}
    write_yolo(folder, labels, yaml=FINE)
    _sparse(folder / "labels/train/c.txt", b"", 2 << 30)
    _sparse(folder / "labels/zero.txt", b"", (1 << 24) - 1)
    for number in range(50):
        (folder / f"labels/train/zero{number}.txt").symlink_to("../zero.txt")


def _many_long_labels(folder: Path) -> None:
    """A label of 14 MB, and a hundred links to it."""
    write_yolo(folder, {f"a{n}": None for n in range(100)}, yaml=FINE)
    (folder / "labels/a.txt").write_text(BOX * 700_000, "utf-8")
    for number in range(100):
        (folder / f"labels/train/a{number}.txt").symlink_to("../a.txt")


def _growing_pictures(folder: Path) -> None:
    """Pictures that are holes, or pieces of nothing, and many links to them."""
    labels = dict.fromkeys("abcdef", BOX) | {f"x{n}": None for n in range(500)}
    write_yolo(folder, labels, yaml=FINE)
    place = folder / "images" / "train"
    png = (place / "a.png").read_bytes()
    empty = b"\0\0\0\0tEXt" + struct.pack(">I", zlib.crc32(b"tEXt"))
    _sparse(place / "b.png", b"\xff\xd8\xff", 100 << 30)
    _sparse(place / "c.png", b"RIFF\0\0\0\x40WEBPVP8 ", 3 << 30)
    (place / "d.png").write_bytes(b"\xff\xd8" + b"\xff" * (20 << 20))
    (place / "e.png").write_bytes(b"\xff\xd8" + b"\xff\xfe\0\x02" * (6 << 20))
    (place / "f.png").write_bytes(png[:-12] + empty * (4 << 20) + png[-12:] + b"x")
    for number in range(500):
        path = place / f"x{number}.png"
        path.unlink()
        path.symlink_to("bcdef"[number % 5] + ".png")


def _picture_of_holes(folder: Path) -> None:
    """One beside a file of annotations, where nobody asks for pictures."""
    images = [{**IMAGES[0], "file_name": '"a.jpg"'}, IMAGES[1]]
    (folder / "a.json").write_bytes(document(images=images))
    _sparse(folder / "a.jpg", b"\xff\xd8\xff", 100 << 30)


def _long_list(folder: Path) -> None:
    """A list of 2 GB of holes."""
    _voc({"a.xml": CAT})(folder)
    lists = folder / "voc" / "ImageSets" / "Main"
    lists.mkdir(parents=True)
    _sparse(lists / "val.txt", b"a", 2 << 30)


def _utf16(folder: Path) -> None:
    _sparse(folder / "a.json", '{"images":['.encode("utf-16"), 1500 << 20)


def _long_xml(folder: Path) -> None:
    """XML of 7 MB that is nothing but elements, and of 1 GB that is nothing."""
    _voc({"a.xml": CAT.replace("<object>", "<a/>" * 1_800_000 + "<object>")})(folder)
    with (folder / "voc" / "b.xml").open("wb") as file:
        file.truncate(1 << 30)


BOMBS = (
    _answered(
        "a million labels", _million_labels, 3, {"label_without_picture": 1_000_000}
    ),
    _answered(
        "long labels",
        _long_label,
        2,
        {"label_malformed": 51, "label_repeated": 699_999},
        700_050,
    ),
    _refused(
        "many long labels",
        _many_long_labels,
        "data.yaml (train): labels are longer than 1024 MB together; refused",
        YAML,
    ),
    _answered(
        "pictures that grow", _growing_pictures, 1, {"picture_unreadable": 505}, 5
    ),
    _answered("a picture of holes", _picture_of_holes, 2, ann="a.json"),
    _refused(
        "a long list",
        _long_list,
        "...val.txt: cannot be read as a list of names",
        *("voc", "--split", "val"),
    ),
    _refused("UTF-16 of holes", _utf16, "a.json: ...", "a.json"),
    _answered("long XML", _long_xml, 1, ALONE, 0, "voc"),
)
