"""What the import of a config has found: for people, and for JSON."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from atss_inspect.views.names import printable

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Finding
    from atss_inspect.errors import SettingsError
    from atss_inspect.importing.imported import Imported, Remark
    from atss_inspect.settings import ResolvedSettings

SCHEMA_VERSION = 1


def remark_lines(imported: "Imported") -> Iterator[str]:
    """Write what a person must know, a line each; all defaults in one."""
    yield from warning_lines(imported.remarks)
    told = [f"{one.key} ({one.text})" for one in imported.remarks if _is_default(one)]
    if told:
        yield f"note: left to {imported.framework}: {printable(', '.join(told))}"


def warning_lines(remarks: "Sequence[Remark]") -> Iterator[str]:
    """Write what is imitated in part or was not read, a line each."""
    for one in remarks:
        if not _is_default(one):
            yield f"warning: {printable(one.sentence)}"


def remark_findings(resolved: "Sequence[ResolvedSettings]") -> "list[Finding]":
    """List, as what is odd, what is imitated in part or was not read of configs."""
    from atss_inspect.annotations.dataset import Finding

    return [
        Finding(f"config_{one.kind}", 1, line.removeprefix("warning: "))
        for each in resolved
        for one in each.remarks
        for line in warning_lines([one])
    ]


def _is_default(remark: "Remark") -> bool:
    return remark.kind == "default"


def import_document(imported: "Imported") -> dict[str, Any]:
    """List settings with their places, and all remarks, for JSON."""
    settings = {
        one.path: {
            "value": one.value,
            "file": one.place.file,
            "line": one.place.line,
            "key": one.key,
            "is_default": bool(one.default),
        }
        for one in sorted(imported.found, key=lambda found: found.path)
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "framework": imported.framework,
        "files": list(imported.files),
        "extends": imported.extends,
        "settings": settings,
        "inexact": _remarks(imported, "inexact"),
        "not_read": _remarks(imported, "not_read"),
        "default": _remarks(imported, "default"),
        "refused": None,
    }


def _remarks(imported: "Imported", kind: str) -> list[dict[str, Any]]:
    """List the remarks of one kind."""
    return [
        {"key": one.key, "text": one.text} | _place(one.place)
        for one in imported.remarks
        if one.kind == kind
    ]


def _place(place: Any) -> dict[str, Any]:
    if place is None:
        return {"file": None, "line": None}
    return {"file": place.file, "line": place.line}


def refusal_document(error: "SettingsError", file: str) -> dict[str, Any]:
    """Tell, for JSON, why nothing was imported."""
    place, key = getattr(error, "place", None), getattr(error, "key", None)
    where = _place(place) if place else {"file": file, "line": None}
    reason = getattr(error, "reason", str(error))
    return {
        "schema_version": SCHEMA_VERSION,
        "refused": {"key": key, **where, "reason": reason},
    }
