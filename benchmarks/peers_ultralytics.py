"""Ultralytics' own scan and loader; runs in their environment, see `yolo_files`.

Usage: ``python peers_ultralytics.py scan FOLDER`` answers with the seconds that the
scan of a folder of images takes; ``boxes FOLDER NUMBER OUTPUT.npz`` writes what the
loader makes of the first images. Nothing of atss_inspect is imported here.
"""

import contextlib
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np


def dataset(folder: str, number: int | None = None) -> Any:
    """Make Ultralytics' dataset of the images in a folder, which scans them."""
    from ultralytics.data.dataset import YOLODataset
    from ultralytics.utils import DEFAULT_CFG

    names = {index: str(index) for index in range(80)}
    paths = sorted(map(str, Path(folder).glob("*.*")))[:number]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("\n".join(paths))
        listed.flush()
        return YOLODataset(
            img_path=listed.name,
            data={"names": names, "channels": 3},
            task="detect",
            imgsz=640,
            augment=False,
            hyp=DEFAULT_CFG,
        )


def scan(folder: str) -> None:
    """Time the scan alone: pictures checked, labels read, by as many threads as it has.

    No cache of an earlier scan is used, and none is left.
    """
    from multiprocessing.pool import ThreadPool

    from ultralytics.data.utils import img2label_paths, verify_image_label
    from ultralytics.utils import NUM_THREADS

    begin = time.perf_counter()
    pictures = sorted(map(str, Path(folder).glob("*.*")))
    labels = img2label_paths(pictures)
    asked = [
        (picture, label, "", False, 80, 0, 0, False)
        for picture, label in zip(pictures, labels, strict=True)
    ]
    with ThreadPool(NUM_THREADS) as pool:
        found = list(pool.imap(verify_image_label, asked))
    seconds = time.perf_counter() - begin
    boxes = sum(0 if each[1] is None else len(each[1]) for each in found)
    print(json.dumps({"seconds": seconds, "images": len(found), "boxes": boxes}))


def boxes(folder: str, number: str, output: str) -> None:
    """Write what the loader makes of the first images: shares, and their pixels."""
    with contextlib.redirect_stdout(sys.stderr):
        loaded = dataset(folder, int(number))
    images, sizes, shares, corners, classes = [], [], [], [], []
    for place, label in enumerate(loaded.labels):
        found = loaded.update_labels_info(dict(label))["instances"]
        shares.append(np.array(found.bboxes))
        height, width = label["shape"]
        found.convert_bbox(format="xyxy")
        found.denormalize(width, height)
        corners.append(np.array(found.bboxes))
        classes.append(label["cls"][:, 0])
        sizes.append((height, width))
        images += [place] * len(label["cls"])
    np.savez(
        output,
        names=[Path(label["im_file"]).name for label in loaded.labels],
        sizes=np.array(sizes),
        image=np.array(images),
        shares=np.concatenate(shares),
        corners=np.concatenate(corners),
        classes=np.concatenate(classes),
    )
    shutil.rmtree(Path(folder).parent / "labels.cache", ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1] == "scan":
        scan(sys.argv[2])
    else:
        boxes(*sys.argv[2:])
