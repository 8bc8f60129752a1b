"""The size of the page in hand: smaller pictures first, then fewer images."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from atss_inspect.page.render import json_block
from atss_inspect.readers.pixels import Picture
from atss_inspect.viewer.picture import LONGEST_SIDE, QUALITY, picture_uri
from atss_inspect.views.numbers import plural

Document = dict[str, Any]


class Look(NamedTuple):
    """How finely pictures are stored: pixels of the longer side, quality of a JPEG."""

    longest: int
    quality: int


LOOKS = (
    Look(LONGEST_SIDE, QUALITY),
    Look(760, 66),
    Look(640, 60),
    Look(520, 54),
    Look(400, 48),
    Look(300, 42),
)


@dataclass(frozen=True)
class Fitted:
    """The images that go into a page.

    Attributes
    ----------
    documents : with their pictures, in the order asked for
    num_asked : images asked for
    look : how finely their pictures are stored; None without pictures
    is_in_vain : the page is too large without any image, too
    """

    documents: tuple[Document, ...]
    num_asked: int
    look: Look | None = None
    is_in_vain: bool = False

    @property
    def note(self) -> str:
        """Name what was given up for the size, and whether it helped.

        Empty if nothing was.
        """
        parts = []
        if self.documents and self.look not in (None, LOOKS[0]):
            parts.append(f"pictures reduced to {self.look.longest} pixels")
        left_out = self.num_asked - len(self.documents)
        if left_out:
            parts.append(f"{left_out} of {plural(self.num_asked, 'image')} left out")
        if left_out and self.is_in_vain:
            parts[-1] += ", but tables and figures alone exceed the limit"
        return " and ".join(parts)


def fit_images(
    documents: Sequence[Document], pictures: Sequence[Picture], *, room: int
) -> Fitted:
    """Put as many images, as finely as possible, into some room.

    Parameters
    ----------
    documents : `image_document` of each image, without a picture
    pictures : of the same images; those without pixels stay without
    room : bytes there are for all of them

    Returns
    -------
    All images with the finest pictures that fit. Where even the coarsest are too many,
    the first images only.
    """
    sizes = [len(json_block(each).encode("utf-8")) for each in documents]
    whole = Fitted(tuple(documents), len(documents))
    if not any(picture.pixels is not None for picture in pictures):
        return _first(whole, sizes, room)
    for look in LOOKS:
        addresses = [_address(picture, look) for picture in pictures]
        totals = [
            size + len(address or "")
            for size, address in zip(sizes, addresses, strict=True)
        ]
        if sum(totals) <= room:
            break
    filled = tuple(
        {**document, "picture": address}
        for document, address in zip(documents, addresses, strict=True)
    )
    return _first(replace(whole, documents=filled, look=look), totals, room)


def _address(picture: Picture, look: Look) -> str | None:
    """Encode a picture, if there is one."""
    if picture.pixels is None:
        return None
    return picture_uri(picture.pixels, longest=look.longest, quality=look.quality)


def _first(fitted: Fitted, sizes: Sequence[int], room: int) -> Fitted:
    """Keep the first images that fit."""
    number = 0
    for size in sizes:
        room -= size
        if room < 0:
            break
        number += 1
    return replace(fitted, documents=fitted.documents[:number])
