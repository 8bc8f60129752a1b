"""Colors of objects: neighbours differ, and none looks like a starved object."""

from atss_inspect.arrays import Float64Array
from atss_inspect.coloring import color_numbers
from atss_inspect.figures.theme import Theme

# After Okabe and Ito and Paul Tol, without orange and red, which starved objects have.
# Dark ones go with the white rim of light themes, light ones with a dark rim.
_ON_LIGHT = (
    "#0072b2",
    "#aa3399",
    "#117733",
    "#5c5200",
    "#332288",
    "#00898a",
    "#d05c9e",
    "#4f5b66",
)
_ON_DARK = (
    "#56b4e9",
    "#dd88cc",
    "#44c27a",
    "#e8d84a",
    "#a9a4ff",
    "#7fe0dc",
    "#ffb8d9",
    "#c5ced8",
)


def palette(theme: Theme) -> tuple[str, ...]:
    """Give the colors that objects take turns with."""
    return _ON_DARK if theme.is_dark else _ON_LIGHT


def rim(theme: Theme) -> str:
    """Give the color of the thin rim that sets signs off from any picture."""
    return "#0d0f12" if theme.is_dark else "#ffffff"


def object_colors(xywh: Float64Array, theme: Theme) -> list[str]:
    """Choose a color for every object of an image.

    Parameters
    ----------
    xywh : (G, 4) of the annotations; the choice depends on nothing else, so that an
        object has one color under all conventions

    Returns
    -------
    G colors; each differs from those of the nearest objects that come before it.
    """
    colors = palette(theme)
    return [colors[number] for number in color_numbers(xywh, len(colors))]
