"""Whatever is written as settings: settings that give an answer, or a SettingsError."""

import contextlib
import json
from dataclasses import replace
from types import UnionType
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners import RULES
from atss_inspect.errors import AtssInspectError, SettingsError
from atss_inspect.fields import LEAST
from atss_inspect.presets import preset_names
from atss_inspect.readers import load_coco
from atss_inspect.settings import (
    Settings,
    override,
    parse_settings,
    preset,
    restore_settings,
)
from atss_inspect.settings.parameters import PARAMETERS, SECTION_NAMES
from atss_inspect.settings.surroundings import read_environment
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.sweep import expand, parse_axes
from tests.strategies import any_anchor_rules
from tests.tiny_coco import street

PRESETS = ("atss-mmdet", "retinanet-torchvision", "fcos-mmdet")
DATASET = load_coco(street())

# What TOML, or a Python caller, may put in place of a value.
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.dates(),
    st.sampled_from([10**400, -(10**400), 2**63, 1e308, 5e-324]),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
CEILINGS = sorted(
    limit.most
    for one in PARAMETERS.values()
    for limit in (one.limit, one.each)
    if limit and limit.most
)
# Numbers that are in bounds, and on them.
numbers = st.one_of(
    st.sampled_from([5e-324, 1e-45, 1e-30, 1e-7, LEAST, 0.5, 1, 2, 8, 32, 1000]),
    st.sampled_from([1e4, 1e5, *CEILINGS]),
    st.floats(0, 1e6),
)


def of_kind(kind: Any) -> st.SearchStrategy[Any]:
    """Draw values of a setting's type, the odd ones too."""
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if isinstance(kind, UnionType):
        return st.one_of(*map(of_kind, get_args(kind)))
    if get_origin(kind) is tuple:
        element, *rest = get_args(kind)
        drawn, size = of_kind(element), len(rest) + 1
        if rest == [Ellipsis]:
            listed = st.lists(drawn, max_size=4, unique_by=repr)
            return listed.map(lambda some: sorted(some, key=repr)) | listed
        return st.lists(drawn, min_size=size, max_size=size)
    if kind is bool:
        return st.booleans()
    if kind is int:
        return numbers.map(lambda number: max(int(number), 1))
    return numbers if kind is float else st.text(max_size=3)


@given(st.sampled_from(PRESETS), st.data())
def test_any_value_is_a_setting_or_a_settings_error(name, data):
    path = data.draw(st.sampled_from(sorted(PARAMETERS)))
    with contextlib.suppress(SettingsError):
        preset(name, **{path.replace(".", "__"): data.draw(values)})


@st.composite
def changed_presets(draw: st.DrawFn) -> Settings:
    """Change some values of a preset to any that are allowed."""
    settings = preset(draw(st.sampled_from(preset_names())))
    paths = [
        path
        for path, parameter in PARAMETERS.items()
        if path != "assigner.name"
        and (not parameter.assigners or settings.assigner_name in parameter.assigners)
    ]
    for path in draw(st.lists(st.sampled_from(paths), max_size=5, unique=True)):
        value = draw(of_kind(PARAMETERS[path].kind))
        with contextlib.suppress(SettingsError):  # out of range: keep what we have
            settings = override(settings, {path: value})
    about = {"description": draw(st.text()), "source": draw(st.text())}
    return replace(settings, **about)


@given(changed_presets())
def test_settings_survive_being_written_and_read_and_give_an_answer(settings):
    assert parse_settings(settings.to_toml(), settings.name) == settings
    assert restore_settings(json.loads(json.dumps(settings.to_dict()))) == settings
    try:
        (summary,) = summarize(DATASET, settings)
    except SettingsError:  # more anchors than possible
        return
    lost = sum(summary.left_out_objects.values())
    assert summary.num_objects + lost == DATASET.num_annotations


words = st.sampled_from(
    [
        *(f"[{section}]\n" for section in SECTION_NAMES),
        *(f"{path.rpartition('.')[2]} = " for path in PARAMETERS),
        *(f'name = "{name}"\n' for name in RULES),
        *('extends = "atss-mmdet"\n', "9\n", "[8, 16]\n", "inf\n", '"x"\n', "{}\n"),
        *("true\n", "0x10\n", "1_000\n", "2020-01-01\n", "[[set]]\n"),
        *("[", "]", "=", "\n"),
    ]
)
texts = st.one_of(st.text(), st.lists(words, max_size=6).map("".join))


@given(texts)
def test_any_text_is_a_file_of_settings_or_a_settings_error(text):
    with contextlib.suppress(SettingsError):
        parse_settings(text, "mine.toml")


@given(st.text(), st.text())
def test_any_variable_is_a_setting_or_a_settings_error(name, value):
    with contextlib.suppress(SettingsError):
        read_environment({f"ATSS_INSPECT_{name}": value})


number_texts = st.one_of(
    st.sampled_from(["1", "1e999", "1e-999", "-0", "nan", "inf", "9e99999", "", "0.1"]),
    st.floats().map(repr),
    st.integers().map(str),
)
axes = st.one_of(
    st.text(),
    st.builds(
        "{}={}".format,
        st.sampled_from([*PARAMETERS, "k", "levels", "topk"]),
        st.lists(number_texts, min_size=1, max_size=4).map(":".join)
        | st.lists(number_texts, max_size=4).map(",".join)
        | st.text(alphabet="[]P0123456789-,:.e", max_size=12),
    ),
)


@given(st.sampled_from(PRESETS), st.lists(axes, min_size=1, max_size=2))
def test_any_axis_is_swept_or_a_settings_error(name, texts):
    with contextlib.suppress(AtssInspectError):
        expand(preset(name), parse_axes(texts))


@given(st.sampled_from(PRESETS), any_anchor_rules())
def test_anchors_of_any_size_survive_being_written_and_give_an_answer(name, anchors):
    settings = preset(name)
    if name == "fcos-mmdet":  # whose ranges are for five levels
        settings = override(settings, {"scale_ranges": []})
    settings = replace(settings, anchors=anchors)
    assert parse_settings(settings.to_toml(), name) == settings
    assert restore_settings(json.loads(json.dumps(settings.to_dict()))) == settings
    (summary,) = summarize(DATASET, settings)
    assert summary.num_objects > 0


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("least", [LEAST, 1e5])
@pytest.mark.parametrize("factor", [LEAST, 1e4])
def test_the_smallest_and_largest_sizes_are_assigned(name, least, factor):
    pairs = [[factor, factor], [factor, 1]]
    for changes in (
        {"sizes": [[least]], "ratio_pairs": pairs},
        {"base_sizes": [least] * 5, "scales": [factor], "ratios": [factor]},
    ):
        assert summarize(DATASET, preset(name, **changes))[0].num_objects > 0


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("scale", [LEAST, 1e4])
@pytest.mark.parametrize("ratio", [LEAST, 1e4])
def test_the_smallest_and_largest_anchors_are_assigned(name, scale, ratio):
    # Any warning of NumPy is an error here.
    settings = preset(name, scale=scale, ratios=(ratio,))
    assert summarize(DATASET, settings)[0].num_objects > 0
