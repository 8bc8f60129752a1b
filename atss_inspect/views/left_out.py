"""What of the annotations is not among the objects, in words."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from atss_inspect.annotations.data_rules import BY_SIZE, losses
from atss_inspect.statistics.summary import Summary
from atss_inspect.views import numbers
from atss_inspect.views.doubts import MANY
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    from atss_inspect.views.stats import StatsReport

_MOST_REASONS = 4


def left_out(report: "StatsReport", *, expected: bool = False) -> Iterator[str]:
    """Name what is not among the objects; the expected only where it is asked for."""
    pairs = zip(report.summaries, report.losses, strict=True)
    texts = [_losses(report, *pair, expected=expected) for pair in pairs]
    if not any(texts):
        return
    sizes = [summary.num_left_out for summary in report.summaries]
    loss = texts[sizes.index(max(sizes))] or next(filter(None, texts))
    who = "Left out by every preset" if len(texts) > 1 else "Left out"
    if len({*texts}) > 1:
        who = f"Left out by {printable(report.names[texts.index(loss)])}"
    yield f"{who}: {loss}."


def dropped(report: "StatsReport") -> Iterator[str]:
    """Name what is dropped at the size of training, which larger images keep."""
    number = report.dataset.num_annotations
    parts = {
        name: sum(one.get(why, 0) for why in BY_SIZE)
        for name, one in zip(report.names, report.losses, strict=True)
    }
    many = {name: lost for name, lost in parts.items() if lost > MANY * number}
    if many:
        each = [f"{printable(name)} {numbers.count(n)}" for name, n in many.items()]
        whom = f"{', '.join(each)} of {numbers.plural(number, 'annotation')}"
        yield f"Dropped as too small at this size: {whom}."


def _losses(
    report: "StatsReport",
    summary: Summary,
    lost_objects: Mapping[str, int],
    *,
    expected: bool,
) -> str:
    """Write what a preset leaves out, and why; nothing if none of it matters."""
    objects, images = summary.left_out_objects, summary.left_out_images
    all_ = numbers.plural(report.dataset.num_annotations, "annotation")
    amounts = (
        (objects, lost_objects, f"{numbers.count(sum(objects.values()))} of {all_}"),
        (images, losses(images), numbers.plural(sum(images.values()), "image")),
    )
    parts = []
    for lost, unwanted, amount in amounts:
        if unwanted or (expected and lost):
            words = []
            for reason in sorted(lost, key=lambda each: (-lost[each], each)):
                number = f" {numbers.count(lost[reason])}" * (len(lost) > 1)
                words.append(reason.replace("_", " ") + number)
            words[_MOST_REASONS:] = ["..."] if words[_MOST_REASONS:] else []
            parts.append(f"{amount} ({', '.join(words)})")
    return " and ".join(parts)
