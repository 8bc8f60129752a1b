"""Write the sample set: ``python -m tools.sample_scenes``."""

import argparse
import sys
from pathlib import Path

from tools.sample_scenes import write_sample_data


def main() -> None:
    """Write annotations and pictures, and name the files on stderr."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.sample_scenes",
        description="Write the annotations and pictures of the sample set.",
    )
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path("sample_data"),
        help="where to write (sample_data); files of the set there are replaced",
    )
    for path in write_sample_data(parser.parse_args().folder):
        sys.stderr.write(f"wrote {path}\n")


if __name__ == "__main__":
    main()
