"""What would give an object a positive: single changes, tried one by one.

Nothing is concluded from the rules: each change is made and the object's image assigned
again. What a rule can change of its own, it says itself (`Rule.changes`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.assigners.rule import Changes, Kinds
from atss_inspect.settings import Settings, override
from atss_inspect.settings.values import format_value
from atss_inspect.statistics.run import assign

# Steps of each kind, the smallest first.
SIZE_FACTORS = (1.25, 1.5, 2.0)
SMALLER_SCALES = (0.75, 0.5, 0.375, 0.25)
LARGER_SCALES = (1.5, 2.0, 3.0, 4.0)


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
    works : the first that gives the object a positive, or None
    """

    kind: str
    steps: tuple[str, ...]
    works: Trial | None


def suggest(image: Dataset, row: int, settings: Settings) -> tuple[KindTried, ...]:
    """Try single changes that could give an object a positive.

    Parameters
    ----------
    image : one image with all its objects
    row : row of the object
    settings : the convention under which it has none

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
    """Cheapest change that works, or None where none does.

    One that leaves no more objects of the image without a positive than the
    ``num_unassigned`` of today comes before one that helps this object at the expense
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
    """Try the steps of one kind, smallest first, until the object has a positive."""
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


def _kinds(settings: Settings) -> Kinds:
    """List the kinds of change that a convention allows, with their steps."""
    yield from settings.rule.changes(settings.assigner)
    if settings.rule.uses_anchors:
        yield "smaller anchors", _scales(settings, SMALLER_SCALES)
        yield "larger anchors", _scales(settings, LARGER_SCALES)
    yield "input size", _larger_inputs(settings)
    if settings.anchors.strides[0] % 2 == 0:
        yield "finer level", _finer_level(settings)


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
    """One level more at the fine end, and what the rule changes with it."""
    strides = settings.anchors.strides
    finer = strides[0] // 2
    others = settings.rule.with_finer_level(settings.assigner)
    yield f"stride {finer}", {"anchors.strides": (finer, *strides), **others}


def _assignment(path: str, value: Any) -> str:
    """Write a change as on the command line; a flat list goes without brackets."""
    name = path.rpartition(".")[2]
    is_flat = isinstance(value, tuple) and not isinstance(value[0], tuple)
    text = ",".join(map(str, value)) if is_flat else format_value(value)
    return f"{name}={text}"
