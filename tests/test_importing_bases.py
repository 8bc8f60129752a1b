"""What Python configs inherit, in the three ways of frameworks."""

from pathlib import Path

import pytest

from atss_inspect.importing.read import read_config
from atss_inspect.importing.values import Place
from tests.config_texts import plain, read_text, refusal, values, write


def test_a_config_is_merged_into_its_bases_key_by_key() -> None:
    write("a/base.py", "model = dict(head=dict(k=1, n=2), neck=[1, 2])\nlr = 1\n")
    write("a/other.py", "data = dict(size=3)\n")
    text = "_base_ = ['../a/base.py', './../a/other.py']\n"
    text += "model = dict(head=dict(n=3, m=4), neck=[5])\nnew = 1\n"
    read = read_text(text, "b/config.py")
    assert plain(read.root) == {
        "model": {"head": {"k": 1, "n": 3, "m": 4}, "neck": [5]},
        "lr": 1,
        "data": {"size": 3},
        "new": 1,
    }
    assert read.files == ("b/config.py", "a/base.py", "a/other.py")
    assert read.dialect == "mmengine"
    assert read.root.find("model.head.k").place == Place("a/base.py", 1)
    assert read.root.find("model.head.n").place == Place("b/config.py", 2)


def test_what_warns_of_an_old_config_is_not_inherited() -> None:
    write("base.py", "_deprecation_ = dict(expected='new.py')\na = 1\n")
    assert values("_base_ = 'base.py'\n") == {"a": 1}


def test_delete_replaces_a_dict_and_stays_where_there_is_none() -> None:
    write("base.py", "a = dict(b=1, c=dict(d=1))\n")
    found = values("""
_base_ = 'base.py'
a = dict(_delete_=True, e=dict(_delete_=True, f=2))
g = dict(_delete_=True, h=3)
""")
    # As in mmengine: it is taken out only where it deletes something.
    assert found["a"] == {"e": {"_delete_": True, "f": 2}}
    assert found["g"] == {"_delete_": True, "h": 3}


def test_a_dict_that_is_used_twice_deletes_in_both_places() -> None:
    write("base.py", "a = dict(c=1)\nb = dict(c=1)\n")
    text = "_base_ = 'base.py'\nn = dict(_delete_=True, d=2)\na = n\nb = n\n"
    assert values(text)["b"] == values(text)["a"] == {"d": 2}


def test_values_of_the_bases_can_be_used_and_changed() -> None:
    write("base.py", "a = dict(b=[1, dict(c=2)])\nn = 3\n")
    found = values("""
_base_ = './base.py'
x = _base_.a.b[1]
x.update(d=4)
y = {{_base_.n}}
z = [dict(q={{ _base_.a.b }})]
_base_.a.b.append(5)
total = _base_.n * 2
""")
    assert found["a"] == {"b": [1, {"c": 2, "d": 4}, 5]}
    assert found["x"] == {"c": 2, "d": 4}
    assert found["y"] == 3
    assert found["z"] == [{"q": found["a"]["b"]}]
    assert found["total"] == 6


def test_an_inherited_dict_is_updated_deeply_and_an_own_one_is_not() -> None:
    write("base.py", "a = dict(b=dict(c=1, d=dict(e=2, f=3)))\n")
    found = values("""
_base_ = 'base.py'
own = dict(b=dict(c=1, d=2))
own.update(b=dict(c=3))
a = _base_.a
a.update(b=dict(c=3, d=dict(e=4)))
""")
    assert found["own"] == {"b": {"c": 3}}
    assert found["a"] == {"b": {"c": 3, "d": {"e": 4, "f": 3}}}


def test_what_is_put_into_an_inherited_dict_is_copied() -> None:
    write("base.py", "a = dict(b=1)\n")
    text = "_base_ = 'base.py'\nx = [1]\n_base_.a.y = x\nx.append(2)\n"
    assert values(text)["a"] == {"b": 1, "y": [1]}


def test_what_stands_for_the_file_and_the_environment_is_filled_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MY_SIZE", "800")
    text = "a = '{{ fileBasenameNoExtension }}/{{fileBasename}}{{ fileExtname }}'\n"
    text += "b = '{{fileDirname}}'\nc = {{'$MY_SIZE:3'}}\nd = '{{$OTHER:x/y}}'\n"
    found = values(text, "sub/my.py")
    assert found["a"] == "my/my.py.py"
    assert found["b"] == (Path.cwd() / "sub").as_posix()
    assert found["c"] == 800
    assert found["d"] == "x/y"
    message = refusal("a = 1\nb = '{{$OTHER:}}'\n")
    assert message == "config.py:2: the environment variable OTHER is not set"


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package beside the tests' folder that must not be imported."""
    write("site/pkg/__init__.py", "raise RuntimeError('imported')\n")
    write("site/pkg/.mim/configs/r/base.py", "a = dict(type='A', b=dict(type='B'))\n")
    write("site/pkg/configs/new.py", "from x import y\nc = dict(type=y)\n")
    monkeypatch.syspath_prepend("site")
    return Path("site/pkg")


