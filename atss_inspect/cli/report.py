"""``atss-inspect report``: everything on one page that needs no network."""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import typer

from atss_inspect.cli import options, request
from atss_inspect.cli.drawing import VariantOptions
from atss_inspect.cli.output import open_page, require_page, write_or_keep
from atss_inspect.cli.streams import Notices
from atss_inspect.cli.workers import WorkOptions, busy
from atss_inspect.cli.workflow import Workflow, begin
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESETS
from atss_inspect.views.numbers import plural
from atss_inspect.writers.files import STDOUT

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.report import Page, Wanted
    from atss_inspect.report.answers import Augmentation
    from atss_inspect.views.stats import StatsReport

EXAMPLES = (
    "atss-inspect report instances_val.json",
    "atss-inspect report val.json --images val/ -p atss-mmdet -o val.html",
    "atss-inspect report val.json -p retinanet-detectron2 --as-trained",
    "atss-inspect report val.json --image 42 --image 47 --open",
)
DEFAULT_NAME = "report.html"
NUM_WORST = 20
MEGABYTE = 1_000_000


OPEN_PAGE = options.output_option(
    "--open", "Open the page in the browser.", default=False
)
TUNE = options.input_option(
    "--tune", "Look for settings that serve better, as `tune` does.", default=False
)


class ObjectOptions(request.CountOptions):
    """The options that say what is reported; ``--image`` says what is shown."""

    image: None = None


class PageOptions(options.OptionGroup):
    """The options that say which images are put into the page, and where it goes."""

    shown: list[str] | None = options.input_option(
        "--image ID", "Put this image into the page, by id or file name; repeatable."
    )
    worst: int | None = options.input_option(
        "--worst N",
        "Put the N images into the page that are treated worst: those of the worst "
        "objects, and those with most poorly assigned objects. [20, unless other "
        "images are asked for]",
        min=0,
    )
    sample: int = options.input_option(
        "--sample N", "Put N images at random into the page.", default=0, min=0
    )
    seed: int = options.input_option(
        "--seed N", "Another number gives another sample.", default=0, min=0
    )
    is_pictured: bool = options.WITH_PICTURE
    no_viewer: bool = options.output_option(
        "--no-viewer", "Tables and figures only, no images.", default=False
    )
    most: float = options.output_option(
        "--max-mb MB",
        "Reduce the pictures, then leave images out, to keep the page below.",
        default=8.0,
        min=0.1,
    )
    output: str | None = options.output_option(
        "--output -o FILE",
        f"Where to write the page; - is stdout. Without it, {DEFAULT_NAME} here.",
    )
    force: bool = options.FORCE

    def require(self) -> None:
        """Refuse images for a page that shows none, and a file that is no page."""
        require_page(self.output, force=self.force)
        if self.no_viewer and (self.shown or self.worst or self.sample):
            message = "--no-viewer: the page shows no images, but some are asked for"
            hint = "leave out --no-viewer, or --image, --worst and --sample"
            raise SettingsError(message, hint=hint)

    def wanted(self, dataset: "Dataset", folder: str | None) -> "Wanted":
        """Turn the options into rows and numbers; the folder is that of pictures."""
        from atss_inspect.report import Wanted

        found = [request.rows_of_image(dataset, name) for name in self.shown or ()]
        rows, worst = tuple(row for each in found for row in each), self.worst
        if worst is None:
            worst = 0 if rows or self.sample else NUM_WORST
        number, seed, only = self.sample, self.seed, self.is_pictured
        return Wanted(rows, worst, number, seed, folder=folder, is_pictured=only)


