"""The answer in plain words; every number in it stands in the table above it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.assigners.pyramid import level_name
from atss_inspect.statistics.summary import Group, Summary
from atss_inspect.views import numbers
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    from atss_inspect.statistics.worst import Starved
    from atss_inspect.views.stats import StatsReport

# What annotators and users ask for themselves goes without saying.
EXPECTED_LOSSES = {
    *("class_not_selected", "crowd", "duplicate_image_id", "ignore_flag"),
    *("no_annotations", "not_selected", "only_crowd"),
}

# A group must hold this many objects to be called the hardest hit, lest the one object
# of a rare class decide. Smaller ones are taken where no larger one has anything.
ENOUGH_OBJECTS = 20
_GROUP_WORDS = {"size": "{} objects", "class": "class {}", "ratio": "boxes {}"}


class Named(NamedTuple):
    """Some objects of one preset; ``group`` is empty where it is all of them."""

    preset: str
    group: str
    counts: Group

    @property
    def share(self) -> float:
        """The share that gets nothing."""
        return self.counts.unassigned_share or 0.0


def verdict(report: "StatsReport") -> str:
    """Sum a report up.

    Returns
    -------
    Which preset leaves most objects with nothing, and which objects; how evenly
    positives are shared; what the data rules have left out.
    """
    sentences = list(_unassigned(report))
    if not report.breakdowns:
        sentences += _evenness(report)
    elif report.breakdowns[0] == "level":
        sentences += _busiest_levels(report)
    if not report.has_objects:
        sentences += _left_out(report, expected=True)
    elif report.is_mostly_lost:
        sentences = [*_left_out(report), *sentences]
    elif not report.breakdowns:  # their tables do not show it
        sentences += _left_out(report)
    return " ".join(sentences)


def are_alike(values: Sequence[object]) -> bool:
    """Whether all presets agree."""
    return all(value == values[0] for value in values)


def _unassigned(report: "StatsReport") -> Iterator[str]:
    """Compare how many objects get nothing."""
    pairs = zip(map(printable, report.names), report.every_object, strict=True)
    each = [Named(name, "", counts) for name, counts in pairs]
    filled = [one for one in each if one.counts.num_objects]
    if not filled:
        some = "No object is left to assign."
        none = "There are no annotations, so there is nothing to assign."
        yield some if report.dataset.num_annotations else none
        return
    without = [one.preset for one in each if not one.counts.num_objects]
    if without:
        yield f"Nothing is left to assign for {numbers.joined(without)}."
    yield _comparison(report, filled)
    if any(one.counts.num_unassigned for one in filled):
        yield from _hardest_hit(report)


def _comparison(report: "StatsReport", each: list[Named]) -> str:
    """Name the presets that starve most and fewest objects."""
    shares = [one.share for one in each]
    most = [one for one in each if one.share == max(shares)]
    fewest = [one for one in each if one.share == min(shares)]
    if not max(shares):
        return f"Every object gets a positive{_under(each)}."
    amount = _amount(report, most[0], short=False)
    if len(most) == len(each) and are_alike([one.counts[::2] for one in each]):
        who = each[0].preset if len(each) == 1 else "every preset alike"
        return f"{who} leaves {amount} without a positive."
    smallest = [f"{one.preset} {_amount(report, one)}" for one in fewest]
    others = [f"{one.preset} {_amount(report, one)}" for one in most[1:]]
    largest = numbers.joined([f"{most[0].preset} leaves {amount}", *others])
    return (
        f"{largest} without a positive, the largest share; "
        f"{numbers.joined(smallest)}, the smallest."
    )


def _under(each: list[Named]) -> str:
    """Name the presets a statement holds for."""
    return f" under {numbers.joined([one.preset for one in each])}"


def _amount(report: "StatsReport", named: Named, *, short: bool = True) -> str:
    """Write how many of how many, as the table has it.

    A table with a line per class has no counts of objects without a positive: it has
    room for shares only.
    """
    shown = report.breakdowns[:1] if named.group else report.breakdowns
    return unassigned_amount(named.counts, short=short, counted=shown != ("class",))


def _hardest_hit(report: "StatsReport") -> Iterator[str]:
    """Name the group of objects that has the largest share with nothing."""
    found = [one for one in _groups(report) if one.counts.num_unassigned]
    enough = [one for one in found if one.counts.num_objects >= ENOUGH_OBJECTS]
    if not found:
        return
    largest = max(one.share for one in enough or found)
    worst = [one for one in enough or found if one.share == largest]
    are_one = len({one.group for one in worst}) == 1
    start = "Hardest hit" if are_one else "Among the hardest hit"
    if max(one.share for one in found) > largest:
        start = f"Of those with {ENOUGH_OBJECTS} or more, {start.lower()}"
    equals = [one for one in worst if one[1:] == worst[0][1:]]
    under = _under(equals) if len(report.names) > 1 else ""
    yield f"{start}: {worst[0].group}{under}, {_amount(report, worst[0])}."


def _groups(report: "StatsReport") -> Iterator[Named]:
    """Take the objects apart the way the first table does, unless one group is all."""
    by = report.breakdowns[0] if report.breakdowns else "size"
    groups = report.groups(by) if by in _GROUP_WORDS else []
    for place, summary in enumerate(report.summaries):
        for label, each in groups:
            if each[place].num_objects < summary.num_objects:
                group = _GROUP_WORDS[by].format(printable(label))
                yield Named(printable(report.names[place]), group, each[place])


def _evenness(report: "StatsReport") -> Iterator[str]:
    """Compare how evenly positives are shared among objects, by Gini coefficient."""
    pairs = zip(report.names, report.summaries, strict=True)
    ginis = [(summary.gini, printable(name)) for name, summary in pairs]
    known = sorted((gini, name) for gini, name in ginis if gini is not None)
    if len(known) < 2:
        return
    (low, first), (high, last) = known[0], known[-1]
    least, most = numbers.ratio(low), numbers.ratio(high)
    if least == most:
        yield f"All share positives alike (Gini {least})."
        return
    yield f"{first} shares positives most evenly (Gini {least}), {last} least ({most})."


def _busiest_levels(report: "StatsReport") -> Iterator[str]:
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


def _left_out(report: "StatsReport", *, expected: bool = False) -> Iterator[str]:
    """Name what is not among the objects; the expected only where it is asked for."""
    losses = [_losses(report, each, expected=expected) for each in report.summaries]
    if not any(losses):
        return
    sizes = [summary.num_left_out for summary in report.summaries]
    loss = losses[sizes.index(max(sizes))] or next(filter(None, losses))
    who = "Left out by every preset" if len(losses) > 1 else "Left out"
    if not are_alike(losses):
        who = f"Left out by {printable(report.names[losses.index(loss)])}"
    yield f"{who}: {loss}."


def _losses(report: "StatsReport", summary: Summary, *, expected: bool) -> str:
    """Write what a preset leaves out, and why; nothing if none of it matters."""
    passed_over = set() if expected else EXPECTED_LOSSES
    objects, images = summary.left_out_objects, summary.left_out_images
    all_ = numbers.plural(report.dataset.num_annotations, "annotation")
    amounts = (
        (objects, f"{numbers.count(sum(objects.values()))} of {all_}"),
        (images, numbers.plural(sum(images.values()), "image")),
    )
    parts = []
    for losses, amount in amounts:
        if set(losses) - passed_over:
            words = [
                reason.replace("_", " ")
                + (f" {numbers.count(losses[reason])}" if len(losses) > 1 else "")
                for reason in sorted(losses, key=lambda each: (-losses[each], each))
            ]
            parts.append(f"{amount} ({', '.join(words)})")
    return " and ".join(parts)


def unassigned_amount(
    of: Group | Summary, *, short: bool = False, counted: bool = True
) -> str:
    """Write how many have none: "1 of 9 objects (11.1%)", or "11.1% of 9 objects".

    ``short`` leaves the noun out.
    """
    number = of.num_objects
    total = numbers.count(number) if short else numbers.plural(number, "object")
    share = numbers.percent(of.unassigned_share)
    if not counted:
        return f"{share} of {total}"
    return f"{numbers.count(of.num_unassigned)} of {total} ({share})"


def outcome_words(name: str, every: "Starved") -> str:
    """What objects get: "a leaves 1 of 9 objects (11.1%) ...", or each a positive."""
    if every.num_starved:
        counts = Group(every.num_objects, 0, every.num_starved)
        return f"{name} leaves {unassigned_amount(counts)} without a positive"
    number = every.num_objects
    whom = "the only object" if number == 1 else f"all {numbers.count(number)} objects"
    return f"{name} gives {whom} a positive"


def mostly_words(every: "Starved") -> str:
    """Name the cause that most of them have: ", most often: under mean + std (3)"."""
    if every.main_cause is None:
        return ""
    number, cause = every.by_cause[every.main_cause], KNOWN_CAUSES[every.main_cause]
    if number < every.num_starved:
        return f", most often: {cause.words} ({numbers.count(number)})"
    return f"{', all for one cause' if number > 1 else ''}: {cause.words}"
