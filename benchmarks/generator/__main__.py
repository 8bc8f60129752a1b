"""Write a set of any size: ``python -m benchmarks.generator``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.generator import write_dataset


def main(words: Sequence[str] | None = None) -> None:
    """Write the set that is asked for and name its files on stderr."""
    options = _parser().parse_args(words)
    written = write_dataset(
        options.target,
        num_images=options.images,
        num_objects=options.objects,
        seed=options.seed,
        polygons=not options.boxes_only,
        parts=options.parts,
    )
    for path in written.paths:
        sys.stderr.write(f"wrote {path}\n")


def _parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.generator",
        description="Write a COCO file of any size that looks like val2017.",
        epilog="As large as Objects365, in half a minute: --images 600000 "
        "--objects 10000000 --boxes-only --parts 20 objects365-sized.json",
    )
    parser.add_argument("target", type=Path, help="the file to write")
    parser.add_argument(
        "--images", type=int, required=True, metavar="N", help="how many images"
    )
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
