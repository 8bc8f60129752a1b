"""Why one object gets what it gets, by the rule's own steps, and what would help it.

Nothing is concluded from the rules to suggest a change: single changes are made one by
one and the object's image assigned again. What a rule can change of its own, it says
itself (`Rule.changes`).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.annotations.data_rules import OBJECT_REASONS
from atss_inspect.annotations.dataset import Dataset, pair_iou
from atss_inspect.annotations.frame import Frame
from atss_inspect.annotations.resize import SIZES_TO_TRY, input_sizes, padded_sizes
from atss_inspect.arrays import Float32Array, IdArray, IntArray
from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.causes import is_unassigned
from atss_inspect.assigners.gate import Gate
from atss_inspect.assigners.rule import Changes, Kinds
from atss_inspect.assigners.steps import Place, Subject, Tried, steps_of
from atss_inspect.errors import SettingsError
from atss_inspect.settings import Settings, override
from atss_inspect.settings.parameters import format_value
from atss_inspect.statistics.counting import reaches_bar
from atss_inspect.statistics.price import price_of
from atss_inspect.statistics.run import answer_frame, frame_of
from atss_inspect.statistics.sweep import STRIDES, label_of

INPUT_SIZE = "input size"
# Steps of each kind, the smallest first.
NUM_WIDER = 2  # steps by which ratios go further, each by a factor of 2 both ways
OTHER_SCALES = {
    "smaller anchors": (0.75, 0.5, 0.375, 0.25),
    "larger anchors": (1.5, 2.0, 3.0, 4.0),
}


class ImageCounts(NamedTuple):
    """Objects of one image under one convention.

    Of a gate those without a positive are those without a candidate.
    """

    num_objects: int
    num_unassigned: int
    num_poorly_assigned: int


NO_OBJECTS = ImageCounts(0, 0, 0)


@dataclass(frozen=True, eq=False)
class Explanation:
    """What one convention does to one object, and how it comes to that."""

    settings: Settings  # the convention
    # why the data rules leave the object out, or None; then there is no more
    left_out: str | None = None
    image_left_out: str | None = None  # why they leave its image out, or None
    box: Float32Array | None = None  # (4,) float32 xyxy in input pixels
    # height, width
    input_size: tuple[int, int] = (0, 0)
    padded_size: tuple[int, int] = (0, 0)
    # of the convention's rule, a NamedTuple of its own (`assigners.steps.Steps`)
    steps: Any = None
    # the object's anchors, by level, row, column and place, and which of these are
    # low-quality matches; None where the rule has none
    positives: tuple[Place, ...] = ()
    is_low_quality: tuple[bool, ...] | None = None
    cause: str | None = None  # why there are none, by name; None where there are some
    # annotation id of the object that has the anchor this one wanted most, whether that
    # has exactly the same box, and the IoU of both as the file has them
    lost_to: Any = None
    is_lost_to_twin: bool = False
    lost_to_iou: float | None = None
    image_counts: ImageCounts = NO_OBJECTS  # of the whole image
    # of a gate, in place of positives: by level the object's candidates, and how many
    # of them can be picked
    num_candidates: tuple[int, ...] | None = None
    max_positives: int | None = None
    quota_of_others: int | None = None  # where the object may get points of others

    @property
    def is_poorly_assigned(self) -> bool:
        """Whether it has no positive, or candidate, or only low-quality matches."""
        if self.num_candidates is not None:
            return self.cause is not None
        return self.cause is not None or all(self.is_low_quality or (False,))

    @property
    def tried(self) -> tuple[Tried, ...]:
        """The anchors that the steps look at; none for an object that is left out."""
        if self.steps is None:
            return ()
        return tuple(steps_of(self.settings.rule).tried(self.steps, self.positives))


def explain_object(image: Dataset, row: int, settings: Settings) -> Explanation:
    """Follow a convention's rule for one object; every number is the assigner's own.

    ``image``: one image with all its objects (`one_image`): they take part in contests.
    ``row``: row of the object.
    """
    frame, answer = _answer(image, settings)
    place = np.flatnonzero(frame.object_rows == row)
    if not len(place):
        [reason] = frame.left_out_reasons[frame.left_out_rows == row]
        of_image = next(iter(frame.left_out_images), None)
        return Explanation(settings, OBJECT_REASONS[reason], of_image)
    gt, gate = int(place[0]), answer if isinstance(answer, Gate) else None
    assignment = answer if isinstance(answer, Assignment) else answer.listed()
    grids = settings.pyramid.grids(frame.padded_size, frame.input_size)
    subject = Subject(image, frame, grids, assignment, gt)
    holder = int(assignment.unassigned.lost_to[gt])
    both = image.xywh[frame.object_rows[[gt, holder]]]
    sizes = np.stack([frame.input_size[0], frame.padded_size[0]]).tolist()
    (height, width), (padded_height, padded_width) = sizes
    well = _well_assigned(answer, settings)
    return Explanation(
        settings=settings,
        box=frame.gt_boxes[gt],
        input_size=(height, width),
        padded_size=(padded_height, padded_width),
        steps=steps_of(settings.rule).follow(subject, settings.assigner),
        **(_bounds(gate, gt) if gate else _positives(subject, settings)),
        cause=assignment.unassigned.name_of(gt),
        lost_to=None if holder < 0 else subject.name_of(holder),
        is_lost_to_twin=holder >= 0 and bool((both[0] == both[1]).all()),
        lost_to_iou=None if holder < 0 else float(pair_iou(both[:1], both[1:])[0]),
        image_counts=_count(frame.num_gt, answer.gt, well),
    )


def _positives(subject: Subject, settings: Settings) -> dict[str, Any]:
    """List an object's positives, and which are low-quality matches."""
    found = subject.assignment
    own = np.flatnonzero(found.gt == subject.gt)
    keys = subject.keys(found.level[own], found.index[own])
    order, reaches = np.argsort(keys), reaches_bar(found, settings)
    is_low = None if reaches is None else (*(~reaches[own[order]]).tolist(),)
    return {"positives": (*subject.places(keys[order]),), "is_low_quality": is_low}


