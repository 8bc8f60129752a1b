"""What the user wants: command line over environment over project file over preset."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atss_inspect.cli.option_groups import OptionGroup
from atss_inspect.cli.options import (
    AnnOption,
    ConfigOption,
    ImagesOption,
    OneConfigOption,
    OnePresetOption,
    PadToOption,
    PresetOption,
    SetOption,
)
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESET

if TYPE_CHECKING:
    from atss_inspect.settings import ResolvedSettings

_LARGEST_WITH_MASKS = 64_000_000  # bytes


@dataclass(frozen=True)
class Request:
    """The inputs and conventions of one command.

    Attributes
    ----------
    ann : annotation files, at least one where the command asks for them
    images : folder of images, or None
    resolved : one or more conventions, in the order named, each with its origins
    """

    ann: tuple[str, ...]
    images: str | None
    resolved: "tuple[ResolvedSettings, ...]"


class RequestOptions(OptionGroup):
    """The options that say what is read, and by which conventions."""

    ann: AnnOption = None
    preset: PresetOption = None
    config: ConfigOption = None
    overrides: SetOption = None
    pad_to: PadToOption = None

    @property
    def changes(self) -> list[str]:
        """The texts of ``--set``, and what ``--pad-to`` is short for."""
        return with_padding(self.overrides, self.pad_to)

    def resolve(
        self, *, images: str | None = None, default: Sequence[str] = (DEFAULT_PRESET,)
    ) -> Request:
        """Put them together with what holds here; see `resolve_request`."""
        return resolve_request(
            ann=self.ann,
            images=images,
            preset=self.preset,
            config=self.config,
            overrides=self.changes,
            default=default,
        )

    def conventions_again(self) -> tuple[str, ...]:
        """Write the options that name conventions as they were typed."""
        return typed_again(preset=self.preset, config=self.config)

    def typed_again(self) -> tuple[str, ...]:
        """Write all of them as they were typed, for the next command."""
        return (
            *typed_again(ann=self.ann),
            *self.conventions_again(),
            *typed_again(set=self.changes),
        )


class OneRequestOptions(RequestOptions):
    """The same for commands that work with one convention."""

    preset: OnePresetOption = None
    config: OneConfigOption = None


class PicturedRequestOptions(RequestOptions):
    """The same for commands that show the images themselves."""

    images: ImagesOption = None


def resolve_request(
    *,
    ann: Sequence[str] | None = None,
    images: str | None = None,
    preset: Sequence[str] | None = None,
    config: Sequence[str] | None = None,
    overrides: Sequence[str] | None = None,
    default: Sequence[str] = (DEFAULT_PRESET,),
) -> Request:
    """Put the options together with the environment and the project's file.

    Parameters
    ----------
    ann, images, preset, config, overrides : the options as Typer gives them
    default : presets to take where nobody names one

    Raises
    ------
    SettingsError
        For unknown presets, settings or values, wherever they stand, and a folder of
        pictures that is none.
    """
    # The functions of os.path say no where a name is too long.
    if images is not None and not os.path.isdir(images):  # noqa: PTH112
        message = f"--images {images}: no such folder"
        raise SettingsError(message, hint="name the folder that holds the pictures")
    # Loads NumPy, which help does without.
    from atss_inspect.settings import resolve_all
    from atss_inspect.settings.surroundings import look_around

    around = look_around(os.environ, Path.cwd())
    typed: list[str | Path] = [*(preset or ()), *map(Path, config or ())]
    names = typed or list(around.presets or default)
    return Request(
        ann=tuple(ann or map(_from_here, around.ann)),
        images=images or (around.images and _from_here(around.images)),
        resolved=resolve_all(names, overrides=overrides or (), ambient=around.layers),
    )


def _from_here(path: str) -> str:
    """Shorten a path below the working directory, which no user has typed.

    What is printed is then the same wherever a project lies.
    """
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path


def with_padding(
    overrides: Sequence[str] | None, pad_to: tuple[int, int] | None
) -> list[str]:
    """Add what ``--pad-to`` is short for to the texts of ``--set``."""
    if pad_to is not None and min(pad_to) < 1:
        message = f"--pad-to {pad_to[0]} {pad_to[1]}: expected two sizes of at least 1"
        raise SettingsError(message, hint="height and width in input pixels")
    padding = [] if pad_to is None else [f"resize.pad_to={pad_to[0]},{pad_to[1]}"]
    return [*(overrides or ()), *padding]


def require_ann(request: Request) -> tuple[str, ...]:
    """Give the annotation files; without any there is nothing to do.

    Raises
    ------
    SettingsError
        Where neither option, environment nor project file names one.
    """
    if not request.ann:
        message = "no annotations named; expected --ann FILE"
        hint = "`atss-inspect demo` shows the answers on data of its own"
        raise SettingsError(message, hint=hint)
    return request.ann


def are_small(names: Sequence[str]) -> bool:
    """Say whether the masks of all objects can be kept for the sake of a few images."""
    try:
        return sum(Path(name).stat().st_size for name in names) < _LARGEST_WITH_MASKS
    except OSError:  # of stdin nobody knows
        return False


def typed_again(**options: object) -> tuple[str, ...]:
    """Write options as they were typed, for the next command."""
    words: list[str] = []
    for name, value in options.items():
        values = value if isinstance(value, list | tuple) else [value]
        for each in values:
            words += [] if each is None else [f"--{name}", str(each)]
    return tuple(words)
