"""Shades for amounts: from the ground's color to blue, in steps that print in grey."""

from matplotlib.colors import Colormap, LinearSegmentedColormap, to_rgb

from atss_inspect.figures.theme import Theme

# The far end of a ramp. Neither too dark for ink on top nor too pale to be told from
# the ground.
_FAR = {"light": "#3f86bd", "dark": "#3d86c0", "paper": "#7a7a7a"}
_NEAR = 0.06  # the first shade differs from the ground a little


def ramp(theme: Theme, num_shades: int = 256) -> Colormap:
    """Make a ramp of a theme; what is masked is left blank."""
    return _between(theme.paper, _FAR[theme.name], num_shades, theme)


def starved_ramp(theme: Theme, num_shades: int = 256) -> Colormap:
    """Make a ramp to the color of starved objects, for shares of them."""
    return _between(theme.paper, theme.starved, num_shades, theme)


def _between(near: str, far: str, num_shades: int, theme: Theme) -> Colormap:
    """Go from one color to another."""
    start, end = to_rgb(near), to_rgb(far)
    first = tuple(a + (b - a) * _NEAR for a, b in zip(start, end, strict=True))
    colors = LinearSegmentedColormap.from_list("", [first, end], N=num_shades)
    return colors.with_extremes(bad=(*to_rgb(theme.paper), 0.0))


def readable_on(color: tuple[float, ...], theme: Theme) -> str:
    """Choose ink or paper for words on a ground, whichever has more contrast."""
    ground = _luminance(color[:3])
    contrasts = {
        sign: _contrast(ground, _luminance(to_rgb(sign)))
        for sign in (theme.ink, theme.paper)
    }
    return max(contrasts, key=lambda sign: contrasts[sign])


def _contrast(one: float, other: float) -> float:
    """WCAG 2 contrast of two luminances, from 1 to 21."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def _luminance(rgb: tuple[float, ...]) -> float:
    """WCAG 2 relative luminance of an sRGB color, from 0 to 1."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in rgb
    ]
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
