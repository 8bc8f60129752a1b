"""The images as the page asks for them: a list in columns, and one by one."""

import json
import threading
import time
from typing import Any

import numpy as np
import pytest
from PIL import Image

from atss_inspect.readers import load_coco
from atss_inspect.server import catalog as module
from atss_inspect.settings import preset
from atss_inspect.viewer import image_document
from tests.page_servers import PRESETS, catalog_of, street_dataset
from tests.random_coco import Loaded
from tests.tiny_coco import coco

HOSTILE = ("$x$", "<b>", "w" * 300, "\u202eabc", "a\nb", "\ud800")


def test_ids_are_escaped_like_names():
    name = "\u202eabc\u2066"
    catalog = catalog_of(load_coco(Loaded(coco({name: [(1, 2, 3, 4)]}))))
    escaped = "\\u202eabc\\u2066"
    assert json.loads(catalog.index)["keys"] == [escaped]
    assert json.loads(catalog.document(0))["id"] == escaped


@pytest.mark.parametrize(
    ("rows", "keys", "objects"),
    [
        (None, ["2", "3", "7", "10"], [3, 3, 0, 3]),
        ([3, 2], ["10", "7"], [3, 0]),
        ([], [], []),
    ],
)
def test_images_come_in_the_order_asked_for(rows, keys, objects):
    catalog = catalog_of(rows=None if rows is None else np.array(rows, dtype=np.int64))
    names = [f"{key}.jpg" for key in keys]
    expected = {"keys": keys, "names": names, "objects": objects}
    assert json.loads(catalog.index) == expected
    assert len(catalog) == len(keys)
    for place, key in enumerate(keys):
        assert json.loads(catalog.document(place))["id"] == key
        assert catalog.name(place) == f"image {key}"


def test_a_document_is_what_the_viewer_knows_of_the_image():
    image, note = street_dataset().slice_images(3, 4), "no images folder named"
    settings = [preset(name) for name in PRESETS]
    expected = image_document(image, settings, picture_note=note)
    assert json.loads(catalog_of().document(3)) == json.loads(json.dumps(expected))


def test_pixels_come_from_the_folder(tmp_path):
    Image.fromarray(np.zeros((480, 640, 3), np.uint8)).save(tmp_path / "2.jpg")
    found = json.loads(catalog_of(folder=str(tmp_path)).document(0))
    assert found["picture"].startswith("data:image/jpeg;base64,")


def test_names_are_sent_as_ascii_whatever_they_hold():
    document = coco({name: [] for name in HOSTILE})
    catalog = catalog_of(load_coco(Loaded(document)))
    index = json.loads(catalog.index)
    assert {"<b>.jpg", "a\\nb.jpg"} <= set(index["names"])
    assert {"<b>", "w" * 300} <= set(index["keys"])
    for place in range(len(HOSTILE)):
        assert catalog.document(place).isascii()
        assert catalog.name(place).isprintable()


def test_what_was_not_asked_for_longest_is_forgotten_first():
    cache = module.ByteCache(10)
    cache.put(1, b"aaaa")
    cache.put(2, b"bbbb")
    assert cache.get(1) == b"aaaa"
    cache.put(3, b"cccc")  # 12 bytes are too many
    assert cache.get(2) is None
    assert (cache.get(1), cache.get(3)) == (b"aaaa", b"cccc")
    assert cache.num_bytes == 8
    cache.put(1, b"bb")  # a text that is put again counts once
    assert (cache.get(1), cache.num_bytes) == (b"bb", 6)


def test_what_is_larger_than_all_the_room_is_not_kept():
    cache = module.ByteCache(3)
    cache.put(1, b"aaaa")
    assert (cache.get(1), cache.num_bytes) == (None, 0)


def test_an_image_is_computed_once_whoever_asks(monkeypatch):
    computed: list[str] = []

    def compute(image: Any, *_: Any, **__: Any) -> dict[str, str]:
        computed.append(str(image.image_ids[0]))
        time.sleep(0.02)  # meanwhile the others come
        return {"id": computed[-1]}

    monkeypatch.setattr(module, "pictured_document", compute)
    catalog = catalog_of()
    threads = [threading.Thread(target=catalog.document, args=(1,)) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert computed == ["3"]
    forgetful = catalog_of(most_bytes=0)
    assert forgetful.document(1) == forgetful.document(1)
    assert computed == ["3"] * 3
