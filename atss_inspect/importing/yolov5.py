"""YAML of YOLOv5: models by their layers, hyperparameters, and a run's ``opt.yaml``.

Read in yolov5 5081342 (v7.0 and after), models/yolo.py, train.py and utils/loss.py.
"""

import re
from typing import Any

from atss_inspect.importing.parts import Part, Unfit, number, numbers
from atss_inspect.importing.yolo_layers import read_levels, read_moves, read_size

_P5: tuple[int, ...] = (8, 16, 32)
_AUTOANCHOR = (
    "autoanchor may train with other anchors, where these fit too few objects: it says "
    "so at the start of training, and only the checkpoint has them; "
    "--set anchors.sizes=[[w,h,...],...] sets them"
)


def read(config: Part, part: str | None) -> str:
    """Read the anchors of a model, or what a run says."""
    if part == "rpn":
        config.refuse("", "models of YOLOv5 have no RPN")
    (_read_model if "backbone" in config else _read_run)(config)
    return "yolov5"


def _read_model(config: Part) -> None:
    """Read strides and anchors, sorted as training sorts them."""
    _, steps = read_levels(config, ("Detect", "Segment"), {})
    sizes = config.made("anchors", _sizes)
    if len(sizes) != len(steps):
        config.refuse("anchors", f"has {len(sizes)} lists for {len(steps)} levels")
    levels = sorted(zip(steps, sizes, strict=True))
    config.set("anchors.strides", tuple(step for step, _ in levels), "head")
    config.set("anchors.sizes", tuple(sides for _, sides in levels), "anchors")
    config.inexact("anchors", _AUTOANCHOR)


def _sizes(values: Any) -> tuple[tuple[float, ...], ...]:
    """Check lists of widths and heights in turn."""
    if not isinstance(values, list):
        reason = "autoanchor makes them from the data: --with anchors=[[w,h,...],...]"
        raise Unfit(reason)
    return tuple(map(numbers, values))


def _read_run(config: Part) -> None:
    """Read ``opt.yaml``, which holds the hyperparameters, or these alone."""
    if "noautoanchor" not in config:
        _read_hyper(config)
        return
    named = f"{config.take('cfg', '')} {config.take('weights', '')}"
    strides = _P5
    if re.search(r"[nsmlx]6|-p[267]|-p34", named):
        text = "has other levels and anchors than the P5 models: its YAML says them"
        config.inexact("cfg" if config.take("cfg") else "weights", text)
        strides += (64,)
    read_size(config, strides)
    if not config.take("noautoanchor"):
        config.inexact("noautoanchor", _AUTOANCHOR)
    hyper = config.node.value.get("hyp")
    if hyper is not None and isinstance(hyper.value, dict):
        _read_hyper(config.section("hyp"))
    else:
        config.inexact("hyp", "is another file, which has anchor_t; 4 is taken")


def _read_hyper(hyper: Part) -> None:
    """Read the factor within which shapes must lie, and random moves."""
    if hyper.take("loss_ota"):
        hyper.refuse_known("loss_ota", "YOLOv7", {})
    hyper.setting("assigner.ratio_below", "anchor_t", 4.0, number)
    read_moves(hyper)
    if hyper.take("anchors"):
        hyper.inexact("anchors", _AUTOANCHOR)
