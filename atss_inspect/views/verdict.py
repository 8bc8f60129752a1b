"""The answer in plain words: is it bad, for whom, how sure is that, and what may help.

Every number in it stands in the table above it, or is the reason for a grade.
"""

import itertools
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.presets import ALIASES
from atss_inspect.statistics.bootstrap import FEWEST_BLOCKS, FEWEST_IMAGES
from atss_inspect.statistics.grades import (
    ENOUGH_OBJECTS,
    FEW_OBJECTS,
    Grade,
    Graded,
    Judgement,
)
from atss_inspect.statistics.summary import EVERYTHING, RATIO_BINS, SIZE_BINS, Summary
from atss_inspect.views import numbers, trials
from atss_inspect.views.doubts import MANY, doubts
from atss_inspect.views.gates import gate_sentences
from atss_inspect.views.left_out import dropped, left_out
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    from atss_inspect.statistics.tally import Group
    from atss_inspect.statistics.worst import Reasons
    from atss_inspect.views.stats import StatsReport

_LOW = "with only low-quality matches"
Judged = tuple[str, Judgement]  # with the name of the preset


def verdict(
    report: "StatsReport",
    *,
    judged: Sequence[Judgement] = (),
    with_bars: bool = True,
    with_caveats: bool = True,
) -> str:
    """Sum a report up: the grades and why, what may help, and what is left out.

    ``judged`` are its judgements, where they stand above it with their shares; which
    rules have a bar may stand there too. Where room is short it is without caveats, and
    without what may help, which the next command tries.
    """
    lost = [*dropped(report)]
    whole = report
    gates, report, judged = _apart(report, judged)
    of_gates = list(zip(map(printable, gates.names), gates.judgements, strict=True))
    if not report.settings:
        odd = oddities(gates)
        lead = _lead(gates, is_odd=bool(odd), has_dropped=bool(lost))
        told = gate_sentences(gates, with_grade=lead)
        caveats = _caveats(gates, of_gates) if with_caveats else ()
        return " ".join([*odd, *lost, *told, *caveats])
    is_by_class = "class" in report.breakdowns
    own = judged or (report.class_judgements if is_by_class else report.judgements)
    pairs = list(zip(map(printable, report.names), own, strict=True))
    filled = [pair for pair in pairs if pair[1].groups[0].counts.num_objects]
    odd, is_short = oddities(report), bool(judged)
    lead = _lead(report, is_odd=bool(odd), has_dropped=bool(lost))
    how = {"is_short": is_short, "is_all": not gates.settings}
    sentences = [*_graded(report, pairs, filled, lead, **how)]
    if with_caveats:
        sentences += _reasons(report, filled, sentences[-1], is_short=is_short)
    if any(one.grade for one in own):
        sentences += _caveats(whole, [*filled, *of_gates]) if with_caveats else ()
        sentences += _bar_to_miss(report, filled) if with_bars else ()
    is_told = any(one.startswith("Larger") for one in sentences)
    sentences += gate_sentences(gates, with_remedy=not is_told)
    return " ".join([*odd, *lost, *sentences, *_last(report)])


def _last(report: "StatsReport") -> Iterator[str]:
    """What stands last: the busiest levels, and what is left out."""
    if report.breakdowns[:1] == ("level",):
        yield from _busiest_levels(report)
    if not report.has_objects:
        yield from left_out(report, expected=True)
    elif report.is_full and not report.has_lost(MANY):
        yield from left_out(report)


def _apart(
    report: "StatsReport", judged: Sequence[Judgement]
) -> tuple["StatsReport", "StatsReport", Sequence[Judgement]]:
    """Take gates apart from what assigns, of which the judgements are taken too."""
    gates, others = report.part(of_gates=True), report.part(of_gates=False)
    own = [one for one in judged if not one.groups[0].counts.is_of_gate]
    return gates, others, own


def oddities(report: "StatsReport") -> list[str]:
    """What looks wrong or is lost, where numbers may mean little, and what to do."""
    odd = doubts(report)
    if report.has_objects and report.has_lost(MANY):
        odd += left_out(report)
    return [*odd, "Correct this first."] if odd else []


def _lead(report: "StatsReport", *, is_odd: bool, has_dropped: bool) -> str:
    """What stands before a grade: of which objects it is, where not of all."""
    by_class = "class" in report.breakdowns
    if not (is_odd or has_dropped):
        return "by class: " * by_class
    is_less = has_dropped or report.has_lost(MANY)
    what = "Of what is left" if is_less else "As the file stands"
    return f"{what}, the grade{' by class' * by_class} is "


def are_alike(values: Sequence[object]) -> bool:
    """Whether all presets agree."""
    return all(value == values[0] for value in values)