def report(  # noqa: PLR0913 - a group of options each
    context: typer.Context,
    *,
    asked: request.PicturedRequestOptions,
    drawn: VariantOptions,
    objects: ObjectOptions,
    shown: PageOptions,
    is_tuned: bool = TUNE,
    jobs: int | None = options.JOBS,
    is_opened: bool = OPEN_PAGE,
) -> None:
    """One HTML page with all answers and pictures, to keep or to send.

    It needs no network and no other file. Pictures that are found are put inside.
    Over sizes and flips that are drawn it has a section of its own. Without a preset:
    ATSS, RetinaNet and FCOS of mmdetection side by side.
    """
    shown.require()
    given = asked, objects, WorkOptions(jobs=jobs)
    flow = begin(context, *given, default=DEFAULT_PRESETS).drawing(drawn)
    with busy("reading", quiet=flow.quiet):
        # Both before there is anything to count.
        import atss_inspect.report.drawings  # noqa: F401

        full = flow.read_again(masks=None)  # with masks, if the file is small
    folder = None if shown.no_viewer else flow.pictures(full.dataset)
    wanted = shown.wanted(full.dataset, folder)
    page = _make(flow, full, shown, wanted, need=objects.need, is_tuned=is_tuned)
    _write(page, shown, flow.notices)
    if is_opened and shown.output != STDOUT:
        path = shown.output or DEFAULT_NAME
        open_page(path, otherwise="open the page from its path")


def _make(
    flow: Workflow,
    full: "StatsReport",
    shown: PageOptions,
    wanted: "Wanted",
    *,
    need: int,
    is_tuned: bool,
) -> "Page":
    """Answer, draw and gather, in this process or in several, and make the page."""
    from atss_inspect import report as pages
    from atss_inspect.report.answers import Workers, num_steps

    dataset, drawn = full.dataset, _augmentation(flow, full.dataset)
    stats = replace(full, dataset=replace(dataset, segmentations=None))
    steps = num_steps(stats, drawn, is_tuned=is_tuned)
    # Figures take longest, and every process that draws must load what draws them.
    num_passes = steps // max(dataset.num_images, 1)
    embedded = None
    # Figures and images are shared too, not only chunks.
    with flow.start(dataset, num_passes, in_chunks=False) as executor:
        with flow.progress("assigning", steps, is_long=True) as on_step:
            named = flow.resolved, flow.options, Workers(executor, on_step)
            asked: dict[str, Any] = {"need": need, "drawn": drawn, "is_tuned": is_tuned}
            found = pages.find_answers(stats, *named, **asked)
        number = pages.num_drawings(found)
        with flow.progress("drawing", number, is_long=True) as on_step:
            drawings = pages.draw_figures(found, Workers(executor, on_step))
        rows = [] if shown.no_viewer else pages.choose_images(found, wanted)
        with flow.progress("images", len(rows), is_long=True) as on_step:
            if not shown.no_viewer:
                flow.tell_passed_over(pages.num_passed_over(found, wanted))
                given = flow.settings, wanted.folder, Workers(executor, on_step)
                embedded = pages.gather_images(dataset, rows, *given)
    most = int(shown.most * MEGABYTE)
    return pages.make_page(found, drawings, embedded, most_bytes=most)


def _augmentation(flow: Workflow, dataset: "Dataset") -> "Augmentation":
    """Sizes and flips that are asked for, and what to type again for them."""
    from atss_inspect.report.answers import Augmentation

    drawn, variants = flow.drawn, flow.asked_variants(dataset)
    return Augmentation(variants, drawn.num_epochs, drawn.typed_again())


def _write(page: "Page", target: PageOptions, notices: Notices) -> None:
    """Write the page, and print where it is, how large, and what was given up."""
    content = page.html.encode("utf-8")
    path = target.output or DEFAULT_NAME
    is_named = target.output is not None
    is_new = write_or_keep(path, content, is_named=is_named, force=target.force)
    for problem in page.problems:
        notices.tell(f"warning: {problem}")
    if page.note:
        notices.tell(f"note: to stay below {target.most:g} MB, {page.note}")
    elif len(content) > target.most * MEGABYTE:
        notices.tell(f"note: tables and figures alone exceed {target.most:g} MB")
    notices.close()
    if path != STDOUT and not notices.quiet:
        verb = "wrote" if is_new else "unchanged:"
        size = f"{len(content) / MEGABYTE:.1f} MB"
        images = plural(page.num_images, "image")
        sys.stderr.write(f"{verb} {path}, {size}: {images}\n")
