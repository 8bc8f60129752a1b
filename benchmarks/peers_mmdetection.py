"""Label assignment of mmdetection, for `peers_process`.

No compiled operation of mmcv is needed: label assignment is plain PyTorch.
"""

import sys
import types
from collections.abc import Callable
from typing import Any

from benchmarks.peers_process import Assign, Image


class _NoCompiledOps(types.ModuleType):
    """Stands in for ``mmcv._ext``, which mmcv-lite lacks; every function raises."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def missing(*_args: Any, **_kwargs: Any) -> Any:
            message = f"mmcv._ext.{name} is compiled and not here"
            raise NotImplementedError(message)

        return missing


sys.modules["mmcv._ext"] = _NoCompiledOps("mmcv._ext")

STRIDES = [8, 16, 32, 64, 128]


def _instances(image: Image) -> Any:
    """Boxes as mmdetection's data pipeline hands them over."""
    import torch
    from mmengine.structures import InstanceData

    labels = torch.zeros(len(image.boxes), dtype=torch.long)
    return InstanceData(bboxes=image.boxes, labels=labels)


def anchor_peer(assigner: Any, generator: Any, *, has_levels: bool = False) -> Assign:
    """Assign as the heads do in training: make anchors, drop invalid ones, assign."""
    import torch
    from mmengine.structures import InstanceData

    def assign(image: Image) -> int:
        priors = generator.grid_priors(image.map_sizes, device="cpu")
        flags = generator.valid_flags(image.map_sizes, image.padded, device="cpu")
        anchors = torch.cat(priors)[torch.cat(flags)]
        levels = [int(level.sum()) for level in flags]
        extra = (levels,) if has_levels else ()
        instances = InstanceData(priors=anchors)
        found = assigner.assign(instances, *extra, _instances(image), None)
        return int((found.gt_inds > 0).sum())

    return assign


def atss() -> Assign:
    """Build configs/atss/atss_r50_fpn_1x_coco.py."""
    from mmdet.models.task_modules.assigners import ATSSAssigner
    from mmdet.models.task_modules.prior_generators import AnchorGenerator

    generator = AnchorGenerator(
        ratios=[1.0], octave_base_scale=8, scales_per_octave=1, strides=STRIDES
    )
    return anchor_peer(ATSSAssigner(topk=9), generator, has_levels=True)


def retinanet() -> Assign:
    """Build configs/retinanet/retinanet_r50_fpn_1x_coco.py."""
    from mmdet.models.task_modules.assigners import MaxIoUAssigner
    from mmdet.models.task_modules.prior_generators import AnchorGenerator

    generator = AnchorGenerator(
        octave_base_scale=4,
        scales_per_octave=3,
        ratios=[0.5, 1.0, 2.0],
        strides=STRIDES,
    )
    assigner = MaxIoUAssigner(
        pos_iou_thr=0.5, neg_iou_thr=0.4, min_pos_iou=0, ignore_iof_thr=-1
    )
    return anchor_peer(assigner, generator)


def ssd300() -> Assign:
    """Build configs/ssd/ssd300_coco.py."""
    from mmdet.models.task_modules.assigners import MaxIoUAssigner
    from mmdet.models.task_modules.prior_generators import SSDAnchorGenerator

    generator = SSDAnchorGenerator(
        scale_major=False,
        input_size=300,
        basesize_ratio_range=(0.15, 0.9),
        strides=[8, 16, 32, 64, 100, 300],
        ratios=[[2], [2, 3], [2, 3], [2, 3], [2], [2]],
    )
    bars = {"pos_iou_thr": 0.5, "neg_iou_thr": 0.5, "min_pos_iou": 0.0}
    assigner = MaxIoUAssigner(**bars, ignore_iof_thr=-1, gt_max_assign_all=False)
    return anchor_peer(assigner, generator)


def fcos() -> Assign:
    """Build configs/fcos/fcos_r50-caffe_fpn_gn-head_1x_coco.py."""
    import torch
    from mmdet.models.dense_heads import FCOSHead

    # The network itself is not run: as small as its normalization allows.
    small = {"in_channels": 32, "feat_channels": 32, "stacked_convs": 1}
    head = FCOSHead(num_classes=80, strides=STRIDES, **small)

    def assign(image: Image) -> int:
        points = head.prior_generator.grid_priors(
            image.map_sizes, dtype=torch.float32, device="cpu"
        )
        labels, _targets = head.get_targets(points, [_instances(image)])
        return int(sum((level < head.num_classes).sum() for level in labels))

    return assign


def yolox() -> Assign:
    """Build what stands before the cost in configs/yolox/yolox_s_8xb8-300e_coco.py."""
    import torch
    from mmdet.models.task_modules.assigners import SimOTAAssigner
    from mmdet.models.task_modules.prior_generators import MlvlPointGenerator

    generator = MlvlPointGenerator([8, 16, 32], offset=0)
    assigner = SimOTAAssigner(center_radius=2.5)

    def assign(image: Image) -> int:
        priors = torch.cat(
            generator.grid_priors(image.map_sizes, device="cpu", with_stride=True)
        )
        # As the head does before it assigns.
        moved = torch.cat([priors[:, :2] + priors[:, 2:] * 0.5, priors[:, 2:]], dim=-1)
        _, is_own = assigner.get_in_gt_and_in_center_info(moved, image.boxes)
        return int(is_own.sum())

    return assign


PEERS = {
    "atss-mmdet": atss,
    "retinanet-mmdet": retinanet,
    "fcos-mmdet": fcos,
    "ssd300-mmdet": ssd300,
    "yolox-mmdet": yolox,
}
