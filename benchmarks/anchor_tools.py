"""What other tools' anchors make of RetinaNet's grid, judged by the assigner.

Each tool's own code chooses nine anchors for the boxes that `tune` searches over, in
RetinaNet's input pixels, in the environment of `peers`. Of the grid that `tune` turns
(size, middle and steps of ratios: the same price), the settings that hold these nine
best are judged by the assigner, on the whole file, and by the tool's own measure.
Beside them are the settings of that grid whose anchors have the best mean shape IoU.
Run: ``python -m benchmarks.anchor_tools FILE ... [--ratios-code FILE.py]``
"""

import argparse
import itertools
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from atss_inspect import load_coco, preset
from atss_inspect.settings import Settings, override
from atss_inspect.statistics.run import frame_of, summarize
from atss_inspect.statistics.tuning import tune
from atss_inspect.statistics.tuning.objective import sample
from benchmarks.inputs import FOLDER
from benchmarks.peers import peer_python
from benchmarks.timing import environment

Floats = npt.NDArray[np.float64]
BASE = preset("retinanet-mmdet")
MOST_BOXES, NUM_ANCHORS, NUM_RATIOS = 4000, 9, 3
ALIKE = 0.01  # mean shape IoU
RATIOS, BEST_IOU = "kmeans-anchors-ratios", "best shape IoU"
TOOLS = ("yolov5", "mmdetection", "k-means", RATIOS, BEST_IOU)


def shape_ious(sides: Floats, shapes: Floats) -> Floats:
    """IoU of boxes put on one center; (G, 2), (A, 2) -> (G, A)."""
    shared = np.minimum(sides[:, None], shapes).prod(axis=2)
    every: Floats = sides.prod(axis=1)[:, None] + shapes.prod(axis=1) - shared
    found: Floats = shared / every
    return found


def mean_best(sides: Floats, shapes: Floats) -> float:
    """Mean over boxes of the best shape IoU."""
    return float(shape_ious(sides, shapes).max(axis=1).mean())


def shapes_of(settings: Settings) -> Floats:
    """Width and height of the anchors of all levels; (A, 2)."""
    found = []
    for level in settings.anchors.levels():
        for size, ratio in itertools.product(level.bases * level.scales, level.ratios):
            found.append((size / ratio**0.5, size * ratio**0.5))
    return np.array(found)


@cache
def grid() -> tuple[Settings, ...]:
    """All settings that `tune` may come to at no cost."""
    knobs = BASE.rule.free_knobs(BASE.assigner, BASE.anchors)
    every = itertools.product(*(knob.values for knob in knobs.each))
    return tuple(override(BASE, knobs.changes(values)) for values in every)


def nearest(anchors: Floats) -> Settings:
    """Settings whose anchors hold some anchors (N, 2) as nearly as the grid can.

    By the mean over ``anchors`` of the best shape IoU. Of those within 0.01 of the best
    the ones of a size nearest to today's, and of these the best.
    """
    fits = [(mean_best(anchors, shapes_of(one)), one) for one in grid()]
    bar = max(fit for fit, _ in fits) - ALIKE
    today = BASE.anchors.scale
    alike = [pair for pair in fits if pair[0] >= bar]
    return min(
        alike, key=lambda pair: (abs(np.log(pair[1].anchors.scale / today)), -pair[0])
    )[1]


def ask(tool: str, **about: Any) -> Any:
    """Have a tool answer; see `anchor_tools_process`."""
    done = subprocess.run(
        [str(peer_python()), "-m", "benchmarks.anchor_tools_process", tool],
        cwd=FOLDER.parent,
        env=environment(),
        input=json.dumps(about),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def settings_by(tool: str, anchors: Floats) -> Settings:
    """Settings that hold a tool's anchors; of ratios alone, today's with these."""
    if tool != RATIOS:
        return nearest(anchors)
    found = sorted((anchors[:, 1] / anchors[:, 0]).round(3).tolist())
    return override(BASE, {"anchors.ratios": found})


def choose(tool: str, sides: Floats, code: str | None) -> tuple[Settings, str]:
    """Settings that a tool comes to, and its measure: today, of its anchors, of these.

    The measure of the grid's best shape IoU is that.
    """
    if tool == BEST_IOU:
        best = max(grid(), key=lambda one: mean_best(sides, shapes_of(one)))
        scores = [mean_best(sides, shapes_of(one)) for one in (BASE, best)]
        return best, " -> ".join(f"{one:.3f}" for one in scores)
    about: dict[str, Any] = {"sides": sides.tolist(), "file": code}
    number = NUM_RATIOS if tool == RATIOS else NUM_ANCHORS
    anchors = np.array(ask(tool, **about, number=number)["anchors"])
    sys.stderr.write(f"{tool}: {anchors.round(1).tolist()}\n")
    found = settings_by(tool, anchors)
    shapes = [shapes_of(BASE), anchors, shapes_of(found)]
    if tool == RATIOS:
        del shapes[1]
    scores = ask(tool, **about, shapes=[each.tolist() for each in shapes])["scores"]
    return found, " -> ".join(f"{one:.3f}" for one in scores)


def rows(file: str, tools: list[str], code: str | None) -> None:
    """Print the rows of a file."""
    dataset = load_coco(file)
    some = sample(dataset, MOST_BOXES)
    boxes = frame_of(some, slice(0, some.num_images), BASE).gt_boxes
    sides = (boxes[:, 2:] - boxes[:, :2]).astype(np.float64)
    found = {"today": (BASE, "")}
    found |= {tool: choose(tool, sides, code) for tool in tools}
    found["`tune`"] = (tune(dataset, BASE, free_only=True).rows[0].settings, "")
    judged = summarize(dataset, [one for one, _ in found.values()])
    for (name, (one, score)), summary in zip(found.items(), judged, strict=True):
        large = summary.by_size.groups[-1].poorly_assigned_share or 0.0
        poorly = summary.every_object.poorly_assigned_share or 0.0
        ratios = ", ".join(f"{float(str(each)):.3g}" for each in one.anchors.ratios)
        settings = f"{one.anchors.scale:g}; {ratios}"
        cells = (Path(file).stem, name, score, f"{poorly:.1%}", f"{large:.1%}")
        print(f"| {' | '.join(cells)} | {settings} |", flush=True)


def main() -> None:
    """Print a row for each file and tool."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--tools", nargs="*", choices=TOOLS, default=TOOLS)
    parser.add_argument("--ratios-code", help="kmeans_anchors_ratios.py of its clone")
    arguments = parser.parse_args()
    code = arguments.ratios_code
    tools = [tool for tool in arguments.tools if code or tool != RATIOS]
    print("| data | chosen by | its own measure | poorly | large ones | settings |")
    print("|---|---|---|---|---|---|")
    for file in arguments.files:
        rows(file, tools, code)


if __name__ == "__main__":
    main()
