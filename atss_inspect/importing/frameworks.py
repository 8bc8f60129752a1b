"""Which framework a config belongs to, and the mapping that reads it."""

from collections.abc import Callable
from typing import NamedTuple

from atss_inspect.importing import mmdetection
from atss_inspect.importing.imported import Imported
from atss_inspect.importing.parts import Refused
from atss_inspect.importing.values import Node


class Framework(NamedTuple):
    """One mapping; see `atss_inspect.importing.parts`."""

    recognize: Callable[[Node], bool]  # whether a config is of this framework
    read: Callable[[Node, str | None], Imported]  # root, ``rpn``, ``head`` or None


# The first that recognizes a config reads it.
FRAMEWORKS = (Framework(mmdetection.recognize, mmdetection.read),)


def read_as_settings(root: Node, part: str | None = None) -> Imported:
    """Read a config by its framework's mapping; raises `Refused`."""
    for framework in FRAMEWORKS:
        if framework.recognize(root):
            return framework.read(root, part)
    reason = "not a config of a framework that is known here"
    raise Refused(root.place, "", reason, hint="docs/configuration.md lists them")
