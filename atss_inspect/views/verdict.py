"""The answer in plain words; every number in it stands in the table above it."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from atss_inspect.assigners.pyramid import level_name
from atss_inspect.statistics.summary import RATIO_BINS, SIZE_BINS, Group, Summary
from atss_inspect.views import numbers
from atss_inspect.views.causes import CAUSE_WORDS
from atss_inspect.views.names import printable
from atss_inspect.views.stats_report import EXPECTED_LOSSES, StatsReport, are_alike

if TYPE_CHECKING:
    from atss_inspect.statistics.worst import Starved

# A group must hold this many objects to be called the hardest hit, lest the one object
# of a rare class decide. Smaller ones are taken where no larger one has anything.
ENOUGH_OBJECTS = 20


class Named(NamedTuple):
    """Some objects of one preset; ``group`` is empty where it is all of them."""

    preset: str
    group: str
    counts: Group


def verdict(report: StatsReport) -> str:
    """Sum a report up.

    Returns
    -------
    Which preset leaves most objects with nothing, and which objects; how evenly
    positives are shared; what the data rules have left out.
    """
    sentences = [*_unassigned(report), *_detail(report)]
    if not report.has_objects:
        sentences += _left_out(report, expected=True)
    elif report.is_mostly_lost:
        sentences = [*_left_out(report), *sentences]
    elif not report.breakdowns:  # their tables do not show it
        sentences += _left_out(report)
    return " ".join(sentences)


# --- objects without a positive ----------------------------------------------------


def _unassigned(report: StatsReport) -> Iterator[str]:
    """Compare how many objects get nothing."""
    each = [
        Named(printable(name), "", summary.every_object)
        for name, summary in zip(report.names, report.summaries, strict=True)
    ]
    filled = [one for one in each if one.counts.num_objects]
    if not filled:
        yield _nothing_to_assign(report)
        return
    without = [one.preset for one in each if not one.counts.num_objects]
    if without:
        yield f"Nothing is left to assign for {numbers.joined(without)}."
    yield _comparison(report, filled)
    if any(one.counts.num_unassigned for one in filled):
        yield from _hardest_hit(report)


def _nothing_to_assign(report: StatsReport) -> str:
    """Explain why there are no objects at all."""
    if report.dataset.num_annotations:
        return "No object is left to assign."
    return "There are no annotations, so there is nothing to assign."


def _comparison(report: StatsReport, each: list[Named]) -> str:
    """Name the presets that starve most and fewest objects."""
    shares = [one.counts.unassigned_share or 0.0 for one in each]
    most = [
        one for one, share in zip(each, shares, strict=True) if share == max(shares)
    ]
    fewest = [
        one for one, share in zip(each, shares, strict=True) if share == min(shares)
    ]
    if not max(shares):
        return f"Every object gets a positive{_under(each)}."
    if len(most) == len(each) and are_alike([one.counts[::2] for one in each]):
        who = each[0].preset if len(each) == 1 else "every preset"
        verb = "leaves" if len(each) == 1 else "alike leaves"
        return f"{who} {verb} {_amount(report, most[0])} without a positive."
    return (
        f"{_list(report, most)} without a positive, the largest share; "
        f"{_list(report, fewest, short=True)}, the smallest."
    )


def _list(report: StatsReport, each: list[Named], *, short: bool = False) -> str:
    """Write what some presets leave: "a leaves 1 of 9 objects (11.1%)"."""
    parts: list[str] = []
    for one in each:
        verb = "" if short or parts else "leaves "
        parts.append(
            f"{one.preset} {verb}{_amount(report, one, short=short or bool(parts))}"
        )
    return numbers.joined(parts)


def _under(each: list[Named]) -> str:
    """Name the presets a statement holds for."""
    return f" under {numbers.joined([one.preset for one in each])}"


def _amount(report: StatsReport, named: Named, *, short: bool = False) -> str:
    """Write how many of how many, as the table has it."""
    counts = named.counts
    total = numbers.count(counts.num_objects)
    if not short:
        total = numbers.plural(counts.num_objects, "object")
    share = numbers.percent(counts.unassigned_share)
    if _shows_only_shares(report, named):
        return f"{share} of {total}"
    return f"{numbers.count(counts.num_unassigned)} of {total} ({share})"


def _shows_only_shares(report: StatsReport, named: Named) -> bool:
    """Whether the table has no counts: a line per class has room for shares."""
    if named.group:
        return report.breakdowns[:1] == ("class",)
    return set(report.breakdowns) == {"class"}


def _hardest_hit(report: StatsReport) -> Iterator[str]:
    """Name the group of objects that has the largest share with nothing."""
    found = [one for one in _groups(report) if one.counts.num_unassigned]
    enough = [one for one in found if one.counts.num_objects >= ENOUGH_OBJECTS]
    if not found:
        return
    largest = max(map(_unassigned_share, enough or found))
    worst = [one for one in enough or found if _unassigned_share(one) == largest]
    are_one = len({one.group for one in worst}) == 1
    start = "Hardest hit" if are_one else "Among the hardest hit"
    if max(map(_unassigned_share, found)) > largest:
        start = f"Of those with {ENOUGH_OBJECTS} or more, {start.lower()}"
    equals = [one for one in worst if one[1:] == worst[0][1:]]
    under = _under(equals) if len(report.names) > 1 else ""
    yield f"{start}: {worst[0].group}{under}, {_amount(report, worst[0], short=True)}."


def _unassigned_share(named: Named) -> float:
    """Order groups by the share that gets nothing."""
    return named.counts.unassigned_share or 0.0


def _groups(report: StatsReport) -> Iterator[Named]:
    """Take the objects apart the way the first table does, unless one group is all."""
    by = report.breakdowns[0] if report.breakdowns else "size"
    for name, summary in zip(report.names, report.summaries, strict=True):
        for label, counts in _groups_of(report, summary, by):
            if counts.num_objects < summary.num_objects:
                yield Named(printable(name), label, counts)


def _groups_of(
    report: StatsReport, summary: Summary, by: str
) -> Iterator[tuple[str, Group]]:
    """Name the groups of one preset's objects."""
    if by == "size":
        for size in SIZE_BINS:
            yield f"{size} objects", summary.of_sizes(size)
    elif by == "class":
        for name, group in zip(
            report.dataset.category_names, summary.by_class.groups, strict=True
        ):
            yield f"class {printable(name)}", group
    elif by == "ratio":
        for name, group in zip(RATIO_BINS, summary.by_ratio.groups, strict=True):
            yield f"boxes {name}", group


