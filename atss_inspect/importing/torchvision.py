"""The call that builds a detector of torchvision, as a script has it.

Read in torchvision 0.20.1, models/detection/. There is no config file: what the call
leaves out has the default of the function, which is the preset's.
"""

from typing import Any

from atss_inspect.importing.anchor_sizes import (
    per_level,
    set_ratios,
    set_short_sides,
    set_sizes,
    whole_numbers,
)
from atss_inspect.importing.mmdetection import SECOND_STAGE
from atss_inspect.importing.parts import Part, number, whole, words
from atss_inspect.importing.values import Node

_LEVELS = "three levels of which two have the same stride, which no setting holds"
OTHER_BUILDERS = {
    "fasterrcnn_mobilenet_v3_large_fpn": _LEVELS,
    "fasterrcnn_mobilenet_v3_large_320_fpn": _LEVELS,
    **dict.fromkeys(
        ("SSD", "ssd300_vgg16", "ssdlite320_mobilenet_v3_large"),
        "has shapes of its own on each level, which no setting holds",
    ),
}
PRESETS = {
    **dict.fromkeys(
        ("RetinaNet", "retinanet_resnet50_fpn", "retinanet_resnet50_fpn_v2"),
        "retinanet-torchvision",
    ),
    **dict.fromkeys(("FCOS", "fcos_resnet50_fpn"), "fcos-torchvision"),
}
# Arguments that decide weights, layers, losses and what is predicted.
HARMLESS = words(
    "_target_ _args_ _later_ backbone num_classes weights progress weights_backbone "
    "trainable_backbone_layers pretrained pretrained_backbone image_mean image_std "
    "head rpn_head score_thresh nms_thresh detections_per_img topk_candidates "
    "rpn_pre_nms_top_n_train rpn_pre_nms_top_n_test rpn_post_nms_top_n_train "
    "rpn_post_nms_top_n_test rpn_nms_thresh rpn_batch_size_per_image "
    "rpn_positive_fraction rpn_score_thresh box_roi_pool box_head box_predictor "
    "box_score_thresh box_nms_thresh box_detections_per_img box_fg_iou_thresh "
    "box_bg_iou_thresh box_batch_size_per_image box_positive_fraction bbox_reg_weights "
    "mask_roi_pool mask_head mask_predictor keypoint_roi_pool keypoint_head "
    "keypoint_predictor num_keypoints"
)
_LATER = ("head", "backbone", "roi_heads", "rpn.head")
_POSITIONS = ("backbone", "num_classes", "min_size", "max_size")
_EXTRA_LEVELS = {"LastLevelMaxPool": 1, "LastLevelP6P7": 2}
_KEYPOINT_SIDES = (640, 672, 704, 736, 768, 800)


def read(config: Part, part: str | None) -> str:
    """Read the arguments of the call, and what is assigned to its result."""
    call = _named(config)
    name = call.type
    if name in OTHER_BUILDERS:
        call.refuse("", f"{name}: {OTHER_BUILDERS[name]}")
    preset = PRESETS.get(name, "rpn-torchvision")
    if preset == "rpn-torchvision" and part == "head":
        call.refuse("", f"{name}: {SECOND_STAGE}")
    if preset != "rpn-torchvision" and part == "rpn":
        call.refuse("", f"{name} has no RPN")
    call.take("**")  # not known, and refused, if there
    _read_backbone(call, name, preset)
    _read_anchors(call, preset)
    _read_bars(call, preset)
    is_keypoints = name.lower().startswith("keypointrcnn")
    sides = _KEYPOINT_SIDES if is_keypoints else (800,)
    set_short_sides(call, "min_size", call.made("min_size", whole_numbers, sides))
    call.setting("resize.long_side", "max_size", 1333, whole)
    call.setting("resize.pad_divisor", "size_divisible", 32, whole)
    if call.take("fixed_size") is not None:
        call.refuse("fixed_size", "resizes to one size by a factor, no rule here")
    call.tell("data", "the rules of data are those of torchvision's references")
    call.rest(HARMLESS)
    return preset


def _named(call: Part) -> Part:
    """Name arguments by their position; what is assigned later replaces some."""
    is_class = call.type[:1].isupper()
    held = _with_names(call, _POSITIONS if is_class else ("weights", "progress"))
    later = held["_later_"].value if "_later_" in held else {}
    for path, node in later.items():
        renamed = path.replace("transform.", "").replace("rpn.anchor", "rpn_anchor")
        if renamed in ("min_size", "max_size") or renamed.endswith("anchor_generator"):
            held[renamed] = node
        elif not path.startswith(_LATER):
            text = "an attribute that is not known here"
            call.notes.say("not_read", path, node.place, text)
    return Part(Node(held, call.node.place), call.key, call.notes)


