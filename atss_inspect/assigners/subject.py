"""One object of one image under one rule, and who holds the anchors around it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.pyramid import Grids


class Place(NamedTuple):
    """Where an anchor is: level from 0, cell row and column, place in the cell."""

    level: int
    row: int
    column: int
    anchor: int


@dataclass(frozen=True, eq=False)
class Subject:
    """An object that a convention keeps.

    Attributes
    ----------
    image : the object's image alone, all its objects with it
    frame, grids, assignment : the convention's view of the image, the anchors of its
        rule, and the answer
    gt : row of the object among the frame's boxes
    """

    image: Dataset
    frame: Frame
    grids: Grids
    assignment: Assignment
    gt: int

    @cached_property
    def holders(self) -> dict[int, int]:
        """Every positive anchor of the image, by key, and the box it belongs to."""
        found = self.assignment
        keys = self.keys(found.level, found.index)
        return dict(zip(keys.tolist(), found.gt.tolist(), strict=True))

    def keys(self, level: IntArray, index: IntArray) -> IntArray:
        """Name some anchors by their keys of the image; (N,) int64."""
        return self.grids.anchor_key(np.zeros_like(level), level, index)

    def places(self, keys: IntArray) -> list[Place]:
        """List where some anchors are."""
        _, level, index = self.grids.locate(keys)
        cell, anchor = np.divmod(index, self.grids.pyramid.anchors_per_cell)
        row, column = np.divmod(cell, self.grids.map_sizes[0, level, 1])
        columns = (level.tolist(), row.tolist(), column.tolist(), anchor.tolist())
        return [Place(*each) for each in zip(*columns, strict=True)]

    def rivals(self, gt: IntArray, anchor: IntArray) -> dict[int, list[Any]]:
        """List, by anchor, the ids of the other objects among the claiming boxes."""
        found: dict[int, list[Any]] = {}
        for box, key in zip(gt.tolist(), anchor.tolist(), strict=True):
            if box != self.gt:
                found.setdefault(key, []).append(self.name_of(box))
        return found

    def outcome(self, key: int, *, is_claimed: bool) -> tuple[str, Any]:
        """Look up what became of an anchor.

        Returns
        -------
        outcome : ``positive`` for this object, ``lost`` by it, or ``no``
        holder : annotation id of another object that has the anchor, or None
        """
        holder = self.holders.get(key)
        if holder == self.gt:
            return "positive", None
        name = None if holder is None else self.name_of(holder)
        return "lost" if is_claimed else "no", name

    def fates(
        self, keys: IntArray, claims: BoolArray, rivals: dict[int, list[Any]]
    ) -> Iterator[tuple[Place, tuple[str, Any, tuple[Any, ...]]]]:
        """List, of some anchors, where they are and what became of them.

        Parameters
        ----------
        keys, claims : (N,) int64 and bool, whether the object could have had them
        rivals : as `rivals` lists them

        Yields
        ------
        place, (outcome, holder, rivals) : as `outcome` tells, and ids of other objects
        """
        pairs = zip(keys.tolist(), claims.tolist(), strict=True)
        for place, (key, is_claimed) in zip(self.places(keys), pairs, strict=True):
            outcome = self.outcome(key, is_claimed=is_claimed)
            yield place, (*outcome, tuple(rivals.get(key, ())))

    def name_of(self, gt: int) -> Any:
        """Annotation id of a box of the frame; None where it has none."""
        return self.image.annotation_ids[[self.frame.object_rows[gt]]].tolist()[0]
