"""One page to send to a colleague: all answers and pictures in one HTML file.

`answers` computes what the page says, each thing once; `drawings` draws the figures;
`images` chooses the images to look around in, gathers them and keeps their size in
hand; `document` puts the page together.
"""

from atss_inspect.report.answers import Report, find_answers
from atss_inspect.report.document import Page, make_page
from atss_inspect.report.drawings import draw_figures, num_drawings
from atss_inspect.report.images import (
    Wanted,
    choose_images,
    gather_images,
    num_passed_over,
)

__all__ = [
    "Page",
    "Report",
    "Wanted",
    "choose_images",
    "draw_figures",
    "find_answers",
    "gather_images",
    "make_page",
    "num_drawings",
    "num_passed_over",
]
