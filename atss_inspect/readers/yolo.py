"""YOLO data: a data.yaml, or a folder of labels/*.txt beside images/, as a ``Dataset``.

What is left out is what Ultralytics' own scan leaves out, and boxes are in pixels by
its own arithmetic. Labels hold no sizes: these are read from the pictures.
"""

import errno
import os
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.resize import denormalize
from atss_inspect.arrays import BoolArray, Float64Array, IdArray
from atss_inspect.errors import DataError, SettingsError
from atss_inspect.readers import yolo_labels
from atss_inspect.readers.box_formats import FRACTIONS
from atss_inspect.readers.box_readings import doubt_centers
from atss_inspect.readers.columns import AnnotationColumns, FileContent, ImageColumns
from atss_inspect.readers.doubts import refuse_doubt
from atss_inspect.readers.findings import Tally
from atss_inspect.readers.ids import clean_text, object_array
from atss_inspect.readers.lost_images import LostImages
from atss_inspect.readers.many_files import Progress, map_files
from atss_inspect.readers.mend import mend
from atss_inspect.readers.picture_files import (
    ListedFolder,
    from_here,
    make_image_ids,
    shown_names,
)
from atss_inspect.readers.picture_sizes import (
    MISSING,
    PictureSize,
    quiet_pillow,
    read_size,
)
from atss_inspect.readers.source import is_shut, read_regular
from atss_inspect.readers.yolo_faults import find_fault
from atss_inspect.readers.yolo_folders import (
    YoloSource,
    find_source,
    labels_alone,
    shown_label,
    with_pictures,
)
from atss_inspect.readers.yolo_labels import FILE_PROBLEMS, Labels, read_labels

# What the numbers of a label may be; the first is what Ultralytics takes them for.
_BOX_FORMATS = tuple(f"{form}{FRACTIONS}" for form in ("cxcywh", "xyxy", "xywh"))
_MOST_TEXT = 1 << 30  # bytes of all label files: 25 million boxes take so many
_UNREAD = ("label_unopened", "label_too_long")


class _Pair(NamedTuple):
    """A picture's size, and the text of its label file.

    The text is None where there is no file, and one of `_UNREAD` where it is not read.
    """

    size: PictureSize
    text: bytes | str | None

    @property
    def lines(self) -> bytes:
        """What is judged."""
        return self.text if isinstance(self.text, bytes) else b""


def read_yolo(
    name: str,
    *,
    masks: bool,
    split: str | None = None,
    progress: Progress | None = None,
    box_format: str | None = None,
    images: str | None = None,
) -> Dataset:
    """Read a split of YOLO data; see `load_coco`.

    Raises `DataError` where there are no pictures, or boxes look like another format,
    and `SettingsError` where there is no such split, or labels have no such boxes.
    """
    if box_format not in (None, *_BOX_FORMATS):
        problem = f"--box-format {box_format}: YOLO labels are fractions of the image"
        raise SettingsError(problem, hint=f"expected {', '.join(_BOX_FORMATS)}")
    source = find_source(name, split)
    if not any(map(os.path.exists, source.pictures)):
        source = with_pictures(source, name, images)
    title, total = "reading labels and pictures' sizes", 0

    def read_pair(picture: str) -> _Pair:
        nonlocal total
        if total > _MOST_TEXT:
            return _Pair(MISSING, None)
        text = _read_label(source.label_of(picture))
        total += len(text or b"")
        return _Pair(read_size(picture), text)

    with quiet_pillow():
        found = map_files(read_pair, source.pictures, title=title, progress=progress)
        pairs = list(found)
    if total > _MOST_TEXT:
        problem = f"labels are longer than {_MOST_TEXT >> 20} MB together; refused"
        raise DataError(source.name, problem, hint="read a part of the pictures")
    if all(pair.text is None for pair in pairs):
        _refuse_labels_beside(source)
    return _dataset(source, pairs, box_format, masks=masks)


def _refuse_labels_beside(source: YoloSource) -> None:
    """Raise `DataError` where labels lie with pictures in a folder of images."""
    first = source.pictures[0]
    beside = f"{first.rpartition('.')[0]}.txt"
    if os.path.isfile(beside):
        wanted = os.path.dirname(source.label_of(first))
        problem = "labels lie beside the pictures in a folder called images, where "
        problem += "Ultralytics does not look for them"
        raise DataError(source.name, problem, hint=f"move them into {wanted}")


def _read_label(path: str) -> bytes | str | None:
    """Read a label file, see `_Pair`."""
    try:
        return read_regular(path, yolo_labels.LONGEST_FILE)
    except OSError as error:
        if is_shut(error):
            return "label_unopened"
        return "label_too_long" if error.errno == errno.EFBIG else None


