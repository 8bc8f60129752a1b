"""What a notebook shows of a summary and of tuning."""

from atss_inspect.notebook import table_html
from atss_inspect.statistics.summary import SIZE_BINS, Summary
from atss_inspect.statistics.tally import Group, share
from atss_inspect.statistics.tuning.frame import changes_text
from atss_inspect.statistics.tuning.outcome import Tuning
from atss_inspect.views import numbers


def summary_html(summary: Summary) -> str:
    """Count all objects and those of each size."""
    heads = ("", "objects", f"{_given(summary)}s, mean", *_heads(summary))
    names = ("all", *SIZE_BINS)
    groups = (summary.every_object, *summary.by_size.groups)
    rows = [
        (
            name,
            numbers.count(one.num_objects),
            numbers.mean(share(one.num_positives, one.num_objects)),
            *_shares(one),
        )
        for name, one in zip(names, groups, strict=True)
    ]
    return table_html("", heads, rows)


def tuning_html(tuning: Tuning) -> str:
    """List today's settings and the rows by price, the proposal marked."""
    rows = [("today", "", numbers.ratio(1), *_shares(tuning.before.every_object))]
    for name, one in tuning.named().items():
        mark = f"{name}, proposed" if one is tuning.proposal else name
        changes = changes_text(one.settings, tuning.today)
        cost = numbers.ratio(one.price.multiply_adds)
        rows.append((mark, changes, cost, *_shares(one.summary.every_object)))
    title = f"{tuning.today.name}: {tuning.outcome.value}"
    heads = ("", "changes", "multiply-adds", *_heads(tuning.before))
    return table_html(title, heads, rows, num_texts=2)


def _given(summary: Summary) -> str:
    """What objects get; of a gate at most so many candidates are picked."""
    return "positive" if summary.candidates is None else "candidate"


def _heads(summary: Summary) -> tuple[str, ...]:
    is_gate = summary.candidates is not None
    return f"without a {_given(summary)}", "below quota" if is_gate else "poorly"


def _shares(group: Group) -> tuple[str, str]:
    below = group.poorly_assigned_share
    if group.is_of_gate:
        below = share(group.num_below_quota or 0, group.num_objects)
    return numbers.percent(group.unassigned_share), numbers.percent(below)
