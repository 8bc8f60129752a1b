"""Draw every picture of docs/pictures.md from sample_data/, and write the page.

``make gallery`` runs this in the clone. The table below is all there is to change: the
page and the pictures follow from it and from the table of plots, and running it twice
changes nothing.
"""

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from PIL import Image

from atss_inspect.cli import run
from atss_inspect.figures.plots import PLOTS, Plot

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "pictures.md"
FOLDER = ROOT / "docs" / "gallery"
PROGRAM = "atss-inspect "
MOST_BYTES = 80_000
COLORS = 256  # of a picture; more make files four times as large
METHOD = Image.Quantize.MAXCOVERAGE  # keeps colors of a few pixels


@dataclass(frozen=True)
class Entry:
    """One picture of the gallery.

    Attributes
    ----------
    name : of the file, without its suffix
    command : as users type it, without where to draw
    title : heading of the section, or "" to go on with the one before
    alt : what the picture shows, for those who cannot see it
    text : how to read it
    options : worth knowing; empty if the text says all
    dpi : pixels per inch, so that the file stays small
    """

    name: str
    command: str
    title: str
    alt: str
    text: str
    options: str = ""
    dpi: int = 110

    @property
    def picture(self) -> str:
        """Name of the plot command."""
        return self.command.split()[2]

    @property
    def path(self) -> Path:
        """Where the picture is."""
        return FOLDER / f"{self.name}.png"


