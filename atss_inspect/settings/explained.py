"""Settings and values of other tools that are none here: what to write instead."""

import re
from typing import Any

_NUMBER = r"(\d+(?:\.\d+)?)"
_PAIR = re.compile(rf"{_NUMBER}\s*[:/x]\s*{_NUMBER}")
_IN_BRACKETS = re.compile(rf"[(\[]\s*{_NUMBER}\s*,\s*{_NUMBER}\s*[)\]]")

PAIRS_ARE = "pairs of factors of width and height are anchors.ratio_pairs"
_TILES = (
    "tiles are not imitated; images are resized as a whole",
    "slice the annotations first and give what comes of it: sahi coco slice "
    "--image_dir IMAGES --dataset_json_path FILE --slice_size 416",
)
# What people type -> what is wrong with it, and a hint.
_NAMES = {
    **dict.fromkeys(("crop", "crop_size", "patch", "patch_size", "patches"), _TILES),
    **dict.fromkeys(("slice", "slice_size", "slices", "slicing"), _TILES),
    **dict.fromkeys(("tile", "tile_size", "tiles", "tiling"), _TILES),
}


def name_of_others(name: str) -> tuple[str, str] | None:
    """Explain a setting that other tools have; None for others.

    What is wrong with it, and what to do.
    """
    return _NAMES.get(name.rpartition(".")[2])


def value_of_others(path: str, value: Any) -> str | None:
    """Explain a value as other tools write it: what to write here; None for others.

    Plain numbers as sizes could be those of each level, or all on every level; pairs of
    factors of width and height, as EfficientDet has them, have a setting of their own.
    """
    if path == "anchors.scale" and isinstance(value, list | tuple | str):
        text = ",".join(map(str, value)) if isinstance(value, list | tuple) else value
        found = f"lists of sizes are set as anchors.scales=[{text.strip('[]')}]"
        return found if "," in text else None
    each = value if isinstance(value, list | tuple) else [value]
    if path == "anchors.sizes" and each and all(map(_is_number, each)):
        levels = ", ".join(f"[{size:g}]" for size in each)
        every = ", ".join(f"{size:g}" for size in each)
        return f"[{levels}] gives each level one, [[{every}]] all levels all of them"
    if path != "anchors.ratios" or not any(isinstance(one, str) for one in each):
        return None
    text = ",".join(map(str, each))
    pairs = _IN_BRACKETS.findall(text) or _PAIR.findall(text)
    factors = ", ".join(f"[{wide}, {high}]" for wide, high in pairs)
    return f"{PAIRS_ARE}=[{factors}]" if factors else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)
