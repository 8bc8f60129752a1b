"""Positives of mmdetection's own rules; runs where it is installed.

Usage: python peer_rules.py < CASES.json > ANSWERS.json. Nothing of atss_inspect is
imported here, and of compiled operations none is needed.
"""

import json
import sys
from types import SimpleNamespace
from typing import Any

import peer_anchors  # noqa: F401 - stands in for compiled operations
import torch
from mmengine.structures import InstanceData

Answer = list[list[int]]  # [box, level, index] of each positive


def _boxes(case: dict[str, Any]) -> InstanceData:
    """Boxes of an image, labelled by their numbers."""
    boxes = torch.tensor(case["boxes"], dtype=torch.float32).reshape(-1, 4)
    return InstanceData(bboxes=boxes, labels=torch.arange(len(boxes)))


def foveabox(case: dict[str, Any]) -> Answer:
    """Paint an image by the head's own function, which gives all levels in one row."""
    from mmdet.models.dense_heads import FoveaHead
    from mmdet.models.task_modules import prior_generators

    gt, strides = _boxes(case), case["strides"]
    if not len(gt.bboxes):
        return []
    maps = [tuple(each) for each in case["maps"]]
    points = prior_generators.MlvlPointGenerator(strides).grid_priors(
        maps, device="cpu"
    )
    head = FoveaHead(
        num_classes=len(gt.bboxes),
        in_channels=1,
        feat_channels=1,
        base_edge_list=[16] * len(strides),
        scale_ranges=case["size_ranges"],
        strides=strides,
        sigma=case["core"],
    )
    labels, _ = head.get_targets([gt], maps, points)
    levels = labels.split([len(each) for each in points])
    return [
        [label, level, index]
        for level, labels_of_level in enumerate(levels)
        for index, label in enumerate(labels_of_level.tolist())
        if label < len(gt.bboxes)
    ]


def nearest_point(case: dict[str, Any]) -> Answer:
    """Assign as the first stage of RepPoints does."""
    from mmdet.models.task_modules import assigners, prior_generators

    maps = [tuple(each) for each in case["maps"]]
    make = prior_generators.MlvlPointGenerator(case["strides"], offset=0.0)
    points = make.grid_priors(maps, device="cpu", with_stride=True)
    assigner = assigners.PointAssigner(case["level_scale"], case["num_points"])
    found = assigner.assign(InstanceData(priors=torch.cat(points)), _boxes(case))
    return _rows(found.gt_inds, [len(level) for level in points])


def grid_cell(case: dict[str, Any]) -> Answer:
    """Assign as YOLOv3's head does, whose levels begin with the coarsest."""
    from mmdet.models.dense_heads import YOLOV3Head
    from mmdet.models.task_modules import assigners, prior_generators

    maps = [tuple(each) for each in case["maps"]][::-1]
    sizes = [list(zip(each[::2], each[1::2], strict=True)) for each in case["sizes"]]
    make = prior_generators.YOLOAnchorGenerator(case["strides"][::-1], sizes[::-1])
    anchors, gt = make.grid_priors(maps, device="cpu"), _boxes(case)
    head = SimpleNamespace(num_levels=len(maps), prior_generator=make)
    flags = YOLOV3Head.responsible_flags(head, maps, gt.bboxes, "cpu")
    assigner = assigners.GridAssigner(
        case["positive_above"], case["ignored_above"], case["forced_above"]
    )
    priors = InstanceData(priors=torch.cat(anchors), responsible_flags=torch.cat(flags))
    owners = assigner.assign(priors, gt).gt_inds
    case["ignored"] = int((owners < 0).sum())
    last = len(maps) - 1
    rows = _rows(owners, [len(level) for level in anchors])
    return [[gt, last - level, index] for gt, level, index in rows]


def best_shape(case: dict[str, Any]) -> Answer:
    """Assign squares by their approximate anchors, as Guided Anchoring does."""
    from mmdet.models.task_modules import assigners, prior_generators

    make = prior_generators.AnchorGenerator(
        strides=case["strides"],
        octave_base_scale=case["scale"],
        scales_per_octave=case["scales_per_octave"],
        ratios=case["ratios"],
    )
    maps = [tuple(each) for each in case["maps"]]
    levels = make.grid_priors(maps, device="cpu")
    per_cell = make.num_base_priors[0]
    approxs = torch.cat(levels).view(-1, per_cell, 4)
    assigner = assigners.ApproxMaxIoUAssigner(
        case["positive_from"],
        case["negative_below"],
        min_pos_iou=case["low_quality_floor"],
        match_low_quality=case["allow_low_quality"],
    )
    squares = InstanceData(priors=approxs[:, 0], approxs=approxs)
    owners = assigner.assign(squares, _boxes(case)).gt_inds
    case["ignored"] = int((owners < 0).sum())
    return _rows(owners, [len(level) // per_cell for level in levels])


def _rows(owners: torch.Tensor, counts: list[int]) -> Answer:
    """Rows of positives, of owners by number from 1, level after level."""
    return [
        [owner - 1, level, index]
        for level, own in enumerate(owners.split(counts))
        for index, owner in enumerate(own.tolist())
        if owner > 0
    ]


def main() -> None:
    """Answer every case."""
    rules = foveabox, nearest_point, grid_cell, best_shape
    peers = {each.__name__: each for each in rules}
    cases = json.load(sys.stdin)
    answers = [
        {"positives": sorted(peers[case["rule"]](case)), "ignored": case.get("ignored")}
        for case in cases
    ]
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
