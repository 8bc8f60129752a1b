"""``{{...}}`` in a config, which mmengine replaces in the text before it reads it."""

import os
import re

from atss_inspect.errors import SettingsError
from atss_inspect.importing.trees import Dict
from atss_inspect.importing.values import Node, Place

# Begins the text that stands for ``{{_base_.path}}``: a character that nobody types.
MARK = "\ue000_base_."
_BASE = re.compile(r"\{\{\s*_base_\.([\w.]+)\s*\}\}")
_FILE = re.compile(
    r"\{\{\s*(fileDirname|fileBasenameNoExtension|fileBasename|fileExtname)\s*\}\}"
)
_ENVIRONMENT = re.compile(r"\{\{['\"]?\s*\$(\w+)\s*:\s*(\S*?)\s*['\"]?\}\}")


def fill(text: str, name: str) -> str:
    """Replace what stands for the file and the environment, and mark the bases."""
    if "{{" not in text:
        return text
    folder, base = os.path.split(os.path.abspath(name))
    stem, suffix = os.path.splitext(base)
    words = {
        "fileDirname": folder.replace("\\", "/"),
        "fileBasename": base,
        "fileBasenameNoExtension": stem,
        "fileExtname": suffix,
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


def marked(text: str, base: Dict, place: Place) -> Node:
    """Find in the bases what a marked text stands for."""
    node = Node(base, place).find(text.removeprefix(MARK))
    if node is None:
        raise SettingsError(place, "{{_base_...}} names what the bases do not have")
    return node
