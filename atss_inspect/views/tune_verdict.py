"""The verdict of `tune`: what to change and what that gains, or why to leave it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from atss_inspect.settings import Settings
from atss_inspect.statistics.advice import GAIN_OF_SIZE
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
_FEWER = 0.2  # part of the positives of an object whose loss is told


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
        today = tuning.today
        if not today.rule.free_knobs(today.assigner, today.anchors).each:
            yield "Of its rule no setting is turned, only images and levels."
        yield from _too_little(report)
        dear = tuning.budget * (1 + 1e-9)
        if any(one.price.multiply_adds > dear for one in report.named.values()):
            yield "What costs more does gain, on the other half of the images too."
    if rows := tuning.perhaps_chance:
        number = numbers.plural(len(rows), "row")
        share = numbers.percent(rows[0].order[0])
        one = "leaves" if len(rows) == 1 else "leave"
        yield f"{number} more {one} fewer ({rows[0].rung}: {share}), perhaps by chance."
    if tuning.is_thin:
        number = numbers.plural(tuning.before.num_objects, "object")
        yield f"{number} are thin evidence."
    if tuning.not_tried:
        left = numbers.joined(list(tuning.not_tried))
        stopped = f"Stopped{report.stopped and f' {report.stopped}'}, before: {left}"
        yield f"{stopped}; the command below tries all."


def _change(report: "TuneReport", row: TunedRow) -> Iterator[str]:
    """Name the settings, what they gain, and what that is on other images."""
    cost, every = row.price.multiply_adds, row.difference
    is_free = 0.995 <= cost <= 1
    price = "nothing" if is_free else f"{cost:.2f} times as much"
    ends = every.interval and f" ({numbers.span_of_points(every.interval)} points)"
    gain = f"{row.measure.words} {_from_to(every.before, every.after)}{ends or ''}"
    values = values_text(row.settings, report.today)
    if row.at_todays_bar is not row.summary:
        share = row.measure.share_of(row.at_todays_bar.every_object)
        gain += f", {numbers.percent(share)} at today's bar"
    yield f"{report.proposed} costs {price}: {values}: {gain}{_fewer(report, row)}."
    yield f"Tuned on half of the images, on the other half {_carried(row)}."


def _fewer(report: "TuneReport", row: TunedRow) -> str:
    """Tell where objects have far fewer positives each; empty where not."""
    both = report.tuning.before, row.summary
    before, after = (one.mean_positives or 0.0 for one in both)
    if after > (1 - _FEWER) * before:
        return ""
    means = f"mean {numbers.mean(before)} -> {numbers.mean(after)}"
    return f", with fewer positives each: {means}"


def _carried(row: TunedRow) -> str:
    """Write shares of each half before and after: 68.9 -> 41.7% and 47.8 -> 25.2%."""
    share_of = row.measure.share_of
    parts = [_from_to(*map(share_of, each[:2])) for each in row.carried]
    return numbers.joined(parts)


def _from_to(before: float | None, after: float | None) -> str:
    return f"{numbers.percent(before).removesuffix('%')} -> {numbers.percent(after)}"


def _kept(report: "TuneReport") -> str:
    """Write why there is no proposal."""
    tuning, name = report.tuning, printable(report.today.name)
    outcome, row = tuning.outcome, tuning.best
    if outcome is Outcome.WITHHELD and row:
        what = f"the gain of {row.rung} on one half of the images does not carry over"
        shares = f"{row.measure.words} {_carried(row)}"
        return f"Withheld: {what} to the other ({shares}): leave it."
    most = f"{100 * max(0.0, tuning.largest_fall):.1f} points"
    if outcome is Outcome.FEW_IMAGES:
        few = f"with fewer than {FEWEST_IMAGES} images chance may make any gain"
        return f"Leave it: {few}."
    if outcome is Outcome.FINE:
        least = f"{100 * GAIN_OF_SIZE:g} points at no cost (at most {most})"
        return f"Leave it: {name} is fine here, and nothing gains {least}."
    if outcome is Outcome.SOME_LOSE:
        return (
            f"Leave it: what some objects would gain others would lose{_held(report)}."
        )
    is_any = tuning.largest_fall >= _NOTHING
    gain = f"gains more than {most}" if is_any else "gains anything"
    price = "at the same price" if tuning.budget == 1 else "within the budget"
    return f"Leave it: nothing tried {price} {gain}."


def _held(report: "TuneReport") -> str:
    """Name what gains most, and who loses by it; empty where that is little."""
    if not (one := report.tuning.held_back):
        return ""
    words = report.tuning.rows[0].effect.measures[0][0].words
    gain = f"{words} {_from_to(one.before, one.after)}"
    losers = numbers.joined([f"{name} ones" for name in one.losers])
    return f" ({values_text(one.settings, report.today)}: {gain}, but {losers} lose)"


def _too_little(report: "TuneReport") -> Iterator[str]:
    """Write what does gain on both halves, and why nothing is made of it."""
    tuning = report.tuning
    rows = [one for one in tuning.affordable if one.gain and one.holds]
    if tuning.outcome is Outcome.FINE:
        best = rows[0]
        name = "This" if best is tuning.affordable[0] else f"That of {best.rung}"
        gained = f"{best.measure.words} {_carried(best)}"
        yield f"{name} holds on the other half of the images ({gained})."
    if shown := [name for name, row in report.named.items() if row in rows]:
        verb = "gains" if len(shown) == 1 else "gain"
        yield f"{numbers.joined(shown)} {verb} too little to change what is fine."


def carried_record(one: Carried, today: Settings) -> Record:
    """Make a record of the objects of one half, and what was tuned on the other."""
    return {
        "settings": changes_of(one.settings, today),
        "num_objects": one.before.num_objects,
        "before": one.before.poorly_assigned_share,
        "tuned_on_other_half": one.after.poorly_assigned_share,
        "tuned_on_all": one.own.poorly_assigned_share,
    }
