"""``atss-inspect plot image``: one image, its objects and their positives."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import with_option_groups
from atss_inspect.cli.output import STDOUT
from atss_inspect.cli.plot.image_choice import (
    Convention,
    SearchOptions,
    ShownOptions,
    choose_conventions,
    choose_images,
    choose_view,
    refuse_close_looks,
)
from atss_inspect.cli.plot.picture import (
    DpiOption,
    PictureOptions,
    Target,
    choose_target,
    emit_figure,
)
from atss_inspect.cli.request import PicturedRequestOptions, typed_again
from atss_inspect.cli.workflow import Workflow, begin

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.readers.pixels import Picture
    from atss_inspect.scene import Scene

EPILOG = examples(
    "atss-inspect plot image 42",
    "atss-inspect plot image 42 -p atss-mmdet -p fcos-mmdet --contested",
    "atss-inspect plot image --worst unassigned --theme dark -o worst.png",
    "atss-inspect plot image 42 --candidates 215",
    "atss-inspect plot image --gallery 12 --worst share",
)
WantedArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="IMAGE",
        help="The image, by id or file name; for --gallery also several, or patterns.",
        show_default=False,
    ),
]


class ImagePictureOptions(PictureOptions):
    """The same for one image, whose PNG is coarser unless told."""

    dpi: DpiOption = 200


@dataclass(frozen=True)
class Drawing:
    """Where pictures come from and go to.

    Attributes
    ----------
    folder : of the images, or None
    target : the file to be written
    conventions : one per panel
    flow : the command, with its options as typed
    """

    folder: str | None
    target: Target
    conventions: tuple[Convention, ...]
    flow: Workflow

    @property
    def again(self) -> tuple[str, ...]:
        """The options that give the annotations and conventions again."""
        asked = self.flow.asked
        first = ("--preset", self.conventions[0].settings.name)
        return (
            *typed_again(ann=asked.ann),
            *(asked.conventions_again() or first),
            *typed_again(set=asked.changes),
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
    flow = begin(context, asked)
    conventions = choose_conventions(flow.request, shown.k)
    if search.gallery is not None:
        refuse_close_looks(shown, conventions)
    if picture.output is not None:
        choose_target("image", picture)  # refused before any work is done
    dataset = _read(flow, masks=shown.mask)
    settings = conventions[0].settings
    found = choose_images(flow, dataset, wanted or (), search, settings)
    stem = f"image-{_safe(found[0])}" if search.gallery is None else "gallery"
    target = choose_target(stem, picture)
    drawing = Drawing(flow.request.images, target, conventions, flow)
    if search.gallery is None:
        _draw_image(found[0], shown, drawing)
    else:
        _draw_gallery(found, drawing, worst=search.worst and search.worst.value)


def _read(flow: Workflow, *, masks: bool) -> "Dataset":
    """Read the annotations; the user is told where there are no masks to be shown."""
    dataset = flow.read(masks=masks).dataset
    if masks and not flow.quiet and not any(dataset.segmentations or ()):
        note = "note: --mask: these annotations hold no masks (`convert` keeps none)"
        sys.stderr.write(f"{note}\n")
    return dataset


def _safe(image: "Dataset") -> str:
    """Turn an image's id into a part of a file name."""
    text = re.sub(r"[^\w.-]+", "-", str(image.image_ids.tolist()[0]), flags=re.ASCII)
    return text.strip(".-")[:60] or "unnamed"


def _draw_image(image: "Dataset", shown: ShownOptions, drawing: Drawing) -> None:
    """Assign, draw and describe one image."""
    from atss_inspect.figures.image import image_figure, panel_pixels
    from atss_inspect.scene import build_scene

    settings = [one.settings for one in drawing.conventions]
    titles = [one.title for one in drawing.conventions]
    view = choose_view(image, shown, settings)
    scenes = [build_scene(image, each) for each in settings]
    pixels = panel_pixels(view, len(scenes), dpi=drawing.target.dpi)
    picture = _read_picture(scenes[0], drawing.folder, pixels=pixels)
    _warn([picture.problem], drawing)
    masks: list[Any] = []
    if view.has_masks:
        from atss_inspect.scene_masks import place_masks

        masks = [place_masks(scene) for scene in scenes]
    theme = drawing.target.theme
    figure = image_figure(
        scenes, picture=picture, view=view, titles=titles, masks=masks, theme=theme
    )
    emit_figure(figure, drawing.target, quiet=drawing.flow.quiet)
    if drawing.target.path != STDOUT:
        from atss_inspect.views.image_text import ImageReport, image_text

        own = [one.again for one in drawing.conventions]
        subject = view.zoom if view.candidates is None else view.candidates
        report = ImageReport(scenes, titles, masks, drawing.again, own, subject)
        sys.stdout.write(image_text(report))


def _draw_gallery(
    images: "Sequence[Dataset]", drawing: Drawing, *, worst: str | None
) -> None:
    """Assign, draw and describe several images."""
    from atss_inspect.figures.image import gallery_figure, gallery_pixels
    from atss_inspect.scene import build_scene
    from atss_inspect.statistics.worst import CRITERIA

    [convention] = drawing.conventions
    scenes = [build_scene(image, convention.settings) for image in images]
    pixels = gallery_pixels(len(scenes), dpi=drawing.target.dpi)
    pictures = [_read_picture(scene, drawing.folder, pixels=pixels) for scene in scenes]
    _warn([picture.problem for picture in pictures], drawing)
    order = CRITERIA[worst] if worst else ""
    figure = gallery_figure(scenes, pictures, order=order, theme=drawing.target.theme)
    emit_figure(figure, drawing.target, quiet=drawing.flow.quiet)
    if drawing.target.path != STDOUT:
        from atss_inspect.views.image_text import ImageReport, gallery_text

        again = (*drawing.again, *typed_again(images=drawing.flow.asked.images))
        own = [convention.again] * len(scenes)
        report = ImageReport(scenes, [convention.title], (), again, own)
        sys.stdout.write(gallery_text(report))


def _read_picture(scene: "Scene", folder: str | None, *, pixels: float) -> "Picture":
    """Read the picture of an image, no larger than what can be shown of it."""
    from atss_inspect.readers.pixels import read_picture

    height, width = scene.original_size
    [file_name] = scene.image.file_names.tolist()
    room = pixels * height / width, pixels
    return read_picture(folder, file_name, size=(height, width), room=room)


def _warn(problems: Sequence[str], drawing: Drawing) -> None:
    """Print what is wrong with pictures, each kind once."""
    if drawing.flow.quiet:
        return
    for problem in dict.fromkeys(filter(None, problems)):
        number, total = problems.count(problem), len(problems)
        which = f" ({number} of {total} images)" if total > 1 else ""
        sys.stderr.write(f"warning: {problem}{which}\n")
