"""`demo`: the report on the sample annotations, and the folder it writes."""

import errno
import json
import os
from pathlib import Path

import pytest

from atss_inspect import load_coco, preset, summarize, synthetic
from atss_inspect.cli import run
from atss_inspect.presets import DEFAULT_PRESETS

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def _ready_made(project_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the annotations from the file that is the same, byte for byte."""
    content = (project_root / "sample_data" / "instances.json").read_bytes()
    monkeypatch.setattr("atss_inspect.synthetic.sample_annotations", lambda: content)


@pytest.mark.usefixtures("_ready_made")
def test_demo_prints_the_report_of_stats_and_writes_nothing(capsys: Captured) -> None:
    Path("same.json").write_bytes(synthetic.sample_annotations())
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


@pytest.mark.usefixtures("_ready_made")
def test_demo_counts_what_the_package_counts(capsys: Captured) -> None:
    assert run(["demo"]) == 0
    text = capsys.readouterr().out
    dataset = load_coco(json.loads(synthetic.sample_annotations()))
    for summary in summarize(dataset, [preset(name) for name in DEFAULT_PRESETS]):
        assert f"{summary.num_positives:,}" in text


@pytest.mark.usefixtures("_ready_made")
def test_demo_pays_no_attention_to_the_surroundings(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["demo"]) == 0
    expected = capsys.readouterr().out
    monkeypatch.setenv("ATSS_INSPECT_PRESET", "rpn-mmdet")
    monkeypatch.setenv("ATSS_INSPECT_ANN", "missing.json")
    assert run(["demo"]) == 0
    assert capsys.readouterr().out == expected


@pytest.mark.usefixtures("_ready_made")
def test_annotations_can_be_piped(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["demo", "-o", "-"]) == 0
    assert capfdbinary.readouterr() == (synthetic.sample_annotations(), b"")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder the demo has written; drawing takes seconds, so once."""
    folder = tmp_path_factory.mktemp("demo") / "new" / "sample"
    assert run(["demo", "-o", str(folder), "-q"]) == 0
    return folder


@pytest.mark.slow
def test_a_folder_to_play_with_is_written(written: Path, capsys: Captured) -> None:
    names = sorted(path.name for path in written.iterdir())
    assert names == ["atss-inspect.toml", "images", "instances.json"]
    content = synthetic.sample_annotations()
    assert (written / "instances.json").read_bytes() == content
    pictures = {path.name for path in (written / "images").iterdir()}
    named = {image["file_name"] for image in json.loads(content)["images"]}
    assert "000042.jpg" in pictures <= named
    os.chdir(written)
    assert run(["stats"]) == 0
    assert "64 images" in capsys.readouterr().out


@pytest.mark.slow
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
    mine.unlink()


def test_a_folder_that_is_not_empty_is_refused(capsys: Captured) -> None:
    Path("full").mkdir()
    Path("full/mine.txt").write_text("mine", encoding="utf-8")
    assert run(["demo", "-o", "full"]) == 2
    assert capsys.readouterr().err == (
        "atss-inspect: error: full: is not empty\n"
        "hint: --force replaces the files of the demo there, and no others\n"
    )
    assert [path.name for path in Path("full").iterdir()] == ["mine.txt"]


def test_a_file_in_place_of_the_folder_is_refused(capsys: Captured) -> None:
    Path("file").write_text("mine", encoding="utf-8")
    assert run(["demo", "-o", "file", "--force"]) == 2
    assert "file: is a file; expected a folder" in capsys.readouterr().err
    assert run(["demo", "-o", "file/below"]) == 2
    assert (
        f"file/below: cannot be written: {os.strerror(errno.ENOTDIR).lower()}"
        in capsys.readouterr().err
    )
