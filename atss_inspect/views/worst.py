"""The answer of `worst`: the objects, images or classes that are assigned worst.

For programs one document, a record a row, or CSV.
"""

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from atss_inspect.assigners.causes import KNOWN_CAUSES, LOST_TO_OTHERS
from atss_inspect.statistics import metrics
from atss_inspect.statistics import worst as found
from atss_inspect.statistics.grades import ENOUGH_OBJECTS
from atss_inspect.statistics.statistic import Kind
from atss_inspect.statistics.worst import LOW_QUALITY_ONLY, Reasons, WorstObject
from atss_inspect.views import gates, numbers, table, verdict
from atss_inspect.views.answer import Answer, Block, Closing, Notes, Paragraph
from atss_inspect.views.draw_words import Over, draw_lines
from atss_inspect.views.followed import DRAW_KEYS, draws_record
from atss_inspect.views.headings import full_name, heading
from atss_inspect.views.names import printable, without_shared_start
from atss_inspect.views.stats import StatsReport, command_line
from atss_inspect.views.table import AnyCell, Cell, Column, Record, Table

COUNTS_NOTE = "without: objects without a positive; share: of all objects of the row."
POORLY_NOTE = (
    "without: objects without a positive; low-q.: with only low-quality matches; "
    "poorly: both, the poorly assigned ones; share: of all objects of the row."
)
LOST_COUNT_NOTE = "lost: those that lost every anchor to other objects."
# Words of a column that holds little, and what they mean.
SHORT_REASONS = {LOST_TO_OTHERS: "lost", LOW_QUALITY_ONLY: "low-quality"}
REASON_NOTES = {
    LOST_TO_OTHERS: "lost: every anchor it could have had went to other objects",
    LOW_QUALITY_ONLY: "low-quality: with only low-quality matches",
}
IOU_NOTE = "IoU: of both boxes as in the file, same where they are equal"
FEW_NOTE = f"Classes of fewer than {ENOUGH_OBJECTS} objects come last."
WorstRow = WorstObject | found.WorstImage | found.WorstClass
Filled = tuple[Column, Sequence[AnyCell]]


