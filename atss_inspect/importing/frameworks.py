"""Which framework a config belongs to, and the mapping that reads it."""

from collections.abc import Callable
from typing import NamedTuple

from atss_inspect.importing import mmdetection
from atss_inspect.importing.imported import Imported
from atss_inspect.importing.parts import Refused
from atss_inspect.importing.values import Named, Node


class Framework(NamedTuple):
    """One mapping; see `atss_inspect.importing.parts`."""

    recognize: Callable[[Node], bool]  # whether a config is of this framework
    read: Callable[[Node, str | None], Imported]  # root, ``rpn``, ``head`` or None


# The first that recognizes a config reads it.
FRAMEWORKS = (Framework(mmdetection.recognize, mmdetection.read),)


def _is_yolox(root: Node) -> bool:
    made = root.find("Exp")
    return made is not None and isinstance(made.value, Named)


def _is_ultralytics(root: Node) -> bool:
    return all(root.find(key) for key in ("backbone", "head", "nc"))


def _is_transformers(root: Node) -> bool:
    named = root.find("architectures[0]")
    return named is not None and str(named.value).endswith("ForObjectDetection")


# Frameworks whose rules need a model, by the signs of their configs.
NEEDING_MODELS: tuple[tuple[Callable[[Node], bool], str], ...] = (
    (_is_yolox, "YOLOX: SimOTA decides by predictions, which need a model"),
    (_is_ultralytics, "Ultralytics: its rule decides by predictions or shapes alone"),
    (_is_transformers, "transformers: Hungarian matching decides by predictions"),
)


def read_as_settings(root: Node, part: str | None = None) -> Imported:
    """Read a config by its framework's mapping; raises `Refused`."""
    for framework in FRAMEWORKS:
        if framework.recognize(root):
            return framework.read(root, part)
    for recognize, reason in NEEDING_MODELS:
        if recognize(root):
            raise Refused(root.place, "", reason)
    reason = "not a config of a framework that is known here"
    raise Refused(root.place, "", reason, hint="docs/configuration.md lists them")
