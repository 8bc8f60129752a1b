"""Which images a report has to look around in."""

from dataclasses import dataclass

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import IntArray
from atss_inspect.report.answers import Report


@dataclass(frozen=True)
class Wanted:
    """The images asked for; every way adds to the others.

    Attributes
    ----------
    rows : images named one by one
    worst : so many that are treated worst
    sample : so many at random
    seed : of the sample
    """

    rows: tuple[int, ...] = ()
    worst: int = 20
    sample: int = 0
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Tally:
    """Objects of each image without a positive; (P, I) int64 by convention."""

    num_unassigned: IntArray

    @property
    def total(self) -> IntArray:
        """Over all conventions; (I,)."""
        summed: IntArray = self.num_unassigned.sum(axis=0)
        return summed


def tally_images(report: Report) -> Tally:
    """Count the objects without a positive of each image under each convention."""
    dataset = report.stats.dataset
    table = report.table
    unassigned = table[(table["num_positives"] == 0).to_numpy()]
    files: IntArray = np.zeros(len(unassigned), dtype=np.int64)
    if "file" in unassigned:
        files = np.asarray(unassigned["file"].cat.codes, dtype=np.int64)
    places = _keys(dataset, files, unassigned["annotation_index"].to_numpy(np.int64))
    image = image_of_objects(dataset, places)
    names = unassigned["preset"].to_numpy().astype(object)
    counts = [
        np.bincount(image[names == name], minlength=dataset.num_images)
        for name in report.stats.names
    ]
    return Tally(np.stack(counts))


def _keys(dataset: Dataset, files: IntArray, annotation_index: IntArray) -> IntArray:
    """Make numbers of annotations that differ across files."""
    span = int(dataset.annotation_index.max(initial=0)) + 1
    keys: IntArray = files * span + annotation_index
    return keys


def image_of_objects(dataset: Dataset, keys: IntArray) -> IntArray:
    """Look up the images of annotations, which are in the data set; rows of images."""
    per_image = np.diff(dataset.object_offsets)
    image = np.repeat(np.arange(dataset.num_images), per_image)
    known = _keys(dataset, dataset.image_file[image], dataset.annotation_index)
    order = np.argsort(known)
    found: IntArray = image[order[np.searchsorted(known[order], keys)]]
    return found


def image_row(dataset: Dataset, file: int, annotation_index: int) -> int:
    """Find the image of one annotation."""
    key = _keys(dataset, np.array([file]), np.array([annotation_index]))
    return int(image_of_objects(dataset, key)[0])


def choose_images(report: Report, wanted: Wanted) -> list[int]:
    """Choose images.

    Returns
    -------
    Rows of images, each once: those named; then the worst, half of them at most for
    the objects listed as the worst, the others for most objects without a positive
    under all conventions together; then the sample. Images of which every object
    has a positive are never among the worst.
    """
    dataset = report.stats.dataset
    chosen = dict.fromkeys(wanted.rows)
    chosen |= dict.fromkeys(_worst(report, wanted.worst))
    others = np.setdiff1d(np.arange(dataset.num_images), list(chosen))
    number = min(wanted.sample, len(others))
    drawn = np.random.default_rng(wanted.seed).choice(others, number, replace=False)
    chosen |= dict.fromkeys(np.sort(drawn).tolist())
    return list(chosen)


def _worst(report: Report, number: int) -> list[int]:
    """List the images that are treated worst, most objects without a positive first."""
    total = tally_images(report).total
    order = np.lexsort((np.arange(len(total)), -total))
    crowded = [row for row in order.tolist() if total[row]]
    listed = _of_listed_objects(report)[: number // 2]
    found = list(dict.fromkeys([*listed, *crowded]))[:number]
    return sorted(found, key=lambda row: (-total[row], row))


def _of_listed_objects(report: Report) -> list[int]:
    """List the images of the worst objects, the worst of every convention first."""
    dataset = report.stats.dataset
    ranked = sorted(
        (rank, number, image_row(dataset, row.file, row.annotation_index))
        for number, worst in enumerate(report.worst)
        for rank, row in enumerate(worst.worst.objects)
        if not row.num_positives
    )
    return list(dict.fromkeys(row for _, _, row in ranked))
