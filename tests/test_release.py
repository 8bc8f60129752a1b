"""What a release consists of beside the package, and what runs in others' pipelines."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from atss_inspect import __version__
from tests.smoke import PROJECT_ROOT
from tests.tiny_coco import coco_image, write_coco
from tools.man_page import man_page

PYPROJECT = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
BUILT = PYPROJECT["tool"]["hatch"]["build"]["targets"]
WORKFLOWS = sorted((PROJECT_ROOT / ".github" / "workflows").glob("*.yml"))
ACTION = PROJECT_ROOT / "action.yml"
# What the house alone uses: no part of the source archive.
OURS_ALONE = {
    ".editorconfig",
    ".gitattributes",
    ".gitignore",
    ".pre-commit-config.yaml",
}
# Installs this folder without the network, beside what is installed here.
OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_NO_DEPS": "1",
    "PIP_NO_BUILD_ISOLATION": "0",  # pip's way to say yes
    "PYTHONPATH": sysconfig.get_path("purelib"),
}
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")  # as the runner does
needs_bash = pytest.mark.skipif(
    os.name == "nt" or not shutil.which("bash"), reason="the scripts are run by bash"
)


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps_of(name: str, job: str) -> list[dict[str, Any]]:
    workflow = read_yaml(PROJECT_ROOT / ".github" / "workflows" / name)
    return workflow["jobs"][job]["steps"]


def test_every_action_is_pinned_by_one_commit_and_names_its_version():
    pins: dict[str, set[str]] = {}
    for path in (*WORKFLOWS, ACTION):
        for used in re.findall(r"uses: (.*)", path.read_text()):
            if not used.startswith("./"):
                assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used)
                pins.setdefault(used.partition("@")[0], set()).add(used)
    assert len(pins) > 5
    assert all(len(used) == 1 for used in pins.values())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_nothing_but_what_a_job_asks_for(path):
    workflow = read_yaml(path)
    assert workflow["permissions"] == {}
    asked = {name: job["permissions"] for name, job in workflow["jobs"].items()}
    publish = asked.pop("publish", None)
    assert publish in (None, {"id-token": "write", "attestations": "write"})
    assert all(each == {"contents": "read"} for each in asked.values())


def test_the_classifiers_name_what_the_public_ci_runs():
    jobs = read_yaml(PROJECT_ROOT / ".github" / "workflows" / "ci.yml")["jobs"]
    names = "\n".join(PROJECT["classifiers"])
    pythons = jobs["everything"]["strategy"]["matrix"]["python"]
    assert re.findall(r"Python :: (3\.\d+)", names) == pythons
    systems = jobs["action"]["strategy"]["matrix"]["os"]
    assert {each.partition("-")[0] for each in systems} == {
        "ubuntu",
        "macos",
        "windows",
    }
    assert re.findall(r"Operating System :: .*?(\w+)$", names, re.MULTILINE) == [
        *("MacOS", "Windows", "Linux")
    ]


def test_links_of_the_page_on_pypi_lead_from_anywhere(tmp_path, monkeypatch):
    build = pytest.importorskip("hatchling.build")
    monkeypatch.chdir(PROJECT_ROOT)
    [made] = tmp_path.glob(
        f"{build.prepare_metadata_for_build_wheel(tmp_path)}/METADATA"
    )
    page = made.read_text(encoding="utf-8").partition("\n\n")[2]
    address = PROJECT["urls"]["Repository"]
    targets = re.findall(r"\]\(([^)]*)\)", page)
    assert f"{address}/raw/main/docs/viewer.png" in targets
    assert f"{address}/blob/main/docs/json.md" in targets
    assert all(each.startswith("https://") for each in targets)
    readme = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
    assert re.sub(rf"{address}/(raw|blob)/main/", "", page) == readme


@needs_bash
def test_a_tag_that_is_not_the_version_stops_the_release():
    [step] = [
        each
        for each in steps_of("release.yml", "build")
        if "tag" in each.get("name", "")
    ]
    Path("dist").mkdir()
    for suffix in ("-py3-none-any.whl", ".tar.gz"):
        Path("dist", f"atss_inspect-1.0.0rc1{suffix}").touch()
    for tag, is_right in (("v1.0.0rc1", True), ("v1.0.0", False)):
        environment = {**os.environ, "GITHUB_REF_NAME": tag}
        done = subprocess.run([*BASH, step["run"]], env=environment, check=False)
        assert (done.returncode == 0) is is_right


def test_the_recipe_of_conda_asks_for_what_the_package_asks_for():
    recipe = read_yaml(PROJECT_ROOT / "conda" / "recipe.yaml")
    assert recipe["context"]["version"] == __version__
    oldest = recipe["context"]["python_min"]
    assert f">={oldest}" == PROJECT["requires-python"]
    asked = [
        each.replace("matplotlib>", "matplotlib-base>")
        for each in PROJECT["dependencies"]
    ]
    python, *run = recipe["requirements"]["run"]
    assert python == "python >=${{ python_min }}"
    assert [each.replace(" ", "") for each in run] == asked
    scripts = [" = ".join(each) for each in PROJECT["scripts"].items()]
    assert recipe["build"]["python"]["entry_points"] == scripts


def test_one_address_one_license_and_one_sentence_stand_everywhere():
    address = PROJECT["urls"]["Repository"]
    assert all(url.startswith(address) for url in PROJECT["urls"].values())
    cited = read_yaml(PROJECT_ROOT / "CITATION.cff")
    about = read_yaml(PROJECT_ROOT / "conda" / "recipe.yaml")["about"]
    assert cited["repository-code"] == about["homepage"] == address
    assert cited["license"] == about["license"] == PROJECT["license"]
    told = cited["abstract"].rstrip("."), about["summary"]
    assert told == (PROJECT["description"],) * 2
    assert f"git clone {address}\n" in (PROJECT_ROOT / "CONTRIBUTING.md").read_text()


def test_the_image_has_what_the_wheel_is_built_from_and_is_not_root():
    words = (PROJECT_ROOT / ".dockerignore").read_text().split("\n")
    let_in = {line[1:] for line in words if line.startswith("!")}
    wanted = {each.partition("/")[0] for each in BUILT["wheel"]["only-include"]}
    wanted |= {*BUILT["wheel"]["shared-data"], "README.md", "pyproject.toml"}
    wanted.add(PYPROJECT["tool"]["hatch"]["metadata"]["hooks"]["custom"]["path"])
    assert wanted | {*PROJECT["license-files"], "requirements/demo.txt"} == let_in
    lines = (PROJECT_ROOT / "Dockerfile").read_text().splitlines()
    assert len(lines) <= 10
    assert "USER inspector" in lines
    assert re.fullmatch(r"FROM python:3\.\d+-slim@sha256:[0-9a-f]{64}", lines[1])


def test_the_source_archive_has_all_that_is_tracked():
    if not (PROJECT_ROOT / ".git").exists():
        pytest.skip("not a clone")
    listed = subprocess.check_output(
        ["git", "ls-files"], cwd=PROJECT_ROOT, encoding="utf-8"
    )
    tops = {f"/{line.partition('/')[0]}" for line in listed.splitlines()}
    ours = {f"/{name}" for name in OURS_ALONE} | {"/pyproject.toml"}
    assert tops - ours == {*BUILT["sdist"]["include"]}


def test_the_man_page_is_that_of_the_program():
    path = PROJECT_ROOT / "docs" / "atss-inspect.1"
    # Typer's versions differ in what stands around a metavar.
    page, made = (
        re.sub(r"[][{}<>.]", "", text) for text in (path.read_text("utf-8"), man_page())
    )
    assert page == made, "`make man` writes it anew"
    for checker in (["mandoc", "-Tlint", "-Werror"], ["groff", "-man", "-ww", "-z"]):
        if shutil.which(checker[0]):
            done = subprocess.run([*checker, path], capture_output=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            assert b"warning" not in done.stderr


class Runner:
    """Runs the steps of action.yml as a runner does, in bash, with its variables."""

    def __init__(self, folder: Path) -> None:
        self.action = read_yaml(ACTION)
        self.page = folder / "page.md"
        self.outputs = folder / "outputs"
        self.environment = {
            **os.environ,
            **OFFLINE,
            "RUNNER_TEMP": str(folder),
            "GITHUB_ACTION_PATH": str(PROJECT_ROOT),
            "GITHUB_STEP_SUMMARY": str(self.page),
            "GITHUB_OUTPUT": str(self.outputs),
        }

    def run(self, name: str, **inputs: str) -> tuple[int, str]:
        """The exit code and what is printed by the step of a name."""
        known = {"steps.python.outputs.python-path": sys.executable}
        for key, value in self.action["inputs"].items():
            known[f"inputs.{key}"] = inputs.get(key, value["default"])
        [step] = [
            each for each in self.action["runs"]["steps"] if each.get("name") == name
        ]
        given = {key: known[text[4:-3]] for key, text in step["env"].items()}
        for path in (self.page, self.outputs):
            path.write_text("")
        done = subprocess.run(
            [*BASH, step["run"]],
            env=self.environment | given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        return done.returncode, done.stdout


@needs_bash
@pytest.mark.slow
def test_the_action_installs_checks_and_shows_the_answer(tmp_path):
    ann = str(PROJECT_ROOT / "sample_data" / "instances.json")
    runner = Runner(tmp_path)
    assert runner.run("install") == (0, "")
    presets = "atss-mmdet  retinanet-mmdet"
    refused = "exit code 2\n\n    atss-inspect action: error: arguments: "
    limit = "--max 'num_poorly_assigned:class:traffic light=0%'\n--max gini=0.9"
    for arguments, code, title in (
        ("", 0, "no annotation lost"),
        (limit, 1, "1 of 4 limits broken"),
        ("--max gini", 2, "exit code 2\n\n    atss-inspect: error: --max gini"),
        ("--max gini=$(id)", 2, "exit code 2"),
        # A quote that stays open must not take limits away.
        ("--max 'gini=0.1", 2, f"{refused}no words to be made of it"),
        ("-o out.md", 2, f"{refused}-o is not for the action"),
        ("--max gini=0.9 --json", 2, f"{refused}--json is not for the action"),
    ):
        given = {"ann": ann, "preset": presets, "arguments": arguments}
        found, printed = runner.run("check", **given)
        page = runner.page.read_text()
        assert (found, page.startswith(f"## atss-inspect check: {title}")) == (
            code,
            True,
        )
        assert re.search(rf"^::stop-commands::(\d+)\n{re.escape(page)}", printed)
        summary = tmp_path / "atss-inspect" / "summary.md"
        outputs = f"exit-code={code}\nsummary={summary}\n"
        assert runner.outputs.read_text() == outputs
        assert summary.read_text() == page
    Path("atss-mmdet").touch()
    assert runner.run("check", ann=ann, preset="atss*")[0] == 2
    assert "atss*" in runner.page.read_text()


@pytest.mark.slow
def test_the_hook_of_pre_commit_looks_at_all_that_may_be_annotations():
    [hook] = read_yaml(PROJECT_ROOT / ".pre-commit-hooks.yaml")
    names = ("val.json", "a/val.json.gz", "voc/1.xml", "a/data.yaml", "labels/a.txt")
    for name in (*names, "data/labels/val/a.txt", "atss-inspect.toml"):
        assert re.search(hook["files"], name), name
    for name in ("requirements.txt", "notlabels/a.txt", "labels/a.txt.py"):
        assert not re.search(hook["files"], name), name


def test_the_hook_of_pre_commit_fails_where_annotations_are_lost(tmp_path):
    if not (PROJECT_ROOT / ".git").exists():
        pytest.skip("not a clone")
    document = coco_image((9, 9, 99, 99), (9, 9, 200, 150))
    for strays, word in ((0, "Passed"), (1, "Failed")):
        for annotation in document["annotations"][:strays]:
            annotation["image_id"] = 77
        write_coco(Path("val.json"), document)
        for command in ("init --quiet", "add val.json"):
            subprocess.run(["git", *command.split()], check=True)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pre_commit", "try-repo", PROJECT_ROOT),
                *("atss-inspect-check", "--all-files", "--verbose", "--color", "never"),
            ],
            env={
                **os.environ,
                **OFFLINE,
                "ATSS_INSPECT_ANN": "val.json",
                "PRE_COMMIT_HOME": str(tmp_path / "store"),
            },
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == strays, done.stdout + done.stderr
        assert word in done.stdout
        assert "atss-inspect check: " in done.stdout
