"""Generated sets of any size: like val2017, complete, in bounded memory."""

import json
import tracemalloc
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from benchmarks.generator import blocks, val2017, write_dataset
from benchmarks.generator.__main__ import main
from benchmarks.generator.streaming import dataset_chunks
from tools.sample_scenes.outlines import area

Record = dict[str, Any]


def generate(num_images: int, num_objects: int | None, *, polygons: bool) -> Record:
    counts = blocks.draw_objects_per_image(num_images, num_objects, seed=3)
    chunks = dataset_chunks(counts, first=0, last=num_images, seed=3, polygons=polygons)
    return json.loads(b"".join(chunks))


@pytest.fixture(scope="module")
def val_sized() -> Record:
    return generate(5000, None, polygons=False)


@pytest.fixture(scope="module")
def with_polygons() -> Record:
    return generate(300, 2500, polygons=True)


def boxes_and_sizes(data: Record) -> tuple[np.ndarray, np.ndarray]:
    sizes = {image["id"]: (image["width"], image["height"]) for image in data["images"]}
    records = data["annotations"]
    xywh = np.array([record["bbox"] for record in records])
    return xywh, np.array([sizes[record["image_id"]] for record in records])


def outlined(data: Record) -> list[Record]:
    return [record for record in data["annotations"] if not record["iscrowd"]]


def require_mask(record, width, height):
    """The run lengths of a crowd have the area and the box that are told."""
    runs = coco_mask.frPyObjects(record["segmentation"], height, width)
    assert coco_mask.area(runs) == record["area"]
    np.testing.assert_array_equal(coco_mask.toBbox(runs), record["bbox"])


def test_statistics_follow_val2017(val_sized):
    xywh, sizes = boxes_and_sizes(val_sized)
    places = val2017.PROBABILITIES[3:-3]
    relative = np.sqrt(xywh[:, 2:].prod(axis=1) / sizes.prod(axis=1))
    sizes, ratios = val2017.RELATIVE_SIZE_OVERALL, val2017.LOG_ASPECT_RATIO_OVERALL
    found = np.quantile(relative, places)
    np.testing.assert_allclose(found, sizes[3:-3], rtol=0.08, atol=0.002)
    found = np.quantile(np.log(xywh[:, 2] / xywh[:, 3]), places)
    np.testing.assert_allclose(found, ratios[3:-3], atol=0.08)
    records = val_sized["annotations"]
    counts = Counter(record["image_id"] for record in records)
    per_image = np.array([counts[image["id"]] for image in val_sized["images"]])
    shares = [(per_image <= limit).mean() for limit in val2017.OBJECTS_PER_IMAGE]
    np.testing.assert_allclose(shares, val2017.OBJECTS_PER_IMAGE_SHARE, atol=0.02)
    crowds = np.mean([record["iscrowd"] for record in records])
    assert crowds == pytest.approx(val2017.CROWD_SHARE, abs=0.003)


def test_image_sizes_and_categories_follow_val2017(val_sized):
    sizes = Counter((image["width"], image["height"]) for image in val_sized["images"])
    for width, height, percent in val2017.IMAGE_SIZES[:4]:
        share = sizes[width, height] / len(val_sized["images"])
        assert share == pytest.approx(percent / 100, abs=0.02)
    records = val_sized["annotations"]
    categories = Counter(record["category_id"] for record in records)
    for key, _, share in val2017.CATEGORIES:
        assert categories[key] / len(records) == pytest.approx(share / 10_000, abs=0.02)


def test_boxes_lie_in_their_image_with_two_decimals(val_sized):
    xywh, sizes = boxes_and_sizes(val_sized)
    hundredths = xywh * 100
    np.testing.assert_allclose(hundredths, np.rint(hundredths), atol=1e-6)
    whole = np.rint(hundredths).astype(int)
    assert (whole[:, :2] >= 0).all()
    assert (whole[:, 2:] >= 100).all()
    assert (whole[:, :2] + whole[:, 2:] <= sizes * 100).all()


def test_ids_are_unique_and_known(val_sized):
    records = val_sized["annotations"]
    assert [record["id"] for record in records] == list(range(1, len(records) + 1))
    known = {category["id"] for category in val_sized["categories"]}
    assert {record["category_id"] for record in records} <= known


