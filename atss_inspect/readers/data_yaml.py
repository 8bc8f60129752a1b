"""Ultralytics' ``data.yaml``: where the pictures of a split are, and class names."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atss_inspect.errors import DataError, SettingsError, first_line
from atss_inspect.readers.picture_files import split_names
from atss_inspect.readers.source import UTF16_MARKS, not_read, read_regular

SUFFIXES = (".yaml", ".yml")
# The first that is there is read where nobody names a split: one trains on it.
SPLITS = ("train", "val", "test", "minival")
# Open Images has 601 classes in 12 kB; what is longer holds no such thing.
MOST_BYTES = 1 << 20
MOST_DEPTH = 20
MOST_CLASSES = 100_000
_KEYS = re.compile(rb"^(train|val|validation|test|names|nc)[ \t]*:", re.MULTILINE)
# Without these it is somebody else's, though ``test:`` may stand in it.
_CLASSES = re.compile(rb"^(names|nc)[ \t]*:", re.MULTILINE)
# Two for each class; ImageNet has 21,841. PyYAML takes seconds for so many.
_MOST_VALUES = 50_000
_MOST_PLACES = 1000  # folders and lists of a split
# PyYAML takes minutes for what it reads as a number, and Python may not write it.
_MOST_DIGITS = 1000
_NUMBER = re.compile(rf"[-+0-9.][-+0-9a-fA-FxXob_:.]{{{_MOST_DIGITS},}}$")
# What PyYAML raises for values that are not what their tags say, ``!!int ""`` for one.
_ODD_VALUES = (
    *(ValueError, TypeError, AttributeError, LookupError),
    *(ArithmeticError, RecursionError),
)
# What YAML does not allow in a text; Ultralytics takes it out before it reads.
_UNPRINTABLE = re.compile(
    "[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)


@dataclass(frozen=True)
class DataYaml:
    """What a data.yaml says of one split.

    Attributes
    ----------
    split : its name; empty where the file has none, as supervision writes it: then the
        pictures are in folders beside it
    root : the folder that its paths start from
    pictures : folders of pictures, or lists of names, as absolute paths
    names : class index -> name
    keypoint_words : words of keypoints in a line; 0 without
    elsewhere : where Ultralytics would read other pictures; None where it reads these
    """

    split: str
    root: Path
    pictures: tuple[Path, ...]
    names: dict[int, str]
    keypoint_words: int
    elsewhere: Path | None = None


def is_data_yaml(name: str) -> bool:
    """Whether a path is named like YAML and names classes; raises nothing."""
    return _CLASSES.search(_head(name)) is not None


def is_meant_as_data_yaml(name: str) -> bool:
    """Whether a path is named like YAML and does not hold JSON; raises nothing."""
    head = _head(name)
    return _KEYS.search(head) is not None or head.lstrip()[:1] not in (b"", b"{")


def _head(name: str) -> bytes:
    """Read the beginning of a file that is named like YAML; empty for any other."""
    if not name.lower().endswith(SUFFIXES):
        return b""
    try:
        return _as_utf8(read_regular(name, MOST_BYTES, is_head=True))
    except OSError:
        return b""


def _as_utf8(data: bytes) -> bytes:
    """Write text of UTF-16, as some programs of Windows save it, in UTF-8."""
    if data.startswith(UTF16_MARKS):
        return data.decode("utf-16", "replace").encode()
    return data


def read_data_yaml(name: str, split: str | None) -> DataYaml:
    """Read a data.yaml; a split that nobody names is the first of `SPLITS`.

    Raises `DataError` where it is none, and `SettingsError` where it has no such split.
    """
    content = _load(name)
    if "validation" in content and "val" not in content:
        content["val"] = content["validation"]
    roots = _roots(name, content)
    split = _choose(name, content, split)
    found = _places(name, split, content[split], roots) if split else {roots[0]: ()}
    root, *others = found
    here = _resolved(content.get("path") or Path(name).parent)
    return DataYaml(
        split=split,
        root=root,
        pictures=found[root],
        names=_names(name, content),
        keypoint_words=_keypoint_words(content.get("kpt_shape")),
        elsewhere=here if here in others else None,
    )


def read_names(name: str) -> tuple[dict[int, str], int] | None:
    """Read only the names and the words of keypoints; None where there are no names.

    Raises nothing: nobody has named the file.
    """
    try:
        content = _load(name)
        return _names(name, content), _keypoint_words(content.get("kpt_shape"))
    except DataError:
        return None


def _load(name: str) -> dict[Any, Any]:
    """Read YAML that is a mapping, and neither large nor deep nor full of aliases."""
    import yaml  # slow, and only this format needs it

    try:
        data = read_regular(name, MOST_BYTES)
    except OSError as error:
        raise not_read(name, error) from error
    text = _UNPRINTABLE.sub("", _as_utf8(data).decode("utf-8-sig", "replace"))
    try:
        problem = _why_refused(yaml.parse(text, yaml.SafeLoader))
        if problem is not None:
            raise DataError(name, problem)
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = "" if mark is None else f"line {mark.line + 1}: "
        raise DataError(name, f"is not valid YAML: {place}{error.problem}") from error
    except (yaml.YAMLError, *_ODD_VALUES) as error:
        raise DataError(name, f"is not valid YAML: {first_line(error)}") from error
    if not isinstance(content, dict):
        raise DataError(name, "expected a mapping with train, val and names")
    return content


def _why_refused(events: Iterable[Any]) -> str | None:
    """Name what could grow without end when a YAML is composed, from its events."""
    import yaml

    depth = number = 0
    for event in events:
        place = f"line {event.start_mark.line + 1}"
        if isinstance(event, yaml.AliasEvent):
            return f"{place}: aliases are not read; expected plain values"
        if isinstance(event, yaml.ScalarEvent) and _NUMBER.match(event.value):
            return f"{place}: a number of more than {_MOST_DIGITS:,} digits; refused"
        number += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            return f"is nested more than {MOST_DEPTH} deep; refused"
        if number > _MOST_VALUES:
            return f"{place}: more than {_MOST_VALUES:,} values; refused"
    return None


def _roots(name: str, content: Mapping[Any, Any]) -> list[Path]:
    """List the folders that the paths may start from, as full paths.

    Where people move data, ``path`` is meant from the folder of the file. Ultralytics
    looks from the working directory first, then from ``datasets`` in it.
    """
    folder = Path(name).parent
    written = content.get("path")
    if written is None or written == "":
        return [_resolved(folder)]
    if not isinstance(written, str) or "\0" in written:
        raise DataError(name, "path: expected the name of a folder")
    tried = [folder / written, Path(written), Path("datasets", written)]
    found = [_resolved(each) for each in tried if os.path.isdir(each)]  # noqa: PTH112
    if not found:
        problem = f"path: there is no folder {written}"
        hint = f"{_tried(map(_resolved, tried))}; without path, the file's folder is it"
        raise DataError(name, problem, hint=hint)
    return list(dict.fromkeys(found))


def _resolved(path: str | Path) -> Path:
    """Write a path in full; as it is where the working directory is no more."""
    try:
        return Path(path).resolve()
    except OSError:
        return Path(path)


def _tried(paths: Iterable[Path]) -> str:
    """Name the places that were looked at, each once."""
    return f"tried {', '.join(dict.fromkeys(map(str, paths)))}"


def _choose(name: str, content: Mapping[Any, Any], split: str | None) -> str:
    """Choose the split, whose value is not empty; "" where there is none at all."""
    known = [each for each in SPLITS if content.get(each)]
    if not known:
        return ""
    if split is None:
        return known[0]
    found = next((each for each in split_names(split) if each in known), None)
    if found is None:
        message = f"--split {split}: {name} has no such split"
        raise SettingsError(message, hint=f"it has {', '.join(known)}")
    return found


def _places(
    name: str, split: str, value: object, roots: Sequence[Path]
) -> dict[Path, tuple[Path, ...]]:
    """Find the folders and lists of a split, from each root that has all of them."""
    asked = value if isinstance(value, list) else [value]
    values = [each for each in asked if isinstance(each, str) and "\0" not in each]
    if len(values) < len(asked):
        problem = f"{split}: expected a folder, a list of folders or a file of names"
        raise DataError(name, problem)
    if len(values) > _MOST_PLACES:
        problem = f"{split}: {len(values):,} folders and lists"
        raise DataError(name, f"{problem}; expected at most {_MOST_PLACES:,}")
    missing, found = [], {}
    for root in roots:
        places = [_place(root, each) for each in values]
        # Of a name that is too long, os.path says that there is none.
        lacking = [each for each in places if not os.path.exists(each)]  # noqa: PTH110
        missing += lacking[:1]
        if not lacking:
            found[root] = tuple(each.resolve() for each in places)
    if not found:
        problem = f"{split}: there is no such folder or file"
        raise DataError(name, problem, hint=_tried(missing))
    return found


def _place(root: Path, written: str) -> Path:
    """Take a place from a root; exports of Roboflow begin with one step too many."""
    place = root / written
    if written.startswith("../") and not os.path.exists(place):  # noqa: PTH110
        return root / written[3:]
    return place


def _names(name: str, content: Mapping[Any, Any]) -> dict[int, str]:
    """Read the class names: a list, or a mapping from the numbers below its length."""
    names, number = content.get("names"), content.get("nc")
    if names is None:
        number = _whole(number)
        if number is None or not 1 <= number <= MOST_CLASSES:
            raise DataError(name, "has neither names nor nc; expected the class names")
        return {index: f"class_{index}" for index in range(number)}
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict) or not 1 <= len(names) <= MOST_CLASSES:
        raise DataError(name, "names: expected a list or a mapping of class names")
    found: dict[int, str] = {}
    for key, each in names.items():
        index = _whole(key)
        if index is None or not 0 <= index < len(names):
            allowed = f"0 to {len(names) - 1}"
            problem = f"names: {key!s:.40}: expected numbers {allowed}, counted from 0"
            raise DataError(name, problem)
        found[index] = str(each)
    if number is not None and _whole(number) != len(names):
        problem = f"nc is {number!s:.40}, and there are {len(names)} names"
        raise DataError(name, problem)
    return dict(sorted(found.items()))


def _whole(value: object) -> int | None:
    """Read a whole number, also from text; None if it is none."""
    try:
        number = float(str(value))
        return int(number) if number.is_integer() else None
    except (ValueError, OverflowError):
        return None


def _keypoint_words(shape: object) -> int:
    """Count the words of keypoints that a line has after its box."""
    if isinstance(shape, list) and len(shape) == 2:
        number, each = map(_whole, shape)
        if number and each and 0 < number <= 10_000 and each in (2, 3):
            return number * each
    return 0
