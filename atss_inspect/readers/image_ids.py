"""Which image an annotation means, where its ``image_id`` is none of the images' ids.

Exporters write ids with leading zeros, the name of the file, or the number of a frame
of a film. A reading is taken where it leads every id that it can read to one image.
"""

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from atss_inspect.arrays import IdArray, IntArray

Key = int | str | None
_FEW = 3
_LONGEST = 40  # characters of an id in a message


def match_otherwise(
    values: IdArray, all_values: IdArray, ids: IdArray, file_names: IdArray
) -> tuple[IntArray, str]:
    """Find the images of ids that are none, and the name of how they were read.

    Parameters
    ----------
    values : (N,) image ids of annotations, none of which is in ``ids``
    all_values : the image ids of all annotations
    ids, file_names : (I,) of the images

    Returns
    -------
    (N,) int64 rows of images, -1 for none; and the reason in ``REASONS``, "" where no
    reading fits.
    """
    known = set(ids.tolist())
    # Where some numbers are images as they stand, a number is nothing else as well.
    # (Frame 0 is image 0 by any step.)
    as_they_stand = any(each in known for each in all_values.tolist() if each != 0)
    of_name = _own_text if as_they_stand else _text
    for reason, of_value, keys in (
        ("image_id_leading_zeros", _number, [_number(each) for each in ids.tolist()]),
        ("image_id_file_name", of_name, [_text(name) for name in file_names]),
        ("image_id_file_name", of_name, [_base_name(name) for name in file_names]),
        ("image_id_file_name", of_name, [_stem(name) for name in file_names]),
    ):
        rows = _rows(values, of_value, keys)
        if (rows >= 0).any():
            return rows, reason
    step = frame_step(all_values, ids)
    if step and not as_they_stand:
        rows = _rows(values // step, _number, [_number(each) for each in ids.tolist()])
        return rows, "image_id_frame_step"
    return np.full(len(values), -1, np.int64), ""


def frame_step(values: IdArray, ids: IdArray) -> int:
    """Find the number by which all image ids are multiplied; 0 if there is none.

    ``values`` are the image ids of all annotations, ``ids`` those of the images. With
    this number all quotients are images, without it not all ids are.
    """
    if values.dtype == np.object_ or ids.dtype == np.object_ or len(values) == 0:
        return 0
    step = int(np.gcd.reduce(values))
    if step < 2 or not np.isin(values // step, ids).all():
        return 0
    return 0 if np.isin(values, ids).all() else step


def ids_seen(values: IdArray, all_values: IdArray, ids: IdArray) -> str:
    """Which image ids annotations have, and which the images."""
    seen = list(dict.fromkeys(map(str, values.tolist())))
    told = f"image ids of annotations such as {_first(seen)}"
    told += f"; of images such as {_first([str(each) for each in ids.tolist()])}"
    step = frame_step(all_values, ids)
    return told + (f": are they multiplied by {step}?" if step else "")


def _first(texts: list[str]) -> str:
    """List the first few, or say that there are none."""
    first = texts[:_FEW]
    shown = [text[:_LONGEST] + "..." * (len(text) > _LONGEST) for text in first]
    return ", ".join(shown) or "none"


def _rows(
    values: IdArray, of_value: Callable[[Any], Key], keys: Sequence[Key]
) -> IntArray:
    """Look values up among keys, of which only those count that stand once."""
    place: dict[Key, int] = {}
    for row, key in enumerate(keys):
        place[key] = -1 if key in place else row
    place[None] = -1
    found = [place.get(of_value(each), -1) for each in values.tolist()]
    return np.array(found, np.int64).reshape(len(values))


def _number(value: Any) -> Key:
    """Read digits as a number; None for anything else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _text(value: Any) -> Key:
    return str(value) or None


def _own_text(value: Any) -> Key:
    return value or None if isinstance(value, str) else None


def _base_name(name: str) -> Key:
    return PurePosixPath(name.replace("\\", "/")).name or None


def _stem(name: str) -> Key:
    return PurePosixPath(name.replace("\\", "/")).stem or None
