"""Nothing here depends on what libraries do not promise: private names, wording.

Held by reading every module. What cannot be avoided stands in the one table of
``atss_inspect/private_names.py``, which is asked by way of its entries.
"""

import ast
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from atss_inspect import private_names
from atss_inspect.private_names import PrivateName

ROOT = Path(__file__).resolve().parents[1]
OWN = ("atss_inspect", "tests", "benchmarks", "docs", "sample_data", "tools")
FOLDERS = (*OWN, ".ci")
# What runs make: libraries in whole environments among it.
MADE = ROOT / "benchmarks" / "data"
FILES = [
    path
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not path.is_relative_to(MADE)
]
# Private by their look only: documented.
DOCUMENTED = {"_replace", "_asdict", "_fields", "_make", "_field_defaults", "_exit"}
DOCUMENTED |= {"_repr_html_", "_repr_png_"}  # what notebooks ask for
OUR_ERRORS = {
    *("AtssInspectError", "SettingsError", "OutputError", "DataError"),
    *("PeerError", "SetupError"),
}
# Whose words a test would have from a library or the operating system; of the others
# (ValueError and the like) our own code raises some.
FOREIGN_ERRORS = {
    *("OSError", "PermissionError", "FileNotFoundError", "UnicodeError", "EOFError"),
    *("UnicodeDecodeError", "RecursionError", "JSONDecodeError", "TOMLDecodeError"),
    *("ValidationError", "DecodeError", "BadParameter", "UsageError", "ArrowException"),
}
# Where what libraries say is passed on to the user.
PASSED_ON = ROOT / "atss_inspect" / "errors.py"
MATCHING = {"match", "search", "fullmatch", "findall", "startswith", "endswith"}
ATTRIBUTE_CALLS = {"getattr", "setattr", "hasattr", "delattr"}
PRIVATE_CASES = {
    "pool._queue": "import x\nx.pool._queue",
    "from x import _y": "from x import _y",
    "import x._y": "import x._y",
    "getattr(x, '_y')": "getattr(x, '_y', None)",
    "monkeypatch.setattr(x, '_y', 1)": "monkeypatch.setattr(x, '_y', 1)",
}
WORDS_CASES = {
    "str": "try: f()\nexcept OSError as e:\n    'x' in str(e)",
    "args": "try: f()\nexcept (DataError, OSError) as e:\n    e.args[0]",
    "f-string": "try: f()\nexcept OSError as e:\n    'x' in f'{e}'",
    "part": "try: f()\nexcept OSError as e:\n    re.search('x', e.strerror)",
    "caught": "def t():\n with pytest.raises(OSError) as e: f()\n str(e.value)",
    "match": "with pytest.raises(msgspec.ValidationError, match='Expected'): f()",
    "filter": "warnings.filterwarnings('ignore', 'Glyph')",
    "class name": "type(error).__name__ == 'NoArgsIsHelpError'",
}


@lru_cache(maxsize=1)
def nodes_of(tree: ast.AST) -> list[ast.AST]:
    """All of a module, which every check below looks at."""
    return list(ast.walk(tree))


def is_private(name: object) -> bool:
    """Whether a name is private and not documented all the same."""
    is_text = isinstance(name, str) and name.startswith("_") and name.isidentifier()
    return is_text and not name.startswith("__") and name not in DOCUMENTED | {"_"}


def own_names(tree: ast.AST) -> set[str]:
    """Names a module imports from this project or defines as classes."""
    found = {"self", "cls"}
    for node in nodes_of(tree):
        match node:
            case ast.ImportFrom(module=str(module)) if module.startswith(OWN):
                found |= {each.asname or each.name for each in node.names}
            case ast.Import():
                names = [each.asname or each.name for each in node.names]
                found |= {name for name in names if name.startswith(OWN)}
            case ast.ClassDef(name=name):
                found.add(name)
    return found


def first_name(node: ast.AST) -> str:
    """The variable that an expression such as ``a.b.c`` begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    if isinstance(node, ast.Call) and ast.unparse(node) == "super()":
        return "self"
    return node.id if isinstance(node, ast.Name) else ""


PARTED = (ast.Attribute, ast.ImportFrom, ast.Import, ast.Call)


def private_uses(tree: ast.AST) -> Iterator[str]:
    own = own_names(tree)
    for node in nodes_of(tree):
        if isinstance(node, PARTED) and any(
            is_private(part) for part in foreign_parts(node, own)
        ):
            yield f"line {node.lineno}: {ast.unparse(node)}"


def foreign_parts(node: ast.AST, own: set[str]) -> list[object]:
    match node:
        case ast.Attribute(value=value, attr=name):
            return [] if first_name(value) in own else [name]
        case ast.ImportFrom(module=module, names=names):
            parts = [*(module or "").split("."), *(each.name for each in names)]
            return [] if parts[0] in OWN else list(parts)
        case ast.Import(names=names):
            return [part for each in names for part in each.name.split(".")]
        case ast.Call(
            func=ast.Name(id=call) | ast.Attribute(attr=call),
            args=[thing, ast.Constant(value=name), *_],
        ) if call in ATTRIBUTE_CALLS:
            return [] if first_name(thing) in own else [name]
    return []


def error_types(handler: ast.ExceptHandler) -> set[str]:
    caught = handler.type
    types = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return {ast.unparse(each).rpartition(".")[2] for each in types if each}


def errors_at_hand(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield errors of somebody else's: what names each, and where it does."""
    ours = OUR_ERRORS | own_names(tree)
    for node in nodes_of(tree):
        match node:
            case ast.ExceptHandler(name=str(name)) if not error_types(node) <= ours:
                yield name, node
            case ast.FunctionDef():
                yield from ((f"{name}.value", node) for name in caught_in(node))


