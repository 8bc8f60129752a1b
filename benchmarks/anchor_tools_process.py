"""Other tools' own code that chooses anchors, for `anchor_tools`; runs in their world.

Usage: ``python -m benchmarks.anchor_tools_process TOOL``, with JSON on stdin. Given
``sides``, (G, 2) widths and heights in input pixels, it answers with ``anchors``, as
wide and high as the tool wants them. With ``shapes``, lists of anchors, it answers with
``scores``, what the tool's own measure says of each. All images are told to be squares
of the input's size, so that no tool scales a box. Nothing of atss_inspect is imported.
"""

import importlib.util
import json
import logging
import random
import re
import sys
import types
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
SIDE = 1333  # input pixels, the longest side of RetinaNet's
GENERATIONS, ITERATIONS, RUNS = 1000, 1000, 3  # what each tool takes or advises


class Tool(NamedTuple):
    """Two answers of a tool."""

    choose: Callable[[Floats, int], Any]  # (G, 2) sides, how many -> anchors
    measure: Callable[[Floats, Floats], float]  # (G, 2) sides, (A, 2) anchors


def _load(path: Path, name: str) -> Any:
    """Import a file that belongs to no package, or without its package's start."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _folder(package: str) -> Path:
    """Find where a package is, without importing it."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin or "").parent if spec else Path()


def yolov5() -> Tool:
    """`kmean_anchors` of YOLOv5, and the best possible recall of `check_anchors`."""
    import torch

    said: list[str] = []
    package, general = types.ModuleType("yolov5"), types.ModuleType("general")
    package.__path__ = [str(_folder("yolov5"))]
    logger = types.SimpleNamespace(info=said.append, warning=said.append)
    vars(general).update(LOGGER=logger, TQDM_BAR_FORMAT=None, colorstr=str)
    # What autoanchor takes of it is how to print; it imports half the world itself.
    sys.modules |= {"yolov5": package, "yolov5.utils.general": general}
    from yolov5.utils import autoanchor

    evolve = autoanchor.kmean_anchors

    def labelled(sides: Floats) -> Any:
        """One image a box; class, center, and sides as shares of the image's."""
        rows = np.hstack([np.zeros((len(sides), 3)), sides / SIDE])
        shapes = np.full((len(sides), 2), float(SIDE))
        return types.SimpleNamespace(shapes=shapes, labels=list(rows[:, None]))

    def choose(sides: Floats, number: int) -> Any:
        words = {"n": number, "img_size": SIDE, "gen": GENERATIONS, "verbose": False}
        return evolve(labelled(sides), **words)

    def measure(sides: Floats, shapes: Floats) -> float:
        rows = torch.from_numpy(shapes).float()
        head = types.SimpleNamespace(anchors=rows[None], stride=torch.ones(1))
        # Below a recall of 0.98 it looks for better ones; here it is only asked.
        autoanchor.kmean_anchors = lambda *_args, **_words: rows
        model = types.SimpleNamespace(model=[head])
        autoanchor.check_anchors(labelled(sides), model, imgsz=SIDE)
        found = re.findall(r"([\d.]+) Best Possible Recall", "".join(said))
        return float(found[-1])

    return Tool(choose, measure)


def mmdetection() -> Tool:
    """Differential evolution of optimize_anchors, and 1 - its cost."""
    import_module("benchmarks.peers_mmdetection")  # stubs compiled operations
    tools = _folder("mmdet") / ".mim" / "tools" / "analysis_tools"
    code = _load(tools / "optimize_anchors.py", "optimize_anchors")

    class Boxes:
        """Answers as a data set of mmdetection does: all boxes on one image."""

        def __init__(self, sides: Floats) -> None:
            boxes = np.hstack([np.zeros_like(sides), sides]).tolist()
            each = [{"bbox": box} for box in boxes]
            self._info = {"width": SIDE, "height": SIDE, "instances": each}

        def __len__(self) -> int:
            return 1

        def get_data_info(self, _index: int) -> dict[str, object]:
            return self._info

    def optimizer(sides: Floats, number: int) -> Any:
        return code.YOLODEAnchorOptimizer(
            num_anchors=number,
            iters=ITERATIONS,
            dataset=Boxes(sides),
            input_shape=[SIDE, SIDE],
            logger=logging.getLogger(),
            device="cpu",
        )

    def measure(sides: Floats, shapes: Floats) -> float:
        one = optimizer(sides, len(shapes))
        boxes = one.get_zero_center_bbox_tensor()
        return 1 - float(one.avg_iou_cost(shapes.ravel(), boxes))

    return Tool(lambda *about: optimizer(*about).differential_evolution(), measure)


def k_means() -> Tool:
    """SciPy's k-means on widths and heights, and the mean distance in pixels."""
    code = import_module("scipy.cluster.vq")

    def choose(sides: Floats, number: int) -> Any:
        return code.kmeans(sides, number)[0]

    return Tool(choose, lambda sides, shapes: float(code.vq(sides, shapes)[1].mean()))


def ratios(file: Path) -> Tool:
    """kmeans-anchors-ratios: ratios alone, and boxes without an anchor of IoU 0.5."""
    code = _load(file, "kmeans_anchors_ratios")

    def instances(sides: Floats) -> Any:
        each = [{"image_id": 0, "bbox": [0, 0, *side]} for side in sides.tolist()]
        image = {"id": 0, "width": SIDE, "height": SIDE}
        return {"images": [image], "annotations": each}

    def choose(sides: Floats, number: int) -> Any:
        words = {"num_anchors_ratios": number, "num_runs": RUNS}
        return code.get_optimal_anchors_ratios(instances(sides), [1], SIDE, **words)

    def measure(sides: Floats, shapes: Floats) -> float:
        every = instances(sides)
        without = code.get_annotations_without_similar_anchors
        return len(without(every, shapes, [1], SIDE)) / len(sides)

    return Tool(choose, measure)


TOOLS = {"yolov5": yolov5, "mmdetection": mmdetection, "k-means": k_means}


def main(name: str) -> None:
    """Answer one request."""
    asked = json.load(sys.stdin)
    sides = np.array(asked["sides"], dtype=np.float64)
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - both are what the tools draw from
    with redirect_stdout(sys.stderr):
        tool = TOOLS[name]() if name in TOOLS else ratios(Path(asked["file"]))
        if "shapes" in asked:
            shapes = [np.array(each, dtype=np.float64) for each in asked["shapes"]]
            answer = {"scores": [tool.measure(sides, each) for each in shapes]}
        else:
            answer = {"anchors": np.array(tool.choose(sides, asked["number"])).tolist()}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
