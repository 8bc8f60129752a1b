"""Configs that would do harm if they were run, or that grow without end, are refused.

One process with little memory reads all of them, since a limit on memory is one of a
process; each has its own seconds.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.config_texts import write
from tests.conftest import PROJECT_ROOT

MOST_S = 10.0  # each takes under two on an idle machine
MOST_BYTES = 1 << 30

CODE = """
import json, sys, time
if sys.platform != "win32":
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
from atss_inspect.errors import SettingsError
from atss_inspect.importing.read import read_config
for name in sys.argv[2:]:
    begin = time.perf_counter()
    try:
        read_config(name)
        message = "read"
    except SettingsError as error:
        message = str(error)
    print(json.dumps([name, message[:300], time.perf_counter() - begin]))
"""

EMPTY = "holds no config: no value has a name"
LOOP = "for i in range(40000):\n    "
EXPENSIVE = {
    "power": ("x = 9 ** 9 ** 9", "makes an integer of more than 30 digits"),
    "powers": ("x = 99\n" + "x = x * x\n" * 9, "makes an integer of more than 30"),
    "shift": ("x = 1 << 10 ** 9", "makes an integer of more than 30 digits"),
    "digits": ("x = " + "9" * 5000, "is not valid Python"),
    "repeat": ("x = [0] * 10 ** 12", "makes more than 100,000 elements"),
    "text": ("x = 10 ** 12 * 'a'", "makes more than 100,000 elements"),
    "range": ("x = list(range(10 ** 9))", "makes more than 100,000 elements"),
    "double": ("x = 'a'\n" + "x = x + x\n" * 40, "makes more than 100,000 elements"),
    "shared": ("x = []\n" + "x = [x, x]\n" * 60, "makes more than 100,000 elements"),
    "texts of shared": ("x = []\n" + "x = [x, x]\n" * 60 + "y = f'{x}'\ndel x", "read"),
    "itself": ("x = []\nx.append(x)", "is deeper than 100 levels"),
    "width": ("x = '%1000000000d' % 1\ny = f'{1:1000000000d}'", "read"),
    "replace": ("x = ('a' * 9999).replace('', 'b' * 9999)", "makes more than 100,000"),
    "pieces": (f"x = 'a' * 50000\ny = f'{'{x}' * 9999}'", "makes more than 100,000"),
    "loops": (LOOP + "for j in (1, 2, 3): pass", "takes more than 200,000 steps"),
    "deep loop": ("x = []\nfor i in range(9000): x = [x]", "is deeper than 100 levels"),
    "looks": ("x = list(range(9999))\n" + LOOP + "min(x)", "takes more than 200,000 s"),
    "finds": ("x = 'a' * 50000\n" + LOOP + "'ab' in x", "takes more than 200,000 st"),
    "equals": ("x = []\n" + "x = [x, x]\n" * 60 + "y = x == x", "takes more than 200,"),
    "spread": ("x = dict(a=1)\n" + "x = dict(b=x, c=x)\n" * 60, "makes more than 100,"),
    "nested": ("x = [y for y in [x for x in range(999)] for z in range(999)]", "makes"),
    "lambdas": ("x = " + "lambda: " * 900 + "1", "read"),
    "brackets": ("x = " + "[" * 5000 + "]" * 5000, "is not"),
    "minus": ("x = " + "-" * 100_000 + "1", "is not"),
    "additions": ("x = " + "1+" * 200_000 + "1", "is not readable"),
    "attributes": ("x = a" + ".a" * 200_000, "is not readable"),
    "long": ("#" * (1 << 21), "reads more than 1 MB"),
    "dense": ("x = [" + "1," * 500_000 + "]", "takes more than 200,000 steps"),
    "null": ("x = '\0'", "is not"),
    "templates": ("# {{$A:" * 140_000, "has more than 1000 templates"),
    "spaces": ("# {{" + " " * 1_000_000, "holds no config"),
    "files": ("_base_ = [f'b{i}.py' for i in range(99)]", "reads more than 64 files"),
    "levels": ("_base_ = 'l0.py'", "is deeper than 20 levels of bases"),
    "digits of round": ("x = round(1, -10**9)", "read"),
    "key": ("t = (1,)\n" + "t = (t, t)\n" * 40 + "x = {}.get(t)\ndel t", "read"),
    "calling": (
        "".join(
            f"def f{i}(): return ({'+'.join(f'f{j}' for j in range(14) if j != i)})\n"
            for i in range(14)
        )
        + "x = f0()",
        "read",
    ),
    "splits": (
        "s = 'a' * 50000\n" + LOOP + "s.split('b')",
        "makes more than 100,000 elements",
    ),
    "strips": (
        "s = 'a' * 40000\n" + LOOP + "s.strip('b' * 9999 + 'a')",
        "takes more than 200,000 steps",
    ),
    "floats": (
        f"s = '0.{'1' * 90000}'\n" + LOOP + "float(s)",
        "takes more than 200,000 steps",
    ),
    "script": (
        "import torchvision\n" + "a=1;" * 100_000 + "\nm=FCOS()\n" + "m.a=1\n" * 20_000,
        "takes more than 200,000 steps",
    ),
    "break": ("x = 1\nbreak", "is outside of a loop"),
    "continue": ("if True: continue", "is outside of a loop"),
    "else": ("for i in [1]: pass\nelse: break", "is outside of a loop"),
    "surrogate": ("x = '\\ud800'", "has half a letter"),
    "date key": ("x = {complex(1): 1}", "read"),
    "call": ("def f(): g()\ndef g(): f()\nx = f()", "read"),
}
EXPENSIVE_DOCUMENTS = {
    "laughs.yaml": (
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{b}: &{b} [{f'*{a}, ' * 9}]\n"
            for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        "makes more than 100,000 elements",
    ),
    "merges.yaml": (
        "k0: &k0 {x: 1}\n"
        + "".join(
            f"k{i}: &k{i} {{<<: [*k{i - 1}, *k{i - 1}]}}\n" for i in range(1, 60)
        ),
        "makes more than 100,000 elements",
    ),
    "itself.yaml": ("a: &a [*a]", "is deeper than 100 levels"),
    "brackets.yaml": ("a: " + "[" * 100_000, "is deeper than 100 levels"),
    "long.yaml": ("a: [" + "1, " * 300_000 + "]", "is longer than 256 kB"),
    "numbers.yaml": ("a: [" + "1, " * 30_000 + "]", "read"),
    "sixty.yaml": ("a: 1" + ":1" * 100_000, "a number is too long"),
    "evaluated.yaml": ("a: !!python/object/apply:eval ['9**9**9']", "makes an integer"),
    "run.yaml": (
        "a: !!python/object/apply:os.system ['touch witness']",
        "the YAML tag tag:yaml.org,2002:python/object/apply:os.system is not read",
    ),
    "brackets.json": ('{"a": ' + "[" * 100_000, "is not readable JSON"),
    "digits.json": ('{"a": ' + "9" * 100_000 + "}", "is not readable JSON"),
    "big.json": ('{"a": ' + "9" * 100 + "}", "makes an integer of more than 30 digits"),
    "spaces.ini": ("a" + " " * 1_000_000 + "b", "has too long a line"),
    "lines.ini": ("[a]\n" + ("b" + " " * 290 + "c\n") * 1000, "is not a valid INI"),
    "deep.yaml": (
        "a: [" + ("[" * 440 + "]" * 440 + ",\n") * 290 + "]",
        "is deeper than",
    ),
    "wide.yaml": ("a: [" + ("[" * 90 + "]" * 90 + ",\n") * 1400 + "]", "takes more"),
    "date.yaml": ("2020-01-01: 1", "is not valid YAML"),
    "errors.ini": ("[a]\n" + "c\n" * 500_000, "has too many lines"),
    "deep.json": ('{"a":' * 300 + "1" + "}" * 300, "is deeper than 100 levels"),
    "literals.yaml": (
        "MODEL:\n" + "".join(f"  a{i}: '{'(' * 900}'\n" for i in range(250)),
        "read",
    ),
}
# What would leave a file behind if anything of it were run.
RUNS = [
    "open('witness', 'w')",
    "__import__('os').system('touch witness')",
    "().__class__.__base__.__subclasses__()[0].f('touch witness')",
    "os.system('touch witness')",
    "[os.system(x) for x in ['touch witness']]",
    'exec(\'open("witness", "w")\')',
    'eval(\'open("witness", "w")\')',
    "compile('1', '', 'exec')",
    "getattr(os, 'system')('touch witness')",
    "(lambda: open('witness', 'w'))()",
    'f\'{open("witness", "w")}\'',
    "sorted([1], key=lambda _: open('witness', 'w'))",
    "L(os.system)(command='touch witness')",
    "model_zoo.get_config('../witness_module.py')",
]
HEAD = "import os, witness_module\nfrom detectron2.config import LazyCall as L\n"
HEAD += "from detectron2 import model_zoo\n"


def files() -> dict[str, str]:
    """Write all of them; what each must be answered with."""
    for i in range(99):
        write(f"b{i}.py", f"x{i} = 1")
        write(f"l{i}.py", f"_base_ = 'l{i + 1}.py'")
    write("witness_module.py", "open('witness', 'w')")
    expected = {}
    for name, (text, message) in EXPENSIVE.items():
        expected[write(f"{name}.py", text).name] = message
    for name, (text, message) in EXPENSIVE_DOCUMENTS.items():
        expected[write(name, text).name] = message
    for i, text in enumerate(RUNS):
        expected[write(f"run{i}.py", f"{HEAD}x = {text}\n").name] = ""
        expected[write(f"call{i}.py", f"{HEAD}{text}\n").name] = ""
    write("package/__init__.py", "open('witness', 'w')")
    expected[write("package.py", "_base_ = 'package::a/b.py'").name] = (
        "the base b.py is"
    )
    if hasattr(os, "mkfifo"):
        os.mkfifo("pipe.py")
        expected["pipe.py"] = "is no plain file"
        expected[write("base.py", "_base_ = 'pipe.py'").name] = (
            "the base pipe.py is not"
        )
    return expected


def answers(expected: dict[str, str]) -> list[tuple[str, str, float]]:
    """What reading each of them gave: its name, the message, the seconds."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(MOST_BYTES), *expected],
        capture_output=True,
        text=True,
        check=False,
        timeout=MOST_S * len(expected),
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def test_hostile_configs_are_refused_at_once_and_never_run() -> None:
    expected = files()
    found = answers(expected)
    assert [name for name, *_ in found] == list(expected)
    assert {name: told for name, told, _ in found if expected[name] not in told} == {}
    assert {name: spent for name, _, spent in found if spent > MOST_S} == {}
    assert not Path("witness").exists()
    # As a statement such a call is refused; a lazy one is only a dict.
    read = [i for i, text in enumerate(RUNS) if text.startswith("L(")]
    told = {name: message for name, message, _ in found}
    assert [i for i in range(len(RUNS)) if told[f"call{i}.py"].endswith(EMPTY)] == read
