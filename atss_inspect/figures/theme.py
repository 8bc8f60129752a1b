"""Light, dark and paper: the colors, fonts and shades that all figures share.

Settings of the user's matplotlib do not show through: the same data gives the same
picture everywhere.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

from matplotlib import font_manager
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_rgb

from atss_inspect.matplotlib_defaults import matplotlib_defaults


@dataclass(frozen=True)
class Theme:
    """Colors of one surrounding; every pair used together has contrast enough."""

    name: str  # as typed
    paper: str  # background
    ink: str  # everything that is read
    faint_ink: str  # second-rank text, still legible
    rule: str  # grid lines and frames
    poor: str  # poorly assigned objects; never used for anything else
    canvas: str  # where a picture has no pixels

    @property
    def is_dark(self) -> bool:
        """Whether signs are light on dark ground."""
        return self.name == "dark"

    @property
    def ground(self) -> dict[str, Any]:
        """Box below a text, as matplotlib takes it, that hides the lines there."""
        return {"boxstyle": "square,pad=0.12", "fc": self.paper, "ec": "none"}

    def ramp(self, far: str = "", num_shades: int = 256) -> Colormap:
        """Shades for amounts, from near the ground's color to blue or ``far``.

        They go in steps that print in grey. What is masked is left blank.
        """
        start, end = to_rgb(self.paper), to_rgb(far or _FAR[self.name])
        first = tuple(a + (b - a) * _NEAR for a, b in zip(start, end, strict=True))
        colors = LinearSegmentedColormap.from_list("", [first, end], N=num_shades)
        return colors.with_extremes(bad=(*start, 0.0))

    def readable_on(self, color: tuple[float, ...]) -> str:
        """Choose ink or paper for words on a ground, whichever has more contrast."""
        ground = _luminance(color[:3])

        def contrast(sign: str) -> float:
            """WCAG 2 contrast with the ground, from 1 to 21."""
            dark, bright = sorted((ground, _luminance(to_rgb(sign))))
            return (bright + 0.05) / (dark + 0.05)

        return max((self.ink, self.paper), key=contrast)


# Vermillion of Okabe and Ito's color-blind safe palette: poorly assigned objects.
THEMES = {
    name: Theme(name, *colors)
    for name, *colors in (
        ("light", "#ffffff", "#1f2328", "#59636e", "#d7dce1", "#c24800", "#eef1f4"),
        ("dark", "#14171b", "#eceff2", "#a6b0ba", "#3a424b", "#ff8a4a", "#23282e"),
        # Prints well in grey: black ink, no tinted ground.
        ("paper", "#ffffff", "#000000", "#404040", "#cccccc", "#b34000", "#f4f4f4"),
    )
}
DEFAULT_THEME = THEMES["light"]

# Signs that DejaVu, which comes with matplotlib, lacks are taken from these.
_FALLBACK_FONTS = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Microsoft YaHei", "PingFang SC"),
    *("Hiragino Sans", "Noto Sans Arabic", "Noto Sans Devanagari"),
)
# The far end of a ramp is neither too dark for ink on top nor too pale to be told from
# the ground.
_FAR = {"light": "#3f86bd", "dark": "#3d86c0", "paper": "#7a7a7a"}
_NEAR = 0.06  # the first shade differs from the ground a little
TEXT_SIZE = 9.0  # points; a figure printed at two thirds stays legible


def drawn_in(theme: Theme) -> AbstractContextManager[None]:
    """Make everything created inside the block look like the theme.

    Many properties are decided when an artist is created, so whole figures are made
    inside one such block.
    """
    colors = {
        theme.paper: "axes.facecolor figure.facecolor legend.facecolor "
        "savefig.facecolor",
        theme.ink: "axes.labelcolor axes.titlecolor legend.labelcolor text.color "
        "xtick.labelcolor ytick.labelcolor",
        theme.rule: "axes.edgecolor grid.color legend.edgecolor xtick.color "
        "ytick.color",
    }
    small = ("legend.fontsize", "xtick.labelsize", "ytick.labelsize")
    parameters = {
        **{name: color for color, names in colors.items() for name in names.split()},
        **dict.fromkeys(("axes.labelsize", "axes.titlesize", "font.size"), TEXT_SIZE),
        **dict.fromkeys(small, TEXT_SIZE - 0.5),
        **dict.fromkeys(("axes.spines.right", "axes.spines.top"), False),
        "axes.axisbelow": True,
        "axes.grid": True,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "font.family": font_families(),
        "grid.linewidth": 0.6,
        "legend.frameon": False,
        "lines.linewidth": 1.8,
        # Names from files are data: a dollar sign is a dollar sign.
        "text.parse_math": False,
    }
    return matplotlib_defaults(parameters)


@cache
def font_families() -> list[str]:
    """List the fonts to draw with, the first that has a sign wins."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    return ["DejaVu Sans", *(name for name in _FALLBACK_FONTS if name in known)]


def _luminance(rgb: tuple[float, ...]) -> float:
    """WCAG 2 relative luminance of an sRGB color, from 0 to 1."""
    return sum(
        weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
        for weight, part in zip((0.2126, 0.7152, 0.0722), rgb, strict=True)
    )
