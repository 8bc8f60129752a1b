"""Of real files, what is doubted is wrong; where a person finds nothing, nothing is.

Every doubt of every file is listed with why it is right.
"""

import json
from pathlib import Path

import pytest

from atss_inspect.errors import DataError
from atss_inspect.readers import load_coco
from atss_inspect.readers.compared_sizes import compare_sizes

pytestmark = pytest.mark.slow

# What is odd about a file and no doubt: a matter of how it is written.
SPELLING = {
    *("area_missing", "iscrowd_boolean", "number_as_text", "image_size_float"),
    *("duplicate_image_id", "bbox_not_finite"),
}
DOUBTS: dict[str, dict[str, int]] = {
    "caltech-pedestrian/test.json": {},
    # A box of height 0.
    "coco-val2017/instances_val2017_int.json": {"bbox_without_extent": 1},
    "coco-val2017/instances_val2017_subset.json": {},
    "dialects/bbox-as-strings.roboflow.json": {},
    "dialects/chinese-names.cvat.json": {},
    # Images of one id come with all their objects each time.
    "dialects/duplicate-image-ids.json": {"bbox_repeated": 150},
    # All areas are 1 though the boxes differ.
    "dialects/float-image-size.json": {"area_constant": 871},
    # Widths below 0, and areas that are their products.
    "dialects/negative-width-height.json": {
        "area_negative": 8,
        "bbox_without_extent": 8,
    },
    # Made by hand, with an area of 0, a box of one point, and one box twice.
    "dialects/one-sample-mmyolo.json": {
        "unknown_category": 1,
        "area_zero": 1,
        "bbox_without_extent": 1,
        "bbox_repeated": 1,
        "image_tiny": 1,
    },
    "dialects/tiny-images-23px.json": {"image_tiny": 5},
    # 663 images of usual size are recorded as 3 x 1.
    "dialects/wrong-image-size-3x1.json": {
        "bbox_outside_image": 732,
        "image_size_doubtful": 663,
        "image_tiny": 663,
    },
    "lvis-val-100/lvis_val_100.json": {},
    "nwpu-vhr10/annotations.json": {},
    "roboflow-rbc/train._annotations.coco.json": {},
    # Areas larger than their boxes, boxes that lie beyond their images.
    "taco/annotations_unofficial.json": {
        "area_above_box": 5,
        "bbox_outside_image": 8,
        "bbox_beyond_image": 6,
        "image_size_doubtful": 2,
    },
    "visdrone-train-50/visdrone2019-det-train-first50image.json": {},
}
# The only file whose boxes are of another kind: all are fractions.
REFUSED = "dialects/normalised-boxes.json"


@pytest.fixture
def data(real_data: Path) -> Path:
    """The folder of real files."""
    return real_data / "data"


def test_every_real_file_is_looked_at(data: Path) -> None:
    files = {path.relative_to(data).as_posix() for path in data.rglob("*.json")}
    assert files == {*DOUBTS, REFUSED}


@pytest.mark.parametrize("name", DOUBTS)
def test_no_doubt_is_raised_without_reason(name: str, data: Path) -> None:
    found = load_coco(data / name).findings
    doubts = {each.reason: each.count for each in found if each.reason not in SPELLING}
    assert doubts == DOUBTS[name]


def test_boxes_between_0_and_1_are_refused(data: Path) -> None:
    with pytest.raises(DataError, match=r"all 2,396 boxes look like .* in fractions"):
        load_coco(data / REFUSED)
    # Read as what they are, none leaves its image; the areas are fractions as well.
    found = load_coco(data / REFUSED, box_format="xywh-fractions").findings
    reasons = [each.reason for each in found]
    assert reasons == ["duplicate_category_name", "area_fraction"]


@pytest.mark.parametrize("name", [name for name, found in DOUBTS.items() if not found])
def test_right_files_written_as_corners_are_told(name: str, data: Path) -> None:
    document = json.loads((data / name).read_text(encoding="utf-8"))
    for each in document["annotations"]:
        x, y, width, height = map(float, each["bbox"])
        each["bbox"] = [x, y, x + width, y + height]
    if len(document["annotations"]) < 20:
        pytest.skip("too few boxes")
    with pytest.raises(DataError, match="boxes look like x1, y1, x2, y2"):
        load_coco(document)


def test_pictures_of_val2017_have_the_sizes_of_the_file(data: Path) -> None:
    folder = data / "coco-val2017"
    for name in ("instances_val2017_subset.json", "instances_val2017_int.json"):
        dataset = load_coco(folder / name)
        assert compare_sizes(dataset, str(folder / "images")) is None
