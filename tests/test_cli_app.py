"""What holds for every command: help, exit codes, errors, flags, pipes, completion."""

import gc
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command

import atss_inspect
from atss_inspect import __main__, __version__, cli
from atss_inspect.cli.app import Commands, app
from atss_inspect.cli.help import LazyGroup
from atss_inspect.cli.options import GlobalOptions, complete_preset
from atss_inspect.cli.output import OutputFormat, TableOptions
from atss_inspect.cli.plot import Pictures
from atss_inspect.cli.request import RequestOptions
from atss_inspect.errors import DataError, OutputError, SettingsError
from atss_inspect.figures.plots import PLOTS
from atss_inspect.settings import preset
from tests.command_line import ask


@pytest.fixture
def add_command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Add a command named ``probe`` for the length of a test."""

    def add(command: Callable[..., None]) -> None:
        registered = [*app.registered_commands]
        monkeypatch.setattr(app, "registered_commands", registered)
        app.command("probe")(command)

    return add


def command_paths() -> list[str]:
    """The words of every command and group, each with a space before it."""
    paths: list[str] = []
    remaining: list[tuple[str, Any]] = [("", get_command(app))]
    for words, command in remaining:
        paths.append(words)
        if isinstance(command, TyperGroup):
            context = typer.Context(command)
            remaining += [
                (f"{words} {name}", command.get_command(context, name))
                for name in command.list_commands(context)
            ]
    return paths


GROUPS = ("", " plot", " config")


@pytest.mark.parametrize("words", command_paths())
def test_help_is_plain_and_fits_80_columns_and_shows_examples(words: str) -> None:
    out, err = ask(f"{words} --help")
    assert err == ""
    assert out.startswith(f"Usage: atss-inspect{words}")
    assert out.isascii()
    assert max(map(len, out.splitlines())) <= 80
    assert (f"\n    atss-inspect{words}" in out) == (words not in GROUPS)
    # Completion is set up for the program, and not by command.
    assert ("--install-completion" in out) == (words == "")
    assert ask(f"{words} -h").out == out


def test_version_is_printed() -> None:
    assert ask("--version").out == f"atss-inspect {__version__}\n"


def test_no_command_gives_help_and_is_a_usage_error() -> None:
    out, err = ask("", code=2)
    assert out == ""
    assert "\nQuestions:\n  stats " in err


@pytest.mark.parametrize(
    ("group", "name"),
    [(group, name) for group in (Commands, Pictures) for name, _ in group.rows],
)
def test_every_row_of_a_table_has_a_module_with_its_command(
    group: type[LazyGroup], name: str
) -> None:
    commands = group(name="probe")
    module = commands.load(name)
    own = module.app.info.name if hasattr(module, "app") else None
    assert (own or getattr(module, name).__name__) == name
    # The group says of it what its own page says.
    context = typer.Context(commands)
    line = commands.outline(context, name).get_short_help_str(100)
    assert line
    assert line == commands.get_command(context, name).get_short_help_str(100)


@pytest.mark.parametrize("group", [Commands, Pictures])
def test_every_module_with_a_command_has_its_row(group: type[LazyGroup]) -> None:
    file = import_module(group.package).__file__
    assert file is not None
    folder = Path(file).parent
    texts = {path.stem: path.read_text("utf-8") for path in folder.glob("*.py")}
    commands = {name for name, text in texts.items() if "\nEXAMPLES = (" in text}
    from_table = {name for name, plot in PLOTS.items() if plot.help}
    listed = {name for name, _ in group.rows} - {"config", "plot"}
    assert commands == (listed - from_table if group is Pictures else listed)


def test_a_usage_error_is_one_line_and_a_hint() -> None:
    out, err = ask("config show --frmat x", code=2)
    assert out == ""
    message, hint = err.splitlines()
    # In Typer's words, which change.
    assert message.startswith("atss-inspect: error: ")
    assert "--frmat" in message
    assert hint == "hint: `atss-inspect config show --help` shows what is possible"


@pytest.mark.parametrize(
    "option", ["--json", "--format json", "--format=json", "-f json"]
)
def test_an_error_is_json_where_json_was_asked_for(option: str) -> None:
    out, err = ask(f"config show --set k=0 {option}", code=2)
    assert out == ""
    message = "--set: assigner.k: expected a whole number of at least 1, got 0"
    assert json.loads(err) == {
        "error": {"exit_code": 2, "hint": None, "message": message}
    }


SAID = "atss-inspect: error: x\n"


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (SettingsError("x"), 2, SAID),
        (OutputError("x"), 2, SAID),
        (DataError("x"), 3, SAID),
        (typer.Exit(1), 1, ""),
        (KeyboardInterrupt(), 130, ""),
    ],
    ids=["settings", "output", "data", "findings", "Ctrl-C"],
)
def test_every_kind_of_end_has_its_exit_code(
    error: BaseException, code: int, said: str, add_command: Callable[..., None]
) -> None:
    def fail() -> None:
        raise error

    add_command(fail)
    assert ask("probe", code=code).err.lstrip("\n") == said


def test_an_internal_error_is_not_hidden_and_has_an_exit_code_of_its_own(
    add_command: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    add_command(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        ask("probe")
    monkeypatch.setattr(sys, "argv", ["atss-inspect", "probe"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 70
    error = capsys.readouterr().err
    assert "ZeroDivisionError" in error
    assert error.endswith(
        "\natss-inspect: internal error; please report it with the lines above\n"
    )


@pytest.mark.parametrize("words", ["--debug config show", "config show --debug"])
def test_debug_shows_the_traceback_and_stands_anywhere(words: str) -> None:
    err = ask(f"{words} --set k=0", code=2).err
    assert err.startswith("Traceback (most recent call last):\n")
    assert err.splitlines()[-1].startswith("atss-inspect: error: --set: ")


def test_quiet_stands_anywhere_but_after_two_dashes(
    add_command: Callable[..., None],
) -> None:
    seen = []

    def look(context: typer.Context, word: str = typer.Argument("")) -> None:
        seen.append((context.obj, word))

    add_command(look)
    quiet, loud = GlobalOptions(quiet=True), GlobalOptions()
    for words in ("-q probe", "probe --quiet", "probe -- -q"):
        ask(words)
    assert seen == [(quiet, ""), (quiet, ""), (loud, "-q")]


def environment(**more: str) -> dict[str, str]:
    """The environment with the package on the path, also where not installed."""
    root = str(Path(atss_inspect.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": root, **more}


def process(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the tool in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "atss_inspect", *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment(**more),
    )


def test_garbage_is_collected_while_a_command_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The program does without while it loads.
    seen = []
    monkeypatch.setattr(__main__, "stop_in_order", lambda: None)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(cli, "console", lambda: seen.append(gc.isenabled()))
    __main__.start()
    assert seen == [True]


FLOOD = """
import sys
from atss_inspect import cli
from atss_inspect.cli.app import app
@app.command()
def flood():
    while True: sys.stdout.write('x' * 10000)