def _bounds(gate: Gate, gt: int) -> dict[str, Any]:
    """Count an object's candidates by level, and the most it can get."""
    counts = tuple(gate.counts[gt].tolist())
    most = int(gate.max_positives[gt])
    others = None if gate.is_certain else gate.quota
    return {
        "num_candidates": counts,
        "max_positives": most,
        "quota_of_others": others,
    }


def _answer(image: Dataset, settings: Settings) -> tuple[Frame, Assignment | Gate]:
    """Ask a convention about one image."""
    frame = frame_of(image, slice(0, 1), settings)
    return frame, answer_frame(frame, settings)


def one_image(dataset: Dataset, row: int) -> tuple[Dataset, int]:
    """Take the image of an object alone, with all its objects; its row among them."""
    image = int(dataset.images_of(np.array(row)))
    first = int(dataset.object_offsets[image])
    return dataset.slice_images(image, image + 1), row - first


def with_box(
    image: Dataset, box: tuple[float, float, float, float], class_name: str = ""
) -> tuple[Dataset, int]:
    """Add a box that is in no file to an image, as its last object; the row of the box.

    ``box``: x, y, width, height in original pixels; it gets no annotation id.
    ``class_name``: one of the data set's, or empty for a class of its own.
    """
    names, ids, is_listed = image.category_names, image.category_ids, image.is_listed
    category = len(names)
    if class_name:
        category = names.index(class_name)
    else:
        names, ids = (*names, ""), _with_none(ids)
        is_listed = None if is_listed is None else np.append(is_listed, True)
    num_objects = image.num_objects + 1
    extent = max(box[2], 0.0) * max(box[3], 0.0)
    shares = image.normalized
    if shares is not None:
        shares = np.append(shares, np.full((1, 4), np.nan, np.float32), axis=0)
    return replace(
        image,
        object_offsets=np.array([0, num_objects]),
        xywh=np.append(image.xywh, [box], axis=0),
        areas=np.append(image.areas, extent),
        category_index=np.append(image.category_index, category),
        annotation_ids=_with_none(image.annotation_ids),
        annotation_index=np.append(image.annotation_index, -1),
        is_crowd=np.append(image.is_crowd, False),
        is_ignored=np.append(image.is_ignored, False),
        category_names=names,
        category_ids=ids,
        is_listed=is_listed,
        num_annotations=num_objects,
        segmentations=None,
        normalized=shares,
    ), num_objects - 1


