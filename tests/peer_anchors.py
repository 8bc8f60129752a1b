"""Anchors and positives of the frameworks' own code; runs where these are installed.

Usage: python peer_anchors.py < CASES.json > ANSWERS.json. Nothing of atss_inspect is
imported here, and of compiled operations none is needed.
"""

import importlib.util
import json
import sys
import types
import warnings
from pathlib import Path
from typing import Any


class _Missing(types.ModuleType):
    """Stands in for a module of compiled operations, which nothing here calls."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None


warnings.simplefilter("ignore")
for _name in ("mmcv._ext", "torchvision", "torchvision.ops", "torchvision.ops.boxes"):
    sys.modules[_name] = _Missing(_name)


def mmdetection(case: dict[str, Any]) -> dict[str, Any]:
    """Do as the heads do: anchors, those inside, assignment, places among all."""
    import torch
    from mmdet.models.task_modules import assigners, prior_generators
    from mmengine.structures import InstanceData

    strides = [tuple(each) if isinstance(each, list) else each for each in case["xy"]]
    generator = prior_generators.AnchorGenerator(strides=strides, **case["anchors"])
    maps = [tuple(each) for each in case["maps"]]
    priors = generator.grid_priors(maps, device="cpu")
    flags = generator.valid_flags(maps, tuple(case["padded"]), device="cpu")
    border = case["border"]
    inside = [
        prior_generators.anchor_inside_flags(*each, tuple(case["input"]), border)
        for each in zip(priors, flags, strict=True)
    ]
    anchors = torch.cat(priors)[torch.cat(inside)]
    assigner = getattr(assigners, case["assigner"])(**case["parameters"])
    levels = [int(level.sum()) for level in inside]
    extra = (levels,) if case["assigner"] == "ATSSAssigner" else ()
    boxes = torch.tensor(case["boxes"], dtype=torch.float32).reshape(-1, 4)
    gt = InstanceData(bboxes=boxes, labels=torch.zeros(len(boxes), dtype=torch.long))
    if not len(anchors):
        return {"positives": None}
    found = assigner.assign(InstanceData(priors=anchors), *extra, gt, None).gt_inds
    places = torch.nonzero(torch.cat(inside)).ravel()
    rows = torch.nonzero(found > 0).ravel()
    positives = torch.stack([found[rows] - 1, places[rows]], dim=1).tolist()
    return {"positives": positives, "ignored": int((found < 0).sum())}


def _packages() -> Path:
    """Where packages are installed."""
    spec = importlib.util.find_spec("torch")
    assert spec
    return Path(str(spec.origin)).parents[1]


def torchvision(case: dict[str, Any]) -> dict[str, Any]:
    """Anchors of a cell of each level, by the library's own file alone."""
    import torch

    path = _packages() / "torchvision" / "models" / "detection" / "anchor_utils.py"
    text = path.read_text().replace("from .image_list import ImageList", "ImageList=0")
    module: dict[str, Any] = {"__name__": "anchor_utils"}
    exec(compile(text, str(path), "exec"), module)
    make = module["AnchorGenerator"]
    cells = make(tuple(map(tuple, case["sizes"])), tuple(map(tuple, case["ratios"])))
    return {"cells": [each.to(torch.float64).tolist() for each in cells.cell_anchors]}


def efficientdet(case: dict[str, Any]) -> dict[str, Any]:
    """All anchors of an image, y1, x1, y2, x2."""
    # Without the package's own start, which needs operations of torchvision.
    package = types.ModuleType("effdet")
    package.__path__ = [str(_packages() / "effdet")]
    sys.modules["effdet"] = package
    from effdet.anchors import Anchors

    found = Anchors(**case["arguments"])
    return {"anchors": found.boxes.tolist()}


def main() -> None:
    """Answer every case."""
    peers = {each.__name__: each for each in (mmdetection, torchvision, efficientdet)}
    cases = json.load(sys.stdin)
    json.dump([peers[case["framework"]](case) for case in cases], sys.stdout)


if __name__ == "__main__":
    main()