def losing_sizes(judged: Sequence[Judgement]) -> list[str]:
    """Which of tiny and small objects are graded worse than fine."""
    sizes = [each for one in judged for each in one.groups if each.by == "size"]
    bad = {each.name for each in sizes if each.grade in (Grade.LOOK, Grade.SERIOUS)}
    return [size for size in SIZE_BINS[:2] if size in bad]


def _graded(
    report: "StatsReport",
    pairs: Sequence[Judged],
    filled: Sequence[Judged],
    lead: str,
    *,
    is_short: bool,
    is_all: bool,
) -> Iterator[str]:
    """Name the worst grade, after a lead, who has it, and its numbers.

    ``is_all``: there are no presets beside these.
    """
    if not filled:
        some = "No object is left to assign."
        none = "There are no annotations, so there is nothing to assign."
        yield some if report.dataset.num_annotations else none
        return
    if without := [name for name, one in pairs if (name, one) not in filled]:
        yield f"Nothing is left to assign for {numbers.joined(without)}."
    grade, having = _worst(filled)
    others = [pair for pair in filled if pair[1].grade is not grade]
    if grade is None:
        yield f"There are too few objects to judge, fewer than {ENOUGH_OBJECTS}."
    elif grade is Grade.FINE and len(having) > 1:
        whose = "no preset" + " that assigns" * (not is_all)
        text = f"{whose} leaves clearly more objects poorly assigned than usual"
        yield f"{lead}fine: {text}."
    else:
        who = _names(having)
        every = "every preset" if is_all and not others else who
        text = (is_short and _leaving_more(having, every)) or _leaving(
            having, with_intervals=not is_short
        )
        yield f"{lead}{grade}: {text}."
    if others and not is_short:
        rest = [f"{name}: {one.grade or 'too few objects'}" for name, one in others]
        yield f"{', '.join(rest)}."


def _names(pairs: Sequence[Judged]) -> str:
    return numbers.joined([name for name, _ in pairs])


def _reasons(
    report: "StatsReport", pairs: Sequence[Judged], told: str, *, is_short: bool
) -> Iterator[str]:
    """Name the shapes that lose, and what may help those who have the worst grade.

    What was ``told`` last may name the sizes already.
    """
    grade, having = _worst(pairs)
    if report.breakdowns[:1] == ("ratio",):
        yield from _worst_ratios(report)
    elif grade not in (None, Grade.FINE):
        yield from _elongated(report, having[:1] if is_short else having)
    others = {name: one for name, one in having if not one.is_by_shape}
    if not (sizes := losing_sizes([*others.values()])):
        return
    named = [one for one in report.settings if printable(one.name) in others]
    levels = dict.fromkeys(filter(None, map(trials.finer_level, named)))
    finer = f" or a finer level ({numbers.joined([*levels], 'or')})" if levels else ""
    barred = _names_with_bar(report)
    anchors = ", or smaller anchors" * bool(barred & {*others})
    anchors += " for rules with a bar" * bool(anchors and {*others} - barred)
    whom = numbers.joined(sizes)
    ends = (f", above all {whom} ones.", f"share of {whom} objects poorly assigned.")
    whom = "these" if told.endswith(ends) else f"the {whom} ones"
    yield f"Larger input images{finer}{'' if is_short else anchors} may help {whom}."


def _worst(pairs: Sequence[Judged]) -> tuple[Grade | None, list[Judged]]:
    known = [one.grade for _, one in pairs if one.grade is not None]
    grade = max(known, key=lambda each: each.rank, default=None)
    return grade, [pair for pair in pairs if pair[1].grade is grade]


def _elongated(report: "StatsReport", pairs: Sequence[Judged]) -> Iterator[str]:
    """Name the presets under which elongated objects lose, and what may help these."""
    shaped = {name: one for name, one in pairs if one.is_by_shape}
    parts: list[str] = []
    for name, one in shaped.items():
        few, every = (
            numbers.count(each.num_poorly_assigned)
            for each in (one.elongated, one.groups[0].counts)
        )
        counts = f"all {every}" if few == every else f"{few} of the {every}"
        whose = f"objects that {name} leaves poorly assigned"
        parts.append(f"{counts} {f'of {name}' if parts else whose}")
    if not parts:
        return
    named = [one for one in report.settings if printable(one.name) in shaped]
    more = "; more ratios of anchors may help" * any(map(trials.longer_ratios, named))
    yield f"Over 4:1 or under 1:4 (width : height) are {', '.join(parts)}{more}."


