"""Every setting has one dotted path; names and aliases lead to it.

The table is read off the parameter dataclasses, so that a new field is a new setting.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_type_hints

from atss_inspect.annotations.data_rules import DataRules
from atss_inspect.annotations.resize import ResizeRule
from atss_inspect.assigners.atss.assign import AtssParams
from atss_inspect.assigners.fcos.assign import FcosParams
from atss_inspect.assigners.iou_threshold.assign import IouThresholdParams
from atss_inspect.assigners.pyramid import AnchorRule
from atss_inspect.errors import SettingsError
from atss_inspect.presets import did_you_mean

SECTIONS: dict[str, type] = {
    "data": DataRules,
    "resize": ResizeRule,
    "anchors": AnchorRule,
}
ASSIGNER_PARAMS: dict[str, type] = {
    "atss": AtssParams,
    "iou_threshold": IouThresholdParams,
    "fcos": FcosParams,
}
ASSIGNER_NAME = "assigner.name"
SECTION_NAMES = (*SECTIONS, "assigner")

# What the frameworks call a setting. Only names that mean one thing are here: an
# `img_scale` may be (long, short) or (height, width), a `min_size` may be of images.
ALIASES = {
    "assigner": "assigner.name",
    "topk": "assigner.k",
    "pos_iou_thr": "assigner.positive_from",
    "neg_iou_thr": "assigner.negative_below",
    "min_pos_iou": "assigner.low_quality_floor",
    "match_low_quality": "assigner.allow_low_quality",
    "fg_iou_thresh": "assigner.positive_from",
    "bg_iou_thresh": "assigner.negative_below",
    "allow_low_quality_matches": "assigner.allow_low_quality",
    "radius": "assigner.center_sampling_radius",
    "center_sample_radius": "assigner.center_sampling_radius",
    "regress_ranges": "assigner.scale_ranges",
    "octave_base_scale": "anchors.scale",
    "center_offset": "anchors.offset",
    "aspect_ratios": "anchors.ratios",
    "pad_size_divisor": "resize.pad_divisor",
    "size_divisibility": "resize.pad_divisor",
}


@dataclass(frozen=True)
class Parameter:
    """One setting.

    Attributes
    ----------
    path : its dotted path, e.g. ``assigner.k``
    kind : the type its dataclass declares, e.g. ``tuple[float, ...]``
    assigners : names of the assigners that have it; empty where it is no assigner's
    """

    path: str
    kind: Any
    assigners: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]


def _declared(section: str, declaring: type) -> Iterator[Parameter]:
    """Read the parameters of one section off its dataclass."""
    hints = get_type_hints(declaring)
    for field in fields(declaring):
        yield Parameter(f"{section}.{field.name}", hints[field.name])


def _all_parameters() -> dict[str, Parameter]:
    """Build the table of every setting, in the order of the dataclasses."""
    table = {
        parameter.path: parameter
        for section, declaring in SECTIONS.items()
        for parameter in _declared(section, declaring)
    }
    table[ASSIGNER_NAME] = Parameter(ASSIGNER_NAME, Literal[*ASSIGNER_PARAMS])
    for assigner, declaring in ASSIGNER_PARAMS.items():
        for parameter in _declared("assigner", declaring):
            # What several assigners have comes after what only one has.
            known = table.pop(parameter.path, None)
            owners = (*known.assigners, assigner) if known else (assigner,)
            table[parameter.path] = Parameter(parameter.path, parameter.kind, owners)
    return table


PARAMETERS = _all_parameters()


def find_parameter(
    name: str, origin: str, table: Mapping[str, Parameter] = PARAMETERS
) -> Parameter:
    """Find the setting a user means.

    Parameters
    ----------
    name : a full path, its last part where only one path ends so, or an alias; case
        does not matter, ``-`` counts as ``_`` and ``__`` as a dot
    origin : what an error message begins with, e.g. ``--set``

    Raises
    ------
    SettingsError
        Where nothing or more than one setting is meant; it names the candidates.
    """
    plain = name.strip().lower().replace("-", "_").replace("__", ".")
    if plain in table:
        return table[plain]
    matches = [parameter for parameter in table.values() if parameter.name == plain]
    if len(matches) == 1:
        return matches[0]
    if matches:
        paths = ", ".join(parameter.path for parameter in matches)
        message = f"{origin}: {name}: may be any of {paths}; give the full path"
        raise SettingsError(message)
    if plain in ALIASES:
        return table[ALIASES[plain]]
    raise unknown_key(origin, name, _nearest(plain, table))


def unknown_key(origin: str, name: str, suggestion: str) -> SettingsError:
    """Say that a key means nothing, and what it may have been meant to be."""
    message = f"{origin}: {name}: unknown key{suggestion}"
    return SettingsError(message, hint="`atss-inspect config show` lists all settings")


def _nearest(name: str, table: Mapping[str, Parameter]) -> str:
    """Suggest a setting: by its last part in another section, then by spelling."""
    last = name.rpartition(".")[2]
    known = {parameter.name: path for path, parameter in table.items()} | ALIASES
    if "." not in name:
        return did_you_mean(name, known)
    if last in known:
        return f"; did you mean {known[last]}?"
    return did_you_mean(name, table)
