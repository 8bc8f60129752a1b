"""The answer in plain words: is it bad, for whom, how sure is that, and what may help.

Every number in it stands in the table above it, or is the reason for a grade.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.assigners.pyramid import level_name
from atss_inspect.statistics.grades import (
    EVERYTHING,
    Grade,
    Graded,
    Judgement,
    judge,
)
from atss_inspect.statistics.summary import SIZE_BINS, Summary
from atss_inspect.statistics.tally import Group
from atss_inspect.views import numbers
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    from atss_inspect.statistics.worst import Reasons
    from atss_inspect.views.stats import StatsReport

Judged = tuple[str, Judgement]  # with the name of the preset
# What annotators and users ask for themselves goes without saying.
EXPECTED_LOSSES = {
    *("class_not_selected", "crowd", "duplicate_image_id", "ignore_flag"),
    *("no_annotations", "not_selected", "only_crowd"),
}


def judgements(report: "StatsReport", *, by_class: bool = False) -> list[Judgement]:
    """Judge every convention of a report, by size or by class."""
    names = report.dataset.category_names if by_class else ()
    pairs = zip(report.summaries, report.settings, strict=True)
    return [judge(summary, settings, names) for summary, settings in pairs]


def verdict(report: "StatsReport", *, judged: Sequence[Judgement] = ()) -> str:
    """Sum a report up: the grades and why, what may help, and what is left out.

    ``judged`` are its `judgements`, where they stand above it with their intervals.
    """
    own = judged or judgements(report, by_class="class" in report.breakdowns)
    pairs = list(zip(map(printable, report.names), own, strict=True))
    sentences = list(_graded(report, pairs, with_intervals=not judged))
    if report.breakdowns[:1] == ("level",):
        sentences += _busiest_levels(report)
    if not report.has_objects:
        sentences += _left_out(report, expected=True)
    elif report.is_mostly_lost:
        sentences = [*_left_out(report), *sentences]
    elif report.is_full:
        sentences += _left_out(report)
    return " ".join(sentences)


def are_alike(values: Sequence[object]) -> bool:
    """Whether all presets agree."""
    return all(value == values[0] for value in values)


def _graded(
    report: "StatsReport", pairs: Sequence[Judged], *, with_intervals: bool
) -> Iterator[str]:
    """Name the worst grade and who has it, its numbers, and how far to trust them."""
    filled = [pair for pair in pairs if pair[1].groups[0].counts.num_objects]
    if not filled:
        some = "No object is left to assign."
        none = "There are no annotations, so there is nothing to assign."
        yield some if report.dataset.num_annotations else none
        return
    without = [name for name, one in pairs if not one.groups[0].counts.num_objects]
    if without:
        yield f"Nothing is left to assign for {numbers.joined(without)}."
    known = [one.grade for _, one in filled if one.grade is not None]
    grade = max(known, key=lambda each: each.rank, default=None)
    having = [pair for pair in filled if pair[1].grade is grade]
    others = [pair for pair in filled if pair[1].grade is not grade]
    if grade is None:
        yield "There are too few objects to judge."
    elif grade is Grade.FINE and len(having) > 1:
        yield "fine: no preset leaves more objects poorly assigned than usual."
    else:
        yield f"{grade}: {_leaving(having, with_intervals=with_intervals)}."
    if others:
        rest = [f"{name} {one.grade or 'too few objects'}" for name, one in others]
        yield f"{numbers.joined(rest)}."
    if grade not in (None, Grade.FINE):
        yield from _remedy(having)
    yield from _caveats(filled)


def _leaving(pairs: Sequence[Judged], *, with_intervals: bool) -> str:
    """Name the share that decides under each preset, and what is usual."""
    texts: list[str] = []
    for name, one in pairs:
        worst = one.worst
        assert worst is not None
        whose, text = _whose(worst), numbers.percent(worst.share)
        notes = []
        if with_intervals and worst.interval:
            notes.append(numbers.span_of_shares(*worst.interval))
        if worst.usual is not None:
            notes.append(f"usually {numbers.percent(worst.usual)}")
        if not texts:
            text = f"leaves {text} of the {whose} poorly assigned"
        elif whose != _whose(pairs[0][1].worst):
            text += f" of the {whose}"
        texts.append(f"{name} {text}" + (f" ({', '.join(notes)})" if notes else ""))
    return ", ".join(texts)


def _whose(graded: Graded | None) -> str:
    """Name a group: objects, tiny objects, or those of a class."""
    if graded is None or graded.name == EVERYTHING:
        return "objects"
    name = printable(graded.name)
    return f"{name} objects" if graded.name in SIZE_BINS else f"objects of class {name}"


def _remedy(pairs: Sequence[Judged]) -> Iterator[str]:
    """Name what may help where it is small objects that lose."""
    bad = {
        group.name
        for _, one in pairs
        for group in one.groups
        if group.grade not in (None, Grade.FINE)
    }
    if bad & set(SIZE_BINS[:2]):
        has_bar = any(_has_bar(one) for _, one in pairs)
        anchors = " or, where there is a bar, smaller anchors" if has_bar else ""
        yield f"Larger input images, a finer level (P2){anchors} may help."


def _has_bar(judged: Judgement) -> bool:
    """Whether the rule has low-quality matches."""
    return judged.groups[0].counts.num_low_quality_only is not None


def _caveats(pairs: Sequence[Judged]) -> Iterator[str]:
    """Tell what the numbers do not carry."""
    every = [one.groups[0] for _, one in pairs]
    if any(one.is_thin for _, one in pairs):
        number = numbers.plural(every[0].counts.num_objects, "object")
        yield f"With {number} the evidence is thin."
    elif any(one.interval is None for one in every):
        yield "With fewer than 20 images the evidence is thin."
    if len({_has_bar(one) for _, one in pairs}) > 1:
        yield "A rule with a bar is not ranked against one without."


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


def outcome_words(name: str, every: "Reasons") -> str:
    """What objects get: "a leaves 1 of 9 objects (11.1%) ...", or each a positive."""
    if low := every.num_low_quality_only:
        poorly = Group(every.num_objects, 0, every.num_poorly_assigned)
        amount = f"{name} leaves {unassigned_amount(poorly)} poorly assigned"
        text = "with only low-quality matches"
        if not every.num_unassigned:
            return f"{amount}, all {text}"
        without = f"{numbers.count(every.num_unassigned)} without a positive"
        return f"{amount}: {without} and {numbers.count(low)} {text}"
    if every.num_unassigned:
        counts = Group(every.num_objects, 0, every.num_unassigned)
        return f"{name} leaves {unassigned_amount(counts)} without a positive"
    number = every.num_objects
    whom = "the only object" if number == 1 else f"all {numbers.count(number)} objects"
    return f"{name} gives {whom} a positive"


def mostly_words(every: "Reasons") -> str:
    """Name the cause that most of them have: ", most often: under mean + std (3)"."""
    if every.main_cause is None:
        return ""
    number, cause = every.by_cause[every.main_cause], KNOWN_CAUSES[every.main_cause]
    if number < every.num_unassigned:
        return f", most often: {cause.words} ({numbers.count(number)})"
    return f"{', all for one cause' if number > 1 else ''}: {cause.words}"
