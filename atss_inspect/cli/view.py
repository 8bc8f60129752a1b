"""``atss-inspect view``: one image in the browser, to look around in."""

import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import typer

from atss_inspect.cli.options import FORCE, output_option
from atss_inspect.cli.output import OPEN, open_page, require_page
from atss_inspect.cli.request import FilterOptions, PicturedRequestOptions, Request
from atss_inspect.cli.workflow import begin
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESETS
from atss_inspect.writers.files import STDOUT, write_bytes

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset

EXAMPLES = (
    "atss-inspect view 42",
    "atss-inspect view 42 47 -p atss-mmdet -p atss-official",
    "atss-inspect view val.json street.jpg --images val/ -o street.html",
)
MOST_IMAGES = 60

WANTED = typer.Argument(
    None, metavar="IMAGE...", help="Id or file name of the image; several can be paged."
)
PAGE = output_option(
    "--output -o FILE",
    "Write the page there; - is stdout. Without it, a temporary folder.",
)


def view(
    context: typer.Context,
    wanted: list[str] | None = WANTED,
    *,
    asked: PicturedRequestOptions,
    output: str | None = PAGE,
    is_opened: bool = OPEN,
    force: bool = FORCE,
) -> None:
    """One image in the browser, with an exact slider over k.

    The page is one file that needs no network, to keep or to send; its path is printed.
    Its address keeps what you see. Without a preset: ATSS, RetinaNet and FCOS of
    mmdetection. Without pixels the canvas is blank.
    """
    require_page(output, force=force)
    flow = begin(context, asked, default=DEFAULT_PRESETS)
    dataset = flow.read(masks=True).dataset
    folder = flow.pictures(dataset)
    chosen = _choose_images(dataset, wanted or ())
    content = _page(chosen, flow, folder).encode("utf-8")
    path = output or ""
    if not path:  # named after its image, in a folder of its own
        name = str(chosen[0].image_ids.tolist()[0])
        name = re.sub(r"[^0-9A-Za-z.-]+", "_", name)[:60]
        path = str(Path(mkdtemp(prefix="atss-inspect-"), f"image-{name}.html"))
    write_bytes(path, content, force=force)
    if path != STDOUT:
        typer.echo(path)
    if is_opened and path != STDOUT:
        open_page(path, otherwise="open the page from its path")


def _choose_images(dataset: "Dataset", wanted: Sequence[str]) -> "list[Dataset]":
    """Find the images to show, each as a data set of its own."""
    if not wanted:
        message = "view: expected the id or file name of an image"
        hint = "`atss-inspect worst --by image` lists images worth a look"
        raise SettingsError(message, hint=hint)
    chosen, _ = FilterOptions(image=list(wanted)).apply(dataset)
    if chosen.num_images > MOST_IMAGES:
        number = chosen.num_images
        message = f"view: expected at most {MOST_IMAGES} images, got {number}"
        raise SettingsError(message, hint="name fewer images")
    return [chosen.slice_images(row, row + 1) for row in range(chosen.num_images)]


def _page(images: "Sequence[Dataset]", request: Request, folder: str | None) -> str:
    """Make the page."""
    from atss_inspect import __version__
    from atss_inspect.page import render_viewer_page
    from atss_inspect.viewer import pictured_document
    from atss_inspect.views.headings import full_name

    documents = [
        pictured_document(image, request.settings, folder=folder) for image in images
    ]
    name = documents[0]["file"] or f"image {documents[0]['id']}"
    others = f" and {len(images) - 1} more" if len(images) > 1 else ""
    files = ", ".join(map(full_name, images[0].files))
    foot = (f"atss-inspect {__version__}", f"Annotations: {files}")
    return render_viewer_page(f"{name}{others}: positives", documents, foot=foot)
