"""Which framework a config is written for, by the keys it has."""

from collections.abc import Iterator
from typing import Any

from atss_inspect.importing.changes import OwnClass
from atss_inspect.importing.parts import words
from atss_inspect.importing.values import Node

# Keys of ``MODEL`` that one family of YAML files has, and keys at the top of others.
_YACS = {
    "maskrcnn-benchmark": ("ATSS_ON", "FCOS_ON", "RETINANET_ON", "RPN_ONLY", "WEIGHT"),
    "AdelaiDet": ("FCOS", "BATEXT", "BLENDMASK", "CONDINST", "BOXINST", "MEInst"),
}
# The first that has all of them.
_DOCUMENTS = (
    ("PaddleDetection", words("architecture")),
    ("EfficientDet", words("anchors_scales")),
    ("YOLOv5", words("backbone head anchors")),
    ("YOLOv5", words("anchor_t")),
    ("YOLOv5", words("imgsz noautoanchor")),
    ("ultralytics", words("backbone head")),
    ("ultralytics", words("imgsz")),
    ("transformers", words("architectures")),
    ("keras-retinanet", words("anchor_parameters")),
    ("nnDetection", words("plan trainer_cfg")),
    ("data.yaml", words("train names")),
    ("data.yaml", words("val names")),
)


def framework_of(root: Node, dialect: str) -> str | None:
    """Name the framework of a config that was read; None where no sign is known.

    One of ``torchvision``, ``mmdetection 3``, ``mmdetection 2``, ``mmyolo``,
    ``mmrotate``, ``detectron2`` (YAML), ``detectron2 LazyConfig``, ``AdelaiDet``,
    ``maskrcnn-benchmark`` (the official repositories of ATSS and FCOS),
    ``PaddleDetection``, ``EfficientDet``, ``ultralytics``, ``YOLOv5``, ``YOLOv6``,
    ``YOLOX``, ``transformers``, ``keras-retinanet``, ``nnDetection``, ``data.yaml``.
    """
    keys: dict[Any, Node] = root.value
    if dialect == "script":
        return "torchvision"
    if dialect == "yacs":
        model = _dict(root, "MODEL")
        named = [
            name for name, some in _YACS.items() if any(one in model for one in some)
        ]
        if not named and _names(model) & {"FCOS", "BAText", "MEInst"}:
            named = ["AdelaiDet"]
        if (body := model.get("BACKBONE")) and body.find("CONV_BODY"):
            named = ["maskrcnn-benchmark"]
        return named[0] if named else "detectron2"
    if dialect == "lazy" and any("_target_" in one for one in _dicts(root)):
        return "detectron2 LazyConfig"
    own = [node.value for node in keys.values() if isinstance(node.value, OwnClass)]
    if any("yolox" in base for one in own for base in one.bases):
        return "YOLOX"
    if _dict(root, "model"):
        return _openmmlab(root)
    named = [name for name, all_ in _DOCUMENTS if keys.keys() >= all_]
    return named[0] if named else None


def _openmmlab(root: Node) -> str | None:
    """Name the framework of a config with a dict ``model``."""
    keys = root.value
    if "train_dataloader" in keys or "default_scope" in keys:
        scope = keys.get("default_scope")
        named = scope.value if scope else None
        return named if named in ("mmyolo", "mmrotate") else "mmdetection 3"
    if "data_aug" in keys and "solver" in keys:
        return "YOLOv6"
    kinds = [one["type"].value for one in _dicts(root) if "type" in one]
    if any(isinstance(kind, str) and "Rotated" in kind for kind in kinds):
        return "mmrotate"
    return "mmdetection 2" if "data" in keys or kinds else None


def _dict(root: Node, key: str) -> dict[Any, Node]:
    """What a dict at the top holds; empty where there is none."""
    node = root.value.get(key)
    return node.value if node and isinstance(node.value, dict) else {}


def _names(model: dict[Any, Node]) -> set[Any]:
    """Names of the architecture and the proposal generator of detectron2's YAML."""
    generator = model.get("PROPOSAL_GENERATOR")
    held = [model.get("META_ARCHITECTURE"), generator and generator.find("NAME")]
    return {node.value for node in held if node and isinstance(node.value, str)}


def _dicts(node: Node) -> Iterator[dict[Any, Node]]:
    """List all dicts in a value."""
    if isinstance(node.value, dict):
        yield node.value
    for _, one in node.items():
        yield from _dicts(one)
