"""The size of the page in hand."""

from dataclasses import replace

import numpy as np

from atss_inspect.page.render import json_block
from atss_inspect.readers.pixels import Picture
from atss_inspect.report.images import LOOKS, Fitted, fit_images
from atss_inspect.viewer import picture_uri

NOISE = np.random.default_rng(7).integers(0, 255, (600, 900, 3)).astype(np.uint8)


def documents(number: int) -> list[dict[str, object]]:
    """Make documents of a few bytes."""
    return [{"id": str(place), "picture": None} for place in range(number)]


def size_of(fitted: Fitted) -> int:
    """Count the bytes that the images take."""
    return sum(len(json_block(each).encode()) for each in fitted.documents)


def test_pictures_that_fit_are_left_as_they_are() -> None:
    fitted = fit_images(documents(2), [Picture(NOISE)] * 2, room=10_000_000)
    assert len(fitted.documents) == 2
    assert fitted.look == LOOKS[0]
    assert fitted.note == ""


def test_pictures_shrink_before_images_are_left_out() -> None:
    whole = size_of(fit_images(documents(2), [Picture(NOISE)] * 2, room=10_000_000))
    room = whole * 2 // 3
    fitted = fit_images(documents(2), [Picture(NOISE)] * 2, room=room)
    assert size_of(fitted) <= room
    assert len(fitted.documents) == 2
    assert fitted.look in LOOKS[1:]
    assert fitted.note == f"pictures reduced to {fitted.look.longest} pixels"  # type: ignore[union-attr]


def test_the_last_images_go_where_even_the_smallest_pictures_are_too_large() -> None:
    coarse = picture_uri(NOISE, longest=LOOKS[-1].longest, quality=LOOKS[-1].quality)
    room = int(2.5 * len(coarse))
    fitted = fit_images(documents(3), [Picture(NOISE)] * 3, room=room)
    assert size_of(fitted) <= room
    assert [each["id"] for each in fitted.documents] == ["0", "1"]
    assert fitted.note == "pictures reduced to 300 pixels and 1 of 3 images left out"


def test_pictures_are_not_said_to_be_smaller_where_none_is_left() -> None:
    fitted = fit_images(documents(3), [Picture(NOISE)] * 3, room=0)
    assert fitted.documents == ()
    assert fitted.note == "3 of 3 images left out"


def test_images_left_out_in_vain_are_said_to_be() -> None:
    fitted = replace(Fitted((), 2), is_in_vain=True)
    assert fitted.note == (
        "2 of 2 images left out, but tables and figures alone exceed the limit"
    )
    assert replace(Fitted((), 0), is_in_vain=True).note == ""


def test_images_without_pixels_stay_without() -> None:
    pictures = [Picture(None, problem="missing"), Picture(NOISE)]
    fitted = fit_images(documents(2), pictures, room=10_000_000)
    assert fitted.documents[0]["picture"] is None
    assert fitted.documents[1]["picture"].startswith("data:image/jpeg")


def test_without_pictures_the_documents_alone_decide() -> None:
    each = len(json_block(documents(1)[0]))
    fitted = fit_images(documents(5), [Picture(None)] * 5, room=3 * each)
    assert len(fitted.documents) == 3
    assert fitted.look is None
    assert fitted.note == "2 of 5 images left out"
    assert fit_images([], [], room=0) == Fitted((), 0)
    assert fit_images(documents(1), [Picture(None)], room=-5).documents == ()
