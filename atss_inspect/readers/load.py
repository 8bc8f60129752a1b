"""Sources to one ``Dataset``: who reads which format, and how several are joined."""

import codecs
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import IMAGE_ARRAYS, OBJECT_ARRAYS, Dataset
from atss_inspect.arrays import Float32Array, IntArray
from atss_inspect.errors import DataError, SettingsError
from atss_inspect.readers.box_formats import BOX_FORMATS
from atss_inspect.readers.coco import read_coco_file, read_coco_object
from atss_inspect.readers.columnar import is_columnar, read_columnar
from atss_inspect.readers.decode import paused_collector
from atss_inspect.readers.findings import merge_findings
from atss_inspect.readers.ids import id_array, join_rows
from atss_inspect.readers.many_files import Progress
from atss_inspect.readers.source import STDIN, read_head, show_name
from atss_inspect.readers.voc import read_voc
from atss_inspect.readers.voc_folders import ANNOTATIONS, is_voc
from atss_inspect.readers.yolo_folders import beside_labels, is_yolo, yaml_in

if TYPE_CHECKING:
    from pycocotools.coco import COCO


class InputFormat(NamedTuple):
    """A format of annotations that lie in files."""

    # whether a path is meant to be of this format; raises nothing
    recognises: Callable[[str], bool]
    # makes a `Dataset` of a path, with raw segmentations if ``masks`` is true, of boxes
    # of a ``box_format``; raises `DataError`
    read: Callable[..., Dataset]
    # what it is read with besides ``masks``
    takes: tuple[str, ...] = ()


class _Category(NamedTuple):
    """A category of a file."""

    id: int | str | None
    name: str
    is_listed: bool


def _read_yolo(name: str, **asked: Any) -> Dataset:
    """Read YOLO data; Pillow is loaded only where pictures are read."""
    from atss_inspect.readers.yolo import read_yolo

    return read_yolo(name, **asked)


_MEMBERS = re.compile(rb'"(images|annotations)"\s*:')
_FOLDERS = ("split", "progress", "box_format", "images")
# What a format says to options that it does not take, and a hint.
_NOT_TAKEN = {
    "split": (
        "is one set, without splits",
        "a data.yaml or a folder of YOLO or VOC data may have splits",
    ),
    "key": ("has no keys", "--key is for JSON"),
    "box_format": (
        "says itself what its boxes are",
        "--box-format is for COCO JSON, YOLO and VOC",
    ),
}
# Asked in this order. COCO comes last and takes all others: it names what is no COCO.
FORMATS = (
    InputFormat(is_columnar, read_columnar),
    InputFormat(is_yolo, _read_yolo, _FOLDERS),
    InputFormat(is_voc, read_voc, _FOLDERS),
    InputFormat(lambda _: True, read_coco_file, ("box_format", "key")),
)


def load_coco(
    *sources: "str | os.PathLike[str] | Mapping[str, Any] | COCO",
    masks: bool = False,
    box_format: str | None = None,
    split: str | Sequence[str] | None = None,
    progress: Progress | None = None,
    key: str | None = None,
    images: str | None = None,
) -> Dataset:
    """Read detection annotations: COCO, YOLO, Pascal VOC.

    Parameters
    ----------
    *sources : one or more of: a path to JSON or gzipped JSON (known by content), or to
        the folder that `atss-inspect convert` made of it; ``-`` for stdin; a loaded
        ``pycocotools.coco.COCO``, or the dict inside one; a ``data.yaml`` or a folder
        of YOLO labels; a folder of VOC files. Ids are per source; classes of the same
        name are one class (see ``merge``).
    masks : keep the raw segmentations, which otherwise are skipped; of a converted
        set, which holds none, all are None
    box_format : what ``bbox`` holds: ``xywh``, ``xyxy`` or ``cxcywh`` (center, width,
        height), in pixels or with ``-fractions`` or ``-percent`` behind it, of the
        image; None takes COCO's ``xywh`` unless all boxes look like another
    split : of YOLO and VOC data, such as ``val``, or several; None for the first there
        is
    progress : of a title and a total, makes a context with a function to report the
        number of files to that have been read, or None
    key : where in the JSON of each source the data lie that are meant, keys joined by
        dots: ``train`` in ``{"train": {"images": ...}, "val": ...}``
    images : folder of the pictures of YOLO and VOC data, for the sizes that these need
        where no picture lies beside them

    Returns
    -------
    Dataset
        What was odd but usable, and what could not be used, is counted in
        ``findings`` and ``left_out``; a set without images or objects is empty arrays.

    Raises
    ------
    DataError
        If a source cannot be read or is not COCO detection data, or if nobody named
        a box format and 20 boxes or more all look like another than COCO's.
    SettingsError
        If a source is not read with one of these, or has no such split.
    TypeError
        If there is no source, or one is neither a path nor a COCO object.
    ValueError
        If there is no such box format.

    Examples
    --------
    >>> from atss_inspect import load_coco
    >>> load_coco("sample_data/instances.json").num_objects
    528
    """
    if not sources:
        message = "load_coco() needs at least one path or COCO object"
        raise TypeError(message)
    if box_format not in (None, *BOX_FORMATS):
        message = f"box_format must be one of {', '.join(BOX_FORMATS)}"
        raise ValueError(message)
    how: dict[str, Any] = {"masks": masks, "box_format": box_format, "key": key}
    how |= {"progress": progress, "images": images}
    splits = [split] if split is None or isinstance(split, str) else split
    names = list(dict.fromkeys(splits)) or [None]
    paths = [source for source in sources if isinstance(source, str | os.PathLike)]
    _refuse_repeats(os.fspath(path) for path in paths)
    with paused_collector():
        return merge(
            [
                _load_of(len(sources), source, split=each, **how)
                for source in sources
                for each in names
            ]
        )


