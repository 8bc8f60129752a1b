"""Configs of mmdetection 3 and 2, and of what is built on them."""

from atss_inspect.importing.imported import Imported
from atss_inspect.importing.mmdet_data import read_data
from atss_inspect.importing.mmdet_images import read_batch
from atss_inspect.importing.mmdet_model import OTHER_HEADS, read_head, require_imitable
from atss_inspect.importing.parts import Notes, Part
from atss_inspect.importing.values import Node

SECOND_STAGE = "a second stage is assigned to proposals, which need a model"
# Where a model without anchors has its head.
_OTHER_PLACES = ("mask_head", "panoptic_head", "query_head", "track_head", "head")


def read(root: Node, part: str | None, *, framework: str) -> Imported:
    """Read what is assigned to anchors, the data and the pipeline of training."""
    notes = Notes()
    config = Part(root, "", notes)
    is_old = "data" in config and "train_dataloader" not in config
    version = 2 if is_old else 3
    model = config.part("model")
    if model is None:
        config.refuse("model", "is missing")
    extends = read_head(*_assigned(config, model, version, part))
    loader = config.part("data" if is_old else "train_dataloader")
    sets = loader.parts("train" if is_old else "dataset") if loader else []
    if not sets:
        key = "data.train" if is_old else "train_dataloader"
        config.refuse(key, "is missing: nothing says how images are read")
    images = read_data(sets[0], version=version)
    if not is_old:
        preprocessor = model.part("data_preprocessor")
        while preprocessor and (inner := preprocessor.part("data_preprocessor")):
            preprocessor = inner
        if preprocessor:
            read_batch(preprocessor, images)
        else:
            text = "1: nothing pads to a multiple"
            model.set("resize.pad_divisor", images.divisor or 1, "", default=text)
    return notes.imported(framework, extends)


def _assigned(
    config: Part, model: Part, version: int, part: str | None
) -> tuple[Part, Part | None]:
    """Find the head whose anchors are assigned to objects, and how it is trained."""
    while inner := model.part("detector"):
        model = inner
    training = model.part("train_cfg")
    if training is None and version == 2:
        training = config.part("train_cfg")
    head = model.part("rpn_head")
    if head is None:
        return _only_head(model, part), training
    require_imitable(head)
    if part == "head":
        model.refuse("roi_head", SECOND_STAGE)
    if "roi_head" in model:
        model.tell("roi_head", f"not read: {SECOND_STAGE}")
    return head, training.part("rpn") if training else None


def _only_head(model: Part, part: str | None) -> Part:
    """Find the head of a model without an RPN."""
    if part == "rpn":
        model.refuse("rpn_head", "is missing: the model has no RPN")
    if head := model.part("bbox_head"):
        require_imitable(head)
        return head
    if "roi_head" in model:
        model.refuse("roi_head", "is trained on stored proposals, which need a model")
    for other in filter(None, map(model.part, _OTHER_PLACES)):
        reason = OTHER_HEADS.get(other.type, "assigns nothing to anchors")
        other.refuse("type", f"{other.type} {reason}")
    return model.refuse("bbox_head", "is missing: nothing is assigned to anchors")
