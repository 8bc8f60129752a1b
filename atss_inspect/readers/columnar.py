"""The tool's own columnar form back in: a folder of Parquet files and a description."""

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np

from atss_inspect.annotations import columnar
from atss_inspect.annotations.columnar import DESCRIPTION, Columns
from atss_inspect.annotations.dataset import (
    LEAST_SHARE,
    MOST_SHARE,
    Dataset,
    FileCounts,
)
from atss_inspect.arrays import BoolArray, Float32Array, IdArray, IntArray
from atss_inspect.errors import first_line
from atss_inspect.readers.columnar_tables import read_table, read_text, refuse
from atss_inspect.readers.findings import LOSSES, REASONS, finding
from atss_inspect.readers.ids import TABLE_SLACK, id_array, join_tables, repeated
from atss_inspect.readers.json_faults import why_no_json
from atss_inspect.readers.mend import IMAGE_LOSSES, MAX_PIXELS

# What no reader has written is refused, so that nothing beyond relies on it.
Range = tuple[float, float]
SIDE = (1.0, MAX_PIXELS)
NUMBER_OF_A_BOX = (-MAX_PIXELS, MAX_PIXELS)
NOT_NEGATIVE = (0, np.iinfo(np.int64).max)
IMAGE_RANGES = {"width": SIDE, "height": SIDE, "num_objects": NOT_NEGATIVE}
OBJECT_RANGES = {
    **dict.fromkeys(("x", "y", "width", "height"), NUMBER_OF_A_BOX),
    "area": (-float(np.finfo(np.float64).max), float(np.finfo(np.float64).max)),
    "annotation_index": NOT_NEGATIVE,
}
# Told of annotations only; of those lost with their image, the image's finding tells.
TOLD_LOSSES = [each for each in LOSSES if each and each not in IMAGE_LOSSES]

Count = Annotated[int, msgspec.Meta(ge=0)]
AtLeastOne = msgspec.Meta(min_length=1)


class _File(msgspec.Struct):
    path: str
    num_images: Count
    num_annotations: Count
    num_categories: Count
    num_bytes: Count | None = None


class _Category(msgspec.Struct):
    id: int | str | None
    name: str
    listed: bool = True


class _Finding(msgspec.Struct):
    reason: str
    count: Annotated[int, msgspec.Meta(ge=1)]
    examples: tuple[str, ...] = ()
    hint: str = ""


class _Part(msgspec.Struct):
    num_images: Count
    num_objects: Count


class _Head(msgspec.Struct):
    """What tells a description from any other JSON, and one version from another."""

    format: Literal["atss-inspect dataset"]  # columnar.FORMAT
    schema_version: int


class _Description(msgspec.Struct):
    files: Annotated[tuple[_File, ...], AtLeastOne]
    categories: tuple[_Category, ...]
    num_annotations: Count
    left_out: dict[str, Count]
    left_out_images: dict[str, Count]
    findings: tuple[_Finding, ...]
    parts: Annotated[tuple[_Part, ...], AtLeastOne]
    normalized: bool = False


def is_columnar(name: str) -> bool:
    """Whether a source is a folder that `convert` wrote, or means to be one."""
    # The functions of os.path say no where a name is too long or holds a null byte.
    if not os.path.isdir(name):  # noqa: PTH112
        return False
    description = Path(name, DESCRIPTION)
    return Path(name).suffix == columnar.SUFFIX or os.path.exists(description)  # noqa: PTH110


def read_columnar(name: str, *, masks: bool) -> Dataset:
    """Read a data set from its columnar form, the folder ``name``.

    ``masks`` gives a segmentation per object: None, since the form holds no masks.
    Raises `DataError` where a file is missing, damaged or not what the description
    says, or pyarrow is not installed.
    """
    path = Path(name, DESCRIPTION)
    description = _read_description(path)
    images, objects = _read_parts(Path(name), description)
    try:
        _check_files(images, objects["annotation_index"], description.files)
        return _dataset(description, images, objects, masks=masks)
    except ValueError as error:
        refuse(path, f"does not fit the tables: {error}")


