"""``atss-inspect plot image``: one image, its objects and their positives.

First which images are drawn, and what of them: from options to a view.
"""

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from atss_inspect.cli.options import WITH_PICTURE, OptionGroup, option, selection_option
from atss_inspect.cli.plot.picture import PictureOptions, dpi_option
from atss_inspect.cli.request import (
    Criterion,
    FilterOptions,
    PicturedRequestOptions,
    Request,
    nearest_numbers,
    typed_again,
)
from atss_inspect.cli.workflow import Workflow, begin
from atss_inspect.errors import SettingsError
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.figures.image import View
    from atss_inspect.readers.pixels import Picture
    from atss_inspect.scene import Scene
    from atss_inspect.settings import Settings

EXAMPLES = (
    "atss-inspect plot image 42",
    "atss-inspect plot image 42 -p atss-mmdet -p fcos-mmdet --contested",
    "atss-inspect plot image --worst poorly --theme dark -o worst.png",
    "atss-inspect plot image val.json --zoom 215",
    "atss-inspect plot image --gallery 12 --worst share",
)
WANTED = typer.Argument(
    None,
    metavar="IMAGE",
    help="The image, by id or file name; for --gallery also several, or patterns.",
    show_default=False,
)
LISTED = "`atss-inspect export objects` lists the annotation ids"
WHOLE = "none"  # of --zoom
_MOST_PANELS = 12
# Which objects are named in the picture.
LabelChoice = enum.StrEnum("LabelChoice", "AUTO ALL NONE")
# What the panels are.
PanelsBy = enum.StrEnum("PanelsBy", "LEVEL")

shown_option = partial(option, "What is drawn")


class ShownOptions(OptionGroup):
    """The options that say which images are meant, and what is drawn of them."""

    worst: Criterion | None = selection_option(
        "--worst poorly|unassigned|share|lost|fewest",
        "Instead of naming an image: the one with most poorly assigned objects, most "
        "without a positive, the largest share of them, most that lost every anchor to "
        "others, or fewest positives per object.",
    )
    gallery: int | None = selection_option(
        "--gallery N",
        "A contact sheet of N images: the worst, those named, or the first.",
        min=1,
        max=100,
    )
    levels: str | None = shown_option(
        "--levels P3,P4,...", "Only positives of these pyramid levels."
    )
    by: PanelsBy | None = shown_option("--by level", "A panel for each pyramid level.")
    k: str | None = shown_option("--k 3,9,15", "A panel for each k, of a rule with k.")
    anchors: bool = shown_option("--anchors", "The boxes of positives.", default=False)
    contested: bool = shown_option(
        "--contested",
        "Ring positives that another object could have had.",
        default=False,
    )
    candidates: str | None = shown_option(
        "--candidates ANN_ID",
        "What the rule looked at for one object, and why it was rejected; close up.",
    )
    zoom: str | None = shown_option(
        "--zoom ANN_ID|none",
        "One object and its surroundings, no IMAGE needed; none is the whole image.",
    )
    labels: LabelChoice = shown_option(
        "--labels auto|all|none",
        "Name objects without a positive (and the others, if few), as many as there is "
        "room for, or none.",
        default=LabelChoice.AUTO,
    )
    mask: bool = shown_option(
        "--mask",
        "Shade masks, and print the share of positives on the object itself.",
        default=False,
    )
    is_pictured: bool = WITH_PICTURE

    @property
    def subject(self) -> tuple[str, str] | None:
        """The option that names an object to look at closely, and its id."""
        for name, value in ("--zoom", self.zoom), ("--candidates", self.candidates):
            if value is not None and value != WHOLE:
                return name, value
        return None


@dataclass(frozen=True)
class Convention:
    """What one panel is assigned by."""

    settings: "Settings"  # the convention
    title: str  # of the panel
    # options that give it again, beside those of all panels
    again: tuple[str, ...] = ()


class ImagePictureOptions(PictureOptions):
    """The same for one image, whose PNG is coarser unless told."""

    dpi: int = dpi_option(200)


def image(
    context: typer.Context,
    wanted: list[str] | None = WANTED,
    *,
    asked: PicturedRequestOptions,
    shown: ShownOptions,
    picture: ImagePictureOptions,
) -> None:
    """One image: objects, positives, and who gets none.

    Objects have a color each, levels a marker each; objects without a positive are
    dashed. Several presets, or several k, stand side by side. Without a preset: ATSS of
    mmdetection. Without pixels a blank canvas is drawn.
    """
    flow = begin(context, asked)
    conventions = choose_conventions(flow, shown.k)
    if shown.gallery is not None:
        refuse_close_looks(shown, conventions)
    if picture.output is not None:
        picture.choose_path("image")  # refused before any work is done
    dataset = flow.read(masks=shown.mask).dataset
    if shown.mask and not any(dataset.segmentations or ()):
        note = "note: --mask: these annotations hold no masks (`convert` keeps none)"
        flow.notices.tell(note)
    settings = conventions[0].settings
    folder = flow.pictures(dataset)
    found = choose_images(flow, dataset, wanted or (), shown, settings, folder)
    name = str(found[0].image_ids.tolist()[0])
    safe = re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip(".-")[:60] or "unnamed"
    stem = f"image-{safe}" if shown.gallery is None else "gallery"
    path = picture.choose_path(stem)
    drawn = _draw(found, replace(flow, images=folder), conventions, shown, picture)
    picture.emit(*drawn, path, data=flow.heading(), notices=flow.notices)


