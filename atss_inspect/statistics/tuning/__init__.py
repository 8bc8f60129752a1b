"""Settings that serve these objects better, judged by the real assigner.

Each rung is searched on a sample of the images and on each half of them alone; what
comes of it is judged on all images, and on the half that it was not tuned on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.errors import SettingsError
from atss_inspect.settings import Settings
from atss_inspect.settings.given import single
from atss_inspect.statistics.advice import effect_of
from atss_inspect.statistics.run import OnChunk
from atss_inspect.statistics.summary import Summary
from atss_inspect.statistics.sweep import price_per_image
from atss_inspect.statistics.tally import NEED, require_need
from atss_inspect.statistics.tuning.ladder import Rung, rungs_of
from atss_inspect.statistics.tuning.objective import Ways, halves, shortfall
from atss_inspect.statistics.tuning.outcome import (
    FEWEST_OBJECTS,
    Carried,
    TunedRow,
    Tuning,
)
from atss_inspect.statistics.tuning.study import JUDGED, Evaluation, Searched, Study

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["Tuner", "Tuning", "Ways", "has_choice", "require_choice", "tune"]
Judged = dict[Settings, Summary]
Found = tuple[TunedRow, tuple[Evaluation, ...]]


@dataclass
class Tuner:
    """Tunes settings rung by rung; what was found so far can be had at any time."""

    dataset: Dataset
    today: Settings
    ways: Ways = field(default_factory=Ways)
    budget: float = 1.0  # see `Tuning`
    free_only: bool = False  # nothing that changes the price
    executor: "Executor | None" = None
    on_chunk: OnChunk | None = None  # told images; `num_steps` in all

    def __post_init__(self) -> None:
        if not self.budget > 0:  # nor nan
            message = f"budget: expected a number above 0, got {self.budget}"
            raise SettingsError(message)
        require_need(self.ways.need)
        chosen = {"free_only": self.free_only, "as_trained": self.ways.as_trained}
        self.rungs = rungs_of(self.today, **chosen)
        self.found = list[Found]()
        self._before: Summary | None = None

    @property
    def num_steps(self) -> int:
        """Images that are looked at as a whole: each for today's, and for each rung."""
        return self.dataset.num_images * (1 + len(self.rungs))

    def run(self) -> Iterator[TunedRow]:
        """Tune one rung after another.

        Today's price comes first, and its answer is one more start for the others. The
        rows do not depend on who does the work. Raises `SettingsError` for fewer than
        `FEWEST_OBJECTS` objects, and where there is nothing to turn.
        """
        require_choice(self.today, self.ways, free_only=self.free_only)
        [before] = self._judge([self.today])
        if before.num_objects < FEWEST_OBJECTS:
            raise _too_few(before.num_objects)
        self._before = before
        study = Study.of(self.dataset, self.today, self.ways)
        first, *others = self.rungs
        searched = study.search(first)
        yield self._finish(first, searched, before)
        # Each waits for the one before it only where nobody else does the work.
        work = [_begin(self.executor, study, one, searched.values) for one in others]
        for rung, result in zip(others, work, strict=True):
            yield self._finish(rung, result(), before)

    def run_all(self) -> Tuning:
        """Tune all rungs; raises as `run`."""
        for _ in self.run():
            pass
        found = self.tuning()
        assert found is not None  # the first rung is always there
        return found

    def tuning(self) -> Tuning | None:
        """What was found so far; None before anything was."""
        if self._before is None or not self.found:
            return None
        rows, evaluations = zip(*self.found, strict=True)
        tried = tuple(one for each in evaluations for one in each)
        left = tuple(one.name for one in self.rungs[len(rows) :])
        return Tuning(self.today, self._before, rows, tried, self.budget, left)

    def _judge(self, settings: Sequence[Settings]) -> tuple[Summary, ...]:
        """Ask the assigner about all images."""
        workers: dict[str, Any] = {"executor": self.executor, "on_chunk": self._told}
        return self.ways.count(self.dataset, settings, **workers)

    def _told(self, number: int) -> None:
        """Pass on that so many images are done."""
        if self.on_chunk:
            self.on_chunk(number)
        if self.ways.tick:
            self.ways.tick()

    def _finish(self, rung: Rung, searched: Searched, before: Summary) -> TunedRow:
        """Judge what a rung comes to on all images."""
        whole = searched.whole
        at_bar = self.ways.at_bar_of(self.today, whole)
        settings = tuple(dict.fromkeys((whole, *searched.halves, at_bar)))
        every = dict(zip(settings, self._judge(settings), strict=True))
        every[self.today] = before
        price = price_per_image(self.today, before)
        relative = price_per_image(whole, every[whole]).relative_to(price)
        cost = relative.multiply_adds
        effect = effect_of(before, every[whole], len(self.rungs), cost)
        firsts, seconds = self._by_half(every)
        held_out = zip((seconds, firsts), searched.halves, strict=True)
        carried = tuple(
            Carried.of(on, self.today, tuned, whole) for on, tuned in held_out
        )
        few = {one: each.without_parts() for one, each in every.items()}
        own = whole, few[whole]
        row = TunedRow(rung.name, *own, relative, effect, carried, few[at_bar])
        judged = (
            Evaluation(rung.name, images, *each, shortfall(each[1]))
            for images, on in zip(JUDGED, (few, firsts, seconds), strict=True)
            for each in on.items()
        )
        self.found.append((row, (*searched.evaluations, *judged)))
        return row

    def _by_half(self, every: Mapping[Settings, Summary]) -> list[Judged]:
        """Objects of each half of the images."""
        half = halves(self.dataset.num_images)
        return [
            {one: each.of_blocks(half == part) for one, each in every.items()}
            for part in (0, 1)
        ]


