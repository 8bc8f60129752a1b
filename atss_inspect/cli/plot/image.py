"""``atss-inspect plot image``: one image, its objects and their positives."""

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.option_groups import with_option_groups
from atss_inspect.cli.plot.image_choice import (
    Convention,
    Look,
    Wanted,
    choose_conventions,
    choose_images,
    refuse_close_looks,
)
from atss_inspect.cli.plot.image_drawing import Drawing, draw_gallery, draw_image
from atss_inspect.cli.plot.image_options import (
    ImagePictureOptions,
    SearchOptions,
    ShownOptions,
    WantedArgument,
)
from atss_inspect.cli.plot.picture import choose_target
from atss_inspect.cli.request import (
    PicturedRequestOptions,
    Request,
    require_ann,
    typed_again,
)
from atss_inspect.cli.warnings import show_warnings

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.settings import Settings

EPILOG = examples(
    "atss-inspect plot image 42",
    "atss-inspect plot image 42 -p atss-mmdet -p fcos-mmdet --contested",
    "atss-inspect plot image --worst unassigned --theme dark -o worst.png",
    "atss-inspect plot image 42 --candidates 215",
    "atss-inspect plot image --gallery 12 --worst share",
)


@with_option_groups
def image(
    context: typer.Context,
    wanted: WantedArgument = None,
    *,
    asked: PicturedRequestOptions,
    search: SearchOptions,
    shown: ShownOptions,
    picture: ImagePictureOptions,
) -> None:
    """One image: objects, positives, and who gets none.

    Objects have a color each, levels a marker each; objects without a positive are
    dashed. Several presets, or several k, stand side by side. Without a preset: ATSS of
    mmdetection. Without pixels a blank canvas is drawn.
    """
    quiet: bool = context.obj.quiet
    request = asked.resolve(images=asked.images)
    look = _look(shown)
    conventions = choose_conventions(request, shown.k)
    if search.gallery is not None:
        refuse_close_looks(look, conventions)
    if picture.output is not None:
        choose_target("image", picture)  # refused before any work is done
    worst = search.worst and search.worst.value
    found = _found(
        request,
        Wanted(tuple(wanted or ()), worst, search.gallery),
        conventions[0].settings,
        masks=shown.mask,
        quiet=quiet,
    )
    stem = f"image-{_safe(found[0])}" if search.gallery is None else "gallery"
    drawing = Drawing(
        folder=request.images,
        target=choose_target(stem, picture),
        conventions=conventions,
        again=_again(asked, conventions),
        folder_typed=asked.images,
        quiet=quiet,
    )
    if search.gallery is None:
        draw_image(found[0], look, drawing)
    else:
        draw_gallery(found, drawing, worst=worst)


def _look(shown: ShownOptions) -> Look:
    """Take what the user asked to see."""
    return Look(
        levels=shown.levels,
        by_level=shown.by is not None,
        candidates=shown.candidates,
        zoom=shown.zoom,
        labels=shown.labels.value,
        has_contested=shown.contested,
        has_anchors=shown.anchors,
        has_masks=shown.mask,
    )


def _again(
    asked: PicturedRequestOptions, conventions: Sequence[Convention]
) -> tuple[str, ...]:
    """Write the options that give the same data and conventions again."""
    first = ("--preset", conventions[0].settings.name)
    return (
        *typed_again(ann=asked.ann),
        *(asked.conventions_again() or first),
        *typed_again(set=asked.changes),
    )


def _found(
    request: Request,
    wanted: Wanted,
    settings: "Settings",
    *,
    masks: bool,
    quiet: bool,
) -> "list[Dataset]":
    """Read the annotations and find the images meant."""
    from atss_inspect.readers import load_coco

    dataset = load_coco(*require_ann(request), masks=masks)
    show_warnings(dataset.findings, quiet=quiet)
    if masks and not quiet and not any(dataset.segmentations or ()):
        note = "note: --mask: these annotations hold no masks (`convert` keeps none)"
        sys.stderr.write(f"{note}\n")
    return choose_images(dataset, wanted, settings, quiet=quiet)


def _safe(image: "Dataset") -> str:
    """Turn an image's id into a part of a file name."""
    text = re.sub(r"[^\w.-]+", "-", str(image.image_ids.tolist()[0]), flags=re.ASCII)
    return text.strip(".-")[:60] or "unnamed"
