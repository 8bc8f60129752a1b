"""The lines of YOLO label files as numbers, by the rules of Ultralytics' own scan.

Followed is `verify_image_label` of ultralytics 8.4.190 for detection. It judges file
by file: one bad line, and the file goes with its image. Here many files are judged at
once, each number of all of them in one flat array.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from atss_inspect.annotations.dataset import LEAST_SHARE, MOST_SHARE
from atss_inspect.arrays import BoolArray, Float32Array, IntArray

# Why a file is left out with its image, in the order the rules are asked.
FILE_PROBLEMS = (
    *("", "label_malformed", "label_mixed", "label_out_of_range"),
    *("label_negative", "label_class_unknown", "label_not_finite"),
)
# A line of more words is a polygon.
LONGEST_BOX = 6
# Text that numbers are usually written with; other text is read file by file.
_USUAL = b"0123456789+-.eE \t\n"
# Files are read together up to so many bytes, which bounds what is in memory.
_BATCH_BYTES = 1 << 24
# Of a label file: 400,000 boxes take it, or 3,000 polygons of 300 points.
LONGEST_FILE = 1 << 24


@dataclass
class Labels:
    """Lines of many label files: N lines that are used, of F files.

    Attributes
    ----------
    file : (N,) int64, place of each line's file, ascending
    line : (N,) int64, its number in the file, from 1
    classes : (N,) int64
    normalized : (N, 4) float32 center x, center y, width, height, in fractions
    problems : (F,) int64 index into `FILE_PROBLEMS`; files with one have no lines here
    num_lines : (F,) int64 lines that are not blank
    num_repeated : (F,) int64 lines left out as repetitions
    num_polygons, num_keypoints : lines used that were polygons, or had keypoints
    """

    file: IntArray
    line: IntArray
    classes: IntArray
    normalized: Float32Array
    problems: IntArray
    num_lines: IntArray
    num_repeated: IntArray
    num_polygons: int = 0
    num_keypoints: int = 0


def read_labels(
    texts: Sequence[bytes],
    num_classes: int,
    keypoint_words: int = 0,
    form: str = "cxcywh",
) -> Labels:
    """Read the texts of label files.

    Classes go from 0 to below ``num_classes``. ``keypoint_words`` is how many words of
    a line after the box are keypoints, which are left aside. ``form`` is what the four
    numbers of a box are, one of `box_formats.FORMS`.
    """
    parts, start = [], 0
    for batch in _batches(texts):
        lines = _Lines(batch, keypoint_words)
        part = _judge(lines, num_classes, form)
        part.file += start
        parts.append(part)
        start += len(batch)
    return _join(parts or [_judge(_Lines([], keypoint_words), num_classes, form)])


def _batches(texts: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Cut the texts into runs that are not too long together."""
    start, total = 0, 0
    for place, text in enumerate(texts):
        total += len(text) + 1
        if total > _BATCH_BYTES:
            yield texts[start : place + 1]
            start, total = place + 1, 0
    if start < len(texts):
        yield texts[start:]


def _join(parts: Sequence[Labels]) -> Labels:
    """Put the lines of all batches behind one another."""
    joined: dict[str, Any] = {
        name: sum(column) if isinstance(column[0], int) else np.concatenate(column)
        for name in vars(parts[0])
        for column in [[getattr(part, name) for part in parts]]
    }
    return Labels(**joined)


