"""The numbers of `explain` for programs; keys are in a fixed order."""

from typing import Any

from atss_inspect import __version__
from atss_inspect.assigners.pyramid import level_name
from atss_inspect.assigners.steps import Place
from atss_inspect.explain import KindTried, Trial
from atss_inspect.settings import Settings
from atss_inspect.views import answer
from atss_inspect.views.explain_report import Answer, ExplainedObject, ExplainReport
from atss_inspect.views.explain_text import explain_text
from atss_inspect.views.explain_words import outcome_sentence

SCHEMA_VERSION = 1
Record = dict[str, Any]


def explain_document(report: ExplainReport) -> Record:
    """Make the whole answer one document."""
    dataset = report.dataset
    settings = report.objects[0].answers if report.objects else ()
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "atss-inspect", "version": __version__},
        "inputs": [
            {"path": path, **counts._asdict()}
            for path, counts in zip(dataset.files, dataset.file_counts, strict=True)
        ],
        "settings": [each.explanation.settings.to_dict() for each in settings],
        "results": [
            {**_object_record(each), **_answer_record(answer)}
            for each in report.objects
            for answer in each.answers
        ],
        "left_out_by_reader": report.unread
        and {
            "ann_id": report.asked,
            "reason": report.unread.reason,
            "message": report.unread.message,
        },
    }


def _object_record(each: ExplainedObject) -> Record:
    """Record what the file says of an object."""
    image, row = each.image, each.row
    height, width = image.image_sizes[0].tolist()
    index = int(image.annotation_index[row])
    return {
        "file": each.file,
        "image_id": image.image_ids.tolist()[0],
        "image_width": width,
        "image_height": height,
        "ann_id": each.ann_id,
        "annotation_index": index if each.is_in_file else None,
        "class": each.class_name or None,
        "size": each.size,
        "area": image.areas[row],
        "box": image.xywh[row],
    }


def _answer_record(answer: Answer) -> Record:
    """Record all that is known under one convention."""
    one = answer.explanation
    settings = one.settings
    best = answer.recommended
    return {
        "preset": settings.name,
        "left_out": one.left_out,
        "image_left_out": one.image_left_out,
        "input_box": one.box,
        "input_size": one.input_size if one.steps else None,
        "padded_size": one.padded_size if one.steps else None,
        "steps": one.steps and _steps_record(one.steps, settings),
        "num_positives": len(one.positives),
        "positives": [_place_record(place, settings) for place in one.positives],
        "cause": one.cause,
        "lost_to": one.lost_to,
        "outcome": outcome_sentence(one),
        "image_num_objects": one.num_objects,
        "image_num_unassigned": one.num_unassigned,
        "suggestions": [_kind_record(kind) for kind in answer.tried],
        "recommended": best and best.overrides,
    }


def _steps_record(steps: Any, settings: Settings) -> Record:
    """Turn the steps of a rule into nested records."""
    values = _row_record(steps, settings)
    values.pop("params", None)
    return values


def _row_record(row: Any, settings: Settings) -> Record:
    """Turn a NamedTuple into a record; its place and level's name come first."""
    values = row._asdict()
    where = {}
    if "place" in values:
        where = _place_record(values.pop("place"), settings)
    elif "level" in values:
        level = values.pop("level")
        name = level_name(settings.anchors.strides[level])
        where = {"level": level, "level_name": name}
    return where | {
        name: [_row_record(each, settings) for each in value]
        if isinstance(value, tuple) and all(hasattr(each, "_asdict") for each in value)
        else value
        for name, value in values.items()
    }


def _place_record(place: Place, settings: Settings) -> Record:
    """Record where an anchor is, in the words of the exported tables."""
    return {
        "level": place.level,
        "level_name": level_name(settings.anchors.strides[place.level]),
        "cell_y": place.row,
        "cell_x": place.column,
        "anchor": place.anchor,
    }


def _kind_record(kind: KindTried) -> Record:
    """Record what was tried and what worked."""
    return {
        "kind": kind.kind,
        "tried": kind.steps,
        "works": kind.works and _trial_record(kind.works),
    }


def _trial_record(trial: Trial) -> Record:
    """Record what a change that works does."""
    return {
        "set": trial.overrides,
        "num_positives": trial.num_positives,
        "image_num_objects": trial.num_objects,
        "image_num_unassigned": trial.num_unassigned,
    }


def explain_answer(report: ExplainReport) -> answer.Answer:
    """Everything that `explain` says, as text or as one document."""
    return answer.Answer(
        blocks=lambda: [answer.Verbatim(explain_text(report))],
        document=lambda: explain_document(report),
    )
