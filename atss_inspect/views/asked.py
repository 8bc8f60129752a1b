"""`compare` and `sweep` from Python: what the commands of these names answer."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.errors import SettingsError
from atss_inspect.presets import preset_names
from atss_inspect.settings import Settings
from atss_inspect.settings.given import several, single
from atss_inspect.settings.parameters import format_value, show_value
from atss_inspect.statistics import comparison
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.sweep import expand, parse_axes, require_effect
from atss_inspect.statistics.tally import NEED
from atss_inspect.views.compare import CompareReport
from atss_inspect.views.stats import StatsReport
from atss_inspect.views.sweep import SweepReport

if TYPE_CHECKING:
    from concurrent.futures import Executor


def compare(
    dataset: Dataset,
    settings: Sequence[Settings],
    *,
    executor: "Executor | None" = None,
) -> CompareReport:
    """Compare conventions on the objects that all of them keep.

    Parameters
    ----------
    dataset : annotations, see `load_coco`
    settings : two conventions or more, of different names
    executor : any `concurrent.futures.Executor`; None computes here

    Returns
    -------
    An answer, which a notebook shows. ``stats.summaries`` are counts, one per
    convention; ``pairs`` what two of them do to the same objects, in the order of
    ``itertools.combinations``; ``document()`` what ``compare --json`` prints.

    Raises
    ------
    SettingsError
        For fewer than two conventions, or two of one name.

    Examples
    --------
    >>> from atss_inspect import compare, load_coco, preset
    >>> dataset = load_coco("sample_data/instances.json")
    >>> both = compare(dataset, [preset("atss-mmdet"), preset("fcos-mmdet")])
    >>> both.pairs[0].joint.outcomes.num_only_first
    20
    """
    expected = "two different presets or more"
    each = several(settings, expected)
    names = {one.name for one in each}
    if len(each) < 2 or len(names) < len(each):
        found = ", ".join(one.name for one in each)
        message = f"settings: expected {expected}, got {found}"
        hint = 'for example [preset("atss-mmdet"), preset("fcos-mmdet")]'
        raise SettingsError(message, hint=hint)
    found_all = comparison.compare(dataset, each, executor=executor)
    stats = StatsReport(dataset, each, found_all.summaries)
    return CompareReport(stats, found_all.pairs, stats.names)


def sweep(
    dataset: Dataset,
    settings: Settings,
    name: str,
    values: Iterable[Any] | str,
    *,
    need: int = NEED,
    executor: "Executor | None" = None,
) -> SweepReport:
    """Try other values of a setting, and say whether one is worth a change.

    Parameters
    ----------
    dataset : annotations, see `load_coco`
    settings : today's
    name : of the setting, as `preset` takes it, or ``levels``
    values : to try, a list or as the command takes them, ``"5:9:2"``; of ``levels``
        texts such as ``P2-P6``
    need : positives that an object needs (`Group.missing_to_need`)
    executor : any `concurrent.futures.Executor`; None computes here

    Returns
    -------
    An answer, which a notebook shows: ``points`` are the values with their settings,
    ``stats.summaries`` what each does, ``advice`` what it is worth; ``choice`` is the
    place of the one to change to, or None, and ``verdict`` says so in words;
    ``document()`` is what ``sweep --json`` prints.

    Raises
    ------
    SettingsError
        For an unknown setting, or values that cannot be or have no effect.

    Examples
    --------
    >>> from atss_inspect import load_coco, preset, sweep
    >>> dataset = load_coco("sample_data/instances.json")
    >>> tried = sweep(dataset, preset("atss-mmdet"), "k", [5, 9, 15])
    >>> [one.num_unassigned for one in tried.stats.summaries]
    [24, 24, 26]
    >>> tried.choice is None
    True
    """
    base = single(settings)
    axes = parse_axes([f"{name}={_written(values)}"], base.assigner_name)
    points = expand(base, axes)
    require_effect(axes, points)
    every = tuple(point.settings for point in points)
    *rows, today = summarize(dataset, (*every, base), need=need, executor=executor)
    stats = StatsReport(dataset, every, tuple(rows))
    is_preset = base.name in preset_names()
    return SweepReport(stats, base, is_preset, axes, points, today)


def _written(values: object) -> str:
    """Write values as `parse_axes` reads them; `SettingsError` where there are none."""
    text = values if isinstance(values, str) else ""
    if not isinstance(values, str) and isinstance(values, Iterable):
        text = ",".join(v if isinstance(v, str) else format_value(v) for v in values)
    if text.strip(" ,"):
        return text
    message = f"values: expected a list of values to try, got {show_value(values)}"
    raise SettingsError(message, hint='for example [5, 9, 15] or "5:15:2"')