def _with_none(ids: IdArray) -> IdArray:
    """Add a missing id to others, whatever they are."""
    return np.append(ids.astype(object), np.array([None], dtype=object))


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


@dataclass(frozen=True)
class Trial:
    """One change, tried."""

    kind: str  # e.g. ``input size``
    changes: Mapping[str, Any]  # the new values of settings, by full path
    step: str  # the change in short, e.g. ``1000/1666``
    # what the object gets then, at most under a gate, without low-quality matches
    num_positives: int
    image_counts: ImageCounts  # of its image then
    num_losing: int = 0  # objects of its image that are poorly assigned only then
    multiply_adds: float = 1.0  # for its image, as a multiple of today's

    @property
    def overrides(self) -> tuple[str, ...]:
        """The change as ``--set`` takes it; a flat list goes without brackets."""
        texts = []
        for path, value in self.changes.items():
            is_flat = isinstance(value, tuple) and tuple not in map(type, value)
            text = ",".join(map(str, value)) if is_flat else format_value(value)
            texts.append(f"{path.rpartition('.')[2]}={text}")
        return tuple(texts)

    def axis(self, settings: Settings) -> tuple[str, ...]:
        """The change beside today's value as `sweep` takes it; empty if it cannot.

        What follows the levels has to be derived from them before and after.
        """
        first, *others = self.changes
        derived: Changes = {}
        if others and (first != STRIDES or others[0].startswith("anchors.")):
            return ()
        if others:
            derived = settings.rule.with_other_strides(settings.assigner)
            today = override(settings, derived)
            then = override(today, {first: self.changes[first]})
            pairs = (today, settings), (then, override(settings, self.changes))
            if any(_ranges(one) != _ranges(other) for one, other in pairs):
                return ()
        values = settings.values()[first], self.changes[first]
        texts = (label_of(value).replace(" ", "") for value in values)
        sets = (f"{path}={label_of(value)}" for path, value in derived.items())
        words = (word for text in sets for word in ("--set", text))
        return *words, f"{first.rpartition('.')[2]}={','.join(texts)}"


def _ranges(settings: Settings) -> list[list[float]] | None:
    """The scale ranges of the levels, of a rule that has such."""
    found = settings.rule.words.level_ranges
    return found and found(settings.assigner, settings.pyramid)


@dataclass(frozen=True)
class KindTried:
    """All steps of one kind of change that were tried, up to the first that works."""

    kind: str  # e.g. ``input size``
    steps: tuple[str, ...]  # in short, in the order tried
    works: Trial | None  # the first after which the object is well assigned


def suggest(image: Dataset, row: int, settings: Settings) -> tuple[KindTried, ...]:
    """Try single changes after which a poorly assigned object could be well assigned.

    The image is alone and has all its objects. Every kind of change that leaves the
    meaning of a positive as it is is tried, the cheapest to train with first: what
    leaves the network as it is before what makes it larger.
    """
    tried = []
    today = _assigned(image, settings)
    for kind, steps in _kinds(settings):
        names, works = [], None
        for step, changes in steps:  # smallest first, until the object is well assigned
            try:
                then = _assigned(image, override(settings, changes))
            except SettingsError:  # beyond what a setting may be
                continue
            names.append(step)
            if number := int(np.count_nonzero(then.well == row)):
                losing = np.setdiff1d(today.well, then.well)
                cost = then.multiply_adds / today.multiply_adds
                found = changes, step, number, then.counts, len(losing), cost
                works = Trial(kind, *found)
                break
        tried.append(KindTried(kind, tuple(names), works))
    return tuple(tried)


