"""Files of settings that are no TOML, no settings, or too much of either."""

from pathlib import Path

from tests.hostile.case import ANN, STATS, Case, Make, Refusal
from tests.hostile.json_text import document

NAME = "mine.toml"
LISTED = "`atss-inspect config show` lists all settings"
OWN = "settings go under [set]; the other keys are ann, images, preset"
WORDS = ("stats", "--ann", ANN, "--config", NAME)

# name, content of the file, the message, the hint
ROWS = (
    ("no TOML", "k 9", "mine.toml: not valid TOML: ...", ""),
    ("cut off", "[assigner", "mine.toml: not valid TOML: ...", ""),
    ("a key twice", "[assigner]\nk = 1\nk = 2", "mine.toml: not valid TOML: ...", ""),
    ("a table twice", "[assigner]\n[assigner]", "mine.toml: not valid TOML: ...", ""),
    ("a zero byte", "\0", "mine.toml: not valid TOML: ...", ""),
    ("terminal codes", "# \x1b[31m", "mine.toml: not valid TOML: ...", ""),
    ("unknown table", "[asigner]\nk = 9", "mine.toml: asigner: unknown key...", LISTED),
    (
        "unknown table of codes",
        '["\\u001b[31m"]',
        r"mine.toml: \x1b[31m: unknown ...",
        LISTED,
    ),
    (
        "unknown key",
        "[assigner]\nkk = 9",
        "mine.toml: assigner.kk: unknown ...",
        LISTED,
    ),
    (
        "setting at the top",
        "k = 9",
        "mine.toml: k: unknown key; did you mean assigner.k?",
        LISTED,
    ),
    (
        "table that is none",
        "assigner = 3",
        "mine.toml: assigner: expected a table, got 3",
        "",
    ),
    (
        "list of tables",
        "[[assigner]]\nk = 9",
        "mine.toml: assigner: expected a table, got [a table]",
        "",
    ),
    (
        "text for a number",
        '[assigner]\nk = "9"',
        'mine.toml: assigner.k: expected ... got "9"',
        "",
    ),
    (
        "float for a number",
        "[assigner]\nk = 9.0",
        "mine.toml: assigner.k: expected ... got 9.0",
        "",
    ),
    (
        "boolean for a number",
        "[assigner]\nk = true",
        "mine.toml: assigner.k: expected ... got true",
        "",
    ),
    (
        "date for a number",
        "[assigner]\nk = 2020-01-01",
        "mine.toml: assigner.k: expected ... got 2020-01-01",
        "",
    ),
    (
        "table for a number",
        "[assigner.k]\nx = 1",
        "mine.toml: assigner.k: expected ... got a table",
        "",
    ),
    (
        "list for a number",
        "[assigner]\nk = [9]",
        "mine.toml: assigner.k: expected ... got [9]",
        "",
    ),
    (
        "number for a list",
        "[anchors]\nstrides = 8",
        "mine.toml: anchors.strides: expected a list, got 8",
        "",
    ),
    (
        "number for a word",
        "[anchors]\nstyle = 8",
        "mine.toml: anchors.style: expected one of ... got 8",
        "",
    ),
    (
        "list for a word",
        "[anchors]\nstyle = [8]",
        "mine.toml: anchors.style: expected one of ... got [8]",
        "",
    ),
    (
        "table for a word",
        "[anchors.style]",
        "mine.toml: anchors.style: expected one of ... got a table",
        "",
    ),
    (
        "not finite",
        "[anchors]\nscale = inf",
        "mine.toml: anchors.scale: expected a finite number ...",
        "",
    ),
    (
        "nan",
        "[anchors]\nscale = nan",
        "mine.toml: anchors.scale: expected ... got nan",
        "",
    ),
    (
        "10^400",
        f"[anchors]\nscale = 1{'0' * 400}",
        "mine.toml: anchors.scale: expected ...",
        "",
    ),
    (
        "5000 digits",
        f"[assigner]\nk = {'9' * 5000}",
        "mine.toml: not valid TOML: ...",
        "",
    ),
    (
        "5000 hexadecimal digits",
        f"[assigner]\nk = 0x{'f' * 5000}",
        "mine.toml: assigner.k: expected ...",
        "",
    ),
    (
        "20000 numbers",
        f"[anchors]\nratios = [{'1,' * 20_000}]",
        "mine.toml: anchors.ratios: expected ...",
        "",
    ),
    (
        "lists, 5000 deep",
        f"[anchors]\nstrides = {'[' * 5000}{']' * 5000}",
        "mine.toml: is nested too deeply; expected settings",
        "",
    ),
    (
        "tables, 5000 deep",
        f"a = {'{a=' * 5000}1{'}' * 5000}",
        "mine.toml: is nested too deeply; expected settings",
        "",
    ),
    (
        "keys, 2000 deep",
        f"{'.'.join('a' * 2000)} = 1",
        "mine.toml: a: unknown key...",
        LISTED,
    ),
    (
        "two megabytes",
        "#" * (2 << 20),
        "mine.toml: is larger than 1 MB; expected a file of settings",
        "",
    ),
    (
        "extends nothing",
        'extends = "nope"',
        'mine.toml: extends: unknown preset "nope"',
        "...",
    ),
    (
        "extends itself",
        f'extends = "{NAME}"',
        'mine.toml: extends: unknown preset "mine.toml"',
        "...",
    ),
    (
        "extends a path",
        'extends = "../a"',
        'mine.toml: extends: unknown preset "../a"',
        "...",
    ),
    ("extends a list", "extends = []", "mine.toml: extends: expected text, got []", ""),
    (
        "describes with a number",
        "description = 3",
        "mine.toml: description: expected text, got 3",
        "",
    ),
    (
        "another assigner's parameter",
        '[assigner]\nname = "fcos"\nk = 9',
        "mine.toml: assigner.k: not a parameter of the assigner fcos, only of ...",
        "...",
    ),
)