GALLERY = (
    Entry(
        "image",
        "atss-inspect plot image 42",
        "One image",
        "A photograph-like scene with boxes around its objects and marks on them.",
        "The title says what the picture shows. Every object has a color; the marks "
        "in its color are the anchor points that learn it, with a marker for each "
        "pyramid level. Objects without any positive are dashed and named with the "
        "cause; the worst of them, if it is small, stands close up below among the "
        "anchor centers of the finest level. Under the IoU rule a mark is hollow "
        "where the IoU is below the bar (a low-quality match), and objects that have "
        "only such marks are dashed and dotted. With more than 40 objects "
        "well-assigned ones fade, and numbers stand in for labels.",
        "`--worst poorly` takes the image with most poorly assigned objects instead, "
        "`--levels P3,P4` shows some levels only, `--zoom ID` one annotation and its "
        "surroundings, without an image named.",
        92,
    ),
    Entry(
        "image-presets",
        "atss-inspect plot image 42 -p atss-mmdet -p fcos-mmdet",
        "",
        "The same scene twice, side by side, with different marks.",
        "Several presets stand side by side on the same image. The objects on which "
        "they differ are named, with their positives under each; the worst of them "
        "stands close up below.",
        dpi=92,
    ),
    Entry(
        "image-gate",
        "atss-inspect plot image 42 -p ultralytics-8.3 -p yolo11",
        "",
        "The same scene twice; hollow marks fill the boxes, two small ones have none.",
        "Of a gate marks are hollow: candidates, the points that an object may get. "
        "Where there are many on a level, a dotted frame stands around their cells. "
        "Objects that can fill the quota fade. The gate of later versions of "
        "Ultralytics widens small boxes.",
        dpi=92,
    ),
    Entry(
        "image-k",
        "atss-inspect plot image 62 --k 3,9,15",
        "",
        "The same boxes three times; the marks in them grow in number from k 3 to 15.",
        "A panel for each k of ATSS, the number of candidates per level: what more of "
        "them add, and where. There is no file of this image, so boxes and marks "
        "stand on a blank canvas.",
        dpi=100,
    ),
    Entry(
        "image-levels",
        "atss-inspect plot image 62 --by level",
        "",
        "Five panels for the levels P3 to P7, each with the marks of its level alone.",
        "A panel for each pyramid level. Gray boxes are objects that get their "
        "positives on other levels.",
        dpi=100,
    ),
    Entry(
        "image-candidates",
        "atss-inspect plot image 232 --candidates 422",
        "",
        "An object in brackets with its candidates, and two objects that took some.",
        "The candidates of one object, and what became of each: positive, lost to "
        "another object, or rejected; the key counts why. Below stand their IoUs and "
        "the cut-off, where the rule has one. The picture is framed by the object; the "
        "note counts candidates beyond it. Objects that took an anchor from it are "
        "drawn in black and say how many.",
        "For RetinaNet and FCOS the anchors or points that came near are shown.",
        dpi=100,
    ),
    Entry(
        "image-zoom",
        "atss-inspect plot image 232 --zoom 422 --contested --anchors",
        "",
        "A close-up of an object in brackets; rings around marks, boxes of anchors.",
        "A close-up of the same object, which stands in brackets. `--contested` rings "
        "the anchors that another object could have had, `--anchors` draws the boxes "
        "of its anchors and leaves out the marks of others.",
        dpi=100,
    ),
    Entry(
        "image-masks",
        "atss-inspect plot image 62 --mask",
        "",
        "Silhouettes of people and birds in boxes, with marks on and beside them.",
        "With segmentations in the annotations, `--mask` shades the objects "
        "themselves, says what share of the points misses them, and marks these black: "
        "they teach the background as the object.",
        dpi=84,
    ),
    Entry(
        "image-gallery",
        "atss-inspect plot image --gallery 6 --worst unassigned",
        "",
        "Four small scenes in rows, each with its boxes.",
        "A contact sheet of the images with most objects without a positive, cropped "
        "to all of these; here four have any.",
        "`--worst share|lost|fewest` orders by something else.",
        84,
    ),
    Entry(
        "positives",
        "atss-inspect plot positives",
        "Positives per object",
        "Small histograms in a grid, a column for each preset and a row for each size.",
        "A column for each preset, a row for each size, each row with its own scale. "
        "The hatched bar on the left are objects without any positive, with their "
        "share; hollow bars are objects with only low-quality matches. The triangle is "
        "the median. The dashed line is what the ATSS paper expects, 0.2·k·L: where it "
        "meets the triangle, the estimate holds for these objects.",
        "`-p` chooses presets, `--class` and `--size` choose objects.",
    ),
    Entry(
        "size",
        "atss-inspect plot size",
        "Positives against size",
        "A line with a band for each preset over the size of objects.",
        "A line that stays level gives small objects as many positives as large ones, "
        "as the paper claims of ATSS; a line that rises favors large ones. The band "
        "holds the middle half of the objects. Low-quality matches of the IoU rule "
        "are dotted and hollow; the line leaves them out. Below stands the share of "
        "objects that are poorly assigned: without a positive, or with only such "
        "matches.",
    ),
    Entry(
        "ratio",
        "atss-inspect plot size --against ratio",
        "",
        "A line with a band for each preset over height by width of objects.",
        "The same against the aspect ratio, width : height, wide boxes on the left as "
        "in the tables: what falls off on both sides gives elongated objects less.",
    ),
    Entry(
        "position",
        "atss-inspect plot size --against position",
        "",
        "A line with a band for each preset over the distance from the border.",
        "Whether objects near the border of the image get less.",
    ),
    Entry(
        "levels",
        "atss-inspect plot levels",
        "Pyramid levels",
        "Bars for each pyramid level, and a map of levels by size of objects.",
        "Which level learns from how many positives, in all and by the size of the "
        "objects. A level with next to nothing is named as idle: it costs computation "
        "and learns little.",
    ),
    Entry(
        "threshold",
        "atss-inspect plot threshold",
        "The adaptive threshold of ATSS",
        "Densities of thresholds, one for each pyramid level, with their medians.",
        "Each object has a threshold of its own, the mean of its candidates' IoUs plus "
        "their standard deviation. Objects stand in the row of the level that has most "
        "of their positives. Below, the deviation by the mean: it is high where one "
        "level fits better than the others.",
    ),
    Entry(
        "where",
        "atss-inspect plot where",
        "Where in the image",
        "Maps of the image in cells, with per cent of poorly assigned objects in each.",
        "Of all images at once, the share of the objects in each part of the image "
        "that are poorly assigned. The title names the part that stands out, if one "
        "does beyond chance.",
        "`--size` and `--class` choose objects.",
    ),
    Entry(
        "iou",
        "atss-inspect plot iou",
        "How well anchors fit",
        "Histograms of the best IoU of objects, one for each preset.",
        "Each object by the IoU of the best anchor that is positive for it. Hollow "
        "bars lie below the rule's bar, drawn dashed; hatched are objects without a "
        "positive. FCOS looks at no IoU.",
    ),
    Entry(
        "compare",
        "atss-inspect plot compare atss-mmdet retinanet-mmdet",
        "Two presets on the same objects",
        "Bars by size for two presets, and a map of objects by positives under both.",
        "The bars are what each assigns poorly, by size: filled without a positive, "
        "hollow with only low-quality matches. Each cell of the map counts objects by "
        "their positives under both presets; in outlined cells both give alike, left "
        "and above of them the second gives more. The orange frames hold the objects "
        "without a positive under one of the two.",
        "Exactly two presets, or TOML files of your own.",
    ),
    Entry(
        "sweep",
        "atss-inspect plot sweep k=3:19:2",
        "Other values of a setting",
        "Two panels of lines over k, one line for each size of objects.",
        "Above the share of poorly assigned objects, below the mean of positives, both "
        "by size. A ring is the preset as it is, a dot the value that `atss-inspect "
        "sweep` recommends, if any. The title says so where the line is flat; gray "
        "bars are where the share of all may lie by chance.",
        "Any setting, by the names of `--set`; `--from sweep.json` draws what "
        "`atss-inspect sweep --json -o sweep.json` has saved.",
    ),
    Entry(
        "sweep-sizes",
        "atss-inspect plot sweep short_side=480,640,800,1000,1200",
        "",
        "Two panels of lines over the size of the input image.",
        "Larger input images help where objects are too small for the finest level: "
        "the line of the tiny ones falls.",
    ),
    Entry(
        "sweep-levels",
        "atss-inspect plot sweep levels=P2-P6,P3-P7",
        "",
        "Two panels of dots in rows by size, two dots in a row joined by a line.",
        "Few values that are no numbers are dots, joined in a row for each size.",
    ),
    Entry(
        "sweep-grid",
        "atss-inspect plot sweep levels=P2-P6,P3-P7 scale=4,6,8,12",
        "",
        "Two maps, levels of the pyramid by scale of the anchors.",
        "Two settings make maps. The solid frame is the combination that is "
        "recommended, if any, the dashed one the preset as it is. Shades run over the "
        "numbers of the map.",
    ),
    Entry(
        "tune",
        "atss-inspect plot tune -p retinanet-mmdet",
        "What fewer poorly assigned objects cost",
        "A line of lettered points over cost, with a cross for today.",
        "The rows that [`tune`](tune.md) lists: to the right what each costs in "
        "multiply-adds, as a multiple of today's, upward the share of poorly assigned "
        "objects, of all and by size. A cross is today; the letter of what is proposed "
        "is bold. Rows of one price stand beside each other.",
        "It takes the options of `tune`.",
    ),
    Entry(
        "reach",
        "atss-inspect plot reach",
        "Which boxes a preset can see",
        "Maps of positives over width and height of a box, with a cloud of boxes.",
        "Needs no data: boxes of every width and height are put on an empty image, at "
        "64 positions each. Where it is orange most positions get no positive. "
        "RetinaNet's low-quality matches give any box something; in the hatched area "
        "most positions get only these. The dots are the boxes of the annotations, "
        "if there are any.",
        "`--no-data` leaves the dots out; `--set strides=4,8,16,32,64` shows what a "
        "finer level would see.",
    ),
    Entry(
        "reach-rpn",
        "atss-inspect plot reach -p rpn-mmdet --theme dark",
        "",
        "A map of positives over width and height of a box, on dark ground.",
        "A bar of IoU 0.7 with few anchors leaves gaps: only in the islands that are "
        "not hatched does an anchor reach it at most positions. `--theme dark` and "
        "`--theme paper` suit slides and print.",
    ),
    Entry(
        "reach-gate",
        "atss-inspect plot reach -p ultralytics-8.3 -p yolo11",
        "",
        "Two maps of means over width and height of a box, with a cloud of boxes.",
        "Of a gate: how many points are picked at most of a box of that size, anywhere "
        "in the image. Where it is orange most positions have no candidate, so that "
        "nothing can train the box there.",
    ),
)


