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
from atss_inspect.cli.output import AnswerOptions, PlainOptions, TableOptions, emit
from atss_inspect.cli.request import (
    CountOptions,
    FilterOptions,
    PicturedRequestOptions,
    Request,
    RequestOptions,
)
from atss_inspect.cli.streams import Notices, height
from atss_inspect.cli.workers import ALONE, WorkOptions, progress_bar
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESET
from atss_inspect.views.names import printable
from atss_inspect.views.numbers import plural

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from atss_inspect.annotations.dataset import Dataset, Finding
    from atss_inspect.arrays import IntArray
    from atss_inspect.settings import Settings
    from atss_inspect.views.answer import Answer
    from atss_inspect.views.stats import StatsReport

Found = TypeVar("Found")
EVERYTHING = FilterOptions()
STDIN = "-"
RENAME = "a settings file is known by its name: each needs one of its own"
LARGEST_WITH_MASKS = 64_000_000  # bytes of files of which all masks can be kept


@dataclass(frozen=True)
class Workflow(Request):
    """One command under way: inputs and conventions are settled, nothing is read."""

    asked: RequestOptions  # the options of inputs and conventions, as typed
    selected: FilterOptions  # which images and objects are looked at
    work: WorkOptions  # who does the work
    # how the answer is printed, and where; None where there is none in words
    answer: AnswerOptions | None
    notices: Notices  # warnings, hints and notes

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
        from atss_inspect.readers import load_coco
        from atss_inspect.readers.doubts import require_images
        from atss_inspect.settings.slips import find_slips
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
        asked: dict[str, Any] = {"split": self.asked.split, "progress": self.progress}
        asked |= {"key": self.asked.key, "box_format": self._box_format()}
        asked["images"] = self._named_images
        dataset = load_coco(*files, masks=masks, **asked)
        if not may_match_nothing:
            require_images(dataset)
        dataset = self._with_sizes_compared(dataset)
        slips = find_slips(self.settings, dataset.image_sizes)
        self.warn([*slips, *dataset.findings])
        dataset, selection = self.selected.apply(dataset)
        images, limit = tuple(self.selected.image or ()), self.selected.limit
        more: dict[str, Any] = {"slips": slips, "deciding_files": self.deciding}
        more |= {"selection": selection, "images": images, "limit": limit}
        return StatsReport(dataset, self.settings, (), **more)

    def _box_format(self) -> str | None:
        """Look the format of boxes up; `SettingsError` names those there are."""
        from atss_inspect.readers.box_formats import BOX_FORMATS

        wanted = self.asked.box_format
        if wanted not in (None, *BOX_FORMATS):
            known = [name for name in BOX_FORMATS if "-" not in name]
            message = f"--box-format {wanted}: expected {', '.join(known)}"
            hint = "behind each, -fractions or -percent of the image may stand"
            raise SettingsError(message, hint=hint)
        return wanted

    def warn(self, findings: "Sequence[Finding]") -> None:
        """Print what is odd; of too many, losses and the most frequent come first.

        Where to look is shortened, or left out, if all do not fit with it.
        """
        if len(findings) > self.notices.MOST:
            findings = sorted(findings, key=lambda one: (not one.is_loss, -one.count))
        for most in (3, 1, 0):  # examples
            lines = []
            for one in findings:
                places = [printable(each) for each in one.examples[:most]]
                places += ["..."] if one.count > len(places) > 0 else []
                where = f" ({', '.join(places)})" if places else ""
                what_to_do = f"; {one.hint}" if one.hint else ""
                lines.append(f"warning: {one.message}{where}{what_to_do}")
            if sum(map(height, lines)) <= self.notices.MOST:
                break
        for line in lines:
            self.notices.tell(line, is_listed=True)

    def pictures(self, dataset: "Dataset") -> str | None:
        """Folder of pictures: the one named, or one that is found and told, or None."""
        folder = self._picture_folder(dataset, self.images)
        if folder is not None and folder != self.images:
            place = "this folder" if folder == "." else printable(folder)
            named = f"note: pictures are taken from {place}"
            self.notices.tell(f"{named}; --images names another folder")
        return folder

    def _picture_folder(
        self, dataset: "Dataset", named: str | None = None
    ) -> str | None:
        """Folder of the pictures: the one named, or one beside the annotations."""
        if named is not None:
            if dataset.picture_folder is None:
                return named
            from atss_inspect.readers.picture_files import ListedFolder

            return ListedFolder(named)
        from atss_inspect.readers.picture_folders import find_pictures

        folder = dataset.picture_folder
        if folder is None:
            folder = find_pictures(self.ann, dataset.file_names.tolist())
        return folder

    @property
    def _named_images(self) -> str | None:
        """Folder of the pictures of these annotations, where somebody named one.

        A project's folder goes with its annotations, not with others.
        """
        return self.asked.images if self.asked.ann else self.images

    def _with_sizes_compared(self, dataset: "Dataset") -> "Dataset":
        """Count images whose pictures have another size, where pictures are known.

        They are looked for by commands that take a folder of them.
        """
        named = self._named_images
        if named is None and not isinstance(self.asked, PicturedRequestOptions):
            return dataset
        folder = self._picture_folder(dataset, named)
        if folder is None:
            return dataset
        from atss_inspect.readers.compared_sizes import compare_sizes
        from atss_inspect.readers.findings import merge_findings

        found = compare_sizes(dataset, folder)
        more = [] if found is None else [found]
        return replace(dataset, findings=merge_findings([*dataset.findings, *more]))

    def pictured(
        self,
        rows: Sequence[int],
        dataset: "Dataset",
        folder: str | None,
        *,
        number: int,
        only: bool,
    ) -> list[int]:
        """Take the first images, rather those that have a picture.

        How many others are passed over is told. Raises `SettingsError` where only
        images with a picture are wanted, and there are none.
        """
        from atss_inspect.readers.picture_folders import prefer_pictured

        names = dataset.file_names.tolist()
        found = prefer_pictured(rows, names, folder, number=number, only=only)
        if not found and len(rows):
            message = "--with-picture: none of these images has a picture"
            hint = "--images names the folder of pictures"
            if folder is not None:
                hint = f"{printable(folder)} has none of them; --images names another"
            raise SettingsError(message, hint=hint)
        self.tell_passed_over(len(set(rows[:number]) - set(found)))
        return found

    def tell_passed_over(self, number: int) -> None:
        """Tell how many images are not shown since they have no picture."""
        if number:
            have, are = ("has", "is") if number == 1 else ("have", "are")
            what = f"{plural(number, 'image')} {have} no picture and {are} passed over"
            self.notices.tell(f"note: {what}")

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
        self, title: str, total: int
    ) -> contextlib.AbstractContextManager[Callable[[int], None] | None]:
        """Make a progress bar alone, as `progress_bar`; nothing where quiet."""
        return progress_bar(title, total, quiet=self.quiet)

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
    more: dict[str, Any] = {"asked": asked, "selected": selected, "work": work}
    return Workflow(**vars(request), **more, answer=answer, notices=notices)
