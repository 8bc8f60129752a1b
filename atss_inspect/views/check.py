"""The answer of `check`: what holds and what does not, as a page and a document."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from atss_inspect.annotations.data_rules import BY_SIZE
from atss_inspect.readers.findings import SIZES_CONTRADICTED
from atss_inspect.statistics import limits
from atss_inspect.statistics.baseline import ChangedSetting
from atss_inspect.statistics.gate_keys import of_gate
from atss_inspect.statistics.grades import ENOUGH_OBJECTS
from atss_inspect.statistics.limits import (
    POORLY,
    UNASSIGNED,
    WITHOUT,
    Check,
    LeftOut,
)
from atss_inspect.statistics.rises import Rise
from atss_inspect.statistics.statistic import COUNTED, Kind, plain
from atss_inspect.statistics.summary import COCO_SMALL, EVERYTHING
from atss_inspect.views import answer, numbers, table
from atss_inspect.views.answer import Block, Closing
from atss_inspect.views.doubts import doubts
from atss_inspect.views.draw_words import AVERAGE
from atss_inspect.views.headings import SMALL_LABEL, heading
from atss_inspect.views.names import printable
from atss_inspect.views.stats import StatsReport, command_line
from atss_inspect.views.table import AnyCell, Record, Table

MAX_DIFFERENCES = 10
DROPPED = "dropped as too small at this size"
LARGER = "Larger images keep more of them; atss-inspect export left-out lists them."
_UNREAD = "label_without_picture"
# What is limited, where it has a name for people.
_WORDS = {
    UNASSIGNED: "without a positive",
    POORLY: "poorly assigned",
    WITHOUT: "without a candidate",
    "below_quota_share": "below the quota",
}
# What a baseline holds of assignments, and of gates.
_RISING = {POORLY: "Poorly assigned objects", WITHOUT: "Objects without a candidate"}
_RISING_BOTH = "Objects poorly assigned or, of gates, without a candidate"
PLAIN_NOTE = (
    "Of so few images chance may make any difference; here the plain one decides."
)
ENDS_NOTE = (
    "Points: how far the share rises, and where that lies with 95%, all rows together "
    "(one of many is large by chance alone)."
)
DRAWN_NOTE = (
    "Limits are held against an average pass, those of every_variant, some_variants "
    "and never_in_epochs against all variants."
)
FEW_NOTE = (
    f"Not judged: a size with fewer than {ENOUGH_OBJECTS} objects, or with objects in "
    "few images."
)


@dataclass(frozen=True)
class CheckReport(answer.Answer):
    """Limits, and how they fared."""

    # what each convention does; ``command`` holds the options of data and ``--set`` as
    # typed, without the presets
    stats: StatsReport
    checks: tuple[Check, ...]  # every limit under every convention
    left_out: tuple[LeftOut, ...]  # of each convention
    # settings that are not those of the baseline
    differences: tuple[ChangedSetting, ...]
    typed: tuple[tuple[str, ...], ...]  # per convention the option that chooses it
    draws: tuple[
        str, ...
    ] = ()  # what each draws, in lines; then an average pass counts
    drawn: tuple[str, ...] = ()  # options to type again that say so

    @property
    def broken(self) -> tuple[Check, ...]:
        """The checks that failed, in their order."""
        return tuple(check for check in self.checks if check.is_broken)

    @property
    def lost(self) -> tuple[LeftOut, ...]:
        """The conventions that leave out too many annotations."""
        return tuple(one for one in self.left_out if one.is_broken)

    @property
    def doubts(self) -> list[str]:
        """What looks wrong about the annotations; sentences."""
        return doubts(self.stats)

    @property
    def unread(self) -> list[str]:
        """Which labels were not read; sentences."""
        found = self.stats.dataset.findings
        return [f"{one.message}." for one in found if one.reason == _UNREAD]

    @property
    def is_contradicted(self) -> bool:
        """Whether pictures prove that most sizes are wrong."""
        found = self.stats.dataset.findings
        return any(one.reason == SIZES_CONTRADICTED for one in found)

    @property
    def is_kept(self) -> bool:
        """Whether everything holds."""
        return not (self.broken or self.lost or self.is_contradicted)

    @property
    def worst(self) -> Check:
        """The check that failed by most; what is no share has units of its own."""
        return max(self.broken, key=lambda check: (check.is_share, check.excess))

    @property
    def next_command(self) -> str:
        """Command to type next: the objects to blame, or how to keep the answer."""
        data, more = self.stats.command, ["--full"]
        if self.is_kept:
            presets = [word for words in self.typed for word in words]
            # A baseline that follows every rise that is allowed would drift.
            if not any(check.rise for check in self.checks):
                more = ["--json", "-o", "baseline.json"]
            return command_line("stats", *data, *presets, *self.drawn, *more)
        failed = self.lost or (self.broken and (self.worst,))
        command, preset = "stats", failed[0].preset if failed else self.stats.names[0]
        if self.broken and not self.lost:
            command = command if self.worst.lacks_objects else "worst"
            more = _filters(self.worst.limit.group)
        elif not self.stats.dataset.num_objects or not self.stats.dataset.is_matched:
            # Other commands refuse what matches nothing, or have nothing to show.
            command, more = "check", ["--json"]
        convention = self.typed[self.stats.names.index(preset)]
        return command_line(command, *data, *convention, *self.drawn, *more)

    def blocks(self) -> Iterator[Block]:
        """Arrange a page that reads well in a terminal, too."""
        yield answer.Title(f"atss-inspect check: {_outcome(self)}")
        yield from heading(self.stats)
        if self.draws:
            yield answer.Notes((*self.draws, DRAWN_NOTE), is_one=False)
        ordered = sorted(self.checks, key=lambda check: not check.is_broken)
        if fixed := [check for check in ordered if not check.rise]:
            yield _limits(fixed)
        if risen := [(check, check.rise) for check in ordered if check.rise]:
            yield from _rises(risen)
        if self.differences:
            items = [
                f"{p}: {path} was {old}, is {new}"
                for p, path, old, new in self.differences
            ]
            if more := len(items[MAX_DIFFERENCES:]):
                items[MAX_DIFFERENCES:] = [f"and {more} more"]
            yield answer.Listing(
                "Settings are not those of the baseline:", tuple(items)
            )
        yield Closing((_verdict(self),), (self.next_command,))

    def document(self) -> Record:
        """Make the whole answer one document."""
        stats = self.stats.document()
        keys = ("schema_version", "tool", "inputs", "data", "settings")
        return {
            **{key: stats[key] for key in keys},
            "is_kept": self.is_kept,
            "num_checks": len(self.checks),
            "num_broken": len(self.broken),
            "checks": [self._named(check, _record(check)) for check in self.checks],
            "differences": [one._asdict() for one in self.differences],
            "next": self.next_command,
            "warnings": stats["warnings"],
            "left_out": list(map(_left_out_record, self.left_out)),
            **({"draws": self.draws} if self.draws else {}),
        }

    def _named(self, check: Check, record: Record) -> Record:
        """Name what a record counts as its kind of answer does."""
        names = (one.name for one in self.stats.settings if one.rule.gate)
        return of_gate(record) if check.preset in names else record


def _outcome(report: CheckReport) -> str:
    """Whether everything holds, in few words."""
    number, kept = len(report.broken), numbers.plural(len(report.checks), "limit")
    parts = [f"{number} of {kept} broken" if number else f"{kept} kept"]
    parts = parts if report.checks else []
    if report.lost:
        is_some = any(one.num_objects for one in report.lost)
        parts.append("too many annotations lost" if is_some else "no object left")
    elif not parts:
        is_some = any(one.number for one in report.left_out)
        parts = ["loss within the limit" if is_some else "no annotation lost"]
    if report.doubts:
        parts.append("annotations look wrong")
    if report.unread:
        parts.append("labels not read")
    return ", ".join(parts)


def _verdict(report: CheckReport) -> str:
    """What is broken most, and what is left out for no reason that anybody wanted."""
    sentences = [*report.doubts, *report.unread]
    if report.broken:
        sentences.append(_broken_words(report.worst, is_drawn=bool(report.draws)))
        if more := len(report.broken) - 1:
            sentences.append(f"{numbers.plural(more, 'more limit')} broken.")
    elif report.checks:
        sentences.append("Every limit is kept.")
    # What presets leave out, where they differ; nothing where that is nothing.
    own = {tuple(one.reasons.items()): one for one in reversed(report.left_out)}
    different = [one for one in own.values() if one.number or one.is_broken]
    lost = list(map(_left_out_words, reversed(different)))
    if not sentences and not lost:
        return "Nothing is left out but crowds, ignored objects and other classes."
    return " ".join(dict.fromkeys([*sentences, *lost]))


def _left_out_words(one: LeftOut) -> str:
    if one.is_broken and not one.reasons:
        return f"{printable(one.preset)} has no object left to assign."
    total = numbers.plural(one.num_annotations, "annotation")
    share = numbers.percent(None if one.share is None else float(one.share))
    of_size = dict.fromkeys(BY_SIZE, DROPPED)
    reasons = ", ".join(
        f"{of_size.get(reason, reason.replace('_', ' '))} {numbers.count(number)}"
        for reason, number in one.reasons.items()
    )
    than = f"{float(100 * one.limit):.9g}%"
    than = f"more than {than}" if one.is_broken else f"at most {than} may be"
    found = f"{numbers.count(one.number)} of {total} ({share}; {than})"
    text = f"{printable(one.preset)} leaves out {found}: {reasons}."
    return f"{text} {LARGER}" if of_size.keys() & one.reasons.keys() else text


def _broken_words(check: Check, *, is_drawn: bool) -> str:
    name, group, limit = printable(check.preset), _group_label(check), check.limit
    if check.lacks_objects:
        return f"{name} has no object left to assign."
    whose = "objects" if group == EVERYTHING else f"{group} objects"
    if limit.group.startswith(limits.CLASS_PREFIX):
        name_of_class = limit.group.removeprefix(limits.CLASS_PREFIX)
        whose = f"objects of class {printable(name_of_class)}"
    if check.is_undefined:
        return f"{name} has no {limit.key} of its {whose}."
    words = _WORDS.get(limit.key, check.statistic.label)
    words += f" {AVERAGE}" * (is_drawn and limit.key in _WORDS)
    if check.rise:
        points = _points(check.rise.change)
        return f"{name} leaves {points} points more of the {whose} {words} than before."
    found, allowed = _found_text(check), _allowed(check)
    if limit.key in _WORDS or check.statistic.kind is Kind.OBJECTS:
        found = found.removesuffix(" objects").removesuffix(" object")
        words = words.removeprefix("objects ").replace("fewer", "with fewer", 1)
        return f"{name}: {found} {whose} {words}; {allowed} allowed."
    found = found.removesuffix(" of the objects")
    return f"{name}: {limit.key} of the {whose} is {found}; {allowed} is allowed."


def _filters(group: str) -> list[str]:
    if group.startswith(limits.CLASS_PREFIX):
        return ["--class", group.removeprefix(limits.CLASS_PREFIX)]
    several = {EVERYTHING: (), COCO_SMALL: ("tiny", "small")}
    return [word for size in several.get(group, (group,)) for word in ("--size", size)]


def _group_label(check: Check) -> str:
    group = check.limit.group
    return SMALL_LABEL if group == COCO_SMALL else group


def _table(texts: list[str], amounts: list[str], rows: list[list[AnyCell]]) -> Table:
    """Make a table whose last column is the result."""
    columns = [table.Column(each, is_text=True) for each in texts]
    columns += [*map(table.Column, amounts), table.Column("result", is_text=True)]
    return replace(table.plain_list(columns, rows), is_padded=True)


def _limits(checks: list[Check]) -> Table:
    """Make a row of every fixed limit; what is limited is named where that differs."""
    named = [_WORDS.get(check.limit.key, check.limit.key) for check in checks]
    is_one = len(set(named)) == 1
    texts, found = ["preset", "objects"], named[0]
    if not is_one:
        texts, found = [*texts, "statistic"], "found"
    rows: list[list[AnyCell]] = []
    for check, name in zip(checks, named, strict=True):
        own = [check.preset, _group_label(check), *([] if is_one else [name])]
        rows.append([*own, _found_text(check), _allowed(check), _result(check)])
    return _table(texts, [found, "allowed"], rows)


def _rises(checks: list[tuple[Check, Rise]]) -> Iterator[Block]:
    """Arrange the shares that a baseline has, before and now."""
    [(first, risen), *_] = checks
    allowed = 100 * (first.limit.bound - (risen.shares[0] or 0))
    points = f"{float(allowed):g} {'point' if allowed == 1 else 'points'}"
    limit, rise_in, note = "their share may rise by", "rise in points", PLAIN_NOTE
    if any(rise.interval for _, rise in checks):
        limit = "broken where the lower end of a rise is above"
        rise_in, note = "points (low to high)", ENDS_NOTE
    keys = {check.limit.key for check, _ in checks}
    what = _RISING[keys.pop()] if len(keys) == 1 else _RISING_BOTH
    yield answer.Paragraph(f"{what}; {limit} {points}:")
    rows: list[list[AnyCell]] = []
    for check, rise in checks:
        sides = (one.poorly_assigned_share for one in (rise.before, rise.now))
        change = numbers.points_from_to(rise.change, rise.interval)
        own = check.preset, _group_label(check), *map(numbers.percent, sides)
        rows.append([*own, change, _result(check)])
    yield _table(["preset", "objects"], ["before", "now", rise_in], rows)
    is_told = all(rise.is_told for _, rise in checks)
    yield answer.Notes((note,) if is_told else (note, FEW_NOTE))


def _found_text(check: Check) -> str:
    """Write what was found, of how many objects, or what it counts: 1 object."""
    if check.value is None:
        return numbers.UNDEFINED
    if check.is_share and (check.limit.is_part or check.limit.key in _WORDS):
        total = check.counts.num_objects
        part = table.count(round(check.value * total))._replace(whole=total)
        return f"{part.main} ({_written(check, check.value)})"
    unit = check.statistic.unit
    if check.value == 1 and check.statistic.kind in COUNTED:
        unit = unit.removesuffix("s")
    return f"{_written(check, check.value)} {unit}".rstrip()


def _written(check: Check, value: Fraction) -> str:
    """Write a value of the statistic that is limited."""
    if check.is_share:
        return numbers.percent(float(value))
    is_whole = check.statistic.kind in COUNTED and value.denominator == 1
    number = int(value) if is_whole else float(value)
    return table.cell_of(check.statistic, number, 0).main


def _allowed(check: Check) -> str:
    """Write the limit, with as many digits as it needs."""
    bound, is_share = check.limit.bound, check.is_share
    text = f"{float(100 * bound if is_share else bound):,.9g}{'%' * is_share}"
    return f"at {'least' if check.limit.is_least else 'most'} {text}"


def _points(rise: float | None) -> str:
    return numbers.points(rise).removeprefix("+")


def _result(check: Check) -> AnyCell:
    """Whether a limit held, and by how much it did not."""
    has_objects, rise = bool(check.counts.num_objects), check.rise
    if check.lacks_objects or check.is_undefined:
        return table.Markup("**undefined**" if has_objects else "**no objects**")
    if check.is_broken and rise:
        return table.Markup("**too much**")
    if check.is_broken:
        excess = _written(check, check.excess)
        if check.is_share:
            excess = f"{_points(float(check.excess))} points"
        return table.Markup(
            f"**{excess} {'under' if check.limit.is_least else 'over'}**"
        )
    if rise and not (rise.is_told and rise.change):
        return "as before" if rise.is_told else "not judged"
    return "kept" if has_objects else "kept, no objects"


def _left_out_record(one: LeftOut) -> Record:
    return {
        "preset": one.preset,
        "num_annotations": one.num_annotations,
        "num_left_out": plain(one.number),
        "share": None if one.share is None else float(one.share),
        "limit": float(one.limit),
        "is_broken": one.is_broken,
        "reasons": plain(one.reasons),
    }


def _record(check: Check) -> Record:
    counts, limit = check.counts, check.limit
    bound, rise = float(limit.bound), check.rise
    return {
        "preset": check.preset,
        "group": limit.group,
        "num_objects": plain(counts.num_objects),
        "num_unassigned": plain(counts.num_unassigned),
        "unassigned_share": counts.unassigned_share,
        "share_before": rise and rise.before.poorly_assigned_share,
        "most": None if limit.is_least else bound,
        "excess": float(check.excess),
        "is_broken": check.is_broken,
        "statistic": limit.key,
        "unit": "of the objects" if limit.is_part else check.statistic.unit,
        "value": None if check.value is None else float(check.value),
        "least": bound if limit.is_least else None,
        "rise": rise and rise.change,
        **table.interval_record(rise and rise.interval),
    }
