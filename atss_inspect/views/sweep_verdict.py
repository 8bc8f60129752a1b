"""The verdict of `sweep`: the row to change to, or what to keep, and why."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from atss_inspect.statistics.advice import (
    GAIN_OF_ALL,
    Difference,
    Gain,
    Measure,
    losers,
)
from atss_inspect.statistics.bootstrap import FEWEST_BLOCKS, FEWEST_IMAGES
from atss_inspect.statistics.grades import ENOUGH_OBJECTS
from atss_inspect.statistics.summary import EVERYTHING
from atss_inspect.statistics.sweep import Outcome
from atss_inspect.views import numbers
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    from atss_inspect.views.sweep import SweepReport


def sweep_verdict(report: "SweepReport") -> str:
    """Name the row to change to, what it gains and costs, or say what to keep."""
    outcome, own = report.advice.outcome, report.own_labels
    what = numbers.joined([printable(axis.name) for axis in report.axes])
    if outcome is Outcome.CHANGE:
        return " ".join(_change_sentences(report))
    if outcome is Outcome.NO_OBJECTS:
        return "No object is left to assign."
    if outcome is Outcome.NO_OTHER_VALUE:
        return f"No other value of {what} was tried: {_span(report)}."
    others, span, name = f"Other values of {what}", _span(report), report.base.name
    few, end = f"With fewer than {FEWEST_IMAGES} images", "so they are not ranked"
    blocks = f"The objects lie in fewer than {FEWEST_BLOCKS} blocks of images"
    fine = f"Nothing needs changing, {printable(name)} is fine here"
    poorly = [one.poorly[0] for one in report.advice.effects if one]
    is_much = any(abs(one.change) >= GAIN_OF_ALL for one in poorly)
    beyond = " beyond chance" if is_much else ""
    texts = {
        Outcome.FEW_IMAGES: f"{few} chance may make any difference",
        Outcome.FEW_BLOCKS: f"{blocks}, so chance may make any difference",
        Outcome.OTHER_OBJECTS: f"{others} change which objects are kept, {end}",
        Outcome.OTHER_POSITIVES: f"{others} {_other_positives(report)}, {end}",
        Outcome.NO_DIFFERENCE: f"{others} make no difference{beyond} here ({span})",
        Outcome.NOT_BETTER: f"No other value of {what} is clearly better here ({span})",
        Outcome.FINE: f"{fine} ({span})",
    }
    text = texts.get(outcome) or _held_back(report)
    if losses := [*_losses_by_size(report)]:
        return " ".join([f"{text}.", *losses])
    kept = own[0] if len(own) == 1 else report.named(own)
    more = [*_passed_up(report), *_other_kinds(report)]
    return " ".join([f"{text}: keep {kept}.", *more])


def _other_positives(report: "SweepReport") -> str:
    """Why rows with another bar or quota are not ranked."""
    if report.today.candidates:
        return "change how many points are picked, not which objects can get any"
    return "change what counts as a positive"


def _losses_by_size(report: "SweepReport") -> Iterator[str]:
    """Count who has no positive at a size, where squares of YOLO keep other objects."""
    facts, selected = report.today.candidates, report.stats.selection
    is_asked = report.advice.outcome is Outcome.OTHER_OBJECTS
    is_known = facts.is_certain if facts else report.base.resize.letterbox is not None
    if not (is_asked and is_known) or selected.sizes or selected.classes:
        return
    parts = []
    labels = [*(f"with {label}" for label in report.labels), "as it is"]
    for label, (one, settings, price) in zip(labels, report.shown, strict=False):
        lost = sum(settings.losses(one.left_out_objects).values())
        total = numbers.count(lost + one.num_objects)
        times = f" ({price.multiply_adds:.2f} times the multiply-adds)"
        times *= f"{price.multiply_adds:.2f}" != "1.00"
        number = numbers.count(lost + one.num_unassigned)
        parts.append(f"{number} {label}{times}")
    what = "candidate" if facts else "positive"
    yield (
        f"Left out at this size or without a {what}, of {total} objects: "
        f"{', '.join(parts)}."
    )


def _span(report: "SweepReport") -> str:
    """Write the shares of today, and from where to where those of the rows go."""
    outcome, parts = report.advice.outcome, []
    rows = [one.measures for one in report.advice.effects if one]
    is_span = outcome in (Outcome.NO_DIFFERENCE, Outcome.NOT_BETTER)
    is_both = outcome in (Outcome.FINE, Outcome.NOT_BETTER)
    for place in range(2 if is_both else 1) if rows else ():
        every = [one[place][1][0] for one in rows]
        shares = [one.before or 0.0 for one in every]
        shares += [one.after or 0.0 for one in every] if is_span else []
        span = numbers.span_of_shares(min(shares, default=0), max(shares, default=0))
        parts.append(f"{span} {rows[0][place][0].words}")
    return ", ".join(parts)


def _named(measure: Measure, found: Difference) -> str:
    """Write a change: "poorly assigned 13.4 -> 5.4%", of a size with its name."""
    whose = ""
    if found.name != EVERYTHING:
        whose = f" of {numbers.count(found.num_objects)} {found.name} objects"
    return f"{measure.words}{whose} {_change(found)}"


def _lowered(measure: Measure, found: Difference) -> str:
    """Write a fall after "would lower"."""
    share = "the share " * (measure is Measure.WITHOUT_CANDIDATE)
    return f"would lower {share}{_named(measure, found)}"


def _change(found: Difference) -> str:
    before, after = (numbers.percent(one) for one in (found.before, found.after))
    return f"{before.removesuffix('%')} -> {after}"


def _change_sentences(report: "SweepReport") -> Iterator[str]:
    """Tell what the row to change to gains, costs and worsens, and what others give."""
    advice, choice = report.advice, report.choice
    effect = None if choice is None else advice.effects[choice]
    if choice is None or effect is None or not (gain := effect.gain):
        return
    ends = dict.fromkeys(map(numbers.points, gain.difference.interval or ()))
    times, label = f"{effect.cost:.2f} times", report.labels[choice]
    change = f"{_named(*gain)} ({' to '.join(ends)} points)"
    every = dict(effect.measures)[gain.measure][0]
    if gain.difference.name != EVERYTHING:
        change += f", of all {numbers.count(every.num_objects)} {_change(every)}"
    if times != "1.00 times":
        change += f", {times} the multiply-adds of a ResNet-50 FPN with two towers"
    if advice.is_fine:  # so that nothing is recommended but what is free
        label = f"Nothing needs changing, yet {label} costs nothing"
    yield f"{label}: {change}."
    rises = [
        (one.name == EVERYTHING, one.change, _named(measure, one))
        for measure, every in effect.measures
        for one in every
        if one.change >= GAIN_OF_ALL and not one.is_none
        if one.num_objects >= ENOUGH_OBJECTS
    ]
    if rises:
        yield f"It raises {max(rises)[-1]}."
    if others := list(_others(report, choice, gain.measure, gain.difference.name)):
        yield f"It would be {numbers.joined(others)}."
    yield from _other_kinds(report)


def _other_kinds(report: "SweepReport") -> Iterator[str]:
    """Name what else may help, at less cost perhaps."""
    if kinds := report.other_kinds:
        yield f"To try as well: {numbers.joined([*kinds])}."


def _passed_up(report: "SweepReport") -> Iterator[str]:
    """Name the largest gain, and its price, where nothing needs changing."""
    if report.advice.outcome is Outcome.FINE:
        free = _gains_if_free(report)
        row = min(free, key=lambda row: free[row][1].difference.change)
        cost, gain = free[row]
        price = f"at {cost:.2f} times the multiply-adds" if cost > 1 else "at no cost"
        yield f"{report.labels[row]} {_lowered(*gain)}, {price}."


def _gains_if_free(report: "SweepReport") -> dict[int, tuple[float, Gain]]:
    """Cost and gain of the rows that were worth a change if they cost nothing.

    Where poorly assigned objects fall, rows that lower what is missing only are none.
    """
    effects = enumerate(report.advice.effects)
    free = {
        row: (one.cost, gain)
        for row, one in effects
        if one and (gain := one.gain_if_free)
    }
    first = (Measure.POORLY_ASSIGNED, Measure.WITHOUT_CANDIDATE)
    poorly = {row: each for row, each in free.items() if each[1].measure in first}
    return poorly or free


def _others(
    report: "SweepReport", choice: int, measure: Measure, name: str
) -> Iterator[str]:
    """Tell of the cheapest row that helps the same objects, and of the best."""
    effects = report.advice.effects
    falls = {
        row: (effect.cost, one.after or 0.0)
        for row, effect in enumerate(effects)
        if effect and effect.gain and effect.gain.measure is measure
        for one in dict(effect.measures)[measure]
        if one.name == name and one.change < 0 and not one.is_none
    }
    cheapest = min(falls, key=lambda row: falls[row])
    best = min(falls, key=lambda row: falls[row][::-1])
    for row in dict.fromkeys((cheapest, best)):
        cost, share = falls[row]
        if f"{cost:.2f}" != f"{falls[choice][0]:.2f}":
            part = numbers.percent(share)
            yield f"{part} with {report.labels[row]} at {cost:.2f} times"


def _held_back(report: "SweepReport") -> str:
    """Name the row that gains, and what speaks against it: its price, or others."""
    if report.advice.outcome is Outcome.TOO_DEAR:
        free = _gains_if_free(report)
        row = min(free, key=lambda row: (free[row][0], row))
        cost, gain = free[row]
        worth = f"which is not worth {cost:.2f} times the multiply-adds"
        return f"{report.labels[row]} {_lowered(*gain)}, {worth}"
    effects = {row: one for row, one in enumerate(report.advice.effects) if one}
    falls = {row: fall for row, one in effects.items() if (fall := one.gain_others_pay)}
    row = min(falls, key=lambda row: (effects[row].poorly[0].change, row))
    worst = max(losers(effects[row].poorly), key=lambda size: size.change)
    raises = "perhaps raise" if worst.is_none else "raise"
    measure = effects[row].measures[0][0]
    gained, lost = _lowered(measure, falls[row]), _named(measure, worst)
    return f"{report.labels[row]} {gained}, but {raises} {lost}"
