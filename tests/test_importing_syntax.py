"""Python in configs: what is worked out, what stays unknown, and what is refused."""

import pytest

from atss_inspect.importing.values import Place
from tests.config_texts import plain, read_text, refusal, values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-3", -3),
        ("2 ** 3 + 7 // 2 - 7 % 4 / 2", 9.5),
        ("1 << 3 | 1", 9),
        ("'a' + 'b' * 2", "abb"),
        ("[1] + [2] * 2", [1, 2, 2]),
        ("2 * (1, 2)", (1, 2, 1, 2)),
        ("[*(1, 2), 3]", [1, 2, 3]),
        ("{**dict(a=1), 'b': 2, 3: 4}", {"a": 1, "b": 2, 3: 4}),
        ("{(1, 2): 3}", {(1, 2): 3}),
        ("{**{(1, 2): 3}}", {(1, 2): 3}),
        ("dict([('a', 1)], b=2)", {"a": 1, "b": 2}),
        ("dict(key=1)", {"key": 1}),
        ("dict(zip(('a', 'b'), (1, 2)))", {"a": 1, "b": 2}),
        ("list(range(3))", [0, 1, 2]),
        ("tuple(reversed([1, 2]))", (2, 1)),
        ("[i + one for i, one in enumerate((5, 6), 1)]", [6, 8]),
        ("max(1, 2) + min([3, 4])", 5),
        ("list(enumerate('a', start=3))", [(3, "a")]),
        ("sum([1], start=2) + sum([], 3)", 6),
        ("sorted([3, 1.5, 2])", [1.5, 2, 3]),
        ("sum([[1], [2]], [])", [1, 2]),
        ("round(2.6) + int('4') + abs(-1) + len('abc')", 11),
        ("str(7) + str(1.5)", "71.5"),
        ("bool([])", False),
        ("any([0, 1]) and not all([0, 1])", True),
        ("1 < 2 <= 2", True),
        ("1 < 2 < 2", False),
        ("[1, (2,)] == [1, (2,)]", True),
        ("[1, 2] == (1, 2)", False),
        ("{'a': [1]} == dict(a=[1])", True),
        ("{'a': [1]} == dict(a=[2])", False),
        ("2 in [1, 2] and 'b' in 'abc' and 'k' not in dict(a=1)", True),
        ("None is None and 1 is not None", True),
        ("0 or 'x'", "x"),
        ("1 and 2", 2),
        ("'yes' if 1 > 2 else 'no'", "no"),
        ("[1, 2, 3, 4][1:3]", [2, 3]),
        ("'abc'[-1]", "c"),
        ("dict(a=[5, 6])['a'][1]", 6),
        ("[x * y for x in (1, 2) for y in (3, 4) if x + y > 4]", [4, 6, 8]),
        ("{k: v + 1 for k, v in dict(a=1).items()}", {"a": 2}),
        ("[k for k in dict(a=1)] + list(dict(b=2).values())", ["a", 2]),
        ("tuple(2 ** i for i in range(3))", (1, 2, 4)),
        ("f'{3}x{1.5}-{None}'", "3x1.5-None"),
        ("'a_b'.split('_')", ["a", "b"]),
        ("'R50'.lower().replace('5', '10')", "r100"),
        ("[3, 1].index(1) + (1, 1).count(1)", 3),
        ("dict(a=1).get('b', 7)", 7),
        ("(lambda: 3, 4)[1]", 4),
    ],
)
def test_expressions_are_worked_out_as_python_does(text: str, expected: object) -> None:
    found = values(f"x = {text}")["x"]
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("os.environ['A']", "value of os.environ"),
        ("os.path.join('a', 'b')", "call of os.path.join"),
        ("3 + os.getpid()", "call of os.getpid"),
        ("lambda: 3", "a lambda of line 2"),
        ("{1, 2}", "a set"),
        ("b'ab'", "a value of type bytes"),
        ("1j * 2", "a value of type complex"),
        ("(-8) ** 0.5", "a complex number"),
        ("'%s' % 3", "an operator on a text or list"),
        ("f'{3:4}'", "a format of a text"),
        ("f'{[1]}'", "a format of a text"),
        ("str([1])", "call of str"),
        ("1 / 0", "a ZeroDivisionError"),
        ("[1] < [2]", "an order of lists"),
        ("[1] + (2,)", "a TypeError"),
        ("1000 is 1000", "whether two values are the same one"),
        ("max([1], [2])", "call of max"),
        ("sorted([1, 2], reverse=True)", "call of sorted"),
        ("max([], default=1)", "call of max"),
        ("int('10', base=2)", "call of int"),
        ("(1).__class__.__bases__", "attribute __class__"),
        ("open('a')", "call of open"),
        ("1 if os.name else 2", "value of os.name"),
        ("os.name and 3", "value of os.name"),
        ("os.name == 'nt'", "value of os.name"),
        ("[x for x in os.listdir('.')]", "call of os.listdir"),
        ("{os.getpid(): 1 for _ in (1, 2)}", "call of os.getpid"),
        ("~1.5", "a TypeError"),
    ],
)
def test_what_only_running_it_could_tell_is_unknown(text: str, reason: str) -> None:
    found = values(f"import os\nx = {text}\ny = 1")
    assert found["y"] == 1
    assert found["x"] == f"<?{reason}>"


