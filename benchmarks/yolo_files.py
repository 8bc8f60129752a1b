"""Reading YOLO data beside Ultralytics' own scan: ``python -m benchmarks.yolo_files``.

5,000 pictures of val2017's sizes and their labels are written once. Both sides read
the headers of all pictures and all labels, in turn, as many threads as each one takes;
start-up and imports are not counted. Before that, the boxes of the first 300 images are
compared bit by bit with what Ultralytics' loader makes of them. Their environment is
made in ``benchmarks/data/ultralytics``, unless ``--python`` names one.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks.inputs import DATA, FOLDER, val2017_file
from benchmarks.peers import PYTORCH_CPU
from benchmarks.rows import machine, seconds
from benchmarks.timing import PYTHON, Measurement, in_turn

IMAGES = DATA / "yolo" / "images"
LABELS = DATA / "yolo" / "labels"
NUM_COMPARED = 300
GOAL = 1.5
READ = (
    "import sys, time, json; from atss_inspect.readers import load_coco; "
    "from atss_inspect.readers import yolo; from PIL import Image; "
    "begin = time.perf_counter(); dataset = load_coco(sys.argv[1]); "
    "print(json.dumps({'seconds': time.perf_counter() - begin, "
    "'images': dataset.num_images, 'boxes': dataset.num_objects}))"
)


def write_pictures_and_labels(annotations: Path) -> None:
    """Write a picture of each image's size, and a label with the boxes that it has."""
    from PIL import Image

    from atss_inspect.readers import load_coco

    dataset = load_coco(annotations)
    shutil.rmtree(IMAGES.parent, ignore_errors=True)
    IMAGES.mkdir(parents=True)
    LABELS.mkdir()
    centers = dataset.xywh[:, :2] + dataset.xywh[:, 2:] / 2
    for row, (height, width) in enumerate(dataset.image_sizes.astype(int).tolist()):
        name = f"{row:012d}"
        Image.effect_noise((width, height), 60).save(IMAGES / f"{name}.jpg")
        own = slice(*dataset.object_offsets[row : row + 2].tolist())
        boxes = np.hstack([centers[own], dataset.xywh[own, 2:]])
        shares = boxes / [width, height, width, height]
        lines = [
            f"{category} " + " ".join(f"{number:.6f}" for number in numbers)
            for category, numbers in zip(
                dataset.category_index[own], shares, strict=True
            )
        ]
        if lines:  # as converters do: an image without objects has no label
            (LABELS / f"{name}.txt").write_text("\n".join(lines) + "\n")


def their_python() -> Path:
    """Make Ultralytics' environment once; the interpreter in it."""
    folder = DATA / "ultralytics"
    python, stamp = folder / "bin" / "python", folder / "complete"
    if not stamp.exists():
        sys.stderr.write(f"setting up {folder}\n")
        subprocess.run([PYTHON, "-m", "venv", "--clear", folder], check=True)
        index = ("--extra-index-url", PYTORCH_CPU)
        pip = (python, "-m", "pip", "install", "--quiet", *index)
        subprocess.run([*pip, "ultralytics==8.4.190"], check=True)
        stamp.touch()
    return python


def timed(*command: str) -> Measurement:
    """Run a process that says how long its work took."""
    # Their settings, and their wish to look for updates, are nobody's business here.
    more = {"YOLO_CONFIG_DIR": str(DATA), "YOLO_OFFLINE": "true"}
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | more
    )
    return Measurement(json.loads(done.stdout.splitlines()[-1])["seconds"])


def compare_boxes(python: str) -> int:
    """Compare the first images with Ultralytics' loader; the number of boxes.

    Raises `AssertionError` where a size, class, share or corner differs in any bit.
    """
    from atss_inspect.annotations.data_rules import DataRules, far_corners
    from atss_inspect.readers import load_coco

    output = DATA / "ultralytics-boxes.npz"
    script = str(FOLDER / "peers_ultralytics.py")
    command = (python, script, "boxes", str(IMAGES), str(NUM_COMPARED), str(output))
    more = {"YOLO_CONFIG_DIR": str(DATA), "YOLO_OFFLINE": "true"}
    subprocess.run(command, check=True, env=os.environ | more, capture_output=True)
    dataset = load_coco(IMAGES.parent)
    with np.load(output) as theirs:
        number = len(theirs["names"])
        names = [Path(each).name for each in dataset.file_names[:number]]
        own = slice(0, int(dataset.object_offsets[number]))
        corners = far_corners(dataset.xywh[own], DataRules())
        image = dataset.images_of(np.arange(own.stop))
        assert names == theirs["names"].tolist()
        assert dataset.normalized is not None
        for ours, other in (
            (dataset.image_sizes[:number], theirs["sizes"]),
            (image, theirs["image"]),
            (dataset.category_index[own], theirs["classes"]),
            (dataset.normalized[own], theirs["shares"]),
            (corners, theirs["corners"].astype(np.float64)),
        ):
            np.testing.assert_array_equal(ours, other)
    return own.stop


def main() -> None:
    """Compare boxes, then time both, and print the row of the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", help="an interpreter that has ultralytics")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    annotations = val2017_file()
    if annotations is None:
        return
    if not (LABELS.exists() and len(list(IMAGES.iterdir())) == 5000):
        write_pictures_and_labels(annotations)
    python = arguments.python or str(their_python())
    number = compare_boxes(python)
    print(f"{number:,} boxes of {NUM_COMPARED} images are the same to the last bit\n")
    script = str(FOLDER / "peers_ultralytics.py")
    medians = in_turn(
        {
            "ours": lambda: timed(PYTHON, "-c", READ, str(IMAGES.parent)),
            "theirs": lambda: timed(python, script, "scan", str(IMAGES)),
        },
        rounds=arguments.rounds,
    )
    ours, theirs = medians["ours"].seconds, medians["theirs"].seconds
    print(f"{machine()}; medians of {arguments.rounds} rounds\n")
    print("| case | atss-inspect | beside it | its figure | ratio | goal |")
    print("|---|---:|---|---:|---:|---|")
    case = "5,000 pictures and labels, YOLO"
    row = (case, seconds(ours), "Ultralytics' scan", seconds(theirs))
    print(f"| {' | '.join(row)} | {ours / theirs:.2f} | ≤ {GOAL} |")


if __name__ == "__main__":
    main()
