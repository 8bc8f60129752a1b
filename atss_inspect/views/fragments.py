"""Settings to paste: a file for this tool, and the same in a framework's own form.

Presets name their framework, and the keys of its configs; a rule knows those of its own
parameters. Only what changes is written: the rest is the preset's config. Where a key
is not certain, a comment of the fragment says so.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from textwrap import wrap
from typing import Any, NamedTuple

from atss_inspect.assigners.anchor_rule import AnchorRule, level_name
from atss_inspect.presets import read_framework
from atss_inspect.settings import Settings, override, preset
from atss_inspect.settings.parameters import format_tables, format_value
from atss_inspect.statistics.sweep import LONG_SIDE, SHORT_SIDE, STRIDES
from atss_inspect.views.names import as_lines

SCALE, RATIOS = "anchors.scale", "anchors.ratios"
OCTAVE = "anchors.scales_per_octave"
# Settings that are said by what is derived from them.
SCALES, SIZES, BASE_SIZES = (
    f"anchors.{name}" for name in ("scales", "sizes", "base_sizes")
)
_SIZES = (SCALES, SIZES, BASE_SIZES)
PAD_TO = "resize.pad_to"
_SAID_BY = {
    "sides": (SHORT_SIDE, LONG_SIDE),
    "sizes": (SCALE, OCTAVE, *_SIZES),
    "first_sizes": (SCALE, *_SIZES),
    "scales": (SCALE, OCTAVE),
    "generator": (STRIDES, SCALE, OCTAVE, RATIOS, *_SIZES),
    **dict.fromkeys(("points", "levels", "late_strides"), (STRIDES,)),
    "imgsz": ("resize.size",),
    "square": (SHORT_SIDE, LONG_SIDE, PAD_TO),
    **dict.fromkeys(("rows", "late_sizes"), (SIZES,)),
}
# The levels that a ResNet has features for, C2 to C5.
_FINEST, _COARSEST = 2, 5
_POOLED = 6  # the level that is pooled where there is no P7
_PARALLEL = "DistributedDataParallel"
_ENDLESS = 1e8  # of a range, as configs write it
_MORE_ANCHORS = (
    "Another number of anchors a cell: a trained detector's weights no longer fit."
)

Lines = Iterator[str]
# Keys of a config and their values. What begins with # is for a comment.
Entries = dict[str, Any]


class Expression(str):
    """Code of Python, to be written as it is."""


class Fragment(NamedTuple):
    """Lines for a config of a framework."""

    framework: str  # its name for people
    text: str


@dataclass(frozen=True)
class Convention:
    """Settings, and what the configs of their preset's framework call them."""

    settings: Settings
    framework: Mapping[str, Any]  # empty texts for what it lacks

    @property
    def levels(self) -> tuple[int, int] | None:
        """First and last level, 3 and 7 for P3 to P7; None if there can be no such."""
        strides = self.settings.anchors.strides
        first = int(self.settings.anchors.spacings[0]).bit_length() - 1
        last = first + len(strides) - 1
        is_plain = strides == tuple(2**level for level in range(first, last + 1))
        is_known = last in (self.framework["last_levels"] or (last,))
        is_plain &= _FINEST <= first <= _COARSEST
        return (first, last) if is_plain and is_known else None

    @cached_property
    def values(self) -> Entries:
        """What configs may hold, by its name in the tables of keys."""
        resize = self.settings.resize
        short, long = resize.short_side, resize.long_side
        found = self.settings.values() | {
            "sides": Expression(f"scale={(long, short)}, keep_ratio=True"),
            "short_sides": (short,),
        }
        if len({*resize.size}) == 1:
            found["imgsz"] = resize.size[0]
        if {short, long, *resize.pad_to} == {short}:
            found["square"] = Expression((short, short))
        found |= _anchor_values(self.settings)
        if self.framework["name"] == "mmdetection":
            found |= _mmdetection_anchors(self.settings.anchors)
        if self.framework["name"] == "official":
            found |= _official_anchors(self.settings.anchors)
        if self.levels:
            found |= _level_values(*self.levels)
            found |= _stage_values(self.framework["widths"], *self.levels)
        return found

    def named_keys(self) -> Iterator[tuple[str, str, Any]]:
        """Name of what a key of the config holds, the key, and the value."""
        for name, keys in self.framework["keys"].items():
            if (value := self.values.get(name)) is not None:
                each = [keys] if isinstance(keys, str) else keys
                yield from ((name, key, value) for key in each if key)
        settings = self.settings
        configs = settings.rule.words.configs(settings.assigner, settings.pyramid)
        for name, own in configs.get(self.framework["name"], {}).items():
            yield from ((f"assigner.{name}", *entry) for entry in own.items())

    @property
    def config(self) -> Entries:
        """All keys and their values."""
        named = self.named_keys()
        return {key.format_map(self.framework): value for _, key, value in named}

    @property
    def said(self) -> set[str]:
        """Paths of the settings that the config can say."""
        names = {name for name, _, _ in self.named_keys()}
        if self.values.get(BASE_SIZES) and not self.values.get(SIZES):
            names.add(SIZES)
        named = (_SAID_BY.get(name, ()) for name in names)
        return names.union(*named, self.framework["said"] or ())


