"""From Python: examples of every public docstring, what notebooks show, figures."""

import doctest
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from matplotlib.figure import Figure

import atss_inspect
from atss_inspect import (
    Dataset,
    assign,
    compare,
    load_coco,
    objects_table,
    plot,
    positives_table,
    preset,
    summarize,
    sweep,
)
from atss_inspect.errors import SettingsError
from atss_inspect.notebook import table_html
from atss_inspect.statistics.tuning import tune
from tests.command_line import ask
from tests.tiny_coco import street

PUBLIC = {name: getattr(atss_inspect, name) for name in atss_inspect.__all__}
PUBLIC |= {f"plot.{name}": getattr(plot, name) for name in plot.__all__}
SAMPLE = "sample_data/instances.json"
ATSS, IOU, FCOS = map(preset, ("atss-mmdet", "retinanet-mmdet", "fcos-mmdet"))
ONE = "settings: expected one Settings, got"
ANY = "settings: expected Settings or a list of them, got"
TWO = "settings: expected two different presets or more, got"
VALUES = "values: expected a list of values to try, got"
NUMBER = "expected a whole number of at least 1, got"


@pytest.fixture
def sample(project_root, monkeypatch) -> Dataset:
    monkeypatch.chdir(project_root)
    return load_coco(SAMPLE)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_docstring_has_an_example_that_runs(
    name, project_root, monkeypatch
) -> None:
    monkeypatch.chdir(project_root)
    [test] = doctest.DocTestFinder(recurse=False).find(PUBLIC[name], name, globs={})
    assert test.examples
    told: list[str] = []
    doctest.DocTestRunner().run(test, out=told.append)
    assert told == []


