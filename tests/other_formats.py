"""YOLO and VOC data for tests: small ones in code, and any COCO set by supervision.

``python -m tests.other_formats COCO.json FOLDER`` writes the objects of a COCO file
that are no crowd as FOLDER/yolo and FOLDER/voc, with blank pictures of the sizes
that are recorded.
"""

import json
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

Size = tuple[int, int]  # width, height
NAMES = ("car", "person", "自転車")


def write_picture(path: Path, size: Size = (64, 48), **options: Any) -> Path:
    """Write a grey picture; options as `PIL.Image.Image.save` takes them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, 99).save(path, **options)
    return path


def write_turned(path: Path, orientation: int = 6) -> Path:
    """Write a picture that a camera has noted to be turned so (EXIF)."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return write_picture(path, exif=exif)


def write_yolo(
    folder: Path,
    labels: Mapping[str, str | None],
    *,
    split: str = "train",
    size: Size = (64, 48),
    yaml: str | None = None,
) -> Path:
    """Write pictures of one size with these labels; None for no label file.

    A data.yaml with three names lies beside them; what comes back is its path.
    """
    for name, text in labels.items():
        write_picture(folder / "images" / split / f"{name}.png", size)
        label = folder / "labels" / split / f"{name}.txt"
        label.parent.mkdir(parents=True, exist_ok=True)
        if text is not None:
            label.write_text(text, "utf-8")
    names = ", ".join(NAMES)
    path = folder / "data.yaml"
    content = f"{split}: images/{split}\nnames: [{names}]\n" if yaml is None else yaml
    path.write_text(content, "utf-8")
    return path


def voc_text(*objects: str, size: Size | None = (64, 48), name: str = "a.png") -> str:
    """Write a VOC file with these objects, see `voc_object`."""
    sides = ("", "") if size is None else size
    width, height = sides
    about = f"<width>{width}</width><height>{height}</height><depth>3</depth>"
    return (
        f"<annotation><filename>{name}</filename><size>{about}</size>"
        f"{''.join(objects)}</annotation>"
    )


def voc_object(name: str, *corners: float | str, more: str = "") -> str:
    """Write an object with xmin, ymin, xmax and ymax."""
    sides = zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True)
    box = "".join(f"<{side}>{value}</{side}>" for side, value in sides)
    return f"<object><name>{name}</name>{more}<bndbox>{box}</bndbox></object>"


def without_crowds(document: dict[str, Any]) -> dict[str, Any]:
    """Leave crowds out of a COCO document, and masks, of which polygons would be."""
    annotations = [each for each in document["annotations"] if not each["iscrowd"]]
    boxes = [
        {key: value for key, value in each.items() if key != "segmentation"}
        for each in annotations
    ]
    return document | {"annotations": boxes}


def convert(coco: str, folder: str) -> None:
    """Write a COCO file as YOLO and as VOC, by supervision."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import supervision

    document = without_crowds(json.loads(Path(coco).read_text("utf-8")))
    pictures, yolo, voc = (Path(folder, each) for each in ("pictures", "yolo", "voc"))
    for each in document["images"]:
        write_picture(pictures / each["file_name"], (each["width"], each["height"]))
    path = Path(folder, "without-crowds.json")
    path.write_text(json.dumps(document), "utf-8")
    found = supervision.DetectionDataset.from_coco(
        images_directory_path=str(pictures), annotations_path=str(path)
    )
    found.as_yolo(
        images_directory_path=str(yolo / "images"),
        annotations_directory_path=str(yolo / "labels"),
        data_yaml_path=str(yolo / "data.yaml"),
    )
    found.as_pascal_voc(
        images_directory_path=str(voc / "JPEGImages"),
        annotations_directory_path=str(voc / "Annotations"),
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    convert(*sys.argv[1:])
