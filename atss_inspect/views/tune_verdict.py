"""The verdict of `tune`: what to change and what that gains, or why to leave it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from atss_inspect.settings import Settings
from atss_inspect.statistics.advice import GAIN_OF_SIZE, Measure
from atss_inspect.statistics.bootstrap import FEWEST_IMAGES
from atss_inspect.statistics.sweep import label_of
from atss_inspect.statistics.tuning.frame import changes_of
from atss_inspect.statistics.tuning.outcome import Carried, Outcome, TunedRow
from atss_inspect.views import numbers
from atss_inspect.views.names import printable
from atss_inspect.views.table import Record

if TYPE_CHECKING:
    from atss_inspect.views.tune import TuneReport

_NOTHING = 0.0005  # points are written with one decimal place


def values_text(settings: Settings, today: Settings) -> str:
    """Write what is not today's: scale 2, ratios [0.55, 1.1, 2.2]."""
    changed = changes_of(settings, today).items()
    named = [f"{path.rpartition('.')[2]} {label_of(value)}" for path, value in changed]
    return ", ".join(named)


def verdict_lines(report: "TuneReport") -> Iterator[str]:
    """Write what to do, what speaks for it, and what weakens it."""
    tuning, row = report.tuning, report.tuning.proposal
    if row is not None:
        yield from _change(report, row)
    else:
        yield _kept(report)
        yield from _too_little(report)
        dear = tuning.budget * (1 + 1e-9)
        if any(one.price.multiply_adds > dear for one in report.named.values()):
            yield "What costs more does gain, on the other half of the images too."
    if tuning.is_thin:
        number = numbers.plural(tuning.before.num_objects, "object")
        yield f"{number} are thin evidence."
    if tuning.not_tried:
        left = numbers.joined(list(tuning.not_tried))
        yield f"Stopped{report.stopped and f' {report.stopped}'}, before: {left}."


def _change(report: "TuneReport", row: TunedRow) -> Iterator[str]:
    """Name the settings, what they gain, and what that is on other images."""
    cost = row.price.multiply_adds
    price = "costs nothing" if cost <= 1 else f"costs {cost:.2f} times as much"
    if cost < 0.995:
        price = f"costs {cost:.2f} times as much"
    gain = row.gain
    every = dict(row.effect.measures)[gain.measure if gain else _second(row)][0]
    measure = gain.measure.words if gain else ""
    shares = _from_to(every.before, every.after)
    ends = numbers.span_of_points(every.interval) if every.interval else ""
    sure = f" ({ends} points)" if ends else ""
    values = values_text(row.settings, report.today)
    yield f"{report.proposed} {price}: {values}: {measure} {shares}{sure}."
    yield f"Tuned on half of the images, on the other half {_carried(row)}."


def _carried(row: TunedRow) -> str:
    """Write shares of each half before and after: 68.9 -> 41.7% and 47.8 -> 25.2%."""
    measure = row.gain.measure if row.gain else row.effect.measures[0][0]
    parts = [_from_to(*map(measure.share_of, each[:2])) for each in row.carried]
    return numbers.joined(parts)


def _second(row: TunedRow) -> Measure:
    return row.effect.measures[1][0]


def _from_to(before: float | None, after: float | None) -> str:
    return f"{numbers.percent(before).removesuffix('%')} -> {numbers.percent(after)}"


def _kept(report: "TuneReport") -> str:
    """Write why there is no proposal."""
    tuning, name = report.tuning, printable(report.today.name)
    outcome = tuning.outcome
    if outcome is Outcome.WITHHELD:
        row = next(one for one in tuning.affordable if one.gain)
        what = f"the gain of {row.rung} on one half of the images does not carry over"
        shares = f"{_measure(row)}{_carried(row)}"
        return f"Withheld: {what} to the other ({shares}): leave it."
    if outcome is Outcome.FEW_IMAGES:
        few = f"with fewer than {FEWEST_IMAGES} images chance may make any gain"
        return f"Leave it: {few}."
    if outcome is Outcome.FINE:
        most = f"at most {_most(tuning.largest_fall)}"
        least = f"{100 * GAIN_OF_SIZE:g} points at no cost ({most})"
        return f"Leave it: {name} is fine here, and nothing gains {least}."
    if outcome is Outcome.SOME_LOSE:
        return "Leave it: what some objects would gain others would lose."
    most = f"gains more than {_most(tuning.largest_fall)}"
    if tuning.largest_fall < _NOTHING:
        most = "gains anything"
    price = "at the same price" if tuning.budget == 1 else "within the budget"
    return f"Leave it: nothing tried {price} {most}."


def _too_little(report: "TuneReport") -> Iterator[str]:
    """Write what does gain on both halves, and why nothing is made of it."""
    tuning = report.tuning
    rows = [one for one in tuning.affordable if one.gain and one.holds]
    if tuning.outcome is Outcome.FINE:
        best = rows[0]
        name = "This" if best is tuning.affordable[0] else f"That of {best.rung}"
        gained = f"{_measure(best)}{_carried(best)}"
        yield f"{name} holds on the other half of the images ({gained})."
    if shown := [name for name, row in report.named.items() if row in rows]:
        verb = "gains" if len(shown) == 1 else "gain"
        yield f"{numbers.joined(shown)} {verb} too little to change what is fine."


def _measure(row: TunedRow) -> str:
    """Name what a row gains by, to stand before shares."""
    return f"{row.gain.measure.words} " if row.gain else ""


def _most(fall: float) -> str:
    """Write the largest gain in points."""
    return f"{100 * max(fall, 0.0):.1f} points"


def carried_record(one: Carried) -> Record:
    """Make a record of the objects of one half."""
    return {
        "num_objects": one.before.num_objects,
        "before": one.before.poorly_assigned_share,
        "tuned_on_other_half": one.after.poorly_assigned_share,
        "tuned_on_all": one.own.poorly_assigned_share,
    }
