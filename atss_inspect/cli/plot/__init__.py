"""``atss-inspect plot``: pictures, one file per picture.

Nothing here loads NumPy or matplotlib before a command runs.
"""

from atss_inspect.cli.help import SectionedCommand, make_app
from atss_inspect.cli.plot import positives

IMAGES = "One image"
DATA = "All objects"
CONVENTIONS = "Conventions"

app = make_app(help="Draw what assignment does: PNG, SVG or PDF, without a display.")

# A new picture is one line here: a function of its own module in this package.
PICTURES = (("positives", positives.positives, positives.EPILOG, DATA),)
for name, picture, epilog, panel in PICTURES:
    app.command(name, cls=SectionedCommand, epilog=epilog, rich_help_panel=panel)(
        picture
    )
