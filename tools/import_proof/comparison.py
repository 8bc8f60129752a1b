"""Values that a loader gave beside what this package reads, leaf by leaf."""

import pickle
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing.read import read_config
from atss_inspect.importing.values import Named, Node, Unknown
from tools.import_proof.oracles import DEFAULTS

MISSING = ("missing",)


@dataclass
class Comparison:
    """What became of the configs of one folder."""

    equal: int = 0
    leaves: int = 0  # compared, of equal ones
    unknown: int = 0  # of these, ones that only running the config could tell
    refused: dict[str, str] = field(default_factory=dict)  # by the loader too
    other: dict[str, str] = field(default_factory=dict)  # what must be looked at
    seconds: list[tuple[float, float]] = field(default_factory=list)

    @property
    def files(self) -> int:
        """How many configs there are."""
        return self.equal + len(self.refused) + len(self.other)

    @property
    def milliseconds(self) -> tuple[float, float]:
        """Median time of a config, here and there."""
        ours, theirs = zip(*self.seconds, strict=True)
        return 1000 * median(ours), 1000 * median(theirs)


def compare(kind: str, folder: Path, answer: Path) -> Comparison:
    """Read all configs that a loader has read."""
    answers = pickle.loads(answer.read_bytes())
    defaults, _ = answers.pop(DEFAULTS, (None, 0.0))
    result = Comparison()
    for path, (expected, theirs) in answers.items():
        name = path.removeprefix(f"{folder}/")
        begin = time.perf_counter()
        try:
            found = plain(read_config(path).root, kind)
        except SettingsError as error:
            told = str(error).replace(f"{folder}/", "")
            (result.refused if expected is None else result.other)[name] = told
            continue
        if expected is None:
            result.other[name] = "is read here and not there"
            continue
        result.seconds.append((time.perf_counter() - begin, theirs))
        if kind == "lazy":  # LazyConfig keeps only these at the top
            found = {key: one for key, one in found.items() if key in expected}
        if kind == "yacs":
            found = over(found, defaults)
        paths = differences(found, expected, result)
        if paths:
            result.other[name] = f"differs in {paths[0]}"
        else:
            result.equal += 1
    return result


def plain(node: Node, kind: str) -> Any:
    """Make a node what `oracles.plain` makes of the same value."""
    value = node.value
    if isinstance(value, dict):
        return {key: plain(one, kind) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(plain(one, kind) for one in value)
    if isinstance(value, Named):
        return ("class", value.last) if kind == "lazy" else value.name
    return ("unknown",) if isinstance(value, Unknown) else value


def over(values: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """Put values over defaults; yacs makes lists and tuples what the default is."""
    merged = dict(defaults)
    for key, value in values.items():
        held = merged.get(key)
        if isinstance(value, dict) and isinstance(held, dict):
            merged[key] = over(value, held)
        elif isinstance(held, list | tuple) and isinstance(value, list | tuple):
            merged[key] = type(held)(value)
        else:
            merged[key] = value
    return merged


def differences(
    ours: Any, theirs: Any, result: Comparison, path: str = ""
) -> list[str]:
    """List the paths where two values differ; what is unknown here counts apart."""
    if ours == ("unknown",):
        result.unknown += 1
        return []
    if type(ours) is not type(theirs):
        return [path or "all"]
    if isinstance(ours, dict):
        keys = ours.keys() | theirs.keys()
        pairs = [
            (f".{key}", ours.get(key, MISSING), theirs.get(key, MISSING))
            for key in keys
        ]
    elif isinstance(ours, list | tuple) and len(ours) == len(theirs):
        pairs = [
            (f"[{i}]", a, b) for i, (a, b) in enumerate(zip(ours, theirs, strict=True))
        ]
    else:
        result.leaves += 1
        return [] if ours == theirs else [path]
    return [
        one for step, a, b in pairs for one in differences(a, b, result, path + step)
    ]
