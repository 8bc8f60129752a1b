"""Print the lower bounds of the package's dependencies as pins, for pip's constraints.

Only what users install: the development tools stay at their newest.
"""

import sys
import tomllib
from pathlib import Path
from typing import Any

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def lowest_pins(project: dict[str, Any]) -> list[str]:
    """Turn each ``name>=version`` of the dependencies and user extras into a pin."""
    extras = project["optional-dependencies"]
    for_users = [extras[name] for name in extras if name != "dev"]
    requirements = sum(for_users, start=project["dependencies"])
    return [requirement.replace(">=", "==") for requirement in requirements]


if __name__ == "__main__":
    pins = lowest_pins(tomllib.loads(PYPROJECT.read_text())["project"])
    sys.stdout.writelines(f"{pin}\n" for pin in pins)
