"""A fourth rule, from outside: every command, picture and page tells it as it is."""

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, make_dataclass, replace
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from atss_inspect import assign, load_coco, preset, summarize
from atss_inspect.annotations.frame import build_frame
from atss_inspect.assigners import BUILT_IN, RULES, checked, register, steps
from atss_inspect.assigners.causes import CAUSES, KNOWN_CAUSES, Cause
from atss_inspect.assigners.rule import Params
from atss_inspect.cli import run
from atss_inspect.errors import SettingsError
from atss_inspect.fields import at_least, setting
from atss_inspect.settings import Settings, load_settings
from tests.agreement import sorted_rows
from tests.tiny_coco import coco_image, write_coco

FOLDER = Path(__file__).parents[1] / "docs" / "example_rule"
PROJECT = tomllib.loads((FOLDER / "pyproject.toml").read_text(encoding="utf-8"))
POINTS = PROJECT["project"]["entry-points"]["atss_inspect.assigners"]
# Two boxes that share points, one inside the other, and one between the points.
BOXES = (100, 100, 40, 30), (110, 108, 14, 14), (201, 161, 6, 6)
# Images stay as they are, so input pixels are original pixels.
CONVENTION = """
[resize]
short_side = 200
long_side = 256

[assigner]
margin = 0.5
name = "cell_center"
"""
ASKED = ("--ann", "yard.json", "--config", "cc.toml")
# What other rules are called and what they have; "ATSS" is also the ATSS paper.
OTHERS = re.compile(
    r"ATSS|FCOS|IoU (?:rule|\d)|RetinaNet|low-quality|mean \+ std|scale range|k \d"
)


