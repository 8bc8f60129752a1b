"""One image with all it has under several conventions."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.assigners.causes import CAUSES, KNOWN_CAUSES
from atss_inspect.readers.pixels import Picture, read_picture
from atss_inspect.scene import build_scene, color_numbers
from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import SIZE_BINS, size_bins
from atss_inspect.viewer.convention import convention_document
from atss_inspect.viewer.encoding import decimals
from atss_inspect.viewer.picture import object_outlines, picture_room, picture_uri
from atss_inspect.views.names import printable

NUM_COLORS = 8  # that the style sheet gives to objects


def image_document(
    image: Dataset,
    settings: Sequence[Settings],
    *,
    picture: str | None = None,
    picture_note: str = "",
) -> dict[str, Any]:
    """Gather what the viewer shows of one image.

    Parameters
    ----------
    image : one image with all its objects (`Dataset.slice_images`); masks come along
        if the data set was read with them
    settings : conventions side by side
    picture : the pixels as `viewer.picture.picture_uri` gives them; None leaves the
        canvas blank
    picture_note : why there is no picture

    Returns
    -------
    dict of plain values. ``id``, ``file``, ``original`` (width, height), ``picture``,
    ``picture_note``, the lists ``causes`` and ``sizes`` that
    numbers below point into, ``objects`` and ``conventions``.

    ``objects`` has columns over all objects of the image: ``ann`` (text), ``class``
    (place in ``classes``), ``size``, ``color``, ``xywh`` (four numbers each, original
    pixels) and ``outline``: None, ``{"polygons": [...]}``, or
    ``{"mask": data URI, "box": xyxy}``, in original pixels.

    Each of ``conventions`` has, with G boxes, L levels and S slider positions:

    - ``ks``: k of each position (S = 1 without a slider, and ``no_slider`` says why),
      ``start``, ``anchors_per_k``; ``input`` (width, height); ``picture_box``: where
      the picture lies, xyxy in input pixels; ``note`` if the image is left out
    - ``levels``: ``rows``, ``columns``, ``step`` (x, y), and of the anchors in cell
      (0, 0) the ``centers`` and, unless the rule has points only, corners ``anchors``
    - ``objects``: ``row`` in the image's objects; ``box``, xyxy in input pixels
    - ``positives``: per object and level (G x L ``counts``) the ``index`` of each
      anchor as the difference to the one before, (row * columns + column) * anchors +
      anchor; ``mask``: place in ``masks``, where bit p is set if the pair is positive
      at position p, contests resolved; ``iou`` in thousandths, None for FCOS
    - ``thresholds`` (ATSS): ``mean``, ``std``, ``threshold``, G x S, ten-thousandths,
      None for none
    - ``candidates`` (ATSS with slider): per object and level (``counts``) the nearest
      cell, ``first`` (row, column; only where there is one), then all by their
      ``steps`` from it, row and column one sign of ``SIGNS`` each, 32 being 0;
      ``first_k``: one sign each, None if the n-th comes in at k = n
    - ``causes``: a text per object, one digit per position, place in the image's
      ``causes`` (0: has positives), or a list where these are more than ten;
      ``lost``: runs of object, first and last position, and the object that holds
      what it wanted most
    - ``left_out``: ``row``, ``box``, ``reason`` (place in ``reasons``)

    Raises
    ------
    ValueError
        If there is not exactly one image.
    """
    if image.num_images != 1:
        message = f"expected one image, got {image.num_images}"
        raise ValueError(message)
    height, width = image.image_sizes[0].tolist()
    # The shared ones, then those of each rule's own.
    names = [name for each in settings for name in each.rule.cause_names]
    causes = list(dict.fromkeys([*CAUSES, *names]))
    return {
        "id": str(image.image_ids.tolist()[0]),
        "file": printable(str(image.file_names[0])),
        "original": [width, height],
        "picture": picture,
        "picture_note": picture_note,
        "causes": ["", *(KNOWN_CAUSES[cause].words for cause in causes[1:])],
        "sizes": list(SIZE_BINS),
        "objects": _objects(image),
        "conventions": [
            convention_document(build_scene(image, each), causes) for each in settings
        ],
    }


def _objects(image: Dataset) -> dict[str, Any]:
    """Write what the file says of each object."""
    used = np.unique(image.category_index)
    return {
        "ann": [
            f"annotations[{place}]" if ann is None else printable(str(ann))
            for ann, place in zip(
                image.annotation_ids.tolist(),
                image.annotation_index.tolist(),
                strict=True,
            )
        ],
        "class": np.searchsorted(used, image.category_index).tolist(),
        "classes": [printable(image.category_names[index]) for index in used.tolist()],
        "size": size_bins(image.areas).tolist(),
        "color": color_numbers(image.xywh, NUM_COLORS),
        "xywh": decimals(image.xywh, 2),
        "outline": object_outlines(image),
    }


def pictured_document(
    image: Dataset, settings: Sequence[Settings], *, folder: str | None
) -> dict[str, Any]:
    """Gather what the viewer shows of one image, its pixels included.

    Parameters
    ----------
    image, settings : as for `image_document`
    folder : of the pictures; None for none. What is wrong with a picture, or why there
        is none, is the document's ``picture_note``
    """
    picture = picture_of(image, folder)
    return image_document(
        image,
        settings,
        picture=None if picture.pixels is None else picture_uri(picture.pixels),
        picture_note=picture.problem,
    )


def picture_of(image: Dataset, folder: str | None) -> Picture:
    """Read the picture of one image, no larger than a page shows it."""
    height, width = image.image_sizes[0].tolist()
    size = height, width
    name = str(image.file_names.tolist()[0])
    return read_picture(folder, name, size=size, room=picture_room(size))