def fragment_of(settings: Settings, today: Settings) -> Fragment | None:
    """What changes, for the framework of the preset that settings extend; or None."""
    if not settings.extends:
        return None
    framework = defaultdict(str, read_framework(settings.extends))
    framework["train_cfg"] = framework["assigner"].removesuffix("assigner")
    # What makes the whole detector has all that differs from the preset.
    known = preset(settings.extends) if framework["builder"] else today
    after, before = Convention(settings, framework), Convention(known, framework)
    changed = _differing(after.config, before.config)
    keys = {key: value for key, value in changed.items() if key[0] != "#"}
    told = [f"{key[2:]} = {_literal(changed[key])}" for key in changed if key[0] == "#"]
    write = _WRITERS.get(framework["name"], _write_keys)
    lines = [*write(after, keys)] if keys else []
    lines += (f"# {text}" for text in (*told, *_comments(after, before)))
    return Fragment(framework["title"], as_lines(lines))


def toml_of(settings: Settings, today: Settings, extends: str) -> str:
    """Write a settings file for ``--config``.

    It has what differs from the preset that it extends, or, where that is empty, from
    today's settings, for a file that holds those.
    """
    known = preset(extends) if extends else today
    lines = [f"extends = {format_value(extends)}", ""] if extends else []
    lines += format_tables(_differing(settings.values(), known.values()))
    return as_lines(lines)


def _differing(after: Entries, before: Entries) -> Entries:
    """Entries that are not the same before."""
    return {key: after[key] for key in after if after[key] != before.get(key, ...)}


def _anchor_values(settings: Settings) -> Entries:
    """Sides, ratios and numbers of anchors, as the frameworks write them."""
    anchors = settings.anchors
    levels = list(anchors.levels())
    sizes = [each.sizes.tolist() for each in levels]
    ratios = [tuple(each.ratios.tolist()) for each in levels]
    points = [[stride] for stride in anchors.spacings]
    per_cell = settings.pyramid.per_cell.tolist()
    return {
        "scales": anchors.octave().tolist(),
        "sizes": _sizes(anchors, sizes),
        "first_sizes": [level[0] for level in sizes],
        "all_ratios": ratios if anchors.has_level_ratios else ratios[:1],
        "anchors_per_cell": per_cell[0] if settings.pyramid.is_uniform else None,
        "generator": _generator(sizes, ratios),
        "points": _generator(points, [(1.0,)] * len(points)),
        "rows": anchors.sizes if anchors.style == "yolo" else None,
        "square_scales": anchors.octave()[:1].tolist(),
        "edges": [2 * stride for stride in anchors.spacings],
    }


