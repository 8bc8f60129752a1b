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
    from atss_inspect.statistics.worst import Starved
    from atss_inspect.views.stats import StatsReport

Judged = tuple[str, Judgement]  # with the name of the preset
# What annotators and users ask for themselves goes without saying.
EXPECTED_LOSSES = {
    *("class_not_selected", "crowd", "duplicate_image_id", "ignore_flag"),
    *("no_annotations", "not_selected", "only_crowd"),
}
_SMALL = set(SIZE_BINS[:2])


def judgements(report: "StatsReport", *, by_class: bool = False) -> list[Judgement]:
    """Judge every convention of a report, by size or by class."""
    names = report.dataset.category_names if by_class else ()
    pairs = zip(report.summaries, report.settings, strict=True)
    return [judge(summary, settings, names) for summary, settings in pairs]


def verdict(report: "StatsReport", judged: Sequence[Judgement] | None = None) -> str:
    """Sum a report up: the grades and why, what may help, and what is left out.

    ``judged`` are its `judgements`, where they are at hand.
    """
    if judged is None:
        judged = judgements(report, by_class="class" in report.breakdowns)
    sentences = list(_graded(report, judged))
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


def _graded(report: "StatsReport", judged: Sequence[Judgement]) -> Iterator[str]:
    """Name the worst grade and who has it, its numbers, and how far to trust them."""
    pairs = list(zip(map(printable, report.names), judged, strict=True))
    filled = [pair for pair in pairs if pair[1].groups[0].counts.num_objects]
    if not filled:
        some = "No object is left to assign."
        none = "There are no annotations, so there is nothing to assign."
        yield some if report.dataset.num_annotations else none
        return
    without = [name for name, one in pairs if not one.groups[0].counts.num_objects]
    if without:
        yield f"Nothing is left to assign for {numbers.joined(without)}."
    grade = max(
        (one.grade for _, one in filled if one.grade),
        key=lambda each: each.rank,
        default=None,
    )
    if grade is None:
        yield "There are too few objects to judge."
    elif grade is Grade.FINE:
        yield _fine(filled)
    else:
        yield from _not_fine(grade, filled)
    yield from _caveats(filled)


def _fine(pairs: Sequence[Judged]) -> str:
    """Say that nothing is unusual; a single preset with its share."""
    if len(pairs) > 1:
        return "fine: no preset leaves more objects poorly assigned than usual."
    [(name, one)] = pairs
    return f"fine: {name} leaves {share_words(one.groups[0])} poorly assigned."


def _not_fine(grade: Grade, pairs: Sequence[Judged]) -> Iterator[str]:
    """Name the groups that decide under each preset of a grade, and what may help."""
    having = [pair for pair in pairs if pair[1].grade is grade]
    facts = [f"{name} leaves {share_words(one.worst, of=True)}" for name, one in having]
    yield f"{grade}: {'; '.join(facts)} poorly assigned."
    others = [pair for pair in pairs if pair[1].grade is not grade]
    if others:
        rest = [f"{name} {one.grade or 'with too few objects'}" for name, one in others]
        yield f"Under {numbers.joined(rest)}."
    bad = {
        group.name
        for _, one in having
        for group in one.groups
        if group.grade not in (None, Grade.FINE)
    }
    if bad & _SMALL:
        has_bar = any(_has_bar(one) for _, one in having)
        smaller = " or, where there is a bar, smaller anchors" if has_bar else ""
        yield f"Larger input images or a finer level (P2){smaller} may help."


def share_words(graded: Graded | None, *, of: bool = False) -> str:
    """Write a share with its interval and what is usual.

    "4.6% (2.1 to 8.0%, usually 0.9%)"; ``of`` names whose it is.
    """
    if graded is None:
        return ""
    whose = "objects" if graded.name == EVERYTHING else printable(graded.name)
    text = numbers.percent(graded.share) + (f" of the {whose}" if of else "")
    if of and graded.name in SIZE_BINS:
        text += " objects"
    notes = [numbers.span_of_shares(*graded.interval)] if graded.interval else []
    if graded.usual is not None:
        notes.append(f"usually {numbers.percent(graded.usual)}")
    return f"{text} ({', '.join(notes)})" if notes else text


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
        yield "A rule with a bar is not ranked against one without a bar to miss."


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
