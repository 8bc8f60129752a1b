"""Compare with the frameworks' own label assignment: ``make bench-peers``.

They need PyTorch and an older world, so they get an environment of their own in
``benchmarks/data/peers``. Both sides assign the same boxes, already in input pixels,
of the same 500 images of val2017, one thread each, in turn.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.inputs import DATA, FOLDER, val2017_file
from benchmarks.rows import machine, seconds
from benchmarks.timing import ONE_THREAD, Measurement, a_call, environment, in_turn

ENVIRONMENT = DATA / "peers"
NUM_IMAGES = 500
# PyTorch first, from wherever the CPU build is; then what would ask for a newer or
# larger world without --no-deps; then what these need to be imported.
INSTALLS = (
    ("torch==2.13.0",),
    (
        *("--no-deps", "mmdet==3.3.0", "mmengine==0.10.7", "mmcv-lite==2.1.0"),
        *("torchvision==0.28.0", "effdet==0.4.1", "timm==1.0.31"),
        *("yolov5==7.0.14", "ultralytics==8.4.190"),
    ),
    (
        *("numpy==2.4.6", "addict==2.4.0", "antlr4-python3-runtime==4.13.2"),
        *("matplotlib==3.11.2", "omegaconf==2.4.0", "packaging==26.4", "psutil==7.2.2"),
        *("opencv-python-headless==5.0.0.93", "pycocotools==2.0.11", "pyyaml==6.0.4"),
        *("regex==2026.11.19", "requests==2.34.2", "rich==15.0.0", "scipy==1.17.1"),
        *(
            "shapely==2.2.0",
            "six==1.17.0",
            "termcolor==3.3.0",
            "terminaltables==3.1.10",
        ),
        *("tqdm==4.70.1", "yapf==0.43.0"),
    ),
)
# What stands beside a preset, and how many times as long it takes at least.
MMDETECTION = ("atss-mmdet", "retinanet-mmdet", "fcos-mmdet", "ssd300-mmdet")
TORCHVISION = ("ssd300-torchvision", "ssdlite320-torchvision")
PEERS = {
    **dict.fromkeys(MMDETECTION, ("mmdetection", 100)),
    **dict.fromkeys(TORCHVISION, ("torchvision", 100)),
    "efficientdet-d0": ("effdet", 100),
    "yolov5": ("`build_targets` of YOLOv5", 20),
    "ultralytics": ("the gate of Ultralytics", 20),
    "yolox-mmdet": ("the gate of mmdetection", 20),
}
PYTORCH_CPU = "https://download.pytorch.org/whl/cpu"


class PeerError(Exception):
    """The peers cannot run; the text goes into the table."""


def peer_python() -> Path:
    """Make the environment once; the interpreter in it.

    Raises
    ------
    PeerError
        Where something cannot be installed.
    """
    python = ENVIRONMENT / "bin" / "python"
    stamp, wanted = ENVIRONMENT / "complete", repr(INSTALLS)
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    sys.stderr.write(f"setting up {ENVIRONMENT}\n")
    _run(sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT))
    for packages in INSTALLS:
        is_torch = packages[0].startswith("torch")
        index = ("--extra-index-url", PYTORCH_CPU) if is_torch else ()
        pip = (str(python), "-m", "pip", "install", "--disable-pip-version-check")
        _run(*pip, "--quiet", *index, *packages)
    stamp.write_text(wanted)
    return python


def _run(*command: str) -> None:
    """Run a command; the last line it says is the reason if it fails."""
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise PeerError(lines[-1])


class Peer:
    """A process that assigns when asked to; see `peers_process`."""

    def __init__(self, python: Path, inputs: Path) -> None:
        self._process = subprocess.Popen(
            [str(python), "-m", "benchmarks.peers_process", str(inputs)],
            cwd=FOLDER.parent,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, preset: str) -> dict[str, Any]:
        """Assign all images once; seconds and positives.

        Raises
        ------
        PeerError
            Where that fails.
        """
        process = self._process
        if process.stdin and process.stdout:
            process.stdin.write(f"{preset}\n")
            process.stdin.flush()
            line = process.stdout.readline()
        answer: dict[str, Any] = json.loads(line or '{"error": "the process ended"}')
        if "error" in answer:
            raise PeerError(answer["error"])
        return answer

    def run(self, preset: str) -> Callable[[], Measurement]:
        """Make a case for `in_turn`."""
        return lambda: Measurement(self.ask(preset)["seconds"])

    def close(self) -> None:
        """End the process."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()


def row(
    annotations: Path, preset: str, peer: Peer | str, rounds: int
) -> tuple[str, ...]:
    """Measure one rule on both sides."""
    from benchmarks.package_adapter import load_work

    work = load_work(annotations, preset, NUM_IMAGES)
    case = f"`{preset}`, {work.num_boxes:,} boxes on {work.num_images} images"
    ours = a_call(work.assign_all)
    words, goal = PEERS[preset]
    try:
        if isinstance(peer, str):
            raise PeerError(peer)
        theirs = peer.ask(preset)["num_positives"]
        medians = in_turn({"ours": ours, "theirs": peer.run(preset)}, rounds=rounds)
    except PeerError as error:
        return (case, seconds(ours().seconds), words, str(error), "–", f"≥ {goal}", "–")
    ratio = medians["theirs"].seconds / medians["ours"].seconds
    counts = f"{work.assign_all():,} and {theirs:,}"
    return (
        case,
        seconds(medians["ours"].seconds),
        words,
        seconds(medians["theirs"].seconds),
        f"{ratio:.0f} × faster",
        f"≥ {goal}",
        counts,
    )


def main() -> None:
    """Set up, measure and print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", metavar="PRESET", help=", ".join(PEERS))
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    presets, rounds = arguments.presets or PEERS, arguments.rounds
    if unknown := set(presets) - set(PEERS):
        parser.error(f"no peer of {sorted(unknown)[0]}; one of {', '.join(PEERS)}")
    annotations = val2017_file()
    if annotations is None:
        sys.exit("make bench-peers needs val2017's boxes, see benchmarks/README.md")
    from benchmarks.package_adapter import write_images

    inputs = DATA / "peers-images"
    inputs.mkdir(parents=True, exist_ok=True)
    for preset in presets:
        write_images(inputs, annotations, preset, NUM_IMAGES)
    try:
        peer: Peer | str = Peer(peer_python(), inputs)
    except PeerError as error:
        peer = str(error)
    print(f"{machine()}; one thread; medians of {rounds} rounds\n")
    print("| case | atss-inspect | beside it | its figure | ratio | goal | positives |")
    print("|---|---:|---|---:|---:|---|---:|")
    for preset in presets:
        print(f"| {' | '.join(row(annotations, preset, peer, rounds))} |", flush=True)
    if isinstance(peer, Peer):
        peer.close()


if __name__ == "__main__":
    import os

    # NumPy reads these when it is loaded, which only happens in `main`.
    os.environ.update(ONE_THREAD)
    main()
