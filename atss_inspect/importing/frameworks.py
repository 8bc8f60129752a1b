"""The mapping of each framework, and files that are read for no rule."""

from collections.abc import Callable
from functools import partial

from atss_inspect.importing import (
    detectron2,
    keras_retinanet,
    lazyconfig,
    mmdetection,
    official,
    paddle,
    torchvision,
    ultralytics,
    yolov5,
)
from atss_inspect.importing.detect import framework_of
from atss_inspect.importing.imported import Imported
from atss_inspect.importing.parts import Notes, Part
from atss_inspect.importing.values import Node
from atss_inspect.presets.needing_models import PREDICTIONS, QUERIES, why_none

# What reads the configs of a framework, see `atss_inspect.importing.parts`: it takes a
# config and ``rpn``, ``head`` or None for what has anchors, and names the preset that
# the config starts from.
Mapping = Callable[[Part, str | None], str]
# By the name that `framework_of` gives.
MAPPINGS: dict[str, Mapping] = {
    **dict.fromkeys(
        ("mmdetection 3", "mmdetection 2", "mmyolo", "mmrotate"), mmdetection.read
    ),
    "detectron2": detectron2.read,
    "AdelaiDet": partial(detectron2.read, has_hflip=True),
    "detectron2 LazyConfig": lazyconfig.read,
    "maskrcnn-benchmark": official.read,
    "torchvision": torchvision.read,
    "PaddleDetection": paddle.read,
    "keras-retinanet": keras_retinanet.read,
    "ultralytics": ultralytics.read,
    "YOLOv5": yolov5.read,
}
OTHERS = {
    "YOLOX": f"{why_none('simota')}",
    "YOLOv6": f"{PREDICTIONS}, but for its first epochs (preset yolov6-warmup)",
    "transformers": QUERIES,
    "nnDetection": "has boxes of three dimensions, which atss-inspect does not have",
    "EfficientDet": "has its size of images and levels on its command line, not here",
    "data.yaml": "says where pictures are, not how one trains: it is data, as in "
    "`atss-inspect stats data.yaml -p yolo11`",
}


def read_as_settings(
    root: Node, part: str | None = None, *, dialect: str = "mmengine"
) -> Imported:
    """Read a config by its framework's mapping; raises `Refused`."""
    framework = framework_of(root, dialect) or ""
    config = Part(root, "", Notes())
    if framework in MAPPINGS:
        extends = MAPPINGS[framework](config, part)
        return config.notes.imported(framework, extends)
    config.refuse_known("", framework, OTHERS)
    reason = "not a config of a framework that is known here"
    return config.refuse("", reason, hint="docs/configuration.md lists what is")
