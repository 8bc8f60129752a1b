"""Pascal VOC: a folder of XML files, one an image, as a ``Dataset``.

VOC names the first and the last pixel of a box, counted from 1: xmin = 1, xmax = 10 is
x = 0, width = 10, and a box from 1 to the width covers the image. So detectron2 reads
it; mmdetection takes 1 off all four numbers, and its boxes are a pixel less wide and
high. ``difficult`` is what COCO's ``ignore`` is.
"""

import math
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import Float64Array, IdArray
from atss_inspect.errors import DataError, SettingsError
from atss_inspect.readers.columns import AnnotationColumns, FileContent, ImageColumns
from atss_inspect.readers.findings import LOSS_CODE, MAX_EXAMPLES, Tally
from atss_inspect.readers.ids import clean_text, id_array, object_array, read_number
from atss_inspect.readers.lost_images import LostImages
from atss_inspect.readers.many_files import Progress, map_files
from atss_inspect.readers.mend import mend
from atss_inspect.readers.picture_files import (
    MOST_FOLDERS,
    files_below,
    from_here,
    make_image_ids,
    shown_names,
)

_XML = frozenset(["xml"])
_ANNOTATIONS = "Annotations"
# Where pictures lie beside a folder of XML files.
_PICTURES = ("JPEGImages", "images", "Images", "imgs")
_TAG = b"<annotation"
_HEAD_BYTES = 1 << 12
# A tree takes some fifty times its text; 500 objects with polygons are 2 MB.
_MOST_BYTES = 1 << 23
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_ASKED = 100  # XML files that are looked into before a folder is said to be another's


class _Object(NamedTuple):
    """An ``object`` as it is written."""

    name: str
    corners: tuple[float | None, ...]  # xmin, ymin, xmax, ymax; None for no number
    is_difficult: bool


@dataclass
class _File:
    """What one XML file says."""

    is_valid: bool = False
    file_name: str = ""
    size: tuple[float, float] = (math.nan, math.nan)  # height, width; NaN where missing
    objects: list[_Object] = field(default_factory=list)


def is_voc(name: str) -> bool:
    """Whether a path is a folder with VOC files, or one of them; raises nothing."""
    if not os.path.isdir(name):
        return name.lower().endswith(".xml") and _is_annotation(name)
    some = islice(files_below(name, _XML, most_folders=MOST_FOLDERS), _ASKED)
    return any(map(_is_annotation, some))


