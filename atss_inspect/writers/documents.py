"""Write what a program wants to read: JSON documents."""

from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np

from atss_inspect.writers.digits import python_values


def encode_json(document: object) -> bytes:
    """Encode a document as indented JSON, keys in the order given.

    NumPy scalars and arrays, paths, dataclasses and named tuples are taken as what
    they hold; NaN and infinity become ``null``; float32 gets its shortest digits.
    """
    encoded = msgspec.json.encode(document, enc_hook=_plain)
    return msgspec.json.format(encoded, indent=2) + b"\n"


def encode_json_lines(documents: Iterable[object]) -> bytes:
    """Encode documents as JSON Lines, one a line; values as in `encode_json`."""
    encoder = msgspec.json.Encoder(enc_hook=_plain)
    return encoder.encode_lines(list(documents))


def _plain(value: object) -> object:
    """Turn what JSON does not know into what it does."""
    if isinstance(value, np.ndarray):
        return python_values(value)
    if isinstance(value, np.generic):
        return python_values(np.asarray(value))
    if isinstance(value, Path):
        return str(value)
    message = f"cannot encode {type(value).__name__} as JSON"
    raise NotImplementedError(message)
