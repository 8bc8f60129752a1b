"""Annotations that stand among the arguments of a command, without ``--ann``.

What a file is decides, not what it is called: one that holds annotations may have the
name of a preset. A name that ends like JSON means a file in any case.
"""

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.presets import preset_names

METAVAR = "[FILE]"
STDIN = "-"
_OPTION = "--ann"


def takes_annotations(params: Sequence[Any]) -> bool:
    """Whether a command with these parameters reads annotations."""
    return any(_OPTION in each.opts for each in params)


def with_option(
    params: Sequence[Any], words: Sequence[str], *, quiet: bool = False
) -> list[str]:
    """Put ``--ann`` before the file among the words of a command, if there is one.

    It stands first among the arguments, or is named like JSON; where a command has no
    arguments, every word is a file. Who may have meant a preset is told unless quiet.
    Raises `SettingsError` where annotations are named twice, and `DataError` where
    there is no such file.
    """
    places = argument_places(params, words) if takes_annotations(params) else []
    files = [p for p in places if is_named_as_file(words[p])]
    if all(each.param_type_name == "option" for each in params):
        files = places
    files = files or [p for p in places[:1] if is_annotations(words[p])]
    if not files:
        return list(words)
    for place in files:
        require_file(words[place])
    name = words[files[0]]
    rest = [word for place, word in enumerate(words) if place != files[0]]
    if files[1:] or any(word.split("=")[0] == _OPTION for word in rest):
        message = f"{name}: annotations are named twice"
        hint = f"one file may stand without {_OPTION}; `{_OPTION} A {_OPTION} B` takes "
        raise SettingsError(message, hint=f"{hint}both as one data set")
    if name in preset_names() and not quiet:
        sys.stderr.write(f"note: {name} is a file here, not the preset of this name\n")
    return [_OPTION, name, *rest]


def argument_places(params: Sequence[Any], words: Sequence[str]) -> list[int]:
    """Find the words that are neither options nor the values of options."""
    options = {name: one for one in params for name in one.opts if name[0] == "-"}
    places: list[int] = []
    place = 0
    while place < len(words):
        word = words[place]
        if word == "--":
            return [*places, *range(place + 1, len(words))]
        if word in options:
            number = 0 if options[word].is_flag else options[word].nargs
            values = words[place + 1 : place + 1 + number]
            # An option is no value: of one that lacks its own, that is what is wrong.
            place += next(
                (n for n, each in enumerate(values) if each in options), number
            )
        elif word == STDIN or not word.startswith("-"):
            places.append(place)
        place += 1
    return places


def is_named_as_file(word: str) -> bool:
    """Whether a word is named like JSON, packed or not, or is stdin or a pipe."""
    with contextlib.suppress(OSError, ValueError):  # no file, or no name of one
        if Path(word).is_fifo():
            return True
    return word == STDIN or word.lower().endswith((".json", ".json.gz"))


def is_annotations(word: str) -> bool:
    """Whether a word is the path of something that looks like annotations."""
    if not os.path.exists(word):  # noqa: PTH110 - says no where a name is too long
        return False
    # Loads NumPy, which help does without.
    from atss_inspect.readers.load import looks_like_annotations

    return looks_like_annotations(word)


def require_file(name: str) -> None:
    """Raise `DataError` where a file does not exist; it names a similar one."""
    if name != STDIN and not os.path.exists(name):  # noqa: PTH110 - as above
        from atss_inspect.readers.source import missing_file

        raise missing_file(name)
