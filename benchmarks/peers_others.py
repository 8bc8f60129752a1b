"""Label assignment of torchvision, effdet, YOLOv5 and Ultralytics, for `peers_process`.

No network is built, and of compiled operations none is called.
"""

import importlib.util
import sys
import types
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from benchmarks.peers_process import Assign, Image

# models/yolov5s.yaml
YOLOV5_ANCHORS = [10, 13, 16, 30, 33, 23, 30, 61, 62, 45, 59, 119]
YOLOV5_ANCHORS += [116, 90, 156, 198, 373, 326]


@cache
def _torchvision() -> Any:
    """Have torchvision imported, with or without its compiled operations.

    Beside another build of PyTorch they are not loaded, and its start fails for two.
    """
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    try:
        import torchvision  # noqa: F401 - whether it can be
    except RuntimeError:
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor a, Tensor b, float c) -> Tensor")
    return library


def ssd(side: int, ratios: list[list[int]], **words: Any) -> Assign:
    """Do as SSD.forward does: anchors, their IoU with the boxes, the matcher."""
    import torch

    _torchvision()
    from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
    from torchvision.models.detection.image_list import ImageList
    from torchvision.models.detection.ssd import det_utils
    from torchvision.ops import box_iou

    generator, matcher = DefaultBoxGenerator(ratios, **words), det_utils.SSDMatcher(0.5)
    pictures = ImageList(torch.empty(1, 3, side, side), [(side, side)])

    def assign(image: Image) -> int:
        if not len(image.boxes):
            return 0
        maps = [torch.empty(1, 1, *size) for size in image.map_sizes]
        anchors = generator(pictures, maps)[0]
        return int((matcher(box_iou(image.boxes, anchors)) >= 0).sum())

    return assign


def efficientdet() -> Assign:
    """Do as DetBenchTrain does: its labeler, which keeps the anchors."""
    import torch

    _torchvision()
    from effdet.anchors import AnchorLabeler, Anchors

    pairs = [(1.0, 1.0), (1.4, 0.7), (0.7, 1.4)]
    labeler = AnchorLabeler(Anchors(3, 7, 3, pairs, 4.0, (512, 512)), 90)

    def assign(image: Image) -> int:
        boxes = image.boxes[:, [1, 0, 3, 2]]
        return int(labeler.label_anchors(boxes, torch.ones(len(boxes)))[2])

    return assign


def yolov5() -> Assign:
    """Build ComputeLoss with what its build_targets reads of a model."""
    import torch

    # Without the package's own start and torch_utils, which import half the world.
    package, utils = (
        types.ModuleType(name) for name in ("yolov5", "yolov5.utils.torch_utils")
    )
    spec = importlib.util.find_spec("yolov5")
    package.__path__ = [str(Path(spec.origin or "").parent)] if spec else []
    vars(utils)["de_parallel"] = None
    sys.modules |= {each.__name__: each for each in (package, utils)}
    from yolov5.utils.loss import ComputeLoss

    strides = torch.tensor([8.0, 16.0, 32.0]).view(3, 1, 1)
    anchors = torch.tensor(YOLOV5_ANCHORS).float().view(3, 3, 2) / strides
    loss = ComputeLoss.__new__(ComputeLoss)
    facts = {"na": 3, "nl": 3, "anchors": anchors, "hyp": {"anchor_t": 4.0}}
    vars(loss).update(facts, device="cpu")

    def assign(image: Image) -> int:
        maps = [torch.empty(1, 3, *size, 1) for size in image.map_sizes]
        number = torch.zeros(len(image.shares), 2)  # image and class
        targets = torch.cat([number, image.shares], dim=1)
        return sum(len(found[0]) for found in loss.build_targets(maps, targets)[2])

    return assign


def ultralytics() -> Assign:
    """Build the assigner as v8DetectionLoss does; the points are made once."""
    import torch

    _torchvision()
    from ultralytics.utils.tal import TaskAlignedAssigner, make_anchors

    strides = [8, 16, 32]
    maps = [torch.empty(1, 1, 640 // s, 640 // s) for s in strides]
    points, scale = make_anchors(maps, strides, 0.5)
    assigner = TaskAlignedAssigner(10, 80, 0.5, 6.0, stride=strides)

    def assign(image: Image) -> int:
        boxes, is_real = image.boxes[None], torch.ones(1, len(image.boxes), 1)
        mask = assigner.select_candidates_in_gts(points * scale, boxes, is_real)
        return int(mask.sum())

    return assign


RATIOS, STEPS = [[2], [2, 3], [2, 3], [2, 3], [2], [2]], [8, 16, 32, 64, 100, 300]
SCALES = [0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05]
PEERS: dict[str, Callable[[], Assign]] = {
    "ssd300-torchvision": partial(ssd, 300, RATIOS, scales=SCALES, steps=STEPS),
    "ssdlite320-torchvision": partial(
        ssd, 320, [[2, 3]] * 6, min_ratio=0.2, max_ratio=0.95
    ),
    "efficientdet-d0": efficientdet,
    "yolov5": yolov5,
    "ultralytics": ultralytics,
}
