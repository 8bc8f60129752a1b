"""One object over all that is drawn: in which variants it has a positive."""

from collections.abc import Sequence
from itertools import groupby

from atss_inspect.statistics.followed import Draws, Followed
from atss_inspect.views import numbers
from atss_inspect.views.draw_words import SHIFT, draw_record, what_of
from atss_inspect.views.table import Record

# What is known of an object over variants, as `export objects` names it.
DRAW_KEYS = ("unassigned_share", "expected_positives", "num_assigned", "num_variants")
_MOST_RUNS = 4  # of neighboring sizes, each named


def followed_words(one: Followed) -> str:
    """In how many variants the object has a positive, and where: one sentence."""
    variants, draws = one.variants, one.draws
    noun, number = variants.noun, len(one.positives)
    text = f"over {numbers.plural(number, noun)}"
    if variants.is_sampled:
        low, high = variants.nominal.augment.short_range
        text += f" that stand for {high - low + 1} sizes"
    where = "at" if noun == SHIFT else "in"
    if not draws.num_kept:
        return f"{text}: the data rules leave it out {where} every one."
    many = {0: "none", number: "every one"}.get(draws.num_assigned)
    what = what_of(variants.nominal)
    text += f": a {what} {where} {many or f'{draws.num_assigned} of {number}'}"
    text += "" if many or noun == SHIFT else f", {_places(one)}"
    if draws.expected_positives:
        mean = numbers.ratio(draws.expected_positives)
        is_of_gate = what == "candidate"
        text += f"; at most {mean} picked on average" * is_of_gate
        text += f"; {mean} positives expected" * (not is_of_gate)
    if draws.num_kept < number:
        text += f"; the data rules leave it out {where} {number - draws.num_kept}"
    return f"{text}."


def _places(one: Followed) -> str:
    """Name the sizes, and whether flipped, of some variants."""
    pairs = zip(one.variants.each, one.positives, strict=True)
    found = [(each.is_flipped, each.resize.short_side, n) for each, n in pairs]
    plain, flipped = (
        [side for is_flipped, side, n in found if n and is_flipped == wanted]
        for wanted in (False, True)
    )
    every = sorted(one.variants.short_sides)
    if len({is_flipped for is_flipped, _, _ in found}) == 1 or plain == flipped:
        return f"at {_sides(plain or flipped, every)}"
    if len(every) == 1:
        return "not flipped" if plain else "flipped"
    if not flipped:
        return f"at {_sides(plain, every)}, not flipped"
    beyond = f"flipped at {_sides(flipped, every)}"
    return f"at {_sides(plain, every)}; {beyond}" if plain else beyond


def _sides(chosen: Sequence[int], every: Sequence[int]) -> str:
    """Name some of the short sides by runs of neighbors; of many runs the number."""
    runs = []
    flags = [(side in chosen, side) for side in every]
    for is_chosen, group in groupby(flags, key=lambda pair: pair[0]):
        sides = [side for _, side in group]
        runs += [_run(sides, every)] if is_chosen else []
    if len(chosen) == len(every):
        return "every size"
    if len(runs) <= _MOST_RUNS:
        return ", ".join(runs)
    return f"{len(chosen)} sizes from {min(chosen)} to {max(chosen)}"


def _run(sides: Sequence[int], every: Sequence[int]) -> str:
    low, high = sides[0], sides[-1]
    if low == high:
        return str(low)
    if high == every[-1]:
        return f"{low} and above"
    return f"{high} and below" if low == every[0] else f"{low} to {high}"


def draws_record(draws: Draws | None) -> Record:
    """Make a record of what an object gets over variants, if it has any."""
    if draws is None:
        return {}
    shares = draws.unassigned_share, draws.expected_positives
    counts = draws.num_assigned, draws.num_kept
    return dict(zip(DRAW_KEYS, (*shares, *counts), strict=True))


def followed_record(one: Followed) -> Record:
    """Make a record of an object in every variant or shift."""
    variants = one.variants
    each = [
        (
            {"shift": settings.shift}
            if variants.noun == SHIFT
            else {
                "short_side": settings.resize.short_side,
                "is_flipped": settings.is_flipped,
            }
        )
        | {"weight": weight, "num_positives": number}
        for settings, weight, number in zip(
            variants.each, variants.weights, one.positives, strict=True
        )
    ]
    counts = draws_record(one.draws)
    counts["num_kept"] = counts.pop("num_variants")
    return {f"{variants.noun}s": draw_record(variants) | counts | {"each": each}}
