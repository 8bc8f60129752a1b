"""One way through the house, held by reading the imports of every module.

reader → dataset → frame → assigner → statistics → view. The table below is the plan:
ground floor first, and imports go down only. A new module needs a place in it.
"""

import ast
import fnmatch
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "atss_inspect"
EVERYTHING_BELOW = None


@dataclass(frozen=True)
class Room:
    """Modules that have the same place in the house.

    Attributes
    ----------
    name : what other rooms call it in ``sees``
    patterns : of module names, without ``atss_inspect.``; a package's own ``__init__``
        goes by the package's name
    sees : the rooms below that it may import from; None for all of them
    is_open : whether its modules may import each other
    """

    name: str
    patterns: str
    sees: tuple[str, ...] | None = EVERYTHING_BELOW
    is_open: bool = True

    @property
    def modules(self) -> tuple[str, ...]:
        return tuple(self.patterns.split())


# A rule is a folder of its own.
RULE_NAMES = sorted(path.parent.name for path in PACKAGE.glob("assigners/*/params.py"))
# What a rule is made from: another one, with a choice of its own.
MADE_FROM = dict.fromkeys(
    ("best_shape", "first_best", "grid_cell", "ranking"), "iou_threshold"
)
RULE_NAMES.sort(key=lambda name: name in MADE_FROM)
GROUND = ("ground",)
RULE_SEES = ("ground", "annotations", "plain words", "assigner parts")
PARTS = (
    "anchor_rule assignment blocks border boxes causes cell_anchors contest distances "
    "gate knobs pyramid rule steps"
)
HOUSE = (
    Room(
        "ground",
        "arrays errors fields matplotlib_defaults notebook private_names",
        is_open=False,
    ),
    Room("annotations", "annotations annotations.*"),
    # How numbers and names are written, wherever they are.
    Room("plain words", "views.names views.numbers", sees=GROUND),
    # What rules answer and share: geometry, the grids of the levels, who gets a
    # contested anchor, why an object got nothing, and the record of the outcome.
    Room("assigner parts", " ".join(f"assigners.{part}" for part in PARTS.split())),
    # No rule knows of another but the one it is made from, and nobody but the table
    # of rules knows one of them.
    *(
        Room(
            name,
            f"assigners.{name} assigners.{name}.*",
            (*RULE_SEES, MADE_FROM.get(name, "ground")),
        )
        for name in RULE_NAMES
    ),
    Room("assigners", "assigners"),
    Room("presets", "presets presets.*", sees=GROUND),
    # Configs of frameworks as values; mappings see no files, the reader no frameworks.
    Room("importing", "importing importing.*", sees=("ground", "presets")),
    Room("settings", "settings settings.*"),
    # Readers know the dataset and nothing of what is done with it; writers know
    # neither.
    Room("readers", "readers readers.*", sees=("ground", "annotations")),
    Room("writers", "writers writers.*", sees=GROUND),
    # One object, step by step, and what would help it, assigns its image anew.
    Room("statistics", "statistics statistics.* explain"),
    # One image, placed in pixels; what pictures and the viewer show.
    Room("scene", "scene"),
    Room("views", "views views.*"),
    Room("figures", "figures figures.*"),
    # What is promised of the answers and of the files of settings, made of types.
    Room("schemas", "schemas schemas.*"),
    # One image as data for the page, and the page, which shows it and knows no more.
    Room("viewer", "viewer viewer.*"),
    Room("page", "page page.*"),
    # Everything on one page.
    Room("report", "report report.*"),
    # The viewer's page for a whole data set, image by image.
    Room("server", "server server.*"),
    Room("public names", "atss_inspect plot"),
    Room("command line", "cli cli.* __main__ stopping"),
)
ROOM_NAMES = tuple(room.name for room in HOUSE)

# Frameworks whose rules are reproduced here, and what is for development only: none
# of them may be needed.
FOREIGN = (
    *("detectron2", "mmcv", "mmdet", "mmengine", "tensorflow", "torch"),
    *("benchmarks", "tests", "tools"),
)

# Who may touch files, and why.
READING_MODULES = {
    "readers": "reads annotations",
    "readers.*": "reads annotations",
    "presets": "reads the presets that come with the package",
    "importing.sources": "reads configs and what they inherit",
    "importing.data_sets": "reads the lists of classes that come with the package",
    "page.render": "reads the page's own templates, script and style sheets",
    "settings.surroundings": "reads the atss-inspect.toml that is found",
    "writers.files": "compares what is there with what is to be written",
    "cli.workers": "reads how many cores a container may use",
    "cli.streams": "puts the null device in place of streams that are closed",
}
WRITING_MODULES = {"writers.*": "writes whole files or nothing"}
READING_CALLS = {"read_bytes", "read_text", "memmap", "mmap"}
WRITING_CALLS = {"write_bytes", "write_text", "to_csv", "to_json", "to_parquet"}


