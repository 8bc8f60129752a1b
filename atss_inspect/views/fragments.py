"""Settings to paste: a file for this tool, and the same in a framework's own form.

What is known of the frameworks' configs stands in the tables at the top; rules know
mmdetection's names of their own parameters. Where a key is not certain, a comment of
the fragment says so. Only what changes is written: the rest is the preset's config.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from atss_inspect.assigners.pyramid import octave_scales
from atss_inspect.settings import Settings, preset
from atss_inspect.settings.parameters import format_value
from atss_inspect.views.names import as_lines

STRIDES, SCALE, RATIOS = "anchors.strides", "anchors.scale", "anchors.ratios"
OCTAVE, OFFSET = "anchors.scales_per_octave", "anchors.offset"
SIDES = ("resize.short_side", "resize.long_side")
DIVISOR = "resize.pad_divisor"
RADIUS, RANGES = "assigner.center_sampling_radius", "assigner.scale_ranges"
SHAPES = (STRIDES, SCALE, OCTAVE, RATIOS)
# The levels that a ResNet has features for, C2 to C5.
_STAGES = range(2, 6)
# Of mmdetection: place in ``model`` of what a rule calls by its last part.
_MMDETECTION = {
    "assigner": ("train_cfg", "assigner"),
    "anchor_generator": ("bbox_head", "anchor_generator"),
    "bbox_head": ("bbox_head",),
}
_MMDETECTION_RPN = {
    "assigner": ("train_cfg", "rpn", "assigner"),
    "anchor_generator": ("rpn_head", "anchor_generator"),
}
_MMDETECTION_ANCHORS = {
    STRIDES: "strides",
    SCALE: "octave_base_scale",
    OCTAVE: "scales_per_octave",
    RATIOS: "ratios",
    OFFSET: "center_offset",
}
# Of the official repositories: keys below MODEL.
_OFFICIAL = {
    "atss": {
        "assigner.k": "ATSS.TOPK",
        STRIDES: "ATSS.ANCHOR_STRIDES",
        SCALE: "ATSS.ANCHOR_SIZES",
        OCTAVE: "ATSS.SCALES_PER_OCTAVE",
        RATIOS: "ATSS.ASPECT_RATIOS",
    },
    "retinanet": {
        STRIDES: "RETINANET.ANCHOR_STRIDES",
        SCALE: "RETINANET.ANCHOR_SIZES",
        OCTAVE: "RETINANET.SCALES_PER_OCTAVE",
        RATIOS: "RETINANET.ASPECT_RATIOS",
    },
    "fcos": {STRIDES: "FCOS.FPN_STRIDES", RADIUS: "FCOS.CENTER_SAMPLING_RADIUS"},
}
_MORE_ANCHORS = (
    "Another number of anchors a cell: a trained detector's weights no longer fit."
)
_NO_LEVELS = "Not certain: a ResNet with FPN as the preset has it has no such levels."

Lines = Iterator[str]
Tree = dict[str, Any]


class Expression(str):
    """Code of Python, to be written as it is."""

    __slots__ = ()


class Fragment(NamedTuple):
    """Lines for a config of a framework."""

    framework: str  # its name for people
    text: str


class Change(NamedTuple):
    """What is to be written."""

    settings: Settings
    paths: tuple[str, ...]  # that change

    @property
    def kind(self) -> str:
        """Detector of the preset: atss, retinanet, rpn or fcos."""
        return self.settings.extends.partition("-")[0]

    def has(self, *paths: str) -> bool:
        """Whether any of some settings changes."""
        return any(path in self.paths for path in paths)

    @property
    def levels(self) -> tuple[int, int] | None:
        """First and last level, 3 and 7 for P3 to P7, where there are no others."""
        strides = self.settings.anchors.strides
        first = strides[0].bit_length() - 1
        last = first + len(strides) - 1
        is_plain = strides == tuple(2**level for level in range(first, last + 1))
        return (first, last) if is_plain and first in _STAGES else None

    @property
    def sizes(self) -> list[list[float]]:
        """Sides of the anchors of every level, in input pixels."""
        anchors = self.settings.anchors
        scales = octave_scales(anchors).tolist()
        return [[stride * scale for scale in scales] for stride in anchors.strides]

    def unknown(self, *known: str) -> Lines:
        """Comments on what changes and has no key here."""
        values = self.settings.values()
        for path in self.paths:
            if path not in known:
                value = format_value(values[path])
                yield f"# {path} = {value}: the key for it is not certain."
        if self.has(OCTAVE, RATIOS):
            yield f"# {_MORE_ANCHORS}"


def fragment_of(settings: Settings, paths: Sequence[str]) -> Fragment | None:
    """Write settings for the framework whose preset they extend.

    ``paths`` are the settings that change. None where they extend no preset.
    """
    framework = settings.extends.split("-")[1] if settings.extends else ""
    if framework not in _WRITERS:
        return None
    name, write = _WRITERS[framework]
    return Fragment(name, as_lines(write(Change(settings, tuple(paths)))))


def toml_of(settings: Settings, changed: Sequence[str], extends: str) -> str:
    """Write a settings file for ``--config``.

    Parameters
    ----------
    settings : the convention to write
    changed : paths that must be written
    extends : name of the preset it starts from, whose other values need not be
        written; empty: the file's own other values stay
    """
    values, own = settings.values(), preset(extends).values() if extends else None
    lines = [f"extends = {format_value(extends)}"] if extends else []
    section = ""
    for path, value in values.items():
        if path not in changed and (own is None or own.get(path) == value):
            continue
        part, _, name = path.partition(".")
        if part != section:
            lines += ["", f"[{part}]"] if lines else [f"[{part}]"]
            section = part
        lines.append(f"{name} = {format_value(value)}")
    return as_lines(lines)


def _mmdetection(change: Change) -> Lines:
    """Lines of a config of mmdetection 3."""
    settings, tree, known = change.settings, Tree(), {RANGES, *SIDES}
    for path, place, value in _mmdetection_entries(change):
        known.add(path)
        _put(tree, place, value)
    if tree:
        entries = (f"    {key}={_as_call(value)}," for key, value in tree.items())
        yield from ("model = dict(", *entries, ")")
    if change.has(*SIDES):
        scale = (settings.resize.long_side, settings.resize.short_side)
        yield "# in train_pipeline and test_pipeline:"
        yield f"dict(type='Resize', scale={scale}, keep_ratio=True),"
    if change.has(STRIDES) and not change.levels:
        yield f"# {_NO_LEVELS}"
    if change.has(STRIDES) and settings.extends.endswith(("-dyhead", "-glip")):
        yield "# Not certain: where neck is a list, these keys go to its FPN."
    yield from change.unknown(*known)


def _mmdetection_entries(
    change: Change,
) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    """Settings, the place of each in ``model``, and the value there."""
    settings, words = change.settings, change.settings.rule.words.mmdetection
    places = _MMDETECTION_RPN if change.kind == "rpn" else _MMDETECTION
    if change.has(DIVISOR):
        divisor = settings.resize.pad_divisor
        yield DIVISOR, ("data_preprocessor", "pad_size_divisor"), divisor
    if change.has(STRIDES) and change.levels:
        first, last = change.levels
        neck = {"start_level": first - 2, "num_outs": last - first + 1}
        neck |= {"end_level": last - 2} if last < _STAGES[-1] else {}
        yield STRIDES, ("neck",), neck
    for path, key, value in _mmdetection_anchors(change):
        part = "anchor_generator" if settings.rule.uses_anchors else "bbox_head"
        yield path, (*places[part], key), value
    for path in change.paths:
        section, _, name = path.partition(".")
        if section == "assigner":
            for part, key, value in words(settings.assigner, settings.pyramid, name):
                yield path, (*places.get(part, (part,)), key), value
    if change.has(STRIDES, RANGES) and (ranges := _ranges(settings)):
        yield RANGES, ("bbox_head", "regress_ranges"), ranges


def _mmdetection_anchors(change: Change) -> Iterator[tuple[str, str, Any]]:
    """Paths, keys and values of mmdetection's generator of anchors or points."""
    anchors = change.settings.anchors
    for path, key in _MMDETECTION_ANCHORS.items():
        if not change.has(path):
            continue
        if change.kind == "rpn" and path in (SCALE, OCTAVE):
            yield path, "scales", octave_scales(anchors).tolist()
        elif change.settings.rule.uses_anchors or path == STRIDES:
            yield path, key, change.settings.values()[path]


