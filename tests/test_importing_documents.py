"""YAML, JSON and INI configs, overrides, and which framework each is written for."""

from pathlib import Path

import pytest
import yaml

from atss_inspect.errors import SettingsError
from atss_inspect.importing.detect import framework_of
from atss_inspect.importing.read import read_config
from atss_inspect.importing.values import Place
from tests.config_texts import plain, read_text, refusal, values, write


def test_yaml_is_merged_into_its_base_and_texts_are_literals_as_in_yacs() -> None:
    base = "MODEL:\n  A: {B: 1, C: 2}\n  D: [1]\nSOLVER:\n  LR: 1e-3\n"
    write("c/base.yaml", base)
    text = (
        '_BASE_: "../c/base.yaml"\nMODEL:\n  A:\n    C: "[3, \'x\']"\n  D: ["(1, 2)"]\n'
    )
    text += "  E: a/b\n  F: 2024-01-01\n  G: null\n"
    read = read_text(text, "d/config.yaml")
    assert plain(read.root) == {
        "MODEL": {
            "A": {"B": 1, "C": [3, "x"]},
            "D": ["(1, 2)"],
            "E": "a/b",
            "F": "<?a date>",
            "G": None,
        },
        "SOLVER": {"LR": 0.001},
    }
    assert read.dialect == "yacs"
    assert read.files == ("d/config.yaml", "c/base.yaml")
    assert read.root.find("MODEL.A.B").place == Place("c/base.yaml", 2)
    assert read.root.find("MODEL.A.C[0]").place == Place("d/config.yaml", 4)


def test_expressions_in_yaml_go_to_the_interpreter() -> None:
    text = "a:\n  b: !!python/object/apply:eval\n"
    text += "    - '[[x, x * r] for x in [32, 64] for r in [1.0, 0.5]]'\n"
    text += "c: !!python/object/apply:eval ['__import__(\"os\").getcwd()']\n"
    text += "d: !!python/object/apply:eval ['1 +']\ne: !!python/tuple [1, 2]\n"
    write("config.yaml", text.replace("c: ", "x: ").replace("x:", "c:"))
    message = refusal(text, "config.yaml")
    assert message == "config.yaml:4: calls __import__, which may change anything"
    text = text.replace('__import__("os").getcwd()', "open(1)")
    read = read_text(text, "config.yaml")
    assert plain(read.root) == {
        "a": {"b": [[32, 32.0], [32, 16.0], [64, 64.0], [64, 32.0]]},
        "c": "<?call of open>",
        "d": "<?a Python expression that is not valid>",
        "e": (1, 2),
    }
    assert read.root.find("a.b[0]").place.line == 2


def test_tags_of_paddle_are_kept_and_the_last_base_wins() -> None:
    write("a.yml", "x: {k: 1, l: 1}\narchitecture: RCNN\ny: 1\n")
    write("b.yml", "x: {k: 2}\ny: {z: 3}\n")
    text = (
        "_BASE_: ['a.yml', 'b.yml']\nx: {m: '(1)'}\nr:\n  - !Permute\n  - !Box {n: 4}\n"
    )
    assert values(text, "config.yml") == {
        "x": {"k": 2, "l": 1, "m": "(1)"},
        "architecture": "RCNN",
        "y": {"z": 3},
        "r": [{"!": "Permute"}, {"!": "Box", "n": 4}],
    }


def test_merge_keys_and_aliases_of_yaml_are_read() -> None:
    text = "a: &a {b: 1, c: 2}\nd: &d {b: 3}\ne: {<<: [*d, *a], f: 4}\ng: [*a]\n"
    text += "h: {c: 5, <<: *a}\n"
    found = values(text, "config.yaml")
    assert found["e"] == {"b": 3, "c": 2, "f": 4}
    assert found["g"] == [{"b": 1, "c": 2}]
    assert found["h"] == {"b": 1, "c": 5}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("c.yaml", "a: 1\nb: {c: 2}\na:\n  d: 3\n", ["c.yaml:1: a: 3"]),
        ("c.yaml", "a: {b: 1, b: 2}", ["c.yaml:1: b: 1"]),
        ("c.yaml", "a: 1\na: 2\n'a': 3", ["c.yaml:1: a: 3", "c.yaml:2: a: 3"]),
        ("c.yaml", "x: &x {a: 1,\n  a: 2}\ny: *x\nz: *x", ["c.yaml:1: a: 2"]),
        ("c.yaml", "x: &x {a: 1}\ny:\n  <<: *x\n  a: 2", []),
        ("c.yaml", "_BASE_: b.yaml\na: 1", ["b.yaml:1: k: 2"]),
        ("c.json", '{"a": 1,\n "b": {"c": 1,\n "c": 2}}', ["c.json:2: c: 3"]),
    ],
)
def test_keys_that_are_written_again_are_told_and_the_last_counts(
    name: str, text: str, told: list[str]
) -> None:
    write("b.yaml", "k: 1\nk: 2")
    found = [
        f"{one.place}: {one.key}: {one.text.removeprefix('is written again on line ')}"
        for one in read_text(text, name).repeated
    ]
    assert found == [f"{one}, which is taken" for one in told]
    if "_BASE_" not in text:  # of which JSON is a part
        assert values(text, name) == yaml.safe_load(text)


