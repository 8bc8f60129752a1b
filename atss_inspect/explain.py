"""Why one object gets what it gets: the rule's own steps, for one image."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from atss_inspect.annotations.data_rules import OBJECT_REASONS
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import Float32Array, IdArray, IntArray
from atss_inspect.assigners.causes import is_starved
from atss_inspect.assigners.steps import Place, Subject, Tried, steps_of
from atss_inspect.settings import Settings
from atss_inspect.statistics.run import assign


@dataclass(frozen=True, eq=False)
class Explanation:
    """What one convention does to one object, and how it comes to that.

    Attributes
    ----------
    settings : the convention
    left_out : why the data rules leave the object out, or None; then there is no more
    image_left_out : why they leave its image out, or None
    box : (4,) float32 xyxy in input pixels
    input_size, padded_size : height, width
    steps : of the convention's rule, a NamedTuple of its own (`assigners.steps.Steps`)
    positives : the object's anchors, by level, row, column and place
    cause : why there are none, by name; None where there are some
    lost_to : annotation id of the object that has the anchor this one wanted most
    num_objects, num_unassigned : of the whole image
    """

    settings: Settings
    left_out: str | None = None
    image_left_out: str | None = None
    box: Float32Array | None = None
    input_size: tuple[int, int] = (0, 0)
    padded_size: tuple[int, int] = (0, 0)
    steps: Any = None
    positives: tuple[Place, ...] = ()
    cause: str | None = None
    lost_to: Any = None
    num_objects: int = 0
    num_unassigned: int = 0

    @property
    def tried(self) -> tuple[Tried, ...]:
        """The anchors that the steps look at; none for an object that is left out."""
        if self.steps is None:
            return ()
        rule = self.settings.rule
        return tuple(steps_of(rule).tried(self.steps, self.positives))


def explain_object(image: Dataset, row: int, settings: Settings) -> Explanation:
    """Follow a convention's rule for one object.

    Parameters
    ----------
    image : one image with all its objects (`one_image`): they take part in contests
    row : row of the object
    settings : the convention

    Returns
    -------
    Explanation; every number in it is the assigner's own.
    """
    frame, assignment = assign(image, settings)
    place = np.flatnonzero(frame.object_rows == row)
    if not len(place):
        return _explain_loss(frame, row, settings)
    rule = settings.rule
    grids = settings.pyramid.grids(frame.padded_size)
    subject = Subject(image, frame, grids, assignment, int(place[0]))
    own = np.flatnonzero(assignment.gt == subject.gt)
    keys = np.sort(subject.keys(assignment.level[own], assignment.index[own]))
    holder = int(assignment.starvation.lost_to[subject.gt])
    height, width = frame.input_size[0].tolist()
    padded_height, padded_width = frame.padded_size[0].tolist()
    return Explanation(
        settings=settings,
        box=frame.gt_boxes[subject.gt],
        input_size=(height, width),
        padded_size=(padded_height, padded_width),
        steps=steps_of(rule).follow(subject, settings.assigner),
        positives=tuple(subject.places(keys)),
        cause=assignment.starvation.name_of(subject.gt),
        lost_to=None if holder < 0 else subject.name_of(holder),
        num_objects=frame.num_gt,
        num_unassigned=int(np.count_nonzero(is_starved(frame.num_gt, assignment.gt))),
    )


def _explain_loss(frame: Frame, row: int, settings: Settings) -> Explanation:
    """Explanation of an object that a data rule leaves out, or whose image it does."""
    found = np.flatnonzero(frame.left_out_rows == row)
    reason = OBJECT_REASONS[frame.left_out_reasons[found[0]]]
    return Explanation(
        settings=settings,
        left_out=reason,
        image_left_out=next(iter(frame.left_out_images), None),
    )


def one_image(dataset: Dataset, row: int) -> tuple[Dataset, int]:
    """Take the image of an object alone.

    Returns
    -------
    image : the image with all its objects
    row : of the object among them
    """
    image = int(np.searchsorted(dataset.object_offsets, row, side="right")) - 1
    first = int(dataset.object_offsets[image])
    return dataset.slice_images(image, image + 1), row - first


def with_box(
    image: Dataset, box: tuple[float, float, float, float], class_name: str = ""
) -> tuple[Dataset, int]:
    """Add a box that is in no file to an image, as its last object.

    Parameters
    ----------
    image : one image
    box : x, y, width, height in original pixels
    class_name : one of the data set's, or empty for a class of its own

    Returns
    -------
    The image with the box, and the row of the box. It has no annotation id.
    """
    names, ids = image.category_names, image.category_ids
    category = len(names)
    if class_name:
        category = names.index(class_name)
    else:
        names, ids = (*names, ""), _appended(ids, None)
    num_objects = image.num_objects + 1
    extent = max(box[2], 0.0) * max(box[3], 0.0)
    return replace(
        image,
        object_offsets=np.array([0, num_objects]),
        xywh=np.append(image.xywh, [box], axis=0),
        areas=np.append(image.areas, extent),
        category_index=np.append(image.category_index, category),
        annotation_ids=_appended(image.annotation_ids, None),
        annotation_index=np.append(image.annotation_index, -1),
        is_crowd=np.append(image.is_crowd, False),
        is_ignored=np.append(image.is_ignored, False),
        category_names=names,
        category_ids=ids,
        num_annotations=num_objects,
        segmentations=None,
    ), num_objects - 1


def _appended(ids: IdArray, value: Any) -> IdArray:
    """Add an id to others, whatever they are."""
    found = np.empty(len(ids) + 1, dtype=object)
    found[:-1] = ids.tolist()
    found[-1] = value
    return found


def rows_of_annotation(dataset: Dataset, wanted: str) -> IntArray:
    """Find the objects with an annotation id as a user types it; (N,) int64."""
    ids = dataset.annotation_ids
    if ids.dtype == np.int64:
        try:
            return np.flatnonzero(ids == int(wanted))
        except (ValueError, OverflowError):
            return np.zeros(0, dtype=np.int64)
    names = [None if each is None else str(each) for each in ids.tolist()]
    return np.array([row for row, name in enumerate(names) if name == wanted], np.int64)
