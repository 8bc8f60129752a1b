"""What other tools' rules make of RetinaNet's anchors, judged by the assigner.

Each rule chooses size, middle and steps of ratios on the grid that `tune` searches, by
its own measure of the shapes of boxes alone: the mean best shape IoU (as mmdetection's
``optimize_anchors`` and anchor-optimization do), the ratio of sides below 4 (as
YOLOv5's autoanchor does), and k-means on sides (nine clusters, which the grid is to
hold as nearly as it can). Run: ``python -m benchmarks.anchor_rules FILE ...``
"""

import itertools
import sys
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from atss_inspect import load_coco, preset
from atss_inspect.settings import Settings, override
from atss_inspect.statistics.run import frame_of, summarize
from atss_inspect.statistics.tuning import tune
from atss_inspect.statistics.tuning.objective import sample

Floats = npt.NDArray[np.float64]
BASE = preset("retinanet-mmdet")
MOST_BOXES, NUM_CLUSTERS, ROUNDS = 4000, 9, 50


def shape_ious(sides: Floats, shapes: Floats) -> Floats:
    """IoU of boxes put on one center; (G, 2), (A, 2) -> (G, A)."""
    shared = np.minimum(sides[:, None], shapes).prod(axis=2)
    every: Floats = sides.prod(axis=1)[:, None] + shapes.prod(axis=1) - shared
    found: Floats = shared / every
    return found


def side_ratios(sides: Floats, shapes: Floats) -> Floats:
    """Smaller over larger of both sides, the worse of the two; (G, A)."""
    ratio = sides[:, None] / shapes
    found: Floats = np.minimum(ratio, 1 / ratio).min(axis=2)
    return found


def mean_best_iou(sides: Floats, shapes: Floats) -> float:
    """Mean over boxes of the best shape IoU."""
    return float(shape_ious(sides, shapes).max(axis=1).mean())


def autoanchor(sides: Floats, shapes: Floats) -> float:
    """Mean over boxes of the best ratio of sides, where it is above 1 / 4."""
    best = side_ratios(sides, shapes).max(axis=1)
    return float((best * (best > 0.25)).mean())


def clusters(sides: Floats) -> Floats:
    """Nine clusters of sides by k-means, from evenly spaced areas on."""
    order = np.argsort(sides.prod(axis=1))
    places = np.linspace(0, len(order) - 1, NUM_CLUSTERS).astype(int)
    centers: Floats = sides[order[places]]
    for _ in range(ROUNDS):
        near = ((sides[:, None] - centers) ** 2).sum(axis=2).argmin(axis=1)
        groups = [sides[near == n] for n in range(NUM_CLUSTERS)]
        pairs = zip(groups, centers, strict=True)
        centers = np.array([g.mean(axis=0) if len(g) else c for g, c in pairs])
    return centers


def shapes_of(settings: Settings) -> Floats:
    """Width and height of the anchors of all levels; (A, 2)."""
    found = []
    for level in settings.anchors.levels():
        for size, ratio in itertools.product(level.bases * level.scales, level.ratios):
            found.append((size / ratio**0.5, size * ratio**0.5))
    return np.array(found)


def choose(sides: Floats, measure: Callable[[Floats, Floats], float]) -> Settings:
    """Settings on the grid of `tune` that a measure of shapes finds best."""
    knobs = BASE.rule.knobs(BASE.assigner, BASE.anchors)
    every = itertools.product(*(knob.values for knob in knobs.each))
    found = [override(BASE, knobs.changes(values)) for values in every]
    return max(found, key=lambda one: measure(sides, shapes_of(one)))


def main(paths: list[str]) -> None:
    """Print a line for each rule and file."""
    for path in paths:
        dataset = load_coco(path)
        some = sample(dataset, MOST_BOXES)
        boxes = frame_of(some, slice(0, some.num_images), BASE).gt_boxes
        sides = (boxes[:, 2:] - boxes[:, :2]).astype(np.float64)
        near = clusters(sides)
        proposal = tune(dataset, BASE, free_only=True).rows[0].settings
        rules = {
            "today": BASE,
            "mean best shape IoU": choose(sides, mean_best_iou),
            "autoanchor's ratio": choose(sides, autoanchor),
            "k-means on sides": choose(near, mean_best_iou),
            "tune": proposal,
        }
        print(path)
        judged = summarize(dataset, list(rules.values()))
        for (name, one), summary in zip(rules.items(), judged, strict=True):
            shapes = shapes_of(one)
            large = summary.by_size.groups[-1].poorly_assigned_share or 0.0
            every = summary.every_object.poorly_assigned_share or 0.0
            ratios = [round(float(str(ratio)), 2) for ratio in one.anchors.ratios]
            print(
                f"  {name:20} IoU {mean_best_iou(sides, shapes):.3f}"
                f"  ratio {autoanchor(sides, shapes):.3f}"
                f"  poorly {every:6.1%}  large {large:6.1%}"
                f"  scale {one.anchors.scale:g} {ratios}"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
