"""``atss-inspect tune``: settings that serve these objects better, or "leave it"."""

import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import typer

from atss_inspect.cli.drawing import PlainVariantOptions
from atss_inspect.cli.options import OptionGroup, convention_option, output_option
from atss_inspect.cli.output import TableOptions, emit
from atss_inspect.cli.request import CountOptions, OneRequestOptions
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import Workflow, begin
from atss_inspect.errors import SettingsError
from atss_inspect.presets import preset_names
from atss_inspect.stopping import Deadline, Stopped, TimeOver
from atss_inspect.writers.files import STDOUT, check_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atss_inspect.settings import Settings
    from atss_inspect.statistics.tuning import Tuner, Ways
    from atss_inspect.views.tune import TuneReport

EXAMPLES = (
    "atss-inspect tune instances_val.json -p retinanet-mmdet",
    "atss-inspect tune instances_val.json -p retinanet-mmdet --pick A",
    "atss-inspect tune val.json -p fcos-mmdet --budget 1.5",
    "atss-inspect tune val.json -p retinanet-mmdet --short-sides 480:800:80",
    "atss-inspect tune val.json -c mine.toml --free-only --json",
    "atss-inspect tune val.json -p yolov5 -f csv -o tried.csv",
)
NEED = CountOptions.need
INTERRUPTED = 130  # 128 + SIGINT


class TuneOptions(OptionGroup):
    """The options that say what may be changed, and for how long to look."""

    budget: float = convention_option(
        "--budget TIMES",
        "Most multiply-adds of what is proposed, as a multiple of today's; the list "
        "shows dearer settings all the same.",
        default=1.0,
        min=0.01,
    )
    free_only: bool = convention_option(
        "--free-only",
        "Change only what costs nothing: no other sizes, levels or numbers of anchors.",
        default=False,
    )
    thresholds: bool = convention_option(
        "--thresholds",
        "Change what says which anchors are good, too: the bar of the IoU rule and the "
        "floor of its low-quality matches, the factor of YOLOv5's. A lower one calls "
        "worse anchors positive.",
        default=False,
    )
    seconds: float | None = output_option(
        "--seconds N",
        "Stop after so long, within a row too; the answer says where it stopped.",
        min=0,
    )

    def typed_again(self, need: int) -> "Iterator[str]":
        """Write the options that decide which rows there are, for the next command."""
        if self.budget != 1:
            yield from ("--budget", f"{self.budget:g}")
        if self.free_only:
            yield "--free-only"
        if self.thresholds:
            yield "--thresholds"
        if need != NEED:
            yield from ("--need", str(need))


class PickOptions(OptionGroup):
    """The options that say what to write out."""

    pick: str | None = output_option(
        "--pick LETTER", "Write this row of the list out, as settings to paste."
    )
    form: str | None = output_option(
        "--for NAME",
        "Write that in one form alone, such as a file: toml, or the preset's "
        "framework.",
    )

    def require_plain(self, answer: TableOptions) -> None:
        """Refuse options that would be passed over: `SettingsError`."""
        if self.pick is None and self.form is not None:
            message = f"--for {self.form}: expected --pick LETTER beside it"
            raise SettingsError(message, hint="LETTER is that of a row to write out")
        typed = "json" if answer.as_json else answer.output_format
        if self.pick is not None and typed not in (None, "table", "md"):
            message = f"--pick {self.pick}: expected none with {typed}, which has all"
            raise SettingsError(message, hint="--for toml -o FILE writes one row")

    def require(self, settings: "Settings") -> None:
        """Refuse a framework that the preset is none of: `SettingsError`.

        Rounding differs, and nothing is written out that was not judged.
        """
        from atss_inspect.views.tune import TOML, framework_names, presets_for

        known = (TOML, *framework_names(settings))
        if self.form is None or self.form in known:
            return
        message = f"--for {self.form}: expected {' or '.join(known[:2])}"
        message += f", as {settings.name} is judged with its own rounding"
        hint = "the preset decides the framework"
        if others := presets_for(self.form, settings):
            hint = f"for {self.form} tune --preset {' or '.join(others)}"
        raise SettingsError(message, hint=hint)


def tune(  # noqa: PLR0913 - a group of options each
    context: typer.Context,
    *,
    asked: OneRequestOptions,
    drawn: PlainVariantOptions,
    wanted: TuneOptions,
    picked: PickOptions,
    selected: CountOptions,
    answer: TableOptions,
    work: WorkOptions,
) -> None:
    """Look for settings that leave fewer objects poorly assigned, or say "leave it".

    Turns sizes and ratios of anchors, k, ranges and center regions, then sizes of
    images, levels and numbers of anchors, each at its price, as the assigner itself
    judges, over sizes and flips that training draws if asked. What does not help the
    half of the images that it was not tuned on is withheld. Nothing is trained.
    """
    picked.require_plain(answer)
    if picked.form is not None and answer.output not in (None, STDOUT):
        check_target(answer.output, force=answer.force)
    shown = None if picked.form else answer
    flow = begin(context, asked, selected, work, shown).drawing(drawn)
    report, stopped = run_tune(flow, wanted, picked)
    if picked.form is None:
        flow.show(report)
    else:
        emit(report.bare, answer.output, force=answer.force, quiet=flow.quiet)
        if picked.form == "toml" and answer.output not in (None, STDOUT):
            flow.notices.tell(f"next: {report.compared_with(answer.output)}")
    if stopped is not None:
        raise stopped


