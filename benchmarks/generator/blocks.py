"""Draw the images and objects of large sets, a block at a time, as arrays.

Everything follows the tables of `val2017`. A block depends on the seed, its number
and its objects per image alone, so that any part of a set can be made by itself.

Coordinates are whole hundredths of a pixel: boxes then lie in their image, and
outlines end at their box, without rounding.
"""

from dataclasses import dataclass
from math import gamma

import numpy as np

from atss_inspect.arrays import BoolArray, Float64Array, IntArray
from benchmarks.generator import val2017

IMAGES_PER_BLOCK = 1024
_MIN_SIDE = 100  # one pixel


@dataclass(frozen=True)
class Block:
    """Some images of a set and their objects; axis letters I images, G objects.

    Attributes
    ----------
    image_sizes : (I, 2) int64 width, height in pixels
    image_index : (G,) int64 row of the block's images, ascending
    xywh : (G, 4) int64 boxes in hundredths of a pixel, inside their image
    category_index : (G,) int64 row of ``val2017.CATEGORIES``
    is_crowd : (G,) bool; crowd boxes are whole pixels, their mask is an ellipse
    areas : (G,) float64 mask area in square pixels
    outline : (N, 2) int64 points x, y in hundredths of a pixel, all objects in a
        row; None for a set of boxes only
    outline_offsets : (G + 1,) int64; crowd regions have no outline
    """

    image_sizes: IntArray
    image_index: IntArray
    xywh: IntArray
    category_index: IntArray
    is_crowd: BoolArray
    areas: Float64Array
    outline: IntArray | None
    outline_offsets: IntArray


def draw_objects_per_image(
    num_images: int, num_objects: int | None, *, seed: int
) -> IntArray:
    """Draw how many objects each image has.

    Parameters
    ----------
    num_images : at least 0
    num_objects : sum to reach, by scaling the counts; None leaves them as drawn
    seed : of the whole set

    Returns
    -------
    counts : (num_images,) int64

    Raises
    ------
    ValueError : a negative number, or objects asked for without an image
    """
    if num_images < 0 or (num_objects or 0) < 0 or (num_objects and not num_images):
        msg = f"cannot spread {num_objects} objects over {num_images} images"
        raise ValueError(msg)
    draws = np.random.default_rng([seed, 0]).random(num_images)
    counts = np.ceil(
        np.interp(draws, val2017.OBJECTS_PER_IMAGE_SHARE, val2017.OBJECTS_PER_IMAGE)
    )
    counts[draws <= val2017.OBJECTS_PER_IMAGE_SHARE[0]] = 0
    if num_objects is not None:
        if num_objects and not counts.any():
            counts[:] = 1
        # Rounding the running sum, not each count, makes the total exact.
        share = np.cumsum(counts) / max(counts.sum(), 1)
        counts = np.diff(np.rint(share * num_objects), prepend=0)
    return counts.astype(np.int64)


def block_generator(seed: int, block: int) -> np.random.Generator:
    """Random generator of one block; stream 0 of the seed is that of the counts."""
    return np.random.default_rng([seed, block + 1])


def draw_image_sizes(rng: np.random.Generator, num_images: int) -> IntArray:
    """Draw (num_images, 2) widths and heights in pixels; the first draws of a block."""
    table = np.array(val2017.IMAGE_SIZES)
    pick, long_pick, short_pick, turn = rng.random((4, num_images))
    sides = np.array(val2017.OTHER_LONG_SIDES)
    long_side = sides[np.searchsorted(np.cumsum(sides[:-1, 1]), long_pick), 0]
    steps = np.linspace(0, 1, len(val2017.OTHER_SHORT_SIDE))
    short_side = np.interp(short_pick, steps, val2017.OTHER_SHORT_SIDE)
    short_side = np.rint(short_side * long_side / 640)
    is_landscape = turn < val2017.OTHER_LANDSCAPE_SHARE
    other = np.where(
        is_landscape[:, None],
        np.stack([long_side, short_side], axis=1),
        np.stack([short_side, long_side], axis=1),
    )  # (I, 2)
    row = np.searchsorted(np.cumsum(table[:, 2]) / 100, pick, side="right")
    is_listed = row < len(table)
    sizes = np.where(
        is_listed[:, None], table[np.minimum(row, len(table) - 1), :2], other
    )
    return sizes.astype(np.int64)


