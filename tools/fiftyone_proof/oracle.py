"""Run by FiftyOne's interpreter: ``oracle.py ENRICHED.json PICTURES``."""

import json
import os
import sys
from typing import Any

os.environ.setdefault("FIFTYONE_DO_NOT_TRACK", "true")
NESTED, PRESET = "atss_inspect", "atss-mmdet"


def main(path: str, pictures: str) -> int:
    """Compare by the importer, then by a data set; 1 where something differs."""
    import fiftyone
    from fiftyone.utils.coco import load_coco_detection_annotations

    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - as FiftyOne does
        document = json.load(file)
    written = {each["id"]: added(each) for each in document["annotations"]}
    _, classes, _, images, annotations = load_coco_detection_annotations(path)[:5]
    read = {}
    for image_id, objects in annotations.items():
        size = (images[image_id]["width"], images[image_id]["height"])
        for each in objects:
            found = each.to_detection(size, classes)
            read[each.id] = {key: found[key] for key in written[each.id]}
    is_same = read == written
    print(f"FiftyOne {fiftyone.__version__}: importer: {len(read)}, {is_same=}")
    return max(int(not is_same), as_data_set(path, pictures))


def as_data_set(path: str, pictures: str) -> int:
    """Find the objects without a positive in a data set as in the file."""
    import fiftyone as fo
    from fiftyone import ViewField

    try:
        dataset = fo.Dataset.from_dir(
            dataset_type=fo.types.COCODetectionDataset,
            data_path=pictures,
            labels_path=path,
            label_types=["detections"],
            label_field="ground_truth",
        )
    except fo.core.config.FiftyOneConfigError as error:
        print(f"data set: not run, FiftyOne's database does not: {error}")
        return 0
    key = f"{PRESET}_num_positives"
    without = dataset.filter_labels("ground_truth", ViewField(key) == 0)
    number = without.count("ground_truth.detections")
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - as FiftyOne does
        document = json.load(file)
    names = {os.path.basename(each) for each in dataset.values("filepath")}  # noqa: PTH119
    shown = {e["id"] for e in document["images"] if e["file_name"] in names}
    expected = [
        each
        for each in document["annotations"]
        if each["image_id"] in shown and each[key] == 0
    ]
    print(f"data set: {number} objects without a positive, expected {len(expected)}")
    return int(number != len(expected))


def added(annotation: dict[str, Any]) -> dict[str, Any]:
    """What `export coco` has added to an annotation."""
    return {
        key: value
        for key, value in annotation.items()
        if key == NESTED or key.startswith(f"{PRESET}_")
    }


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
