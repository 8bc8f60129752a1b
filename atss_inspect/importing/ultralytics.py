"""YAML of Ultralytics: the ``args.yaml`` of a run, and models by their layers.

Read in ultralytics 8.4.190, cfg/default.yaml, engine/trainer.py and utils/loss.py.
Neither says which version of the package trains, and that decides the gate.
"""

import re
from pathlib import PurePath

from atss_inspect.importing.mmdet_images import CONFIG
from atss_inspect.importing.parts import Part, words
from atss_inspect.importing.yolo_layers import read_levels, read_moves, read_size
from atss_inspect.presets.needing_models import QUERIES

_ROTATED = "has rotated boxes; atss-inspect knows upright ones"
_END2END = "a second head picks one of the same points"
_NOTHING = "assigns no boxes to points"
HEADS = words(
    "Detect v10Detect WorldDetect YOLOEDetect Segment Segment26 YOLOESegment "
    "YOLOESegment26 Pose Pose26"
)
OTHER_HEADS = {
    **dict.fromkeys(("OBB", "OBB26"), _ROTATED),
    **dict.fromkeys(("Classify", "SemanticSegment", "Depth"), _NOTHING),
}
OTHER_TASKS = {
    "obb": _ROTATED,
    **dict.fromkeys(("classify", "semantic", "depth"), _NOTHING),
}
# First version with a preset's gate, and the first without.
VERSIONS = {
    "ultralytics-8.3": ((8, 3, 100), (8, 3, 254)),
    "ultralytics-8.4.100": ((8, 4, 60), (8, 4, 128)),
    "ultralytics": ((8, 4, 128), (9,)),
}
# What moves boxes at random where nothing is said.
_MOVES = {"mosaic": 1.0, "scale": 0.5, "translate": 0.1}
# Names of the package's own models, whose levels are known.
_STANDARD = re.compile(
    r"yolo(e-)?v?\d+[a-z]?6?u?"
    r"(-(p2|p6|seg|pose|worldv?2?|pf|ghost|oiv7|tinyu?|sppu?))*"
)


def read(config: Part, part: str | None) -> str:
    """Read what a run or a model says; name the preset of the version that trains."""
    if part == "rpn":
        config.refuse("", "models of Ultralytics have no RPN")
    preset = _read_version(config)
    strides = _read_model(config) if "backbone" in config else _read_name(config)
    config.set("anchors.strides", strides, "head" if "head" in config else "model")
    if "backbone" not in config:
        _read_arguments(config, strides)
    return preset


def _read_version(config: Part) -> str:
    """Find the preset of the version, which only a change to the config can name."""
    if "version" not in config:
        config.inexact(
            "version",
            "no file has it, and it decides the gate: the latest is taken, of 8.4.128 "
            f"and later (preset ultralytics); `atss-inspect config import {CONFIG} "
            "--with version=8.3.200` takes another, or -p ultralytics-8.3 instead",
        )
        return "ultralytics"
    written = str(config.take("version"))
    found = tuple(map(int, re.findall(r"\d+", written)))
    for preset, (first, beyond) in VERSIONS.items():
        if first <= found < beyond:
            return preset
    known = "8.3.100 to 8.3.253, 8.4.60 to 8.4.127, and 8.4.128 or later"
    reason = f"{written}: the gates that are known are those of {known}"
    return config.refuse("version", reason)


def _read_model(config: Part) -> tuple[int, ...]:
    """Read the levels of a model by its layers."""
    name, strides = read_levels(config, HEADS, OTHER_HEADS)
    if name == "v10Detect" or config.take("end2end", default=False):
        config.tell("end2end", _END2END)
    return tuple(sorted(strides))


def _read_name(config: Part) -> tuple[int, ...]:
    """Tell the levels by the name of a model, as they are in the package's own."""
    named = str(config.take("model", ""))
    stem = PurePath(named.replace("\\", "/")).stem.lower()
    if "rtdetr" in stem:
        config.refuse("model", f"{stem} {QUERIES}")
    if not _STANDARD.fullmatch(stem):
        text = (
            "does not say its levels, P3 to P5 are taken; its YAML of layers has them"
        )
        config.inexact("model", f'"{stem}" {text}, and --set strides=... sets others')
    if stem.startswith(("yolov10", "yolo26")):
        config.tell("model", _END2END)
    if "tiny" in stem:
        return (16, 32)
    levels = {"-p2": (4, 8, 16, 32), "-p6": (8, 16, 32, 64)}
    for mark, strides in levels.items():
        if mark in stem:
            return strides
    return (8, 16, 32, 64) if re.search(r"[nsmlx]6u?$", stem) else (8, 16, 32)


def _read_arguments(config: Part, strides: tuple[int, ...]) -> None:
    """Read the size of images, flips, and what is not imitated."""
    config.refuse_known("task", str(config.take("task", "detect")), OTHER_TASKS)
    read_size(config, strides)
    read_moves(config, _MOVES)
