"""Configs written as texts into the folder of a test, and what is read from them."""

from pathlib import Path
from typing import Any

import pytest

from atss_inspect.errors import SettingsError
from atss_inspect.importing.read import ReadConfig, read_config
from atss_inspect.importing.values import Named, Node, Unknown


def write(name: str, text: str) -> Path:
    """Write a config; its folders are made."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def read_text(text: str, name: str = "config.py", **options: Any) -> ReadConfig:
    """Read the text of one config."""
    return read_config(write(name, text), **options)


def plain(node: Node) -> Any:
    """Give a value with ``<name>`` for classes, ``<?reason>`` for what is unknown."""
    value = node.value
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(plain(one) for one in value)
    if isinstance(value, Named):
        return f"<{value.name}>"
    return f"<?{value.reason}>" if isinstance(value, Unknown) else value


def values(text: str, name: str = "config.py", **options: Any) -> Any:
    """Read the text of one config as plain Python."""
    return plain(read_text(text, name, **options).root)


def refusal(text: str, name: str = "config.py", **options: Any) -> str:
    """Read a config that is refused; the message."""
    with pytest.raises(SettingsError) as caught:
        read_text(text, name, **options)
    return str(caught.value)