def test_a_package_is_found_and_not_imported(package: Path) -> None:
    found = values("_base_ = 'pkg::r/base.py'\nz = dict(_scope_='q')\n")
    assert found["a"] == {"_scope_": "pkg", "type": "A", "b": {"type": "B"}}
    assert found["z"] == {"_scope_": "q"}
    message = refusal("\n_base_ = 'nowhere::r/base.py'\n")
    assert message == "config.py:2: the package nowhere of a base is not found"
    message = refusal("_base_ = 'pkg::r/other.py'\n")
    assert message == "config.py:1: the base other.py is not there"
    assert package.is_dir()


@pytest.mark.parametrize("folder", ["clone", "clone/pkg2"])
def test_the_folder_of_a_package_can_be_given(folder: str) -> None:
    write("clone/pkg2/__init__.py", "")
    write("clone/configs/r/base.py", "a = 1\n")
    text = "_base_ = 'pkg2::r/base.py'\n"
    assert values(text, bases={"pkg2": Path(folder)}) == {"a": 1}
    assert values(text, "clone/configs/x/config.py") == {"a": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("_base_ = ['a.py', 'b.py']", "config.py:1: two bases both have x"),
        ("_base_ = 'config.py'", "config.py:1: config.py: is a base of itself"),
        ("_base_ = 'c.py'", "c.py:1: config.py: is a base of itself"),
        ("_base_ = '/etc/passwd'", "config.py:1: a base is not named like .py, .yaml"),
        ("_base_ = 'http://a/b.py'", "config.py:1: a base is not written down as a"),
        ("_base_ = [3]", "config.py:1: a base is not written down as a path"),
        ("_base_ = f()", "config.py:1: the name f is not defined"),
        ("_base_ = open('a.py')", "config.py:1: a base is not written down as a path"),
        ("_base_ = 'a.py'\nx = dict(y=1)", "config.py:2: x is a dict here and none in"),
        ("_base_ = 'a.py'\ny = {{_base_.z}}", "config.py:2: {{_base_...}} names what"),
        (f"_base_ = '{'a' * 5000}.py'", "config.py:1: the base aaa"),
        ("_base_ = '\\0.py'", "config.py:1: the base \0.py is not there"),
        ("_base_ = 'folder.py'", "config.py:1: the base folder.py is not there"),
        ("_base_ = 'latin.py'", "config.py:1: latin.py: is no text in UTF-8"),
        ("_base_ = 'broken.py'", "broken.py:2: is not valid Python"),
        ("with read_base():\n    from .a import q", "config.py:2: q is not in a.py"),
        (
            "with read_base():\n    import a",
            "config.py:2: only from ... import is read",
        ),
        ("with read_base():\n    x = _base_", "config.py:2: only from ... import is"),
        ("from x import y\nwith read_base():\n    from .a import *\nz = _base_.x", ""),
    ],
)
def test_bases_that_cannot_be_read_are_refused(text: str, message: str) -> None:
    write("a.py", "x = 1\n")
    write("b.py", "x = 2\n")
    write("c.py", "_base_ = './config.py'\n")
    write("broken.py", "a = 1\nb = = 2\n")
    Path("latin.py").write_bytes(b"a = '\xe9'\n")
    Path("folder.py").mkdir()
    assert refusal(text).startswith(message or "config.py:4: the name _base_ is not")


def test_read_base_copies_names_and_comes_first(package: Path) -> None:
    write("base.py", "from m import Old\na = dict(b=dict(c=1), t=Old)\nl = [1]\n")
    found = values("""
from m import Old, New
l = [2]
with read_base():
    from .base import *
    from .base import a as second
    from pkg.configs.new import c
a.update(b=dict(d=2))
a.merge(dict(t=New, b=dict(_delete_=True, e=3)))
c.type = New
second['b'].pop('nothing')
own = dict(b=dict(c=1))
own.update(b=dict(d=2))
""")
    assert found == {
        "a": {"b": {"e": 3}, "t": "<m.New>"},
        "second": {"b": {"e": 3}, "t": "<m.New>"},  # a file is loaded once
        "c": {"type": "<m.New>"},
        "l": [2],
        "own": {"b": {"d": 2}},
    }
    assert package.is_dir()


def test_what_an_inherited_config_does_not_know_stays_so() -> None:
    write("base.py", "from m import f\na = dict(b=1)\nx = f(a)\nc = dict(a=a)\n")
    gone = "<?call of m.f>"
    assert values("with read_base():\n    from .base import a, c as d\n") == {
        "a": gone,
        "d": {"a": gone},
    }
    assert values("_base_ = 'base.py'\ny = _base_.a\n")["y"] == gone
    text = "import m\n_base_ = 'base.py'\nz = m.g(_base_.c)\n"
    assert values(text)["c"] == "<?call of m.g>"