def test_documents_inherit_as_mmengine_has_it() -> None:
    write("base.py", "a = dict(b=1, c=2)\nn = [7]\n")
    text = "_base_: base.py\na: {_delete_: true, d: {{_base_.n}}}\n"
    assert values(text, "config.yaml") == {"a": {"d": [7]}, "n": [7]}
    text = (
        '{"_base_": ["base.py"],\n "a": {"b": {{_base_.n}}, "e": "\\/"},\n "f": null}'
    )
    read = read_text(text, "config.json")
    assert plain(read.root)["a"] == {"b": [7], "c": 2, "e": "/"}
    assert read.root.find("a.e").place == Place("config.json", 2)
    assert read.root.find("f").place == Place("config.json", 3)
    assert read.dialect == "json"
    assert values("_base_ = 'config.json'\nf = 3\n")["f"] == 3


def test_ini_is_read_with_its_lines() -> None:
    text = "[anchor_parameters]\nsizes   = 32 64\nRatios = 0.5 1\n\n[pyramid_levels]\n"
    read = read_text(text + "levels: 3 4 %\n", "config.ini")
    assert plain(read.root) == {
        "anchor_parameters": {"sizes": "32 64", "ratios": "0.5 1"},
        "pyramid_levels": {"levels": "3 4 %"},
    }
    assert read.root.find("anchor_parameters.ratios").place.line == 3
    assert read.root.find("pyramid_levels").place.line == 5


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("c.yaml", "a: [1,\nb: }", "c.yaml:2: is not valid YAML"),
        ("c.yaml", "a: \0", "c.yaml: is not valid YAML"),
        ("c.yaml", "- 1", "c.yaml:1: expected a dict of keys and values"),
        ("c.yaml", "", "c.yaml: holds no config: no value has a name"),
        ("c.yaml", "a: 1\n---\nb: 1", "c.yaml:2: is not valid YAML"),
        (
            "c.yaml",
            "a: !!python/name:os.system",
            "c.yaml:1: the YAML tag tag:yaml.org,",
        ),
        ("c.yaml", "a: !!python/object/apply:os.system [ls]", "c.yaml:1: the YAML tag"),
        ("c.yaml", "a: !!python/object/apply:eval [1, 2]", "c.yaml:1: the YAML tag"),
        ("c.yaml", "a: !X [1]", "c.yaml:1: the YAML tag !X is not read"),
        ("c.yaml", "a: !!set {b}", "c.yaml:1: the YAML tag tag:yaml.org,2002:set is"),
        ("c.yaml", "a: !!int b", "c.yaml: is not valid YAML"),
        ("c.yaml", "? [1, {b: 2}]\n: 1", "c.yaml: is not valid YAML"),
        ("c.yaml", "a: {<<: 3}", "c.yaml:1: only dicts can be merged by <<"),
        ("c.yaml", "_BASE_: c.yaml", "c.yaml:1: c.yaml: is a base of itself"),
        ("c.yaml", "_BASE_: b.yaml\na: {b: 1}", "c.yaml:2: a is a dict here and none"),
        ("c.yaml", "_BASE_: http://b/c.yaml", "c.yaml:1: a base is not written down"),
        ("c.json", '{"a":\n1,}', "c.json:2: is not valid JSON"),
        ("c.json", "[1]", "c.json:1: expected a dict of keys and values"),
        ("c.ini", "[a]\nb", "c.ini:1: is not a valid INI file"),
        ("c.toml", "a = 1", "c.toml: expected a config named .py, .yaml, .yml, .json"),
    ],
)
def test_documents_that_cannot_be_read_are_refused(
    name: str, text: str, message: str
) -> None:
    write("b.yaml", "a: 1")
    assert refusal(text, name).startswith(message)


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"no\.py: cannot be read: no such file"):
        read_config("no.py")
    Path("folder.py").mkdir()
    with pytest.raises(SettingsError, match=r"folder\.py: is no plain file"):
        read_config("folder.py")


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("a.b=3", "a.b", 3),
        ("a.b=[1, 2]", "a.b", [1, 2]),
        ("a.b=(1, 2)", "a.b", (1, 2)),
        ("a.b=1,2", "a.b", [1, 2]),
        ("a.b=x,2", "a.b", ["x", 2]),
        ("a.b=true", "a.b", True),
        ("a.b=None", "a.b", None),
        ("a.b=a/b.py", "a.b", "a/b.py"),
        ("a.b=1e-3", "a.b", 0.001),
        ("a.b='3'", "a.b", "3"),
        ("a.b=", "a.b", ""),
        ("a.b=x=y", "a.b", "x=y"),
        ("a.new.deep=4", "a.new.deep", 4),
        ("l.1.c=5", "l[1].c", 5),
        ("l[1].c=5", "l[1].c", 5),
        ("l[0]=6", "l[0]", 6),
    ],
)
def test_overrides_set_one_value(text: str, path: str, expected: object) -> None:
    read = read_text("a = dict(b=1)\nl = [1, dict(c=2)]\n", overrides=[text])
    node = read.root.find(path)
    assert node is not None
    assert plain(node) == expected
    assert type(plain(node)) is type(expected)
    assert str(node.place) == f"--with {text.partition('=')[0]}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "--with: expected KEY=VALUE with a dotted KEY, got 'a'"),
        ("=3", "--with: expected KEY=VALUE with a dotted KEY, got '=3'"),
        ("a[x]=3", "--with: expected KEY=VALUE with a dotted KEY, got 'a[x]=3'"),
        ("a.b.c=3", "--with a.b.c: there is no dict or list to set c in"),
        ("l.2=3", "--with l.2: expected an index below 2, got 2"),
        ("l.x.y=3", "--with l.x.y: expected an index below 2, got x"),
    ],
)
def test_overrides_that_fit_nothing_are_refused(text: str, message: str) -> None:
    config = "a = dict(b=1)\nl = [1, dict(c=2)]\n"
    assert refusal(config, overrides=[text]) == message


