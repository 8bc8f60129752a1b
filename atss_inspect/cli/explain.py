"""``atss-inspect explain``: why one object gets what it gets, step by step."""

import enum
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import (
    OptionGroup,
    format_option,
    selection_option,
    with_option_groups,
)
from atss_inspect.cli.output import AnswerOptions
from atss_inspect.cli.request import RequestOptions, typed_again
from atss_inspect.cli.selection import FilterOptions, nearest_numbers
from atss_inspect.cli.workflow import Workflow, begin
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESETS

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.settings import Settings
    from atss_inspect.views.explain import ExplainedObject, ExplainReport

    Found = Iterator[tuple[Dataset, int]]

EPILOG = examples(
    "atss-inspect explain --ann instances_val.json --ann-id 123",
    "atss-inspect explain --ann val.json --ann-id 123 -p fcos-mmdet --json",
    "atss-inspect explain --ann val.json --image 42 --box 10,20,8,6",
)


class ExplainFormat(enum.StrEnum):
    """How an explanation is printed."""

    TABLE = "table"
    JSON = "json"


class SubjectOptions(OptionGroup):
    """The options that say which object is explained."""

    ann_id: str | None = selection_option(
        "--ann-id ID", "The annotation to explain, by its id."
    )
    image: Annotated[
        str | None,
        selection_option(
            "--image ID", "The image that --box is on, by id or file name."
        ),
    ] = None
    box: str | None = selection_option(
        "--box X,Y,W,H",
        "A box that is in no file (original pixels), as the image's last object.",
    )


class ExplainOptions(AnswerOptions):
    """How an explanation is printed, and where."""

    output_format: ExplainFormat | None = format_option(*ExplainFormat)

    formats = tuple(ExplainFormat)


@with_option_groups
def explain(
    context: typer.Context,
    *,
    asked: RequestOptions,
    subject: SubjectOptions,
    answer: ExplainOptions,
) -> None:
    """Why one object gets its positives, or none: all numbers.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection. For an object that gets
    nothing, single changes are tried on its image, and the smallest that feeds it is
    named.
    """
    from atss_inspect.views.explain import explain_answer

    chosen = answer.choose_format()
    sides = _parse_question(subject)
    flow = begin(context, asked, default=DEFAULT_PRESETS)
    dataset = flow.read().dataset
    if sides is not None:
        found = _given_box(dataset, subject.image or "", sides, flow.settings)
    else:
        found = _annotations(dataset, subject.ann_id or "")
    report = _report(flow, dataset, found, asked=subject.ann_id or "")
    answer.show(explain_answer(report), chosen, quiet=flow.quiet)


def _parse_question(
    subject: SubjectOptions,
) -> tuple[float, float, float, float] | None:
    """Check that one object is asked for; the box, if it is given by its sides."""
    ann_id, image, box = subject.ann_id, subject.image, subject.box
    if ann_id is not None and image is None and box is None:
        return None
    if ann_id is not None or image is None or box is None:
        message = "expected either --ann-id ID, or --image ID with --box X,Y,W,H"
        hint = "`atss-inspect export objects` lists the annotation ids"
        raise SettingsError(message, hint=hint)
    from math import isfinite

    try:
        x, y, width, height = map(float, box.split(","))
    except ValueError:
        message = f'--box: expected four numbers X,Y,W,H, got "{box}"'
        raise SettingsError(message) from None
    if not all(map(isfinite, (x, y, width, height))) or width <= 0 or height <= 0:
        message = f"--box: expected a positive width and height, got {box}"
        raise SettingsError(message)
    return x, y, width, height


def _given_box(
    dataset: "Dataset",
    image: str,
    sides: tuple[float, float, float, float],
    settings: "tuple[Settings, ...]",
) -> "Found":
    """Put a box on the image asked for, of a class that the conventions train on."""
    from atss_inspect.explain import with_box

    chosen, _ = FilterOptions(image=[image]).apply(dataset)
    if chosen.num_images > 1:
        message = f"--image {image}: {chosen.num_images} images fit; expected one"
        raise SettingsError(message)
    known = set(dataset.category_names)
    classes = [name for one in settings for name in one.data.classes if name in known]
    yield with_box(chosen.slice_images(0, 1), sides, classes[0] if classes else "")


def _annotations(dataset: "Dataset", ann_id: str) -> "Found":
    """Find the objects with an id: several where a file repeats it."""
    from atss_inspect.explain import one_image, rows_of_annotation

    for row in rows_of_annotation(dataset, ann_id).tolist():
        yield one_image(dataset, row)


def _commands(flow: Workflow) -> Iterator[tuple[str, ...]]:
    """Write the options that give each convention again, alone, with its changes."""
    from atss_inspect.settings.paths import find_parameter

    asked = flow.asked
    for settings, named in zip(
        flow.settings, asked.each_again(flow.request), strict=True
    ):
        values = settings.values()
        changes = [
            text
            for text in asked.changes
            if find_parameter(text.partition("=")[0], "--set").path in values
        ]
        yield (*typed_again(ann=asked.ann), *named, *typed_again(set=changes))


def _report(
    flow: Workflow, dataset: "Dataset", found: "Found", *, asked: str
) -> "ExplainReport":
    """Explain the objects found, or what became of an annotation that is not there."""
    from atss_inspect.views.explain import ExplainReport

    objects = tuple(_explained(image, row, flow.settings) for image, row in found)
    mark = f"(id {asked})"
    losses = [
        finding
        for finding in dataset.findings
        if finding.is_loss and any(mark in text for text in finding.examples)
    ]
    if not objects and not losses:
        raise _unknown_annotation(dataset, asked)
    unread = None if objects else losses[0]
    return ExplainReport(dataset, objects, unread, asked, tuple(_commands(flow)))


def _explained(
    image: "Dataset", row: int, settings: "tuple[Settings, ...]"
) -> "ExplainedObject":
    """Explain one object under every convention, with suggestions if it starves."""
    from atss_inspect.explain import explain_object
    from atss_inspect.statistics.suggestions import suggest
    from atss_inspect.views.explain import Explained, ExplainedObject

    answers = []
    for each in settings:
        one = explain_object(image, row, each)
        answers.append(Explained(one, suggest(image, row, each) if one.cause else ()))
    return ExplainedObject(image, row, tuple(answers))


def _unknown_annotation(dataset: "Dataset", ann_id: str) -> SettingsError:
    """Make the error for an annotation that is not there; it names the nearest."""
    from atss_inspect.presets import did_you_mean
    from atss_inspect.views.names import printable
    from atss_inspect.views.numbers import plural

    ids = [str(each) for each in dataset.annotation_ids.tolist() if each is not None]
    near = nearest_numbers(ann_id, ids) if ann_id.isdecimal() else ""
    near = near or did_you_mean(ann_id, map(printable, ids[:20_000]))
    message = f"--ann-id {ann_id}: no annotation has this id{near}"
    hint = f"there are {plural(dataset.num_annotations, 'annotation')}"
    lost = sum(dataset.left_out.values())
    if lost:
        hint += f", of which the reader left out {lost}"
    return SettingsError(message, hint=hint)
