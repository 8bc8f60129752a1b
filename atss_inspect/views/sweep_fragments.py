"""Settings to paste: for this tool, and for mmdetection."""

from collections.abc import Iterator, Sequence
from typing import Any

from atss_inspect.assigners.atss.assign import AtssParams
from atss_inspect.assigners.pyramid import build_pyramid
from atss_inspect.settings import Settings, preset
from atss_inspect.settings.values import format_value

# Where mmdetection has a setting: a dict of its config, and the key in it.
_MMDETECTION = {
    "resize.pad_divisor": ("data_preprocessor", "pad_size_divisor"),
    "anchors.strides": ("anchor_generator", "strides"),
    "anchors.scale": ("anchor_generator", "octave_base_scale"),
    "anchors.scales_per_octave": ("anchor_generator", "scales_per_octave"),
    "anchors.ratios": ("anchor_generator", "ratios"),
    "anchors.offset": ("anchor_generator", "center_offset"),
    "assigner.k": ("assigner", "topk"),
    "assigner.positive_from": ("assigner", "pos_iou_thr"),
    "assigner.negative_below": ("assigner", "neg_iou_thr"),
    "assigner.low_quality_floor": ("assigner", "min_pos_iou"),
    "assigner.allow_low_quality": ("assigner", "match_low_quality"),
    "assigner.scale_ranges": ("bbox_head", "regress_ranges"),
    "assigner.center_sampling_radius": ("bbox_head", "center_sample_radius"),
}


def toml_fragment(settings: Settings, changed: Sequence[str], extends: str) -> str:
    """Write a settings file for ``--config``.

    Parameters
    ----------
    settings : the convention to write
    changed : paths that must be written
    extends : name of the preset it starts from, whose other values need not be
        written; empty: the file's own other values stay
    """
    values = settings.values()
    if extends:
        own = preset(extends).values()
        changed = [
            path
            for path, value in values.items()
            if path in changed or own.get(path) != value
        ]
    lines = [f"extends = {format_value(extends)}"] if extends else []
    section = ""
    for path in values:
        if path not in changed:
            continue
        table, _, name = path.partition(".")
        if table != section:
            lines += ["", f"[{table}]"] if lines else [f"[{table}]"]
            section = table
        lines.append(f"{name} = {format_value(values[path])}")
    return "".join(f"{line}\n" for line in lines)


def mmdetection_fragment(settings: Settings, changed: Sequence[str]) -> str:
    """Write the same for a config of mmdetection; empty if it has no such settings."""
    groups: dict[str, list[str]] = {}
    values = settings.values()
    for path in values:
        if path in changed:
            for table, key, value in _entries(settings, path, values[path]):
                groups.setdefault(table, []).append(f"{key}={value!r}")
    lines = [f"{table}=dict({', '.join(keys)})," for table, keys in groups.items()]
    resize = settings.resize
    if {"resize.short_side", "resize.long_side"} & set(changed):
        scale = (resize.long_side, resize.short_side)
        lines.append(f"dict(type='Resize', scale={scale}, keep_ratio=True),")
    return "".join(f"{line}\n" for line in lines)


def _entries(
    settings: Settings, path: str, value: Any
) -> Iterator[tuple[str, str, Any]]:
    """Say a setting in mmdetection's words."""
    if path not in _MMDETECTION:
        return
    table, key = _MMDETECTION[path]
    if path == "assigner.center_sampling_radius":
        yield table, "center_sampling", value > 0
    if table == "anchor_generator" and settings.assigner_name == "fcos":
        if path != "anchors.strides":
            return
        table = "bbox_head"
    rule = settings.assigner
    if path == "assigner.k" and isinstance(rule, AtssParams) and rule.k_per_anchor:
        # mmdetection counts k per level, however many anchors a cell holds.
        value *= build_pyramid(settings.anchors).anchors_per_cell
    yield table, key, list(value) if isinstance(value, tuple) else value
