"""Everything that decides an assignment, apart from the annotations.

`Settings` are one complete convention; `preset` and `resolve` make them. What a preset
says, a file may change, then the user's surroundings (project file and environment),
then the command line: these are `layers`, laid over one another here, with origins.
`parameters` names every setting, and reads, checks and writes its value.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atss_inspect import presets
from atss_inspect.annotations.augment import AugmentRule
from atss_inspect.annotations.data_rules import INTENDED, DataRules, losses
from atss_inspect.annotations.resize import ResizeRule
from atss_inspect.assigners import RULES, rule_of
from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.rule import Params, Rule
from atss_inspect.errors import SettingsError
from atss_inspect.fields import settings_of
from atss_inspect.notebook import table_html
from atss_inspect.settings import configs, layers, parameters

if TYPE_CHECKING:
    from atss_inspect.importing.imported import Imported, Remark

ABOUT = ("description", "source", "extends")


@dataclass(frozen=True)
class _Source:
    """A preset or a file before any override."""

    name: str
    about: Mapping[str, str]
    layers: tuple[layers.Layer, ...]
    remarks: "tuple[Remark, ...]" = ()


@dataclass(frozen=True)
class Settings:
    """Everything that decides an assignment, apart from the annotations.

    Attributes
    ----------
    name : of the preset, or of the file without its suffix
    data, resize, anchors, assigner : the conventions, each with its own docstring
    augment : what training draws; `statistics.variants` looks at it, nothing else does
    is_flipped : whether images are flipped left to right; not written into any file
    shift : how far images are moved, see `build_frame`; not written either
    description : one line for people
    source : where the numbers come from
    extends : the preset that it is or starts from; empty where there is none

    Examples
    --------
    >>> from atss_inspect import preset
    >>> settings = preset("atss-mmdet", short_side=640)
    >>> settings.assigner.k, settings.resize.short_side, settings.values()["assigner.k"]
    (9, 640, 9)
    """

    name: str
    data: DataRules
    resize: ResizeRule
    anchors: AnchorRule
    assigner: Params
    description: str = ""
    source: str = ""
    extends: str = ""
    augment: AugmentRule = field(default_factory=AugmentRule)
    is_flipped: bool = False
    shift: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        values = self.values()
        for path, value in values.items():
            parameters.convert(parameters.PARAMETERS[path], value, self.name)
        if conflict := layers.conflict_of(self.rule, values):
            message = f"{self.name}: {conflict.paths[0]}: expected {conflict.expected}"
            raise SettingsError(message, hint=conflict.hint)
        anchors = self.anchors.on_square(self.resize.size[0])
        object.__setattr__(self, "anchors", anchors)

    @property
    def rule(self) -> Rule[Any]:
        """Rule that takes its ``assigner``; it knows what depends on rules."""
        return rule_of(self.assigner)

    @property
    def assigner_name(self) -> str:
        """Name of the rule, one of `assigners.rule_names`."""
        return self.rule.name

    @property
    def pyramid(self) -> Pyramid:
        """The anchors that its rule looks at."""
        return self.rule.pyramid(self.anchors)

    @property
    def bar(self) -> float | None:
        """IoU that a positive needs; None where no such bar is the same for all."""
        return self.rule.bar(self.assigner)

    @property
    def bar_of(self) -> str:
        """What stands in place of the IoU at the bar; empty for the IoU."""
        return self.rule.bar_of(self.assigner)

    @property
    def low_quality_bar(self) -> float | None:
        """IoU below which a positive is a low-quality match; None without such."""
        return self.rule.low_quality_bar(self.assigner)

    @property
    def names_its_classes(self) -> bool:
        """Whether somebody chose the classes: no list of a data set class is it."""
        if not self.data.classes:
            return True
        # Only who names classes pays for the lists.
        from atss_inspect.importing.data_sets import own_class_lists

        return self.data.classes not in own_class_lists()

    def losses(self, left_out: Mapping[str, int]) -> dict[str, int]:
        """What of the annotations is left out that nobody intends, most first.

        Annotations of other classes are lost where nobody chose the classes.
        """
        if self.names_its_classes:
            return losses(left_out)
        intended = {*INTENDED} - {"class_not_selected"}
        return losses(left_out, intended=intended)

    def values(self) -> dict[str, Any]:
        """Every setting by its dotted path, in a fixed order."""
        named = {
            f"{section}.{part.name}": getattr(getattr(self, section), part.name)
            for section in parameters.SECTION_NAMES
            for part in settings_of(getattr(self, section))
        }
        return layers.in_order(named | {parameters.ASSIGNER_NAME: self.assigner_name})

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        tables: dict[str, list[str]] = {}
        for path, value in self.values().items():
            table, _, name = path.partition(".")
            text = f"{name} = {parameters.format_value(value)}"
            tables.setdefault(table, []).append(text)
        rows = [(table, ", ".join(texts)) for table, texts in tables.items()]
        about = ": ".join(filter(None, [self.name, self.description]))
        return table_html(about, (), rows, num_texts=2)

    def to_dict(self) -> dict[str, Any]:
        """Every setting as nested dicts and lists, ready for JSON."""
        tables: dict[str, Any] = {key: getattr(self, key) for key in ("name", *ABOUT)}
        for path, value in self.values().items():
            section, _, name = path.partition(".")
            tables.setdefault(section, {})[name] = _as_lists(value)
        return tables

    def to_toml(self, notes: Mapping[str, str] | None = None) -> str:
        """Write a TOML file that `preset` reads back as equal settings.

        Notes are comments by dotted path, e.g. the origins of the values.
        """
        write = parameters.format_value
        about = ABOUT if self.extends else ABOUT[:-1]
        lines = [f"{key} = {write(getattr(self, key))}" for key in about]
        lines += ["", *parameters.format_tables(self.values(), notes or {})]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class ResolvedSettings:
    """Settings, and where each value is from (by dotted path)."""

    settings: Settings
    origins: Mapping[str, str]
    # what a person must know of the framework's config that they were read from
    remarks: "tuple[Remark, ...]" = ()


def _as_lists(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_as_lists(element) for element in value]
    return value


def preset(name: str = presets.DEFAULT_PRESET, /, **overrides: Any) -> Settings:
    """Settings of a preset, with some values of your own.

    Parameters
    ----------
    name : of a preset, or the path of a TOML file of settings, which may extend a
        preset, or of a framework's config (``.py .yaml .yml .json .ini``). What neither
        says is taken from the defaults of the dataclasses, and the settings are named
        after the file, without its suffix.
    overrides : by full path, last part or alias, with ``__`` for a dot:
        ``preset("atss-mmdet", k=15, anchors__scale=4)``

    Raises
    ------
    SettingsError
        For an unknown preset or setting, or a value out of range.

    Warns
    -----
    UserWarning
        For each thing that a config says and these settings imitate in part or not.

    Examples
    --------
    >>> from atss_inspect import preset
    >>> preset("atss-mmdet", k=15, anchors__scale=4).assigner.k
    15
    """
    resolved = resolve(name, overrides=overrides)
    for one in resolved.remarks:
        if one.kind != "default":
            warnings.warn(one.sentence, stacklevel=2)
    return resolved.settings


def load_settings(path: Path | str) -> Settings:
    """Settings of a TOML file, whatever its suffix; see `preset`."""
    return resolve(Path(path)).settings


def parse_settings(text: str, name: str) -> Settings:
    """Read settings from the text of a TOML file; messages begin with ``name``."""
    return _build(_source(presets.parse_toml(text, name), name, name)).settings


def restore_settings(tables: Mapping[str, Any]) -> Settings:
    """Build settings from what `Settings.to_dict` gave, also after a way through JSON.

    Raises `SettingsError` where a setting is missing, unknown or out of range: nothing
    is made up. Settings that came later may be missing, and have their default.
    """
    name = str(tables.get("name", ""))
    source = _source({key: tables[key] for key in tables if key != "name"}, name, name)
    settings = _build(source).settings
    missing = settings.values().keys() - source.layers[-1].values.keys()
    missing -= {one.path for one in parameters.PARAMETERS.values() if one.is_later}
    if missing:
        raise SettingsError(name, f"{min(missing)}: expected a value, got none")
    return settings


def override(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """Change some values, named and checked as on the command line.

    Raises `SettingsError` also for a setting that the assigner does not have.
    """
    about = {key: getattr(settings, key) for key in ABOUT}
    layer = layers.Layer(settings.name, settings.values())
    source = _Source(settings.name, about, (layer,))
    return _resolve([source], (), layers.named_layer(values, "override"))[0].settings


def resolve(
    name: str | Path = presets.DEFAULT_PRESET,
    *,
    overrides: Mapping[str, Any] | Sequence[str] = (),
) -> ResolvedSettings:
    """Resolve one preset or file; see `resolve_all`."""
    return resolve_all([name], overrides=overrides)[0]


def resolve_all(
    names: Sequence[str | Path],
    *,
    overrides: Mapping[str, Any] | Sequence[str] = (),
    ambient: Sequence[layers.Layer] = (),
    named_by: str = "",
) -> tuple[ResolvedSettings, ...]:
    """Resolve several presets or files that are looked at side by side.

    Raises `SettingsError` for unknown names, values out of range, conflicting values,
    and an override that none of the presets has.

    Parameters
    ----------
    names : of presets, or files: paths, and texts that end in ``.toml`` or like the
        config of a framework (``.py .yaml .yml .json .ini``)
    overrides : values by name, or ``name=value`` texts; they win over everything. One
        that only some of the presets have (k, beside FCOS) changes those
    ambient : layers that hold wherever the user is (project file, environment), the
        weakest first; a setting that no preset here has is passed over
    named_by : place that names the presets, for messages; empty: the user himself
    """
    if isinstance(overrides, Mapping):
        layer = layers.named_layer(overrides, "override")
    else:
        layer = layers.assignments_layer(overrides)
    try:
        sources = [_named_source(name) for name in names]
    except SettingsError as error:
        place = (named_by,) if named_by else ()
        raise SettingsError(*place, str(error), hint=error.hint) from error
    return _resolve(sources, ambient, layer)


def _resolve(
    sources: Sequence[_Source], ambient: Sequence[layers.Layer], layer: layers.Layer
) -> tuple[ResolvedSettings, ...]:
    """Lay the ambient layers and the override over each source."""
    overrides = [*ambient, layer]
    assigners = [layers.assigner_after([*one.layers, *overrides]) for one in sources]
    named = [(f"{s.name} ({a})", a) for s, a in zip(sources, assigners, strict=True)]
    layers.require_use(layer, dict(named))
    return tuple(_build(source, overrides) for source in sources)


def _named_source(name: str | Path) -> _Source:
    """Read a preset, or a file where the name ends like one."""
    if configs.is_config(str(name)):
        return _imported_source(configs.import_config(name), Path(name))
    if isinstance(name, Path) or name.lower().endswith(".toml"):
        path = Path(name)
        return _source(presets.read_toml(path), path.stem, path.name)
    own = presets.ALIASES.get(name, name)
    found = _source(presets.read_preset(own), name, f"preset {own}")
    return replace(found, about={**found.about, "extends": own})


def imported_settings(imported: "Imported", path: Path) -> ResolvedSettings:
    """Settings of a config that was read, over the preset that it starts from.

    Raises `SettingsError` where its values do not go together, as in resolving a file.
    """
    return _build(_imported_source(imported, path))


def _imported_source(imported: "Imported", path: Path) -> _Source:
    """Lay a config that was read over the preset that it starts from."""
    texts = {
        "description": f"{path.name} of {imported.framework}",
        "source": str(path),
        "extends": imported.extends,
    }
    below = _named_source(imported.extends).layers
    own = configs.config_layer(imported)
    return _Source(path.stem, texts, (*below, own), imported.remarks)


def _source(tables: Mapping[str, Any], name: str, origin: str) -> _Source:
    """Turn the tables of a TOML file into layers, what it extends first."""
    texts = {key: tables.get(key, "") for key in layers.TOP_LEVEL}
    for key, text in texts.items():
        if not isinstance(text, str):
            raise parameters.refusal(origin, key, "text", text)
    extends = texts["extends"]
    if not extends:
        below: tuple[layers.Layer, ...] = (layers.default_layer(),)
    elif presets.is_preset(extends):
        below = _named_source(extends).layers
    else:
        nearest = presets.nearest_preset(extends)
        message = f'{origin}: extends: unknown preset "{extends}"{nearest}'
        raise SettingsError(message, hint="`atss-inspect config list` shows all")
    return _Source(name, texts, (*below, layers.table_layer(tables, origin)))


def _build(source: _Source, overrides: Sequence[layers.Layer] = ()) -> ResolvedSettings:
    """Build the dataclasses from all layers."""
    values, origins = layers.stack(source.layers, overrides)
    values = layers.with_square_of_strides(values)
    parts: dict[str, dict[str, Any]] = {}
    for path, value in values.items():
        section, _, name = path.partition(".")
        parts.setdefault(section, {})[name] = value
    make_assigner = RULES[parts["assigner"].pop("name")].params
    built: dict[str, Any] = {
        section: make(**parts[section]) for section, make in parameters.SECTIONS.items()
    }
    built |= {"assigner": make_assigner(**parts["assigner"]), **source.about}
    settings = Settings(name=source.name, **built)
    return ResolvedSettings(settings, origins, source.remarks)
