"""Several sources as one dataset."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from atss_inspect.annotations.dataset import Dataset, FileCounts, Finding
from atss_inspect.arrays import IntArray
from atss_inspect.readers.findings import add_up, merge_findings
from atss_inspect.readers.ids import id_array, join_ids


def merge(datasets: Sequence[Dataset]) -> Dataset:
    """Put datasets, most of them of one file each, behind one another.

    Image and annotation ids are per file and stay as they are. A category of a later
    file is the same as an earlier file's if id and name are equal, else the first one
    of the same name; without one of that name it is new. So ``3 car`` of one file and
    ``7 car`` of the next are one class, and ``3 car`` and ``3 bus`` are two.
    """
    datasets = [_with_counts(each) for each in datasets]
    if len(datasets) == 1:
        return datasets[0]
    ids, names, remaps = _merge_categories(datasets)
    num_objects = [dataset.num_objects for dataset in datasets]
    starts = np.cumsum([0, *num_objects[:-1]])
    first_files = np.cumsum([0, *(len(dataset.files) for dataset in datasets[:-1])])
    offsets = [
        dataset.object_offsets[1:] + start
        for dataset, start in zip(datasets, starts, strict=True)
    ]
    index = [
        remap[dataset.category_index]
        for dataset, remap in zip(datasets, remaps, strict=True)
    ]
    return Dataset(
        files=tuple(name for dataset in datasets for name in dataset.files),
        image_ids=join_ids([dataset.image_ids for dataset in datasets]),
        image_file=np.concatenate(
            [
                dataset.image_file + first
                for dataset, first in zip(datasets, first_files, strict=True)
            ]
        ),
        file_names=np.concatenate([dataset.file_names for dataset in datasets]),
        image_sizes=np.concatenate([dataset.image_sizes for dataset in datasets]),
        object_offsets=np.concatenate([np.zeros(1, np.int64), *offsets]),
        xywh=np.concatenate([dataset.xywh for dataset in datasets]),
        areas=np.concatenate([dataset.areas for dataset in datasets]),
        category_index=np.concatenate(index),
        annotation_ids=join_ids([dataset.annotation_ids for dataset in datasets]),
        annotation_index=np.concatenate(
            [dataset.annotation_index for dataset in datasets]
        ),
        is_crowd=np.concatenate([dataset.is_crowd for dataset in datasets]),
        is_ignored=np.concatenate([dataset.is_ignored for dataset in datasets]),
        category_ids=id_array(ids),
        category_names=tuple(names),
        num_annotations=sum(dataset.num_annotations for dataset in datasets),
        left_out=add_up(dataset.left_out for dataset in datasets),
        left_out_images=add_up(dataset.left_out_images for dataset in datasets),
        findings=merge_findings(
            _name_file(finding, dataset.files)
            for dataset in datasets
            for finding in dataset.findings
        ),
        segmentations=_join_segmentations(datasets),
        file_counts=tuple(each for dataset in datasets for each in dataset.file_counts),
        file_sizes=tuple(each for dataset in datasets for each in dataset.file_sizes),
    )


def _with_counts(dataset: Dataset) -> Dataset:
    """Note what a file holds; what was merged before knows it of its files."""
    if dataset.file_counts:
        return dataset
    counts = FileCounts(
        dataset.num_images, dataset.num_annotations, len(dataset.category_names)
    )
    return replace(
        dataset, file_counts=(counts,), file_sizes=dataset.file_sizes or (None,)
    )


def _merge_categories(
    datasets: Sequence[Dataset],
) -> tuple[list[int | str | None], list[str], list[IntArray]]:
    """List the categories of all files, and say where each file's own went."""
    ids: list[int | str | None] = []
    names: list[str] = []
    row_by_both: dict[tuple[object, str], int] = {}
    row_by_name: dict[str, int] = {}
    remaps = []
    for dataset in datasets:
        own = list(
            zip(dataset.category_ids.tolist(), dataset.category_names, strict=True)
        )
        # Looked up before any is added: two categories of one file stay two.
        rows = [row_by_both.get(pair, row_by_name.get(pair[1], -1)) for pair in own]
        for place, pair in enumerate(own):
            if rows[place] < 0:
                rows[place] = len(ids)
                ids.append(pair[0])
                names.append(pair[1])
            row_by_both.setdefault(pair, rows[place])
            row_by_name.setdefault(pair[1], rows[place])
        remaps.append(np.array(rows, np.int64))
    return ids, names, remaps


def _name_file(finding: Finding, files: tuple[str, ...]) -> Finding:
    """Put the file before each example; examples from several files have theirs."""
    if len(files) > 1:
        return finding
    examples = tuple(f"{files[0]}: {example}" for example in finding.examples)
    return Finding(
        finding.reason, finding.count, finding.message, examples, finding.is_loss
    )


def _join_segmentations(datasets: Sequence[Dataset]) -> tuple[object, ...] | None:
    """Join raw segmentations if they were asked for."""
    if any(dataset.segmentations is None for dataset in datasets):
        return None
    return tuple(each for dataset in datasets for each in dataset.segmentations or ())