HEAD = "model = dict(type='X', bbox_head=dict(type='RetinaHead'))\n"


@pytest.mark.parametrize(
    ("name", "text", "framework"),
    [
        ("c.py", f"{HEAD}train_dataloader = dict()", "mmdetection 3"),
        ("c.py", f"{HEAD}default_scope = 'mmyolo'", "mmyolo"),
        ("c.py", f"{HEAD}default_scope = 'mmrotate'", "mmrotate"),
        ("c.py", f"{HEAD}data = dict(train=dict())", "mmdetection 2"),
        ("c.py", f"{HEAD.replace('Ret', 'RotatedRet')}data = dict()", "mmrotate"),
        ("c.py", "from yolox.exp import E\nclass Exp(E): pass", "YOLOX"),
        ("c.py", "model = dict(type=1)\nsolver = dict()\ndata_aug = dict()", "YOLOv6"),
        ("c.py", "from torchvision.x import FCOS\nm = FCOS(b)", "torchvision"),
        (
            "c.py",
            "from detectron2.config import LazyCall as L\nmodel = L(dict)()",
            "detectron2 LazyConfig",
        ),
        ("c.yaml", "MODEL: {META_ARCHITECTURE: RetinaNet}", "detectron2"),
        ("c.yaml", "MODEL: {ATSS_ON: true}", "maskrcnn-benchmark"),
        ("c.yaml", "MODEL: {FCOS: {POS_RADIUS: 1.5}}", "AdelaiDet"),
        ("c.yaml", "architecture: FasterRCNN", "PaddleDetection"),
        ("c.yaml", "anchors_scales: '[1]'", "EfficientDet"),
        ("c.yaml", "nc: 1\nbackbone: []\nhead: []", "ultralytics"),
        ("c.yaml", "nc: 1\nanchors: 3\nbackbone: []\nhead: []", "YOLOv5"),
        ("c.json", '{"architectures": ["DetrForObjectDetection"]}', "transformers"),
        ("c.ini", "[anchor_parameters]\nsizes = 32", "keras-retinanet"),
        ("c.py", "x = 1", None),
        ("c.ini", "[other]\nsizes = 32", None),
    ],
)
def test_the_framework_is_told_by_its_keys(
    name: str, text: str, framework: str | None
) -> None:
    read = read_text(text, name)
    assert framework_of(read.root, read.dialect) == framework
