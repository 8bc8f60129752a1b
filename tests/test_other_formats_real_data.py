"""The val2017 subset as YOLO and VOC, written by supervision: the same objects.

``ATSS_INSPECT_REAL_DATA`` names a folder with ``data/``; without it these are skipped.
Ultralytics' own loader is asked in ``benchmarks/yolo_files.py``.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics.run import summarize

pytestmark = pytest.mark.slow

SUBSET = "coco-val2017/instances_val2017_subset.json"
# Five digits of a share: 0.000005 of 640 px is 0.0032 px, of a center and half a side;
# and what float32 holds of 640 px.
YOLO_ROUNDING = 0.0032 * 1.5 + 640 * 2**-24
# Whole pixels; a box of less than one has at least one.
VOC_ROUNDING, VOC_LEAST = 0.5, 1.0


@pytest.fixture(scope="module")
def written(
    real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Dataset]:
    """Read the subset without crowds, and as supervision writes it."""
    pytest.importorskip("supervision")
    folder = tmp_path_factory.mktemp("written")
    command = (sys.executable, "-m", "tests.other_formats")
    root = Path(__file__).resolve().parents[1]
    subprocess.run(
        [*command, str(real_data / "data" / SUBSET), str(folder)], check=True, cwd=root
    )
    names = {"coco": "without-crowds.json", "yolo": "yolo/data.yaml", "voc": "voc"}
    return {kind: load_coco(folder / name) for kind, name in names.items()}


def corners(dataset: Dataset) -> np.ndarray:
    return np.hstack([dataset.xywh[:, :2], dataset.xywh[:, :2] + dataset.xywh[:, 2:]])


def classes(dataset: Dataset) -> list[str]:
    return [dataset.category_names[each] for each in dataset.category_index]


@pytest.mark.parametrize("kind", ["yolo", "voc"])
def test_images_and_objects_are_the_same(
    written: dict[str, Dataset], kind: str
) -> None:
    coco, found = written["coco"], written[kind]
    assert (found.num_images, found.num_objects) == (445, 3720)
    assert found.findings == ()
    for name in ("image_ids", "image_sizes", "object_offsets"):
        np.testing.assert_array_equal(getattr(found, name), getattr(coco, name))
    assert classes(found) == classes(coco)


def test_corners_of_yolo_differ_by_the_digits_it_is_written_with(
    written: dict[str, Dataset],
) -> None:
    difference = np.abs(corners(written["yolo"]) - corners(written["coco"]))
    assert 0 < difference.max() <= YOLO_ROUNDING


def test_corners_of_voc_differ_by_whole_pixels(written: dict[str, Dataset]) -> None:
    difference = np.abs(corners(written["coco"]) - corners(written["voc"]))
    is_thin = (written["coco"].xywh[:, 2:] < VOC_LEAST).any(axis=1)
    assert difference[~is_thin].max() == VOC_ROUNDING
    assert difference.max() <= VOC_LEAST


def test_answers_are_those_of_the_coco_file(written: dict[str, Dataset]) -> None:
    for name in ("atss-mmdet", "retinanet-mmdet", "fcos-mmdet"):
        coco, yolo = (
            summarize(written[kind], [preset(name)])[0] for kind in ("coco", "yolo")
        )
        assert yolo.num_objects == coco.num_objects
        assert yolo.num_unassigned == coco.num_unassigned
        assert yolo.num_positives == pytest.approx(coco.num_positives, rel=0.001)
