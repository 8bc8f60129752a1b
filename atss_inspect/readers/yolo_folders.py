"""Where YOLO data lie: a data.yaml, or a folder of labels/*.txt beside images/."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from atss_inspect.errors import DataError, SettingsError
from atss_inspect.readers import data_yaml
from atss_inspect.readers.picture_files import (
    MOST_FILES,
    MOST_FOLDERS,
    SUFFIXES,
    common_root,
    files_below,
    listed_names,
    split_names,
    stem,
)
from atss_inspect.readers.source import read_regular

# Where programs for labels write the class names; one a line.
_NAME_FILES = ("classes.txt", "obj.names")
_YAML_NAMES = ("data.yaml", "dataset.yaml")
# So many pictures are asked for a label before a folder is said to hold none.
_ASKED = 10_000
_TEXTS_ASKED = 100  # texts that are looked into before a folder is said to be another's
_ASKED_OF = 100  # pictures of a list that are looked for from each folder
_LABEL_LINE = re.compile(rb"\s*\d+([ \t]+[-+.\deE]+){4,}[ \t]*(\r?\n|$)")
_HEAD_BYTES = 1 << 16
_NAME_IMAGES = (
    "`stats --images FOLDER` takes them from elsewhere, `convert --images FOLDER` once "
    "for all commands"
)
_IMAGES, _LABELS = f"{os.sep}images{os.sep}", f"{os.sep}labels{os.sep}"


@dataclass(frozen=True)
class YoloSource:
    """What is to be read.

    Attributes
    ----------
    name : of the data, for people
    root : the folder that pictures are named from
    pictures : absolute paths, sorted; one that is listed again is there again
    names : class index -> name; None where nobody lists them
    keypoint_words : words of keypoints in a line
    is_complete : whether all labels of a folder belong to these pictures
    labels : picture -> its label, where they lie apart; None where the picture says it
    elsewhere, tried : places to name to people: of other data, of the first picture
    """

    name: str
    root: str
    pictures: list[str]
    names: dict[int, str] | None
    keypoint_words: int = 0
    is_complete: bool = True
    labels: Mapping[str, str] | None = None
    elsewhere: str = ""
    tried: tuple[str, ...] = ()

    @property
    def num_classes(self) -> int:
        """How many classes labels may have."""
        return data_yaml.MOST_CLASSES if self.names is None else len(self.names)

    def label_of(self, picture: str) -> str:
        """Where the label of a picture lies."""
        return label_path(picture) if self.labels is None else self.labels[picture]


def is_yolo(name: str) -> bool:
    """Whether a path is a data.yaml, or a folder of pictures with YOLO labels."""
    if data_yaml.is_meant_as_data_yaml(name):
        return True
    if not os.path.isdir(name):
        return False
    if yaml_in(name) is not None:
        return True
    pictures = files_below(beside_labels(name), most_folders=MOST_FOLDERS)
    some = islice(pictures, _ASKED)
    if any(os.path.isfile(label_path(each)) for each in some):
        return True
    texts = files_below(name, {"txt"}, most_folders=MOST_FOLDERS)
    texts = (each for each in texts if os.path.basename(each) not in _NAME_FILES)
    are_labels = list(map(_has_label, islice(texts, _TEXTS_ASKED)))
    return any(are_labels) and sum(are_labels) * 2 >= len(are_labels)


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
    path = yaml_in(name) if is_folder else name
    if path is None:
        return _folder(name, split)
    found = data_yaml.read_data_yaml(path, split)
    words = found.keypoint_words
    if not found.split:
        beside = _folder(str(found.root), split)
        shown = name if split is None else f"{name} ({split})"
        return replace(beside, name=shown, names=found.names, keypoint_words=words)
    pictures: list[str] = []
    tried: tuple[str, ...] = ()
    for place in found.pictures:
        if place.is_dir():
            pictures += files_below(str(place))
        else:
            listed, tried = _listed(place, found.root)
            pictures += listed
        if len(pictures) > MOST_FILES:
            problem = f"{found.split}: more than {MOST_FILES:,} pictures"
            raise DataError(path, problem)
    return YoloSource(
        name=f"{name} ({found.split})",
        root=common_root(str(found.root), pictures),
        pictures=sorted(pictures),
        names=found.names,
        keypoint_words=words,
        is_complete=all(place.is_dir() for place in found.pictures),
        elsewhere=str(found.elsewhere or ""),
        tried=tried,
    )


def _folder(name: str, split: str | None) -> YoloSource:
    """Find the pictures of a folder, or of a split that is a folder in it."""
    root = beside_labels(name)
    folder, shown = root, name
    if split is not None:
        tried = [
            Path(root, *inner, each)
            for each in split_names(split)
            for inner in (["images"], [])
        ]
        found = next((each for each in tried if each.is_dir()), None)
        if found is None:
            message = f"--split {split}: there is no such folder in {name}"
            raise SettingsError(message, hint=f"tried {tried[0]} and {tried[1]}")
        folder, shown = str(found), f"{name} ({found.name})"
    pictures = sorted(files_below(folder))
    names, keypoint_words = _names_beside(name)
    return YoloSource(
        name=shown,
        root=common_root(root, pictures),
        pictures=pictures,
        names=names,
        keypoint_words=keypoint_words,
    )


def yaml_in(folder: str) -> str | None:
    """Find the data.yaml of a folder: one of this name, else the first like it."""
    try:
        names = sorted(
            each for each in os.listdir(folder) if each.endswith(data_yaml.SUFFIXES)
        )
    except OSError:
        return None
    names.sort(key=lambda each: each not in _YAML_NAMES)
    paths = (os.path.join(folder, each) for each in names)
    own = (path for path in paths if _is_own(path))
    return next(filter(_is_meant, own), None)


def _is_meant(path: str) -> bool:
    """Whether a file is a data.yaml, or one that is called so and may not be read."""
    is_named = os.path.basename(path) in _YAML_NAMES
    return data_yaml.is_data_yaml(path) or (is_named and not os.access(path, os.R_OK))


def _is_own(path: str) -> bool:
    """Whether a file that nobody has named is one of its folder, or links to one.

    What it holds is shown as names of classes; it may be somebody's secret.
    """
    folder = os.path.realpath(os.path.dirname(path))
    return os.path.realpath(path).startswith(folder + os.sep)


def beside_labels(name: str) -> str:
    """Take the folder of pictures that belongs to one of labels; else the folder."""
    folder = os.path.realpath(name)
    before, found, after = (folder + os.sep).rpartition(_LABELS)
    beside = before + _IMAGES + after
    return os.path.normpath(beside) if found and os.path.isdir(beside) else folder


def _listed(path: Path, root: Path) -> tuple[list[str], tuple[str, ...]]:
    """Read the paths of pictures from a file; and where the first was looked for.

    ``./`` is the folder of the file. Other names start from ``root``, else from the
    folder of the file, else from the working directory, as in Ultralytics: from the
    first that has one of the first pictures.
    """
    lines = listed_names(str(path))
    beside = str(path.parent) + os.sep
    names = [line for line in lines if line.rpartition(".")[2].lower() in SUFFIXES]
    relative = [name for name in names if not name.startswith((os.sep, "./"))]
    bases = list(dict.fromkeys([str(root), str(path.parent), _working_folder()]))
    tried = tuple(os.path.join(each, *relative[:1]) for each in bases if relative)
    base = next((each for each in bases if _holds(each, relative)), bases[0])
    return [
        beside + name[2:]
        if name.startswith("./")
        else os.path.normpath(os.path.join(base, name))
        for name in names
    ], tried


def _holds(folder: str, names: Sequence[str]) -> bool:
    """Whether one of the first of these names is there."""
    return any(os.path.exists(os.path.join(folder, x)) for x in names[:_ASKED_OF])


def _working_folder() -> str:
    """Take the working directory; the root where it is no more."""
    try:
        return os.getcwd()
    except OSError:
        return os.sep


def with_pictures(source: YoloSource, name: str, images: str | None) -> YoloSource:
    """Take pictures of the folder ``images`` for labels that have none beside them.

    Raises `DataError` where there is no such folder, or no picture in it belongs to a
    label.
    """
    folder = name if os.path.isdir(name) else os.path.dirname(name) or os.curdir
    labels = [path for path in map(label_path, source.pictures) if os.path.isfile(path)]
    labels = labels or _labels_below(folder)
    if images is None or not labels:
        raise _no_pictures(source, folder, len(labels))
    root = os.path.realpath(images)
    pictures = {stem(each): each for each in files_below(root)}
    own = {pictures[stem(x)]: x for x in labels if stem(x) in pictures}
    if not own:
        problem = f"holds {_num_labels(len(labels))}, and {images} no picture of such"
        hint = f"such as {stem(labels[0])}.jpg"
        raise DataError(source.name, f"{problem} a name", hint=hint)
    kept = replace(source, root=root, pictures=sorted(own), labels=own)
    return replace(kept, is_complete=True)


def _labels_below(folder: str) -> list[str]:
    """List labels in a folder; of a picture without an object there is an empty one."""
    texts = sorted(files_below(folder, {"txt"}))
    labels = [x for x in texts if _has_label(x) or not os.path.getsize(x)]
    return labels if any(map(os.path.getsize, labels)) else []


def _no_pictures(source: YoloSource, folder: str, num_labels: int) -> DataError:
    """Make the error for data of which no picture exists."""
    below = next(files_below(folder), None)
    hint = _NAME_IMAGES
    if below is not None:
        hint = f"there are some in {os.path.dirname(os.path.abspath(below))}"
    if source.pictures:
        problem = f"none of {len(source.pictures):,} listed pictures exists"
        tried = f"looked for {', '.join(source.tried or source.pictures[:1])}"
        hint = f"{tried}; {hint}" if num_labels or below else tried
        return DataError(source.name, problem, hint=hint)
    if not num_labels:
        known = "jpg, png, bmp, tif, webp and the like"
        return DataError(source.name, f"no pictures found; expected {known}")
    found = f"holds {_num_labels(num_labels)} and no picture"
    problem = f"{found}; sizes come from pictures"
    return DataError(source.name, problem, hint=hint)


def _num_labels(number: int) -> str:
    return f"{number:,} YOLO label" + "s" * (number != 1)


def _has_label(path: str) -> bool:
    """Whether a file begins with a line of a YOLO label: a class and four numbers."""
    try:
        head = read_regular(path, _HEAD_BYTES, is_head=True)
    except OSError:
        return False
    return _LABEL_LINE.match(head) is not None


def _names_beside(name: str) -> tuple[dict[int, str] | None, int]:
    """Find names, and the words of keypoints, in a folder of data or up to two above.

    Above are only looked into where the folder is one of labels or images.
    """
    place = Path(os.path.realpath(name))
    inner = {"labels", "images"}
    above = [each for each in place.parents[:2] if inner & set(place.parts[-2:])]
    for folder in (place, place / "labels", *above):
        path = yaml_in(str(folder))
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
            if not _is_own(str(path)):
                continue
            data = read_regular(str(path), data_yaml.MOST_BYTES)
        except OSError:
            continue
        lines = data.decode("utf-8-sig", "replace").rstrip().splitlines()
        # A blank line is a class as well: without it all others would be shifted.
        return {n: line.strip() or str(n) for n, line in enumerate(lines)}
    return None


def shown_label(name: str) -> str:
    """Where the label of a picture of this name is looked for, from the same folder."""
    return label_path(os.sep + name)[1:]


def labels_alone(source: YoloSource) -> list[str]:
    """List label files, in folders of labels, that belong to no picture."""
    known = set(map(source.label_of, source.pictures))
    if source.labels is None:
        known = {each for each in known if _LABELS in each}
    alone: list[str] = []
    for folder in sorted({os.path.dirname(each) for each in known}):
        try:
            names = sorted(os.listdir(folder))
        except OSError:  # there is no label at all
            continue
        paths = (
            os.path.join(folder, each)
            for each in names
            # macOS writes files of its own beside, ``._a.txt``.
            if each.endswith(".txt") and each not in _NAME_FILES and each[0] != "."
        )
        alone += [path for path in paths if path not in known]
    return alone
