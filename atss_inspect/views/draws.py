"""What training draws, in words and for programs."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from atss_inspect.settings import Settings
from atss_inspect.statistics import metrics
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.statistics.tally import share as share_of
from atss_inspect.statistics.variants import (
    Lacked,
    VariantGroup,
    Variants,
    VariantSummary,
    shares_by_side,
)
from atss_inspect.views import numbers
from atss_inspect.views.names import printable
from atss_inspect.views.table import Record

AVERAGE = "in an average pass"
BOUNDS = "what holds in every one, some or none is bounded"
_MOST_NAMED = 3  # short sides


def draw_lines(every: Sequence[Variants]) -> Iterator[str]:
    """Name what each convention draws, a line each; alike ones as one."""
    whose: dict[str, list[str]] = {}
    for one in every:
        whose.setdefault(draw_words(one), []).append(printable(one.nominal.name))
    for words, names in whose.items():
        yield words if len(whose) == 1 else f"{numbers.joined(names)}: {words}"


def draw_words(variants: Variants) -> str:
    """Name the sizes and flips drawn, and how many variants these make."""
    rule, number = variants.nominal.augment, len(variants.each)
    sides = variants.short_sides
    size = f"short side {numbers.joined(list(map(str, sides)), 'or')}"
    if rule.short_range:
        low, high = rule.short_range
        size = f"short side {low} to {high}"
        size += f", {len(sides)} sizes of it" if variants.is_sampled else ""
    elif len(sides) > _MOST_NAMED:
        size = f"short side one of {len(sides)} from {min(sides)} to {max(sides)}"
    elif not variants.nominal.resize.has_sides:
        size = "one size"
    text = f"{size}{_flip_words(rule.flip)}: {numbers.plural(number, 'variant')}"
    if number == 1:
        return text
    return f"{text}, {BOUNDS if variants.is_sampled else 'each exact'}"


def _flip_words(flip: float) -> str:
    named = {0.0: "", 0.5: ", flipped or not", 1.0: ", flipped"}
    return named.get(flip, f", flipped with a chance of {numbers.percent(flip)}")


def nominal_words(variants: Variants) -> str:
    """Name what is looked at without drawing: "at 800, not flipped"."""
    settings, parts = variants.nominal, []
    if settings.augment.draws_sides or variants.short_sides != (
        settings.resize.short_side,
    ):
        parts.append(f"at {settings.resize.short_side}")
    if settings.augment.flip or not parts:
        parts.append("not flipped")
    else:
        parts[0] += " alone"
    return ", ".join(parts)


def training_note(settings: Sequence[Settings]) -> str:
    """Tell which conventions train with more than one size; empty where none does."""
    rules = [one.augment for one in settings]
    parts = ["other sizes"] * any(rule.draws_sides for rule in rules)
    parts += ["flipped images"] * any(rule.flip for rule in rules)
    if not parts:
        return ""
    whose = [one.name for one in settings if not one.augment.is_fixed]
    who = "every preset" if len(whose) == len(settings) > 1 else ""
    who = who or numbers.joined(list(map(printable, whose)))
    verb = "trains" if len(whose) == 1 or who == "every preset" else "train"
    what = numbers.joined(parts)
    return f"{who} {verb} on {what} too: --as-trained counts over them"


def variants_records(
    every: Sequence[Variants], found: Sequence[VariantSummary], epochs: int
) -> list[Record]:
    """Make a record of what each convention draws, and what that does to objects."""
    pairs = zip(every, found, strict=True)
    return [_record(variants, one, epochs) for variants, one in pairs]


def _record(variants: Variants, one: VariantSummary, epochs: int) -> Record:
    rule = variants.nominal.augment
    sizes = [
        {"size": size} | group_record(one.group((size,), epochs)) for size in SIZE_BINS
    ]
    return {
        "preset": variants.nominal.name,
        "short_sides": variants.short_sides,
        "short_range": rule.short_range,
        "flip": rule.flip,
        "num_variants": len(variants.each),
        "is_sampled": variants.is_sampled,
        "epochs": epochs,
        **group_record(one.group(epochs=epochs)),
        "by_size": sizes,
        "by_short_side": [
            {"short_side": side, "unassigned_share": metrics.plain(share)}
            for side, share in shares_by_side(one, variants).items()
        ],
    }


def group_record(group: VariantGroup) -> Record:
    """Make a record of some objects over all that is drawn."""
    average, number = group.average, group.num_objects
    has_low = average.num_low_quality_only is not None
    return {
        "num_objects": number,
        "num_left_out": group.num_left_out,
        "unassigned_share": average.unassigned_share,
        "poorly_assigned_share": average.poorly_assigned_share,
        "expected_positives": average.mean_positives,
        **_lacked_record(group.unassigned, number, ""),
        **(_lacked_record(group.poorly, number, "poorly_") if has_low else {}),
        "nominal_unassigned_share": group.nominal.unassigned_share,
        "nominal_poorly_assigned_share": group.nominal.poorly_assigned_share,
    }


def _lacked_record(lacked: Lacked, number: int, prefix: str) -> Record:
    counts: dict[str, int | Fraction] = {
        "every_variant": lacked.every,
        "some_variants": lacked.some,
        "never_in_epochs": lacked.never,
    }
    found = {f"{prefix}{name}": metrics.plain(each) for name, each in counts.items()}
    shares = {f"{prefix}{n}_share": share_of(c, number) for n, c in counts.items()}
    return found | shares