def _ranges(settings: Settings) -> tuple[tuple[float, float], ...]:
    """Scale range of each level, as configs write them; empty where rules have none."""
    found = settings.rule.words.level_ranges
    if found is None:
        return ()
    return tuple(
        (low, 1e8 if math.isinf(high) else high)
        for low, high in found(settings.assigner, settings.pyramid)
    )


def _torchvision(change: Change) -> Lines:
    """Calls of torchvision that make the detector."""
    settings, kind = change.settings, change.kind
    resize, is_point = settings.resize, not settings.rule.uses_anchors
    name = {"retinanet": "RetinaNet", "fcos": "FCOS"}.get(kind, "FasterRCNN")
    arguments = []
    if change.has(STRIDES):
        yield from _torchvision_backbone(change)
    if change.has(STRIDES) or (not is_point and change.has(*SHAPES)):
        # FCOS has an anchor a cell whose side is the stride.
        sizes = [[s] for s in settings.anchors.strides] if is_point else change.sizes
        ratios = (1.0,) if is_point else settings.anchors.ratios
        whole = tuple(tuple(int(side) for side in level) for level in sizes)
        key = "rpn_anchor_generator" if kind == "rpn" else "anchor_generator"
        arguments += [
            f"{key}=AnchorGenerator(",
            f"    sizes={whole},",
            f"    aspect_ratios=({_tuple(ratios)},) * {len(whole)},",
            "),",
        ]
    if change.has(RADIUS):
        arguments.append(f"center_sampling_radius={settings.values()[RADIUS]:g},")
    if change.has(*SIDES):
        arguments.append(f"min_size={resize.short_side}, max_size={resize.long_side},")
    lines = ("backbone,", "num_classes,", *arguments)
    if arguments:
        yield from (f"model = {name}(", *(f"    {line}" for line in lines), ")")
    yield from change.unknown(*SHAPES, *SIDES, RADIUS)


