"""JSON Schemas of the TOML files and of everything that programs read of this tool."""

from collections.abc import Callable
from functools import partial
from typing import Any

from atss_inspect.schemas import settings_file
from atss_inspect.schemas.documents import DOCUMENTS, LINES
from atss_inspect.schemas.from_types import DIALECT, FromTypes, Schema
from atss_inspect.schemas.parts import Settings


def _schema_of(kind: Any) -> Schema:
    """Make the schema of a type of `documents`, with all that it refers to."""
    made = FromTypes({Settings: settings_file.resolved_schema()})
    return made.of(kind) | {"$defs": made.definitions}


# By the name that `config schema` takes; lines are those of JSON Lines.
_MADE: dict[str, Callable[[], Schema]] = {
    "settings": settings_file.settings_schema,
    "project": settings_file.project_schema,
    **{name: partial(_schema_of, kind) for name, kind in DOCUMENTS.items()},
    **{f"{name}-line": partial(_schema_of, kind) for name, kind in LINES.items()},
}
NAMES = tuple(_MADE)


def schema(name: str = "settings") -> Schema:
    """Make a schema, one of `NAMES`: draft 2020-12, open where keys may be added."""
    return {"$schema": DIALECT, **_MADE[name]()}
