"""`demo`: the report on the sample annotations, and the folder it writes."""

import errno
import json
import os
from pathlib import Path

import pytest

from atss_inspect import load_coco, preset, summarize
from atss_inspect.cli import run
from atss_inspect.presets import DEFAULT_PRESETS
from atss_inspect.readers.sample import sample_annotations, sample_files
from tests.command_line import told

Captured = pytest.CaptureFixture[str]


def test_demo_prints_the_report_of_stats_and_writes_nothing(capsys: Captured) -> None:
    Path("same.json").write_bytes(sample_annotations())
    arguments = ["stats", "--ann", "same.json"]
    arguments += [word for name in DEFAULT_PRESETS for word in ("-p", name)]
    assert run(arguments) == 0
    expected = capsys.readouterr().out.splitlines()
    assert run(["demo"]) == 0
    printed = capsys.readouterr()
    found = printed.out.splitlines()
    assert printed.err == ""
    assert found[0].startswith("sample annotations: 64 images, ")
    assert found[1:-1] == expected[1:-1]
    assert found[-1] == "next: atss-inspect demo -o sample"
    assert [path.name for path in Path().iterdir()] == ["same.json"]


def test_demo_counts_what_the_package_counts(capsys: Captured) -> None:
    text = told(run(["demo"]), capsys)
    dataset = load_coco(json.loads(sample_annotations()))
    for summary in summarize(dataset, [preset(name) for name in DEFAULT_PRESETS]):
        assert f"{summary.num_positives:,}" in text


def test_demo_pays_no_attention_to_the_surroundings(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = told(run(["demo"]), capsys)
    monkeypatch.setenv("ATSS_INSPECT_PRESET", "rpn-mmdet")
    monkeypatch.setenv("ATSS_INSPECT_ANN", "missing.json")
    assert told(run(["demo"]), capsys) == expected


def test_annotations_can_be_piped(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["demo", "-o", "-"]) == 0
    assert capfdbinary.readouterr() == (sample_annotations(), b"")


def test_the_sample_is_that_of_the_clone(project_root: Path) -> None:
    folder = project_root / "sample_data"
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*.j*")
    }
    assert len(files) == 11
    assert sample_files() == files
    assert sample_annotations() == files["instances.json"]


def test_an_installed_package_has_a_sample_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("sample/images").mkdir(parents=True)
    Path("sample/instances.json").write_bytes(b"{}")
    Path("sample/images/000001.jpg").write_bytes(b"picture")
    monkeypatch.setattr("atss_inspect.readers.sample._PACKAGE", Path.cwd())
    assert sample_files() == {"instances.json": b"{}", "images/000001.jpg": b"picture"}


@pytest.fixture
def written() -> Path:
    """A folder the demo has written."""
    folder = Path("new/sample").absolute()
    assert run(["demo", "-o", str(folder), "-q"]) == 0
    return folder


def test_a_folder_to_play_with_is_written(written: Path, capsys: Captured) -> None:
    names = sorted(path.name for path in written.iterdir())
    assert names == ["atss-inspect.toml", "images", "instances.json"]
    for name, content in sample_files().items():
        assert (written / name).read_bytes() == content
    os.chdir(written)
    assert "64 images" in told(run(["stats"]), capsys)


def test_force_replaces_the_files_of_the_demo_and_no_others(
    written: Path, capsys: Captured
) -> None:
    mine = written / "mine.txt"
    mine.write_text("mine", encoding="utf-8")
    (written / "atss-inspect.toml").write_text("broken", encoding="utf-8")
    assert run(["demo", "-o", str(written)]) == 2
    assert (written / "atss-inspect.toml").read_text(encoding="utf-8") == "broken"
    assert run(["demo", "-o", str(written), "--force"]) == 0
    assert mine.read_text(encoding="utf-8") == "mine"
    assert "instances.json" in (written / "atss-inspect.toml").read_text("utf-8")
    note = capsys.readouterr().err
    assert note.endswith(
        f"wrote {written}/instances.json, 10 pictures and an atss-inspect.toml\n"
        f"next: cd {written} && atss-inspect stats\n"
    )


def test_a_file_in_place_of_the_folder_is_refused(capsys: Captured) -> None:
    Path("file").write_text("mine", encoding="utf-8")
    assert run(["demo", "-o", "file", "--force"]) == 2
    assert "file: is a file; expected a folder" in capsys.readouterr().err
    assert run(["demo", "-o", "file/below"]) == 2
    assert (
        f"file/below: cannot be written: {os.strerror(errno.ENOTDIR).lower()}"
        in capsys.readouterr().err
    )
