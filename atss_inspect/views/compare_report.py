"""What `compare` has found out, ready to be shown in any form."""

import itertools
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from atss_inspect.statistics.comparison import Change, Flip, Pair, changes
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.views.names import printable
from atss_inspect.views.stats_report import StatsReport

# Columns of the tables of pairs, and the size bins each takes together.
GROUPS: dict[str, tuple[str, ...]] = {
    "all": SIZE_BINS,
    **{name: (name,) for name in SIZE_BINS},
}


class Direction(NamedTuple):
    """Objects that one convention of a pair feeds and the other starves."""

    feeder: str
    other: str
    flips: tuple[Flip, ...]


@dataclass(frozen=True)
class CompareReport:
    """Conventions side by side on the same objects.

    Attributes
    ----------
    stats : what each does to these objects; ``command`` holds the options of data and
        ``--set`` as typed, without the presets
    pairs : every two of them, in the order of ``itertools.combinations``
    typed : the conventions as they were typed, to be typed again
    """

    stats: StatsReport
    pairs: tuple[Pair, ...]
    typed: tuple[str, ...]

    @property
    def named_pairs(self) -> Iterator[tuple[str, str, Pair]]:
        """The pairs with their names, which may come from files."""
        names = itertools.combinations(map(printable, self.stats.names), 2)
        for (first, second), pair in zip(names, self.pairs, strict=True):
            yield first, second, pair

    @property
    def directions(self) -> Iterator[Direction]:
        """Both ways of every pair that have examples to look at."""
        for first, second, pair in self.named_pairs:
            if pair.only_first:
                yield Direction(first, second, pair.only_first)
            if pair.only_second:
                yield Direction(second, first, pair.only_second)

    def explain_command(self, direction: Direction) -> str:
        """Give the command that shows why the two differ on the first example."""
        typed = dict(zip(map(printable, self.stats.names), self.typed, strict=True))
        return command_line(
            "explain",
            *self.stats.command,
            *("--ann-id", str(direction.flips[0].ann_id)),
            *("--preset", typed[direction.feeder], "--preset", typed[direction.other]),
        )

    @property
    def next_command(self) -> str:
        """Give a command to type: where to look further."""
        for direction in self.directions:
            if direction.flips[0].ann_id is not None:
                return self.explain_command(direction)
        presets = [word for name in self.typed for word in ("--preset", name)]
        words = (*self.stats.command, *presets, *self.stats.filtering)
        return command_line("stats", *words, "--by", "size")


@dataclass(frozen=True)
class BaselineReport:
    """The same conventions on two data sets.

    Attributes
    ----------
    before, now : what each convention does to the objects of the two
    typed : the conventions as they were typed
    """

    before: StatsReport
    now: StatsReport
    typed: tuple[str, ...]

    @property
    def changes(self) -> Iterator[tuple[str, dict[str, Change]]]:
        """Per convention its name and what changed for all objects and each size."""
        for name, before, now in zip(
            self.now.names, self.before.summaries, self.now.summaries, strict=True
        ):
            yield name, changes(before, now)

    @property
    def next_command(self) -> str:
        """Give a command to type: where to look further."""
        presets = [word for name in self.typed for word in ("--preset", name)]
        words = (*self.now.command, *presets, *self.now.filtering)
        return command_line("stats", *words, "--by", "class")


def command_line(*words: str) -> str:
    """Write a command of this program to copy."""
    return shlex.join(["atss-inspect", *map(printable, words)])
