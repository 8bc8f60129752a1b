"""Every real file loads, its oddity named with a count.

``ATSS_INSPECT_REAL_DATA`` names a folder with ``data/``; without it these are skipped.
"""

import contextlib
import io

import numpy as np
import pytest

from atss_inspect.errors import DataError
from atss_inspect.readers import load_coco
from tests.soundness import assert_same, counts

pytestmark = pytest.mark.slow

# File -> images and objects, findings; where one is a doubt, why it is right.
FILES = {
    "caltech-pedestrian/test.json": (
        (4024, 7596),
        {"iscrowd_boolean": 7596, "area_missing": 7596},
    ),
    # A box of height 0.
    "coco-val2017/instances_val2017_int.json": (
        (5000, 36781),
        {"area_missing": 36781, "bbox_without_extent": 1},
    ),
    "coco-val2017/instances_val2017_subset.json": ((445, 3765), {}),
    "dialects/bbox-as-strings.roboflow.json": ((59, 479), {"number_as_text": 479}),
    "dialects/chinese-names.cvat.json": ((4, 27), {}),
    # Images of one id come with all their objects each time.
    "dialects/duplicate-image-ids.json": (
        (1026, 1212),
        {"duplicate_image_id": 36, "bbox_repeated": 150},
    ),
    # All areas are 1 though the boxes differ.
    "dialects/float-image-size.json": (
        (5, 871),
        {"image_size_float": 5, "area_constant": 871},
    ),
    # Widths below 0, and areas that are their products.
    "dialects/negative-width-height.json": (
        (59, 530),
        {"area_negative": 8, "bbox_without_extent": 8},
    ),
    # Made by hand, with an area of 0, a box of one point, and one box twice.
    "dialects/one-sample-mmyolo.json": (
        (4, 8),
        {
            "unknown_category": 1,
            "area_zero": 1,
            "bbox_without_extent": 1,
            "bbox_repeated": 1,
            "image_tiny": 1,
        },
    ),
    "dialects/tiny-images-23px.json": ((808, 1964), {"image_tiny": 5}),
    # 663 images of usual size are recorded as 3 x 1.
    "dialects/wrong-image-size-3x1.json": (
        (2480, 2922),
        {"bbox_outside_image": 732, "image_size_doubtful": 663, "image_tiny": 663},
    ),
    "lvis-val-100/lvis_val_100.json": ((100, 977), {}),
    "nwpu-vhr10/annotations.json": ((650, 3921), {}),
    "roboflow-rbc/train._annotations.coco.json": ((210, 4947), {}),
    # Areas larger than their boxes, boxes that lie beyond their images.
    "taco/annotations_unofficial.json": (
        (3831, 8319),
        {
            "bbox_not_finite": 15,
            "area_above_box": 5,
            "bbox_outside_image": 8,
            "bbox_beyond_image": 6,
            "image_size_doubtful": 2,
        },
    ),
    "visdrone-train-50/visdrone2019-det-train-first50image.json": ((50, 3326), {}),
}
# The only file whose boxes are of another kind: all are fractions, areas as well.
NORMALISED = "dialects/normalised-boxes.json"


def test_no_real_file_is_forgotten(real_data):
    folder = real_data / "data"
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.json")}
    assert found == {*FILES, NORMALISED}


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_loads_with_its_oddity_named(real_data, name):
    dataset = load_coco(real_data / "data" / name)
    sizes, findings = FILES[name]
    assert (dataset.num_images, dataset.num_objects) == sizes
    assert counts(dataset) == findings
    # The only ones whose numbers are no numbers.
    lost = {reason: n for reason, n in findings.items() if reason == "bbox_not_finite"}
    assert dataset.left_out == lost
    assert dataset.num_objects + sum(lost.values()) == dataset.num_annotations


def test_a_real_file_of_fractions_is_refused_until_they_are_named(real_data):
    path = real_data / "data" / NORMALISED
    with pytest.raises(
        DataError, match=r"all 2,396 boxes look like .* fractions"
    ) as error:
        load_coco(path)
    assert "--box-format xywh-fractions" in str(error.value.hint)
    read = load_coco(path, box_format="xywh-fractions")
    written = load_coco(path, box_format="xywh")
    sides = read.image_sizes[read.images_of(np.arange(read.num_objects))][:, ::-1]
    assert np.array_equal(read.xywh, written.xywh * np.tile(sides, 2))
    reasons = {each.reason for each in read.findings}
    assert reasons == {"area_fraction", "duplicate_category_name"}


@pytest.mark.parametrize("name", FILES)
def test_pycocotools_reads_the_same_boxes(real_data, name):
    from pycocotools.coco import COCO

    path = real_data / "data" / name
    with contextlib.redirect_stdout(io.StringIO()):
        loaded = COCO(str(path))
    dataset = load_coco(path)
    apart = ("files", "file_sizes", "left_out", "findings")
    assert_same(dataset, load_coco(loaded), apart=apart)
    if "strings" in name:
        return  # pycocotools hands on text
    first = 0
    for row, image_id in enumerate(dataset.image_ids.tolist()):
        last = dataset.object_offsets[row + 1]
        boxes = [
            entry["bbox"]
            for entry in loaded.imgToAnns[image_id]
            if np.isfinite(entry["bbox"]).all()
        ]
        assert dataset.xywh[first:last].tolist() == boxes
        first = last


def test_all_real_files_at_once_are_one_dataset(real_data):
    dataset = load_coco(*(real_data / "data" / name for name in FILES))
    sizes = [sizes for sizes, _ in FILES.values()]
    assert (dataset.num_images, dataset.num_objects) == tuple(np.sum(sizes, axis=0))
    assert dataset.left_out == {"bbox_not_finite": 15}
    assert dataset.category_names.count("person") == 1
