"""The mapping of each framework, and frameworks whose rules need a model."""

from typing import Protocol

from atss_inspect.importing import (
    detectron2,
    keras_retinanet,
    lazyconfig,
    mmdetection,
    official,
    paddle,
    torchvision,
)
from atss_inspect.importing.detect import framework_of
from atss_inspect.importing.imported import Imported
from atss_inspect.importing.parts import Refused
from atss_inspect.importing.values import Node


class Mapping(Protocol):
    """What reads the configs of a framework; see `atss_inspect.importing.parts`."""

    def __call__(self, root: Node, part: str | None, *, framework: str) -> Imported:
        """Read a config; ``part`` is ``rpn``, ``head`` or None for what has anchors."""


# By the name that `framework_of` gives.
MAPPINGS: dict[str, Mapping] = {
    **dict.fromkeys(
        ("mmdetection 3", "mmdetection 2", "mmyolo", "mmrotate"), mmdetection.read
    ),
    **dict.fromkeys(("detectron2", "AdelaiDet"), detectron2.read),
    "detectron2 LazyConfig": lazyconfig.read,
    "maskrcnn-benchmark": official.read,
    "torchvision": torchvision.read,
    "PaddleDetection": paddle.read,
    "keras-retinanet": keras_retinanet.read,
}
_SHAPES = "looks at the shape of anchors alone, a rule that atss-inspect does not have"
_PREDICTIONS = "decides by predictions, which need a model"
NEEDING_MODELS = {
    "YOLOX": f"SimOTA {_PREDICTIONS}",
    "YOLOv6": f"TaskAligned {_PREDICTIONS}, but for its first epochs",
    "ultralytics": f"TaskAligned {_PREDICTIONS}",
    "YOLOv5": _SHAPES,
    "transformers": f"Hungarian matching {_PREDICTIONS}",
    "nnDetection": "boxes have three dimensions, which atss-inspect does not have",
    "EfficientDet": "its size of images and levels stand on its command line, not here",
}


def read_as_settings(
    root: Node, part: str | None = None, *, dialect: str = "mmengine"
) -> Imported:
    """Read a config by its framework's mapping; raises `Refused`."""
    framework = framework_of(root, dialect)
    if framework in MAPPINGS:
        return MAPPINGS[framework](root, part, framework=framework)
    reason = "not a config of a framework that is known here"
    if framework in NEEDING_MODELS:
        reason = f"{framework}: {NEEDING_MODELS[framework]}"
    elif framework:
        reason = f"configs of {framework} are not read yet"
    raise Refused(root.place, "", reason, hint="docs/configuration.md lists what is")
