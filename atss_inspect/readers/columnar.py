"""The tool's own columnar form back in: a folder of Parquet files and a description."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np

from atss_inspect.annotations.columnar import (
    BOX_COLUMNS,
    DESCRIPTION,
    IMAGE_COLUMNS,
    OBJECT_COLUMNS,
    SCHEMA_VERSION,
    SUFFIX,
    Columns,
    part_names,
)
from atss_inspect.annotations.dataset import Dataset, FileCounts, Finding
from atss_inspect.arrays import Float64Array, IdArray, IntArray
from atss_inspect.errors import first_line
from atss_inspect.readers.columnar_checks import (
    IMAGE_RANGES,
    OBJECT_RANGES,
    FileClaim,
    check_counts,
    check_files,
    check_losses,
    check_ranges,
)
from atss_inspect.readers.columnar_files import read_text, refuse
from atss_inspect.readers.columnar_tables import read_table
from atss_inspect.readers.diagnose import why_no_json
from atss_inspect.readers.findings import REASONS, finding
from atss_inspect.readers.ids import id_array, join_ids

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


class _Finding(msgspec.Struct):
    reason: str
    count: Annotated[int, msgspec.Meta(ge=1)]
    examples: tuple[str, ...] = ()


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


def is_columnar(name: str) -> bool:
    """Whether a source is a folder that `convert` wrote, or means to be one."""
    # The functions of os.path say no where a name is too long or holds a null byte.
    if not os.path.isdir(name):  # noqa: PTH112
        return False
    return Path(name).suffix == SUFFIX or os.path.exists(Path(name, DESCRIPTION))  # noqa: PTH110


def load_columnar(name: str, *, masks: bool = False) -> Dataset:
    """Read a data set from its columnar form.

    Parameters
    ----------
    name : the folder
    masks : give a segmentation per object: None, since the form holds no masks

    Raises
    ------
    DataError
        Where a file is missing, damaged or not what the description says, or pyarrow
        is not installed.
    """
    folder = Path(name)
    description = _read_description(folder / DESCRIPTION)
    images, objects = _read_parts(folder, description)
    try:
        return _dataset(description, images, objects, masks=masks)
    except ValueError as error:
        refuse(folder / DESCRIPTION, f"does not fit the tables: {error}")


def _read_description(path: Path) -> _Description:
    """Read and check ``dataset.json``."""
    text = read_text(path)
    try:
        head = msgspec.json.decode(text, type=_Head)
        if head.schema_version != SCHEMA_VERSION:
            refuse(
                path,
                f"schema_version: expected {SCHEMA_VERSION}, got {head.schema_version}",
            )
        description = msgspec.json.decode(text, type=_Description)
    except msgspec.ValidationError as error:
        refuse(path, f"is no description of a data set: {first_line(error)}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # Nothing of the text: in somebody's folder, a link may lead to a secret.
        refuse(path, why_no_json(text, error, shows=False))
    _check_reasons(path, description)
    return description


def _check_reasons(path: Path, description: _Description) -> None:
    """Refuse reasons that no sentence is known for, and losses nobody is told of."""
    told = [(each.reason, each.count) for each in description.findings]
    for reason in (*dict(told), *description.left_out, *description.left_out_images):
        if reason not in REASONS:
            refuse(path, f'unknown reason "{reason}"')
    check_losses(path, description.left_out, description.left_out_images, told)


def _read_parts(folder: Path, description: _Description) -> tuple[Columns, Columns]:
    """Read the tables of all parts, each column in one piece."""
    images: list[Columns] = []
    objects: list[Columns] = []
    image_ranges = {**IMAGE_RANGES, "file_index": (0, len(description.files) - 1)}
    category_range = (0, len(description.categories) - 1)
    object_ranges = {**OBJECT_RANGES, "category_index": category_range}
    for number, part in enumerate(description.parts):
        image_path, object_path = (folder / file for file in part_names(number))
        table = read_table(image_path, IMAGE_COLUMNS, part.num_images)
        check_ranges(image_path, table, image_ranges)
        check_counts(image_path, table, part.num_objects)
        images.append(table)
        table = read_table(
            object_path, OBJECT_COLUMNS, part.num_objects, stacks={"xywh": BOX_COLUMNS}
        )
        boxes = dict(zip(BOX_COLUMNS, table["xywh"].T, strict=True))
        check_ranges(object_path, table | boxes, object_ranges)
        objects.append(table)
    return _join(images), _join(objects)


def _join(parts: list[Columns]) -> Columns:
    """Concatenate the parts column by column, emptying them on the way."""
    joined: Columns = {}
    for name in list(parts[0]):
        pieces = [part.pop(name) for part in parts]
        join = join_ids if name.endswith("_id") else np.concatenate
        joined[name] = pieces[0] if len(pieces) == 1 else join(pieces)
    return joined


def _dataset(
    description: _Description, images: Columns, objects: Columns, *, masks: bool
) -> Dataset:
    """Put everything together; `Dataset` checks what remains to be checked."""
    claims = [
        FileClaim(each.num_images, each.num_annotations) for each in description.files
    ]
    check_files(images, objects["annotation_index"], claims)
    offsets: IntArray = np.concatenate(([0], np.cumsum(images["num_objects"])))
    xywh: Float64Array = objects["xywh"]
    files = description.files
    ids: IdArray = id_array([each.id for each in description.categories])
    return Dataset(
        files=tuple(each.path for each in files),
        image_ids=images["image_id"],
        image_file=images["file_index"],
        file_names=images["file_name"],
        image_sizes=np.column_stack((images["height"], images["width"])),
        object_offsets=offsets,
        xywh=xywh,
        areas=objects["area"],
        category_index=objects["category_index"],
        annotation_ids=objects["annotation_id"],
        annotation_index=objects["annotation_index"],
        is_crowd=objects["is_crowd"],
        is_ignored=objects["is_ignored"],
        category_ids=ids,
        category_names=tuple(each.name for each in description.categories),
        num_annotations=description.num_annotations,
        left_out=description.left_out,
        left_out_images=description.left_out_images,
        findings=tuple(_findings(description)),
        segmentations=(None,) * len(xywh) if masks else None,
        file_counts=tuple(
            FileCounts(each.num_images, each.num_annotations, each.num_categories)
            for each in files
        ),
        file_sizes=tuple(each.num_bytes for each in files),
    )


def _findings(description: _Description) -> Iterator[Finding]:
    """Tell again what the reader met in the files."""
    for each in description.findings:
        yield finding(each.reason, each.count, each.examples)
