"""Where YOLO data lie: a data.yaml, or a folder of labels/*.txt beside images/."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from atss_inspect.errors import DataError, SettingsError
from atss_inspect.readers import data_yaml
from atss_inspect.readers.picture_files import (
    MOST_FOLDERS,
    SUFFIXES,
    common_root,
    files_below,
)

# Where programs for labels write the class names; one a line.
_NAME_FILES = ("classes.txt", "obj.names")
# So many pictures are asked for a label before a folder is said to hold none.
_ASKED = 10_000
_LONGEST_LIST = 1 << 28  # bytes of a file of names: a million of them take a third
_IMAGES, _LABELS = f"{os.sep}images{os.sep}", f"{os.sep}labels{os.sep}"


@dataclass(frozen=True)
class YoloSource:
    """What is to be read.

    Attributes
    ----------
    name : of the data, for people
    root : the folder that pictures are named from
    pictures : absolute paths, sorted
    names : class index -> name; None where nobody lists them
    keypoint_words : words of keypoints in a line
    is_complete : whether all labels of a folder belong to these pictures
    """

    name: str
    root: str
    pictures: list[str]
    names: dict[int, str] | None
    keypoint_words: int = 0
    is_complete: bool = True


def is_yolo(name: str) -> bool:
    """Whether a path is a data.yaml, or a folder of pictures with YOLO labels."""
    if data_yaml.is_meant_as_data_yaml(name):
        return True
    if not os.path.isdir(name):
        return False
    if _yaml_in(name) is not None:
        return True
    pictures = files_below(_beside_labels(name), most_folders=MOST_FOLDERS)
    some = islice(pictures, _ASKED)
    return any(os.path.isfile(label_path(each)) for each in some)


def label_path(picture: str) -> str:
    """Where the label of a picture lies: the last ``images`` of its path is ``labels``.

    Without one it lies beside the picture.
    """
    before, found, after = picture.rpartition(_IMAGES)
    path = before + _LABELS + after if found else picture
    return path.rpartition(".")[0] + ".txt"


def find_source(name: str, split: str | None) -> YoloSource:
    """Find the pictures and names of a data.yaml, or of a folder."""
    is_folder = os.path.isdir(name)
    path = _yaml_in(name) if is_folder else name
    if path is None:
        return _folder(name, split)
    found = data_yaml.read_data_yaml(path, split)
    words = found.keypoint_words
    if not found.split:
        beside = _folder(str(found.root), split)
        shown = name if split is None else f"{name} ({split})"
        return replace(beside, name=shown, names=found.names, keypoint_words=words)
    pictures: list[str] = []
    for place in found.pictures:
        pictures += (
            files_below(str(place)) if place.is_dir() else _listed(place, found.root)
        )
    return YoloSource(
        name=f"{name} ({found.split})",
        root=common_root(str(found.root), pictures),
        pictures=sorted(pictures),
        names=found.names,
        keypoint_words=words,
        is_complete=all(place.is_dir() for place in found.pictures),
    )


def _folder(name: str, split: str | None) -> YoloSource:
    """Find the pictures of a folder, or of a split that is a folder in it."""
    root = _beside_labels(name)
    folder, shown = root, name
    if split is not None:
        tried = [Path(root, "images", split), Path(root, split)]
        found = [each for each in tried if each.is_dir()]
        if not found:
            message = f"--split {split}: there is no such folder in {name}"
            raise SettingsError(message, hint=f"tried {tried[0]} and {tried[1]}")
        folder, shown = str(found[0]), f"{name} ({split})"
    pictures = sorted(files_below(folder))
    names, keypoint_words = _names_beside(name)
    return YoloSource(
        name=shown,
        root=common_root(root, pictures),
        pictures=pictures,
        names=names,
        keypoint_words=keypoint_words,
    )


def _yaml_in(folder: str) -> str | None:
    """Find the data.yaml of a folder: one of this name, else the first like it."""
    try:
        names = sorted(
            each for each in os.listdir(folder) if each.endswith(data_yaml.SUFFIXES)
        )
    except OSError:
        return None
    names.sort(key=lambda each: each not in ("data.yaml", "dataset.yaml"))
    paths = (os.path.join(folder, each) for each in names)
    own = (path for path in paths if _is_own(path))
    return next(filter(data_yaml.is_data_yaml, own), None)


def _is_own(path: str) -> bool:
    """Whether a file that nobody has named is one of its folder, or links to one.

    What it holds is shown as names of classes; it may be somebody's secret.
    """
    folder = os.path.realpath(os.path.dirname(path))
    return os.path.realpath(path).startswith(folder + os.sep)


def _beside_labels(name: str) -> str:
    """Take the folder of pictures that belongs to one of labels; else the folder."""
    folder = os.path.realpath(name)
    before, found, after = (folder + os.sep).rpartition(_LABELS)
    beside = before + _IMAGES + after
    return os.path.normpath(beside) if found and os.path.isdir(beside) else folder


def _listed(path: Path, root: Path) -> list[str]:
    """Read the names of pictures from a file.

    ``./`` is the folder of the file. Other names start from the working directory, as
    in Ultralytics; where the first is not there, from ``root``.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST_LIST + 1)
        lines = data.decode("utf-8-sig").strip().splitlines()
    except (OSError, ValueError) as error:
        raise DataError(str(path), "cannot be read as a list of names") from error
    if len(data) > _LONGEST_LIST:
        raise DataError(str(path), f"is longer than {_LONGEST_LIST >> 20} MB; refused")
    beside = str(path.parent) + os.sep
    names = [line for line in lines if line.rpartition(".")[2].lower() in SUFFIXES]
    relative = (name for name in names if not name.startswith((os.sep, "./")))
    first = next(relative, None)
    base = "" if first is None or os.path.exists(first) else str(root)
    return [
        beside + name[2:]
        if name.startswith("./")
        else os.path.abspath(os.path.join(base, name))
        for name in names
    ]


