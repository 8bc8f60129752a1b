"""What YAML of Ultralytics and YOLOv5 have in common: layers, sizes, random moves.

Read in ultralytics 8.4.190, nn/tasks.py, parse_model, and yolov5 5081342,
models/yolo.py. A layer is [from, repeats, module, arguments]; nothing is built.
"""

from collections.abc import Container, Mapping
from fractions import Fraction
from math import ceil
from types import MappingProxyType
from typing import Any

from atss_inspect.importing.parts import Part, Unfit, number, unfit, whole, words

# Where the arguments have the stride, after channels and kernel, or the kernel alone.
_STRIDE_AT = {
    **dict.fromkeys(words("Conv DWConv GhostConv GhostBottleneck SCDown"), 2),
    **dict.fromkeys(words("RepConv LightConv Conv2 nn.Conv2d MixConv2d CrossConv"), 2),
    **dict.fromkeys(words("nn.MaxPool2d nn.AvgPool2d"), 1),
}
_FIXED = {"ADown": 2, "AConv": 2, "Focus": 2, "HGStem": 4}
_GROWING = words("nn.Upsample ConvTranspose nn.ConvTranspose2d DWConvTranspose2d")
# Those that leave sizes as they are.
_KEEPING = words(
    "Bottleneck BottleneckCSP SPP SPPF SPPELAN C1 C2 C2f C2fPSA C2PSA C2fCIB C2fAttn "
    "C3 C3k C3k2 C3TR C3Ghost C3x C3SPP RepC3 RepNCSPELAN4 ELAN1 PSA A2C2f HGBlock "
    "AIFI CBLinear CBFuse Concat ImagePoolingAttn CBAM nn.Identity nn.BatchNorm2d "
    "nn.ZeroPad2d"
)
_MOVES = (
    *("mosaic", "scale", "translate", "degrees", "shear", "perspective", "mixup"),
    *("cutmix", "copy_paste"),
)
_IN_PART = {
    "multi_scale": "draws another size for every batch; sizes are those of imgsz",
    "rect": "batches are no squares there",
    "classes": "trains some classes only: --set data.classes=NAME,... names them",
}
_MOST_LAYERS = 10_000
Layer = tuple[tuple[int, ...], str, list[Any]]  # what it takes, module, arguments


def read_levels(
    config: Part, heads: Container[str], others: Mapping[str, str]
) -> tuple[str, tuple[int, ...]]:
    """Read a model: its last layer, one of ``heads``, and the strides of its inputs.

    ``others`` have the reason why they are refused.
    """
    layers = [*config.made("backbone", _layers), *config.made("head", _layers)]
    name = layers[-1][1] if layers else ""
    config.refuse_known("head", name, others)
    if name not in heads:
        config.refuse("head", f'ends in "{name}", which is not known here')
    config.tell("imgsz", "stands in the YAML of a run's arguments; 640 is taken")
    return name, _strides(config, layers)


def _layers(values: Any) -> list[Layer]:
    if not isinstance(values, list | tuple):
        unfit("a list of layers", values)
    return list(map(_layer, values[:_MOST_LAYERS]))


def _layer(value: Any) -> Layer:
    """Check the four parts of a layer; a number alone is what it takes, too."""
    if not isinstance(value, list | tuple) or len(value) != 4:
        unfit("layers as [from, repeats, module, arguments]", value)
    taken, _, module, given = value
    if not isinstance(given, list | tuple):
        unfit("layers whose arguments are a list", value)
    sources = tuple(taken) if isinstance(taken, list | tuple) else (taken,)
    if not sources or any(type(one) is not int for one in sources):
        unfit("layers that take others by their numbers", value)
    return sources, str(module), list(given)


def _strides(config: Part, layers: list[Layer]) -> tuple[int, ...]:
    """Work out the strides of what the last layer takes, in its order."""
    steps: list[Fraction] = []
    inputs: list[Fraction] = []
    for taken, module, given in layers:
        where = _list_of(config, len(steps))
        inputs = [_step(config, steps, source) for source in taken]
        if module == "Concat" and len(set(inputs)) > 1:
            config.refuse(where, f"layer {len(steps)} joins maps of unlike strides")
        # CBFuse brings all to the size of the last.
        is_last = len(steps) == len(layers) - 1
        try:
            factor = Fraction(1) if is_last else _factor(module, given)
        except Unfit as error:
            config.refuse(where, f"layer {len(steps)}, {module}: {error}")
        if factor is None:
            text = f"{module} is not known, and taken to keep the size of its input"
            config.inexact(where, text)
        steps.append(inputs[-1] * (factor or 1))
    if any(stride.denominator > 1 for stride in inputs):
        found = ", ".join(map(str, inputs))
        config.refuse("head", f"expected maps of whole strides, got {found}")
    return tuple(map(int, inputs))


def _list_of(config: Part, number: int) -> str:
    """Key of the list that a layer is in; the head goes on where the backbone ends."""
    return "backbone" if number < len(config.node.value["backbone"].value) else "head"


def _step(config: Part, steps: list[Fraction], source: int) -> Fraction:
    """Stride of the layer that another one takes: by its number, or from the end."""
    if not steps and source == -1:
        return Fraction(1)  # the image
    if not -len(steps) <= source < len(steps):
        where = _list_of(config, len(steps))
        config.refuse(where, f"layer {len(steps)} takes {source}, which is not there")
    return steps[source]


def _factor(module: str, given: list[Any]) -> Fraction | None:
    """How much larger the stride is behind a layer; None for one that is not known."""
    if module in _FIXED:
        return Fraction(_FIXED[module])
    if module in _GROWING:
        at = 1 if module == "nn.Upsample" else 2
        return 1 / Fraction(whole(given[at]) if len(given) > at else 2)
    if module == "ResNetLayer":  # its first one halves twice, for it pools
        is_first = len(given) > 3 and given[3] is True
        return Fraction(4 if is_first else whole(given[2]) if len(given) > 2 else 1)
    if module in _STRIDE_AT:
        at = _STRIDE_AT[module]
        pools = at == 1  # whose stride is the kernel where none is written
        kernel = whole(given[0]) if pools and given else 1
        return Fraction(whole(given[at]) if len(given) > at else kernel)
    return Fraction(1) if module in _KEEPING else None


def read_size(config: Part, strides: tuple[int, ...]) -> None:
    """Read the side of images, rounded up to a multiple of the largest stride."""

    def square(value: Any) -> tuple[int, int]:
        sides = value if isinstance(value, list | tuple) else [value]
        if not sides:
            unfit("one side or two", value)
        step = max(32, *strides)
        return (ceil(max(map(whole, sides)) / step) * step,) * 2

    config.setting("resize.size", "imgsz", 640, square)
    for key, text in _IN_PART.items():
        if config.take(key) not in (None, False, 0, []):
            config.inexact(key, text)


def read_moves(config: Part, usual: Mapping[str, float] = MappingProxyType({})) -> None:
    """Read flips, and tell what moves boxes; ``usual`` is so where nothing is said."""
    config.setting("augment.flip", "fliplr", 0.5, number)
    if config.take("flipud"):
        config.inexact("flipud", "mirrors images from top to bottom")
    if moves := [key for key in _MOVES if config.take(key, usual.get(key))]:
        verbs = "move and resize" if len(moves) > 1 else "moves and resizes"
        text = f"{', '.join(moves)} {verbs} objects at random; not imitated"
        config.inexact(moves[0], text)