def page(version: str, entries: tuple[Entry, ...]) -> str:
    """Write the page of pictures that were drawn by a version of matplotlib."""
    sections = [_section(entry) for entry in entries]
    return f"""# Pictures

Every picture below is drawn from `sample_data/` by the command above it, in a clone of
this repository; with your file as an argument (`plot size val.json`) it is drawn from
your annotations. All of them take `-o FILE` (`.png`, `.svg` or `.pdf`; `-` is stdout),
`--theme light|dark|paper`, `--dpi N` and `--show`; none needs a display. Next to the
picture they print the conventions, the numbers it shows most, what these mean, and a
verdict. Pictures of all objects of large data are worked out on all cores (or on
`--jobs N`), or on
[a cluster](scaling.md#a-cluster---dask) with `--dask ADDRESS`, and are the same. A
preset has the same color in every picture, and orange means poorly assigned objects,
nothing else. Names in scripts that the font lacks (Chinese, Japanese, Korean, emoji)
are boxes in pictures; tables and [the viewer](viewer.md) have them right.

{"".join(sections)}## Where image files are

They are read from the folder that `--images` (or the project file) names. Without one
they are looked for beside the annotations: in the folder of the file itself, in
`images`, and in folders named after the split (`val2017` for `instances_val2017.json`),
there and one folder up; a note on stderr says which. `--worst` and `--gallery` prefer
images whose file exists, and say how many they pass over; `--with-picture` takes no
others. Where there is no file a blank canvas is drawn.

---

`make gallery` draws these anew. Drawn with matplotlib {version}.
"""


