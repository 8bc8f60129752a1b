"""The answer of `tune`: prices against poorly assigned objects, and what to change.

Nothing was trained: what is told is what the assigner does to the objects.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from atss_inspect.presets import preset_names, read_framework
from atss_inspect.settings import Settings, preset
from atss_inspect.statistics.gate_keys import of_gate
from atss_inspect.statistics.statistic import Kind
from atss_inspect.statistics.summary import SIZE_BINS, Summary
from atss_inspect.statistics.tally import Group
from atss_inspect.statistics.tally import share as share_of
from atss_inspect.statistics.tuning.frame import (
    changes_of,
    evaluation_records,
    group_shares,
    shares_of,
)
from atss_inspect.statistics.tuning.ladder import rungs_of
from atss_inspect.statistics.tuning.outcome import TunedRow, Tuning
from atss_inspect.views import table
from atss_inspect.views.answer import (
    Answer,
    Block,
    Closing,
    Code,
    Data,
    Notes,
    Paragraph,
)
from atss_inspect.views.fragments import Fragment, fragment_of, toml_of
from atss_inspect.views.headings import heading
from atss_inspect.views.names import WIDTH, printable
from atss_inspect.views.numbers import joined, plural
from atss_inspect.views.stats import StatsReport, command_line
from atss_inspect.views.sweep import PASS_NOTE
from atss_inspect.views.table import AnyCell, Cell, Column, Record, Row, Section, Table
from atss_inspect.views.tune_verdict import carried_record, values_text, verdict_lines

TOML = "toml"
TODAY = "today"
CAVEATS = (
    "Nothing was trained: whether average precision rises is not shown.",
    "Chosen on these annotations; images of another source may need other settings.",
)
# See `objective.halves`.
FILMS = "Films that run over a quarter of the file are in both halves, and pass unseen."
OTHER_BARS = (
    "Bars differ: each row counts by its own, and a lower one calls worse anchors good."
)
_SIZE_OF_NETWORK = (
    "cost: multiply-adds of a ResNet-50 FPN with two towers, whatever yours is"
)


class _Shares(NamedTuple):
    """Two shares of all objects: names of their columns, the first, what they mean."""

    names: tuple[str, str]
    first: Callable[[Group], float | None]
    note: str


_BELOW = _Shares(
    ("without", "poorly"),
    lambda group: group.unassigned_share,
    "poorly: without a positive, or with low-quality matches only",
)
_NOT_BELOW = _Shares(
    ("missing", "poorly"),
    lambda group: group.missing_to_need,
    "poorly: without a positive; missing: of the positives needed",
)
_OF_GATE = _Shares(
    ("below quota", "without"),
    lambda group: share_of(group.num_below_quota or 0, group.num_objects),
    "without: without a candidate{own} at this size; below quota: with fewer than {} "
    "candidates",
)


@dataclass(frozen=True)
class TuneReport(Answer):
    """What tuning found, and what of it to write out."""

    stats: StatsReport  # the annotations, today's settings, and what they do
    tuning: Tuning
    is_preset: bool  # today's settings bear the name of a preset
    data: tuple[str, ...] = ()  # options to type again for the data alone
    typed: str = ""  # today's settings as they were typed
    drawn: tuple[str, ...] = ()  # options of what is drawn, to type again
    again: tuple[str, ...] = ()  # options of tuning, to type again for the same rows
    picked: str = ""  # letter of a row that is to be written out
    form: str = ""  # ``toml``, or the framework's own; for `bare`
    stopped: str = ""  # what stopped it, if anything did
    draws: tuple[str, ...] = ()  # what training draws; rows are average passes

    @cached_property
    def named(self) -> dict[str, TunedRow]:
        """Rows that are shown, by letter, the cheapest first."""
        return self.tuning.named()

    @property
    def proposed(self) -> str:
        """Letter of the proposal; empty where there is none."""
        own = self.tuning.proposal
        return next((name for name, row in self.named.items() if row is own), "")

    @property
    def today(self) -> Settings:
        """Settings that are changed."""
        return self.tuning.today

    @cached_property
    def verdict(self) -> tuple[str, ...]:
        """What to do, and how far that is sure, in sentences."""
        return tuple(verdict_lines(self))

    def blocks(self) -> Iterator[Block]:
        """Arrange the answer for people, on one screen; or one row to paste."""
        data, _ = heading(replace(self.stats, summaries=()))
        judged = f"Judged by the assignment of {printable(self.today.name)} itself"
        tried = plural(self.tuning.num_tried, "setting")
        yield Data((*data.lines, f"{judged}; {tried} tried."))
        if self.picked:
            yield from self._picked_blocks()
            return
        yield self.front_table()
        yield Notes(tuple(self.notes()))
        yield Closing((" ".join(self.verdict),), (self.next_command,))

    def notes(self) -> Iterator[str]:
        """What columns mean, and what none of them shows."""
        if self.draws:
            yield f"Training draws {'; '.join(self.draws)}. {PASS_NOTE}"
        if self.tuning.has_other_bars:
            yield OTHER_BARS
        takes_others = bool(getattr(self.today.assigner, "takes_others", False))
        own = " of their own" * takes_others
        below = self._shares.note.format(self.tuning.before.by_size.need, own=own)
        films = f" {FILMS}" * bool(self.named)
        yield f"{below}; {_SIZE_OF_NETWORK}. {CAVEATS[0]}{films}"
        if ends := self._ends():
            what = f"{joined(ends)} at the end of what is tried"
            yield f"{self.proposed} has {what}; the best may lie beyond."

    def _ends(self) -> list[str]:
        """Names of what the proposal has at the first or last value that is tried."""
        if (row := self.tuning.proposal) is None:
            return []
        [base] = [each.base for each in rungs_of(self.today) if each.name == row.rung]
        knobs = self.today.rule.free_knobs(base.assigner, base.anchors)
        return list(knobs.at_ends(row.settings.values()))

    def front_table(self) -> Table:
        """Today's settings, then the rows by price."""
        names = ("cost", "anchors", *self._shares.names, *SIZE_BINS)
        rows = [self._cells(TODAY, self.tuning.before, (1.0, 1.0))]
        for name, one in self.named.items():
            prices = one.price.multiply_adds, one.price.anchors
            rows.append(self._cells(f"{name}  {one.rung}", one.summary, prices))
        lines = tuple(Row(label, (cells,)) for label, cells in rows)
        parts = tuple(map(Column, names))
        return Table(("",), (Section("", lines),), parts, label_room=WIDTH)

    def _cells(
        self, label: str, summary: Summary, prices: tuple[float, float]
    ) -> tuple[str, tuple[AnyCell, ...]]:
        """Label and cells of a row; ``prices`` are multiply-adds and anchors."""
        groups = summary.every_object, *summary.by_size.groups
        shares = [one.poorly_assigned_share for one in groups]
        cells = [self._shares.first(groups[0]), *shares]
        ratios = [Cell(Kind.RATIO, one) for one in prices]
        return label, (*ratios, *map(table.share, cells))

    @property
    def _shares(self) -> "_Shares":
        """What is told of the objects of each row."""
        by_size = self.tuning.before.by_size
        if by_size.is_of_gate:
            return _OF_GATE
        return _BELOW if by_size.has_low_quality else _NOT_BELOW

    def _picked_blocks(self) -> Iterator[Block]:
        """One row: what it changes, and the same to paste."""
        row = self.named[self.picked]
        values = values_text(row.settings, self.today)
        yield Paragraph(f"{self.picked}, {row.rung}: {values}.")
        yield from (Code(*each) for each in self.codes(self.picked))
        yield Notes(CAVEATS, is_one=False)
        written = "--pick", self.picked, "--for", TOML, "-o"
        words = *self._options, *self.again, *written, self.file_name(self.picked)
        yield Closing((), (command_line("tune", *words),))

    def compared_with(self, file: str) -> str:
        """Command to type next, where a file has the row's settings."""
        words = *self.data, *self.stats.filtering, *self.drawn, self.typed, file
        return command_line("compare", *words)

    @property
    def bare(self) -> str:
        """The row that is to be written out, in one form, and nothing else."""
        settings = self.named[self.picked].settings
        if self.form == TOML:
            return toml_of(settings, self.today, self.today.extends)
        _, fragment = self.to_paste(settings)
        return fragment.text if fragment else ""

    def file_name(self, name: str) -> str:
        """Name of a file for the settings of a row."""
        return f"{printable(self.today.name)}-{name.lower()}.toml"

    def codes(self, name: str) -> Iterator[tuple[str, str]]:
        """Title and text of what to paste for a row."""
        toml, fragment = self.to_paste(self.named[name].settings)
        use = "for your file of settings"
        if self.is_preset:
            use = f"as a file for --config, say {self.file_name(name)}"
        yield f"settings {name}, {use}:", toml
        if fragment:
            yield f"{name} for {fragment.framework}:", fragment.text

    def to_paste(self, settings: Settings) -> tuple[str, Fragment | None]:
        """Write settings as a file, and for the preset's framework if it is known."""
        extends = self.today.name if self.is_preset else ""
        toml = toml_of(settings, self.today, extends)
        return toml, fragment_of(settings, self.today)

    @property
    def _options(self) -> tuple[str, ...]:
        """Options to type again for the same data and settings."""
        return (*self.stats.command, *self.stats.filtering, *self.drawn)

    @property
    def next_command(self) -> str:
        """Command to type next: the proposal to paste, or where else to look."""
        options = self._options
        if self.stopped:  # with all rows letters may be others
            return command_line("tune", *options, *self.again)
        if name := self.proposed:
            return command_line("tune", *options, *self.again, "--pick", name)
        return command_line("stats", *options, "--by", "size")

    def document(self) -> Record:
        """Make the whole answer one document, in the shape of that of `stats`."""
        tuning, own = self.tuning, self.tuning.proposal
        found: Record = {
            "outcome": tuning.outcome.value,
            "reason": None if own else " ".join(self.verdict),
            "verdict": " ".join(self.verdict),
            "before": _summary_record(tuning.before),
            "proposal": self._row_record(self.proposed) if own else None,
            "pareto": [self._row_record(name) for name in self.named],
            "rows": [self._judged(one) for one in tuning.comparable],
            "draws": list(self.draws),
            "budget": tuning.budget,
            "evaluations": tuning.num_tried,
            "stopped": self.stopped or None,
            "not_tried": list(tuning.not_tried),
        }
        return self.stats.document() | found

    def _row_record(self, name: str) -> Record:
        """Make a record of a row that is shown."""
        row = self.named[name]
        toml, fragment = self.to_paste(row.settings)
        paste = {"toml": toml, "fragment": fragment and fragment._asdict()}
        return {"label": name, **self._judged(row), **paste}

    def _judged(self, row: TunedRow) -> Record:
        """Make a record of a row, shown or not."""
        effect, own = row.effect.poorly[0], row.at_todays_bar
        at_bar = None if own is row.summary else _summary_record(own)
        is_of_gate = self.tuning.before.by_size.is_of_gate
        change = f"{'without_candidate' if is_of_gate else 'poorly_assigned'}_change"
        return {
            "rung": row.rung,
            "settings": changes_of(row.settings, self.today),
            **_summary_record(row.summary),
            change: effect.change,
            **table.interval_record(effect.interval),
            "price": row.price._asdict(),
            "holds_on_other_half": row.holds,
            "other_half": [carried_record(one, self.today) for one in row.carried],
            "at_todays_bar": at_bar,
        }

    def records(self) -> list[Record]:
        """Make a record of everything that was tried."""
        return list(evaluation_records(self.tuning))

    def csv(self) -> table.Records:
        """Make a row of everything that was tried."""
        rows = self.records()
        names, whole = list(rows[0]), ("rung", "images", "changes", "num_objects")
        floats = [one for one in names if one not in (*whole, "low_quality_matches")]
        return table.Records(table.record_columns(names, floats), rows)


def _summary_record(summary: Summary) -> Record:
    """Shares of objects, of all and by size."""
    named: Callable[[Record], Record]
    named = of_gate if summary.by_size.is_of_gate else dict
    groups = zip(SIZE_BINS, summary.by_size.groups, strict=True)
    by_size = [named({"size": size, **group_shares(one)}) for size, one in groups]
    return named(shares_of(summary)) | {"by_size": by_size}


def framework_names(settings: Settings) -> tuple[str, ...]:
    """Names by which ``--for`` knows the framework of settings; empty without one."""
    if not settings.extends:
        return ()
    name = str(read_framework(settings.extends).get("name", ""))
    return (name, "mmdet") if name == "mmdetection" else (name,)


def presets_for(framework: str, settings: Settings) -> list[str]:
    """Presets of a framework that have the rule of some settings."""
    wanted = "mmdetection" if framework == "mmdet" else framework
    own = (one for one in preset_names() if read_framework(one).get("name") == wanted)
    return [one for one in own if preset(one).rule is settings.rule]