def shown(what: Any) -> str:
    """What a notebook shows, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", what._repr_html_())).split())


def test_notebooks_show_what_there_is(sample) -> None:
    assert "images 64 annotations 528 classes 12" in shown(sample)
    assert "atss-mmdet: ATSS of mmdetection" in shown(ATSS)
    assert 'assigner name = "atss", k = 9,' in shown(ATSS)
    [iou] = summarize(sample, IOU)
    assert "tiny 134 6.7 0% 72.4%" in shown(iou)
    [gate] = summarize(sample, preset("yolo11"))
    assert "candidates, mean without a candidate below quota" in shown(gate)


def test_notebooks_show_answers(sample) -> None:
    both = compare(sample, [ATSS, FCOS])
    assert "atss-mmdet and fcos-mmdet, objects" in shown(both)
    assert shown(both).count("next:") == 0
    tried = sweep(sample, ATSS, "k", range(5, 16, 5))
    assert "sweep" not in shown(tried)
    assert tried.verdict in shown(tried)
    tuning = tune(sample, IOU, free_only=True)
    assert shown(tuning).startswith("retinanet-mmdet: change changes multiply-adds")


def test_tables_are_escaped() -> None:
    assert table_html("<a>", ["b", "&"], [("<c>", "1")]) == (
        "<table><caption>&lt;a&gt;</caption><thead><tr><th>b</th>"
        '<th style="text-align:right">&amp;</th></tr></thead><tbody><tr>'
        '<td>&lt;c&gt;</td><td style="text-align:right">1</td></tr></tbody></table>'
    )


def test_python_answers_as_the_command_line_does(sample) -> None:
    asked = f"-q compare --ann {SAMPLE} atss-mmdet fcos-mmdet --json"
    own = compare(sample, [ATSS, FCOS]).document()
    assert own["pairs"] == ask(asked).json["pairs"]
    asked = f"-q sweep --ann {SAMPLE} levels=P2-P6,P3-P7 -p retinanet-mmdet --json"
    swept = ask(asked).json
    found = sweep(sample, IOU, "levels", ["P2-P6", "P3-P7"])
    assert found.choice == (swept["sweep"]["choice"] or {"row": None})["row"]
    assert [one.num_unassigned for one in found.stats.summaries] == [
        row["num_unassigned"] for row in swept["results"]
    ]


def test_python_refuses_what_cannot_be(sample) -> None:
    with pytest.raises(SettingsError, match="expected two different presets"):
        compare(sample, [ATSS, ATSS])
    with pytest.raises(SettingsError, match="topkk: unknown key"):
        sweep(sample, ATSS, "topkk", [3])
    with pytest.raises(SettingsError, match="7,: no image has this id"):
        plot.image(sample, "7,", ATSS)
    with pytest.raises(SettingsError, match="theme: expected one of light, dark"):
        plot.levels(sample, ATSS, theme="pink")
    with pytest.raises(SettingsError, match="expected two conventions, got"):
        plot.compare(compare(sample, [ATSS, FCOS, IOU]))


# Wrong arguments, and what the message says of them.
MISTAKES: dict[str, tuple[Callable[[Dataset], object], str]] = {
    "against": (
        lambda d: plot.size(d, ATSS, against="area"),
        "against: expected one of size, ratio, position, got area",
    ),
    "assign several": (lambda d: assign(d, [ATSS, FCOS]), f"{ONE} a list of 2"),
    "positives of several": (
        lambda d: positives_table(d, [ATSS]),
        f"{ONE} a list of 1",
    ),
    "tune several": (lambda d: tune(d, [ATSS, FCOS]), f"{ONE} a list of 2"),
    "tune a name": (lambda d: tune(d, "atss-mmdet"), f'{ONE} "atss-mmdet"'),
    "sweep several": (lambda d: sweep(d, [ATSS], "k", [5]), f"{ONE} a list of 1"),
    "summarize a name": (lambda d: summarize(d, "fcos-mmdet"), f'{ANY} "fcos-mmdet"'),
    "summarize nothing": (lambda d: summarize(d, None), f"{ANY} NoneType"),
    "summarize names": (
        lambda d: summarize(d, [ATSS, "x"]),
        f'{ANY} among them "x"',
    ),
    "summarize a need": (lambda d: summarize(d, ATSS, need=0), f"need: {NUMBER} 0"),
    "sweep a need": (
        lambda d: sweep(d, ATSS, "k", [5], need=2.5),
        f"need: {NUMBER} 2.5",
    ),
    "table of none": (lambda d: objects_table(d, []), f"{ANY} an empty list"),
    "plot a name": (lambda d: plot.positives(d, "atss-mmdet"), f'{ANY} "atss-mmdet"'),
    "plot none": (lambda d: plot.positives(d, []), f"{ANY} an empty list"),
    "reach of none": (lambda _: plot.reach([]), f"{ANY} an empty list"),
    "image of none": (lambda d: plot.image(d, 42, []), f"{ANY} an empty list"),
    "compare one": (lambda d: compare(d, ATSS), f"{TWO} atss-mmdet"),
    "compare none": (lambda d: compare(d, []), f"{TWO} an empty list"),
    "compare a name": (lambda d: compare(d, "atss-mmdet"), f'{TWO} "atss-mmdet"'),
    "no values": (lambda d: sweep(d, ATSS, "k", []), f"{VALUES} []"),
    "no text": (lambda d: sweep(d, ATSS, "k", ""), f'{VALUES} ""'),
    "a value": (lambda d: sweep(d, ATSS, "k", 5), f"{VALUES} 5"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_wrong_arguments_are_named_with_what_is_allowed(sample, name) -> None:
    call, message = MISTAKES[name]
    with pytest.raises(SettingsError) as caught:
        call(sample)
    assert str(caught.value) == message
    assert caught.value.hint or message.startswith(("against:", "need:"))
    if '"fcos-mmdet"' in message:
        assert caught.value.hint == 'for example preset("fcos-mmdet")'


def test_sweep_takes_values_as_the_command_does(sample) -> None:
    ranged, listed = (sweep(sample, ATSS, "k", v) for v in ("5:9:2", [5, 7, 9]))
    assert ranged.points == listed.points


def test_plots_are_figures(sample) -> None:
    zoomed = plot.image(sample, "42", [ATSS, FCOS], zoom=215, theme="dark")
    against = plot.size(sample, ATSS, against="position")
    dots = plot.reach([ATSS, FCOS], sample, theme="paper")
    for figure in (zoomed, against, dots):
        assert isinstance(figure, Figure)
        assert figure._repr_png_().startswith(b"\x89PNG")
        assert figure.axes
    # The picture is found beside the annotations.
    assert any(axes.images for axes in plot.image(sample, 42, ATSS).axes)
    bare = load_coco(street())
    assert plot.image(bare, bare.image_ids[0], ATSS).axes
