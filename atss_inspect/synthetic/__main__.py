"""Write the sample set, or a set of any size: ``python -m atss_inspect.synthetic``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from atss_inspect.synthetic import write_dataset, write_sample_data


def main(words: Sequence[str] | None = None) -> None:
    """Write annotations, of the sample set with pictures, and say where."""
    options = _parser().parse_args(words)
    if options.images is None:
        paths = write_sample_data(options.target or Path("sample_data"))
    else:
        written = write_dataset(
            options.target or Path("generated.json"),
            num_images=options.images,
            num_objects=options.objects,
            seed=options.seed,
            polygons=not options.boxes_only,
            parts=options.parts,
        )
        paths = list(written.paths)
    for path in paths:
        sys.stderr.write(f"wrote {path}\n")


def _parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(
        prog="python -m atss_inspect.synthetic",
        description="Write the sample set; with --images, a COCO file of that size "
        "that looks like val2017.",
        epilog="As large as Objects365, in half a minute: --images 600000 "
        "--objects 10000000 --boxes-only --parts 20 objects365-sized.json",
    )
    parser.add_argument(
        "target",
        nargs="?",
        type=Path,
        help="the folder of the sample set (sample_data), or the file (generated.json)",
    )
    parser.add_argument("--images", type=int, metavar="N", help="how many images")
    parser.add_argument(
        "--objects", type=int, metavar="N", help="how many objects (7.36 per image)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument(
        "--boxes-only", action="store_true", help="no polygons, a fifth of the size"
    )
    parser.add_argument(
        "--parts",
        type=int,
        default=1,
        metavar="N",
        help="split into so many files, each complete in itself",
    )
    return parser


if __name__ == "__main__":
    main()
