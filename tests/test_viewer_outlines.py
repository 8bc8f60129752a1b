"""Masks of objects for the page; whatever a file holds, nothing breaks."""

from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from atss_inspect.readers import load_coco
from atss_inspect.viewer.picture import object_outlines

from .random_coco import Loaded
from .test_viewer_picture import pixels_of
from .tiny_coco import coco


def outline_of(segmentation: Any) -> Any:
    """Read one object of an image of 40 x 20 with this mask, and take its outline."""
    document = coco({1: [(1, 2, 8, 9)]})
    document["images"][0] |= {"width": 40, "height": 20}
    document["annotations"][0]["segmentation"] = segmentation
    [outline] = object_outlines(load_coco(Loaded(document), masks=True))
    return outline


def test_polygons_stay_as_they_are():
    outline = outline_of([[1, 2, 9.06, 2, 9, 11], [3, 3, 4, 3, 4, 4]])
    assert outline == {"polygons": [[1, 2, 9.1, 2, 9, 11], [3, 3, 4, 3, 4, 4]]}


def test_run_lengths_become_a_picture_of_the_object_alone():
    mask = np.zeros((20, 40), dtype=np.uint8)
    mask[5:9, 10:30] = 1
    mask[5, 10] = 0
    lengths = coco_mask.encode(np.asfortranarray(mask))
    runs = np.diff(np.flatnonzero(np.diff(mask.T.ravel(), prepend=2, append=2)))
    plain = {"size": [20, 40], "counts": runs.tolist()}
    for each in (plain, {"size": [20, 40], "counts": lengths["counts"].decode()}):
        outline = outline_of(each)
        assert outline["box"] == [10, 5, 30, 9]
        alpha = np.asarray(pixels_of(outline["mask"], "png").convert("RGBA"))[..., 3]
        np.testing.assert_array_equal(alpha > 0, mask[5:9, 10:30] > 0)


@pytest.mark.parametrize(
    "nonsense",
    [
        *(None, [], {}, "text", 7, [[1, 2]], [[1, 2, 3, 4, 5]], [["a"] * 6]),
        *([[1, 2, 3, 4, 5, float("inf")]], [[1, 2, 3, 4, 5, 1e9]], [[True] * 6]),
        {"size": [10**9, 10**9], "counts": [10**18]},
        *({"size": [20, 40], "counts": n} for n in ([1], [-1, 801], "\\x00", [800])),
    ],
    ids=str,
)
def test_what_makes_no_sense_has_no_outline(nonsense):
    assert outline_of(nonsense) is None


def test_a_polygon_of_very_many_corners_is_thinned():
    angles = np.linspace(0, 2 * np.pi, 5000)
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1) * 9 + 10
    [polygon] = outline_of([points.ravel().tolist()])["polygons"]
    assert 300 <= len(polygon) / 2 <= 400


def test_objects_read_without_masks_have_no_outline():
    document = coco({1: [(1, 2, 3, 4)]})
    assert object_outlines(load_coco(Loaded(document))) == [None]
