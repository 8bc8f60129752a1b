"""What assigners make of predictions: run by an interpreter that has their package.

Usage: python peer_gates.py FRAMEWORK < CASES.json > ANSWERS.json. Nothing of
atss_inspect is imported here. An answer has the positives before contests, after them,
and of those the ones whose target score is above 0 (the first and the last of
Ultralytics only), (box, point) each; points are numbered from the finest level on.
"""

import contextlib
import inspect
import json
import sys
import types
import warnings
from typing import Any

import torch

Case = dict[str, Any]
Pairs = list[list[int]]
NUM_CLASSES = 3
PRIOR = 0.01  # what heads begin to score with


class _Missing(types.ModuleType):
    """Stands in for compiled operations, which nothing here calls."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None


def points_of(case: Case) -> torch.Tensor:
    """x, y, stride, stride of all points; (N, 4)."""
    levels = []
    for stride in case["strides"]:
        number = torch.arange(case["side"] // stride) + case["offset"]
        y, x = torch.meshgrid(number * stride, number * stride, indexing="ij")
        steps = torch.full_like(x, stride)
        levels.append(torch.stack([x, y, steps, steps], dim=-1).reshape(-1, 4))
    return torch.cat(levels).float()


def predict(case: Case, points: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Boxes, (N, 4) xyxy, and scores, (N, classes), of a made-up model."""
    draw = torch.Generator().manual_seed(case["seed"])
    number, side, kind = len(points), float(case["side"]), case["predictions"]
    scores = torch.rand(number, NUM_CLASSES, generator=draw)
    if kind == "random":
        corners = torch.rand(number, 2, 2, generator=draw).sort(dim=1).values
        return corners.reshape(-1, 4) * side, scores
    if kind == "trained":  # near a box, whatever the point
        gt = torch.tensor(case["boxes"]).float().reshape(-1, 4)
        picked = gt[torch.randint(len(gt), (number,), generator=draw)]
        return picked + 3 * torch.randn(number, 4, generator=draw), scores
    reach = 7.5 * points[:, 2:]  # 15 strides wide, as distributions that are even give
    fresh = torch.cat([points[:, :2] - reach, points[:, :2] + reach], dim=1)
    if kind == "flat":  # one box and one score everywhere
        fresh = torch.tensor([0.3, 0.3, 0.7, 0.7]).mul(side).expand(number, 4)
    return fresh.clone(), torch.full((number, NUM_CLASSES), PRIOR)


def ultralytics(case: Case) -> dict[str, Any]:
    """Positives of its TaskAlignedAssigner before and after contests."""
    from ultralytics.utils.tal import TaskAlignedAssigner

    words = {"topk": case["quota"], "topk2": case.get("quota_after")}
    words |= {"num_classes": NUM_CLASSES, "alpha": 0.5, "beta": 6.0}
    words["stride"] = case["strides"]
    known = inspect.signature(TaskAlignedAssigner).parameters
    assigner = TaskAlignedAssigner(**{k: v for k, v in words.items() if k in known})
    points = points_of(case)
    boxes, scores = predict(case, points)
    gt = torch.tensor(case["boxes"], dtype=torch.float32).reshape(1, -1, 4)
    labels = torch.arange(gt.shape[1]).reshape(1, -1, 1) % NUM_CLASSES
    mask = torch.ones(1, gt.shape[1], 1, dtype=torch.bool)
    assigner.bs, assigner.n_max_boxes = 1, gt.shape[1]
    model = (scores[None], boxes[None])
    before, metric, overlaps = assigner.get_pos_mask(
        *model, labels, gt, points[:, :2], mask
    )
    rest = (
        (metric,)
        if "align_metric"
        in inspect.signature(assigner.select_highest_overlaps).parameters
        else ()
    )
    ends = assigner.select_highest_overlaps(
        before.clone(), overlaps, gt.shape[1], *rest
    )[2]
    final = assigner(*model, points[:, :2], labels, gt, mask)
    assert bool((final[3] == (ends.sum(1) > 0)).all())
    counts = ends * (final[2].sum(-1) > 0)[:, None]
    told = {"before": before, "after": ends, "counted": counts}
    return {name: found[0].nonzero().tolist() for name, found in told.items()}


def mmdetection(case: Case) -> dict[str, Any]:
    """Positives of one of its assigners; they settle contests themselves."""
    from mmdet.models.task_modules import assigners
    from mmengine.structures import InstanceData

    points = points_of(case)
    boxes, scores = predict(case, points)
    if case["assigner"] == "DynamicSoftLabelAssigner":
        scores = torch.logit(scores, eps=1e-6)
    assigner = getattr(assigners, case["assigner"])(**case["parameters"])
    gt = torch.tensor(case["boxes"], dtype=torch.float32).reshape(-1, 4)
    labels = torch.arange(len(gt)) % NUM_CLASSES
    predicted = InstanceData(priors=points, bboxes=boxes, scores=scores)
    found = assigner.assign(predicted, InstanceData(bboxes=gt, labels=labels)).gt_inds
    rows = torch.nonzero(found > 0).ravel()
    return {"after": torch.stack([found[rows] - 1, rows], dim=1).tolist()}


def version_of(framework: str) -> str:
    """Version of the package; empty where it is not installed."""
    from importlib import metadata

    try:
        return metadata.version(framework)
    except metadata.PackageNotFoundError:
        return ""


def main(framework: str) -> None:
    """Answer every case, where the framework is installed."""
    warnings.simplefilter("ignore")
    version = version_of({"mmdetection": "mmdet"}.get(framework, framework))
    cases = json.load(sys.stdin) if version else []
    if framework == "mmdetection":
        sys.modules["mmcv._ext"] = _Missing("mmcv._ext")
    answer = {"ultralytics": ultralytics, "mmdetection": mmdetection}[framework]
    torch.set_num_threads(1)
    with contextlib.redirect_stdout(sys.stderr):  # what packages greet with
        answers = [answer(case) for case in cases]
    json.dump({"version": version, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
