"""What `stats` has found out, ready to be shown in any form."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import (
    RATIO_BINS,
    SIZE_BINS,
    Group,
    Selection,
    Summary,
)
from atss_inspect.views.names import printable

# What annotators and users ask for themselves goes without saying.
EXPECTED_LOSSES = {
    "class_not_selected",
    "crowd",
    "duplicate_image_id",
    "ignore_flag",
    "no_annotations",
    "not_selected",
    "only_crowd",
}
# The objects of each convention, by label.
Groups = list[tuple[str, list[Group]]]


@dataclass(frozen=True)
class StatsReport:
    """The annotations, the conventions, and what each does to the objects.

    Attributes
    ----------
    dataset : the images looked at
    settings, summaries : one per convention, in the order asked for
    selection : the objects reported
    images, limit : which images were asked for, and how many at most; empty means all
    by : breakdowns wanted, of ``size``, ``level``, ``class`` and ``ratio``
    command : options to type again for the same data and conventions
    filtering : options to type again for the same images and objects
    """

    dataset: Dataset
    settings: tuple[Settings, ...]
    summaries: tuple[Summary, ...]
    selection: Selection = field(default_factory=Selection)
    images: tuple[str, ...] = ()
    limit: int | None = None
    by: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    filtering: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the conventions."""
        return tuple(each.name for each in self.settings)

    @property
    def has_objects(self) -> bool:
        """Whether any convention has an object left to assign."""
        return any(summary.num_objects for summary in self.summaries)

    @property
    def breakdowns(self) -> tuple[str, ...]:
        """The breakdowns to show; without objects there is nothing to break down."""
        return tuple(dict.fromkeys(self.by)) if self.has_objects else ()

    @property
    def is_mostly_lost(self) -> bool:
        """Whether a convention lacks half of the annotations, for no usual reason."""
        each = [summary.left_out_objects for summary in self.summaries]
        most = max(
            sum(lost[key] for key in lost.keys() - EXPECTED_LOSSES) for lost in each
        )
        return most > 0 and 2 * most >= self.dataset.num_annotations

    def groups(self, by: str) -> Groups:
        """Objects of each ``size``, ``class`` or ``ratio``, a group per convention."""
        if by == "size":
            return [(size, self.of_sizes(size)) for size in SIZE_BINS]
        names = RATIO_BINS if by == "ratio" else self.dataset.category_names
        tallies = [getattr(one, f"by_{by}").groups for one in self.summaries]
        return [(name, list(own)) for name, *own in zip(names, *tallies, strict=True)]

    def of_sizes(self, *names: str) -> list[Group]:
        """Objects of some size bins together, a group per convention."""
        return [summary.of_sizes(*names) for summary in self.summaries]


def are_alike(values: Sequence[object]) -> bool:
    """Whether all presets agree."""
    return all(value == values[0] for value in values)


def presets_again(names: Sequence[str]) -> list[str]:
    """Options that choose conventions by name, or by the file that was typed."""
    return [word for name in names for word in ("--preset", name)]


def command_line(*words: str) -> str:
    """Command of this program, to copy."""
    return shlex.join(["atss-inspect", *map(printable, words)])
