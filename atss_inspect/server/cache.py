"""The answers given last, up to so many bytes."""

import threading
from collections import OrderedDict


class ByteCache:
    """Texts by number, those not asked for longest forgotten first; for all threads.

    Parameters
    ----------
    most_bytes : of all texts together. A text larger than that is not kept at all.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._num_bytes = 0
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def num_bytes(self) -> int:
        """Bytes of all texts that are kept."""
        return self._num_bytes

    def get(self, key: int) -> bytes | None:
        """Look a text up; None if it is not, or no longer, kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: int, content: bytes) -> None:
        """Keep a text, and forget others to make room."""
        with self._lock:
            self._num_bytes += len(content) - len(self._kept.pop(key, b""))
            self._kept[key] = content
            while self._num_bytes > self._most_bytes:
                _, forgotten = self._kept.popitem(last=False)
                self._num_bytes -= len(forgotten)
