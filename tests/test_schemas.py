"""JSON Schemas: what commands really print fits them, and what is broken does not."""

import copy
import functools
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from atss_inspect.errors import SettingsError
from atss_inspect.presets import preset_names, read_preset
from atss_inspect.schemas import NAMES, schema
from atss_inspect.settings import parse_settings, preset
from atss_inspect.settings.parameters import PARAMETERS, SECTIONS
from tests.command_line import ask
from tests.test_cli_config_import import BASE
from tests.tuned_scenes import scene

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data" / "instances.json"
ONE = f"--ann {SAMPLE}"
DRAWN = "--flip --short-sides 640,800"
GATE, LOW = "-p yolo11", "-p retinanet-mmdet"
# By the name of the schema; each call once as a document, and as lines if there are.
CALLS = {
    "stats": (
        f"stats {ONE} {LOW} {GATE} -p fcos-mmdet -p yolov5 -p rpn-mmdet",
        f"stats {ONE} {LOW} {GATE} -p atss-mmdet --flip",
        f"stats {ONE} {LOW} {GATE} --shifts 2",
        f"stats {ONE} --image 42 --class bird --size tiny --limit 1",
        "stats --ann odd.json -p rpn-mmdet --set allowed_border=0",
    ),
    "compare": (
        f"compare {ONE} retinanet-mmdet rpn-mmdet yolo11",
        f"compare {ONE} atss-mmdet fcos-mmdet {DRAWN}",
    ),
    "compare-baseline": (
        f"compare {ONE} atss-mmdet --baseline {SAMPLE} --set k=5",
        f"compare {ONE} yolo11 retinanet-mmdet --baseline {SAMPLE}",
    ),
    "sweep": (
        f"sweep {ONE} k=9,15 scale=4,8",
        f"sweep {ONE} {GATE} imgsz=640,960",
        f"sweep {ONE} {LOW} scale=2,4 {DRAWN}",
        f"sweep --ann tall.json {LOW} scale=2,4",
    ),
    "tune": (f"tune --ann tall.json {LOW} --free-only", f"tune --ann tall.json {GATE}"),
    "explain": (
        f"explain {ONE} --ann-id 43 {LOW} {GATE} -p atss-mmdet -p fcos-mmdet",
        f"explain {ONE} --image 42 --box 10,20,8,6",
        f"explain {ONE} --ann-id 200 {LOW} {DRAWN}",
        f"explain {ONE} --ann-id 200 --shifts 2",
        "explain --ann odd.json --ann-id 2",
    ),
    "worst": (
        *(f"worst {ONE} --by {by} {LOW}" for by in ("object", "image", "class")),
        *(
            f"worst {ONE} --by {by} -p rtmdet-mmdet"
            for by in ("object", "image", "class")
        ),
        f"worst {ONE} {LOW} {DRAWN}",
        f"worst {ONE} --shifts 2",
    ),
    "check": (
        f"check {ONE} {LOW} {GATE} --max num_images=99 --min mean_positives=0",
        f"check {ONE} -p atss-mmdet --set k=3 --baseline earlier.json",
        f"check {ONE} {LOW} --max unassigned_share=100% {DRAWN}",
    ),
    "config-list": ("config list",),
    "config-show": (f"config show {LOW} {GATE} -p fcos-mmdet -p ssd300-mmdet",),
    "config-import": ("config import mine.py", "config import none.py"),
    "export-positives": (
        f"export positives {ONE} {LOW}",
        f"export positives {ONE} -p yolov5",
    ),
    "export-objects": (
        f"export objects {ONE} {LOW} {GATE} -p yolov5",
        f"export objects {ONE} {DRAWN}",
    ),
    "export-left-out": (f"export left-out {ONE} {GATE}",),
    "export-candidates": (f"export candidates {ONE} {GATE}",),
}
EXPORTED = "export-"


