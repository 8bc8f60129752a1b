"""Statistics, each declared once: its name, how it is computed, and where it shows.

Tables, JSON, CSV, sweeps, the comparison with a baseline, limits of `check` and the
cards of the report are derived from ``STATISTICS``. A new statistic is one more entry
there; what it is computed from is counted in `atss_inspect.statistics.summary`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial

from atss_inspect.settings import Settings
from atss_inspect.statistics.statistic import (
    LIMITED,
    SPREAD,
    Better,
    Kind,
    Place,
    Statistic,
    Value,
    plain,
)
from atss_inspect.statistics.summary import Summary, expected_positives
from atss_inspect.statistics.tally import Group, exact_share, share

_MEAN = f"{SPREAD}, mean"
PER_IMAGE = "anchors per image, mean"
DOUBT = "objects decided by little"
CANDIDATES = "candidates of a gate"
SHARED = "anchors without a contest"


def _per(part: str, whole: str = "num_objects") -> Callable[[Group], Fraction | None]:
    """Divide two counts of a group, such as positives by objects."""
    return lambda group: exact_share(getattr(group, part), getattr(group, whole))


_mean_positives, _unassigned_share = _per("num_positives"), _per("num_unassigned")


def _at(places: str, **labels: str) -> dict[Place, str]:
    """Places where a statistic shows by its label, or by one of the place's own."""
    own = dict.fromkeys(places.split(), "") | labels
    return {Place[name.upper()]: label for name, label in own.items()}


def _mean_candidates(summary: Summary) -> Fraction | None:
    """Candidates per object of a gate; None without objects."""
    number = sum(summary.positives_by_level)
    return exact_share(number, summary.num_objects)


def _of_candidates(name: str) -> Callable[[Summary, Settings], Value]:
    """Take what a gate alone has."""
    return lambda one, _: getattr(one.candidates, name)


