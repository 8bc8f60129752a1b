"""Keys of documents for what is counted of gates, in place of those of assignments.

An object without a candidate is counted as one without a positive is, and how many of
its candidates are picked at most as its positives are.
"""

from collections.abc import Mapping
from typing import Any

# In the order of columns of `Tally.counts`, where they are such.
NAMES = {
    "num_positives": "max_positives",
    "num_unassigned": "num_without_candidate",
    "unassigned_share": "without_candidate_share",
    "expected_positives": "expected_max_positives",
}
# Gates have no bar, and what their training draws besides is not imitated.
_NOT_KNOWN = ("poorly", "low_quality", "never_in_epochs")


def of_gate(record: Mapping[str, Any]) -> dict[str, Any]:
    """Name what a record counts of a gate; what gates lack is left out."""
    found = {}
    for key, value in record.items():
        if not any(word in key for word in _NOT_KNOWN):
            name = next((one for one in NAMES if one in key), "")
            found[key.replace(name, NAMES.get(name, ""))] = value
    return found


def as_assigned(record: Mapping[str, Any]) -> dict[str, Any]:
    """Name the counts of a gate as those of assignments; `of_gate`, backwards."""
    names = {theirs: name for name, theirs in NAMES.items()}
    return {names.get(key, key): value for key, value in record.items()}
