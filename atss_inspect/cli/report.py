"""``atss-inspect report``: everything on one page that needs no network."""

import sys
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.local_processes import worker_processes
from atss_inspect.cli.option_groups import OptionGroup, with_option_groups
from atss_inspect.cli.options import (
    INPUT,
    OUTPUT,
    ClassOption,
    ForceOption,
    JobsOption,
    LimitOption,
    SizeOption,
)
from atss_inspect.cli.output import STDOUT
from atss_inspect.cli.progress import progress_bar
from atss_inspect.cli.request import (
    PicturedRequestOptions,
    Request,
    are_small,
    require_ann,
    typed_again,
)
from atss_inspect.cli.selection import FilterOptions, apply_filters, matching_rows
from atss_inspect.cli.warnings import show_warnings
from atss_inspect.errors import OutputError, SettingsError
from atss_inspect.presets import DEFAULT_PRESETS, preset_names
from atss_inspect.views.names import printable
from atss_inspect.views.numbers import plural

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.report import Embedded, Page, Report, Wanted
    from atss_inspect.views.stats_report import StatsReport

EPILOG = examples(
    "atss-inspect report --ann instances_val.json",
    "atss-inspect report --ann val.json --images val/ -p atss-mmdet -o val.html",
    "atss-inspect report --ann val.json --image 42 --image 47 --max-mb 20",
)
DEFAULT_NAME = "report.html"
NUM_WORST = 20
MEGABYTE = 1_000_000

ShownOption = Annotated[
    list[str] | None,
    typer.Option(
        "--image",
        metavar="ID",
        help="Put this image into the page, by id or file name; repeatable.",
        rich_help_panel=INPUT,
    ),
]
WorstOption = Annotated[
    int | None,
    typer.Option(
        "--worst",
        min=0,
        metavar="N",
        help="Put the N images into the page that are treated worst: those of the "
        "worst objects, and those with most objects without a positive. [20, unless "
        "other images are asked for]",
        rich_help_panel=INPUT,
    ),
]
SampleOption = Annotated[
    int,
    typer.Option(
        "--sample",
        min=0,
        metavar="N",
        help="Put N images at random into the page.",
        rich_help_panel=INPUT,
    ),
]
SeedOption = Annotated[
    int,
    typer.Option(
        "--seed",
        min=0,
        metavar="N",
        help="Another number gives another sample.",
        rich_help_panel=INPUT,
    ),
]
NoViewerOption = Annotated[
    bool,
    typer.Option(
        "--no-viewer",
        help="Tables and figures only, no images.",
        rich_help_panel=OUTPUT,
    ),
]
MostOption = Annotated[
    float,
    typer.Option(
        "--max-mb",
        min=0.1,
        metavar="MB",
        help="Reduce the pictures, then leave images out, to keep the page below.",
        rich_help_panel=OUTPUT,
    ),
]
PageOption = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help=f"Where to write the page; - is stdout. Without it, {DEFAULT_NAME} here.",
        rich_help_panel=OUTPUT,
    ),
]


class ObjectOptions(OptionGroup):
    """The options that say what is reported; ``--image`` says what is shown."""

    classes: ClassOption = None
    sizes: SizeOption = None
    limit: LimitOption = None


class ShownOptions(OptionGroup):
    """The options that say which images are put into the page."""

    shown: ShownOption = None
    worst: WorstOption = None
    sample: SampleOption = 0
    seed: SeedOption = 0
    no_viewer: NoViewerOption = False


class PageOptions(OptionGroup):
    """The options that say how large the page may be, and where it goes."""

    most: MostOption = 8.0
    output: PageOption = None
    force: ForceOption = False


@dataclass(frozen=True)
class _Order:
    """What is to be on the page.

    Attributes
    ----------
    request : the inputs and conventions
    dataset : with masks, if the file is small enough to keep them
    conventions : options that name each convention again
    wanted : the images; None for a page without the viewer
    most_bytes : size that pictures and images are given up for
    quiet : no progress
    """

    request: Request
    dataset: "Dataset"
    conventions: tuple[tuple[str, ...], ...]
    wanted: "Wanted | None"
    most_bytes: int
    quiet: bool


@with_option_groups
def report(
    context: typer.Context,
    *,
    asked: PicturedRequestOptions,
    objects: ObjectOptions,
    images: ShownOptions,
    target: PageOptions,
    jobs: JobsOption = 1,
) -> None:
    """One HTML page with all answers and pictures, to keep or to send.

    It needs no network and no other file. With --images, pictures are put inside.
    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side.
    """
    quiet: bool = context.obj.quiet
    _check_target(target)
    request = asked.resolve(images=asked.images, default=DEFAULT_PRESETS)
    _require_different_names(request)
    if images.no_viewer and (images.shown or images.worst or images.sample):
        message = "--no-viewer: the page shows no images, but some are asked for"
        hint = "leave out --no-viewer, or --image, --worst and --sample"
        raise SettingsError(message, hint=hint)
    filters = FilterOptions(**vars(objects)).filters()
    dataset = _read(request, quiet=quiet)
    dataset, selection = apply_filters(dataset, filters)
    wanted = _wanted(dataset, images)
    order = _Order(
        request=request,
        dataset=dataset,
        conventions=_named_again(request, asked),
        wanted=None if images.no_viewer else wanted,
        most_bytes=int(target.most * MEGABYTE),
        quiet=quiet,
    )
    from atss_inspect.views.stats_report import StatsReport

    stats = StatsReport(
        dataset=replace(dataset, segmentations=None),
        settings=tuple(one.settings for one in request.resolved),
        summaries=(),
        selection=selection,
        limit=filters.limit,
        command=typed_again(ann=asked.ann, set=asked.changes),
        filtering=filters.typed_again(),
    )
    with worker_processes(jobs) as executor:
        page = _make(order, stats, executor)
    _write(page, target, quiet=quiet)