# Of gates; what is said of objects is certain, but for `Candidates.is_certain`.
_OF_GATES = tuple(
    replace(one, of_gates=True)
    for one in (
        Statistic(
            *("quota", "picks at most, each object", Kind.COUNT),
            unit="points",
            meaning="points that the rule picks for an object that has the candidates",
            of=_of_candidates("quota"),
            section=CANDIDATES,
            shown=_at("overview"),
        ),
        Statistic(
            *("mean_max_positives", "picks at most, mean", Kind.MEAN, Better.HIGHER),
            unit="points per object",
            meaning="an object's own candidates, up to the quota",
            of_group=_mean_positives,
            section=CANDIDATES,
            shown=_at("overview breakdown sweep baseline", column="at most"),
        ),
        Statistic(
            *("missing_to_quota", "missing to the quota", Kind.SHARE, Better.LOWER),
            unit="of the quota",
            meaning="mean part of the quota that an object has no candidates for",
            of_group=_per("num_missing", "num_needed"),
            section=CANDIDATES,
            shown=_at("overview baseline", sweep="missing"),
        ),
        Statistic(
            *("num_without_candidate", "without a candidate", Kind.OBJECTS),
            better=Better.LOWER,
            meaning="objects without a candidate of their own",
            of_group=lambda group: group.num_unassigned,
            shown=_at("breakdown"),
        ),
        Statistic(
            *("without_candidate_share", "without a candidate", Kind.SHARE),
            better=Better.LOWER,
            meaning="share of the objects without a candidate of their own",
            of_group=_unassigned_share,
            shown=_at("by_size", column="without", sweep="without"),
        ),
        Statistic(
            *("num_below_quota", "fewer candidates than the quota", Kind.OBJECTS),
            better=Better.LOWER,
            of_group=lambda group: group.num_below_quota,
            shown=_at("breakdown"),
        ),
        Statistic(
            *("below_quota_share", "fewer candidates than the quota", Kind.SHARE),
            better=Better.LOWER,
            meaning="share of the objects with fewer candidates than the quota",
            of_group=_per("num_below_quota"),
            shown=_at("", column="below quota", sweep="below quota"),
        ),
        Statistic(
            *("num_candidates", "candidates", Kind.COUNT),
            unit="points",
            of=lambda one, _: sum(one.positives_by_level),
        ),
        Statistic(
            *("mean_candidates", "candidates, mean", Kind.MEAN),
            unit="points per object",
            of=lambda one, _: _mean_candidates(one),
            section=CANDIDATES,
            shown=_at("overview"),
        ),
        Statistic(
            *("contested_share", "contested candidates", Kind.SHARE, Better.LOWER),
            unit="of the candidates",
            meaning="candidates that are another object's, too",
            of=_of_candidates("contested_share"),
            section=CANDIDATES,
            shown=_at("overview"),
        ),
    )
)
# Of rules without a contest.
_OF_SHARED = tuple(
    replace(one, section=SHARED, shown=_at("overview"), is_of_shared=True)
    for one in (
        Statistic(
            *("num_distinct_anchors", "distinct anchors", Kind.COUNT),
            meaning="anchors that are positive for any object, reported or not",
            of=lambda one, _: one.num_taken,
        ),
        Statistic(
            *("num_shared_anchors", "of several objects", Kind.COUNT),
            meaning="those of them that several objects have",
        ),
        Statistic(
            *("num_repeated", "counted again in the loss", Kind.COUNT),
            meaning="how often the loss has positives of objects beyond once each",
        ),
        Statistic(
            *("num_only_shared", "all anchors shared", Kind.OBJECTS, Better.LOWER),
            meaning="objects all of whose anchors other objects have, too",
        ),
    )
)
# In the order of tables.
STATISTICS = (
    Statistic(
        *("num_images", "images", Kind.COUNT),
        unit="images",
        meaning="images that the data rules keep",
        section="",
        shown=_at("overview"),
        of_gates=None,
    ),
    Statistic(
        *("num_objects", "objects", Kind.COUNT),
        unit="objects",
        meaning="objects reported",
        of_group=lambda group: group.num_objects,
        section="",
        shown=_at("overview by_size"),
        of_gates=None,
    ),
    Statistic(
        *("num_positives", "positives", Kind.COUNT),
        meaning="positive anchors or points of the objects reported",
        of_group=lambda group: group.num_positives,
    ),
    Statistic(
        *("mean_positives", "mean", Kind.MEAN, Better.HIGHER),
        meaning="positives per object",
        of_group=_mean_positives,
        shown=_at("overview column sweep baseline", breakdown=_MEAN, card=_MEAN),
    ),
    Statistic(
        *("expected_positives", "0.2*k*L (ATSS paper)", Kind.MEAN),
        meaning="positives per object that the ATSS paper expects",
        of=lambda _, settings: expected_positives(settings),
        shown=_at("overview", sweep="0.2*k*L"),
        is_optional=True,
        swept_with="assigner.k",
    ),
    Statistic(
        *("num_unassigned", "objects without a positive", Kind.OBJECTS, Better.LOWER),
        of_group=lambda group: group.num_unassigned,
        shown=_at("breakdown"),
    ),
    Statistic(
        *("unassigned_share", "objects without a positive", Kind.SHARE, Better.LOWER),
        meaning="share of the objects without a positive",
        of_group=_unassigned_share,
        shown=_at("by_size"),
    ),
    Statistic(
        *(
            "num_low_quality_only",
            "only low-quality matches",
            Kind.OBJECTS,
            Better.LOWER,
        ),
        meaning="objects with positives, none of them at or above the bar",
        of_group=lambda group: group.num_low_quality_only,
        shown=_at("breakdown"),
        is_optional=True,
    ),
    Statistic(
        *("num_poorly_assigned", "poorly assigned", Kind.OBJECTS, Better.LOWER),
        meaning="objects without a positive, or with low-quality matches only",
        of_group=lambda group: group.num_poorly_assigned,
    ),
    Statistic(
        *("poorly_assigned_share", "poorly assigned", Kind.SHARE, Better.LOWER),
        meaning="share of the objects without a positive, or with low-quality matches "
        "only",
        of_group=_per("num_poorly_assigned"),
        shown=_at("by_size", column="poorly", sweep="poorly"),
    ),
    Statistic(
        *("missing_to_need", "missing to need", Kind.SHARE, Better.LOWER),
        unit="of the positives that objects need",
        meaning="mean part of the positives that an object needs and does not have",
        of_group=_per("num_missing", "num_needed"),
        shown=_at("overview baseline", sweep="missing"),
    ),
    Statistic("median_positives", "median", Kind.RANK, shown=_at("overview")),
    *(
        Statistic(
            *(f"p{percent}_positives", f"{percent}th percentile", Kind.RANK),
            of=partial(lambda percent, one, _: one.percentile(percent), percent),
        )
        for percent in (5, 95)
    ),
    Statistic(
        *("middle_positives", "5th to 95th percentile", Kind.SPAN),
        meaning="the range that nine of ten objects are in",
        of=lambda one, _: _middle(one),
        shown=_at("overview"),
        is_recorded=False,
    ),
    *(
        Statistic(
            *(f"mean_positives_of_{name}", f"{label}, mean", Kind.MEAN, Better.HIGHER),
            of=partial(
                lambda sizes, one, _: _mean_positives(one.of_sizes(*sizes)), sizes
            ),
            shown=_at("overview", card=f"{label} objects, mean"),
            is_recorded=False,
        )
        for name, label, sizes in (
            ("small", "small (COCO)", ("tiny", "small")),
            ("large", "large", ("large",)),
        )
    ),
    Statistic(
        *("unassigned_share_of_small", "small (COCO) objects without a positive"),
        *(Kind.SHARE, Better.LOWER),
        of=lambda one, _: _unassigned_share(one.coco_small),
        shown=_at("card"),
        is_recorded=False,
    ),
    Statistic(
        *("large_to_small", "large : small (COCO)", Kind.RATIO, Better.LOWER),
        meaning="mean positives of large objects over those of tiny and small ones",
        shown=_at("overview baseline"),
    ),
    Statistic(
        *("gini", "Gini (0 is even)", Kind.RATIO, Better.LOWER),
        meaning="how unevenly positives are shared among objects",
        shown=_at("overview baseline card", sweep="Gini"),
    ),
    Statistic(
        *("mean_iou", "mean IoU", Kind.RATIO, Better.HIGHER),
        meaning="mean of the positives",
        shown=_at("overview baseline", sweep="IoU"),
    ),
    Statistic(
        *("positives_by_iou", "positives by IoU", Kind.COUNTS),
        unit="anchors",
        of=lambda one, _: one.positives_by_iou,
    ),
    Statistic(key="num_negatives", label="negatives", kind=Kind.COUNT),
    Statistic(key="num_ignored", label="ignored", kind=Kind.COUNT),
    *(
        Statistic(
            *(f"{role}_per_image", role, Kind.PER_IMAGE),
            of=partial(lambda role, one, _: one.per_image._asdict()[role], role),
            section=PER_IMAGE,
            shown=_at("overview"),
            is_recorded=False,
        )
        for role in ("positives", "negatives", "ignored")
    ),
    Statistic(
        *("beyond_border_per_image", "beyond the border", Kind.PER_IMAGE),
        meaning="anchors that take no part, among the ignored ones",
        of=lambda one, settings: beyond_per_image(one, settings),
        section=PER_IMAGE,
        shown=_at("overview"),
        is_recorded=False,
        is_optional=True,
    ),
    *(
        Statistic(
            *(key, label, Kind.OBJECTS),
            meaning=f"objects for which {what} may decide",
            better=Better.LOWER,
            section=DOUBT,
            shown=_at("overview"),
        )
        for key, label, what in (
            ("num_tied", "tied with an equal", "equals"),
            ("num_fragile", "rounding could flip it", "the last digit"),
        )
    ),
    Statistic(
        *("causes", "why without a positive", Kind.COUNTS),
        of=lambda one, _: one.cause_counts,
    ),
    *_OF_GATES,
    *_OF_SHARED,
)
# The order of keys in documents, which programs may rely on; new keys come after these.
_RECORDED = (
    *("num_images", "num_objects", "num_positives", "mean_positives"),
    *("num_unassigned", "unassigned_share", "median_positives", "p5_positives"),
    *("p95_positives", "expected_positives", "num_negatives", "num_ignored"),
    *("num_tied", "num_fragile", "causes", "mean_iou", "gini", "large_to_small"),
)


