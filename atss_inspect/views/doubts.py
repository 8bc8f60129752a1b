"""What looks wrong about annotations, so that numbers may mean little."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from atss_inspect.readers.findings import DOUBTS, SIZES_CONTRADICTED, place_of_doubt
from atss_inspect.views import numbers

if TYPE_CHECKING:
    from atss_inspect.views.stats import StatsReport

# A part of the annotations that must not be lost without a word, as for `check`.
MANY = 0.01


def doubts(report: "StatsReport") -> list[str]:
    """Name what looks wrong, in sentences.

    Sizes that only boxes speak against matter where they are more than a few.
    """
    few = MANY * max(report.dataset.num_images, 1)
    found = [
        f"{one.message.partition(';')[0]}."
        for one in sorted(report.dataset.findings, key=place_of_doubt)
        if one.reason in DOUBTS
        and (one.count > few or one.reason.startswith(("boxes", SIZES_CONTRADICTED)))
    ]
    return [*found, *_copies(report)]


def _copies(report: "StatsReport") -> Iterator[str]:
    """Name copies of boxes where these may be most objects without a positive."""
    groups = [one.every_object for one in report.summaries]
    lost = min((one.num_unassigned for one in groups), default=0)
    for one in report.dataset.findings:
        is_many = one.count > MANY * report.dataset.num_objects
        if one.reason == "bbox_repeated" and is_many and 0 < lost < 2 * one.count:
            number = numbers.plural(lost, "object")
            copies = one.message.partition(";")[0]
            yield f"{copies}, and {number} get no positive: remove the copies."
