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
SHIFT = "shift"
BOUNDS = "what holds in every one, some or none is bounded"
EXACT = ", each exact"
_MOST_NAMED = 3  # short sides


def draw_lines(every: Sequence[Variants]) -> Iterator[str]:
    """Name what each convention draws, a line each; alike ones as one."""
    whose: dict[str, list[str]] = {}
    for one in every:
        whose.setdefault(draw_words(one), []).append(printable(one.nominal.name))
    for words, names in whose.items():
        lead = f"{numbers.joined(names)}: " if len(whose) > 1 else ""
        yield f"{lead}{words.removesuffix(EXACT) if lead else words}"


def draw_words(variants: Variants) -> str:
    """Name the sizes and flips drawn, and how many variants these make."""
    rule, number = variants.nominal.augment, len(variants.each)
    if variants.noun == SHIFT:
        cell = f"less than {variants.nominal.pyramid.strides.max():g} input pixels"
        return (
            f"{numbers.plural(number, SHIFT)} of every picture right and down, {cell}"
        )
    sides = variants.short_sides
    size = f"short side {numbers.joined(list(map(str, sides)), 'or')}"
    if rule.short_range:
        low, high = rule.short_range
        size = f"short side {low} to {high}"
        size += f", {len(sides)} sizes of it" if variants.is_sampled else ""
    elif len(sides) > _MOST_NAMED:
        size = f"{len(sides)} short sides from {min(sides)} to {max(sides)}"
    elif not variants.nominal.resize.has_sides:
        size = "one size"
    text = f"{size}{_flip_words(rule.flip)}: {numbers.plural(number, 'variant')}"
    if number == 1:
        return text
    return f"{text}, {BOUNDS}" if variants.is_sampled else f"{text}{EXACT}"


def _flip_words(flip: float) -> str:
    named = {0.0: "", 0.5: ", flipped or not", 1.0: ", flipped"}
    return named.get(flip, f", flipped with a chance of {numbers.percent(flip)}")


def nominal_words(variants: Variants) -> str:
    """Name what is looked at without drawing: "at 800, not flipped"."""
    if variants.noun == SHIFT:
        return "in its own place"
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


def lacked_words(
    lacked: Lacked, number: int, variants: Variants, epochs: int | None
) -> str:
    """How many of so many objects have a positive in no variant, in some, and never.

    Without ``epochs`` nothing is said of them. Empty where no object lacks one.
    """
    if not (lacked.every or lacked.some):
        return ""
    where = "at" if variants.noun == SHIFT else "in"
    most, least = ("at most ", "at least ") if variants.is_sampled else ("", "")
    have = "has" if lacked.every == 1 else "have"
    text = f"{most}{_of_objects(lacked.every, number)} {have} a positive {where} no "
    text += f"{variants.noun}, {least}{_of_objects(lacked.some, number, brief=True)} "
    text += f"{where} some, not all"
    if epochs is not None and variants.noun != SHIFT:
        never = f"{most}{_of_objects(lacked.never, number, brief=True)}"
        text += f"; in {numbers.plural(epochs, 'epoch')} {never} can be expected to "
        text += "have none"
    return f"{text}."


def _of_objects(count: int | Fraction, number: int, *, brief: bool = False) -> str:
    whole = "" if brief else f" of {numbers.plural(number, 'object')}"
    return f"{numbers.count(count)}{whole} ({numbers.percent(share_of(count, number))})"


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


def draw_record(variants: Variants) -> Record:
    """Make a record of what a convention draws."""
    rule, number = variants.nominal.augment, len(variants.each)
    if variants.noun == SHIFT:
        return {"num_shifts": number, "shifts": [one.shift for one in variants.each]}
    return {
        "short_sides": variants.short_sides,
        "short_range": rule.short_range,
        "flip": rule.flip,
        "num_variants": number,
        "is_sampled": variants.is_sampled,
    }


def variants_records(
    every: Sequence[Variants], found: Sequence[VariantSummary], epochs: int
) -> list[Record]:
    """Make a record of what each convention draws, and what that does to objects."""
    pairs = zip(every, found, strict=True)
    return [_record(variants, one, epochs) for variants, one in pairs]


def _record(variants: Variants, one: VariantSummary, epochs: int) -> Record:
    sizes = [
        {"size": size} | group_record(one.group((size,), epochs)) for size in SIZE_BINS
    ]
    return {
        "preset": variants.nominal.name,
        **draw_record(variants),
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


def lacked_record(lacked: Lacked, variants: Variants, epochs: int) -> Record:
    """Make a record of how many objects lack a positive in every variant or shift."""
    noun = variants.noun
    found: Record = {f"every_{noun}": lacked.every, f"some_{noun}s": lacked.some}
    if noun == SHIFT:
        return found
    return found | {"epochs": epochs, "never_in_epochs": metrics.plain(lacked.never)}


def _lacked_record(lacked: Lacked, number: int, prefix: str) -> Record:
    counts: dict[str, int | Fraction] = {
        "every_variant": lacked.every,
        "some_variants": lacked.some,
        "never_in_epochs": lacked.never,
    }
    found = {f"{prefix}{name}": metrics.plain(each) for name, each in counts.items()}
    shares = {f"{prefix}{n}_share": share_of(c, number) for n, c in counts.items()}
    return found | shares
