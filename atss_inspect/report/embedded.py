"""The images inside a report: what the viewer knows of them, their pixels, links."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.page.render import IndexEntry
from atss_inspect.readers.pixels import Picture, read_picture
from atss_inspect.report.answers import Workers
from atss_inspect.settings import Settings
from atss_inspect.viewer import image_document
from atss_inspect.viewer.picture import picture_room
from atss_inspect.views.names import printable
from atss_inspect.views.numbers import plural

VIEWER_ID = "viewer"


class Embedded(NamedTuple):
    """An image that may go into the page.

    Attributes
    ----------
    row : of the data set
    document : see `image_document`, without a picture
    picture : perhaps without pixels
    """

    row: int
    document: dict[str, Any]
    picture: Picture


def gather_images(
    dataset: Dataset,
    rows: Sequence[int],
    settings: Sequence[Settings],
    *,
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
    if workers.executor is None:
        found = (_gather(each, tuple(settings), folder) for each in images)
    else:
        futures = [
            workers.executor.submit(_gather, each, tuple(settings), folder)
            for each in images
        ]
        found = (future.result() for future in futures)
    gathered = []
    for row, (document, picture) in zip(rows, found, strict=True):
        gathered.append(Embedded(row, document, picture))
        if workers.on_step:
            workers.on_step(1)
    return gathered


def _gather(
    image: Dataset, settings: tuple[Settings, ...], folder: str | None
) -> tuple[dict[str, Any], Picture]:
    """Assign one image, and read its picture."""
    picture = Picture(None)
    if folder is not None:
        height, width = image.image_sizes[0].tolist()
        size = height, width
        name = str(image.file_names.tolist()[0])
        picture = read_picture(folder, name, size=size, room=picture_room(size))
    return image_document(image, settings, picture_note=picture.problem), picture


def picture_problems(images: Sequence[Embedded]) -> tuple[str, ...]:
    """Name what is wrong with the pictures of some images: each kind once, counted."""
    problems = [each.picture.problem for each in images]
    total = plural(len(problems), "image")
    return tuple(
        f"{problem} ({problems.count(problem)} of {total})"
        for problem in dict.fromkeys(filter(None, problems))
    )


def image_link(entry: IndexEntry, *, preset: str = "", ann: str = "") -> str:
    """Write the address of a view: of an image, or of an object from near by."""
    values = {"image": entry.key, "preset": printable(preset), "object": ann}
    values["at"] = "object" if ann else ""
    given = {key: value for key, value in values.items() if value}
    return f"#{VIEWER_ID}:{urlencode(given)}"


def object_key(document: dict[str, Any], image: Dataset, annotation_index: int) -> str:
    """Name an object as the viewer does: by annotation id, repeated ones numbered."""
    [place] = np.flatnonzero(image.annotation_index == annotation_index).tolist()
    names: list[str] = document["objects"]["ann"]
    times = names[: place + 1].count(names[place])
    return names[place] if times == 1 else f"{names[place]}~{times}"
