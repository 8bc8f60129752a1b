"""``atss-inspect explain``: why one object gets what it gets, step by step."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from atss_inspect.cli.drawing import PlainShiftOptions
from atss_inspect.cli.options import OptionGroup, selection_option
from atss_inspect.cli.output import PlainOptions
from atss_inspect.cli.request import (
    FilterOptions,
    RequestOptions,
    nearest_numbers,
    rows_of_image,
    typed_again,
)
from atss_inspect.cli.workflow import Workflow, begin
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESETS, did_you_mean
from atss_inspect.views.names import printable
from atss_inspect.views.numbers import plural

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.settings import Settings
    from atss_inspect.statistics.followed import Followed
    from atss_inspect.views.explain import ExplainReport

    Found = tuple[Dataset, int]
    Sides = tuple[float, float, float, float]

EXAMPLES = (
    "atss-inspect explain --ann instances_val.json --ann-id 123",
    "atss-inspect explain --ann val.json --ann-id 123 -p fcos-mmdet --json",
    "atss-inspect explain --ann val.json --ann-id 123 -p atss-mmdet --flip",
    "atss-inspect explain --ann val.json --image 42 --box 10,20,8,6",
)


class SubjectOptions(OptionGroup):
    """The options that say which object is explained."""

    ann_id: str | None = selection_option(
        "--ann-id ID", "The annotation to explain, by its id."
    )
    image: str | None = selection_option(
        "--image ID", "The image that the box or annotation is on, by id or file name."
    )
    box: str | None = selection_option(
        "--box X,Y,W,H",
        "A box that is in no file (original pixels), as the image's last object.",
    )


def explain(
    context: typer.Context,
    *,
    asked: RequestOptions,
    drawn: PlainShiftOptions,
    subject: SubjectOptions,
    answer: PlainOptions,
) -> None:
    """Why one object has its positives, or has no positive: all numbers.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection. For a poorly assigned
    object, single changes are tried on its image; the cheapest that helps is named, and
    the command that tries it on all objects. Over sizes, flips or shifts, a line tells
    in which of them it has a positive.
    """
    from atss_inspect.explain import one_image, rows_of_annotation

    sides = _parse_question(subject)
    flow = begin(context, asked, answer=answer, default=DEFAULT_PRESETS)
    flow = flow.drawing(drawn)
    dataset = flow.read().dataset
    asked_id = subject.ann_id or ""
    if sides is not None:
        found = [_given_box(dataset, subject.image or "", sides, flow.settings)]
    else:  # several where a file repeats the id
        rows = rows_of_annotation(dataset, asked_id)
        if subject.image is not None:
            images = rows_of_image(dataset, subject.image)
            rows = rows[[each in images for each in dataset.images_of(rows).tolist()]]
        found = [one_image(dataset, row) for row in rows.tolist()]
    flow.show(_report(flow, dataset, found, asked=asked_id))


def _parse_question(subject: SubjectOptions) -> "Sides | None":
    """Check that one object is asked for; the box, if it is given by its sides."""
    ann_id, image, box = subject.ann_id, subject.image, subject.box
    if ann_id is not None and box is None:
        return None
    if ann_id is not None or image is None or box is None:
        message = "expected either --ann-id ID, or --image ID with --box X,Y,W,H"
        hint = "`atss-inspect export objects` lists the annotation ids"
        raise SettingsError(message, hint=hint)
    try:
        x, y, width, height = map(float, box.split(","))
    except ValueError:
        message = f'--box: expected four numbers X,Y,W,H, got "{box}"'
        raise SettingsError(message) from None
    if not all(map(math.isfinite, (x, y, width, height))) or width <= 0 or height <= 0:
        message = f"--box: expected a positive width and height, got {box}"
        raise SettingsError(message)
    return x, y, width, height


def _given_box(
    dataset: "Dataset", image: str, sides: "Sides", settings: "tuple[Settings, ...]"
) -> "Found":
    """Put a box on the image asked for, of a class that the conventions train on."""
    from atss_inspect.explain import with_box

    chosen, _ = FilterOptions(image=[image]).apply(dataset)
    if chosen.num_images > 1:
        message = f"--image {image}: {chosen.num_images} images fit; expected one"
        raise SettingsError(message)
    known = set(dataset.category_names)
    classes = [name for one in settings for name in one.data.classes if name in known]
    return with_box(chosen.slice_images(0, 1), sides, classes[0] if classes else "")


def _commands(flow: Workflow) -> Iterator[tuple[str, ...]]:
    """Write the options that give each convention again, alone, with its changes."""
    from atss_inspect.settings.parameters import find_parameters

    asked = flow.asked
    paths = {
        text: {one.path for one in find_parameters(text.partition("=")[0], "--set")}
        for text in asked.changes
    }
    for settings, named in zip(flow.settings, flow.options, strict=True):
        values = settings.values()
        changes = [text for text in asked.changes if paths[text] & values.keys()]
        yield (*asked.files_again(), *named, *typed_again(set=changes))


def _report(
    flow: Workflow, dataset: "Dataset", found: "list[Found]", *, asked: str
) -> "ExplainReport":
    """Explain the objects found, or what became of an annotation that is not there."""
    from atss_inspect.explain import explain_object, suggest
    from atss_inspect.views.explain import Explained, ExplainedObject, ExplainReport

    objects = []
    for image, row in found:
        answers = []
        for each in flow.settings:
            one = explain_object(image, row, each)
            tried = suggest(image, row, each) if one.is_poorly_assigned else ()
            answers.append(Explained(one, tried, _followed(flow, image, row, each)))
        objects.append(ExplainedObject(image, row, tuple(answers)))
    mark = f"(id {asked})"
    losses = [
        finding
        for finding in dataset.findings
        if finding.is_loss and any(mark in text for text in finding.examples)
    ]
    if not objects and not losses:
        raise _unknown_annotation(dataset, asked)
    unread, commands = None if objects else losses[0], tuple(_commands(flow))
    found_all = tuple(objects), unread, asked, commands, flow.deciding
    return ExplainReport(dataset, *found_all)


def _followed(
    flow: Workflow, image: "Dataset", row: int, settings: "Settings"
) -> "Followed | None":
    """Follow the object over what is drawn; None where that is not asked for."""
    from atss_inspect.statistics.followed import follow

    asked = dict(zip(flow.names, flow.asked_variants(image), strict=False))
    return follow(image, row, asked[settings.name]) if asked else None


def _unknown_annotation(dataset: "Dataset", ann_id: str) -> SettingsError:
    """Make the error for an annotation that is not there; it names the nearest."""
    ids = [str(each) for each in dataset.annotation_ids.tolist() if each is not None]
    known = map(printable, ids[:20_000])
    near = nearest_numbers(ann_id, ids) or did_you_mean(ann_id, known)
    message = f"--ann-id {ann_id}: no annotation has this id{near}"
    hint = f"there are {plural(dataset.num_annotations, 'annotation')}"
    lost = sum(dataset.left_out.values())
    if lost:
        hint += f", of which the reader left out {lost}"
    return SettingsError(message, hint=hint)