def beyond_per_image(summary: Summary, settings: Settings) -> float | None:
    """Anchors of the average image that lie beyond the border; None without one."""
    has_border = settings.rule.uses_anchors and settings.anchors.allowed_border >= 0
    return share(summary.num_beyond, summary.num_images) if has_border else None


def _middle(summary: Summary) -> Value:
    """Range that nine of ten objects are in; None without objects."""
    low, high = summary.percentile(5), summary.percentile(95)
    return None if low is None or high is None else (low, high)


def shown_at(
    place: Place, settings: Iterable[Settings], section: str | None = None
) -> Iterator[Statistic]:
    """Statistics that show in one place, in its order, of what conventions answer.

    ``section``: of that one, if named.
    """
    every = tuple(settings)
    for one in STATISTICS:
        is_there = place in one.shown and section in (None, one.section)
        if is_there and any(map(one.speaks_of, every)):
            yield one


def named(key: str) -> Statistic:
    """Statistic of a key."""
    return next(one for one in STATISTICS if one.key == key)


def limited() -> dict[str, Statistic]:
    """Statistics that `check` can limit, one number each; those of documents first."""
    others = (one for one in STATISTICS if not one.is_recorded)
    return {one.key: one for one in (*recorded(), *others) if one.kind in LIMITED}


def recorded() -> tuple[Statistic, ...]:
    """Statistics that documents have, in the order of their keys."""
    return _recorded(STATISTICS)


def recorded_of_groups() -> tuple[Statistic, ...]:
    """Of these, the statistics that groups of objects have, too."""
    return tuple(one for one in recorded() if one.of_group is not None)


@cache
def _recorded(every: tuple[Statistic, ...]) -> tuple[Statistic, ...]:
    """Choose and order statistics, once: there may be thousands of classes."""
    known = {key: place for place, key in enumerate(_RECORDED)}
    chosen = (one for one in every if one.is_recorded)
    return tuple(sorted(chosen, key=lambda one: known.get(one.key, len(known))))


def record_of(summary: Summary, settings: Settings) -> dict[str, Value]:
    """Every recorded statistic of all objects, by key; of its kind of answer."""
    return {
        one.key: plain(one.value(summary, settings))
        for one in recorded()
        if one.speaks_of(settings)
    }


def record_of_group(group: Group) -> dict[str, Value]:
    """Every recorded statistic of a group of objects, by key; of its kind of answer."""
    return {
        one.key: plain(one.value_of(group))
        for one in recorded_of_groups()
        if one.of_gates in (None, group.is_of_gate)
    }


def notes_at(place: Place, settings: Iterable[Settings]) -> str:
    """Explain labels in one place, where that is not plain: "a: b; c: d."."""
    every = [each for each in shown_at(place, settings) if each.meaning]
    parts = [f"{each.label_at(place)}: {each.meaning}" for each in every]
    return f"{'; '.join(parts)}."