def read_voc(
    name: str,
    *,
    masks: bool,
    split: str | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """Read VOC files; see `load_coco`.

    A split is a list ``ImageSets/Main/NAME.txt`` or a folder; without one, all files
    are read. Raises `SettingsError` where there is no such split.
    """
    root = _root(name)
    paths = _paths(name, root, split)
    files = list(
        map_files(_read_file, paths, title="reading annotations", progress=progress)
    )
    names = shown_names(paths, root)
    lost = LostImages(np.zeros(len(files), np.int64), Tally())
    lost.lose("voc_malformed", np.array([not each.is_valid for each in files]), names)
    kept = np.flatnonzero(~lost.is_lost).tolist()
    files, paths = [files[place] for place in kept], [paths[place] for place in kept]
    ids = make_image_ids([names[place] for place in kept])
    pictures = _find_pictures(root, paths, files)
    _fill_sizes(files, pictures, progress)
    shown = name if split is None else f"{name} ({split})"
    found = [each is not None for each in pictures]
    content = _content(shown, files, ids, lost.tally, masks=masks)
    content.images.file_names[found] = shown_names(list(filter(None, pictures)), root)
    return lost.account(mend(content, "xywh"), picture_folder=from_here(root))


def _is_annotation(path: str) -> bool:
    """Whether a file begins like a VOC file."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return False
        with open(path, "rb") as file:
            return _TAG in file.read(_HEAD_BYTES).replace(b"\0", b"")  # of UTF-16
    except (OSError, ValueError):
        return False


def _root(name: str) -> str:
    """Take the folder that holds annotations and pictures."""
    folder = os.path.realpath(name)
    if not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    above = os.path.dirname(folder)
    has_pictures = any(os.path.isdir(os.path.join(above, each)) for each in _PICTURES)
    is_part = os.path.basename(folder) == _ANNOTATIONS or has_pictures
    return above if is_part else folder


def _paths(name: str, root: str, split: str | None) -> list[str]:
    """List the files to read, sorted."""
    folder = os.path.realpath(name)
    if not os.path.isdir(folder):
        return [folder]
    inner = os.path.join(root, _ANNOTATIONS)
    if split is None:
        return sorted(files_below(inner if os.path.isdir(inner) else folder, _XML))
    listed = os.path.join(root, "ImageSets", "Main", f"{split}.txt")
    if os.path.isfile(listed):
        return [os.path.join(inner, f"{each}.xml") for each in _stems(listed)]
    tried = [os.path.join(place, split) for place in (root, inner)]
    for place in filter(os.path.isdir, tried):
        return sorted(files_below(place, _XML))
    message = f"--split {split}: {name} has no such split"
    hint = f"tried {listed} and the folders {' and '.join(tried)}"
    raise SettingsError(message, hint=hint)


def _stems(path: str) -> list[str]:
    """Read the names of a split: the first word of each line, each once, sorted."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            words = [line.split()[0] for line in file if line.strip()]
    except (OSError, ValueError) as error:
        raise DataError(path, "cannot be read as a list of names") from error
    return sorted({word for word in words if os.sep not in word and "\0" not in word})


def _read_file(path: str) -> _File:
    """Read one XML file; raises nothing."""
    # The standard parser, guarded against entities that grow without end.
    import defusedxml.ElementTree

    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
            return _File()
        with open(path, "rb") as file:
            root = defusedxml.ElementTree.fromstring(file.read(_MOST_BYTES))
    # Of broken XML, an unknown encoding, entities, and deep trees.
    except (OSError, SyntaxError, ValueError, LookupError, RecursionError, MemoryError):
        return _File()
    return _parsed(root) if root.tag == "annotation" else _File()


def _parsed(root: Any) -> _File:
    """Take what is looked at from the tree of a file."""
    height, width = (_number(root.find(f"size/{x}")) for x in ("height", "width"))
    return _File(
        is_valid=True,
        file_name=_text(root.find("filename")),
        size=(height or math.nan, width or math.nan),
        objects=[
            _Object(
                _text(each.find("name")),
                tuple(_number(each.find(f"bndbox/{side}")) for side in _CORNERS),
                bool(_number(each.find("difficult"))),
            )
            for each in root.findall("object")
        ],
    )


def _text(element: Any) -> str:
    """Take the text of an element, in one line; empty without."""
    text = "" if element is None or element.text is None else element.text
    return " ".join(clean_text(text)[0].split())


def _number(element: Any) -> float | None:
    """Read the number of an element; None where it holds none."""
    return read_number(_text(element))


def _find_pictures(
    root: str, paths: Sequence[str], files: Sequence[_File]
) -> list[str | None]:
    """Find the picture of each file: of its own name, else of the name it says."""
    folders = {os.path.dirname(path) for path in paths}
    folders |= {os.path.join(root, each) for each in _PICTURES}
    by_name: dict[str, str] = {}
    by_stem: dict[str, str] = {}
    for folder in sorted(filter(os.path.isdir, folders)):
        for picture in sorted(files_below(folder)):
            base = os.path.basename(picture)
            by_name.setdefault(base, picture)
            by_stem.setdefault(base.rpartition(".")[0], picture)

    def find(path: str, file: _File) -> str | None:
        stem = os.path.basename(path).rpartition(".")[0]
        said = file.file_name.replace("\\", "/").rpartition("/")[2]
        return by_stem.get(stem) or by_name.get(said)

    return [find(*pair) for pair in zip(paths, files, strict=True)]


def _fill_sizes(
    files: Sequence[_File], pictures: Sequence[str | None], progress: Progress | None
) -> None:
    """Read from the pictures the sizes that files do not say."""
    # Loads Pillow, which no other format needs.
    from atss_inspect.readers.picture_sizes import quiet_pillow, read_size

    lacking = [
        (file, picture)
        for file, picture in zip(files, pictures, strict=True)
        if picture is not None and not all(side > 0 for side in file.size)
    ]
    paths = [picture for _, picture in lacking]
    with quiet_pillow():
        sizes = map_files(
            read_size, paths, title="reading pictures' sizes", progress=progress
        )
        for (file, _), size in zip(lacking, sizes, strict=True):
            if not size.problem:
                file.size = float(size.height), float(size.width)


def _content(
    name: str, files: Sequence[_File], ids: IdArray, tally: Tally, *, masks: bool
) -> FileContent:
    """Gather the columns of all files."""
    names = sorted({each.name for file in files for each in file.objects} - {""})
    said = [_said_name(*pair) for pair in zip(files, ids, strict=True)]
    sizes = np.array([file.size for file in files], np.float64).reshape(-1, 2)
    return FileContent(
        name,
        ImageColumns(ids, object_array(said), sizes),
        _annotations(files, ids, names, tally, masks=masks),
        dict(enumerate(names)),
        tally,
    )


def _annotations(
    files: Sequence[_File],
    ids: IdArray,
    names: Sequence[str],
    tally: Tally,
    *,
    masks: bool,
) -> AnnotationColumns:
    """Gather the columns of the objects of all files; boxes in original pixels."""
    index = {each: place for place, each in enumerate(names)}
    objects = [each for file in files for each in file.objects]
    counts = [len(file.objects) for file in files]
    owners = np.repeat(ids, counts)
    numbers = chain.from_iterable(range(1, count + 1) for count in counts)
    labels = [f"{image}:{n}" for image, n in zip(owners.tolist(), numbers, strict=True)]
    corners, losses = _corners(objects)
    from_zero = np.flatnonzero((corners[:, :2] < 1).any(axis=1) & (losses == 0))
    examples = [labels[place] for place in from_zero[:MAX_EXAMPLES]]
    tally.add("voc_from_zero", len(from_zero), examples)
    near = corners[:, :2] - 1
    xywh = np.hstack([near, corners[:, 2:] - near])
    xywh[losses > 0] = 0
    sides = np.maximum(xywh[:, 2:], 0)
    return AnnotationColumns(
        ids=object_array(labels),
        image_ids=owners,
        category_ids=id_array([index.get(each.name) for each in objects]),
        xywh=xywh,
        areas=sides[:, 0] * sides[:, 1],
        is_crowd=np.zeros(len(objects), np.bool_),
        is_ignored=np.array([each.is_difficult for each in objects], np.bool_),
        losses=losses,
        segmentations=object_array([None] * len(objects) if masks else []),
    )


def _said_name(file: _File, image_id: object) -> str:
    """Name a picture that is not there."""
    return file.file_name or f"{image_id}.jpg"


def _corners(objects: Sequence[_Object]) -> tuple[Float64Array, Any]:
    """Pack corners, (N, 4) float64; and why boxes are left out, (N,) uint8 codes."""
    rows = [each.corners for each in objects]
    losses = np.zeros(len(rows), np.uint8)
    is_none = np.array([None in row for row in rows], np.bool_)
    flat = (math.nan if each is None else each for row in rows for each in row)
    corners = np.fromiter(flat, np.float64, 4 * len(rows)).reshape(-1, 4)
    losses[~np.isfinite(corners).all(axis=1)] = LOSS_CODE["bbox_not_finite"]
    losses[is_none] = LOSS_CODE["bbox_malformed"]
    return corners, losses