class _Assigned(NamedTuple):
    """An image under some settings."""

    well: IntArray  # (P,) rows of objects, of all positives but low-quality matches
    counts: ImageCounts
    multiply_adds: float


def _assigned(image: Dataset, settings: Settings) -> _Assigned:
    frame, answer = _answer(image, settings)
    well, pyramid = _well_assigned(answer, settings), settings.pyramid
    [padded] = padded_sizes(
        input_sizes(image.image_sizes, settings.resize), settings.resize
    ).tolist()
    cells = pyramid.grids(np.array([padded])).map_sizes[0].prod(axis=1).tolist()
    per_cell, strides = pyramid.per_cell.tolist(), settings.anchors.strides
    price = price_of(math.prod(padded), strides, cells, per_cell)
    counts = _count(frame.num_gt, answer.gt, well)
    return _Assigned(frame.object_rows[well], counts, price.multiply_adds)


def _well_assigned(answer: Assignment | Gate, settings: Settings) -> IntArray:
    """Boxes of all positives but low-quality matches, or of bounds; (P,) int64."""
    if isinstance(answer, Gate):
        return answer.gt
    reaches = reaches_bar(answer, settings)
    return answer.gt if reaches is None else answer.gt[reaches]


def _count(num_gt: int, gt: IntArray, well: IntArray) -> ImageCounts:
    """Count the objects of an image by the boxes of all positives, and of good ones."""
    lacking = (int(is_unassigned(num_gt, boxes).sum()) for boxes in (gt, well))
    return ImageCounts(num_gt, *lacking)


def recommended(tried: tuple[KindTried, ...], today: ImageCounts) -> Trial | None:
    """Cheapest change that works, or None where none does.

    One at the expense of other objects, after which no fewer objects of the image than
    ``today`` are poorly assigned, is none to recommend.
    """
    most = today.num_poorly_assigned
    working = (kind.works for kind in tried if kind.works)
    fewer = (one for one in working if one.image_counts.num_poorly_assigned < most)
    return next(fewer, None)


def _kinds(settings: Settings) -> Kinds:
    if settings.rule.uses_anchors:
        for kind, factors in OTHER_SCALES.items():
            yield kind, (_scaled(settings.anchors, factor) for factor in factors)
        if settings.anchors.has_plain_ratios:
            yield "ratios (height / width)", _more_ratios(settings.anchors.ratios)
    if settings.rule.uses_anchors and settings.anchors.allowed_border >= 0:
        yield (
            "allowed border",
            iter([("none", {"anchors.allowed_border": -1.0})]),
        )
    yield from settings.rule.changes(settings.assigner)
    yield INPUT_SIZE, _larger_inputs(settings)
    # One level more at the fine end, and what the rule changes with it.
    if changes := settings.anchors.with_finer_level():
        finer = changes["anchors.strides"][0]
        changes |= settings.rule.with_finer_level(settings.assigner)
        yield "finer level", iter([(f"stride {finer}", changes)])


def _scaled(anchors: AnchorRule, factor: float) -> tuple[str, Changes]:
    """Name larger or smaller anchors by their scale, or by the factor."""
    changes = anchors.scaled(factor)
    scale = changes.get("anchors.scale")
    return f"{scale:g} x stride" if scale else f"{factor:g} x today's", changes


def _more_ratios(ratios: tuple[Any, ...]) -> Iterator[tuple[str, Changes]]:
    """Flatter and taller anchors beside those there are."""
    for _ in range(NUM_WIDER):
        ratios = (min(ratios) / 2, *ratios, max(ratios) * 2)
        yield f"{ratios[0]:g} to {ratios[-1]:g}", {"anchors.ratios": ratios}


def _larger_inputs(settings: Settings) -> Iterator[tuple[str, Changes]]:
    """Larger input images, the padding of the batch with them."""
    for factor in SIZES_TO_TRY[1:]:
        if not (sides := settings.resize.scaled(factor)):
            return
        step = "{short_side}/{long_side}"
        if settings.resize.has_fixed_size:
            step = "{size[1]}x{size[0]}"
        yield step.format_map(sides), {f"resize.{name}": sides[name] for name in sides}