def _torchvision_backbone(change: Change) -> Lines:
    """Call that makes the backbone; a pyramid ends in one or two coarser levels."""
    blocks = {6: "LastLevelMaxPool()", 7: "LastLevelP6P7(256, 256)"}
    if change.levels is None or change.levels[1] not in blocks:
        yield f"# {_NO_LEVELS}"
        return
    first, last = change.levels
    layers = [level - 1 for level in range(first, _STAGES.stop)]
    yield from (
        "backbone = resnet_fpn_backbone(",
        '    backbone_name="resnet50",',
        '    weights="DEFAULT",',
        f"    returned_layers={layers},",
        f"    extra_blocks={blocks[last]},",
        ")",
    )


def _detectron2(change: Change) -> Lines:
    """A YAML file of detectron2, and the lines of a LazyConfig."""
    settings, yaml, lazy = change.settings, Tree(), []
    for key, value in _detectron2_entries(change):
        if key[0].isupper():
            _put(yaml, key.split("."), value)
        else:
            lazy.append(f"{key} = {_json(value)}")
    if yaml and settings.rule.uses_anchors:  # its FCOS has no YAML
        yield from ("# YAML", *_yaml(yaml))
    if lazy:
        yield from ("# LazyConfig", *lazy)
    if change.has(STRIDES) and not _has_detectron2_levels(change):
        yield f"# {_NO_LEVELS}"
    yield from change.unknown(*SHAPES, *SIDES, OFFSET, RADIUS)


def _has_detectron2_levels(change: Change) -> bool:
    """Whether the backbones of its presets have these levels."""
    coarsest = 6 if change.kind == "rpn" else 7
    return change.levels is not None and change.levels[1] <= coarsest


def _detectron2_entries(change: Change) -> Iterator[tuple[str, Any]]:
    """Keys of YAML, in capitals, and of a LazyConfig, with their values."""
    settings, anchors = change.settings, change.settings.anchors
    part = "model.proposal_generator" if change.kind == "rpn" else "model"
    if change.has(STRIDES) and _has_detectron2_levels(change):
        yield from _detectron2_levels(change)
    if settings.rule.uses_anchors and change.has(*SHAPES):
        yield "MODEL.ANCHOR_GENERATOR.SIZES", change.sizes
        yield "MODEL.ANCHOR_GENERATOR.ASPECT_RATIOS", [anchors.ratios]
        yield f"{part}.anchor_generator.strides", anchors.strides
        yield f"{part}.anchor_generator.sizes", change.sizes
        yield f"{part}.anchor_generator.aspect_ratios", anchors.ratios
    if change.has(OCTAVE, RATIOS):
        yield f"{part}.head.num_anchors", settings.pyramid.anchors_per_cell
    if settings.rule.uses_anchors and change.has(OFFSET):
        yield "MODEL.ANCHOR_GENERATOR.OFFSET", anchors.offset
        yield f"{part}.anchor_generator.offset", anchors.offset
    if change.has(RADIUS):
        yield "model.center_sampling_radius", settings.values()[RADIUS]
    if change.has(*SIDES):
        yield from _sides(settings)
        resize = "dataloader.train.mapper.augmentations[0]"
        yield f"{resize}.short_edge_length", (settings.resize.short_side,)
        yield f"{resize}.max_size", settings.resize.long_side


