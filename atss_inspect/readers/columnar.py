"""The tool's own columnar form back in: a folder of Parquet files and a description."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import msgspec
import numpy as np

from atss_inspect.arrays import BoolArray, Float64Array, IdArray, IntArray
from atss_inspect.columnar import (
    DESCRIPTION,
    IMAGE_COLUMNS,
    OBJECT_COLUMNS,
    SCHEMA_VERSION,
    SUFFIX,
    Columns,
    decode_ids,
    part_names,
)
from atss_inspect.dataset import Dataset, FileCounts, Finding
from atss_inspect.errors import DataError
from atss_inspect.readers.findings import REASONS, finding
from atss_inspect.readers.ids import id_array, join_ids, object_array

CONVERT_ANEW = "write it anew with `atss-inspect convert`"
Count = Annotated[int, msgspec.Meta(ge=0)]
AtLeastOne = msgspec.Meta(min_length=1)


class _File(msgspec.Struct):
    path: str
    num_images: Count
    num_annotations: Count
    num_categories: Count
    num_bytes: int | None = None


class _Category(msgspec.Struct):
    id: int | str | None
    name: str


class _Finding(msgspec.Struct):
    reason: str
    count: Count
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
    """Say whether a source is a folder that `convert` wrote, or means to be one."""
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
        _refuse(folder / DESCRIPTION, f"does not fit the tables: {error}")


def _read_description(path: Path) -> _Description:
    """Read and check ``dataset.json``."""
    try:
        text = path.read_bytes()
    except OSError as error:
        _refuse(path, f"cannot be read: {(error.strerror or str(error)).lower()}")
    try:
        head = msgspec.json.decode(text, type=_Head)
        if head.schema_version != SCHEMA_VERSION:
            _refuse(
                path,
                f"schema_version: expected {SCHEMA_VERSION}, got {head.schema_version}",
            )
        description = msgspec.json.decode(text, type=_Description)
    except msgspec.ValidationError as error:
        _refuse(path, f"is no description of a data set: {error}")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _refuse(path, f"not valid JSON: {error}")
    _check_reasons(path, description)
    return description


def _check_reasons(path: Path, description: _Description) -> None:
    """Refuse reasons that no sentence is known for."""
    reasons = [each.reason for each in description.findings]
    for reason in (*reasons, *description.left_out, *description.left_out_images):
        if reason not in REASONS:
            _refuse(path, f'unknown reason "{reason}"')


def _read_parts(folder: Path, description: _Description) -> tuple[Columns, Columns]:
    """Read the tables of all parts, each column in one piece."""
    images: list[Columns] = []
    objects: list[Columns] = []
    limits = {"file_index": len(description.files)}
    categories = {"category_index": len(description.categories)}
    for number, part in enumerate(description.parts):
        image_path, object_path = (folder / file for file in part_names(number))
        table = _read_table(image_path, IMAGE_COLUMNS, part.num_images)
        _check_values(image_path, table, limits)
        _check_counts(image_path, table, part.num_objects)
        images.append(table)
        table = _read_table(object_path, OBJECT_COLUMNS, part.num_objects)
        _check_values(object_path, table, categories)
        objects.append(_with_boxes(table))
    return _join(images), _join(objects)


def _read_table(
    path: Path, expected: Mapping[str, type | None], num_rows: int
) -> Columns:
    """Read a Parquet file whose columns and rows are as expected."""
    pyarrow = _pyarrow(path)
    if not path.is_file():
        _refuse(path, "no such file")
    try:
        # One thread: what is read is no larger than the cache of the disk's files.
        table = pyarrow.parquet.ParquetFile(path).read(use_threads=False)
    except (OSError, pyarrow.ArrowException) as error:
        _refuse(path, f"cannot be read: {_first_line(error)}")
    if table.num_rows != num_rows:
        _refuse(path, f"expected {num_rows:,} rows, got {table.num_rows:,}")
    return {
        column: _read_column(path, table, column, dtype)
        for column, dtype in expected.items()
    }


def _read_column(
    path: Path, table: Any, name: str, dtype: type | None
) -> np.ndarray[Any, Any]:
    """Take one column of a table as an array."""
    if table.column_names.count(name) != 1:
        _refuse(
            path, f"expected one column {name}, got {', '.join(table.column_names)}"
        )
    column = table.column(name)
    found = "object" if str(column.type) == "string" else str(column.type)
    kinds = ["int64", "object"] if dtype is None else [_arrow_name(dtype)]
    if found not in kinds:
        allowed = " or ".join(kinds).replace("object", "string")
        _refuse(path, f"column {name}: expected {allowed}, got {column.type}")
    if column.null_count:
        _refuse(path, f"column {name}: {column.null_count:,} of its values are missing")
    if found != "object":
        pieces = [_numbers(chunk, dtype or np.int64) for chunk in column.chunks]
        nothing: np.ndarray[Any, Any] = np.empty(0, dtype or np.int64)
        return pieces[0] if len(pieces) == 1 else np.concatenate([nothing, *pieces])
    texts = column.to_pylist()
    try:
        return object_array(texts) if dtype is not None else decode_ids(texts)
    except (ValueError, RecursionError) as error:
        _refuse(path, f"column {name}: {error}")


def _numbers(array: Any, dtype: type) -> np.ndarray[Any, Any]:
    """View the numbers of an Arrow array, which has no missing ones; unpack booleans.

    What pyarrow offers for this loads pandas first, which takes longer than the rest.
    """
    buffer = array.buffers()[1]
    if len(array) == 0 or buffer is None:
        return np.empty(0, dtype)
    if dtype is np.bool_:
        bits = np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder="little")
        return bits[array.offset : array.offset + len(array)].astype(np.bool_)
    start = array.offset * np.dtype(dtype).itemsize
    return np.frombuffer(buffer, dtype, len(array), start)


def _arrow_name(dtype: type) -> str:
    """Name a dtype as Arrow does."""
    names = {np.float64: "double", np.bool_: "bool", np.object_: "object"}
    return names.get(dtype, "int64")


def _check_values(path: Path, table: Columns, limits: Mapping[str, int]) -> None:
    """Refuse numbers that no reader has written; indices must lie below ``limits``."""
    for name, column in table.items():
        is_bad: BoolArray = np.zeros(0, np.bool_)
        allowed = "a finite number"
        if name in limits:
            is_bad = (column < 0) | (column >= limits[name])
            allowed = f"0 to {limits[name] - 1}" if limits[name] else "none"
        elif column.dtype == np.float64:
            is_bad = ~np.isfinite(column)
        if is_bad.any():
            row = int(is_bad.argmax())
            _refuse(
                path, f"column {name}, row {row}: {column[row]}; expected {allowed}"
            )


def _check_counts(path: Path, table: Columns, num_objects: int) -> None:
    """Refuse images without a size, and counts that are not those of the objects."""
    for name in ("width", "height"):
        if not (table[name] > 0).all():
            row = int((table[name] <= 0).argmax())
            _refuse(
                path, f"column {name}, row {row}: {table[name][row]}; expected above 0"
            )
    counts = table["num_objects"]
    # A float cannot overflow, and is exact for any count that is right.
    if (counts < 0).any() or counts.sum(dtype=np.float64) != num_objects:
        _refuse(path, f"column num_objects: expected a sum of {num_objects:,}")


def _with_boxes(table: Columns) -> Columns:
    """Put the four columns of the boxes into one array."""
    names = ("x", "y", "width", "height")
    xywh = np.empty((len(table["area"]), len(names)))
    for place, name in enumerate(names):
        xywh[:, place] = table.pop(name)
    return {"xywh": xywh, **table}


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


def _pyarrow(path: Path) -> Any:
    """Load what reads Parquet, an extra."""
    try:
        import pyarrow.parquet
    except ImportError as error:
        message = f"{path}: Parquet needs pyarrow, which is not installed"
        hint = "pip install 'atss-inspect[parquet]'"
        raise DataError(message, hint=hint) from error
    return pyarrow


def _first_line(error: BaseException) -> str:
    """Take the first line of what a library says."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def _refuse(path: Path, problem: str) -> NoReturn:
    """Name the file and what is wrong with it."""
    message = f"{path}: {problem}"
    raise DataError(message, hint=CONVERT_ANEW)