def test_a_class_that_is_imported_is_its_name() -> None:
    found = values("from a.b import C as D\nimport e.f\nx = [D, e.f.g, D.h]\n")
    assert found == {"x": ["<a.b.C>", "<e.f.g>", "<a.b.C.h>"]}


def test_statements_change_what_they_name() -> None:
    found = values("""
a = b = [1]
a += [2]
b.append(3)
c, (d, e) = 1, (2, 3)
c += 1
f: int = 5
g = dict(h=dict(i=1))
g['h']['i'] = 7
g.update(j=2)
k = g.pop('j')
del g['h']['i'], f
for one in range(4):
    if one == 1:
        continue
    if one == 3:
        break
    a.insert(0, one)
else:
    z = 1
if len(a) > 2:
    y = (w := 4) + 1
[g.pop(key) for key in ['h']]
print('not there')
assert c
""")
    expected = {"a": [2, 0, 1, 2, 3], "c": 2, "d": 2, "e": 3, "g": {}, "k": 2}
    assert found == expected | {"b": [2, 0, 1, 2, 3], "one": 3, "y": 5, "w": 4}


def test_a_loop_meets_what_it_adds_to_its_list() -> None:
    text = "a = [1]\nfor x in a:\n    if x < 3: a.append(x + 1)\n"
    assert values(text)["a"] == [1, 2, 3]
    message = refusal("a = [1]\n[a.append(x) for x in a]\n")
    assert message.endswith("refused")


def test_a_comprehension_leaves_its_names_as_they_were() -> None:
    assert values("i = 7\nx = [i for i in range(2)]") == {"i": 7, "x": [0, 1]}


