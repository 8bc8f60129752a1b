"""The environment of the frameworks' loaders, and the wheels whose configs are read."""

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "build" / "import-proof"
PYTHON = FOLDER / "venv" / "bin" / "python"
# mmdet without what it needs: mmyolo's configs inherit its files, nothing imports it.
INSTALLS = (
    ("mmengine==0.10.7", "fvcore==0.1.5.post20221221", "omegaconf>=2.3", "cloudpickle"),
    ("--no-deps", "mmdet==3.3.0"),
)


@dataclass(frozen=True)
class Wheel:
    """A release of a framework whose wheel has its configs."""

    package: str
    version: str

    @property
    def name(self) -> str:
        """As the table has it."""
        return f"{self.package} {self.version}"

    @property
    def folder(self) -> Path:
        """Where it is unpacked."""
        return FOLDER / "wheels" / f"{self.package}-{self.version}"

    @property
    def configs(self) -> Path:
        """The folder of its configs."""
        return self.folder / self.package / ".mim" / "configs"


WHEELS = (
    *(Wheel("mmdet", "3.3.0"), Wheel("mmdet", "2.28.2")),
    *(Wheel("mmyolo", "0.6.0"), Wheel("mmrotate", "0.3.4")),
)


def prepare() -> None:
    """Make the environment and unpack the wheels, once."""
    stamp = FOLDER / "complete"
    if stamp.exists():
        return
    sys.stderr.write(f"setting up {FOLDER}\n")
    _run(sys.executable, "-m", "venv", "--clear", str(FOLDER / "venv"))
    pip = (str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet")
    for packages in INSTALLS:
        _run(*pip, "install", *packages)
    for wheel in WHEELS:
        target = ("--dest", str(FOLDER / "wheels"), f"{wheel.package}=={wheel.version}")
        _run(*pip, "download", "--no-deps", "--only-binary", ":all:", *target)
        name = f"{wheel.package}-{wheel.version}-*.whl"
        with zipfile.ZipFile(next((FOLDER / "wheels").glob(name))) as archive:
            archive.extractall(wheel.folder)
    stamp.touch()


def ask(kind: str, folder: Path, answer: Path) -> None:
    """Let the loaders read all configs of a folder; see `oracles`."""
    script = Path(__file__).with_name("oracles.py")
    _run(str(PYTHON), str(script), kind, str(folder), str(answer))


def _run(*command: str) -> None:
    """Run a command; it says itself what fails."""
    subprocess.run(command, check=True)
