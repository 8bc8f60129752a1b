"""COCO annotations in: from JSON files, gzip, stdin, or a loaded COCO object.

The only code that reads. ``load_coco`` gives a ``Dataset``; everything it had to mend
or leave out stands in the dataset's findings, and what is not COCO detection data ends
in one ``DataError``.

One way through: ``source`` gets bytes, ``decode`` (and ``tolerant``, where entries are
odd) makes columns of them, ``mend`` matches, sorts and counts (``usable_images`` the
images, ``doubts`` what only warns), ``merge`` joins files; ``diagnose`` names what is
no detection data.
"""

from atss_inspect.readers.load import load_coco

__all__ = ["load_coco"]
