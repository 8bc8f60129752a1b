"""What would feed a starved object: single changes, tried one by one on its image.

Nothing is concluded from the rules: each change is made and the image assigned again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.assigners.atss.assign import AtssParams
from atss_inspect.assigners.fcos.assign import FcosParams
from atss_inspect.assigners.iou_threshold.assign import IouThresholdParams
from atss_inspect.settings import Settings, override
from atss_inspect.settings.values import format_value
from atss_inspect.statistics.run import assign

Changes = dict[str, Any]

# Steps of each kind, the smallest first.
SIZE_FACTORS = (1.25, 1.5, 2.0)
SMALLER_SCALES = (0.75, 0.5, 0.375, 0.25)
LARGER_SCALES = (1.5, 2.0, 3.0, 4.0)
MORE_CANDIDATES = (11, 13, 15, 19, 25, 31)
# Lower ones would call positive what hardly overlaps.
LOWER_BARS = (0.6, 0.55, 0.5, 0.45, 0.4, 0.35, 0.3)
LOWER_FLOORS = (0.2, 0.1, 0.0)
WIDER_RADII = (2.0, 2.5, 3.0, 4.0)


@dataclass(frozen=True)
class Trial:
    """One change, tried.

    Attributes
    ----------
    kind : e.g. ``input size``
    changes : the new values of settings, by full path
    step : the change in short, e.g. ``1000/1666``
    num_positives : what the object gets then
    num_unassigned, num_objects : of its image then
    """

    kind: str
    changes: Mapping[str, Any]
    step: str
    num_positives: int
    num_unassigned: int
    num_objects: int

    @property
    def overrides(self) -> tuple[str, ...]:
        """The change as ``--set`` takes it."""
        return tuple(_assignment(path, value) for path, value in self.changes.items())


@dataclass(frozen=True)
class KindTried:
    """All steps of one kind of change that were tried, up to the first that works.

    Attributes
    ----------
    kind : e.g. ``input size``
    steps : in short, in the order tried
    works : the first that feeds the object, or None
    """

    kind: str
    steps: tuple[str, ...]
    works: Trial | None


def suggest(image: Dataset, row: int, settings: Settings) -> tuple[KindTried, ...]:
    """Try single changes that could feed an object.

    Parameters
    ----------
    image : one image with all its objects
    row : row of the object
    settings : the convention that starves it

    Returns
    -------
    Every kind of change its rule allows, the cheapest to train with first: what
    leaves the network as it is before what makes it larger.
    """
    return tuple(
        _try_kind(kind, list(steps), image, row, settings)
        for kind, steps in _kinds(settings)
    )


def recommended(tried: tuple[KindTried, ...], num_unassigned: int) -> Trial | None:
    """Give the cheapest change that works, or None where none does.

    One that leaves no more objects of the image without a positive than the
    ``num_unassigned`` of today comes before one that feeds this object at the expense
    of others.
    """
    working = [kind.works for kind in tried if kind.works]
    harmless = [each for each in working if each.num_unassigned <= num_unassigned]
    return next(iter(harmless or working), None)


def _try_kind(
    kind: str,
    steps: list[tuple[str, Changes]],
    image: Dataset,
    row: int,
    settings: Settings,
) -> KindTried:
    """Try the steps of one kind, the smallest first, until one feeds the object."""
    names = []
    for step, changes in steps:
        names.append(step)
        changed = override(settings, changes)
        frame, assignment = assign(image, changed)
        gt = np.flatnonzero(frame.object_rows == row)
        positives = np.bincount(assignment.gt, minlength=frame.num_gt)
        number = int(positives[gt].sum())
        if number:
            unassigned = int(np.count_nonzero(positives == 0))
            trial = Trial(kind, changes, step, number, unassigned, frame.num_gt)
            return KindTried(kind, tuple(names), trial)
    return KindTried(kind, tuple(names), None)


def _kinds(settings: Settings) -> Iterator[tuple[str, Iterator[tuple[str, Changes]]]]:
    """List the kinds of change that a convention allows, with their steps."""
    rule = settings.assigner
    if isinstance(rule, AtssParams):
        yield "k", _more_candidates(rule)
    if isinstance(rule, IouThresholdParams):
        yield from _of_iou_threshold(rule)
    if isinstance(rule, FcosParams):
        if rule.center_sampling_radius:
            yield "center sampling radius", _wider_radii(rule)
    else:
        yield "smaller anchors", _scales(settings, SMALLER_SCALES)
        yield "larger anchors", _scales(settings, LARGER_SCALES)
    yield "input size", _larger_inputs(settings)
    if settings.anchors.strides[0] % 2 == 0:
        yield "finer level", _finer_level(settings)


def _more_candidates(rule: AtssParams) -> Iterator[tuple[str, Changes]]:
    """More candidates per level."""
    for k in MORE_CANDIDATES:
        if k > rule.k:
            yield str(k), {"assigner.k": k}


def _of_iou_threshold(
    rule: IouThresholdParams,
) -> Iterator[tuple[str, Iterator[tuple[str, Changes]]]]:
    """List what a lower bar could do, of one sort or another."""
    if not rule.allow_low_quality:
        changes: Changes = {"assigner.allow_low_quality": True}
        yield "low-quality matches", iter([("true", changes)])
    elif rule.low_quality_floor > 0:
        floors = (floor for floor in LOWER_FLOORS if floor < rule.low_quality_floor)
        yield (
            "low-quality floor",
            ((f"{each:g}", {"assigner.low_quality_floor": each}) for each in floors),
        )
    yield "IoU bar", _lower_bars(rule)


def _lower_bars(rule: IouThresholdParams) -> Iterator[tuple[str, Changes]]:
    """Lower ``positive_from``; ``negative_below`` gives way where it must."""
    for bar in LOWER_BARS:
        if bar < rule.positive_from:
            changes: Changes = {"assigner.positive_from": bar}
            if bar < rule.negative_below:
                changes["assigner.negative_below"] = bar
            yield f"{bar:g}", changes


def _wider_radii(rule: FcosParams) -> Iterator[tuple[str, Changes]]:
    """Widen the center region, at last to the whole box."""
    for radius in WIDER_RADII:
        if radius > rule.center_sampling_radius:
            yield f"{radius:g}", {"assigner.center_sampling_radius": radius}
    yield "0 (whole box)", {"assigner.center_sampling_radius": 0.0}


def _scales(
    settings: Settings, factors: tuple[float, ...]
) -> Iterator[tuple[str, Changes]]:
    """Other anchor sizes."""
    for factor in factors:
        scale = settings.anchors.scale * factor
        yield f"{scale:g} x stride", {"anchors.scale": scale}


def _larger_inputs(settings: Settings) -> Iterator[tuple[str, Changes]]:
    """Larger input images, the padding of the batch with them."""
    resize = settings.resize
    for factor in SIZE_FACTORS:
        if resize.rule in ("stretch", "letterbox"):
            size = tuple(round(side * factor) for side in resize.size)
            changes: Changes = {"resize.size": size}
            step = f"{size[1]}x{size[0]}"
        else:
            short, long = (
                round(side * factor) for side in (resize.short_side, resize.long_side)
            )
            changes = {"resize.short_side": short, "resize.long_side": long}
            step = f"{short}/{long}"
        if resize.pad_to:
            changes["resize.pad_to"] = tuple(
                int(np.ceil(side * factor)) for side in resize.pad_to
            )
        yield step, changes


def _finer_level(settings: Settings) -> Iterator[tuple[str, Changes]]:
    """One level more at the fine end; written ranges are halved with the stride."""
    strides = settings.anchors.strides
    finer = strides[0] // 2
    changes: Changes = {"anchors.strides": (finer, *strides)}
    rule = settings.assigner
    if isinstance(rule, FcosParams) and rule.scale_ranges:
        (low, high), *others = rule.scale_ranges
        ranges = ((low, high / 2), (high / 2, high), *others)
        changes["assigner.scale_ranges"] = ranges
    yield f"stride {finer}", changes


def _assignment(path: str, value: Any) -> str:
    """Write a change as on the command line; a flat list goes without brackets."""
    name = path.rpartition(".")[2]
    is_flat = isinstance(value, tuple) and not isinstance(value[0], tuple)
    text = ",".join(map(str, value)) if is_flat else format_value(value)
    return f"{name}={text}"
