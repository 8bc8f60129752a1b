"""``atss-inspect report``: everything on one page that needs no network."""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import (
    ForceOption,
    JobsOption,
    OptionGroup,
    input_option,
    output_option,
    with_option_groups,
)
from atss_inspect.cli.output import STDOUT, require_page, write_or_keep
from atss_inspect.cli.progress import progress_bar
from atss_inspect.cli.request import PicturedRequestOptions
from atss_inspect.cli.selection import FilterOptions, rows_of_image
from atss_inspect.cli.workers import default_jobs
from atss_inspect.cli.workers.local_processes import worker_processes
from atss_inspect.cli.workflow import Workflow, begin
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESETS
from atss_inspect.views.numbers import plural

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.report import Embedded, Page, Report, Wanted
    from atss_inspect.report.drawings import Drawing
    from atss_inspect.views.stats_report import StatsReport

EPILOG = examples(
    "atss-inspect report --ann instances_val.json",
    "atss-inspect report --ann val.json --images val/ -p atss-mmdet -o val.html",
    "atss-inspect report --ann val.json --image 42 --image 47 --max-mb 20",
)
DEFAULT_NAME = "report.html"
NUM_WORST = 20
MEGABYTE = 1_000_000


class ObjectOptions(FilterOptions):
    """The options that say what is reported; ``--image`` says what is shown."""

    image: None = None


class ShownOptions(OptionGroup):
    """The options that say which images are put into the page."""

    shown: list[str] | None = input_option(
        "--image ID", "Put this image into the page, by id or file name; repeatable."
    )
    worst: Annotated[
        int | None,
        input_option(
            "--worst N",
            "Put the N images into the page that are treated worst: those of the "
            "worst objects, and those with most objects without a positive. [20, "
            "unless other images are asked for]",
            min=0,
        ),
    ] = None
    sample: Annotated[
        int, input_option("--sample N", "Put N images at random into the page.", min=0)
    ] = 0
    seed: Annotated[
        int, input_option("--seed N", "Another number gives another sample.", min=0)
    ] = 0
    no_viewer: bool = output_option(
        "--no-viewer", "Tables and figures only, no images."
    )

    def require_viewer(self) -> None:
        """Refuse images for a page that shows none."""
        if self.no_viewer and (self.shown or self.worst or self.sample):
            message = "--no-viewer: the page shows no images, but some are asked for"
            hint = "leave out --no-viewer, or --image, --worst and --sample"
            raise SettingsError(message, hint=hint)

    def wanted(self, dataset: "Dataset") -> "Wanted":
        """Turn the options into rows and numbers."""
        from atss_inspect.report import Wanted

        shown = self.shown or ()
        rows = tuple(row for name in shown for row in rows_of_image(dataset, name))
        worst = self.worst
        if worst is None:
            worst = 0 if rows or self.sample else NUM_WORST
        return Wanted(rows=rows, worst=worst, sample=self.sample, seed=self.seed)


class PageOptions(OptionGroup):
    """The options that say how large the page may be, and where it goes."""

    most: Annotated[
        float,
        output_option(
            "--max-mb MB",
            "Reduce the pictures, then leave images out, to keep the page below.",
            min=0.1,
        ),
    ] = 8.0
    output: str | None = output_option(
        "--output -o FILE",
        f"Where to write the page; - is stdout. Without it, {DEFAULT_NAME} here.",
    )
    force: ForceOption = False

    @property
    def most_bytes(self) -> int:
        """Size that pictures and images are given up for."""
        return int(self.most * MEGABYTE)


@with_option_groups
def report(
    context: typer.Context,
    *,
    asked: PicturedRequestOptions,
    objects: ObjectOptions,
    images: ShownOptions,
    target: PageOptions,
    jobs: JobsOption = None,
) -> None:
    """One HTML page with all answers and pictures, to keep or to send.

    It needs no network and no other file. With --images, pictures are put inside.
    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side.
    """
    from atss_inspect.report import make_page
    from atss_inspect.report.answers import num_steps

    require_page(target.output, force=target.force)
    flow = begin(context, asked, objects, default=DEFAULT_PRESETS)
    flow.request.require_different("report")
    images.require_viewer()
    full = flow.read_again(masks=None)
    wanted = images.wanted(full.dataset)
    stats = replace(full, dataset=replace(full.dataset, segmentations=None))
    # A step is one image under all conventions or under one of them, two in the mean.
    num_passes = 2 * num_steps(stats) // max(full.dataset.num_images, 1)
    default = default_jobs(full.dataset, 0 if flow.is_piped else num_passes)
    with worker_processes(jobs or default) as executor:
        found = _find(flow, stats, executor)
        drawings = _draw(flow, found, executor)
        embedded = None
        if not images.no_viewer:
            embedded = _gather(flow, full.dataset, found, wanted, executor)
    page = make_page(found, drawings, embedded, most_bytes=target.most_bytes)
    _write(page, target, quiet=flow.quiet)


def _find(
    flow: Workflow, stats: "StatsReport", executor: "Executor | None"
) -> "Report":
    """Ask everything of the data."""
    from atss_inspect.report import find_answers
    from atss_inspect.report.answers import Workers, num_steps

    named = flow.asked.each_again(flow.request)
    with progress_bar("assigning", num_steps(stats), quiet=flow.quiet) as on_step:
        workers = Workers(executor, on_step)
        return find_answers(stats, flow.request.resolved, named, workers)


def _draw(
    flow: Workflow, found: "Report", executor: "Executor | None"
) -> "dict[str, Drawing]":
    """Draw the figures."""
    from atss_inspect.report import draw_figures, num_drawings
    from atss_inspect.report.answers import Workers

    with progress_bar("drawing", num_drawings(found), quiet=flow.quiet) as on_step:
        return draw_figures(found, Workers(executor, on_step))


def _gather(
    flow: Workflow,
    dataset: "Dataset",
    found: "Report",
    wanted: "Wanted",
    executor: "Executor | None",
) -> "list[Embedded]":
    """Choose the images for the viewer, and gather what it shows of them.

    Parameters
    ----------
    dataset : with masks, if the file is small enough to keep them
    """
    from atss_inspect.report import choose_images, gather_images
    from atss_inspect.report.answers import Workers

    rows = choose_images(found, wanted)
    with progress_bar("images", len(rows), quiet=flow.quiet) as on_step:
        return gather_images(
            dataset,
            rows,
            flow.settings,
            folder=flow.request.images,
            workers=Workers(executor, on_step),
        )


def _write(page: "Page", target: PageOptions, *, quiet: bool) -> None:
    """Write the page, and print where it is, how large, and what was given up."""
    content = page.html.encode("utf-8")
    path = target.output or DEFAULT_NAME
    is_named = target.output is not None
    is_new = write_or_keep(path, content, is_named=is_named, force=target.force)
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
