"""Check that every locked version has a wheel wherever the lock files are promised.

``make lock-check`` asks ``pip download`` for the wheels of ``requirements/`` as other
systems and versions of Python would get them: a system for which a package has no wheel
needs a compiler, and a newcomer may have none. Run after ``make lock``; it downloads
about 3 GB, most of it again and again, and keeps nothing.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

from tests.smoke import PROJECT_ROOT

DEMO = PROJECT_ROOT / "requirements" / "demo.txt"
DEVELOPMENT = PROJECT_ROOT / "requirements" / "development.txt"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
ROW = "{:8}{:16}{:>10}  {}\n"


class Locked(NamedTuple):
    """One entry of a lock file: the version, where it is for, and its files' hashes."""

    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def version(self) -> str:
        """The one version that the entry allows."""
        (specifier,) = self.requirement.specifier
        if specifier.operator != "==":
            message = f"{self.requirement} is not one version"
            raise ValueError(message)
        return specifier.version


class System(NamedTuple):
    """A system as pip's ``--platform`` names it, oldest last, and as markers see it."""

    name: str
    platforms: tuple[str, ...]
    markers: dict[str, str]


LINUX = {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"}
MACOS = {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"}
WINDOWS = {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"}


def _manylinux(machine: str) -> tuple[str, ...]:
    """Tags of a Linux with glibc 2.28 (2018) or newer."""
    versions = [f"manylinux_2_{minor}" for minor in range(28, 16, -1)]
    return tuple(f"{tag}_{machine}" for tag in (*versions, "manylinux2014"))


SYSTEMS = tuple(
    System(name, platforms, markers | {"platform_machine": machine})
    for name, platforms, markers, machine in (
        ("linux x86_64", _manylinux("x86_64"), LINUX, "x86_64"),
        ("linux aarch64", _manylinux("aarch64"), LINUX, "aarch64"),
        ("macos arm64", ("macosx_14_0_arm64",), MACOS, "arm64"),
        ("macos x86_64", ("macosx_14_0_x86_64",), MACOS, "x86_64"),
        ("windows x64", ("win_amd64",), WINDOWS, "AMD64"),
    )
)


def read_lock(path: Path) -> Iterator[Locked]:
    """Entries of a lock file, in its order."""
    lines = (line for line in path.read_text().splitlines() if "#" not in line)
    for entry in "\n".join(lines).replace("\\\n", " ").splitlines():
        requirement, *hashes = entry.split(" --hash=")
        yield Locked(Requirement(requirement), tuple(part.strip() for part in hashes))


def wanted(entry: Locked, system: System, python: str) -> bool:
    """Whether the entry's marker holds on a system with a version of Python.

    Asked here, since ``pip download`` asks the Python that runs it.
    """
    environment = system.markers | {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    marker = entry.requirement.marker
    return marker is None or marker.evaluate(environment)


def pins(entries: list[Locked]) -> str:
    return "".join(
        f"{entry.requirement.name}=={entry.version} "
        + " ".join(f"--hash={digest}" for digest in entry.hashes)
        + "\n"
        for entry in entries
    )


def download(system: System, python: str) -> tuple[int, str]:
    """Download a system's wheels into a folder that goes; how many, and pip's error."""
    entries = [each for each in read_lock(DEVELOPMENT) if wanted(each, system, python)]
    with tempfile.TemporaryDirectory(prefix="atss-inspect-wheels-") as name:
        (Path(name) / "pins.txt").write_text(pins(entries))
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"),
                *("download", "--only-binary=:all:", "--no-deps", "--require-hashes"),
                *(f"--platform={platform}" for platform in system.platforms),
                *("--implementation=cp", f"--python-version={python}"),
                *("--dest", name, "--requirement", f"{name}/pins.txt"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        errors = [line for line in done.stderr.splitlines() if "ERROR" in line]
        error = (errors or [f"pip ended with {done.returncode}"])[-1]
        return len(list(Path(name).glob("*.whl"))), error if done.returncode else ""


def main() -> None:
    pairs = [(system, python) for python in PYTHONS for system in SYSTEMS]
    lacking = 0
    with ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda pair: download(*pair), pairs)
        for (system, python), (count, error) in zip(pairs, results, strict=True):
            row = (python, system.name, f"{count} wheels", error or "all there")
            sys.stdout.write(ROW.format(*row))
            sys.stdout.flush()
            lacking += bool(error)
    if lacking:
        sys.exit(f"{lacking} of {len(pairs)} lack a wheel")


if __name__ == "__main__":
    main()
