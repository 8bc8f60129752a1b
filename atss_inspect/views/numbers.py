"""Numbers as people read them. What is undefined is a dash, never a zero."""

from fractions import Fraction

UNDEFINED = "-"
# Means of this size and more are written without decimal places.
LONG = 100


def count(number: int | Fraction) -> str:
    """Write a whole number: 36,780; of a fraction the nearest."""
    return f"{round(number):,}"


def percent(share: float | None) -> str:
    """Write a fraction as a percentage; what rounds to all or nothing says so."""
    if share is None:
        return UNDEFINED
    if share in (0, 1):
        return f"{share:.0%}"
    if share < 0.0005:
        return "<0.1%"
    return ">99.9%" if share > 0.9995 else f"{share:.1%}"


def span_of_shares(low: float, high: float) -> str:
    """Write an interval of shares: 2.1 to 8.0%."""
    first, last = percent(low), percent(high)
    return first if first == last else f"{first.removesuffix('%')} to {last}"


def mean(value: float | None) -> str:
    """Write a mean of counts with one decimal place."""
    return ratio(value, 1)


def ratio(value: float | None, digits: int = 2) -> str:
    """Write an index or a ratio with two decimal places."""
    if not value:
        return UNDEFINED if value is None else "0"
    step = 10.0**-digits
    return f"<{step:g}" if 0 < value < step / 2 else f"{value:,.{digits}f}"


def short(value: float | None) -> str:
    """Write a number with at most one decimal place: 9, 1.9."""
    return UNDEFINED if value is None else f"{value:,.1f}".removesuffix(".0")


def per_image(value: float | None) -> str:
    """Write a mean that may be in the hundred thousands."""
    if value is None or value < LONG:
        return mean(value)
    return f"{value:,.0f}"


def points(rise: float | None) -> str:
    """Write a difference of shares in percentage points."""
    if rise is None:
        return UNDEFINED
    digits = _digits_of_points(rise)
    return signed(round(100 * rise, digits), digits)


def span_of_points(ends: tuple[float, float]) -> str:
    """Write an interval of points: 5.8 to 9.2; no end is 0 that is none."""
    digits = max(map(_digits_of_points, ends))
    return " to ".join(dict.fromkeys(f"{100 * end:z.{digits}f}" for end in ends))


def _digits_of_points(rise: float) -> int:
    """Decimal places that keep little from being nothing, up to four."""
    size = 100 * abs(rise)
    return next((digits for digits in range(1, 5) if size >= 0.5 / 10**digits), 1)


def points_from_to(
    rise: float | None, ends: tuple[float, float] | None, unit: str = ""
) -> str:
    """Write a rise in points, and where it lies if that is known: +7.5 (5.8 to 9.2)."""
    if ends is None or not any(ends):
        return points(rise) + unit
    return f"{points(rise)}{unit} ({span_of_points(ends)})"


def signed(value: float | None, digits: int) -> str:
    """Write a difference with its sign."""
    if value is None:
        return UNDEFINED
    return f"{value:+,.{digits}f}" if value else "0"


def correlation(value: float | None) -> str:
    """Write a coefficient from -1 to 1 with two decimal places."""
    return UNDEFINED if value is None else f"{value:z.2f}"


def as_written(value: float, digits: int) -> float:
    """Round as numbers are written; what is too small to write is half a step."""
    step = 10.0**-digits
    return step / 2 if 0 < value < step / 2 else round(value, digits) + 0.0


def plural(number: int, noun: str) -> str:
    """Write a count with its noun: 1 image, 2 images, 80 classes."""
    if number == 1:
        return f"1 {noun}"
    return f"{count(number)} {noun}{'es' if noun.endswith('s') else 's'}"


def joined(words: list[str], conjunction: str = "and") -> str:
    """Join words as in "a, b and c"."""
    *others, last = words
    return f"{', '.join(others)} {conjunction} {last}" if others else last