def looks_like_annotations(name: str) -> bool:
    """Whether a path seems to hold annotations: a look at its beginning decides.

    That is JSON, also packed, of an object that has images or annotations, or any other
    format of `FORMATS`. Nothing is raised.
    """
    if any(each.recognises(name) for each in FORMATS[:-1]):
        return True
    head = read_head(name).removeprefix(codecs.BOM_UTF8).lstrip()
    return head[:1] == b"{" and _MEMBERS.search(head) is not None


def is_coco_json(name: str) -> bool:
    """Whether a path is read as COCO JSON."""
    return not any(each.recognises(name) for each in FORMATS[:-1])


def _load_of(number: int, source: object, **how: Any) -> Dataset:
    """Read one of some sources; what is to be told of all would spoil the others."""
    try:
        return _load(source, **how)
    except DataError as error:
        if number < 2 or "--box-format" not in (error.hint or ""):
            raise
        hint = f"{error.hint}; that holds for every file, so convert this one first"
        raise DataError(error, hint=hint) from error


def _load(source: object, **how: Any) -> Dataset:
    """Read one source of whatever kind."""
    if isinstance(source, str | os.PathLike):
        name = os.fspath(source)
        if isinstance(name, str):
            found = next(each for each in FORMATS if each.recognises(name))
            return found.read(name, **_taken(found.takes, name, how))
    # Asked for by shape, not by class: pycocotools is slow to import, and forks of it
    # have their own COCO class.
    content = getattr(source, "dataset", source)
    if isinstance(content, Mapping):
        taken = _taken(FORMATS[-1].takes, "a COCO object", how)
        return read_coco_object(content, **taken)
    expected = "expected a path, a pycocotools COCO object or its dataset dict"
    message = f"{expected}, got {type(source).__name__}"
    raise TypeError(message)


def _taken(takes: Sequence[str], name: str, how: Mapping[str, Any]) -> dict[str, Any]:
    """What a format is read with; raises `SettingsError` for what it does not take."""
    for option, (found, hint) in _NOT_TAKEN.items():
        if option not in takes and how[option] is not None:
            typed = f"--{option.replace('_', '-')} {how[option]}"
            message = f"{typed}: {show_name(name)} {found}"
            raise SettingsError(message, hint=hint)
    return {option: how[option] for option in ("masks", *takes)}


def _refuse_repeats(names: Iterable[str]) -> None:
    """Refuse a file given twice, by whatever name: its objects would count twice."""
    seen: dict[str, str] = {}
    for name in names:
        try:
            place = name if name == STDIN else _place(os.path.realpath(name))
        except (ValueError, OSError) as error:  # a null byte; a folder that is no more
            if os.path.isdir(name):
                problem = "the working directory is no more; expected a full path"
                raise DataError(name, problem) from error
            place = name
        if place in seen:
            also = "" if name == seen[place] else f", as {seen[place]}"
            problem = f"is given twice{also}; expected each file once"
            raise DataError(show_name(name), problem)
        seen[place] = name


def _place(path: str) -> str:
    """Take what is read of a folder: its data.yaml, or a folder in it or beside."""
    if not os.path.isdir(path):
        return path
    inner = os.path.join(path, ANNOTATIONS)
    return yaml_in(path) or (inner if os.path.isdir(inner) else beside_labels(path))