def _read_description(path: Path) -> _Description:
    """Read and check ``dataset.json``."""
    text = read_text(path)
    try:
        head = msgspec.json.decode(text, type=_Head)
        if head.schema_version != columnar.SCHEMA_VERSION:
            found = f"expected {columnar.SCHEMA_VERSION}, got {head.schema_version}"
            refuse(path, f"schema_version: {found}")
        description = msgspec.json.decode(text, type=_Description)
    except msgspec.ValidationError as error:
        refuse(path, f"is no description of a data set: {first_line(error)}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # Nothing of the text: in somebody's folder, a link may lead to a secret.
        refuse(path, why_no_json(text, error, shows=False))
    _check_reasons(path, description)
    return description


def _check_reasons(path: Path, description: _Description) -> None:
    """Refuse reasons without a sentence, and losses that no finding tells of.

    So are findings of no such loss, and reasons told twice.
    """
    left_out, images = description.left_out, description.left_out_images
    told = {each.reason: each.count for each in description.findings}
    for reason in (*told, *left_out, *images):
        if reason not in REASONS:
            refuse(path, f'unknown reason "{reason}"')
    for reason, count in Counter(each.reason for each in description.findings).items():
        if count > 1:
            refuse(path, f"findings: {reason} is there {count:,} times")
    lost = images | {reason: left_out.get(reason, 0) for reason in TOLD_LOSSES}
    for reason, count in lost.items():
        found = told.get(reason, 0)
        if found != count:
            problem = f"expected {count:,} as left out, got {found:,}"
            refuse(path, f"findings: {reason}: {problem}")


def _read_parts(folder: Path, description: _Description) -> tuple[Columns, Columns]:
    """Read the tables of all parts, each column in one piece."""
    images: list[Columns] = []
    objects: list[Columns] = []
    image_ranges = {**IMAGE_RANGES, "file_index": (0, len(description.files) - 1)}
    category_range = (0, len(description.categories) - 1)
    object_ranges = {**OBJECT_RANGES, "category_index": category_range}
    names = columnar.OBJECT_COLUMNS
    stacks: dict[str, tuple[str, ...]] = {"xywh": columnar.BOX_COLUMNS}
    if description.normalized:
        names = names | dict.fromkeys(columnar.SHARE_COLUMNS, np.float32)
        stacks = stacks | {"normalized": columnar.SHARE_COLUMNS}
    for number, part in enumerate(description.parts):
        image_path, object_path = map(folder.joinpath, columnar.part_names(number))
        table = read_table(image_path, columnar.IMAGE_COLUMNS, part.num_images)
        _check_ranges(image_path, table, image_ranges)
        # A float cannot overflow, and is exact for any count that is right.
        if table["num_objects"].sum(dtype=np.float64) != part.num_objects:
            wanted = f"a sum of {part.num_objects:,}"
            refuse(image_path, f"column num_objects: expected {wanted}")
        images.append(table)
        table = read_table(object_path, names, part.num_objects, stacks=stacks)
        boxes = dict(zip(columnar.BOX_COLUMNS, table["xywh"].T, strict=True))
        _check_ranges(object_path, table | boxes, object_ranges)
        _check_shares(object_path, table.get("normalized"))
        objects.append(table)
    return join_tables(images), join_tables(objects)


def _check_ranges(path: Path, table: Columns, ranges: Mapping[str, Range]) -> None:
    """Refuse numbers beyond their range, NaN among them; both ends are allowed."""
    for name, (low, high) in ranges.items():
        column = table[name]
        is_fine: BoolArray = (column >= low) & (column <= high)
        if not is_fine.all():
            row = int(is_fine.argmin())
            allowed = f"{low:.12g} to {high:.12g}" if low <= high else "none"
            refuse(path, f"column {name}, row {row}: {column[row]}; expected {allowed}")


def _check_shares(path: Path, shares: Float32Array | None) -> None:
    """Refuse shares of an image that no label holds; a row is NaN as a whole or not."""
    if shares is None:
        return
    is_none = np.isnan(shares)
    low, high = np.float32(LEAST_SHARE), np.float32(MOST_SHARE)
    is_fine = is_none | ((shares >= low) & (shares <= high))
    if not is_fine.all() or (is_none != is_none[:, :1]).any():
        allowed = f"{LEAST_SHARE} to {MOST_SHARE}"
        refuse(path, f"columns {columnar.SHARE_COLUMNS[0]}, ...: expected {allowed}")


def _dataset(
    description: _Description, images: Columns, objects: Columns, *, masks: bool
) -> Dataset:
    """Put everything together; `Dataset` checks what remains to be checked."""
    files = description.files
    is_listed = np.array([each.listed for each in description.categories], np.bool_)
    return Dataset(
        files=tuple(each.path for each in files),
        image_ids=images["image_id"],
        image_file=images["file_index"],
        file_names=images["file_name"],
        image_sizes=np.column_stack((images["height"], images["width"])),
        object_offsets=np.append(0, np.cumsum(images["num_objects"])),
        xywh=objects["xywh"],
        areas=objects["area"],
        category_index=objects["category_index"],
        annotation_ids=objects["annotation_id"],
        annotation_index=objects["annotation_index"],
        is_crowd=objects["is_crowd"],
        is_ignored=objects["is_ignored"],
        category_ids=id_array([each.id for each in description.categories]),
        category_names=tuple(each.name for each in description.categories),
        is_listed=None if is_listed.all() else is_listed,
        num_annotations=description.num_annotations,
        left_out=description.left_out,
        left_out_images=description.left_out_images,
        findings=tuple(
            finding(each.reason, each.count, each.examples, each.hint)
            for each in description.findings
        ),
        segmentations=(None,) * len(objects["xywh"]) if masks else None,
        normalized=objects.get("normalized"),
        file_counts=tuple(
            FileCounts(each.num_images, each.num_annotations, each.num_categories)
            for each in files
        ),
        file_sizes=tuple(each.num_bytes for each in files),
    )


def _check_files(
    images: Columns, annotation_index: IntArray, claims: tuple[_File, ...]
) -> None:
    """Check that each file's images and objects are its own, and told apart.

    ``images`` are those of all parts, ``annotation_index`` is (G,) int64 of all
    objects, ``claims`` are what the description says of each file. Raises `ValueError`
    where files are mixed up, or two images or objects of a file are not told apart.
    """
    files = images["file_index"]
    if (files[1:] < files[:-1]).any():
        message = "images of several files are mixed up"
        raise ValueError(message)
    first_images = np.searchsorted(files, np.arange(len(claims) + 1))
    first_objects = np.append(0, np.cumsum(images["num_objects"]))[first_images]
    for number, claim in enumerate(claims):
        ids = images["image_id"][slice(*first_images[number : number + 2])]
        index = annotation_index[slice(*first_objects[number : number + 2])]
        problem = _why_no_file(claim, ids, index)
        if problem is not None:
            message = f"files[{number}]: {problem}"
            raise ValueError(message)


def _why_no_file(claim: _File, image_ids: IdArray, index: IntArray) -> str | None:
    """Name what is wrong with the images and objects of one file."""
    if len(image_ids) != claim.num_images:
        return f"expected {claim.num_images:,} images, got {len(image_ids):,}"
    again = repeated(image_ids)
    if len(again):
        return f"image id {image_ids[again[0]]} is there twice"
    last = index.max(initial=-1)
    if last >= claim.num_annotations:
        return f"annotation_index {last:,} of {claim.num_annotations:,} annotations"
    return "an annotation_index is there twice" if _has_repeats(index) else None


def _has_repeats(index: IntArray) -> bool:
    """Whether a number, of at least 0, is there twice."""
    span = int(index.max(initial=-1)) + 1
    if span > TABLE_SLACK * len(index):
        return len(np.unique(index)) < len(index)
    is_there = np.zeros(span, np.bool_)
    is_there[index] = True
    return int(is_there.sum()) < len(index)
