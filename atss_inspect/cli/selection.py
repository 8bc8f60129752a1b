"""Which images and objects a command looks at: --image, --limit, --class, --size."""

import enum
import fnmatch
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from atss_inspect.cli.options import OptionGroup, selection_option
from atss_inspect.cli.request import typed_again
from atss_inspect.errors import SettingsError
from atss_inspect.presets import did_you_mean
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.arrays import IntArray
    from atss_inspect.statistics.summary import Selection

# Comparing a misspelt name with every other takes time; this many are enough.
_MAX_COMPARED = 20_000


class Size(enum.StrEnum):
    """Size bins by area in original pixels; COCO's small is tiny and small."""

    TINY = "tiny"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class FilterOptions(OptionGroup):
    """The options that say which images and objects are looked at; without any, all.

    Attributes
    ----------
    classes, sizes : of the objects reported; the others are assigned all the same
    image : ids, file names or patterns of file names
    limit : of these, the first so many
    """

    classes: list[str] | None = selection_option(
        "--class NAME", "Only objects of these classes."
    )
    image: list[str] | None = selection_option(
        "--image ID", "Only these images, by id or file name."
    )
    sizes: list[Size] | None = selection_option(
        "--size tiny|small|medium|large",
        "Only objects of these sizes (original pixels).",
    )
    limit: int | None = selection_option("--limit N", "Only the first N images.", min=1)

    def words(self) -> dict[str, tuple[str, ...]]:
        """Write each of them as it was typed, for the next command, by name."""
        typed = {
            "image": self.image,
            "limit": self.limit,
            "size": self.sizes,
            "class": self.classes,
        }
        return {name: typed_again(**{name: value}) for name, value in typed.items()}

    def typed_again(self) -> tuple[str, ...]:
        """Write all of them as they were typed, for the next command."""
        return tuple(word for words in self.words().values() for word in words)

    def apply(self, dataset: "Dataset") -> "tuple[Dataset, Selection]":
        """Take the images asked for, and name the objects to report.

        Raises
        ------
        SettingsError
            For an image or class that the data set does not have; it names the
            nearest.
        """
        from atss_inspect.statistics.summary import Selection

        classes = tuple(self.classes or ())
        _require_classes(dataset, classes)
        if self.image or self.limit is not None:
            rows = matching_rows(dataset, self.image)
            dataset = dataset.select_images(rows[: self.limit])
        sizes = tuple(size.value for size in self.sizes or ())
        return dataset, Selection(classes=classes, sizes=sizes)


def _require_classes(dataset: "Dataset", classes: Iterable[str]) -> None:
    """Refuse classes that the data set does not have."""
    known = set(dataset.category_names)
    for name in classes:
        if name not in known:
            nearest = did_you_mean(name, map(printable, sorted(known)))
            message = f'--class: no class "{name}" in the annotations{nearest}'
            raise SettingsError(message, hint=_class_hint(dataset))


def _class_hint(dataset: "Dataset") -> str:
    """List the classes where they are few."""
    if not dataset.category_names:
        return "the annotations have no classes"
    if len(dataset.category_names) > 10:
        return "`atss-inspect stats --by class` lists the classes"
    return f"the classes are {', '.join(map(printable, dataset.category_names))}"


def matching_rows(dataset: "Dataset", names: Sequence[str] | None) -> "IntArray":
    """Find the images meant, in the order of the data set; without names, all."""
    import numpy as np

    if not names:
        return np.arange(dataset.num_images)
    found = [rows_of_image(dataset, wanted) for wanted in names]
    return np.unique(np.concatenate(found))


def rows_of_image(dataset: "Dataset", wanted: str) -> list[int]:
    """Find the images that one ``--image`` means: by id, file name, then pattern."""
    ids = [str(image_id) for image_id in dataset.image_ids.tolist()]
    names = dataset.file_names.tolist()
    last_parts = [name.rpartition("/")[2] for name in names]
    for texts in (ids, names, last_parts):
        rows = [row for row, text in enumerate(texts) if text == wanted]
        if rows:
            return rows
    rows = [
        row
        for row, texts in enumerate(zip(names, last_parts, strict=True))
        if any(fnmatch.fnmatchcase(text, wanted) for text in texts)
    ]
    if not rows:
        raise _unknown_image(wanted, ids, names)
    return rows


def _unknown_image(wanted: str, ids: Sequence[str], names: list[str]) -> SettingsError:
    """Make the error for an image that is not there, with those that are near."""
    message = f"image {wanted}: no image has this id or file name"
    if any(sign in wanted for sign in "*?["):
        message = f"image {wanted}: no file name fits this pattern"
    if not ids:
        return SettingsError(message, hint="the annotations hold no usable image")
    near = nearest_numbers(wanted, ids) if wanted.isdecimal() else ""
    known = [*names, *ids][:_MAX_COMPARED]
    suggestion = near or did_you_mean(wanted, map(printable, known))
    first = printable(", ".join(filter(None, (ids[0], names[0]))))
    hint = f"the first image is {first}"
    return SettingsError(message + suggestion, hint=hint)


def nearest_numbers(wanted: str, ids: Sequence[str]) -> str:
    """Name the next ids below and above a number."""
    numbers = sorted(int(text) for text in ids if text.isdecimal())
    below = [number for number in numbers if number < int(wanted)][-1:]
    above = [number for number in numbers if number > int(wanted)][:1]
    near = " and ".join(map(str, below + above))
    verb = "ids are" if below and above else "id is"
    return f"; the nearest {verb} {near}" if near else ""
