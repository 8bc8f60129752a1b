"""Settings to paste: for this tool, and for mmdetection."""

from collections.abc import Iterator, Sequence
from typing import Any

from atss_inspect.settings import Settings, preset
from atss_inspect.settings.parameters import format_value

# Where mmdetection has a setting: a dict of its config, and the key in it. Rules know
# where their own parameters are.
_MMDETECTION = {
    "resize.pad_divisor": ("data_preprocessor", "pad_size_divisor"),
    "anchors.strides": ("anchor_generator", "strides"),
    "anchors.scale": ("anchor_generator", "octave_base_scale"),
    "anchors.scales_per_octave": ("anchor_generator", "scales_per_octave"),
    "anchors.ratios": ("anchor_generator", "ratios"),
    "anchors.offset": ("anchor_generator", "center_offset"),
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
    """Write a setting in mmdetection's words."""
    rule, (section, _, name) = settings.rule, path.partition(".")
    if section == "assigner":
        words = rule.words.mmdetection
        yield from words(settings.assigner, settings.pyramid, name)
    if path not in _MMDETECTION:
        return
    table, key = _MMDETECTION[path]
    if table == "anchor_generator" and not rule.uses_anchors:
        if path != "anchors.strides":
            return
        table = "bbox_head"
    yield table, key, list(value) if isinstance(value, tuple) else value
