"""The committed sample set: what it promises, and that the painter makes it."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from tests.test_generator import Record, outlined, require_mask
from tools.sample_scenes import write_sample_data
from tools.sample_scenes.annotations import annotate
from tools.sample_scenes.outlines import box, ellipse, rasterize
from tools.sample_scenes.patches import Patch, body
from tools.sample_scenes.pictures import paint
from tools.sample_scenes.scenes.composer import Item, Scene

FOLDER = Path(__file__).parents[1] / "sample_data"


@pytest.fixture(scope="module")
def data() -> Record:
    return json.loads((FOLDER / "instances.json").read_bytes())


@pytest.fixture(scope="module")
def sizes(data: Record) -> dict[int, tuple[int, int]]:
    return {image["id"]: (image["width"], image["height"]) for image in data["images"]}


def corners(polygon: list[float]) -> np.ndarray:
    return np.array(polygon).reshape(-1, 2)


def shoelace(polygon: list[float]) -> float:
    x, y = corners(polygon).T
    return abs(float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())) / 2


@pytest.mark.slow
def test_the_painter_makes_the_committed_set(tmp_path):
    paths = write_sample_data(tmp_path / "set")
    names = [path.relative_to(tmp_path / "set").as_posix() for path in paths]
    pictures = sorted((FOLDER / "images").iterdir())
    assert names == ["instances.json", *(f"images/{path.name}" for path in pictures)]
    assert paths[0].read_bytes() == (FOLDER / "instances.json").read_bytes()
    for painted, committed in zip(paths[1:], pictures, strict=True):
        with Image.open(painted) as new, Image.open(committed) as old:
            # The last bits depend on the version of Pillow.
            difference = np.asarray(new, dtype=float) - np.asarray(old)
        assert np.abs(difference).mean() < 1


def test_nothing_of_an_object_is_painted_outside_its_outline():
    detail = Patch(box(0, 28, 80, 32), (250, 0, 0))  # that reaches out of the disc
    disc = (body(ellipse(40, 30, 20, 15), (250, 250, 250)), detail)
    item = Item("disc", (disc,), 1)
    scene = Scene(80, 60, [item], (0, 0, 80, 60), lambda *_: None)
    _, (seen,) = annotate(scene)
    mask = rasterize([*map(corners, seen.segmentation)], 80, 60)
    is_painted = np.asarray(paint(scene)).max(axis=2) > 60
    # The border itself is smoothed over two pixels.
    assert (is_painted == mask).mean() > 0.98
    assert not is_painted[:, :17].any()
    assert is_painted[30, 25:55].all()


def test_a_third_of_the_objects_is_small_a_third_medium_a_third_large(data):
    areas = np.array([record["area"] for record in data["annotations"]])
    shares = np.histogram(areas, [0, 32**2, 96**2, np.inf])[0] / len(areas)
    np.testing.assert_allclose(shares, 1 / 3, atol=0.05)


def test_counts_per_image_go_from_none_to_more_than_a_hundred(data):
    counts = Counter(record["image_id"] for record in data["annotations"])
    assert len(data["images"]) >= 60
    assert len(data["images"]) - len(counts) == 2
    assert max(counts.values()) > 100


def test_ids_have_gaps_and_are_unique(data):
    for section in ("images", "annotations", "categories"):
        ids = [record["id"] for record in data[section]]
        assert len(set(ids)) == len(ids)
    image_ids = [image["id"] for image in data["images"]]
    assert max(image_ids) > len(image_ids)
    assert {record["image_id"] for record in data["annotations"]} <= set(image_ids)


def test_categories_have_a_long_tail_and_all_occur(data):
    names = {category["id"]: category["name"] for category in data["categories"]}
    counts = Counter(names[record["category_id"]] for record in data["annotations"])
    assert set(counts) == set(names.values())
    ordered = counts.most_common()
    assert ordered[0][1] > 20 * ordered[-1][1]


def test_some_boxes_are_two_to_six_pixels_and_some_eight_times_as_high_as_wide(data):
    sides = np.array([record["bbox"][2:] for record in data["annotations"]])
    assert ((sides >= 2) & (sides <= 6)).all(axis=1).sum() >= 4
    assert (np.abs(sides[:, 1] / sides[:, 0] - 8) < 0.5).sum() >= 4


def test_boxes_are_the_bounds_of_their_polygons_and_lie_in_the_image(data, sizes):
    for record in outlined(data):
        points = np.concatenate([corners(part) for part in record["segmentation"]])
        low, high = points.min(axis=0), points.max(axis=0)
        bounds = [*low, *(high - low)]
        np.testing.assert_allclose(record["bbox"], bounds, rtol=0, atol=1e-9)
        assert (low >= 0).all()
        assert (high <= sizes[record["image_id"]]).all()


def test_areas_are_those_of_the_polygons_and_near_those_of_their_masks(data, sizes):
    for record in outlined(data):
        parts = record["segmentation"]
        assert record["area"] == pytest.approx(sum(map(shoelace, parts)), abs=0.011)
        width, height = sizes[record["image_id"]]
        runs = coco_mask.merge(coco_mask.frPyObjects(parts, height, width))
        # A mask is made of whole pixels: its border may be off by half a pixel.
        sides = [corners(part) - np.roll(corners(part), 1, axis=0) for part in parts]
        border = np.hypot(*np.concatenate(sides).T).sum()
        assert abs(coco_mask.area(runs) - record["area"]) <= 0.5 * border + 1


def test_crowd_regions_have_run_lengths_that_decode_within_their_box(data, sizes):
    crowds = [record for record in data["annotations"] if record["iscrowd"]]
    assert len(crowds) >= 3
    for record in crowds:
        width, height = sizes[record["image_id"]]
        assert record["segmentation"]["size"] == [height, width]
        require_mask(record, width, height)


def test_some_objects_are_cut_into_several_polygons_by_what_is_before_them(data):
    parts = [len(record["segmentation"]) for record in outlined(data)]
    assert sum(count > 1 for count in parts) >= 10


def test_at_least_eight_images_have_a_picture_of_their_size_and_one_has_id_42(
    data, sizes
):
    ids = {image["file_name"]: image["id"] for image in data["images"]}
    pictures = sorted((FOLDER / "images").iterdir())
    assert len(pictures) >= 8
    assert 42 in [ids[path.name] for path in pictures]
    for path in pictures:
        with Image.open(path) as picture:
            assert picture.size == sizes[ids[path.name]]
            assert np.asarray(picture).std() > 25


def test_image_42_shows_objects_of_every_size(data):
    areas = [each["area"] for each in data["annotations"] if each["image_id"] == 42]
    assert 12 <= len(areas) <= 20
    counts = np.histogram(areas, [0, 16**2, 32**2, 96**2, np.inf])[0]
    assert (counts >= 2).all()


def test_the_folder_is_small_and_its_readme_counts_what_is_there(data):
    total = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file())
    assert total < 1_000_000
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    sections = ("images", "annotations", "categories")
    images, objects, categories = (len(data[section]) for section in sections)
    assert f"{images} images, {objects} annotations, {categories} categories" in text
    for path in (FOLDER / "images").iterdir():
        assert f"| {int(path.stem)} |" in text
