"""The options that say which sizes and flips training draws."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from atss_inspect.cli.options import OptionGroup, convention_option
from atss_inspect.cli.request import typed_again
from atss_inspect.errors import SettingsError

if TYPE_CHECKING:
    from atss_inspect.settings import ResolvedSettings

SIDES, FLIP, EPOCHS, SHIFTS = "--short-sides", "--flip", "--epochs", "--shifts"
NUM_EPOCHS = 12
MOST_SHIFTS = 1024
MOST_EPOCHS = 1000  # chances are exact, and their digits grow with epochs
_EXAMPLES = "expected 640,672,800, or 480:800:32, or 480..800"
_PART = re.compile(r"(\d{1,9})(?::(\d{1,9})(?::(\d{1,9}))?)?", re.ASCII)


class VariantOptions(OptionGroup):
    """Which sizes and flips are looked at; without any option the nominal size alone.

    Sizes and flips named here replace those of ``augment``, which is looked at with
    ``--as-trained`` alone.
    """

    as_trained: bool = convention_option(
        "--as-trained",
        "Count over every size and flip that training draws, as each preset's "
        "[augment] says.",
        default=False,
    )
    short_sides: str | None = convention_option(
        f"{SIDES} SIDES",
        "Count over short sides that training draws: 640,672,800, 480:800:32, or every "
        "one of 480..800.",
    )
    flip: bool = convention_option(
        FLIP, "Count over images flipped left to right, too.", default=False
    )
    shifts: int | None = None
    epochs: int | None = convention_option(
        f"{EPOCHS} N",
        f"Epochs that training takes, {NUM_EPOCHS} unless told: objects never with a "
        "positive in any are counted.",
        min=1,
        max=MOST_EPOCHS,
    )

    @property
    def is_asked(self) -> bool:
        """Whether a size or a flip is drawn."""
        return self.as_trained or self.short_sides is not None or self.flip

    @property
    def num_epochs(self) -> int:
        """Number of epochs, as typed or the usual one."""
        return self.epochs or NUM_EPOCHS

    def typed_again(self) -> tuple[str, ...]:
        """Write all of them as they were typed, for the next command."""
        return (*self.draws_again(), *typed_again(epochs=self.epochs))

    def draws_again(self) -> tuple[str, ...]:
        """Write them without the epochs, for commands that do not ask for these."""
        flags = {"--as-trained": self.as_trained, FLIP: self.flip}
        named = {"short-sides": self.short_sides, "shifts": self.shifts}
        return (
            *(name for name, typed in flags.items() if typed),
            *typed_again(**named),
        )

    def resolve(
        self, resolved: "tuple[ResolvedSettings, ...]"
    ) -> "tuple[ResolvedSettings, ...]":
        """Put what is looked at into the ``augment`` of each convention.

        Raises `SettingsError` for sides that cannot be, for a convention that has none
        to draw, and for epochs of which nothing is drawn.
        """
        if self.shifts and (self.is_asked or self.epochs is not None):
            message = f"{SHIFTS} {self.shifts}: expected no sizes, flips or epochs"
            hint = f"luck of place is looked at alone: leave out {SHIFTS}, or the rest"
            raise SettingsError(message, hint=hint)
        if not self.is_asked:
            if self.epochs is not None:
                message = f"{EPOCHS} {self.epochs}: expected what is drawn in an epoch"
                hint = f"--as-trained, {SIDES} or {FLIP} say that"
                raise SettingsError(message, hint=hint)
            return resolved
        return tuple(map(self._resolve_one, resolved))

    def _resolve_one(self, one: "ResolvedSettings") -> "ResolvedSettings":
        from atss_inspect.annotations.augment import AugmentRule
        from atss_inspect.statistics.variants import variants_of

        rule, origins = AugmentRule(), dict(one.origins)
        if self.as_trained:
            rule = one.settings.augment
        typed = {} if self.short_sides is None else _parse_sides(self.short_sides)
        origins |= {f"augment.{name}": SIDES for name in typed}
        if self.flip:
            typed["flip"], origins["augment.flip"] = 0.5, FLIP
        settings = replace(one.settings, augment=replace(rule, **typed))
        variants_of(settings)
        return replace(one, settings=settings, origins=origins)


class ShiftOptions(VariantOptions):
    """The same, or other places of the pictures on the grid in place of them."""

    shifts: int | None = convention_option(
        f"{SHIFTS} N",
        "Count over N fixed places of the pictures against the anchors, such as 32: "
        "what is luck of an object's place, and what is its size.",
        min=2,
        max=MOST_SHIFTS,
    )


class PlainVariantOptions(VariantOptions):
    """Sizes and flips where nothing is said of epochs."""

    epochs: None = None


class PlainShiftOptions(ShiftOptions):
    """Sizes and flips, or shifts, where nothing is said of epochs."""

    epochs: None = None


def _parse_sides(text: str) -> "dict[str, Any]":
    """Read sides: both settings of `AugmentRule`, of which one is empty."""
    from atss_inspect.settings import parameters

    origin = f"{SIDES} {text}"
    low, dots, high = (each.strip() for each in text.partition(".."))
    if dots and low.isdecimal() and high.isdecimal():
        found = {"short_sides": (), "short_range": (int(low), int(high))}
    else:
        sides = tuple(side for part in text.split(",") for side in _expand(part, text))
        found = {"short_sides": sides, "short_range": ()}
    for name, value in found.items():
        parameter = parameters.find_parameter(f"augment.{name}", origin)
        parameters.convert(parameter, list(value), origin)
    return found


def _expand(part: str, text: str) -> Iterator[int]:
    """Read one side, or START:STOP:STEP, both ends included."""
    wrong = f'{SIDES}: {_EXAMPLES}, got "{text}"'
    found = _PART.fullmatch(part.strip())
    if found is None:
        raise SettingsError(wrong)
    start, stop, step = (None if each is None else int(each) for each in found.groups())
    assert start is not None
    sides = range(start, (start if stop is None else stop) + 1, max(step or 1, 1))
    if step == 0 or not sides or len(sides) > 10_000:
        raise SettingsError(wrong)
    yield from sides
