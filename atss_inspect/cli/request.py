"""What the user wants: which data and conventions, and which of the images and objects.

Of conventions, the command line wins over the environment, that over the project file,
that over the preset.
"""

import enum
import fnmatch
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from atss_inspect.cli import options
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESET, did_you_mean, is_preset
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.settings import ResolvedSettings, Settings
    from atss_inspect.statistics.summary import Selection

# Comparing a misspelt name with every other takes time; this many are enough.
_MAX_COMPARED = 20_000


@dataclass(frozen=True)
class Request:
    """The inputs and conventions of one command."""

    # annotation files, none where neither option, environment nor project names one
    ann: tuple[str, ...]
    # ``split``, ``key`` and ``box_format``, as far as they are named
    reading: dict[str, Any]
    images: str | None  # folder of images, or None
    # one or more conventions, in the order named, each with its origins
    resolved: "tuple[ResolvedSettings, ...]"
    # what the project's file and the environment decide, see `decisions`
    deciding: tuple[str, ...]
    # the option that chooses each of them alone, for the next command
    options: tuple[tuple[str, ...], ...]
    is_named: bool  # whether anybody, or a file of theirs, named the conventions

    @property
    def settings(self) -> "tuple[Settings, ...]":
        """The conventions without their origins, in the order named."""
        return tuple(one.settings for one in self.resolved)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the conventions."""
        return tuple(one.settings.name for one in self.resolved)

    def require_one(self, command: str, *, hint: str) -> "ResolvedSettings":
        """Take the only convention; a command that works with one refuses several."""
        if len(self.names) > 1:
            message = f"{command}: expected one preset, got {', '.join(self.names)}"
            raise SettingsError(message, hint=hint)
        return self.resolved[0]


class RequestOptions(options.OptionGroup):
    """The options that say what is read, and by which conventions."""

    ann: list[str] | None = options.ANN
    box_format: str | None = options.BOX_FORMAT
    split: list[str] | None = options.SPLIT
    preset: list[str] | None = options.convention_option(
        "--preset -p NAME",
        "A framework's convention; several side by side. `config list` shows "
        "all. [ATSS_INSPECT_PRESET]",
        autocompletion=options.complete_preset,
    )
    config: list[str] | None = options.convention_option(
        "--config -c FILE",
        "A TOML file with a convention of your own, or the .py, .yaml, .json or .ini "
        "that you train with; several side by side.",
    )
    overrides: list[str] | None = options.convention_option(
        "--set -s NAME=VALUE",
        "Change a setting of every preset that has it: k=15, "
        "anchors.scale=4. [ATSS_INSPECT_SET_NAME]",
    )
    pad_to: tuple[int, int] | None = options.convention_option(
        "--pad-to H W",
        "Pad every image to this height and width at least, as a batch with "
        "larger images would; short for --set pad_to=H,W.",
    )
    images: str | None = None
    key: str | None = options.KEY

    @property
    def changes(self) -> list[str]:
        """The texts of ``--set``, and what ``--pad-to`` is short for."""
        if self.pad_to is None:
            return list(self.overrides or ())
        height, width = self.pad_to
        if min(self.pad_to) < 1:
            message = f"--pad-to {height} {width}: expected two sizes of at least 1"
            raise SettingsError(message, hint="height and width in input pixels")
        return [*(self.overrides or ()), f"resize.pad_to={height},{width}"]

    def resolve(self, *, default: Sequence[str] = (DEFAULT_PRESET,)) -> Request:
        """Put the options together with the environment and the project's file.

        Where nobody names a preset, the default is taken. Raises `SettingsError` for
        unknown presets, settings or values, wherever they stand, and a folder of
        pictures that is none.
        """
        changes = self.changes
        # The functions of os.path say no where a name is too long.
        if self.images is not None and not os.path.isdir(self.images):  # noqa: PTH112
            message = f"--images {self.images}: no such folder"
            raise SettingsError(message, hint="name the folder that holds the pictures")
        # Loads NumPy, which help does without.
        from atss_inspect.settings import resolve_all
        from atss_inspect.settings.surroundings import (
            READING,
            decisions,
            read_surroundings,
        )

        around = read_surroundings(os.environ, _working_folder())
        typed: list[str | Path] = [*(self.preset or ()), *map(Path, self.config or ())]
        presets = () if typed else around.presets
        named = typed or presets or default
        resolved = resolve_all(
            named,
            overrides=changes,
            ambient=around.layers,
            named_by=around.presets_key if presets else "",
        )
        resolved = told_apart(resolved, named)
        reading = {name: getattr(self, name) for name in READING}
        if not self.ann:
            reading = {**around.reading, **_named(reading)}
        return Request(
            reading=_named(reading),
            ann=tuple(self.ann or map(_from_here, around.ann)),
            images=self.images or (around.images and _from_here(around.images)),
            resolved=resolved,
            deciding=decisions(replace(around, presets=presets), resolved),
            options=tuple(_option_of(name, is_typed=bool(typed)) for name in named),
            is_named=bool(typed or presets),
        )

    def data_again(self, conventions: Sequence[str] = ()) -> tuple[str, ...]:
        """Write the options that name data and changes, for the next command.

        Between them stand those that name conventions.
        """
        return (*self.files_again(), *conventions, *typed_again(set=self.changes))

    def files_again(self) -> tuple[str, ...]:
        """Write the options that name files, for the next command."""
        asked = {"split": self.split, "key": self.key, "box-format": self.box_format}
        return typed_again(ann=self.ann, **asked)

    def conventions_again(self) -> tuple[str, ...]:
        """Write the options that name conventions as they were typed."""
        return typed_again(preset=self.preset, config=self.config)

    def typed_again(self) -> tuple[str, ...]:
        """Write all of them as they were typed, for the next command."""
        return self.data_again(self.conventions_again())

    def each_alone_again(self, request: Request) -> tuple[tuple[str, ...], ...]:
        """Write the options that name the data, and each convention alone.

        Empty where a change is not one of it.
        """
        changed = [
            {path for path, origin in one.origins.items() if origin == "--set"}
            for one in request.resolved
        ]
        every = set[str]().union(*changed)
        alone = zip(request.options, changed, strict=True)
        return tuple(
            self.data_again(words) if own == every else () for words, own in alone
        )


class OneRequestOptions(RequestOptions):
    """The same for commands that work with one convention, and refuse several."""

    preset: list[str] | None = options.convention_option(
        "--preset -p NAME",
        "One framework's convention; `config list` shows all. [ATSS_INSPECT_PRESET]",
        autocompletion=options.complete_preset,
    )
    config: list[str] | None = options.convention_option(
        "--config -c FILE",
        "A TOML file with a convention of your own, or the .py, .yaml, .json or .ini "
        "that you train with, instead of --preset.",
    )


class PicturedRequestOptions(RequestOptions):
    """The same for commands that look at the pictures themselves."""

    images: str | None = options.IMAGES


class ComparedRequestOptions(PicturedRequestOptions):
    """The same for commands that only compare sizes with those of the pictures."""


class NamedRequestOptions(RequestOptions):
    """The same for conventions that are named without an option."""

    preset: list[str] | None = typer.Argument(
        None,
        metavar="PRESET",
        help="Conventions by name, TOML files with your own, or configs (.py).",
        autocompletion=options.complete_preset,
        rich_help_panel=options.CONVENTION,
    )
    config: list[str] | None = options.convention_option(
        "--config -c FILE", "Another file, as among the arguments."
    )


def _option_of(name: str | Path, *, is_typed: bool) -> tuple[str, str]:
    """Write the option that chooses a preset or a file, as it was typed."""
    if isinstance(name, str) and (is_typed or is_preset(name)):
        return "--preset", name
    return "--config", str(name) if is_typed else _from_here(str(name))


def told_apart(
    resolved: "tuple[ResolvedSettings, ...]", names: Sequence[str | Path]
) -> "tuple[ResolvedSettings, ...]":
    """Put folders before the names of files that others are named like, too.

    As few as tell them apart; files that are the same, and presets, keep their names.
    """
    found = [one.settings.name for one in resolved]
    same = tuple(found)
    paths = [None if is_preset(name) else Path(name) for name in names]
    parts = [
        path.absolute().with_suffix("").parts if path else (name,)
        for path, name in zip(paths, found, strict=True)
    ]
    for place, own in enumerate(parts):
        others = [one for one in parts[:place] + parts[place + 1 :] if one != own]
        if paths[place] and same.count(found[place]) > 1:
            number = 1
            while any(one[-number:] == own[-number:] for one in others):
                number += 1
            found[place] = "/".join(own[-number:])
    pairs = zip(resolved, found, strict=True)
    return tuple(
        replace(one, settings=replace(one.settings, name=name)) for one, name in pairs
    )


def _named(options: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the options that nobody has named."""
    return {name: value for name, value in options.items() if value is not None}


