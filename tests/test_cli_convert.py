"""`convert`: what it writes, and that every answer is the same from it."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from atss_inspect.cli import run
from tests.random_coco import random_coco
from tests.tiny_coco import street, write_coco

pytest.importorskip("pyarrow", reason="pyarrow is an extra")

Captured = pytest.CaptureFixture[str]
COMMANDS = (
    ("stats",),
    ("stats", "--json", "--by", "class"),
    ("worst", "-n", "20"),
    ("worst", "--json", "--preset", "fcos-mmdet"),
    ("compare", "atss-mmdet", "retinanet-mmdet", "--json"),
    ("export", "objects", "--format", "csv"),
    ("export", "positives", "--format", "jsonl"),
    ("export", "left-out"),
    ("sweep", "k=5,9"),
    ("check", "--max-unassigned", "0"),
)


def answers(ann: str, commands, monkeypatch: pytest.MonkeyPatch, capfd: Captured):
    """Run the commands; the file is named by the environment, which none repeats."""
    monkeypatch.setenv("ATSS_INSPECT_ANN", ann)
    found = []
    for command in commands:
        code = run(command)
        found.append((command, code, *capfd.readouterr()))
    return found


def assert_same_answers(
    ann: str, commands, monkeypatch: pytest.MonkeyPatch, capfd: Captured
) -> None:
    """Compare all answers, warnings and exit codes included."""
    expected = answers(ann, commands, monkeypatch, capfd)
    assert run(["-q", "convert", "--ann", ann, "-o", "set.atss"]) == 0
    assert answers("set.atss", commands, monkeypatch, capfd) == expected
    assert any(out for _, _, out, _ in expected)


def test_every_answer_is_the_same_from_the_folder(monkeypatch, capfd):
    write_coco(Path("random.json"), random_coco(4))
    explain = ("explain", "--ann-id", "3", "--json")
    few = (COMMANDS[1], COMMANDS[3], COMMANDS[4], COMMANDS[5], explain)
    assert_same_answers("random.json", few, monkeypatch, capfd)


def test_every_answer_about_the_sample_is_the_same(project_root, monkeypatch, capfd):
    shutil.copy(project_root / "sample_data/instances.json", "sample.json")
    assert_same_answers("sample.json", (COMMANDS[0], COMMANDS[7]), monkeypatch, capfd)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "caltech-pedestrian/test.json",
        "coco-val2017/instances_val2017_int.json",
        "dialects/bbox-as-strings.roboflow.json",
        "dialects/duplicate-image-ids.json",
        "dialects/float-image-size.json",
        "dialects/negative-width-height.json",
        "dialects/normalised-boxes.json",
        "dialects/one-sample-mmyolo.json",
        "dialects/wrong-image-size-3x1.json",
        "lvis-val-100/lvis_val_100.json",
    ],
)
def test_every_answer_about_real_data_is_the_same(name, real_data, monkeypatch, capfd):
    path = real_data / "data" / name
    first_id = json.loads(path.read_bytes())["annotations"][0]["id"]
    explain = ("explain", "--ann-id", str(first_id), "--json")
    assert_same_answers(str(path), (*COMMANDS, explain), monkeypatch, capfd)


def test_it_says_what_it_wrote(capsys: Captured):
    write_coco(Path("street.json"), street())
    assert run(["convert", "--ann", "street.json", "-o", "street.atss"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "wrote street.atss, 4 images and 9 objects\n"
    assert sorted(path.name for path in Path("street.atss").iterdir()) == [
        "dataset.json",
        "images-000.parquet",
        "objects-000.parquet",
    ]


def test_the_same_annotations_give_the_same_bytes():
    write_coco(Path("street.json"), street())
    for name in ("one", "two"):
        assert run(["-q", "convert", "--ann", "street.json", "-o", name]) == 0
    for path in Path("one").iterdir():
        assert path.read_bytes() == Path("two", path.name).read_bytes()


def test_a_converted_set_can_be_converted_into_other_parts():
    write_coco(Path("street.json"), street())
    words = ["-q", "convert", "--images-per-part"]
    assert run([*words, "1", "--ann", "street.json", "-o", "fine"]) == 0
    assert run([*words, "9", "--ann", "fine", "-o", "again"]) == 0
    assert run([*words, "9", "--ann", "street.json", "-o", "coarse"]) == 0
    assert len(list(Path("fine").iterdir())) == 9
    for path in Path("coarse").iterdir():
        assert path.read_bytes() == Path("again", path.name).read_bytes()


def test_replacing_needs_force_and_a_folder_of_its_own(capsys: Captured):
    write_coco(Path("street.json"), street())
    words = ["convert", "--ann", "street.json", "-o"]
    assert run([*words, "set"]) == 0
    assert run([*words, "set"]) == 2
    assert "set: exists already" in capsys.readouterr().err
    assert run([*words, "set", "--force"]) == 0
    assert run([*words, ".", "--force"]) == 2
    assert "holds set, which is another's" in capsys.readouterr().err


@pytest.mark.slow
def test_a_conversion_killed_at_any_moment_leaves_the_old_folder_or_the_new():
    write_coco(Path("one.json"), street())
    write_coco(Path("two.json"), random_coco(1, num_images=1000, max_boxes=20))
    words = [sys.executable, "-m", "atss_inspect", "-q", "convert", "-o", "set.atss"]
    subprocess.run([*words, "--ann", "one.json"], check=True)
    begin = time.monotonic()
    subprocess.run([*words, "--ann", "two.json", "--force"], check=True)
    duration = time.monotonic() - begin
    complete = {Path("set.atss/dataset.json").read_bytes()}
    subprocess.run([*words, "--ann", "one.json", "--force"], check=True)
    complete.add(Path("set.atss/dataset.json").read_bytes())
    for step in range(8):
        process = subprocess.Popen([*words, "--ann", "two.json", "--force"])
        time.sleep(duration * (0.5 + step * 0.08))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert run(["-q", "stats", "--ann", "set.atss"]) == 0
        assert Path("set.atss/dataset.json").read_bytes() in complete
    # The next run removes what was left.
    subprocess.run([*words, "--ann", "one.json", "--force"], check=True)
    assert sorted(path.name for path in Path.cwd().iterdir()) == [
        "one.json",
        "set.atss",
        "two.json",
    ]
