"""Which images ``plot image`` draws, and what of them: from options to a view."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atss_inspect.cli.request import Request
from atss_inspect.cli.selection import Filters, apply_filters, nearest_numbers
from atss_inspect.cli.workers import at_work
from atss_inspect.errors import SettingsError
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.figures.image import View
    from atss_inspect.settings import Settings

WHOLE = "none"  # of --zoom
_MOST_PANELS = 12


@dataclass(frozen=True)
class Look:
    """What the user asked to see, as typed."""

    levels: str | None = None
    by_level: bool = False
    candidates: str | None = None
    zoom: str | None = None
    labels: str = "auto"
    has_contested: bool = False
    has_anchors: bool = False
    has_masks: bool = False


@dataclass(frozen=True)
class Wanted:
    """Which images the user asked for.

    Attributes
    ----------
    names : ids, file names or patterns; the worst is looked for among these
    worst : a criterion, or None
    gallery : so many images; None for the one that must be meant
    """

    names: tuple[str, ...] = ()
    worst: str | None = None
    gallery: int | None = None


@dataclass(frozen=True)
class Convention:
    """What one panel is assigned by.

    Attributes
    ----------
    settings : the convention
    title : of the panel
    again : options that give it again, beside those of all panels
    """

    settings: "Settings"
    title: str
    again: tuple[str, ...] = ()


def choose_conventions(request: Request, k: str | None) -> tuple[Convention, ...]:
    """List the panels' conventions: the presets, or ATSS with each k.

    Raises
    ------
    SettingsError
        For k that are no positive numbers, or a preset that has no k.
    """
    presets = [one.settings for one in request.resolved]
    if k is None:
        return tuple(Convention(each, each.name) for each in presets)
    from atss_inspect.settings import override

    found = []
    for each in presets:
        if each.rule.k_of(each.assigner) is None:
            message = f"--k: {each.name} has no k; expected presets of ATSS"
            raise SettingsError(message, hint="name one with --preset atss-mmdet")
        for value in _numbers(k):
            settings = override(each, {"k": value})
            again = ("--set", f"k={value}")
            found.append(Convention(settings, f"{each.name}, k {value}", again))
    if len(found) > _MOST_PANELS:
        message = f"--k: expected at most {_MOST_PANELS} panels, got {len(found)}"
        raise SettingsError(message)
    return tuple(found)


def _numbers(text: str) -> list[int]:
    """Read whole numbers between commas, each once."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and part.isascii() and int(part) for part in parts):
        message = f'--k: expected positive whole numbers such as 3,9,15, got "{text}"'
        raise SettingsError(message)
    return list(dict.fromkeys(map(int, parts)))


# --- images ------------------------------------------------------------------------


def choose_images(
    dataset: "Dataset", wanted: Wanted, settings: "Settings", *, quiet: bool
) -> "list[Dataset]":
    """Find the images to draw, each as a data set of its own.

    Parameters
    ----------
    dataset : all annotations
    wanted : what the user asked for
    settings : the convention that decides which images are worst
    quiet : no progress bar

    Raises
    ------
    SettingsError
        Where no image, or more than one without a gallery, is meant.
    """
    if wanted == Wanted():
        hint = "`atss-inspect plot image --worst unassigned` finds one"
        message = "plot image: expected the id or file name of an image"
        raise SettingsError(message, hint=hint)
    chosen, _ = apply_filters(dataset, Filters(images=wanted.names))
    if not chosen.num_images:
        message = "plot image: the annotations hold no usable image"
        raise SettingsError(message)
    if wanted.worst is not None:
        return _worst(chosen, wanted, settings, quiet=quiet)
    if wanted.gallery is None and chosen.num_images > 1:
        ids = ", ".join(printable(str(each)) for each in chosen.image_ids[:3].tolist())
        message = (
            f"plot image: expected one image, got {chosen.num_images} ({ids}, ...)"
        )
        raise SettingsError(message, hint="--gallery N draws several")
    stop = min(chosen.num_images, wanted.gallery or 1)
    return [chosen.slice_images(row, row + 1) for row in range(stop)]


