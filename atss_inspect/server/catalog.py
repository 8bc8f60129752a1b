"""The images of a data set, as the page asks for them: a list, and one by one."""

import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import IntArray
from atss_inspect.page.render import unique_keys
from atss_inspect.settings import Settings
from atss_inspect.viewer import pictured_document
from atss_inspect.views.names import printable

# A few hundred images with pictures.
MOST_BYTES = 64_000_000


class ByteCache:
    """Texts by number, those not asked for longest forgotten first; for all threads.

    Parameters
    ----------
    most_bytes : of all texts together. A text larger than that is not kept at all.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self.num_bytes = 0  # of all texts that are kept
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: int) -> bytes | None:
        """Look a text up; None if it is not, or no longer, kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: int, content: bytes) -> None:
        """Keep a text, and forget others to make room."""
        with self._lock:
            self.num_bytes += len(content) - len(self._kept.pop(key, b""))
            self._kept[key] = content
            while self.num_bytes > self._most_bytes:
                _, forgotten = self._kept.popitem(last=False)
                self.num_bytes -= len(forgotten)


class Catalog:
    """Images in the order of the page; each is assigned when it is asked for.

    Parameters
    ----------
    dataset : all images; with segmentations if masks are wanted
    settings : conventions side by side
    rows : (N,) rows of images in the order of the page; None for that of the data set
    folder : of the pictures; None for none
    most_bytes : of answers to keep for the next time
    """

    def __init__(
        self,
        dataset: Dataset,
        settings: Sequence[Settings],
        *,
        rows: IntArray | None = None,
        folder: str | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._dataset = dataset
        self._settings = tuple(settings)
        self._rows = np.arange(dataset.num_images) if rows is None else rows
        self._folder = folder
        self._recent = ByteCache(most_bytes)
        self._computing = threading.Lock()
        # All images in columns: keys of addresses, file names, objects.
        ids, names = dataset.image_ids[self._rows], dataset.file_names[self._rows]
        columns = {
            "keys": unique_keys(printable(str(each)) for each in ids.tolist()),
            "names": [printable(str(each)) for each in names.tolist()],
            "objects": np.diff(dataset.object_offsets)[self._rows].tolist(),
        }
        self.index = _as_json(columns)

    def __len__(self) -> int:
        return len(self._rows)

    def name(self, place: int) -> str:
        """Name an image by its id, for messages."""
        return f"image {printable(str(self._dataset.image_ids[self._rows[place]]))}"

    def document(self, place: int) -> bytes:
        """One image with all its assignments in JSON, see `image_document`.

        Parameters
        ----------
        place : in the order of the page, from 0

        Notes
        -----
        One image is computed at a time, whoever asks: threads would only wait for each
        other, and Pillow's warnings are those of the whole process.
        """
        found = self._recent.get(place)
        if found is not None:
            return found
        with self._computing:
            found = self._recent.get(place)  # somebody may have asked for it meanwhile
            if found is None:
                row = int(self._rows[place])
                image = self._dataset.slice_images(row, row + 1)
                made = pictured_document(image, self._settings, folder=self._folder)
                found = _as_json(made)
                self._recent.put(place, found)
            return found


def _as_json(value: Any) -> bytes:
    """Write JSON in ASCII: whatever a name holds, it can be sent."""
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode("ascii")
