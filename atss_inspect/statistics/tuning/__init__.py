"""Settings that serve these objects better, judged by the real assigner.

Each rung is searched on a sample of the images and on each half of them alone; what
comes of it is judged on all images, and on the half that it was not tuned on.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.errors import SettingsError
from atss_inspect.settings import Settings
from atss_inspect.statistics.advice import effect_of
from atss_inspect.statistics.run import OnChunk, summarize
from atss_inspect.statistics.summary import Selection, Summary
from atss_inspect.statistics.sweep import price_per_image
from atss_inspect.statistics.tally import NEED, Group, Tally
from atss_inspect.statistics.tuning.ladder import Rung, rungs_of
from atss_inspect.statistics.tuning.objective import shortfall
from atss_inspect.statistics.tuning.outcome import (
    FEWEST_OBJECTS,
    Carried,
    TunedRow,
    Tuning,
)
from atss_inspect.statistics.tuning.study import Evaluation, Searched, Study

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["Tuner", "Tuning", "tune"]
ALL_IMAGES = "all"
Found = tuple[TunedRow, tuple[Evaluation, ...]]


@dataclass
class Tuner:
    """Tunes settings rung by rung; what was found so far can be had at any time."""

    dataset: Dataset
    today: Settings
    need: int = NEED  # positives that an object needs
    selection: Selection = field(default_factory=Selection)
    budget: float = 1.0  # see `Tuning`
    free_only: bool = False  # nothing that changes the price
    executor: "Executor | None" = None
    on_chunk: OnChunk | None = None  # told images; `num_steps` in all

    def __post_init__(self) -> None:
        self.rungs = rungs_of(self.today, free_only=self.free_only)
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
        `FEWEST_OBJECTS` objects.
        """
        [before] = self._judge([self.today])
        if before.num_objects < FEWEST_OBJECTS:
            raise _too_few(before.num_objects)
        self._before = before
        given = self.dataset, self.today, self.need, self.selection
        study, start = Study.of(*given), dict[str, float]()
        first, *others = self.rungs
        searched = study.search(first, start)
        yield self._finish(first, searched, before)
        # Each waits for the one before it only where nobody else does the work.
        work = [_begin(self.executor, study, one, searched.values) for one in others]
        for rung, result in zip(others, work, strict=True):
            yield self._finish(rung, result(), before)

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
        chosen: dict[str, Any] = {"need": self.need, "selection": self.selection}
        workers: dict[str, Any] = {"executor": self.executor, "on_chunk": self.on_chunk}
        return summarize(self.dataset, settings, **chosen, **workers)

    def _finish(self, rung: Rung, searched: Searched, before: Summary) -> TunedRow:
        """Judge what a rung comes to on all images."""
        settings = searched.whole, *searched.halves
        summaries = self._judge(settings)
        price = price_per_image(self.today, before)
        relative = price_per_image(settings[0], summaries[0]).relative_to(price)
        cost, looks = relative.multiply_adds, len(self.rungs)
        effect = effect_of(before, summaries[0], looks, cost)
        carried = _carried(before, *summaries)
        row = TunedRow(rung.name, settings[0], summaries[0], relative, effect, carried)
        judged = (
            Evaluation(rung.name, ALL_IMAGES, *each, shortfall(each[1]))
            for each in dict(zip(settings, summaries, strict=True)).items()
        )
        self.found.append((row, (*searched.evaluations, *judged)))
        return row


def tune(
    dataset: Dataset,
    settings: Settings,
    *,
    need: int = NEED,
    budget: float = 1.0,
    free_only: bool = False,
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
    executor : any `concurrent.futures.Executor`; the answer is the same

    Raises
    ------
    SettingsError
        For fewer objects.
    """
    options: dict[str, Any] = {"need": need, "budget": budget, "free_only": free_only}
    tuner = Tuner(dataset, settings, **options, executor=executor)
    for _ in tuner.run():
        pass
    found = tuner.tuning()
    assert found is not None  # the first rung is always there
    return found


def _begin(
    executor: "Executor | None", study: Study, rung: Rung, start: dict[str, float]
) -> Callable[[], Searched]:
    """Search a rung elsewhere from now on, or here when the answer is wanted."""
    if executor is None:
        return lambda: study.search(rung, start)
    future: Future[Searched] = executor.submit(study.search, rung, start)
    return future.result


def _carried(before: Summary, own: Summary, *tuned: Summary) -> tuple[Carried, ...]:
    """Objects of each half of the blocks under what was tuned on the other one."""
    return tuple(
        Carried(*(_half(one, 1 - part) for one in (before, each, own)))
        for part, each in enumerate(tuned)
    )


def _half(summary: Summary, part: int) -> Group:
    """Objects of every second block of images."""
    counts = summary.block_sizes[part::2].sum(axis=(0, 1))
    by_size = summary.by_size
    tally = Tally(
        counts[np.newaxis], by_size.has_low_quality, by_size.need, by_size.is_of_gate
    )
    return tally.sum_of()


def _too_few(number: int) -> SettingsError:
    """Make the error for too few objects to choose settings by."""
    message = f"tune: {number} objects are too few to choose settings by"
    hint = f"{FEWEST_OBJECTS} or more are needed; `atss-inspect sweep` tries values"
    return SettingsError(f"{message}; expected {FEWEST_OBJECTS} or more", hint=hint)
