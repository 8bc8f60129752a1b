"""The images inside a report: which, what the viewer knows of them, and their size.

To keep the size of the page in hand pictures become smaller first, then images fewer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import IntArray
from atss_inspect.page.render import IndexEntry, json_block
from atss_inspect.readers.picture_folders import prefer_pictured
from atss_inspect.readers.pixels import Picture
from atss_inspect.report.answers import Report, Workers
from atss_inspect.settings import Settings
from atss_inspect.viewer import image_document, picture_of
from atss_inspect.viewer.picture import LONGEST_SIDE, QUALITY, picture_uri
from atss_inspect.views.names import printable
from atss_inspect.views.numbers import plural

VIEWER_ID = "viewer"
Document = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """The images asked for; every way adds to the others."""

    rows: tuple[int, ...] = ()  # images named one by one
    worst: int = 20  # so many that are treated worst
    sample: int = 0  # so many at random
    seed: int = 0  # of the sample
    folder: str | None = None  # of the pictures; images that have one come first
    is_pictured: bool = False  # only these, but for those named

    def first(self, rows: Iterable[int], dataset: Dataset, number: int) -> list[int]:
        """Take the first of some images, rather those with a picture."""
        names, only = dataset.file_names.tolist(), self.is_pictured
        return prefer_pictured(rows, names, self.folder, number=number, only=only)


def poorly_assigned_by_image(report: Report) -> IntArray:
    """Poorly assigned objects of each image, by convention; (P, I) int64."""
    dataset, table = report.stats.dataset, report.table
    is_low = table["is_low_quality_only"].fillna(value=False).to_numpy(bool)
    poorly = table[table["cause"].notna().to_numpy() | is_low]
    image, presets = _images_and_presets(report, poorly)
    of_each = (image[presets == name] for name in report.stats.names)
    return np.stack([np.bincount(i, minlength=dataset.num_images) for i in of_each])


def lacking_by_image(report: Report) -> IntArray:
    """The same, but of gates objects below the quota; (P, I) int64."""
    found = poorly_assigned_by_image(report)
    quotas = _quotas(report)
    few = report.table[report.table["preset"].isin(list(quotas))]
    if len(few):
        quota = few["preset"].astype(object).map(quotas).to_numpy(np.int64)
        few = few[few["num_candidates"].to_numpy(np.int64) < quota]
    image, presets = _images_and_presets(report, few)
    for place, name in enumerate(report.stats.names):
        if name in quotas:
            own = image[presets == name]
            found[place] = np.bincount(own, minlength=found.shape[1])
    return found


def _quotas(report: Report) -> dict[str, int]:
    """How many candidates each gate picks, by the name of the convention."""
    each = zip(report.stats.names, report.stats.summaries, strict=True)
    return {name: one.candidates.quota for name, one in each if one.candidates}


def _images_and_presets(report: Report, rows: Any) -> tuple[IntArray, Any]:
    """Look up images, and names of conventions, of rows of the table of objects."""
    files: Any = rows["file"].cat.codes.to_numpy() if "file" in rows else 0
    places = rows["annotation_index"].to_numpy(np.int64)
    image = _images_of(report.stats.dataset, np.asarray(files, np.int64), places)
    return image, rows["preset"].to_numpy().astype(object)


def _images_of(dataset: Dataset, files: Any, annotation_index: IntArray) -> IntArray:
    """Look up the images of annotations, which are in the data set; rows of images."""
    # Numbers of annotations that differ across files.
    span = int(dataset.annotation_index.max(initial=0)) + 1
    image = np.repeat(np.arange(dataset.num_images), np.diff(dataset.object_offsets))
    known = dataset.image_file[image] * span + dataset.annotation_index
    order = np.argsort(known)
    place = np.searchsorted(known[order], files * span + annotation_index)
    found: IntArray = image[order[place]]
    return found


def image_row(dataset: Dataset, file: int, annotation_index: int) -> int:
    """Find the image of one annotation."""
    return int(_images_of(dataset, file, np.array([annotation_index]))[0])


def choose_images(report: Report, wanted: Wanted) -> list[int]:
    """Choose images.

    Returns rows of images, each once: those named; then the worst, half of them at most
    for the objects listed as the worst, the others for most poorly assigned objects
    under all conventions together, of these those with most objects below the quota of
    a gate; then the sample. Images without any are never among the worst.
    """
    dataset = report.stats.dataset
    chosen = dict.fromkeys(wanted.rows)
    chosen |= dict.fromkeys(_worst(report, wanted))
    every: Iterable[int] = range(dataset.num_images)
    if wanted.is_pictured and wanted.sample:
        every = wanted.first(every, dataset, dataset.num_images)
    others = np.setdiff1d(np.array([*every], np.int64), list(chosen))
    number = min(wanted.sample, len(others))
    drawn = np.random.default_rng(wanted.seed).choice(others, number, replace=False)
    chosen |= dict.fromkeys(np.sort(drawn).tolist())
    return list(chosen)


def num_passed_over(report: Report, wanted: Wanted) -> int:
    """Count images that would be among the worst if they had a picture."""
    as_if = replace(wanted, folder=None, is_pictured=False)
    return len(set(_worst(report, as_if)) - set(_worst(report, wanted)))


def _worst(report: Report, wanted: Wanted) -> list[int]:
    """List the images that are treated worst, most poorly assigned objects first."""
    number, dataset = wanted.worst, report.stats.dataset
    total = poorly_assigned_by_image(report).sum(axis=0)
    lacking, quotas = lacking_by_image(report).sum(axis=0), _quotas(report)
    order = np.lexsort((np.arange(len(total)), -lacking, -total))
    crowded = [row for row in order.tolist() if lacking[row]]
    ranked = sorted(
        (rank, place, image_row(dataset, row.file, row.annotation_index))
        for place, worst in enumerate(report.worst)
        for rank, row in enumerate(worst.worst.objects)
        if row.reason or row.num_positives < quotas.get(worst.stats.names[0], 0)
    )
    objects = dict.fromkeys(row for _, _, row in ranked)
    listed = wanted.first(objects, dataset, number // 2)
    found = wanted.first(dict.fromkeys([*listed, *crowded]), dataset, number)
    return sorted(found, key=lambda row: (-total[row], -lacking[row], row))


class Embedded(NamedTuple):
    """An image that may go into the page."""

    row: int  # of the data set
    document: Document  # see `image_document`, without a picture
    picture: Picture  # perhaps without pixels


def gather_images(
    dataset: Dataset,
    rows: Sequence[int],
    settings: Sequence[Settings],
    folder: str | None = None,
    workers: Workers = Workers(),  # noqa: B008 - it is immutable
) -> list[Embedded]:
    """Assign some images at every k, and read their pictures.

    Parameters
    ----------
    dataset : with segmentations if masks are wanted
    rows : of the images, in the order of the page
    settings : conventions side by side
    folder : of the pictures; None for none
    workers : to share the work with
    """
    images = [dataset.slice_images(row, row + 1) for row in rows]
    gather = partial(_gather, settings=tuple(settings), folder=folder)
    found = workers.steps(gather, images)
    return [Embedded(row, *each) for row, each in zip(rows, found, strict=True)]


def _gather(
    image: Dataset, settings: tuple[Settings, ...], folder: str | None
) -> tuple[Document, Picture]:
    picture = Picture(None) if folder is None else picture_of(image, folder)
    return image_document(image, settings, picture_note=picture.problem), picture


def image_link(entry: IndexEntry, *, preset: str = "", ann: str = "") -> str:
    """Write the address of a view: of an image, or of an object from near by."""
    values = {"image": entry.key, "preset": printable(preset), "object": ann}
    values["at"] = "object" if ann else ""
    return f"#{VIEWER_ID}:{urlencode({k: v for k, v in values.items() if v})}"


def object_key(document: Document, image: Dataset, annotation_index: int) -> str:
    """Name an object as the viewer does: by annotation id, repeated ones numbered."""
    [place] = np.flatnonzero(image.annotation_index == annotation_index).tolist()
    names: list[str] = document["objects"]["ann"]
    times = names[: place + 1].count(names[place])
    return names[place] if times == 1 else f"{names[place]}~{times}"


class Look(NamedTuple):
    """How finely pictures are stored: pixels of the longer side, quality of a JPEG."""

    longest: int
    quality: int


_REDUCED = ((760, 66), (640, 60), (520, 54), (400, 48), (300, 42))
LOOKS = (Look(LONGEST_SIDE, QUALITY), *(Look(*each) for each in _REDUCED))


@dataclass(frozen=True)
class Fitted:
    """The images that go into a page."""

    documents: tuple[Document, ...]  # with their pictures, in the order asked for
    num_asked: int  # images asked for
    # how finely their pictures are stored; None without pictures
    look: Look | None = None
    is_in_vain: bool = False  # the page is too large without any image, too

    @property
    def note(self) -> str:
        """Name what was given up for the size, and whether it helped; or nothing."""
        parts = []
        if self.documents and self.look not in (None, LOOKS[0]):
            parts.append(f"pictures reduced to {self.look.longest} pixels")
        left_out = self.num_asked - len(self.documents)
        if left_out:
            parts.append(f"{left_out} of {plural(self.num_asked, 'image')} left out")
        if left_out and self.is_in_vain:
            parts[-1] += ", but tables and figures alone exceed the limit"
        return " and ".join(parts)


def fit_images(
    documents: Sequence[Document], pictures: Sequence[Picture], *, room: int
) -> Fitted:
    """Put as many images, as finely as possible, into some room.

    Parameters
    ----------
    documents : `image_document` of each image, without a picture
    pictures : of the same images; those without pixels stay without
    room : bytes there are for all of them

    Returns
    -------
    All images with the finest pictures that fit. Where even the coarsest are too many,
    the first images only.
    """
    totals = [len(json_block(each).encode("utf-8")) for each in documents]
    fitted = Fitted(tuple(documents), len(documents))
    pixels = [picture.pixels for picture in pictures]
    if any(one is not None for one in pixels):
        sizes = totals
        for look in LOOKS:
            addresses = [
                None if one is None else picture_uri(one, **look._asdict())
                for one in pixels
            ]
            pairs = zip(sizes, addresses, strict=True)
            totals = [size + len(address or "") for size, address in pairs]
            if sum(totals) <= room:
                break
        filled = zip(documents, addresses, strict=True)
        shown = tuple({**document, "picture": address} for document, address in filled)
        fitted = replace(fitted, documents=shown, look=look)
    number = int(np.count_nonzero(np.cumsum(totals) <= room))
    return replace(fitted, documents=fitted.documents[:number])