@pytest.fixture(autouse=True)
def _files(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the rule installed, and forget afterwards that it was loaded."""
    document = coco_image(*BOXES, width=256, height=200, image_id=42)
    write_coco(Path("yard.json"), document)
    Path("cc.toml").write_text(CONVENTION)
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.syspath_prepend(str(Path.cwd()))
    install("cell-center", **POINTS)
    num_causes = len(KNOWN_CAUSES)
    yield
    for name in list(RULES)[len(BUILT_IN) :]:
        del RULES[name]
    for name in list(KNOWN_CAUSES)[num_causes:]:
        del KNOWN_CAUSES[name]
    for name in [name for name in sys.modules if name.startswith("cell_center")]:
        del sys.modules[name]


@pytest.fixture
def ask(capsys):
    """Run a command; what it prints, or how it complains."""

    def asked(words, about=ASKED, *, code=0):
        assert run([*words.split(), *about]) == code
        out, err = capsys.readouterr()
        return err if code else out

    return asked


@pytest.fixture
def drawn(ask):
    """Run a command quietly; the text of the file that its last word names."""

    def written(words):
        ask(f"{words} --quiet")
        return Path(words.split()[-1]).read_text(encoding="utf-8")

    return written


def test_positives_are_the_cells_with_their_center_in_the_box():
    settings = load_settings("cc.toml")
    frame, assignment = assign(load_coco("yard.json"), settings)
    found = set(map(tuple, sorted_rows(assignment).tolist()))
    expected = set()
    for level, stride in enumerate(settings.anchors.strides):
        columns = -(-256 // stride)
        for row in range(-(-224 // stride)):
            for column in range(columns):
                x, y = column * stride, row * stride
                around = [
                    gt
                    for gt, (x1, y1, x2, y2) in enumerate(frame.gt_boxes.tolist())
                    if x1 + 0.5 < x < x2 - 0.5 and y1 + 0.5 < y < y2 - 0.5
                ]
                # The second box is the smaller one, and lies in the first.
                expected |= {(gt, level, row * columns + column) for gt in around[-1:]}
    assert found == expected
    assert len(found) > 10


# Each with something that it must print.
COMMANDS = {
    "stats": "no anchor center inside",
    "stats --full": "cell_center, margin 0.5; points at cell corners",
    "stats --json": '"name": "cell_center"',
    "stats --full --format md": "margin 0.5; points at cell corners",
    "stats --jobs 2": "without a positive",
    "worst": "no anchor center inside",
    "worst --by image": "no anchor center inside",
    "worst --by class --json": '"no_center_inside": 1',
    "explain --ann-id 1": "lost to 2",
    "explain --ann-id 2": "won over 1",
    "explain --ann-id 3": "no points inside; positive more than 0.5 px inside",
    "explain --ann-id 3 --json": '"points": []',
    "sweep margin=0,2": "margin 0.5; points at cell corners",
    "check --max-unassigned 50%": "cc",
    "export positives": "42,1,0,0,13,13,0,",
    "export objects": "no_center_inside",
    "export left-out": "",
    "plot levels -o a.svg": "cell_center, margin 0.5",
    "plot positives -o a.svg": "cell_center, margin 0.5",
    "plot size -o a.svg": "cell_center, margin 0.5",
    "plot reach -o a.svg": "sees squares from",
    "plot sweep margin=0,2 -o a.svg": "margin 2",
    "plot image 42 --contested -o a.svg": "no anchor center inside",
    "plot image 42 --candidates 2 -o a.svg": "no anchor center inside",
}


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_tells_it_as_it_is(ask, words):
    out = ask(words)
    assert COMMANDS[words] in out
    tables = {"export objects", "stats --json", "worst --by class --json"}
    if words not in tables:  # which have columns for all rules
        assert not OTHERS.search(out)


def test_what_it_has_not_is_politely_refused(ask):
    for words, told in {
        "plot threshold -o a.svg": "expected an ATSS preset, got cc",
        "plot image 42 --k 3,5": "cc has no k",
        "stats --set k=3": "assigner.k: not a parameter of cc (cell_center)",
        "stats --set margin=-1": "expected a number of at least 0",
    }.items():
        assert told in ask(words, code=2)


def test_without_steps_of_its_own_it_is_explained_as_any_rule(ask, drawn):
    register_as("plain", steps="")
    for words, told in {
        "explain --ann-id 1": "lost to 2",
        "explain --ann-id 2": "won over 1",
        "explain --ann-id 3": "no points that it could have had",
        "explain --ann-id 3 --json": '"anchors": []',
    }.items():
        assert told in ask(words)
    assert "Of plain" in drawn("plot image 42 --candidates 1 -o a.svg")


def test_pictures_show_what_only_it_knows_of_a_point(drawn, monkeypatch):
    general = steps.steps_of(load_settings("cc.toml").rule)

    def tried(*told):
        for each in general.tried(*told):
            is_lost = each.outcome != "positive"
            yield each._replace(outcome="too_shy") if is_lost else each

    own = general._replace(tried=tried)
    monkeypatch.setattr("atss_inspect.explain.steps_of", lambda _: own)
    assert re.search(r"\d+ too shy", drawn("plot image 42 --candidates 1 -o b.svg"))


def test_pages_tell_it_as_it_is(drawn):
    page = drawn("view 42 -o a.html")
    assert "cell_center, margin 0.5; points at cell corners" in page
    assert "this rule has no k" in page
    page = drawn("report -o b.html")
    assert "cell_center, margin 0.5; points at cell corners" in page
    assert "cells whose center lies in the box, the smallest box first." in page
    assert "sees squares from" in page


def params_of(**fields: object) -> type[Params]:
    """Make a class of parameters."""
    rows = [(name, type(value), value) for name, value in fields.items()]
    return make_dataclass("SomeParams", rows, bases=(Params,), frozen=True)


def register_as(name: str, **changes: object) -> Settings:
    """Register the rule under another name, with changes; its settings."""

    @dataclass(frozen=True)
    class OwnParams(Params):
        margin: float = setting(0.0, at_least(0, most=1e6))

    rule = replace(preset("cc.toml").rule, name=name, params=OwnParams, causes=())
    register(replace(rule, **changes))
    Path("cc.toml").write_text(CONVENTION.replace("cell_center", name))
    return load_settings("cc.toml")


def own_cause() -> Settings:
    """Register a rule with a cause of its own, which its only box without any has."""
    rule = preset("cc.toml").rule
    own = Cause("too_shy", "too shy", "It hides.", "Courage.", "it hides from all")

    def assign_shyly(frame, pyramid, params):
        found = rule.assign(frame, pyramid, params)
        shy = np.where(found.unassigned.cause > 0, len(CAUSES), 0)
        causes = found.unassigned._replace(cause=shy, names=(*CAUSES, own.name))
        return replace(found, unassigned=causes)

    return register_as("shy", assign=assign_shyly, causes=(own,), steps="")


@pytest.mark.slow
def test_a_rule_may_have_causes_of_its_own(ask, drawn):
    (summary,) = summarize(load_coco("yard.json"), own_cause())
    assert summary.cause_counts == {"too_shy": 1}
    for words, told in {
        "stats": "too shy",
        "worst --cause too-shy": "too shy",
        "worst --by image": "too shy",
        "explain --ann-id 3": "no positive (too shy): it hides from all",
        "export objects": "too_shy",
        "plot image 42 -o a.svg": "too shy",
    }.items():
        assert told in ask(words)
    assert "too shy" in drawn("view 42 -o a.html")
    assert "Courage." in drawn("report -o b.html")


def test_what_is_known_already_cannot_be_registered_again():
    rule = load_settings("cc.toml").rule
    taken = (KNOWN_CAUSES["under_bar"],)
    for changes, problem in (
        ({"name": rule.name}, "there is a rule of this name"),
        ({"name": "a b"}, "the name is no Python identifier"),
        ({"params": int}, "no dataclass that derives from"),
        ({"params": params_of(k=9.0)}, "k: one of atss too"),
        ({"causes": taken}, "cause under_bar: there is one of this name"),
    ):
        with pytest.raises(SettingsError, match=problem):
            register(replace(rule, **{"name": "mine", "causes": ()} | changes))


def leave(*_: object) -> NoReturn:
    sys.exit(0)


@dataclass(frozen=True)
class FailingParams(Params):
    def __post_init__(self) -> None:
        message = "never"
        raise TypeError(message)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"assign": None}, "assign: expected a function"),
        ({"gate": 5}, "gate: expected a function"),
        ({"about": "a\x1b[31m"}, "about: expected a line of text"),
        ({"uses_anchors": "x"}, "uses_anchors: expected True or False"),
        ({"causes": 5}, "TypeError"),
        ({"params": params_of(odd=None)}, "parameter odd: expected a number, text, ch"),
        ({"params": params_of(name=1)}, "parameter name: is what settings call the r"),
        ({"params": FailingParams}, "TypeError: never"),
    ],
)
def test_a_rule_that_cannot_be_used_is_not_registered(changes, problem):
    rule = load_settings("cc.toml").rule
    rule = replace(rule, name="mine", params=params_of(), causes=())
    with pytest.raises(SettingsError, match=f"assigner mine: {problem}"):
        register(replace(rule, **changes))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"gt": lambda gt: gt + 10**9}, "gt: expected numbers from 0, below"),
        ({"gt": lambda gt: gt[:1]}, r"level: expected int64 \(1,\), got int64"),
        ({"level": lambda level: level + 10**9}, "level: expected numbers from 0, bel"),
        ({"index": lambda index: index.astype(float)}, "index: expected int64"),
        ({"index": lambda index: index + 10**9}, "index: expected places on the map"),
        ({"index": lambda _: None}, "index: expected int64"),
        ({"num_ignored": lambda number: number - 1}, "num_ignored: expected numbers"),
        ({"is_tied": lambda tied: tied + 7}, "is_tied: expected bool"),
        ({"iou": lambda _: np.zeros(1)}, "iou: expected float32"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(changes, problem):
    convention = load_settings("cc.toml")
    frame, right = assign(load_coco("yard.json"), convention)
    fields = {name: change(getattr(right, name)) for name, change in changes.items()}
    for answer, words in (
        (lambda *_: replace(right, **fields), problem),
        (lambda *_: 5, "expected an Assignment, got int"),
        (lambda: right, "TypeError: "),
        (leave, "SystemExit: 0"),
    ):
        rule = checked(replace(convention.rule, assign=answer))
        told = f"cell_center: its assign fails: {words}"
        with pytest.raises(SettingsError, match=told):
            rule.assign(frame, convention.pyramid, convention.assigner)


def before_the_map(windows: np.ndarray) -> np.ndarray:
    return windows - 1000 * windows.any(axis=2, keepdims=True)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"windows": lambda windows: windows[:, :1]},
            r"windows: expected int64 \(3, 5, 4",
        ),
        ({"windows": lambda windows: windows.astype(float)}, "got float64"),
        ({"windows": lambda windows: windows + 1000}, "expected cells of their maps"),
        ({"windows": before_the_map}, "expected cells of their maps"),
        (
            {"windows": lambda windows: windows[..., ::-1]},
            "expected cells of their maps",
        ),
        (
            {"windows": lambda windows: windows * [0, 1, 0, 0]},
            "or zeros where there is",
        ),
        ({"map_sizes": lambda sizes: sizes[:, :2]}, "map_sizes: expected int64"),
        ({"gt_image": lambda image: image[:1]}, r"gt_image: expected int64 \(3,\)"),
        ({"quota": lambda _: 0}, "quota: expected a whole number of at least 1, got 0"),
    ],
)
def test_a_gate_that_cannot_be_is_refused(changes, problem):
    Path("gate.toml").write_text('[assigner]\nname = "central_region"\n')
    settings, dataset = load_settings("gate.toml"), load_coco("yard.json")
    images = slice(0, dataset.num_images)
    frame = build_frame(dataset, images, settings.data, settings.resize)
    right = settings.rule.gate(frame, settings.pyramid, settings.assigner)
    assert right.num_candidates.any()
    fields = {name: change(getattr(right, name)) for name, change in changes.items()}
    for answer, words in (
        (lambda *_: replace(right, **fields), problem),
        (lambda *_: 5, "expected a Gate, got int"),
        (lambda: right, "TypeError: "),
        (leave, "SystemExit: 0"),
    ):
        rule = checked(replace(settings.rule, gate=answer))
        told = f"central_region: its gate fails: .*{words}"
        with pytest.raises(SettingsError, match=told):
            rule.gate(frame, settings.pyramid, settings.assigner)


def install(package: str, **points: str) -> None:
    """What an installed package leaves in a folder where Python looks."""
    folder = Path(f"{package}-1.0.dist-info")
    folder.mkdir()
    (folder / "METADATA").write_text(f"Name: {package}\nVersion: 1.0\n")
    lines = [f"{name} = {value}\n" for name, value in points.items()]
    text = "[atss_inspect.assigners]\n" + "".join(lines)
    (folder / "entry_points.txt").write_text(text)


def test_a_rule_from_outside_is_loaded_when_it_is_asked_for(ask):
    ask("stats -p atss-mmdet --quiet", ASKED[:2])
    assert "cell_center" not in sys.modules
    told = ask("stats --set assigner=cell_centre", ASKED[:2], code=2)
    rules = "atss, iou_threshold, fcos, first_best, yolov5, ranking, point_gate, "
    rules += "foveabox, nearest_point, grid_cell, best_shape, cell_center"
    assert f"expected one of {rules}" in told
    assert "cell_center" not in sys.modules
    ask("stats --quiet")
    assert "cell_center" in sys.modules


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("no_such_module:RULE", "cannot be loaded: ModuleNotFoundError"),
        ("cell_center:NONE", "cannot be loaded: AttributeError"),
        ("cell_center:assign_cell_center", "expected a Rule of this name"),
        ("cell_center:RULE", "expected a Rule of this name, got rule cell_"),
    ],
)
def test_a_broken_package_is_one_error_that_names_it(ask, value, problem):
    install("broken-package", broken=value)
    error = ask("stats --set assigner=broken", ASKED[:2], code=2)
    assert f"assigner broken: entry point {value} of broken-package: " in error
    assert problem in error
    # Who does not ask for it does not meet it, not even by an unknown key.
    ask("stats --quiet")
    assert "no_such_key: unknown key" in ask("stats --set no_such_key=1", code=2)


def test_a_package_cannot_take_the_place_of_a_rule():
    install("atss-package", atss="cell_center:RULE")
    assert preset("atss-mmdet").rule is BUILT_IN[0]
    assert "cell_center" not in sys.modules
