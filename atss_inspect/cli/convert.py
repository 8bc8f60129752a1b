"""``atss-inspect convert``: annotations in a form that loads at once."""

import re
import sys
from typing import Any

import typer

from atss_inspect import __version__
from atss_inspect.cli.options import (
    ANN,
    BOX_FORMAT,
    FORCE,
    KEY,
    SPLIT,
    input_option,
    output_option,
)
from atss_inspect.cli.request import RequestOptions
from atss_inspect.cli.workflow import begin
from atss_inspect.errors import OutputError
from atss_inspect.views.numbers import plural

EXAMPLES = (
    "atss-inspect convert instances_train.json -o train.atss",
    "atss-inspect stats train.atss",
)

# About 1,100,000 boxes, or 75 MB of arrays, at COCO's density.
IMAGES_PER_PART = 150_000
OWN_FILES = re.compile(r"dataset\.json|(images|objects)-\d{3,}\.parquet")

FOLDER = output_option("--output -o FOLDER", "The folder to write, such as train.atss.")
IMAGES = input_option(
    "--images FOLDER",
    "Where the pictures are that YOLO and VOC labels take their sizes from, if not "
    "beside them.",
)
PART_SIZE = output_option(
    "--images-per-part N",
    "Start new files every so many images; what is read later holds one part more "
    "than the arrays themselves.",
    default=IMAGES_PER_PART,
    min=1,
)


def convert(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    ann: list[str] | None = ANN,
    box_format: str | None = BOX_FORMAT,
    split: list[str] | None = SPLIT,
    key: str | None = KEY,
    images: str | None = IMAGES,
    output: str | None = FOLDER,
    images_per_part: int = PART_SIZE,
    force: bool = FORCE,
) -> None:
    """Write annotations as Parquet, which loads much faster.

    Wherever a command takes --ann FILE it takes the folder as well, and answers the
    same: sources, ids, sizes of pictures, and what was mended or left out are kept.
    Masks are not.
    """
    from atss_inspect.annotations import columnar
    from atss_inspect.writers.files import write_bytes
    from atss_inspect.writers.folders import check_folder, open_folder
    from atss_inspect.writers.tables import write_parquet

    if output is None:
        message = "no folder to write named; expected -o FOLDER"
        raise OutputError(message, hint="such as -o train.atss")
    check_folder(output, force=force, own=OWN_FILES)
    how: dict[str, Any] = {"box_format": box_format, "split": split, "key": key}
    flow = begin(context, RequestOptions(ann=ann, images=images, **how))
    dataset = flow.read().dataset
    parts = list(columnar.split(dataset, images_per_part))
    with open_folder(output, force=force, own=OWN_FILES) as folder:
        for number, part in enumerate(parts):
            images, objects = columnar.part_names(number)
            write_parquet(folder / images, columnar.image_table(part))
            write_parquet(folder / objects, columnar.object_table(part))
        description = columnar.describe(dataset, parts, __version__)
        write_bytes(folder / columnar.DESCRIPTION, description)
    if not flow.quiet:
        images = plural(dataset.num_images, "image")
        objects = plural(dataset.num_objects, "object")
        sys.stderr.write(f"wrote {output}, {images} and {objects}\n")
