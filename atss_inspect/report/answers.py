"""What a report holds: every answer of the other commands, computed once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.presets import preset_names
from atss_inspect.readers.saved_sweep import SavedSweep, check_sweep
from atss_inspect.settings import ResolvedSettings, Settings
from atss_inspect.statistics.comparison import compare
from atss_inspect.statistics.reach import Reach, measure_reach
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.sweep import expand, parse_axes
from atss_inspect.statistics.tables import objects_table
from atss_inspect.statistics.tally import NEED
from atss_inspect.statistics.tuning import Tuner, Ways, has_choice
from atss_inspect.statistics.tuning.ladder import rungs_of
from atss_inspect.statistics.tuning.outcome import FEWEST_OBJECTS
from atss_inspect.statistics.variants import EPOCHS, Variants, summarize_variants
from atss_inspect.statistics.worst import Query, Worst, find_worst
from atss_inspect.views.compare import CompareReport
from atss_inspect.views.stats import StatsReport
from atss_inspect.views.sweep import SweepReport
from atss_inspect.views.trials import larger_images
from atss_inspect.views.tune import TuneReport
from atss_inspect.views.variants import VariantsReport
from atss_inspect.views.worst import WorstReport

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import pandas as pd

OnStep = Callable[[int], None]
NUM_WORST = 10  # objects listed of each preset
_SWEPT_K = range(3, 20, 2)


@dataclass(frozen=True, eq=False)
class Report:
    """All that is known of the annotations under some conventions."""

    # the annotations, the conventions and what each does to the objects
    stats: StatsReport
    # where every setting of each convention is from, by dotted path
    origins: tuple[ResolvedSettings, ...]
    table: "pd.DataFrame"  # a row per object and convention, see `objects_table`
    # objects that each convention treats badly, one of each kind first
    worst: tuple[WorstReport, ...]
    # what `stats` names to try next, of gates alone larger images at least; or None
    tried: SweepReport | None
    sweeps: tuple[SweepReport, ...]  # over k, of each convention that has one
    comparison: CompareReport | None  # of the first two conventions; None with one
    reaches: tuple[Reach, ...]  # which boxes each convention can see
    # over what is drawn, where that is asked for
    variants: VariantsReport | None = None
    # what other settings of each convention would serve, where that is asked for
    tuned: tuple[TuneReport, ...] = ()

    @property
    def named_sweeps(self) -> dict[str, SweepReport]:
        """All sweeps, by the end of the names of their figures."""
        tried = {"tried": self.tried} if self.tried else {}
        return tried | {str(place): each for place, each in enumerate(self.sweeps)}

    @cached_property
    def saved_sweeps(self) -> dict[str, SavedSweep]:
        """The same as their figures take them."""
        sweeps = self.named_sweeps.items()
        return {end: check_sweep(one.document(), "sweep") for end, one in sweeps}


class Workers(NamedTuple):
    """Who does the work, and who hears of it; both may be None."""

    executor: "Executor | None" = None
    on_step: OnStep | None = None

    @property
    def options(self) -> dict[str, Any]:
        """The same for what works off a data set in chunks."""
        return {"executor": self.executor, "on_chunk": self.on_step}

    def map(self, work: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Results in order, computed here or by other processes, which begin now."""
        if self.executor is None:
            return map(work, items)
        futures = [self.executor.submit(work, each) for each in items]
        return (future.result() for future in futures)

    def steps(self, work: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """The same, each result reported as a step."""
        for result in self.map(work, items):
            if self.on_step:
                self.on_step(1)
            yield result


class Augmentation(NamedTuple):
    """What the conventions are looked at over, besides their nominal size."""

    variants: tuple[Variants, ...]  # of each; none where none are asked for
    epochs: int = EPOCHS
    again: tuple[str, ...] = ()  # options to type again for the same


def num_steps(
    stats: StatsReport,
    drawn: Augmentation = Augmentation(()),  # noqa: B008 - it is immutable
    *,
    is_tuned: bool = False,
) -> int:
    """Count the steps that `find_answers` reports: images once for every question."""
    num_atss = sum(map(has_k, stats.settings))
    passes = 3 + len(stats.settings) + num_atss + (len(stats.settings) > 1)
    passes += bool(drawn.variants)
    if is_tuned:
        passes += sum(1 + len(rungs_of(each)) for each in stats.settings)
    return passes * stats.dataset.num_images


def find_answers(  # noqa: PLR0913 - what is asked, one each
    stats: StatsReport,
    resolved: Sequence[ResolvedSettings],
    named: Sequence[tuple[str, ...]],
    workers: Workers = Workers(),  # noqa: B008 - it is immutable
    *,
    need: int = NEED,
    drawn: Augmentation = Augmentation(()),  # noqa: B008 - likewise
    is_tuned: bool = False,
) -> Report:
    """Ask everything of a data set.

    Parameters
    ----------
    stats : the data, the conventions and what was asked for, without summaries;
        ``command`` and ``filtering`` as typed, without the conventions
    resolved : the conventions again, with their origins
    named : options that name each of them on the command line
    workers : to share the work with; the answer is the same
    need : positives that an object needs
    drawn : sizes and flips; without any the page has no section of them
    is_tuned : whether other settings are looked for, see `statistics.tuning`
    """
    # The reach of a convention needs no data: other processes may begin with it.
    reaches = workers.map(measure_reach, stats.settings)
    asked = {"selection": stats.selection, **workers.options}
    counted = {"need": need, **asked}
    given, swept = (stats.dataset, stats.settings), filter(has_k, stats.settings)
    query = Query(NUM_WORST, selection=stats.selection, need=need)
    full = replace(stats, summaries=summarize(*given, **counted))
    return Report(
        stats=full,
        origins=tuple(resolved),
        table=objects_table(*given, **asked),
        worst=tuple(
            WorstReport(
                replace(stats, settings=(each,), summaries=()),
                _examples(stats.dataset, each, query, workers),
                *("object", words, {}),
            )
            for each, words in zip(stats.settings, named, strict=True)
        ),
        tried=_tried(full, counted),
        sweeps=tuple(_sweep_of_k(stats, each, counted) for each in swept),
        comparison=_comparison(stats, asked),
        reaches=tuple(reaches),
        variants=_over_variants(full, drawn, counted),
        tuned=tuple(_tuned(full, named, counted, drawn)) if is_tuned else (),
    )


def has_k(settings: Settings) -> bool:
    """Whether a convention's rule has a parameter k, which its thresholds go by."""
    rule = settings.rule
    return rule.has_thresholds and rule.k_of(settings.assigner) is not None


def _examples(
    dataset: Dataset, settings: Settings, query: Query, workers: Workers
) -> Worst:
    """Find one object of each kind that is poorly assigned, then the worst."""
    found = find_worst(dataset, settings, query, **workers.options)
    return replace(found, objects=found.examples)


def _over_variants(
    stats: StatsReport, drawn: Augmentation, asked: dict[str, Any]
) -> VariantsReport | None:
    """Count over all that is drawn; None where nothing is."""
    if not drawn.variants:
        return None
    found = summarize_variants(stats.dataset, drawn.variants, **asked)
    average = replace(stats, summaries=tuple(one.average for one in found))
    rest = drawn.variants, found, drawn.epochs, drawn.again
    return VariantsReport(average, *rest)


def _tried(stats: StatsReport, asked: dict[str, Any]) -> SweepReport | None:
    """Try what `stats` names, or larger images under a gate.

    Where that is nothing, the step is taken all the same.
    """
    base, values = stats.to_try
    gates = [one for one in stats.settings if one.rule.gate]
    if not values and len(gates) == len(stats.settings):
        base, values = gates[0], [larger_images(gates[0].resize)]
    if values:
        return _sweep(replace(stats, summaries=()), base, values[0], asked)
    if asked["on_chunk"]:
        asked["on_chunk"](stats.dataset.num_images)
    return None


def _tuned(
    stats: StatsReport,
    named: Sequence[tuple[str, ...]],
    asked: dict[str, Any],
    drawn: Augmentation,
) -> Iterator[TuneReport]:
    """Look for settings that serve better, under each convention that has a choice."""
    asked = dict(asked)
    ways = Ways(asked.pop("need"), asked.pop("selection"), bool(drawn.variants))
    for place, each in enumerate(stats.settings):
        is_few = stats.summaries[place].num_objects < FEWEST_OBJECTS
        if is_few or not has_choice(each, ways):
            continue
        found = Tuner(stats.dataset, each, ways, **asked).run_all()
        rest: Any = {"summaries": (found.before,), "command": named[place]}
        own = replace(stats, settings=(each,), **rest)
        yield TuneReport(own, found, is_preset=each.name in preset_names())


def _sweep_of_k(
    stats: StatsReport, base: Settings, asked: dict[str, Any]
) -> SweepReport:
    """Try other values of k, the convention's own among them."""
    ks = sorted({*_SWEPT_K, base.values()["assigner.k"]})
    return _sweep(stats, base, f"k={','.join(map(str, ks))}", asked)


def _sweep(
    stats: StatsReport, base: Settings, values: str, asked: dict[str, Any]
) -> SweepReport:
    """Try values of a setting, the convention's own among them."""
    axes = parse_axes([values])
    points = expand(base, axes)
    settings = tuple(point.settings for point in points)
    summaries = summarize(stats.dataset, settings, **asked)
    swept = replace(stats, settings=settings, summaries=summaries, lists_classes=False)
    is_preset, today = base.name in preset_names(), summaries[settings.index(base)]
    return SweepReport(swept, base, is_preset, axes, points, today)


def _comparison(stats: StatsReport, asked: dict[str, Any]) -> CompareReport | None:
    if len(stats.settings) < 2:
        return None
    pair = stats.settings[:2]
    found = compare(stats.dataset, pair, **asked)
    both = replace(stats, settings=pair, summaries=found.summaries)
    return CompareReport(both, found.pairs, both.names)
