"""Everything that was tried, a row for each settings on each set of images."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from atss_inspect.settings.parameters import format_value
from atss_inspect.statistics.gate_keys import of_gate
from atss_inspect.statistics.summary import SIZE_BINS

if TYPE_CHECKING:
    import pandas as pd

    from atss_inspect.settings import Settings
    from atss_inspect.statistics.summary import Summary
    from atss_inspect.statistics.tally import Group
    from atss_inspect.statistics.tuning.outcome import Tuning


def evaluation_records(tuning: "Tuning") -> Iterator[dict[str, Any]]:
    """Make a record of everything that was tried.

    ``images`` is what shares are of: ``all`` or a half, as it is judged, or a sample of
    these, as the search looks at it. ``low_quality_matches`` tells whether these count
    there. ``price`` is multiply-adds, as a multiple of today's on the same images.
    """
    for one in tuning.evaluations:
        summary = one.summary
        record: dict[str, Any] = {
            "rung": one.rung,
            "images": one.images,
            "changes": changes_text(one.settings, tuning.today),
            "low_quality_matches": summary.by_size.has_low_quality,
            **shares_of(summary),
            "shortfall": one.shortfall,
            "price": tuning.price_of(one).multiply_adds,
        }
        for size, group in zip(SIZE_BINS, summary.by_size.groups, strict=True):
            record[f"poorly_assigned_share_{size}"] = group.poorly_assigned_share
            record[f"unassigned_share_{size}"] = group.unassigned_share
        yield of_gate(record) if summary.by_size.is_of_gate else record


def shares_of(summary: "Summary") -> dict[str, Any]:
    """How many objects, and what is to be small of all of them."""
    every = summary.every_object
    mean = "mean_max_positives" if every.is_of_gate else "mean_positives"
    means = {mean: every.mean_positives, "gini": summary.gini}
    return group_shares(every) | {"missing_to_need": every.missing_to_need} | means


def group_shares(group: "Group") -> dict[str, Any]:
    """How many objects, and the shares that are to be small."""
    return {
        "num_objects": group.num_objects,
        "unassigned_share": group.unassigned_share,
        "poorly_assigned_share": group.poorly_assigned_share,
    }


def evaluations_frame(tuning: "Tuning") -> "pd.DataFrame":
    """Make a DataFrame of `evaluation_records`."""
    import pandas as pd

    return pd.DataFrame(evaluation_records(tuning))


def changes_of(settings: "Settings", today: "Settings") -> dict[str, Any]:
    """List the settings by path that are not today's."""
    own = today.values()
    every = settings.values().items()
    return {path: value for path, value in every if own.get(path, ...) != value}


def changes_text(settings: "Settings", today: "Settings") -> str:
    """Write them in one line: anchors.scale=2.0; anchors.ratios=[0.5, 1.0, 2.0]."""
    changed = changes_of(settings, today)
    return "; ".join(f"{path}={format_value(each)}" for path, each in changed.items())
