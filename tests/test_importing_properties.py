"""Generated configs read the same in every spelling, and merge as they should."""

import copy
import json
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.config_texts import refusal, values, write

Config = dict[str, Any]

NAMES = st.sampled_from(["a", "b", "c", "model", "type"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1000, 1000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(alphabet="ab'\"\\\n{}$é", max_size=6),
)


def _inside(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(values, max_size=3)
    dicts = st.dictionaries(NAMES, values, max_size=3)
    deleting = dicts.map(lambda held: {"_delete_": True, **held})
    return st.one_of(lists, lists.map(tuple), dicts, deleting)


VALUES = st.recursive(SCALARS, _inside, max_leaves=8)
CONFIGS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=4)


def without(value: Any, kind: type, key: str = "_delete_") -> Any:
    """Take a key out of all dicts, and make tuples lists of a kind."""
    if isinstance(value, dict):
        return {k: without(v, kind, key) for k, v in value.items() if k != key}
    if isinstance(value, list | tuple):
        made = (without(one, kind, key) for one in value)
        return kind(made) if isinstance(value, tuple) else list(made)
    return value


def assignments(config: Config) -> str:
    """Write a config as assignments to names."""
    return "".join(f"{key} = {value!r}\n" for key, value in config.items())


def calls(value: Any) -> str:
    """Write a value with ``dict(...)``, as configs have it."""
    if isinstance(value, dict):
        return f"dict({', '.join(f'{key}={calls(one)}' for key, one in value.items())})"
    if isinstance(value, list):
        return f"[{', '.join(map(calls, value))}]"
    return repr(value)


@given(CONFIGS)
def test_a_config_reads_the_same_in_every_spelling(config: Config) -> None:
    config = without(config, tuple)
    assert values(assignments(config)) == config
    assert values("".join(f"{k} = {calls(v)}\n" for k, v in config.items())) == config
    write("base.py", assignments(config))
    assert values("_base_ = 'base.py'\n") == config
    assert values("with read_base():\n    from .base import *\n") == config
    names = ", ".join(config)
    assert values(f"from .base import {names}\n") == config or "${" in str(config)
    used = "".join(f"{key} = _base_.{key}\n" for key in config)
    assert values(f"_base_ = 'base.py'\n{used}") == config
    lists = without(config, list)
    assert values(json.dumps(lists), "config.json") == lists
    assert values(json.dumps(lists, indent=1), "config.json") == lists
    assert values(yaml.safe_dump(lists), "config.yaml") == lists


class Refused(Exception):
    """A dict over a value that is none."""


def merged(news: Config, old: Config) -> Config:
    """Merge as mmengine's Config does, written from its documentation."""
    made = dict(old)
    for key, value in news.items():
        value = copy.deepcopy(value)
        if not isinstance(value, dict) or key not in old or value.pop("_delete_", 0):
            made[key] = value
        elif isinstance(old[key], dict):
            made[key] = merged(value, old[key])
        else:
            raise Refused
    return made


def both(text: str, news: Config, old: Config) -> tuple[Any, Any]:
    """What is read, and what the reference merges; None where it is refused."""
    try:
        expected = merged(news, old)
    except Refused:
        expected = None
    if expected is None:
        found = None if "a dict here and none in its base" in refusal(text) else text
    else:
        found = values(text)
    return found, expected


@given(CONFIGS, CONFIGS, st.booleans())
def test_configs_merge_as_the_reference_does(
    news: Config, old: Config, split: bool
) -> None:
    parts = [{k: v for k, v in old.items() if k < "b"}, old]
    parts[1] = {k: v for k, v in old.items() if k not in parts[0]} if split else old
    write("base0.py", assignments(parts[0]) if split else "")
    write("base1.py", assignments(parts[1]))
    text = f"_base_ = ['base0.py', 'base1.py']\n{assignments(news)}"
    found, expected = both(text, news, old)
    assert found == expected


@given(CONFIGS, CONFIGS, CONFIGS)
def test_a_base_of_a_base_is_merged_first(
    news: Config, middle: Config, old: Config
) -> None:
    write("old.py", assignments(old))
    write("middle.py", f"_base_ = 'old.py'\n{assignments(middle)}")
    try:
        base = merged(middle, old)
    except Refused:
        return
    text = f"_base_ = ['./middle.py']\n{assignments(news)}"
    found, expected = both(text, news, base)
    assert found == expected


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=3))
def test_a_template_in_a_text_changes_nothing_else(config: Config) -> None:
    config = without(config, tuple)
    text = f"{assignments(config)}z = '{{{{ fileBasename }}}}'\n"
    assert values(text) == {**config, "z": "config.py"}
