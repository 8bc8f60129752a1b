"""Build the wheel, install it in a clean environment, use it from another folder.

What a user gets from the package index today, checked: no file is missing in the wheel,
nothing works only because the clone or the development tools are there, and the newest
versions of what it asks for will do: the lock files play no part. Run by
``make smoke``; silent but for a line at the end, and one for each command that the
README begins with whose program is not here. Given a wheel, it takes that one.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]
DEVELOPMENT_TOOLS = {
    *("build", "distributed", "editables", "hatchling", "hypothesis", "mypy"),
    *("pandas-stubs", "pre-commit", "pyarrow", "pytest", "ruff", "selenium"),
}


def clean_environment() -> dict[str, str]:
    """Take the caller's environment without what could lead back to the clone."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ATSS_INSPECT_", "PYTHON", "VIRTUAL_ENV"))
    }


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed and hand back what it printed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        words = " ".join(str(part) for part in command)
        sys.exit(f"{words}\nexit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def first_commands() -> list[list[str]]:
    """How the README's first screen has people install and try the tool."""
    text = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
    [block] = re.findall(r"^```sh\n(.*?)^```", text.split("\n## ")[0], re.M | re.S)
    lines = re.sub("# or:? ?", "\n", block).splitlines()
    found = [shlex.split(line, comments=True) for line in lines]
    return [words for words in found if "atss-inspect" in words]


def of_wheel(words: list[str], wheel: Path) -> list[str]:
    """Write the same command for a wheel in place of the package index."""
    if words[0] == "uvx":
        return ["uvx", "--from", str(wheel), *words[1:]]
    return [str(wheel) if word == "atss-inspect" else word for word in words]


def try_first_commands(wheel: Path, commands: Path, folder: Path) -> list[str]:
    """Run what the README begins with; what was not run, and why."""
    tools = {"pip": [str(commands / "python"), "-m", "pip"]}
    left_out = []
    # What pipx and uv install lies in the folder, beside nothing of the caller's.
    os.environ |= {name: str(folder / "pipx") for name in ("PIPX_HOME", "PIPX_BIN_DIR")}
    os.environ["UV_TOOL_DIR"] = str(folder / "uv")
    for words in first_commands():
        if words[0] in tools or shutil.which(words[0]):
            tool, *rest = of_wheel(words, wheel)
            run(*tools.get(tool, [tool]), *rest, cwd=folder)
        else:
            left_out.append(f"not run: {shlex.join(words)} (no {words[0]} here)")
    return left_out


def build_wheel(folder: Path) -> Path:
    """Build the source archive and, from it, the wheel."""
    run(sys.executable, "-m", "build", "--outdir", folder, PROJECT_ROOT, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """Install the wheel into a new environment; the folder of its commands."""
    venv.create(folder, with_pip=True)
    commands = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = (commands / "python", "-m", "pip", "--disable-pip-version-check")
    run(*pip, "install", "--quiet", wheel, cwd=folder)
    listed = json.loads(run(*pip, "list", "--format=json", cwd=folder))
    tools = {package["name"].lower() for package in listed} & DEVELOPMENT_TOOLS
    if tools:
        sys.exit(f"the wheel installs development tools: {sorted(tools)}")
    return commands


def use(commands: Path, folder: Path) -> None:
    """Ask the installed tool for help and for answers, away from the clone."""
    tool = commands / "atss-inspect"
    shutil.copytree(PROJECT_ROOT / "sample_data", folder / "sample_data")
    shutil.copy(PROJECT_ROOT / "atss-inspect.toml", folder)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    for arguments in ("--version", "--help", "demo", "stats"):
        if not run(tool, arguments, cwd=elsewhere).strip():
            sys.exit(f"atss-inspect {arguments} printed nothing")
    run(tool, "demo", "-q", "-o", "sample", cwd=elsewhere)
    for path in sorted((PROJECT_ROOT / "sample_data").rglob("*.j*")):
        name = path.relative_to(PROJECT_ROOT / "sample_data")
        if (elsewhere / "sample" / name).read_bytes() != path.read_bytes():
            sys.exit(f"the wheel's sample is not the clone's: {name}")
    answer = json.loads(run(tool, "stats", "--format", "json", cwd=elsewhere))
    # Needs the page's own files: templates, script and style sheets.
    run(tool, "view", "42", "--no-open", "-o", "page.html", cwd=elsewhere)
    if not all(result["num_positives"] for result in answer["results"]):
        sys.exit("stats found no positives in sample_data")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="atss-inspect-smoke-") as name:
        folder = Path(name).resolve()
        for part in ("dist", "environment", "work"):
            (folder / part).mkdir()
        given = [Path(each).resolve() for each in sys.argv[1:]]
        wheel = given[0] if given else build_wheel(folder / "dist")
        commands = install(wheel, folder / "environment")
        use(commands, folder / "work")
        left_out = try_first_commands(wheel, commands, folder / "work")
    lines = [f"{wheel.name}: installed and used in a clean environment", *left_out]
    sys.stdout.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    main()
