"""Words of the code: the field's, and plain ones; documents name files that exist."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.conftest import PROJECT_ROOT

FOLDERS = ("atss_inspect", "tools", "benchmarks")
MADE_BY_RUNS = ("benchmarks/data/",)  # libraries in whole environments among it
SOURCES = [
    path
    for folder in FOLDERS
    for path in sorted((PROJECT_ROOT / folder).rglob("*.py"))
    if not path.relative_to(PROJECT_ROOT).as_posix().startswith(MADE_BY_RUNS)
]
# A docstring names what comes back; these verbs only announce that it will.
ANNOUNCING = re.compile(r"(Say|Give)\b")
# Metaphors of earlier days, as parts of names. Every one had to be explained.
METAPHORS = {
    "arena", "arenas", "guest", "guests", "homeless", "hopeful", "hopefuls", "hunger",
    "hungry", "rim", "shelf", "shelves", "stray", "strays",
}  # fmt: skip
# A network address has a host; nothing else has.
HOSTS_ALLOWED = ("server/listening.py", "writers/files.py")
# Words that are gone, and what is said instead.
GONE = {
    r"starv": "without a positive; in names unassigned",
    r"\bfe(d|eds?)\b(?! \w*forward|\()|\bhungry\b": "with a positive",
    r"\bgets? nothing\b|\bgot nothing\b|\bgives? nothing\b": "has no positive",
    r"\bfair(ness|ly|er)?\b": "how evenly positives are shared",
    r"\bin vain\b": "without success",
    r"\bmistakes? of ours\b": "internal error",
    r"\bwithin 4 ulp\b": "rounding could flip it",
    r"\bof equals the largest\b": "ties: largest first",
    r"\bIoU \d\.\d+/\d\.\d|, (no )?low-quality[;\"]": "positive from, negative below",
    r"\banchors? (of|from) [\d.{}:a-z]+ x stride": "9 anchors a cell, 32 px up",
    r"\bwhy (they have )?none\b": "why",
    r"[\"(]none: objects|Column\(\"none\"\)|\"none\", \"mean\"": "without",
    r"\btiny \+ small\b": "small (COCO)",
}
DOCUMENTS = ("CONTRIBUTING.md", "SECURITY.md", "README.md", "docs", "benchmarks")
# A path in backticks, from the root of the project or of the package.
PATH = re.compile(r"`((?:\.?[\w-]+/)+[\w.-]*|[\w-]+\.(?:md|toml|py))`")
FENCED = re.compile(r"```.*?```", re.DOTALL)
# What the documents write in backticks as well: files of users, and of their making.
NOT_OURS = ("atss-inspect.toml", "mine.toml", "data/", "goldens/", "FOLDER/")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def documented(tree: ast.Module) -> Iterator[ast.AST]:
    """Everything that may have a docstring."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return (node for node in ast.walk(tree) if isinstance(node, kinds))


def names_of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name) | ast.Attribute(attr=name):
                yield name


def words_of(name: str) -> set[str]:
    """Words of a name, of either spelling."""
    return set(re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().split("_"))


def test_docstrings_state_what_comes_back() -> None:
    announcing = [
        f"{path.relative_to(PROJECT_ROOT)}:{getattr(node, 'lineno', 1)}"
        for path in SOURCES
        for node in documented(tree_of(path))
        if ANNOUNCING.match(ast.get_docstring(node) or "")  # type: ignore[arg-type]
    ]
    assert not announcing


def test_names_are_no_metaphors() -> None:
    found = set()
    for path in SOURCES:
        if path.is_relative_to(PROJECT_ROOT / "tools"):  # one of the scenes is a shelf
            continue
        forbidden = METAPHORS
        if not path.as_posix().endswith(HOSTS_ALLOWED):
            forbidden = METAPHORS | {"host", "hosts"}
        found |= {
            f"{path.relative_to(PROJECT_ROOT)}: {name}"
            for name in names_of(tree_of(path))
            if words_of(name) & forbidden
        }
    assert not found


def texts() -> Iterator[Path]:
    """Everything that people read: package, pages of the browser, documents."""
    for kind in ("*.py", "*.toml", "*.j2", "*.js", "*.css"):
        yield from sorted((PROJECT_ROOT / "atss_inspect").rglob(kind))
    yield from sorted((PROJECT_ROOT / "docs").glob("*.[mp][dy]"))
    yield from (PROJECT_ROOT / "README.md", PROJECT_ROOT / "CONTRIBUTING.md")


def test_words_that_are_gone_stay_away() -> None:
    found = [
        f"{path.relative_to(PROJECT_ROOT)}: {word[0]!r}, instead: {instead}"
        for path in texts()
        for text in [path.read_text(encoding="utf-8")]
        for gone, instead in GONE.items()
        for word in re.finditer(gone, text, re.IGNORECASE)
    ]
    assert not found, "\n".join(found)


def pages() -> Iterator[Path]:
    """The documents, whole folders of them included."""
    for name in DOCUMENTS:
        place = PROJECT_ROOT / name
        yield from sorted(place.glob("*.md")) if place.is_dir() else [place]


def is_there(name: str, page: Path) -> bool:
    """Whether the project has a file or folder of such a path, or end of a path."""
    folder, _, pattern = name.rstrip("/").rpartition("/")
    return (page.parent / name).exists() or any(
        path.parent.as_posix().endswith(folder)
        for top in (*FOLDERS, "tests", "docs", "sample_data", ".ci", ".github")
        for path in (PROJECT_ROOT / top).rglob(pattern)
    )


def test_documents_name_files_that_exist() -> None:
    missing = [
        f"{page.relative_to(PROJECT_ROOT)}: {name}"
        for page in pages()
        for name in PATH.findall(FENCED.sub("", page.read_text(encoding="utf-8")))
        if not name.startswith((*NOT_OURS, *MADE_BY_RUNS))
        and not (PROJECT_ROOT / name).exists()
        and not is_there(name, page)
    ]
    assert not missing
