"""What other tools' anchors make of RetinaNet's grid, judged by the assigner.

Each tool's own code chooses nine anchors for the boxes that `tune` searches over, in
RetinaNet's input pixels, in the environment of `peers`. Of the grid that `tune` turns
(size, middle and steps of ratios: the same price), the settings that hold these nine
best are judged by the assigner, on the whole file, and by the tool's own measure.
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
RATIOS = "kmeans-anchors-ratios"


def shape_ious(sides: Floats, shapes: Floats) -> Floats:
    """IoU of boxes put on one center; (G, 2), (A, 2) -> (G, A)."""
    shared = np.minimum(sides[:, None], shapes).prod(axis=2)
    every: Floats = sides.prod(axis=1)[:, None] + shapes.prod(axis=1) - shared
    found: Floats = shared / every
    return found


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
    knobs = BASE.rule.knobs(BASE.assigner, BASE.anchors)
    every = itertools.product(*(knob.values for knob in knobs.each))
    return tuple(override(BASE, knobs.changes(values)) for values in every)


def nearest(anchors: Floats) -> Settings:
    """Settings whose anchors hold some anchors (N, 2) as nearly as the grid can.

    By the mean over ``anchors`` of the best shape IoU. Of those within 0.01 of the best
    the ones of a size nearest to today's, and of these the best.
    """
    fits = [shape_ious(anchors, shapes_of(one)).max(axis=1).mean() for one in grid()]
    bar = max(fits) - ALIKE
    every = [pair for pair in zip(grid(), fits, strict=True) if pair[1] >= bar]
    today = BASE.anchors.scale
    return min(
        every,
        key=lambda pair: (abs(np.log(pair[0].anchors.scale / today)), -pair[1]),
    )[0]


def ask(python: Path, tool: str, **about: Any) -> Any:
    """Have a tool answer; see `anchor_tools_process`."""
    done = subprocess.run(
        [str(python), "-m", "benchmarks.anchor_tools_process", tool],
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


def main() -> None:
    """Print a row for each file and tool."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--ratios-code", help="kmeans_anchors_ratios.py of its clone")
    arguments = parser.parse_args()
    tools = ["yolov5", "mmdetection", "k-means"]
    tools += [RATIOS] if arguments.ratios_code else []
    python = peer_python()
    print("| data | chosen by | its own measure | poorly | large ones | settings |")
    print("|---|---|---|---|---|---|")
    for file in arguments.files:
        rows(file, tools, python, arguments.ratios_code)


def rows(file: str, tools: list[str], python: Path, code: str | None) -> None:
    """Print the rows of a file."""
    dataset = load_coco(file)
    some = sample(dataset, MOST_BOXES)
    boxes = frame_of(some, slice(0, some.num_images), BASE).gt_boxes
    about = {"sides": (boxes[:, 2:] - boxes[:, :2]).tolist(), "file": code}
    found, words = {"today": BASE}, {"today": "", "`tune`": ""}
    for tool in tools:
        number = NUM_RATIOS if tool == RATIOS else NUM_ANCHORS
        anchors = np.array(ask(python, tool, **about, number=number)["anchors"])
        sys.stderr.write(f"{tool}: {anchors.round(1).tolist()}\n")
        found[tool] = settings_by(tool, anchors)
        held = shapes_of(found[tool])
        every = [shapes_of(BASE), held if tool == RATIOS else anchors, held]
        shapes = [each.tolist() for each in every]
        scores = ask(python, tool, **about, shapes=shapes)["scores"]
        fit = shape_ious(anchors, held).max(axis=1).mean()
        words[tool] = " -> ".join(f"{one:.3f}" for one in scores) + f" (fit {fit:.2f})"
    found["`tune`"] = tune(dataset, BASE, free_only=True).rows[0].settings
    for (name, one), summary in zip(
        found.items(), summarize(dataset, list(found.values())), strict=True
    ):
        large = summary.by_size.groups[-1].poorly_assigned_share or 0.0
        poorly = summary.every_object.poorly_assigned_share or 0.0
        ratios = ", ".join(f"{float(str(each)):.3g}" for each in one.anchors.ratios)
        print(
            f"| {Path(file).stem} | {name} | {words[name]} | {poorly:.1%} | {large:.1%}"
            f" | {one.anchors.scale:g}; {ratios} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
