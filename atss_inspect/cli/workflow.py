"""What every command does between its options and its answer.

Resolve what was asked, read the annotations, print what is odd about them, take the
objects asked for, work through them with a progress bar. A command says what it asks,
which function answers, and how the answer is shown.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from atss_inspect.cli import output
from atss_inspect.cli.drawing import VariantOptions
from atss_inspect.cli.output import AnswerOptions, PlainOptions, TableOptions, emit
from atss_inspect.cli.pictures import PicturedRequest
from atss_inspect.cli.request import (
    CountOptions,
    FilterOptions,
    Request,
    RequestOptions,
)
from atss_inspect.cli.streams import Notices, height
from atss_inspect.cli.workers import ALONE, WorkOptions, progress_bar
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESET
from atss_inspect.views import numbers
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from atss_inspect.annotations.dataset import Dataset, Finding
    from atss_inspect.arrays import IntArray
    from atss_inspect.settings import Settings
    from atss_inspect.statistics.variants import Variants, VariantSummary
    from atss_inspect.views.answer import Answer
    from atss_inspect.views.stats import StatsReport

Found = TypeVar("Found")
EVERYTHING = FilterOptions()
NOTHING_DRAWN = VariantOptions()
STDIN = "-"
RENAME = "a settings file is known by its name: each needs one of its own"
LARGEST_WITH_MASKS = 64_000_000  # bytes of files of which all masks can be kept


@dataclass(frozen=True)
class Workflow(PicturedRequest):
    """One command under way: inputs and conventions are settled, nothing is read."""

    selected: FilterOptions  # which images and objects are looked at
    work: WorkOptions  # who does the work
    # how the answer is printed, and where; None where there is none in words
    answer: AnswerOptions | None
    # whether nobody named a preset where one could be
    is_default: bool = False
    # which sizes and flips are looked at, see `drawing`
    drawn: VariantOptions = NOTHING_DRAWN

    def drawing(self, drawn: VariantOptions) -> "Workflow":
        """Look at sizes and flips; tell which conventions draw nothing.

        Raises `SettingsError` as `VariantOptions.resolve`.
        """
        resolved = drawn.resolve(self.resolved)
        fixed = [one.settings for one in resolved if one.settings.augment.is_fixed]
        paths = {
            path
            for one in self.resolved
            for path, origin in one.origins.items()
            if path.startswith("augment.") and origin == "--set"
        }
        if paths and not drawn.is_asked:
            self.notices.tell(f"hint: {min(paths)} is looked at with --as-trained only")
        if drawn.is_asked and fixed:
            names = numbers.joined([printable(one.name) for one in fixed])
            verb = "draws" if len(fixed) == 1 else "draw"
            self.notices.tell(f"note: {names} {verb} no other size, and no flip")
        return replace(self, resolved=resolved, drawn=drawn)

    def variants(
        self, dataset: "Dataset", settings: "Sequence[Settings] | None" = None
    ) -> "tuple[Variants, ...]":
        """List what each convention draws; one variant where nothing is asked for.

        Without ``settings`` it is the conventions that were asked for. Where shifts are
        asked for, these.
        """
        from atss_inspect.statistics.variants import shifts_of, variants_of

        every = self.settings if settings is None else settings
        if number := self.drawn.shifts:
            return tuple(shifts_of(one, number) for one in every)
        if not self.drawn.is_asked:
            from atss_inspect.annotations.augment import AugmentRule

            plain = (replace(one, augment=AugmentRule()) for one in every)
            return tuple(map(variants_of, plain))
        return tuple(variants_of(one, dataset.num_objects) for one in every)

    def asked_variants(self, dataset: "Dataset") -> "tuple[Variants, ...]":
        """List the variants or shifts of each convention; empty if not asked for."""
        is_asked = self.drawn.is_asked or self.drawn.shifts
        return self.variants(dataset) if is_asked else ()

    @property
    def quiet(self) -> bool:
        """No progress, notes or warnings."""
        return self.notices.quiet

    def read(
        self,
        ann: Sequence[str] | None = None,
        *,
        masks: bool | None = False,
        may_match_nothing: bool = False,
    ) -> "StatsReport":
        """Read annotations and take what was asked for; nothing is assigned yet.

        Other files than those of the request may be named. Masks are kept if so asked;
        None: if the files are small, for the sake of a few images. What is odd about
        the annotations is printed. What comes back is without summaries and without
        what is typed next. Annotations of which most match no image are refused, unless
        that is what the command is to tell. Raises `SettingsError` where no annotations
        are named, or none fit what was asked for, and `AtssInspectError` where --dask
        names a cluster that cannot do the work.
        """
        from atss_inspect.annotations.data_rules import require_listed
        from atss_inspect.readers import load_coco
        from atss_inspect.readers.doubts import require_images
        from atss_inspect.views.stats import StatsReport

        self.work.require()
        files = ann or self.ann
        if not files:
            message = "no annotations named; expected FILE or --ann FILE"
            hint = "`atss-inspect demo` shows the answers on data of its own"
            raise SettingsError(message, hint=hint)
        if masks is None:
            masks = False
            with contextlib.suppress(OSError):  # of stdin nobody knows
                sizes = [Path(name).stat().st_size for name in files]
                masks = sum(sizes) < LARGEST_WITH_MASKS
        self._require_box_format()
        asked: dict[str, Any] = {**self.reading, "images": self.named_images}
        dataset = load_coco(*files, masks=masks, progress=self.progress, **asked)
        self._tell_of_yolo(files)
        if not may_match_nothing:
            require_images(dataset)
        dataset = self.with_sizes_compared(dataset)
        slips = self._slips(dataset)
        self.warn([*slips, *dataset.findings])
        for each in self.settings:
            require_listed(dataset, each.data)
        dataset, selection = self.selected.apply(dataset)
        images, limit = tuple(self.selected.image or ()), self.selected.limit
        more: dict[str, Any] = {"slips": slips, "deciding_files": self.deciding}
        more |= {"selection": selection, "images": images}
        return StatsReport(dataset, self.settings, (), limit=limit, **more)

    def _tell_of_yolo(self, files: Sequence[str]) -> None:
        """Name the presets of YOLO to who has its labels and names no preset."""
        from atss_inspect.readers.yolo_folders import is_yolo

        if self.is_default and any(map(is_yolo, files)):
            names = numbers.joined(list(map(printable, self.names)))
            told = f"note: no preset named, so this is about {names}; of Ultralytics'"
            self.notices.tell(f"{told} models: -p yolo11")

    def _slips(self, dataset: "Dataset") -> "tuple[Finding, ...]":
        """List what is odd about the conventions, for these annotations."""
        from atss_inspect.settings.slips import find_slips
        from atss_inspect.settings.trained_classes import check_trained_classes
        from atss_inspect.views.config_import import remark_findings

        sources = [source for _, source in self.options]
        return (
            *remark_findings(self.resolved),
            *find_slips(self.settings, dataset.image_sizes),
            *check_trained_classes(self.resolved, sources, dataset),
        )

    def _require_box_format(self) -> None:
        """Refuse an unknown format of boxes; `SettingsError` names those there are."""
        from atss_inspect.readers.box_formats import BOX_FORMATS

        wanted = self.reading.get("box_format")
        if wanted not in (None, *BOX_FORMATS):
            known = [name for name in BOX_FORMATS if "-" not in name]
            message = f"--box-format {wanted}: expected {', '.join(known)}"
            hint = "behind each, -fractions or -percent of the image may stand"
            raise SettingsError(message, hint=hint)

    def warn(self, findings: "Sequence[Finding]") -> None:
        """Print what is odd: doubts about the file, which may cause the rest, first.

        Of too many, losses and the most frequent come next, and where to look is
        shortened, or left out but of doubts.
        """
        from atss_inspect.readers.findings import DOUBTS, place_of_doubt

        if len(findings) > self.notices.MOST:
            findings = sorted(findings, key=lambda one: (not one.is_loss, -one.count))
        findings = sorted(findings, key=place_of_doubt)
        for most in (3, 1, 0):  # examples
            lines = []
            for one in findings:
                least = one.reason in DOUBTS
                places = [printable(each) for each in one.examples[: max(most, least)]]
                places += ["..."] if one.count > len(places) > 0 else []
                where = f" ({', '.join(places)})" if places else ""
                what_to_do = f"; {printable(one.hint)}" if one.hint else ""
                lines.append(f"warning: {one.message}{where}{what_to_do}")
            if sum(map(height, lines)) <= self.notices.MOST:
                break
        for line in lines:
            self.notices.tell(line, is_listed=True)

    def read_again(self, *, masks: bool | None = False, **more: Any) -> "StatsReport":
        """As `read`, with what to type again for the same data, and more fields."""
        typed = {"command": self.asked.data_again()} | more
        filtering = self.selected.typed_again()
        return replace(self.read(masks=masks), filtering=filtering, **typed)

    def summarize(
        self, stats: "StatsReport", num_passes: int | None = None
    ) -> "StatsReport":
        """Fill in what each convention does to the objects; see `over`."""
        from atss_inspect.statistics.run import summarize

        return replace(stats, summaries=self.over(stats, summarize, num_passes))

    def summarize_variants(self, stats: "StatsReport") -> "tuple[VariantSummary, ...]":
        """Count what each convention does over all that it draws."""
        from atss_inspect.statistics.variants import summarize_variants

        variants = self.variants(stats.dataset, stats.settings)

        def work(dataset: "Dataset", _: object, **more: Any) -> Any:
            return summarize_variants(dataset, variants, **more)

        return self.over(stats, work, sum(len(one.each) for one in variants))

    def summarize_drawn(
        self, stats: "StatsReport"
    ) -> "tuple[StatsReport, tuple[VariantSummary, ...]]":
        """Fill in an average pass, and what holds over variants, where any are drawn.

        Else what each convention does in its nominal size, and nothing.
        """
        if not self.drawn.is_asked:
            return self.summarize(stats), ()
        found = self.summarize_variants(stats)
        return replace(stats, summaries=tuple(one.average for one in found)), found

    def draws(self, dataset: "Dataset") -> tuple[str, ...]:
        """Name what each convention draws, in lines; nothing where none is asked."""
        from atss_inspect.views.draw_words import draw_lines

        return tuple(draw_lines(self.variants(dataset))) if self.drawn.is_asked else ()

    def over(
        self,
        stats: "StatsReport",
        work: Callable[..., Found],
        num_passes: int | None = None,
    ) -> Found:
        """Do work that is called like `statistics.run.summarize`, in so many passes."""
        dataset, settings = stats.dataset, stats.settings
        chosen: dict[str, Any] = {"selection": stats.selection}
        if isinstance(self.selected, CountOptions):
            chosen["need"] = self.selected.need
        with self.working(dataset, num_passes or len(settings)) as workers:
            return work(dataset, settings, **chosen, **workers)

    def worst_images(
        self, dataset: "Dataset", settings: "Settings", criterion: str, *, limit: int
    ) -> "IntArray":
        """Find the images that a convention treats worst: rows of the data set."""
        from atss_inspect.statistics.worst import worst_images

        with self.working(dataset, 1) as workers:
            return worst_images(dataset, settings, criterion, limit=limit, **workers)

    @contextlib.contextmanager
    def working(self, dataset: "Dataset", num_passes: int) -> Iterator[dict[str, Any]]:
        """Start workers and a progress bar: arguments of `run.map_chunks`."""
        workers = self.start(dataset, num_passes)
        progress = self.progress("assigning", dataset.num_images)
        with workers as executor, progress as on_chunk:
            yield {"executor": executor, "on_chunk": on_chunk}

    def start(
        self, dataset: "Dataset", num_passes: int, *, in_chunks: bool = True
    ) -> "contextlib.AbstractContextManager[Executor | None]":
        """Start workers alone, as `WorkOptions.start`; what is piped needs --jobs."""
        num_passes = 0 if STDIN in self.ann else num_passes
        return self.work.start(
            dataset, num_passes=num_passes, quiet=self.quiet, in_chunks=in_chunks
        )

    def progress(
        self, title: str | Callable[[], str], total: int, *, is_long: bool = False
    ) -> contextlib.AbstractContextManager[Callable[[int], None] | None]:
        """Make a progress bar alone, as `progress_bar`; nothing where quiet."""
        return progress_bar(title, total, quiet=self.quiet, is_long=is_long)

    def heading(self, data: str = "") -> str:
        """Name the data, if there are any, and who has decided settings; in lines."""
        from atss_inspect.views.headings import decision_lines

        return "\n".join(filter(None, [data, *decision_lines(self.deciding)]))

    def show(self, answer: "Answer") -> None:
        """Print an answer in the format asked for, or write it; see `output.emit`."""
        from atss_inspect.views.answer import render

        asked = self.answer or TableOptions()
        content = render(answer, asked.choose_format(), asked.screen)
        self.notices.close()
        emit(content, asked.output, force=asked.force, quiet=self.quiet)


def begin(
    context: typer.Context,
    asked: RequestOptions,
    selected: FilterOptions = EVERYTHING,
    work: WorkOptions = ALONE,
    answer: AnswerOptions | None = None,
    *,
    default: Sequence[str] = (DEFAULT_PRESET,),
) -> Workflow:
    """Settle what a command is to do, from its options.

    Where nobody names a preset, the default is taken. Raises `SettingsError` as
    `RequestOptions.resolve`, or where two presets have one name, and `OutputError` as
    `AnswerOptions.choose_format` and `output.require_no_input`: before any work.
    """
    if answer is not None:
        answer.choose_format()
    request = asked.resolve(default=default)
    for name in request.names:  # nobody could tell them apart
        if request.names.count(name) > 1:
            message = f"expected different presets, got {printable(name)} twice"
            raise SettingsError(message, hint=RENAME)
    output.require_no_input({**context.params, "ann": request.ann})
    has_list = answer is not None and not isinstance(answer, PlainOptions)
    how = "--json" if has_list else "`atss-inspect stats --json`"
    quiet: bool = getattr(context.obj, "quiet", False)
    notices = Notices(quiet=quiet, elsewhere=f"{how} lists them")
    context.call_on_close(notices.close)
    _tell_remarks(request, notices)
    _tell_aliases(request, notices)
    _tell_without_effect(request, notices)
    more: dict[str, Any] = {"asked": asked, "selected": selected, "work": work}
    more |= {"answer": answer, "notices": notices}
    more["is_default"] = "preset" in context.params and not request.is_named
    return Workflow(**vars(request), **more)


def _tell_without_effect(request: Request, notices: Notices) -> None:
    """Tell which settings, named for this command, no convention looks at."""
    from atss_inspect.settings.layers import LOOKED_AT_BY, without_effect

    named: dict[str, list[bool]] = {}
    for one in request.resolved:
        idle = without_effect(one.settings.rule, one.settings.values())
        for path, origin in one.origins.items():
            if origin == "--set":
                named.setdefault(path, []).append(path in idle)
    whom = numbers.joined([printable(name) for name in request.names])
    for path, are_idle in named.items():
        if all(are_idle):
            instead = ""
            if path == "resize.size" and request.resolved[0].settings.resize.has_sides:
                instead = ", whose sizes are short_side and long_side"
            if by := LOOKED_AT_BY.get(path):
                instead += f"; it has with {by}"
            notices.tell(f"hint: {path} has no effect on {whom}{instead}")


def _tell_aliases(request: Request, notices: Notices) -> None:
    """Tell which presets names of models stand for."""
    from atss_inspect.presets import ALIASES, OLDER

    names = [name for name in request.names if name in ALIASES]
    for own in dict.fromkeys(map(ALIASES.__getitem__, names)):
        alike = [name for name in names if ALIASES[name] == own]
        what = next(
            one.settings.description
            for one in request.resolved
            if one.settings.name == alike[0]
        )
        verb = "are" if alike[1:] else "is"
        told = f"{numbers.joined(alike)} {verb} {own}: {what}; the version of the "
        notices.tell(f"note: {told}package decides: {OLDER}")


def _tell_remarks(request: Request, notices: Notices) -> None:
    """Tell what is imitated in part, or was not read, of a framework's config."""
    for one in request.resolved:
        if one.remarks:
            from atss_inspect.views.config_import import warning_lines

            for line in warning_lines(one.remarks):
                notices.tell(line, is_listed=True)
