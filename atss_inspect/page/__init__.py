"""The page that shows answers in a browser: templates, one script, style sheets.

Real files, put into one HTML file that opens from disk and can ask the network for
nothing. `render` is the way in.
"""

from atss_inspect.page.render import (
    IndexEntry,
    ServedPage,
    render_served_page,
    render_viewer_page,
)

__all__ = ["IndexEntry", "ServedPage", "render_served_page", "render_viewer_page"]
