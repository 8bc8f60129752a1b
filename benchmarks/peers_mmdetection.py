"""Time mmdetection's own assignment; runs in the peers' environment, see `peers`.

Usage: python peers_mmdetection.py INPUTS.npz; reads the name of a peer from each line
of stdin, assigns all images once and answers with one line of JSON.

Nothing of atss_inspect is imported here, and no compiled operation of mmcv is needed:
label assignment is plain PyTorch.
"""

import json
import sys
import time
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


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
warnings.simplefilter("ignore")

STRIDES = [8, 16, 32, 64, 128]
Assign = Callable[[Any, list[tuple[int, int]], tuple[int, int]], int]


class Images:
    """The images of the inputs: boxes in input pixels, map sizes, padded size."""

    def __init__(self, path: str) -> None:
        import torch
        from mmengine.structures import InstanceData

        self._instances = InstanceData
        self._torch = torch
        with np.load(path) as inputs:
            self._boxes = torch.from_numpy(inputs["boxes"])
            self._offsets = inputs["offsets"].tolist()
            self._padded = inputs["padded_size"].tolist()
            self._maps = inputs["map_sizes"].tolist()

    def __iter__(self) -> Iterator[tuple[Any, list[tuple[int, int]], tuple[int, int]]]:
        """Instances, map sizes and padded size of each image."""
        for row, (height, width) in enumerate(self._padded):
            boxes = self._boxes[self._offsets[row] : self._offsets[row + 1]]
            labels = self._torch.zeros(len(boxes), dtype=self._torch.long)
            instances = self._instances(bboxes=boxes, labels=labels)
            yield instances, [(h, w) for h, w in self._maps[row]], (height, width)


def anchor_peer(assigner: Any, generator: Any, *, has_levels: bool) -> Assign:
    """Assign as the heads do in training: make anchors, drop invalid ones, assign."""
    import torch
    from mmengine.structures import InstanceData

    def assign(
        gt: Any, map_sizes: list[tuple[int, int]], padded: tuple[int, int]
    ) -> int:
        priors = generator.grid_priors(map_sizes, device="cpu")
        flags = generator.valid_flags(map_sizes, padded, device="cpu")
        anchors = torch.cat(priors)[torch.cat(flags)]
        levels = [int(level.sum()) for level in flags]
        extra = (levels,) if has_levels else ()
        found = assigner.assign(InstanceData(priors=anchors), *extra, gt, None)
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
    return anchor_peer(assigner, generator, has_levels=False)


def fcos() -> Assign:
    """Build configs/fcos/fcos_r50-caffe_fpn_gn-head_1x_coco.py."""
    import torch
    from mmdet.models.dense_heads import FCOSHead

    # The network itself is not run: as small as its normalization allows.
    small = {"in_channels": 32, "feat_channels": 32, "stacked_convs": 1}
    head = FCOSHead(num_classes=80, strides=STRIDES, **small)

    def assign(
        gt: Any, map_sizes: list[tuple[int, int]], _padded: tuple[int, int]
    ) -> int:
        points = head.prior_generator.grid_priors(
            map_sizes, dtype=torch.float32, device="cpu"
        )
        labels, _targets = head.get_targets(points, [gt])
        return int(sum((level < head.num_classes).sum() for level in labels))

    return assign


PEERS = {"atss-mmdet": atss, "retinanet-mmdet": retinanet, "fcos-mmdet": fcos}


def measure(name: str, images: Images) -> dict[str, object]:
    """Assign all images once; the error's text where a peer cannot."""
    try:
        assign = PEERS[name]()
        begin = time.perf_counter()
        positives = sum(assign(*image) for image in images)
        return {"seconds": time.perf_counter() - begin, "num_positives": positives}
    except Exception as error:  # noqa: BLE001 - it goes into the table as it is
        lines = f"{error}".splitlines() or [""]
        return {"error": f"{type(error).__name__}: {lines[0]}"}


def main(path: str) -> None:
    """Answer requests until there are no more."""
    import torch

    torch.set_num_threads(1)
    images = Images(path)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(measure(line.strip(), images)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
