"""Settings and values of other tools that are none here: what to write instead."""

import re
from typing import Any

_NUMBER = r"(\d+(?:\.\d+)?)"
_PAIR = re.compile(rf"{_NUMBER}\s*[:/x]\s*{_NUMBER}")
_IN_BRACKETS = re.compile(rf"[(\[]\s*{_NUMBER}\s*,\s*{_NUMBER}\s*[)\]]")

_SIZES = (
    "lists of sizes are no setting",
    "a side is scale x stride x 2^(i / scales_per_octave), on every level alike: "
    "scale=4 with stride 8 is 32 px",
)
_TILES = (
    "tiles are not imitated; images are resized as a whole",
    "slice the annotations first and give what comes of it: sahi coco slice "
    "--image_dir IMAGES --dataset_json_path FILE --slice_size 416",
)
# What people type -> what is wrong with it, and a hint.
_NAMES = {
    **dict.fromkeys(
        ("anchor_size", "anchor_sizes", "base_size", "base_sizes", "sizes"), _SIZES
    ),
    **dict.fromkeys(("anchor_scales", "octave_scales", "scales"), _SIZES),
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

    Pairs of factors of width and height, as EfficientDet has them, are ratios here.
    """
    is_list = isinstance(value, list | tuple)
    if path == "anchors.scale" and (
        is_list or (isinstance(value, str) and "," in value)
    ):
        return "; ".join(_SIZES)
    if not path.startswith("anchors.ratios"):
        return None
    try:
        text = ",".join(map(str, value)) if is_list else str(value)
    except (ValueError, RecursionError):  # more digits, or lists, than Python writes
        return None
    pairs = _IN_BRACKETS.findall(text) or _PAIR.findall(text)
    factors = [(float(wide), float(high)) for wide, high in pairs]
    if not factors or not all(wide > 0 for wide, _ in factors):
        return None
    ratios = ",".join(f"{high / wide:.4g}" for wide, high in factors)
    areas = ", ".join(f"{wide * high:.4g}" for wide, high in factors)
    return (
        "a pair of factors of width and height is one ratio, height / width: "
        f"anchors.ratios={ratios} (areas times {areas} are not imitated)"
    )
