"""One image with its picture, read from the folder of images."""

from collections.abc import Sequence
from typing import Any

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.readers.pixels import read_picture
from atss_inspect.settings import Settings
from atss_inspect.viewer.document import image_document
from atss_inspect.viewer.picture import picture_room, picture_uri


def pictured_document(
    image: Dataset, settings: Sequence[Settings], *, folder: str | None
) -> dict[str, Any]:
    """Gather what the viewer shows of one image, its pixels included.

    Parameters
    ----------
    image, settings : as for `image_document`
    folder : of the pictures; None for none. What is wrong with a picture, or why there
        is none, is the document's ``picture_note``
    """
    height, width = image.image_sizes[0].tolist()
    size = height, width
    name = str(image.file_names.tolist()[0])
    picture = read_picture(folder, name, size=size, room=picture_room(size))
    return image_document(
        image,
        settings,
        picture=None if picture.pixels is None else picture_uri(picture.pixels),
        picture_note=picture.problem,
    )