def _with_names(part: Part, names: tuple[str, ...]) -> dict[str, Node]:
    """Name arguments that have none by their positions."""
    held: dict[str, Node] = dict(part.node.value)
    args = held["_args_"].value if "_args_" in held else []
    if len(args) > len(names):
        part.refuse("_args_", "too many arguments without a name")
    return held | dict(zip(names, args, strict=False))


def _read_backbone(call: Part, name: str, preset: str) -> None:
    """Read strides of ``resnet_fpn_backbone``; builders have the preset's."""
    if name[0].islower():
        return
    backbone = call.part("backbone")
    if backbone is None or backbone.type != "resnet_fpn_backbone":
        what = backbone.type if backbone else "no backbone"
        call.refuse("backbone", f"the strides of {what} are not known here")
    layers = backbone.made("returned_layers", whole_numbers, (1, 2, 3, 4))
    strides = [2 << layer for layer in layers]
    extra = backbone.part("extra_blocks")
    kind = extra.type if extra else "LastLevelMaxPool"
    if kind not in _EXTRA_LEVELS:
        backbone.refuse("extra_blocks", f'the levels of "{kind}" are not known here')
    strides += [strides[-1] << step + 1 for step in range(_EXTRA_LEVELS[kind])]
    backbone.set("anchors.strides", tuple(strides), "returned_layers")
    if preset == "fcos-torchvision" and strides[0] != 8 and not _generator(call):
        call.refuse("backbone", "its strides are not the sizes that FCOS has")


def _generator(call: Part) -> Part | None:
    for name in ("anchor_generator", "rpn_anchor_generator"):
        if (found := call.part(name)) is not None:
            return found
    return None


def _read_anchors(call: Part, preset: str) -> None:
    """Read ``AnchorGenerator``; FCOS takes ranges and centers from its sizes."""
    default = (4, 8, 16, 32, 64) if preset == "rpn-torchvision" else _FIVE
    known = call.notes.value_of("anchors.strides")
    strides = known or default
    part = _generator(call)
    if part is None:
        if len(strides) != len(default):
            call.refuse("backbone", f"{len(strides)} levels for anchors of 5")
        return
    if part.type != "AnchorGenerator":
        part.refuse("", f'the generator "{part.type}" is not known here')
    held = _with_names(part, ("sizes", "aspect_ratios"))
    part = Part(Node(held, part.node.place), part.key, part.notes)
    sizes = part.made("sizes", _sizes, ((128, 256, 512),))
    ratios = part.made("aspect_ratios", per_level, ((0.5, 1.0, 2.0),))
    if len(sizes) != len(strides) or len(ratios) not in (1, len(strides)):
        text = f"for {len(sizes)} levels where there are {len(strides)}"
        part.refuse("sizes", text)
    if preset != "fcos-torchvision":
        if known is None:
            part.set("anchors.strides", strides, "sizes", default="of the backbone")
        set_sizes(part, "sizes", sizes, make=int)
        set_ratios(part, "aspect_ratios", ratios)
    elif sizes != tuple((stride,) for stride in strides):
        part.refuse("sizes", "other sizes than strides are no rule here")


_FIVE = (8, 16, 32, 64, 128)


def _sizes(values: Any) -> tuple[tuple[float, ...], ...]:
    """Check sizes; of a flat list each is that of a level."""
    is_flat = not any(isinstance(one, list | tuple) for one in values)
    return per_level([[one] for one in values] if is_flat else values)


def _read_bars(call: Part, preset: str) -> None:
    """Read the bars of the matcher, or how far from centers points count."""
    if preset == "fcos-torchvision":
        path = "assigner.center_sampling_radius"
        call.setting(path, "center_sampling_radius", 1.5, number)
        return
    is_rpn = preset == "rpn-torchvision"
    prefix, high, low = ("rpn_", 0.7, 0.3) if is_rpn else ("", 0.5, 0.4)
    if call.take("proposal_matcher") is not None:
        call.refuse("proposal_matcher", "a matcher of its own is not read")
    path = "assigner.positive_from"
    call.setting(path, f"{prefix}fg_iou_thresh", high, number)
    path = "assigner.negative_below"
    call.setting(path, f"{prefix}bg_iou_thresh", low, number)
