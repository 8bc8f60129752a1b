"""Pascal VOC: a folder of XML files, one an image, as a ``Dataset``.

VOC names the first and the last pixel of a box, counted from 1: xmin = 1, xmax = 10 is
x = 0, width = 10, and a box from 1 to the width covers the image. So detectron2 reads
it; mmdetection takes 1 off all four numbers, and its boxes are a pixel less wide and
high. ``difficult`` is what COCO's ``ignore`` is.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import Dataset, box_areas
from atss_inspect.arrays import Float64Array, IdArray
from atss_inspect.readers.box_formats import to_xywh
from atss_inspect.readers.box_readings import doubt_corners
from atss_inspect.readers.columns import AnnotationColumns, FileContent, ImageColumns
from atss_inspect.readers.doubts import refuse_doubt
from atss_inspect.readers.findings import LOSS_CODE, MAX_EXAMPLES, Tally
from atss_inspect.readers.ids import clean_text, id_array, object_array, read_number
from atss_inspect.readers.lost_images import LostImages
from atss_inspect.readers.many_files import Progress, map_files
from atss_inspect.readers.mend import mend
from atss_inspect.readers.picture_files import (
    ListedFolder,
    from_here,
    make_image_ids,
    shown_names,
)
from atss_inspect.readers.source import is_shut, read_regular
from atss_inspect.readers.voc_folders import (
    find_files,
    find_pictures,
    find_root,
    none_usable,
)

# A tree takes some fifty times its text; 500 objects with polygons are 2 MB.
_MOST_BYTES = 1 << 23
_HEAD_BYTES = 100
# Of these the standard parser knows none.
_ENCODING = re.compile(
    rb"encoding=.(gb2312|gbk|gb18030|big5|shift_jis|euc-jp|euc-kr)\b", re.IGNORECASE
)
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


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
    root = find_root(name)
    paths, split = find_files(name, root, split)
    files = list(
        map_files(_read_file, paths, title="reading annotations", progress=progress)
    )
    shown = name if split is None else f"{name} ({split})"
    if all(each.problem for each in files):
        raise none_usable(shown, paths)
    paths, files, lost = _usable(root, paths, files)
    names = shown_names(paths, root)
    said = [each.file_name for each in files]
    base, pictures = find_pictures(root, images, paths, said)
    _fill_sizes(files, pictures, progress)
    content = _content(shown, files, make_image_ids(names), lost.tally, masks=masks)
    found = [each is not None for each in pictures]
    content.images.file_names[found] = shown_names(list(filter(None, pictures)), base)
    places = _numbered(names, files, ": object ")
    _bring_boxes(content, files, places, box_format)
    named = names.__getitem__, places.__getitem__
    folder = ListedFolder(from_here(base))
    return lost.account(mend(content, "xywh"), *named, picture_folder=folder)


def _usable(
    root: str, paths: Sequence[str], files: Sequence[_File]
) -> tuple[list[str], list[_File], LostImages]:
    """Leave out files that are missing or no annotation."""
    names = shown_names(paths, root)
    lost = LostImages(np.zeros(len(files), np.int64), Tally())
    for problem in ("voc_missing", "voc_unopened", "voc_malformed"):
        which = np.array([each.problem == problem for each in files])
        lost.lose(problem, which, names.__getitem__)
    kept = np.flatnonzero(~lost.is_lost).tolist()
    return [paths[place] for place in kept], [files[place] for place in kept], lost


def _read_file(path: str) -> _File:
    """Read one XML file; raises nothing."""
    # The standard parser, guarded against entities that grow without end.
    import defusedxml.ElementTree

    try:
        content = read_regular(path, _MOST_BYTES)
        encoding = _ENCODING.search(content[:_HEAD_BYTES])
        text = content if encoding is None else content.decode(encoding[1].decode())
        root = defusedxml.ElementTree.fromstring(text)
    except FileNotFoundError:
        return _File("voc_missing")
    except OSError as error:
        return _File("voc_unopened" if is_shut(error) else "voc_malformed")
    # Of broken XML, an unknown encoding, entities, and deep trees.
    except (SyntaxError, ValueError, LookupError, RecursionError, MemoryError):
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
    # Of pictures that are not there.
    said = [x.file_name or f"{own}.jpg" for x, own in zip(files, ids, strict=True)]
    sizes = np.array([file.size for file in files], np.float64).reshape(-1, 2)
    return FileContent(
        name,
        ImageColumns(ids, object_array(said), sizes),
        _annotations(files, ids, names, masks=masks),
        dict(enumerate(names)),
        tally,
    )


def _annotations(
    files: Sequence[_File], ids: IdArray, names: Sequence[str], *, masks: bool
) -> AnnotationColumns:
    """Gather the columns of the objects of all files; boxes as they are written."""
    index = {each: place for place, each in enumerate(names)}
    objects = [each for file in files for each in file.objects]
    corners, losses = _corners(objects)
    return AnnotationColumns(
        ids=object_array(_numbered(ids, files, ":")),
        image_ids=np.repeat(ids, [len(file.objects) for file in files]),
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
    boxes.areas = box_areas(boxes.xywh)


def _numbered(
    names: Iterable[object], files: Sequence[_File], between: str
) -> list[str]:
    """Name each object by its file and its number in it."""
    return [
        f"{name}{between}{number}"
        for name, file in zip(names, files, strict=True)
        for number in range(1, len(file.objects) + 1)
    ]


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