def draw_block(
    rng: np.random.Generator, counts: IntArray, *, with_outlines: bool
) -> Block:
    """Draw the images and objects of one block.

    Parameters
    ----------
    rng : `block_generator` of this block, nothing drawn from it yet
    counts : (I,) int64 objects per image; 0 is normal
    with_outlines : whether objects get polygon outlines; areas exist either way

    Returns
    -------
    block : I images, sum of `counts` objects
    """
    image_sizes = draw_image_sizes(rng, len(counts))
    image_index = np.repeat(np.arange(len(counts)), counts)
    is_crowd = _draw_crowds(rng, counts)
    sizes = image_sizes[image_index]
    relative = _draw_relative_sizes(rng, counts[image_index], is_crowd)
    xywh = _draw_boxes(rng, sizes, relative, is_crowd)
    category_index = _draw_categories(rng, len(counts), image_index)
    fill = _quantile(rng.random(len(xywh)), val2017.FILL)
    outline, offsets = None, np.zeros(len(xywh) + 1, dtype=np.int64)
    areas = fill * xywh[:, 2] * xywh[:, 3] / 10_000
    if with_outlines:
        num_points = _draw_num_points(rng, xywh)
        num_points[is_crowd] = 0
        offsets[1:] = np.cumsum(num_points)
        outline = _draw_outlines(rng, xywh, fill, offsets)
        areas = _outline_areas(outline, offsets)
    areas[is_crowd] = [ellipse_runs(box)[1].sum() for box in xywh[is_crowd] // 100]
    return Block(
        image_sizes=image_sizes,
        image_index=image_index,
        xywh=xywh,
        category_index=category_index,
        is_crowd=is_crowd,
        areas=areas,
        outline=outline,
        outline_offsets=offsets,
    )


def ellipse_runs(xywh: IntArray) -> tuple[IntArray, IntArray]:
    """Mask of a crowd region, one run of pixels per column.

    Parameters
    ----------
    xywh : (4,) int64 box in whole pixels, at least 1 wide and high

    Returns
    -------
    tops, lengths : (width,) int64 first row and number of pixels of each column;
        together they span the box exactly
    """
    width, height = int(xywh[2]), int(xywh[3])
    across = (np.arange(width) + 0.5) / width * 2 - 1
    half = np.sqrt(1 - across**2)
    half *= height / 2 / half.max()
    tops = np.floor(height / 2 - half).astype(np.int64)
    bottoms = np.maximum(np.ceil(height / 2 + half).astype(np.int64), tops + 1)
    return xywh[1] + tops, bottoms - tops


def _quantile(draws: Float64Array, table: tuple[float, ...]) -> Float64Array:
    """Turn uniform draws into draws from a quantile table, same shape."""
    return np.interp(draws, val2017.PROBABILITIES, table)


def _banded_quantile(
    draws: Float64Array, band: IntArray, tables: tuple[tuple[float, ...], ...]
) -> Float64Array:
    """Like `_quantile`, each draw from the table of its band; all (G,)."""
    values = np.empty_like(draws)
    for index, table in enumerate(tables):
        is_here = band == index
        values[is_here] = _quantile(draws[is_here], table)
    return values


def _draw_crowds(rng: np.random.Generator, counts: IntArray) -> BoolArray:
    """Mark the crowd regions: at most one per image, the last of many objects; (G,)."""
    is_crowd = np.zeros(counts.sum(), dtype=np.bool_)
    is_crowded = counts >= val2017.CROWD_MIN_OBJECTS
    chance = val2017.CROWD_SHARE * counts.sum() / max(is_crowded.sum(), 1)
    chosen = is_crowded & (rng.random(len(counts)) < chance)
    is_crowd[np.cumsum(counts)[chosen] - 1] = True
    return is_crowd


def _draw_relative_sizes(
    rng: np.random.Generator, neighbours: IntArray, is_crowd: BoolArray
) -> Float64Array:
    """Draw sqrt(box area / image area) by the number of objects on the image; (G,)."""
    draws = rng.random(len(neighbours))
    band = np.searchsorted(val2017.RELATIVE_SIZE_COUNT_LIMITS, neighbours)
    relative = _banded_quantile(draws, band, val2017.RELATIVE_SIZE)
    relative[is_crowd] = _quantile(draws[is_crowd], val2017.CROWD_RELATIVE_SIZE)
    return relative


def _draw_boxes(
    rng: np.random.Generator,
    sizes: IntArray,
    relative: Float64Array,
    is_crowd: BoolArray,
) -> IntArray:
    """Draw shape and place of boxes whose relative size is known.

    Parameters
    ----------
    sizes : (G, 2) width and height in pixels of the image each box lies on
    relative : (G,) sqrt(box area / image area)
    is_crowd : (G,) these boxes get whole pixels, and a row less than the image

    Returns
    -------
    xywh : (G, 4) int64 in hundredths of a pixel
    """
    shape_draws, x_draws, y_draws = rng.random((3, len(relative)))
    band = np.searchsorted(val2017.RELATIVE_SIZE_BANDS, relative, side="right")
    log_ratio = _banded_quantile(shape_draws, band, val2017.LOG_ASPECT_RATIO)
    log_ratio[is_crowd] = _quantile(
        shape_draws[is_crowd], val2017.CROWD_LOG_ASPECT_RATIO
    )
    # A column of a crowd mask as high as the image would make a run of no pixels.
    limits = sizes * 100 - np.stack([np.zeros_like(is_crowd), is_crowd * 100], axis=1)
    area = relative**2 * sizes.prod(axis=1) * 10_000
    width = np.clip(np.sqrt(area * np.exp(log_ratio)), _MIN_SIDE, limits[:, 0])
    # What the image cuts off one side goes to the other: the size is kept.
    height = np.clip(area / width, _MIN_SIDE, limits[:, 1])
    width = np.clip(area / height, _MIN_SIDE, limits[:, 0])
    extent = np.stack([width, height], axis=1)
    place = np.stack(
        [
            _banded_quantile(x_draws, band, val2017.HORIZONTAL_PLACE),
            _banded_quantile(y_draws, band, val2017.VERTICAL_PLACE),
        ],
        axis=1,
    )
    unit = np.where(is_crowd, 100, 1)[:, None]
    extent = np.maximum(np.floor(extent / unit), 100 // unit).astype(np.int64)
    corner = np.floor(place * (sizes * 100 // unit - extent)).astype(np.int64)
    xywh: IntArray = np.concatenate([corner, extent], axis=1) * unit
    return xywh


def _draw_categories(
    rng: np.random.Generator, num_images: int, image_index: IntArray
) -> IntArray:
    """Draw (G,) category rows; half of an image's objects share its main category."""
    shares = np.cumsum([share for _, _, share in val2017.CATEGORIES])
    main = rng.random(num_images)[image_index]
    own, keep = rng.random((2, len(image_index)))
    pick = np.where(keep < 0.5, main, own) * shares[-1]
    category_index: IntArray = np.searchsorted(shares, pick, side="right")
    return category_index


def _draw_num_points(rng: np.random.Generator, xywh: IntArray) -> IntArray:
    """Draw the number of outline points by box size; (G,) int64, at least 4."""
    size = np.sqrt(xywh[:, 2] * xywh[:, 3]) / 100
    band = np.searchsorted(val2017.OUTLINE_POINTS_BANDS, size, side="right")
    draws = rng.random(len(xywh))
    points = _banded_quantile(draws, band, val2017.OUTLINE_POINTS)
    return np.rint(points).astype(np.int64)


def _draw_outlines(
    rng: np.random.Generator, xywh: IntArray, fill: Float64Array, offsets: IntArray
) -> IntArray:
    """Draw rough superellipses that fill their boxes as wanted.

    Parameters
    ----------
    xywh : (G, 4) int64 boxes in hundredths of a pixel
    fill : (G,) wanted mask area / box area; few points reach less
    offsets : (G + 1,) int64 rows of the points of each box

    Returns
    -------
    points : (offsets[-1], 2) int64 in hundredths of a pixel. Each outline runs
        round once, touches all four sides of its box and nowhere leaves it.

    Notes
    -----
    Each outline is four quarters around a centre that lies anywhere in the box:
    a quarter of a superellipse fills its part of the box by the same share, so
    the area does not depend on the centre.
    """
    num_points = np.diff(offsets)
    owner = np.repeat(np.arange(len(xywh)), num_points)
    place = np.arange(offsets[-1]) - offsets[:-1][owner]
    quarter = (4 * place + 3) // np.maximum(num_points[owner], 1)
    first = quarter * num_points[owner] // 4
    last = (quarter + 1) * num_points[owner] // 4
    angle = (place - first) / (last - first) * (np.pi / 2)
    power = _superellipse_power(fill)[owner]
    shrink = np.where(place == first, 1.0, 1.0 - 0.12 * rng.random(len(owner)))
    along = np.cos(angle) ** power * shrink
    across = np.sin(angle) ** power * shrink
    turn = quarter % 2 == 1
    x_part = np.where(turn, across, along)
    y_part = np.where(turn, along, across)
    center = rng.random((len(xywh), 2)) * 0.6 + 0.2  # (G, 2) share of the box
    x_room = np.where((quarter == 0) | (quarter == 3), 1.0, 0.0)
    y_room = np.where(quarter < 2, 1.0, 0.0)
    unit = center[owner] + (np.stack([x_room, y_room], axis=1) - center[owner]) * (
        np.stack([x_part, y_part], axis=1)
    )
    steps = np.rint(unit * xywh[owner, 2:]).astype(np.int64)
    points: IntArray = xywh[owner, :2] + steps
    return points


def _superellipse_power(fill: Float64Array) -> Float64Array:
    """Find 2/p for which |x|^p + |y|^p <= 1 fills a square by `fill`; both (G,)."""
    powers = np.linspace(0.02, 8.0, 400)
    shares = [gamma(1 + half) ** 2 / gamma(1 + 2 * half) for half in powers / 2]
    # The rough edge costs about a tenth.
    wanted = np.minimum(fill / 0.9, 0.99)
    return np.interp(-wanted, np.negative(shares), powers)


def _outline_areas(outline: IntArray, offsets: IntArray) -> Float64Array:
    """Area within each outline in square pixels; (G,), 0 without points."""
    following = np.arange(1, len(outline) + 1)
    num_points = np.diff(offsets)
    has_points = num_points > 0
    following[offsets[1:][has_points] - 1] = offsets[:-1][has_points]
    x, y = outline[:, 0], outline[:, 1]
    cross = x * y[following] - x[following] * y
    total = np.concatenate([[0], np.cumsum(cross)])
    return np.abs(np.diff(total[offsets])) / 2 / 10_000
