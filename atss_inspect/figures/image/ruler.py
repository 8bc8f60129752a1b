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

    def fitted(self, text: str, room: float) -> str:
        """Shorten a line to a width, the end marked as cut off."""
        if self.width(text) <= room:
            return text
        fits, too_long = 0, len(text)
        while too_long - fits > 1:
            middle = (fits + too_long) // 2
            if self.width(text[:middle].rstrip() + ELLIPSIS) <= room:
                fits = middle
            else:
                too_long = middle
        return text[:fits].rstrip() + ELLIPSIS
