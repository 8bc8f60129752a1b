"""Time of pictures, for `benchmarks.run`.

Beside them: a process that loads the same file with `load_coco`, imports matplotlib's
figure and saves an empty one, which no picture of that data can do without.
"""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.rows import Row, compare
from benchmarks.timing import PYTHON, TOOL, a_process, in_turn

# An image of which there are pixels.
IMAGE = "785"
EMPTY = (
    "import atss_inspect; dataset = atss_inspect.load_coco({!r}); "
    "from matplotlib.figure import Figure; Figure().savefig('empty.png')"
)
OTHERS = ("positives", "size", "levels", "threshold -p atss-mmdet", "compare", "reach")


def picture_rows(annotations: Path, rounds: int) -> Iterator[Row]:
    """Measure pictures of val2017, each to a file of its own."""
    ann = ("--ann", str(annotations))
    images = ("--images", str(annotations.parent / "images"))
    target = ("-o", "picture.png", "--force")
    image = (TOOL, "plot", "image", IMAGE, *ann, *images, *target)
    cases = {
        "empty": a_process(PYTHON, "-c", EMPTY.format(str(annotations))),
        f"plot image {IMAGE}": a_process(*image),
    }
    for words in OTHERS:
        cases[f"plot {words}"] = a_process(TOOL, "plot", *words.split(), *ann, *target)
    medians = in_turn(cases, rounds=rounds)
    beside = "`load_coco` and an empty figure"
    for name in list(cases)[1:]:
        goal = "≤ 2" if name.startswith("plot image") else "–"
        yield compare(medians, name, "empty", beside, goal)
