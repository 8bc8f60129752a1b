"""Reading a config with its bases, for `benchmarks.run`."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.rows import Row, compare
from benchmarks.timing import Measurement, Runnable, a_call, environment, in_turn
from tools.import_proof.environment import PYTHON, WHEELS

CONFIGS = (
    "retinanet/retinanet_r50_fpn_1x_coco.py",
    "cascade_rcnn/cascade-rcnn_r50_fpn_1x_coco.py",
    "rtmdet/rtmdet_l_8xb32-300e_coco.py",
)
# The second of two readings in one process, as the first imports the package.
THEIRS = """
import sys, time
from mmengine.config import Config
for _ in range(2):
    begin = time.perf_counter()
    Config.fromfile(sys.argv[1], import_custom_modules=False)
    seconds = time.perf_counter() - begin
print(seconds)
"""


def config_rows(rounds: int) -> Iterator[Row]:
    """Compare with mmengine's own loader; without `make import-proof`, no rows."""
    folder = WHEELS[0].configs
    for name in CONFIGS if folder.is_dir() else ():
        path = folder / name
        cases = {path.stem: _ours(path), "mmengine": _theirs(path)}
        medians = in_turn(cases, rounds=rounds)
        words = "`Config.fromfile` of mmengine"
        case, *rest, _ = compare(medians, path.stem, "mmengine", words, "")
        yield (f"config {case} with its bases", *rest, "≤ 0.02 s")


def _ours(path: Path) -> Runnable:
    from atss_inspect.importing.read import read_config  # see `benchmarks.run`

    return a_call(lambda: read_config(path))


def _theirs(path: Path) -> Runnable:
    def run() -> Measurement:
        done = subprocess.run(
            [str(PYTHON), "-c", THEIRS, str(path)],
            env=environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        return Measurement(float(done.stdout))

    return run