def _working_folder() -> Path | None:
    """Find the working folder; None where it has been deleted."""
    try:
        return Path.cwd()
    except OSError:
        return None


def _from_here(path: str) -> str:
    """Shorten a path below the working directory: the same wherever a project lies."""
    try:
        return str(Path(path).relative_to(_working_folder() or ""))
    except ValueError:
        return path


def typed_again(**options: object) -> tuple[str, ...]:
    """Write options as they were typed, for the next command."""
    words: list[str] = []
    for name, value in options.items():
        values = value if isinstance(value, list | tuple) else [value]
        for each in values:
            words += [] if each is None else [f"--{name}", str(each)]
    return tuple(words)


# Size bins by area in original pixels; COCO's small is tiny and small.
Size = enum.StrEnum("Size", "TINY SMALL MEDIUM LARGE")

# What makes an image the worst.
Criterion = enum.StrEnum("Criterion", "POORLY UNASSIGNED SHARE LOST FEWEST")


class FilterOptions(options.OptionGroup):
    """The options that say which images and objects are looked at; without any, all.

    Attributes
    ----------
    classes, sizes : of the objects reported; the others are assigned all the same
    image : ids, file names or patterns of file names
    limit : of these, the first so many
    """

    classes: list[str] | None = options.selection_option(
        "--class NAME", "Only objects of these classes."
    )
    image: list[str] | None = options.selection_option(
        "--image ID", "Only these images, by id or file name."
    )
    sizes: list[Size] | None = options.selection_option(
        "--size tiny|small|medium|large",
        "Only objects of these sizes (original pixels).",
    )
    limit: int | None = options.selection_option(
        "--limit N", "Only the first N images.", min=1
    )

    def words(self) -> dict[str, tuple[str, ...]]:
        """Write each of them as it was typed, for the next command, by name."""
        typed: dict[str, object] = {"image": self.image, "limit": self.limit}
        typed |= {"size": self.sizes, "class": self.classes}
        return {name: typed_again(**{name: value}) for name, value in typed.items()}

    def typed_again(self) -> tuple[str, ...]:
        """Write all of them as they were typed, for the next command."""
        return tuple(word for words in self.words().values() for word in words)

    def apply(self, dataset: "Dataset") -> "tuple[Dataset, Selection]":
        """Take the images asked for, in the order of the data, and name the objects.

        Raises `SettingsError` for an image or class that the data set does not have; it
        names the nearest.
        """
        from atss_inspect.settings.trained_classes import unknown_class
        from atss_inspect.statistics.summary import Selection

        classes = tuple(self.classes or ())
        unknown = [name for name in classes if name not in dataset.category_names]
        if unknown:
            raise unknown_class(unknown[0], dataset.category_names, "--class")
        if self.image or self.limit is not None:
            import numpy as np

            rows = np.arange(dataset.num_images)
            if self.image:
                found = [rows_of_image(dataset, wanted) for wanted in self.image]
                rows = np.unique(np.concatenate(found))
            dataset = dataset.select_images(rows[: self.limit])
        sizes = tuple(size.value for size in self.sizes or ())
        return dataset, Selection(classes=classes, sizes=sizes)


