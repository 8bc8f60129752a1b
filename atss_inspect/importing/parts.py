"""What mappings read configs with: parts that remember which of their keys were taken.

A mapping is one module a framework, with one pure function ``read(config, part)`` that
names the preset to start from or raises `Refused` (see `frameworks`). It opens a `Part`
for each dict that decides assignments, takes the keys that it knows as settings, and
ends with `Part.rest`: what nobody took is reported, never passed over.
"""

from collections.abc import Callable, Container, Mapping
from typing import Any, NoReturn

from atss_inspect.errors import SettingsError
from atss_inspect.importing.imported import Found, Imported, Remark, RemarkKind
from atss_inspect.importing.values import Node, Place, Unknown
from atss_inspect.presets import read_preset
from atss_inspect.presets.needing_models import WITHOUT_MODEL, is_about_models, why_none

REQUIRED = object()
_MOST = 1e30
_MOST_SHOWN = 60  # characters of a wrong value in a message
# What to do about a value that only running the config could tell.
SAY_IT = (
    "`atss-inspect config import FILE --with KEY=VALUE` says it; a run leaves a config "
    "with all values in its work folder"
)


class Unfit(Exception):
    """A value that no setting takes; the message says why."""


def words(text: str) -> frozenset[str]:
    """Split names between blanks, such as keys that decide nothing."""
    return frozenset(text.split())


def unfit(expected: str, value: Any) -> NoReturn:
    """Raise `Unfit` for a value that is not what is expected."""
    reason = f"expected {expected}, got {_shown(value)}"
    raise Unfit(reason)


def _shown(value: Any) -> str:
    """Write a value for a message, cut off where it is too long."""
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


def number(value: Any) -> float:
    """Check a number as floating point; `Unfit` where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        unfit("a number", value)
    if not abs(value) < _MOST:
        unfit("a finite number", value)
    return float(value)


def whole(value: Any) -> int:
    """Check a whole number of at least 1; `Unfit` where it is none."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < _MOST:
        unfit("a whole number of at least 1", value)
    return value


def numbers(values: Any) -> tuple[float, ...]:
    """Check a list of numbers; `Unfit` where it is none."""
    if not isinstance(values, list | tuple):
        unfit("a list of numbers", values)
    return tuple(map(number, values))


def border(value: Any) -> float:
    """Write every way to turn a border off as one: below 0 all is."""
    return number(value) if number(value) >= 0 else -1.0


class Refused(SettingsError):
    """A config that cannot be imitated: which key, where, and why."""

    def __init__(
        self, place: Place, key: str, reason: str, *, hint: str | None = None
    ) -> None:
        super().__init__(*filter(None, (place, key, reason)), hint=hint)
        self.key, self.place, self.reason = key, place, reason


class Notes:
    """What a mapping has found so far."""

    def __init__(self) -> None:
        self.found: list[Found] = []
        self.remarks: list[Remark] = []

    def say(self, kind: RemarkKind, key: str, place: Place | None, text: str) -> None:
        """Remember what a person must know."""
        self.remarks.append(Remark(kind, key, place, text))

    def value_of(self, path: str) -> Any:
        """Look up the last value set for a setting; None where there is none."""
        return next((f.value for f in reversed(self.found) if f.path == path), None)

    def imported(self, framework: str, extends: str) -> Imported:
        """Put it together; a default that the preset has too needs no line.

        The later of two values for the same setting wins.
        """
        preset = read_preset(extends)
        by_path = {one.path: one for one in self.found}
        # One key may be several settings.
        for key, text in dict.fromkeys((f.key, f.default) for f in by_path.values()):
            if text:
                self.say("default", key, None, text)
        kept = (one for one in by_path.values() if not _is_known(one, preset))
        return Imported(framework, (), extends, tuple(kept), tuple(self.remarks))


def _is_known(one: Found, preset: Mapping[str, Any]) -> bool:
    """Whether a default is what the preset has anyway."""
    section, _, name = one.path.partition(".")
    known = preset.get(section, {}).get(name)
    return bool(one.default) and same(known, one.value)


def same(one: Any, other: Any) -> bool:
    """Whether two values of a setting are equal, lists or tuples."""
    return bool(_as_lists(one) == _as_lists(other))


def _as_lists(value: Any) -> Any:
    is_list = isinstance(value, list | tuple)
    return list(map(_as_lists, value)) if is_list else value


