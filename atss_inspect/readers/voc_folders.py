"""Where Pascal VOC data lie: folders of XML files, lists of them, and pictures."""

import os
import re
from collections.abc import Collection, Sequence
from itertools import islice, product
from pathlib import Path

from atss_inspect.errors import DataError, SettingsError
from atss_inspect.readers import foreign
from atss_inspect.readers.picture_files import (
    MOST_FOLDERS,
    SUFFIXES,
    files_below,
    listed_names,
    split_names,
    stem,
)
from atss_inspect.readers.source import read_regular

_XML = frozenset(["xml"])
ANNOTATIONS = "Annotations"
# Where pictures lie beside a folder of XML files.
_PICTURES = ("JPEGImages", "images", "Images", "imgs")
_TAG = b"<annotation"  # also of CVAT, which is named
_CVAT = b"<annotations"
_HEAD_BYTES = 1 << 12
_ASKED = 100  # XML files that are looked into before a folder is said to be another's


def is_voc(name: str) -> bool:
    """Whether a path is a folder with VOC files, or one of them; raises nothing."""
    if not os.path.isdir(name):
        return name.lower().endswith(".xml") and _TAG in _head(name)
    some = islice(files_below(name, _XML, most_folders=MOST_FOLDERS), _ASKED)
    return any(_TAG in _head(each) for each in some)


def none_usable(name: str, paths: Sequence[str]) -> DataError:
    """Make the error for files of which none is one of VOC."""
    if not paths:
        return DataError(name, "holds no XML file; expected Pascal VOC files")
    first = paths[0]
    if not os.path.exists(first):
        problem = f"none of the {len(paths):,} listed VOC files exists"
        return DataError(name, problem, hint=f"looked for {first}")
    if _CVAT in _head(first):
        problem = "is CVAT for images (XML), not Pascal VOC"
        return DataError(name, problem, hint=foreign.CVAT)
    problem = "holds no valid Pascal VOC file"
    return DataError(name, problem, hint=f"looked into {first}")


def _head(path: str) -> bytes:
    """Read the beginning of a file; empty where it is no ordinary one."""
    try:
        head = read_regular(path, _HEAD_BYTES, is_head=True)
    except OSError:
        return b""
    return head.replace(b"\0", b"")  # of UTF-16


def find_root(name: str) -> str:
    """Take the folder that holds annotations and pictures; it may lie below."""
    folder = os.path.realpath(name)
    within = _annotation_folders(folder)
    if len(within) == 1 and not any(Path(folder).glob("*.xml")):
        return str(within[0].parent)
    if not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    above = os.path.dirname(folder)
    has_pictures = any(os.path.isdir(os.path.join(above, each)) for each in _PICTURES)
    is_part = os.path.basename(folder) == ANNOTATIONS or has_pictures
    return above if is_part else folder


def _annotation_folders(folder: str) -> list[Path]:
    """Find folders of annotations up to two below one, as in VOCdevkit/VOC2007."""
    patterns = (ANNOTATIONS, f"*/{ANNOTATIONS}", f"*/*/{ANNOTATIONS}")
    tried = (list(islice(Path(folder).glob(each), 2)) for each in patterns)
    return next(filter(None, tried), [])


def find_files(name: str, root: str, split: str | None) -> tuple[list[str], str | None]:
    """List the files to read, sorted, and the name that their split has."""
    folder = os.path.realpath(name)
    if not os.path.isdir(folder):
        return [folder], None
    inner = os.path.join(root, ANNOTATIONS)
    if split is None:
        # Another folder beside it that somebody has named holds other annotations.
        places = [inner, folder] if inner.startswith(folder) else [folder, inner]
        found = (sorted(files_below(each, _XML)) for each in places)
        return next(filter(None, found), []), None
    for each in split_names(split):
        listed = os.path.join(root, "ImageSets", "Main", f"{each}.txt")
        if os.path.isfile(listed):
            return _listed(listed, inner), each
        tried = [os.path.join(place, each) for place in (root, inner)]
        for place in filter(os.path.isdir, tried):
            return sorted(files_below(place, _XML)), each
    message = f"--split {split}: {name} has no such split"
    lists = os.path.join(root, "ImageSets", "Main", f"{split}.txt")
    folders = " and ".join(os.path.join(place, split) for place in (root, inner))
    raise SettingsError(message, hint=f"tried {lists} and the folders {folders}")


def _listed(path: str, folder: str) -> list[str]:
    """List the files of a split, sorted: of each line the base name of its first word.

    A name may have the suffix of its picture or file, or blanks where there is a file
    of that name.
    """
    found = set()
    for line in filter(None, map(str.strip, listed_names(path))):
        for text in (line, line.split()[0]):
            base = re.split(r"[\\/]", text)[-1]
            suffix = base.rpartition(".")[2].lower()
            base = stem(base) or base if suffix in SUFFIXES | _XML else base
            xml = os.path.join(folder, f"{base}.xml")
            if os.path.isfile(xml):
                break
        found.add(xml)
    if not found:
        raise DataError(path, "names no file; expected a name a line")
    return sorted(found)


def find_pictures(
    root: str, images: str | None, paths: Sequence[str], said: Sequence[str]
) -> tuple[str, list[str | None]]:
    """Find the picture of each XML file, in ``images`` or beside; and from where.

    ``said`` are the names that the files give.
    """
    if images is not None:
        base = os.path.realpath(images)
        found = _find_pictures({base}, paths, said)
        if any(found):
            return base, found
    own = {os.path.dirname(path) for path in paths}
    above = {each for each in map(os.path.dirname, own) if each.startswith(root)}
    beside = {os.path.join(*pair) for pair in product({root, *above}, _PICTURES)}
    return root, _find_pictures(own | beside, paths, said)


def _find_pictures(
    folders: Collection[str], paths: Sequence[str], said: Sequence[str]
) -> list[str | None]:
    """Find the picture of each file: of its own name, else of the name it says."""
    known: dict[str, list[str]] = {}  # by name and by name without its suffix
    for folder in sorted(filter(os.path.isdir, folders)):
        for picture in sorted(files_below(folder)):
            for key in (os.path.basename(picture), stem(picture)):
                known.setdefault(key, []).append(picture)

    def find(path: str, name: str) -> str | None:
        bare = name.replace("\\", "/").rpartition("/")[2]
        pictures = known.get(stem(path)) or known.get(bare) or []

        def nearness(picture: str) -> int:
            return len(os.path.commonpath([path, picture]))

        # Folders of several splits may hold the same names.
        return max(pictures, key=nearness, default=None)

    return [find(*pair) for pair in zip(paths, said, strict=True)]
