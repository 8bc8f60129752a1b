"""COCO annotations in: from JSON files, gzip, stdin, or a loaded COCO object.

The only code that reads. ``load_coco`` gives a ``Dataset``; everything it had to mend
or leave out stands in the dataset's findings, and what is not COCO detection data ends
in one ``DataError``.

One way through: ``load`` asks who reads a source, and joins what is read. For ``coco``,
``source`` gets bytes, ``decode`` (and ``tolerant``, where entries are odd) makes
columns of them, and ``mend`` matches, sorts and counts; ``diagnose`` names what is no
detection data, with ``foreign`` (files of other tools), ``json_faults`` (where JSON
breaks) and ``box_shapes``; ``nested`` takes data out of other JSON.

A new format is a module like ``coco`` and a line in ``load.FORMATS``; it may make
``FileContent`` of its files and leave the rest to ``mend``.
"""

from atss_inspect.readers.load import load_coco

__all__ = ["load_coco"]
