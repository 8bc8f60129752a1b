"""What training draws, in words and for programs."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from atss_inspect.settings import Settings
from atss_inspect.statistics.tally import share as share_of
from atss_inspect.statistics.variants import Lacked, Lacking, Variants
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


class Over(NamedTuple):
    """What objects are looked at over, besides the convention alone."""

    variants: Variants
    epochs: int
    again: tuple[str, ...]  # options to type again for the same

    @property
    def note(self) -> str:
        """What the columns of a list of objects are."""
        each = "the shifts" if self.variants.noun == SHIFT else "draws"
        what = f"without: share of {each} without a {self.what}; exp.: mean of"
        own, others = "its positives", "pos. and why"
        if self.variants.nominal.rule.gate:
            own, others = "the most picked", "cand. and at most"
        return f"{what} {own}; {others}: {nominal_words(self.variants)}."

    @property
    def what(self) -> str:
        """What an object has, or has not: a positive, of gates a candidate."""
        return what_of(self.variants.nominal)

    def words(self, lacking: Lacking) -> str:
        """How many objects have a positive in no variant; what follows is alone."""
        (every, some, never), noun = self._lacked(lacking), self.variants.noun
        number = int(lacking.by_weight.sum())
        where = "at" if noun == SHIFT else "in"
        most, least = ("at most ", "at least ") * self.variants.is_sampled or ("", "")
        have = "has" if every == 1 else "have"
        text = f"{most}{numbers.count(every)} of {numbers.plural(number, 'object')} "
        text += f"({numbers.percent(share_of(every, number))}) {have} a {self.what} "
        text += f"{where} no {noun}, {least}{_part(some, number)} {where} some, not all"
        if noun != SHIFT:
            text += f"; in {numbers.plural(self.epochs, 'epoch')} {most}"
            text += f"{_part(never, number)} can be expected to have none"
        if not (every or some):
            text = f"every object has a {self.what} in every {noun}"
        alone = nominal_words(self.variants)
        return f"{text}. {alone[0].upper()}{alone[1:]}:"

    def record(self, lacking: Lacking) -> Record:
        """Make a record of what is drawn, and how many objects lack a positive."""
        variants, noun = self.variants, self.variants.noun
        lacked = self._lacked(lacking)
        counts: Record = {"num_objects": int(lacking.by_weight.sum())}
        counts |= {f"every_{noun}": lacked.every, f"some_{noun}s": lacked.some}
        if noun == SHIFT:
            places = {"shifts": [one.shift for one in variants.each]}
            return {"shifts": draw_record(variants) | places | counts}
        counts |= {"epochs": self.epochs, "never_in_epochs": float(lacked.never)}
        return {"variants": draw_record(variants) | counts}

    def _lacked(self, lacking: Lacking) -> Lacked:
        return lacking.lacked(slice(None), self.epochs)


def _part(count: int | Fraction, number: int) -> str:
    return f"{numbers.count(count)} ({numbers.percent(share_of(count, number))})"


def what_of(settings: Settings) -> str:
    """Name what an object has under a convention: a positive, of gates a candidate."""
    return "candidate" if settings.rule.gate else "positive"


def training_note(settings: Sequence[Settings]) -> str:
    """Tell which conventions train with more than one size; empty where none does.

    Where training moves boxes besides, as no variant does, this is told alone.
    """
    if moved := [one for one in settings if one.augment.besides]:
        who = numbers.joined([printable(one.name) for one in moved])
        verb = "trains" if len(moved) == 1 else "train"
        every = dict.fromkeys(what for one in moved for what in one.augment.besides)
        what = numbers.joined([*every])
        return f"{who} {verb} with {what}, which change sizes and are not imitated"
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
        return {"num_shifts": number}
    return {
        "short_sides": variants.short_sides,
        "short_range": rule.short_range,
        "flip": rule.flip,
        "num_variants": number,
        "is_sampled": variants.is_sampled,
    }
