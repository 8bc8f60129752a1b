"""Properties of objects to draw against: size, aspect ratio, place in the image."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import Float64Array, IntArray
from atss_inspect.figures.groups import Objects
from atss_inspect.statistics.summary import RATIO_BINS, SIZE_BINS, ratio_bins
from atss_inspect.views.headings import RATIOS_NOTE, SIZES_NOTE, SMALL_LABEL

POSITION_LIMITS = (0.1, 0.25, 0.5)
POSITION_BINS = ("0 to 0.1", "0.1 to 0.25", "0.25 to 0.5", "0.5 to 1")
POSITIONS_NOTE = (
    "Positions are of the center of the box: 0 at the image's border, 1 in its middle."
)


@dataclass(frozen=True)
class Against:
    """A property of objects, as an axis and as groups."""

    topic: str  # what it is, in a few words
    label: str  # of the axis, with the unit
    measure: Callable[[Objects], Float64Array]  # (N,), NaN where there is no value
    # Takes all values; limits of the bins, one more than bins. Values beyond the first
    # or last limit count to the first or last bin.
    edges: Callable[[Float64Array], Float64Array]
    group: Callable[[Objects], IntArray]  # (N,) index into `groups`, -1 for none
    groups: tuple[str, ...]  # names, for the table in words
    # Two kinds of objects to compare: what they are called in a sentence, and which row
    # of the table they are.
    extreme: tuple[str, str]
    ordinary: tuple[str, str]
    # The same two in the title, and the shortest sentence on them.
    short: tuple[str, str, str]
    note: str  # what the names of groups mean
    # Rows of several groups together, and which these are.
    joined: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    is_log: bool = True  # bins are equally wide on a logarithmic axis
    # ``(power)``, how a power of two is written on the axis
    named: Callable[[float], str] = lambda power: f"{2**power:g}"

    def bins(self, values: Float64Array, edges: Float64Array) -> IntArray:
        """Index of the bin of each value; a limit opens the next bin."""
        return np.searchsorted(edges[1:-1], values, side="right")

    def centers(self, edges: Float64Array) -> Float64Array:
        """Middle of each bin, as the axis has it."""
        low, high = edges[:-1], edges[1:]
        return np.asarray(np.sqrt(low * high) if self.is_log else (low + high) / 2)


def with_image_sizes(table: Objects, dataset: Dataset) -> Objects:
    """Add the size of each object's image: ``image_width``, ``image_height``.

    The table made from ``dataset`` with two more columns, original pixels; what
    ``position`` needs.
    """
    known, asked = [dataset.image_ids.tolist()], [table["image_id"].tolist()]
    if "file" in table:
        known.append([dataset.files[place] for place in dataset.image_file.tolist()])
        asked.append(table["file"].tolist())
    row_of = {key: row for row, key in enumerate(zip(*known, strict=True))}
    rows = [row_of[key] for key in zip(*asked, strict=True)]
    height, width = dataset.image_sizes[np.array(rows, dtype=np.int64)].T
    return table.assign(image_width=width, image_height=height)


def _side(table: Objects) -> Float64Array:
    """Square root of the area in input pixels; NaN for boxes without extent."""
    width = (table["input_x2"] - table["input_x1"]).to_numpy(np.float64)
    height = (table["input_y2"] - table["input_y1"]).to_numpy(np.float64)
    area = np.maximum(width, 0) * np.maximum(height, 0)
    return np.sqrt(np.where(area > 0, area, np.nan))


def _ratio(table: Objects) -> Float64Array:
    """Height / width; NaN for boxes without extent."""
    ratios: Float64Array = table["ratio"].to_numpy(np.float64)
    return np.where(ratios > 0, ratios, np.nan)


def _distance_from_border(table: Objects) -> Float64Array:
    """Distance of the center from the nearest border; 1 in the middle of the image."""
    center_x = (table["x"] + table["width"] / 2) / table["image_width"]
    center_y = (table["y"] + table["height"] / 2) / table["image_height"]
    sides = np.stack([center_x, 1 - center_x, center_y, 1 - center_y])
    return np.asarray(np.maximum(2 * sides.min(axis=0), 0))


def _half_octaves(values: Float64Array) -> Float64Array:
    """Limits of bins, two per doubling, that hold all values."""
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if len(known) else (16.0, 512.0)
    first, last = np.floor(2 * np.log2(low)), np.floor(2 * np.log2(high)) + 1
    return np.exp2(np.arange(first, last + 1) / 2)


def _ratio_group(table: Objects) -> IntArray:
    """Index into the ratios; -1 for boxes without extent."""
    has_ratio, groups = ~np.isnan(_ratio(table)), np.full(len(table), -1)
    xywh = table[["x", "y", "width", "height"]].to_numpy(np.float64)
    groups[has_ratio] = ratio_bins(xywh[has_ratio])
    return groups


def _named_ratio(power: float) -> str:
    """Write height / width as tables do, width : height: 4:1 for a quarter."""
    return f"1:{2**power:g}" if power > 0 else f"{2**-power:g}:1"


AGAINST = {
    "size": Against(
        topic="size",
        label="√area of the box, input pixels",
        measure=_side,
        edges=_half_octaves,
        group=lambda table: np.asarray(table["size"].cat.codes, np.int64),
        groups=SIZE_BINS,
        extreme=("Large objects", "large"),
        ordinary=(f"{SMALL_LABEL} ones", SMALL_LABEL),
        short=("Large objects", "small ones", "Large {} as many as small"),
        joined={SMALL_LABEL: (0, 1)},
        note=f"{SIZES_NOTE} {SMALL_LABEL}: tiny and small together.",
    ),
    "ratio": Against(
        topic="aspect ratio",
        label="width : height of the box",
        measure=_ratio,
        # Two bins per doubling, with squares in the middle of one.
        edges=lambda _: np.exp2((np.arange(-7, 9) - 0.5) / 2),
        group=_ratio_group,
        groups=RATIO_BINS,
        extreme=("Boxes beyond 4:1 or 1:4", "beyond 4:1 or 1:4"),
        ordinary=("those within 2:1", "2:1 to 1:2"),
        short=("Long boxes", "others", "Long boxes {} as many"),
        named=_named_ratio,
        joined={"beyond 4:1 or 1:4": (0, 4)},
        note=RATIOS_NOTE,
    ),
    "position": Against(
        topic="position",
        label="center of the box, from the border to the middle of the image",
        measure=_distance_from_border,
        edges=lambda _: np.linspace(0, 1, 11),
        group=lambda table: np.searchsorted(
            POSITION_LIMITS, _distance_from_border(table), side="right"
        ),
        groups=POSITION_BINS,
        extreme=("Objects at the border (0 to 0.1)", "0 to 0.1"),
        ordinary=("those in the inner half (0.5 to 1)", "0.5 to 1"),
        short=(
            "Objects at the border",
            "inner ones",
            "Borders {} as many as inside",
        ),
        note=POSITIONS_NOTE,
        is_log=False,
    ),
}
