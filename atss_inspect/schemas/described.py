"""What the fields of a dataclass hold, in the words that stand beside them."""

import inspect
import re
from functools import cache

from atss_inspect.fields import settings_of

_FIELD = re.compile(r" {4}(\w+): ")
_NAMED = re.compile(r"(\w+(?:, \w+)*) ?: (.+)")


@cache
def descriptions(declaring: type) -> dict[str, str]:
    """Words on the settings of a dataclass, by name; those that have some.

    They come from the docstring's list of attributes, else from the comment above a
    field, which may name several fields: ``short_side, long_side: ...``. Nothing where
    Python has no source of the class.
    """
    names = {one.name for one in settings_of(declaring)}
    try:
        lines = inspect.getsource(declaring).splitlines()
    except OSError:
        return {}
    found = _commented(lines, names)
    listed = (inspect.getdoc(declaring) or "").partition("Attributes\n----------\n")[2]
    for entry in re.split(r"\n(?=\S)", listed):
        own, _, text = entry.partition(" : ")
        found |= {name: _tidy(text) for name in own.split(", ") if name in names}
    return found


def _commented(lines: list[str], names: set[str]) -> dict[str, str]:
    """Comments right above fields, and behind them on one line."""
    found: dict[str, str] = {}
    above: list[str] = []
    for line in lines:
        field = _FIELD.match(line)
        if line.startswith("    # "):
            above.append(line[6:])
            continue
        if field and field[1] in names:
            text = " ".join(above) or line.partition("  # ")[2]
            listed = _NAMED.fullmatch(text)
            of = set(listed[1].split(", ")) if listed else set()
            is_list = bool(of) and of <= names
            text = listed[2] if listed and is_list else text
            for name in of if is_list else {field[1]}:
                found.setdefault(name, _tidy(text))
        above = []
    return {name: text for name, text in found.items() if text}


def _tidy(text: str) -> str:
    """One line, without the marks of a docstring."""
    return " ".join(text.replace("``", "").split())
