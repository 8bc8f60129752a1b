"""Files of settings that are no TOML, no settings, or too much of either."""

from pathlib import Path

from tests.hostile.case import ANN, STATS, Case, Make, Refusal
from tests.hostile.json_text import document

NAME = "mine.toml"
PROJECT = "atss-inspect.toml"
CROSSED = "expected negative_below at most positive_from"
LISTED = "`atss-inspect config show` lists all settings"
OWN = "settings go under [set]; the other keys are ann, images, preset"
WORDS = ("stats", "--ann", ANN, "--config", NAME)

# name, content of the file, the message after its name, the hint
ROWS = (
    ("no TOML", "k 9", "not valid TOML: ..."),
    ("cut off", "[assigner", "not valid TOML: ..."),
    ("a key twice", "[assigner]\nk = 1\nk = 2", "not valid TOML: ..."),
    ("a table twice", "[assigner]\n[assigner]", "not valid TOML: ..."),
    ("a zero byte", "\0", "not valid TOML: ..."),
    ("terminal codes", "# \x1b[31m", "not valid TOML: ..."),
    (
        "unknown table",
        "[asigner]\nk = 9",
        "asigner: unknown key; did you mean assigner?",
        LISTED,
    ),
    ("unknown table of codes", '["\\u001b[31m"]', r"\x1b[31m: unknown ...", LISTED),
    (
        "unknown key",
        "[assigner]\nkk = 9",
        "assigner.kk: unknown key; did you mean assigner.k?",
        LISTED,
    ),
    ("setting at the top", "k = 9", "k: unknown key; did you mean assigner.k?", LISTED),
    ("table that is none", "assigner = 3", "assigner: expected a table, got 3"),
    (
        "list of tables",
        "[[assigner]]\nk = 9",
        "assigner: expected a table, got [a table]",
    ),
    ("text for a number", '[assigner]\nk = "9"', 'assigner.k: expected ... got "9"'),
    ("float for a number", "[assigner]\nk = 9.0", "assigner.k: expected ... got 9.0"),
    (
        "boolean for a number",
        "[assigner]\nk = true",
        "assigner.k: expected ... got true",
    ),
    (
        "date for a number",
        "[assigner]\nk = 2020-01-01",
        "assigner.k: expected ... got 2020-01-01",
    ),
    (
        "table for a number",
        "[assigner.k]\nx = 1",
        "assigner.k: expected ... got a table",
    ),
    ("list for a number", "[assigner]\nk = [9]", "assigner.k: expected ... got [9]"),
    (
        "number for a list",
        "[anchors]\nstrides = 8",
        "anchors.strides: expected a list, got 8",
    ),
    (
        "number for a word",
        "[anchors]\nstyle = 8",
        "anchors.style: expected one of ... got 8",
    ),
    (
        "list for a word",
        "[anchors]\nstyle = [8]",
        "anchors.style: expected one of ... got [8]",
    ),
    (
        "table for a word",
        "[anchors.style]",
        "anchors.style: expected one of ... got a table",
    ),
    (
        "not finite",
        "[anchors]\nscale = inf",
        "anchors.scale: expected a finite number ...",
    ),
    ("nan", "[anchors]\nscale = nan", "anchors.scale: expected ... got nan"),
    ("10^400", f"[anchors]\nscale = 1{'0' * 400}", "anchors.scale: expected ..."),
    ("5000 digits", f"[assigner]\nk = {'9' * 5000}", "not valid TOML: ..."),
    (
        "5000 hexadecimal digits",
        f"[assigner]\nk = 0x{'f' * 5000}",
        "assigner.k: expected ...",
    ),
    (
        "20000 numbers",
        f"[anchors]\nratios = [{'1,' * 20_000}]",
        "anchors.ratios: expected ...",
    ),
    (
        "lists, 5000 deep",
        f"[anchors]\nstrides = {'[' * 5000}{']' * 5000}",
        "is nested too deeply; expected settings",
    ),
    (
        "tables, 5000 deep",
        f"a = {'{a=' * 5000}1{'}' * 5000}",
        "is nested too deeply; expected settings",
    ),
    ("keys, 2000 deep", f"{'.'.join('a' * 2000)} = 1", "a: unknown key...", LISTED),
    (
        "two megabytes",
        "#" * (2 << 20),
        "is larger than 1 MB; expected a file of settings",
    ),
    (
        "a table of another name",
        "[anchor]",
        "anchor: unknown key; did you mean anchors?",
        LISTED,
    ),
    (
        "a word of another name",
        "extend = 'atss-mmdet'",
        "extend: unknown key; did you mean extends?",
        LISTED,
    ),
    (
        "too small",
        "[assigner]\nk = 0",
        "assigner.k: expected a whole number of at least 1, got 0",
    ),
    (
        "bars that cross",
        "[assigner]\nname = 'iou_threshold'\npositive_from = 0.3",
        f"assigner.positive_from: {CROSSED}, got 0.4 and 0.3",
    ),
    (
        "extends what is nearly a preset",
        "extends = 'atss-mmdt'",
        'extends: unknown preset "atss-mmdt"; did you mean atss-mmdet?',
        "...",
    ),
    ("extends nothing", 'extends = "nope"', 'extends: unknown preset "nope"', "..."),
    (
        "extends itself",
        f'extends = "{NAME}"',
        'extends: unknown preset "mine.toml"',
        "...",
    ),
    ("extends a path", 'extends = "../a"', 'extends: unknown preset "../a"', "..."),
    (
        "extends a list",
        "extends = ['atss-mmdet']",
        'extends: expected text, got ["atss-mmdet"]',
    ),
    ("describes with a number", "description = 3", "description: expected text, got 3"),
    (
        "another assigner's parameter",
        '[assigner]\nname = "fcos"\nk = 9',
        "assigner.k: not a parameter of the assigner fcos, only of the assigner atss",
        "...",
    ),
)


