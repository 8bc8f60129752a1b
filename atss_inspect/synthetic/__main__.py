"""Write the sample set: ``python -m atss_inspect.synthetic [FOLDER]``."""

import argparse
import sys
from pathlib import Path

from atss_inspect.synthetic import write_sample_data


def main() -> None:
    """Write annotations and pictures, and say where."""
    parser = argparse.ArgumentParser(
        prog="python -m atss_inspect.synthetic", description="Write the sample set."
    )
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path("sample_data"),
        help="where to (default: %(default)s)",
    )
    folder = parser.parse_args().folder
    for path in write_sample_data(folder):
        sys.stderr.write(f"wrote {path}\n")


if __name__ == "__main__":
    main()
