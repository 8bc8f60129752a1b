"""Pixels as text of an address."""

import base64
import io
from typing import Any

import numpy as np
from PIL import Image

from atss_inspect.viewer.picture import mask_uri, picture_room, picture_uri


def pixels_of(address: str, kind: str) -> Any:
    start = f"data:image/{kind};base64,"
    assert address.startswith(start)
    return Image.open(io.BytesIO(base64.b64decode(address.removeprefix(start))))


def test_a_picture_is_scaled_down_never_up():
    assert picture_room((480, 640)) == (480, 640)
    assert picture_room((1200.0, 1800.0)) == (600, 900)
    assert picture_room((1, 90_000)) == (1, 900)


def test_a_picture_is_a_jpeg_of_that_size_and_the_same_bytes_each_time():
    rng = np.random.default_rng(2)
    pixels = rng.integers(0, 255, (60, 120, 3), dtype=np.uint8)
    address = picture_uri(pixels, longest=40)
    assert pixels_of(address, "jpeg").size == (40, 20)
    assert address == picture_uri(pixels, longest=40)


def test_a_mask_keeps_its_corners():
    mask = np.zeros((3, 9), dtype=bool)
    mask[0, 0] = mask[2, 8] = True
    picture = np.asarray(pixels_of(mask_uri(mask), "png").convert("RGBA"))
    np.testing.assert_array_equal(picture[..., 3] > 0, mask)