sys.exit(cli.run(['flood']))
"""


def test_a_pipe_that_closes_inside_a_command_is_left_quietly() -> None:
    pipe, command = subprocess.PIPE, [sys.executable, "-c", FLOOD]
    with subprocess.Popen(
        command, stdout=pipe, stderr=pipe, env=environment()
    ) as child:
        assert child.stdout
        assert child.stderr
        child.stdout.read(10)
        child.stdout.close()
        assert (child.stderr.read().strip(), child.wait()) == (b"", 141)


def test_output_survives_a_terminal_without_unicode() -> None:
    Path("mine.toml").write_text('description = "größer"\n', encoding="utf-8")
    done = process("config", "show", "-c", "mine.toml", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.startswith("mine: gr\\xf6\\xdfer\n")


def test_presets_are_completed_from_their_beginning() -> None:
    assert complete_preset("fcos-mm") == ["fcos-mmdet", "fcos-mmdet-center"]
    assert complete_preset("zzz") == []
    done = process(
        _ATSS_INSPECT_COMPLETE="complete_bash",
        COMP_WORDS="atss-inspect config show --preset rpn-",
        COMP_CWORD="4",
    )
    assert done.stdout.split() == ["rpn-detectron2", "rpn-mmdet", "rpn-torchvision"]


def test_a_request_is_put_together_from_everywhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("atss-inspect.toml").write_text('ann = "a.json"\npreset = "rpn-mmdet"')
    request = RequestOptions().resolve()
    assert request.ann == ("a.json",)
    assert [one.settings for one in request.resolved] == [preset("rpn-mmdet")]
    monkeypatch.setenv("ATSS_INSPECT_PRESET", "fcos-mmdet")
    assert RequestOptions().resolve().resolved[0].settings == preset("fcos-mmdet")
    request = RequestOptions(
        ann=["b.json"], preset=["atss-mmdet"], overrides=["k=5"]
    ).resolve()
    assert request.ann == ("b.json",)
    assert request.resolved[0].settings == preset("atss-mmdet", k=5)
    monkeypatch.setenv("ATSS_INSPECT_PRESET", "fcos-mmdt")
    told = 'ATSS_INSPECT_PRESET: unknown preset "fcos-mmdt"; did you mean fcos-mmdet?'
    with pytest.raises(SettingsError, match=re.escape(told)):
        RequestOptions().resolve()
    Path("mine.conf").write_text('extends = "rpn-mmdet"')
    request = RequestOptions(preset=["fcos-mmdet"], config=["mine.conf"]).resolve()
    assert [one.settings.name for one in request.resolved] == ["fcos-mmdet", "mine"]


def test_paths_of_the_project_file_are_seen_from_the_working_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # So that what is printed does not depend on where the project lies.
    Path("atss-inspect.toml").write_text('ann = ["a/b.json", "/c.json"]\nimages = "d"')
    request = RequestOptions().resolve()
    assert request.ann == (str(Path("a/b.json")), "/c.json")
    assert request.images == "d"
    Path("below").mkdir()
    monkeypatch.chdir("below")
    request = RequestOptions().resolve()
    assert request.ann == (str(tmp_path / "a/b.json"), "/c.json")
    assert RequestOptions(ann=[str(Path.cwd())]).resolve().ann == (str(Path.cwd()),)


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ({}, "table"),
        ({"output": "-"}, "table"),
        ({"output": "x.csv"}, "csv"),
        ({"output": "x.csv", "output_format": OutputFormat.MD}, "md"),
        ({"as_json": True, "output_format": OutputFormat.MD}, "json"),
        ({"output": "noname"}, "table"),
    ],
)
def test_the_format_is_json_then_the_option_then_the_suffix(
    typed: dict[str, Any], chosen: str
) -> None:
    assert TableOptions(**typed).choose_format() == chosen


@pytest.mark.parametrize(
    "command", ["", "stats", "worst", "compare", "export", "plot reach"]
)
def test_help_tells_of_gates_or_of_the_models_that_have_one(command: str) -> None:
    told = ask(f"{command} --help").out.partition("Input:")[0]
    assert "yolo11" in told or "of a gate" in told
