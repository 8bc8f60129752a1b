"""Positives of configs as imported, beside mmdetection's own run of the same configs.

PEERS_PYTHON names an interpreter that has torch, mmdet 3.3.0 and lvis, such as that of
`make bench-peers` and a package more; `-s` shows the table. A config is compared as it
imports: at the largest of its sizes and without flips.
"""

import json
import os
import random
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atss_inspect import assign, load_coco, preset
from atss_inspect.settings import Settings

from .config_facts import facts

PYTHON = os.environ.get("PEERS_PYTHON", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON, reason="PEERS_PYTHON names no interpreter"),
]
SEED, NUM_CONFIGS, NUM_IMAGES = 13, 30, 100
ANNOTATIONS = "data/coco-val2017/instances_val2017_subset.json"
ROW = "| {0} | {1:,} | {2:,} | {3:,} | {4:,} | {5:,} |"
HEAD = "| config | images | boxes | positives | differing | at ties |"
HEAD += "\n|---|---:|---:|---:|---:|---:|"


def drawn() -> list[str]:
    """Draw configs that import as exact, by their paths."""
    found = facts("3.3.0")
    settings = found["settings"]
    exact = [name for name, i in found["configs"].items() if settings[i]["exact"]]
    return sorted(random.Random(SEED).sample(sorted(exact), NUM_CONFIGS))


def write_images(source: Path, target: Path) -> None:
    """Draw images of a file, with all that is annotated on them."""
    whole: dict[str, Any] = json.loads(source.read_bytes())
    images = random.Random(SEED).sample(whole["images"], NUM_IMAGES)
    ids = {image["id"] for image in images}
    objects = [each for each in whole["annotations"] if each["image_id"] in ids]
    target.write_text(json.dumps({**whole, "images": images, "annotations": objects}))
    names = [category["name"] for category in whole["categories"]]
    target.with_name("classes.txt").write_text("\n".join(names))


def ask_peers(annotations: Path, names: list[str]) -> dict[str, Any]:
    """What mmdetection answers for each config; a text where it cannot run."""
    configs = {f"{i}": str(configs_folder() / name) for i, name in enumerate(names)}
    folder = annotations.parent
    work = {"annotations": str(annotations), "configs": configs, "answers": str(folder)}
    words = [PYTHON, str(Path(__file__).with_name("peer_configs.py"))]
    subprocess.run(
        words, input=json.dumps(work), stdout=subprocess.DEVNULL, text=True, check=True
    )
    answers: dict[str, Any] = {}
    for i, name in enumerate(names):
        failed = folder / f"{i}.txt"
        answers[name] = failed.read_text() if failed.exists() else folder / f"{i}.npz"
    return answers


def configs_folder() -> Path:
    packages = Path(PYTHON).parents[1].glob("lib/python*/site-packages")
    return next(packages) / "mmdet" / ".mim" / "configs"


@dataclass(frozen=True)
class Positives:
    """What one side answers; images by their ids, in order of ids."""

    sizes: np.ndarray  # (I, 3) image, padded height and width
    images: np.ndarray  # (G,) image of each box
    boxes: np.ndarray  # (G, 4) float32 in input pixels
    positives: np.ndarray  # (P, 3) image, box of the image, anchor of all levels
    is_tied: np.ndarray | None = None  # (G,) the choice may be another one

    @cached_property
    def rows(self) -> set[tuple[int, ...]]:
        return set(map(tuple, self.positives.tolist()))

    def at_ties(self, rows: set[tuple[int, ...]]) -> int:
        """How many rows are of images where a choice between equals was possible."""
        assert self.is_tied is not None
        tied = set(self.images[self.is_tied].tolist())
        return sum(row[0] in tied for row in rows)


def theirs(answer: Path) -> Positives:
    with np.load(answer) as found:
        order = np.argsort(found["images"], kind="stable")
        sizes = found["sizes"][np.argsort(found["sizes"][:, 0])]
        boxes, images = found["boxes"][order], found["images"][order]
        return Positives(sizes, images, boxes, found["positives"])


def ours(annotations: Path, settings: Settings) -> Positives:
    dataset = load_coco(annotations)
    frame, found = assign(dataset, settings)
    ids = np.array(dataset.image_ids)[frame.image_rows].astype(np.int64)
    grids = settings.pyramid.grids(frame.padded_size)
    first = np.cumsum(grids.level_anchors, axis=1) - grids.level_anchors
    image = frame.gt_image[found.gt]
    place = found.gt - np.searchsorted(frame.gt_image, image)
    anchor = first[image, found.level] + found.index
    order = np.argsort(ids[frame.gt_image], kind="stable")
    sizes = np.column_stack([ids, frame.padded_size])
    return Positives(
        sizes[np.argsort(ids)],
        ids[frame.gt_image][order],
        frame.gt_boxes[order],
        np.column_stack([ids[image], place, anchor]),
        (found.is_tied | found.is_fragile)[order],
    )


def test_imported_configs_find_the_positives_of_the_configs(real_data, tmp_path):
    annotations = tmp_path / "images.json"
    write_images(real_data / ANNOTATIONS, annotations)
    names = drawn()
    answers = ask_peers(annotations, names)
    table = [HEAD]
    wrong, total = [], np.zeros(5, dtype=np.int64)
    for name, answer in answers.items():
        if isinstance(answer, str):
            wrong.append(f"{name}: {answer}")
            continue
        there = theirs(answer)
        here = ours(annotations, preset(str(configs_folder() / name)))
        differing = here.rows ^ there.rows
        at_ties = here.at_ties(differing)
        counts = (len(here.sizes), len(here.boxes), len(there.rows))
        row = np.array([*counts, len(differing), at_ties])
        table.append(ROW.format(name, *row))
        total += row
        for part in ("sizes", "images", "boxes"):
            if not np.array_equal(getattr(here, part), getattr(there, part)):
                wrong.append(f"{name}: other {part}")
        if len(differing) > at_ties:
            wrong.append(f"{name}: other positives")
    table.append(ROW.format(f"all {len(answers)}", *total))
    print("", *table, sep="\n")  # noqa: T201 - what it is run for
    assert wrong == []
