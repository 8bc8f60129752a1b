"""``atss-inspect browse``: all images in the browser, computed when looked at."""

import signal
import sys
import traceback
from functools import partial
from typing import TYPE_CHECKING

import typer

from atss_inspect.cli.options import output_option, selection_option
from atss_inspect.cli.output import OPEN, open_page
from atss_inspect.cli.request import Criterion, FilterOptions, PicturedRequestOptions
from atss_inspect.cli.workflow import Workflow, begin
from atss_inspect.errors import SettingsError, reason
from atss_inspect.presets import DEFAULT_PRESETS
from atss_inspect.stopping import Stopped
from atss_inspect.views.names import printable
from atss_inspect.views.numbers import plural

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.arrays import IntArray
    from atss_inspect.server import Catalog, PageServer

EXAMPLES = (
    "atss-inspect browse",
    "atss-inspect browse val.json --images val/ --worst unassigned",
    "atss-inspect browse -p atss-mmdet -p atss-official --port 8000 --no-open",
)

PORT = output_option(
    "--port N",
    "Port to listen on, on this machine only; 0 takes one that is free.",
    default=0,
    min=0,
    max=65535,
)


class ListOptions(FilterOptions):
    """The options that say which images there are, and in which order."""

    classes: None = None
    sizes: None = None
    worst: Criterion | None = selection_option(
        "--worst poorly|unassigned|share|lost|fewest",
        "Begin with the images the first preset treats worst: most poorly assigned "
        "objects, most without a positive, the largest share of them, most that lost "
        "every anchor to others, or fewest positives per object.",
    )


def browse(
    context: typer.Context,
    *,
    asked: PicturedRequestOptions,
    listed: ListOptions,
    port: int = PORT,
    is_opened: bool = OPEN,
) -> None:
    """All images in the browser, each computed on demand.

    The page of `view` for the whole data set: search, arrow keys, k from 1 to 30. Its
    address is printed; it holds a secret and works on this machine only. Without a
    preset: ATSS, RetinaNet and FCOS of mmdetection.
    """
    from atss_inspect.server import Catalog

    flow = begin(context, asked, listed, default=DEFAULT_PRESETS)
    dataset = flow.read(masks=None).dataset
    if not dataset.num_images:
        message = "browse: the annotations hold no usable image"
        raise SettingsError(message)
    rows = _order(flow, dataset, listed.worst)
    folder = flow.pictures(dataset)
    catalog = Catalog(dataset, flow.settings, rows=rows, folder=folder)
    server = _start(catalog, dataset.files, port, debug=context.obj.debug)
    _serve(server, is_opened=is_opened, quiet=flow.quiet)


def _order(flow: Workflow, dataset: "Dataset", worst: Criterion | None) -> "IntArray":
    """Put the worst images first, if so asked; the others stay in their order."""
    import numpy as np

    rows = np.arange(dataset.num_images)
    if worst is None:
        return rows
    settings = flow.settings[0]
    first = flow.worst_images(dataset, settings, worst.value, limit=len(rows))
    if not len(first):
        name = printable(settings.name)
        flow.notices.tell(f"note: no image has such objects under {name}")
    return np.concatenate([first, np.setdiff1d(rows, first)])


def _start(
    catalog: "Catalog", files: tuple[str, ...], port: int, *, debug: bool
) -> "PageServer":
    """Listen; `SettingsError` where the port is taken, or not allowed."""
    from atss_inspect import __version__
    from atss_inspect.page import ServedPage, render_served_page
    from atss_inspect.server import PageServer, Site
    from atss_inspect.views.headings import full_name

    names = ", ".join(map(full_name, files))
    foot = (f"atss-inspect {__version__}", f"Annotations: {names}")

    def make_page(source: str) -> ServedPage:
        return render_served_page(f"{names}: positives", source=source, foot=foot)

    site = Site(catalog, make_page, partial(_tell, debug))
    try:
        return PageServer(site, port=port)
    except OSError as error:
        message = f"--port {port}: cannot be listened on: {reason(error)}"
        hint = "without --port, a free one is taken"
        raise SettingsError(message, hint=hint) from error


def _tell(debug: bool, name: str, error: Exception) -> None:
    """Print what could not be computed, in one line."""
    if debug:
        traceback.print_exception(error)
    reason = printable(f"{type(error).__name__}: {error}")[:300]
    sys.stderr.write(f"{name}: cannot be computed: {reason}\n")
    sys.stderr.flush()


def _serve(server: "PageServer", *, is_opened: bool, quiet: bool) -> None:
    """Serve until somebody stops it; Ctrl-C is how this is meant to end."""
    try:
        typer.echo(server.address)
        sys.stdout.flush()
        if not quiet:
            number = plural(len(server.site.catalog), "image")
            sys.stderr.write(f"{number}, on this machine only; Ctrl-C ends it\n")
        if is_opened:
            open_page(server.address, otherwise="open the page from its address")
        server.serve_forever()
    except (KeyboardInterrupt, Stopped) as end:
        if isinstance(end, Stopped) and end.code != 128 + signal.SIGINT:
            raise
    finally:
        server.close()
    if not quiet:
        sys.stderr.write("stopped\n")
