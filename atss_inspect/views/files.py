"""Annotations by the name of their file, as people read it; stdin has a name too."""

from collections.abc import Sequence
from pathlib import PurePath

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.readers.source import show_name
from atss_inspect.views import numbers
from atss_inspect.views.names import clip, printable


def full_name(path: str) -> str:
    """Name annotations by their path as typed, safe to print."""
    return printable(show_name(path))


def brief_name(path: str) -> str:
    """Name annotations without their folders, safe to print."""
    shown = show_name(path)
    return printable(PurePath(shown).name or shown)


def brief_names(paths: Sequence[str], *, room: int | None = None) -> str:
    """Name the first of some files, clipped to its room, and count the others."""
    first = brief_name(paths[0])
    return _with_number(first if room is None else clip(first, room), len(paths) - 1)


def names_of_images(images: Sequence[Dataset]) -> str:
    """Name the file of the first of some images, and count the others' files.

    Each image is alone in its data set, which may still know of other files.
    """
    paths = list(dict.fromkeys(map(file_of, images)))
    return _with_number(full_name(paths[0]), len(paths) - 1)


def file_of(image: Dataset) -> str:
    """Path of the file that an image is from, which is alone in its data set."""
    return image.files[int(image.image_file[0])]


def _with_number(first: str, more: int) -> str:
    """Write a name, and how many others there are if any."""
    return f"{first} and {numbers.plural(more, 'more file')}" if more else first