@dataclass
class _Lines:
    """Words of several files, as numbers, line by line; blank lines are none.

    Attributes
    ----------
    texts, keypoint_words : as `read_labels` takes them
    words : (W,) float32
    first, length : (N,) int64 of each line, its first word and how many there are
    file, number : (N,) int64, its file and its number in the file, from 1
    is_bad : (F,) bool, whether a file is no text of numbers
    """

    texts: Sequence[bytes]
    keypoint_words: int
    words: Float32Array = field(init=False)
    first: IntArray = field(init=False)
    length: IntArray = field(init=False)
    file: IntArray = field(init=False)
    number: IntArray = field(init=False)
    is_bad: BoolArray = field(init=False)
    num_lines: IntArray = field(init=False)
    num_keypoints: int = 0

    def __post_init__(self) -> None:
        more = self.keypoint_words
        self._parse(
            # Letters that are not usual are spelled anew.
            [_spelled(x, more) if x.translate(None, _USUAL) else x for x in self.texts]
        )
        if self.keypoint_words:
            has_more = self.length == 5 + self.keypoint_words
            self.num_keypoints = int(has_more.sum())
            self.length[has_more] = 5

    def _parse(self, plain: Sequence[bytes | None]) -> None:
        """Read the words; of a file that is no text of numbers, none."""
        self.is_bad = np.array([text is None for text in plain], np.bool_)
        blob = b"\n".join([text or b"" for text in plain]) + b"\n"
        try:
            self.words = _numbers(blob)
        except ValueError:  # somewhere a word is no number, such as "1-2"
            more = self.keypoint_words
            self._parse([None if t is None else _spelled(t, more) for t in plain])
            return
        symbols = np.frombuffer(blob, np.uint8)
        is_word = symbols > ord(" ")
        is_word[1:] &= ~is_word[:-1]  # its first letter
        line_ends = symbols == ord("\n")
        line = (np.cumsum(line_ends) - line_ends)[is_word]
        lengths = np.bincount(line, minlength=int(line_ends.sum()))
        firsts = np.cumsum(lengths) - lengths
        lines_of_file = np.array(
            [1 + (text or b"").count(b"\n") for text in plain], np.int64
        )
        file = np.repeat(np.arange(len(plain)), lines_of_file)
        start = np.cumsum(lines_of_file) - lines_of_file
        used = np.flatnonzero(lengths[: len(file)])
        self.first, self.length = firsts[used], lengths[used]
        self.file = file[used]
        self.number = used - start[self.file] + 1 if len(used) else used
        self.num_lines = np.bincount(self.file, minlength=len(plain))
        for place in np.flatnonzero(self.is_bad).tolist():
            # What may have been labels.
            lines = self.texts[place].splitlines()
            self.num_lines[place] = sum(1 for line in lines if line.strip())


def _spelled(text: bytes, keypoint_words: int) -> bytes | None:
    """Write a text with blanks, line ends and usual numbers; None if it is none.

    What numbers and line ends are is for Python to say, as in Ultralytics, which does
    not look at keypoints.
    """
    lines = []
    try:
        text = re.sub(b"\r\n?", b"\n", text)
        for line in text.decode("utf-8-sig").splitlines():
            words = line.split()
            if keypoint_words and len(words) == 5 + keypoint_words:
                words[5:] = ["0"] * keypoint_words
            lines.append(" ".join(repr(float(word)) for word in words))
    except ValueError:
        return None
    return "\n".join(lines).encode()


def _numbers(text: bytes) -> Float32Array:
    """Read all words, rounded to double first, as Python and NumPy do."""
    words = text.split()
    exact = np.fromiter(map(float, words), np.float64, len(words))
    with np.errstate(over="ignore"):  # beyond float32 is infinite
        return exact.astype(np.float32)


def _judge(lines: _Lines, num_classes: int, form: str) -> Labels:
    """Ask the rules of all files, and take the lines of those that pass."""
    num_files = len(lines.texts)
    file, length = lines.file, lines.length
    is_long = length > LONGEST_BOX
    has_polygons = _any(file, is_long, num_files)
    has_boxes = _any(file, length == 5, num_files)
    is_polygon = has_polygons[file]
    is_wrong = np.where(is_polygon, (length < 3) | (length % 2 == 0), length != 5)
    is_mixed = has_polygons & has_boxes
    malformed = (lines.is_bad | _any(file, is_wrong, num_files)) & ~is_mixed
    problems = np.select([malformed, is_mixed], [1, 2], 0).astype(np.int64)
    kept = np.flatnonzero(problems[file] == 0)
    rows = _rows(lines, kept, is_polygon[kept])
    if form != "cxcywh":
        _center(rows, ~is_polygon[kept], form)
    found = _out_of_range(rows, file[kept], num_files, num_classes)
    problems = np.where(problems == 0, found, problems)
    is_used = problems[file[kept]] == 0
    kept, rows = kept[is_used], rows[is_used]
    order = _without_repeats(lines, kept, rows, is_polygon[kept])
    taken = kept[order]
    used_of_file = np.bincount(file[taken], minlength=num_files)
    before = np.bincount(file[kept], minlength=num_files)
    return Labels(
        file=file[taken],
        line=lines.number[taken],
        classes=rows[order, 0].astype(np.int64),
        normalized=rows[order, 1:],
        problems=problems,
        num_lines=lines.num_lines,
        num_repeated=before - used_of_file,
        num_polygons=int(is_polygon[taken].sum()),
        num_keypoints=lines.num_keypoints,
    )


def _any(file: IntArray, which: BoolArray, num_files: int) -> BoolArray:
    """Tell which files have one of these lines; (F,) bool."""
    found = np.zeros(num_files, np.bool_)
    found[file[which]] = True
    return found


