"""One image with its picture, or why there is none."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from atss_inspect.settings import preset
from atss_inspect.viewer import image_document, pictured_document
from tests.page_servers import street_dataset

SETTINGS = [preset("atss-mmdet")]


@pytest.mark.parametrize("row", range(4))
def test_without_a_folder_only_the_note_is_added(row):
    image = street_dataset().slice_images(row, row + 1)
    note = "no images folder named"
    expected = image_document(image, SETTINGS, picture_note=note)
    assert pictured_document(image, SETTINGS, folder=None) == expected


def test_the_picture_comes_from_the_folder_and_a_damaged_one_is_a_note():
    image = street_dataset().slice_images(0, 1)
    Path("2.jpg").write_bytes(b"no picture")
    found = pictured_document(image, SETTINGS, folder=".")
    assert (found["picture"], found["picture_note"]) == (None, "picture cannot be read")
    Image.fromarray(np.zeros((480, 640, 3), np.uint8)).save("2.jpg")
    found = pictured_document(image, SETTINGS, folder=".")
    assert found["picture"].startswith("data:image/jpeg;base64,")
    assert found["picture_note"] == ""
