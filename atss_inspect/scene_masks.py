"""Which positive points lie on the object itself: its mask, not only its box."""

from dataclasses import dataclass

import numpy as np

from atss_inspect.arrays import BoolArray, IntArray
from atss_inspect.readers.masks import rasterize
from atss_inspect.scene import Scene


@dataclass(frozen=True, eq=False)
class SceneMasks:
    """The masks of a scene's objects, and the positives on them.

    Attributes
    ----------
    owner : (height, width) int64 of the input image: the box whose mask covers a pixel,
        of several the one of smallest area; -1 where there is none
    is_usable : (G,) bool, the object has a mask that makes sense
    num_missing, num_broken : objects without a segmentation, or with one that cannot be
        used
    num_on_mask : (G,) int64 positives whose point lies on the object's own mask
    num_positives : (G,) int64
    """

    owner: IntArray
    is_usable: BoolArray
    num_missing: int
    num_broken: int
    num_on_mask: IntArray
    num_positives: IntArray

    @property
    def share(self) -> float | None:
        """Share of the positives of objects with a mask; None without any."""
        total = int(self.num_positives[self.is_usable].sum())
        on_mask = int(self.num_on_mask[self.is_usable].sum())
        return on_mask / total if total else None


def place_masks(scene: Scene) -> SceneMasks:
    """Draw the masks of a scene and look where its positives lie.

    Parameters
    ----------
    scene : of a data set that was read with its masks

    Returns
    -------
    SceneMasks; a point lies on the pixel that holds it, and one beyond the input image
    (in the padding) on no mask.
    """
    height, width = scene.canvas_size
    raw = scene.image.segmentations or (None,) * scene.image.num_objects
    rows = scene.frame.object_rows
    owner = np.full((height, width), -1, dtype=np.int64)
    is_usable = np.zeros(scene.num_gt, dtype=bool)
    num_on_mask = np.zeros(scene.num_gt, dtype=np.int64)
    column, row = np.floor(scene.points).astype(np.int64).T
    is_inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    for gt in np.argsort(-scene.image.areas[rows], kind="stable").tolist():
        mask = rasterize(
            raw[rows[gt]],
            original_size=scene.original_size,
            input_size=scene.canvas_size,
            corners=scene.picture_corners,
        )
        if mask is None:
            continue
        is_usable[gt] = True
        owner[mask] = gt
        own = np.flatnonzero((scene.assignment.gt == gt) & is_inside)
        num_on_mask[gt] = np.count_nonzero(mask[row[own], column[own]])
    num_missing = sum(not raw[each] for each in rows.tolist())
    return SceneMasks(
        owner=owner,
        is_usable=is_usable,
        num_missing=num_missing,
        num_broken=int(np.count_nonzero(~is_usable)) - num_missing,
        num_on_mask=num_on_mask,
        num_positives=scene.num_positives,
    )