def _rows(lines: _Lines, kept: IntArray, is_polygon: BoolArray) -> Float32Array:
    """Make class and box of lines; (N, 5) float32, of a polygon the box around it."""
    first, length = lines.first[kept], lines.length[kept]
    # Of a polygon these are the first words, which the next lines put right.
    rows: Float32Array = np.zeros((len(kept), 5), np.float32)
    columns = np.arange(5)
    boxes = ~is_polygon
    rows[boxes] = lines.words[first[boxes, None] + columns]
    if is_polygon.any():
        first, length = first[is_polygon], length[is_polygon]
        points = (length - 1) // 2
        start = np.cumsum(points) - points
        place = np.repeat(first + 1 - 2 * start, points) + 2 * np.arange(points.sum())
        x, y = lines.words[place], lines.words[place + 1]
        near = [np.minimum.reduceat(each, start) for each in (x, y)]
        far = [np.maximum.reduceat(each, start) for each in (x, y)]
        rows[is_polygon, 0] = lines.words[first]
        with np.errstate(all="ignore"):  # of infinite numbers; the rules refuse them
            for axis in (0, 1):
                rows[is_polygon, 1 + axis] = (near[axis] + far[axis]) / 2
                rows[is_polygon, 3 + axis] = far[axis] - near[axis]
    return rows


def _center(rows: Float32Array, which: BoolArray, form: str) -> None:
    """Turn boxes of another form into centers and sizes, in place."""
    near, last = rows[which, 1:3], rows[which, 3:]
    with np.errstate(all="ignore"):  # of infinite numbers; the rules refuse them
        sides = last - near if form == "xyxy" else last
        rows[which, 1:3] = near + sides / 2
    rows[which, 3:] = sides


def _out_of_range(
    rows: Float32Array, file: IntArray, num_files: int, num_classes: int
) -> IntArray:
    """Find files with numbers that are not allowed; (F,) codes of `FILE_PROBLEMS`."""
    codes = np.zeros(num_files, np.int64)
    if len(rows) == 0:
        return codes
    classes = rows[:, 0]
    # Written so that NaN is refused; comparisons are in float32, as in NumPy 2. Of
    # several rules that are broken, the last of these is named.
    with np.errstate(invalid="ignore"):
        is_high = (rows >= LEAST_SHARE).all(axis=1) & (rows[:, 3:] >= 0).all(axis=1)
        rules = {
            "label_class_unknown": ~(classes < num_classes),
            "label_malformed": ~(classes % 1 == 0),
            "label_negative": ~is_high,
            "label_out_of_range": ~(rows[:, 1:] <= MOST_SHARE).all(axis=1),
            "label_not_finite": ~np.isfinite(rows).all(axis=1),
        }
    for name, which in rules.items():
        codes[_any(file, which, num_files)] = FILE_PROBLEMS.index(name)
    return codes


def _without_repeats(
    lines: _Lines, kept: IntArray, rows: Float32Array, is_polygon: BoolArray
) -> IntArray:
    """List rows to use, in the order that Ultralytics has them.

    A file in which a line is repeated comes out sorted, any other as it is written.
    """
    file = lines.file[kept]
    order = np.lexsort((*rows.T[::-1], file))
    same = (rows[order[1:]] == rows[order[:-1]]).all(axis=1)
    same &= file[order[1:]] == file[order[:-1]]
    if not same.any():
        return np.arange(len(rows))
    pieces, done = [], 0
    for each in np.unique(file[order[1:][same]]).tolist():
        start, stop = np.searchsorted(file, [each, each + 1]).tolist()
        own = slice(start, stop)
        polygons = (
            _polygon_bytes(lines, kept[own], rows[own]) if is_polygon[start] else []
        )
        pieces += [np.arange(done, start), start + _distinct(rows[own], polygons)]
        done = stop
    return np.concatenate([*pieces, np.arange(done, len(rows))])


def _distinct(rows: Float32Array, polygons: list[bytes]) -> IntArray:
    """List the first of each kind of the rows of one file, sorted by what they hold."""
    first = np.unique(rows, axis=0, return_index=True)[1]
    if polygons and len(first) < len(rows):  # polygons may differ and share their box
        distinct = np.unique(np.array(polygons, dtype=object), return_index=True)
        first = distinct[1]
    if len(first) == len(rows):
        return np.arange(len(rows))
    return first.astype(np.int64)


def _polygon_bytes(lines: _Lines, kept: IntArray, rows: Float32Array) -> list[bytes]:
    """Write class and points of each polygon as bytes, which tell them apart."""
    ends = lines.first[kept] + lines.length[kept]
    spans = zip(lines.first[kept].tolist(), ends.tolist(), rows[:, 0], strict=True)
    return [
        cls.tobytes() + lines.words[first + 1 : end].tobytes()
        for first, end, cls in spans
    ]
