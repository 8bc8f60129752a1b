"""Read every config of four wheels as mmengine does, or refuse it by name.

detectron2's configs are read as well where DETECTRON2_SOURCE names a clone, and configs
with ``read_base()`` where READ_BASE_CONFIGS names a folder of them, such as
``mmdet/configs`` of a clone. Fails where a config differs, or another one than listed
is refused.
"""

import os
import sys
from pathlib import Path

from tools.import_proof.comparison import Comparison, compare
from tools.import_proof.environment import FOLDER, WHEELS, ask, prepare

# Of the wheels: one name a line, in order.
REFUSED = Path(__file__).with_name("refused.txt")
HEAD = "| configs | files | equal | refused by both | refused here | leaves | unknown"
HEAD += " | ms here | ms there |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|"


def main() -> int:
    """Compare all and print one table; 1 where something differs."""
    prepare()
    print(HEAD)
    trees = [("mmengine", wheel.name, wheel.configs) for wheel in WHEELS]
    compared = [one(*tree) for tree in trees]
    names = [
        f"{tree[1]}: {name}"
        for tree, result in zip(trees, compared, strict=True)
        for name in sorted(result.refused | result.other)
    ]
    compared.append(one("flattened", "flattened by a run", WHEELS[0].configs))
    if clone := os.environ.get("DETECTRON2_SOURCE"):
        compared.append(one("yacs", "detectron2 YAML", Path(clone).resolve()))
        compared.append(one("lazy", "detectron2 LazyConfig", Path(clone).resolve()))
    if folder := os.environ.get("READ_BASE_CONFIGS"):
        compared.append(one("mmengine", "read_base", Path(folder).resolve()))
    found = "".join(f"{name}\n" for name in names)
    differs = any("differs" in why for one in compared for why in one.other.values())
    if found != REFUSED.read_text():
        sys.stderr.write(f"refused, other than {REFUSED.name} has it:\n{found}")
    return int(differs or found != REFUSED.read_text())


def one(kind: str, name: str, folder: Path) -> Comparison:
    """Compare one folder and print its row; what is to be looked at goes to stderr."""
    answer = FOLDER / f"{name.replace(' ', '-')}.pickle"
    ask(kind, folder, answer)
    result = compare(kind, folder, answer)
    for path, why in result.other.items():
        sys.stderr.write(f"{name}: {path}: {why}\n")
    ours, theirs = result.milliseconds
    counts = (result.files, result.equal, len(result.refused), len(result.other))
    cells = [*counts, result.leaves, result.unknown]
    words = " | ".join(f"{cell:,}" for cell in cells)
    print(f"| {name} | {words} | {ours:.1f} | {theirs:.1f} |", flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main())