def merge(datasets: Sequence[Dataset]) -> Dataset:
    """Put datasets, most of them of one file each, behind one another.

    Image and annotation ids are per file and stay as they are. A category of a later
    file is the same as an earlier file's if id and name are equal, else the first one
    of the same name; without one of that name it is new. So ``3 car`` of one file and
    ``7 car`` of the next are one class, and ``3 car`` and ``3 bus`` are two.
    """
    if len(datasets) == 1:
        return datasets[0]
    categories, remaps = _merge_categories(datasets)
    is_listed = np.array([each.is_listed for each in categories], np.bool_)
    arrays = {
        name: join_rows([getattr(each, name) for each in datasets])
        for name in (*IMAGE_ARRAYS, *OBJECT_ARRAYS)
    }
    first_files = np.cumsum([0, *(len(each.files) for each in datasets[:-1])])
    num_images = [each.num_images for each in datasets]
    arrays["image_file"] = arrays["image_file"] + np.repeat(first_files, num_images)
    pairs = zip(datasets, remaps, strict=True)
    rows = [remap[each.category_index] for each, remap in pairs]
    arrays["category_index"] = np.concatenate(rows)
    counts = np.concatenate([np.diff(each.object_offsets) for each in datasets])
    has_masks = all(each.segmentations is not None for each in datasets)
    return Dataset(
        **arrays,
        first_image=0,
        places=None,
        files=_joined(datasets, "files"),
        object_offsets=np.append(0, np.cumsum(counts)),
        category_ids=id_array([each.id for each in categories]),
        category_names=tuple(each.name for each in categories),
        is_listed=None if is_listed.all() else is_listed,
        num_annotations=sum(each.num_annotations for each in datasets),
        left_out=_add_up(each.left_out for each in datasets),
        left_out_images=_add_up(each.left_out_images for each in datasets),
        findings=merge_findings(
            replace(finding, examples=_with_file(finding.examples, each.files))
            for each in datasets
            for finding in each.findings
        ),
        segmentations=_joined(datasets, "segmentations") if has_masks else None,
        normalized=_join_normalized(datasets),
        picture_folder=_one_folder(datasets),
        file_counts=_joined(datasets, "file_counts"),
        file_sizes=_joined(datasets, "file_sizes"),
    )


def _joined(datasets: Sequence[Dataset], name: str) -> tuple[Any, ...]:
    """Join what each dataset has a tuple of."""
    return tuple(each for dataset in datasets for each in getattr(dataset, name))


def _join_normalized(datasets: Sequence[Dataset]) -> Float32Array | None:
    """Join shares of images, NaN for objects of files in pixels."""
    if all(each.normalized is None for each in datasets):
        return None
    parts = [
        np.full((each.num_objects, 4), np.nan, np.float32)
        if each.normalized is None
        else each.normalized
        for each in datasets
    ]
    return np.concatenate(parts)


def _one_folder(datasets: Sequence[Dataset]) -> str | None:
    """Take the folder of pictures that all datasets have."""
    folders = {each.picture_folder for each in datasets}
    return folders.pop() if len(folders) == 1 else None


def _add_up(tables: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Add several reason -> count tables."""
    total: Counter[str] = Counter()
    for table in tables:
        total.update(table)
    return dict(total)


def _merge_categories(
    datasets: Sequence[Dataset],
) -> tuple[list[_Category], list[IntArray]]:
    """List the categories of all files, and say where each file's own went.

    One that a file does not list is no class of another file.
    """
    all_of_them: list[_Category] = []
    row_by_all: dict[_Category, int] = {}
    row_by_name: dict[tuple[str, bool], int] = {}
    remaps = []
    for dataset in datasets:
        own_ids, own_names = dataset.category_ids.tolist(), dataset.category_names
        flags = dataset.is_listed
        is_listed = [True] * len(own_ids) if flags is None else flags.tolist()
        own = [*map(_Category, own_ids, own_names, is_listed)]
        # Looked up before any is added: two categories of one file stay two.
        rows = [row_by_all.get(each, row_by_name.get(each[1:], -1)) for each in own]
        for place, each in enumerate(own):
            if rows[place] < 0:
                rows[place] = len(all_of_them)
                all_of_them.append(each)
            row_by_all.setdefault(each, rows[place])
            row_by_name.setdefault(each[1:], rows[place])
        remaps.append(np.array(rows, np.int64))
    return all_of_them, remaps


def _with_file(examples: tuple[str, ...], files: tuple[str, ...]) -> tuple[str, ...]:
    """Put the file before each example; examples from several files have theirs."""
    before = f"{files[0]}: " if len(files) == 1 else ""
    return tuple(before + each for each in examples)