def _mmdetection_anchors(anchors: AnchorRule) -> Entries:
    """Anchors of mmdetection: what is not used must be None; pairs are (x, y)."""
    no = Expression("None")
    found: Entries = {
        STRIDES: [
            each[::-1] if isinstance(each, tuple) else each for each in anchors.strides
        ],
        SCALES: anchors.scales or no,
        BASE_SIZES: anchors.base_sizes or no,
    }
    levels = [each.sizes for each in anchors.levels()]
    factors = {tuple((sizes / sizes[0]).tolist()) for sizes in levels}
    if anchors.sizes and len(factors) == 1 and not anchors.offset:
        found[BASE_SIZES] = [float(sizes[0]) for sizes in levels]
        found[SCALES] = found["scales"] = list(factors.pop())
        found[SIZES] = None
    if anchors.scales or not found.get(SIZES, no):
        found |= {SCALE: no, OCTAVE: no}
    if anchors.style == "yolo":  # coarsest first, and pairs
        pairs = [list(zip(row[::2], row[1::2], strict=True)) for row in anchors.sizes]
        found |= {"late_sizes": pairs[::-1], "late_strides": anchors.strides[::-1]}
    return found | ({RATIOS: None} if anchors.has_level_ratios else {})


def _official_anchors(anchors: AnchorRule) -> Entries:
    """Anchors of the official repositories: one size a level, or an octave from it."""
    found: Entries = {RATIOS: None} if anchors.has_level_ratios else {}
    if anchors.sizes or anchors.scales:
        is_one = all(len(each.sizes) == 1 for each in anchors.levels())
        found |= {OCTAVE: 1} if is_one else {OCTAVE: None, "first_sizes": None}
    return found


def _sizes(anchors: AnchorRule, sizes: list[list[float]]) -> Any:
    """Sizes of each level; of several an octave the call that makes them."""
    number = len(sizes[0])
    if number == 1 or anchors.sizes or anchors.scales:
        return sizes[:1] if len(anchors.sizes) == 1 else sizes
    steps = ["x", *(f"x * 2 ** ({step}.0 / {number})" for step in range(1, number))]
    firsts = _literal([level[0] for level in sizes])
    return Expression(f"[[{', '.join(steps)}] for x in {firsts}]")


def _generator(sizes: list[Any], ratios: list[tuple[float, ...]]) -> Expression:
    """Call that makes the anchors of torchvision, whose sides are whole."""
    whole = tuple(tuple(int(side) for side in level) for level in sizes)
    all_ratios = f"({ratios[0]},) * {len(whole)}"
    if len(set(ratios)) > 1:
        all_ratios = str(tuple(ratios))
    lines = (f"sizes={whole},", f"aspect_ratios={all_ratios},")
    inner = "".join(f"        {line}\n" for line in lines)
    return Expression(f"AnchorGenerator(\n{inner}    )")


def _level_values(first: int, last: int) -> Entries:
    """What follows the levels."""
    levels, stages = range(first, last + 1), range(first, _COARSEST + 1)
    pooled = range(first, min(last, _COARSEST) + 1)  # by a second stage
    names = {level: f"p{level}" for level in levels}
    fractions = ", ".join(f"1 / {2**level}" for level in pooled)
    blocks = {_POOLED: "LastLevelMaxPool()", 7: "LastLevelP6P7(256, 256)"}
    return {
        "start_level": first - _FINEST,
        "num_outs": len(levels),
        "top_levels": max(last - _COARSEST, 0),
        "end_level": -1 if last >= _COARSEST else last - _FINEST,
        "stages": [f"res{level}" for level in stages],
        "levels": list(names.values()),
        "head_shapes": Expression(f"[ShapeSpec(channels=256)] * {len(levels)}"),
        "pooled": [names[level] for level in pooled],
        "pooled_strides": [2**level for level in pooled],
        "pooler_scales": Expression(f"[{fractions}]"),
        "finest_scale": 14 * 2**first,
        "returned_layers": [level - 1 for level in stages],
        "extra_blocks": Expression(blocks.get(last, "")),
        "extra_block": blocks.get(last, "").partition("(")[0],
        "conv_body": {(2, _POOLED): "R-50-FPN", (3, 7): "R-50-FPN-RETINANET"}.get(
            (first, last)
        ),
    }