def _names_beside(name: str) -> tuple[dict[int, str] | None, int]:
    """Find names, and the words of keypoints, in a folder of data or up to two above.

    Above are only looked into where the folder is one of labels or images.
    """
    place = Path(os.path.realpath(name))
    inner = {"labels", "images"}
    above = [each for each in place.parents[:2] if inner & set(place.parts[-2:])]
    for folder in (place, place / "labels", *above):
        path = _yaml_in(str(folder))
        found = None if path is None else data_yaml.read_names(path)
        if found is not None:
            return found
        listed = _listed_names(folder)
        if listed is not None:
            return listed, 0
    return None, 0


def _listed_names(folder: Path) -> dict[int, str] | None:
    """Read the names that a program for labels has written, one a line."""
    for path in (folder / each for each in _NAME_FILES):
        try:
            is_usable = path.is_file() and _is_own(str(path))
            if not is_usable or path.stat().st_size > data_yaml.MOST_BYTES:
                continue
            lines = path.read_text("utf-8-sig", errors="replace").splitlines()
        except OSError:
            continue
        return dict(enumerate(line.strip() for line in lines if line.strip()))
    return None


def shown_label(name: str) -> str:
    """Where the label of a picture of this name is looked for, from the same folder."""
    return label_path(os.sep + name)[1:]


def labels_alone(pictures: Sequence[str]) -> list[str]:
    """List label files, in folders of labels, that belong to no picture."""
    known = {each for each in map(label_path, pictures) if _LABELS in each}
    alone: list[str] = []
    for folder in sorted({os.path.dirname(each) for each in known}):
        try:
            names = sorted(os.listdir(folder))
        except OSError:  # there is no label at all
            continue
        paths = (
            os.path.join(folder, each)
            for each in names
            if each.endswith(".txt") and each not in _NAME_FILES
        )
        alone += [path for path in paths if path not in known]
    return alone