def _detectron2_levels(change: Change) -> Iterator[tuple[str, Any]]:
    """Keys of the backbone and the head that follow the levels."""
    first, last = change.levels or (0, 0)
    stages = [f"res{level}" for level in range(first, _STAGES.stop)]
    levels = [f"p{level}" for level in range(first, last + 1)]
    is_rpn = change.kind == "rpn"
    yield "MODEL.RESNETS.OUT_FEATURES", stages
    yield "MODEL.FPN.IN_FEATURES", stages
    yield f"MODEL.{'RPN' if is_rpn else 'RETINANET'}.IN_FEATURES", levels
    yield "model.backbone.bottom_up.out_features", stages
    yield "model.backbone.in_features", stages
    if is_rpn:
        yield "model.proposal_generator.in_features", levels
        return
    yield "model.head_in_features", levels
    shapes = Expression(f"[ShapeSpec(channels=256)] * {len(levels)}")
    yield "model.head.input_shape", shapes


def _official(change: Change) -> Lines:
    """A YAML file of the ATSS or FCOS repository."""
    settings, yaml, keys = change.settings, Tree(), _OFFICIAL.get(change.kind, {})
    values = settings.values() | {SCALE: [level[0] for level in change.sizes]}
    written = list(change.paths)
    if change.has(STRIDES) and SCALE in keys:
        written.append(SCALE)  # sizes are of levels
    entries = [
        (f"MODEL.{keys[path]}", values[path]) for path in written if path in keys
    ]
    if change.has(DIVISOR):
        entries.append(("DATALOADER.SIZE_DIVISIBILITY", settings.resize.pad_divisor))
    if change.has(*SIDES):
        entries += _sides(settings)
    for key, value in entries:
        _put(yaml, key.split("."), value)
    yield from _yaml(yaml)
    if change.has(STRIDES):
        yield "# The levels are built in modeling/backbone/backbone.py: change it too."
    if change.has(STRIDES, RANGES) and (ranges := _ranges(settings)):
        yield "# In modeling/rpn/fcos/loss.py, object_sizes_of_interest:"
        yield f"# {_json(ranges)}"
    yield from change.unknown(*keys, *SIDES, DIVISOR, RANGES)


# By the second part of a preset's name.
_WRITERS: Mapping[str, tuple[str, Callable[[Change], Lines]]] = {
    "mmdet": ("mmdetection", _mmdetection),
    "torchvision": ("torchvision", _torchvision),
    "detectron2": ("detectron2", _detectron2),
    "official": ("the authors' repository", _official),
}


def _sides(settings: Settings) -> Iterator[tuple[str, Any]]:
    """Keys of the sides of the input, which detectron2 and its elders name alike."""
    short, long = settings.resize.short_side, settings.resize.long_side
    yield "INPUT.MIN_SIZE_TRAIN", (short,)
    yield "INPUT.MAX_SIZE_TRAIN", long
    yield "INPUT.MIN_SIZE_TEST", short
    yield "INPUT.MAX_SIZE_TEST", long


def _put(tree: Tree, path: Sequence[str], value: Any) -> None:
    """Set a value in nested dicts."""
    *parents, last = path
    for name in parents:
        tree = tree.setdefault(name, {})
    tree[last] = value


def _as_call(value: Any) -> str:
    """Write nested dicts as ``dict(...)``, and lists as configs of mmdetection do."""
    if isinstance(value, dict):
        inner = ", ".join(f"{key}={_as_call(each)}" for key, each in value.items())
        return f"dict({inner})"
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return f"({', '.join(map(_tuple, value))},)"
    return repr(value) if isinstance(value, str) else _json(value)


def _yaml(tree: Tree, indent: str = "") -> Lines:
    """Write nested dicts as YAML."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from _yaml(value, f"{indent}  ")
        else:
            yield f"{indent}{key}: {_json(value)}"


def _json(value: Any) -> str:
    """Write a value, lists in brackets, whole numbers without a point."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_json, value))}]"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return f'"{value}"' if isinstance(value, str) else str(value)


def _tuple(values: Sequence[float]) -> str:
    """Write numbers as a tuple of Python."""
    inner = ", ".join("1e8" if value == 1e8 else f"{value:g}" for value in values)
    return f"({inner},)" if len(values) == 1 else f"({inner})"
