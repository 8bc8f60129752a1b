"""Pictures in folders: which there are, where they lie, and what they are called."""

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from atss_inspect.arrays import IdArray
from atss_inspect.errors import DataError
from atss_inspect.readers.ids import id_array
from atss_inspect.readers.source import not_read, read_regular

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
# Beyond these it is no data set: Open Images has nine million pictures.
MOST_FILES = 10_000_000
_LONGEST_LIST = 1 << 27  # bytes of a list of files: a million take a third
_MOST_LISTED, _MOST_DEPTH = 200_000, 100
_SMALLER = "name the folder of the pictures and labels; look where its links lead"


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

    Suffixes are in small letters and without a dot. What is hidden is passed over. With
    a number of folders, so many are looked into, and what keeps it from more is passed
    over; without, `DataError` is raised for it.

    Links to folders are followed, and each folder is listed once, whatever leads to it:
    links in a ring have no end. A link to the root of the machine is refused.
    """
    known, waiting, number, num_files = {_identity(folder)}, [(folder, 0)], 0, 0
    while waiting and number != most_folders:
        number += 1
        place, depth = waiting.pop()
        try:
            folders, files = _entries(place)
            found = [x for x in files if x.rpartition(".")[2].lower() in suffixes]
            num_files += len(found)
            for count, most, what in (
                (number, _MOST_LISTED, "folders"),
                (num_files, MOST_FILES, "files"),
                (depth, _MOST_DEPTH, "folders in one another"),
            ):
                if count > most:
                    problem = f"holds more than {most:,} {what}"
                    raise DataError(folder, problem, hint=_SMALLER)
        except DataError:
            if most_folders is None:
                raise
            continue
        yield from (os.path.join(place, each) for each in found)
        new = {_identity(each): each for each in reversed(folders)}
        new = {each: path for each, path in new.items() if each not in known}
        known |= new.keys()
        waiting += [(path, depth + 1) for path in new.values()]


def _entries(folder: str) -> tuple[list[str], list[str]]:
    """List the folders in one, as paths, links last; and the names of files in it.

    What is hidden is passed over. Raises `DataError` where it is not to be listed.
    """
    if os.path.realpath(folder) == os.sep:
        problem = "is the root of the machine; expected the folder of the data"
        raise DataError(folder, problem, hint=_SMALLER)
    folders, files = [], []
    try:
        with os.scandir(folder) as entries:
            for each in entries:
                if each.name.startswith("."):
                    continue
                if os.path.isdir(each.path) if each.is_symlink() else each.is_dir():
                    folders.append((each.is_symlink(), each.path))
                else:
                    files.append(each.name)
    except PermissionError as error:
        raise not_read(folder, error) from error
    except OSError:  # it is no more
        pass
    return [path for _, path in sorted(folders)], files


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


def stem(path: str) -> str:
    """Take the name of a file without its suffix."""
    return os.path.basename(path).rpartition(".")[0]


def make_image_ids(names: Sequence[str]) -> IdArray:
    """Make ids of pictures: their base names without the suffix, as numbers if so.

    That is what Ultralytics writes into its predictions, so that ``000000000785.jpg``
    is 785. Where two pictures would have the same, all have their paths. A path that
    is there again is another image, with a number.
    """
    number = len(set(names))
    ids = [int(x) if x.isascii() and x.isdecimal() else x for x in map(stem, names)]
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


def listed_names(path: str) -> list[str]:
    """Read the lines of a list of files; raises `DataError`."""
    try:
        data = read_regular(path, _LONGEST_LIST)
        if data.count(b"\n") > MOST_FILES or b"\0" in data:
            raise ValueError
        return data.decode("utf-8-sig").strip().splitlines()
    except OSError as error:
        raise not_read(path, error) from error
    except ValueError as error:
        raise DataError(path, "cannot be read as a list of names") from error
