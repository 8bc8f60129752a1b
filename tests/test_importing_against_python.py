"""Generated programs give the values that Python gives them, or none.

What is read must be what running would make of it: a value may be unknown and a program
refused, but never another value.
"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.errors import SettingsError
from tests.config_texts import values

NAMES = st.sampled_from("abcd")
ATOMS = st.sampled_from(
    [*("0", "1", "-2", "2.5", "'x'", "'yz'", "None", "True", "[]", "{}", "()")]
)
BINARY = st.sampled_from(
    [*("+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>")]
)
COMPARED = st.sampled_from(["<", "<=", "==", "!=", "in", "not in", "is", "is not"])
CALLS = st.sampled_from(
    [
        *("len", "list", "tuple", "dict", "sorted", "sum", "min", "max", "abs"),
        *("round", "int", "float", "str", "bool", "any", "all", "reversed", "zip"),
        *("enumerate", "range", "copy.deepcopy", "f"),
    ]
)
METHODS = st.sampled_from(
    [
        *("append({})", "extend({})", "insert(0, {})", "pop({})", "pop()"),
        *("pop({}, 7)", "update({})", "get({})", "setdefault({}, {})", "copy()"),
        *("keys()", "items()", "values()", "index({})", "count({})", "reverse()"),
        *("clear()", "remove({})", "sort()", "split()", "upper()"),
        *("replace({}, {})", "startswith({})"),
    ]
)


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions with expressions in them."""
    return st.one_of(
        st.tuples(inner, BINARY, inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, COMPARED, inner, COMPARED, inner).map(
            lambda t: f"({' '.join(t)})"
        ),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda t: f"({' '.join(t)})"
        ),
        st.lists(inner, max_size=3).map(lambda t: f"[{', '.join(t)}]"),
        st.lists(inner, max_size=3).map(lambda t: f"({''.join(f'{x}, ' for x in t)})"),
        st.lists(st.tuples(inner, inner), max_size=2).map(
            lambda t: f"{{{', '.join(f'{k}: {v}' for k, v in t)}}}"
        ),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.tuples(inner, inner).map(lambda t: f"{t[0]}[{t[1]}]"),
        st.tuples(inner, inner).map(lambda t: f"{t[0]}[{t[1]}:]"),
        st.tuples(inner, inner).map(lambda t: f"[({t[0]}, b) for b in list({t[1]})]"),
        st.tuples(inner, inner).map(
            lambda t: f"{{c: {t[0]} for c in list({t[1]}) if c}}"
        ),
        st.tuples(CALLS, inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(CALLS, inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        st.tuples(inner, METHODS, inner).map(
            lambda t: f"{t[0]}.{t[1].replace('{}', t[2])}"
        ),
        inner.map(lambda x: f"(not {x})"),
        st.tuples(NAMES, inner).map(lambda t: f"({t[0]} := {t[1]})"),
    )


LEAVES = st.one_of(ATOMS, NAMES, NAMES, NAMES.map(lambda x: f"f'{{{x}}}'"))
EXPRESSIONS = st.recursive(LEAVES, larger, max_leaves=5)
STATEMENTS = st.one_of(
    st.tuples(NAMES, EXPRESSIONS).map(lambda t: f"{t[0]} = {t[1]}"),
    st.tuples(NAMES, EXPRESSIONS).map(lambda t: f"{t[0]} += {t[1]}"),
    st.tuples(NAMES, NAMES, EXPRESSIONS).map(lambda t: f"{t[0]}, {t[1]} = {t[2]}"),
    st.tuples(NAMES, EXPRESSIONS, EXPRESSIONS).map(
        lambda t: f"{t[0]}[{t[1]}] = {t[2]}"
    ),
    st.tuples(NAMES, EXPRESSIONS, EXPRESSIONS).map(
        lambda t: f"{t[0]}[{t[1]}] += {t[2]}"
    ),
    st.tuples(NAMES, EXPRESSIONS).map(lambda t: f"del {t[0]}[{t[1]}]"),
    st.tuples(EXPRESSIONS, NAMES, EXPRESSIONS).map(
        lambda t: f"if {t[0]}:\n    {t[1]} = {t[2]}"
    ),
    st.tuples(NAMES, EXPRESSIONS, EXPRESSIONS).map(
        lambda t: f"for {t[0]} in list({t[1]}):\n    {t[2]}\n    if c: break"
    ),
    EXPRESSIONS,
)
# A function that changes what it is given, and what it names.
HEAD = "import copy\ndef f(x, y=0):\n    b = x\n    b.append(y)\n    d.append(y)\n"
HEAD += "    return b\na = [1, [2]]\nb = dict(x=a, y=3)\nc = 2\nd = [a, b]\n"


def agrees(found: Any, real: Any) -> bool:
    """Whether what is read is what Python has, but for what is unknown."""
    if isinstance(found, str) and found.startswith("<?"):
        return True
    if isinstance(real, range):
        real = tuple(real)
    if isinstance(found, list) and type(real) in (zip, enumerate, type(reversed([]))):
        return True  # used up or not, there is nothing to compare
    if type(real) in (type({}.keys()), type({}.values()), type({}.items())):
        real = list(real)
    if type(found) is not type(real):
        return False
    if isinstance(found, dict):
        same = found.keys() == real.keys()
        return same and all(agrees(found[key], real[key]) for key in found)
    if isinstance(found, list | tuple):
        pairs = zip(found, real, strict=False)
        return len(found) == len(real) and all(agrees(*pair) for pair in pairs)
    return bool(found == real)


@given(st.lists(STATEMENTS, min_size=1, max_size=4))
def test_no_value_is_another_than_python_has(statements: list[str]) -> None:
    text = HEAD + "\n".join(statements) + "\n"
    try:
        found = values(text)
    except SettingsError:
        return
    names: dict[str, Any] = {}
    try:
        exec(text, names)
    except Exception:  # noqa: BLE001 - a program that fails has no values
        return
    for name in "abcd":
        assert agrees(found[name], names[name]), (name, text)