# --- before the work ---------------------------------------------------------------


def _check_target(target: PageOptions) -> None:
    """Refuse a file that is no page, or cannot be written, before any work is done."""
    if target.output is None or target.output == STDOUT:
        return
    from atss_inspect.writers import check_target, format_for

    format_for(target.output, ("html",), default="html")
    check_target(target.output, force=target.force)


def _require_different_names(request: Request) -> None:
    """Refuse conventions of one name, which the page could not tell apart."""
    names = Counter(one.settings.name for one in request.resolved)
    name, number = names.most_common(1)[0]
    if number > 1:
        message = f"report: expected different presets, got {printable(name)} twice"
        hint = "a convention of your own is named after its file: rename the file"
        raise SettingsError(message, hint=hint)


def _named_again(
    request: Request, asked: PicturedRequestOptions
) -> tuple[tuple[str, ...], ...]:
    """Write the options that name each convention; none where nobody typed any."""
    typed = [("--preset", name) for name in asked.preset or ()]
    typed += [("--config", name) for name in asked.config or ()]
    if typed:
        return tuple(typed)
    names = [one.settings.name for one in request.resolved]
    known = preset_names()
    return tuple(("--preset", name) if name in known else () for name in names)


def _read(request: Request, *, quiet: bool) -> "Dataset":
    """Read the annotations, with masks if the page may show some."""
    from atss_inspect.readers import load_coco

    files = require_ann(request)
    dataset = load_coco(*files, masks=are_small(files))
    show_warnings(dataset.findings, quiet=quiet)
    return dataset


def _wanted(dataset: "Dataset", images: ShownOptions) -> "Wanted":
    """Turn the options of images into rows and numbers."""
    from atss_inspect.report import Wanted

    shown = images.shown or ()
    rows = tuple(row for name in shown for row in matching_rows(dataset, name))
    worst = images.worst
    if worst is None:
        worst = 0 if rows or images.sample else NUM_WORST
    return Wanted(rows=rows, worst=worst, sample=images.sample, seed=images.seed)


# --- the work ----------------------------------------------------------------------


def _make(order: _Order, stats: "StatsReport", executor: "Executor | None") -> "Page":
    """Ask, draw, gather the images, and put the page together."""
    from atss_inspect.report import draw_figures, find_answers, make_page, num_drawings
    from atss_inspect.report.answers import Workers, num_steps

    resolved = order.request.resolved
    with progress_bar("assigning", num_steps(stats), quiet=order.quiet) as on_step:
        workers = Workers(executor, on_step)
        found = find_answers(stats, resolved, order.conventions, workers)
    with progress_bar("drawing", num_drawings(found), quiet=order.quiet) as on_step:
        drawings = draw_figures(found, Workers(executor, on_step))
    images = _gather(order, found, executor)
    return make_page(found, drawings, images, most_bytes=order.most_bytes)


def _gather(
    order: _Order, found: "Report", executor: "Executor | None"
) -> "list[Embedded] | None":
    """Choose the images for the viewer, and gather what it shows of them."""
    from atss_inspect.report import choose_images, gather_images
    from atss_inspect.report.answers import Workers

    if order.wanted is None:
        return None
    rows = choose_images(found, order.wanted)
    with progress_bar("images", len(rows), quiet=order.quiet) as on_step:
        return gather_images(
            order.dataset,
            rows,
            found.stats.settings,
            folder=order.request.images,
            workers=Workers(executor, on_step),
        )


# --- the file ----------------------------------------------------------------------


def _write(page: "Page", target: PageOptions, *, quiet: bool) -> None:
    """Write the page, and say where it is, how large, and what was given up."""
    content = page.html.encode("utf-8")
    path = target.output or DEFAULT_NAME
    is_new = _replace(path, content, target)
    if quiet:
        return
    for problem in page.problems:
        sys.stderr.write(f"warning: {problem}\n")
    if page.note:
        sys.stderr.write(f"note: to stay below {target.most:g} MB, {page.note}\n")
    elif len(content) > target.most * MEGABYTE:
        sys.stderr.write(f"note: tables and figures alone exceed {target.most:g} MB\n")
    if path != STDOUT:
        verb = "wrote" if is_new else "unchanged:"
        size = f"{len(content) / MEGABYTE:.1f} MB"
        images = plural(page.num_images, "image")
        sys.stderr.write(f"{verb} {path}, {size}: {images}\n")


def _replace(path: str, content: bytes, target: PageOptions) -> bool:
    """Write a file, unless it is there already; say whether it was written.

    A file that the user has not named is never replaced by another page, but may be
    there already if it is the same.
    """
    from atss_inspect.writers import holds, write_bytes

    if target.output is None and holds(path, content):
        return False
    try:
        write_bytes(path, content, force=target.force)
    except OutputError as error:
        if target.output is not None or error.hint is None:
            raise
        hint = "name another file with -o, or replace this one with --force"
        raise OutputError(str(error), hint=hint) from error
    return True
