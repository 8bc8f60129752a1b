"""How much room a line of text takes, before it is drawn."""

from atss_inspect.figures.lettering import text_width
from atss_inspect.views.names import ELLIPSIS


class Ruler:
    """Measures lines of one size, in inches."""

    def __init__(self, size: float, *, weight: str = "normal") -> None:
        self.size = size
        self.weight = weight
        self.height = size * 1.2 / 72

    def width(self, text: str) -> float:
        """Measure a line."""
        return text_width(text, self.size, bold=self.weight == "bold")

    def fitted(self, text: str, room: float, *, is_middle_cut: bool = False) -> str:
        """Shorten a line to a width, the end or the middle marked as cut off."""
        if self.width(text) <= room:
            return text
        shorten = _without_middle if is_middle_cut else _without_end
        fits, too_long = 0, len(text)
        while too_long - fits > 1:
            middle = (fits + too_long) // 2
            if self.width(shorten(text, middle)) <= room:
                fits = middle
            else:
                too_long = middle
        return shorten(text, fits)


def _without_end(text: str, number: int) -> str:
    """Keep so many signs of a text, those at its beginning."""
    return text[:number].rstrip() + ELLIPSIS


def _without_middle(text: str, number: int) -> str:
    """Keep so many signs of a text, half of them at its end."""
    end = text[len(text) - number // 2 :].lstrip()
    return text[: number - number // 2].rstrip() + ELLIPSIS + end
