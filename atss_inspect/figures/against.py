"""What positives are drawn against: size, aspect ratio, or place in the image."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import Float64Array, IntArray
from atss_inspect.statistics.summary import RATIO_BINS, SIZE_BINS, ratio_bins
from atss_inspect.views.headings import RATIOS_NOTE, SIZES_NOTE

if TYPE_CHECKING:
    import pandas as pd

POSITION_LIMITS = (0.1, 0.25, 0.5)
POSITION_BINS = ("0 to 0.1", "0.1 to 0.25", "0.25 to 0.5", "0.5 to 1")
POSITIONS_NOTE = (
    "Positions are of the center of the box: 0 at the image's border, 1 in its middle."
)


@dataclass(frozen=True)
class Against:
    """A property of objects, as an axis and as groups.

    Attributes
    ----------
    name : as typed
    title : of the figure
    label : of the axis, with the unit
    measure : takes the table of objects; (N,) float64, NaN where there is no value
    edges : takes all values; limits of the bins, one more than bins. Values beyond the
        first or last limit count to the first or last bin
    group : takes the table of objects; (N,) index into ``groups``, -1 for none
    groups : names, for the table in words
    extreme, ordinary : two kinds of objects to compare: what they are called, and
        which groups they are
    note : what the names of groups mean
    is_log : bins are equally wide on a logarithmic axis
    """

    name: str
    title: str
    label: str
    measure: "Callable[[pd.DataFrame], Float64Array]"
    edges: Callable[[Float64Array], Float64Array]
    group: "Callable[[pd.DataFrame], IntArray]"
    groups: tuple[str, ...]
    extreme: tuple[str, tuple[int, ...]]
    ordinary: tuple[str, tuple[int, ...]]
    note: str
    is_log: bool = True

    def bins(self, values: Float64Array, edges: Float64Array) -> IntArray:
        """Index of the bin of each value; a limit opens the next bin."""
        return np.searchsorted(edges[1:-1], values, side="right")

    def centers(self, edges: Float64Array) -> Float64Array:
        """Middle of each bin, as the axis has it."""
        middles: Float64Array = (edges[:-1] + edges[1:]) / 2
        return np.sqrt(edges[:-1] * edges[1:]) if self.is_log else middles


def with_image_sizes(table: "pd.DataFrame", dataset: Dataset) -> "pd.DataFrame":
    """Add the size of each object's image: ``image_width``, ``image_height``.

    Parameters
    ----------
    table : of objects, see `objects_table`
    dataset : the annotations it was made from

    Returns
    -------
    The table with two more columns, original pixels; what ``position`` needs.
    """
    ids = dataset.image_ids.tolist()
    if "file" in table:
        files = [dataset.files[place] for place in dataset.image_file.tolist()]
        row_of = {key: row for row, key in enumerate(zip(files, ids, strict=True))}
        keys = zip(table["file"].tolist(), table["image_id"].tolist(), strict=True)
        rows = [row_of[key] for key in keys]
    else:
        by_id = {image_id: row for row, image_id in enumerate(ids)}
        rows = [by_id[image_id] for image_id in table["image_id"].tolist()]
    height, width = dataset.image_sizes[np.array(rows, dtype=np.int64)].T
    return table.assign(image_width=width, image_height=height)


def _side(table: "pd.DataFrame") -> Float64Array:
    """Square root of the area in input pixels; NaN for boxes without extent."""
    width = (table["input_x2"] - table["input_x1"]).to_numpy(np.float64)
    height = (table["input_y2"] - table["input_y1"]).to_numpy(np.float64)
    area = np.maximum(width, 0) * np.maximum(height, 0)
    return np.sqrt(np.where(area > 0, area, np.nan))


def _ratio(table: "pd.DataFrame") -> Float64Array:
    """Height / width; NaN for boxes without extent."""
    ratios: Float64Array = table["ratio"].to_numpy(np.float64)
    return np.where(ratios > 0, ratios, np.nan)


def _distance_from_border(table: "pd.DataFrame") -> Float64Array:
    """Distance of the center from the nearest border; 1 in the middle of the image.

    Each axis counts in halves of the image; 0 also for centers outside the image.
    """
    center_x = (table["x"] + table["width"] / 2) / table["image_width"]
    center_y = (table["y"] + table["height"] / 2) / table["image_height"]
    sides = np.stack([center_x, 1 - center_x, center_y, 1 - center_y])
    distances: Float64Array = np.maximum(2 * sides.min(axis=0), 0)
    return distances


def _half_octaves(values: Float64Array) -> Float64Array:
    """Limits of bins, two per doubling, that hold all values."""
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if len(known) else (16.0, 512.0)
    first, last = np.floor(2 * np.log2(low)), np.floor(2 * np.log2(high)) + 1
    return np.exp2(np.arange(first, last + 1) / 2)


def _around_one(_values: Float64Array) -> Float64Array:
    """Limits of bins, two per doubling, with squares in the middle of one."""
    return np.exp2((np.arange(-7, 9) - 0.5) / 2)


def _tenths(_values: Float64Array) -> Float64Array:
    """Limits of ten bins from 0 to 1."""
    return np.linspace(0, 1, 11)


def _size_group(table: "pd.DataFrame") -> IntArray:
    """Index into the sizes."""
    return np.asarray(table["size"].cat.codes, dtype=np.int64)


def _ratio_group(table: "pd.DataFrame") -> IntArray:
    """Index into the ratios; -1 for boxes without extent."""
    ratios = _ratio(table)
    has_ratio = ~np.isnan(ratios)
    groups = np.full(len(table), -1)
    xywh = table[["x", "y", "width", "height"]].to_numpy(np.float64)
    groups[has_ratio] = ratio_bins(xywh[has_ratio])
    return groups


def _position_group(table: "pd.DataFrame") -> IntArray:
    """Index into the distances from the border."""
    return np.searchsorted(POSITION_LIMITS, _distance_from_border(table), side="right")


AGAINST = {
    each.name: each
    for each in (
        Against(
            name="size",
            title="Positives against object size",
            label="√area of the box, input pixels",
            measure=_side,
            edges=_half_octaves,
            group=_size_group,
            groups=SIZE_BINS,
            extreme=("Large objects", (3,)),
            ordinary=("small ones", (0, 1)),
            note=SIZES_NOTE,
        ),
        Against(
            name="ratio",
            title="Positives against aspect ratio",
            label="height / width of the box, original pixels",
            measure=_ratio,
            edges=_around_one,
            group=_ratio_group,
            groups=RATIO_BINS,
            extreme=("Boxes beyond 4:1 or 1:4", (0, 4)),
            ordinary=("those within 2:1", (2,)),
            note=RATIOS_NOTE,
        ),
        Against(
            name="position",
            title="Positives against position in the image",
            label="center of the box: 0 at the border, 1 in the middle of the image",
            measure=_distance_from_border,
            edges=_tenths,
            group=_position_group,
            groups=POSITION_BINS,
            extreme=("Objects at the border (0 to 0.1)", (0,)),
            ordinary=("those in the inner half", (3,)),
            note=POSITIONS_NOTE,
            is_log=False,
        ),
    )
}