def run_tune(
    flow: Workflow, wanted: TuneOptions, picked: PickOptions
) -> "tuple[TuneReport, Stopped | None]":
    """Read the annotations and tune; Ctrl-C leaves the best that was judged so far."""
    from atss_inspect.statistics.tuning import Tuner, require_choice
    from atss_inspect.views.tune import TuneReport

    base = flow.require_one("tune", hint="choose one with --preset NAME")
    picked.require(base.settings)
    ways = _ways(flow, wanted)
    require_choice(base.settings, ways, free_only=wanted.free_only)
    stats = flow.read_again(command=flow.asked.typed_again())
    rest: dict[str, Any] = {"budget": wanted.budget, "free_only": wanted.free_only}
    ways = replace(ways, selection=stats.selection)
    tuner = Tuner(stats.dataset, base.settings, ways, **rest)
    stopped = _run(flow, tuner)
    found = tuner.tuning()
    if found is None:
        raise stopped or _too_short(wanted.seconds)
    words = "by Ctrl-C" if stopped else f"after {wanted.seconds or 0:g} s"
    full = replace(stats, settings=(base.settings,), summaries=(found.before,))
    report = TuneReport(
        full,
        found,
        base.settings.name in preset_names(),
        flow.asked.data_again(),
        next(iter(flow.asked.config or ()), base.settings.name),
        drawn=flow.drawn.draws_again(),
        again=tuple(wanted.typed_again(ways.need)),
        draws=flow.draws(stats.dataset),
        form=picked.form or "",
        stopped=words if found.not_tried else "",
    )
    return replace(report, picked=_letter(report, picked.pick)), stopped


def _ways(flow: Workflow, wanted: TuneOptions) -> "Ways":
    """How settings are looked for; the time that is given begins here."""
    from atss_inspect.statistics.tuning import Ways

    end = None if wanted.seconds is None else time.time() + wanted.seconds
    return Ways(
        need=flow.selected.need if isinstance(flow.selected, CountOptions) else NEED,
        as_trained=flow.drawn.is_asked,
        thresholds=wanted.thresholds,
        tick=None if end is None else Deadline(end),
    )


def _run(flow: Workflow, tuner: "Tuner") -> Stopped | None:
    """Tune until all is done, the time is over, or Ctrl-C; the last is returned."""
    dataset, titles = tuner.dataset, ["tuning"]
    try:
        workers = flow.start(dataset, 3 * len(tuner.rungs), in_chunks=False)
        progress = flow.progress(lambda: titles[-1], tuner.num_steps)
        with workers as tuner.executor, progress as tuner.on_chunk:
            for _ in tuner.run():
                titles.append(_so_far(tuner))
    except TimeOver:
        return None
    except Stopped as stopped:
        if not tuner.found and not flow.quiet:
            sys.stderr.write("stopped before anything was judged\n")
        if stopped.code != INTERRUPTED or not tuner.found:
            raise
        return stopped
    return None


def _too_short(seconds: float | None) -> SettingsError:
    """Make the error for a time in which no row was judged."""
    message = f"--seconds {seconds or 0:g}: nothing was judged on all images by then"
    return SettingsError(message, hint="allow more, or leave it out: Ctrl-C stops it")


def _so_far(tuner: "Tuner") -> str:
    """Write what was found so far: tuning, poorly assigned 59.7% -> 34.5%."""
    from atss_inspect.views.numbers import percent

    found = tuner.tuning()
    if found is None or found.proposal is None:
        return "tuning"
    measure, every = found.proposal.measure, found.proposal.difference
    shares = percent(every.before), percent(every.after)
    return f"tuning, {measure.words} {' -> '.join(shares)}"


def _letter(report: "TuneReport", wanted: str | None) -> str:
    """Find the row that is to be written out; `SettingsError` for another letter."""
    if wanted is None:
        return ""
    if (name := wanted.upper()) not in report.named:
        message = f"--pick {wanted}: expected {', '.join(report.named)}"
        hint = "`atss-inspect tune` without --pick lists the rows"
        if not report.named:
            message = f"--pick {wanted}: there is no row to write out"
            hint = "`atss-inspect tune` without --pick tells why"
        if report.stopped:
            message += f"; it was stopped {report.stopped}"
            hint = "allow more --seconds, as for the list that has this letter"
        raise SettingsError(message, hint=hint)
    return name