def _config(name: str, text: str, message: str, hint: str) -> Case:
    """Make a case of a file given with --config."""
    files = {ANN: document(), NAME: text.encode()}
    return Case(f"TOML: {name}", Refusal(message, 2, hint), files, WORDS)


def _odd_file(name: str, make: Make, message: str) -> Case:
    """Make a case of something that is no ordinary file."""
    return Case(
        f"TOML: {name}", Refusal(message, 2), {ANN: document()}, WORDS, make=make
    )


def _project(name: str, text: str, message: str, hint: str = "") -> Case:
    """Make a case of the project's own file."""
    files = {ANN: document(), "atss-inspect.toml": text.encode()}
    return Case(f"project: {name}", Refusal(message, 2, hint), files, STATS)


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
    _odd_file("a folder", _folder, "mine.toml: cannot be read: ..."),
    _odd_file("zeros without end", _zeros, "mine.toml: is larger than 1 MB; ..."),
    _odd_file("a circle of links", _circle, "mine.toml: cannot be read: ..."),
    _project("no TOML", "=", "...atss-inspect.toml: not valid TOML: ..."),
    _project("unknown key", "an = 1", "atss-inspect.toml: an: unknown key...", OWN),
    _project(
        "ann is a number", "ann = 1", "atss-inspect.toml: ann: expected text, got 1"
    ),
    _project(
        "ann holds a table", "ann = [{}]", "atss-inspect.toml: ann: expected text, ..."
    ),
    _project(
        "preset is a date", "preset = 2020-01-01", "atss-inspect.toml: preset: ..."
    ),
    _project(
        "two folders",
        'images = ["a", "b"]',
        "atss-inspect.toml: images: expected one ...",
    ),
    _project(
        "set is a number", "set = 1", "atss-inspect.toml: set: expected a table, got 1"
    ),
    _project(
        "set.k is text", 'set.k = "x"', "atss-inspect.toml: assigner.k: expected ..."
    ),
    _project(
        "set, three deep",
        "set.a.b.c = 1",
        "atss-inspect.toml: a.b: unknown key...",
        LISTED,
    ),
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
