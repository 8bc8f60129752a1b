"""From images and conventions to files: what ``plot image`` does when all is chosen."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atss_inspect.cli.output import STDOUT
from atss_inspect.cli.plot.image_choice import Convention, Look, choose_view
from atss_inspect.cli.plot.picture import Target, emit_figure
from atss_inspect.cli.request import typed_again

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.readers.pixels import Picture
    from atss_inspect.scene import Scene


@dataclass(frozen=True)
class Drawing:
    """Where pictures come from and go to.

    Attributes
    ----------
    folder : of the images, or None
    target : the file to be written
    conventions : one per panel
    again : options that give the annotations and conventions again, as typed
    folder_typed : the folder if it was an option, to be typed again
    quiet : no warnings
    """

    folder: str | None
    target: Target
    conventions: tuple[Convention, ...]
    again: tuple[str, ...]
    folder_typed: str | None
    quiet: bool


def draw_image(image: "Dataset", look: Look, drawing: Drawing) -> None:
    """Assign, draw and describe one image."""
    from atss_inspect.figures.image import image_figure, panel_pixels
    from atss_inspect.scene import build_scene

    settings = [one.settings for one in drawing.conventions]
    titles = [one.title for one in drawing.conventions]
    view = choose_view(image, look, settings)
    scenes = [build_scene(image, each) for each in settings]
    pixels = panel_pixels(view, len(scenes), dpi=drawing.target.dpi)
    picture = _read(scenes[0], drawing.folder, pixels=pixels)
    _warn([picture.problem], drawing)
    masks: list[Any] = []
    if view.has_masks:
        from atss_inspect.scene_masks import place_masks

        masks = [place_masks(scene) for scene in scenes]
    theme = drawing.target.theme
    figure = image_figure(
        scenes, picture=picture, view=view, titles=titles, masks=masks, theme=theme
    )
    emit_figure(figure, drawing.target, quiet=drawing.quiet)
    if drawing.target.path != STDOUT:
        from atss_inspect.views.image_text import ImageReport, image_text

        own = [one.again for one in drawing.conventions]
        subject = view.zoom if view.candidates is None else view.candidates
        report = ImageReport(scenes, titles, masks, drawing.again, own, subject)
        sys.stdout.write(image_text(report))


def draw_gallery(
    images: "Sequence[Dataset]", drawing: Drawing, *, worst: str | None
) -> None:
    """Assign, draw and describe several images."""
    from atss_inspect.figures.image import gallery_figure, gallery_pixels
    from atss_inspect.scene import build_scene
    from atss_inspect.statistics.worst_images import CRITERIA

    [convention] = drawing.conventions
    scenes = [build_scene(image, convention.settings) for image in images]
    pixels = gallery_pixels(len(scenes), dpi=drawing.target.dpi)
    pictures = [_read(scene, drawing.folder, pixels=pixels) for scene in scenes]
    _warn([picture.problem for picture in pictures], drawing)
    order = CRITERIA[worst] if worst else ""
    figure = gallery_figure(scenes, pictures, order=order, theme=drawing.target.theme)
    emit_figure(figure, drawing.target, quiet=drawing.quiet)
    if drawing.target.path != STDOUT:
        from atss_inspect.views.image_text import ImageReport, gallery_text

        again = (*drawing.again, *typed_again(images=drawing.folder_typed))
        own = [convention.again] * len(scenes)
        report = ImageReport(scenes, [convention.title], (), again, own)
        sys.stdout.write(gallery_text(report))


def _read(scene: "Scene", folder: str | None, *, pixels: float) -> "Picture":
    """Read the picture of an image, no larger than what can be shown of it."""
    from atss_inspect.readers.pixels import read_picture

    height, width = scene.original_size
    [file_name] = scene.image.file_names.tolist()
    room = pixels * height / width, pixels
    return read_picture(folder, file_name, size=(height, width), room=room)


def _warn(problems: Sequence[str], drawing: Drawing) -> None:
    """Say on stderr what is wrong with pictures, each kind once."""
    if drawing.quiet:
        return
    for problem in dict.fromkeys(filter(None, problems)):
        number, total = problems.count(problem), len(problems)
        which = f" ({number} of {total} images)" if total > 1 else ""
        sys.stderr.write(f"warning: {problem}{which}\n")
