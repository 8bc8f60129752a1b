"""What `make demo` and `make test` install is what pyproject.toml allows."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.locked_wheels import DEMO, DEVELOPMENT, PYTHONS, SYSTEMS, read_lock, wanted
from tests.smoke import PROJECT_ROOT

PYPROJECT = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())
MAKEFILE = (PROJECT_ROOT / "Makefile").read_text()
PROJECT = PYPROJECT["project"]
GROUPS = PYPROJECT["dependency-groups"]
BUILD = GROUPS["build"]
RELEASE, DOCS = DEMO.with_name("release.txt"), DEMO.with_name("docs.txt")
LOCKS = {path: tuple(read_lock(path)) for path in (DEMO, DEVELOPMENT, RELEASE, DOCS)}
PLACES = [(system, python) for system in SYSTEMS for python in PYTHONS]
PLACE_IDS = [f"{system.name} {python}" for system, python in PLACES]

FOR_RELEASE = [*BUILD, *(each for each in GROUPS["release"] if isinstance(each, str))]
FOR_DEMO = [*PROJECT["dependencies"], *BUILD]
# All extras but the fuzzer, which has an environment of its own, and what names extras.
FOR_DEVELOPMENT = [
    text
    for extra, texts in PROJECT["optional-dependencies"].items()
    for text in texts
    if extra != "fuzz" and not text.startswith(PROJECT["name"])
]
ASKED = [
    *((RELEASE, text) for text in FOR_RELEASE),
    *((DEMO, text) for text in FOR_DEMO),
    *((DEVELOPMENT, text) for text in (*FOR_DEMO, *FOR_DEVELOPMENT)),
    *((DOCS, text) for text in GROUPS["docs"]),
]


def entry_for(name, entries):
    """The one entry of a package; there must be no other."""
    names = [canonicalize_name(entry.requirement.name) for entry in entries]
    assert names.count(canonicalize_name(name)) == 1
    return entries[names.index(canonicalize_name(name))]


def installed(entries, system, python):
    """What pip takes of a lock file on a system with a version of Python."""
    return tuple(entry for entry in entries if wanted(entry, system, python))


@pytest.mark.parametrize(
    ("path", "text"), ASKED, ids=[f"{path.stem} {text}" for path, text in ASKED]
)
def test_all_that_is_asked_for_is_locked_within_its_range(path, text):
    asked = Requirement(text)
    for place in PLACES:
        entry = entry_for(asked.name, installed(LOCKS[path], *place))
        assert asked.specifier.contains(entry.version), place


@pytest.mark.parametrize(("system", "python"), PLACES, ids=PLACE_IDS)
def test_the_development_lock_holds_the_versions_of_the_demo(system, python):
    # One environment holds both: `make test` must not change what `make demo` shows.
    development = installed(LOCKS[DEVELOPMENT], system, python)
    for entry in installed(LOCKS[DEMO], system, python):
        other = entry_for(entry.requirement.name, development)
        assert (other.version, other.hashes) == (entry.version, entry.hashes)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_locked_file_has_a_hash(path):
    for entry in LOCKS[path]:
        assert entry.hashes
        for digest in entry.hashes:
            assert re.fullmatch(r"sha256:[0-9a-f]{64}", digest), entry.requirement


def test_the_build_backend_is_locked():
    asked, locked = (
        {Requirement(text).name for text in texts}
        for texts in (PYPROJECT["build-system"]["requires"], BUILD)
    )
    assert asked < locked


def test_the_locks_begin_with_the_oldest_python_allowed():
    (version,) = re.findall(r"--python-version (\S+)", MAKEFILE)
    assert PROJECT["requires-python"] == f">={version}"
    assert version == PYTHONS[0]


@pytest.mark.parametrize(
    ("stamp", "variable", "path"),
    [("READY", "LOCK", DEMO), ("READY_DEV", "LOCK_DEV", DEVELOPMENT)],
)
def test_a_changed_lock_file_is_installed_by_the_next_make(stamp, variable, path):
    name = path.relative_to(PROJECT_ROOT).as_posix()
    assert f"\n{variable} := {name}\n" in MAKEFILE
    rule = re.search(rf"^\$\({stamp}\): (.*?)\n\n", MAKEFILE + "\n", re.M | re.S)
    assert rule is not None
    prerequisites, _, recipe = rule[1].partition("\n")
    assert {"pyproject.toml", f"$({variable})"} <= set(prerequisites.split())
    assert f"--require-hashes --requirement $({variable})\n" in recipe
    assert "$(IN_PLACE)" in recipe
