"""Read an enriched file back by FiftyOne, in an environment of its own.

First by what reads its COCO files, then as a data set, for which FiftyOne needs its
database, or ``FIFTYONE_DATABASE_URI``. Fails where a value is lost; where there is no
database, that part is said not to have run. `make fiftyone-proof` runs it.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "fiftyone-proof"
PYTHON = FOLDER / "venv" / "bin" / "python"


def main() -> int:
    """Make the environment once, write the sample enriched, let FiftyOne read it."""
    if not (FOLDER / "complete").exists():
        sys.stderr.write(f"setting up {FOLDER}\n")
        _run(sys.executable, "-m", "venv", "--clear", str(FOLDER / "venv"))
        pip = (str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet")
        _run(*pip, "install", "fiftyone>=1.22")
        (FOLDER / "complete").touch()
    target = str(FOLDER / "enriched.json")
    export = (sys.executable, "-m", "atss_inspect", "export", "coco")
    source = str(ROOT / "sample_data" / "instances.json")
    _run(*export, "--ann", source, "-o", target, "--force")
    oracle = str(Path(__file__).with_name("oracle.py"))
    pictures = str(ROOT / "sample_data" / "images")
    return subprocess.run(
        [str(PYTHON), oracle, target, pictures], check=False
    ).returncode


def _run(*command: str) -> None:
    """Run a command; it says itself what fails."""
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main())