def _dataset(
    source: YoloSource, pairs: Sequence[_Pair], box_format: str | None, *, masks: bool
) -> Dataset:
    """Judge pictures and labels, and put together what remains."""
    names = shown_names(source.pictures, source.root)
    form = (box_format or _BOX_FORMATS[0]).partition("-")[0]
    labels = read_labels(
        [each.lines for each in pairs], source.num_classes, source.keypoint_words, form
    )
    label_names = _label_names(source, names)
    lost = _lost(source, names, label_names, pairs, labels)
    _note(source, pairs, label_names, lost)
    lost.tally.add("label_polygon", labels.num_polygons)
    lost.tally.add("label_keypoints", labels.num_keypoints)
    kept, used = np.flatnonzero(~lost.is_lost), ~lost.is_lost[labels.file]
    if box_format is None and not labels.num_polygons:
        shares = labels.normalized[used].astype(np.float64)
        told = len(shares), lost.tally, _BOX_FORMATS[0]
        refuse_doubt(source.name, doubt_centers(shares), *told)
    image_ids = make_image_ids(names)
    sizes = np.array([pair.size[:2] for pair in pairs], np.float64)
    content = FileContent(
        source.name,
        ImageColumns(image_ids[kept], object_array(names)[kept], sizes[kept]),
        _annotations(labels, used, image_ids, sizes, masks=masks),
        _categories(source, labels, lost.tally),
        lost.tally,
        are_sizes_sure=True,
    )
    dataset = mend(content, "xywh")
    file, line = labels.file[used], labels.line[used]
    return lost.account(
        dataset,
        lambda place: names[kept[place]],
        lambda place: f"{label_names[file[place]]}:{line[place]}",
        normalized=labels.normalized[used][dataset.annotation_index],
        picture_folder=ListedFolder(from_here(source.root)),
    )


def _label_names(source: YoloSource, names: Sequence[str]) -> list[str]:
    """Name the labels of pictures of these names."""
    if source.labels is None:
        return list(map(shown_label, names))
    return [from_here(source.labels[each]) for each in source.pictures]


def _lost(
    source: YoloSource,
    names: Sequence[str],
    label_names: Sequence[str],
    pairs: Sequence[_Pair],
    labels: Labels,
) -> LostImages:
    """Leave out pictures that cannot be used, and label files that break a rule."""
    rules = source.num_classes, source.keypoint_words
    lost = LostImages(labels.num_lines, Tally())
    problems = object_array([pair.size.problem for pair in pairs])
    for problem in dict.fromkeys(filter(None, problems.tolist())):
        lost.lose(problem, problems == problem, names.__getitem__)
    for problem in _UNREAD:
        which = np.array([pair.text == problem for pair in pairs])
        lost.lose(problem, which, label_names.__getitem__)
    for code, problem in enumerate(FILE_PROBLEMS[1:], 1):

        def name_of(place: int, problem: str = problem) -> str:
            fault = find_fault(pairs[place].lines, problem, *rules)
            return label_names[place] + fault

        lost.lose(problem, labels.problems == code, name_of)
    repeats = np.where(lost.is_lost, 0, labels.num_repeated)
    places = np.flatnonzero(repeats).tolist()
    number = int(repeats.sum())
    lost.tally.add("label_repeated", number, [label_names[each] for each in places])
    lost.add_lines("label_repeated", number)
    return lost


def _note(
    source: YoloSource,
    pairs: Sequence[_Pair],
    label_names: Sequence[str],
    lost: LostImages,
) -> None:
    """Count labels without a picture, pictures without a label, and such again."""
    again = [x for x, number in Counter(source.pictures).items() if number > 1]
    number = len(source.pictures) - len(set(source.pictures))
    lost.tally.add("picture_again", number, shown_names(again[:3], source.root))
    lost.tally.add("data_elsewhere", bool(source.elsewhere), [source.elsewhere])
    missing = [
        place
        for place, pair in enumerate(pairs)
        if pair.text is None and not lost.is_lost[place]
    ]
    examples = [label_names[place] for place in missing[:3]]
    lost.tally.add("label_missing", len(missing), examples)
    if source.is_complete:
        alone = labels_alone(source)
        examples = [os.path.relpath(each, source.root) for each in alone[:3]]
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


def _categories(
    source: YoloSource, labels: Labels, tally: Tally
) -> dict[int | str, str]:
    """Name the classes; those of a folder without names by their numbers."""
    if source.names is None:
        most = int(labels.classes.max(initial=-1))
        return {index: str(index) for index in range(most + 1)}
    names: dict[int | str, str] = {
        index: clean_text(name)[0] for index, name in source.names.items()
    }
    firsts = {name: index for index, name in reversed(names.items())}
    again = [f"{i}: {name}" for i, name in names.items() if firsts[name] != i]
    tally.add("duplicate_category_name", len(again), again)
    return names
