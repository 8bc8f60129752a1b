"""What a rule answers: the one place where everything else asks it.

A rule is a folder, here or in a package of its own: its parameters, `assign`, the steps
that `explain` shows, its words. It puts them together in one `Rule`. Four answers are
needed; for the others there is a general one that is true of every rule. A rule that
needs a model answers with a gate in place of an assignment.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import IntArray
from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.causes import CAUSES, Cause
from atss_inspect.assigners.gate import Gate
from atss_inspect.assigners.knobs import Knobs, anchor_knobs
from atss_inspect.assigners.pyramid import Grids, Pyramid, build_pyramid
from atss_inspect.errors import SettingsError
from atss_inspect.fields import Conflict as Conflict

Pairs = tuple[IntArray, IntArray]  # boxes and anchors
Changes = dict[str, Any]
# Keys and values of parameters, by framework and parameter.
Configs = Mapping[str, Mapping[str, Mapping[str, Any]]]
# The kinds of change that could help an object, each with its steps.
Kinds = Iterator[tuple[str, Iterator[tuple[str, Changes]]]]


@dataclass(frozen=True)
class Params:
    """Parameters of a rule, to be derived from: every field has a default.

    A field declares its limits by `atss_inspect.fields.setting`, and says where its
    default is from.
    """


P = TypeVar("P", bound=Params)


class Family(NamedTuple):
    """Colors and marker of conventions that belong together."""

    light: tuple[str, str, str]  # three shades on light ground
    dark: tuple[str, str, str]
    marker: str  # as matplotlib takes it


_FAMILIES = {
    "other": Family(
        ("#6b6b6b", "#3d3d3d", "#8c8c8c"), ("#b5b5b5", "#8f8f8f", "#dedede"), "P"
    )
}


@dataclass(frozen=True)
class Words(Generic[P]):
    """What a rule is called, and how it looks."""

    title: str = ""  # what people call it; its name where it is empty
    meaning: str = ""  # what it does, for a reader who does not know assigners
    # ``(params, pyramid)``, what decides most, in a few words; by default all
    # parameters that are not as they come
    describe: Callable[[P, Pyramid], str] | None = None
    # ``(params, pyramid)``, [low, high] of each level in input pixels, of a rule that
    # gives levels a range of sizes
    level_ranges: Callable[[P, Pyramid], list[list[float]]] | None = None
    # ``(params, pyramid)``, how configs have its parameters, by framework: of each its
    # keys, in which places that a preset names stand in braces, and their values
    configs: Callable[[P, Pyramid], Configs] = lambda _params, _pyramid: {}
    # colors and markers by name; conventions of one's own take the first
    families: Mapping[str, Family] = field(default_factory=lambda: _FAMILIES)


class NearCells(NamedTuple):
    """Cells near each object, by object and level, nearest first; N in all."""

    counts: IntArray  # (G, L) int64 cells of each object on each level
    # row, column: (N,) int64
    row: IntArray
    column: IntArray
    # (N,) int64, the smallest k at which an anchor of the cell is a candidate
    first_k: IntArray


@dataclass(frozen=True)
class EachK(Generic[P]):
    """What a rule offers that has a parameter k, and is fast for many k at once."""

    # ``(frame, pyramid, params, ks)``, the answer for each k in turn, the same as that
    # of `Rule.assign`
    assign: Callable[[Frame, Pyramid, P, Sequence[int]], Iterable[Assignment]]
    # ``(frame, grids, params, most)``, the cells of the candidates for all k up to
    # ``most``, for the slider of the viewer
    near_cells: Callable[[Frame, Grids, P, int], NearCells]
    # ``(params, anchors per cell)``, the candidates per level that one more k brings
    anchors_per_k: Callable[[P, int], int]


def needs_model(_frame: Frame, _pyramid: Pyramid, params: Params) -> Assignment:
    """Refuse to assign: `SettingsError`; for rules that answer with a gate."""
    name = type(params).__name__.removesuffix("Params")
    message = f"{name}: which anchors are positive only a model says"
    hint = "what may become positive: `atss-inspect stats`, `export candidates`"
    raise SettingsError(message, hint=hint)


@dataclass(frozen=True, eq=False)
class Rule(Generic[P]):
    """One way to assign anchors, and all that is known of it."""

    name: str  # what settings call it, a Python identifier
    params: type[P]  # the class of its parameters
    # ``(frame, pyramid, params)``, the positives of all images of a frame, whose boxes
    # are float32 input pixels. Boxes of one image may contend for an anchor, those of
    # different images never meet
    assign: Callable[[Frame, Pyramid, P], Assignment]
    about: str  # one line for people
    # ``(frame, pyramid, params)``, of a rule that needs a model: what may become
    # positive. Its `assign` is `needs_model`; None where the rule answers exactly
    gate: Callable[[Frame, Pyramid, P], Gate] | None = None
    # how it is told; the general ones name its parameters
    words: Words[P] = field(default_factory=Words)
    # module whose ``STEPS`` explain it (`steps.Steps`), loaded when they are asked for;
    # the general ones list the anchors that an object could have had
    steps: str = ""
    # False where it looks at one point a cell, whatever anchors there are
    uses_anchors: bool = True
    # ``(pyramid)``, the anchors it gives away, of all that the settings describe, where
    # those are others; the pyramid's rule must stay
    anchors_given: Callable[[Pyramid], Pyramid] = lambda pyramid: pyramid
    # whether several objects may have one anchor: `Assignment.is_shared` and ``times``
    shares_anchors: bool = False
    has_thresholds: bool = False  # its assignments tell the `CandidateStatistics`
    # why a box may have nothing, beside what all rules share; numbers in `Unassigned`
    # go on after those
    causes: tuple[Cause, ...] = ()
    # ``(frame, grids, params)``, boxes and keys of all anchors that a box could have
    # had; by default what each box gets when it is alone on its image
    claims: Callable[[Frame, Grids, P], Pairs] | None = None
    # ``(params)``, the rule without its last resort for boxes that would have nothing;
    # None where it has none
    unforced: Callable[[P], P | None] = lambda _params: None
    # ``(params)``, parameters that give the same positives at least cost
    positives_only: Callable[[P], P] = lambda params: params
    # ``(params)``, the IoU that a positive of any object needs, but for the last
    # resort; None where no such bar is the same for all
    bar: Callable[[P], float | None] = lambda _params: None
    # ``(params)``, what stands in place of the IoU at the bar, with what it depends on;
    # bars of two kinds are not compared. Empty for the IoU
    bar_of: Callable[[P], str] = lambda _params: ""
    each_k: EachK[P] | None = None  # of a rule whose answers for many k come at once
    # ``(params, pyramid)``, 0.2 k L of the ATSS paper, where that speaks of the rule
    expected_positives: Callable[[P, Pyramid], float | None] = lambda *_: None
    # ``(values by path)``, those that do not go together; None where they do
    conflict: Callable[[Mapping[str, Any]], Conflict | None] = lambda _values: None
    # ``(params)``, changes of its own that could help a poorly assigned object, the
    # cheapest kind first; none that makes worse anchors count as positive
    changes: Callable[[P], Kinds] = lambda _params: iter(())
    # ``(params, anchors)``, what `tune` may turn at no cost: nothing that makes worse
    # anchors count as positive; None: sizes and ratios of its anchors
    knobs: Callable[[P, AnchorRule], Knobs] | None = None
    # ``(params)``, what says which anchors are good; turned only where asked for
    threshold_knobs: Callable[[P], Knobs] = lambda _params: Knobs()
    # ``(params)``, from where the last resort of `unforced` is taken, likewise
    floor_knobs: Callable[[P], Knobs] = lambda _params: Knobs()
    # ``(params)``, what changes with one level more at the fine end
    with_finer_level: Callable[[P], Changes] = lambda _params: {}
    # ``(params)``, what would have to change to follow other strides
    with_other_strides: Callable[[P], Changes] = lambda _params: {}

    @property
    def title(self) -> str:
        """What people call it."""
        return self.words.title or self.name

    @property
    def cause_names(self) -> tuple[str, ...]:
        """Names of the causes by number, the shared ones first."""
        return (*CAUSES, *(cause.name for cause in self.causes))

    @property
    def given(self) -> str:
        """What it is known to give objects: a ``positive``, or a ``candidate``."""
        return "positive" if self.gate is None else "candidate"

    def low_quality_bar(self, params: P) -> float | None:
        """IoU below which a positive is a low-quality match; None where it has none."""
        return self.bar(params) if self.unforced(params) is not None else None

    def k_of(self, params: P) -> int | None:
        """Look up its parameter k; None where it has none."""
        return getattr(params, "k", None)

    def at_k(self, params: P, k: int) -> P:
        """Replace k."""
        changed: dict[str, Any] = {"k": k}
        return replace(params, **changed)

    def pyramid(self, anchors: AnchorRule) -> Pyramid:
        """Build the anchors that it looks at: all, or one a cell for its point."""
        pyramid = self.anchors_given(build_pyramid(anchors))
        return pyramid if self.uses_anchors else pyramid.points()

    def free_knobs(self, params: P, anchors: AnchorRule) -> Knobs:
        """List what may be turned at no cost."""
        if self.knobs:
            return self.knobs(params, anchors)
        return anchor_knobs(anchors) if self.uses_anchors else Knobs()

    def describe(self, params: P, pyramid: Pyramid) -> str:
        """Describe what decides most, in a few words."""
        if self.words.describe:
            return self.words.describe(params, pyramid)
        changed = [
            f"{each.name} {getattr(params, each.name)}"
            for each in fields(params)
            if getattr(params, each.name) != each.default
        ]
        return ", ".join([self.title, *changed])

    def list_claims(self, frame: Frame, grids: Grids, params: P) -> Pairs:
        """List every anchor that a box could have had, before contests are resolved.

        ``grids`` are made from `pyramid`. Returns, (N,) int64 each, the box and the key
        of the anchor (`Grids.anchor_key`); they meet once. Empty without boxes.
        """
        if self.claims:
            return self.claims(frame, grids, params)
        image = frame.gt_image
        alone = replace(
            frame,
            image_rows=frame.image_rows[image],
            input_size=frame.input_size[image],
            padded_size=frame.padded_size[image],
            gt_image=np.arange(frame.num_gt),
        )
        found = self.assign(alone, grids.pyramid, params)
        return found.gt, grids.anchor_key(image[found.gt], found.level, found.index)
