"""The sample set: 64 images, ten of them painted, as `sample_data/` holds it."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.generator import val2017
from tools.sample_scenes.annotations import VisibleObject, annotate, annotation_record
from tools.sample_scenes.patches import between, pick
from tools.sample_scenes.pictures import paint
from tools.sample_scenes.scenes import SCENES
from tools.sample_scenes.scenes.composer import LIGHTS, Composer, Scene

SEED = 2020
NUM_IMAGES = 64

# With gaps, as in real files: an id is not a place in a list.
CATEGORY_IDS = {
    **{"person": 1, "bird": 2, "car": 3, "bus": 4, "boat": 6, "traffic light": 8},
    **{"sheep": 11, "kite": 12, "umbrella": 14, "book": 17, "cup": 18, "bottle": 21},
}


@dataclass(frozen=True)
class ImagePlan:
    """One image to make.

    Attributes
    ----------
    image_id : id, and part of its seed
    kind, light : of the scene
    size : width and height in pixels
    num_objects : how many to compose; some are then hidden or cut off
    zoom : 1 shows the whole scene, more a part of it
    is_painted : whether `sample_data/images` has a picture of it
    variant : the same plan with another number is another scene
    """

    image_id: int
    kind: str
    light: str
    size: tuple[int, int]
    num_objects: int
    zoom: float = 1.0
    is_painted: bool = False
    variant: int = 0

    @property
    def file_name(self) -> str:
        """Name of the picture."""
        return f"{self.image_id:06d}.jpg"


_PAINTED = (
    ImagePlan(7, "harbour", "day", (640, 480), 16, is_painted=True),
    ImagePlan(12, "meadow", "day", (640, 427), 17, is_painted=True, variant=3),
    ImagePlan(17, "table", "dawn", (640, 480), 9, is_painted=True),
    ImagePlan(22, "lake", "dusk", (640, 480), 108, is_painted=True),
    ImagePlan(27, "beach", "day", (640, 427), 24, is_painted=True),
    ImagePlan(32, "shelf", "day", (480, 640), 36, is_painted=True),
    ImagePlan(37, "street", "night", (500, 375), 12, is_painted=True, variant=3),
    ImagePlan(42, "street", "dusk", (640, 480), 20, is_painted=True, variant=38),
    ImagePlan(47, "harbour", "dusk", (640, 427), 14, is_painted=True),
    ImagePlan(52, "meadow", "dawn", (427, 640), 6, is_painted=True),
)
_KINDS = (
    *("street", "street", "street", "street", "street", "beach", "beach", "beach"),
    *("harbour", "meadow", "meadow", "table", "table", "table", "shelf", "lake"),
)
_SIZES = (
    *((640, 480), (640, 480), (640, 480), (640, 427), (640, 427), (480, 640)),
    *((500, 375), (640, 426), (427, 640), (612, 612), (640, 360), (375, 500)),
)


def write_sample_data(folder: Path, *, seed: int = SEED) -> list[Path]:
    """Write ``instances.json`` and ``images/`` of the sample set into a folder.

    Parameters
    ----------
    folder : is made if need be; files of the set that are there are replaced
    seed : the same seed gives the same annotations; the default is the committed set

    Returns
    -------
    paths : of all files written. The annotations are a COCO instances file with
        polygons and run lengths, UTF-8, one record per line.
    """
    scenes = [(plan, *annotate(compose(plan, seed))) for plan in plan_images(seed)]
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    paths = [folder / "instances.json"]
    paths[0].write_bytes(_document([(plan, objects) for plan, _, objects in scenes]))
    for plan, scene, _ in scenes:
        if plan.is_painted:
            paths.append(images / plan.file_name)
            paint(scene).save(paths[-1], quality=84, optimize=True)
    return paths


def plan_images(seed: int = SEED) -> list[ImagePlan]:
    """Plan the images: the painted ones, then others from close to wide."""
    rng = np.random.default_rng([seed, 0])
    plan = list(_PAINTED)
    for number in range(len(_PAINTED), NUM_IMAGES):
        count = float(
            np.interp(
                rng.random(), val2017.OBJECTS_PER_IMAGE_SHARE, val2017.OBJECTS_PER_IMAGE
            )
        )
        zoom = between(rng, 1.2, 4.0)
        plan.append(
            ImagePlan(
                image_id=7 + 5 * number,
                kind=pick(rng, _KINDS),
                light=pick(rng, tuple(LIGHTS)),
                size=pick(rng, _SIZES),
                num_objects=round((3 + count) * min(zoom, 2.5)),
                zoom=zoom,
            )
        )
    # Every detection set has some images without objects.
    for number in (23, 48):
        plan[number] = replace(plan[number], num_objects=0)
    return plan


def compose(plan: ImagePlan, seed: int = SEED) -> Scene:
    """Compose the scene of one image."""
    width, height = (round(side * plan.zoom) for side in plan.size)
    rng = np.random.default_rng([seed, plan.image_id, plan.variant])
    composer = Composer(rng, width, height, LIGHTS[plan.light], plan.num_objects)
    scene = SCENES[plan.kind](composer)
    return replace(scene, window=_window(scene, plan.size, rng))


def _window(
    scene: Scene, size: tuple[int, int], rng: np.random.Generator
) -> tuple[int, int, int, int]:
    """Choose the part to show, around one of the objects; large ones are likelier."""
    surfaces = [
        (x2 - x1) * (y2 - y1)
        for x1, y1, x2, y2 in (item.bounds for item in scene.items)
    ]
    place = float(rng.random()) * sum(surfaces)
    corner = [(scene.width - size[0]) // 2, scene.height - size[1]]
    for item, surface in zip(scene.items, surfaces, strict=True):
        place -= surface
        if place < 0:
            x1, y1, x2, y2 = item.bounds
            corner = [round((x1 + x2 - size[0]) / 2), round((y1 + y2 - size[1]) / 2)]
            break
    x = min(max(corner[0], 0), scene.width - size[0])
    y = min(max(corner[1], 0), scene.height - size[1])
    return x, y, x + size[0], y + size[1]


def _document(described: list[tuple[ImagePlan, list[VisibleObject]]]) -> bytes:
    """Make the whole document of the images and their objects."""
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for plan, objects in described:
        images.append(
            {
                "id": plan.image_id,
                "file_name": plan.file_name,
                "width": plan.size[0],
                "height": plan.size[1],
                "license": 1,
            }
        )
        for seen in objects:
            record = annotation_record(
                seen,
                annotation_id=len(annotations) + 1,
                image_id=plan.image_id,
                category_id=CATEGORY_IDS[seen.category],
            )
            annotations.append(record)
    categories = [{"id": key, "name": name} for name, key in CATEGORY_IDS.items()]
    sections = {"images": images, "annotations": annotations, "categories": categories}
    info = {
        "description": "Drawn scenes, generated by atss-inspect",
        "version": "1",
        "year": 2025,
        "contributor": "The atss-inspect developers",
    }
    licenses = [{"id": 1, "name": "MIT", "url": "https://opensource.org/license/mit"}]
    lines = [f'{{"info":{_dumps(info)},\n"licenses":{_dumps(licenses)}']
    for name, records in sections.items():
        body = ",\n".join(_dumps(record) for record in records)
        lines.append(f'"{name}":[\n{body}\n]')
    return (",\n".join(lines) + "}\n").encode()


def _dumps(record: object) -> str:
    """Encode without spaces."""
    return json.dumps(record, separators=(",", ":"))
