"""Folders of YOLO and VOC data: what they hold, name or link to and should not."""

import os
from collections.abc import Mapping
from pathlib import Path

from tests.hostile.case import Answer, Case, Make, Refusal
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


MANY_DIGITS = "line 1: a number of more than 1,000 digits; refused"
ALIASES = "aliases are not read; expected plain values"
# what is odd, the text of a data.yaml, the message
REFUSED = (
    ("aliases that multiply", LAUGHS + FINE, f"line 2: {ALIASES}"),
    ("merged aliases", MERGED + FINE, f"line 2: {ALIASES}"),
    ("deep YAML", "a: " + "[" * 50_000, "is nested more than 20 deep; refused"),
    ("deep blocks", "- " * 5000 + "a", "is nested more than 20 deep; refused"),
    ("an object", f"a: !!python/object/apply:os.abort []\n{FINE}", "is not valid ..."),
    ("a number without end", f"a: {'9' * 5000}\n{FINE}", MANY_DIGITS),
    ("no digit in a number", f'a: !!int ""\n{FINE}', "is not valid YAML: ..."),
    ("YAML of 2 MB", FINE + "#" * (2 << 20), "is longer than 1 MB; refused"),
    ("no mapping", "train", "expected a mapping with train, val and names"),
    ("control signs", "path: '\x9b\u202e\n'\n" + FINE, "path: there is no folder ..."),
    ("a null byte", TRAIN.replace("images", '"a\\0"') + "nc: 1", "is not valid ..."),
    ("a million classes", "train: .\nnc: 1000001", "has neither names nor nc; ..."),
    ("a path of 5000 letters", f"train: {'a' * 5000}\nnc: 1", "train: there is no ..."),
)


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


LOST, ALONE = {"label_malformed": 1}, {"voc_malformed": 1}
CASES = (
    *(
        Case(
            f"data.yaml: {name}",
            Refusal(f"{YAML}: {message}", hint="..."),
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


def _long_label(folder: Path) -> None:
    """A label of 2 million lines, and one of zeros, four times as long as any."""
    write_yolo(folder, {"a": BOX, "b": BOX * 2_000_000, "c": BOX}, yaml=FINE)
    with (folder / "labels/train/c.txt").open("wb") as file:
        file.truncate(2 << 30)


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
        {"label_malformed": 1, "label_repeated": 1_999_999},
        1_999_999,
    ),
    _answered("long XML", _long_xml, 1, ALONE, 0, "voc"),
)