@dataclass(frozen=True)
class WorstReport(Answer):
    """What one convention assigns worst."""

    # the data, the convention and what was asked for, without summaries; ``command``
    # holds the options of data as typed
    stats: StatsReport
    worst: found.Worst  # what was found
    by: str  # ``object``, ``image`` or ``class``
    convention: tuple[str, ...]  # options to type again for the same convention
    # name of an option -> words to type again for the same objects
    filters: dict[str, tuple[str, ...]]
    over: Over | None = None  # sizes, flips or shifts, where they are asked for

    @property
    def rows(self) -> tuple[WorstRow, ...]:
        """The worst objects, images or classes, worst first."""
        if self.by == "image":
            return self.worst.images
        return self.worst.classes if self.by == "class" else self.worst.objects

    @property
    def typical(self) -> WorstObject | None:
        """An object of the most frequent kind; over variants the worst come first."""
        return self.worst.typical if self.by == "object" and not self.over else None

    @property
    def has_low_quality(self) -> bool:
        """Whether the convention's rule has low-quality matches."""
        return LOW_QUALITY_ONLY in self.worst.names

    def command(self, row: WorstRow) -> str | None:
        """Command that looks closer; None for an object without an id."""
        if isinstance(row, WorstObject):
            if row.ann_id is None:
                return None
            words = ("explain", *self._data(row.file), "--ann-id", str(row.ann_id))
            words += self.over.again if self.over else ()
        elif isinstance(row, found.WorstImage):
            image = ("--image", str(row.image_id), *self._filtering("image", "limit"))
            words = ("worst", *self._data(row.file), *image)
        else:
            group = ("--class", row.class_name, *self._filtering("class"))
            words = ("worst", *self.stats.command, *group)
        return command_line(*words, *self.convention)

    def picture(self, row: WorstRow) -> str | None:
        """Command that draws an object or image; None for a class."""
        if isinstance(row, found.WorstClass):
            return None
        place = ("plot", "image", str(row.image_id), *self._data(row.file))
        ann_id = row.ann_id if isinstance(row, WorstObject) else None
        zoom = () if ann_id is None else ("--zoom", str(ann_id))
        return command_line(*place, *zoom, *self.convention)

    @property
    def next_commands(self) -> tuple[str, str]:
        """Look closer at what is typical, or else at the worst, and draw it.

        Without rows: look at all objects.
        """
        rows = [*filter(None, [self.typical]), *self.rows]
        for row in sorted(rows, key=lambda row: self.command(row) is None):
            return self.command(row) or "", self.picture(row) or ""
        words = ("stats", *self.stats.command, *self._filtering("cause"))
        return command_line(*words, *self.convention), ""

    def _data(self, file: int) -> tuple[str, ...]:
        files, typed = self.stats.dataset.files, self.stats.command
        return data_of(files[file], typed) if len(files) > 1 else typed

    def _filtering(self, *but: str) -> tuple[str, ...]:
        kept = (words for name, words in self.filters.items() if name not in but)
        return tuple(itertools.chain.from_iterable(kept))

    def blocks(self) -> Iterator[Block]:
        """Arrange the answer for people; what the table does not tell is explained."""
        yield from heading(self.stats)
        if self.over:
            yield Notes(tuple(draw_lines([self.over.variants])))
        if self.rows:
            yield Paragraph(title(self))
            yield worst_table(self)
            yield Notes(tuple(_notes(self)), is_one=False)
        yield Closing((worst_verdict(self),), self.next_commands)

    def document(self) -> Record:
        """Make the whole answer one document."""
        document = replace(self.stats, settings=()).document(
            preset=self.stats.names[0],
            **_count_record(self.worst, self.worst.every_object),
            by=self.by,
            rows=self.records(),
        )
        del document["results"]
        document["settings"] = [each.to_dict() for each in self.stats.settings]
        document["selection"] |= {"causes": self.worst.query.causes}
        if self.over and self.worst.lacking:
            document |= self.over.record(self.worst.lacking)
        return document

    def records(self) -> list[Record]:
        """Make a record of every row, with commands that look closer and draw it."""
        files = self.stats.dataset.files
        return [
            _record(self.worst, files, row)
            | draws_record(getattr(row, "draws", None))
            | {"command": self.command(row), "picture": self.picture(row)}
            for row in self.rows
        ]

    def csv(self) -> table.Records:
        """Make a row per object, image or class; ids of any kind stay what they are."""
        known = _GATE_COLUMNS if self.worst.is_of_gate else _COLUMNS
        keys = *known[self.by], *(DRAW_KEYS if self.over else ()), "command", "picture"
        return table.Records(table.record_columns(keys, _FLOATS), self.records())


def data_of(file: str, typed: Sequence[str]) -> tuple[str, ...]:
    """Write the options that name one of several files, of which a split is one."""
    for option, name in itertools.pairwise(typed):
        if option == "--ann" and file.startswith(f"{name} ("):
            return ("--ann", name, "--split", file[len(name) + 2 : -1])
    return ("--ann", file)


def title(report: WorstReport) -> str:
    """Describe what the rows are, and in which order."""
    number, causes = numbers.plural(len(report.rows), report.by), _causes(report)
    # A gate has one cause.
    why = f" ({causes})" if causes and not report.worst.is_of_gate else ""
    what = "poorly assigned" if report.has_low_quality else _without(report)
    if report.over:
        poor = "most often poorly assigned, then " if report.has_low_quality else ""
        few = "candidates" if report.worst.is_of_gate else "positives expected"
        ties = f"ties: {poor}fewest {few}, then largest first"
        return f"{number}{why}, most often {_without(report)} first; {ties}:"
    if report.by != "object":
        most = "most objects" if report.by == "image" else "largest share"
        return f"{number}, {most} {what}{why} first:"
    if causes and LOW_QUALITY_ONLY not in report.worst.query.causes:
        return f"{number} {_without(report)}{why}, largest first:"
    if report.has_low_quality and not causes:
        order = "poorly assigned first; ties: fewest positives, then largest first"
        return f"{number}, {order}:"
    few = f"{number} {what}{why}" if causes else number
    return f"{few}, fewest {_counted(report)} first; ties: largest first:"