def _section(entry: Entry) -> str:
    """Write one picture: heading, command, picture, how to read it."""
    heading = f"## {entry.title}\n\n" if entry.title else ""
    text = " ".join(filter(None, (entry.text, entry.options)))
    return (
        f"{heading}```sh\n{entry.command}\n```\n\n"
        f"![{entry.alt}](gallery/{entry.name}.png)\n\n{_folded(text)}\n\n"
    )


def _folded(text: str) -> str:
    """Fold a paragraph; what stands in backquotes is not broken."""
    lines = [""]
    for word in text.split(" "):
        if len(lines[-1]) + 1 + len(word) > 88 and lines[-1].count("`") % 2 == 0:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def entries_to_draw() -> tuple[Entry, ...]:
    """List the entries, and make one of each plot that has none."""
    known = {entry.picture for entry in GALLERY}
    rest = [plot for name, plot in PLOTS.items() if name not in known]
    return (*GALLERY, *map(entry_of, rest))


def entry_of(plot: Plot) -> Entry:
    """Make an entry of a plot as its command draws it, read as in the report."""
    command = f"atss-inspect plot {plot.name}"
    return Entry(plot.name, command, plot.title, plot.title, plot.reading)


def draw(entry: Entry, path: Path) -> int:
    """Run the command of one entry; the exit code."""
    words = entry.command.removeprefix(PROGRAM).split()
    where = ["-o", str(path), "--force", "--dpi", str(entry.dpi)]
    with in_the_clone(), contextlib.redirect_stdout(io.StringIO()):
        code = run(["-q", *words, *where])
    if not code:
        with Image.open(path) as picture:
            few = picture.convert("RGB").quantize(
                COLORS, METHOD, dither=Image.Dither.NONE
            )
        few.save(path, optimize=True)
    return code


@contextlib.contextmanager
def in_the_clone() -> Iterator[None]:
    """Work in the clone's folder, without settings from the caller's environment."""
    own = {name for name in os.environ if name.startswith("ATSS_INSPECT_")}
    kept = {name: os.environ.pop(name) for name in own}
    try:
        with contextlib.chdir(ROOT):
            yield
    finally:
        os.environ.update(kept)


def main() -> int:
    """Draw everything and write the page; the exit code."""
    FOLDER.mkdir(exist_ok=True)
    entries = entries_to_draw()
    for entry in entries:
        if draw(entry, entry.path):
            return 1
    for path in set(FOLDER.glob("*.png")) - {entry.path for entry in entries}:
        path.unlink()
    PAGE.write_text(page(mpl.__version__, entries), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
