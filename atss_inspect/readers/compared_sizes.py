"""The sizes that a file records, beside those of the pictures themselves."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from atss_inspect.readers.findings import MAX_EXAMPLES, finding, merge_findings
from atss_inspect.readers.many_files import map_files
from atss_inspect.readers.picture_folders import sample_pictured
from atss_inspect.readers.picture_sizes import PictureSize, quiet_pillow, read_size
from atss_inspect.readers.pixels import find_picture

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset, Finding

# Recorded sizes may be fractions; a picture's are whole.
_LEAST_DIFFERENCE = 1.0
_FEWEST = 3  # pictures that tell of all


def compare_sizes(
    dataset: "Dataset", folder: str, *, is_named: bool = True
) -> "tuple[Finding, ...]":
    """Hold recorded sizes against pictures; the findings of the data set with it.

    Images of a sample whose picture has another size are counted; where none has, boxes
    that leave their image say nothing of sizes. Where not one has a picture in a folder
    that somebody has named, that is told. A picture is as large as it is to be looked
    at: one that a camera has turned (EXIF) has width and height exchanged, as training
    sees it. Pictures that are not there or cannot be read say nothing. Only headers are
    read.
    """
    rows = sample_pictured(folder, dataset.file_names.tolist())
    if not rows and is_named and dataset.num_images:
        looked_for = f"looked for {Path(folder, str(dataset.file_names[0]))}"
        missing = finding("picture_not_found", dataset.num_images, (), looked_for)
        return merge_findings([*dataset.findings, missing])
    paths = [str(find_picture(folder, dataset.file_names[row])) for row in rows]
    with quiet_pillow():
        found = list(map_files(read_size, paths, title="sizes of pictures"))
    known = [place for place, size in enumerate(found) if not size.problem]
    rows, pictures = [rows[each] for each in known], [found[each] for each in known]
    recorded = dataset.image_sizes[rows]  # (N, 2)
    seen = np.array([each[:2] for each in pictures], np.float64).reshape(-1, 2)
    differs = np.flatnonzero((np.abs(recorded - seen) >= _LEAST_DIFFERENCE).any(axis=1))
    if len(differs) == 0:
        return _without_doubts(dataset, len(rows))
    looked_at = f"{len(rows)} picture" + ("s were" if len(rows) > 1 else " was")
    hint = f"{looked_at} looked at"
    if np.array_equal(recorded[differs], seen[differs, ::-1]):
        hint += "; width and height are exchanged, as of photographs that are turned"
    examples = [
        _example(dataset, rows[place], pictures[place])
        for place in differs[:MAX_EXAMPLES].tolist()
    ]
    are_most = len(differs) * 2 > len(rows) >= min(_FEWEST, dataset.num_images)
    reason = "image_size_contradicted" if are_most else "image_size_of_picture"
    more = finding(reason, len(differs), tuple(examples), hint)
    return merge_findings([*dataset.findings, more])


def _without_doubts(dataset: "Dataset", num_confirmed: int) -> "tuple[Finding, ...]":
    """Drop doubts of sizes that pictures confirm."""
    if num_confirmed == 0:
        return dataset.findings
    settled = ["image_size_one_for_all"]
    if num_confirmed == dataset.num_images:
        settled += ["image_size_exchanged"]
    return tuple(each for each in dataset.findings if each.reason not in settled)


def _example(dataset: "Dataset", row: int, picture: PictureSize) -> str:
    """An image by its file name, the size in the file, and that of the picture."""
    said = _sides(dataset.image_sizes[row].tolist())
    name = dataset.file_names[row]
    return f"{name}: {said}, the picture is {_sides(picture[:2])}"


def _sides(size: Sequence[float]) -> str:
    """Width by height."""
    return f"{size[1]:g}x{size[0]:g}"
