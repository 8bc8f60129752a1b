"""What stands around every table: the data, each preset's meaning, what words mean.

Annotations go by the name of their file, as people read it; stdin has a name too.
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.readers.source import show_name
from atss_inspect.views import numbers
from atss_inspect.views.answer import Conventions, Data
from atss_inspect.views.conventions import convention_lines
from atss_inspect.views.names import cell_width, clip, fold, printable

if TYPE_CHECKING:
    from atss_inspect.views.stats import StatsReport

MAX_FILES_NAMED = 3
SIZES_NOTE = (
    "Sizes go by area in original pixels (the file's area, else width x height): tiny "
    "below 16x16, small below 32x32, medium below 96x96, large from there."
)
RATIOS_NOTE = (
    "Ratios such as 4:1 are width : height in original pixels; one number is "
    "height / width."
)
SMALL_LABEL = "small (COCO)"
SHARED_NOTE = "Compared are the objects that every preset keeps."


def heading(
    report: "StatsReport", *, before: "StatsReport | None" = None
) -> tuple[Data, Conventions]:
    """Name the data, beside earlier data if there are any, and each convention."""
    earlier = () if before is None else tuple(_data_lines(before))
    frame, lines = convention_lines(report.settings)
    conventions = Conventions(frame, tuple(zip(report.names, lines, strict=True)))
    lines_of_data = (*_data_lines(report), *decision_lines(report.deciding_files))
    return Data(lines_of_data, earlier), conventions


def decision_lines(deciding: Sequence[str]) -> Iterator[str]:
    """Name what the project's file and the environment decide."""
    for text in deciding:
        yield from fold(printable(f"settings of {text}"), rest="  ")


def _data_lines(report: "StatsReport") -> Iterator[str]:
    """Name the annotations, how many there are, and what was asked for."""
    dataset = report.dataset
    facts = ", ".join(counted_things(dataset))
    shown = [full_name(name) for name in dataset.files[:MAX_FILES_NAMED]]
    unnamed = len(dataset.files) - len(shown)
    files = numbers.joined([*shown, *([f"{unnamed} more files"] if unnamed else [])])
    line = f"{files}: {facts}"
    yield from [line] if cell_width(line) <= 80 else [f"{files}:", f"  {facts}"]
    only = "; ".join(selection_words(report))
    yield from fold(f"only {only}", rest="  ") if only else []


def counted_things(dataset: Dataset) -> tuple[str, str, str]:
    """Write how many images, annotations and classes there are."""
    return (
        numbers.plural(dataset.num_images, "image"),
        numbers.plural(dataset.num_annotations, "annotation"),
        numbers.plural(len(dataset.category_names), "class"),
    )


def selection_words(report: "StatsReport", *, images: bool = True) -> Iterator[str]:
    """Name what the user asked for; nothing else was looked at."""
    if images and report.images:
        yield f"images {', '.join(map(printable, report.images))}"
    if report.limit is not None:
        yield f"the first {numbers.plural(report.limit, 'image')}"
    if report.selection.classes:
        yield f"objects of class {', '.join(map(printable, report.selection.classes))}"
    if report.selection.sizes:
        yield f"{numbers.joined(list(report.selection.sizes))} objects"


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
    return f"{first} and {numbers.plural(more, 'more file')}" if more else first
