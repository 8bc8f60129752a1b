"""What is said of gates: who certainly stays without, and who cannot get all."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from atss_inspect.statistics.grades import Grade, Judgement
from atss_inspect.statistics.summary import Summary
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
CERTAIN = "at this size they get no positive, whatever is predicted"
LOOSE = "they may get points of others"
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
    "without: objects without a candidate of their own; share: of all objects of "
    "the row."
)


def gate_sentences(
    report: "StatsReport", *, with_grade: str | None = None, with_remedy: bool = True
) -> Iterator[str]:
    """Tell what each gate of a report lets through, the worst first.

    ``with_grade``: what stands before the worst grade, if that is told;
    ``with_remedy``: what may help, last.
    """
    judged = report.judgements
    every = list(zip(report.names, report.summaries, judged, strict=True))
    every.sort(key=lambda one: 0 if one[2].grade is None else -one[2].grade.rank - 1)
    worst = every[0][2].grade if every else None
    lead = "" if with_grade is None or worst is None else f"{with_grade}{worst}: "
    told: set[str] = set()
    for name, summary, one in every:
        if summary.num_objects:
            yield f"{lead}{printable(name)} {_outcome(summary, one, told)}."
            lead = ""
    is_bad = any(one.grade not in (None, Grade.FINE) for one in judged)
    if with_remedy and is_bad:
        yield "Larger images or a finer level (P2) bring more points into each object."


def _outcome(summary: Summary, judged: Judgement, told: set[str]) -> str:
    """What the gate of one convention does to the objects, without its name.

    What follows for those without a candidate is ``told`` once.
    """
    every, facts, few = summary.every_object, summary.candidates, judged.of_quota
    assert facts is not None
    assert few is not None
    usual = "" if few.usual is None else f" (usually {numbers.percent(few.usual)})"
    picked = f"fewer than the {facts.quota} it picks"
    cannot = f"{numbers.percent(few.share)}{usual} have {picked}"
    if not every.num_unassigned:
        return f"leaves no object without a candidate; {cannot}"
    number = numbers.plural(every.num_unassigned, "object")
    part = numbers.percent(every.unassigned_share)
    whose = "" if facts.is_certain else " of their own"
    follows = CERTAIN if facts.is_certain else LOOSE
    text = f"leaves {number} ({part}) without a candidate{whose}"
    if follows not in told:
        told.add(follows)
        text += f": {follows}"
    return f"{text}; {cannot}"
