"""Which framework a config is written for, by the keys it has."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from atss_inspect.importing.syntax import OwnClass
from atss_inspect.importing.values import Node

# Heads that only these projects have, by the beginning of their names.
_MMYOLO = ("YOLOv5", "YOLOv6", "YOLOv7", "YOLOv8", "YOLOX", "PPYOLOE", "RTMDetHead")
_OFFICIAL = ("ATSS_ON", "FCOS_ON", "RETINANET_ON", "RPN_ONLY")


def framework_of(root: Node, dialect: str) -> str | None:
    """Name the framework of a config that was read; None where no sign is known.

    One of ``torchvision``, ``mmdetection 3``, ``mmdetection 2``, ``mmyolo``,
    ``mmrotate``, ``detectron2`` (YAML), ``detectron2 LazyConfig``, ``AdelaiDet``,
    ``maskrcnn-benchmark`` (the official repositories of ATSS and FCOS),
    ``PaddleDetection``, ``EfficientDet``, ``ultralytics``, ``YOLOv5``, ``YOLOv6``,
    ``YOLOX``, ``transformers``, ``keras-retinanet``.
    """
    keys: Mapping[Any, Node] = root.value
    if dialect == "script":
        return "torchvision"
    if dialect == "ini":
        return "keras-retinanet" if "anchor_parameters" in keys else None
    if dialect == "yacs":
        return _yacs(root)
    if dialect == "lazy" and _has_key(root, "_target_"):
        return "detectron2 LazyConfig"
    return _openmmlab(root) or _document(root)


def _yacs(root: Node) -> str:
    model = root.find("MODEL")
    keys: Collection[str] = (
        model.value if model and isinstance(model.value, dict) else ()
    )
    if any(key in keys for key in _OFFICIAL):
        return "maskrcnn-benchmark"
    if "FCOS" in keys or "BAText" in keys or "BlendMask" in keys:
        return "AdelaiDet"
    return "detectron2"


def _openmmlab(root: Node) -> str | None:
    """Name the framework of a config of Python dicts."""
    keys = root.value
    if any(_is_yolox(node) for node in keys.values()):
        return "YOLOX"
    if "model" not in keys or not isinstance(keys["model"].value, dict):
        return None
    if any(key in keys for key in ("train_dataloader", "default_scope")):
        scope = root.find("default_scope")
        named = scope.value if scope else None
        if named in ("mmyolo", "mmrotate"):
            return str(named)
        head = root.find("model.bbox_head.type")
        kind = head.plain() if head else ""
        return "mmyolo" if str(kind).startswith(_MMYOLO[:4]) else "mmdetection 3"
    if "data_aug" in keys and "solver" in keys:
        return "YOLOv6"
    if "data" in keys or root.find("model.type"):
        return (
            "mmrotate" if _has_text(root.find("model"), "Rotated") else "mmdetection 2"
        )
    return None


def _is_yolox(node: Node) -> bool:
    value = node.value
    return isinstance(value, OwnClass) and any("yolox" in base for base in value.bases)


def _document(root: Node) -> str | None:
    """Name the framework of a YAML or JSON file."""
    keys = root.value
    if "architecture" in keys:
        return "PaddleDetection"
    if "anchors_scales" in keys:
        return "EfficientDet"
    if "backbone" in keys and "head" in keys:
        return "YOLOv5" if "anchors" in keys else "ultralytics"
    if "architectures" in keys or "model_type" in keys:
        return "transformers"
    return None


def _walk(node: Node | None) -> Iterator[Node]:
    if node is not None:
        yield node
        for _, one in node.items():
            yield from _walk(one)


def _has_key(root: Node, key: str) -> bool:
    return any(isinstance(one.value, dict) and key in one.value for one in _walk(root))


def _has_text(root: Node | None, text: str) -> bool:
    return any(isinstance(one.value, str) and text in one.value for one in _walk(root))