def _draw(
    images: "Sequence[Dataset]",
    flow: Workflow,
    conventions: Sequence[Convention],
    shown: ShownOptions,
    asked: PictureOptions,
) -> "tuple[Figure, str]":
    """Assign, draw and describe one image, or several under one convention."""
    from atss_inspect.figures import image as figures
    from atss_inspect.scene import build_scene, place_masks
    from atss_inspect.statistics.worst import CRITERIA
    from atss_inspect.views.image_text import ImageReport, gallery_text, image_text

    settings = [one.settings for one in conventions]
    titles = short = [one.title for one in conventions]
    view = choose_view(images[0], shown, settings)
    scenes = [build_scene(image, each) for image in images for each in settings]
    own = [one.again for _ in images for one in conventions]
    named = flow.asked.conventions_again() or flow.options[0]
    again = flow.asked.data_again(named)
    if shown.gallery is not None:
        pixels = figures.gallery_pixels(len(scenes), dpi=asked.dpi)
        read = _read_pictures(scenes, flow, pixels=pixels)
        order = CRITERIA[shown.worst.value] if shown.worst else ""
        figure = figures.gallery_figure(scenes, read, order=order, theme=asked.colors)
        again = (*again, *typed_again(images=flow.asked.images))
        return figure, gallery_text(ImageReport(scenes, titles, (), again, own))
    pixels = figures.panel_pixels(view, len(scenes), dpi=asked.dpi)
    [picture] = _read_pictures(scenes[:1], flow, pixels=pixels)
    masks = [place_masks(scene) for scene in scenes] if view.has_masks else []
    if shown.k is not None and len({one.name for one in settings}) == 1:
        # The name of the preset stands above all panels.
        short = [each.removeprefix(f"{settings[0].name}, ") for each in titles]
    looks: Any = {"titles": short, "masks": masks, "theme": asked.colors}
    figure = figures.image_figure(scenes, picture=picture, view=view, **looks)
    subject = view.zoom if view.candidates is None else view.candidates
    report = ImageReport(scenes, titles, masks, again, own, subject)
    return figure, image_text(report)


def _read_pictures(
    scenes: "Sequence[Scene]", flow: Workflow, *, pixels: float
) -> "list[Picture]":
    """Read the pictures of images, no larger than what can be shown of them."""
    from atss_inspect.readers.pixels import picture_problems, read_picture

    found = []
    for scene in scenes:
        height, width = size = scene.original_size
        [file_name] = scene.image.file_names.tolist()
        room = pixels * height / width, pixels
        found.append(read_picture(flow.images, file_name, size=size, room=room))
    for problem in picture_problems(found):
        flow.notices.tell(f"warning: {printable(problem)}")
    if flow.images is None:
        flow.notices.tell("hint: --images FOLDER names where the pictures are")
    return found


def choose_conventions(request: Request, k: str | None) -> tuple[Convention, ...]:
    """List the panels' conventions: the presets, or each with every k.

    Raises `SettingsError` for k that are no positive numbers, or a preset whose rule
    has no k.
    """
    presets = request.settings
    if k is None:
        return tuple(Convention(each, each.name) for each in presets)
    from atss_inspect.settings import override

    found = []
    for each in presets:
        if each.rule.k_of(each.assigner) is None:
            message = f"--k: {each.name} has no k; expected a rule with k"
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


def choose_images(
    flow: Workflow,
    dataset: "Dataset",
    names: Sequence[str],
    shown: ShownOptions,
    settings: "Settings",
    folder: str | None = None,
) -> "list[Dataset]":
    """Find the images to draw, each as a data set of its own.

    They are named by ids, file names or patterns. The worst, under the settings given,
    is looked for among these; without a gallery, a single one must be meant, perhaps by
    an annotation on it. Images whose picture is in the folder come first. Raises
    `SettingsError` where no image is, or more than one without a gallery.
    """
    worst, gallery = shown.worst, shown.gallery
    if not names and worst is None and gallery is None and shown.subject:
        return [_image_of(dataset, *shown.subject)]
    if not names and worst is None and gallery is None:
        hint = "`atss-inspect plot image --worst poorly` finds one"
        message = "plot image: expected the id or file name of an image"
        raise SettingsError(message, hint=hint)
    chosen, _ = FilterOptions(image=list(names)).apply(dataset)
    if not chosen.num_images:
        message = "plot image: the annotations hold no usable image"
        raise SettingsError(message)
    rows, number = list(range(chosen.num_images)), gallery or 1
    if worst is not None:
        limit = number if folder is None else chosen.num_images
        rows = flow.worst_images(chosen, settings, worst.value, limit=limit).tolist()
        if not rows:
            found = f"no image has such objects under {settings.name}"
            message = f"--worst {worst.value}: {found}"
            raise SettingsError(message, hint="name an image instead")
    elif gallery is None and chosen.num_images > 1:
        ids = ", ".join(printable(str(each)) for each in chosen.image_ids[:3].tolist())
        more = ", ..." if chosen.num_images > 3 else ""
        found = f"got {chosen.num_images} ({ids}{more})"
        message = f"plot image: expected one image, {found}"
        raise SettingsError(message, hint="--gallery N draws several")
    rows = flow.pictured(rows, chosen, folder, number=number, only=shown.is_pictured)
    return [chosen.slice_images(row, row + 1) for row in rows]