def _without(report: WorstReport) -> str:
    return f"without a {_counted(report).removesuffix('s')}"


def _counted(report: WorstReport) -> str:
    return "candidates" if report.worst.is_of_gate else "positives"


def _causes(report: WorstReport) -> str:
    words = list(map(reason_words, report.worst.query.causes))
    return numbers.joined(words, "or") if words else ""


def _notes(report: WorstReport) -> list[str]:
    worst = report.worst
    if report.by == "object" and worst.is_of_gate:
        note = gates.CERTAIN_NOTE if worst.is_certain else gates.LOOSE_NOTE
        drawn = [report.over.note] if report.over else []
        return [*drawn, note.format(quota=worst.query.need)]
    if report.by == "object":
        lost = [row.cause for row in worst.objects if row.lost_to is not None]
        meant = [KNOWN_CAUSES[cause].lost_to for cause in lost if cause]
        told = ", or ".join(dict.fromkeys(meant))
        reasons = {row.reason for row in worst.objects}
        notes = [note for reason, note in REASON_NOTES.items() if reason in reasons]
        notes += [f"lost to: {told}", IOU_NOTE] if told else []
        drawn = [report.over.note] if report.over else []
        return [*drawn, *(["; ".join(notes) + "."] if notes else [])]
    counts = [POORLY_NOTE if report.has_low_quality else COUNTS_NOTE]
    counts = [gates.COUNTS_NOTE] if worst.is_of_gate else counts
    if report.by == "image":
        is_lost = any(LOST_TO_OTHERS in row.by_cause for row in worst.images)
        return counts + [LOST_COUNT_NOTE] * is_lost
    few = any(row.group.num_objects < ENOUGH_OBJECTS for row in worst.classes)
    return counts + [FEW_NOTE] * few


def worst_verdict(report: WorstReport) -> str:
    """How many objects are poorly assigned, mostly why, and what all are missing."""
    worst, name = report.worst, printable(report.stats.names[0])
    every = worst.every_object
    if not every.group.num_objects:
        return f"{name} has no object to look at here; `stats` says what is left out."
    what = _counted(report).removesuffix("s")
    what += "" if worst.is_certain else " of their own"
    text = verdict.outcome_words(name, every.group, what)
    if report.over and worst.lacking:
        text = f"{report.over.words(worst.lacking)} {text}"
    if not every.group.num_poorly_assigned:
        fewest = [row.num_positives for row in worst.objects[:1]]
        text = "; the fewest is ".join([text, *map(numbers.count, fewest)])
    elif worst.is_of_gate:
        text += f": {gates.CERTAIN if worst.is_certain else gates.LOOSE}"
    elif worst.query.causes not in ((), (LOW_QUALITY_ONLY,)):
        number = worst.asked.group.num_poorly_assigned
        text += f"; {numbers.count(number) if number else 'none'} of them: "
        text += _causes(report)
    else:
        text += verdict.mostly_words(every)
    missing = numbers.percent(every.group.missing_to_need)
    what = "the quota" if worst.is_of_gate else "need"
    text += f". Missing to {what} ({worst.query.need}): {missing}."
    typical = report.typical
    if typical and typical not in worst.objects:
        why = "" if worst.is_of_gate else f", {reason_words(typical.reason)}"
        kind = f"{typical.size}{why}"
        text += f" Most frequent: {kind}, such as annotation {typical.ann_id}."
    return text


def reason_words(reason: str | None) -> str:
    """Write why objects are poorly assigned; empty where they are not."""
    if reason == LOW_QUALITY_ONLY:
        return metrics.named("num_low_quality_only").label
    return KNOWN_CAUSES[reason].words if reason else ""


