"""A COCO file, and the labels that Ultralytics' converter writes of it: one answer."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import build_frame
from atss_inspect.readers import load_coco
from atss_inspect.settings import Settings, preset

from .other_formats import write_picture
from .second_records import SUBSET

GATES = ("ultralytics-8.3", "ultralytics-8.4.100", "ultralytics")
PRESETS = (*GATES, "yolov5")


def write_labels(document: dict[str, Any], folder: Path) -> Path:
    """Write what ``convert_coco`` writes (8.4.190), beside blank pictures.

    Crowds and boxes without extent are passed over; center and sides are divided in
    doubles and printed by ``%g``; rows that are equal as numbers are written once.
    """
    places = sorted(each["id"] for each in document["categories"])
    images = {each["id"]: each for each in document["images"]}
    rows: dict[Any, dict[tuple[float, ...], None]] = defaultdict(dict)
    for each in document["annotations"]:
        image = images[each["image_id"]]
        x, y, w, h = map(float, each["bbox"])
        width, height = image["width"], image["height"]
        box = (x + w / 2) / width, (y + h / 2) / height, w / width, h / height
        if not each.get("iscrowd") and min(box[2:]) > 0:
            row = (places.index(each["category_id"]), *box)
            rows[each["image_id"]].setdefault(row)
    for image in images.values():
        picture = folder / "images" / image["file_name"]
        write_picture(picture, (image["width"], image["height"]))
        label = folder / "labels" / Path(image["file_name"]).with_suffix(".txt")
        label.parent.mkdir(parents=True, exist_ok=True)
        lines = (" ".join(f"{each:g}" for each in row) for row in rows[image["id"]])
        text = "".join(f"{line}\n" for line in lines)
        if text:
            label.write_text(text)
    names = {each["id"]: each["name"] for each in document["categories"]}
    data = folder / "data.yaml"
    listed = json.dumps([names[each] for each in places])
    data.write_text(f"train: images\nval: images\nnames: {listed}\n")
    return data


def answers(dataset: Dataset, settings: Settings) -> list[tuple[Any, ...]]:
    """Of each object picture, class, box to the last bit, and windows or positives.

    Sorted: the loader sorts the lines of a file that repeats one.
    """
    images = slice(0, dataset.num_images)
    frame = build_frame(dataset, images, settings.data, settings.resize)
    if settings.rule.gate:
        gate = settings.rule.gate(frame, settings.pyramid, settings.assigner)
        owned = gate.windows.reshape(frame.num_gt, -1).tolist()
    else:
        found = settings.rule.assign(frame, settings.pyramid, settings.assigner)
        owned = [[] for _ in range(frame.num_gt)]
        order = np.lexsort([found.index, found.level])
        columns = (found.gt[order], found.level[order], found.index[order])
        for gt, *row in zip(*(each.tolist() for each in columns), strict=True):
            owned[gt].append(tuple(row))
    names = [dataset.file_names[row] for row in frame.image_rows[frame.gt_image]]
    classes = dataset.category_index[frame.object_rows].tolist()
    kinds = [dataset.category_names[each] for each in classes]
    stems = [Path(name).stem for name in names]
    rows = zip(stems, kinds, frame.gt_boxes.tolist(), owned, strict=True)
    return sorted(rows)


def check(path: Path, labels: Path, name: str) -> int:
    """Compare what both give; the number of objects."""
    settings = preset(name)
    ours, theirs = (answers(load_coco(each), settings) for each in (path, labels))
    assert ours == theirs
    return len(ours)


@pytest.mark.parametrize("name", PRESETS)
def test_the_sample_and_its_labels_give_the_same(tmp_path, project_root, name):
    path = project_root / "sample_data" / "instances.json"
    document = json.loads(path.read_text("utf-8"))
    # Twins: as numbers, and only in six digits.
    first = document["annotations"][0]
    x, y, w, h = first["bbox"]
    for number, box in enumerate(([x, y, w, h], [x + 1e-6, y, w, h])):
        document["annotations"].append({**first, "id": 10**6 + number, "bbox": box})
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(document))
    assert check(path, write_labels(document, tmp_path / "yolo"), name) > 500


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_the_subset_of_val2017_and_its_labels_give_the_same(tmp_path, real_data, name):
    path = real_data / SUBSET
    labels = write_labels(json.loads(path.read_text("utf-8")), tmp_path)
    assert check(path, labels, name) == 3718
