"""Folders that ``convert`` has not written, though they look as if it had."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.hostile.case import STATS, Answer, Case, Expected, Refusal
from tests.hostile.json_text import document

with suppress(ImportError):  # the cases need it, and are skipped without it
    import pyarrow as pa
    from pyarrow import parquet

FOLDER = "set.atss"
FILES = ("dataset.json", "images-000.parquet", "objects-000.parquet")
DESCRIPTION, IMAGES, OBJECTS = FILES
UNFIT = f"{DESCRIPTION}: does not fit the tables"
FIRST = f"{UNFIT}: files[0]"
NONE = f"{DESCRIPTION}: is no description of a data set: ..."
FINDINGS = f"{DESCRIPTION}: findings"
ANEW = "write it anew with `atss-inspect convert`"
SIDES = "expected 1 to 2147483647"
BEYOND = ", row 1: ...; expected -2147483647 to 2147483647"
LEFT_OUT = "expected 3 as left out, got"
PLAIN = "expected plain values"
AREA = "area_missing"
LARGE = 10**18
COUNTS = ("num_images", "num_annotations", "num_categories")

# Changes the files of a folder.
Damage = Callable[[Path], object]


@cache
def _whole() -> dict[str, bytes]:
    """Have a folder written; its files."""
    from atss_inspect.cli import run

    with TemporaryDirectory() as folder:
        ann, target = Path(folder, "a.json"), Path(folder, FOLDER)
        ann.write_bytes(document())
        assert run(["-q", "convert", "--ann", str(ann), "-o", str(target)]) == 0
        return {path.name: path.read_bytes() for path in target.iterdir()}


def _case(name: str, expected: Expected, *damages: Damage) -> Case:
    """Make a case of a folder that is written and then damaged."""

    def make(folder: Path) -> None:
        target = folder / FOLDER
        target.mkdir()
        for file_name, content in _whole().items():
            (target / file_name).write_bytes(content)
        for damage in damages:
            damage(target)

    words = ("stats", "--ann", FOLDER, *STATS[3:])
    return Case(f"converted: {name}", expected, words=words, make=make, needs="pyarrow")


def _refused(message: str, *damages: Damage, name: str = "") -> Case:
    """Make a case that is refused; the message begins with the name of a file."""
    return _case(name or message, Refusal(f"{FOLDER}/{message}", hint=ANEW), *damages)


def _instead(name: str, put: Callable[[Path], object]) -> Damage:
    return lambda folder: ((folder / name).unlink(), put(folder / name))


def _holding(name: str, content: bytes) -> Damage:
    return lambda folder: (folder / name).write_bytes(content)


def _cut(name: str, size: int) -> Damage:
    return lambda folder: os.truncate(folder / name, size)


def _linked(name: str, target: str) -> Damage:
    return _instead(name, lambda path: path.symlink_to(target))


def _moved_out(folder: Path) -> None:
    """Move all files away and leave links, as tools that keep files by content do."""
    (folder.parent / "store").mkdir()
    for name in FILES:
        (folder / name).rename(folder.parent / "store" / name)
        (folder / name).symlink_to(f"../store/{name}")


def _many_files(folder: Path) -> None:
    for number in range(1_000):
        (folder / f"images-{number + 5:03}.parquet").touch()


def _described(**changes: Any) -> Damage:
    """Put other values into the description."""

    def damage(folder: Path) -> None:
        told = json.loads((folder / DESCRIPTION).read_bytes())
        (folder / DESCRIPTION).write_text(json.dumps({**told, **changes}))

    return damage


def _parts(*sizes: tuple[int, int]) -> Damage:
    """Claim parts of so many images and objects."""
    names = ("num_images", "num_objects")
    return _described(parts=[dict(zip(names, size, strict=True)) for size in sizes])


def _found(reason: str, *counts: int) -> Damage:
    return _described(findings=[{"reason": reason, "count": n} for n in counts])


def _files(*files: dict[str, Any]) -> Damage:
    """Say something else of the only file, or of each of several."""
    usual = {"path": "a.json", **dict.fromkeys(COUNTS, 2)}
    return _described(files=[{**usual, **file} for file in files])


def _left_out(count: int, told: int) -> tuple[Damage, Damage, Damage]:
    """Claim annotations that were left out, and tell of so many."""
    reason = "bbox_malformed"
    return (
        _described(left_out={reason: count}, num_annotations=2 + count),
        _found(reason, *([told] if told else [])),
        _files({"num_annotations": 2 + count}),
    )


def _nested(folder: Path) -> None:
    text = (folder / DESCRIPTION).read_text().rstrip().removesuffix("}")
    nested = "[" * 100_000 + "]" * 100_000
    (folder / DESCRIPTION).write_text(f'{text}, "more": {nested}}}')


def _table(folder: Path, name: str = IMAGES) -> Any:
    return parquet.ParquetFile(folder / name).read()


def _write(folder: Path, name: str, table: Any, **options: Any) -> None:
    plainly = {"compression": "none", "use_dictionary": False}
    parquet.write_table(table, folder / name, **{**plainly, **options})


def _column(name: str, column: str, values: list[Any]) -> Damage:
    """Put other values into a column; bytes are text that is no UTF-8."""

    def damage(folder: Path) -> None:
        table, array = _table(folder, name), pa.array(values)
        if isinstance(values[0], bytes):
            array = array.view(pa.string())
        place = table.column_names.index(column)
        _write(folder, name, table.set_column(place, column, array))

    return damage


def _packed(**options: Any) -> Damage:
    return lambda folder: _write(folder, IMAGES, _table(folder), **options)


def _foreign(folder: Path) -> None:
    _write(folder, OBJECTS, pa.table({"\x1b[31mred\n": [1, 2], "b": [3, 4]}))


def _fifty_million_rows(folder: Path) -> None:
    """Repeat the last image, which packs to a megabyte."""
    last = _table(folder).slice(1)
    same = pa.array([0] * 500_000, pa.int32())
    columns = {
        name: pa.DictionaryArray.from_arrays(same, last[name].combine_chunks())
        for name in last.column_names
    }
    table = pa.concat_tables([pa.table(columns)] * 100)
    packed = {"use_dictionary": True, "compression": "zstd"}
    _write(folder, IMAGES, table, store_schema=False, **packed)


def _twenty_gigabytes(folder: Path) -> None:
    """Name 20,000 images by one text of a megabyte, which is written once."""
    number = 20_000
    last = _table(folder).slice(1)
    columns = {
        name: pa.array(last[name].to_pylist() * number) for name in last.column_names
    }
    same = pa.array([0] * number, pa.int32())
    columns["file_name"] = pa.DictionaryArray.from_arrays(same, ["x" * 1_000_000])
    columns["image_id"] = pa.array(range(number))
    packed = {"use_dictionary": ["file_name"], "store_schema": False}
    _write(folder, IMAGES, pa.table(columns), **packed)


# file, column, what stands in it, the message after the column
COLUMNS = (
    (OBJECTS, "area", [float("inf"), 1.0], ", row 0: inf; expected -1.7976..."),
    (OBJECTS, "annotation_index", [-1, 0], ", row 0: -1; expected 0 to ..."),
    (IMAGES, "file_index", [0, 1], ", row 1: 1; expected 0 to 0"),
    (OBJECTS, "category_index", [0, 2], ", row 1: 2; expected 0 to 1"),
    (OBJECTS, "area", [1.0, None], ": 1 of its values are missing"),
    (OBJECTS, "x", ["1", "2"], ": expected double, got string"),
    (OBJECTS, "x", [1, 2], ": expected double, got int64"),
    (OBJECTS, "annotation_id", [0.5, 1.5], ": expected int64 or string, got double"),
    (OBJECTS, "annotation_id", ["[", "{"], ": ..."),
    (OBJECTS, "annotation_id", ["9" * 5000, "1"], ": Exceeds the limit ..."),
    (IMAGES, "image_id", [r'"\ud800"', '"b"'], ": ... surrogates not allowed"),
    (IMAGES, "file_name", [b"\xff\xfe", b"2.jpg"], ": ..."),
    (OBJECTS, "x", [1.0, float("nan")], BEYOND),
    (OBJECTS, "y", [1.0, float("-inf")], BEYOND),
    (OBJECTS, "width", [1.0, 1e308], BEYOND),
    (OBJECTS, "height", [1.0, -5e9], BEYOND),
    (IMAGES, "width", [1e300, 480.0], f", row 0: 1e+300; {SIDES}"),
    (IMAGES, "width", [0.5, 480.0], f", row 0: 0.5; {SIDES}"),
    (IMAGES, "height", [-480.0, 480.0], f", row 0: -480.0; {SIDES}"),
    (IMAGES, "height", [float("nan"), 480.0], f", row 0: nan; {SIDES}"),
)
# what a file is, the message after its name, the damage to a file of that name
ODD_FILES: tuple[tuple[str, str, Callable[[str], Damage]], ...] = (
    ("gone", "no such file", lambda name: lambda at: (at / name).unlink()),
    ("a pipe", "is no ordinary file", lambda name: _instead(name, os.mkfifo)),
    ("endless", "is no ordinary file", lambda name: _linked(name, "/dev/zero")),
    ("a folder", "is no ordinary file", lambda name: _linked(name, ".")),
    ("a circle of links", "cannot be read: ...", lambda name: _linked(name, name)),
)
ODD_TABLES: tuple[tuple[str, Callable[[str], Damage]], ...] = (
    ("a link out of the folder", lambda name: _linked(name, "/etc/passwd")),
    ("empty", lambda name: _cut(name, 0)),
    ("cut off", lambda name: _cut(name, 200)),
    ("zeros", lambda name: _holding(name, bytes(5000))),
    ("Parquet's marks", lambda name: _holding(name, b"PAR1\xff\xff\xff\x7fPAR1")),
)
HOSTILE_TEXTS = ["\x1b[2J\x1b]0;x\x07", "<script>../../etc/passwd</script>"]
HOSTILE_IDS = [json.dumps(text) for text in HOSTILE_TEXTS]
CASES = (
    *(
        _refused(f"{name}: {message}", damage(name), name=f"{name} is {what}")
        for what, message, damage in ODD_FILES
        for name in FILES
    ),
    *(
        _refused(f"{name}: cannot be read: ...", damage(name), name=f"{name} is {what}")
        for what, damage in ODD_TABLES
        for name in (IMAGES, OBJECTS)
    ),
    _refused(
        f"{DESCRIPTION}: is not valid JSON at byte 0 (line 1)",
        _linked(DESCRIPTION, "/etc/passwd"),
    ),
    _case("all files are links", Answer(2), _moved_out),
    _case("a thousand other files", Answer(2), _many_files),
    _refused(rf"{OBJECTS}: ... \x1b[31mred\n, b", _foreign),
    # The description.
    *(
        _refused(f"{DESCRIPTION}: ...", _holding(DESCRIPTION, text), name=f"{text!r}")
        for text in (b"", b"{", b"[]", b"\xff\xfe")
    ),
    _refused(f"{DESCRIPTION}: is nested too deeply", _nested),
    _refused(f"{DESCRIPTION}: is larger than 256 MB", _cut(DESCRIPTION, 1 << 40)),
    _refused(
        rf'{DESCRIPTION}: unknown reason "\x1b[31m"',
        _described(left_out={"\x1b[31m": 0}),
    ),
    _refused(f"{IMAGES}: expected 1 rows, got 2", _parts((1, 2))),
    _refused(
        f"{IMAGES}: expected 1,000,000,000,000,000,000 rows, got 2",
        _parts((LARGE, LARGE)),
    ),
    _refused("images-001.parquet: no such file", _parts((2, 2), (2, 2))),
    # What is left out must be told.
    _case("left out and told", Answer(2, {"bbox_malformed": 3}, 3), *_left_out(3, 3)),
    _refused(f"{FINDINGS}: bbox_malformed: {LEFT_OUT} 0", *_left_out(3, 0)),
    _refused(f"{FINDINGS}: bbox_malformed: {LEFT_OUT} 1,0...", *_left_out(3, LARGE)),
    _refused(
        f"{FINDINGS}: image_malformed: {LEFT_OUT} 0",
        _described(left_out_images={"image_malformed": 3}),
    ),
    _refused(f"{FINDINGS}: {AREA} is there 2 times", _found(AREA, 1, 1)),
    _refused(NONE, _found(AREA, 0), name="a finding of nothing"),
    _refused(f"{FIRST}: annotation_index 1 of 1 ...", _files({"num_annotations": 1})),
    _refused(f"{FIRST}: expected 9 images, got 2", _files({"num_images": 9})),
    _refused(NONE, _files({"num_bytes": -5}), name="a file of less than nothing"),
    _case("a path for a terminal", Answer(2), _files({"path": "\x1b[2J\n<b>"})),
    # The tables.
    *(
        _refused(
            f"{file}: column {column}{message}",
            _column(file, column, values),
            name=f"{column} holds {str(values)[:32]}",
        )
        for file, column, values, message in COLUMNS
    ),
    _refused(
        f"{FIRST}: annotation_index 4,6... of 2 ...",
        _column(OBJECTS, "annotation_index", [0, 1 << 62]),
    ),
    # The report used to fail at it, and the others to mix the objects up.
    _refused(
        f"{FIRST}: an annotation_index is ...",
        _column(OBJECTS, "annotation_index", [1, 1]),
    ),
    _refused(
        f"{FIRST}: image id 7 is there twice", _column(IMAGES, "image_id", [7, 7])
    ),
    _refused(
        f"{UNFIT}: images of several files are mixed up",
        _column(IMAGES, "file_index", [1, 0]),
        _files(*({"path": name, **dict.fromkeys(COUNTS, 1)} for name in ("a", "b"))),
    ),
    *(
        _case(f"{column}: {values[0]}", Answer(2), _column(file, column, values))
        for file, column, values in (
            (OBJECTS, "annotation_id", [-5, -(2**63)]),
            (OBJECTS, "annotation_id", HOSTILE_IDS),
            (IMAGES, "file_name", HOSTILE_TEXTS),
        )
    ),
    _refused(
        f"{IMAGES}: column image_id: {PLAIN}, got zstd, ...",
        _packed(compression="zstd"),
    ),
    _refused(
        f"{IMAGES}: column file_name: {PLAIN}, got ... delta_byte_array",
        _packed(column_encoding={"file_name": "DELTA_BYTE_ARRAY"}),
    ),
)
# Slow to write; together 23 GB.
BOMBS = (
    _refused(
        f"{IMAGES}: claims 50,000,000 rows in ... bytes",
        _fifty_million_rows,
        _parts((50_000_000, 2)),
    ),
    _refused(
        f"{IMAGES}: column file_name: {PLAIN}, got ... rle_dictionary",
        _twenty_gigabytes,
        _parts((20_000, 2)),
    ),
)
