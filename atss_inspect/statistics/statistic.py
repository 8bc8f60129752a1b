"""What a statistic is: its name, its kind, how it is computed, and where it shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from fractions import Fraction

from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import Summary
from atss_inspect.statistics.tally import Group

Number = int | float | Fraction
Value = Number | tuple[Number, ...] | Mapping[str, int] | str | None


class Kind(Enum):
    """What a value is, which decides how it is written.

    COUNT is a whole number; OBJECTS a number of objects, written with the share they
    are of all; SHARE a fraction from 0 to 1; MEAN a mean of counts, PER_IMAGE one that
    may be very large; RATIO an index or ratio; CORRELATION one from -1 to 1; RANK a
    number that is mostly whole; SPAN a pair of these, from and to; SIDES a pair, width
    and height; ID a whole number that counts nothing; COUNTS whole numbers by name;
    SHARES an interval of shares; PARTS two shares of one whole; GRADE a word.
    """

    COUNT, OBJECTS, SHARE, MEAN, PER_IMAGE, RATIO, CORRELATION, RANK = range(8)
    SPAN, SIDES, ID, COUNTS, SHARES, PARTS, GRADE = range(8, 15)


COUNTED = (Kind.COUNT, Kind.OBJECTS)
# What is one number that is not negative, which `check` can limit.
LIMITED = (*COUNTED, Kind.SHARE, Kind.MEAN, Kind.PER_IMAGE, Kind.RATIO, Kind.RANK)


class Place(Enum):
    """Where a statistic shows to people; JSON, CSV and `check` do not ask for it.

    OVERVIEW is the first table of `stats`, and of `compare`; BREAKDOWN the sections of
    the tables by size and shape, COLUMN the columns of that by class, both of
    statistics that groups of objects have; SWEEP a column of `sweep`; BASELINE a row of
    `compare --baseline`, BY_SIZE a section there, of statistics that groups have; CARD
    a line of the report's cards.
    """

    OVERVIEW, BREAKDOWN, COLUMN, SWEEP, BASELINE, BY_SIZE, CARD = range(7)


class Better(StrEnum):
    """Which of two values of a statistic is the better one."""

    LOWER, HIGHER, NEITHER = "lower", "higher", "neither"


SPREAD = "positives per object"
# Where a statistic names no other.
_UNITS = {
    Kind.COUNT: "anchors",
    **dict.fromkeys((Kind.OBJECTS, Kind.COUNTS), "objects"),
    Kind.SHARE: "of the objects",
    **dict.fromkeys((Kind.MEAN, Kind.RANK, Kind.SPAN), SPREAD),
    Kind.PER_IMAGE: "anchors per image",
}


@dataclass(frozen=True, eq=False)
class Statistic:
    """A number that describes what one convention does to the objects."""

    key: str  # its name for programs
    label: str  # its name for people, where `shown` has no other
    kind: Kind  # how it is written
    better: Better = Better.NEITHER  # `check` hints at limits on that side
    unit: str = ""  # beside values in `check`; without it that of the kind
    meaning: str = ""  # in few words, below tables and on headings of the report
    # Computes it, None where it is undefined; without it and `of_group` the summary has
    # it under its key.
    of: Callable[[Summary, Settings], Value] | None = None
    # Computes it of some objects; without `of` it is that of all.
    of_group: Callable[[Group], Number | None] | None = None
    section: str = SPREAD  # of the overview
    # The places where it shows, and its label there; empty means `label`.
    shown: Mapping[Place, str] = field(default_factory=dict)
    is_recorded: bool = True  # whether JSON and CSV have it
    is_optional: bool = False  # left out of tables where no convention has it
    swept_with: str = ""  # path of the setting with which alone a sweep shows it
    # whether it is of gates, whose positives are bounds, or of assignments; None: both
    of_gates: bool | None = False
    is_of_shared: bool = False  # only of rules under which objects share anchors

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", self.unit or _UNITS.get(self.kind, ""))

    def value(self, summary: Summary, settings: Settings) -> Value:
        """Value of all objects under one convention; None where it is undefined."""
        if not self.speaks_of(settings):
            return None
        if self.of is not None:
            return self.of(summary, settings)
        if self.of_group is not None:
            return self.of_group(summary.every_object)
        value: Value = getattr(summary, self.key)
        return value

    def value_of(self, group: Group) -> Number | None:
        """Value of a group of objects; None where it is undefined."""
        if self.of_group is None or self.of_gates not in (None, group.is_of_gate):
            return None
        return self.of_group(group)

    def speaks_of(self, settings: Settings) -> bool:
        """Whether it is of the kind of answer that a convention gives."""
        rule = settings.rule
        is_of_kind = self.of_gates in (None, rule.gate is not None)
        return is_of_kind and (rule.shares_anchors or not self.is_of_shared)

    def label_at(self, place: Place) -> str:
        """Label in one place."""
        return self.shown[place] or self.label


def plain(value: Value) -> Value:
    """Value as records hold it: exact ratios become floats."""
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}  # type: ignore[misc]
    return float(value) if isinstance(value, Fraction) else value