def module_name(path: Path) -> str:
    """Name a module as the table does; the package itself is ``atss_inspect``."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(parts) or "atss_inspect"


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def matches(module: str, patterns: tuple[str, ...] | dict[str, str]) -> bool:
    return any(fnmatch.fnmatchcase(module, pattern) for pattern in patterns)


def room_of(module: str) -> Room:
    for room in HOUSE:
        if matches(module, room.modules):
            return room
    message = (
        f"atss_inspect.{module} has no place in the house: give it one in the table "
        "HOUSE of tests/test_architecture.py (ground floor first)"
    )
    raise LookupError(message)


def tree_of(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports_of(path: Path) -> tuple[str, ...]:
    """The full name of everything that a file imports anywhere; trees are too large."""
    package = ["atss_inspect", *path.relative_to(PACKAGE).parts[:-1]]
    found: list[str] = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            parts = [*base, node.module] if node.module else base
            found += [".".join([*parts, alias.name]) for alias in node.names]
    return tuple(found)


def package_modules(path: Path) -> set[str]:
    """Find which modules of the package a file imports, functions' bodies included."""
    found = set()
    for name in imports_of(path):
        own = name.removeprefix("atss_inspect").removeprefix(".")
        if not name.startswith("atss_inspect") or own == "__version__":
            continue
        # `from atss_inspect.annotations.frame import Frame` names a thing in it.
        found.add(own if own in MODULES else own.rpartition(".")[0] or "atss_inspect")
    return found - {module_name(path)}


def may_import(room: Room, other: Room) -> bool:
    if other.name == room.name:
        return room.is_open
    if room.sees is not EVERYTHING_BELOW:
        return other.name in room.sees
    return ROOM_NAMES.index(other.name) < ROOM_NAMES.index(room.name)


def test_imports_go_down_only() -> None:
    refused = [
        f"atss_inspect.{module} ({room.name}) imports atss_inspect.{other} "
        f"({other_room.name}), which the table HOUSE does not allow"
        for module, path in MODULES.items()
        for room in [room_of(module)]
        for other in package_modules(path)
        for other_room in [room_of(other)]
        if not may_import(room, other_room)
    ]
    assert refused == []


def test_nothing_foreign_is_imported() -> None:
    for module, path in MODULES.items():
        roots = {name.partition(".")[0] for name in imports_of(path)}
        assert not roots & set(FOREIGN), module


# Words that are the name of a rule and mean something else.
NO_RULE_MEANT = {
    "annotations.letterbox": "a resize rule",
    "annotations.resize": "the same",
    "figures.looks": "families of presets",
    "statistics.val2017": "a preset",
    "importing.mmdet_gates": "a preset",
    "importing.yolov5": "a preset",
    "statistics.tables": "a column of a table",
    "schemas.objects": "the same",
    "views.fragments": "detectors of presets",
}


def test_only_the_table_of_rules_knows_a_rule() -> None:
    """Everything else asks `Settings.rule`; a fourth rule is none of these."""
    assert RULE_NAMES
    for module, path in MODULES.items():
        name = module.removeprefix("assigners.").partition(".")[0]
        if name in RULE_NAMES or module == "assigners":
            continue
        folders = {
            each.split(".")[1]
            for each in package_modules(path)
            if each.startswith("assigners.")
        }
        assert not folders & set(RULE_NAMES), module
        if module not in NO_RULE_MEANT:
            nodes = ast.walk(tree_of(path))
            constants = {n.value for n in nodes if isinstance(n, ast.Constant)}
            assert not constants & set(RULE_NAMES), module


def opens_for_writing(call: ast.Call) -> bool:
    """Say whether any constant argument of an ``open`` looks like a writing mode."""
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    values = (part.value for part in arguments if isinstance(part, ast.Constant))
    modes = [set(value) for value in values if isinstance(value, str)]
    return any(mode <= set("rwxabt+") and mode & set("wxa+") for mode in modes)


def file_calls(module: str) -> tuple[list[str], list[str]]:
    """List the calls of a module that read files, and those that write them."""
    reading: list[str] = []
    writing: list[str] = []
    for call in ast.walk(tree_of(MODULES[module])):
        match call:
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id="open" as name)):
                place = f"line {call.lineno}: {name}"
                is_open = name == "open"
                if name in WRITING_CALLS or (is_open and opens_for_writing(call)):
                    writing.append(place)
                elif name in READING_CALLS or is_open:
                    reading.append(place)
    return reading, writing


def test_only_readers_read_and_only_writers_write() -> None:
    for module in MODULES:
        reading, writing = file_calls(module)
        may_write = matches(module, WRITING_MODULES)
        assert may_write or not writing, module
        assert may_write or matches(module, READING_MODULES) or not reading, module


def test_rooms_are_named_once_and_name_what_exists() -> None:
    assert len(set(ROOM_NAMES)) == len(ROOM_NAMES)
    for room in HOUSE:
        assert set(room.sees or ()) <= set(ROOM_NAMES)
        for pattern in room.modules:
            assert fnmatch.filter(MODULES, pattern), f"{room.name}: no {pattern}"
