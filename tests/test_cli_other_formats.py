"""YOLO and VOC data wherever a command takes annotations, and --split."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from atss_inspect.cli.workflow import Workflow
from tests.command_line import ask
from tests.other_formats import NAMES, voc_object, voc_text, write_picture, write_yolo

SIZE = (640, 480)
LABELS = {
    "10": "1 0.25 0.25 0.125 0.25\n0 0.5 0.5 0.375 0.375\n",
    "20": "2 0.6875 0.3125 0.015625 0.015625\n",
    "30": "",
}
# The same in pixels: 0.25 * 640 - 0.125 * 640 / 2 = 120, and so on; all are exact.
BOXES = {10: [("person", 120, 60, 80, 120), ("car", 200, 150, 240, 180)]}
BOXES |= {20: [("自転車", 435, 146.25, 10, 7.5)], 30: []}


def write_voc() -> None:
    Path("voc").mkdir()
    for image, boxes in BOXES.items():
        objects = [
            voc_object(name, x + 1, y + 1, x + width, y + height)
            for name, x, y, width, height in boxes
        ]
        text = voc_text(*objects, size=SIZE, name=f"{image}.png")
        Path(f"voc/{image}.xml").write_text(text, "utf-8")
        write_picture(Path(f"voc/{image}.png"), SIZE)


def write_coco() -> None:
    objects = [(image, box) for image, boxes in BOXES.items() for box in boxes]
    annotations = [
        {"id": n, "image_id": image, "category_id": NAMES.index(name)}
        | {"bbox": box, "area": box[2] * box[3], "iscrowd": 0}
        for n, (image, (name, *box)) in enumerate(objects)
    ]
    document = {
        "images": [
            {"id": image, "width": 640, "height": 480, "file_name": f"{image}.png"}
            for image in BOXES
        ],
        "categories": [{"id": n, "name": name} for n, name in enumerate(NAMES)],
        "annotations": annotations,
    }
    Path("a.json").write_text(json.dumps(document), "utf-8")


@pytest.fixture(autouse=True)
def _files(_empty_folder: None) -> None:
    write_yolo(Path("yolo"), LABELS, split="val", size=SIZE)
    write_coco()
    write_voc()


@pytest.mark.parametrize("name", ["yolo/data.yaml", "yolo", "yolo/labels/val", "voc"])
def test_the_answer_is_that_of_the_same_objects_in_coco(name: str) -> None:
    expected = ask("-q stats a.json --json").json["results"]
    assert ask(f"-q stats {name} --json").json["results"] == expected
    assert ask(f"-q stats --ann {name} --json").json["results"] == expected


@pytest.mark.parametrize(
    "command",
    [
        "worst ANN -n 3",
        "compare ANN atss-mmdet retinanet-mmdet",
        "sweep ANN k=3,9",
        "explain ANN --ann-id 10:2",
        "check ANN --max-unassigned 99%",
        "export ANN objects -f csv",
        "plot image ANN 10 -o a.png --force --dpi 30",
        "plot reach ANN -p atss-mmdet -o a.png --force --dpi 30",
        "view ANN 10 -o a.html --force --no-open",
        "report ANN -o report.html --force",
    ],
)
@pytest.mark.parametrize("name", ["yolo/data.yaml", "voc"])
def test_every_command_takes_them(command: str, name: str) -> None:
    printed = ask(command.replace("ANN", name))
    assert "warning" not in printed.err


def test_pictures_are_found_where_the_data_say() -> None:
    for name in ("yolo/data.yaml", "voc"):
        printed = ask(f"plot image {name} 10 -o a.png --force --dpi 30")
        folder = name.partition("/")[0]
        note = f"note: pictures are taken from {folder}; --images names another folder"
        assert note in printed.err


@pytest.mark.parametrize("images", ["", " --images linked"])
def test_a_picture_that_is_a_link_is_shown(images: str) -> None:
    Path("yolo/images").rename("elsewhere")
    Path("linked/images/val").mkdir(parents=True)
    Path("yolo/labels").rename("linked/labels")
    for number in LABELS:
        picture = Path(f"elsewhere/val/{number}.png").resolve()
        Path(f"linked/images/val/{number}.png").symlink_to(picture)
    printed = ask(f"plot image linked 10 -o a.png --force --dpi 30{images}")
    assert "warning" not in printed.err


def test_several_splits_are_one_data_set() -> None:
    text = "train: images/val\nval: images/val\nnc: 3\n"
    Path("yolo/data.yaml").write_text(text, "utf-8")
    printed = ask("worst yolo --split train --split val -n 1")
    assert printed.out.startswith("yolo (train) and yolo (val): 6 images, 6 annot")
    assert "--ann yolo --split train" in printed.next
    ask(printed.next)


def test_labels_without_pictures_are_converted_with_a_folder_of_them() -> None:
    pytest.importorskip("pyarrow")
    expected = ask("-q stats yolo --json").json["results"]
    Path("yolo/images/val").rename("pictures")
    Path("yolo/data.yaml").unlink()
    Path("yolo/labels/classes.txt").write_text("\n".join(NAMES), "utf-8")
    ask("stats yolo", code=3)
    assert ask("-q stats yolo --images pictures --json").json["results"] == expected
    ask("-q convert yolo --images pictures -o set.atss")
    assert ask("-q stats set.atss --json").json["results"] == expected


def test_a_split_is_named_in_the_heading_and_in_the_next_command() -> None:
    printed = ask("worst yolo/data.yaml --split val -n 1")
    assert printed.out.startswith("yolo/data.yaml (val): 3 images, 3 annotations")
    assert "--split val" in printed.next
    ask(printed.next)


def test_what_has_no_such_split_says_which_it_has() -> None:
    printed = ask("stats yolo/data.yaml --split train", code=2)
    assert printed.err == (
        "atss-inspect: error: --split train: yolo/data.yaml has no such split\n"
        "hint: it has val\n"
    )
    printed = ask("stats a.json --split train", code=2)
    assert printed.err == (
        "atss-inspect: error: --split train: a.json is one set, without splits\n"
        "hint: a data.yaml or a folder of YOLO or VOC data may have splits\n"
    )


def test_a_data_yaml_that_is_not_there_is_named_with_the_nearest() -> None:
    printed = ask("stats yolo/dato.yaml", code=3)
    assert printed.err == (
        "atss-inspect: error: yolo/dato.yaml: no such file\n"
        "hint: did you mean yolo/data.yaml\n"
    )


def test_a_folder_of_nothing_known_says_what_may_be_in_one() -> None:
    Path("empty").mkdir()
    printed = ask("stats --ann empty", code=3)
    assert printed.err == (
        "atss-inspect: error: empty: is a folder; expected a JSON file, pictures with "
        "YOLO labels, VOC files, or what `convert` wrote\n"
        "hint: it holds no .json file\n"
    )


def test_what_is_converted_answers_the_same() -> None:
    pytest.importorskip("pyarrow")
    for name in ("yolo/data.yaml", "voc"):
        ask(f"-q convert {name} -o set.atss --force")
        for command in ("stats ANN --json", "export ANN objects -f csv"):
            found, expected = (
                ask(f"-q {command.replace('ANN', each)}").out
                for each in ("set.atss", name)
            )
            assert found == expected


def test_a_bar_moves_while_files_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []

    @contextlib.contextmanager
    def bar(_: Workflow, title: str, total: int) -> Iterator[Callable[[int], None]]:
        told.append((title, total))
        yield told.append

    monkeypatch.setattr(Workflow, "progress", bar)
    ask("-q stats yolo")
    assert told[:2] == [("reading labels and pictures' sizes", 3), 3]


def test_the_project_file_may_name_them() -> None:
    Path("atss-inspect.toml").write_text('ann = "yolo/data.yaml"\n', "utf-8")
    assert "data.yaml (val)" in ask("stats").out


def test_check_says_that_labels_were_not_read() -> None:
    Path("yolo/images/val/20.png").unlink()
    found = ask("check yolo/data.yaml").out
    assert "check: no annotation lost, labels not read" in found
    assert "**Verdict:** 1 label file has no picture; not read." in found


@pytest.mark.parametrize(
    "command", ["stats yolo", "worst yolo/data.yaml", "check yolo", "sweep yolo k=3,9"]
)
def test_who_trains_on_yolo_labels_is_told_of_the_presets_of_yolo(command: str) -> None:
    note = "; of Ultralytics' models: -p yolo11\n"
    err = ask(command).err
    assert "note: no preset named, so this is about atss-mmdet" in err
    assert err.count(note) == 1
    assert note not in ask(f"{command} -p atss-mmdet").err
    assert (
        note
        not in ask(
            command.replace("yolo/data.yaml", "a.json").replace("yolo", "a.json")
        ).err
    )


def test_who_only_converts_yolo_labels_or_names_presets_elsewhere_is_not() -> None:
    pytest.importorskip("pyarrow")
    assert "no preset named" not in ask("convert yolo -o set.atss").err
    Path("atss-inspect.toml").write_text('preset = "atss-mmdet"\n', "utf-8")
    assert "no preset named" not in ask("stats yolo").err


def test_an_image_size_without_effect_leads_to_a_preset_that_has_one() -> None:
    hint = "it has with -p yolo11\n"
    refused = ask("sweep yolo imgsz=640,960", code=2).err
    assert "resize.size: has no effect on atss-mmdet, whatever its value\n" in refused
    assert refused.endswith(f"hint: {hint}")
    told = ask("stats yolo --set imgsz=1280").err
    names = "atss-mmdet, retinanet-mmdet and fcos-mmdet"
    sizes = ", whose sizes are short_side and long_side"
    assert f"hint: resize.size has no effect on {names}{sizes}; {hint}" in told
    assert "has no effect" not in ask("stats yolo --set imgsz=1280 -p yolo11").err
