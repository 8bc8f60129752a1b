"""What the reading of one config may cost, over all its files."""

from dataclasses import dataclass

from atss_inspect.errors import SettingsError
from atss_inspect.importing.values import Place

MOST_BYTES = 1 << 20  # of all files
MOST_FILES = 64
MOST_LEVELS = 20  # of bases of bases
MOST_STEPS = 200_000  # expressions and statements worked out
MOST_ELEMENTS = 100_000  # of new lists, dicts and texts, counted before they are made
MOST_DEPTH = 100  # of values in values
BIGGEST_INTEGER = 10**30


@dataclass
class Budget:
    """What has been spent; a method that would spend too much refuses the config."""

    steps: int = 0
    elements: int = 0
    files: int = 0
    bytes: int = 0

    def step(self, place: Place) -> None:
        """Count one expression or statement."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise SettingsError(place, f"takes more than {MOST_STEPS:,} steps; refused")

    def work(self, count: int, place: Place) -> None:
        """Count elements that one step looks at."""
        self.steps += count // 10
        self.step(place)

    def grow(self, count: int, place: Place) -> None:
        """Count elements, or characters, that are about to be made."""
        self.elements += count
        if self.elements > MOST_ELEMENTS:
            message = f"makes more than {MOST_ELEMENTS:,} elements; refused"
            raise SettingsError(place, message)

    def file(self, size: int, where: str) -> None:
        """Count one file of a number of bytes."""
        self.files += 1
        self.bytes += size
        if self.files > MOST_FILES:
            raise SettingsError(where, f"reads more than {MOST_FILES} files; refused")
        if self.bytes > MOST_BYTES:
            megabytes = MOST_BYTES >> 20
            raise SettingsError(where, f"reads more than {megabytes} MB; refused")


def integer_in_range(value: object, place: Place) -> None:
    """Refuse an integer that no config needs."""
    if isinstance(value, int) and abs(value) >= BIGGEST_INTEGER:
        raise SettingsError(place, "makes an integer of more than 30 digits; refused")