def _worst_ratios(report: "StatsReport") -> Iterator[str]:
    """Name the ratios whose objects lose most, of enough objects."""
    parts = []
    for name, summary in zip(report.names, report.summaries, strict=True):
        every = zip(RATIO_BINS, summary.by_ratio.groups, strict=True)
        enough = [one for one in every if one[1].num_objects >= ENOUGH_OBJECTS]
        shares = [group.poorly_assigned_share or 0.0 for _, group in enough]
        usual = summary.every_object.poorly_assigned_share or 0.0
        if max(shares, default=0.0) > 2 * usual:
            ratio, group = enough[shares.index(max(shares))]
            number = numbers.plural(group.num_objects, "object")
            share = f"{numbers.percent(max(shares))} of {number}"
            parts.append(f"{printable(name)} {ratio} ({share})")
    if parts:
        yield f"Largest shares poorly assigned: {'; '.join(parts)}."


def _leaving_more(pairs: Sequence[Judged], who: str) -> str:
    """Tell in words who leaves more than usual, and of whom; empty where it cannot."""
    grade = pairs[0][1].grade
    bad = [[one for one in each.groups if one.grade is grade] for _, each in pairs]
    is_known = all(one.usual is not None for groups in bad for one in groups)
    if len(pairs) == 1 or not is_known or grade is Grade.FINE:
        return ""
    if all(groups[0].by == EVERYTHING for groups in bad):
        whom = f"objects poorly assigned{_above_all(pairs)}"
    elif all(groups[-1].by == "size" for groups in bad):
        sizes = [{one.name for one in each if one.by == "size"} for each in bad]
        whom = _of_sizes([name for name, _ in pairs], sizes)
    else:
        return ""
    degree = "more than twice" if grade is Grade.SERIOUS else "clearly more than"
    leave = "leaves" if who == "every preset" else "leave"
    return f"{who} {leave} {degree} the usual share of {whom}"


def _of_sizes(names: Sequence[str], sizes: Sequence[set[str]]) -> str:
    """Name the sizes that lose under all presets, then those of some of them."""
    shared = set.intersection(*sizes)
    whose: dict[str, list[str]] = {}
    for name, own in zip(names, sizes, strict=True):
        if more := _joined_sizes(own - shared):
            whose.setdefault(more, []).append(name)
    too = " too" if shared else ""
    parts = [
        f"{numbers.joined(who)} of {more} ones{too}" for more, who in whose.items()
    ]
    text = f"{_joined_sizes(shared) or 'some'} objects poorly assigned"
    return ", ".join([text, *parts]) if shared else f"{text}: {', '.join(parts)}"


def _joined_sizes(sizes: Collection[str]) -> str:
    named = [size for size in SIZE_BINS if size in sizes]
    return numbers.joined(named) if named else ""


def _above_all(pairs: Sequence[Judged]) -> str:
    """Name the one or two sizes that, under each preset, three of four losers have."""
    total: Counter[str] = Counter()
    every: list[Counter[str]] = []
    for groups in (judgement.groups[1:] for _, judgement in pairs):
        graded = (one for one in groups if one.grade is not None)
        every.append(
            Counter({one.name: one.counts.num_poorly_assigned for one in graded})
        )
        total.update(every[-1])
    for number in range(1, min(len(total), 3)):
        sizes = [size for size, _ in total.most_common(number)]
        parts = [(sum(map(each.__getitem__, sizes)), each.total()) for each in every]
        if all(4 * part >= 3 * whole for part, whole in parts):
            return f", above all {_joined_sizes(sizes)} ones"
    return ""


def _leaving(pairs: Sequence[Judged], *, with_intervals: bool) -> str:
    texts: list[str] = []
    before = ""
    for name, one in pairs:
        worst = one.worst
        assert worst is not None
        whose, text = _whose(worst), numbers.percent(worst.share)
        notes = []
        if with_intervals and worst.interval:
            notes.append(numbers.span_of_shares(*worst.interval))
        if worst.usual is not None:
            notes.append(f"usually {numbers.percent(worst.usual)}")
        if _is_few(worst):
            notes.append(f"of all objects {numbers.percent(one.groups[0].share)}")
        if not texts:
            text = f"leaves {text} of the {whose} poorly assigned"
        elif whose != before:
            text += f" of the {whose}"
        before = whose
        texts.append(f"{name} {text}" + (f" ({', '.join(notes)})" if notes else ""))
    return ", ".join(texts)


def _is_few(graded: Graded) -> bool:
    return graded.by != EVERYTHING and graded.counts.num_objects < FEW_OBJECTS


def _whose(graded: Graded) -> str:
    """Name a group: objects, tiny objects, or those of a class; of few, how many."""
    if graded.by == EVERYTHING:
        return "objects"
    few = f"{graded.counts.num_objects} " if _is_few(graded) else ""
    name = printable(graded.name)
    if graded.by == "size":
        return f"{few}{name} objects"
    return f"{few}objects of class {name}"


def _names_with_bar(report: "StatsReport") -> set[str]:
    """Presets whose rule has a bar, with low-quality matches or without."""
    has_bar = (each.bar is not None for each in report.settings)
    return {*itertools.compress(map(printable, report.names), has_bar)}