@pytest.fixture(autouse=True)
def _files() -> None:
    tall = scene([(14, 34), (60, 60), (150, 90)] * 110, seed=3, num_images=24)
    odd = {
        "images": [{"id": 1, "width": 640, "height": 480}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [9, 9, 60, 50]},
            {"id": 2, "image_id": 1, "category_id": 1, "bbox": [9, 9, None, 50]},
        ],
        "categories": [{"id": 1, "name": "one"}],
    }
    for name, content in {"tall": tall, "odd": odd}.items():
        Path(f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    Path("mine.py").write_text(BASE, encoding="utf-8")
    Path("none.py").write_text("model = dict(type='DETR')", encoding="utf-8")


@functools.cache
def validator(name: str, *, is_closed: bool = True) -> Draft202012Validator:
    """Of a schema, which the schema of schemas allows; closed to unknown keys."""
    found = schema(name)
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(_closed(found) if is_closed else found)


def _closed(found: Any) -> Any:
    """Forbid keys that nobody declares, so that none can be forgotten."""
    if isinstance(found, list):
        return [_closed(each) for each in found]
    if not isinstance(found, dict):
        return found
    closed = {k: each if k == "if" else _closed(each) for k, each in found.items()}
    if "required" in found and found.get("type") == "object":
        closed.setdefault("additionalProperties", False)
        # Columns of objects are named after levels.
        closed["patternProperties"] = {r"^positives_P\d": {"type": ["integer", "null"]}}
    return closed


def fault_of(name: str, document: Any, *, is_closed: bool = True) -> str:
    """Where a document does not fit a schema; empty where it does."""
    fault = best_match(validator(name, is_closed=is_closed).iter_errors(document))
    return f"{fault.json_path}: {fault.message[:300]}" if fault else ""


@functools.cache
def printed(call: str, code: int = 0) -> str:
    """What a call prints, run once: its files are always the same."""
    return ask(f"-q {call}", code=code).out


def document_of(name: str, call: str) -> Any:
    """The document that a call prints, or has on stdout where it fails."""
    if name == "check":
        plain = printed(f"stats {ONE} -p atss-mmdet --json")
        Path("earlier.json").write_text(plain, encoding="utf-8")
    code = 2 if call.endswith("none.py") else 0
    return json.loads(printed(f"{call} --json", code))


@pytest.mark.parametrize(
    ("name", "call"),
    [(n, c) for n, calls in CALLS.items() for c in calls if not n.startswith(EXPORTED)],
)
def test_documents_fit_their_schema_and_hold_nothing_else(name, call) -> None:
    assert fault_of(name, document_of(name, call)) == ""


@pytest.mark.parametrize(
    ("name", "call"),
    [(n, c) for n, calls in CALLS.items() for c in calls if f"{n}-line" in NAMES],
)
def test_lines_fit_their_schema_and_hold_nothing_else(name, call) -> None:
    target = " -o -" * name.startswith(EXPORTED)
    lines = printed(f"{call} -f jsonl{target}").splitlines()
    assert lines
    for line in lines[::50]:
        assert fault_of(f"{name}-line", json.loads(line)) == ""


def test_an_error_fits_its_schema() -> None:
    error = json.loads(ask("stats --set q=3 --json", code=2).err)
    assert fault_of("error", error) == ""
    assert "exit_code" in fault_of("error", {"error": {"hint": None, "message": ""}})


def places_of(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every key of a document, of lists those of the first element."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield (*path, key)
            yield from places_of(value, (*path, key))
    elif isinstance(document, list) and document:
        yield from places_of(document[0], (*path, 0))


# What stands under these is by name, such as a cause, or is of any type.
OPEN = {"aliases", "causes", "left_out", "origins", "positives_by_iou", "steps"}
OPEN |= {"stride", "value", "values"}
# Of gates others stand in their place.
OF_RULES = ("unassigned_share", "poorly_assigned_", "num_unassigned", "num_poorly_")
OF_RULES += ("image_num_", "positives", "num_positives")


def is_open(place: tuple[Any, ...]) -> bool:
    """Whether anything may stand there: settings that change have any type."""
    after = place[place.index("settings") + 1 :] if "settings" in place else (0,)
    is_change = not after or (isinstance(after[0], str) and "." in after[0])
    return is_change or bool(OPEN.intersection(place))


def may_lack(name: str, place: tuple[Any, ...]) -> bool:
    """Whether a key is of some rules only, and no union of types says of which."""
    is_result = place[0] == "results" and name != "explain"
    return str(place[-1]).startswith(OF_RULES) and not is_result


@pytest.mark.parametrize("name", [n for n in CALLS if not n.startswith(EXPORTED)])
def test_a_broken_document_does_not_fit(name) -> None:
    document = document_of(name, CALLS[name][0])
    places = [place for place in places_of(document) if not is_open(place)]
    assert places
    for place in places[:: len(places) // 15 + 1]:
        for is_gone in (False, True)[: 2 - may_lack(name, place)]:
            broken = copy.deepcopy(document)
            inner = functools.reduce(lambda one, key: one[key], place[:-1], broken)
            inner[place[-1]] = {"of": "another type"}
            if is_gone:
                del inner[place[-1]]
            assert fault_of(name, broken, is_closed=False), (place, is_gone)


@pytest.mark.parametrize("name", preset_names())
def test_presets_fit_the_schema_of_settings(name) -> None:
    assert fault_of("settings", read_preset(name)) == ""
    assert fault_of("settings", tomllib.loads(preset(name).to_toml())) == ""


SETTINGS = """
[resize]
size = {size}
[anchors]
strides = {strides}
scale = {scale}
[assigner]
name = {rule}
{key} = {value}
"""
FINE = {"size": "640", "strides": "['P3-P7']", "scale": "4", "rule": "'atss'"}
FINE |= {"key": "k", "value": "9"}
BROKEN = [
    *({"value": value} for value in ("0", "1001", "9.5", "'nine'", "true", "[9]")),
    *({"key": key} for key in ("kk", "positive_from", "topk")),
    *({"size": size} for size in ("[640]", "0", "[640, 640, 640]", "'640'")),
    *({"strides": strides} for strides in ("[]", "['P3', 'P4']", "[0.5]", "[[8]]")),
    *({"scale": scale} for scale in ("0", "1e5", "[4]")),
    {"rule": "'atsss'"},
]


@pytest.mark.parametrize("changed", [{}, *BROKEN])
def test_the_schema_of_settings_refuses_what_the_tool_refuses(changed) -> None:
    text = SETTINGS.format(**FINE | changed)
    is_fine = True
    try:
        parse_settings(text, "mine.toml")
    except SettingsError:
        is_fine = False
    assert is_fine == (fault_of("settings", tomllib.loads(text)) == "")
    assert is_fine == (changed in ({}, {"size": "[640]"}))


def test_every_setting_has_words_in_its_schema() -> None:
    """They are read off the source, where a field may stand without any."""
    tables = schema()["properties"]
    found = {
        f"{section}.{name}": one.get("description", "")
        for section in (*SECTIONS, "assigner")
        for name, one in tables[section]["properties"].items()
    }
    assert found.keys() == PARAMETERS.keys()
    assert [path for path, words in found.items() if len(words) < 10] == []
    assert found["resize.long_side"].startswith("the shorter side is brought to")
    assert found["assigner.k"] == (
        "candidates per level: the k anchors whose centers lie closest to the box's; "
        "a whole number of at least 1; frameworks call it topk"
    )


def test_the_project_file_has_a_schema(project_root) -> None:
    own = tomllib.loads((project_root / "atss-inspect.toml").read_text("utf-8"))
    assert fault_of("project", own) == ""
    for text in ('set."assigner.k" = 15', "set.topk = 15", 'preset = "mine.toml"'):
        assert fault_of("project", tomllib.loads(text)) == ""
    for text in ("k = 15", "set.k = 0", "preset = 3", "set.levels = ['P3', 'P4']"):
        assert fault_of("project", tomllib.loads(text))


def test_config_schema_prints_a_schema_and_knows_its_names() -> None:
    assert ask("config schema").json == schema()
    assert ask("config schema -o my.json").err == "wrote my.json\n"
    assert json.loads(Path("my.json").read_text("utf-8")) == schema("settings")
    assert ask("config schema worst-line").json == schema("worst-line")
    refused = ask("config schema statss", code=2).err
    assert "config schema statss: unknown; did you mean stats?" in refused
    lines = {n for n in NAMES if n.endswith("-line")}
    asked = {f"{n}-line" for n in CALLS}
    assert lines <= asked
    assert {*NAMES} - lines == {"settings", "project", "error", *CALLS} - {
        n for n in CALLS if n.startswith(EXPORTED)
    }
