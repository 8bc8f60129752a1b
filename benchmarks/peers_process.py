"""Time frameworks' own label assignment; runs in the peers' environment, see `peers`.

Usage: python -m benchmarks.peers_process FOLDER; reads the name of a preset from each
line of stdin, assigns all images of FOLDER/PRESET.npz once and answers with one line of
JSON. Nothing of atss_inspect is imported here.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np


class Image(NamedTuple):
    """What a framework's code is given of one image."""

    boxes: Any  # (G, 4) float32 tensor, xyxy in input pixels
    shares: Any  # (G, 4) float32 tensor, center x, y, width, height of the input's
    map_sizes: list[tuple[int, int]]  # height, width of each level
    padded: tuple[int, int]  # height, width


# Counts the positives of one image, with duplicates; of gates the candidates.
Assign = Callable[[Image], int]


def read_images(path: Path) -> list[Image]:
    """Read all images of a file that `package_adapter.write_images` wrote."""
    import torch

    with np.load(path) as inputs:
        per_box = (torch.from_numpy(inputs[name]) for name in ("boxes", "shares"))
        sizes = np.diff(inputs["offsets"]).tolist()
        boxes, shares = (rows.split(sizes) for rows in per_box)
        maps, padded = inputs["map_sizes"].tolist(), inputs["padded_size"].tolist()
    pairs = [[(h, w) for h, w in levels] for levels in maps]
    sides = [(h, w) for h, w in padded]
    return [Image(*each) for each in zip(boxes, shares, pairs, sides, strict=True)]


@cache
def peer(name: str) -> Assign:
    """Build the peer of a preset."""
    from benchmarks import peers_mmdetection, peers_others

    return (peers_mmdetection.PEERS | peers_others.PEERS)[name]()


def measure(name: str, folder: Path) -> dict[str, object]:
    """Assign all images once; the error's text where a peer cannot."""
    try:
        assign = peer(name)
        images = read_images(folder / f"{name}.npz")
        begin = time.perf_counter()
        positives = sum(map(assign, images))
        return {"seconds": time.perf_counter() - begin, "num_positives": positives}
    except Exception as error:  # noqa: BLE001 - it goes into the table as it is
        lines = f"{error}".splitlines() or [""]
        return {"error": f"{type(error).__name__}: {lines[0]}"}


def main(folder: str) -> None:
    """Answer requests until there are no more."""
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        with redirect_stdout(sys.stderr):  # what packages greet with
            answer = measure(line.strip(), Path(folder))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
