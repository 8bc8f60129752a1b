"""The answer of `stats`: the first screen, or breakdowns, or a document or rows."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from atss_inspect import __version__
from atss_inspect.annotations.data_rules import BY_SIZE
from atss_inspect.annotations.dataset import Dataset, Finding
from atss_inspect.settings import Settings
from atss_inspect.statistics import metrics
from atss_inspect.statistics.grades import ENOUGH_OBJECTS, Grade, Judgement, judge
from atss_inspect.statistics.rises import image_digests
from atss_inspect.statistics.statistic import Place
from atss_inspect.statistics.summary import Selection, Summary
from atss_inspect.statistics.tally import OBJECTS
from atss_inspect.views import numbers, table, trials
from atss_inspect.views.answer import Answer, Block, Closing, Notes
from atss_inspect.views.first_screen import first_screen
from atss_inspect.views.gates import GATES_NOTE
from atss_inspect.views.headings import RATIOS_NOTE, SIZES_NOTE, heading
from atss_inspect.views.names import WIDTH, printable
from atss_inspect.views.stats_tables import CLASSES_SHOWN, stats_tables
from atss_inspect.views.table import Record
from atss_inspect.views.verdict import losing_sizes, verdict

SCHEMA_VERSION = 1
FEW_NOTE = f"Classes of fewer than {ENOUGH_OBJECTS} objects come after the others."


@dataclass(frozen=True)
class StatsReport(Answer):
    """The annotations, the conventions, and what each does to the objects."""

    dataset: Dataset  # the images looked at
    settings: tuple[Settings, ...]  # one per convention, in the order asked for
    summaries: tuple[Summary, ...]  # of each convention
    selection: Selection = field(default_factory=Selection)  # the objects reported
    # which images were asked for, and how many at most; empty means all
    images: tuple[str, ...] = ()
    limit: int | None = None
    # breakdowns wanted, of ``size``, ``level``, ``class`` and ``ratio``
    by: tuple[str, ...] = ()
    # options to type again for the same data and conventions, and for each alone where
    # there are such
    command: tuple[str, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
    options: tuple[tuple[str, ...], ...] = ()  # that choose each convention alone
    # options to type again for the same images and objects
    filtering: tuple[str, ...] = ()
    following: str = ""  # command to type next, instead of one that looks further
    width: int = WIDTH  # columns of the first screen
    is_full: bool = False  # more than the first screen and the first classes
    sort: str = "worst"  # order of classes: worst, objects, name or none
    # files of settings that nobody named, and what they decide
    deciding_files: tuple[str, ...] = ()
    slips: tuple[Finding, ...] = ()  # settings that are hardly meant
    lists_classes: bool = True  # whether records do, of which there may be many

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the conventions."""
        return tuple(each.name for each in self.settings)

    def part(self, *, of_gates: bool) -> "StatsReport":
        """The same of the conventions that answer with a gate, or of the others."""
        is_gate = [each.rule.gate is not None for each in self.settings]
        places = [place for place, one in enumerate(is_gate) if one == of_gates]
        if len(places) == len(is_gate):
            return self
        names = ("settings", "summaries", "commands", "options")
        every: dict[str, Any] = {name: getattr(self, name) for name in names}
        own: dict[str, Any] = {
            name: tuple(each[place] for place in places) if each else ()
            for name, each in every.items()
        }
        return replace(self, **own)

    @property
    def odd(self) -> tuple[Finding, ...]:
        """All that is warned of, of the settings first."""
        return (*self.slips, *self.dataset.findings)

    @property
    def has_objects(self) -> bool:
        """Whether any convention has an object left to assign."""
        return any(summary.num_objects for summary in self.summaries)

    @property
    def breakdowns(self) -> tuple[str, ...]:
        """The breakdowns to show; without objects there is nothing to break down."""
        return tuple(dict.fromkeys(self.by)) if self.has_objects else ()

    def has_lost(self, part: float) -> bool:
        """Whether a convention lacks so many annotations, for no usual reason.

        What a rule of its framework leaves out at its size of images is told apart.
        """
        most = max(
            sum(number for why, number in one.items() if why not in BY_SIZE)
            for one in self.losses
        )
        return most > 0 and most >= part * self.dataset.num_annotations

    @property
    def losses(self) -> list[dict[str, int]]:
        """What annotations each convention leaves out that nobody intends."""
        pairs = zip(self.settings, self.summaries, strict=True)
        return [each.losses(one.left_out_objects) for each, one in pairs]

    @property
    def classes(self) -> list[int]:
        """Objects of each class under the preset that keeps most of them."""
        counts = (
            -(-one.by_class.counts[:, OBJECTS] // one.num_passes)
            for one in self.summaries
        )
        most: list[int] = np.max([*counts], axis=0).tolist()
        return most

    @cached_property
    def judgements(self) -> list[Judgement]:
        """How bad each convention is, by size."""
        return self._judged(None)

    @cached_property
    def class_judgements(self) -> list[Judgement]:
        """How bad each convention is, by class, of those that any has objects of."""
        counts = [one.by_class.counts[:, OBJECTS] for one in self.summaries]
        names = _distinct_names(self.dataset)
        rows = np.flatnonzero(np.any(counts, axis=0)) if names else ()
        return self._judged({int(row): names[row] for row in rows})

    def _judged(self, classes: dict[int, str] | None) -> list[Judgement]:
        pairs = zip(self.summaries, self.settings, strict=True)
        return [judge(*pair, classes, sizes=self.selection.sizes) for pair in pairs]

    def blocks(self) -> Iterator[Block]:
        """Arrange the answer for people; units that a table uses are explained."""
        following = (self.following,) if self.following else self._next_commands()
        if not self.by and not self.is_full:
            yield from first_screen(self, following)
            return
        yield from heading(self)
        yield from stats_tables(self)
        by_class = "class" in self.breakdowns
        most = [number for number in self.classes if number]
        is_mixed = self.sort == "worst" and min(most, default=0) < ENOUGH_OBJECTS
        notes = {
            SIZES_NOTE: not self.breakdowns or "size" in self.breakdowns,
            metrics.notes_at(Place.COLUMN, self.settings): by_class,
            GATES_NOTE: any(one.candidates for one in self.summaries),
            FEW_NOTE: by_class and is_mixed and max(most) >= ENOUGH_OBJECTS,
            RATIOS_NOTE: "ratio" in self.breakdowns,
        }
        asked = [note for note, is_used in notes.items() if is_used]
        hidden = len(most) - CLASSES_SHOWN
        if by_class and not self.is_full and hidden > 0:
            yield Notes((f"and {numbers.count(hidden)} more: --all",))
        yield Notes(tuple(asked if self.has_objects else ()))
        yield Closing((verdict(self),), following)

    def _next_commands(self) -> tuple[str, ...]:
        """Commands to type next: what helps most, or where to look further."""
        asked, sweeps = (*self.command, *self.filtering), self._sweeps()
        if sweeps and set(self.breakdowns) <= {"ratio"}:
            return tuple(command_line("sweep", *words) for words in sweeps)
        return (command_line(*self._further(asked)),)

    def _further(self, asked: tuple[str, ...]) -> tuple[str, ...]:
        """Where to look further, with the options of what was asked."""
        if self.breakdowns:
            return ("export", "objects", *asked, "-o", "objects.csv")
        number = sum(map(bool, self.classes)) or len(self.dataset.category_names)
        by = "class" if number > 1 else "ratio"
        if self.has_objects:
            worst, _ = self._worst
            is_shape = worst.is_by_shape and worst.grade is not Grade.FINE
            return ("stats", *asked, "--by", "ratio" if is_shape else by)
        if self.filtering:
            return ("stats", *self.command, "--by", by)
        if self.dataset.num_annotations and not self.dataset.num_objects:
            return ("check", *self.command)
        # The data rules decide what is left out.
        named = self.options or (("--preset", self.settings[0].name),)
        return ("config", "show", *named[0])

    @property
    def _worst(self) -> tuple[Judgement, int]:
        """The first of the worst conventions, and its place."""
        ranks = [-1 if one.grade is None else one.grade.rank for one in self.judgements]
        place = ranks.index(max(ranks))
        return self.judgements[place], place

    def _sweeps(self) -> list[tuple[str, ...]]:
        """Commands that try these, without their first word."""
        _, place = self._worst
        command = self.commands[place] if self.commands else ()
        _, values = self.to_try
        return [(*command, *self.filtering, each) for each in values if command]

    @property
    def to_try(self) -> tuple[Settings, list[str]]:
        """The worst convention, and what to sweep: ratios, or larger images, levels."""
        worst, place = self._worst
        settings, values = self.settings[place], []
        if worst.grade not in (None, Grade.FINE) and worst.is_by_shape:
            values = [trials.longer_ratios(settings)]
        elif worst.grade not in (None, Grade.FINE) and (
            losing_sizes([worst]) or worst.of_quota
        ):
            larger = trials.larger_images(settings.resize)
            values = [larger, trials.finer_levels(settings)]
        return settings, [each for each in values if each]

    def document(self, results: Sequence[Record] | None = None, **more: Any) -> Record:
        """Make the whole answer one document; ``more`` stands before the warnings.

        ``results`` stand in place of `records`.
        """
        dataset = self.dataset
        files = zip(dataset.files, dataset.file_sizes, dataset.file_counts, strict=True)
        return {
            "schema_version": SCHEMA_VERSION,
            "tool": {"name": "atss-inspect", "version": __version__},
            "inputs": [
                {"path": path, "num_bytes": num_bytes, **counts._asdict()}
                for path, num_bytes, counts in files
            ],
            "data": {
                "num_images": dataset.num_images,
                "num_annotations": dataset.num_annotations,
                "num_categories": len(dataset.category_names),
                "image_blocks": image_digests(dataset),
            },
            "selection": {
                "images": self.images,
                "limit": self.limit,
                "classes": self.selection.classes,
                "sizes": self.selection.sizes,
            },
            "settings": [settings.to_dict() for settings in self.settings],
            "results": self.records() if results is None else results,
            **more,
            "warnings": [asdict(finding) for finding in self.odd],
        }

    def records(self) -> list[Record]:
        """Make a record of every preset's result; see `stats_records`."""
        from atss_inspect.views.stats_records import records_of

        return records_of(self)

    def csv(self) -> table.Records:
        """Take the records apart into rows of the same columns."""
        from atss_inspect.views.stats_records import rows_of

        return rows_of(self)


def presets_again(names: Sequence[str]) -> list[str]:
    """Options that choose conventions by name, or by the file that was typed."""
    return [word for name in names for word in ("--preset", name)]


def command_line(*words: str) -> str:
    """Command of this program, to copy."""
    return shlex.join(["atss-inspect", *map(printable, words)])


def _distinct_names(dataset: Dataset) -> list[str]:
    """Names of the classes, with the id where several have one name."""
    number = Counter(dataset.category_names)
    pairs = zip(dataset.category_names, dataset.category_ids.tolist(), strict=True)
    return [f"{name} (id {i})" if number[name] > 1 else name for name, i in pairs]
