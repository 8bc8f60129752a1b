"""The answer of `compare` over sizes and flips: average passes side by side."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.views import stats, table
from atss_inspect.views.answer import Block, Closing, Notes
from atss_inspect.views.average_pass import DrawnReport
from atss_inspect.views.compare import (
    GROUPS,
    RISE_NOTE,
    Judged,
    change_keys,
    changes_of,
    difference_records,
    difference_rows,
    difference_sentences,
    differences_of,
    overview_of,
    told_of,
)
from atss_inspect.views.draw_words import draw_lines
from atss_inspect.views.headings import SIZES_NOTE, heading
from atss_inspect.views.names import printable
from atss_inspect.views.stats import command_line
from atss_inspect.views.table import Record, Section, Table
from atss_inspect.views.verdict import why_no_interval

PASS_NOTE = "Counts and shares are those of an average pass over all that each draws."
OBJECTS_NOTE = "Compared are the objects that each preset keeps, which differ."


@dataclass(frozen=True)
class DrawnComparison(DrawnReport):
    """Conventions side by side, each over all that it draws.

    The ``command`` of its `stats` holds the options of data and ``--set`` as typed.
    """

    typed: tuple[str, ...] = ()  # the conventions as they were typed

    @cached_property
    def pairs(self) -> list[tuple[str, str, Judged]]:
        """Every two conventions by name, and how far they differ."""
        names = itertools.combinations(map(printable, self.stats.names), 2)
        both = zip(names, differences_of(self.stats), strict=True)
        return [(*pair, judged) for pair, judged in both]

    def blocks(self) -> Iterator[Block]:
        """Arrange the answer for people."""
        yield from heading(self.stats)
        yield Notes(tuple(draw_lines(self.variants)), is_one=False)
        yield overview_of(self.stats)
        sections = [
            Section(f"{first} and {second}", tuple(difference_rows(judged)))
            for first, second, judged in self.pairs
            if told_of(judged)
        ]
        if sections:
            yield Table(tuple(GROUPS), tuple(sections))
        counts = {one.num_objects for one in self.stats.summaries}
        notes = {PASS_NOTE: True, OBJECTS_NOTE: len(counts) > 1}
        notes |= {RISE_NOTE: bool(sections), SIZES_NOTE: True}
        yield Notes(tuple(note for note, is_used in notes.items() if is_used))
        presets = stats.presets_again(self.typed)
        asked = (*self.stats.command, *presets, *self.stats.filtering, *self.drawn)
        yield Closing(tuple(self._verdict()), (command_line("stats", *asked),))

    def _verdict(self) -> Iterator[str]:
        if not self.stats.has_objects:
            yield "No object is left to assign, so there is nothing to compare."
            return
        for first, second, judged in self.pairs:
            if sentences := [*difference_sentences(first, second, judged)]:
                yield f"In an average pass: {' '.join(sentences)}"
        if not any(told_of(judged) for _, _, judged in self.pairs):
            few = why_no_interval(self.stats.summaries)
            yield f"{few} chance may make any difference."

    def document(self) -> Record:
        """Make the whole answer one document; its results are of an average pass."""
        variants = self.variant_records()
        return self.stats.document(pairs=self.records(), variants=variants)

    def records(self) -> list[Record]:
        """Make a record of every pair."""
        names = itertools.combinations(self.stats.names, 2)
        return [
            {
                "first": first,
                "second": second,
                "differences": [*difference_records(one)],
            }
            for (first, second), (*_, one) in zip(names, self.pairs, strict=True)
        ]

    def csv(self) -> table.Records:
        """Make a row per pair and group of objects."""
        rows = [
            {"first": one["first"], "second": one["second"], "group": group}
            | changes_of(one, group)
            for one in self.records()
            for group in ("all", *SIZE_BINS)
        ]
        changes = change_keys(rows)
        keys = ("first", "second", "group", *changes)
        return table.Records(table.record_columns(keys, changes), rows)
