"""A sweep that was saved with ``atss-inspect sweep --json``, back in."""

import math
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from atss_inspect.errors import DataError, first_line
from atss_inspect.readers.source import read_document, show_name

SCHEMA_VERSION = 1
_HINT = "save one with `atss-inspect sweep k=5,9,13 --json -o sweep.json`"

Count = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Mean = Annotated[float, Meta(ge=0)]


# What gates have in the place of positives: objects without a candidate, and bounds.
_OF_GATES = {
    "num_without_candidate": "num_unassigned",
    "without_candidate_share": "unassigned_share",
    "mean_max_positives": "mean_positives",
    "without_candidate_change": "poorly_assigned_change",
}


class SweepCounts(Struct, frozen=True, kw_only=True):
    """What became of some objects; of a gate what it lets them have (`_OF_GATES`)."""

    num_objects: Count
    num_unassigned: Count
    mean_positives: Mean | None
    unassigned_share: Share | None
    # sweeps saved by older versions do not have it
    poorly_assigned_share: Share | None = None

    @property
    def shown_share(self) -> float | None:
        """Share of poorly assigned objects; where unknown, of those without any."""
        poorly = self.poorly_assigned_share
        return self.unassigned_share if poorly is None else poorly


class SweepGroup(SweepCounts, frozen=True, kw_only=True):
    """Objects of one size under one row."""

    size: str


class SweepRow(SweepCounts, frozen=True, kw_only=True):
    """What one combination of values does; ``values`` by dotted path."""

    values: dict[str, Any]
    by_size: tuple[SweepGroup, ...]
    # How far the share rises from today's, and where that lies with 95 %; unknown
    # where it cannot be told from chance, or an older version saved it.
    poorly_assigned_change: float | None = None
    interval_low: float | None = None
    interval_high: float | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the share lies if today's is as it is; None where it is unknown."""
        share, change = self.shown_share, self.poorly_assigned_change
        ends = self.interval_low, self.interval_high
        if share is None or change is None or None in ends:
            return None
        low, high = (share - change + float(end or 0) for end in ends)
        return max(low, 0.0), min(high, 1.0)

    @property
    def is_within_chance(self) -> bool:
        """Whether chance alone may have made the difference from today's."""
        low, high = self.interval_low, self.interval_high
        return low is not None and high is not None and low <= 0 <= high


class SweepAxis(Struct, frozen=True):
    """A setting that was swept, as typed and by dotted path, and its values."""

    name: str
    path: str
    values: Annotated[tuple[Any, ...], Meta(min_length=1)]


class SweepChoice(Struct, frozen=True):
    """The row to change to."""

    row: Count


class SweepPart(Struct, frozen=True):
    """What was swept, and what came of it."""

    axes: Annotated[tuple[SweepAxis, ...], Meta(min_length=1)]
    choice: SweepChoice | None
    verdict: str


class SweepInput(Struct, frozen=True):
    """A file of annotations."""

    path: str


class SweepData(Struct, frozen=True):
    """How much was looked at."""

    num_images: Count


class SavedSweep(Struct, frozen=True):
    """A sweep as its JSON has it; what is not needed here is not looked at."""

    # inputs, data: the annotations
    inputs: tuple[SweepInput, ...]
    data: SweepData
    # of the convention that was changed, one table of settings
    settings: Annotated[tuple[dict[str, Any], ...], Meta(min_length=1, max_length=1)]
    # a row per combination, the last axis changing fastest
    results: Annotated[tuple[SweepRow, ...], Meta(min_length=1)]
    sweep: SweepPart
    is_of_gate: bool = False  # whether rows tell what a gate lets through

    @property
    def choice(self) -> int | None:
        """Place of the row to change to, if any."""
        return None if self.sweep.choice is None else self.sweep.choice.row


def read_sweep(name: str) -> SavedSweep:
    """Read a saved sweep; ``-`` is stdin, gzip is unpacked.

    Raises `DataError` where there is no such file, or it is no sweep of this version.
    """
    try:
        document = read_document(name)
    except DataError as error:
        # A closer hint, such as a file of nearly that name, is the better one.
        raise DataError(str(error), hint=error.hint or _HINT) from error
    return check_sweep(document, show_name(name))


def _with_bounds(document: dict[str, Any]) -> dict[str, Any]:
    """Put what gates have where other rules have positives."""
    rows = document.get("results")
    rows = rows if isinstance(rows, list) else []
    if not any(isinstance(row, dict) and _OF_GATES.keys() & row for row in rows):
        return document
    return document | {"results": list(map(_renamed, rows)), "is_of_gate": True}


def _renamed(row: Any) -> Any:
    """Rename what a row, and its sizes, have of a gate."""
    if not isinstance(row, dict):
        return row
    found = {_OF_GATES.get(name, name): value for name, value in row.items()}
    sizes = found.get("by_size")
    return found | (
        {"by_size": list(map(_renamed, sizes))} if isinstance(sizes, list) else {}
    )


def check_sweep(document: dict[str, Any], name: str) -> SavedSweep:
    """Take what is needed out of the document of a sweep.

    ``document`` is as `SweepReport.document` makes it, or read back; ``name`` is
    the file's, for messages. Raises `DataError` where something is missing, has another
    type or contradicts the rest: rows that are not those of the axes, and a choice of
    none of them.
    """
    version = document.get("schema_version")
    if "sweep" not in document or version is None:
        missing = "schema_version" if "sweep" in document else "sweep"
        problem = f'expected a saved sweep, got no "{missing}"'
        raise DataError(name, problem, hint=_HINT)
    if version != SCHEMA_VERSION:
        problem = f"schema_version: expected {SCHEMA_VERSION}, got {version!r}"
        hint = "save it again with this version of the tool"
        raise DataError(name, problem, hint=hint)
    try:
        saved = msgspec.convert(_with_bounds(document), SavedSweep)
    except msgspec.ValidationError as error:
        problem = f"is no saved sweep: {first_line(error)}"
        raise DataError(name, problem, hint=_HINT) from error
    expected = math.prod(len(axis.values) for axis in saved.sweep.axes)
    number = len(saved.results)
    if number != expected:
        problem = f"results: expected {expected} rows, got {number}"
        raise DataError(name, problem, hint=_HINT)
    if saved.choice is not None and saved.choice >= number:
        found = f"expected less than {number}, got {saved.choice}"
        raise DataError(name, "sweep.choice.row", found, hint=_HINT)
    return saved