# --- the rest ----------------------------------------------------------------------


def _detail(report: StatsReport) -> Iterator[str]:
    """Describe what else the tables shown are about."""
    if not report.breakdowns:
        yield from _evenness(report)
    elif report.breakdowns[0] == "level":
        yield from _busiest_levels(report)


def _evenness(report: StatsReport) -> Iterator[str]:
    """Compare how evenly positives are shared among objects, by Gini coefficient."""
    ginis = [
        (printable(name), summary.gini)
        for name, summary in zip(report.names, report.summaries, strict=True)
    ]
    known = sorted((gini, name) for name, gini in ginis if gini is not None)
    if len(known) < 2:
        return
    (low, first), (high, last) = known[0], known[-1]
    if numbers.ratio(low) == numbers.ratio(high):
        yield f"All share positives alike (Gini {numbers.ratio(low)})."
        return
    yield (
        f"{first} shares positives most evenly (Gini {numbers.ratio(low)}), "
        f"{last} least ({numbers.ratio(high)})."
    )


def _busiest_levels(report: StatsReport) -> Iterator[str]:
    """Name the level with most positives, and the levels without any."""
    parts = []
    for settings, summary in zip(report.settings, report.summaries, strict=True):
        if not summary.num_positives:
            continue
        levels = [level_name(stride) for stride in settings.anchors.strides]
        counts = summary.positives_by_level
        place = counts.index(max(counts))
        idle = [level for level, count in zip(levels, counts, strict=True) if not count]
        facts = [numbers.percent(summary.level_shares[place])]
        facts += [f"none on {numbers.joined(idle)}"] if idle else []
        name = printable(settings.name)
        parts.append(f"{name} on {levels[place]} ({', '.join(facts)})")
    if parts:
        yield f"Most positives lie: {'; '.join(parts)}."


def _left_out(report: StatsReport, *, expected: bool = False) -> Iterator[str]:
    """Name what is not among the objects; the expected only where it is asked for."""
    losses = [
        _losses(report, summary, expected=expected) for summary in report.summaries
    ]
    sizes = [summary.num_left_out for summary in report.summaries]
    most = sizes.index(max(sizes))
    if not any(losses):
        return
    loss = losses[most] or next(filter(None, losses))
    if are_alike(losses):
        who = "Left out" if len(losses) == 1 else "Left out by every preset"
    else:
        who = f"Left out by {printable(report.names[losses.index(loss)])}"
    yield f"{who}: {loss}."


def _losses(report: StatsReport, summary: Summary, *, expected: bool) -> str:
    """Write what a preset leaves out, and why; nothing if none of it matters."""
    passed_over = set() if expected else EXPECTED_LOSSES
    parts = []
    tables: list[tuple[dict[str, int], Callable[[int], str]]] = [
        (summary.left_out_objects, lambda n: _of_annotations(report, n)),
        (summary.left_out_images, lambda n: numbers.plural(n, "image")),
    ]
    for table, write in tables:
        if set(table) - passed_over:
            reasons = sorted(table, key=lambda reason: (-table[reason], reason))
            words = [reason.replace("_", " ") for reason in reasons]
            if len(reasons) > 1:
                words = [
                    f"{word} {numbers.count(table[reason])}"
                    for word, reason in zip(words, reasons, strict=True)
                ]
            why = ", ".join(words)
            parts.append(f"{write(sum(table.values()))} ({why})")
    return " and ".join(parts)


def _of_annotations(report: StatsReport, number: int) -> str:
    """Write how many of all annotations."""
    whole = numbers.plural(report.dataset.num_annotations, "annotation")
    return f"{numbers.count(number)} of {whole}"


# --- one convention ----------------------------------------------------------------


def unassigned_words(name: str, every: "Starved") -> str:
    """How many objects have no positive: "a leaves 1 of 9 objects (11.1%) ..."."""
    number, objects = numbers.count(every.num_starved), every.num_objects
    part = f"{number} of {numbers.plural(objects, 'object')}"
    return f"{name} leaves {part} ({numbers.percent(every.share)}) without a positive"


def mostly_words(every: "Starved") -> str:
    """Name the cause that most of them have: ", most often: under mean + std (3)"."""
    cause = every.main_cause or ""
    number, words = every.by_cause[cause], CAUSE_WORDS[cause]
    if number < every.num_starved:
        return f", most often: {words} ({numbers.count(number)})"
    return f"{', all for one cause' if number > 1 else ''}: {words}"


def all_assigned_words(name: str, number: int) -> str:
    """Write that a convention gives each of so many objects a positive."""
    whom = "the only object" if number == 1 else f"all {numbers.count(number)} objects"
    return f"{name} gives {whom} a positive"
