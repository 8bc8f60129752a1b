"""One image under one convention: its boxes and positives, placed in input pixels.

What a picture or a viewer shows of an image; every number is the assigner's own.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.fcos import FcosParams
from atss_inspect.assigners.starvation import CAUSES, is_starved
from atss_inspect.dataset import Dataset
from atss_inspect.frame import Frame
from atss_inspect.pyramid import Grids, build_pyramid
from atss_inspect.run import assign
from atss_inspect.settings import Settings


@dataclass(frozen=True, eq=False)
class Scene:
    """One image, its ground-truth boxes and their positives.

    The image may have been left out by the data rules; then there are no boxes.

    Attributes
    ----------
    image : the image alone, all its objects with it
    settings : the convention
    frame, assignment : the convention's view of the image, and its answer
    """

    image: Dataset
    settings: Settings
    frame: Frame
    assignment: Assignment

    @property
    def num_gt(self) -> int:
        """Number of boxes G that the data rules keep."""
        return self.frame.num_gt

    @property
    def input_size(self) -> tuple[int, int] | None:
        """Height and width in input pixels; None if the image is left out."""
        if not self.frame.num_images:
            return None
        height, width = self.frame.input_size[0].tolist()
        return height, width

    @cached_property
    def grids(self) -> Grids:
        """The anchors of the image; for FCOS one point a cell."""
        pyramid = build_pyramid(self.settings.anchors)
        if isinstance(self.settings.assigner, FcosParams):
            pyramid = replace(pyramid, cell_anchors=pyramid.cell_anchors[:, :1])
        return pyramid.grids(self.frame.padded_size)

    @cached_property
    def keys(self) -> IntArray:
        """Keys of the positives, as `Grids.anchor_key` makes them; (P,) int64."""
        found = self.assignment
        return self.grids.anchor_key(
            np.zeros_like(found.level), found.level, found.index
        )

    @cached_property
    def anchors(self) -> Float32Array:
        """Corners of the positives, (P, 4) float32; rows as in the assignment."""
        return np.stack(self.grids.corners(self.keys), axis=1).reshape(-1, 4)

    @cached_property
    def points(self) -> Float32Array:
        """Centers x, y of the positives, (P, 2) float32."""
        return centers_of(self.anchors)

    @cached_property
    def num_positives(self) -> IntArray:
        """Number of positives of each box; (G,) int64."""
        return np.bincount(self.assignment.gt, minlength=self.num_gt)

    @cached_property
    def is_unassigned(self) -> BoolArray:
        """Which boxes have no positive; (G,) bool."""
        return is_starved(self.num_gt, self.assignment.gt)

    @property
    def causes(self) -> list[str | None]:
        """Why each box has no positive, one of ``CAUSES``; None where it has some."""
        found = [CAUSES[cause] for cause in self.assignment.starvation.cause.tolist()]
        return [None if cause == "none" else cause for cause in found]

    @property
    def annotation_ids(self) -> list[Any]:
        """Annotation id of each box; None where the file gives none."""
        ids: list[Any] = self.image.annotation_ids[self.frame.object_rows].tolist()
        return ids

    @property
    def class_names(self) -> list[str]:
        """Class of each box, as the file writes it."""
        names = self.image.category_names
        return [
            names[index]
            for index in self.image.category_index[self.frame.object_rows].tolist()
        ]


def build_scene(image: Dataset, settings: Settings) -> Scene:
    """Assign the anchors of one image.

    Parameters
    ----------
    image : one image with all its objects (`Dataset.slice_images`)
    settings : the convention
    """
    return Scene(image, settings, *assign(image, settings))


def centers_of(corners: Float32Array) -> Float32Array:
    """Centers x, y of (N, 4) xyxy boxes; (N, 2) float32."""
    centers: Float32Array = (corners[:, :2] + corners[:, 2:]) / np.float32(2)
    return centers
