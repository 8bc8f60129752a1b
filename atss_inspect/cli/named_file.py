"""Annotations that stand among the arguments of a command, without ``--ann``.

What a file is decides, not what it is called: one that holds annotations may have the
name of a preset. A name that ends like JSON or YAML means a file in any case.
"""

import contextlib
import itertools
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.presets import is_preset

METAVAR = "[FILE]"
STDIN = "-"
_OPTION = "--ann"
# Of these the last one would win silently.
_ONCE = ("--key", "--box-format")
_NAMES = (".json", ".json.gz", ".yaml", ".yml")
# How annotations are named that are neither, or JSON of several documents.
_OTHERS = (".csv", ".jsonl", ".ndjson", ".odgt", ".tsv", ".txt")


def takes_annotations(params: Sequence[Any]) -> bool:
    """Whether a command with these parameters reads annotations."""
    return any(_OPTION in each.opts for each in params)


def with_option(
    params: Sequence[Any], words: Sequence[str], *, quiet: bool = False
) -> list[str]:
    """Put ``--ann`` before the file among the words of a command, if there is one.

    It stands first among the arguments, or is named like JSON or YAML; where a command
    has no arguments, every word is a file. Beside an option ``--ann`` a word is a file
    by its name alone. Who may have meant a preset or a choice is told unless quiet.
    Raises `SettingsError` where annotations are named twice or not in their place, and
    `DataError` where there is no such file.
    """
    if _is_mistyped(params, words):
        return list(words)  # Typer names the option, which has no value for it
    if takes_annotations(params):
        _refuse_twice(words)
    places = argument_places(params, words) if takes_annotations(params) else []
    named = _values_of(_OPTION, words)
    files = _file_places(params, words, places, has_option=bool(named))
    if not files:
        return list(words)
    for place in files:
        require_file(words[place])
    name, *more = [*(words[place] for place in files), *named]
    if more:
        message = f"annotations are named twice, {name} and {more[0]}"
        hint = f"one file may stand without {_OPTION}; `{_OPTION} A {_OPTION} B` takes "
        raise SettingsError(message, hint=f"{hint}both as one data set")
    if (told := _taken_for_file(name, params)) and not quiet:
        sys.stderr.write(f"note: {told}\n")
    rest = [word for place, word in enumerate(words) if place != files[0]]
    return [_OPTION, name, *rest]


def hint_at_preset(ann: Sequence[str] | None) -> str | None:
    """How to name a preset whose name is taken for annotations; None without any."""
    found = (_taken_for_file(name, ()) for name in ann or ())
    return next(filter(None, found), None)


def _taken_for_file(name: str, params: Sequence[Any]) -> str:
    """Tell that a file is meant where there is more of this name; empty if not."""
    is_choice = name in _choices(params)
    kind = "preset" if is_preset(name) else "choice" if is_choice else ""
    what = f"{name} is a file here, not the {kind} of this name"
    return kind and f"{what}; with {_OPTION} FILE it is the {kind}"


def _values_of(option: str, words: Sequence[str]) -> list[str]:
    """List what an option names."""
    pairs = itertools.pairwise(words)
    joined = [word for word in words if word.startswith(f"{option}=")]
    values = [word.partition("=")[2] for word in joined]
    return [*values, *(after for word, after in pairs if word == option)]


def _is_mistyped(params: Sequence[Any], words: Sequence[str]) -> bool:
    """Whether there is an option that no command has."""
    known = {name for one in params for name in (*one.opts, *one.secondary_opts)}
    typed = itertools.takewhile(lambda word: word != "--", words)
    return any(
        word.startswith("--") and word.partition("=")[0] not in {*known, "--help"}
        for word in typed
    )


def _refuse_twice(words: Sequence[str]) -> None:
    """Refuse an option that says how data are read and is there twice."""
    for option in _ONCE:
        values = _values_of(option, words)
        if values[1:]:
            message = f"{option}: expected one value, got {', '.join(values)}"
            hint = "convert each, and name what comes of it: --ann A.atss --ann B.atss"
            raise SettingsError(message, hint=hint)


def _file_places(
    params: Sequence[Any], words: Sequence[str], places: list[int], *, has_option: bool
) -> list[int]:
    """Find the arguments that are files; refuse what is neither those nor in place."""
    files = [place for place in places if is_named_as_file(words[place])]
    if all(each.param_type_name == "option" for each in params):
        for word in (words[place] for place in places if place not in files):
            if files or has_option or word.isdecimal():
                _refuse_value(params, word)
        return places
    if files or has_option:
        return files
    if places and is_annotations(words[places[0]]):
        return places[:1]
    for word in (words[place] for place in places[1:]):
        is_other = word.isdecimal() or _taken_for_file(word, params)
        if not is_other and is_annotations(word):
            message = f"{word}: is a file of annotations, but does not stand first"
            hint = f"what is not named like JSON stands first, or after {_OPTION}"
            raise SettingsError(message, hint=hint)
    _refuse_more(params, [words[place] for place in places])
    return []


def _refuse_more(params: Sequence[Any], words: Sequence[str]) -> None:
    """Refuse more arguments than a command has, of which none is a file."""
    numbers = [one.nargs for one in params if one.param_type_name == "argument"]
    unknown = [word for word in words if word not in _choices(params)]
    if -1 not in numbers and len(words) > sum(numbers) and unknown:
        message = f"unexpected argument {unknown[-1]}: it is no file of annotations"
        raise SettingsError(
            message, hint=f"annotations stand first, or after {_OPTION}"
        )


def _choices(params: Sequence[Any]) -> set[str]:
    arguments = [one for one in params if one.param_type_name == "argument"]
    return {word for one in arguments for word in (one.metavar or "").split("|")}


def _refuse_value(params: Sequence[Any], word: str) -> None:
    """Refuse the value of an option that is missing, unless there is such a file."""
    if os.path.exists(word):  # noqa: PTH110 - says no where a name is too long
        return
    known = [name for one in params for name in one.opts]
    asked = [f"{name} {word}" for name in ("--ann-id", "--image") if name in known]
    meant = f"; did you mean {asked[0]}?" if asked else ""
    message = f"unexpected argument {word}{meant}"
    raise SettingsError(message)


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
    """Whether a word is named like JSON or YAML, or names a file of annotations.

    Other formats are recognised by their names only where there is such a file: the
    reader then says what it is. Stdin and pipes are files.
    """
    with contextlib.suppress(OSError, ValueError):  # no file, or no name of one
        if Path(word).is_fifo():
            return True
    name = word.lower()
    is_other = name.endswith(_OTHERS) and os.path.isfile(word)  # noqa: PTH113
    return word == STDIN or is_other or name.endswith(_NAMES)


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
