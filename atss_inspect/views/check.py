"""The answer of `check`: what holds and what does not, as a page and a document."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from atss_inspect.statistics import limits
from atss_inspect.statistics.baseline import Difference
from atss_inspect.statistics.limits import POORLY, UNASSIGNED, Check, LeftOut
from atss_inspect.statistics.metrics import COUNTED, Kind
from atss_inspect.statistics.summary import COCO_SMALL, EVERYTHING
from atss_inspect.views import numbers
from atss_inspect.views.answer import Answer, Block, Closing, Listing, Notes, Title
from atss_inspect.views.headings import SMALL_LABEL, heading
from atss_inspect.views.names import printable
from atss_inspect.views.stats import StatsReport, command_line
from atss_inspect.views.table import AnyCell, Column, Markup, Record, Table, plain_list

MAX_DIFFERENCES = 10
# What is limited, where the user has not named it by its key.
_WORDS = {UNASSIGNED: "without a positive", POORLY: "poorly assigned"}
PLAIN_NOTE = (
    "Where no interval of a rise is given, the baseline has no counts by block of "
    "images, or there are too few images: there the plain difference decides."
)
OLD_NOTE = (
    "The baseline is from before low-quality matches were counted: shares without a "
    "positive are compared."
)


@dataclass(frozen=True)
class CheckReport(Answer):
    """Limits, and how they fared."""

    # what each convention does; ``command`` holds the options of data and ``--set`` as
    # typed, without the presets
    stats: StatsReport
    checks: tuple[Check, ...]  # every limit under every convention
    left_out: tuple[LeftOut, ...]  # of each convention
    differences: tuple[Difference, ...]  # settings that are not those of the baseline
    typed: tuple[tuple[str, ...], ...]  # per convention the option that chooses it

    @property
    def broken(self) -> tuple[Check, ...]:
        """The checks that failed, in their order."""
        return tuple(check for check in self.checks if check.is_broken)

    @property
    def lost(self) -> tuple[LeftOut, ...]:
        """The conventions that leave out too many annotations."""
        return tuple(one for one in self.left_out if one.is_broken)

    @property
    def is_kept(self) -> bool:
        """Whether everything holds."""
        return not self.broken and not self.lost

    @property
    def worst(self) -> Check:
        """The check that failed by most; what is no share has units of its own."""
        return max(self.broken, key=lambda check: (check.is_share, check.excess))

    @property
    def next_command(self) -> str:
        """Command to type next: the objects to blame, or how to keep the answer."""
        data = self.stats.command
        if self.is_kept:
            presets = [word for words in self.typed for word in words]
            return command_line(
                "stats", *data, *presets, "--json", "-o", "baseline.json"
            )
        command, group = "stats", EVERYTHING
        preset = self.lost[0].preset if self.lost else self.worst.preset
        more = ["--full"] if self.lost else []
        if not self.lost:
            command = "stats" if self.worst.lacks_objects else "worst"
            group = self.worst.limit.group
        convention = self.typed[self.stats.names.index(preset)]
        return command_line(command, *data, *convention, *_filters(group), *more)

    def blocks(self) -> Iterator[Block]:
        """Arrange a page that reads well in a terminal, too."""
        yield Title(f"atss-inspect check: {_outcome(self)}")
        yield from heading(self.stats)
        if self.checks:
            yield _table(sorted(self.checks, key=lambda check: not check.is_broken))
        if notes := tuple(_notes(self.checks)):
            yield Notes(notes)
        if self.differences:
            items = [
                f"{preset}: {path} was {before}, is {now}"
                for preset, path, before, now in self.differences[:MAX_DIFFERENCES]
            ]
            if len(self.differences) > MAX_DIFFERENCES:
                items.append(f"and {len(self.differences) - MAX_DIFFERENCES} more")
            yield Listing("Settings are not those of the baseline:", tuple(items))
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
            "checks": [_record(check) for check in self.checks],
            "differences": [one._asdict() for one in self.differences],
            "next": self.next_command,
            "warnings": stats["warnings"],
            "left_out": [_left_out_record(one) for one in self.left_out],
        }


def _outcome(report: CheckReport) -> str:
    """Whether everything holds, in few words."""
    number, kept = len(report.broken), numbers.plural(len(report.checks), "limit")
    outcome = f"{number} of {kept} broken" if number else f"{kept} kept"
    parts = [outcome] if report.checks else []
    if report.lost:
        is_some = any(one.num_objects for one in report.lost)
        parts.append("too many annotations lost" if is_some else "no object left")
    elif not parts:
        is_some = any(one.number for one in report.left_out)
        parts = ["few enough annotations lost" if is_some else "no annotation lost"]
    return ", ".join(parts)


def _verdict(report: CheckReport) -> str:
    """What is broken most, and what is left out for no reason that anybody wanted."""
    sentences = []
    if report.broken:
        sentences.append(_broken_words(report.worst))
        if more := len(report.broken) - 1:
            sentences.append(f"{numbers.plural(more, 'more limit')} broken.")
    elif report.checks:
        sentences.append("Every limit is kept.")
    lost = list(map(_left_out_words, _different(report)))
    if not sentences and not lost:
        return "Nothing is left out but crowds, ignored objects and other classes."
    return " ".join([*sentences, *lost])


def _different(report: CheckReport) -> list[LeftOut]:
    """What conventions leave out, where they differ; nothing where that is nothing."""
    own = {(tuple(one.reasons.items())): one for one in reversed(report.left_out)}
    return [one for one in reversed(own.values()) if one.number or one.is_broken]


def _left_out_words(one: LeftOut) -> str:
    """Write what one convention leaves out, why, and what is allowed."""
    if one.is_broken and not one.reasons:
        return f"{printable(one.preset)} has no object left to assign."
    total = numbers.plural(one.num_annotations, "annotation")
    share = numbers.percent(None if one.share is None else float(one.share))
    reasons = ", ".join(
        f"{reason.replace('_', ' ')} {numbers.count(number)}"
        for reason, number in one.reasons.items()
    )
    allowed = f"{float(100 * one.limit):.3g}%"
    than = f"more than {allowed}" if one.is_broken else f"at most {allowed} may be"
    return (
        f"{printable(one.preset)} leaves out {numbers.count(one.number)} of {total} "
        f"({share}; {than}): {reasons}."
    )


def _broken_words(check: Check) -> str:
    """Write what was found under one preset, and what is allowed."""
    name, group = printable(check.preset), _group_label(check)
    if check.lacks_objects:
        return f"{name} has no object left to assign."
    whose = "objects" if group == EVERYTHING else f"{group} objects"
    if check.limit.group.startswith(limits.CLASS_PREFIX):
        name_of_class = check.limit.group.removeprefix(limits.CLASS_PREFIX)
        whose = f"objects of class {printable(name_of_class)}"
    if check.is_undefined:
        return f"{name} has no {check.limit.key} of its {whose}."
    words = _WORDS.get(check.limit.key, check.statistic.label)
    if check.rise:
        points = numbers.points(check.risen).removeprefix("+")
        return f"{name} leaves {points} points more of the {whose} {words} than before."
    if check.limit.key in _WORDS or check.statistic.kind is Kind.OBJECTS:
        words = words.removeprefix("objects ")
        return (
            f"{name}: {_found_text(check)} {whose} {words}; {_allowed(check)} allowed."
        )
    found = f"{check.limit.key} of the {whose} is {_found_text(check)}"
    return f"{name}: {found}; {_allowed(check)} is allowed."


def _notes(checks: tuple[Check, ...]) -> Iterator[str]:
    """Explain how rises are judged where that is not by an interval."""
    rises = [check for check in checks if check.rise]
    if any(check.limit.key == UNASSIGNED for check in rises):
        yield OLD_NOTE
    if any(check.rise and not check.rise.interval for check in rises):
        yield PLAIN_NOTE


def _filters(group: str) -> list[str]:
    """Choose the objects of a group on the command line."""
    if group.startswith(limits.CLASS_PREFIX):
        return ["--class", group.removeprefix(limits.CLASS_PREFIX)]
    several = {EVERYTHING: (), COCO_SMALL: ("tiny", "small")}
    return [word for size in several.get(group, (group,)) for word in ("--size", size)]


def _group_label(check: Check) -> str:
    """Name the objects of a check for people."""
    group = check.limit.group
    return SMALL_LABEL if group == COCO_SMALL else group


def _table(checks: list[Check]) -> Table:
    """Make a row of every check; what is limited is named where that differs."""
    named = [_statistic(check) for check in checks]
    has_others = len(set(named)) > 1 or checks[0].limit.is_by_key
    texts = ("preset", "objects", *(["statistic"] if has_others else []))
    found = Column("found" if has_others else named[0])
    columns = [
        *(Column(each, is_text=True, least=10) for each in texts[:1]),
        *(Column(each, is_text=True) for each in texts[1:]),
        *(found, Column("allowed"), Column("result", is_text=True)),
    ]
    rows: list[list[AnyCell]] = []
    for check, name in zip(checks, named, strict=True):
        names = [check.preset, _group_label(check), *([name] if has_others else [])]
        amounts = Markup(_found_text(check)), Markup(_allowed(check))
        rows.append([*names, *amounts, _result(check)])
    return replace(plain_list(columns, rows), is_padded=True)


def _statistic(check: Check) -> str:
    """Name what is limited: by its key, if the user has typed it."""
    return check.limit.key if check.limit.is_by_key else _WORDS[check.limit.key]


def _found_text(check: Check) -> str:
    """Write what was found, of how many objects, or what it counts: 1 object."""
    if check.value is None:
        return numbers.UNDEFINED
    total = check.counts.num_objects
    if check.is_share and (check.limit.is_part or check.limit.key in _WORDS):
        part, share = round(check.value * total), numbers.percent(float(check.value))
        return f"{numbers.count(part)} of {numbers.count(total)} ({share})"
    unit = check.statistic.unit
    if check.value == 1 and check.statistic.kind in COUNTED:
        unit = unit.removesuffix("s")
    return f"{_number(check, check.value)} {unit}".rstrip()


def _number(check: Check, value: Fraction, *, digits: int = 4) -> str:
    """Write a value of the statistic that is limited; counts have all their digits."""
    if check.is_share:
        return numbers.percent(float(value))
    is_count = check.statistic.kind in COUNTED and value.denominator == 1
    is_long = value >= 10**digits  # which would be written with an exponent
    if is_count or is_long:
        return numbers.count(round(value))
    return f"{float(value):.{digits}g}"


def _allowed(check: Check) -> str:
    """Write the limit, and what was found before.

    It has as many digits as it needs, of shares up to three.
    """
    if check.is_share:
        bound = f"{float(100 * check.limit.bound):.3g}%"
    else:
        bound = _number(check, check.limit.bound)
    if check.rise is None:
        return f"at {'least' if check.limit.is_least else 'most'} {bound}"
    return f"{bound} ({numbers.percent(float(check.rise.before))} before)"


def _result(check: Check) -> AnyCell:
    """Whether a limit held, and by how much it did not; of rises with an interval."""
    if check.lacks_objects:
        return Markup("**no objects**")
    if check.is_undefined:
        return Markup("**undefined**")
    if check.rise and check.rise.interval:
        if not any(check.rise.interval):
            return "kept, as before"
        low, high = (100 * end for end in check.rise.interval)
        span = f"{numbers.points(check.risen)} points ({low:.1f} to {high:.1f})"
        return Markup(f"**{span}**" if check.is_broken else f"kept, {span}")
    if check.is_broken:
        way = "under" if check.limit.is_least else "over"
        return Markup(f"**{_excess(check)} {way}**")
    return "kept" if check.counts.num_objects else "kept, no objects"


def _excess(check: Check) -> str:
    """Write by how much a limit is broken, which is never nothing."""
    if not check.is_share:
        return _number(check, check.excess, digits=3)
    points = float(100 * check.excess)
    if points < 0.01:
        return "<0.01 points"
    return f"{points:.{1 if points >= 1 else 2}f} points"


def _left_out_record(one: LeftOut) -> Record:
    """All that is known of what one convention leaves out."""
    return {
        "preset": one.preset,
        "num_annotations": one.num_annotations,
        "num_left_out": one.number,
        "share": None if one.share is None else float(one.share),
        "limit": float(one.limit),
        "is_broken": one.is_broken,
        "reasons": dict(one.reasons),
    }


def _record(check: Check) -> Record:
    """All that is known of one check."""
    counts, limit = check.counts, check.limit
    bound, rise = float(limit.bound), check.rise
    low, high = (rise and rise.interval) or (None, None)
    return {
        "preset": check.preset,
        "group": limit.group,
        "num_objects": counts.num_objects,
        "num_unassigned": counts.num_unassigned,
        "unassigned_share": counts.unassigned_share,
        "share_before": None if rise is None else float(rise.before),
        "most": None if limit.is_least else bound,
        "excess": float(check.excess),
        "is_broken": check.is_broken,
        "statistic": limit.key,
        "unit": "of the objects" if limit.is_part else check.statistic.unit,
        "value": None if check.value is None else float(check.value),
        "least": bound if limit.is_least else None,
        "rise": check.risen,
        "interval_low": low,
        "interval_high": high,
    }