def test_a_copy_is_a_value_of_its_own() -> None:
    found = values("""
from copy import deepcopy
a = dict(b=[1])
c, d, e = deepcopy(a), a.copy(), a
a['b'].append(2)
a['f'] = 3
""")
    assert found["c"] == {"b": [1]}
    assert found["d"] == {"b": [1, 2]}
    assert found["e"] == found["a"] == {"b": [1, 2], "f": 3}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = y", "config.py:2: the name y is not defined"),
        ("while True: pass", "config.py:2: a statement of kind while is not read"),
        ("try: x = 1\nexcept E: pass", "config.py:2: a statement of kind try is not"),
        ("with f(): pass", "config.py:2: a with statement is not read"),
        ("os.f()", "config.py:2: a call that may have changed anything"),
        ("[os.f(i) for i in (1, 2)]", "config.py:2: a call that may have changed any"),
        ("if os.f(): x = 1", "config.py:2: what is changed here is not known (call of"),
        ("for x in os.f(): pass", "config.py:2: what is changed here is not known"),
        ("os.x = 1", "config.py:2: what is changed here is not known"),
        ("d[os.f()] = 1", "config.py:2: what is changed here is not known (call of"),
        ("d.update(os.f())", "config.py:2: what update changes is not known"),
        ("x = [].pop(os.f())", "config.py:2: what pop changes is not known"),
        ("d['l'] += os.f()", "config.py:2: what is changed here is not known"),
        ("x = d['k']", "config.py:2: there is no such element"),
        ("x = d.k", "config.py:2: there is no k"),
        ("x = dict(**os.f())", "config.py:2: what ** spreads is not known"),
        ("x = [*os.f()]", "config.py:2: what * spreads is not known"),
        ("d['l'][d.pop('k', 0)] += 1", "config.py:2: whether a value changes is not"),
        ("x, y = 1, 2, 3", "config.py:2: another number of values than names"),
        ("x = exec('y = 1')", "config.py:2: calls exec, which may change anything"),
        ("globals()['x'] = 1", "config.py:2: calls globals, which may change anything"),
        ("x = 1 if os.f() else d.pop('l')", "config.py:2: whether a value changes is"),
        (
            "x = os.f() and (y := 1)",
            "config.py:2: whether a value changes is not known",
        ),
        ("x = (", "config.py:2: is not valid Python"),
        ("from a import *", "config.py:2: an import of * may change anything"),
        ("x = 1 < os.f() < d.pop('l')", "config.py:2: whether a value changes is not"),
        ("d.merge(dict(a=1))", "config.py:2: what merge changes is not known"),
        ("d.sort()", "config.py:2: a call that may have changed anything"),
        ("x = [globals]", "config.py:2: uses globals, which may change anything"),
        ("import builtins\nx = builtins.vars()", "config.py:3: calls vars, which"),
        ("x = os.f().f_globals", "config.py:2: uses f_globals, which may change"),
        (
            "def f():\n  global d\n  d = 1\nx = f()",
            "config.py:2: calls a function that may change anything",
        ),
        ("x = (lambda: exec('d = 1'))()", "config.py:2: calls a function that may"),
        ("class A:\n  global d\n  d = 1", "config.py:2: a class that may change any"),
        ("x = any(d['l'].append(i) for i in (1, 2))", "config.py:2: whether a value"),
        ("x = (d['l'].append(i) for i in (1, 2))", "config.py:2: whether a value cha"),
        ("l = [1]\nfor i, _ in enumerate(l): l.append(i)", "config.py:3: what is chan"),
        ("l = [1]\nfor _ in reversed(l): l[0] = 5", "config.py:3: what is changed he"),
        ("x: d.pop('l') = 1", "config.py:2: whether a value changes is not known"),
        ("if os: _base_ = 'b.py'", "config.py:2: what is changed here is not known"),
        ("if True: _base_ = 'b.py'", "config.py:2: _base_ is read only as a line of"),
        ("'\\ue000_base_.d'", "config.py: has the character U+E000; refused"),
    ],
)
def test_what_may_change_anything_is_refused_with_its_line(
    text: str, message: str
) -> None:
    text = f"import os; d = dict(l=[1])\n{text}"
    assert refusal(text).startswith(message)


def test_what_an_unknown_call_was_given_is_unknown_from_then_on() -> None:
    found = values("""
import f
inner = [1]
a = dict(b=inner, c=2)
x = f.change(a)
y = a['c']
z = dict(d=inner, e=3)
""")
    gone = "<?call of f.change>"
    assert found["a"] == found["y"] == found["inner"] == gone
    assert found["z"] == {"d": gone, "e": 3}


@pytest.mark.parametrize(
    "text",
    [
        "def f(): a['b'] = 2\nx = f()",
        "def f(): a['b'] = 2\ndef g(): f()\nx = g()",
        "def f(): a['b'] = 2\nx = os.call(f)",
        "f = lambda: a.update(b=2)\nx = f()",
        "x = sorted([1], key=lambda _: a.update(b=2))",
        "class A:\n    def __init__(self): a['b'] = 2\nx = A()",
        "class A:\n    a['b'] = 2",
        "x = os.f([a])",
        "x = a.clear()",
        "x = os.f(y=(1, a))",
    ],
)
def test_what_a_function_of_the_file_uses_is_unknown_once_it_is_called(
    text: str,
) -> None:
    assert str(values(f"import os\na = dict(b=1)\n{text}")["a"]).startswith("<?")