def test_what_a_lazy_dict_is_updated_with_is_copied() -> None:
    text = "from detectron2.config import LazyCall as L\n"
    text += "l = [1]\na = L(dict)(b=dict(c=1))\na.update(x=l, b=dict(d=2))\n"
    found = values(f"{text}l.append(2)\n")["a"]
    assert (found["x"], found["b"]) == ([1], {"d": 2})


LAZY = """
import torch
from omegaconf import OmegaConf
from detectron2.config import LazyCall as L
from detectron2.layers import Conv
from .common.base import model, train as t
from .common.schedule import *

model.head.num_classes = 7
model.blocks = [L(Conv)(k=k, out="${...head.num_classes}") for k in (1, 3)]
model.update(depth=L("a.b.Net")(n=1))
opt = L(torch.optim.SGD)(lr=t.lr * 2, params=L(Conv)())
loader = OmegaConf.create()
loader.train = L(Conv)(names="${model.head.names}", x="${a}b", model="${..train}")
loader.train.none = "${q}"
del model.head.old
t.lr = 5
"""


def test_lazy_calls_are_dicts_and_interpolations_are_resolved() -> None:
    base = "from detectron2.config import LazyCall as L\nfrom m import Head\n"
    base += "model = dict(head=L(Head)(num_classes=1, old=2, names=['x']))\n"
    write("c/common/base.py", base + "train = dict(lr=1)\n")
    write("c/common/schedule.py", "def f(n): return n\nsteps = (1, 2)\nlr = f(3)\n")
    read = read_text(LAZY, "c/config.py")
    assert read.dialect == "lazy"
    conv = "<detectron2.layers.Conv>"
    assert plain(read.root) == {
        "model": {
            "head": {"_target_": "<m.Head>", "num_classes": 7, "names": ["x"]},
            "blocks": [
                {"_target_": conv, "k": 1, "out": 7},
                {"_target_": conv, "k": 3, "out": 7},
            ],
            "depth": {"_target_": "<a.b.Net>", "n": 1},
        },
        "opt": {
            "_target_": "<torch.optim.SGD>",
            "lr": 2,
            "params": {"_target_": conv},
        },
        "loader": {
            "train": {
                "_target_": conv,
                "names": ["x"],
                "x": "<?an interpolation>",
                "model": "<?an interpolation of itself>",
                "none": "<?an interpolation of what is not there>",
            }
        },
        "t": {"lr": 5},
        "steps": (1, 2),
        "lr": "<?call of f>",
    }


def test_an_interpolation_is_not_known_before_the_end() -> None:
    found = values("""
from detectron2.config import LazyCall as L
a = L(dict)(b=2, c="${.b}", d="${.d}")
x = a.c
""")
    assert found["a"] | {"_target_": ""} == {
        "_target_": "",
        "b": 2,
        "c": 2,
        "d": "<?an interpolation of itself>",
    }
    assert found["x"] == "<?an interpolation>"


def test_a_config_of_the_model_zoo_is_found_in_a_clone() -> None:
    write("d/detectron2/__init__.py", "")
    write("d/configs/common/train.py", "train = dict(lr=1)\n")
    text = "from detectron2 import model_zoo\n"
    text += "train = model_zoo.get_config('common/train.py').train\ntrain.x = 2\n"
    path = write("d/projects/p/config.py", text)
    assert plain(read_config(path).root) == {"train": {"lr": 1, "x": 2}}
    found = values(text, "elsewhere/config.py", bases={"detectron2": Path("d")})
    assert found == {"train": {"lr": 1, "x": 2}}


def test_a_lazy_call_takes_only_names() -> None:
    text = "from detectron2.config import LazyCall as L\nx = L(dict)(1)\n"
    assert refusal(text) == "config.py:2: L(...) has an argument without a name"


def test_dicts_of_a_base_merge_and_copy_as_mmengine_has_them() -> None:
    write("base.py", "m = dict(a=dict(x=1))\n")
    found = values("""
import copy
with read_base():
    from .base import m
n = m | dict(a=dict(y=2))
o = dict(a=dict(y=2)) | m
given = dict(z=1)
same = m.setdefault('q', given)
same['z'] = 3
twice = copy.deepcopy(dict(b=given, c=given))
twice['b']['z'] = 4
""")
    assert found["n"] == {"a": {"x": 1, "y": 2}}
    assert found["o"] == {"a": {"y": 2, "x": 1}}
    assert found["m"] == {"a": {"x": 1}, "q": {"z": 1}}
    assert found["given"] == {"z": 3}
    assert found["twice"] == {"b": {"z": 4}, "c": {"z": 4}}


def test_functions_of_another_config_change_what_it_gave() -> None:
    write("base.py", "l = [1]\ndef f(): l.append(2)\n")
    text = "with read_base():\n    from .base import f, l as mine\nx = f()\n"
    assert values(text)["mine"] == "<?call of f>"


def test_whether_a_base_is_deleted_must_be_known() -> None:
    write("base.py", "m = dict(a=1)\n")
    text = "import os\n_base_ = 'base.py'\nm = dict(b=1, _delete_=os.f())\n"
    assert refusal(text) == "config.py:3: whether _delete_ is set is not known"