def need_option(panel: str) -> Any:
    """Make the option that says what `missing_to_need` counts from."""
    text = "Positives that an object needs; what is missing to them is counted."
    return options.option(panel, "--need N", text, 4, min=1, max=1000)


class CountOptions(FilterOptions):
    """The same where positives are counted against what an object needs."""

    need: int = need_option(options.SELECTION)


def rows_of_image(dataset: "Dataset", wanted: str) -> list[int]:
    """Find the images that one ``--image`` means: by id, file name, then pattern."""
    ids = [str(image_id) for image_id in dataset.image_ids.tolist()]
    names = dataset.file_names.tolist()
    # Windows writes the paths of files with backslashes.
    paths = [name.replace("\\", "/") for name in names]
    last_parts = [path.rpartition("/")[2] for path in paths]
    for texts in (ids, names, paths, last_parts):
        rows = [row for row, text in enumerate(texts) if text == wanted]
        if rows:
            return rows
    rows = [
        row
        for row, texts in enumerate(zip(names, paths, last_parts, strict=True))
        if any(fnmatch.fnmatchcase(text, wanted) for text in texts)
    ]
    if not rows:
        raise _unknown_image(wanted, ids, names)
    return rows


def _unknown_image(wanted: str, ids: Sequence[str], names: list[str]) -> SettingsError:
    message = f"image {wanted}: no image has this id or file name"
    if any(sign in wanted for sign in "*?["):
        message = f"image {wanted}: no file name fits this pattern"
    if not ids:
        return SettingsError(message, hint="the annotations hold no usable image")
    known = map(printable, [*names, *ids][:_MAX_COMPARED])
    nearest = nearest_numbers(wanted, ids) or did_you_mean(wanted, known)
    first = printable(", ".join(filter(None, (ids[0], names[0]))))
    return SettingsError(message + nearest, hint=f"the first image is {first}")


def nearest_numbers(wanted: str, ids: Sequence[str]) -> str:
    """Name the next ids below and above a number; nothing for other words."""
    if not wanted.isdecimal():
        return ""
    numbers = sorted(int(text) for text in ids if text.isdecimal())
    below = [number for number in numbers if number < int(wanted)][-1:]
    above = [number for number in numbers if number > int(wanted)][:1]
    near = " and ".join(map(str, below + above))
    verb = "ids are" if below and above else "id is"
    return f"; the nearest {verb} {near}" if near else ""
