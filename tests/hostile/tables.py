"""Files of settings that are no TOML, no settings, or too much of either."""

from tests.hostile.case import ANN, STATS, Case, Make, Refusal
from tests.hostile.json_text import document

NAME = "mine.toml"
PROJECT = "atss-inspect.toml"
PYPROJECT = "pyproject.toml"
CROSSED = "expected negative_below at most positive_from"
LISTED = "`atss-inspect config show` lists all settings"
OWN = (
    "settings go under [set]; the other keys are ann, split, key, box_format, images, "
    "preset"
)
WHOLE = "assigner.k: expected a whole number of at least 1, got"
NO_KK = "assigner.kk: unknown key; did you mean assigner.k?"
NO_PRESET = "extends: unknown preset"
NO_TOML = "not valid TOML: ..."
DEEP = "is nested too deeply; expected settings"
ONLY_ATSS = (
    "not a parameter of the assigner fcos, only of the assigners atss and ranking"
)

# content of a file given with --config, the message after its name, the hint
ROWS = (
    *((text, NO_TOML) for text in ("k 9", "[assigner", "[assigner]\nk = 1\nk = 2")),
    *((text, NO_TOML) for text in ("[assigner]\n[assigner]", "\0", "# \x1b[31m")),
    (f"[assigner]\nk = {'9' * 5000}", NO_TOML),
    ("[asigner]\nk = 9", "asigner: unknown key; did you mean assigner?", LISTED),
    ("[anchor]", "anchor: unknown key; did you mean anchors?", LISTED),
    ('["\\u001b[31m"]', r"\x1b[31m: unknown ...", LISTED),
    ("extend = 'x'", "extend: unknown key; did you mean extends?", LISTED),
    ("k = 9", "k: unknown key; did you mean assigner.k?", LISTED),
    ("[assigner]\nkk = 9", NO_KK, LISTED),
    (f"{'.'.join('a' * 2000)} = 1", "a: unknown key...", LISTED),
    ("assigner = 3", "assigner: expected a table, got 3"),
    ("[[assigner]]\nk = 9", "assigner: expected a table, got [a table]"),
    *(
        (f"[assigner]\nk = {value}", f"assigner.k: expected ... got {value}")
        for value in ('"9"', "9.0", "true", "2020-01-01", "[9]")
    ),
    ("[assigner.k]\nx = 1", "assigner.k: expected ... got a table"),
    ("[assigner]\nk = 0", f"{WHOLE} 0"),
    (f"[assigner]\nk = 0x{'f' * 5000}", "assigner.k: expected ..."),
    ("[anchors]\nstrides = 8", "anchors.strides: expected a list, got 8"),
    ("[anchors]\nstyle = 8", "anchors.style: expected one of ... got 8"),
    ("[anchors]\nstyle = [8]", "anchors.style: expected one of ... got [8]"),
    ("[anchors.style]", "anchors.style: expected one of ... got a table"),
    ("[anchors]\nscale = inf", "anchors.scale: expected a finite number ..."),
    ("[anchors]\nscale = nan", "anchors.scale: expected ... got nan"),
    (f"[anchors]\nscale = 1{'0' * 400}", "anchors.scale: expected ..."),
    (f"[anchors]\nratios = [{'1,' * 20_000}]", "anchors.ratios: expected ..."),
    (f"[anchors]\nstrides = {'[' * 5000}{']' * 5000}", DEEP),
    (f"a = {'{a=' * 5000}1{'}' * 5000}", DEEP),
    ("#" * (2 << 20), "is larger than 1 MB; expected a file of settings"),
    (
        "[assigner]\nname = 'iou_threshold'\npositive_from = 0.3",
        f"assigner.positive_from: {CROSSED}, got 0.4 and 0.3",
        "--set assigner.negative_below=0.3 fits",
    ),
    ('[assigner]\nname = "fcos"\nk = 9', f"assigner.k: {ONLY_ATSS}", "..."),
    (
        "extends = 'atss-mmdt'",
        f'{NO_PRESET} "atss-mmdt"; did you mean atss-mmdet?',
        "...",
    ),
    *(
        (f'extends = "{name}"', f'{NO_PRESET} "{name}"', "...")
        for name in ("nope", NAME, "../a")
    ),
    ("extends = ['a']", 'extends: expected text, got ["a"]'),
    ("description = 3", "description: expected text, got 3"),
)
# content of the project's own file, the message after its name, the hint
PROJECTS = (
    ("anns = 1", "anns: unknown key; did you mean ann?", OWN),
    ("[assigner]\nk = 3", "assigner: unknown key", OWN),
    ("preset = ['a', 3]", 'preset: expected text, got ["a", 3]'),
    ("preset = 2020-01-01", "preset: ..."),
    ("[set]\nkk = 3", "kk: unknown key; did you mean k?", LISTED),
    ("[set]\nassigner.kk = 3", NO_KK, LISTED),
    ("set.a.b.c = 1", "a.b: unknown key...", LISTED),
    ("[set]\nk = 0", f"{WHOLE} 0"),
    ('set.k = "x"', "assigner.k: expected ..."),
    ("set = 1", "set: expected a table, got 1"),
    ("ann = 1", "ann: expected text, got 1"),
    ("ann = [{}]", "ann: expected text, ..."),
    ('images = ["a", "b"]', 'images: expected one folder, got ["a", "b"]'),
)
OURS = "[tool.atss-inspect]"
# content of pyproject.toml, the message after its name, the hint
PYPROJECTS = (
    (
        "[tool]\natss-inspect = 3 #[tool.atss-inspect",
        " [tool]: atss-inspect: expected a table, got 3",
    ),
    (f"tool = 3 # {OURS}", ": tool: expected a table, got 3"),
    (f"{OURS}\nx = 1", f" {OURS}: x: unknown key...", OWN),
)


def _refused(name: str, text: str, message: str, hint: str = "") -> Case:
    """Make a case of a file of settings; one of our own name is given by --config."""
    words = WORDS if name == NAME else STATS
    files = {ANN: document(), name: text.encode()}
    return Case(f"{name}: {text[:40]}", Refusal(message, 2, hint), files, words)


def _odd_file(what: str, make: Make, message: str) -> Case:
    refusal = Refusal(f"{NAME}: {message}", 2)
    return Case(f"{NAME}: {what}", refusal, {ANN: document()}, WORDS, make=make)


def _linked(target: str) -> Make:
    return lambda folder: (folder / NAME).symlink_to(target)


WORDS = (*STATS[:3], "--config", NAME)
NO_UTF8 = Refusal(f"{NAME}: expected TOML in UTF-8, got other bytes", 2)
CASES = (
    *(_refused(NAME, text, f"{NAME}: {more}", *hint) for text, more, *hint in ROWS),
    Case(f"{NAME}: no UTF-8", NO_UTF8, {ANN: document(), NAME: b"\xff\xfe"}, WORDS),
    _odd_file("a folder", lambda at: (at / NAME).mkdir(), "cannot be read: ..."),
    _odd_file("zeros without end", _linked("/dev/zero"), "is larger than 1 MB; ..."),
    _odd_file("a circle of links", _linked(NAME), "cannot be read: ..."),
    _refused(PROJECT, "=", f"...{PROJECT}: {NO_TOML}"),
    *(
        _refused(PROJECT, text, f"{PROJECT}: {more}", *hint)
        for text, more, *hint in PROJECTS
    ),
    *(
        _refused(PYPROJECT, text, f"{PYPROJECT}{more}", *hint)
        for text, more, *hint in PYPROJECTS
    ),
)
