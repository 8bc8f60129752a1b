"""JSON Schema (draft 2020-12) of types: what is declared once is not written twice."""

import types
import typing
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NotRequired, get_args, get_origin

from atss_inspect.fields import Limit

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NAMES: dict[Any, str] = {bool: "boolean", int: "integer", float: "number"}
_NAMES |= {str: "string", None: "null", types.NoneType: "null"}
_OTHERS: dict[Any, Schema] = {Any: {}, typing.Never: {"not": {}}}


class FromTypes:
    """Makes schemas; those of typed dicts are kept under their names, for ``$ref``."""

    def __init__(self, known: Mapping[Any, Schema] | None = None) -> None:
        """Begin; ``known`` holds types whose schema is made elsewhere."""
        self.known = known or {}
        self.definitions: dict[str, Schema] = {}

    def of(self, kind: Any, limits: Sequence[Limit | None] = ()) -> Schema:
        """Make the schema of a type; ``limits`` are of the value, then of elements."""
        origin, parts = get_origin(kind), get_args(kind)
        if origin in (Annotated, NotRequired):
            return self.of(parts[0], parts[1:] or limits)
        if origin in (types.UnionType, typing.Union):
            return self._union(parts, limits)
        if origin in (list, tuple):
            return self._list(parts, limits)
        if origin is dict:
            return {"type": "object", "additionalProperties": self.of(parts[1])}
        if origin is Literal:
            return {"enum": [*parts]}
        if typing.is_typeddict(kind):
            return self._named(kind)
        if kind in _OTHERS:
            return _OTHERS[kind]
        return {"type": _NAMES[kind], **_ends(limits)}

    def _union(self, parts: Sequence[Any], limits: Sequence[Limit | None]) -> Schema:
        """Any of several; plain types without more to say stand in one list."""
        if int in parts and float in parts:
            parts = [part for part in parts if part is not int]
        every = [self.of(part, limits) for part in parts]
        if all(one.keys() == {"type"} for one in every):
            return {"type": [one["type"] for one in every]}
        return {"anyOf": every}

    def _list(self, parts: Sequence[Any], limits: Sequence[Limit | None]) -> Schema:
        """A list of one type, or of so many elements; how long its limit says."""
        limit, *inner = limits or (None,)
        inner = inner or [limit and Limit(limit.allows, "", ends=limit.ends)]
        if parts[-1] is not Ellipsis and len(parts) > 1:
            every = [self.of(part, inner) for part in parts]
            number = len(every)
            fixed = {"minItems": number, "maxItems": number}
            return {"type": "array", "prefixItems": every, **fixed}
        found: Schema = {"type": "array", "items": self.of(parts[0], inner)}
        if limit and limits[1:]:
            found |= {"maxItems": int(limit.most)} if limit.most else {}
            found |= {} if limit.allows(()) else {"minItems": 1}
        return found

    def _named(self, kind: Any) -> Schema:
        """A record: its keys must be there unless they may be missing."""
        name = kind.__name__
        if kind in self.known:
            self.definitions[name] = self.known[kind]
        if name not in self.definitions:
            self.definitions[name] = {}  # it may hold itself
            hints = typing.get_type_hints(kind, include_extras=True)
            found = {"description": kind.__doc__} if kind.__doc__ else {}
            self.definitions[name] = found | {
                "type": "object",
                "properties": {key: self.of(one) for key, one in hints.items()},
                "required": [key for key in hints if key in kind.__required_keys__],
            }
        return {"$ref": f"#/$defs/{name}"}


def _ends(limits: Sequence[Limit | None]) -> Schema:
    """What a number must lie between."""
    least, most = (limits[0].ends if limits and limits[0] else None) or (None, None)
    found = {"minimum": least, "maximum": most}
    return {key: end for key, end in found.items() if end is not None}
