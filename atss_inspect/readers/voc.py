"""Pascal VOC: a folder of XML files, one an image, as a ``Dataset``.

VOC names the first and the last pixel of a box, counted from 1: xmin = 1, xmax = 10 is
x = 0, width = 10, and a box from 1 to the width covers the image. So detectron2 reads
it; mmdetection takes 1 off all four numbers, and its boxes are a pixel less wide and
high. ``difficult`` is what COCO's ``ignore`` is.
"""

import math
import os
import re
import stat
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import Float64Array, IdArray
from atss_inspect.errors import DataError, SettingsError
from atss_inspect.readers import foreign
from atss_inspect.readers.box_formats import doubt_corners, to_xywh
from atss_inspect.readers.columns import AnnotationColumns, FileContent, ImageColumns
from atss_inspect.readers.doubts import refuse_doubt
from atss_inspect.readers.findings import LOSS_CODE, MAX_EXAMPLES, Tally
from atss_inspect.readers.ids import clean_text, id_array, object_array, read_number
from atss_inspect.readers.lost_images import LostImages
from atss_inspect.readers.many_files import Progress, map_files
from atss_inspect.readers.mend import mend
from atss_inspect.readers.picture_files import (
    MOST_FOLDERS,
    SUFFIXES,
    ListedFolder,
    files_below,
    from_here,
    make_image_ids,
    shown_names,
    split_names,
)

_XML = frozenset(["xml"])
_ANNOTATIONS = "Annotations"
# Where pictures lie beside a folder of XML files.
_PICTURES = ("JPEGImages", "images", "Images", "imgs")
_TAG = b"<annotation"
_CVAT = b"<annotations"
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

    problem: str = "voc_malformed"  # a reason of `findings.REASONS`; empty if none
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
    box_format: str | None = None,
    images: str | None = None,
) -> Dataset:
    """Read VOC files; see `load_coco`.

    A split is a list ``ImageSets/Main/NAME.txt`` or a folder; without one, all files
    are read. With a ``box_format``, which counts from 0, the numbers are taken as they
    are written. Raises `SettingsError` where there is no such split, and `DataError`
    where no file can be used, or boxes look like another format.
    """
    root = _root(name)
    paths, split = _paths(name, root, split)
    files = list(
        map_files(_read_file, paths, title="reading annotations", progress=progress)
    )
    shown = name if split is None else f"{name} ({split})"
    if all(each.problem for each in files):
        raise _none_usable(shown, paths)
    names = shown_names(paths, root)
    lost = LostImages(np.zeros(len(files), np.int64), Tally())
    for problem in ("voc_missing", "voc_malformed"):
        which = np.array([each.problem == problem for each in files])
        lost.lose(problem, which, names.__getitem__)
    kept = np.flatnonzero(~lost.is_lost).tolist()
    files, names = [files[place] for place in kept], [names[place] for place in kept]
    base = root if images is None else os.path.realpath(images)
    folders = {base} if images else _picture_folders(root, paths)
    pictures = _find_pictures(folders, files, names)
    _fill_sizes(files, pictures, progress)
    content = _content(shown, files, make_image_ids(names), lost.tally, masks=masks)
    found = [each is not None for each in pictures]
    content.images.file_names[found] = shown_names(list(filter(None, pictures)), base)
    places = _object_places(names, files)
    _bring_boxes(content, files, places, box_format)
    folder = ListedFolder(from_here(base))
    dataset = mend(content, "xywh")
    named = names.__getitem__, places.__getitem__
    return lost.account(dataset, *named, picture_folder=folder)


def _none_usable(name: str, paths: Sequence[str]) -> DataError:
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


def _is_annotation(path: str) -> bool:
    """Whether a file begins like a VOC file, or like one of CVAT, which is named."""
    return _TAG in _head(path)


