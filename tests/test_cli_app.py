"""What holds for every command: help, exit codes, errors, flags, pipes, completion."""

import errno
import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

import atss_inspect
from atss_inspect import __main__, __version__, cli
from atss_inspect.cli import run
from atss_inspect.cli.app import Commands, app
from atss_inspect.cli.help import LazyGroup
from atss_inspect.cli.options import GlobalOptions, complete_preset
from atss_inspect.cli.output import OutputFormat, TableOptions, emit
from atss_inspect.cli.plot import Pictures
from atss_inspect.cli.request import RequestOptions
from atss_inspect.errors import DataError, OutputError, SettingsError
from atss_inspect.figures.plots import PLOTS
from atss_inspect.settings import preset
from tests.command_line import told

Captured = pytest.CaptureFixture[str]
TOO_LONG = os.strerror(errno.ENAMETOOLONG).lower()


@pytest.fixture
def add_command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Add a command named ``probe`` for the length of a test."""

    def add(command: Callable[..., None]) -> None:
        registered = [*app.registered_commands]
        monkeypatch.setattr(app, "registered_commands", registered)
        app.command("probe")(command)

    return add


def command_paths() -> list[list[str]]:
    """The words of every command and group."""
    paths: list[list[str]] = []
    remaining: list[tuple[list[str], Any]] = [([], get_command(app))]
    for words, command in remaining:
        paths.append(words)
        if isinstance(command, TyperGroup):
            context = typer.Context(command)
            remaining += [
                ([*words, name], command.get_command(context, name))
                for name in command.list_commands(context)
            ]
    return paths


@pytest.mark.parametrize("words", command_paths(), ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_is_plain_and_fits_80_columns(
    words: list[str], option: str, capsys: Captured
) -> None:
    assert run([*words, option]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out.startswith("Usage: " + " ".join(["atss-inspect", *words]))
    assert printed.out.isascii()
    assert max(map(len, printed.out.splitlines())) <= 80


@pytest.mark.parametrize(
    "words",
    [path for path in command_paths() if path not in ([], ["plot"], ["config"])],
    ids=" ".join,
)
def test_the_help_of_a_command_shows_examples(
    words: list[str], capsys: Captured
) -> None:
    run([*words, "--help"])
    printed = capsys.readouterr().out
    assert f"\n    atss-inspect {' '.join(words)}" in printed


@pytest.mark.parametrize(
    ("words", "sections"),
    [
        (["config", "show"], ["Convention:", "Output:"]),
        (["check"], ["Input:", "Convention:", "Limits:", "Output:"]),
    ],
    ids=["of a group", "of a table"],
)
def test_options_stand_under_their_panels(
    words: list[str], sections: list[str], capsys: Captured
) -> None:
    run([*words, "--help"])
    printed = capsys.readouterr().out
    lines = [line for line in printed.splitlines() if line.endswith(":")]
    assert lines == [*sections, "Options:", "  Examples:"]


@pytest.mark.parametrize("words", command_paths(), ids=" ".join)
def test_completion_is_set_up_for_the_program_and_not_by_command(
    words: list[str], capsys: Captured
) -> None:
    run([*words, "--help"])
    assert ("--install-completion" in capsys.readouterr().out) == (words == [])


def test_version_is_printed(capsys: Captured) -> None:
    assert told(run(["--version"]), capsys) == f"atss-inspect {__version__}\n"


def test_no_command_gives_help_and_is_a_usage_error(capsys: Captured) -> None:
    assert run([]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "\nQuestions:\n  stats " in printed.err


def test_the_app_runs_under_typers_own_runner() -> None:
    result = CliRunner().invoke(app, ["config", "list"])
    assert result.exit_code == 0
    assert result.stdout.startswith("preset ")


def table_rows() -> list[tuple[type[LazyGroup], str]]:
    """Every row of every table: the group, and the name of the command."""
    return [(group, name) for group in (Commands, Pictures) for name, _ in group.rows]


def row_id(value: Any) -> str:
    return value if isinstance(value, str) else value.__name__


@pytest.mark.parametrize(("group", "name"), table_rows(), ids=row_id)
def test_every_row_of_a_table_has_a_module_with_its_command(
    group: type[LazyGroup], name: str
) -> None:
    module = group(name="probe").load(name)
    if hasattr(module, "app"):
        assert module.app.info.name == name
    else:
        assert getattr(module, name).__name__ == name


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


@pytest.mark.parametrize(("group", "name"), table_rows(), ids=row_id)
def test_a_group_says_of_a_command_what_its_own_page_says(
    group: type[LazyGroup], name: str
) -> None:
    commands = group(name="probe")
    context = typer.Context(commands)
    line = commands.outline(context, name).get_short_help_str(100)
    assert line
    assert line == commands.get_command(context, name).get_short_help_str(100)


def test_a_usage_error_is_one_line_and_a_hint(capsys: Captured) -> None:
    assert run(["config", "show", "--frmat", "x"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    message, hint = printed.err.splitlines()
    # In Typer's words, which change.
    assert message.startswith("atss-inspect: error: ")
    assert "--frmat" in message
    assert hint == "hint: `atss-inspect config show --help` shows what is possible"


@pytest.mark.parametrize(
    ("words", "suffix"),
    [
        ("stats", ".json"),
        ("export positives", ".csv"),
        ("export objects --rows-per-part 9", ""),
        ("convert", ""),
        ("plot levels", ".png"),
        ("report", ".html"),
        ("view 1", ".html"),
        ("demo", ""),
    ],
)
def test_a_target_whose_name_is_too_long_is_refused_in_one_line(
    words: str, suffix: str, capsys: Captured
) -> None:
    target = "x" * 300 + suffix
    assert run([*words.split(), "-o", target]) == 2
    expected = f"atss-inspect: error: {target}: cannot be written: {TOO_LONG}\n"
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize(
    "option",
    [["--json"], ["--format", "json"], ["--format=json"], ["-f", "json"]],
    ids=" ".join,
)
def test_an_error_is_json_where_json_was_asked_for(
    option: list[str], capsys: Captured
) -> None:
    assert run(["config", "show", "--set", "k=0", *option]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert json.loads(printed.err) == {
        "error": {
            "exit_code": 2,
            "hint": None,
            "message": "--set: assigner.k: expected a whole number of at least 1, "
            "got 0",
        }
    }


@pytest.mark.parametrize(
    ("error", "code"),
    [(SettingsError("x"), 2), (OutputError("x"), 2), (DataError("x"), 3)],
    ids=["settings", "output", "data"],
)
def test_every_kind_of_error_has_its_exit_code(
    error: Exception,
    code: int,
    add_command: Callable[..., None],
    capsys: Captured,
) -> None:
    def fail() -> None:
        raise error

    add_command(fail)
    assert run(["probe"]) == code
    assert capsys.readouterr().err == "atss-inspect: error: x\n"


def test_findings_are_exit_code_1(add_command: Callable[..., None]) -> None:
    def find() -> None:
        raise typer.Exit(1)

    add_command(find)
    assert run(["probe"]) == 1


def test_a_mistake_of_ours_is_not_hidden(add_command: Callable[..., None]) -> None:
    def fail() -> None:
        message = "ours"
        raise RuntimeError(message)

    add_command(fail)
    with pytest.raises(RuntimeError, match="ours"):
        run(["probe"])


def test_a_mistake_of_ours_has_an_exit_code_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def fail(_arguments: object) -> int:
        return 1 // 0

    monkeypatch.setattr(cli, "run", fail)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 70
    error = capsys.readouterr().err
    assert "ZeroDivisionError" in error
    assert error.endswith(
        "\natss-inspect: this is a mistake in atss-inspect, not of yours\n"
    )


def test_ctrl_c_is_exit_code_130(
    add_command: Callable[..., None], capsys: Captured
) -> None:
    def wait() -> None:
        raise KeyboardInterrupt

    add_command(wait)
    assert run(["probe"]) == 130
    assert capsys.readouterr().err.strip() == ""


@pytest.mark.parametrize("words", [["--debug", "config"], ["config", "--debug"]])
def test_debug_shows_the_traceback_and_stands_anywhere(
    words: list[str], capsys: Captured
) -> None:
    assert run([*words, "show", "--set", "k=0"]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("Traceback (most recent call last):\n")
    assert printed.splitlines()[-1].startswith("atss-inspect: error: --set: ")


@pytest.mark.parametrize("words", [["-q", "probe"], ["probe", "--quiet"]])
def test_quiet_stands_anywhere(
    words: list[str], add_command: Callable[..., None]
) -> None:
    seen = []

    def look(context: typer.Context) -> None:
        seen.append(context.obj)

    add_command(look)
    assert run(words) == 0
    assert seen == [GlobalOptions(quiet=True)]


def test_what_stands_after_two_dashes_is_no_flag(
    add_command: Callable[..., None],
) -> None:
    seen = []

    def look(word: str) -> None:
        seen.append(word)

    add_command(look)
    assert run(["probe", "--", "-q"]) == 0
    assert seen == ["-q"]


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


@pytest.mark.slow
def test_the_module_runs_as_a_program() -> None:
    done = process("--version")
    assert (done.returncode, done.stdout) == (0, f"atss-inspect {__version__}\n")
    assert process("config", "show", "--set", "k=0").returncode == 2


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


@contextmanager
def probe(*body: str) -> "Iterator[subprocess.Popen[bytes]]":
    """Run a command made for the test in a process of its own."""
    script = [
        "import sys, time",
        "from atss_inspect import cli",
        "from atss_inspect.cli.app import app",
        "def probe():",
        *(f"    {line}" for line in body),
        "app.command('probe')(probe)",
        "sys.exit(cli.run(['probe']))",
    ]
    with subprocess.Popen(
        [sys.executable, "-c", "\n".join(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as child:
        yield child


def ending(child: "subprocess.Popen[bytes]") -> tuple[int, bytes]:
    """Wait for the end: its exit code, and what it complained of."""
    assert child.stderr is not None
    complaint = child.stderr.read()
    return child.wait(), complaint.strip()


@pytest.mark.slow
def test_a_closed_pipe_is_left_quietly() -> None:
    with probe("time.sleep(0.1)", "print('answer')") as child:
        assert child.stdout is not None
        child.stdout.close()
        assert ending(child) == (141, b"")


def test_a_pipe_that_closes_inside_a_command_is_left_quietly() -> None:
    with probe("while True: sys.stdout.write('x' * 10000)") as child:
        assert child.stdout is not None
        child.stdout.read(10)
        child.stdout.close()
        assert ending(child) == (141, b"")


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_an_interrupted_process_ends_with_130_and_no_traceback() -> None:
    with probe("print('ready', flush=True)", "time.sleep(60)") as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        child.send_signal(signal.SIGINT)
        assert ending(child) == (130, b"")


def test_output_survives_a_terminal_without_unicode() -> None:
    Path("mine.toml").write_text('description = "größer"\n', encoding="utf-8")
    done = process("config", "show", "-c", "mine.toml", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.startswith("mine: gr\\xf6\\xdfer\n")


def test_presets_are_completed_from_their_beginning() -> None:
    assert complete_preset("fcos-mm") == ["fcos-mmdet", "fcos-mmdet-center"]
    assert complete_preset("zzz") == []


def test_the_shell_is_given_the_presets() -> None:
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


def test_presets_and_files_are_looked_at_side_by_side() -> None:
    Path("mine.conf").write_text('extends = "rpn-mmdet"')
    request = RequestOptions(preset=["fcos-mmdet"], config=["mine.conf"]).resolve()
    assert [one.settings.name for one in request.resolved] == ["fcos-mmdet", "mine"]
    default = ["rpn-mmdet", "atss-mmdet"]
    request = RequestOptions().resolve(default=default)
    assert [one.settings.name for one in request.resolved] == default


def test_without_annotations_the_demo_is_suggested(capsys: Captured) -> None:
    assert run(["stats"]) == 2
    assert capsys.readouterr().err == (
        "atss-inspect: error: no annotations named; expected --ann FILE\n"
        "hint: `atss-inspect demo` shows the answers on data of its own\n"
    )


FORMATS: list[tuple[dict[str, Any], str]] = [
    ({}, "table"),
    ({"output": "-"}, "table"),
    ({"output": "x.csv"}, "csv"),
    ({"output": "x.csv", "output_format": OutputFormat.MD}, "md"),
    ({"as_json": True, "output_format": OutputFormat.MD}, "json"),
    ({"output": "noname"}, "table"),
]


@pytest.mark.parametrize(("typed", "chosen"), FORMATS)
def test_the_format_is_json_then_the_option_then_the_suffix(
    typed: dict[str, Any], chosen: str
) -> None:
    assert TableOptions(**typed).choose_format() == chosen


def test_a_suffix_of_no_format_is_refused() -> None:
    with pytest.raises(OutputError, match=r"^x\.xls: unknown suffix \.xls; expected "):
        TableOptions(output="x.xls").choose_format()


def test_bytes_and_text_are_emitted_alike(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    emit(b"a\n")
    emit("b\n", "-")
    sys.stdout.flush()
    assert capfdbinary.readouterr() == (b"a\nb\n", b"")