def _config(name: str, text: str, message: str, hint: str = "") -> Case:
    """Make a case of a file given with --config."""
    files = {ANN: document(), NAME: text.encode()}
    return Case(f"TOML: {name}", Refusal(f"{NAME}: {message}", 2, hint), files, WORDS)


def _odd_file(name: str, make: Make, message: str) -> Case:
    """Make a case of something that is no ordinary file."""
    refusal = Refusal(f"{NAME}: {message}", 2)
    return Case(f"TOML: {name}", refusal, {ANN: document()}, WORDS, make=make)


def _project(name: str, text: str, message: str, hint: str = "") -> Case:
    """Make a case of the project's own file."""
    files = {ANN: document(), PROJECT: text.encode()}
    refusal = Refusal(f"{PROJECT}: {message}", 2, hint)
    return Case(f"project: {name}", refusal, files, STATS)


def _pyproject(name: str, text: str, message: str, hint: str = "") -> Case:
    """Make a case of a table in pyproject.toml."""
    files = {ANN: document(), "pyproject.toml": text.encode()}
    return Case(f"pyproject: {name}", Refusal(message, 2, hint), files, STATS)


def _folder(folder: Path) -> None:
    (folder / NAME).mkdir()


def _zeros(folder: Path) -> None:
    (folder / NAME).symlink_to("/dev/zero")


def _circle(folder: Path) -> None:
    (folder / NAME).symlink_to(NAME)


PYPROJECT = "pyproject.toml [tool.atss-inspect]"
CASES = (
    *(_config(*row) for row in ROWS),
    Case(
        "TOML: no UTF-8",
        Refusal("mine.toml: expected TOML in UTF-8, got other bytes", 2),
        {ANN: document(), NAME: b"\xff\xfe"},
        WORDS,
    ),
    _odd_file("a folder", _folder, "cannot be read: ..."),
    _odd_file("zeros without end", _zeros, "is larger than 1 MB; ..."),
    _odd_file("a circle of links", _circle, "cannot be read: ..."),
    Case(
        "project: no TOML",
        Refusal(f"...{PROJECT}: not valid TOML: ...", 2),
        {ANN: document(), PROJECT: b"="},
        STATS,
    ),
    _project("unknown key", "anns = 1", "anns: unknown key; did you mean ann?", OWN),
    _project("a table of settings", "[assigner]\nk = 3", "assigner: unknown key", OWN),
    _project(
        "preset holds a number",
        "preset = ['a', 3]",
        'preset: expected text, got ["a", 3]',
    ),
    _project(
        "unknown setting", "[set]\nkk = 3", "kk: unknown key; did you mean k?", LISTED
    ),
    _project(
        "unknown path",
        "[set]\nassigner.kk = 3",
        "assigner.kk: unknown key; did you mean assigner.k?",
        LISTED,
    ),
    _project(
        "k is 0",
        "[set]\nk = 0",
        "assigner.k: expected a whole number of at least 1, got 0",
    ),
    _project("ann is a number", "ann = 1", "ann: expected text, got 1"),
    _project("ann holds a table", "ann = [{}]", "ann: expected text, ..."),
    _project("preset is a date", "preset = 2020-01-01", "preset: ..."),
    _project(
        "two folders",
        'images = ["a", "b"]',
        'images: expected one folder, got ["a", "b"]',
    ),
    _project("set is a number", "set = 1", "set: expected a table, got 1"),
    _project("set.k is text", 'set.k = "x"', "assigner.k: expected ..."),
    _project("set, three deep", "set.a.b.c = 1", "a.b: unknown key...", LISTED),
    _pyproject(
        "the table is a number",
        "[tool]\natss-inspect = 3 #[tool.atss-inspect",
        "pyproject.toml [tool]: atss-inspect: expected a table, got 3",
    ),
    _pyproject(
        "tool is a number",
        "tool = 3 # [tool.atss-inspect]",
        "pyproject.toml: tool: expected a table, got 3",
    ),
    _pyproject(
        "unknown key",
        "[tool.atss-inspect]\nx = 1",
        f"{PYPROJECT}: x: unknown key...",
        OWN,
    ),
)
