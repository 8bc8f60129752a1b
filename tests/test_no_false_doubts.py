"""Right files stay right: as they are, in part, and with a little overhang.

What is doubted of each real file, and why, is in `test_readers_real_data`.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atss_inspect.errors import DataError
from atss_inspect.readers import load_coco
from atss_inspect.readers.box_formats import OTHERS
from atss_inspect.readers.compared_sizes import compare_sizes
from tests.written_boxes import written

pytestmark = pytest.mark.slow

# Files of which nothing is doubted.
RIGHT = (
    "caltech-pedestrian/test.json",
    "coco-val2017/instances_val2017_subset.json",
    "dialects/bbox-as-strings.roboflow.json",
    "dialects/chinese-names.cvat.json",
    "lvis-val-100/lvis_val_100.json",
    "nwpu-vhr10/annotations.json",
    "roboflow-rbc/train._annotations.coco.json",
    "visdrone-train-50/visdrone2019-det-train-first50image.json",
)


@pytest.fixture
def data(real_data: Path) -> Path:
    """The folder of real files."""
    return real_data / "data"


# Of which nobody can tell the format: center x, center y, width, height in pixels where
# few boxes reach to the border, and percentages of tiny images, or of a few boxes.
UNTOLD = {
    ("caltech-pedestrian/test.json", "cxcywh"),
    ("visdrone-train-50/visdrone2019-det-train-first50image.json", "cxcywh"),
    ("nwpu-vhr10/annotations.json", "cxcywh"),
    ("dialects/bbox-as-strings.roboflow.json", "cxcywh"),
    ("dialects/chinese-names.cvat.json", "xywh-percent"),
    ("dialects/chinese-names.cvat.json", "cxcywh-percent"),
}


@cache
def document_of(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def looks(document: dict[str, Any]) -> str:
    """What is said of the boxes and sizes; "" for nothing."""
    try:
        found = load_coco(document).findings
    except DataError as error:
        return f"{error}; {error.hint}"
    said = ("boxes_", "image_size_ex", "image_size_one", "area_const", "area_frac")
    return "; ".join(
        f"{e.message} {e.hint}" for e in found if e.reason.startswith(said)
    )


def boxes_of(path: Path) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """A file, its boxes, and height, width of the image of each."""
    content = document_of(path)
    sizes = {
        e["id"]: (float(e["height"]), float(e["width"])) for e in content["images"]
    }
    entries = content["annotations"]
    numbers = np.array([e["bbox"] for e in entries], np.float64)
    return content, numbers, np.array([sizes[each["image_id"]] for each in entries])


def with_boxes(
    content: dict[str, Any], numbers: np.ndarray, *dropped: str
) -> dict[str, Any]:
    """The file with other boxes, and without some keys of its annotations."""
    entries = [
        {key: each[key] for key in each if key not in dropped} | {"bbox": box}
        for each, box in zip(content["annotations"], numbers.tolist(), strict=True)
    ]
    return content | {"annotations": entries}


@pytest.mark.parametrize("dropped", [(), ("area", "segmentation")])
@pytest.mark.parametrize("box_format", OTHERS)
@pytest.mark.parametrize("name", RIGHT)
def test_right_files_written_in_another_format_are_told(
    name: str, box_format: str, dropped: tuple[str, ...], data: Path
) -> None:
    content, numbers, sizes = boxes_of(data / name)
    said = looks(with_boxes(content, written(numbers, box_format, sizes), *dropped))
    if (name, box_format) in UNTOLD:
        assert said == "" or f"--box-format {box_format} reads them so" in said
    else:
        assert f"--box-format {box_format} reads them so" in said


@pytest.mark.parametrize("name", RIGHT)
def test_right_files_with_a_little_overhang_stay_right(name: str, data: Path) -> None:
    content, numbers, sizes = boxes_of(data / name)
    far = numbers[:, :2] + numbers[:, 2:] - sizes[:, ::-1]
    for pixels in (1.5, 3.0, 5.0):  # at the right and lower border of each image
        over = numbers.copy()
        over[:, 2:] += np.where(far > -1, pixels, 0)
        assert looks(with_boxes(content, over)) == ""
    assert looks(with_boxes(content, np.round(numbers))) == ""
    grown = np.hstack([numbers[:, :2] - 2, numbers[:, 2:] + 4])  # by two pixels a side
    assert looks(with_boxes(content, grown)) == ""


@pytest.mark.parametrize("name", RIGHT)
def test_parts_of_right_files_stay_right(name: str, data: Path) -> None:
    content = document_of(data / name)
    entries = content["annotations"]
    for images in (
        content["images"][:1],
        content["images"][:5],
        content["images"][-12:],
    ):
        ids = {each["id"] for each in images}
        some = [each for each in entries if each["image_id"] in ids]
        assert looks(content | {"images": images, "annotations": some}) == ""
    _, numbers, sizes = boxes_of(data / name)
    large = np.flatnonzero((numbers[:, 2:] > sizes[:, ::-1] / 2).all(axis=1)).tolist()
    some = [entries[place] for place in large]
    assert looks(content | {"annotations": some}) == ""
    for label in {each["category_id"] for each in entries[:300]}:
        some = [each for each in entries if each["category_id"] == label]
        assert looks(content | {"annotations": some}) == ""


@pytest.mark.parametrize("name", RIGHT)
def test_right_files_in_square_images_stay_right(name: str, data: Path) -> None:
    # As Roboflow stretches them.
    content, numbers, sizes = boxes_of(data / name)
    stretched = numbers * 640 / np.tile(sizes[:, ::-1], 2)
    images = [each | {"width": 640, "height": 640} for each in content["images"]]
    square = with_boxes(content, stretched, "area", "segmentation") | {"images": images}
    assert looks(square) == ""


def test_pictures_of_val2017_have_the_sizes_of_the_file(data: Path) -> None:
    folder = data / "coco-val2017"
    for name in ("instances_val2017_subset.json", "instances_val2017_int.json"):
        dataset = load_coco(folder / name)
        assert compare_sizes(dataset, str(folder / "images")) == dataset.findings
