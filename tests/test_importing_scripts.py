"""Calls of torchvision's builders in training scripts."""

import ast

import pytest

from atss_inspect.importing.scripts import find_call
from tests.config_texts import plain, read_text, values

SCRIPT = """
import argparse
import torchvision
from torchvision.models.detection import retinanet_resnet50_fpn as build
from torchvision.models.detection.anchor_utils import AnchorGenerator

parser = argparse.ArgumentParser()
args = parser.parse_args()
sizes = tuple((x, int(x * 2 ** (1 / 2))) for x in [32, 64])
kwargs = dict(max_size=1000)
changing = [1]
changing.append(2)

def main(size=640):
    try:
        global device
        while True:
            train()
    except KeyboardInterrupt:
        pass
    first = build(min_size=1)
    short = 600
    model.early = 2
    model = build(
        min_size=(short, 800),
        num_classes=args.classes + 1,
        anchor_generator=AnchorGenerator(sizes, ((0.5, 1.0),) * 2),
        fg_iou_thresh=changing[0],
        size=size,
        **kwargs,
    )
    model.transform.max_size = 1200
    model.anchor_generator = AnchorGenerator(sizes=((8,),))
    other.transform = 3

main()
"""


def test_the_last_call_of_a_builder_is_found_with_its_arguments() -> None:
    read = read_text(SCRIPT, "train.py")
    assert read.dialect == "script"
    assert plain(read.root) == {
        "_target_": "<retinanet_resnet50_fpn>",
        "min_size": (600, 800),
        "num_classes": "<?call of parse_args>",
        "anchor_generator": {
            "_target_": "<AnchorGenerator>",
            "_args_": [((32, 45), (64, 90)), ((0.5, 1.0), (0.5, 1.0))],
        },
        "fg_iou_thresh": "<?the name changing>",
        "size": "<?the name size>",
        "max_size": 1000,
        "_later_": {
            "transform.max_size": 1200,
            "anchor_generator": {"_target_": "<AnchorGenerator>", "sizes": ((8,),)},
        },
    }
    assert read.root.find("min_size").place.line == 25
    assert read.root.find("max_size").place.line == 10


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("a = 1\na = 2", "<?the name a>"),
        ("a = 1\nif x: a += 1", "<?the name a>"),
        ("a = [1]\na[0] = 2", "<?the name a>"),
        ("a = {}\na.b.c = 2", "<?the name a>"),
        ("a = [1]\na.extend(x)", "<?the name a>"),
        ("for a in (1, 2): pass", "<?the name a>"),
        ("def f(a): pass\na = 3", "<?the name a>"),
        ("a = a + 1", "<?the name a>"),
        ("a = b\nb = a", "<?the name a>"),
        ("import a", "<?the name a>"),
        ("a = 9 ** 9 ** 9", "<?what the script does before>"),
        ("a = exec('1')", "<?what the script does before>"),
        ("a = 2 * 3", 6),
    ],
)
def test_a_name_is_known_where_it_is_assigned_once(
    lines: str, expected: object
) -> None:
    text = f"import torchvision\n{lines}\nFCOS(min_size=a)\n"
    assert values(text, "train.py")["min_size"] == expected


def test_arguments_that_are_spread_and_not_known_are_told() -> None:
    found = values("import torchvision as t\nt.m.FCOS(net, a=1, **vars(args))\n")
    assert found["**"] == "<?arguments spread by **>"
    assert found["a"] == 1
    assert found["_args_"] == ["<?the name net>"]


def test_any_function_can_be_looked_for() -> None:
    tree = ast.parse("x = [1]\nbuild(size=x * 2)\n")
    node = find_call(tree, "train.py", {"build"})
    assert node is not None
    assert plain(node) == {"_target_": "<build>", "size": [1, 1], "_later_": {}}
    assert find_call(tree, "train.py", {"other"}) is None


def test_a_script_without_a_builder_is_a_config() -> None:
    assert values("import torchvision\nx = 1\n") == {"x": 1}
