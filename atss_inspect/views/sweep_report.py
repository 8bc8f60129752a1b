"""What `sweep` has found out, ready to be shown in any form."""

from dataclasses import dataclass
from functools import cached_property

from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import Summary
from atss_inspect.statistics.sweep import Axis, Point, choose
from atss_inspect.views.stats_report import StatsReport


@dataclass(frozen=True)
class SweepReport:
    """The rows of a sweep, and what they are rows of.

    Attributes
    ----------
    stats : the annotations, and the conventions and summaries of all rows
    base : the convention that is changed
    is_preset : ``base`` bears the name of a preset, which a file may extend
    axes : what is swept
    points : one per row, the last axis changing fastest
    """

    stats: StatsReport
    base: Settings
    is_preset: bool
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]

    @property
    def summaries(self) -> tuple[Summary, ...]:
        """One per row."""
        return self.stats.summaries

    @cached_property
    def choice(self) -> int | None:
        """Place of the row to take; None without objects."""
        return choose(self.base, self.axes, self.points, self.summaries)

    def is_own(self, row: int) -> bool:
        """Whether a row is the convention as it is without the sweep."""
        return self.points[row].settings == self.base
