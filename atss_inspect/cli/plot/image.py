"""``atss-inspect plot image``: one image, its objects and their positives."""

import re
import sys
from functools import partial
from typing import TYPE_CHECKING

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import (
    AnnOption,
    ConfigOption,
    ForceOption,
    ImagesOption,
    PadToOption,
    PresetOption,
    SetOption,
)
from atss_inspect.cli.plot.image_choice import (
    Asked,
    Wanted,
    choose_conventions,
    choose_images,
    refuse_close_looks,
)
from atss_inspect.cli.plot.image_drawing import Drawing, draw_gallery, draw_image
from atss_inspect.cli.plot.image_options import (
    AnchorsOption,
    CandidatesOption,
    ContestedOption,
    GalleryOption,
    ImageDpiOption,
    KOption,
    LabelChoice,
    LabelsOption,
    LevelsOption,
    MaskOption,
    PanelsOption,
    WantedArgument,
    WorstOption,
    ZoomOption,
)
from atss_inspect.cli.plot.options import (
    PictureOption,
    ShowOption,
    ThemeName,
    ThemeOption,
)
from atss_inspect.cli.plot.picture import choose_target
from atss_inspect.cli.request import (
    Request,
    require_ann,
    resolve_request,
    typed_again,
    with_padding,
)
from atss_inspect.cli.warnings import show_warnings

if TYPE_CHECKING:
    from atss_inspect.dataset import Dataset
    from atss_inspect.settings import Settings

EPILOG = examples(
    "atss-inspect plot image 42",
    "atss-inspect plot image 42 -p atss-mmdet -p fcos-mmdet --contested",
    "atss-inspect plot image --worst unassigned --theme dark -o worst.png",
    "atss-inspect plot image 42 --candidates 215",
    "atss-inspect plot image --gallery 12 --worst share",
)


def image(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    wanted: WantedArgument = None,
    ann: AnnOption = None,
    images: ImagesOption = None,
    preset: PresetOption = None,
    config: ConfigOption = None,
    overrides: SetOption = None,
    pad_to: PadToOption = None,
    worst: WorstOption = None,
    gallery: GalleryOption = None,
    levels: LevelsOption = None,
    by: PanelsOption = None,
    k: KOption = None,
    anchors: AnchorsOption = False,
    contested: ContestedOption = False,
    candidates: CandidatesOption = None,
    zoom: ZoomOption = None,
    labels: LabelsOption = LabelChoice.AUTO,
    mask: MaskOption = False,
    output: PictureOption = None,
    theme: ThemeOption = ThemeName.LIGHT,
    dpi: ImageDpiOption = 200,
    show: ShowOption = False,
    force: ForceOption = False,
) -> None:
    """One image: objects, positives, and who gets none.

    Objects have a colour each, levels a marker each; objects without a positive are
    dashed. Several presets, or several k, stand side by side. Without a preset: ATSS of
    mmdetection. Without pixels a blank canvas is drawn.
    """
    quiet: bool = context.obj.quiet
    overrides = with_padding(overrides, pad_to)
    request = resolve_request(
        ann=ann, images=images, preset=preset, config=config, overrides=overrides
    )
    asked = Asked(
        levels=levels,
        by_level=by is not None,
        candidates=candidates,
        zoom=zoom,
        labels=labels.value,
        has_contested=contested,
        has_anchors=anchors,
        has_masks=mask,
    )
    conventions = choose_conventions(request, k)
    if gallery is not None:
        refuse_close_looks(asked, conventions)
    aim = partial(
        choose_target, output=output, theme=theme, dpi=dpi, force=force, show=show
    )
    if output is not None:
        aim("image")  # refused before any work is done
    found = _found(
        request,
        Wanted(tuple(wanted or ()), worst and worst.value, gallery),
        conventions[0].settings,
        masks=mask,
        quiet=quiet,
    )
    names = typed_again(preset=preset, config=config)
    again = (
        *typed_again(ann=ann),
        *(names or ("--preset", conventions[0].settings.name)),
        *typed_again(set=overrides),
    )
    target = aim(f"image-{_safe(found[0])}" if gallery is None else "gallery")
    drawing = Drawing(request.images, target, conventions, again, images, quiet)
    if gallery is None:
        draw_image(found[0], asked, drawing)
    else:
        draw_gallery(found, drawing, worst=worst and worst.value)


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
