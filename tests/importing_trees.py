"""Small configs of mmdetection as trees, written here."""

import contextlib
import copy
from pathlib import Path
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing.frameworks import read_as_settings
from atss_inspect.importing.imported import Imported
from atss_inspect.importing.values import Named, Node, Place, Unknown, node_of
from atss_inspect.settings import imported_settings

PIPELINE: list[dict[str, Any]] = [
    {"type": "LoadAnnotations", "with_bbox": True},
    {"type": "Resize", "scale": (1333, 800), "keep_ratio": True},
    {"type": "RandomFlip", "prob": 0.5},
]
ANCHORS = {
    "type": "AnchorGenerator",
    "octave_base_scale": 4,
    "scales_per_octave": 3,
    "ratios": [0.5, 1.0, 2.0],
    "strides": [8, 16, 32, 64, 128],
}
ASSIGNER = {
    "type": "MaxIoUAssigner",
    "pos_iou_thr": 0.5,
    "neg_iou_thr": 0.4,
    "min_pos_iou": 0,
    "ignore_iof_thr": -1,
}
RETINANET: dict[str, Any] = {
    "model": {
        "type": "RetinaNet",
        "data_preprocessor": {"type": "DetDataPreprocessor", "pad_size_divisor": 32},
        "bbox_head": {"type": "RetinaHead", "anchor_generator": ANCHORS},
        "train_cfg": {"assigner": ASSIGNER, "allowed_border": -1},
    },
    "train_dataloader": {
        "dataset": {
            "type": "CocoDataset",
            "filter_cfg": {"filter_empty_gt": True, "min_size": 32},
            "pipeline": PIPELINE,
        }
    },
}
# The same in mmdetection 2.
RETINANET_2: dict[str, Any] = {
    "model": {
        key: RETINANET["model"][key] for key in ("type", "bbox_head", "train_cfg")
    },
    "data": {
        "train": {
            "type": "CocoDataset",
            "pipeline": [
                {"type": "LoadAnnotations"},
                {"type": "Resize", "img_scale": (1333, 800)},
                {"type": "Pad", "size_divisor": 32},
            ],
        }
    },
}


def changed(tree: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A copy with values at paths such as ``model__bbox_head__type``; None deletes."""
    tree = copy.deepcopy(tree)
    for path, value in changes.items():
        *above, last = path.split("__")
        inner = tree
        for key in above:
            inner = inner[key]
        inner[last] = value
        if value is None:
            del inner[last]
    return tree


def read(
    tree: dict[str, Any], part: str | None = None, *, dialect: str = "mmengine"
) -> Imported:
    return read_as_settings(node_of(tree, Place("x.py", 7)), part, dialect=dialect)


def yacs(tree: dict[str, Any], part: str | None = None, **changes: Any) -> Imported:
    return read(changed(tree, **changes), part, dialect="yacs")


def plain(tree: dict[str, Any], part: str | None = None, **changes: Any) -> Imported:
    return read(changed(tree, **changes), part, dialect="yaml")


def values(imported: Imported) -> dict[str, Any]:
    return {one.path: one.value for one in imported.found}


def assigned(imported: Imported) -> dict[str, Any]:
    """Values without what training draws beside."""
    found = values(imported).items()
    return {path: one for path, one in found if not path.startswith("augment.")}


def remarks(imported: Imported, *kinds: str) -> dict[str, str]:
    return {one.key: one.text for one in imported.remarks if one.kind in kinds}


# Values that no config has where something else is expected.
ODD: tuple[Any, ...] = (
    *(
        None,
        0,
        5,
        -1,
        1.5,
        float("inf"),
        float("nan"),
        10**400,
        True,
        "x",
        "",
        (1, 2, 3),
    ),
    *([], [1], [[1]], [None], {}, [{}], {"type": "x"}),
    *(Node(Unknown("call"), Place("x.py", 1)), Node(Named("a.B"), Place("x.py", 1))),
)


def paths(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All paths within dicts and lists."""
    if isinstance(value, dict):
        inner = list(value.items())
    else:
        inner = list(enumerate(value)) if isinstance(value, list | tuple) else []
    return [
        above,
        *(path for key, each in inner for path in paths(each, (*above, key))),
    ]


def put(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    if isinstance(value, dict):
        return value | {path[0]: put(value[path[0]], path[1:], odd)}
    inner = list(value)
    inner[path[0]] = put(inner[path[0]], path[1:], odd)
    return type(value)(inner)


def read_or_refuse_everything(
    tree: dict[str, Any], dialect: str = "mmengine", *, without: tuple[str, ...] = ()
) -> None:
    """Put what nobody expects in every place: no other errors than refusals."""
    for path in [path for path in paths(tree)[1:] if path != without]:
        for odd in ODD:
            with contextlib.suppress(SettingsError):
                imported = read(put(tree, path, odd), dialect=dialect)
                imported_settings(imported, Path("x.py"))
