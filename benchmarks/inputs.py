"""The annotation files that are measured: real ones, and generated ones of any size."""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.timing import PYTHON, TOOL

FOLDER = Path(__file__).resolve().parent
DATA = FOLDER / "data"  # generated once, not under version control
TRAIN_FILE = DATA / "train2017-sized.json"


def val2017_file() -> Path | None:
    """Find val2017's boxes among the real data, if there are any here."""
    folder = os.environ.get("ATSS_INSPECT_REAL_DATA")
    if not folder:
        sys.stderr.write("ATSS_INSPECT_REAL_DATA is unset: left out what needs it\n")
        return None
    path = Path(folder) / "data" / "coco-val2017" / "instances_val2017_int.json"
    return path.resolve()


def train2017_file() -> Path:
    """Generate the file of train2017's size, once."""
    if not TRAIN_FILE.exists():
        sys.stderr.write(f"generating {TRAIN_FILE}\n")
        DATA.mkdir(exist_ok=True)
        code = (
            "import sys, pathlib; from benchmarks import package_adapter as package; "
            "package.make_train2017_sized(pathlib.Path(sys.argv[1]))"
        )
        subprocess.run([PYTHON, "-c", code, str(TRAIN_FILE)], check=True)
    return TRAIN_FILE


def generate(path: Path, images: int, objects: int, *options: str) -> None:
    """Generate a set of some size."""
    sys.stderr.write(f"generating {path}\n")
    DATA.mkdir(exist_ok=True)
    size = ("--images", str(images), "--objects", str(objects))
    command = (PYTHON, "-m", "benchmarks.generator", *size, *options, str(path))
    subprocess.run(command, check=True)


def converted(path: Path) -> Path:
    """Convert annotations, once."""
    folder = DATA / f"{path.stem}.atss"
    if not folder.exists():
        command = (TOOL, "-q", "convert", "--ann", str(path), "-o", str(folder))
        subprocess.run(command, check=True)
    return folder
