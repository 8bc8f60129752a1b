"""What the boxes of a file are, by what speaks for and against each way to read them.

Images that boxes leave, areas and polygons are held against corners, centers and x, y,
width, height, in pixels, fractions and percent. What none of them tells is not claimed;
where several readings remain, all of them are named.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import BoolArray, Float64Array
from atss_inspect.readers.box_formats import (
    BOX_FORMATS,
    FORMS,
    FRACTIONS,
    PERCENT,
    PIXELS,
    BoxDoubt,
    corners_of,
)

# Boxes as written and the corners x1, y1, x2, y2 of their polygons, (M, 4) each.
Outlines = Callable[[], tuple[Float64Array, Float64Array]]
_FEWEST = 3  # boxes, areas or polygons that tell something
_MANY_PLACES = 20  # different boxes all over the images
_SAMPLE = 5_000  # boxes that are looked at first
# Boxes reach a little beyond their image by rounding, or by rule: so far, in pixels or
# the unit of the numbers, and by this part of their side, says nothing.
_OVERHANG = {PIXELS: 2.0, FRACTIONS: 0.005, PERCENT: 0.5}
_PART_OF_SIDE = 0.1
_UNKNOWN = "?"  # no unit
_WHOLE = {FRACTIONS: 1.0, PERCENT: 100.0}
# Fractions of boxes that reach beyond the image may be above 1.
_LARGEST = {FRACTIONS: 1.5, PERCENT: 100.5}
# Narrower images may have all their boxes in so few pixels.
_LEAST_SIDE = {FRACTIONS: 32, PERCENT: 250}
_SPREAD_PERCENT = 80.0
# In many a right file some boxes leave their image, but few by so large a part; else,
# or where areas are width times height, more have to leave it.
_DEEP, _MANY_DEEP = 0.25, 0.05
_MANY_LEAVE = 0.2
_FAR_FEWER = 10
# Centers near the far borders have their like at the near ones.
_LIKE = 4
# Areas differ less than that by rounding; those in whole pixels by this part at most.
_SAME, _PART_OF_AREA = 0.01, 0.1
_MASK_OF_BOX = 1.1
_NEARLY_ALL = 0.95
_HALF = 0.5
_FEW = 0.05
_OUTLIERS = 0.01
_MIXED = 0.1


class Written(NamedTuple):
    """N boxes as written, height, width of their images in pixels, and their areas."""

    numbers: Float64Array  # (N, 4)
    sizes: Float64Array  # (N, 2)
    areas: Float64Array  # (N,) NaN or not above 0 where there is none

    def some(self, which: BoolArray) -> "Written":
        """Take some of the boxes."""
        return Written(*(each[which] for each in self))

    def sample(self) -> "Written":
        """Take a few from the first to the last; all where they are few."""
        step = max(-(-len(self.numbers) // _SAMPLE), 1)
        return Written(*(each[::step] for each in self))

    def against(
        self, form: str, unit: str, *, turned: bool = False, part: float = _PART_OF_SIDE
    ) -> BoolArray:
        """Tell which boxes make no sense in a form: (N,) bool.

        They leave their image, or its like with width for height if ``turned``, by more
        than a ``part`` of their side, or end before they begin.
        """
        near, far = corners_of(self.numbers, form)
        extent = self.sizes if turned else self.sizes[:, ::-1]
        beyond = np.maximum(-near, far - (_WHOLE[unit] if unit else extent))
        usual = np.maximum(_OVERHANG[unit], part * (far - near))
        wrong: BoolArray = np.any((beyond > usual) | (far < near), axis=1)
        return wrong

    def has_area_of(self, form: str, unit: str) -> BoolArray:
        """Tell which areas are those of the boxes in a form, up to rounding."""
        near, far = corners_of(self.numbers, form)
        raw = (far - near).prod(axis=1)
        same = _are_same(self.areas, raw, 0.0 if unit else 1.0)
        if unit:
            pixels = raw * self.sizes.prod(axis=1) / _WHOLE[unit] ** 2
            same |= _are_same(self.areas, pixels, 1.0)
        elif form == "xyxy":  # pixels from the first to the last
            same |= _are_same(self.areas, (far - near + 1).prod(axis=1), 1.0)
        return same

    def fits(self, unit: str, *, is_large: bool = False) -> BoolArray:
        """Tell which boxes have numbers that a unit allows, in an image large enough.

        (N,) bool; if ``is_large``, pixels of such an image hardly have them.
        """
        least, most = self.numbers.min(axis=1), self.numbers.max(axis=1)
        fits: BoolArray = (least >= -_OVERHANG[unit]) & (most <= _LARGEST[unit])
        if is_large:
            fits &= self.sizes.min(axis=1) >= _LEAST_SIDE[unit]
        return fits

    @property
    def has_extent(self) -> BoolArray:
        """Tell boxes that end behind 0, as all do but those without extent: (N,)."""
        extent: BoolArray = np.all(self.numbers[:, 2:] > 0, axis=1)
        return extent

    @property
    def is_whole(self) -> BoolArray:
        """Tell boxes of whole numbers alone: (N,) bool."""
        whole: BoolArray = np.all(self.numbers == np.floor(self.numbers), axis=1)
        return whole


def doubt_boxes(
    written: Written, outlines: Outlines, declared: str | None = None
) -> BoxDoubt | None:
    """Tell whether the boxes of a file look like another format; None if they do not.

    Boxes without extent take no part. ``declared`` is what the file says that its boxes
    are, one of `BOX_FORMATS`.
    """
    if declared == "xywh":
        return None
    # Mostly a part of them says no.
    if _judge(written.sample(), outlines, declared):
        return _judge(written, outlines, declared)
    return None


def doubt_corners(numbers: Float64Array, sizes: Float64Array) -> BoxDoubt | None:
    """The same of numbers that should be corners in pixels, as VOC has them."""
    if len(numbers) < _FEWEST:
        return None
    written = Written(numbers, sizes, np.full(len(numbers), np.nan))
    unit = _unit(written)
    wrong = {form: written.against(form, unit) for form in FORMS}
    counts = {form: int(np.count_nonzero(wrong[form])) for form in FORMS}
    many = max(_FEWEST, _MANY_DEEP * len(numbers))
    if counts["xyxy"] >= many and counts["xywh"] * _FAR_FEWER <= counts["xyxy"]:
        number = len(numbers) - counts["xywh"]
        return BoxDoubt((f"xywh{unit}",), number, _leaving(counts, ["xywh"], "xyxy"))
    if unit == PIXELS:
        return None
    number = len(numbers) - counts["xyxy"]
    return BoxDoubt((f"xyxy{unit}",), number, _within(unit))


def doubt_centers(shares: Float64Array) -> BoxDoubt | None:
    """The same of numbers that should be centers and sizes, as a YOLO label has them.

    ``shares`` are (N, 4), fractions of the image.
    """
    if len(shares) < _FEWEST:
        return None
    written = Written(shares, np.ones((len(shares), 2)), np.full(len(shares), np.nan))
    wrong = {form: written.against(form, FRACTIONS) for form in FORMS}
    counts = {form: int(np.count_nonzero(wrong[form])) for form in FORMS}
    # A few leave their image in many a right label.
    if counts["cxcywh"] >= max(_FEWEST, _MANY_DEEP * len(shares)):
        for form in ("xyxy", "xywh"):
            if counts[form] * _FAR_FEWER <= counts["cxcywh"]:
                evidence = _leaving(counts, [form], "cxcywh")
                number = len(shares) - counts[form]
                return BoxDoubt((form + FRACTIONS,), number, evidence)
    return None


def mixed_boxes(written: Written) -> tuple[str, BoolArray]:
    """Tell which boxes of a file look like another format than the rest; (N,) bool.

    Fractions tell themselves, others by areas. None, unless there are many.
    """
    if len(written.numbers) and _mixed(written.sample())[1].any():
        return _mixed(written)
    return "", np.zeros(len(written.numbers), np.bool_)


def _mixed(written: Written) -> tuple[str, BoolArray]:
    """As `mixed_boxes`, of some boxes at least."""
    found = {"": np.zeros(len(written.numbers), np.bool_)}
    for form, unit in (("xywh", FRACTIONS), ("xywh", PERCENT), ("xyxy", PIXELS)):
        which = _have_area_of_alone(written, form, unit)
        if unit == FRACTIONS:
            which |= written.fits(unit, is_large=True) & ~written.is_whole
        which &= written.has_extent
        wrong = written.against(form, unit)
        if unit:
            wrong |= ~written.fits(unit)
        # Areas of masks may be those of anything by accident.
        told = which | written.has_area_of("xywh", PIXELS) | ~(written.areas > 0)
        is_sure = told.mean() >= _NEARLY_ALL or unit == FRACTIONS
        if is_sure and np.count_nonzero(which & wrong) <= _FEW * which.sum():
            found[form + unit] = which & ~wrong
    name = max(found, key=lambda each: int(np.count_nonzero(found[each])))
    least = max(_FEWEST, _MIXED * np.count_nonzero(written.has_extent))
    return name, found[name] & (np.count_nonzero(found[name]) >= least)


def _have_area_of_alone(written: Written, form: str, unit: str) -> BoolArray:
    """Tell which areas are those of a form, and not of x, y, width, height in pixels.

    (N,) bool; of percentages, pixels of such an image have other areas.
    """
    which = (written.areas > 0) & ~written.has_area_of("xywh", PIXELS)
    which &= written.has_area_of(form, unit)
    if unit == PERCENT:
        which &= written.sizes.prod(axis=1) > _MASK_OF_BOX * 100.0**2
    return which


def _judge(
    written: Written, outlines: Outlines, declared: str | None
) -> BoxDoubt | None:
    """As `doubt_boxes`, of all boxes that are given."""
    written = written.some(written.has_extent)
    if len(written.numbers) == 0:
        return None
    if declared:
        form, _, unit = declared.partition("-")
        wrong = written.against(form, f"-{unit}" if unit else PIXELS)
        if wrong.mean() < _HALF:
            number = int(np.count_nonzero(~wrong))
            return BoxDoubt((declared,), number, "the file says so itself")
    unit = _unit(written)
    if unit == _UNKNOWN:
        return None
    wrong_as = {form: written.against(form, unit) for form in FORMS}
    forms, evidence = _by_polygons(outlines, unit)
    if not forms:
        weigh = _weigh_unit if unit else _weigh_pixels
        forms, evidence = weigh(written, unit, wrong_as)
    if not forms or (forms == ("xywh",) and unit == PIXELS):
        return None
    wrong = np.all([wrong_as[form] for form in forms], axis=0)
    if unit:
        wrong |= ~written.fits(unit)
        evidence = "; ".join(filter(None, (_within(unit), evidence)))
    formats = tuple(form + unit for form in forms)
    return BoxDoubt(formats, int(np.count_nonzero(~wrong)), evidence)


def _unit(written: Written) -> str:
    """Tell pixels from fractions and percentages, which stay small on large images.

    `_UNKNOWN` where nobody can tell.
    """
    are_large = written.fits(FRACTIONS, is_large=True).mean() > _HALF
    if are_large and _are_nearly_all(written.fits(FRACTIONS)):
        # 0, 0, 1, 1 stands in place of a box that is not known.
        return PIXELS if written.is_whole.mean() > _HALF else FRACTIONS
    if not _are_nearly_all(written.fits(PERCENT)):
        return PIXELS
    far = np.maximum(written.numbers[:, :2], written.numbers[:, 2:]).max(axis=0)
    is_spread = bool((far > _SPREAD_PERCENT).all())
    is_spread &= written.fits(PERCENT, is_large=True).mean() > _HALF
    is_spread &= _num_places(written) >= _MANY_PLACES
    known = written.some(written.areas > 0)
    if len(known.numbers) >= _FEWEST:
        told = [_have_area_of_alone(known, form, PERCENT) for form in ("xywh", "xyxy")]
        is_told = np.any(told, axis=0) & ~known.has_area_of("xyxy", PIXELS)
        if is_told.mean() >= _NEARLY_ALL:
            return PERCENT
        # As those of masks in boxes of pixels, or of products of percentages.
        raw = known.numbers[:, 2:].prod(axis=1)
        if (known.areas <= _MASK_OF_BOX * raw + 1).mean() >= _NEARLY_ALL:
            return _UNKNOWN if is_spread else PIXELS
    return PERCENT if is_spread else PIXELS


def _are_nearly_all(which: BoolArray) -> bool:
    """Whether all are so but for a few outliers."""
    return bool(which.mean() >= 1 - _OUTLIERS)


def _num_places(written: Written) -> int:
    """How many different boxes there are, of the first ones."""
    return len(np.unique(written.numbers[:_SAMPLE], axis=0))


def _by_polygons(outlines: Outlines, unit: str) -> tuple[tuple[str, ...], str]:
    """Take the form whose corners the polygons have, and how many; else nothing."""
    numbers, corners = outlines()
    if len(numbers) < _FEWEST:
        return (), ""
    same = {
        form: np.all(
            np.abs(np.hstack(corners_of(numbers, form)) - corners) <= _OVERHANG[unit],
            axis=1,
        )
        for form in FORMS
    }
    likely = max(FORMS, key=lambda form: float(same[form].mean()))
    others = [same[form].mean() for form in FORMS if form != likely]
    if same[likely].mean() < (_HALF if likely == "xywh" else _NEARLY_ALL):
        return (), ""
    if max(others) > _HALF:  # small objects: nobody can tell
        return (), ""
    found = np.count_nonzero(same[likely])
    return (likely,), f"{found:,} of {len(numbers):,} polygons have these corners"


def _by_areas(written: Written, unit: str) -> str:
    """Whether areas are those of ``corners`` or of ``sides``; empty where unknown."""
    known = written.some(written.areas > 0)
    if len(known.numbers) < _FEWEST:
        return ""
    corners = known.has_area_of("xyxy", unit).mean()
    sides = known.has_area_of("xywh", unit).mean()
    if max(corners, sides) < _NEARLY_ALL or min(corners, sides) > _FEW:
        return ""
    return "corners" if corners > sides else "sides"


def _weigh_pixels(
    written: Written, unit: str, wrong_as: dict[str, BoolArray]
) -> tuple[tuple[str, ...], str]:
    """Tell corners and centers in pixels; nothing where they are not likely."""
    number, areas = len(written.numbers), _by_areas(written, unit)
    wrong = {form: int(np.count_nonzero(wrong_as[form])) for form in FORMS}
    if areas == "corners" and wrong["xyxy"] <= _FEW * number:
        return ("xyxy",), "their areas are those of such boxes"
    # Those of turned photographs do not speak for another form.
    leave = wrong_as["xywh"] & written.against("xywh", unit, turned=True)
    leaving, is_many = np.count_nonzero(leave), leave.mean() >= _MANY_LEAVE
    deep = leave & written.against("xywh", unit, part=_DEEP)
    if not (is_many or deep.mean() >= _MANY_DEEP):
        return (), ""
    if _num_places(written.some(leave)) < _FEWEST:
        return (), ""
    # No mask has an area above that of its box; products of corners are no areas.
    above = written.areas > _MASK_OF_BOX * np.diff(
        written.numbers.reshape(-1, 2, 2), axis=1
    ).prod(axis=(1, 2))
    above &= ~written.has_area_of("xywh", unit) & ~written.has_area_of("xyxy", unit)
    wrong["xyxy"] += int(np.count_nonzero(above & ~wrong_as["xyxy"]))
    likely = [
        form for form in ("xyxy", "cxcywh") if wrong[form] * _FAR_FEWER <= leaving
    ]
    if "xyxy" in likely and areas == "sides":
        is_other = "cxcywh" in likely or not is_many
        likely = [form for form in likely if form != "xyxy" or not is_other]
    mirrored = written.numbers[:, :2] - written.numbers[:, 2:] < -_OVERHANG[unit]
    if np.count_nonzero(mirrored.any(axis=1)) * _LIKE < leaving:
        likely = [form for form in likely if form != "cxcywh"]
    return tuple(likely), _leaving(wrong, likely)


def _weigh_unit(
    written: Written, unit: str, wrong_as: dict[str, BoolArray]
) -> tuple[tuple[str, ...], str]:
    """Tell the forms that are likely in fractions or percentages, at least one."""
    areas = _by_areas(written, unit)
    if areas == "corners":
        return ("xyxy",), "their areas are those of such boxes"
    wrong = {form: int(np.count_nonzero(wrong_as[form])) for form in FORMS}
    # Centers are YOLO's own, so they come first.
    forms = ["cxcywh", "xywh"]
    fewest = min(wrong[form] for form in forms)
    if areas != "sides" or fewest >= _MANY_LEAVE * len(written.numbers):
        forms += ["xyxy"]
    least = min(wrong[form] for form in forms)
    likely = [
        form for form in forms if wrong[form] < max(_FEWEST, _FAR_FEWER * least + 1)
    ]
    return tuple(likely), _leaving(wrong, likely) if len(likely) == 1 else ""


def _within(unit: str) -> str:
    """That numbers are too small for pixels."""
    return f"their numbers lie within 0 and {_LARGEST[unit]:g}"


def _leaving(wrong: dict[str, int], likely: list[str], expected: str = "xywh") -> str:
    """How many boxes make no sense in other forms than the likely ones."""
    if not likely:
        return ""
    others = [form for form in FORMS if form not in likely and wrong[form]]
    other = expected if expected in others else others[-1]
    least = min(wrong[form] for form in likely)
    as_likely = " or ".join(BOX_FORMATS[form] for form in likely)
    return (
        f"as {BOX_FORMATS[other]} {wrong[other]:,} of them do not fit into their "
        f"images, as {as_likely} {f'{least:,}' if least else 'none'}"
    )


def _are_same(first: Float64Array, second: Float64Array, rounding: float) -> BoolArray:
    """Tell which areas are equal up to rounding."""
    large = np.abs(second)
    slack = np.maximum(np.minimum(rounding, _PART_OF_AREA * large), _SAME * large)
    same: BoolArray = np.abs(first - second) <= slack
    return same
