"""Configs of mmdetection 3 and 2, and of what is built on them."""

from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing.mmdet_data import read_data
from atss_inspect.importing.mmdet_images import Images, size_of
from atss_inspect.importing.mmdet_model import OTHER_HEADS, require_imitable
from atss_inspect.importing.mmdet_rules import read_any_head
from atss_inspect.importing.parts import Notes, Part, same, whole, words
from atss_inspect.presets import preset_names, read_preset

SECOND_STAGE = "a second stage is assigned to proposals, which need a model"
# Where a model without anchors has its head.
_OTHER_PLACES = ("mask_head", "panoptic_head", "query_head", "track_head", "head")


def read(config: Part, part: str | None) -> str:
    """Read what is assigned to anchors, the data and the pipeline of training."""
    is_old = "data" in config and "train_dataloader" not in config
    version = 2 if is_old else 3
    model = config.part("model")
    if model is None:
        config.refuse("model", "is missing")
    extends = read_any_head(*_assigned(config, model, version, part))
    _require_levels(_detector(model))
    loader = config.part("data" if is_old else "train_dataloader")
    if loader is None:
        config.refuse(
            "train_dataloader", "is missing: nothing says how images are read"
        )
    images = read_data(loader, "train" if is_old else "dataset", version=version)
    if not is_old:
        preprocessor = model.part("data_preprocessor")
        while preprocessor and (inner := preprocessor.part("data_preprocessor")):
            preprocessor = inner
        if preprocessor:
            _read_batch(preprocessor, images)
        else:
            text = "1: nothing pads to a multiple"
            model.set("resize.pad_divisor", images.divisor or 1, "", default=text)
    _tell_unused(config, loader, version)
    _complete(config, extends)
    return _nearest(config.notes, extends)


def _complete(config: Part, extends: str) -> None:
    """Set what mmdetection does by itself where the preset does otherwise."""
    usual, theirs = read_preset("retinanet-mmdet"), read_preset(extends)
    for section in ("data", "resize"):
        for name, value in usual[section].items():
            path = f"{section}.{name}"
            if config.notes.value_of(path) is None and theirs[section][name] != value:
                config.set(path, value, "type", default="what mmdetection does")


def _nearest(notes: Notes, extends: str) -> str:
    """Find the preset to extend: a variant where all that makes it one was found."""
    base = read_preset(extends)
    for name in preset_names():
        if not name.startswith(f"{extends}-"):
            continue
        own = {
            f"{section}.{key}": value
            for section, table in read_preset(name).items()
            if isinstance(table, dict)
            for key, value in table.items()
            if base[section].get(key) != value
        }
        if own and all(same(notes.value_of(path), own[path]) for path in own):
            return name
    return extends


def _tell_unused(config: Part, loader: Part | None, version: int) -> None:
    """Tell of a pipeline or a data set that the config itself has to no end."""
    if version != 2 and "data" in config:
        config.not_read("data", "mmdetection 3 looks at train_dataloader instead")
    if config.place_of("train_pipeline").file != config.node.place.file:
        return  # a base's, which this one replaces
    try:
        steps = config.take("train_pipeline", ())
        used = loader.node.plain() if loader else {}
    except SettingsError:
        return  # partly unknown
    if isinstance(steps, list) and not all(_is_in(step, used) for step in steps):
        key = "data.train" if version == 2 else "train_dataloader.dataset"
        text = f"differs from what {key} has for a pipeline, which is what counts"
        config.not_read("train_pipeline", text)


def _is_in(step: Any, held: Any) -> bool:
    """Whether a transform stands anywhere in what is held."""
    if isinstance(held, dict):
        held = tuple(held.values())
    is_list = isinstance(held, list | tuple)
    return is_list and (step in held or any(_is_in(step, one) for one in held))


def _require_levels(model: Part) -> None:
    """Refuse another number of levels than the neck makes, as mmdetection does."""
    steps = model.notes.value_of("anchors.strides")
    makers = [neck for neck in model.parts("neck") if "num_outs" in neck]
    if makers and steps and makers[-1].take("num_outs") != len(steps):
        found = makers[-1].take("num_outs")
        reason = f"{found} levels for {len(steps)} strides: mmdetection stops"
        makers[-1].refuse("num_outs", reason)


def _assigned(
    config: Part, model: Part, version: int, part: str | None
) -> tuple[Part, Part | None]:
    """Find the head whose anchors are assigned to objects, and how it is trained."""
    model = _detector(model)
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


def _detector(model: Part) -> Part:
    """Find the detector in what is built around it."""
    while inner := model.part("detector"):
        model = inner
    return model


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
        other.refuse_known("type", other.type, OTHER_HEADS)
        other.refuse("type", f"{other.type} assigns nothing to anchors")
    return model.refuse("bbox_head", "is missing: nothing is assigned to anchors")


HARMLESS_BATCH = words(
    "type mean std bgr_to_rgb rgb_to_bgr pad_value pad_mask mask_pad_value pad_seg "
    "seg_pad_value boxtype2tensor non_blocking mask_stride pairwise_size "
    "pairwise_dilation pairwise_color_thresh bottom_pixels_removed"
)


def _read_batch(preprocessor: Part, images: Images) -> None:
    """Take what the data preprocessor of 3 pads batches to."""
    key, divisor = "pad_size_divisor", images.divisor
    found = int(preprocessor.made(key, whole, 1))
    if not divisor or found % divisor == 0:
        preprocessor.setting("resize.pad_divisor", key, 1, whole)
    elif divisor % found:
        reason = f"pads to {found} what was padded to {divisor}: no rule here"
        preprocessor.refuse(key, reason)
    for one in preprocessor.parts("batch_augments"):
        _read_batch_step(one, max(found, divisor or 1))
    preprocessor.rest(HARMLESS_BATCH)


def _read_batch_step(step: Part, divisor: int) -> None:
    """Take what happens to a whole batch."""
    name = step.type
    if name == "BatchFixedSizePad":
        size = step.made("size", size_of)
        step.set("resize.pad_to", size, "size")
        if any(side % divisor for side in size):
            step.inexact(
                "size", f"is no multiple of {divisor}, to which it is padded here"
            )
        step.rest({"type", *HARMLESS_BATCH, "img_pad_value"})
    elif name == "PPYOLOEBatchRandomResize":  # the only resize there
        least, most = step.made(key := "random_size_range", size_of)
        step.set("resize.rule", "stretch", key)
        step.set("resize.size", (most, most), key)
        text = f"a side from {least} to {most} is drawn; the largest is used"
        step.inexact(key, text)
    elif name.endswith("BatchSyncRandomResize"):
        step.inexact("", f"{name} draws another size for every batch")
    else:
        step.refuse(
            "", f"{name or 'this'} changes whole batches, which is no rule here"
        )
