"""Pictures in folders: which there are, where they lie, and what they are called."""

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from atss_inspect.arrays import IdArray
from atss_inspect.errors import DataError
from atss_inspect.readers.ids import id_array

# The suffixes that Ultralytics lists (8.4.190).
SUFFIXES = frozenset(
    [
        *("avif", "bmp", "dng", "heic", "heif", "jp2", "jpeg", "jpg"),
        *("mpo", "png", "tif", "tiff", "webp"),
    ]
)

_VALIDATION = ("val", "valid", "validation")
# So many are looked into to find out what a folder holds: it may be a whole disk.
MOST_FOLDERS = 1000


class ListedFolder(str):
    """A folder in which a reader has listed the pictures itself.

    Links in it are followed: splits made of links are usual, and no name in a file of
    annotations chose them.
    """


def files_below(
    folder: str,
    suffixes: Collection[str] = SUFFIXES,
    *,
    most_folders: int | None = None,
) -> Iterator[str]:
    """List the files of some kind, pictures, in a folder and those in it.

    Suffixes are in small letters and without a dot. What is hidden is passed over.
    At most so many folders are looked into, if a number is given.

    Links to folders are followed, and each folder is listed once, whatever leads to it:
    links in a ring have no end.
    """
    known = {_identity(folder)}
    tree = os.walk(folder, followlinks=True)
    for place, folders, files in islice(tree, most_folders):
        paths = {each: os.path.join(place, each) for each in sorted(folders)}
        folders[:] = []
        for each in sorted(paths, key=lambda each: os.path.islink(paths[each])):
            identity = _identity(paths[each])
            if not each.startswith(".") and identity not in known:
                known.add(identity)
                folders.append(each)
        for each in files:
            if each.rpartition(".")[2].lower() in suffixes and each[0] != ".":
                yield os.path.join(place, each)


def _identity(path: str) -> tuple[int, int] | str:
    """Tell a folder from all others, by whatever name."""
    try:
        found = os.stat(path)
    except OSError:
        return path
    return found.st_dev, found.st_ino


def common_root(root: str, pictures: Sequence[str]) -> str:
    """Take the root where all pictures lie below it, else what they have in common."""
    if all(each.startswith(root + os.sep) for each in pictures) or not pictures:
        return root
    return os.path.commonpath([os.path.dirname(each) for each in pictures])


def from_here(path: str) -> str:
    """Write a path below the working directory from there, any other in full."""
    try:
        here = os.getcwd()
    except OSError:  # a folder that is no more
        return path
    return os.path.relpath(path) if (path + os.sep).startswith(here + os.sep) else path


def split_names(split: str) -> tuple[str, ...]:
    """What a split may be called: by its own name first, then by what others say."""
    return tuple(dict.fromkeys([split, *(_VALIDATION if split in _VALIDATION else ())]))


def make_image_ids(names: Sequence[str]) -> IdArray:
    """Make ids of pictures: their base names without the suffix, as numbers if so.

    That is what Ultralytics writes into its predictions, so that ``000000000785.jpg``
    is 785. Where two pictures would have the same, all have their paths. A path that
    is there again is another image, with a number.
    """
    number = len(set(names))
    stems = [os.path.basename(each).rpartition(".")[0] for each in names]
    ids = [int(x) if x.isascii() and x.isdecimal() else x for x in stems]
    if len(set(ids)) < number:
        ids = [each.rpartition(".")[0] for each in names]
        if len(set(ids)) < number:  # of two formats
            ids = list(names)
    return id_array(_numbered(ids))


def _numbered(ids: list[Any]) -> list[Any]:
    """Tell pictures of one path apart, which somebody has listed again: ``785#2``."""
    if len(set(ids)) == len(ids):
        return ids
    known, numbers = set(ids), Counter[Any]()
    for place, each in enumerate(ids):
        numbers[each] += 1
        while numbers[each] > 1 and f"{each}#{numbers[each]}" in known:
            numbers[each] += 1
        ids[place] = each if numbers[each] == 1 else f"{each}#{numbers[each]}"
    return ids


def shown_names(paths: Sequence[str], root: str) -> list[str]:
    """Name files below a folder from there, in text that can be printed and written."""
    start = len(root.rstrip(os.sep)) + 1
    names = [path[start:] for path in paths]
    try:
        "".join(names).encode()
    except UnicodeEncodeError:  # bytes that are no text
        names = [os.fsencode(each).decode("utf-8", "replace") for each in names]
    return names


def no_pictures(name: str) -> DataError:
    """Make the error for data without a picture."""
    known = "jpg, png, bmp, tif, webp and the like"
    return DataError(name, f"no pictures found; expected {known}")
