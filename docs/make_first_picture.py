"""Take the README's picture: the viewer on a scene, in a headless Chromium.

``python -m docs.make_first_picture`` writes docs/viewer.png, as ``make gallery`` does
where there is a Chromium. What is shown is the page that COMMAND writes.
"""

import base64
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

from atss_inspect.cli import run
from docs.make_gallery import COLORS, ROOT, in_the_clone
from tests.browser import start_browser, why_no_browser

COMMAND = "view 22 -p atss-mmdet --no-open"
PICTURE = ROOT / "docs" / "viewer.png"
WIDTH, HEIGHT = 960, 620  # of the window, in CSS pixels
SHOWN = 508  # of its height: the page without its last lines
RATIO = 1.5  # sharp on fine screens
MOST_BYTES = 150_000


def photograph(page: Path) -> bytes:
    """Open a page and take what the window shows, as PNG."""
    with start_browser() as browser:
        browser.resize(WIDTH, HEIGHT, ratio=RATIO)
        browser.open(page)
        browser.shown()
        shot = browser.command("Page.captureScreenshot", format="png")
    return base64.b64decode(shot["data"])


def take(path: Path) -> None:
    """Write the picture, in as few colors as those of the gallery."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        with in_the_clone():
            code = run(["-q", *COMMAND.split(), "-o", str(page)])
        if code:
            sys.exit(code)
        shot = Image.open(io.BytesIO(photograph(page))).convert("RGB")
    shot = shot.crop((0, 0, shot.width, round(SHOWN * RATIO)))
    shot.quantize(COLORS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    if why_no_browser():
        sys.exit(f"{PICTURE.name} stays as it is: {why_no_browser()}")
    take(PICTURE)
