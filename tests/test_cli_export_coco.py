"""`export coco`: the file itself, with what presets do to each annotation."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.coco import COCO

from atss_inspect import load_coco, objects_table, preset
from atss_inspect.errors import DataError
from tests.command_line import ask
from tests.other_formats import write_yolo
from tests.test_fixed import num_detections
from tests.test_readers_properties import mutate, reused_folder, valid_files
from tests.tiny_coco import street, write_coco

PRESETS = ("atss-mmdet", "retinanet-mmdet", "yolo11")
BOTH = " ".join(f"-p {name}" for name in PRESETS)


def odd_street() -> dict[str, Any]:
    """The street with a crowd, an annotation without a box, one of no image."""
    document = street()
    crowd, shapeless, lost, *_ = document["annotations"]
    crowd |= {"iscrowd": 1, "attributes": {"occluded": True}, "keypoints": [1, 2.0, 2]}
    shapeless["bbox"] = [1, 2]
    lost |= {"image_id": 999, "segmentation": [[1, 2, 3, 4, 5, 6]]}
    return document | {"info": {"year": 2017}, "licenses": [{"id": 1}], "more": None}


def enriched(words: str) -> dict[str, Any]:
    """Write the file again, and read it."""
    ask(f"-q export coco {words} -o enriched.json --force")
    document = json.loads(Path("enriched.json").read_text("utf-8"))
    assert isinstance(document, dict)
    return document


def test_nothing_else_changes():
    document = odd_street()
    write_coco(Path("street.json"), document)
    written = enriched(f"--ann street.json {BOTH}")
    for each in written["annotations"]:
        assert list(each.pop("atss_inspect")) == [*PRESETS]
    assert json.dumps(written) == json.dumps(document)  # integers stay integers


def test_values_are_those_of_the_tables_and_reasons_those_of_who_left_it_out():
    write_coco(Path("street.json"), odd_street())
    annotations = enriched(f"--ann street.json {BOTH}")["annotations"]
    table = objects_table(load_coco("street.json"), [preset(name) for name in PRESETS])
    for row in table.to_dict("records"):
        found = annotations[row["annotation_index"]]["atss_inspect"][row["preset"]]
        if row["preset"] == "yolo11":
            assert list(found) == ["num_candidates", "max_positives", "cause"]
        else:
            is_poor = row["num_positives"] == 0 or row["is_low_quality_only"] is True
            assert found.pop("poorly_assigned") is is_poor
            best = found.pop("best_iou")
            assert (
                best is None
                if row["best_iou"] != row["best_iou"]
                else best == (pytest.approx(row["best_iou"], rel=1e-7))
            )
        for key, value in found.items():
            assert value == (None if row[key] != row[key] else row[key])
    nothing = {"num_positives": None, "cause": None, "best_iou": None}
    nothing |= {"poorly_assigned": None}
    reasons = ("crowd", "bbox_malformed", "unknown_image")
    for each, reason in zip(annotations, reasons, strict=False):
        assert each["atss_inspect"]["atss-mmdet"] == nothing | {"left_out": reason}
    assert len(table) == len(PRESETS) * (len(annotations) - 3)


def test_one_preset_has_flat_names_too_and_a_second_export_replaces_the_first():
    write_coco(Path("street.json"), odd_street())
    first = enriched("--ann street.json -p atss-mmdet")
    nested = first["annotations"][3]["atss_inspect"]["atss-mmdet"]
    for key, value in nested.items():
        assert first["annotations"][3][f"atss-mmdet_{key}"] == value
    assert first["annotations"][0]["atss-mmdet_left_out"] == "crowd"
    Path("enriched.json").rename("again.json")
    again = enriched(f"--ann again.json {BOTH}")
    assert again == enriched(f"--ann street.json {BOTH}")


def test_only_keys_that_an_export_has_written_are_replaced():
    document = odd_street()
    for each in document["annotations"]:
        each |= {"image_note": 1, "image_causes": "mine", "n\u00e4he": "C:\\"}
    document["annotations"][4]["more"] = float("nan")
    write_coco(Path("street.json"), document)
    Path("image.toml").write_text('extends = "atss-mmdet"\n', "utf-8")
    first = enriched("--ann street.json -c image.toml")
    wanted = json.dumps(first)
    write_coco(Path("again.json"), first)
    for each in first["annotations"]:
        del each["atss_inspect"]  # a tool keeps values, and no objects
    write_coco(Path("flat.json"), first)
    for name in ("again.json", "flat.json"):
        assert json.dumps(enriched(f"--ann {name} -c image.toml")) == wanted
        written = Path("enriched.json").read_text("utf-8")
        assert written.count('"image_cause":') == len(document["annotations"])
    plain = enriched("--ann again.json -p atss-mmdet -p fcos-mmdet")
    for each in plain["annotations"]:
        del each["atss_inspect"]
    assert json.dumps(plain) == json.dumps(document)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("atss_inspect", '"my text"'),
        ("atss_inspect", '{"mine": {"cause": 1}}'),
        ("atss_inspect", '{"mine": "text"}'),
        ("atss-mmdet_cause", "1"),
        ("atss-mmdet_\\u0063ause", "1"),
    ],
)
def test_a_key_of_somebody_else_is_refused(key, value):
    write_coco(Path("street.json"), street())
    text = Path("street.json").read_text("utf-8")
    head, tail = text.rsplit('"bbox"', 1)
    Path("street.json").write_text(f'{head}"{key}": {value}, "bbox"{tail}', "utf-8")
    err = ask("export coco --ann street.json -p atss-mmdet", code=3).err
    told = key.replace("\\u0063", "c")
    assert f"annotations[8]: `{told}` is not of an earlier export" in err


def test_other_tools_read_it():
    write_coco(Path("street.json"), street())
    enriched("--ann street.json -p atss-mmdet")
    counts = [
        each["atss-mmdet_num_positives"] for each in COCO("enriched.json").anns.values()
    ]
    assert len(counts) == 9
    assert num_detections(".", "enriched.json") == 9


def test_of_yolo_data_it_is_the_coco_file_that_fixed_writes():
    labels = {"a": "0 0.5 0.5 0.5 0.5", "b": "1 0.5 0.5 1 1\n0 0.1 0.1 0.1 0.1"}
    source = write_yolo(Path("data"), labels)
    written = enriched(f"--ann {source} -p atss-mmdet")
    ask(f"-q export fixed --ann {source} -o fixed.json")
    fixed = json.loads(Path("fixed.json").read_text("utf-8"))
    del fixed["atss_inspect"]
    counts = [each["atss-mmdet_num_positives"] for each in written["annotations"]]
    table = objects_table(load_coco(source), preset("atss-mmdet"))
    assert counts == table.sort_values("annotation_index")["num_positives"].tolist()
    for each in written["annotations"]:
        for key in [key for key in each if key.startswith("atss")]:
            del each[key]
    assert written == fixed


@reused_folder
@given(valid_files, st.data())
def test_whatever_the_file_holds_is_kept(content, data):
    for _ in range(data.draw(st.integers(0, 4))):
        mutate(content, data)
    content["info"] = {"not a number": float("nan"), "text": "NaN"}
    text = json.dumps(content).replace("\\ud800", "?")
    Path("a.json").write_text(text, "utf-8")
    try:
        load_coco("a.json")
    except DataError:
        return
    written = enriched("--ann a.json -p atss-mmdet")
    for each in written["annotations"]:
        if isinstance(each, dict):
            for key in [key for key in each if key.startswith("atss")]:
                del each[key]
    assert json.dumps(written) == json.dumps(json.loads(text))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("coco --ann street.json --limit 1", "writes the whole file; got --limit 1"),
        ("coco --ann -", "expected a file, since it is read twice; got stdin"),
        ("coco --ann street.json -f csv", "is COCO JSON; expected no --format"),
        ("coco --ann street.json --flip", "expected no variants"),
        ("fixed --ann street.json -p atss-mmdet", "no preset has a part in it"),
        ("fixed --ann street.json -o a.csv", "expected .json"),
        ("fixed --ann street.json --ann b.json", "expected one file"),
    ],
)
def test_what_makes_no_file_of_annotations_is_refused(words, told):
    for name in ("street.json", "b.json"):
        write_coco(Path(name), street())
    assert told in ask(f"export {words}", code=2).err
