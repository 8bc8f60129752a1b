"""What settings cost: input pixels, cells, anchors, and an estimate of computation.

Multiply-adds are those of one stated network, ResNet-50 with FPN and two towers of four
3 x 3 convolutions of 256 channels for 80 classes, as RetinaNet, FCOS and ATSS have. It
gives 148.5e9 for RetinaNet's nine anchors a cell on 800 x 800 pixels, for which
detectron2's own test expects 146e9.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # help needs no NumPy
    from atss_inspect.assigners.anchor_rule import Stride

_CHANNELS = 256
_CONVOLUTION = 9 * _CHANNELS**2  # 3 x 3, a cell
# ResNet-50 on 224 x 224 pixels.
_BACKBONE_PER_PIXEL = 4.09e9 / 224**2
# Channels of ResNet's stages by stride; coarser levels are made from the last.
_STAGE_CHANNELS: dict["Stride", int] = {4: 256, 8: 512, 16: 1024, 32: 2048}
_TOWER_CONVOLUTIONS = 8
_OUTPUTS = 80 + 4  # scores of the classes, and four sides, an anchor


class Price(NamedTuple):
    """What the average image costs."""

    pixels: float  # of the padded input
    cells: float  # of all levels
    anchors: float
    multiply_adds: float

    def relative_to(self, other: "Price") -> "Price":
        """The same, as multiples of another price; 1 where both cost nothing."""
        pairs = zip(self, other, strict=True)
        return Price(*(one / its if its else 1.0 for one, its in pairs))


def price_of(
    pixels: float,
    strides: "Sequence[Stride]",
    cells: Sequence[float],
    per_cell: Sequence[int],
) -> Price:
    """Price of an image.

    Parameters
    ----------
    pixels : of the padded input
    strides, cells : of the L levels
    per_cell : anchors in a cell of each of them, 1 where a rule looks at points
    """
    total = sum(cells)
    laterals = sum(
        number * _STAGE_CHANNELS.get(stride, 0) * _CHANNELS
        for stride, number in zip(strides, cells, strict=True)
    )
    each: float = per_cell[0]  # on average, where levels differ
    if set(per_cell) != {each}:
        anchors = (n * own for n, own in zip(cells, per_cell, strict=True))
        each = sum(anchors) / (total or 1)
    head = _TOWER_CONVOLUTIONS * _CONVOLUTION + 9 * _CHANNELS * each * _OUTPUTS
    computed = pixels * _BACKBONE_PER_PIXEL + laterals + total * (_CONVOLUTION + head)
    return Price(pixels, total, total * each, computed)