def _stage_values(widths: Sequence[int], first: int, last: int) -> Entries:
    """What follows the levels where a neck takes features as they are.

    ``widths`` are those of P2 to P5; ``late`` ones are of Darknet, coarsest first.
    """
    own = list(widths[first - _FINEST : last - _FINEST + 1])
    return {
        "out_indices": list(range(first - 1, last)),
        "widths": own,
        "late_out_indices": list(range(first, last + 1)),
        "late_widths": own[::-1],
        "late_halves": [width // 2 for width in own[::-1]],
    }


def _comments(after: Convention, before: Convention) -> Lines:
    """What to know beside the keys."""
    settings, today = after.settings, before.settings
    changed = _differing(settings.values(), today.values())
    if STRIDES in changed:
        yield from _level_comments(after, before)
        yield from _kept(after, changed)
    said = after.said
    for path, value in changed.items():
        if path not in said:
            yield f"{path} = {format_value(value)}: the key for it is not certain."
    if settings.pyramid.anchors_per_cell != today.pyramid.anchors_per_cell:
        yield _MORE_ANCHORS


def _level_comments(after: Convention, before: Convention) -> Lines:
    """What to know of levels that are not those of today."""
    framework = after.framework
    if framework["levels"]:
        yield f"Not certain: {framework['levels']}."
    has_own = not (after.levels is None and framework["widths"])
    if framework["other_levels"] and has_own and not after.values.get("conv_body"):
        yield from wrap(framework["other_levels"], 76)
    elif after.levels is None:
        network = "a ResNet with FPN" if has_own else "the network"
        yield f"Not certain: {network} as the preset has it has no such levels."
    if len(after.settings.anchors.strides) != len(before.settings.anchors.strides):
        yield from filter(None, [framework["other_number"]])
    if after.levels is None:
        return
    last = after.levels[1]
    if last == _POOLED and before.levels and before.levels[1] > last:
        yield from filter(None, [framework["pooled"]])
    unused = range(last + 1, int(framework["last_weights"] or 0) + 1)
    if unused:
        names = " and ".join(f"p{level}" for level in unused)
        text = f"The backbone still makes {names}, which nothing uses: weights without "
        yield from wrap(f"{text}a gradient, which {_PARALLEL} refuses by default.", 76)


def _kept(after: Convention, changed: Mapping[str, Any]) -> Lines:
    """What would suit other strides, and does not change with them."""
    settings = after.settings
    others = settings.rule.with_other_strides(settings.assigner)
    if not others or others.keys() & changed.keys():
        return
    named = " ".join(f"{path}={format_value(each)}" for path, each in others.items())
    text = f"{' and '.join(others)} stay as they are: each level trains what the one "
    text += "in its place trained before. To follow the strides"
    yield from wrap(f"{text} (--set {named}):", 76)
    fitting = Convention(override(settings, others), after.framework)
    for key, value in _differing(fitting.config, after.config).items():
        yield f"{key.removeprefix('# ')} = {_literal(value)}"


def _write_mmdetection(one: Convention, keys: Entries) -> Lines:
    """Lines of a config of mmdetection 3."""
    sides = keys.pop("Resize", None)
    if keys:
        entries = (
            f"    {key}={_literal(value)}," for key, value in _tree(keys).items()
        )
        yield from ("model = dict(", *entries, ")")
    if sides:
        yield "# in train_pipeline and test_pipeline:"
        truncates = one.settings.resize.rule == "truncated"
        yield f"dict(type='{'FixScale' if truncates else ''}Resize', {sides}),"


def _write_torchvision(one: Convention, keys: Entries) -> Lines:
    """Calls of torchvision that make the detector."""
    has_own = any("." in key for key in keys)  # arguments of the backbone
    texts, name = one.framework, one.framework["model" if has_own else "builder"]
    if has_own:
        yield texts["backbone_imports"].format_map(one.values)
    if texts["anchors"] in keys:
        yield texts["anchor_import"]
    yield from (f"from torchvision.models.detection import {name}", "")
    if has_own:
        yield texts["backbone"].format_map(one.values)
    yield from (f"model = {name}(", *(["    backbone,"] if has_own else []))
    yield f"    {texts['num_classes']}"
    yield from (f"    {key}={_literal(keys[key])}," for key in keys if "." not in key)
    yield ")"


def _write_keys(one: Convention, keys: Entries) -> Lines:
    """Keys in capitals as YAML, the others as lines of a LazyConfig of detectron2."""
    has_lazy, has_yaml = bool(one.framework["model"]), one.framework["section"]
    yaml = {key: value for key, value in keys.items() if key[0].isupper()}
    lazy = [f"{key} = {_literal(keys[key])}" for key in keys if key not in yaml]
    if yaml and has_yaml:
        yield from (*(["# YAML"] if has_lazy else []), *_yaml(_tree(yaml)))
    yield from ["# LazyConfig"] if lazy and has_lazy else []
    if any("ShapeSpec" in line for line in lazy):
        yield "from detectron2.layers import ShapeSpec"
    yield from lazy


def _write_arguments(one: Convention, keys: Entries) -> Lines:  # noqa: ARG001
    """Arguments of a command that trains."""
    yield from (f"{key}={_literal(value)}" for key, value in keys.items())


def _write_yolov5(one: Convention, keys: Entries) -> Lines:
    """Anchors in the file of the model, and arguments of ``train.py``."""
    rows, mark = keys.pop("anchors", ()), ""
    if rows:
        yield from (f"# {line}" for line in wrap(one.framework["autoanchor"], 76))
        yield "anchors:"
        mark = "# train.py: "
    for row, stride in zip(rows, one.settings.anchors.strides, strict=False):
        yield f"  - {_literal(row)} # {level_name(stride)}/{stride}"
    yield from (f"{mark}{line}" for line in _write_arguments(one, keys))


# Those of YAML are alike.
_WRITERS = {
    "mmdetection": _write_mmdetection,
    "torchvision": _write_torchvision,
    "ultralytics": _write_arguments,
    "yolov5": _write_yolov5,
}


def _tree(entries: Entries) -> Entries:
    """Nest dicts by the dots of their keys."""
    tree: Entries = {}
    for key, value in entries.items():
        *parents, last = key.split(".")
        place = tree
        for name in parents:
            place = place.setdefault(name, {})
        place[last] = value
    return tree


def _yaml(tree: Entries, indent: str = "") -> Lines:
    """Write nested dicts as YAML."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from _yaml(value, f"{indent}  ")
        elif isinstance(value, Expression):  # as detectron2's own files have it
            yield f'{indent}{key}: !!python/object/apply:eval ["{value}"]'
        else:
            yield f"{indent}{key}: {_literal(value)}"


def _literal(value: Any) -> str:
    """Write a value as Python and YAML read it, whole numbers without a point."""
    if isinstance(value, dict):  # as configs of mmdetection have it
        inner = ", ".join(f"{key}={_literal(each)}" for key, each in value.items())
        return f"dict({inner})"
    if isinstance(value, Expression):
        return value
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, float) and value.is_integer() and value < _ENDLESS:
        return str(int(value))
    return str(value) if isinstance(value, bool) else format_value(value)
