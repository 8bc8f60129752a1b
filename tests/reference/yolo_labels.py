"""One YOLO label file by Ultralytics' rules (8.4.190), line by line.

Shares no code with the package. A line is class, center x, center y, width, height as
shares of the image; of more than six words, it is class and the points of a polygon.
"""

import numpy as np

Row = tuple[np.float32, ...]


def read_label(text: bytes, num_classes: int) -> list[Row]:
    """Read the rows of a label file, in the order they are trained on.

    Raises `ValueError` where the file is left out together with its image.
    """
    lines = text.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    words = [line.split() for line in lines.splitlines() if line.strip()]
    has_polygons = any(len(line) > 6 for line in words)
    if has_polygons and any(len(line) == 5 for line in words):
        message = "boxes and polygons"
        raise ValueError(message)
    with np.errstate(over="ignore"):  # beyond float32 is infinite
        numbers = [[np.float32(float(word)) for word in line] for line in words]
    if has_polygons:
        rows = [_around(line) for line in numbers]
    elif any(len(line) != 5 for line in numbers):
        message = "not five numbers"
        raise ValueError(message)
    else:
        rows = [tuple(line) for line in numbers]
    _check(rows, num_classes)
    return _distinct(rows, numbers if has_polygons else rows)


def _around(line: list[np.float32]) -> Row:
    cls, points = line[0], line[1:]
    if not points or len(points) % 2:
        message = "half a point"
        raise ValueError(message)
    x, y = points[::2], points[1::2]
    if any(np.isnan(each) for each in points):
        message = "no number"
        raise ValueError(message)
    two = np.float32(2)
    with np.errstate(invalid="ignore", over="ignore"):  # of infinite numbers
        return (
            cls,
            (min(x) + max(x)) / two,
            (min(y) + max(y)) / two,
            max(x) - min(x),
            max(y) - min(y),
        )


def _check(rows: list[Row], num_classes: int) -> None:
    least, most = np.float32(-0.01), np.float32(1.01)
    has_negative = any(each < 0 for row in rows for each in row)
    for cls, *box in rows:
        whole = bool(cls == np.floor(cls)) and 0 <= cls < num_classes
        within = all(bool(each <= most) for each in box)
        above = all(bool(each >= least) for each in (cls, *box))
        if not (whole and within and above):
            message = "out of range"
            raise ValueError(message)
        if has_negative and min(box[2:]) < 0:
            message = "negative side"
            raise ValueError(message)


def _distinct(rows: list[Row], full: list) -> list[Row]:
    """Leave repetitions out; then, and only then, what is left is sorted."""
    if len({tuple(map(float, row)) for row in rows}) == len(rows):
        return rows
    if full is rows:
        return [tuple(np.float32(x) for x in row) for row in _sorted_rows(rows)]
    by_bytes = {
        b"".join(each.tobytes() for each in line): n
        for n, line in reversed(list(enumerate(full)))
    }
    if len(by_bytes) == len(rows):
        return rows
    return [rows[by_bytes[key]] for key in sorted(by_bytes)]


def _sorted_rows(rows: list[Row]) -> list[tuple[float, ...]]:
    return sorted({tuple(map(float, row)) for row in rows})
