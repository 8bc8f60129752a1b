"""The one place where the benchmarks call into the package."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import Frame, build_frame
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.gate import Gate
from atss_inspect.assigners.pyramid import Pyramid, build_pyramid
from atss_inspect.assigners.yolov5.assign import shares_of
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics.run import answer_frame, chunk_bounds
from benchmarks.dense import Float32Array, MapSizes, as_map_sizes
from benchmarks.generator import write_dataset

TRAIN2017_IMAGES = 118_287
TRAIN2017_OBJECTS = 860_001


@dataclass(frozen=True)
class Work:
    """All boxes of a file, ready to be assigned.

    Attributes
    ----------
    num_images, num_boxes : what the preset's data rules leave
    assign_all : assigns every box with the package; returns the number of positives,
        as often as the loss has them, of a gate that of candidates
    images : the same boxes image by image, for the dense yardsticks
    """

    num_images: int
    num_boxes: int
    assign_all: Callable[[], int]
    images: list[tuple[Float32Array, MapSizes]]


def load_work(
    annotations: Path, preset_name: str, num_images: int | None = None
) -> Work:
    """Read a file and bring its boxes into input pixels, which is not measured.

    Parameters
    ----------
    annotations : the file
    preset_name : a convention
    num_images : take so many images that have boxes; None for all images
    """
    settings = preset(preset_name)
    dataset = load_coco(annotations)
    if num_images is not None:
        dataset = _first_images(dataset, num_images)
    pyramid = build_pyramid(settings.anchors)
    frames = [
        build_frame(dataset, slice(first, last), settings.data, settings.resize)
        for first, last in chunk_bounds(dataset.object_offsets)
    ]

    def assign_all() -> int:
        return sum(_num_found(answer_frame(frame, settings)) for frame in frames)

    return Work(
        num_images=sum(frame.num_images for frame in frames),
        num_boxes=sum(frame.num_gt for frame in frames),
        assign_all=assign_all,
        images=[image for frame in frames for image in _image_by_image(frame, pyramid)],
    )


def _num_found(answer: Assignment | Gate) -> int:
    if isinstance(answer, Gate):
        return int(answer.num_candidates.sum())
    return answer.num_positives if answer.times is None else int(answer.times.sum())


def _first_images(dataset: Dataset, number: int) -> Dataset:
    """Take the first images that have objects."""
    has_objects = np.diff(dataset.object_offsets) > 0
    return dataset.select_images(np.flatnonzero(has_objects)[:number])


def _image_by_image(
    frame: Frame, pyramid: Pyramid
) -> list[tuple[Float32Array, MapSizes]]:
    """Split a frame into the boxes and map sizes of each image."""
    map_sizes = pyramid.grids(frame.padded_size).map_sizes
    offsets = np.searchsorted(frame.gt_image, np.arange(frame.num_images + 1))
    return [
        (frame.gt_boxes[first:last], as_map_sizes(sizes))
        for first, last, sizes in zip(
            offsets[:-1].tolist(), offsets[1:].tolist(), map_sizes, strict=True
        )
    ]


def write_images(
    folder: Path, annotations: Path, preset_name: str, num_images: int
) -> None:
    """Write boxes and sizes in input pixels, ``PRESET.npz``, for other programs."""
    settings = preset(preset_name)
    dataset = _first_images(load_coco(annotations), num_images)
    every = slice(0, dataset.num_images)
    frame = build_frame(dataset, every, settings.data, settings.resize)
    pyramid = build_pyramid(settings.anchors)
    np.savez(
        folder / f"{preset_name}.npz",
        boxes=frame.gt_boxes,
        shares=shares_of(frame),
        offsets=np.searchsorted(frame.gt_image, np.arange(frame.num_images + 1)),
        padded_size=frame.padded_size,
        map_sizes=pyramid.grids(frame.padded_size).map_sizes,
    )


def make_train2017_sized(path: Path) -> None:
    """Generate a file as large as train2017's instances, polygons included."""
    write_dataset(
        path, num_images=TRAIN2017_IMAGES, num_objects=TRAIN2017_OBJECTS, seed=0
    )
