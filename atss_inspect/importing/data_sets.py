"""What mmdetection's data set classes keep and train, in terms of our settings.

Read in ``mmdet/datasets/`` of 3.3.0 and 2.28.2, which agree on all that is here. A
class that is not in the table may keep other annotations than ``CocoDataset``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

_LISTS = Path(__file__).parent / "class_lists"
_VOC = (
    *("aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair"),
    *("cow", "diningtable", "dog", "horse", "motorbike", "person", "pottedplant"),
    *("sheep", "sofa", "train", "tvmonitor"),
)
_CITYSCAPES = (
    *("person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle"),
)
_AITOD = (
    *("airplane", "bridge", "storage-tank", "ship", "swimming-pool", "vehicle"),
    *("person", "wind-mill"),
)
_DEEP_FASHION = (
    *("top", "skirt", "leggings", "dress", "outer", "pants", "bag", "neckwear"),
    *("headwear", "eyeglass", "belt", "footwear", "hair", "skin", "face"),
)


@dataclass(frozen=True)
class DatasetRules:
    """One data set class: how it differs from ``CocoDataset``, and what it trains."""

    # names of its own classes, or the list in ``class_lists`` that has them; None where
    # it trains every category of its file, whatever classes a config names
    classes: tuple[str, ...] | str | None
    # settings in place of those of the presets of mmdetection. ``drop_images`` is as
    # here only where a config asks for ``filter_empty_gt``
    settings: Mapping[str, Any] = field(default_factory=dict)
    # whether it asks ``filter_empty_gt`` and the least side of images (``min_size``;
    # always 32 in 2)
    filters_images: bool = True
    # what a config calls `data.min_box_side`, where it may say it: in ``filter_cfg`` of
    # 3, and of the data set itself in 2
    min_box_side: tuple[str, str] = ("", "")
    inexact: str = ""  # what these settings do not imitate
    unread: str = ""  # what decides and stands elsewhere than in the config


# Whole pixels counted from 1, boxes of any size and place; a difficult object is an
# ignored one. Without any filter_cfg no side is asked.
_XML = MappingProxyType(
    {"data.corners": "voc", "data.drop_outside": False, "data.min_box_side": 0.0}
)
# Groups of objects (iscrowd in COCO's form) are objects, and no image is left out.
_OPEN_IMAGES = MappingProxyType(
    {
        **{"data.drop_crowd": False, "data.drop_ignored": False},
        **{"data.drop_outside": False, "data.min_box_side": 0.0},
        **{"data.drop_images": "never", "data.min_image_side": 0},
    }
)
_LABEL_FILE = "its classes are in a label file, not read; all of the annotations are"

DATASET_RULES: Mapping[str, DatasetRules] = MappingProxyType(
    {
        "CocoDataset": DatasetRules("coco"),
        "VOCDataset": DatasetRules(
            _VOC, _XML, min_box_side=("bbox_min_size", "min_size")
        ),
        # Of mmyolo, which adds shapes of batches for testing.
        "YOLOv5CocoDataset": DatasetRules("coco"),
        "XMLDataset": DatasetRules(
            (), _XML, min_box_side=("bbox_min_size", "min_size")
        ),
        # cat_ids are all of the file: classes are no choice.
        "LVISDataset": DatasetRules(None),
        "LVISV05Dataset": DatasetRules(None),
        "LVISV1Dataset": DatasetRules(None),
        "Objects365V1Dataset": DatasetRules("objects365_v1"),
        # But for three pictures that it leaves out by name.
        "Objects365V2Dataset": DatasetRules("objects365_v2"),
        "OpenImagesDataset": DatasetRules(None, _OPEN_IMAGES, filters_images=False),
        "OpenImagesChallengeDataset": DatasetRules(
            None, _OPEN_IMAGES, filters_images=False
        ),
        "CityscapesDataset": DatasetRules(
            _CITYSCAPES,
            {"data.drop_images": "only_crowd"},
            inexact="images of which only crowds are valid are kept",
        ),
        # Of mmdet-rfla and mmdet-aitod, with CocoDataset's rules.
        "AITODDataset": DatasetRules(_AITOD),
        "DeepFashionDataset": DatasetRules(_DEEP_FASHION),
        "WIDERFaceDataset": DatasetRules(
            ("face",), _XML, inexact="boxes lie a pixel further right and down there"
        ),
        "V3DetDataset": DatasetRules((), unread=_LABEL_FILE),
    }
)


@cache
def own_class_lists() -> frozenset[tuple[str, ...]]:
    """List what `own_classes` gives; nobody who trains on such a list has named it."""
    return frozenset(filter(None, map(own_classes, DATASET_RULES)))


@cache
def own_classes(name: str) -> tuple[str, ...]:
    """List the classes that a data set class trains where a config names none.

    In the order of their labels; empty where all categories of the file are trained,
    or where their names are not known here. Raises `KeyError` for a class that is not
    in `DATASET_RULES`.
    """
    classes = DATASET_RULES[name].classes
    if isinstance(classes, str):
        text = (_LISTS / f"{classes}.json").read_text(encoding="utf-8")
        return tuple(json.loads(text))
    return classes or ()
