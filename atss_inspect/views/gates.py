"""The answer of `stats` on gates: what may be trained, and what certainly is not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from atss_inspect.assigners.anchor_rule import level_label
from atss_inspect.errors import SettingsError
from atss_inspect.statistics.gates import GateGroup, GateSummary
from atss_inspect.statistics.tally import share as share_of
from atss_inspect.views import numbers, table
from atss_inspect.views.answer import Answer, Block, Closing, Notes
from atss_inspect.views.headings import SIZES_NOTE, heading
from atss_inspect.views.stats import StatsReport
from atss_inspect.views.table import AnyCell, Record, Records, RowKind, Section, Table
from atss_inspect.views.table import row_of as row

NOTE = (
    "Candidates are the anchor points that an object may get; which of them it gets, "
    "and whether any, the predictions decide."
)
OTHERS_NOTE = (
    "Where points of others count, an object without a candidate of its own may still "
    "get some."
)


@dataclass(frozen=True)
class GateReport(Answer):
    """What the gates among the conventions let through, beside what others assign."""

    stats: StatsReport  # the annotations, and the conventions that have a gate
    found: tuple[GateSummary, ...]  # of each of them
    assigned: StatsReport | None = None  # of the conventions that assign, if any

    def blocks(self) -> Iterator[Block]:
        """Assignments first, if there are any; then the gates in rows of their own."""
        if self.assigned:
            yield from self.assigned.blocks()
        else:
            yield from heading(self.stats)
        sections = (*self._overview(), self._sizes(), *self._levels())
        yield Table(self.stats.names, sections)
        is_loose = not all(one.is_certain for one in self.found)
        yield Notes((NOTE, *[OTHERS_NOTE] * is_loose, SIZES_NOTE))
        yield Closing(tuple(self._sentences()))

    def _overview(self) -> Iterator[Section]:
        """Rows over all objects."""

        def cells(of: Callable[[GateGroup], AnyCell]) -> Iterator[AnyCell]:
            return (of(one.every_object) for one in self.found)

        counts = cells(lambda one: table.count(one.num_objects))
        without = cells(lambda one: table.objects(one.num_without, one.without_share))
        few = cells(
            lambda one: table.objects(
                one.num_cannot_fill, share_of(one.num_cannot_fill, one.num_objects)
            )
        )
        contested = cells(lambda one: table.share(one.contested_share))
        quotas = (f"at most {one.quota}" for one in self.found)
        yield Section(
            "",
            (
                row("objects", counts),
                row("points of an object", quotas),
                row("without a candidate", without),
                row("fewer than the quota", few),
                row("contested candidates", contested),
            ),
        )

    def _sizes(self) -> Section:
        """Objects without a candidate, by size."""
        rows = []
        for size in self.found[0].groups:
            groups = [one.groups[size] for one in self.found]
            cells = (table.objects(g.num_without, g.without_share) for g in groups)
            rows.append(row(size, cells, RowKind.GROUP))
        return Section("without a candidate, by size", tuple(rows))

    def _levels(self) -> Iterator[Section]:
        """Shares of the candidates by level, where all have the same ones."""
        strides = {each.anchors.strides for each in self.stats.settings}
        if len(strides) > 1:
            return
        rows = []
        for level, stride in enumerate(strides.pop()):
            each = ((one.level_candidates, level) for one in self.found)
            cells = (table.share(share_of(int(c[n]), int(c.sum()))) for c, n in each)
            rows.append(row(level_label(stride), cells, RowKind.GROUP))
        yield Section("share of candidates by level", tuple(rows))

    def _sentences(self) -> Iterator[str]:
        """What is certain of each, and what is a warning only."""
        for name, one in zip(self.stats.names, self.found, strict=True):
            every = one.every_object
            what = "certain to stay without" if one.is_certain else "without their own"
            number = numbers.count(every.num_without)
            yield f"{name}: {number} of {numbers.count(every.num_objects)} {what}."

    def records(self) -> list[Record]:
        """Make a record of every convention: what assigns first, then the gates."""
        return [*(self.assigned.records() if self.assigned else ()), *self._gates()]

    def _gates(self) -> Iterator[Record]:
        for name, one in zip(self.stats.names, self.found, strict=True):
            yield {
                "preset": name,
                "kind": "gate",
                "quota": one.quota,
                "is_certain": one.is_certain,
                "num_images": one.num_images,
                **_record(one.every_object),
                "by_size": {size: _record(each) for size, each in one.groups.items()},
                "candidates_by_level": one.level_candidates.tolist(),
                "left_out_objects": one.left_out_objects,
                "left_out_images": one.left_out_images,
            }

    def document(self) -> Record:
        """Make the whole answer one document."""
        document = (self.assigned or self.stats).document(results=self.records())
        if self.assigned:
            document["settings"] += [each.to_dict() for each in self.stats.settings]
        return document

    def csv(self) -> Records:
        """Rows of the gates, by size; `SettingsError` beside other rules."""
        if self.assigned:
            message = "--format csv: expected gates alone, or none"
            raise SettingsError(message, hint="--format json has both")
        rows: list[dict[str, Any]] = []
        for name, one in zip(self.stats.names, self.found, strict=True):
            groups = {"all": one.every_object, **one.groups}
            rows += (
                {"preset": name, "size": size, "quota": one.quota, **_record(group)}
                for size, group in groups.items()
            )
        keys = ("preset", "size", "quota", *GateGroup._fields)
        return Records(table.record_columns(keys), rows)


def _record(group: GateGroup) -> Record:
    """Counts by key."""
    return group._asdict()