def tune(  # noqa: PLR0913 - what is asked, one each
    dataset: Dataset,
    settings: Settings,
    *,
    need: int = NEED,
    budget: float = 1.0,
    free_only: bool = False,
    as_trained: bool = False,
    thresholds: bool = False,
    executor: "Executor | None" = None,
) -> Tuning:
    """Look for settings that leave fewer objects poorly assigned.

    Parameters
    ----------
    dataset : 300 objects or more
    settings : today's
    need : positives that an object needs
    budget : most multiply-adds of a proposal, as a multiple of today's
    free_only : turn only what costs nothing
    as_trained : judge an average pass over the sizes and flips of ``augment``
    thresholds : turn the bar and the floor of the IoU rule and YOLOv5's factor, too,
        which say what anchors are good
    executor : any `concurrent.futures.Executor`; the answer is the same

    Raises
    ------
    SettingsError
        For fewer objects, where the rule has nothing to turn, or none of the
        thresholds, and for a budget or a need that is none.

    Examples
    --------
    >>> from atss_inspect import load_coco, preset, tune
    >>> dataset = load_coco("sample_data/instances.json")
    >>> tune(dataset, preset("retinanet-mmdet"), free_only=True).outcome.value
    'change'
    """
    ways = Ways(need=need, as_trained=as_trained, thresholds=thresholds)
    options: dict[str, Any] = {"budget": budget, "free_only": free_only}
    options["executor"] = executor
    return Tuner(dataset, single(settings), ways, **options).run_all()


def _begin(
    executor: "Executor | None",
    study: Study,
    rung: Rung,
    start: Sequence[Mapping[str, float]],
) -> Callable[[], Searched]:
    """Search a rung elsewhere from now on, or here when the answer is wanted."""
    if executor is None:
        return lambda: study.search(rung, start)
    future: Future[Searched] = executor.submit(study.search, rung, start)
    return future.result


def has_choice(today: Settings, ways: Ways, *, free_only: bool = False) -> bool:
    """Whether there is anything to turn."""
    number = len(rungs_of(today, free_only=free_only, as_trained=ways.as_trained))
    return number > 1 or bool(ways.knobs(today).each)


def require_choice(today: Settings, ways: Ways, *, free_only: bool = False) -> None:
    """Refuse a rule of which nothing can be turned: `SettingsError`."""
    if ways.thresholds and not today.rule.threshold_knobs(today.assigner).each:
        message = f"thresholds: {today.name} has none that tune could change"
        raise SettingsError(message, hint="leave it out; the other settings are tried")
    if has_choice(today, ways, free_only=free_only):
        return
    message = f"tune: {today.name} has nothing that tune could change"
    hint = "`atss-inspect sweep` tries values of any setting"
    if free_only and len(rungs_of(today)) > 1:
        message += " at no cost"
        hint = "without --free-only other sizes of images and levels are tried"
    raise SettingsError(message, hint=hint)


def _too_few(number: int) -> SettingsError:
    """Make the error for too few objects to choose settings by."""
    few = "1 object is" if number == 1 else f"{number} objects are"
    message = f"tune: {few} too few to choose settings by"
    hint = "`atss-inspect sweep` tries values of any setting"
    return SettingsError(f"{message}; expected {FEWEST_OBJECTS} or more", hint=hint)