class Part:
    """One dict of a config, and which of its keys were taken."""

    def __init__(self, node: Node, key: str, notes: Notes) -> None:
        if not isinstance(node.value, dict):
            if isinstance(node.value, Unknown):
                raise _not_written(node, key)
            raise Refused(node.place, key, "expected a dict with names")
        self.node, self.key, self.notes = node, key, notes
        self._taken: set[str] = set()

    def __contains__(self, name: str) -> bool:
        """Whether a key is there, and not None."""
        node = self.node.value.get(name)
        return node is not None and node.value is not None

    @property
    def type(self) -> str:
        """Class that ``type`` or ``_target_`` names, without modules; "" for none."""
        for name in ("type", "_target_", "name"):
            if name in self:
                return str(self.take(name)).rpartition(".")[2]
        return ""

    def key_of(self, name: str) -> str:
        """Write the dotted path of one of its keys."""
        separator = "." if self.key and name and not f"{name}".startswith("[") else ""
        return f"{self.key}{separator}{name}"

    def place_of(self, name: str) -> Place:
        """Find where a key's value is written; its own place where there is none."""
        node: Node = self.node.value.get(name, self.node)
        return node.place

    def take(self, name: str, default: Any = None) -> Any:
        """Take a value in plain Python; the default where it is missing or None."""
        self._taken.add(name)
        if name not in self:
            return default
        node = self.node.value[name]
        if unknown := _first_unknown(node):
            raise _not_written(unknown, self.key_of(name))
        return node.plain()

    def part(self, name: str) -> "Part | None":
        """Open a dict in it; None where it is missing or None."""
        self._taken.add(name)
        if name not in self:
            return None
        return Part(self.node.value[name], self.key_of(name), self.notes)

    def parts(self, name: str) -> "list[Part]":
        """Open each dict of a list in it; one dict counts as a list of one."""
        self._taken.add(name)
        node = self.node.value.get(name)
        if node is None or node.value is None:
            return []
        if not isinstance(node.value, list | tuple):
            return [Part(node, self.key_of(name), self.notes)]
        return [
            Part(one, f"{self.key_of(name)}{step}", self.notes)
            for step, one in node.items()
        ]

    def lists(self, name: str) -> "list[list[Part]]":
        """Open each list of dicts in a list; a dict counts as a list of one."""
        self._taken.add(name)
        node = self.node.value.get(name)
        steps = list(node.items()) if node else []
        key = self.key_of(name)
        return [
            [Part(one, f"{key}{step}{inner}", self.notes) for inner, one in way.items()]
            if isinstance(way.value, list | tuple)
            else [Part(way, f"{key}{step}", self.notes)]
            for step, way in steps
        ]

    def is_taken(self, name: str) -> bool:
        """Whether a key was taken already."""
        return name in self._taken

    def skip(self, *names: str) -> None:
        """Take keys that are there and not looked at, whatever they hold."""
        self._taken.update(names)

    def find(self, path: str) -> "Part | None":
        """Open dicts along a dotted path; None where it ends."""
        part: Part | None = self
        for name in path.split("."):
            part = part.part(name) if part else None
        return part

    def section(self, path: str) -> "Part":
        """Open dicts along a dotted path; without keys where it ends."""
        part: Part = self
        for name in path.split("."):
            inner = part.part(name)
            if inner is None:
                empty = Node({}, part.node.place)
                inner = Part(empty, part.key_of(name), self.notes)
            part = inner
        return part

    def set(self, path: str, value: Any, name: str, *, default: str = "") -> None:
        """Set one of our settings by one of its keys.

        ``default`` is set where the framework fills it in: what it does, in its words.
        """
        where = (self.key_of(name), self.place_of(name))
        self.notes.found.append(Found(path, value, *where, default))

    def made(
        self, name: str, make: Callable[[Any], Any], default: Any = REQUIRED
    ) -> Any:
        """Take a key and make something of it.

        What ``make`` raises refuses the key: `Unfit` in its words.
        """
        value = self.take(name, default)
        if value is REQUIRED:
            self.refuse(name, "is missing, and the framework has no default")
        try:
            return make(value)
        except Unfit as error:
            self.refuse(name, str(error))
        except (TypeError, ValueError):
            reason = f"is not of the kind that is expected here, got {_shown(value)}"
            self.refuse(name, reason)

    def setting(
        self,
        path: str,
        name: str,
        default: Any = REQUIRED,
        make: Callable[[Any], Any] = lambda value: value,
    ) -> Any:
        """Take a key as one of our settings, and give the setting's value.

        Where it is missing, the framework's default is set and told. ``make`` turns the
        config's value into ours, or refuses it; see `made`.
        """
        is_there = name in self
        ours = self.made(name, make, default)
        shown = "" if is_there else f"{default}"
        self.set(path, ours, name, default=shown)
        return ours

    def refuse(self, name: str, reason: str, *, hint: str | None = None) -> NoReturn:
        """Refuse the config for one of its keys; "" is the part itself."""
        raise Refused(self.place_of(name), self.key_of(name), reason, hint=hint)

    def refuse_known(self, key: str, name: str, reasons: Mapping[str, str]) -> None:
        """Refuse a name that needs a model, or stands in a table with its reason."""
        if reason := reasons.get(name) or why_none(name):
            hint = WITHOUT_MODEL if is_about_models(reason) else None
            self.refuse(key, f"{name} {reason}", hint=hint)

    def inexact(self, name: str, text: str) -> None:
        """Remember that a key is imitated only in part."""
        self.notes.say("inexact", self.key_of(name), self.place_of(name), text)

    def tell(self, name: str, text: str) -> None:
        """Remember what becomes of a key that changes nothing here."""
        self.notes.say("default", self.key_of(name), self.place_of(name), text)

    def not_read(self, name: str, text: str) -> None:
        """Remember a key that somebody wrote to some end, and that nothing takes."""
        self.notes.say("not_read", self.key_of(name), self.place_of(name), text)

    def rest(self, harmless: Container[str]) -> None:
        """Report every key that was neither taken nor is known to decide nothing."""
        for name in self.node.value:
            # mmengine writes ``_scope_`` into what it takes from another package.
            if name not in self._taken and name not in harmless and name != "_scope_":
                self.not_read(name, "a key that is not known here")


def _not_written(node: Node, key: str) -> Refused:
    """Make the error for what only running the config could tell."""
    reason = f"the value is not written down ({node.value.reason})"
    return Refused(node.place, key, reason, hint=SAY_IT)


def _first_unknown(node: Node) -> Node | None:
    """Find the first value in a node that only running the config could tell."""
    if isinstance(node.value, Unknown):
        return node
    found = (_first_unknown(one) for _, one in node.items())
    return next(filter(None, found), None)
