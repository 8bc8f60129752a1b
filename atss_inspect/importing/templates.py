"""``{{...}}`` in a config, which mmengine replaces in the text before it reads it."""

import os
import re
from pathlib import Path

from atss_inspect.errors import SettingsError
from atss_inspect.importing.values import Node, Place

# Begins the text that stands for ``{{_base_.path}}``: a character that nobody types.
MARK = "\ue000_base_."
# All parts are bounded, so that no text takes long to look through.
_BASE = re.compile(r"\{\{\s{0,9}_base_\.([\w.]{1,200})\s{0,9}\}\}")
_FILE = re.compile(
    r"\{\{\s{0,9}(fileDirname|fileBasenameNoExtension|fileBasename|fileExtname)"
    r"\s{0,9}\}\}"
)
_ENVIRONMENT = re.compile(
    r"\{\{['\"]?\s{0,9}\$(\w{1,99})\s{0,9}:\s{0,9}(\S{0,200}?)\s{0,9}['\"]?\}\}"
)
_MOST = 1000


def fill(text: str, name: str) -> str:
    """Replace what stands for the file and the environment, and mark the bases."""
    if any(sign in text.lower() for sign in (MARK[0], "\\ue000")):
        raise SettingsError(name, "has the character U+E000; refused")
    if "{{" not in text:
        return text
    if text.count("{{") > _MOST:
        raise SettingsError(name, f"has more than {_MOST} templates; refused")
    path = Path(name).absolute()
    words = {
        "fileDirname": path.parent.as_posix(),
        "fileBasename": path.name,
        "fileBasenameNoExtension": path.stem,
        "fileExtname": path.suffix,
    }
    text = _FILE.sub(lambda found: words[found[1]], text)

    def variable(found: re.Match[str]) -> str:
        value = os.environ.get(found[1], found[2])
        if not value:
            line = text.count("\n", 0, found.start()) + 1
            message = f"the environment variable {found[1]} is not set"
            raise SettingsError(Place(name, line), message)
        return value

    text = _ENVIRONMENT.sub(variable, text)
    return _BASE.sub(lambda found: f'"{MARK}{found[1]}"', text)


def marked(text: str, base: Node, place: Place) -> Node:
    """Find in the bases what a marked text stands for."""
    node = base.find(text.removeprefix(MARK))
    if node is None:
        raise SettingsError(place, "{{_base_...}} names what the bases do not have")
    return node
