"""``atss-inspect plot``: pictures, one file per picture.

Nothing here loads NumPy or matplotlib before a command runs.
"""

from atss_inspect.cli.help import LazyGroup, make_app

IMAGES = "One image"
DATA = "All objects"
CONVENTIONS = "Conventions"

# A new picture is one line here: a module of this package with a function of the same
# name and its EPILOG. No module is imported before its picture is asked for.
PICTURES = (
    ("image", IMAGES),
    ("positives", DATA),
    ("size", DATA),
    ("levels", DATA),
    ("threshold", DATA),
    ("compare", DATA),
    ("sweep", CONVENTIONS),
    ("reach", CONVENTIONS),
)


class Pictures(LazyGroup):
    """All pictures."""

    package = __name__
    rows = PICTURES


app = make_app(
    Pictures,
    name="plot",
    help="Draw what assignment does: PNG, SVG or PDF, without a display.",
)
