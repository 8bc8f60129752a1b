"""``atss-inspect plot``: pictures, one file per picture.

Nothing here loads NumPy or matplotlib before a command runs.
"""

from atss_inspect.cli.help import SectionedCommand, make_app
from atss_inspect.cli.plot import (
    compare,
    image,
    levels,
    positives,
    reach,
    size,
    sweep,
    threshold,
)

IMAGES = "One image"
DATA = "All objects"
CONVENTIONS = "Conventions"

app = make_app(help="Draw what assignment does: PNG, SVG or PDF, without a display.")

# A new picture is one line here: a function of its own module in this package.
PICTURES = (
    ("image", image.image, image.EPILOG, IMAGES),
    ("positives", positives.positives, positives.EPILOG, DATA),
    ("size", size.size, size.EPILOG, DATA),
    ("levels", levels.levels, levels.EPILOG, DATA),
    ("threshold", threshold.threshold, threshold.EPILOG, DATA),
    ("compare", compare.compare, compare.EPILOG, DATA),
    ("sweep", sweep.sweep, sweep.EPILOG, CONVENTIONS),
    ("reach", reach.reach, reach.EPILOG, CONVENTIONS),
)
for name, picture, epilog, panel in PICTURES:
    app.command(name, cls=SectionedCommand, epilog=epilog, rich_help_panel=panel)(
        picture
    )
