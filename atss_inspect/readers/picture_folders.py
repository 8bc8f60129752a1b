"""Where the pictures lie that nobody has named a folder of: beside the annotations."""

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from atss_inspect.readers.pixels import has_picture
from atss_inspect.readers.source import STDIN

Item = TypeVar("Item")
_SAMPLE = 30  # file names of a folder that are looked for
_SUFFIXES = re.compile(r"(\.json)?(\.gz)?(\.atss)?$", re.IGNORECASE)


def find_pictures(annotations: Sequence[str], file_names: Sequence[str]) -> str | None:
    """Find the folder that holds most pictures of some images; None without any.

    Looked for are some of the names that a folder lists; of folders with equally many,
    the first is taken. ``annotations`` are paths; stdin lies nowhere.
    """
    firsts = [(_first_part(name), name) for name in file_names if name]
    paths = dict.fromkeys(
        str(folder)
        for name in annotations
        if name != STDIN
        for folder in _folders_beside(Path(name))
    )
    numbers = {
        folder: _number_in(folder, firsts)
        for folder in paths
        if os.path.isdir(folder)  # noqa: PTH112 - says no where a name is too long
    }
    best = max(numbers, key=lambda folder: numbers[folder], default=None)
    return best if best is not None and numbers[best] else None


def _number_in(folder: str, firsts: Sequence[tuple[str, str]]) -> float:
    """Estimate how many pictures of images a folder holds.

    ``firsts`` are the first parts of file names as listed, and the names.
    """
    listed = _listed(folder)
    near = [name for first, name in firsts if first in listed]
    sample = _sample(near)
    held = sum(has_picture(folder, name) for name in sample)
    return held * len(near) / max(len(sample), 1)


def sample_pictured(folder: str, file_names: Sequence[str]) -> list[int]:
    """Take some images whose pictures a folder holds, from first to last: rows."""
    listed = _listed(folder)
    near = [
        row
        for row, name in enumerate(file_names)
        # A picture is also looked for by the bare name.
        if name and not listed.isdisjoint((_first_part(name), _last_part(name)))
    ]
    return [row for row in _sample(near) if has_picture(folder, file_names[row])]


def _listed(folder: str) -> set[str]:
    """Names in a folder, as file systems compare them; none where there is none."""
    try:
        return set(map(_first_part, os.listdir(folder)))  # noqa: PTH208 - as isdir
    except (OSError, ValueError):
        return set()


def _sample(items: list[Item]) -> list[Item]:
    """Take a few, from the first to the last."""
    return items[:: max(len(items) // _SAMPLE, 1)][:_SAMPLE]


def _first_part(name: str) -> str:
    """Folder or file that a name begins with, as file systems compare them."""
    return unicodedata.normalize(
        "NFC", re.split(r"[\\/]", name, maxsplit=1)[0]
    ).casefold()


def _last_part(name: str) -> str:
    """File that a name ends with, likewise."""
    return unicodedata.normalize("NFC", re.split(r"[\\/]", name)[-1]).casefold()


def _folders_beside(annotations: Path) -> Iterator[Path]:
    """List the folders where pictures of an annotation file usually lie.

    That is its own folder (as Roboflow has it), ``images`` and folders of the name of
    the split: ``val2017`` of ``instances_val2017.json``; there and one folder up. Last
    the folder above itself, for file names that begin with a folder.
    """
    folder = annotations.parent
    above = folder / ".." if folder.name in ("", "..") else folder.parent
    stem = _SUFFIXES.sub("", annotations.name)
    words = re.split(r"[_.-]+", stem)
    splits = dict.fromkeys(filter(None, [stem, *reversed(words)]))
    yield folder
    for place in (folder, above):
        yield place / "images"
        for split in splits:
            yield place / "images" / split
            yield place / split
    yield above


def prefer_pictured(
    rows: Iterable[int],
    file_names: Sequence[str],
    folder: str | None,
    *,
    number: int,
    only: bool = False,
) -> list[int]:
    """Take some rows of images, rather those whose picture exists than the others.

    At most ``number`` are taken, the first of both kinds, and stay in their order.
    ``file_names`` are those of all images; without a folder no picture exists. ``only``
    leaves the others out.
    """
    rows = list(rows)
    has_one = (row for row in rows if folder and has_picture(folder, file_names[row]))
    found = list(islice(has_one, number))
    others = [] if only else rows
    taken = set([*dict.fromkeys([*found, *others])][:number])
    return [row for row in rows if row in taken]