def worst_table(report: WorstReport) -> Table:
    """List the objects, images or classes."""
    files, worst = report.stats.dataset.files, report.worst
    if report.by == "object":
        columns = list(_object_columns(worst, files))
    elif report.by == "image":
        names = [re.split(r"[\\/]", row.file_name)[-1] for row in worst.images]
        columns = [
            *_place_columns(worst.images, files),
            _text("name", names, 8, keeps_end=True),
        ]
        columns += _group_columns(worst.images, of_gate=worst.is_of_gate)
    else:
        names = [row.class_name for row in worst.classes]
        groups = _group_columns(worst.classes, of_gate=worst.is_of_gate)
        columns = [_text("class", names, 8), *groups]
    heads, cells = zip(*columns, strict=True)
    return table.plain_list(heads, list(zip(*cells, strict=True)))


def _object_columns(worst: found.Worst, files: Sequence[str]) -> Iterator[Filled]:
    """Describe objects; an id is sorted by where it is a number."""
    rows = worst.objects
    reasons = [row.reason for row in rows]
    why = [SHORT_REASONS.get(one or "", reason_words(one)) for one in reasons]
    ids = [row.ann_id for row in rows]
    cells = [Cell(Kind.ID, n) if isinstance(n, int) else _id_text(n) for n in ids]
    yield Column("ann. id", least=16, keeps_end=True), cells
    # Where ids are those of the images and a number, the images say nothing more.
    places = list(_place_columns(rows, files))
    is_image = all(str(row.ann_id).startswith(f"{row.image_id}:") for row in rows)
    yield from places[:-1] if is_image else places
    yield _text("class", [row.class_name for row in rows], 6)
    yield _text("size", [row.size for row in rows])
    yield Column("w x h"), [Cell(Kind.SIDES, (row.width, row.height)) for row in rows]
    draws = [row.draws for row in rows if row.draws is not None]
    if draws:
        yield Column("without"), [table.share(each.unassigned_share) for each in draws]
        means = [Cell(Kind.MEAN, each.expected_positives) for each in draws]
        yield Column("exp."), means
    yield from _count_columns(worst)
    if any(why) and not worst.is_of_gate:
        yield _text("why", why, 12)
    if any(row.lost_to is not None for row in rows):
        holders = ["" if row.lost_to is None else str(row.lost_to) for row in rows]
        yield _text("lost to", holders, 16, keeps_end=True)
        yield Column("IoU"), [_iou_text(row.lost_to_iou) for row in rows]


def _count_columns(worst: found.Worst) -> Iterator[Filled]:
    """Count positives, or candidates and how many of them are picked."""
    label = "cand." if worst.is_of_gate else "pos."
    yield Column(label), [table.count(row.num_positives) for row in worst.objects]
    if worst.is_of_gate and worst.is_certain:
        most = (min(row.num_positives, worst.query.need) for row in worst.objects)
        yield Column("at most"), list(map(table.count, most))


def _text(
    label: str,
    values: Sequence[str],
    least: int | None = None,
    *,
    keeps_end: bool = False,
) -> Filled:
    """Make a column of texts, clipped to no fewer columns of the terminal than told."""
    column = Column(label, is_text=True, least=least, keeps_end=keeps_end)
    return column, list(map(printable, values))


def _iou_text(iou: float | None) -> str:
    """Write an IoU rounded down: what is not the same is not 1."""
    if iou is None:
        return ""
    return "same" if iou == 1 else f"{math.floor(iou * 100) / 100:.2f}"


def _id_text(value: object) -> str:
    return numbers.UNDEFINED if value is None else str(value)


def _group_columns(rows: Sequence[Reasons], *, of_gate: bool) -> Iterator[Filled]:
    """Count the objects of groups, and name what most without a positive have."""
    groups = [row.group for row in rows]
    yield Column("objects"), [table.count(one.num_objects) for one in groups]
    yield Column("without"), [table.count(one.num_unassigned) for one in groups]
    lows = [one.num_low_quality_only for one in groups]
    if None not in lows:
        yield Column("low-q."), [Cell(Kind.COUNT, number) for number in lows]
        poorly = [table.count(one.num_poorly_assigned) for one in groups]
        yield Column("poorly"), poorly
    yield Column("share"), [table.share(one.poorly_assigned_share) for one in groups]
    lost = [row.by_cause.get(LOST_TO_OTHERS, 0) for row in rows]
    if any(lost) and isinstance(rows[0], found.WorstImage):
        yield Column("lost"), list(map(table.count, lost))
    words = [reason_words(row.main_cause) for row in rows]
    if any(words) and not of_gate:  # which has one cause
        yield _text("why without", words, 12)


