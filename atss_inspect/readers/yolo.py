"""YOLO data: a data.yaml, or a folder of labels/*.txt beside images/, as a ``Dataset``.

What is left out is what Ultralytics' own scan leaves out, and boxes are in pixels by
its own arithmetic. Labels hold no sizes: these are read from the pictures.
"""

import os
import stat
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.resize import denormalize
from atss_inspect.arrays import BoolArray, Float64Array, IdArray
from atss_inspect.readers import data_yaml, yolo_labels
from atss_inspect.readers.columns import AnnotationColumns, FileContent, ImageColumns
from atss_inspect.readers.findings import Tally
from atss_inspect.readers.ids import clean_text, object_array
from atss_inspect.readers.lost_images import LostImages
from atss_inspect.readers.many_files import Progress, map_files
from atss_inspect.readers.mend import mend
from atss_inspect.readers.picture_files import (
    from_here,
    make_image_ids,
    no_pictures,
    shown_names,
)
from atss_inspect.readers.picture_sizes import PictureSize, quiet_pillow, read_size
from atss_inspect.readers.yolo_folders import (
    YoloSource,
    find_source,
    label_path,
    labels_alone,
    shown_label,
)
from atss_inspect.readers.yolo_labels import FILE_PROBLEMS, Labels, read_labels

# In place of the text of a file that is there and cannot be read.
_UNREADABLE = b"\0"


class _Pair(NamedTuple):
    """A picture's size, and the text of its label file; None where there is none."""

    size: PictureSize
    text: bytes | None


def read_yolo(
    name: str,
    *,
    masks: bool,
    split: str | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """Read a split of YOLO data; see `load_coco`.

    Raises `DataError` where there are no pictures, and `SettingsError` where there is
    no such split.
    """
    source = find_source(name, split)
    if not source.pictures:
        raise no_pictures(source.name)
    title = "reading labels and pictures' sizes"
    with quiet_pillow():
        found = map_files(_read_pair, source.pictures, title=title, progress=progress)
        pairs = list(found)
    return _dataset(source, pairs, masks=masks)


def _read_pair(picture: str) -> _Pair:
    """Read the size of a picture, and its label."""
    return _Pair(read_size(picture), _read_label(label_path(picture)))


def _read_label(path: str) -> bytes | None:
    """Read a label file; None where there is no ordinary file of this name."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            return None
        if status.st_size > yolo_labels.LONGEST_FILE:
            return _UNREADABLE
        with open(path, "rb", buffering=0) as file:
            return file.readall()
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return _UNREADABLE


def _dataset(source: YoloSource, pairs: Sequence[_Pair], *, masks: bool) -> Dataset:
    """Judge pictures and labels, and put together what remains."""
    names = shown_names(source.pictures, source.root)
    limit = data_yaml.MOST_CLASSES if source.names is None else len(source.names)
    texts = [None if p.text is _UNREADABLE else p.text or b"" for p in pairs]
    labels = read_labels(texts, limit, source.keypoint_words)
    lost = _lost(names, pairs, labels)
    _note(source, pairs, names, lost)
    lost.tally.add("label_polygon", labels.num_polygons)
    lost.tally.add("label_keypoints", labels.num_keypoints)
    kept, used = np.flatnonzero(~lost.is_lost), ~lost.is_lost[labels.file]
    image_ids = make_image_ids(names)
    sizes = np.array([pair.size[:2] for pair in pairs], np.float64)
    content = FileContent(
        source.name,
        ImageColumns(image_ids[kept], object_array(names)[kept], sizes[kept]),
        _annotations(labels, used, image_ids, sizes, masks=masks),
        _categories(source, labels),
        lost.tally,
        are_sizes_sure=True,
    )
    dataset = mend(content, "xywh")
    return lost.account(
        dataset,
        normalized=labels.normalized[used][dataset.annotation_index],
        picture_folder=from_here(source.root),
    )


def _lost(names: Sequence[str], pairs: Sequence[_Pair], labels: Labels) -> LostImages:
    """Leave out pictures that cannot be used, and label files that break a rule."""
    lost = LostImages(labels.num_lines, Tally())
    problems = object_array([pair.size.problem for pair in pairs])
    for problem in dict.fromkeys(filter(None, problems.tolist())):
        lost.lose(problem, problems == problem, names)
    label_names = [shown_label(name) for name in names]
    for code, problem in enumerate(FILE_PROBLEMS[1:], 1):
        lost.lose(problem, labels.problems == code, label_names)
    repeats = np.where(lost.is_lost, 0, labels.num_repeated)
    places = np.flatnonzero(repeats).tolist()
    number = int(repeats.sum())
    lost.tally.add("label_repeated", number, [label_names[each] for each in places])
    lost.add_lines("label_repeated", number)
    return lost


def _note(
    source: YoloSource, pairs: Sequence[_Pair], names: Sequence[str], lost: LostImages
) -> None:
    """Count labels without a picture, and pictures without a label."""
    missing = [
        place
        for place, pair in enumerate(pairs)
        if pair.text is None and not lost.is_lost[place]
    ]
    examples = [shown_label(names[place]) for place in missing[:3]]
    lost.tally.add("label_missing", len(missing), examples)
    if source.is_complete:
        alone = labels_alone(source.pictures)
        examples = shown_names(alone[:3], source.root)
        lost.tally.add("label_without_picture", len(alone), examples)


def _annotations(
    labels: Labels,
    used: BoolArray,
    image_ids: IdArray,
    sizes: Float64Array,
    *,
    masks: bool,
) -> AnnotationColumns:
    """Make the columns of the lines that are used; boxes in original pixels."""
    file, number = labels.file[used], int(used.sum())
    corners = denormalize(labels.normalized[used], sizes[file]).astype(np.float64)
    xywh = np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]])
    owners = image_ids[file]
    lines = zip(owners.tolist(), labels.line[used].tolist(), strict=True)
    return AnnotationColumns(
        # Labels have no ids; whoever looks for this one finds the image and the line.
        ids=object_array([f"{image}:{line}" for image, line in lines]),
        image_ids=owners,
        category_ids=labels.classes[used],
        xywh=xywh,
        areas=xywh[:, 2] * xywh[:, 3],
        is_crowd=np.zeros(number, np.bool_),
        is_ignored=np.zeros(number, np.bool_),
        losses=np.zeros(number, np.uint8),
        segmentations=object_array([None] * number if masks else []),
    )


def _categories(source: YoloSource, labels: Labels) -> dict[int | str, str]:
    """Name the classes; those of a folder without names by their numbers."""
    if source.names is None:
        most = int(labels.classes.max(initial=-1))
        return {index: str(index) for index in range(most + 1)}
    return {index: clean_text(name)[0] for index, name in source.names.items()}