def refuse_close_looks(shown: ShownOptions, conventions: Sequence[Convention]) -> None:
    """Refuse for a gallery what only one image can be asked for.

    Raises `SettingsError` for options of what is drawn, and for several conventions.
    """
    looks = vars(shown).keys() - {"worst", "gallery", "k", "labels", "is_pictured"}
    if any(getattr(shown, name) != getattr(ShownOptions, name) for name in looks):
        message = "--gallery: small pictures take no option of what is drawn"
        raise SettingsError(message, hint="draw one image to see it closely")
    if len(conventions) > 1:
        message = f"--gallery: expected one convention, got {len(conventions)}"
        raise SettingsError(message, hint="name one with --preset")


def choose_view(
    image: "Dataset", shown: ShownOptions, settings: "Sequence[Settings]"
) -> "View":
    """Turn names of objects and levels into rows of an image.

    Raises `SettingsError` for an annotation that the image does not have, or a level
    nobody has.
    """
    from atss_inspect.figures.image import View

    if shown.by is not None and len(settings) > 1:
        message = f"--by level: expected one convention, got {len(settings)}"
        raise SettingsError(message, hint="name one with --preset, and no --k")
    candidates = _row_of(image, shown.candidates, "--candidates")
    zoom = candidates
    if shown.zoom is not None:
        zoom = None if shown.zoom == WHOLE else _row_of(image, shown.zoom, "--zoom")
    return View(
        levels=_levels(shown.levels, settings),
        by_level=shown.by is not None,
        zoom=zoom,
        candidates=candidates,
        labels=shown.labels.value,
        has_contested=shown.contested,
        has_anchors=shown.anchors,
        has_masks=shown.mask,
        is_row=shown.k is not None,
    )


def _image_of(dataset: "Dataset", option: str, ann_id: str) -> "Dataset":
    """Find the image of an annotation, as a data set of its own."""
    from atss_inspect.explain import one_image, rows_of_annotation

    rows = rows_of_annotation(dataset, ann_id).tolist()
    images = [one_image(dataset, row)[0] for row in rows]
    if not images:
        ids = [str(each) for each in dataset.annotation_ids.tolist()]
        near = nearest_numbers(ann_id, ids)
        message = f"{option} {ann_id}: no annotation has this id{near}"
        raise SettingsError(message, hint=LISTED)
    if len({each.first_image for each in images}) > 1:
        message = f"{option} {ann_id}: annotations of several images have this id"
        raise SettingsError(message, hint="name the image too")
    return images[0]


def _row_of(image: "Dataset", ann_id: str | None, option: str) -> int | None:
    """Find an object of the image by its annotation id."""
    if ann_id is None:
        return None
    from atss_inspect.explain import rows_of_annotation

    rows = rows_of_annotation(image, ann_id).tolist()
    if rows:
        return int(rows[0])
    ids = [str(each) for each in image.annotation_ids.tolist() if each is not None]
    near = nearest_numbers(ann_id, ids)
    name = printable(str(image.image_ids.tolist()[0]))
    message = f"{option} {ann_id}: image {name} has no annotation of this id{near}"
    hint = f"its annotations begin with {printable(', '.join(ids[:5]))}"
    raise SettingsError(message, hint=hint if ids else "it has no annotations")


def _levels(text: str | None, settings: "Sequence[Settings]") -> tuple[str, ...]:
    """Read names of levels; one that no convention has is refused."""
    if text is None:
        return ()
    known = [name for one in settings for name in one.pyramid.level_names]
    named = {name.lower(): name for name in known}
    found = set()
    for part in map(str.strip, text.split(",")):
        if part.lower() not in named:
            message = f'--levels: no level "{part}"'
            all_levels = ", ".join(dict.fromkeys(known))
            raise SettingsError(message, hint=f"the levels are {all_levels}")
        found.add(named[part.lower()])
    return tuple(name for name in dict.fromkeys(known) if name in found)