@pytest.mark.parametrize(
    "change",
    [
        "c = os.f() or used; c += [2]",
        "c = dict(k=used)[os.f()]; c += [2]",
        "c = used if os.f() else 1; x = c.append(2)",
        "c = [os.f() or used]; x = [one.append(2) for one in c]",
        "x = 0 if os.f() else f(used)",
        "x = os.f() or change()",
        "x = {f(used) for i in (1, 2)}",
        "x = [f(used) for i in os.f]",
        "x = used.append; y = x(2)",
        "x = list(map(used.append, (2, 3)))",
        "x = os.partial(used.append, 2)()",
        "kept = change\ndef change(): pass\nx = kept()",
        "@change\ndef f(): pass",
        "@change\nclass A: pass",
        "class B:\n  def __init_subclass__(cls): used.append(2)\nclass A(B): pass",
        "x = lambda y=change(): y",
        "assert change()",
        "def f(used=used): used.append(2)\nx = f()",
        "x = (lambda used=used: used.append(2))()",
        "class A:\n  @staticmethod\n  def f(): used.append(2)\ng = A.f\nx = g()",
        "class A:\n  def f(self, x=used.append(2)): pass",
        "def f(x: change()): pass",
    ],
)
def test_what_may_be_changed_under_another_name_is_unknown(change: str) -> None:
    head = "import os, f\nused = [1]\ndef change(*_): used.append(2)\n"
    found = values(f"{head}{change}\n")
    assert str(found["used"]).startswith("<?")


@pytest.mark.parametrize(
    "made",
    [
        *("zip((1,), (2,))", "enumerate('a')", "reversed([1])", "(i for i in (1, 2))"),
        *("dict(a=1).items()", "dict(a=1).keys()", "range(3)"),
    ],
)
def test_what_is_looped_over_at_once_is_known_and_else_is_not(made: str) -> None:
    at_once = values(f"x = list({made})\ny = [i for i in {made}]\nz = [*{made}]")
    expected = list(eval(made))
    assert at_once == {"x": expected, "y": expected, "z": expected}
    kept = values(f"p = {made}\nx = list(p)\ny = dict(a={made})")
    assert all(str(one).startswith("<?") for one in (kept["x"], kept["y"]["a"]))


def test_a_parameter_of_a_function_is_no_use_of_a_value() -> None:
    found = values("a = dict(b=1)\ndef f(a): return a\nx = f(3)")
    assert found == {"a": {"b": 1}, "x": "<?call of f>"}


def test_functions_and_imports_are_no_part_of_a_config() -> None:
    text = "import os\nfrom a import b\ndef f(): pass\nclass C(b.D): pass\nx = 1\n"
    found = values(text)
    assert found == {"x": 1, "C": "<C>"}


def test_a_name_that_is_imported_and_then_assigned_is_part_of_a_config() -> None:
    assert values("from a import x, y\nx = dict(z=y)\n") == {"x": {"z": "<a.y>"}}


def test_every_value_knows_where_it_is_written() -> None:
    root = read_text("a = dict(\n    b=[1,\n       2])\nc = a['b'][1]\n").root
    assert root.find("a.b[1]").place == root.find("c").place == Place("config.py", 3)
    assert root.find("a.b").place.line == 2
    assert plain(root.find("a")) == {"b": [1, 2]}


def test_a_script_without_values_is_no_config() -> None:
    text = "def main(): pass\nif __name__ == '__main__':\n    main()\n"
    assert refusal(text) == "config.py: holds no config: no value has a name"


def test_odd_escapes_and_comparisons_warn_nobody() -> None:
    assert values("x = '\\d'\ny = 1 is not None") == {"x": "\\d", "y": True}