def _place_columns(
    rows: Sequence[WorstObject | found.WorstImage], files: Sequence[str]
) -> Iterator[Filled]:
    """Name the files where there are several, and the images.

    Files go without the parts of paths that they share.
    """
    if len(files) > 1:
        parts = without_shared_start([full_name(name).split("/") for name in files])
        parts = without_shared_start([part[::-1] for part in parts])
        names = ["/".join(part[::-1]) for part in parts]
        yield _text("file", [names[row.file] for row in rows], 8)
    images = [_id_text(row.image_id) for row in rows]
    yield _text("image", images, 8, keeps_end=True)


_IMAGE_KEYS = ("file", "image_id", "file_name")
_OBJECT_KEYS = (
    *(*_IMAGE_KEYS, "ann_id", "annotation_index", "class", "size"),
    *("width", "height", "area", "num_positives", "cause", "lost_to"),
    "is_low_quality_only",
)
_COUNTS = (
    *("num_objects", "num_unassigned", "unassigned_share", "num_lost_to_others"),
    *("main_cause", "num_low_quality_only", "num_poorly_assigned", "missing_to_need"),
)
# Of gates, in place of those that count positives.
_GATE_KEYS = ("num_candidates", "max_positives")
_GATE_COUNTS = (
    *("num_objects", "num_without_candidate", "without_candidate_share"),
    "missing_to_quota",
)
# Columns of CSV files, also of those without rows.
_COLUMNS, _GATE_COLUMNS = (
    {"object": own, "image": (*_IMAGE_KEYS, *counts), "class": ("class", *counts)}
    for own, counts in (
        (_OBJECT_KEYS, _COUNTS),
        ((*_OBJECT_KEYS[:10], *_GATE_KEYS, "cause"), _GATE_COUNTS),
    )
)
_FLOATS = (
    *("width", "height", "area", "unassigned_share", "missing_to_need"),
    *("expected_positives", "without_candidate_share", "missing_to_quota"),
)


def _record(worst: found.Worst, files: Sequence[str], row: WorstRow) -> Record:
    if isinstance(row, found.WorstClass):
        return {"class": row.class_name, **_count_record(worst, row)}
    named: Record = {"file": files[row.file], "class": getattr(row, "class_name", "")}
    keys: Sequence[str] = _IMAGE_KEYS
    if isinstance(row, WorstObject):
        most, number = worst.query.need, row.num_positives
        most = min(number, most) if worst.is_certain else most
        named |= dict(zip(_GATE_KEYS, (number, most), strict=True))
        keys = (_GATE_COLUMNS if worst.is_of_gate else _COLUMNS)["object"]
    record = {key: named[key] if key in named else getattr(row, key) for key in keys}
    if isinstance(row, found.WorstImage):
        record |= _count_record(worst, row)
    return record


def _count_record(worst: found.Worst, row: Reasons) -> Record:
    group = row.group
    if worst.is_of_gate:
        shares = group.unassigned_share, group.missing_to_need
        counts = group.num_objects, group.num_unassigned, *shares
        return dict(zip(_GATE_COUNTS, counts, strict=True))
    return {
        "num_objects": group.num_objects,
        "num_unassigned": group.num_unassigned,
        "unassigned_share": group.unassigned_share,
        "num_lost_to_others": row.by_cause.get(LOST_TO_OTHERS, 0),
        "main_cause": row.main_cause,
        "causes": row.by_cause,
        "num_low_quality_only": group.num_low_quality_only,
        "num_poorly_assigned": group.num_poorly_assigned,
        "missing_to_need": group.missing_to_need,
    }
