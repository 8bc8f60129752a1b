"""Where a YOLO label file breaks a rule: the line, and the number in it.

Read anew, one line after the other, of the few files that a message names. Of words
that are no numbers nothing is shown: links may lead to files of another kind.
"""

from collections.abc import Callable, Sequence

import numpy as np

from atss_inspect.annotations.dataset import LEAST_SHARE, MOST_SHARE
from atss_inspect.readers.yolo_labels import LONGEST_BOX

_LARGEST = float(np.finfo(np.float32).max)


def find_fault(text: bytes, problem: str, num_classes: int, keypoint_words: int) -> str:
    """Name the first line at fault and what is in it: ``:3: 1.2``; "" if none is."""
    lengths: set[bool] = set()
    for number, line in enumerate(text.splitlines(), 1):
        words = line.decode("utf-8-sig", "replace").split()
        if not words:
            continue
        if keypoint_words and len(words) == 5 + keypoint_words:
            words = words[:5]
        lengths.add(len(words) > LONGEST_BOX)
        if problem == "label_mixed":
            found = _count(words) if len(lengths) > 1 else ""
        else:
            found = _FAULTS[problem](words, num_classes)
        if found:
            return f":{number}: {found}"
    return ""


def _malformed(words: Sequence[str], _: int) -> str:
    """What keeps a line from being a box or a polygon; "" if it is one."""
    numbers = _numbers(words)
    if None in numbers:
        return f"word {numbers.index(None) + 1} is no number"
    is_polygon = len(words) > LONGEST_BOX and len(words) % 2 == 1
    if len(words) != 5 and not is_polygon:
        return _count(words)
    return f"class {numbers[0]:g}" if numbers[0] % 1 else ""  # type: ignore[operator]


def _above(words: Sequence[str], _: int) -> str:
    return _first(words[1:], lambda number: not number <= MOST_SHARE)


def _not_finite(words: Sequence[str], _: int) -> str:
    return _first(words, lambda number: not abs(number) <= _LARGEST)


def _negative(words: Sequence[str], _: int) -> str:
    found = _first(words[:1], lambda number: number < LEAST_SHARE)
    if found:
        return f"class {found}"
    sides = words[3:] if len(words) == 5 else []
    return _first(words[1:], lambda number: number < LEAST_SHARE) or _first(
        sides, lambda number: number < 0
    )


def _unknown(words: Sequence[str], num_classes: int) -> str:
    found = _first(words[:1], lambda number: not number < num_classes)
    return found and f"class {found}, names has 0 to {num_classes - 1}"


_FAULTS: dict[str, Callable[[Sequence[str], int], str]] = {
    "label_malformed": _malformed,
    "label_out_of_range": _above,
    "label_negative": _negative,
    "label_not_finite": _not_finite,
    "label_class_unknown": _unknown,
}


def _count(words: Sequence[str]) -> str:
    return f"{len(words)} number" + ("s" if len(words) > 1 else "")


def _first(words: Sequence[str], is_wrong: Callable[[float], bool]) -> str:
    """Write the first number that is wrong; "" if none is."""
    numbers = [each for each in _numbers(words) if each is not None]
    return next((f"{each:g}" for each in numbers if is_wrong(each)), "")


def _numbers(words: Sequence[str]) -> list[float | None]:
    """Read words as numbers; None for those that are none."""
    numbers: list[float | None] = []
    for word in words:
        try:
            numbers.append(float(word))
        except ValueError:
            numbers.append(None)
    return numbers