def _worst(
    dataset: "Dataset", wanted: Wanted, settings: "Settings", *, quiet: bool
) -> "list[Dataset]":
    """Look through all images for the worst."""
    from atss_inspect.statistics.worst_images import worst_images

    worst = wanted.worst or ""
    with at_work(dataset, quiet=quiet) as (_, on_chunk):
        limit = wanted.gallery or 1
        rows = worst_images(dataset, settings, worst, limit=limit, on_chunk=on_chunk)
    if not len(rows):
        message = f"--worst {worst}: no image has such objects under {settings.name}"
        raise SettingsError(message, hint="name an image instead")
    return [dataset.slice_images(row, row + 1) for row in rows.tolist()]


def refuse_close_looks(look: Look, conventions: Sequence[Convention]) -> None:
    """Refuse for a gallery what only one image can be asked for.

    Raises
    ------
    SettingsError
        For options of what is drawn, and for several conventions.
    """
    if look != Look(labels=look.labels):
        message = "--gallery: small pictures take no option of what is drawn"
        raise SettingsError(message, hint="draw one image to see it closely")
    if len(conventions) > 1:
        message = f"--gallery: expected one convention, got {len(conventions)}"
        raise SettingsError(message, hint="name one with --preset")


# --- view --------------------------------------------------------------------------


def choose_view(image: "Dataset", look: Look, settings: "Sequence[Settings]") -> "View":
    """Turn names of objects and levels into rows of an image.

    Raises
    ------
    SettingsError
        For an annotation that the image does not have, or a level nobody has.
    """
    from atss_inspect.figures.image import View

    if look.by_level and len(settings) > 1:
        message = f"--by level: expected one convention, got {len(settings)}"
        raise SettingsError(message, hint="name one with --preset, and no --k")
    candidates = _row_of(image, look.candidates, "--candidates")
    zoom = candidates
    if look.zoom is not None:
        zoom = None if look.zoom == WHOLE else _row_of(image, look.zoom, "--zoom")
    return View(
        levels=_levels(look.levels, settings),
        by_level=look.by_level,
        zoom=zoom,
        candidates=candidates,
        labels=look.labels,
        has_contested=look.has_contested,
        has_anchors=look.has_anchors,
        has_masks=look.has_masks,
    )


def _row_of(image: "Dataset", ann_id: str | None, option: str) -> int | None:
    """Find an object of the image by its annotation id."""
    if ann_id is None:
        return None
    from atss_inspect.explain import rows_of_annotation

    rows = rows_of_annotation(image, ann_id).tolist()
    if rows:
        return int(rows[0])
    ids = [str(each) for each in image.annotation_ids.tolist() if each is not None]
    near = nearest_numbers(ann_id, ids) if ann_id.isdecimal() else ""
    name = printable(str(image.image_ids.tolist()[0]))
    message = f"{option} {ann_id}: image {name} has no annotation of this id{near}"
    hint = f"its annotations begin with {printable(', '.join(ids[:5]))}"
    raise SettingsError(message, hint=hint if ids else "it has no annotations")


def _levels(text: str | None, settings: "Sequence[Settings]") -> tuple[str, ...]:
    """Read names of levels; one that no convention has is refused."""
    if text is None:
        return ()
    from atss_inspect.assigners.pyramid import build_pyramid

    known = list(
        dict.fromkeys(
            name for one in settings for name in build_pyramid(one.anchors).level_names
        )
    )
    found = {}
    for part in text.split(","):
        name = next(
            (each for each in known if each.lower() == part.strip().lower()), ""
        )
        if not name:
            message = f'--levels: no level "{part.strip()}"'
            raise SettingsError(message, hint=f"the levels are {', '.join(known)}")
        found[name] = True
    return tuple(sorted(found, key=known.index))
