"""What is said of gates: who certainly stays without, and who cannot get all."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from atss_inspect.statistics.grades import Grade, Judgement
from atss_inspect.statistics.summary import Summary
from atss_inspect.statistics.val2017 import USUAL_BELOW_QUOTA
from atss_inspect.views import numbers
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    from atss_inspect.views.stats import StatsReport

GATES_NOTE = (
    "Candidates are the anchor points that an object may get; which of them it gets, "
    "and whether any, the predictions decide. The rule picks up to the quota of them; "
    "a contest may move a picked point to another object that has it as a candidate."
)
# What follows for objects without a candidate of their own.
CERTAIN = "which certainly stay without a positive"
LOOSE = "which may get positives of others only"
# Of lists of objects, and of images and classes.
CERTAIN_NOTE = (
    "cand.: anchor points that the object may get; at most: so many of them are "
    "picked, by the quota ({quota})."
)
LOOSE_NOTE = (
    "cand.: anchor points of its own. Points of others can be picked, too, at most "
    "{quota} in all: without its own an object is trained from these, if at all."
)
COUNTS_NOTE = (
    "without: objects without a candidate point of their own; share: of all objects of "
    "the row."
)


def gate_sentences(
    report: "StatsReport", *, with_grade: bool = False, with_remedy: bool = True
) -> Iterator[str]:
    """Tell what each gate of a report lets through, the worst first.

    ``with_grade``: after its grade; ``with_remedy``: what may help, last.
    """
    judged = report.judgements
    every = list(zip(report.names, report.summaries, judged, strict=True))
    every.sort(key=lambda one: 0 if one[2].grade is None else -one[2].grade.rank - 1)
    worst = every[0][2].grade if every else None
    lead = f"{worst}: " if with_grade and worst else ""
    for name, summary, one in every:
        if summary.num_objects:
            yield f"{lead}{printable(name)} {_outcome(summary, one)}."
            lead = ""
    if with_remedy and any(map(_has_few, report.summaries, judged)):
        yield "Larger images or a finer level (P2) bring more points into each object."


def _has_few(summary: Summary, judged: Judgement) -> bool:
    """Whether clearly more objects than usual lack candidates."""
    share = summary.share_of_objects(summary.every_object.num_below_quota or 0) or 0.0
    usual = USUAL_BELOW_QUOTA.get(judged.usual_of, 0.0)
    return judged.grade not in (None, Grade.FINE) or share > 1.25 * usual + 0.02


def _outcome(summary: Summary, judged: Judgement) -> str:
    """What the gate of one convention does to the objects, without its name."""
    every, facts = summary.every_object, summary.candidates
    assert facts is not None
    few = numbers.percent(summary.share_of_objects(every.num_below_quota or 0))
    usual = USUAL_BELOW_QUOTA.get(judged.usual_of)
    usually = "" if usual is None else f" (usually {numbers.percent(usual)})"
    cannot = f"{few}{usually} have fewer than the {facts.quota} it picks"
    if not every.num_unassigned:
        return f"has a candidate point for every object; {cannot}"
    number = numbers.plural(every.num_unassigned, "object")
    part = numbers.percent(every.unassigned_share)
    which = CERTAIN if facts.is_certain else LOOSE
    return f"has no candidate point for {number} ({part}), {which}; {cannot}"