def _head(path: str) -> bytes:
    """Read the beginning of a file; empty where it is no ordinary one."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return b""
        with open(path, "rb") as file:
            return file.read(_HEAD_BYTES).replace(b"\0", b"")  # of UTF-16
    except (OSError, ValueError):
        return b""


def _root(name: str) -> str:
    """Take the folder that holds annotations and pictures; it may lie below."""
    folder = os.path.realpath(name)
    within = _annotation_folders(folder)
    if len(within) == 1 and not any(Path(folder).glob("*.xml")):
        return str(within[0].parent)
    if not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    above = os.path.dirname(folder)
    has_pictures = any(os.path.isdir(os.path.join(above, each)) for each in _PICTURES)
    is_part = os.path.basename(folder) == _ANNOTATIONS or has_pictures
    return above if is_part else folder


def _annotation_folders(folder: str) -> list[Path]:
    """Find folders of annotations up to two below one, as in VOCdevkit/VOC2007."""
    patterns = (_ANNOTATIONS, f"*/{_ANNOTATIONS}", f"*/*/{_ANNOTATIONS}")
    tried = (list(islice(Path(folder).glob(each), 2)) for each in patterns)
    return next(filter(None, tried), [])


def _paths(name: str, root: str, split: str | None) -> tuple[list[str], str | None]:
    """List the files to read, sorted, and the name that their split has."""
    folder = os.path.realpath(name)
    if not os.path.isdir(folder):
        return [folder], None
    inner = os.path.join(root, _ANNOTATIONS)
    if split is None:
        found = list(files_below(inner, _XML)) or files_below(folder, _XML)
        return sorted(found), None
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
    try:
        with open(path, encoding="utf-8-sig") as file:
            lines = [line.strip() for line in file if line.strip()]
    except (OSError, ValueError) as error:
        raise DataError(path, "cannot be read as a list of names") from error
    found = set()
    for line in lines:
        for text in (line, line.split()[0]):
            base = re.split(r"[\\/]", text)[-1].replace("\0", "")
            stem, _, suffix = base.rpartition(".")
            base = stem if stem and suffix.lower() in SUFFIXES | _XML else base
            xml = os.path.join(folder, f"{base}.xml")
            if os.path.isfile(xml):
                break
        found.add(xml)
    if not found:
        raise DataError(path, "names no file; expected a name a line")
    return sorted(found)


def _read_file(path: str) -> _File:
    """Read one XML file; raises nothing."""
    # The standard parser, guarded against entities that grow without end.
    import defusedxml.ElementTree

    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return _File("voc_missing")
    try:
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
        problem="",
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


def _picture_folders(root: str, paths: Sequence[str]) -> set[str]:
    """List where the pictures of files may lie: with them, or beside their folder."""
    own = {os.path.dirname(path) for path in paths}
    above = {each for each in map(os.path.dirname, own) if each.startswith(root)}
    beside = product({root, *above}, _PICTURES)
    return own | {os.path.join(*pair) for pair in beside}


def _find_pictures(
    folders: Collection[str], files: Sequence[_File], names: Sequence[str]
) -> list[str | None]:
    """Find the picture of each file: of its own name, else of the name it says."""
    by_name: dict[str, str] = {}
    by_stem: dict[str, str] = {}
    for folder in sorted(filter(os.path.isdir, folders)):
        for picture in sorted(files_below(folder)):
            base = os.path.basename(picture)
            by_name.setdefault(base, picture)
            by_stem.setdefault(base.rpartition(".")[0], picture)

    def find(name: str, file: _File) -> str | None:
        stem = os.path.basename(name).rpartition(".")[0]
        said = file.file_name.replace("\\", "/").rpartition("/")[2]
        return by_stem.get(stem) or by_name.get(said)

    return [find(*pair) for pair in zip(names, files, strict=True)]


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
        _annotations(files, ids, names, masks=masks),
        dict(enumerate(names)),
        tally,
    )


def _annotations(
    files: Sequence[_File],
    ids: IdArray,
    names: Sequence[str],
    *,
    masks: bool,
) -> AnnotationColumns:
    """Gather the columns of the objects of all files; boxes as they are written."""
    index = {each: place for place, each in enumerate(names)}
    objects = [each for file in files for each in file.objects]
    counts = [len(file.objects) for file in files]
    owners = np.repeat(ids, counts)
    numbers = chain.from_iterable(range(1, count + 1) for count in counts)
    labels = [f"{image}:{n}" for image, n in zip(owners.tolist(), numbers, strict=True)]
    corners, losses = _corners(objects)
    return AnnotationColumns(
        ids=object_array(labels),
        image_ids=owners,
        category_ids=id_array([index.get(each.name) for each in objects]),
        xywh=corners,
        areas=np.full(len(objects), math.nan),
        is_crowd=np.zeros(len(objects), np.bool_),
        is_ignored=np.array([each.is_difficult for each in objects], np.bool_),
        losses=losses,
        segmentations=object_array([None] * len(objects) if masks else []),
    )


def _bring_boxes(
    content: FileContent,
    files: Sequence[_File],
    places: Sequence[str],
    box_format: str | None,
) -> None:
    """Make x, y, width, height of corners, unless somebody says what they are.

    ``places`` name the objects. Raises `DataError` where the corners look like another
    format.
    """
    boxes = content.annotations
    is_usable, corners = boxes.losses == 0, boxes.xywh
    sizes = np.repeat(content.images.sizes, [len(each.objects) for each in files], 0)
    if box_format is None:
        has_size = is_usable & (sizes > 0).all(axis=1)
        doubt = doubt_corners(corners[has_size], sizes[has_size])
        refuse_doubt(content.name, doubt, int(has_size.sum()), content.tally, "xyxy")
        from_zero = np.flatnonzero((corners[:, :2] < 1).any(axis=1) & is_usable)
        examples = [places[place] for place in from_zero[:MAX_EXAMPLES]]
        content.tally.add("voc_from_zero", len(from_zero), examples)
        corners[:, :2] -= 1
    boxes.xywh = to_xywh(corners, sizes, box_format or "xyxy")
    boxes.xywh[~np.isfinite(boxes.xywh).all(axis=1) | ~is_usable] = 0
    sides = np.maximum(boxes.xywh[:, 2:], 0)
    boxes.areas = sides[:, 0] * sides[:, 1]


def _object_places(names: Sequence[str], files: Sequence[_File]) -> list[str]:
    """Name each object by its file and its number in it."""
    return [
        f"{name}: object {number}"
        for name, file in zip(names, files, strict=True)
        for number in range(1, len(file.objects) + 1)
    ]


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
