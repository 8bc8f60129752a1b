"""`convert`: what it writes, and that every answer is the same from it."""

import json
import shutil
from pathlib import Path

import pytest

from atss_inspect.cli import run
from tests.command_line import ask
from tests.random_coco import random_coco
from tests.tiny_coco import street, write_coco

pytest.importorskip("pyarrow", reason="pyarrow is an extra")

FEW = (
    *("stats --json --by class", "worst --json --preset fcos-mmdet"),
    *("compare atss-mmdet retinanet-mmdet --json", "export objects --format csv"),
    "explain --json --ann-id",
)
SAMPLE = ("stats", "export left-out")
EVERY = (
    *(*FEW, *SAMPLE, "worst -n 20", "export positives --format jsonl"),
    *("sweep k=5,9", "check --max-unassigned 0"),
)
REAL = (
    "caltech-pedestrian/test.json",
    "coco-val2017/instances_val2017_int.json",
    "dialects/bbox-as-strings.roboflow.json",
    "dialects/duplicate-image-ids.json",
    "dialects/float-image-size.json",
    "dialects/negative-width-height.json",
    "dialects/one-sample-mmyolo.json",
    "dialects/wrong-image-size-3x1.json",
    "lvis-val-100/lvis_val_100.json",
)


@pytest.fixture(autouse=True)
def _annotations() -> None:
    write_coco(Path("street.json"), street())


def assert_same_answers(ann: Path, commands, monkeypatch, capfd) -> None:
    """Compare all answers, warnings and exit codes included."""
    first_id = json.loads(ann.read_bytes())["annotations"][0]["id"]
    ask(f"-q convert --ann {ann} -o set.atss")
    answers = []
    for name in (str(ann), "set.atss"):
        # The environment names the file, which no answer repeats.
        monkeypatch.setenv("ATSS_INSPECT_ANN", name)
        answers.append([])
        for command in commands:
            words = command.split() + [str(first_id)] * command.endswith("--ann-id")
            answers[-1].append((command, run(words), *capfd.readouterr()))
    assert answers[0] == answers[1]
    assert any(out for _, _, out, _ in answers[0])


def test_every_answer_is_the_same_from_the_folder(
    project_root: Path, monkeypatch, capfd
):
    ann = write_coco(Path("random.json"), random_coco(4))
    assert_same_answers(ann, FEW, monkeypatch, capfd)
    shutil.rmtree("set.atss")
    sample = project_root / "sample_data/instances.json"
    assert_same_answers(sample, SAMPLE, monkeypatch, capfd)


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_every_answer_about_real_data_is_the_same(name, real_data, monkeypatch, capfd):
    assert_same_answers(real_data / "data" / name, EVERY, monkeypatch, capfd)


def test_a_converted_set_can_be_converted_into_the_same_bytes_and_other_parts():
    for number, ann, name in (
        ("1", "street.json", "fine"),
        ("9", "fine", "again"),
        ("9", "street.json", "coarse"),
        ("9", "street.json", "repeated"),
    ):
        ask(f"-q convert --images-per-part {number} --ann {ann} -o {name}")
    assert len(list(Path("fine").iterdir())) == 9
    for path in Path("coarse").iterdir():
        for other in ("again", "repeated"):
            assert path.read_bytes() == Path(other, path.name).read_bytes()


def test_replacing_needs_force_and_a_folder_of_its_own():
    command = "convert --ann street.json -o"
    ask(f"{command} set")
    assert "set: exists already" in ask(f"{command} set", code=2).err
    ask(f"{command} set --force")
    taken = ask(f"{command} . --force", code=2).err
    assert "which is another's" in taken


def test_boxes_of_another_kind_are_converted_once() -> None:
    document = random_coco(4)
    for each in document["annotations"]:
        each["bbox"][2:] = [20, 30]
    right = write_coco(Path("right.json"), document)
    for each in document["annotations"]:
        x, y, width, height = each["bbox"]
        each["bbox"] = [x, y, x + width, y + height]
    corners = write_coco(Path("corners.json"), document)
    ask(f"-q convert --ann {right} -o right")
    ask(f"-q convert --ann {corners} --box-format xyxy -o corners")
    name = "objects-000.parquet"
    assert Path("right", name).read_bytes() == Path("corners", name).read_bytes()