def test_outlines_touch_all_sides_of_their_box_and_give_the_area(with_polygons):
    for record in outlined(with_polygons):
        (flat,) = record["segmentation"]
        points = np.array(flat).reshape(-1, 2)
        low, high = points.min(axis=0), points.max(axis=0)
        np.testing.assert_allclose(record["bbox"], [*low, *(high - low)], atol=1e-6)
        assert record["area"] == pytest.approx(area(points), abs=1e-3)
        assert len(points) >= 4


def test_crowd_masks_span_their_box(with_polygons):
    _, sizes = boxes_and_sizes(with_polygons)
    pairs = zip(with_polygons["annotations"], sizes.tolist(), strict=True)
    crowds = [pair for pair in pairs if pair[0]["iscrowd"]]
    assert crowds
    for record, (width, height) in crowds:
        require_mask(record, width, height)


def test_fill_and_outline_points_follow_val2017(with_polygons):
    records = outlined(with_polygons)
    fill = [r["area"] / (r["bbox"][2] * r["bbox"][3]) for r in records]
    assert np.mean(fill) == pytest.approx(0.584, abs=0.03)
    points = [len(r["segmentation"][0]) / 2 for r in records]
    assert np.mean(points) == pytest.approx(23, abs=3)


@pytest.mark.parametrize("num_objects", [0, 1, 700, 20_000])
def test_number_of_objects_is_exact(num_objects):
    counts = blocks.draw_objects_per_image(1000, num_objects, seed=1)
    assert counts.sum() == num_objects
    assert (counts >= 0).all()


def test_a_set_without_images_is_a_valid_file():
    data = generate(0, None, polygons=True)
    assert data["images"] == data["annotations"] == []


@pytest.mark.parametrize("numbers", [(-1, None), (3, -1), (0, 5)])
def test_impossible_numbers_are_refused(numbers, tmp_path):
    with pytest.raises(ValueError, match="cannot spread"):
        blocks.draw_objects_per_image(*numbers, seed=0)
    with pytest.raises(ValueError, match="at least one part"):
        write_dataset(tmp_path / "set.json", num_images=5, parts=0)


def test_parts_hold_together_what_the_single_file_holds(tmp_path):
    # More than one block, and cuts that fall inside blocks.
    write = partial(write_dataset, num_images=2500, num_objects=4000, polygons=False)
    whole = write(tmp_path / "whole.json")
    split = write(tmp_path / "split.json", parts=3)
    names = [f"split-{part}-of-3.json" for part in (1, 2, 3)]
    assert [path.name for path in split.paths] == names
    assert set(tmp_path.iterdir()) == {*whole.paths, *split.paths}
    single = json.loads(whole.paths[0].read_bytes())
    files = [json.loads(path.read_bytes()) for path in split.paths]
    for section in ("images", "annotations"):
        joined = [record for file in files for record in file[section]]
        assert joined == single[section]
    assert len(single["annotations"]) == whole.num_objects == split.num_objects == 4000
    assert len(single["images"]) == whole.num_images == 2500
    assert whole.num_bytes == whole.paths[0].stat().st_size


def test_interrupted_writing_keeps_the_old_file_and_no_half_one(tmp_path, monkeypatch):
    target = tmp_path / "set.json"
    target.write_bytes(b"old")
    monkeypatch.setattr(blocks, "draw_block", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write_dataset(target, num_images=5)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_set(monkeypatch):
    monkeypatch.setattr(blocks, "IMAGES_PER_BLOCK", 64)

    def peak(num_images: int) -> int:
        counts = blocks.draw_objects_per_image(num_images, None, seed=0)
        tracemalloc.start()
        chunks = dataset_chunks(counts, first=0, last=num_images, seed=0, polygons=True)
        for _ in chunks:
            pass
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(64)  # what is loaded once does not count
    # Six times the images; blocks differ a little in size.
    assert peak(768) < 1.5 * peak(128)


def test_a_set_of_any_size_is_written_by_command(tmp_path, capsys):
    words = ["--images=30", "--objects=50", "--boxes-only", "--parts=3"]
    main([*words, "set.json"])
    same = {"num_images": 30, "num_objects": 50, "polygons": False, "parts": 3}
    written = write_dataset(tmp_path / "same.json", **same)
    names = [f"set-{part}-of-3.json" for part in (1, 2, 3)]
    assert capsys.readouterr().err.splitlines() == [f"wrote {name}" for name in names]
    for name, same in zip(names, written.paths, strict=True):
        assert Path(name).read_bytes() == same.read_bytes()
