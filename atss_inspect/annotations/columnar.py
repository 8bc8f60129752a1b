"""The tool's own form of a data set: tables of columns beside one description.

`describe` and the tables together hold everything a `Dataset` holds but the masks.
Nothing here opens a file: readers and writers share what stands here.

Notes
-----
A table of images and a table of objects make one part; a part is a run of whole images,
so that parts are read and written one after the other. Objects carry no image: the
images' ``num_objects`` say whose they are, as in the data set itself.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import IdArray

SUFFIX = ".atss"
DESCRIPTION = "dataset.json"
FORMAT = "atss-inspect dataset"
SCHEMA_VERSION = 1

BOX_COLUMNS = ("x", "y", "width", "height")
# Column -> dtype; ids are int64, or text where a file has other ids than such numbers.
IMAGE_COLUMNS: dict[str, type | None] = {
    **{"image_id": None, "file_index": np.int64, "file_name": np.object_},
    **{"width": np.float64, "height": np.float64, "num_objects": np.int64},
}
OBJECT_COLUMNS: dict[str, type | None] = {
    "annotation_id": None,
    **dict.fromkeys(("annotation_index", "category_index"), np.int64),
    **dict.fromkeys((*BOX_COLUMNS, "area"), np.float64),
    **dict.fromkeys(("is_crowd", "is_ignored"), np.bool_),
}
# Of objects whose files hold shares of the image; such a set says ``normalized``.
SHARE_COLUMNS = tuple(f"normalized_{name}" for name in ("x", "y", "width", "height"))

Columns = dict[str, np.ndarray[Any, Any]]


def part_names(number: int) -> tuple[str, str]:
    """Name the tables of images and of objects of a part, which count from 0."""
    return f"images-{number:03d}.parquet", f"objects-{number:03d}.parquet"


def split(dataset: Dataset, images_per_part: int) -> Iterator[Dataset]:
    """Cut a data set into parts; one without images is one empty part."""
    for start in range(0, max(dataset.num_images, 1), images_per_part):
        stop = min(start + images_per_part, dataset.num_images)
        yield dataset.slice_images(start, stop)


def image_table(part: Dataset) -> Columns:
    """Make the table of images, as `IMAGE_COLUMNS` lists it."""
    return {
        "image_id": encode_ids(part.image_ids),
        "file_index": part.image_file,
        "file_name": part.file_names,
        "width": part.image_sizes[:, 1],
        "height": part.image_sizes[:, 0],
        "num_objects": np.diff(part.object_offsets),
    }


def object_table(part: Dataset) -> Columns:
    """Make the table of objects, as `OBJECT_COLUMNS` lists it; shares come last."""
    shares = () if part.normalized is None else part.normalized.T
    return {
        "annotation_id": encode_ids(part.annotation_ids),
        "annotation_index": part.annotation_index,
        "category_index": part.category_index,
        **dict(zip(BOX_COLUMNS, part.xywh.T, strict=True)),
        "area": part.areas,
        "is_crowd": part.is_crowd,
        "is_ignored": part.is_ignored,
        **dict(zip(SHARE_COLUMNS, shares, strict=bool(len(shares)))),
    }


def describe(dataset: Dataset, parts: Sequence[Dataset], version: str) -> bytes:
    """Tell in JSON what the tables do not: sources, classes, what the reader met.

    ``parts`` are what the data set was cut into, ``version`` is the tool's.
    """
    files = zip(dataset.files, dataset.file_sizes, dataset.file_counts, strict=True)
    own_ids, names = dataset.category_ids.tolist(), dataset.category_names
    flags = dataset.is_listed
    is_listed = [True] * len(names) if flags is None else flags.tolist()
    categories = zip(own_ids, names, is_listed, strict=True)
    shares = {} if dataset.normalized is None else {"normalized": True}
    document = {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "tool_version": version,
        **shares,
        "files": [
            {"path": path, "num_bytes": size, **counts._asdict()}
            for path, size, counts in files
        ],
        "categories": [
            {"id": own_id, "name": name} | ({} if flag else {"listed": False})
            for own_id, name, flag in categories
        ],
        "num_annotations": dataset.num_annotations,
        "left_out": dataset.left_out,
        "left_out_images": dataset.left_out_images,
        "findings": [
            {
                "reason": each.reason,
                "count": each.count,
                "examples": each.examples,
                "hint": each.hint,
            }
            for each in dataset.findings
        ],
        "parts": [
            {"num_images": part.num_images, "num_objects": part.num_objects}
            for part in parts
        ],
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def encode_ids(ids: IdArray) -> IdArray:
    """Keep ids that are int64; write others, of mixed kinds, as JSON texts."""
    if ids.dtype != np.object_:
        return ids
    texts = [json.dumps(each, ensure_ascii=False) for each in ids.tolist()]
    return np.array(texts, np.object_)


def decode_ids(texts: Sequence[str]) -> IdArray:
    """Read ids that `encode_ids` wrote as texts.

    Raises `ValueError` where one is no JSON of an integer, a string or null.
    """
    values = [json.loads(text) for text in texts]
    if not {type(value) for value in values} <= {int, str, type(None)}:
        message = "an id is neither a number nor text"
        raise ValueError(message)
    return np.array(values, np.object_)