def caught_in(function: ast.FunctionDef) -> Iterator[str]:
    """Yield what a test calls the errors of somebody else's that it has raised."""
    for node in ast.walk(function):
        match node:
            case ast.withitem(
                context_expr=ast.Call(func=ast.Attribute(attr="raises"), args=[error]),
                optional_vars=ast.Name(id=name),
            ) if ast.unparse(error).rpartition(".")[2] in FOREIGN_ERRORS:
                yield name


def takes_words(node: ast.AST, error: str) -> bool:
    """Whether a node takes the words of an error other than to pass them on."""
    match node:
        case ast.Call(func=ast.Name(id="str" | "repr"), args=[thing]):
            return ast.unparse(thing) == error
        case ast.Attribute(value=thing, attr="args" | "msg"):
            return ast.unparse(thing) == error
    is_match = isinstance(node, ast.Call) and getattr(node.func, "attr", "") in MATCHING
    if isinstance(node, ast.Compare) or is_match:
        return any(writes_words(part, error) for part in ast.walk(node))
    return False


def writes_words(node: ast.AST, error: str) -> bool:
    """Whether a node writes an error into a text, or is the part that has its words."""
    match node:
        case ast.FormattedValue(value=thing):
            return ast.unparse(thing) == error
        case ast.Attribute(value=thing, attr="strerror" | "message" | "reason"):
            return ast.unparse(thing) == error
    return False


def words_of_errors(tree: ast.AST) -> Iterator[str]:
    """Yield each place that takes the words of somebody else's error."""
    for error, scope in errors_at_hand(tree):
        for node in ast.walk(scope):
            if takes_words(node, error):
                yield f"line {node.lineno}: {ast.unparse(node)}"


def matches_words(node: ast.AST) -> bool:
    """Whether a node holds a pattern against words of somebody else's."""
    match node:
        case ast.Call(func=ast.Attribute(attr="raises"), args=[error], keywords=more):
            name = ast.unparse(error).rpartition(".")[2]
            words = [each.value for each in more if each.arg == "match"]
            is_fixed = bool(words) and not isinstance(words[0], ast.Call)
            return is_fixed and name in FOREIGN_ERRORS
        case ast.Call(func=ast.Attribute(attr="filterwarnings"), args=args):
            return len(args) > 1 or "message" in [each.arg for each in node.keywords]
        case ast.Compare(
            left=ast.Attribute(value=ast.Call(func=ast.Name(id="type"))),
            comparators=[ast.Constant(value=str()), *_],
        ):
            return True
    return False


def words_read(tree: ast.AST) -> list[str]:
    """List where a module may depend on the words of a library."""
    matched = [node for node in nodes_of(tree) if matches_words(node)]
    lines = [f"line {node.lineno}: {ast.unparse(node)}" for node in matched]
    return [*words_of_errors(tree), *lines]


def test_no_private_name_and_no_words_of_a_library_are_used() -> None:
    found = []
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        words = [] if path == PASSED_ON else words_read(tree)
        found += [f"{path} {use}" for use in (*private_uses(tree), *words)]
    hint = "list it in atss_inspect/private_names.py, with what is done without it"
    assert found == [], hint


@pytest.mark.parametrize("case", [*PRIVATE_CASES, *WORDS_CASES])
def test_private_names_and_words_that_are_read_are_found(case: str) -> None:
    find = private_uses if case in PRIVATE_CASES else words_read
    tree = ast.parse((PRIVATE_CASES | WORDS_CASES)[case])
    assert len(list(find(tree))) == 1


def test_what_is_listed_is_used_and_told_in_full() -> None:
    others = [path for path in FILES if path != Path(__file__)]
    texts = [path.read_text(encoding="utf-8") for path in others]
    for name, each in vars(private_names).items():
        if isinstance(each, PrivateName):
            assert any(f"{name}.of(" in text for text in texts), name
            assert all(each)


def test_warnings_are_let_pass_by_kind_and_module_only() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    filters = [each.split(":") for each in project["tool"]["pytest"]["filterwarnings"]]
    assert [each for each in filters if len(each) > 1 and each[1]] == []