def _caveats(report: "StatsReport", pairs: Sequence[Judged]) -> Iterator[str]:
    """Tell what the numbers do not carry."""
    every = [one.groups[0] for _, one in pairs]
    if any(one.is_thin for _, one in pairs):
        number = numbers.plural(every[0].counts.num_objects, "object")
        yield f"With {number} the evidence is thin."
    elif any(one.interval is None for one in every):
        yield f"{why_no_interval(report.summaries)} the evidence is thin."
    unknown = [name for name, one in pairs if not one.usual_of]
    if unknown:
        yield f"What is usual for {numbers.joined(unknown)} is not known."
    known = [(name, one) for name, one in pairs if one.usual_of]
    own = {
        name: one.usual_of
        for name, one in known
        if one.usual_of not in (name, ALIASES.get(name))
    }
    if own:
        presets = numbers.joined(list(dict.fromkeys(own.values())))
        yield f"What is usual for {numbers.joined(list(own))} is taken from {presets}."
    changed = [name for name, one in known if one.is_changed and name not in own]
    if changed:
        whose = f"that of {numbers.joined(changed)} without the changes made here"
        yield f"What is usual is {whose}."


def why_no_interval(summaries: Sequence[Summary]) -> str:
    """Begin a sentence with why chance is not known: few images, or few blocks."""
    if any(one.num_images < FEWEST_IMAGES for one in summaries if one.num_objects):
        return f"With fewer than {FEWEST_IMAGES} images"
    return f"With objects in fewer than {FEWEST_BLOCKS} blocks of images"


def _bar_to_miss(report: "StatsReport", pairs: Sequence[Judged]) -> Iterator[str]:
    """Tell why presets are not compared with one another, where some have a bar."""
    having = _names_with_bar(report)
    barred = [name for name, _ in pairs if name in having]
    if not barred or len(barred) == len(pairs):
        return
    found = {each.bar for each in report.settings} - {None}
    bar = f" (IoU {found.pop()})" if len(found) == 1 else ""
    yield (
        f"Only {numbers.joined(barred)} {'have' if barred[1:] else 'has'} a bar to "
        f"miss{bar}: compare each preset with what is usual for it."
    )


def _busiest_levels(report: "StatsReport") -> Iterator[str]:
    """Name the level with most positives, and the levels without any."""
    parts = []
    for settings, summary in zip(report.settings, report.summaries, strict=True):
        if not summary.num_positives:
            continue
        levels = settings.anchors.level_names
        counts = summary.positives_by_level
        place = counts.index(max(counts))
        idle = [level for level, count in zip(levels, counts, strict=True) if not count]
        facts = [numbers.percent(summary.level_shares[place])]
        facts += [f"none on {numbers.joined(idle)}"] if idle else []
        name = printable(settings.name)
        parts.append(f"{name} on {levels[place]} ({', '.join(facts)})")
    if parts:
        yield f"Most positives lie: {'; '.join(parts)}."


def outcome_words(name: str, every: "Group", what: str = "positive") -> str:
    """What objects get: "a leaves 1 of 9 objects (11.1%) ...", or each a positive.

    Of a gate, ``what`` they get is a candidate.
    """
    number, low = every.num_objects, every.num_low_quality_only or 0
    if not (poorly := every.num_poorly_assigned):
        whom = f"all {numbers.count(number)} objects"
        return f"{name} gives {'the only object' if number == 1 else whom} a {what}"
    part = numbers.percent(poorly / number)
    amount = f"{numbers.count(poorly)} of {numbers.plural(number, 'object')} ({part})"
    if not low:
        return f"{name} leaves {amount} without a {what}"
    kinds = f", all {_LOW}"
    if every.num_unassigned:
        without = f"{numbers.count(every.num_unassigned)} without a positive"
        kinds = f": {without} and {numbers.count(low)} {_LOW}"
    return f"{name} leaves {amount} poorly assigned{kinds}"


def mostly_words(every: "Reasons") -> str:
    """Name the cause that most of them have: ", most often: under mean + std (3)"."""
    if every.main_cause is None:
        return ""
    number, cause = every.by_cause[every.main_cause], KNOWN_CAUSES[every.main_cause]
    if every.group.num_low_quality_only:  # these have no cause
        most = f" ({numbers.count(number)})" * (number < every.group.num_unassigned)
        whose = f"of the {numbers.count(every.group.num_unassigned)}"
        return f"; {'main ' * bool(most)}cause {whose} without: {cause.words}{most}"
    if number < every.group.num_unassigned:
        return f", most often: {cause.words} ({numbers.count(number)})"
    return f"{', all for one cause' if number > 1 else ''}: {cause.words}"
