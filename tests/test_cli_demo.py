"""`demo`: the report on the sample annotations, and the folder it writes."""

from pathlib import Path

import pytest

from atss_inspect.readers.sample import sample_annotations, sample_files
from tests.command_line import ask


def test_demo_pays_no_attention_to_the_surroundings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = ask("demo")
    monkeypatch.setenv("ATSS_INSPECT_PRESET", "rpn-mmdet")
    monkeypatch.setenv("ATSS_INSPECT_ANN", "missing.json")
    assert ask("demo") == expected
    assert ask("demo -o -") == (sample_annotations().decode(), "")


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


def test_a_folder_to_play_with_is_written_and_only_its_files_are_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = Path("new/sample").absolute()
    ask(f"demo -o {written} -q")
    names = sorted(path.name for path in written.iterdir())
    assert names == ["atss-inspect.toml", "images", "instances.json"]
    for name, content in sample_files().items():
        assert (written / name).read_bytes() == content
    mine, project = written / "mine.txt", written / "atss-inspect.toml"
    mine.write_text("mine", encoding="utf-8")
    project.write_text("broken", encoding="utf-8")
    ask(f"demo -o {written}", code=2)
    assert project.read_text(encoding="utf-8") == "broken"
    note = ask(f"demo -o {written} --force").err
    assert mine.read_text(encoding="utf-8") == "mine"
    assert note.endswith(
        f"wrote {written}/instances.json, 10 pictures and an atss-inspect.toml\n"
        f"next: cd {written} && atss-inspect stats\n"
    )
    monkeypatch.chdir(written)
    assert "64 images" in ask("stats").out
