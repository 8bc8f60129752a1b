"""A server of a small data set, in a thread of this process, for tests."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.page import render_served_page
from atss_inspect.readers import load_coco
from atss_inspect.server import Catalog, PageServer, Site
from atss_inspect.settings import preset
from tests.tiny_coco import street

PRESETS = ("atss-mmdet", "fcos-mmdet")


def street_dataset() -> Dataset:
    """Images 2, 3, 7 (empty) and 10."""
    return load_coco(street())


def catalog_of(dataset: Dataset | None = None, **options: Any) -> Catalog:
    """Make the catalog of a data set, by default the street's."""
    settings = [preset(name) for name in PRESETS]
    return Catalog(dataset or street_dataset(), settings, **options)


def site_of(catalog: Catalog, failures: list[Any] | None = None) -> Site:
    """Put a catalog on a page; what fails is collected."""
    told = failures if failures is not None else []

    def tell(name: str, error: Exception) -> None:
        told.append((name, error))

    def make_page(source: str) -> Any:
        return render_served_page("Street", source=source)

    return Site(catalog, make_page, tell)


@contextlib.contextmanager
def served(site: Site) -> Iterator[PageServer]:
    server = PageServer(site)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.close()
        thread.join(10)
    assert not thread.is_alive()


def many_images(number: int) -> Dataset:
    """Make a data set of so many images, the first three with an object."""
    dataset = street_dataset()
    first = dataset.slice_images(1, 2)
    offsets = np.zeros(number + 1, dtype=np.int64)
    offsets[1:] = first.num_objects
    names = [f"{n:012}.jpg" for n in range(number)]
    return replace(
        first,
        image_ids=np.arange(number),
        image_file=np.zeros(number, dtype=np.int64),
        file_names=np.array(names, dtype=object),
        image_sizes=np.repeat(first.image_sizes, number, axis=0),
        object_offsets=offsets,
    )
