"""Which image an annotation means, where its ``image_id`` is none of the images' ids.

Exporters write ids with leading zeros, the name of the file, or the number of a frame
of a film. A reading is taken where it leads an id to one image alone, and no other
reading leads it to another.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from atss_inspect.arrays import IdArray, IntArray

Key = int | str | None
_FEW = 3
_LONGEST = 40  # characters of an id in a message
# In place of a row: several images have this key, or one has it in another folder.
_SEVERAL, _ELSEWHERE = -2, -3
_DOUBTS = {
    _SEVERAL: "several images have the file name {}",
    _ELSEWHERE: "{} is in another folder than the image of this file name",
}
_NUMBER = re.compile(r"\s*(\d{1,18})(\.0*)?\s*", re.ASCII)
_SUFFIX = re.compile(r"(?<=.)\.[A-Za-z]\w{1,4}$")  # of a picture's name
# Of numbers that count on in steps nearly all do, so many at least.
_MOST = 0.9
_LEAST_STEPS = 3
_MOST_STEPS_TRIED = 50
# What people call the key of an image's id, without signs and capitals.
_OTHER_KEYS = ("imageid", "imgid", "imageids", "image", "img", "imagename", "filename")


def match_otherwise(
    values: IdArray, used: IdArray, ids: IdArray, file_names: IdArray
) -> tuple[IntArray, str, str]:
    """Find the images of ids that are none, and the name of how they were read.

    Parameters
    ----------
    values : (N,) image ids of annotations, none of which is in ``ids``
    used : the image ids of the other annotations, each of an image
    ids, file_names : (I,) of the images

    Returns
    -------
    (N,) int64 rows of images, -1 for none; the reason in ``REASONS``, "" where no
    reading fits; and what speaks against every reading, in words, or "".
    """
    found: dict[str, IntArray] = {}
    nothing, doubt = np.full(len(values), -1, np.int64), ""
    for reason, rows in _readings(values, used, ids, file_names):
        for code, words in _DOUBTS.items():
            if reason == "image_id_file_name" and (rows == code).any():
                doubt = words.format(str(values[rows == code][0])[:_LONGEST])
        rows[rows < 0] = -1
        for earlier in found.values():
            differs = (rows >= 0) & (earlier >= 0) & (rows != earlier)
            if differs.any():
                name = str(values[differs][0])[:_LONGEST]
                both = f"{name} is the number of one image and the file name of another"
                return nothing, "", both
        if (rows >= 0).any():
            found[reason] = rows
    if not found:
        return nothing, "", doubt
    reason = max(found, key=lambda each: np.count_nonzero(found[each] >= 0))
    return found[reason], reason, doubt


def _readings(
    values: IdArray, used: IdArray, ids: IdArray, file_names: IdArray
) -> Iterator[tuple[str, IntArray]]:
    """Look values up in each way; what costs a look at all images only where needed."""
    # Where some numbers are images as they stand, a number is nothing else as well.
    # (Frame 0 is image 0 by any step.)
    as_they_stand = any(str(each) != "0" for each in used)
    listed = values.tolist()
    if values.dtype == np.object_ or ids.dtype == np.object_:
        rows = _rows(map(_number, listed), map(_number, ids.tolist()))
        yield "image_id_leading_zeros", rows
    texts = [
        "" if as_they_stand and not isinstance(each, str) else str(each)
        for each in listed
    ]
    if any(texts):
        yield "image_id_file_name", _by_name(texts, file_names)
    if as_they_stand:
        return
    numbers, others = _whole(values), _whole(used)
    if numbers is None or others is None:
        return
    if step := frame_step(np.append(numbers, others), ids):
        quotients = (numbers // step).tolist()
        yield "image_id_frame_step", _rows(quotients, map(_number, ids.tolist()))


def _by_name(texts: Sequence[str], file_names: IdArray) -> IntArray:
    """Look texts up among file names, with and without folders and suffix.

    The nearest name is taken: -1 where there is none, or what ``_DOUBTS`` tells of.
    """
    wanted: dict[str, list[int]] = {}
    for text in filter(None, texts):
        wanted.setdefault(_base_name(text).casefold(), [])
        wanted.setdefault(_stem(text).casefold(), [])
    names = file_names.tolist()
    for row, name in enumerate(names):
        if name and (key := _stem(name).casefold()) in wanted:
            wanted[key].append(row)
    found: dict[str, int] = {"": -1}
    taken: dict[int, str] = {}
    for text in dict.fromkeys(filter(None, texts)):
        keys = {_base_name(text).casefold(), _stem(text).casefold()}
        rows = [row for key in keys for row in wanted[key]]
        near = [(alike, row) for row in rows if (alike := _likeness(text, names[row]))]
        best = [row for alike, row in near if alike == max(near)[0]]
        found[text] = best[0] if len(best) == 1 else _SEVERAL if best else -1
        found[text] = _ELSEWHERE if rows and not near else found[text]
        if found[text] < 0:
            continue
        # Of two different names of one image only its own is sure.
        other = taken.setdefault(found[text], text)
        for each in (text, other) if other != text else ():
            if each != names[best[0]]:
                found[each] = -1
    return np.array([found[each] for each in texts], np.int64)


def _likeness(text: str, name: str) -> tuple[bool, bool, int] | None:
    """Tell how like a name a text is; None where neither is the end of the other.

    Both are paths of which the case, and the suffix of the last part, count less.
    """
    own, whole = _slashed(text), _slashed(name)
    one = f"/{_SUFFIX.sub('', whole)}".casefold()
    for other in (f"/{own}".casefold(), f"/{_SUFFIX.sub('', own)}".casefold()):
        if one.endswith(other) or other.endswith(one):
            parts = min(one.count("/"), other.count("/"))
            return own == whole, _base_name(own) == _base_name(whole), parts
    return None


def _rows(values: Iterable[Key], keys: Iterable[Key]) -> IntArray:
    """Look values up among the keys of images: -1 for none, -2 for several."""
    wanted = list(values)
    place: dict[Key, int] = dict.fromkeys(wanted, -1)
    for row, key in enumerate(keys):
        if key in place and key is not None:
            place[key] = row if place[key] == -1 else _SEVERAL
    return np.array([place[each] for each in wanted], np.int64)


def frame_step(values: IntArray, ids: IdArray) -> int:
    """Find the number by which all image ids are multiplied; 0 if there is none.

    ``values`` are the image ids of all annotations, ``ids`` those of the images. With
    this number all quotients, at least three, are images; without it not all ids are.
    """
    if ids.dtype == np.object_ or len(values) == 0:
        return 0
    step = int(np.gcd.reduce(values))
    if step < 2 or len(_distinct(values)) < _LEAST_STEPS:
        return 0
    if not np.isin(values // step, ids).all():
        return 0
    return 0 if np.isin(values, ids).all() else step


def ids_seen(
    values: IdArray, all_values: IdArray, ids: IdArray, doubt: str = ""
) -> str:
    """Which image ids annotations have, which the images, and what may be meant."""
    seen = list(dict.fromkeys(values.tolist()))
    told = f"image ids of annotations such as {_first(seen)}"
    told += f"; of images such as {_first(ids[:_FEW].tolist())}"
    meant = doubt or _meant(_whole(all_values), _whole(ids))
    return f"{told}: {meant}" if meant else told


def _meant(values: IntArray | None, ids: IntArray | None) -> str:
    """Ask for the steps or the shift that lead from images to most annotations."""
    if values is None or ids is None or len(ids) == 0:
        return ""
    values, ids = _distinct(values), _distinct(ids)
    if len(values) < _LEAST_STEPS:
        return ""
    step, shift = _steps(values, ids)
    if step:
        if not shift:
            return f"are they multiplied by {step}?"
        more = f"{'plus' if shift > 0 else 'minus'} {abs(shift)}"
        return f"are they {step} times the ids of images, {more}?"
    if _steps(ids, values) != (0, 0):
        return f"are the ids of images multiplied by {_steps(ids, values)[0]}?"
    shift = int(values[0] - ids[0])
    if shift and np.isin(values - shift, ids).all():
        return f"are they {abs(shift)} too {'large' if shift > 0 else 'small'}?"
    return ""


def _steps(values: IntArray, ids: IntArray) -> tuple[int, int]:
    """Find the step and the shift by which most values count the ids; 0, 0 for none.

    Both are sorted and distinct.
    """
    gaps, counts = np.unique(np.diff(values), return_counts=True)
    usual = gaps[np.argsort(-counts, kind="stable")][:_MOST_STEPS_TRIED]
    for step in sorted(usual.tolist(), reverse=True):
        # One id out of step has a gap on either side.
        num_in_step = counts[gaps % step == 0].sum()
        if step < 2 or num_in_step < (2 * _MOST - 1) * counts.sum():
            continue
        rests, numbers = np.unique(values % step, return_counts=True)
        rest = int(rests[numbers.argmax()])
        in_step = values[values % step == rest]
        if len(in_step) < max(_MOST * len(values), _LEAST_STEPS):
            continue
        for first in (0, int(ids[0])):
            quotients = (in_step - rest) // step + first
            if np.isin(quotients, ids).all() and not np.isin(in_step, ids).all():
                return step, rest - step * first
    return 0, 0


def key_meant(keys: Sequence[str]) -> str:
    """Which keys an annotation without an image id has, and which may be meant."""
    if not keys or "image_id" in keys:
        return "image_id is there, but neither a number nor a text"
    told = f"the keys are {', '.join(keys)}"
    plain = {re.sub(r"[\W_]", "", each).lower(): each for each in keys}
    near = next((plain[each] for each in _OTHER_KEYS if each in plain), "")
    if not near and (close := difflib.get_close_matches("image_id", keys, n=1)):
        near = close[0]
    return f"{told}; rename {near} to image_id" if near else told


def _first(seen: Sequence[object]) -> str:
    """List the first few, or say that there are none."""
    first = list(map(str, seen[:_FEW]))
    shown = [text[:_LONGEST] + "..." * (len(text) > _LONGEST) for text in first]
    return ", ".join(shown) or "none"


def _number(value: Any) -> Key:
    """Read digits as a number, also 7.0; None for anything else."""
    if isinstance(value, int):
        return value
    found = _NUMBER.fullmatch(str(value))
    return int(found[1]) if found else None


def _distinct(values: IntArray) -> IntArray:
    """Sort, each once; of many ids several times faster than ``np.unique``."""
    values = np.sort(values)
    return np.append(values[:1], values[1:][values[1:] != values[:-1]])


def _whole(values: IdArray) -> IntArray | None:
    """Read ids as whole numbers, also texts of digits; None where not all are."""
    if values.dtype != np.object_:
        return values
    numbers = [_number(each) for each in values.tolist()]
    if any(each is None for each in numbers):
        return None
    try:
        return np.array(numbers, np.int64)
    except OverflowError:
        return None


def _slashed(name: str) -> str:
    return name.replace("\\", "/")


def _base_name(name: str) -> str:
    return _slashed(name).rpartition("/")[2]


def _stem(name: str) -> str:
    return _SUFFIX.sub("", _base_name(name))
