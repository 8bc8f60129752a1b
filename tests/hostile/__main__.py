"""``python -m tests.hostile FOLDER``: write every case into a folder of its own."""

import sys
from pathlib import Path

from tests.hostile import CASES


def main(folder: str) -> None:
    """Write the files of all cases, numbered, beside what is expected of them."""
    for number, case in enumerate(CASES):
        place = Path(folder) / f"{number:03}"
        place.mkdir(parents=True)
        case.lay(place)
        about = (case.name, case.words, case.environment, case.expected)
        (place / "expected.txt").write_text("\n".join(map(repr, about)), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
